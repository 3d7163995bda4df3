//! The sweep: what nothing refers to goes, what something refers to stays, whatever happens at the same moment.

use std::sync::Arc;

use chrono::TimeDelta;
use voxpark_billing::uow::Database as _;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::uow::{FileStore as _, Mode};
use voxpark_infra::files::{Sweeper, Upload};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

async fn take(world: &World, bytes: &[u8]) -> [u8; 32] {
    let upload = Upload { name: "x.csv", declared: "", purpose: None };
    world.filing.take(&world.ctx("a1").await, upload, bytes).await.unwrap().sha256
}

/// Bytes without a row, as an upload leaves them whose last transaction was lost.
async fn orphan(world: &World, bytes: &[u8]) -> [u8; 32] {
    let arrived = world.filing.files().receive(bytes, None).await.unwrap();
    let content = arrived.sha256;
    world.filing.files().keep(arrived).await.unwrap();
    content
}

fn sweeper(world: &World) -> Sweeper {
    Sweeper::new(Arc::new(world.db.clone()), world.filing.files().clone(), world.env.clone())
}

async fn swept(world: &World) -> (i64, i64, i64) {
    // Files of the disk are as old as they are: the clock of the test is set beyond them.
    let found = sweeper(world).sweep(None).await.unwrap();
    (found.contents, found.removed, found.leftovers)
}

async fn there(world: &World, content: &[u8; 32]) -> bool {
    world.filing.files().local(content).await.is_ok()
}

on_both! {
    async fn what_nothing_refers_to_goes_after_a_day(backend) {
        let world = World::new(backend).await;
        world.clock.set("2040-01-01T00:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let used = take(&world, b"a,b\n").await;
        let lost = orphan(&world, b"lost").await;
        let spool = world.data_dir().join("files/incoming");
        std::fs::create_dir_all(&spool).unwrap();
        std::fs::write(spool.join("broken-off"), b"half").unwrap();
        std::fs::write(world.data_dir().join("files/notes.txt"), b"somebody's own").unwrap();
        assert_eq!(swept(&world).await, (2, 1, 1));
        assert!(there(&world, &used).await && !there(&world, &lost).await);
        assert!(world.data_dir().join("files/notes.txt").exists(), "what is not ours stays");
        assert_eq!(swept(&world).await, (1, 0, 0));

        // Claimed less than a day ago: an upload may be at it.
        let lost = orphan(&world, b"fresh").await;
        let system = Ctx::system(SystemReason::Files, world.env.clone());
        let tx = world.db.begin(&system, Mode::Write).await.unwrap();
        tx.content_claim(&lost, world.env.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(swept(&world).await, (2, 0, 0));
        world.clock.advance(TimeDelta::hours(25));
        assert_eq!(swept(&world).await, (2, 1, 0));
    }

    /// The same content is stored and swept at once, again and again: whoever stored it has it.
    async fn storing_and_sweeping_at_once_loses_nothing(backend) {
        let world = Arc::new(World::new(backend).await);
        world.clock.set("2040-01-01T00:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        for round in 0..12 {
            let bytes = format!("round {round}\n");
            let content = orphan(&world, bytes.as_bytes()).await;
            let sweeping = {
                let world = Arc::clone(&world);
                tokio::spawn(async move { sweeper(&world).sweep(None).await.unwrap() })
            };
            let storing = {
                let world = Arc::clone(&world);
                tokio::spawn(async move { take(&world, bytes.as_bytes()).await })
            };
            let (stored, _) = (storing.await.unwrap(), sweeping.await.unwrap());
            assert_eq!(stored, content);
            assert!(there(&world, &content).await, "round {round}");
        }
    }
}
