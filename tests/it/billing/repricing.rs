//! Past invoices priced again: the same cents every night, and an alarm when they are not.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_billing::uow::Database as _;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::uow::Mode;
use voxpark_infra::jobs::{Handler, Runner};
use voxpark_infra::runs::Repricings;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{Ground, INVOICE, THEN, Terms, issue};

const RUNS: &str = "{ park { repricingRuns { totalCount nodes { id from to state nightly invoices checked differing endedAt job { state }
    differences { invoice { number } stored { minor } again { minor } differences userErrors { rule } } } } } }";

async fn latest(world: &World) -> Value {
    world.ok("finance", RUNS, json!({})).await["park"]["repricingRuns"]["nodes"][0].clone()
}

/// What the park is told of invoices that differ.
async fn alarms(world: &World) -> Vec<Value> {
    let alerts = world.ok("park", "{ park { alerts { kind severity invoice { number } } } }", json!({})).await;
    let alerts = alerts["park"]["alerts"].as_array().unwrap().clone();
    alerts.into_iter().filter(|alert| alert["kind"] == "INVOICE_DIFFERS").collect()
}

/// The product's worker with portions of two invoices.
fn runner(world: &World) -> Runner {
    let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(Repricings::new(Arc::new(world.db.clone())).with_portion(2))];
    Runner::new(Arc::new(world.db.clone()), world.env.clone(), handlers, world.db.wake())
}

async fn priced_again(world: &World, from: &str, to: &str, key: &str) -> Value {
    // Ids are in the order of time.
    world.clock.advance(TimeDelta::minutes(1));
    let input = json!({ "from": from, "to": to, "idempotencyKey": key });
    world.done("finance", "repricingStart", "run { id state }", input).await;
    runner(world).run_due().await.unwrap();
    latest(world).await
}

on_both! {
    /// Asked for by hand: every invoice of the months of issue, the same to the cent; then a row is changed behind the
    /// application's back, and that is an alarm until it is mended.
    async fn what_differs_is_an_alarm(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        for month in ["2026-09", "2026-10"] {
            for n in 0..2 {
                let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
                ground.allocate(world.ids.a1, lease, 2, "2026-08-01", THEN).await;
                world.done("park", "invoiceIssue", INVOICE, issue(lease, month, &format!("{month}{n}"))).await;
            }
        }
        let input = |from: &str, to: &str| json!({ "from": from, "to": to, "idempotencyKey": "x" });
        assert_eq!(world.refused("finance", "repricingStart", input("2026-11", "2026-10")).await, ["repricing-months"]);
        assert_eq!(world.refused("finance", "repricingStart", input("2016-11", "2026-11")).await, ["repricing-months"]);
        assert_eq!(world.refused("a1", "repricingStart", input("2026-11", "2026-11")).await, ["forbidden"]);
        let run = priced_again(&world, "2026-01", "2026-12", "one").await;
        let figures = |run: &Value| [&run["invoices"], &run["checked"], &run["differing"]].map(|n| n.as_i64().unwrap());
        assert_eq!((&run["state"], &run["nightly"], figures(&run)), (&json!("DONE"), &json!(false), [4, 4, 0]));
        assert_eq!((&run["from"], &run["to"], &run["job"]), (&json!("2026-01"), &json!("2026-12"), &Value::Null), "jobs are not finance's");
        assert!(alarms(&world).await.is_empty());
        assert_eq!(figures(&priced_again(&world, "2026-10", "2026-10", "none").await), [0, 0, 0], "by when they were issued");

        // A line that says more than was held, and a lease without its versions, which cannot be priced at all.
        ground.tamper("invoice_line", "UPDATE invoice_line SET seat_days = seat_days + 1 WHERE invoice_id IN
            (SELECT invoice_id FROM invoice WHERE number = 'PA-2026-000001')").await;
        let run = priced_again(&world, "2026-11", "2026-11", "two").await;
        assert_eq!((&run["state"], figures(&run)), (&json!("DONE"), [4, 4, 1]));
        let found = &run["differences"][0];
        assert_eq!((&found["invoice"]["number"], &found["differences"], &found["userErrors"]), (&json!("PA-2026-000001"), &json!(1), &json!([])));
        assert_eq!(alarms(&world).await, [json!({ "kind": "INVOICE_DIFFERS", "severity": "LATE", "invoice": { "number": "PA-2026-000001" } })]);
        // Runs that do not come to it change nothing of that.
        priced_again(&world, "2026-10", "2026-10", "three").await;
        assert_eq!(alarms(&world).await.len(), 1);
        assert_eq!(world.ok("other-park", "{ park { alerts { kind } repricingRuns { totalCount } } }", json!({})).await["park"],
            json!({ "alerts": [], "repricingRuns": { "totalCount": 0 } }));
        for who in ["a1", "a1-finance"] {
            let seen = world.ok(who, RUNS, json!({})).await["park"]["repricingRuns"].clone();
            assert_eq!(seen, json!({ "totalCount": 0, "nodes": [] }), "{who}");
        }
        ground.mend("UPDATE invoice_line SET seat_days = seat_days - 1 WHERE invoice_id IN
            (SELECT invoice_id FROM invoice WHERE number = 'PA-2026-000001')").await;
        assert_eq!(figures(&priced_again(&world, "2026-11", "2026-11", "four").await), [4, 4, 0]);
        assert!(alarms(&world).await.is_empty(), "mended");

        // What cannot be priced any more keeps the others from nothing.
        ground.tamper("lease_version", "UPDATE lease_version SET proration = 'none', unit_price_minor = 4611686018427387903
            WHERE lease_id IN (SELECT lease_id FROM invoice WHERE number = 'PA-2026-000004')").await;
        let run = priced_again(&world, "2026-11", "2026-11", "five").await;
        assert_eq!((&run["state"], figures(&run)), (&json!("DONE"), [4, 4, 1]));
        let found = &run["differences"][0];
        assert_eq!((&found["again"], &found["invoice"]["number"]), (&Value::Null, &json!("PA-2026-000004")));
        assert_eq!(found["userErrors"].as_array().map(Vec::len), Some(1));
        assert_eq!(alarms(&world).await.len(), 1);
    }

    /// Every night the invoices that were issued in the last three months, each night a run of its own.
    async fn the_last_months_are_looked_at_every_night(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a1, lease, 1, "2026-08-01", THEN).await;
        world.done("park", "invoiceIssue", INVOICE, issue(lease, "2026-10", "k")).await;
        let ctx = Ctx::system(SystemReason::Jobs, world.env.clone());
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        tx.schedules_ensure(&ctx).await.unwrap();
        tx.commit().await.unwrap();
        for night in 1..=2 {
            // 02:30 in Shanghai is 18:30 of the day before in UTC.
            world.clock.advance(TimeDelta::hours(24));
            world.forget_tokens().await;
            let runner = runner(&world);
            runner.begin_scheduled().await.unwrap();
            runner.run_due().await.unwrap();
            let runs = world.ok("finance", RUNS, json!({})).await["park"]["repricingRuns"].clone();
            assert_eq!(runs["totalCount"], night);
            let run = &runs["nodes"][0];
            assert_eq!((&run["state"], &run["nightly"], &run["checked"]), (&json!("DONE"), &json!(true), &json!(1)));
            assert_eq!((&run["from"], &run["to"]), (&json!("2026-09"), &json!("2026-11")));
        }
    }
}
