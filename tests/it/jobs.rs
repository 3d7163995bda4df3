//! Background jobs: run as their owner, tried again, given up, taken over; on both databases.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::json;
use voxpark_billing::uow::{Database as _, Tx};
use voxpark_domain::ctx::{Scope, SystemReason};
use voxpark_domain::permission::Role;
use voxpark_domain::platform::{Held, Job};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};
use voxpark_infra::jobs::{Handler, Runner, TRIES};
use voxpark_tests::app::{World, user};
use voxpark_tests::on_both;

use crate::streams::waiting_import;

const KIND: &str = "test-work";

/// Does what the payload says and writes down in which context.
#[derive(Clone, Default)]
struct Work(Arc<Mutex<Vec<String>>>);

impl Work {
    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Handler for Work {
    fn kind(&self) -> &'static str {
        KIND
    }
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let does = job.payload["does"].as_str().unwrap().to_owned();
        self.0.lock().unwrap().push(format!("{does} {}", job.attempts));
        match does.as_str() {
            "context" => {
                assert_eq!(ctx.scope(), &Scope::Tenant(job.park, job.tenant.unwrap()));
                assert_eq!((ctx.actor().user, ctx.role()), (Some(user("a1")), Role::System));
                assert_eq!(ctx.zone(), chrono_tz::Asia::Shanghai);
                Ok(())
            }
            "panic" => panic!("in the middle of work"),
            "refuse" => Err(Refusal::new(RefusalCode::Invalid, "file-empty").into()),
            "for ever" => std::future::pending().await,
            "sleep" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(())
            }
            _ => Err(Error::internal("an outage")),
        }
    }
    async fn given_up(&self, job: &Job, ctx: Ctx, _error: &Error) -> Result<()> {
        assert!(ctx.tenant().is_ok());
        self.0.lock().unwrap().push(format!("given up {}", job.attempts));
        Ok(())
    }
}

fn runner(world: &World, work: &Work) -> Runner {
    Runner::new(Arc::new(world.db.clone()), world.env.clone(), vec![Arc::new(work.clone())], world.db.wake())
}

async fn enqueue(world: &World, does: &str) {
    enqueue_as(world, "a1", does).await;
}

async fn enqueue_as(world: &World, who: &str, does: &str) {
    let ctx = world.ctx(who).await;
    let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
    tx.job_enqueue(&ctx, KIND, json!({ "does": does })).await.unwrap();
    tx.commit().await.unwrap();
}

async fn system(world: &World) -> Box<dyn Tx> {
    world.db.begin(&Ctx::system(SystemReason::Jobs, world.env.clone()), Mode::Write).await.unwrap()
}

