//! The billing run, and invoices withdrawn.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{Ground, THEN, Terms, issue, payment};

const RUN: &str = "count net { minor } total { minor } rows { state lease { code tenant { code } } net { minor } total { minor } invoice { number } userErrors { rule } }";

fn run(month: &str, dry: bool, key: &str) -> Value {
    json!({ "month": month, "dryRun": dry, "idempotencyKey": key })
}

/// Leases of both tenants of park A: a1's with two seats, a2's with one, one of a2 that was priced beyond all bounds, one without seats.
async fn leases(world: &World) -> Vec<LeaseId> {
    let mut ground = Ground::new(world).await;
    let mut leases = Vec::new();
    for (tenant, seats, unit_minor) in [
        (world.ids.a1, 2, 88_000),
        (world.ids.a2, 1, 100_000),
        (world.ids.a2, 3, i64::MAX / 2),
        (world.ids.a2, 0, 100_000),
    ] {
        let lease = ground.lease(tenant, THEN, &Terms { unit_minor, ..Terms::default() }).await;
        if seats > 0 {
            ground.allocate(tenant, lease, seats, "2026-08-01", THEN).await;
        }
        leases.push(lease);
    }
    leases
}

fn states(payload: &Value) -> Vec<&str> {
    payload["rows"].as_array().unwrap().iter().map(|r| r["state"].as_str().unwrap()).collect()
}

