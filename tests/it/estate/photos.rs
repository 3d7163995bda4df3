//! Photographs of zones and seats: through the API, on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{import, png, seat_ids};

const PLAN: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from\nA,1F,Z1,S-01,equipped,0,0,2026-01-01\n";

async fn photos(world: &World, who: &str) -> Value {
    let document =
        "{ park { floors { zones { photos { id caption takenOn path } seats { nodes { photos { caption } } } } } } }";
    world.ok(who, document, json!({})).await["park"]["floors"][0]["zones"][0].clone()
}

on_both! {
    /// Added, once; seen by staff of the park alone; removed, once; the log has both.
    async fn photographs_come_and_go(backend) {
        let world = World::new(backend).await;
        import(&world, PLAN.as_bytes(), json!({})).await;
        let seat = seat_ids(&world, 1).await.remove(0);
        let zone = world.ok("park", "{ park { floors { zones { id } } } }", json!({})).await["park"]["floors"][0]["zones"][0]["id"].clone();
        let file = world.upload("park", "hall.png", &png(40, 30)).await;
        let add = |of: Value, caption: &str, day: &str, key: &str| {
            let mut input = json!({ "fileId": file, "caption": caption, "takenOn": day, "idempotencyKey": key });
            input.as_object_mut().unwrap().extend(of.as_object().cloned().unwrap());
            input
        };
        let of_zone = json!({ "zoneId": zone });
        for _ in 0..2 {
            let made = world.done("park", "photoAdd", "photo { caption takenOn }", add(of_zone.clone(), " 东侧 ", "2026-11-20", "one")).await;
            assert_eq!(made["photo"], json!({ "caption": "东侧", "takenOn": "2026-11-20" }));
        }
        world.done("park", "photoAdd", "photo { id }", add(of_zone.clone(), "West", "2026-11-21", "two")).await;
        world.done("park", "photoAdd", "photo { id }", add(json!({ "seatId": seat }), "Desk", "2026-11-21", "three")).await;
        let seen = photos(&world, "park").await;
        assert_eq!(seen["photos"].as_array().unwrap().iter().map(|p| p["caption"].as_str().unwrap()).collect::<Vec<_>>(), ["West", "东侧"]);
        assert_eq!(seen["seats"]["nodes"][0]["photos"], json!([{ "caption": "Desk" }]));
        assert_eq!(photos(&world, "a1").await, json!({ "photos": [], "seats": { "nodes": [{ "photos": [] }] } }));
        let first = seen["photos"][0]["id"].clone();
        for who in ["a1", "other-park"] {
            let node = world.ok(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": first })).await;
            assert_eq!(node["node"], Value::Null, "{who}");
        }

        let text = world.upload("park", "plan.csv", PLAN.as_bytes()).await;
        let mut table = add(of_zone.clone(), "x", "2026-11-21", "table");
        table["fileId"] = json!(text);
        for (input, rules) in [
            (add(json!({}), "x", "2026-11-21", "b1"), vec!["photo-of-one"]),
            (add(json!({ "zoneId": zone, "seatId": seat }), "x", "2026-11-21", "b2"), vec!["photo-of-one"]),
            (add(of_zone.clone(), " ", "2026-11-22", "b3"), vec!["text-required", "photo-future"]),
            (add(json!({ "zoneId": format!("zone_{:032x}", 1) }), "x", "2026-11-21", "b4"), vec!["zone-not-there"]),
            (add(json!({ "seatId": format!("seat_{:032x}", 1) }), "x", "2026-11-21", "b5"), vec!["seat-unknown"]),
            (table, vec!["file-type-purpose"]),
        ] {
            assert_eq!(world.refused("park", "photoAdd", input.clone()).await, rules, "{input}");
        }
        for who in ["a1", "finance"] {
            assert_eq!(world.refused(who, "photoRemove", json!({ "photoId": first, "idempotencyKey": "no" })).await, ["forbidden"], "{who}");
        }
        assert_eq!(world.refused("other-park", "photoRemove", json!({ "photoId": first, "idempotencyKey": "no" })).await, ["photo-not-there"]);
        let remove = json!({ "photoId": first, "idempotencyKey": "gone" });
        for _ in 0..2 {
            world.done("park", "photoRemove", "photo { id }", remove.clone()).await;
        }
        assert_eq!(world.refused("park", "photoRemove", json!({ "photoId": first, "idempotencyKey": "again" })).await, ["photo-not-there"]);
        assert_eq!(photos(&world, "park").await["photos"].as_array().map(Vec::len), Some(1));
        for (action, times) in [("photo.add", 3), ("photo.remove", 1)] {
            let log = format!("{{ auditEvents(first: 9, filter: {{ action: \"{action}\" }}) {{ totalCount }} }}");
            assert_eq!(world.ok("park", &log, json!({})).await["auditEvents"]["totalCount"], times, "{action}");
        }
    }

    /// Two that remove one photograph at the very same moment: one is told.
    async fn removed_at_once(backend) {
        let world = World::new(backend).await;
        import(&world, PLAN.as_bytes(), json!({})).await;
        let seat = seat_ids(&world, 1).await.remove(0);
        let file = world.upload("park", "desk.png", &png(40, 30)).await;
        let add = json!({ "seatId": seat, "fileId": file, "caption": "Desk", "takenOn": "2026-11-21", "idempotencyKey": "add" });
        let id = world.done("park", "photoAdd", "photo { id }", add).await["photo"]["id"].clone();
        let remove = |key: &'static str| world.refused("park", "photoRemove", json!({ "photoId": id, "idempotencyKey": key }));
        let (a, b) = tokio::join!(remove("a"), remove("b"));
        assert_eq!([a, b].concat(), ["photo-not-there"]);
    }
}
