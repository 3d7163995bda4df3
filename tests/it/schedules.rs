//! Work that is done by itself: once at its time, whoever else looks at the clock.

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Database as Orm};
use serde_json::{Value, json};
use voxpark_billing::uow::Database as _;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::uow::Mode;
use voxpark_infra::jobs::Runner;
use voxpark_tests::app::World;
use voxpark_tests::{Backend, on_both};

const ALL: &str = "{ schedules { id kind timing enabled fixed nextAt begunAt job { id state attempts } } }";

async fn world(backend: Backend) -> World {
    let world = World::new(backend).await;
    for _ in 0..2 {
        let ctx = Ctx::system(SystemReason::Jobs, world.env.clone());
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        tx.schedules_ensure(&ctx).await.unwrap();
        tx.commit().await.unwrap();
    }
    world
}

fn runner(world: &World) -> Runner {
    Runner::new(Arc::new(world.db.clone()), world.env.clone(), Vec::new(), world.db.wake())
}

async fn of(world: &World, kind: &str) -> Value {
    let all = world.ok("park", ALL, json!({})).await;
    let found = all["schedules"].as_array().unwrap().iter().find(|s| s["kind"] == kind).cloned();
    found.unwrap_or_else(|| panic!("no {kind} in {all}"))
}

on_both! {
    /// Two workers see the same occurrence come: one begins it. What was missed is begun once.
    async fn an_occurrence_is_begun_once(backend) {
        let world = world(backend).await;
        let (one, two) = (runner(&world), runner(&world));
        assert_eq!(one.begin_scheduled().await.unwrap(), 0, "not before its time");
        world.clock.advance(TimeDelta::minutes(5));
        let (a, b) = tokio::join!(one.begin_scheduled(), two.begin_scheduled());
        assert_eq!(a.unwrap() + b.unwrap(), 2, "the seals of two parks, once each");
        let seal = of(&world, "audit-seal").await;
        assert_eq!((&seal["job"]["state"], &seal["nextAt"]), (&json!("WAITING"), &json!("2026-11-21T02:10:00+00:00")));
        let first = seal["job"]["id"].clone();
        let off = json!({ "jobId": first, "idempotencyKey": "off" });
        assert_eq!(world.refused("park", "jobCancel", off).await, ["schedule-fixed"]);

        // Its job still waits: it is not asked for a second time.
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(one.begin_scheduled().await.unwrap(), 2);
        assert_eq!(of(&world, "audit-seal").await["job"]["id"], first);

        // Nobody worked for three days. 02:15 in UTC is 10:15 in the park.
        world.clock.set("2026-11-24T02:15:00Z".parse().unwrap());
        world.forget_tokens().await;
        let (a, b) = tokio::join!(one.begin_scheduled(), two.begin_scheduled());
        assert_eq!(a.unwrap() + b.unwrap(), 8, "four kinds of two parks");
        assert_eq!(one.begin_scheduled().await.unwrap(), 0, "what was missed is made up for once");
        assert_eq!(of(&world, "file-sweep").await["nextAt"], "2026-11-24T19:30:00+00:00");

        // Ended, with nobody here who can do it: the same job begins again next time.
        one.run_due().await.unwrap();
        world.clock.advance(TimeDelta::hours(2));
        world.forget_tokens().await;
        one.begin_scheduled().await.unwrap();
        let seal = of(&world, "audit-seal").await;
        assert_eq!((&seal["job"]["id"], &seal["job"]["state"]), (&first, &json!("WAITING")));
    }

    /// What a later version scheduled, which was here before, stops nothing else.
    async fn what_nobody_here_knows_waits(backend) {
        let world = world(backend).await;
        // SQLite's owner has to take its own guard away first.
        let (guard, table) = match backend {
            Backend::Sqlite => ("DROP TRIGGER schedule_scope_update", "schedule"),
            Backend::Postgres => ("SELECT 1", "voxpark.schedule"),
        };
        let owner = Orm::connect(world.database.url()).await.unwrap();
        owner.execute_unprepared(guard).await.unwrap();
        owner.execute_unprepared(&format!("UPDATE {table} SET kind = 'of-tomorrow' WHERE kind = 'file-sweep'")).await.unwrap();
        owner.close().await.unwrap();
        world.clock.set("2026-11-22T00:00:00Z".parse().unwrap());
        for begun in [6, 2] {
            assert_eq!(runner(&world).begin_scheduled().await.unwrap(), begun, "of two parks the seals, and once what is nightly");
            world.clock.advance(TimeDelta::minutes(5));
        }
    }

    /// A park sees its own and switches off what may be switched off; nobody else does.
    async fn a_park_sets_its_own(backend) {
        let world = world(backend).await;
        for who in ["a1", "finance", "assessor", "a1-agent"] {
            assert!(world.ok(who, ALL, json!({})).await["schedules"].is_null(), "{who}");
        }
        let (sweep, seal) = (of(&world, "file-sweep").await, of(&world, "audit-seal").await);
        assert_eq!((&sweep["timing"], &sweep["nextAt"]), (&json!("daily 03:30"), &json!("2026-11-21T19:30:00+00:00")));
        let set = |id: &Value, enabled: bool, timing: Option<&str>, key: &str| {
            json!({ "scheduleId": id, "enabled": enabled, "timing": timing, "idempotencyKey": key })
        };
        let off = world.done("park", "scheduleSet", "schedule { enabled nextAt }", set(&sweep["id"], false, None, "1")).await;
        assert_eq!(off["schedule"], json!({ "enabled": false, "nextAt": null }));
        world.clock.set("2026-11-22T00:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        assert_eq!(runner(&world).begin_scheduled().await.unwrap(), 7, "the other park's sweep, and of both the seal, the repricing and the operator's bill");
        let on = world.done("park", "scheduleSet", "schedule { timing nextAt }", set(&sweep["id"], true, Some("weekdays 06:00"), "2")).await;
        // 2026-11-22 is a Sunday.
        assert_eq!(on["schedule"], json!({ "timing": "weekdays 06:00", "nextAt": "2026-11-22T22:00:00+00:00" }));

        assert_eq!(world.refused("park", "scheduleSet", set(&seal["id"], false, None, "3")).await, ["schedule-fixed"]);
        assert_eq!(world.refused("park", "scheduleSet", set(&sweep["id"], true, Some("hourly"), "4")).await, ["schedule-timing"]);
        for who in ["other-park", "a1", "finance"] {
            assert_eq!(world.refused(who, "scheduleSet", set(&sweep["id"], false, None, "5")).await, ["not-found"], "{who}");
        }
        let events = world.ok("park", "{ auditEvents(first: 20) { nodes { action } } }", json!({})).await.to_string();
        assert!(events.contains("schedule.set"), "{events}");
    }
}
