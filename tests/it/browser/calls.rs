//! A file of calls from the disk to the figures.

use voxpark_tests::Backend;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::tools::TempDir;

use super::ground::{calls, file, park, sign_in};

/// Fills the form for the table of [`calls`].
async fn hand_in(browser: &Browser, path: &std::path::Path) {
    browser.click("[name=format][value=GENERIC_CSV]").await;
    for (field, text) in [
        ("timeFormat", "%Y-%m-%d %H:%M:%S"),
        ("start", "start"),
        ("queue", "queue"),
        ("outcome", "result"),
        ("wordsAnswered", "接通"),
        ("wordsAbandoned", "放弃"),
        ("wait", "wait"),
        ("handle", "talk"),
        ("agent", "agent"),
        ("externalId", "id"),
    ] {
        browser.fill(&format!("[name={field}]"), text).await;
    }
    browser.attach("[name=file]", path).await;
    browser.click("form.sheet button.primary").await;
}

/// A file is handed in and followed to its end without a touch; again it adds nothing; a bad one comes out row by row and
/// a wrong one is refused whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_calls() {
    let site = park(Backend::Sqlite).await;
    let folder = TempDir::new();
    let browser = Browser::open(&Setup::desktop("zh-CN")).await;
    sign_in(&site, &browser, "a1", "/centre/imports").await;
    browser.reads("main", "还没有导入").await;
    browser.good("zh-CN").await;
    browser.click(".head .btn.primary").await;
    browser.good("zh-CN").await;
    hand_in(&browser, &file(&folder, "calls.csv", &calls())).await;
    browser.reads("h1", "已完成").await;
    browser.reads(".grid.g4 .card:nth-child(1) .num", "20").await;
    browser.reads(".grid.g4 .card:nth-child(2) .num", "20").await;
    browser.reads(".grid.g4 .card:nth-child(4) .num", "0").await;
    browser.good("zh-CN").await;

    // The same and four new rows, of which three are broken: a date, a duration, a word that nobody explained.
    let more = "20,2026-11-20 11:00:00,投诉,接通,5,120,A1\n21,2026-11-31 11:01:00,投诉,接通,5,120,A1\n\
        22,2026-11-20 11:02:00,投诉,接通,five,120,A1\n23,2026-11-20 11:03:00,投诉,转接,5,120,A1\n";
    browser.visit(&site.at("/centre/imports/new")).await;
    hand_in(&browser, &file(&folder, "more.csv", &format!("{}{more}", calls()))).await;
    browser.reads("h1", "已完成").await;
    for (n, text) in [(1, "24"), (2, "1"), (3, "20"), (4, "3")] {
        browser.reads(&format!(".grid.g4 .card:nth-child({n}) .num"), text).await;
    }
    // Rows are counted as an editor shows them, the first line being the names of the columns.
    for (n, text) in [(1, "23 start"), (2, "24 wait"), (3, "25 result")] {
        browser.reads(&format!("main tbody tr:nth-child({n})"), text).await;
    }
    browser.screenshot("import-report-zh").await;
    browser.good("zh-CN").await;

    // No table at all.
    browser.visit(&site.at("/centre/imports/new")).await;
    hand_in(&browser, &file(&folder, "letter.csv", "not a table\n")).await;
    browser.reads("[role=alert]", "导入没有完成").await;
    browser.good("zh-CN").await;

    browser.visit(&site.at("/centre/operations?from=2026-11-20&to=2026-11-20")).await;
    browser.reads("main", "21").await;
    browser.reads("main", "61.9%").await;
    browser.good("zh-CN").await;
    browser.screenshot("operations-zh").await;
}
