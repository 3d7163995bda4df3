//! A company from the first word to its lease.

use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::on_both;

use super::ground::{park, sign_in};

/// Sets a day, which is typed differently in every language.
async fn day(browser: &Browser, name: &str, value: &str) {
    let script = "document.getElementsByName(arguments[0])[0].value = arguments[1]";
    browser.execute(script, vec![name.into(), value.into()]).await.unwrap();
}

on_both! {
    /// Entered, visited, quoted with a preview, sent, accepted: a tenant with a lease, to which seats come next.
    async fn a_lead_becomes_a_lease(backend) {
        let site = park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        sign_in(&site, &browser, "park", "/park/pipeline").await;
        browser.reads("main", "No leads yet").await;
        browser.good("en").await;
        browser.click(".head .btn.primary").await;
        browser.good("en").await;
        browser.fill("[name=name]", "云客服务").await;
        browser.fill("[name=nameEn]", "Yunke Service").await;
        browser.fill("[name=creditCode]", "91350100M000100Y44").await;
        browser.choose("[name=source]", "REFERRAL").await;
        browser.fill("[name=seats]", "10").await;
        browser.choose("[name=product]", "EQUIPPED").await;
        browser.fill("[name=contactName]", "王先生").await;
        browser.fill("[name=contactPhone]", "13800000000").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("#errors", "last character").await;
        browser.complaints().await; // 422 is what it is to be
        browser.fill("[name=creditCode]", "91350100M000100Y43").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "The lead is entered.").await;
        browser.reads("h1", "Yunke Service").await;
        browser.reads("h1", "New").await;
        browser.good("en").await;

        browser.text("Agree a visit").await.click().await.unwrap();
        browser.good("en").await;
        browser.choose("[name=guideId]", &voxpark_tests::app::user("park").to_string()).await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "The visit is agreed.").await;
        browser.click("[name=act][value=visit-done] ~ button").await;
        browser.reads("h1", "Visited").await;
        browser.screenshot("lead-en").await;

        browser.text("Draw up a quote").await.click().await.unwrap();
        browser.good("en").await;
        day(&browser, "l1termFrom", "2027-01-01").await;
        day(&browser, "l1termTo", "2028-01-01").await;
        browser.fill("[name=l1unitPrice]", "1000").await;
        day(&browser, "l1freeFrom0", "2027-01-01").await;
        day(&browser, "l1freeTo0", "2027-02-01").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("h1", "Q-2026-0001, version 1").await;
        browser.reads("h1", "Draft").await;
        // Eleven months of ten seats at 1,000.00, and 9 % of it; two months' rent as security.
        for text in ["CN¥110,000.00", "CN¥9,900.00", "CN¥119,900.00", "CN¥20,000.00"] {
            browser.reads("main", text).await;
        }
        browser.good("en").await;
        browser.screenshot("quote-en").await;
        browser.text("Send quote").await.click().await.unwrap();
        browser.reads("h1", "Sent").await;
        browser.text("Print").await.click().await.unwrap();
        browser.reads("main", "For the company").await;
        browser.good("en").await;
        browser.screenshot("quote-print-en").await;
        browser.text("Quote").await.click().await.unwrap();
        browser.reads("h1", "version 1").await;
        browser.text("Accept quote").await.click().await.unwrap();
        browser.good("en").await;
        browser.fill("[name=tenantCode]", "YK").await;
        day(&browser, "operatingSince", "2020-05-01").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "is won").await;
        browser.reads("h1", "Lease Q-2026-0001-1").await;
        browser.reads("main", "Yunke Service").await;
        browser.visit(&site.at("/park/pipeline")).await;
        browser.reads("main", "Won").await;
        browser.good("en").await;
    }
}
