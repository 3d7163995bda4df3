//! A company from the first word to its lease.

use serde_json::json;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::on_both;

use super::ground::{lease, park, sign_in, sign_out};
use crate::estate::seat_ids;

/// Sets a day, which is typed differently in every language.
async fn day(browser: &Browser, name: &str, value: &str) {
    let script = "document.getElementsByName(arguments[0])[0].value = arguments[1]";
    browser.execute(script, vec![name.into(), value.into()]).await.unwrap();
}

on_both! {
    /// Entered, visited, quoted with a preview, sent, seats kept, accepted, seated, ended, settled.
    async fn from_the_first_word_to_the_last(backend) {
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
        browser.text("Keep seats").await.click().await.unwrap();
        browser.reads("main", "Yunke Service · Q-2026-0001").await;
        browser.good("en").await;
        browser.click("form.sheet[method=post] button.primary").await;
        browser.reads("[role=status]", "The seats are kept.").await;
        browser.reads("main", "10 kept until").await;
        browser.good("en").await;
        browser.text("Accept quote").await.click().await.unwrap();
        browser.good("en").await;
        browser.fill("[name=tenantCode]", "YK").await;
        day(&browser, "operatingSince", "2020-05-01").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "is won").await;
        browser.reads("h1", "Lease Q-2026-0001-1").await;
        browser.reads("main", "Yunke Service").await;
        let lease = browser.path().await;
        browser.visit(&site.at("/park/pipeline")).await;
        browser.reads("main", "Won").await;
        browser.good("en").await;

        // What was kept for the quote goes to its lease.
        browser.visit(&site.at("/park/holds")).await;
        browser.click("main table a[href^='/park/holds/hold']").await;
        browser.click("ul.links a").await;
        browser.good("en").await;
        browser.click("form.sheet[method=post] button.primary").await;
        browser.reads("main", "10 seats").await;
        browser.good("en").await;

        // It ends after two months, the first of them free: one invoice, set off against the deposit.
        browser.visit(&site.at(&format!("{lease}/end"))).await;
        day(&browser, "on", "2027-03-01").await;
        browser.fill("[name=reason]", "moves away").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("[role=status]", "ends").await;
        sign_out(&browser).await;
        let world = &site.world;
        world.clock.set("2027-03-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let id = lease.rsplit('/').next().unwrap().to_owned();
        for month in ["2027-01", "2027-02"] {
            let input = json!({ "leaseId": id, "month": month, "idempotencyKey": month });
            world.done("finance", "invoiceIssue", "", input).await;
        }
        sign_in(&site, &browser, "park", &format!("{lease}/checkout")).await;
        browser.good("en").await;
        browser.fill("[name=depositHeld]", "20000").await;
        browser.click("button[name=step][value=issue]").await;
        browser.reads("main", "10,900.00").await;
        browser.reads("main", "The park owes 9,100.00").await;
        browser.good("en").await;
        browser.screenshot("settlement-en").await;
    }

    /// Seats that were free when they were chosen and are sold meanwhile: named and refused, nothing is held; what is left is given.
    async fn a_seat_is_not_sold_twice(backend) {
        let site = park(backend).await;
        let world = &site.world;
        let browser = Browser::open(&Setup::desktop("en")).await;
        let (ours, theirs) = (lease(world, "a1").await, lease(world, "a2").await);
        sign_in(&site, &browser, "park", &format!("/park/leases/{}/allocate", ours.as_str().unwrap())).await;
        day(&browser, "from", "2026-12-01").await;
        browser.fill("[name=codeFrom]", "S-0050").await;
        browser.fill("[name=codeTo]", "S-0051").await;
        browser.click("form.sheet button.primary").await;
        browser.reads("main", "S-0050").await;
        let seats = seat_ids(world, 50).await;
        let sold = json!({ "leaseId": theirs, "seatIds": seats[49..], "from": "2026-12-01", "idempotencyKey": "sold" });
        world.done("park", "seatsAllocate", "count", sold).await;
        browser.click("form[method=post] button.primary").await;
        browser.reads("#errors", "S-0050").await;
        browser.complaints().await; // 422 is what it is to be
        browser.screenshot("double-sale-en").await;
        let count = "query($id: ID!) { node(id: $id) { ... on Lease { seatCount(on: \"2026-12-01\") } } }";
        let count = world.ok("park", count, json!({ "id": ours })).await["node"]["seatCount"].clone();
        assert_eq!(count, 10, "nothing is half done");
        browser.good("en").await;
    }

    /// Two seats move to another corner of the floor on a day to come; the days before stay as they were.
    async fn seats_move_on_a_day(backend) {
        let site = park(backend).await;
        let browser = Browser::open(&Setup::desktop("en")).await;
        let lease = lease(&site.world, "a1").await.as_str().unwrap().to_owned();
        sign_in(&site, &browser, "park", &format!("/park/leases/{lease}/move")).await;
        day(&browser, "from", "2026-12-15").await;
        browser.fill("[name=codeFrom]", "S-0050").await;
        browser.click("form.sheet button.primary").await;
        browser.good("en").await;
        for n in [9, 10] {
            browser.click(&format!("#allocation li:nth-child({n}) input")).await;
        }
        browser.click("form[method=post] button.primary").await;
        browser.reads("#errors", "2 seats move and 0 are ticked").await;
        browser.complaints().await; // 422 is what it is to be
        // The first free seats, as many as move, are ticked by then.
        browser.click("form[method=post] button.primary").await;
        browser.reads("[role=status]", "move").await;
        browser.reads("main", "S-0050").await;
        browser.reads("main", "S-0051").await;
        browser.good("en").await;
        let held = async |on: &str| {
            let document = "query($id: ID!, $on: Date) { node(id: $id) { ... on Lease { allocations(first: 20, on: $on) { nodes { seat { code } } } } } }";
            let found = site.world.ok("park", document, json!({ "id": lease, "on": on })).await;
            let nodes = found["node"]["allocations"]["nodes"].as_array().unwrap().clone();
            let mut codes: Vec<String> = nodes.iter().map(|n| n["seat"]["code"].as_str().unwrap().to_owned()).collect();
            codes.sort();
            codes
        };
        assert_eq!(held("2026-12-14").await[8..], ["S-0009", "S-0010"]);
        assert_eq!(held("2026-12-15").await[8..], ["S-0050", "S-0051"]);
    }
}
