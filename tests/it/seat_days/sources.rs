//! What several sources say of the same days, and the months that are kept of it.

use serde_json::json;
use voxpark_infra::db::{migrate_down, migrate_up};
use voxpark_migrations::{Migrator, MigratorTrait};
use voxpark_tests::app::{World, keys, options};
use voxpark_tests::on_both;

use super::{at, figures, ground, list, views};

/// Days of March on which a1 was logged in, as known on a day.
async fn logged_in(world: &World, from: &str, to: &str, known: &str) -> i64 {
    let found =
        figures(world, "a1", from, to, known, "total { seatDays { built leased occupied effective loggedIn } }").await;
    views(&found["total"])[4]
}

on_both! {
    /// A day that two sources say stands until both took it back; days on a seat that is named count by themselves.
    async fn a_day_stands_while_one_source_says_it(backend) {
        let world = World::new(backend).await;
        ground(&world).await;
        let count = async |known: &str| logged_in(&world, "2026-03-01", "2026-04-01", known).await;
        at(&world, "2026-04-01").await;
        let one = list(&world, "a1", "presenceImport", "E1,2026-03-02,\nE1,2026-03-03,\nE1,2026-03-31,S-0002\n", "ALL_OR_NOTHING").await;
        at(&world, "2026-04-02").await;
        let two = list(&world, "a1", "presenceImport", "E1,2026-03-03,\nE1,2026-03-04,\nE1,2026-03-31,S-0002\n", "ALL_OR_NOTHING").await;
        assert_eq!((&one["added"], &two["added"], count("").await), (&json!(3), &json!(3), 4));
        // Said twice by the same source is said once.
        let input = json!({ "fileId": two["file"], "mode": "ALL_OR_NOTHING", "idempotencyKey": "twice" });
        assert_eq!(world.done("a1", "presenceImport", "added", input).await["added"], 0);
        let mut expected = vec![("2026-03-31", 0), ("2026-04-01", 3), ("2026-04-02", 4)];
        for (day, file, left) in [("2026-04-05", &one, 3), ("2026-04-06", &two, 0)] {
            at(&world, day).await;
            let input = json!({ "fileId": file["file"], "idempotencyKey": day });
            assert_eq!(world.done("a1", "presenceWithdraw", "withdrawn", input).await["withdrawn"], 3);
            assert_eq!(count("").await, left, "{day}");
            expected.push((day, left));
        }
        at(&world, "2026-04-08").await;
        let input = json!({ "fileId": one["file"], "mode": "ALL_OR_NOTHING", "idempotencyKey": "anew" });
        assert_eq!(world.done("a1", "presenceImport", "added", input).await["added"], 3);
        expected.push(("2026-04-08", 3));
        // The first and the last day alone: a month is cut to the days asked for.
        assert_eq!(logged_in(&world, "2026-03-03", "2026-03-31", "").await, 1);
        assert_eq!(logged_in(&world, "2026-03-31", "2026-05-01", "").await, 1);
        // An installation that has a history adds its months up once.
        let back = Migrator::migrations().iter().rev().position(|m| m.name() == "m113_presence_months").unwrap() + 1;
        let (to, owner) = (options(&world.database), Some(world.database.url()));
        for rebuilt in [false, true] {
            if rebuilt {
                migrate_down(&to, owner, u32::try_from(back).unwrap()).await.unwrap();
                migrate_up(&to, owner, &keys()).await.unwrap();
            }
            assert_eq!(count("").await, 3, "{rebuilt}");
            for (day, found) in &expected {
                assert_eq!(count(&format!(", knownOn: \"{day}\"")).await, *found, "{day} {rebuilt}");
            }
        }
    }
}