on_both! {
    async fn a_job_runs_once_as_its_owner(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        enqueue(&world, "context").await;
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 1);
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0);
        assert_eq!(work.seen(), ["context 1"]);
    }

    async fn what_was_not_committed_is_never_run(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        let ctx = world.ctx("a1").await;
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        tx.job_enqueue(&ctx, KIND, json!({ "does": "context" })).await.unwrap();
        drop(tx);
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0);
    }

    async fn outages_and_panics_are_tried_again_and_then_given_up(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        for does in ["outage", "panic"] {
            world.forget_tokens().await;
            enqueue(&world, does).await;
            for attempt in 1..=TRIES {
                assert_eq!(runner(&world, &work).run_due().await.unwrap(), 1, "{does} {attempt}");
                // Not before its time.
                assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0);
                let mut wanted = vec![format!("{does} {attempt}")];
                if attempt == TRIES {
                    wanted.push(format!("given up {attempt}"));
                }
                assert_eq!(work.seen(), wanted);
                world.clock.advance(TimeDelta::hours(1));
            }
            assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0, "dead");
        }
    }

    async fn a_refusal_is_final(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        enqueue(&world, "refuse").await;
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 1);
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0);
        assert_eq!(work.seen(), ["refuse 1", "given up 1"]);
    }

    async fn a_lost_worker_is_replaced_and_cannot_end_what_it_lost(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        enqueue(&world, "context").await;
        let tx = system(&world).await;
        let lost = tx.job_claim(world.env.now(), world.env.now() + TimeDelta::seconds(60)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 0, "it holds its claim");
        world.clock.advance(TimeDelta::seconds(61));
        let tx = system(&world).await;
        let now = world.env.now();
        let taken = tx.job_claim(now, now + TimeDelta::seconds(60)).await.unwrap().unwrap();
        assert_eq!((taken.id, taken.attempts), (lost.id, 2));
        assert_eq!(tx.job_renew(&lost, now + TimeDelta::days(1)).await.unwrap(), Held::Lost);
        tx.job_done(&lost, now).await.unwrap();
        assert_eq!(tx.job_renew(&taken, now + TimeDelta::seconds(60)).await.unwrap(), Held::Yes);
        tx.commit().await.unwrap();
    }

    async fn two_workers_never_have_the_same_job(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        for _ in 0..6 {
            enqueue(&world, "sleep").await;
        }
        let (one, other) = (runner(&world, &work), runner(&world, &work));
        let (a, b) = tokio::join!(one.run_due(), other.run_due());
        assert_eq!(a.unwrap() + b.unwrap(), 6);
        assert_eq!(work.seen(), vec!["sleep 1"; 6]);
    }

    async fn a_running_worker_is_woken_and_stops_when_told(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        let (tell, stop) = tokio::sync::watch::channel(false);
        let running = { let runner = runner(&world, &work); tokio::spawn(async move { runner.run(stop).await }) };
        enqueue(&world, "context").await;
        let mut seen = Vec::new();
        for _ in 0..200 {
            seen.extend(work.seen());
            if !seen.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tell.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(5), running).await.expect("it stops").unwrap();
        assert_eq!(seen, ["context 1"]);
    }

    /// One tenant's many jobs do not stand before another's one.
    async fn nobody_waits_behind_somebody_elses_many(backend) {
        let world = World::new(backend).await;
        for _ in 0..5 {
            enqueue(&world, "context").await;
        }
        world.clock.advance(TimeDelta::seconds(1));
        enqueue_as(&world, "a2", "context").await;
        let mut owners = Vec::new();
        for _ in 0..4 {
            let tx = system(&world).await;
            let job = tx.job_claim(world.env.now(), world.env.now() + TimeDelta::seconds(60)).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            owners.push(if job.tenant == Some(world.ids.a1) { "a1" } else { "a2" });
        }
        assert_eq!(owners, ["a1", "a2", "a1", "a1"]);
    }

    /// Seen, called off and begun again by its owner, and by nobody else.
    async fn jobs_are_seen_and_steered_by_their_owner(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        enqueue(&world, "refuse").await;
        let list = "{ jobs(state: %) { totalCount nodes { id kind state ending attempts problem finishedAt } } }";
        let list = |state: &str| list.replace('%', state);
        let seen = world.ok("a1", &list("WAITING"), json!({})).await["jobs"].clone();
        let id = seen["nodes"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(seen, json!({ "totalCount": 1, "nodes": [{ "id": id, "kind": KIND, "state": "WAITING", "ending": false,
            "attempts": 0, "problem": null, "finishedAt": null }] }));
        let steer = |key: &str| json!({ "jobId": id, "idempotencyKey": key });
        for who in ["a2", "park", "b1", "assessor", "a1-agent"] {
            let answer = world.ok(who, &list("WAITING"), json!({})).await["jobs"].clone();
            assert!(answer.is_null() || answer["totalCount"] == 0, "{who}: {answer}");
            for mutation in ["jobRetry", "jobCancel"] {
                assert_eq!(world.refused(who, mutation, steer(who)).await, ["not-found"], "{who} {mutation}");
            }
        }
        assert_eq!(world.refused("a1", "jobRetry", steer("early")).await, ["job-not-ended"]);

        // Called off before it was begun: it never is, and what waits for it is told.
        let off = world.done("a1", "jobCancel", "job { state ending }", steer("off")).await;
        assert_eq!(off["job"], json!({ "state": "WAITING", "ending": true }));
        assert_eq!(world.refused("a1", "jobCancel", steer("twice")).await, ["job-ended"]);
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 1);
        assert_eq!(work.seen(), ["given up 1"]);
        let ended = world.ok("a1", &list("CANCELLED"), json!({})).await["jobs"]["nodes"][0].clone();
        assert_eq!((&ended["state"], &ended["problem"]), (&json!("CANCELLED"), &json!("It was called off.")));

        // Begun again it is as new; what fails for good says so with its id.
        let again = world.done("a1", "jobRetry", "job { state attempts }", steer("again")).await;
        assert_eq!(again["job"], json!({ "state": "WAITING", "attempts": 0 }));
        assert_eq!(runner(&world, &work).run_due().await.unwrap(), 1);
        assert_eq!(work.seen(), ["refuse 1", "given up 1"]);
        let failed = world.ok("a1", &list("FAILED"), json!({})).await["jobs"]["nodes"][0].clone();
        assert!(failed["problem"].as_str().unwrap().contains(&id), "{failed}");
    }

    /// A running job hears that it was called off, and ends without having finished.
    async fn a_running_job_is_called_off(backend) {
        let (world, work) = (World::new(backend).await, Work::default());
        enqueue(&world, "for ever").await;
        let running = { let runner = runner(&world, &work); tokio::spawn(async move { runner.run_due().await }) };
        let list = "{ jobs(state: RUNNING) { nodes { id } } }";
        let mut id = None;
        while id.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            id = world.ok("a1", list, json!({})).await["jobs"]["nodes"][0]["id"].as_str().map(str::to_owned);
        }
        world.done("a1", "jobCancel", "job { state }", json!({ "jobId": id, "idempotencyKey": "off" })).await;
        let begun = tokio::time::timeout(Duration::from_mins(1), running).await.expect("it ends").unwrap().unwrap();
        assert_eq!(begun, 1);
        assert_eq!(work.seen(), ["for ever 1", "given up 1"]);
    }

    /// An import whose job was called off goes on where it was when the job is begun again.
    async fn an_interrupted_import_goes_on(backend) {
        let world = World::new(backend).await;
        let import = waiting_import(&world).await;
        let job = world.ok("a1", "{ jobs { nodes { id contactImport { id } } } }", json!({})).await["jobs"]["nodes"][0].clone();
        assert_eq!(job["contactImport"]["id"], json!(import));
        let steer = |key: &str| json!({ "jobId": job["id"], "idempotencyKey": key });
        world.done("a1", "jobCancel", "", steer("off")).await;
        world.run_jobs().await;
        let state = async || {
            let found = world.ok("a1", "query($id: ID!) { node(id: $id) { ... on ContactImport { state rowsRead failure { rule } } } }", json!({ "id": import }));
            found.await["node"].clone()
        };
        assert_eq!(state().await, json!({ "state": "FAILED", "rowsRead": 0, "failure": { "rule": "import-interrupted" } }));
        world.done("a1", "jobRetry", "", steer("again")).await;
        world.run_jobs().await;
        assert_eq!(state().await, json!({ "state": "DONE", "rowsRead": 2, "failure": null }));
    }
}
