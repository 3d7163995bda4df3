//! How fast the log grows, by one writer and by many at once, beside the same inserts without a chain. Nothing is
//! asserted about time; `bench/run --audit` asks for it, and without `VOXPARK_TEST_BENCH` there is nothing to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use voxpark_domain::audit::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

/// Events a second of so many writers, each in a transaction of its own.
async fn rate(world: &Arc<World>, writers: usize, chained: bool, time: Duration) -> f64 {
    let ctx = world.ctx("a1").await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (world, ctx, stop, done) = (Arc::clone(world), ctx.clone(), Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(async move {
                let entry = AuditEntry::new("bench.write", "lease_01900000000070008000000000000001");
                while !stop.load(Ordering::Relaxed) {
                    let tx = world.db.transaction(&ctx, Mode::Write).await.unwrap();
                    if chained {
                        voxpark_domain::audit::Store::audit(&tx, &ctx, &entry).await.unwrap();
                    } else {
                        tx.audit_unchained(&ctx, &entry).await.unwrap();
                    }
                    tx.finish().await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let events = done.load(Ordering::Relaxed);
    let seconds = began.elapsed().as_secs_f64();
    for task in tasks {
        task.await.unwrap();
    }
    f64::from(u32::try_from(events).unwrap()) / seconds
}

on_both! {
    async fn append_rate(backend) {
        if voxpark_tests::tools::setting("VOXPARK_TEST_BENCH").is_none() {
            return;
        }
        let world = Arc::new(World::new(backend).await);
        let time = Duration::from_secs(2);
        for writers in [1, 8, 16] {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for chained in [true, false, false, true, true, false] {
                let found = rate(&world, writers, chained, time).await;
                if chained { with.push(found) } else { without.push(found) }
            }
            with.sort_by(f64::total_cmp);
            without.sort_by(f64::total_cmp);
            println!(
                "append {backend:?}, {writers} writers: chained {:.0}/s ({:.0}-{:.0}), without a chain {:.0}/s ({:.0}-{:.0}), ratio {:.2}",
                with[1], with[0], with[2], without[1], without[0], without[2], with[1] / without[1]
            );
        }
    }
}