on_both! {
    /// One call bills the month: what it would come to first, then the invoices; what cannot be billed keeps nothing
    /// back, and a second run bills nothing twice.
    async fn a_month_is_billed_at_once(backend) {
        let world = World::new(backend).await;
        let leases = leases(&world).await;
        let dry = world.done("finance", "billingRun", RUN, run("2026-10", true, "dry")).await;
        assert_eq!(states(&dry), ["READY", "READY", "REFUSED"]);
        assert_eq!((&dry["count"], &dry["net"]["minor"], &dry["total"]["minor"]), (&json!(2), &json!("276000"), &json!("300840")));
        assert_eq!(dry["rows"][0]["lease"]["tenant"]["code"], "A1");
        assert_eq!((&dry["rows"][2]["net"], &dry["rows"][2]["userErrors"]), (&Value::Null, &json!([{ "rule": "amount-out-of-range" }])));
        let none = "{ park { invoices { totalCount } } }";
        assert_eq!(world.ok("park", none, json!({})).await["park"]["invoices"]["totalCount"], 0, "a dry run issues nothing");

        let done = world.done("finance", "billingRun", RUN, run("2026-10", false, "run")).await;
        assert_eq!(states(&done), ["ISSUED", "ISSUED", "REFUSED"]);
        assert_eq!((&done["net"], &done["total"]), (&dry["net"], &dry["total"]));
        let numbers: Vec<_> = (0..2).map(|n| done["rows"][n]["invoice"]["number"].as_str().unwrap()).collect();
        assert_eq!(numbers, ["PA-2026-000001", "PA-2026-000002"]);
        assert_eq!(world.done("finance", "billingRun", RUN, run("2026-10", false, "run")).await, done, "the same key answers the same");
        let again = world.done("park", "billingRun", RUN, run("2026-10", false, "again")).await;
        assert_eq!((states(&again), &again["count"]), (vec!["ALREADY", "ALREADY", "REFUSED"], &json!(0)));
        // One that was billed alone before is left out of the run of its month.
        world.done("park", "invoiceIssue", "invoice { number }", issue(leases[1], "2026-09", "alone")).await;
        let september = world.done("park", "billingRun", RUN, run("2026-09", false, "september")).await;
        assert_eq!(states(&september), ["ISSUED", "ALREADY", "REFUSED"]);
        assert_eq!(september["rows"][0]["invoice"]["number"], "PA-2026-000004", "no gap");

        assert_eq!(world.refused("park", "billingRun", run("2027-01", true, "open")).await, ["invoice-month-open"]);
        assert_eq!(world.refused("a1", "billingRun", run("2026-10", true, "a1")).await, ["forbidden"]);
        let empty = world.done("other-park", "billingRun", RUN, run("2026-10", false, "other")).await;
        assert_eq!((&empty["rows"], &empty["count"]), (&json!([]), &json!(0)));
    }

    /// An amount far off the usual one waits until somebody has looked at it; the preview tells so before.
    async fn what_is_unusual_is_held(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = crate::leasing::park(&world, 10).await;
        for (lease, seats, from, key) in [(&one, &seats[..1], "2026-08-01", "s1"), (&one, &seats[1..5], "2026-10-01", "s2"), (&two, &seats[5..7], "2026-08-01", "s3")] {
            world.done("park", "seatsAllocate", "count", crate::leasing::allocate(lease, seats, from, None, key)).await;
        }
        for month in ["2026-08", "2026-09"] {
            let done = world.done("finance", "billingRun", RUN, run(month, false, month)).await;
            assert_eq!(states(&done), ["ISSUED", "ISSUED"], "{month}");
        }
        let rows = "rows { state guard usual { minor } before { minor } net { minor } }";
        let held = json!([
            { "state": "HELD", "guard": "FAR_OFF", "usual": { "minor": "88000" }, "before": { "minor": "88000" }, "net": { "minor": "440000" } },
            { "state": "READY", "guard": null, "usual": null, "before": { "minor": "176000" }, "net": { "minor": "176000" } }]);
        let preview = async |who: &str, month: &str| {
            let document = format!("query($month: Month!) {{ park {{ billingRunPreview(month: $month) {{ count {rows} }} }} }}");
            world.ok(who, &document, json!({ "month": month })).await["park"]["billingRunPreview"].clone()
        };
        assert_eq!(preview("finance", "2026-10").await, json!({ "count": 1, "rows": held }));
        assert_eq!(preview("finance", "2026-11").await["rows"][0]["state"], "HELD", "also of a month that is not over");
        assert_eq!(preview("a1", "2026-10").await, Value::Null);
        let done = world.done("finance", "billingRun", &format!("count {rows}"), run("2026-10", false, "run")).await;
        assert_eq!((&done["count"], &done["rows"][0]["state"], &done["rows"][1]["state"]), (&json!(1), &json!("HELD"), &json!("ISSUED")));
        let mut released = run("2026-10", false, "released");
        released["releaseLeaseIds"] = json!([one]);
        let done = world.done("finance", "billingRun", RUN, released).await;
        assert_eq!((states(&done), &done["net"]["minor"]), (vec!["ISSUED", "ALREADY"], &json!("440000")));
    }

    /// A lease with a least rent is billed though nobody holds a seat, and for no more than is missing.
    async fn a_least_rent_is_billed(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = crate::leasing::park(&world, 4).await;
        let least = json!({ "leaseId": one, "inForceFrom": "2026-09-01", "reason": "最低月租金", "idempotencyKey": "least",
            "clauses": { "minimumSpend": [{ "from": "2026-09-01", "amount": "2000.00" }, { "from": "2026-10-16", "amount": "3100.00" }] } });
        world.done("park", "leaseAmend", "", least).await;
        world.done("park", "seatsAllocate", "count", crate::leasing::allocate(&one, &seats[..1], "2026-10-01", None, "s")).await;
        let september = world.done("finance", "billingRun", RUN, run("2026-09", false, "september")).await;
        assert_eq!((states(&september), &september["net"]["minor"]), (vec!["ISSUED"], &json!("200000")));
        assert_eq!(states(&world.done("finance", "billingRun", RUN, run("2026-08", false, "august")).await), Vec::<&str>::new());
        world.done("finance", "billingRun", RUN, run("2026-10", false, "october")).await;
        // 15 of 31 days at 2000.00 and 16 at 3100.00 are 2567.74; a seat came to 880.00.
        let lines = "{ park { invoices(first: 1) { nodes { net { minor } lines { kind net { minor } why } repricing { same } } } } }";
        let found = world.ok("park", lines, json!({})).await["park"]["invoices"]["nodes"][0].clone();
        assert_eq!((&found["net"]["minor"], &found["repricing"]["same"]), (&json!("256774"), &json!(true)));
        let line = &found["lines"][1];
        assert_eq!((&line["kind"], &line["net"]["minor"]), (&json!("minimum_spend"), &json!("168774")));
        assert_eq!(line["why"], "At least 2567.74 CNY were agreed for 31 of 31 days of the month; seats came to 880.00 CNY.");
    }

    /// Runs and single invoices at once: one invoice a lease, numbers without gap.
    async fn runs_at_once_bill_nothing_twice(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let mut leases = Vec::new();
        for _ in 0..10 {
            let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
            ground.allocate(world.ids.a1, lease, 1, "2026-10-01", THEN).await;
            leases.push(lease);
        }
        world.token("park").await;
        let runs = (0..4).map(|n| ("billingRun", "count", run("2026-10", false, &format!("r{n}"))));
        let single = leases.iter().map(|l| ("invoiceIssue", "invoice { id }", issue(*l, "2026-10", &l.to_string())));
        let all = runs.chain(single).map(|(what, selection, input)| world.mutate("park", what, selection, input));
        for answer in join_all(all).await {
            let rules = answer["userErrors"].as_array().unwrap();
            assert!(rules.iter().all(|e| e["rule"] == "invoice-exists"), "{answer}");
        }
        let list = world.ok("park", "{ park { invoices(first: 50) { nodes { number lease { id } } } } }", json!({})).await;
        let list = list["park"]["invoices"]["nodes"].as_array().unwrap();
        let (numbers, of): (BTreeSet<_>, BTreeSet<_>) = list.iter().map(|i| (i["number"].as_str().unwrap().to_owned(), i["lease"]["id"].as_str().unwrap())).unzip();
        assert_eq!((list.len(), of.len()), (10, 10));
        assert_eq!(numbers, (1..=10).map(|n| format!("PA-2026-{n:06}")).collect());
    }

    /// As many statements for many leases as for few.
    async fn a_run_takes_a_constant_number_of_statements(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let ctx = world.ctx("park").await;
        let mut counts = Vec::new();
        for (leases, month) in [(2, "2026-09"), (60, "2026-10")] {
            for _ in 0..leases {
                let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
                ground.allocate(world.ids.a1, lease, 2, "2026-09-01", THEN).await;
            }
            let month = voxpark_domain::time::Month::parse(month).unwrap();
            for dry in [true, false] {
                let tx = world.tx("park", Mode::Write).await;
                let run = voxpark_billing::runs::billing_run(&*tx, &ctx, month, dry, &[]).await.unwrap();
                assert!(run.billed().count() >= leases);
                counts.push(tx.statements());
                tx.commit().await.unwrap();
            }
        }
        assert_eq!(counts[..2], counts[2..], "{counts:?}");
    }

    /// A withdrawn invoice keeps its number and lines, owes nothing, is no rent, and gives way to another.
    async fn an_invoice_is_withdrawn_and_issued_again(backend) {
        let world = World::new(backend).await;
        let leases = leases(&world).await;
        let first = world.done("park", "invoiceIssue", "invoice { id total { minor } }", issue(leases[0], "2026-10", "k1")).await["invoice"].clone();
        let void = |id: &Value, reason: &str, key: &str| json!({ "invoiceId": id, "reason": reason, "idempotencyKey": key });
        assert_eq!(world.refused("park", "invoiceVoid", void(&first["id"], " ", "v0")).await, ["text-required"]);
        assert_eq!(world.refused("a1", "invoiceVoid", void(&first["id"], "x", "v0")).await, ["forbidden"]);
        assert_eq!(world.refused("other-park", "invoiceVoid", void(&first["id"], "x", "v0")).await, ["not-found"]);
        let cost = async || {
            let month = world.ok("a1", "{ tenant { cost(month: \"2026-10\") { total { minor } } } }", json!({})).await;
            month["tenant"]["cost"]["total"]["minor"].clone()
        };
        let with_rent = cost().await;
        let what = "invoice { number state balance { minor } total { minor } voidedAt voidReason lines { seatDays } }";
        let gone = world.done("finance", "invoiceVoid", what, void(&first["id"], "席位数有误", "v1")).await["invoice"].clone();
        assert_eq!((&gone["number"], &gone["state"], &gone["balance"]["minor"]), (&json!("PA-2026-000001"), &json!("VOID"), &json!("0")));
        assert_eq!((&gone["total"], &gone["voidReason"], gone["lines"].as_array().map(Vec::len)), (&first["total"], &json!("席位数有误"), Some(1)));
        assert!(gone["voidedAt"].is_string());
        assert_eq!((with_rent.clone(), cost().await), (json!("176000"), json!("0")), "the rent went with it");
        assert_eq!(world.refused("park", "invoiceVoid", void(&first["id"], "x", "v2")).await, ["invoice-not-issued"]);
        assert_eq!(world.refused("park", "paymentRecord", payment(&first, "1", "2026-11-20", "p")).await, ["invoice-not-issued"]);
        let sums = "{ park { billingMonth(month: \"2026-10\") { invoices total { minor } } void: invoices(filter: { state: VOID }) { totalCount } unpaid: invoices(filter: { state: UNPAID }) { totalCount } all: invoices { totalCount } } }";
        let counts = |park: &Value| ["void", "unpaid", "all"].map(|k| park[k]["totalCount"].as_i64().unwrap());
        let park = world.ok("finance", sums, json!({})).await["park"].clone();
        assert_eq!((&park["billingMonth"], counts(&park)), (&json!({ "invoices": 0, "total": { "minor": "0" } }), [1, 0, 1]));

        let second = world.done("park", "invoiceIssue", "invoice { id number total { minor } repricing { same } }", issue(leases[0], "2026-10", "k2")).await["invoice"].clone();
        assert_eq!((&second["number"], &second["total"], &second["repricing"]["same"]), (&json!("PA-2026-000002"), &first["total"], &json!(true)));
        assert_eq!(cost().await, with_rent);
        let park = world.ok("finance", sums, json!({})).await["park"].clone();
        assert_eq!((&park["billingMonth"]["invoices"], counts(&park)), (&json!(1), [1, 1, 2]));
        let part = payment(&second, "1", "2026-11-20", "p2");
        world.done("finance", "paymentRecord", "payment { id }", part).await;
        assert_eq!(world.refused("park", "invoiceVoid", void(&second["id"], "x", "v3")).await, ["invoice-has-payments"]);
        assert_eq!(world.refused("park", "invoiceIssue", issue(leases[0], "2026-10", "k3")).await, ["invoice-exists"]);
        // Withdrawn and issued again at once: never two in force.
        let third = world.done("park", "invoiceIssue", "invoice { id }", issue(leases[1], "2026-10", "k4")).await["invoice"].clone();
        let voids = (0..3).map(|n| world.mutate("park", "invoiceVoid", "invoice { number }", void(&third["id"], "x", &format!("w{n}"))));
        let done = join_all(voids).await;
        assert_eq!(done.iter().filter(|p| !p["invoice"].is_null()).count(), 1, "{done:?}");
    }
}
