//! Leases that are priced by a book: figures of the cases through real leases, invoices and PDFs; on both databases.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::edge::Edge;
use crate::leasing::{allocate, park};

/// A book of one price of seats, with what else is in it before and inside the price.
fn book(id: &str, version: u32, head: &str, price: &str, tariff: &str) -> String {
    format!(
        r#"
id = "{id}"
version = {version}
title = {{ zh = "价目", en = "Prices" }}
currency = "CNY"
{head}
[[price]]
id = "seat"
title = {{ zh = "席位", en = "Seat" }}
basis = "seat"
due = "arrears"
{price}
[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ {tariff} }} }}
"#
    )
}

async fn publish(world: &World, text: &str) {
    let key = format!("{:x}", text.len() * 1_000 + text.bytes().map(usize::from).sum::<usize>());
    world.done("finance", "priceBookPublish", "", json!({ "text": text, "idempotencyKey": key })).await;
}

/// A lease that a book prices; `more` is said otherwise.
fn by_book(world: &World, code: &str, book: &str, version: i64, more: &Value) -> Value {
    let mut input = json!({ "tenantId": world.ids.a1.to_string(), "code": code, "signedOn": "2026-01-05", "termFrom": "2026-01-12", "termTo": "2027-01-12",
        "product": "EQUIPPED", "unitPrice": "0", "taxRatePercent": "6", "proration": "by_day", "deposit": "0", "paymentDays": 10,
        "priceBook": { "book": book, "version": version }, "idempotencyKey": format!("{code}{book}{version}{more}").chars().take(90).collect::<String>() });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    input
}

async fn leased(world: &World, code: &str, book: &str) -> String {
    let made = world.done("park", "leaseCreate", "lease { id }", by_book(world, code, book, 1, &json!({}))).await;
    made["lease"]["id"].as_str().unwrap().to_owned()
}

const SAID: &str = "invoice { id net { minor } tax { minor } total { minor } repricing { same differences }
  lines { kind seatDays net { minor } why priceBook { book version price title { en } } slices { from to seats } } }";

/// Case, tariff, what else the price says, what else the book says, seats by their days, and what September comes to.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(usize, &'static str, Option<&'static str>)],
    i64,
);

