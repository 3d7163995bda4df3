//! Billing runs on record: worked off in portions by a job, by one worker at a time, and gone on with after anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_billing::runs::{self, Portion, RunLease, RunOutcome, RunRow};
use voxpark_billing::uow::{Database as _, Tx};
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::ids::{BillingRunId, Id as _, LeaseId, TenantId};
use voxpark_domain::platform::Job;
use voxpark_domain::uow::Mode;
use voxpark_infra::jobs::{Handler, Runner};
use voxpark_infra::runs::BillingRuns;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{Ground, THEN, Terms};

const RUN: &str = "id month state leases done issued held refused already net { minor } total { minor } unsent endedAt job { id state progress { done total step } }";

fn start(month: &str, released: &[LeaseId], key: &str) -> Value {
    let released: Vec<String> = released.iter().map(ToString::to_string).collect();
    json!({ "month": month, "releaseLeaseIds": released, "idempotencyKey": key })
}

async fn begun(world: &World, month: &str, key: &str) -> String {
    let started = world.done("finance", "billingRunStart", "run { id }", start(month, &[], key)).await;
    started["run"]["id"].as_str().unwrap().to_owned()
}

async fn found(world: &World, id: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on BillingRun {{ {RUN} }} }} }}");
    world.ok("park", &document, json!({ "id": id })).await["node"].clone()
}

/// So many leases of tenant a1, each with a seat from August on.
async fn leases(world: &World, count: usize) -> (Ground, Vec<LeaseId>) {
    let mut ground = Ground::new(world).await;
    let mut leases = Vec::new();
    for _ in 0..count {
        let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a1, lease, 1, "2026-08-01", THEN).await;
        leases.push(lease);
    }
    (ground, leases)
}

/// Takes the job that is due as a worker does, for a minute.
pub(crate) async fn claim(world: &World) -> Job {
    let ctx = Ctx::system(SystemReason::Jobs, world.env.clone());
    let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
    let job = tx.job_claim(ctx.now(), ctx.now() + TimeDelta::minutes(1)).await.unwrap().expect("a job is due");
    tx.commit().await.unwrap();
    job
}

/// A transaction of a worker with portions of so many leases.
pub(crate) async fn portion(
    world: &World,
    id: &str,
    job: &Job,
    leases: u32,
) -> (Box<dyn Tx>, voxpark_domain::Result<bool>) {
    let ctx = world.job_ctx(world.ids.park_a, None);
    let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
    let one = Portion { leases, seats: 50_000 };
    let more = runs::run_portion(&*tx, &ctx, id.parse::<BillingRunId>().unwrap(), job, one).await;
    (tx, more)
}

/// Works off what is due with portions of so many leases.
pub(crate) async fn work(world: &World, leases: u32) {
    let runs = BillingRuns::new(Arc::new(world.db.clone())).with_portion(Portion { leases, seats: 50_000 });
    let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(runs)];
    let runner = Runner::new(Arc::new(world.db.clone()), world.env.clone(), handlers, world.db.wake());
    runner.run_due().await.unwrap();
}

async fn numbers(world: &World) -> Vec<String> {
    let list = world.ok("park", "{ park { invoices(first: 50) { nodes { number lease { id } } } } }", json!({})).await;
    let list = list["park"]["invoices"]["nodes"].as_array().unwrap();
    let of: BTreeSet<&str> = list.iter().map(|i| i["lease"]["id"].as_str().unwrap()).collect();
    assert_eq!(of.len(), list.len(), "one invoice a lease");
    let mut numbers: Vec<String> = list.iter().map(|i| i["number"].as_str().unwrap().to_owned()).collect();
    numbers.sort();
    numbers
}

fn without_gap(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("PA-2026-{n:06}")).collect()
}

#[test]
fn a_portion_is_bounded_by_leases_and_seats() {
    let row = |place: i64, seats: i64| RunLease {
        place,
        tenant: TenantId::from_uuid(uuid::Uuid::nil()),
        seats,
        released: false,
        row: RunRow {
            lease: LeaseId::from_uuid(uuid::Uuid::nil()),
            currency: None,
            before_minor: None,
            early: false,
            outcome: RunOutcome::Waiting,
        },
        unsent: false,
    };
    let of = |seats: &[i64]| {
        let rows = (1..).zip(seats).map(|(place, seats)| row(place, *seats)).collect();
        Portion { leases: 9, seats: 100 }.of(rows).len()
    };
    assert_eq!([of(&[]), of(&[100]), of(&[60, 40, 1]), of(&[60, 41, 1]), of(&[5_000, 1])], [0, 1, 2, 1, 1]);
}

