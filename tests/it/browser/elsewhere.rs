//! Signing in with an account elsewhere, from page to page.

use serde_json::json;
use voxpark_tests::Backend;
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::idp::{CLIENT, Idp, SECRET};
use voxpark_tests::site::Site;

/// There and back without script, a refusal that says why, and the link on the account page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back() {
    let world = World::new(Backend::Sqlite).await;
    let idp = Idp::start(&world.env).await;
    let issuer = idp.issuer();
    let settings = [
        ("VOXPARK_OIDC_ISSUER", issuer.as_str()),
        ("VOXPARK_OIDC_NAME", "单位账号"),
        ("VOXPARK_OIDC_CLIENT_ID", CLIENT),
        ("VOXPARK_OIDC_CLIENT_SECRET", SECRET),
        ("VOXPARK_OIDC_DOMAINS", "example.test"),
        ("VOXPARK_OIDC_PRIVATE", "true"),
    ];
    let site = Site::local(world, &settings).await;
    let browser = Browser::open(&Setup::desktop("zh-CN").without_script()).await;
    browser.visit(&site.at("/centre/people")).await;
    idp.say(json!({ "sub": "1", "email": "a1@evil.test", "email_verified": true }));
    browser.text("使用 单位账号 登录").await.click().await.unwrap();
    browser.reads("#errors", "身份提供方无权代表您的邮箱域名").await;
    browser.click("main a[href='/sign-in']").await;

    idp.say(json!({ "sub": "1", "email": email("a1"), "email_verified": true }));
    browser.visit(&site.at("/centre/people")).await;
    browser.text("使用 单位账号 登录").await.click().await.unwrap();
    browser.reads("h1", "人员").await;
    assert_eq!(browser.path().await, "/centre/people");
    browser.visit(&site.at("/account")).await;
    browser.text("按邮箱绑定").await;
    browser.screenshot("account-links-zh").await;

    // Another one is linked by hand: a proof, there, and back.
    site.world.clock.advance(chrono::TimeDelta::minutes(6));
    idp.say(json!({ "sub": "2" }));
    browser.click("form[action^='/account/links/new/'] button").await;
    browser.fill("[name=confirm-password]", PASSWORD).await;
    browser.click("main button.primary").await;
    browser.text("前往登录").await.click().await.unwrap();
    browser.reads("[role=status]", "账号已绑定").await;
    browser.text("本人绑定").await;
    browser.click("form[action$='/remove'] button").await;
    browser.reads("[role=status]", "已解除绑定").await;
}
