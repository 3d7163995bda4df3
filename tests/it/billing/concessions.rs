//! What comes off the rent of seats: discounts and waivers by clauses of a lease, on invoices, in papers and in the books.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::documents::{faults, get};
use crate::edge::Edge;
use crate::leasing::{allocate, park};

const SAID: &str = "invoice { id net { minor } tax { minor } total { minor amount } repricing { same differences } lines { kind seatDays net { minor } taxRate why correction { month } } }";

fn off(kind: &str, from: &str, last: &str, (how, much): (&str, &str), reason: &str) -> Value {
    json!({ "kind": kind, "from": from, "last": last, how: much, "reason": reason })
}

/// A lease of tenant A1 from September on, four seats at 880.00 taxed 9 %.
async fn leased(world: &World, seats: &[String], clauses: Value) -> String {
    let input = json!({ "tenantId": world.ids.a1.to_string(), "code": "C-1", "signedOn": "2026-08-05", "termFrom": "2026-09-01", "termTo": "2027-09-01",
        "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10, "clauses": clauses, "idempotencyKey": "lease" });
    let lease =
        world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned();
    world.done("park", "seatsAllocate", "", allocate(&lease, seats, "2026-09-01", None, "a")).await;
    lease
}

async fn issued(world: &World, lease: &str, month: &str) -> Value {
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": month });
    let invoice = world.done("park", "invoiceIssue", SAID, input).await["invoice"].clone();
    assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
    invoice
}

fn lines(invoice: &Value) -> Vec<String> {
    let of = |line: &Value| {
        let month = line["correction"]["month"].as_str().map(|month| format!(" of {month}")).unwrap_or_default();
        format!("{} {}{month}", line["kind"].as_str().unwrap(), line["net"]["minor"].as_str().unwrap())
    };
    invoice["lines"].as_array().unwrap().iter().map(of).collect()
}

on_both! {
    /// A waiver and then a discount come off each month that has them; a discount agreed late is corrected; the books have both against
    /// revenue, by the days of the rent.
    async fn rent_is_lowered_by_months(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (seats, ..) = park(world, 4).await;
        let waiver = off("WAIVER", "2026-09", "2026-10", ("amount", "500.00"), "开业扶持");
        let discount = off("DISCOUNT", "2026-10", "2026-12", ("percent", "10"), "招商优惠");
        let lease = leased(world, &seats, json!({ "concessions": [discount, waiver] })).await;
        let september = issued(world, &lease, "2026-09").await;
        assert_eq!(lines(&september), ["seat_rent 352000", "waiver -50000"]);
        assert_eq!((&september["net"]["minor"], &september["tax"]["minor"]), (&json!("302000"), &json!("27180")), "tax of what is left");
        let october = issued(world, &lease, "2026-10").await;
        assert_eq!(lines(&october), ["seat_rent 352000", "waiver -50000", "discount -30200"], "a tenth of 3,020.00");
        let why = october["lines"][2]["why"].as_str().unwrap();
        assert_eq!(why, "Discount (招商优惠): 10 % off the 3020.00 CNY of seat rent that is left = -302.00 CNY.");

        // Its tenant reads what was agreed, its neighbour nothing.
        let agreed = "query($id: ID!) { node(id: $id) { ... on Lease { terms { clauses { concessions { kind from last percent amount { minor } reason } } } } } }";
        let read = world.ok("a1", agreed, json!({ "id": lease })).await["node"]["terms"]["clauses"]["concessions"].clone();
        assert_eq!(read, json!([{ "kind": "DISCOUNT", "from": "2026-10", "last": "2026-12", "percent": "10", "amount": null, "reason": "招商优惠" },
            { "kind": "WAIVER", "from": "2026-09", "last": "2026-10", "percent": null, "amount": { "minor": "50000" }, "reason": "开业扶持" }]));
        assert_eq!(world.ok("a2", agreed, json!({ "id": lease })).await["node"], Value::Null);

        // The documents say it, too.
        let id = october["id"].as_str().unwrap();
        let (_, _, xml) = get(&edge, "a1", &format!("/documents/{id}?format=ubl")).await;
        assert_eq!(faults(&xml), "");
        let xml = String::from_utf8(xml).unwrap();
        for part in ["Rent waiver (开业扶持)", "<cbc:LineExtensionAmount currencyID=\"CNY\">-302.00</cbc:LineExtensionAmount>", "<cbc:InvoicedQuantity unitCode=\"C62\">-1</cbc:InvoicedQuantity>"] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        let (status, _, pdf) = get(&edge, "a1", &format!("/documents/{id}")).await;
        assert!(status.is_success() && pdf.starts_with(b"%PDF-"));

        // No more is taken back than was owed: the rent line alone is more than the invoice.
        let credit = json!({ "invoiceId": id, "lines": [{ "lineNo": 1, "amount": "3520.00" }], "reason": "全额", "idempotencyKey": "c" });
        assert_eq!(world.refused("finance", "creditNoteIssue", credit).await, ["credit-over-paid"]);

        // In December a seat turns out to have been given back in October, and from November on 20 % are agreed.
        world.clock.set("2026-12-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let held = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(on: \"2026-10-01\") { nodes { id } } } } }";
        let held = world.ok("park", held, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
        world.done("park", "seatsRelease", "count", json!({ "allocationIds": [held[0]["id"]], "on": "2026-10-17", "idempotencyKey": "r" })).await;
        let waiver = off("WAIVER", "2026-11", "2026-11", ("amount", "500"), "开业扶持");
        let discount = off("DISCOUNT", "2026-11", "2026-12", ("percent", "20"), "招商优惠");
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-11-01", "reason": "加码", "clauses": { "concessions": [waiver, discount] }, "idempotencyKey": "more" });
        world.done("park", "leaseAmend", "", amend).await;
        let november = issued(world, &lease, "2026-11").await;
        // 880.00 x 15/31 less in October, and a tenth of that not taken off.
        assert_eq!(lines(&november), ["seat_rent 264000", "waiver -50000", "discount -42800", "seat_rent -42581 of 2026-10", "discount 4258 of 2026-10"]);

        world.done("finance", "revenueRecognise", "", json!({ "upTo": "2026-11", "idempotencyKey": "earned" })).await;
        let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account closing { minor } } } } }";
        let books = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
        assert_eq!(books["balanced"], true);
        let earned = books["rows"].as_array().unwrap().iter().filter(|row| row["account"] == "EARNED");
        let earned: Vec<i64> = earned.map(|row| row["closing"]["minor"].as_str().unwrap().parse().unwrap()).collect();
        // Rent, waivers, discounts.
        assert_eq!(earned, [42_581 - 2 * 352_000 - 264_000, 150_000, 30_200 + 42_800 - 4_258], "{books}");

        // The contract paper names them.
        let paper = json!({ "leaseId": lease, "language": "BOTH", "special": [], "idempotencyKey": "paper" });
        let paper = world.done("park", "paperDraft", "paper { clauses { text { zh en } } }", paper).await;
        let text = paper["paper"].to_string();
        assert!(text.contains("2026-11至2026-12折扣20%（招商优惠）") && text.contains("a waiver of CNY 500.00 a month from 2026-11 to 2026-11"), "{text}");
    }

    /// Nothing falls below zero, a least rent is compared before anything comes off, and every fault is told with its row.
    async fn what_comes_off_has_bounds(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 4).await;
        let all = off("WAIVER", "2026-09", "2026-09", ("percent", "100"), "免收");
        let much = off("DISCOUNT", "2026-10", "2026-10", ("amount", "9999"), "大额");
        let least = json!([{ "from": "2026-09-01", "amount": "4000.00" }]);
        let lease = leased(&world, &seats, json!({ "concessions": [all, much], "minimumSpend": least })).await;
        let september = issued(&world, &lease, "2026-09").await;
        assert_eq!(lines(&september), ["seat_rent 352000", "minimum_spend 48000", "waiver -352000"]);
        let october = issued(&world, &lease, "2026-10").await;
        assert_eq!(lines(&october), ["seat_rent 352000", "minimum_spend 48000", "discount -352000"]);
        let wrong = json!([
            off("DISCOUNT", "2026-10", "2026-12", ("percent", "0"), "零"),
            off("DISCOUNT", "2027-10", "2027-12", ("percent", "5"), "租期外"),
            off("DISCOUNT", "2026-10", "2026-12", ("amount", "-1"), "负数"),
            off("DISCOUNT", "2026-10", "2026-12", ("percent", "5"), ""),
        ]);
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-11-21", "reason": "x", "clauses": { "concessions": wrong }, "idempotencyKey": "w" });
        let made = world.mutate("park", "leaseAmend", "", amend).await;
        let told: Vec<String> = made["userErrors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect();
        assert_eq!(told, ["clauses.concessions.0 concession-off", "clauses.concessions.2 concession-off", "clauses.concessions.3.reason text-required"]);
    }
}
