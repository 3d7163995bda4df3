//! What each of the three first sees: today's numbers of his own.

use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::on_both;

use super::ground::{assessment, invoice, park, sign_in, sign_out, submit, with_calls};

on_both! {
    /// The park sees what stands leased and billed, the centre its seats, calls, cost and debts, the assessor who waits;
    /// every figure opens how it came about.
    async fn three_homes(backend) {
        let site = park(backend).await;
        let world = &site.world;
        let bill = invoice(world, "a1").await;
        with_calls(world).await;
        let assessment = assessment(world, 5).await;
        let browser = Browser::open(&Setup::desktop("en")).await;

        sign_in(&site, &browser, "park", "/").await;
        browser.reads("h1", "Overview").await;
        // Ten and six of sixty; three of the sixteen are sat on. Ten seats of October at 880.00 and 6 %.
        for text in ["16 / 60 seats", "3 occupied · 44 free", "18.8% of leased seats", "3 / 16 seats", "CN¥9,328.00"] {
            browser.reads("main", text).await;
        }
        browser.reads("table[data-rows] tbody tr:nth-child(1)", "a1 Centre 10 30.0%").await;
        browser.reads("table[data-rows] tbody tr:nth-child(2)", "a2 Centre 6 0.0%").await;
        browser.click(".numbers .how summary").await;
        browser.reads(".numbers .how", "Seats held under a lease today").await;
        browser.reads(".numbers .how table", "Equipped 60 16 44").await;
        browser.good("en").await;
        browser.screenshot("park-home-en").await;
        // Somebody reads the explanation: live numbers leave the page alone. The row leads to the invoice.
        browser.click(&format!("a[href='/park/invoices/{bill}']")).await;
        browser.reads("h1", "PA-2026-000001").await;
        sign_out(&browser).await;

        sign_in(&site, &browser, "a1", "/").await;
        browser.reads("h1", "Today").await;
        for text in ["10 seats", "3 occupied (30.0%)", "60.0%", "20 offered · 16 answered", "CN¥880.00 per leased seat", "CN¥2,933.33 per occupied seat", "CN¥9,328.00"] {
            browser.reads("main", text).await;
        }
        browser.reads(".todo", "7 leased seats have nobody placed on them").await;
        browser.reads(".todo", "The self-assessment is fully rated and can be submitted").await;
        browser.good("en").await;
        browser.screenshot("centre-home-en").await;
        sign_out(&browser).await;

        submit(world, &assessment).await;
        sign_in(&site, &browser, "assessor", "/").await;
        browser.reads("h1", "My work").await;
        browser.reads("main", "a1 Centre").await;
        browser.reads("main", "2026 年度自评").await;
        browser.good("en").await;
        browser.screenshot("assess-home-en").await;
        browser.click(&format!("main a[href='/assess/assessments/{assessment}']")).await;
        browser.reads("h1", "2026 年度自评").await;
    }
}
