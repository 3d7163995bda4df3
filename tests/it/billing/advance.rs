//! Rent that is billed before its month is over, and what is billed too much: credit notes in place of corrections.

use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{Ground, THEN, Terms, issue};

const INVOICE: &str =
    "invoice { id number periodFrom dueOn net { minor } total { minor } repricing { same differences }
  lines { seatDays net { minor } correction { month } } }";
const NOTES: &str = "creditNotes { id number corrects invoice { number } lines { lineNo net { minor } tax { minor } } net { minor } total { minor }
  offDebt { minor } toCredit { minor } refunded { minor } }";

/// Two seats from November on under a lease that is billed in advance, and one under a lease that is not.
async fn ahead(world: &World) -> (Ground, LeaseId, LeaseId, Vec<super::ground::Held>) {
    let mut ground = Ground::new(world).await;
    let lease = ground.lease(world.ids.a1, THEN, &Terms { in_advance: true, ..Terms::default() }).await;
    let held = ground.allocate(world.ids.a1, lease, 2, "2026-11-01", THEN).await;
    let other = ground.lease(world.ids.a2, THEN, &Terms::default()).await;
    ground.allocate(world.ids.a2, other, 1, "2026-11-01", THEN).await;
    (ground, lease, other, held)
}

async fn on(world: &World, day: &str) {
    world.clock.set(format!("{day}T02:00:00Z").parse().unwrap());
    world.forget_tokens().await;
}

async fn issued(world: &World, lease: LeaseId, month: &str) -> Value {
    world.done("park", "invoiceIssue", INVOICE, issue(lease, month, month)).await["invoice"].clone()
}

async fn all_the_same(world: &World) {
    let all = "{ park { invoices { nodes { number repricing { same differences } } } } }";
    let all = world.ok("park", all, json!({})).await["park"]["invoices"]["nodes"].clone();
    let same = json!({ "same": true, "differences": [] });
    assert!(all.as_array().unwrap().iter().all(|invoice| invoice["repricing"] == same), "{all}");
}

fn credit(lease: LeaseId, dry_run: bool, refund: bool, key: &str) -> Value {
    json!({ "leaseId": lease.to_string(), "reason": "退租", "dryRun": dry_run, "refund": refund, "idempotencyKey": key })
}

/// Sums of the books at the end of a month by account.
async fn closing(world: &World, month: &str, account: &str) -> i64 {
    let ask = "query($month: Month!) { park { trialBalance(month: $month) { balanced rows { account closing { minor } } } } }";
    let found = world.ok("finance", ask, json!({ "month": month })).await["park"]["trialBalance"].clone();
    assert_eq!(found["balanced"], true);
    let rows = found["rows"].as_array().unwrap().iter().filter(|row| row["account"] == account);
    rows.map(|row| row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap()).sum()
}