const ALL: Option<&str> = None;
const FIRST: &str = "2026-09-01";
const CASES: &[Case] = &[
    (
        "A1.2",
        r#"volume = { tiers = [{ up_to = 5, unit = 7 }, { up_to = 10, unit = "6.5" }, { unit = 6 }] }"#,
        "",
        "",
        &[(5, FIRST, ALL)],
        3_500,
    ),
    (
        "A1.5",
        r#"volume = { tiers = [{ up_to = 5, unit = 7 }, { up_to = 10, unit = "6.5" }, { unit = 6 }] }"#,
        "",
        "",
        &[(25, FIRST, ALL)],
        15_000,
    ),
    (
        "A2.3",
        r#"graduated = { tiers = [{ up_to = 5, unit = 7 }, { up_to = 10, unit = "6.5" }, { unit = 6 }] }"#,
        "",
        "",
        &[(6, FIRST, ALL)],
        4_150,
    ),
    (
        "A2.5",
        r#"graduated = { tiers = [{ up_to = 5, unit = 7 }, { up_to = 10, unit = "6.5" }, { unit = 6 }] }"#,
        "",
        "",
        &[(25, FIRST, ALL)],
        15_750,
    ),
    (
        "A4.4",
        "graduated = { tiers = [{ up_to = 10, unit = 10, flat = 2 }, { up_to = 20, unit = 5, flat = 3 }, { unit = 5, flat = 3 }] }",
        "",
        "",
        &[(11, FIRST, ALL)],
        11_000,
    ),
    (
        "A4.6",
        "graduated = { tiers = [{ up_to = 10, unit = 10, flat = 2 }, { up_to = 20, unit = 5, flat = 3 }, { unit = 5, flat = 3 }] }",
        "",
        "",
        &[(21, FIRST, ALL)],
        16_300,
    ),
    ("A6.1", "package = { size = 10, price = 100 }", "", "", &[(121, FIRST, ALL)], 130_000),
    (
        "A9.4",
        "volume = { tiers = [{ up_to = 5, flat = 100 }, { up_to = 10, flat = 150 }, { up_to = 15, unit = 10 }, { unit = 5 }] }",
        "",
        "",
        &[(14, FIRST, ALL)],
        14_000,
    ),
    (
        "A9.6",
        "volume = { tiers = [{ up_to = 5, flat = 100 }, { up_to = 10, flat = 150 }, { up_to = 15, unit = 10 }, { unit = 5 }] }",
        "",
        "",
        &[(16, FIRST, ALL)],
        8_000,
    ),
    (
        "C9.1",
        "graduated = { tiers = [{ up_to = 50, unit = 300 }, { unit = 250 }] }",
        "",
        "",
        &[(40, FIRST, ALL), (15, "2026-09-11", ALL)],
        1_483_333,
    ),
    (
        "C9.2",
        "volume = { tiers = [{ up_to = 50, unit = 300 }, { unit = 250 }] }",
        "",
        "",
        &[(40, FIRST, ALL), (15, "2026-09-11", ALL)],
        1_316_667,
    ),
    (
        "C9.4",
        "graduated = { tiers = [{ up_to = 5, unit = 10 }, { unit = 5 }] }",
        "",
        "",
        &[(4, FIRST, ALL), (1, FIRST, Some("2026-09-21")), (5, "2026-09-11", Some("2026-09-21"))],
        5_500,
    ),
    (
        "C9.5",
        "graduated = { tiers = [{ up_to = 5, unit = 10, flat = 100 }, { unit = 5, flat = 50 }] }",
        "",
        "",
        &[(4, FIRST, ALL), (1, FIRST, Some("2026-09-21")), (5, "2026-09-11", Some("2026-09-21"))],
        20_500,
    ),
    (
        "H2.1",
        "per_unit = { unit = 100 }",
        "",
        "[commitment]\nstep = [{ from = \"2026-01-01\", least = 1000 }]",
        &[(8, FIRST, ALL)],
        100_000,
    ),
    (
        "H3.1",
        "volume = { tiers = [{ up_to = 5, flat = 100 }, { unit = 10 }] }",
        "",
        "[commitment]\nstep = [{ from = \"2026-01-01\", least = 150 }]",
        &[(5, FIRST, ALL)],
        15_000,
    ),
    (
        "seats",
        "per_unit = { unit = 100 }",
        "minimum_seats = [{ from = \"2026-01-01\", least = 10 }]",
        "",
        &[(4, FIRST, ALL)],
        100_000,
    ),
];