on_both! {
    /// Started, followed, worked off by the product's own worker, and on record.
    async fn a_run_is_worked_off_by_its_job(backend) {
        let world = World::new(backend).await;
        let (mut ground, _) = leases(&world, 3).await;
        let beyond = ground.lease(world.ids.a2, THEN, &Terms { unit_minor: i64::MAX / 2, ..Terms::default() }).await;
        ground.allocate(world.ids.a2, beyond, 3, "2026-08-01", THEN).await;
        assert_eq!(world.refused("finance", "billingRunStart", start("2027-01", &[], "open")).await, ["invoice-month-open"]);
        assert_eq!(world.refused("a1", "billingRunStart", start("2026-10", &[], "a1")).await, ["forbidden"]);
        assert_eq!(world.refused("a1-leader", "billingRunStart", start("2026-10", &[], "l")).await, ["not-found"]);

        let id = begun(&world, "2026-10", "run").await;
        assert_eq!(begun(&world, "2026-10", "run").await, id, "the same key answers the same");
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["leases"], &run["done"], &run["endedAt"]), (&json!("RUNNING"), &json!(4), &json!(0), &Value::Null));
        assert_eq!(run["job"]["state"], "WAITING");
        assert_eq!(world.refused("park", "billingRunStart", start("2026-10", &[], "two")).await, ["billing-run-running"]);
        let at_once = json!({ "month": "2026-10", "dryRun": false, "idempotencyKey": "three" });
        assert_eq!(world.refused("park", "billingRun", at_once).await, ["billing-run-running"]);

        let follow = "subscription($id: ID!) { billingRunChanged(id: $id) { state done } }";
        let mut answers = world.api.answers(world.asks(Some(world.token("park").await), follow, json!({ "id": id })));
        let first = answers.recv().await.unwrap().body;
        assert_eq!(first["data"]["billingRunChanged"], json!({ "state": "RUNNING", "done": 0 }));
        world.run_jobs().await;
        let mut last = Value::Null;
        while let Some(answer) = answers.recv().await {
            last = answer.body["data"]["billingRunChanged"].clone();
        }
        assert_eq!(last, json!({ "state": "DONE", "done": 4 }));

        let run = found(&world, &id).await;
        let counts = ["issued", "held", "refused", "already", "unsent"].map(|of| run[of].as_i64().unwrap());
        assert_eq!(counts, [3, 0, 1, 0, 0]);
        assert_eq!((&run["net"]["minor"], &run["total"]["minor"]), (&json!("264000"), &json!("287760")));
        assert_eq!(run["job"]["progress"], json!({ "done": 4, "total": 4, "step": "leases" }));
        assert_eq!(numbers(&world).await, without_gap(3));
        let rows = "query($id: ID!, $after: String) { node(id: $id) { ... on BillingRun {
            refused: rows(state: REFUSED) { totalCount nodes { leaseId state userErrors { rule } } }
            ready: rows(state: READY) { totalCount }
            all: rows(first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes { state invoice { number } unsent } } } } }";
        let page = world.ok("finance", rows, json!({ "id": id })).await["node"].clone();
        assert_eq!((&page["refused"]["totalCount"], &page["refused"]["nodes"][0]["leaseId"]), (&json!(1), &json!(beyond)));
        assert_eq!(page["refused"]["nodes"][0]["userErrors"], json!([{ "rule": "amount-out-of-range" }]));
        assert_eq!((&page["ready"]["totalCount"], &page["all"]["totalCount"]), (&json!(0), &json!(4)));
        assert_eq!(page["all"]["nodes"][0], json!({ "state": "ISSUED", "invoice": { "number": "PA-2026-000001" }, "unsent": false }));
        let next = world.ok("finance", rows, json!({ "id": id, "after": page["all"]["pageInfo"]["endCursor"] })).await["node"]["all"].clone();
        assert_eq!((next["nodes"].as_array().map(Vec::len), &next["pageInfo"]["hasNextPage"]), (Some(2), &json!(false)));

        // Nobody else sees it, and their own lists are empty.
        let list = "{ park { billingRuns { totalCount nodes { id month } } } }";
        assert_eq!(world.ok("finance", list, json!({})).await["park"]["billingRuns"], json!({ "totalCount": 1, "nodes": [{ "id": id, "month": "2026-10" }] }));
        for who in ["a1", "a1-finance", "other-park", "assessor"] {
            let seen = world.ok(who, "query($id: ID!) { node(id: $id) { id } park { billingRuns { totalCount nodes { id } } } }", json!({ "id": id })).await;
            assert_eq!(seen["node"], Value::Null, "{who}");
            assert_eq!(seen["park"]["billingRuns"], json!({ "totalCount": 0, "nodes": [] }), "{who}");
        }
        let acts = world.ok("park", "{ auditEvents(first: 100) { nodes { action } } }", json!({})).await;
        let acts = acts["auditEvents"]["nodes"].as_array().unwrap();
        for act in ["billing-run.start", "billing-run.portion", "billing-run.done"] {
            assert_eq!(acts.iter().filter(|e| e["action"] == act).count(), 1, "{act}");
        }
        // Run again it bills nothing; another park's run is its own.
        let again = begun(&world, "2026-10", "again").await;
        world.run_jobs().await;
        let run = found(&world, &again).await;
        assert_eq!((&run["state"], &run["issued"], &run["already"]), (&json!("DONE"), &json!(0), &json!(3)));
        let other = world.done("other-park", "billingRunStart", "run { leases }", start("2026-10", &[], "o")).await;
        assert_eq!(other["run"]["leases"], 0);
        world.run_jobs().await;
        let ended = world.ok("other-park", "{ park { billingRuns { nodes { state } } } }", json!({})).await;
        assert_eq!(ended["park"]["billingRuns"]["nodes"], json!([{ "state": "DONE" }]));
    }

    /// Of several that are started at once one is.
    async fn a_month_is_billed_by_one_run_at_a_time(backend) {
        let world = World::new(backend).await;
        leases(&world, 5).await;
        world.token("park").await;
        let keys: Vec<String> = (0..6).map(|n| format!("s{n}")).collect();
        let all = keys.iter().map(|key| world.mutate("park", "billingRunStart", "run { id }", start("2026-10", &[], key)));
        let answers = join_all(all).await;
        let begun = answers.iter().filter(|a| !a["run"].is_null()).count();
        let refused = answers.iter().filter(|a| a["userErrors"][0]["rule"] == "billing-run-running").count();
        assert_eq!((begun, refused), (1, 5), "{answers:?}");
        // Two workers at once: the second finds the job taken.
        tokio::join!(work(&world, 1), work(&world, 1));
        assert_eq!(numbers(&world).await, without_gap(5));
    }

    /// A worker is gone between portions, and within one; another goes on behind the last that lasts. The first one, back
    /// again, can do nothing.
    async fn a_run_goes_on_where_it_stood(backend) {
        let world = World::new(backend).await;
        leases(&world, 4).await;
        let id = begun(&world, "2026-10", "run").await;
        let lost = claim(&world).await;
        for _ in 0..2 {
            let (tx, more) = portion(&world, &id, &lost, 1).await;
            assert!(more.unwrap());
            tx.commit().await.unwrap();
        }
        let (tx, more) = portion(&world, &id, &lost, 1).await;
        assert!(more.unwrap());
        drop(tx);
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["done"], &run["job"]["progress"]["done"]), (&json!("RUNNING"), &json!(2), &json!(2)));
        assert_eq!(numbers(&world).await, without_gap(2));

        world.clock.advance(TimeDelta::minutes(2));
        let second = claim(&world).await;
        assert_eq!((second.id, second.attempts), (lost.id, 2));
        let (tx, more) = portion(&world, &id, &lost, 1).await;
        assert!(more.is_err(), "the job is another worker's");
        drop(tx);
        let (tx, more) = portion(&world, &id, &second, 1).await;
        assert!(more.unwrap());
        tx.commit().await.unwrap();
        world.clock.advance(TimeDelta::minutes(2));
        work(&world, 1).await;
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["issued"]), (&json!("DONE"), &json!(4)));
        assert_eq!(numbers(&world).await, without_gap(4));
        // Once it is done, it is.
        let (tx, more) = portion(&world, &id, &second, 1).await;
        assert!(!more.unwrap());
        drop(tx);
    }

    /// What is unusual is held, on record with its reason, and goes out with the next run that releases it.
    async fn what_is_held_is_released_by_another_run(backend) {
        let world = World::new(backend).await;
        let (mut ground, of) = leases(&world, 2).await;
        for month in ["2026-08", "2026-09"] {
            begun(&world, month, month).await;
            work(&world, 1).await;
        }
        ground.allocate(world.ids.a1, of[1], 5, "2026-10-01", THEN).await;
        let id = begun(&world, "2026-10", "run").await;
        work(&world, 1).await;
        let rows = "query($id: ID!) { node(id: $id) { ... on BillingRun { held issued
            rows(state: HELD) { nodes { leaseId guard usual { minor } before { minor } net { minor } invoice { id } } } } } }";
        let run = world.ok("finance", rows, json!({ "id": id })).await["node"].clone();
        assert_eq!((&run["held"], &run["issued"]), (&json!(1), &json!(1)));
        assert_eq!(run["rows"]["nodes"], json!([{ "leaseId": of[1], "guard": "FAR_OFF", "usual": { "minor": "88000" },
            "before": { "minor": "88000" }, "net": { "minor": "528000" }, "invoice": null }]));
        let released = world.done("finance", "billingRunStart", "run { id }", start("2026-10", &of[1..], "released")).await;
        work(&world, 1).await;
        let run = found(&world, released["run"]["id"].as_str().unwrap()).await;
        assert_eq!((&run["held"], &run["issued"], &run["already"], &run["net"]["minor"]), (&json!(0), &json!(1), &json!(1), &json!("528000")));
    }

    /// Called off, it says so and keeps what is done; begun again, it goes on. While another run of the month is under way it
    /// does not.
    async fn a_run_is_called_off_and_gone_on_with(backend) {
        let world = World::new(backend).await;
        leases(&world, 3).await;
        let id = begun(&world, "2026-10", "run").await;
        let job = claim(&world).await;
        let (tx, more) = portion(&world, &id, &job, 1).await;
        assert!(more.unwrap());
        tx.commit().await.unwrap();
        let off = json!({ "jobId": job.id.to_string(), "idempotencyKey": "off" });
        world.done("park", "jobCancel", "job { ending }", off).await;
        world.clock.advance(TimeDelta::minutes(2));
        work(&world, 1).await;
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["done"], &run["job"]["state"]), (&json!("CANCELLED"), &json!(1), &json!("CANCELLED")));
        assert!(run["endedAt"].is_string());

        let retry = |key: &str| json!({ "jobId": job.id.to_string(), "idempotencyKey": key });
        let second = begun(&world, "2026-10", "second").await;
        let held = claim(&world).await;
        world.done("park", "jobRetry", "job { id }", retry("r1")).await;
        work(&world, 1).await;
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["job"]["state"]), (&json!("CANCELLED"), &json!("FAILED")), "another is under way");
        let (tx, _) = portion(&world, &second, &held, 1).await;
        tx.commit().await.unwrap();
        world.clock.advance(TimeDelta::minutes(2));
        work(&world, 1).await;
        assert_eq!(found(&world, &second).await["state"], "DONE");

        world.done("park", "jobRetry", "job { id }", retry("r2")).await;
        work(&world, 1).await;
        let run = found(&world, &id).await;
        assert_eq!((&run["state"], &run["done"], &run["issued"], &run["already"]), (&json!("DONE"), &json!(3), &json!(1), &json!(2)));
        assert_eq!(numbers(&world).await, without_gap(3));
    }

    /// A run at once leaves the same record.
    async fn a_run_at_once_is_on_record(backend) {
        let world = World::new(backend).await;
        let (_, of) = leases(&world, 2).await;
        let dry = json!({ "month": "2026-10", "dryRun": true, "idempotencyKey": "dry" });
        world.done("finance", "billingRun", "count", dry).await;
        let list = format!("{{ park {{ billingRuns {{ totalCount nodes {{ {RUN} rows {{ nodes {{ leaseId state }} }} }} }} }} }}");
        assert_eq!(world.ok("park", &list, json!({})).await["park"]["billingRuns"]["totalCount"], 0, "a dry run keeps nothing");
        let run = json!({ "month": "2026-10", "dryRun": false, "idempotencyKey": "run" });
        world.done("finance", "billingRun", "count", run).await;
        let run = world.ok("park", &list, json!({})).await["park"]["billingRuns"]["nodes"][0].clone();
        assert_eq!((&run["state"], &run["issued"], &run["job"]), (&json!("DONE"), &json!(2), &Value::Null));
        let rows: Vec<Value> = of.iter().map(|lease| json!({ "leaseId": lease, "state": "ISSUED" })).collect();
        assert_eq!(run["rows"]["nodes"], json!(rows));
    }
}
