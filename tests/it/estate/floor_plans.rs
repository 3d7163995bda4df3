//! Pictures under the seats of a floor, by day: through the API, on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{import, png};

const PLAN: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from\n\
    A,1F,Z1,S-01,equipped,0,0,2026-01-01\nA,1F,Z1,S-02,equipped,1500,0,2026-02-01\nA,2F,Z2,S-03,bare,0,0,2026-01-01\n";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 300 100\"><path d=\"M0 0H300\"/></svg>";

async fn floors(world: &World, who: &str) -> Vec<String> {
    let found = world.ok(who, "{ park { floors { id } } }", json!({})).await;
    let floors = found["park"]["floors"].as_array().unwrap().iter();
    floors.map(|floor| floor["id"].as_str().unwrap().to_owned()).collect()
}

/// What lies on the floors on a day, as somebody sees it.
async fn under(world: &World, who: &str, on: &str) -> Vec<Value> {
    let document =
        "query($on: Date) { park { floors { map(on: $on) { plan { path mediaType xMm yMm widthMm heightMm } } } } }";
    let found = world.ok(who, document, json!({ "on": on })).await;
    let floors = found["park"]["floors"].as_array().unwrap().iter();
    floors.map(|floor| floor["map"]["plan"].clone()).collect()
}

fn set(floor: &str, file: &str, from: &str) -> Value {
    json!({ "floorId": floor, "fileId": file, "xMm": -500, "yMm": 200, "widthMm": 30_000, "from": from, "idempotencyKey": format!("{file}-{from}") })
}

