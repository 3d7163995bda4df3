//! Background jobs: run as their owner, tried again, given up, taken over; on both databases.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::json;
use voxpark_billing::uow::{Database as _, Tx};
use voxpark_domain::ctx::{Scope, SystemReason};
use voxpark_domain::permission::Role;
use voxpark_domain::platform::Job;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};
use voxpark_infra::jobs::{Handler, Runner, TRIES};
use voxpark_tests::app::{World, user};
use voxpark_tests::on_both;

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
    let ctx = world.ctx("a1").await;
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
        assert!(!tx.job_renew(&lost, now + TimeDelta::days(1)).await.unwrap());
        tx.job_done(&lost, now).await.unwrap();
        assert!(tx.job_renew(&taken, now + TimeDelta::seconds(60)).await.unwrap());
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
}
