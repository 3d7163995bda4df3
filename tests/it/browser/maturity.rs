//! The self-assessment from the first point to the assessor's conclusion.

use serde_json::json;
use voxpark_tests::Backend;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::tools::TempDir;

use super::ground::{file, park, points, sign_in, sign_out};

/// Chooses the points of a clause: approach and deployment.
async fn rate(browser: &Browser, clause: u8, c: u8, f: u8) {
    browser.click(&format!("[name=c-{clause}][value='{c}']")).await;
    browser.click(&format!("[name=f-{clause}][value='{f}']")).await;
}

/// A centre begins, rates by hand and the rest in bulk, sees its level and what keeps it from the next, attaches
/// evidence, submits; the assessor finds less and concludes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rated_and_explained() {
    let site = park(Backend::Sqlite).await;
    let world = &site.world;
    let folder = TempDir::new();
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "a1", "/centre/maturity").await;
    browser.reads("main", "No assessment yet").await;
    browser.good("en").await;
    browser.fill("[name=title]", "2026 self-assessment").await;
    browser.fill("[name=cycle]", "2026").await;
    browser.click("#new button.primary").await;
    browser.reads("[role=status]", "The self-assessment has begun").await;
    let base = browser.path().await;
    let id = base.rsplit('/').next().unwrap().to_owned();
    browser.good("en").await;
    browser.click("main a.btn.primary[href*='/rate/']").await;

    // Half a rating is none: what was chosen stays.
    browser.click("[name=c-1][value='10']").await;
    browser.click("form.sheet button.primary").await;
    browser.reads("#errors", "Clause 1: both ratings are needed.").await;
    browser.complaints().await; // 422 is what it is to be
    assert_eq!(browser.faults("en").await, Vec::<String>::new());
    rate(&browser, 1, 10, 10).await;
    browser.click("button[name=then]").await;
    browser.reads("[role=status]", "1 rating of section").await;
    browser.reads("main", "20 of 3,360 points").await;
    browser.reads("main", "1 / 168 167 missing").await;

    // All of them full but one: level 1, because levels are climbed one at a time, and the one in the way of level 5.
    points(world, "a1", &id, 10).await;
    browser.visit(&site.at(&format!("{base}/clauses/7"))).await;
    browser.good("en").await;
    browser.click("main a.btn[href*='/rate/']").await;
    rate(&browser, 7, 5, 0).await;
    browser.click("button[name=then]").await;
    browser.reads("main .card .num", "L1").await;
    browser.reads("main", "3,345 of 3,360 points").await;
    browser
        .reads("details.level[open]", "Level 1 was held before: levels are climbed one at a time. level 0 / level 1")
        .await;
    browser.reads("main", "To L2 no clause, but the rules of the level").await;
    browser.good("en").await;
    browser.screenshot("scorecard-en").await;
    browser.click("a[href='?show=below#clauses'], .filters a[href*='show=below']").await;
    browser.reads("#clauses", "1 of 168 clauses").await;
    browser.reads("#clauses tbody tr:nth-child(2)", "7").await;
    browser.click("#clauses a[href$='/clauses/7']").await;
    browser.fill("[name=title]", "Minutes of March").await;
    browser.fill("[name=coversFrom]", "03012026").await;
    browser.attach("[name=file]", &file(&folder, "minutes.txt", "kept")).await;
    browser.click("#attach button.primary").await;
    browser.reads("main", "minutes.txt").await;
    browser.reads("main", "4 B").await;
    browser.good("en").await;

    browser.visit(&site.at(&base)).await;
    browser.reads("main", "1 of 168 clauses have evidence").await;
    browser.click(".head .btn.primary").await;
    browser.fill("[name=confirm]", "something else").await;
    browser.click("form.sheet button.primary").await;
    browser.reads("#errors", "This is not the title").await;
    browser.complaints().await;
    browser.fill("[name=confirm]", "2026 self-assessment").await;
    browser.click("form.sheet button.primary").await;
    browser.reads("[role=status]", "Submitted. Assessors can see it now.").await;
    sign_out(&browser).await;

    sign_in(&site, &browser, "assessor", &format!("/assess/assessments/{id}")).await;
    browser.reads("main", "3,345 of 3,360 points").await;
    browser.good("en").await;
    points(world, "assessor", &id, 5).await;
    browser.visit(&site.at(&format!("/assess/assessments/{id}"))).await;
    browser.reads("main", "1,680 of 3,360 points").await;
    browser.screenshot("scorecard-assessor-en").await;
    browser.good("en").await;
    browser.click(".head .btn.primary").await;
    browser.reads("main", "a1 Centre will hold level L0.").await;
    browser.fill("[name=confirm]", "2026 self-assessment").await;
    browser.click("form.sheet button.primary").await;
    browser.reads("[role=status]", "Concluded. The centre sees the result now.").await;
    let level = world.ok("a1", "{ tenant { level } }", json!({})).await;
    assert_eq!(level["tenant"]["level"], 0);
}