on_both! {
    /// The month is billed from the month before on, is deferred until it comes, and what changes in it is corrected by the next.
    async fn a_month_is_billed_ahead(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, other, _) = ahead(&world).await;
        for (lease, month) in [(lease, "2027-01"), (other, "2026-11"), (other, "2026-12")] {
            assert_eq!(world.refused("park", "invoiceIssue", issue(lease, month, "early")).await, ["invoice-month-open"], "{month}");
        }
        let ask = "{ park { billingRunPreview(month: \"2026-12\") { rows { leaseId early state } } } }";
        let rows = world.ok("park", ask, json!({})).await["park"]["billingRunPreview"]["rows"].clone();
        let of = |id: LeaseId| rows.as_array().unwrap().iter().find(|row| row["leaseId"] == id.to_string()).unwrap().clone();
        assert_eq!((&of(lease)["early"], &of(other)["early"]), (&json!(false), &json!(true)));
        let run = |month: &str, key: &str| json!({ "month": month, "idempotencyKey": key });
        let told = "count rows { leaseId state net { minor } }";
        let mut dry = run("2026-12", "dry");
        dry["dryRun"] = json!(true);
        assert_eq!(world.done("park", "billingRun", told, dry).await["rows"].as_array().unwrap().len(), 1);
        let done = world.done("park", "billingRun", told, run("2026-12", "run")).await;
        assert_eq!(done, json!({ "count": 1, "rows": [{ "leaseId": lease.to_string(), "state": "ISSUED", "net": { "minor": "176000" } }], "userErrors": [] }));
        assert_eq!(world.refused("park", "billingRun", run("2027-01", "far")).await, ["invoice-month-open"]);
        assert_eq!(closing(&world, "2026-11", "DEFERRED").await, -176_000);

        // A seat more from 11 December, recorded on the 5th.
        on(&world, "2026-12-05").await;
        ground.allocate(world.ids.a1, lease, 1, "2026-12-11", "2026-12-05T02:00:00+00:00").await;
        on(&world, "2026-12-20").await;
        let january = issued(&world, lease, "2027-01").await;
        // Twenty-one days of December at 880.00 a month of 31: 596.13.
        assert_eq!(january["lines"], json!([{ "seatDays": 93, "net": { "minor": "264000" }, "correction": null },
            { "seatDays": 21, "net": { "minor": "59613" }, "correction": { "month": "2026-12" } }]));
        on(&world, "2027-01-04").await;
        world.done("finance", "revenueRecognise", "entries", json!({ "upTo": "2026-12", "idempotencyKey": "r" })).await;
        assert_eq!((closing(&world, "2026-12", "EARNED").await, closing(&world, "2026-12", "DEFERRED").await), (-176_000 - 59_613, -264_000));
        // The other lease when its months are over; the one in advance is billed already.
        let done = world.done("park", "billingRun", told, run("2026-12", "late")).await;
        let states: Vec<_> = done["rows"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
        assert_eq!(states.iter().filter(|state| **state == "ALREADY").count(), 1, "{done}");
        assert_eq!(done["count"], 1);
        all_the_same(&world).await;
    }

    /// A lease ends inside a month that is billed: what was billed for the days after comes back by a credit note, once.
    async fn an_early_end_is_credited(backend) {
        let world = World::new(backend).await;
        let (_, lease, _, _) = ahead(&world).await;
        issued(&world, lease, "2026-11").await;
        let december = issued(&world, lease, "2026-12").await;
        assert_eq!(world.refused("finance", "correctionsCredit", credit(lease, false, false, "none")).await, ["corrections-none"]);
        on(&world, "2026-12-10").await;
        let pay = json!({ "invoiceId": december["id"], "amount": "1918.40", "paidOn": "2026-12-01", "method": "bank", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "", pay).await;
        let end = |on: &str, key: &str| json!({ "leaseId": lease.to_string(), "on": on, "reason": "退租", "releaseSeats": true, "idempotencyKey": key });
        // Not before today; from today on it may, though the month is billed.
        assert_eq!(world.refused("park", "leaseEnd", end("2026-12-09", "e1")).await, ["amend-billed", "amend-billed"]);
        world.done("park", "leaseEnd", "", end("2026-12-21", "e2")).await;
        on(&world, "2026-12-28").await;
        let settle = "query($id: ID!) { park { settlementPreview(leaseId: $id) { settlement { balance { minor } } userErrors { rule } } } }";
        let id = json!({ "id": lease.to_string() });
        let open = world.ok("finance", settle, id.clone()).await["park"]["settlementPreview"].clone();
        assert_eq!(open["userErrors"], json!([{ "rule": "settlement-uncorrected" }]));
        // Eleven of 31 days of two seats at 880.00: 624.52 and 56.21.
        let looked = world.done("finance", "correctionsCredit", NOTES, credit(lease, true, true, "look")).await["creditNotes"].clone();
        assert_eq!((&looked[0]["number"], &looked[0]["total"]["minor"]), (&Value::Null, &json!("68073")));
        let done = world.done("finance", "correctionsCredit", NOTES, credit(lease, false, true, "c")).await["creditNotes"].clone();
        let again = world.done("finance", "correctionsCredit", NOTES, credit(lease, false, true, "c")).await["creditNotes"].clone();
        assert_eq!(again, done, "a retry credits nothing more");
        let note = &done[0];
        assert_eq!(done.as_array().unwrap().len(), 1);
        assert_eq!((&note["number"], &note["corrects"], &note["invoice"]["number"]), (&json!("PACN-2026-000001"), &json!(["2026-12"]), &december["number"]));
        assert_eq!(note["lines"], json!([{ "lineNo": 1, "net": { "minor": "62452" }, "tax": { "minor": "5621" } }]));
        assert_eq!((&note["offDebt"]["minor"], &note["toCredit"]["minor"], &note["refunded"]["minor"]), (&json!("0"), &json!("0"), &json!("68073")));
        let found = world.ok("a1", "query($id: ID!) { node(id: $id) { ... on CreditNote { corrects } } }", json!({ "id": note["id"] })).await;
        assert_eq!(found["node"]["corrects"], json!(["2026-12"]));
        assert_eq!(world.refused("finance", "correctionsCredit", credit(lease, false, false, "twice")).await, ["corrections-none"]);
        assert_eq!(world.refused("park", "invoiceVoid", json!({ "invoiceId": december["id"], "reason": "x", "idempotencyKey": "v" })).await,
            ["invoice-has-payments", "invoice-corrected"]);
        let open = world.ok("finance", settle, id).await["park"]["settlementPreview"].clone();
        // November is still owed: 1760.00 and 9 %.
        assert_eq!(open, json!({ "settlement": { "balance": { "minor": "191840" } }, "userErrors": [] }));
        let run = json!({ "month": "2027-01", "idempotencyKey": "run" });
        assert_eq!(world.done("park", "billingRun", "rows { leaseId }", run).await["rows"], json!([]));
        all_the_same(&world).await;
        assert_eq!(world.refused("a1", "correctionsCredit", credit(lease, false, false, "a1")).await, ["forbidden"]);
        assert_eq!(world.refused("other-park", "correctionsCredit", credit(lease, false, false, "x")).await, ["not-found"]);
    }

    /// What corrections take back more than there is to pay: a run holds it, credit notes settle it, and nothing is taken back
    /// twice, by whatever comes afterwards.
    async fn corrections_below_nothing_are_credited(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        let held = ground.allocate(world.ids.a1, lease, 2, "2026-08-01", THEN).await;
        let august = issued(&world, lease, "2026-08").await;
        ground.record(&held[..1], "release", "2026-08-16", "2026-11-22T08:00:00+00:00").await;
        on(&world, "2026-11-24").await;
        // 880.00 for September less sixteen days of August: 425.81.
        let september = issued(&world, lease, "2026-09").await;
        assert_eq!(september["net"]["minor"], "42581");
        // The other seat never was.
        ground.record(&held[1..], "reverse", "2026-08-01", "2026-11-25T08:00:00+00:00").await;
        on(&world, "2026-11-27").await;
        let rows = "rows { state guard net { minor } }";
        let run = |month: &str, key: &str| json!({ "month": month, "idempotencyKey": key });
        let done = world.done("park", "billingRun", rows, run("2026-10", "r1")).await;
        assert_eq!(done["rows"], json!([{ "state": "HELD", "guard": "NEGATIVE", "net": { "minor": "-176000" } }]));
        // The invoice of September has no room for its own line: the rest comes off that of August.
        let notes = world.done("finance", "correctionsCredit", NOTES, credit(lease, false, false, "c")).await["creditNotes"].clone();
        let minor = |value: &Value| value["minor"].as_str().unwrap().parse::<i64>().unwrap();
        let nets: Vec<i64> = notes.as_array().unwrap().iter().map(|note| minor(&note["net"])).collect();
        assert_eq!((nets.iter().sum::<i64>(), nets.len()), (176_000, 2), "{notes}");
        let invoice = "query($id: ID!) { node(id: $id) { ... on Invoice { balance { minor } credited { minor } } } }";
        let mut left = 0;
        for id in [&august["id"], &september["id"]] {
            left += minor(&world.ok("finance", invoice, json!({ "id": id })).await["node"]["balance"]);
        }
        // Fifteen days of August and 9 %: 464.13.
        assert_eq!(left, 46_413);
        let done = world.done("park", "billingRun", rows, run("2026-10", "r2")).await;
        assert_eq!(done["rows"], json!([]));

        // It was there after all, from 17 August: the next invoice charges what it comes to now.
        ground.allocate(world.ids.a1, lease, 1, "2026-08-17", "2026-11-28T08:00:00+00:00").await;
        on(&world, "2026-11-30").await;
        let october = issued(&world, lease, "2026-10").await;
        assert_eq!(october["lines"], json!([{ "seatDays": 31, "net": { "minor": "88000" }, "correction": null },
            { "seatDays": 15, "net": { "minor": "42580" }, "correction": { "month": "2026-08" } },
            { "seatDays": 30, "net": { "minor": "88000" }, "correction": { "month": "2026-09" } }]));
        assert_eq!(world.refused("finance", "correctionsCredit", credit(lease, false, false, "n")).await, ["corrections-none"]);
        ground.allocate(world.ids.a1, lease, 1, "2026-09-01", "2026-12-01T08:00:00+00:00").await;
        on(&world, "2026-12-02").await;
        assert_eq!(world.refused("finance", "correctionsCredit", credit(lease, false, false, "o")).await, ["corrections-owed"]);
        all_the_same(&world).await;
    }
}