on_both! {
    /// A picture from a day on, another from a later one, none from a third: each day shows its own, to the tenants too; twice
    /// is once; one put in between holds until the next.
    async fn each_day_shows_its_picture(backend) {
        let world = World::new(backend).await;
        import(&world, PLAN.as_bytes(), json!({})).await;
        let floor = floors(&world, "park").await;
        let svg = world.upload("park", "floor.svg", SVG.as_bytes()).await;
        let points = world.upload("park", "floor.png", &png(400, 200)).await;
        for _ in 0..2 {
            let done = world.done("park", "floorPlanSet", "floor { id plans { validFrom picture { heightMm } } }", set(&floor[0], &svg, "2026-01-01")).await;
            assert_eq!(done["floor"], json!({ "id": floor[0], "plans": [{ "validFrom": "2026-01-01", "picture": { "heightMm": 10_000 } }] }));
        }
        world.done("park", "floorPlanSet", "", set(&floor[0], &points, "2026-06-01")).await;
        let end = json!({ "floorId": floor[0], "from": "2026-09-01", "idempotencyKey": "end" });
        for _ in 0..2 {
            let done = world.done("park", "floorPlanEnd", "floor { plans { validFrom picture { mediaType } } }", end.clone()).await;
            assert_eq!(done["floor"]["plans"][0], json!({ "validFrom": "2026-09-01", "picture": null }));
        }
        for who in ["park", "a1"] {
            for (day, media) in [("2025-12-31", None), ("2026-01-01", Some("image/svg+xml")), ("2026-05-31", Some("image/svg+xml")),
                ("2026-06-01", Some("image/png")), ("2026-08-31", Some("image/png")), ("2026-09-01", None)] {
                let found = under(&world, who, day).await;
                assert_eq!(found[0]["mediaType"].as_str(), media, "{who} {day}");
                assert_eq!(found[1], Value::Null);
            }
        }
        let found = under(&world, "a1", "2026-07-01").await[0].clone();
        assert_eq!((&found["xMm"], &found["yMm"], &found["widthMm"], &found["heightMm"]), (&json!(-500), &json!(200), &json!(30_000), &json!(15_000)));
        // Corrected for the same day, the last one recorded holds; those after it stay.
        let mut again = set(&floor[0], &svg, "2026-06-01");
        again["widthMm"] = json!(6_000);
        world.done("park", "floorPlanSet", "", again).await;
        assert_eq!(under(&world, "park", "2026-06-01").await[0]["heightMm"], 2_000);
        assert_eq!(under(&world, "park", "2026-09-01").await[0], Value::Null);
        let log = "{ auditEvents(first: 9, filter: { action: \"floor-plan.set\" }) { totalCount } }";
        assert_eq!(world.ok("park", log, json!({})).await["auditEvents"]["totalCount"], 3);
    }

    /// What is refused; nothing lies there afterwards.
    async fn what_is_no_picture_of_a_floor_is_refused(backend) {
        let world = World::new(backend).await;
        import(&world, PLAN.as_bytes(), json!({})).await;
        let floor = floors(&world, "park").await;
        let svg = world.upload("park", "floor.svg", SVG.as_bytes()).await;
        let bare = world.upload("park", "bare.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").await;
        let flat = world.upload("park", "flat.png", &png(0, 5)).await;
        let huge = world.upload("park", "huge.png", &png(20_000, 20_000)).await;
        let long = world.upload("park", "long.png", &png(1_000, 2)).await;
        let table = world.upload("park", "plan.csv", PLAN.as_bytes()).await;
        let foreign = world.upload("a1", "people.csv", b"a\n").await;
        for (file, from, rules) in [(&bare, "2026-01-01", "picture-size"), (&flat, "2026-01-01", "picture-size"), (&huge, "2026-01-01", "picture-points"),
            (&long, "2026-01-01", "picture-ratio"), (&table, "2026-01-01", "file-type-purpose"), (&foreign, "2026-01-01", "file-unknown"),
            (&svg, "2025-12-31", "plan-before-floor")] {
            assert_eq!(world.refused("park", "floorPlanSet", set(&floor[0], file, from)).await, [rules]);
        }
        let mut sizes = set(&floor[0], &svg, "2026-01-01");
        (sizes["widthMm"], sizes["xMm"]) = (json!(0), json!(2_000_000));
        assert_eq!(world.refused("park", "floorPlanSet", sizes).await, ["number-range", "number-range"]);
        let none = format!("floor_{:032x}", 1);
        assert_eq!(world.refused("park", "floorPlanSet", set(&none, &svg, "2026-01-01")).await, ["floor-not-there"]);
        let end = |from: &str| json!({ "floorId": floor[0], "from": from, "idempotencyKey": from });
        assert_eq!(world.refused("park", "floorPlanEnd", end("2026-01-01")).await, ["plan-none"]);
        assert_eq!(world.refused("other-park", "floorPlanEnd", end("2026-01-02")).await, ["floor-not-there"]);
        for who in ["a1", "finance"] {
            assert_eq!(world.refused(who, "floorPlanEnd", end("2026-01-01")).await, ["forbidden"], "{who}");
        }
        assert_eq!(under(&world, "park", "2026-11-21").await, [Value::Null, Value::Null]);
    }

    /// Two that lay a picture at the very same moment: both are kept, and everybody sees the same one.
    async fn two_at_once(backend) {
        let world = World::new(backend).await;
        import(&world, PLAN.as_bytes(), json!({})).await;
        let floor = floors(&world, "park").await;
        let (svg, points) = (world.upload("park", "floor.svg", SVG.as_bytes()).await, world.upload("park", "floor.png", &png(400, 200)).await);
        let lay = |file: &str| world.done("park", "floorPlanSet", "floor { id }", set(&floor[0], file, "2026-03-01"));
        tokio::join!(lay(&svg), lay(&points));
        let plans = "{ park { floors { plans { picture { path } } } } }";
        let kept = world.ok("park", plans, json!({})).await["park"]["floors"][0]["plans"].clone();
        assert_eq!(kept.as_array().map(Vec::len), Some(2));
        for who in ["park", "a1", "a2"] {
            assert_eq!(under(&world, who, "2026-03-01").await[0]["path"], kept[0]["picture"]["path"]);
        }
    }
}
