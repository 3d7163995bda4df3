//! Prices that contain the tax, whoever rounds what, and tax that the tenant owes itself.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::documents::{faults, get};
use crate::edge::Edge;
use crate::leasing::{allocate, park};

const NOTE: &str = "creditNote { net { minor } tax { minor } total { minor } }";
const SAID: &str = "invoice { id net { minor } tax { minor } total { minor } repricing { same differences } lines { kind net { minor } gross { minor } taxRate reverseCharge correction { month } } }";

/// A lease of tenant A1 from September on.
async fn leased(world: &World, seats: &[String], (price, rate): (&str, &str), clauses: Value) -> String {
    let input = json!({ "tenantId": world.ids.a1.to_string(), "code": "T-1", "signedOn": "2026-08-05", "termFrom": "2026-09-01", "termTo": "2027-09-01",
        "product": "EQUIPPED", "unitPrice": price, "taxRatePercent": rate, "proration": "by_day", "paymentDays": 10, "clauses": clauses, "idempotencyKey": "lease" });
    let lease =
        world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned();
    world.done("park", "seatsAllocate", "", allocate(&lease, seats, "2026-09-01", None, "a")).await;
    lease
}

async fn issued(world: &World, lease: &str, month: &str) -> Value {
    let preview = "query($id: ID!, $month: Month!) { node(id: $id) { ... on Lease { invoicePreview(month: $month) { net { minor } tax { minor } total { minor } } } } }";
    let preview =
        world.ok("park", preview, json!({ "id": lease, "month": month })).await["node"]["invoicePreview"].clone();
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": month });
    let invoice = world.done("park", "invoiceIssue", SAID, input).await["invoice"].clone();
    assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
    assert_eq!(sums(&preview), sums(&invoice), "the preview says what is issued");
    invoice
}

/// Net, tax, total.
fn sums(of: &Value) -> [i64; 3] {
    ["net", "tax", "total"].map(|field| of[field]["minor"].as_str().unwrap().parse().unwrap())
}

async fn seller(world: &World, order: &str) {
    let input = json!({ "name": "甲园区", "taxOrder": order, "idempotencyKey": order });
    let profile = world.done("park", "sellerProfileSet", "profile { taxOrder }", input).await["profile"].clone();
    assert_eq!(profile["taxOrder"], order);
}

