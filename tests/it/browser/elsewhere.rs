//! Signing in with an account elsewhere, from page to page.

use serde_json::json;
use voxpark_tests::Backend;
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::idp::{CLIENT, Idp, SECRET};
use voxpark_tests::site::Site;

use super::ground::{sign_in, sign_out};

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

/// A passkey is made on the account page and opens the account, by the browser's own authenticator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_passkey() {
    let site = Site::local(World::new(Backend::Sqlite).await, &[]).await;
    let browser = Browser::open(&Setup::desktop("zh-CN")).await;
    browser.add_authenticator().await;
    sign_in(&site, &browser, "a1", "/account").await;
    browser.click("form[action='/account/passkeys/new'] button").await;
    browser.reads("h1", "新建通行密钥").await;
    browser.fill("[name=name]", "我的手机").await;
    browser.click("form[data-passkey] button.primary").await;
    browser.reads("[role=status]", "此后可用该通行密钥打开您的账号").await;
    browser.text("我的手机").await;
    browser.good("zh-CN").await;
    browser.screenshot("account-passkeys-zh").await;
    sign_out(&browser).await;
    browser.visit(&site.at("/sign-in?next=/account")).await;
    browser.text("使用通行密钥登录").await.click().await.unwrap();
    browser.reads("h1", "我的账号").await;
    assert_eq!(browser.path().await, "/account");
    browser.click("form[action^='/account/passkeys/'][action$='/remove'] button").await;
    browser.reads("[role=status]", "通行密钥已移除").await;
    sign_out(&browser).await;
    browser.visit(&site.at("/sign-in")).await;
    browser.text("使用通行密钥登录").await.click().await.unwrap();
    browser.reads("#errors", "不认识该通行密钥").await;
}