on_both! {
    /// Tiers, packages, flats, days and minimums come out to the cent: in the preview, in the run, on the invoice, priced again,
    /// for the park and for the tenant, and as PDF.
    async fn cases_go_through_real_leases(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let many = CASES.iter().flat_map(|case| case.4).map(|(seats, ..)| seats).sum::<usize>();
        let (seats, ..) = park(world, many).await;
        let (mut next, mut leases) = (0, Vec::new());
        for (name, tariff, price, head, held, _) in CASES {
            let id = name.to_lowercase().replace('.', "-");
            publish(world, &book(&id, 1, head, price, tariff)).await;
            let lease = leased(world, name, &id).await;
            for (n, from, to) in *held {
                let key = format!("{name}{next}");
                world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[next..next + n], from, *to, &key)).await;
                next += n;
            }
            leases.push(lease);
        }
        let preview = "query($id: ID!) { node(id: $id) { ... on Lease { invoicePreview(month: \"2026-09\") { net { minor } userErrors { rule } } } } }";
        for ((name, .., minor), lease) in CASES.iter().zip(&leases) {
            for who in ["a1", "finance"] {
                let said = world.ok(who, preview, json!({ "id": lease })).await["node"]["invoicePreview"].clone();
                assert_eq!(said, json!({ "net": { "minor": minor.to_string() }, "userErrors": [] }), "{name} {who}");
            }
        }
        // Five months before any seat was held only the minimums are due.
        let run = |month: &str, dry: bool| json!({ "month": month, "dryRun": dry, "idempotencyKey": format!("{month}{dry}") });
        let rows = "rows { state net { minor } lease { code } invoice { id } }";
        let dry = world.done("finance", "billingRun", rows, run("2026-09", true)).await;
        let done = world.done("finance", "billingRun", rows, run("2026-09", false)).await;
        let net = |run: &Value, name: &str| {
            let row = run["rows"].as_array().unwrap().iter().find(|row| row["lease"]["code"] == name).cloned().unwrap_or_default();
            (row["net"]["minor"].clone(), row["invoice"]["id"].clone())
        };
        let bearer = edge.bearer("a1").await;
        for (name, .., minor) in CASES {
            assert_eq!(net(&dry, name).0, json!(minor.to_string()), "{name}");
            let (issued, id) = net(&done, name);
            assert_eq!(issued, json!(minor.to_string()), "{name}");
            let asked = format!("query($id: ID!) {{ node(id: $id) {{ ... on Invoice {{ {} }} }} }}", SAID.trim_start_matches("invoice {").trim_end_matches('}'));
            let invoice = world.ok("a1", &asked, json!({ "id": id })).await["node"].clone();
            assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }), "{name}");
            let tax = (minor * 6 + 50) / 100;
            assert_eq!((&invoice["net"]["minor"], &invoice["tax"]["minor"]), (&json!(minor.to_string()), &json!(tax.to_string())), "{name}");
            let lines = invoice["lines"].as_array().unwrap();
            assert!(lines.iter().all(|line| line["priceBook"]["version"] == 1 && line["why"].as_str().unwrap().contains("price book")), "{name}: {lines:?}");
            // Every sheet is set alike; a graduated price with flats has the longest sentence.
            if *name == "C9.5" {
                let answer = edge.send(Method::GET, &format!("/documents/{}", id.as_str().unwrap()), &[("authorization", bearer.as_str())], Body::empty()).await;
                assert_eq!(answer.status(), StatusCode::OK, "{name}");
                assert!(to_bytes(answer.into_body(), 1 << 20).await.unwrap().starts_with(b"%PDF-"));
            }
        }
        let empty = world.done("finance", "billingRun", rows, run("2026-03", true)).await;
        let minimums: Vec<_> = empty["rows"].as_array().unwrap().iter().map(|row| row["lease"]["code"].as_str().unwrap()).collect();
        assert_eq!(minimums, ["H2.1", "H3.1", "seats"]);
    }

    /// A lease goes from a price to a book and from a version to the next with the first day of a month; every month is priced
    /// by what applied in it, whatever is agreed later.
    async fn a_lease_changes_its_book(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 4).await;
        publish(&world, &book("b", 1, "", "", "per_unit = { unit = 100 }")).await;
        publish(&world, &book("b", 2, "", "", "per_unit = { unit = 200 }")).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats, "2026-08-01", None, "k")).await;
        let amend = |from: &str, more: Value| {
            let mut input = json!({ "leaseId": lease, "inForceFrom": from, "reason": "x", "idempotencyKey": format!("{from}{more}") });
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            input
        };
        let to = |version: i64| json!({ "priceBook": { "book": "b", "version": version } });
        let net = async |month: &str| {
            let preview = "query($id: ID!, $month: Month!) { node(id: $id) { ... on Lease { invoicePreview(month: $month) { net { minor } userErrors { rule } } } } }";
            world.ok("a1", preview, json!({ "id": lease, "month": month })).await["node"]["invoicePreview"]["net"]["minor"].clone()
        };
        assert_eq!(world.refused("park", "leaseAmend", amend("2026-09-02", to(1))).await, ["book-month"]);
        assert_eq!(world.refused("park", "leaseAmend", amend("2026-09-01", to(3))).await, ["price-book-unknown"]);
        let would = "query($id: ID!, $amendment: LeaseAmendmentInput!) { node(id: $id) { ... on Lease { invoicePreview(month: \"2026-09\", amendment: $amendment) { net { minor } } } } }";
        let amendment = json!({ "inForceFrom": "2026-09-01", "reason": "x", "priceBook": { "book": "b", "version": 1 } });
        let seen = world.ok("park", would, json!({ "id": lease, "amendment": amendment })).await;
        assert_eq!(seen["node"]["invoicePreview"]["net"]["minor"], "40000", "nobody has agreed to it yet");
        world.done("park", "leaseAmend", "", amend("2026-09-01", to(1))).await;
        world.done("park", "leaseAmend", "", amend("2026-10-01", to(2))).await;
        assert_eq!((net("2026-08").await, net("2026-09").await, net("2026-10").await), (json!("352000"), json!("40000"), json!("80000")));
        let issue = json!({ "leaseId": lease, "month": "2026-10", "idempotencyKey": "i" });
        let made = world.done("finance", "invoiceIssue", SAID, issue).await["invoice"].clone();
        assert_eq!(made["lines"], json!([{ "kind": "seat_rent", "seatDays": 124, "net": { "minor": "80000" },
            "why": "Seat (price book b v2): 4 seats at 800.00 CNY a whole period × 31 days; ÷ 31 days of the period; = 800.00 CNY.",
            "priceBook": { "book": "b", "version": 2, "price": "seat", "title": { "en": "Seat" } },
            "slices": [{ "from": "2026-10-01", "to": "2026-11-01", "seats": 4 }] }]));
        world.done("park", "leaseAmend", "", amend("2026-11-01", json!({ "unitPrice": "10" }))).await;
        assert_eq!((net("2026-11").await, net("2026-10").await), (json!("4000"), json!("80000")));
        let terms = "query($id: ID!) { node(id: $id) { ... on Lease { versions { version unitPrice { minor } priceBook { book version } } } } }";
        let versions = world.ok("a1", terms, json!({ "id": lease })).await["node"]["versions"].clone();
        let of = |version: i64, minor: &str, book: Value| json!({ "version": version, "unitPrice": { "minor": minor }, "priceBook": book });
        let named = |version: i64| json!({ "book": "b", "version": version });
        let mut versions = versions.as_array().unwrap().clone();
        versions.sort_by_key(|v| v["version"].as_i64());
        assert_eq!(versions, [of(1, "88000", Value::Null), of(2, "0", named(1)), of(3, "0", named(2)), of(4, "1000", Value::Null)]);
        let again = "query($id: ID!) { node(id: $id) { ... on Invoice { repricing { same differences } } } }";
        let again = world.ok("park", again, json!({ "id": made["id"] })).await["node"]["repricing"].clone();
        assert_eq!(again, json!({ "same": true, "differences": [] }));
    }

    /// What no invoice of a lease can say is refused when the lease is agreed, with price and field; and a tenant reads no book.
    async fn books_that_cannot_price_a_lease_are_refused(backend) {
        let world = World::new(backend).await;
        park(&world, 1).await;
        let text = book("b", 1, "", "every = \"quarter\"", "per_unit = { unit = 1 }").replace("due = \"arrears\"", "");
        publish(&world, &text).await;
        let made = world.mutate("park", "leaseCreate", "", by_book(&world, "L-9", "b", 1, &json!({}))).await;
        let told: Vec<&str> = made["userErrors"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap()).collect();
        let about = ["seat: every is quarter", "seat: due is advance"];
        assert!(told.len() == 2 && told.iter().zip(about).all(|(told, about)| told.contains(about)), "{told:?}");
        publish(&world, &book("c", 1, "", "", "per_unit = { unit = 1 }")).await;
        for (more, rule) in [
            (json!({ "unitPrice": "1" }), "book-with-price"),
            (json!({ "priceSteps": [{ "from": "2026-06-01", "unitPrice": "5" }] }), "book-with-price"),
            (json!({ "clauses": { "minimumSpend": [{ "from": "2026-01-12", "amount": "5" }] } }), "book-with-clause"),
            (json!({ "termFrom": "2025-12-31" }), "price-not-agreed"),
        ] {
            assert_eq!(world.refused("park", "leaseCreate", by_book(&world, "L-8", "c", 1, &more)).await, [rule]);
        }
        assert_eq!(world.refused("a1", "leaseCreate", by_book(&world, "L-8", "c", 1, &json!({}))).await, ["forbidden"]);
        leased(&world, "L-8", "c").await;
        let seen = world.ok("a1", "{ park { priceBook(book: \"c\") { version } } }", json!({})).await;
        assert_eq!(seen["park"]["priceBook"], Value::Null, "the lease names it, the book stays the park's");
    }
}
