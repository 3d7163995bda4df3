//! A month's rent from the lease to the last cent.

use serde_json::json;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::on_both;

use super::ground::{idle_park, park, sign_in, sign_out};
use crate::estate::seat_ids;

on_both! {
    /// Previewed, issued, paid in two parts: too much is refused, and the tenant sees the same.
    async fn an_invoice_is_issued_and_paid(backend) {
        let site = park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        sign_in(&site, &browser, "finance", "/park/leases").await;
        browser.text("L-a1").await.click().await.unwrap();
        browser.reads("h1", "L-a1").await;
        browser.good("en").await;
        browser.text("Issue invoice").await.click().await.unwrap();
        // Ten seats, all of October: 8800.00 and 6 % of it.
        for text in ["CN¥8,800.00", "CN¥528.00", "CN¥9,328.00", "310"] {
            browser.reads("main", text).await;
        }
        browser.good("en").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "Invoice PA-2026-000001 is issued.").await;
        browser.reads("h1", "PA-2026-000001").await;
        browser.reads("main", "Same to the cent").await;
        browser.reads("main", "due 6 Dec 2026").await;

        browser.fill("[name=amount]", "10000").await;
        browser.choose("[name=method]", "transfer").await;
        browser.click("#pay button.primary").await;
        browser.reads("#errors", "balance").await;
        browser.complaints().await; // 422 is what it is to be
        let kept = browser.element("[name=amount]").await.prop("value").await.unwrap();
        assert_eq!(kept.as_deref(), Some("10000"));
        browser.fill("[name=amount]", "5000").await;
        browser.fill("[name=reference]", "20261121-17").await;
        browser.click("#pay button.primary").await;
        browser.reads("h1", "Part paid").await;
        for text in ["CN¥5,000.00", "CN¥4,328.00", "20261121-17"] {
            browser.reads("main", text).await;
        }
        browser.screenshot("invoice-part-paid-en").await;
        browser.good("en").await;
        browser.fill("[name=amount]", "4328.00").await;
        browser.choose("[name=method]", "transfer").await;
        browser.click("#pay button.primary").await;
        browser.reads("h1", "Paid").await;
        browser.reads("main", "CN¥0.00").await;
        sign_out(&browser).await;

        sign_in(&site, &browser, "a1", "/centre/invoices").await;
        browser.text("PA-2026-000001").await.click().await.unwrap();
        browser.reads("h1", "Paid").await;
        browser.reads("main", "CN¥9,328.00").await;
        browser.good("en").await;
    }

    /// A month is billed by a run: its page is open while a worker comes, and says so by itself.
    async fn a_month_is_billed_and_followed(backend) {
        let site = idle_park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        sign_in(&site, &browser, "finance", "/park/invoices").await;
        browser.click(".head .btn.primary").await;
        browser.reads("h1", "Billing run").await;
        browser.good("en").await;
        browser.click("section.stack button.primary").await;
        browser.reads("h1", "Billing run Oct 2026").await;
        browser.reads("#run-now", "Under way").await;
        browser.reads("#run-now", "0 of").await;
        browser.good("en").await;
        site.world.run_jobs().await;
        browser.reads("#run-now", "Done").await;
        browser.reads("#run-now", "PA-2026-000001").await;
        browser.screenshot("billing-run-done-en").await;
        browser.good("en").await;
        browser.text("PA-2026-000001").await.click().await.unwrap();
        browser.reads("h1", "PA-2026-000001").await;
    }

    /// A credit note is looked at and issued; what was earned is booked and its month closed; the tenant sees both.
    async fn an_invoice_is_credited_and_its_month_closed(backend) {
        let site = park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        sign_in(&site, &browser, "finance", "/park/leases").await;
        browser.text("L-a1").await.click().await.unwrap();
        browser.text("Issue invoice").await.click().await.unwrap();
        browser.click("form.sheet button.primary").await;
        browser.reads("h1", "PA-2026-000001").await;
        browser.text("Credit note").await.click().await.unwrap();
        browser.reads("h1", "Credit note").await;
        browser.good("en").await;
        browser.fill("[name=line1]", "9000").await;
        browser.fill("[name=reason]", "Two seats came late").await;
        browser.click("button[value=look]").await;
        browser.reads("#errors", "more than").await;
        browser.complaints().await;
        browser.fill("[name=line1]", "800").await;
        browser.click("button[value=look]").await;
        browser.reads("#looked", "CN¥848.00").await;
        browser.screenshot("credit-note-en").await;
        browser.good("en").await;
        browser.click("button[value=issue]").await;
        browser.reads("[role=status]", "PACN-2026-000001").await;
        browser.reads("main", "CN¥8,480.00").await;
        browser.reads("main", "Two seats came late").await;
        browser.good("en").await;

        browser.visit(&site.at("/park/books?month=2026-10")).await;
        browser.click("button[formaction]").await;
        browser.reads("[role=status]", "booked").await;
        browser.reads("main", "CN¥8,000.00").await;
        browser.good("en").await;
        browser.click("[name=withoutUnbilled]").await;
        browser.click("form[action^='/park/books/close'] button.primary").await;
        browser.reads("[role=status]", "closed").await;
        browser.screenshot("books-closed-en").await;
        browser.good("en").await;
        browser.text("Revenue: seat rent").await.click().await.unwrap();
        browser.reads("h1", "Entries").await;
        browser.reads("main", "Revenue earned").await;
        browser.screenshot("book-entries-en").await;
        browser.good("en").await;
        sign_out(&browser).await;

        sign_in(&site, &browser, "a1", "/centre/statement").await;
        browser.reads("main", "CN¥8,480.00").await;
        browser.reads("main", "PACN-2026-000001").await;
        browser.screenshot("statement-en").await;
        browser.good("en").await;
    }

    /// A lease with rent-free days is agreed, its first invoice charges the rest; an amendment shows what it comes to before it is
    /// agreed; invoices of last year are priced again, all the same.
    async fn a_lease_is_agreed_amended_and_its_past_priced_again(backend) {
        let site = park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        sign_in(&site, &browser, "park", "/park/leases/new").await;
        let world = &site.world;
        browser.choose("[name=tenantId]", &world.ids.a1.to_string()).await;
        let fields = [("code", "L-free"), ("signedOn", "09202026"), ("termFrom", "10012026"), ("termTo", "10012027"), ("unitPrice", "620"),
            ("taxRatePercent", "6"), ("freeFrom0", "10012026"), ("freeTo0", "10162026"), ("deposit", "0"), ("paymentDays", "10")];
        for (name, value) in fields {
            browser.fill(&format!("[name={name}]"), value).await;
        }
        browser.choose("[name=product]", "EQUIPPED").await;
        browser.click("[name=proration][value=by_day]").await;
        browser.good("en").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "Lease L-free is created").await;
        let lease = browser.path().await.split('/').nth(3).unwrap().to_owned();
        let seats = seat_ids(world, 18).await.split_off(16);
        let held = json!({ "leaseId": lease, "seatIds": seats, "from": "2026-10-01", "idempotencyKey": "free" });
        world.done("park", "seatsAllocate", "count", held).await;
        browser.visit(&site.at(&format!("/park/leases/{lease}"))).await;
        browser.text("Issue invoice").await.click().await.unwrap();
        // Two seats, sixteen of 31 days at 620.00: 640.00 and 6 %.
        for text in ["CN¥640.00", "CN¥678.40"] {
            browser.reads("main", text).await;
        }
        browser.screenshot("invoice-rent-free-en").await;
        browser.good("en").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "Invoice PA-2026-000001 is issued.").await;

        browser.visit(&site.at(&format!("/park/leases/{lease}/amend"))).await;
        browser.fill("[name=inForceFrom]", "12012026").await;
        browser.fill("[name=reason]", "Dearer from December").await;
        browser.fill("[name=unitPrice]", "930").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("#preview", "CN¥1,314.40").await;
        browser.reads("#preview", "CN¥1,971.60").await;
        browser.screenshot("amendment-preview-en").await;
        browser.good("en").await;
        browser.click("#preview button.primary").await;
        browser.reads("h1", "L-free").await;
        browser.reads("[role=status]", "The amendment is agreed").await;
        sign_out(&browser).await;

        // A year on; the page offers the twelve months before.
        world.clock.set("2027-11-21T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        sign_in(&site, &browser, "finance", "/park/invoices/repricing").await;
        browser.click("form.sheet button.primary").await;
        world.run_jobs().await;
        browser.visit(&site.at("/park/invoices/repricing")).await;
        browser.reads("main", "1 / 1").await;
        browser.reads("main", "Done").await;
        browser.screenshot("repricing-en").await;
        browser.good("en").await;
        browser.visit(&site.at(&format!("/park/leases/{lease}"))).await;
        browser.reads("h1", "L-free").await;
    }
}
