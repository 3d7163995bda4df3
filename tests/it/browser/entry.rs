//! Coming in and going out, in one's language, and nowhere one has no business.

use chrono::TimeDelta;
use voxpark_tests::Backend;
use voxpark_tests::app::{PASSWORD, email};
use voxpark_tests::browser::{Browser, Setup};

use super::ground::{park, sign_in, sign_out};

/// A wrong password is told, the right one leads to the home of the role, and out again: all without script.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_without_script() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("zh-CN").without_script()).await;
    browser.visit(&site.at("/")).await;
    assert_eq!(browser.path().await, "/sign-in?next=%2F");
    browser.text("登录").await;
    browser.fill("[name=email]", &email("park")).await;
    browser.fill("[name=password]", "not the password").await;
    browser.click("button.primary").await;
    browser.reads("#errors", "邮箱或密码不正确").await;
    browser.screenshot("sign-in-refused-zh").await;
    let kept = browser.element("[name=email]").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("park@example.test"), "what was typed is kept");
    let forgotten = browser.element("[name=password]").await.prop("value").await.unwrap();
    assert_eq!(forgotten.as_deref(), Some(""), "but the password");
    browser.fill("[name=password]", PASSWORD).await;
    browser.click("button.primary").await;
    browser.reads("h1", "总览").await;
    assert_eq!(browser.path().await, "/park");
    sign_out(&browser).await;
    browser.reads("[role=status]", "已退出登录").await;
    browser.visit(&site.at("/park")).await;
    browser.text("登录").await;
    assert_eq!(browser.path().await, "/sign-in?next=%2Fpark");
}

/// The language is chosen with a click and kept; a page of another role and one that is not there say so; whose session
/// ran out signs in again and is back where he was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn languages_refusals_and_sessions() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("zh-CN")).await;
    sign_in(&site, &browser, "a1", "/").await;
    browser.reads("h1", "今日").await;
    browser.good("zh-CN").await;
    browser.click("[hreflang=en]").await;
    browser.reads("h1", "Today").await;
    browser.good("en").await;
    browser.click(".places a[href='/centre/seats']").await;
    browser.reads("h1", "Seats").await;
    assert_eq!(browser.path().await, "/centre/seats", "the language is kept, not carried");
    browser.good("en").await;
    browser.click("[hreflang=zh-CN]").await;
    browser.reads("h1", "席位").await;

    // Of another role, and of nobody.
    for (path, status) in
        [("/park/leases", 403), ("/park/tenants/new", 403), ("/assess", 403), ("/centre/nowhere", 404)]
    {
        browser.visit(&site.at(path)).await;
        browser.reads("h1", if status == 404 { "没有这个页面" } else { "这个页面属于其他角色" }).await;
        let said = browser.complaints().await;
        assert!(said.iter().all(|line| line.contains(&status.to_string())), "{path}: {said:?}");
        assert_eq!(browser.faults("zh-CN").await, Vec::<String>::new(), "{path}");
        browser.text("回到首页").await;
    }
    browser.screenshot("refused-zh").await;
    browser.click("main a.btn").await;
    browser.reads("h1", "今日").await;

    // An hour renews itself unseen; two months later the way leads through the sign-in and back.
    site.world.clock.advance(TimeDelta::hours(2));
    browser.click(".places a[href='/centre/people']").await;
    browser.reads("h1", "人员").await;
    site.world.clock.advance(TimeDelta::days(60));
    browser.visit(&site.at("/centre/operations?from=2026-11-01&to=2026-11-20")).await;
    browser.reads("h1", "登录").await;
    assert!(browser.path().await.starts_with("/sign-in?next=%2Fcentre%2Foperations"), "{}", browser.path().await);
    browser.fill("[name=email]", &email("a1")).await;
    browser.fill("[name=password]", PASSWORD).await;
    browser.click("button.primary").await;
    browser.element("nav.side").await;
    assert_eq!(browser.path().await, "/centre/operations?from=2026-11-01&to=2026-11-20");
}
