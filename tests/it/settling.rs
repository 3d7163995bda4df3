//! Settlement sheets: what comes first, what stands on them, agreed or taken back: on both databases.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::edge::Edge;
use crate::leasing::{allocate, park};

const SHEET: &str = "settlement { id number endedOn state balance { minor currency } lines { kind text amount { minor } days invoice { number } }
  checks { item inOrder remark title { en } } agreedOn agreedBy withdrawnFor }";
const PREVIEW: &str = "query($id: ID!, $draft: SettlementDraftInput) { park {
  settlementPreview(leaseId: $id, draft: $draft) { settlement { balance { minor } lines { kind } } userErrors { rule path message } } } }";

fn issue(lease: &str, draft: &Value, key: &str) -> Value {
    json!({ "leaseId": lease, "draft": draft, "idempotencyKey": key })
}
async fn told(world: &World, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate("park", mutation, "", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}
async fn billed(world: &World, lease: &str, month: &str) -> String {
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": format!("{lease}{month}") });
    let made = world.done("park", "invoiceIssue", "invoice { id }", input).await;
    made["invoice"]["id"].as_str().unwrap().to_owned()
}
/// Seats of October and November, an amended late fee, and the end of the lease with November.
async fn departed(world: &World) -> String {
    let (seats, lease, _) = park(world, 3).await;
    let fee = json!({ "leaseId": lease, "inForceFrom": "2026-10-01", "reason": "x", "idempotencyKey": "fee",
        "clauses": { "lateFee": { "graceDays": 3, "percentPerDay": "0.05", "capPercent": "30" } } });
    world.done("park", "leaseAmend", "", fee).await;
    world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..2], "2026-10-01", None, "k")).await;
    let end =
        json!({ "leaseId": lease, "on": "2026-12-01", "reason": "退租", "releaseSeats": true, "idempotencyKey": "e" });
    world.done("park", "leaseEnd", "", end).await;
    lease
}

