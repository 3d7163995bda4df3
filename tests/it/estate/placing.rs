//! Seats set down by hand and by a drawing: all of them or none; through the API, on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{import, plan, seat_ids};

const PLAN: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to\n\
    A,1F,Z1,S-01,equipped,0,0,2026-01-01,\nA,1F,Z1,S-02,equipped,1500,0,2026-01-01,\nA,1F,Z2,S-03,bare,3000,0,2026-01-01,\n\
    A,1F,Z2,S-04,bare,4500,0,2026-01-01,2026-06-01\nA,2F,Z3,S-05,bare,0,0,2026-01-01,\n";

async fn ground(world: &World) -> (String, Vec<String>) {
    assert_eq!(import(world, PLAN.as_bytes(), json!({})).await["added"], 5);
    let floor = world.ok("park", "{ park { floors { id } } }", json!({})).await["park"]["floors"][0]["id"].clone();
    (floor.as_str().unwrap().to_owned(), seat_ids(world, 5).await)
}

/// Code and place of the seats of the first floor.
async fn spots(world: &World) -> Vec<String> {
    let found = world.ok("park", "{ park { floors { map { seats { code xMm yMm } } } } }", json!({})).await;
    let seats = found["park"]["floors"][0]["map"]["seats"].as_array().unwrap().iter();
    seats.map(|s| format!("{} {},{}", s["code"].as_str().unwrap(), s["xMm"], s["yMm"])).collect()
}

fn place(floor: &str, list: &[(&String, i64, i64)], key: &str) -> Value {
    let spots: Vec<Value> = list.iter().map(|(id, x, y)| json!({ "seatId": id, "xMm": x, "yMm": y })).collect();
    json!({ "floorId": floor, "spots": spots, "idempotencyKey": key })
}

/// A drawing with texts at places, in a unit.
fn drawing(unit: &str, texts: &[(&str, &str, &str)]) -> String {
    let text = |(code, x, y): &(&str, &str, &str)| format!("0\nTEXT\n8\nSEATS\n10\n{x}\n20\n{y}\n1\n{code}\n");
    let texts: String = texts.iter().map(text).collect();
    format!(
        "0\nSECTION\n2\nHEADER\n9\n$INSUNITS\n70\n{unit}\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n{texts}0\nENDSEC\n0\nEOF\n"
    )
}

const DRAWN: &str = "moves { code fromXMm fromYMm toXMm toYMm } unchanged unknown { text line } unknownCount missing missingCount applied";

