//! A file that was read with the wrong options is read again.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{counts, import, look, totals};

const CALLS: &[u8] = b"start,outcome,wait,talk,queue
2026-11-02 09:00:01,answered,5,60,card
2026-11-02 09:16:00,abandoned,30,0,card
2026-11-02 09:17:00,answered,8,90,vip
2026-11-02 23:50:00,answered,3,9,card
";
const OTHERS: &[u8] = b"start,outcome,wait,talk,queue
2026-11-02 09:05:00,answered,2,30,card
2026-11-02 09:16:30,answered,4,40,card
";

fn mapping(zone: &str, outcomes: [&str; 2]) -> Value {
    json!({ "timeZone": zone, "mapping": { "start": { "column": "start", "format": "iso" }, "outcome": "outcome", "wait": "wait", "handle": "talk", "queue": "queue",
        "outcomes": [{ "text": "answered", "outcome": outcomes[0] }, { "text": "abandoned", "outcome": outcomes[1] }] } })
}

const RIGHT: [&str; 2] = ["ANSWERED", "ABANDONED"];

async fn ask(world: &World, who: &str, more: Value, replace: Option<bool>, key: &str) -> Value {
    let file = world.upload(who, "calls.txt", CALLS).await;
    let mut input = json!({ "fileId": file, "format": "GENERIC_CSV", "replace": replace, "idempotencyKey": key });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let payload = world.mutate(who, "contactImportStart", "import { id state }", input).await;
    world.run_jobs().await;
    payload
}

on_both! {
    /// With other options only when asked to replace; then its contacts are those of the new reading, and what other
    /// files brought to the same hours stays.
    async fn a_file_is_replaced_by_choice(backend) {
        let world = World::new(backend).await;
        // Outcomes the wrong way round, and an hour of another zone.
        let wrong = mapping("UTC", ["ABANDONED", "ANSWERED"]);
        let first = import(&world, "a1", CALLS, "GENERIC_CSV", wrong.clone()).await;
        assert_eq!(counts(&first), ("DONE".to_owned(), [4, 4, 0, 0]));
        let others = import(&world, "a1", OTHERS, "GENERIC_CSV", mapping("Asia/Shanghai", RIGHT)).await;
        assert_eq!(counts(&others).1, [2, 2, 0, 0]);
        assert_eq!(totals(&world, "a1", "2026-11-01", "2026-11-05").await, [6, 3, 3]);

        let right = mapping("Asia/Shanghai", RIGHT);
        let id = &first["id"];
        let same = ask(&world, "a1", wrong, Some(true), "same").await;
        assert_eq!((&same["import"]["id"], &same["import"]["state"]), (id, &json!("DONE")), "nothing to replace");
        for choice in [None, Some(false)] {
            let refused = ask(&world, "a1", right.clone(), choice, &format!("{choice:?}")).await;
            assert_eq!((&refused["userErrors"][0]["rule"], &refused["userErrors"][0]["path"]), (&json!("import-done"), &json!("fileId")));
        }
        assert_eq!(totals(&world, "a1", "2026-11-01", "2026-11-05").await, [6, 3, 3]);

        let done = ask(&world, "a1", right.clone(), Some(true), "yes").await;
        assert_eq!(&done["import"]["id"], id);
        assert_eq!(counts(&look(&world, "a1", id.as_str().unwrap()).await), ("DONE".to_owned(), [4, 4, 0, 0]));
        assert_eq!(totals(&world, "a1", "2026-11-01", "2026-11-05").await, [6, 5, 1]);
        assert_eq!(totals(&world, "a1", "2026-11-03", "2026-11-05").await, [0; 3], "what the other zone put on the next day is gone");
        let again = ask(&world, "a1", right, None, "once more").await;
        assert_eq!((&again["import"]["id"], &again["userErrors"]), (id, &json!([])), "the same options are the import that there is");
        // The neighbour's import of the same file is its own.
        assert_eq!(counts(&import(&world, "a2", CALLS, "GENERIC_CSV", mapping("UTC", RIGHT)).await).1, [4, 4, 0, 0]);
        assert_eq!(totals(&world, "a1", "2026-11-01", "2026-11-05").await, [6, 5, 1]);
    }
}
