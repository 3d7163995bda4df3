//! Imports that are killed, doubled, overlapping and at the same time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{counts, data, import, lines, look, packed, start, totals, unpacked};

on_both! {
    /// A job that dies in the middle goes on where the last batch ended and brings the same as one that does not.
    async fn a_killed_import_goes_on_exactly(backend) {
        let Some(bytes) = data("ab1999_02.txt.gz") else { return };
        let part = packed(&lines(&unpacked(&bytes), 0, 6_000));
        let world = Arc::new(World::new(backend).await);
        let id = start(&world, "a1", &part, "ANONYMOUS_BANK", json!({})).await;
        let mut deaths = 0;
        loop {
            let before = counts(&look(&world, "a1", &id).await).1[0];
            let ctx = world.job_ctx(world.ids.park_a, Some(world.ids.a1));
            let (intake, import) = (world.intake().with_batch(400), id.parse().unwrap());
            let job = tokio::spawn(async move { intake.run(&ctx, import).await });
            while !job.is_finished() && counts(&look(&world, "a1", &id).await).1[0] < before + 1_500 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            if job.is_finished() {
                job.await.unwrap().unwrap();
                break;
            }
            job.abort();
            let _ = job.await;
            deaths += 1;
        }
        assert!(deaths > 0, "it was never killed");
        assert_eq!(counts(&look(&world, "a1", &id).await), ("DONE".to_owned(), [6_000, 6_000, 0, 0]));

        // The neighbour imports the same without a death.
        let whole = import(&world, "a2", &part, "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&whole).1, [6_000, 6_000, 0, 0]);
        let killed = totals(&world, "a1", "1999-02-01", "1999-03-01").await;
        assert_eq!(killed, totals(&world, "a2", "1999-02-01", "1999-03-01").await);
    }

    /// A later file that overlaps an earlier one adds what is new and nothing else.
    async fn an_overlapping_file_adds_what_is_new(backend) {
        let Some(bytes) = data("ab1999_02.txt.gz") else { return };
        let text = unpacked(&bytes);
        let world = World::new(backend).await;
        let first = import(&world, "a1", &lines(&text, 0, 2_000), "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&first).1, [2_000, 2_000, 0, 0]);
        let second = import(&world, "a1", &lines(&text, 1_200, 3_000), "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&second).1, [1_800, 1_000, 800, 0]);
        let other = import(&world, "a2", &lines(&text, 0, 3_000), "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&other).1, [3_000, 3_000, 0, 0]);
        let month = ("1999-02-01", "1999-03-01");
        assert_eq!(totals(&world, "a1", month.0, month.1).await, totals(&world, "a2", month.0, month.1).await);
    }

    /// Two imports at once that share half of their records count each record once.
    async fn two_imports_at_once_count_each_record_once(backend) {
        let Some(bytes) = data("ab1999_02.txt.gz") else { return };
        let text = unpacked(&bytes);
        let world = World::new(backend).await;
        let one = start(&world, "a1", &lines(&text, 0, 3_000), "ANONYMOUS_BANK", json!({})).await;
        let two = start(&world, "a1", &lines(&text, 1_000, 4_000), "ANONYMOUS_BANK", json!({})).await;
        let run = async |id: &str| {
            let ctx = world.job_ctx(world.ids.park_a, Some(world.ids.a1));
            world.intake().with_batch(250).run(&ctx, id.parse().unwrap()).await.unwrap();
        };
        tokio::join!(run(&one), run(&two));
        let (a, b) = (counts(&look(&world, "a1", &one).await), counts(&look(&world, "a1", &two).await));
        assert_eq!((a.0.as_str(), b.0.as_str()), ("DONE", "DONE"));
        assert_eq!((a.1[1] + b.1[1], a.1[2] + b.1[2]), (4_000, 2_000));
        let both = totals(&world, "a1", "1999-02-01", "1999-03-01").await;
        import(&world, "a2", &lines(&text, 0, 4_000), "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(both, totals(&world, "a2", "1999-02-01", "1999-03-01").await);
    }

    /// Of two workers on one import one writes each batch, and the other one stops.
    async fn two_workers_cannot_write_one_import(backend) {
        let Some(bytes) = data("ab1999_02.txt.gz") else { return };
        let world = World::new(backend).await;
        let id = start(&world, "a1", &lines(&unpacked(&bytes), 0, 2_000), "ANONYMOUS_BANK", json!({})).await;
        let run = async || {
            let ctx = world.job_ctx(world.ids.park_a, Some(world.ids.a1));
            world.intake().with_batch(100).run(&ctx, id.parse().unwrap()).await
        };
        let _ = tokio::join!(run(), run());
        // Whoever was stopped left nothing; a further run ends what may be left.
        run().await.unwrap();
        assert_eq!(counts(&look(&world, "a1", &id).await), ("DONE".to_owned(), [2_000, 2_000, 0, 0]));
        let tx = world.tx("a1", Mode::Read).await;
        assert_eq!(tx.contact_imports_count().await.unwrap(), 1);
    }
}