on_both! {
    /// One cent moves with what the seller rounds; what is issued is priced again as it was rounded then; notes sum to their lines.
    async fn prices_contain_the_tax(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (seats, ..) = park(world, 1).await;
        let lease = leased(world, &seats, ("2.99", "4"), json!({ "taxIncluded": true })).await;
        let september = issued(world, &lease, "2026-09").await;
        assert_eq!(sums(&september), [288, 11, 299]);
        assert_eq!(september["lines"][0]["gross"]["minor"], "299");
        world.clock.set("2026-11-22T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        seller(world, "TAX_FIRST").await;
        let october = issued(world, &lease, "2026-10").await;
        assert_eq!(sums(&october), [287, 12, 299]);
        let again = "query($id: ID!) { node(id: $id) { ... on Invoice { intact repricing { same } } } }";
        for invoice in [&september, &october] {
            let read = world.ok("park", again, json!({ "id": invoice["id"] })).await["node"].clone();
            assert_eq!(read, json!({ "intact": true, "repricing": { "same": true } }));
        }

        // A note takes back what contains the tax, and the last one the rest.
        let id = september["id"].as_str().unwrap();
        let note = |amount: &str, key: &str| json!({ "invoiceId": id, "lines": [{ "lineNo": 1, "amount": amount }], "reason": "少用", "idempotencyKey": key });
        let first = world.done("finance", "creditNoteIssue", NOTE, note("1.00", "n1")).await["creditNote"].clone();
        assert_eq!(sums(&first), [96, 4, 100]);
        assert_eq!(world.refused("finance", "creditNoteIssue", note("2.00", "n2")).await, ["credit-over-line"]);
        let last = world.done("finance", "creditNoteIssue", NOTE, note("1.99", "n3")).await["creditNote"].clone();
        assert_eq!(sums(&last), [192, 7, 199]);

        // Documents, in every form.
        let id = october["id"].as_str().unwrap();
        let (_, _, xml) = get(&edge, "a1", &format!("/documents/{id}?format=ubl")).await;
        assert_eq!(faults(&xml), "");
        let xml = String::from_utf8(xml).unwrap();
        for part in ["<cbc:TaxAmount currencyID=\"CNY\">0.12</cbc:TaxAmount>", "<cbc:PriceAmount currencyID=\"CNY\">2.87</cbc:PriceAmount>", "<cbc:PayableAmount currencyID=\"CNY\">2.99</cbc:PayableAmount>"] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        let (status, _, pdf) = get(&edge, "a1", &format!("/documents/{id}")).await;
        assert!(status.is_success() && pdf.starts_with(b"%PDF-"));

        // The books have net and tax apart.
        let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account closing { minor } } } } }";
        let books = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
        assert_eq!(books["balanced"], true);
        let tax = books["rows"].as_array().unwrap().iter().filter(|row| row["account"].as_str().unwrap().contains("TAX"));
        let tax: i64 = tax.map(|row| row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap()).sum();
        assert_eq!(tax.abs(), 12, "{books}");
    }

    /// A seat that turns out to have been given back is credited to the cent with its tax.
    async fn what_contains_the_tax_is_corrected(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 4).await;
        let lease = leased(&world, &seats, ("1000.00", "9"), json!({ "taxIncluded": true, "concessions": [
            { "kind": "DISCOUNT", "from": "2026-09", "last": "2026-09", "percent": "10", "reason": "开业" }] })).await;
        let september = issued(&world, &lease, "2026-09").await;
        // 4,000.00 less 400.00 contain 297.25 of tax.
        assert_eq!(sums(&september), [330_275, 29_725, 360_000]);
        let held = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(on: \"2026-09-01\") { nodes { id } } } } }";
        let held = world.ok("park", held, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
        world.done("park", "seatsRelease", "count", json!({ "allocationIds": [held[0]["id"]], "on": "2026-09-16", "idempotencyKey": "r" })).await;
        // Half a month of a seat less, of which a tenth was not paid: the rent line is above what there is to correct.
        let credit = json!({ "leaseId": lease, "reason": "退租", "refund": false, "idempotencyKey": "c" });
        let notes = world.done("finance", "correctionsCredit", "creditNotes { net { minor } tax { minor } total { minor } }", credit).await["creditNotes"].clone();
        assert_eq!(notes.as_array().unwrap().iter().map(|note| sums(note)[2]).sum::<i64>(), 45_000);
        let october = issued(&world, &lease, "2026-10").await;
        assert_eq!(sums(&october), [275_229, 24_771, 300_000], "three seats, and nothing of September");
    }

    /// The tenant owes the tax: none on the invoice, the reason in print; of a month its end says.
    async fn the_tenant_owes_the_tax(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (seats, ..) = park(world, 2).await;
        let lease = leased(world, &seats, ("1000.00", "9"), json!({ "reverseCharge": "境外接受方自行缴纳" })).await;
        let september = issued(world, &lease, "2026-09").await;
        assert_eq!(sums(&september), [200_000, 0, 200_000]);
        let line = &september["lines"][0];
        assert_eq!((&line["taxRate"], &line["reverseCharge"], &line["gross"]), (&json!("0"), &json!("境外接受方自行缴纳"), &Value::Null));
        let id = september["id"].as_str().unwrap();
        let (_, _, xml) = get(&edge, "a1", &format!("/documents/{id}?format=ubl")).await;
        assert_eq!(faults(&xml), "");
        let xml = String::from_utf8(xml).unwrap();
        for part in ["<cbc:ID>AE</cbc:ID>", "<cbc:TaxExemptionReason>境外接受方自行缴纳</cbc:TaxExemptionReason>"] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-10-15", "reason": "境内设点", "clauses": {}, "idempotencyKey": "m" });
        world.done("park", "leaseAmend", "", amend).await;
        let october = issued(world, &lease, "2026-10").await;
        assert_eq!(sums(&october), [200_000, 18_000, 218_000]);
        let paper = json!({ "leaseId": lease, "language": "BOTH", "special": [], "idempotencyKey": "paper" });
        let paper = world.done("park", "paperDraft", "paper { clauses { text { zh en } } }", paper).await.to_string();
        assert!(paper.contains("承租方自行缴税由“境外接受方自行缴纳”改为“无”"), "{paper}");
    }

    /// Both at once, another basis later, and a book of the other basis are refused.
    async fn what_cannot_be_taxed_so_is_refused(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 1).await;
        let lease = leased(&world, &seats, ("1000.00", "9"), json!({})).await;
        let amend = |clauses: Value| json!({ "leaseId": lease, "inForceFrom": "2026-11-21", "reason": "x", "clauses": clauses, "idempotencyKey": "w" });
        let refused = world.refused("park", "leaseAmend", amend(json!({ "taxIncluded": true, "noticeDays": 30 }))).await;
        assert_eq!(refused, ["tax-basis-fixed"]);
        let new = |clauses: Value, book: Value, price: Value| json!({ "tenantId": world.ids.a1.to_string(), "code": "T-2", "signedOn": "2026-08-05", "termFrom": "2026-09-01",
            "termTo": "2027-09-01", "product": "EQUIPPED", "unitPrice": price, "priceBook": book, "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10,
            "clauses": clauses, "idempotencyKey": "two" });
        let both = new(json!({ "taxIncluded": true, "reverseCharge": "x" }), Value::Null, json!("1000.00"));
        assert_eq!(world.refused("park", "leaseCreate", both).await, ["reverse-charge-tax-included"]);
        let text = r#"
id = "gross"
version = 1
title = { zh = "含税价", en = "With tax" }
currency = "CNY"
tax_included = true
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "1090" } } }
"#;
        let book = json!({ "text": text, "idempotencyKey": "b" });
        let book = world.done("park", "priceBookPublish", "priceBook { taxIncluded }", book).await;
        assert_eq!(book["priceBook"]["taxIncluded"], true);
        let named = json!({ "book": "gross", "version": 1 });
        assert_eq!(world.refused("park", "leaseCreate", new(json!({}), named.clone(), json!("0"))).await, ["book-not-for-lease"]);
        world.done("park", "leaseCreate", "", new(json!({ "taxIncluded": true }), named, json!("0"))).await;
    }
}