on_both! {
    /// Two seats exchange their places and a third moves: once, with one line of the log; a neighbour's map follows.
    async fn seats_are_set_down(backend) {
        let world = World::new(backend).await;
        let (floor, s) = ground(&world).await;
        let input = place(&floor, &[(&s[0], 1_500, 0), (&s[1], 0, 0), (&s[2], 3_000, 900), (&s[3], 4_500, 0)], "swap");
        // The last one is gone.
        assert_eq!(world.refused("park", "seatsPlace", input).await, ["seat-gone"]);
        let input = place(&floor, &[(&s[0], 1_500, 0), (&s[1], 0, 0), (&s[2], 3_000, 900)], "swap");
        for _ in 0..2 {
            assert_eq!(world.done("park", "seatsPlace", "count", input.clone()).await["count"], 3);
        }
        assert_eq!(spots(&world).await, ["S-01 1500,0", "S-02 0,0", "S-03 3000,900", "S-04 4500,0"]);
        let log = "{ auditEvents(first: 5, filter: { action: \"seats.place\" }) { totalCount nodes { changes { field from to } } } }";
        let log = world.ok("park", log, json!({})).await["auditEvents"].clone();
        assert_eq!(log["totalCount"], 1);
        let changes = log["nodes"][0]["changes"].to_string();
        assert!(changes.contains("0,0") && changes.contains("3000,900"), "{changes}");
        // Where a seat was that is gone, another may stand.
        world.done("park", "seatsPlace", "count", place(&floor, &[(&s[2], 4_500, 0)], "after")).await;
    }

    /// What is refused, by seat; nothing is moved.
    async fn bad_spots_are_refused(backend) {
        let world = World::new(backend).await;
        let (floor, s) = ground(&world).await;
        let before = spots(&world).await;
        let nobody = format!("seat_{:032x}", 1);
        for (n, (list, rules)) in [
            (vec![], vec!["seats-per-call"]),
            (vec![(&s[0], 10, 10), (&s[0], 20, 20)], vec!["id-doubled"]),
            (vec![(&s[0], -1, 10), (&s[1], 0, 1_000_001)], vec!["number-range", "number-range"]),
            (vec![(&s[0], 10, 10), (&s[4], 20, 20), (&nobody, 30, 30)], vec!["seat-other-floor", "seat-unknown"]),
            (vec![(&s[0], 3_000, 0), (&s[1], 50, 50)], vec!["seat-spot-taken"]),
            (vec![(&s[0], 70, 70), (&s[1], 70, 70)], vec!["seat-spot-taken", "seat-spot-taken"]),
            (vec![(&s[0], 0, 0)], vec!["seats-not-moved"]),
        ].iter().enumerate() {
            assert_eq!(&world.refused("park", "seatsPlace", place(&floor, list, &format!("bad-{n}"))).await, rules, "{list:?}");
        }
        assert_eq!(world.refused("park", "seatsPlace", place(&format!("floor_{:032x}", 1), &[(&s[0], 5, 5)], "floor")).await, ["floor-not-there"]);
        for who in ["a1", "finance"] {
            assert_eq!(world.refused(who, "seatsPlace", place(&floor, &[(&s[0], 5, 5)], "who")).await, ["forbidden"], "{who}");
        }
        assert_eq!(world.refused("other-park", "seatsPlace", place(&floor, &[(&s[0], 5, 5)], "who")).await, ["floor-not-there"]);
        assert_eq!(spots(&world).await, before);
    }

    /// Two people set two seats down on one place at the very same moment: one of them is told.
    async fn one_place_at_once(backend) {
        let world = World::new(backend).await;
        let (floor, s) = ground(&world).await;
        let put = |seat: usize| world.mutate("park", "seatsPlace", "count", place(&floor, &[(&s[seat], 9_000, 9_000)], &format!("at-{seat}")));
        let (a, b) = tokio::join!(put(0), put(1));
        let rules: Vec<&Value> = [&a, &b].into_iter().filter(|p| p["count"].is_null()).map(|p| &p["userErrors"][0]["rule"]).collect();
        assert_eq!(rules, [&json!("seat-spot-taken")], "{a} {b}");
    }

    /// A drawing in metres: tried first, then in earnest, then again; its other words and the seats it does not have are told.
    async fn a_drawing_sets_seats_down(backend) {
        let world = World::new(backend).await;
        let (floor, _) = ground(&world).await;
        let before = spots(&world).await;
        let texts = [("S-01", "10.0004", "8"), ("S-02", "11.5005", "8"), ("Lobby", "0", "0"), ("Lobby", "3", "0"), ("S-05", "2", "2")];
        let file = world.upload("park", "floor.dxf", drawing("6", &texts).as_bytes()).await;
        let mut input = json!({ "floorId": floor, "fileId": file, "dryRun": true, "idempotencyKey": "drawing" });
        let told = json!({ "moves": [
            { "code": "S-01", "fromXMm": 0, "fromYMm": 0, "toXMm": 1_000, "toYMm": 1_000 },
            { "code": "S-02", "fromXMm": 1_500, "fromYMm": 0, "toXMm": 2_501, "toYMm": 1_000 }], "unchanged": 0,
            "unknown": [{ "text": "Lobby", "line": 35 }, { "text": "S-05", "line": 55 }], "unknownCount": 2, "missing": ["S-03"], "missingCount": 1,
            "applied": false, "userErrors": [] });
        assert_eq!(world.done("park", "seatsPlaceByDrawing", DRAWN, input.clone()).await, told);
        assert_eq!(spots(&world).await, before);
        input["dryRun"] = json!(false);
        for _ in 0..2 {
            let done = world.done("park", "seatsPlaceByDrawing", DRAWN, input.clone()).await;
            assert_eq!((&done["applied"], &done["moves"]), (&json!(true), &told["moves"]));
        }
        assert_eq!(spots(&world).await, ["S-01 1000,1000", "S-02 2501,1000", "S-03 3000,0", "S-04 4500,0"]);
        // A corner and another unit said by hand.
        let mut other = json!({ "floorId": floor, "fileId": file, "unit": "CENTIMETRE", "corner": { "xMm": 50, "yMm": 100 }, "idempotencyKey": "corner" });
        let done = world.done("park", "seatsPlaceByDrawing", DRAWN, other.clone()).await;
        assert_eq!(done["moves"][0], json!({ "code": "S-01", "fromXMm": 1_000, "fromYMm": 1_000, "toXMm": 50, "toYMm": 20 }));
        other["idempotencyKey"] = json!("again");
        let done = world.done("park", "seatsPlaceByDrawing", DRAWN, other).await;
        assert_eq!((&done["applied"], &done["unchanged"], &done["moves"]), (&json!(false), &json!(2), &json!([])));
    }

    /// Doubled codes, no unit, nothing of this floor, a layer without texts, a broken file, the wrong person: nothing is moved.
    async fn bad_drawings_are_refused(backend) {
        let world = World::new(backend).await;
        let (floor, _) = ground(&world).await;
        let before = spots(&world).await;
        let twice = [("S-01", "1", "8"), ("S-02", "2", "8"), ("S-01", "3", "8"), ("S-02", "4", "8")];
        for (n, (text, more, rules)) in [
            (drawing("6", &twice), json!({}), vec!["dxf-code-doubled", "dxf-code-doubled"]),
            (drawing("0", &twice[..2]), json!({}), vec!["dxf-unit-unknown"]),
            (drawing("6", &[("Lobby", "1", "1")]), json!({}), vec!["dxf-none-known"]),
            (drawing("6", &twice[..2]), json!({ "layer": "WALLS" }), vec!["dxf-none"]),
            (drawing("6", &twice[..2]), json!({ "tag": "CODE" }), vec!["dxf-none"]),
            (drawing("6", &[("S-01", "1", "1"), ("S-02", "9999", "1")]), json!({}), vec!["dxf-outside"]),
            (drawing("6", &[("S-01", "1", "1"), ("S-02", "1.0001", "1")]), json!({}), vec!["seat-spot-taken", "seat-spot-taken"]),
            (drawing("6", &[("S-01", "here", "1")]), json!({}), vec!["dxf-broken"]),
        ].into_iter().enumerate() {
            let file = world.upload("park", "floor.dxf", text.as_bytes()).await;
            let mut input = json!({ "floorId": floor, "fileId": file, "idempotencyKey": format!("bad-{n}") });
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            let payload = world.mutate("park", "seatsPlaceByDrawing", "", input).await;
            let found: Vec<&str> = payload["userErrors"].as_array().unwrap().iter().filter_map(|e| e["rule"].as_str()).collect();
            assert_eq!(found, rules, "{payload}");
            if n == 0 {
                assert_eq!(payload["userErrors"][0]["message"], "The code S-01 stands in the drawing twice: in lines 15 and 35.");
            }
        }
        let table = world.upload("park", "plan.csv", PLAN.as_bytes()).await;
        let input = json!({ "floorId": floor, "fileId": table, "idempotencyKey": "table" });
        assert_eq!(world.refused("park", "seatsPlaceByDrawing", input).await, ["file-type-purpose"]);
        let file = world.upload("park", "floor.dxf", drawing("6", &twice[..2]).as_bytes()).await;
        for who in ["a1", "finance"] {
            let input = json!({ "floorId": floor, "fileId": file, "idempotencyKey": "who" });
            assert_eq!(world.refused(who, "seatsPlaceByDrawing", input).await, ["forbidden"], "{who}");
        }
        let input = json!({ "floorId": floor, "fileId": file, "idempotencyKey": "other" });
        assert_eq!(world.refused("other-park", "seatsPlaceByDrawing", input).await, ["file-unknown"]);
        assert_eq!(spots(&world).await, before);
    }

    /// Two thousand seats of a drawing in as many statements as two.
    async fn a_large_drawing(backend) {
        let world = World::new(backend).await;
        assert_eq!(import(&world, plan(2_000).as_bytes(), json!({})).await["added"], 2_000);
        let floor = world.ok("park", "{ park { floors { id } } }", json!({})).await["park"]["floors"][0]["id"].clone();
        let mut statements = Vec::new();
        for count in [2, 2_000] {
            let places: Vec<(String, String, String)> =
                (0..count).map(|n| (format!("S-{:04}", n + 1), format!("{}", n % 50 * 2 + count / 20), format!("{}", n / 50 * 3))).collect();
            let texts: Vec<(&str, &str, &str)> = places.iter().map(|(c, x, y)| (c.as_str(), x.as_str(), y.as_str())).collect();
            let file = world.upload("park", "floor.dxf", drawing("6", &texts).as_bytes()).await;
            let document = "mutation($input: SeatsPlaceByDrawingInput!) { seatsPlaceByDrawing(input: $input) { applied userErrors { rule } } }";
            let corner = json!({ "xMm": -100, "yMm": 500_000 });
            let input = json!({ "floorId": floor, "fileId": file, "corner": corner, "idempotencyKey": format!("large-{count}") });
            let answer = world.call(Some(world.token("park").await), document, json!({ "input": input })).await;
            assert_eq!(answer.body["data"]["seatsPlaceByDrawing"], json!({ "applied": true, "userErrors": [] }), "{count}");
            statements.push(answer.statements);
        }
        assert_eq!(statements[0], statements[1]);
    }
}
