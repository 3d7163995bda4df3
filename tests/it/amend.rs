//! Leases amended by versions, and what was billed before stays to the cent: on both databases.

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, day, park};

fn wanted(lease: &str, from: &str, key: &str) -> Value {
    json!({ "leaseId": lease, "inForceFrom": from, "reason": "年度调价", "unitPrice": "990.00", "idempotencyKey": key })
}

fn with(mut input: Value, more: &Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    input
}

const VERSIONS: &str = "lease { versions { version inForceFrom termTo unitPrice { amount } taxRate proration rentFree { from to } deposit { amount } paymentDays reason } }";
const PREVIEW: &str = "query($id: ID!, $month: Month!, $amendment: LeaseAmendmentInput) { node(id: $id) { ... on Lease {
  invoicePreview(month: $month, amendment: $amendment) { net { minor } lines { unitPrice { amount } seatDays } userErrors { rule path message } } } } }";

async fn issue(world: &World, lease: &str, month: &str) -> Value {
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": format!("{lease}{month}") });
    world.mutate("park", "invoiceIssue", "invoice { id net { minor } }", input).await
}

on_both! {
    /// The next version applies from its day on; what was issued stays, and the preview tells the difference first.
    async fn a_lease_is_amended_by_its_next_version(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..2], "2026-09-01", None, "k")).await;
        let september = issue(&world, &lease, "2026-09").await["invoice"].clone();
        assert_eq!(september["net"]["minor"], "176000");
        let see = async |who: &str, month: &str, amendment: Value| {
            let found = world.ok(who, PREVIEW, json!({ "id": lease, "month": month, "amendment": amendment })).await;
            found["node"]["invoicePreview"].clone()
        };
        let amendment = json!({ "inForceFrom": "2026-10-16", "reason": "年度调价", "unitPrice": "990.00" });
        // 15 days at 880.00 and 16 at 990.00, two seats, of 31 days: 851.61 and 1021.94.
        let then = see("park", "2026-10", amendment.clone()).await;
        assert_eq!((&then["net"]["minor"], &then["userErrors"]), (&json!("187355"), &json!([])));
        assert_eq!(see("park", "2026-10", Value::Null).await["net"]["minor"], "176000", "nothing was agreed yet");
        let shorter = json!({ "inForceFrom": "2026-10-01", "reason": "x", "termTo": "2026-12-01", "unitPrice": "-1" });
        let told = see("park", "2026-10", shorter).await["userErrors"].clone();
        assert_eq!(told[0]["path"], "unitPrice");
        assert_eq!((&told[1]["path"], &told[1]["message"]), (&json!("termTo"), &json!("Seats are held up to and without 2027-01-12: release them first.")));
        for who in ["a1", "finance"] {
            assert_eq!(see(who, "2026-10", amendment.clone()).await, Value::Null, "{who} may not amend");
        }

        let input = wanted(&lease, "2026-10-16", "a1");
        let made = world.done("park", "leaseAmend", VERSIONS, input.clone()).await;
        assert_eq!(world.done("park", "leaseAmend", VERSIONS, input).await, made, "a retry adds nothing");
        let version = |version: i64, from: &str, price: &str, reason: &str| json!({ "version": version, "inForceFrom": from, "termTo": "2027-01-12",
            "unitPrice": { "amount": price }, "taxRate": "6", "proration": "by_day", "rentFree": [{ "from": "2026-01-12", "to": "2026-03-12" }],
            "deposit": { "amount": "5000.00" }, "paymentDays": 10, "reason": reason });
        assert_eq!(made["lease"]["versions"], json!([version(1, "2026-01-12", "880.00", ""), version(2, "2026-10-16", "990.00", "年度调价")]));
        assert_eq!(see("a1", "2026-10", Value::Null).await["net"]["minor"], "187355");
        assert_eq!(issue(&world, &lease, "2026-10").await["invoice"]["net"]["minor"], "187355");
        let past = world.ok("park", "query($id: ID!) { node(id: $id) { ... on Invoice { net { minor } repricing { same } } } }", json!({ "id": september["id"] })).await;
        assert_eq!(past["node"], json!({ "net": { "minor": "176000" }, "repricing": { "same": true } }));
    }

    /// Prices agreed beforehand apply from their days, on invoices too; an amendment replaces those of the past.
    async fn prices_go_by_steps(backend) {
        const STEPS: &str = "lease { id versions { unitPrice { amount } priceSteps { from unitPrice { amount } } } }";
        let world = World::new(backend).await;
        let (seats, _, _) = park(&world, 2).await;
        let step = |from: &str, price: &str| json!({ "from": from, "unitPrice": price });
        let draft = |code: &str, steps: &[Value]| json!({ "tenantId": world.ids.a1.to_string(), "code": code, "signedOn": "2026-01-05",
            "termFrom": "2026-01-12", "termTo": "2028-01-12", "product": "EQUIPPED", "unitPrice": "880.00", "priceSteps": steps,
            "taxRatePercent": "6", "proration": "by_day", "paymentDays": 10, "idempotencyKey": code });
        let bad = draft("S-0", &[step("2026-01-12", "9"), step("2026-10-16", "x"), step("2026-10-16", "1"), step("2026-10-01", "1")]);
        let refused = world.mutate("park", "leaseCreate", "", bad).await["userErrors"].clone();
        let told: Vec<_> = refused.as_array().unwrap().iter().map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect();
        assert_eq!(told[0], "priceSteps.1 money-invalid");
        assert!(told.contains(&"priceSteps.0 step-outside-term".to_owned()) && told.iter().any(|t| t.ends_with("step-order")), "{told:?}");

        let made = world.done("park", "leaseCreate", STEPS, draft("S-1", &[step("2026-10-16", "990"), step("2027-02-01", "1100.50")])).await;
        let lease = made["lease"]["id"].as_str().unwrap();
        let agreed = json!([{ "from": "2026-10-16", "unitPrice": { "amount": "990.00" } }, { "from": "2027-02-01", "unitPrice": { "amount": "1100.50" } }]);
        assert_eq!(made["lease"]["versions"][0]["priceSteps"], agreed);
        world.done("park", "seatsAllocate", "count", allocate(lease, &seats, "2026-09-01", None, "k")).await;
        assert_eq!(issue(&world, lease, "2026-09").await["invoice"]["net"]["minor"], "176000");
        // As of an amendment on that day: 15 days at 880.00 and 16 at 990.00, two seats, of 31 days.
        assert_eq!(issue(&world, lease, "2026-10").await["invoice"]["net"]["minor"], "187355");
        let due = async |month: &str| {
            let found = world.ok("park", PREVIEW, json!({ "id": lease, "month": month })).await;
            found["node"]["invoicePreview"]["net"]["minor"].as_str().unwrap().to_owned()
        };
        assert_eq!((due("2027-01").await, due("2027-02").await), ("198000".to_owned(), "220100".to_owned()));
        let dearer = json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "x", "unitPrice": "1000", "idempotencyKey": "d1" });
        let made = world.done("park", "leaseAmend", STEPS, dearer).await;
        assert_eq!(made["lease"]["versions"][1], json!({ "unitPrice": { "amount": "1000.00" }, "priceSteps": [agreed[1]] }));
        assert_eq!((due("2027-01").await, due("2027-02").await), ("200000".to_owned(), "220100".to_owned()));
        let flat = json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "x", "priceSteps": [], "idempotencyKey": "d2" });
        world.done("park", "leaseAmend", STEPS, flat).await;
        assert_eq!(due("2027-02").await, "200000");
    }

    /// What cannot be agreed is named by its field, and nothing is stored.
    async fn what_contradicts_invoices_or_seats_is_refused(backend) {
        let world = World::new(backend).await;
        let (seats, lease, other) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..2], "2026-09-01", Some("2026-12-01"), "k")).await;
        issue(&world, &lease, "2026-09").await;
        let refused = async |from: &str, more: Value| {
            let input = with(wanted(&lease, from, &format!("{from}{more}").chars().take(90).collect::<String>()), &more);
            let payload = world.mutate("park", "leaseAmend", "", input).await;
            payload["userErrors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(refused("2026-09-30", json!({})).await, ["inForceFrom amend-billed"]);
        assert_eq!(refused("2026-01-11", json!({})).await, ["inForceFrom amend-before-last", "inForceFrom amend-outside-term", "inForceFrom amend-billed"]);
        assert_eq!(refused("2027-01-12", json!({})).await, ["inForceFrom amend-outside-term"]);
        assert_eq!(refused("2026-10-01", json!({ "termTo": "2026-11-30" })).await, ["termTo amend-seats-held"]);
        assert_eq!(refused("2026-10-01", json!({ "termTo": "2026-09-15" })).await, ["inForceFrom amend-outside-term", "termTo amend-billed", "termTo amend-seats-held"]);
        assert_eq!(refused("2026-10-01", json!({ "unitPrice": null })).await, [" amend-nothing"]);
        assert_eq!(refused("2026-10-01", json!({ "reason": " ", "unitPrice": "1.001", "deposit": "x", "paymentDays": 400, "proration": "weekly", "taxRatePercent": "106" })).await, [
            "reason text-required", "unitPrice money-invalid", "deposit money-invalid", "taxRatePercent tax-rate-range", "proration proration-invalid", "paymentDays payment-days-range",
        ]);
        assert_eq!(refused("2026-10-01", json!({ "rentFree": [{ "from": "2026-12-01", "to": "2027-02-01" }] })).await, ["rentFree.0 rent-free-outside-term"]);
        assert_eq!(refused("2026-10-01", json!({ "leaseId": format!("lease_{:032x}", 1) })).await, ["leaseId lease-unknown"]);
        assert_eq!(world.refused("a1", "leaseAmend", wanted(&lease, "2026-10-01", "x")).await, ["forbidden"]);
        assert_eq!(world.refused("finance", "leaseAmend", wanted(&lease, "2026-10-01", "x")).await, ["forbidden"]);
        assert_eq!(world.refused("other-park", "leaseAmend", wanted(&lease, "2026-10-01", "x")).await, ["lease-unknown"]);
        // As long as its seats, no shorter; longer, and its seats can be held longer.
        world.done("park", "leaseAmend", "", with(wanted(&lease, "2026-10-01", "y"), &json!({ "termTo": "2026-12-01" }))).await;
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&lease, &seats[2..], "2026-11-01", Some("2026-12-02"), "z1")).await, ["allocation-outside-term"]);
        assert_eq!(refused("2026-09-30", json!({ "termTo": "2028-01-12" })).await, ["inForceFrom amend-before-last", "inForceFrom amend-billed"]);
        world.done("park", "leaseAmend", "", with(wanted(&lease, "2026-11-01", "z2"), &json!({ "termTo": "2028-01-12" }))).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..2], "2026-12-01", None, "z3")).await;
        // A lease that was never billed can be put right from its first day.
        let put_right = with(wanted(&other, "2026-01-12", "o"), &json!({ "rentFree": [] }));
        assert_eq!(world.done("park", "leaseAmend", "lease { terms(on: \"2026-01-12\") { version } }", put_right).await["lease"]["terms"]["version"], 2);
    }

    /// The clock stands still, or is set back, while invoices are issued and seats and terms change in any order: every
    /// invoice priced again gives the same cents, and a new one sees every change before it.
    async fn no_clock_is_needed_for_the_same_cents(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 40).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..4], "2026-05-01", None, "first")).await;
        let mut runner = TestRunner::deterministic();
        let steps = proptest::collection::vec((0_u8..5, 0_u64..200, 0_usize..40), 36).new_tree(&mut runner).unwrap().current();
        let (mut months, mut next_seat, mut issued) = ((5..=10).rev().collect::<Vec<_>>(), 4, Vec::new());
        let (mut changes, mut amended) = (0, 0);
        for (n, (kind, offset, pick)) in steps.into_iter().enumerate() {
            let on = day("2026-05-01") + Days::new(offset);
            match kind {
                0 if !months.is_empty() => {
                    let made = issue(&world, &lease, &format!("2026-{:02}", months.pop().unwrap())).await;
                    issued.push(made["invoice"].clone());
                }
                1 if next_seat < seats.len() => {
                    let input = allocate(&lease, &seats[next_seat..=next_seat], &on.to_string(), None, &format!("a{n}"));
                    changes += usize::from(world.mutate("park", "seatsAllocate", "count", input).await["count"] == 1);
                    next_seat += 1;
                }
                2 => changes += release(&world, &lease, pick, on, n).await,
                3 => {
                    let input = with(wanted(&lease, &on.to_string(), &format!("v{n}")), &json!({ "unitPrice": format!("{}.00", 700 + n) }));
                    amended += usize::from(!world.mutate("park", "leaseAmend", "lease { id }", input).await["lease"].is_null());
                }
                // Set back by seconds; never forward.
                _ => world.clock.advance(TimeDelta::seconds(-3)),
            }
            check(&world, &issued).await;
        }
        while let Some(month) = months.pop() {
            issued.push(issue(&world, &lease, &format!("2026-{month:02}")).await["invoice"].clone());
        }
        check(&world, &issued).await;
        assert!(issued.len() == 6 && changes > 6 && amended > 0, "{} {changes} {amended}: the test tests little", issued.len());
    }
}

/// Releases one of the allocations of a lease on a day; 1 when it could be.
async fn release(world: &World, lease: &str, pick: usize, on: NaiveDate, n: usize) -> usize {
    let all = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(first: 100) { nodes { id } } } } }";
    let all = world.ok("park", all, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
    let all = all.as_array().unwrap();
    let id = &all[pick % all.len()]["id"];
    let input = json!({ "allocationIds": [id], "on": on.to_string(), "idempotencyKey": format!("r{n}") });
    usize::from(world.mutate("park", "seatsRelease", "count", input).await["count"] == 1)
}

async fn check(world: &World, issued: &[Value]) {
    let all = "{ park { invoices(first: 20) { nodes { id net { minor } repricing { same differences } } } } }";
    let found = world.ok("park", all, json!({})).await["park"]["invoices"]["nodes"].clone();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), issued.len());
    for invoice in found {
        assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }), "{invoice}");
        assert!(issued.iter().any(|i| i["id"] == invoice["id"] && i["net"] == invoice["net"]), "{invoice}");
    }
}