on_both! {
    /// What is owed on invoices, late fees to the cent, what the inspection found, and the deposit set off.
    async fn a_lease_is_settled_to_the_cent(backend) {
        let world = World::new(backend).await;
        let lease = departed(&world).await;
        let see = async |who: &str, draft: Value| {
            world.ok(who, PREVIEW, json!({ "id": lease, "draft": draft })).await["park"]["settlementPreview"].clone()
        };
        let early = see("park", Value::Null).await;
        assert_eq!(early["userErrors"][0]["rule"], "settlement-running");
        assert_eq!(see("a1", Value::Null).await, Value::Null, "the tenant does not draw it up");
        world.clock.set("2026-11-30T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let open = see("finance", Value::Null).await;
        assert_eq!(open["userErrors"][0]["message"], "To be invoiced first: 2026-10, 2026-11.");
        let october = billed(&world, &lease, "2026-10").await;
        world.clock.set("2026-12-21T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let november = billed(&world, &lease, "2026-11").await;
        let number = async |id: &str| world.ok("park", "query($id: ID!) { node(id: $id) { ... on Invoice { number dueOn total { minor } } } }", json!({ "id": id })).await["node"].clone();
        let (october, november) = (number(&october).await, number(&november).await);
        // Two seats a month at 880.00 and 6 %: 1865.60 each. The first is due on 10 December, eleven days ago:
        // 1865.60 x 0.05 % x 11 = 10.2608.
        assert_eq!((&october["total"]["minor"], &october["dueOn"], &november["dueOn"]), (&json!("186560"), &json!("2026-12-10"), &json!("2026-12-31")));
        let draft = json!({ "depositHeld": "4000.00",
            "charges": [{ "kind": "DAMAGE", "text": " 隔断破损 ", "amount": "120.50" }, { "kind": "CREDIT", "text": "多收车位费", "amount": "30" }],
            "faults": [{ "item": "furniture", "remark": "隔断破损一块" }] });
        let made = world.done("park", "settlementIssue", SHEET, issue(&lease, &draft, "i")).await["settlement"].clone();
        assert_eq!(world.done("park", "settlementIssue", SHEET, issue(&lease, &draft, "i")).await["settlement"], made, "a retry issues nothing");
        let line = |kind: &str, text: &Value, minor: &str, days: Value, invoice: Value| json!({ "kind": kind, "text": text, "amount": { "minor": minor }, "days": days, "invoice": invoice });
        assert_eq!(made["lines"], json!([
            line("INVOICE", &october["number"], "186560", Value::Null, json!({ "number": october["number"] })),
            line("INVOICE", &november["number"], "186560", Value::Null, json!({ "number": november["number"] })),
            line("LATE_FEE", &october["number"], "1026", json!(11), json!({ "number": october["number"] })),
            line("DAMAGE", &json!("隔断破损"), "12050", Value::Null, Value::Null),
            line("CREDIT", &json!("多收车位费"), "-3000", Value::Null, Value::Null),
            line("DEPOSIT", &json!(""), "-400000", Value::Null, Value::Null)]));
        assert_eq!((&made["number"], &made["endedOn"], &made["state"]), (&json!("L-1/S1"), &json!("2026-12-01"), &json!("ISSUED")));
        assert_eq!(made["balance"], json!({ "minor": "-16804", "currency": "CNY" }));
        let found = made["checks"].as_array().unwrap();
        assert_eq!(found.len(), 8);
        assert_eq!(found[1], json!({ "item": "furniture", "inOrder": false, "remark": "隔断破损一块", "title": { "en": "Desks, chairs and partitions are whole and all there" } }));
        assert!(found.iter().enumerate().all(|(n, check)| check["inOrder"] == json!(n != 1)));
        let free = see("park", json!({ "withoutLateFees": true, "depositHeld": "0" })).await;
        assert_eq!(free["settlement"], json!({ "balance": { "minor": "373120" }, "lines": [{ "kind": "INVOICE" }, { "kind": "INVOICE" }] }));
        assert_eq!(told(&world, "settlementIssue", issue(&lease, &draft, "i2")).await, ["leaseId settlement-exists"]);
        // What is paid later does not change what was issued.
        let pay = json!({ "invoiceId": world.ok("park", "query($id: ID!) { node(id: $id) { ... on Lease { settlements { lines { invoice { id } } } } } }", json!({ "id": lease })).await
            ["node"]["settlements"][0]["lines"][0]["invoice"]["id"], "amount": "1865.60", "paidOn": "2026-12-21", "method": "转账", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "payment { id }", pay).await;
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Lease {{ settlements {{ {} }} }} }} }}", SHEET.trim_start_matches("settlement {").trim_end_matches('}'));
        assert_eq!(world.ok("a1", &document, json!({ "id": lease })).await["node"]["settlements"], json!([made]), "the tenant reads the same");
        assert_eq!(world.ok("a2", &document, json!({ "id": lease })).await["node"], Value::Null);
    }

    /// A sheet is agreed to once, or taken back to make room for another.
    async fn a_sheet_is_agreed_or_taken_back(backend) {
        let world = World::new(backend).await;
        let lease = departed(&world).await;
        world.clock.advance(TimeDelta::days(30));
        world.forget_tokens().await;
        billed(&world, &lease, "2026-10").await;
        billed(&world, &lease, "2026-11").await;
        let bad = json!({ "depositHeld": "-1", "charges": [{ "kind": "INVOICE", "text": "", "amount": "0" }, { "kind": "OTHER", "text": "x", "amount": "1.001" }],
            "faults": [{ "item": "moon", "remark": " " }] });
        assert_eq!(told(&world, "settlementIssue", issue(&lease, &bad, "b")).await, ["depositHeld deposit-negative", "charges.0.text text-required",
            "charges.0.kind settlement-kind", "charges.0.amount settlement-amount", "charges.1.amount money-invalid", "faults.0.item settlement-item", "faults.0.remark settlement-remark"]);
        for who in ["a1", "a1-finance"] {
            assert_eq!(world.refused(who, "settlementIssue", issue(&lease, &json!({}), who)).await, ["forbidden"]);
        }
        assert_eq!(world.refused("other-park", "settlementIssue", issue(&lease, &json!({}), "o")).await, ["lease-unknown"]);
        let one = world.done("finance", "settlementIssue", SHEET, issue(&lease, &json!({}), "i1")).await["settlement"]["id"].clone();
        let withdraw = |reason: &str, key: &str| json!({ "settlementId": one, "reason": reason, "idempotencyKey": key });
        assert_eq!(told(&world, "settlementWithdraw", withdraw(" ", "w1")).await, ["reason text-required"]);
        let gone = world.done("park", "settlementWithdraw", SHEET, withdraw("保证金有误", "w2")).await["settlement"].clone();
        assert_eq!((&gone["state"], &gone["withdrawnFor"]), (&json!("WITHDRAWN"), &json!("保证金有误")));
        let two = world.done("park", "settlementIssue", SHEET, issue(&lease, &json!({ "depositHeld": "1000" }), "i2")).await["settlement"].clone();
        assert_eq!(two["number"], "L-1/S2");
        let agree = |on: &str, by: &str, key: &str| json!({ "settlementId": two["id"], "agreedOn": on, "agreedBy": by, "idempotencyKey": key });
        assert_eq!(told(&world, "settlementAgree", agree("2026-12-31", " ", "a1")).await, ["agreedBy text-required", "agreedOn signed-later"]);
        let done = world.done("park", "settlementAgree", SHEET, agree("2026-12-20", "王经理", "a2")).await["settlement"].clone();
        assert_eq!((&done["state"], &done["agreedOn"], &done["agreedBy"]), (&json!("AGREED"), &json!("2026-12-20"), &json!("王经理")));
        assert_eq!(told(&world, "settlementAgree", agree("2026-12-20", "x", "a3")).await, ["settlementId settlement-state"]);
        assert_eq!(world.refused("park", "settlementWithdraw", json!({ "settlementId": two["id"], "reason": "x", "idempotencyKey": "w3" })).await, ["settlement-state"]);
    }

    /// Invoices and sheets are printed for both sides and nobody else.
    async fn invoices_and_sheets_are_printed_for_both_sides(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let lease = departed(world).await;
        world.clock.advance(TimeDelta::days(30));
        world.forget_tokens().await;
        let october = billed(world, &lease, "2026-10").await;
        billed(world, &lease, "2026-11").await;
        let sheet = world.done("park", "settlementIssue", SHEET, issue(&lease, &json!({}), "i")).await["settlement"]["id"].clone();
        let said = world.ok("a1", "query($id: ID!) { node(id: $id) { ... on Invoice { documentPath } } }", json!({ "id": october })).await;
        let invoice = said["node"]["documentPath"].as_str().unwrap();
        let paths = [format!("/documents/{}", sheet.as_str().unwrap()), format!("{invoice}?lang=zh-CN"), format!("{invoice}?lang=en"), invoice.to_owned()];
        for (path, by) in paths.into_iter().zip(["finance", "park", "a1", "a1"]) {
            for (who, status) in [(by, StatusCode::OK), ("a2", StatusCode::NOT_FOUND), ("other-park", StatusCode::NOT_FOUND)] {
                let bearer = edge.bearer(who).await;
                let answer = edge.send(Method::GET, &path, &[("authorization", bearer.as_str())], Body::empty()).await;
                assert_eq!(answer.status(), status, "{who}");
                if status == StatusCode::OK {
                    assert!(to_bytes(answer.into_body(), 1 << 20).await.unwrap().starts_with(b"%PDF-"));
                }
            }
        }
    }
}
