//! Seats and zones with other names and in other places from a day on: what was so before stays known; through the API, on
//! both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{import, seat_ids};

/// Two floors, three zones, eight seats.
const PLAN: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to\n\
    A,1F,Z1,S-01,equipped,0,0,2026-01-01,\nA,1F,Z1,S-02,equipped,1500,0,2026-01-01,\nA,1F,Z1,S-03,bare,3000,0,2026-01-01,\n\
    A,1F,Z1,S-04,bare,4500,0,2026-11-15,\nA,1F,Z2,S-05,equipped,0,1800,2026-01-01,\nA,1F,Z2,S-06,equipped,1500,1800,2026-01-01,\n\
    A,2F,Z3,S-07,equipped,0,0,2026-01-01,\nA,2F,Z3,S-08,bare,1500,0,2026-01-01,\n";

async fn ground(world: &World) -> Vec<String> {
    assert_eq!(import(world, PLAN.as_bytes(), json!({})).await["added"], 8);
    seat_ids(world, 8).await
}

async fn zones(world: &World) -> Vec<(String, String)> {
    let found = world.ok("park", "{ park { floors { zones { id code } } } }", json!({})).await;
    let floors = found["park"]["floors"].as_array().unwrap().iter();
    let zones = floors.flat_map(|floor| floor["zones"].as_array().unwrap());
    zones.map(|z| (z["code"].as_str().unwrap().to_owned(), z["id"].as_str().unwrap().to_owned())).collect()
}

async fn zone(world: &World, code: &str) -> String {
    zones(world).await.into_iter().find(|z| z.0 == code).expect("a zone").1
}

/// Code, zone code and zone name of the seats of the first floor on a day.
async fn map(world: &World, who: &str, on: &str) -> Vec<String> {
    let document = "query($on: Date) { park { floors { map(on: $on) { seats { code zoneCode zoneName } } } } }";
    let found = world.ok(who, document, json!({ "on": on })).await;
    let seats = found["park"]["floors"][0]["map"]["seats"].as_array().unwrap().iter();
    seats
        .map(|s| {
            format!(
                "{} {} {}",
                s["code"].as_str().unwrap(),
                s["zoneCode"].as_str().unwrap(),
                s["zoneName"].as_str().unwrap()
            )
        })
        .collect()
}

fn codes(list: &[(&String, &str)], from: &str, key: &str) -> Value {
    let changes: Vec<Value> = list.iter().map(|(id, code)| json!({ "seatId": id, "code": code })).collect();
    json!({ "changes": changes, "from": from, "idempotencyKey": key })
}

on_both! {
    /// Two seats exchange their codes and a third gets a new one: all or nothing, once; the days before keep the old ones.
    async fn seats_are_renumbered(backend) {
        let world = World::new(backend).await;
        let s = ground(&world).await;
        let input = codes(&[(&s[0], "S-02"), (&s[1], " S-01 "), (&s[2], "X-3"), (&s[3], "X-4"), (&s[4], "S-05")], "2026-11-10", "swap");
        for _ in 0..2 {
            let done = world.done("park", "seatsRenumber", "count", input.clone()).await;
            assert_eq!(done["count"], 4);
        }
        let then = ["S-01 Z1 Z1", "S-02 Z1 Z1", "S-03 Z1 Z1", "S-05 Z2 Z2", "S-06 Z2 Z2", "X-4 Z1 Z1"];
        assert_eq!(map(&world, "park", "2026-11-09").await, then);
        let now = ["S-01 Z1 Z1", "S-02 Z1 Z1", "S-05 Z2 Z2", "S-06 Z2 Z2", "X-3 Z1 Z1", "X-4 Z1 Z1"];
        for day in ["2026-11-10", "2026-11-21"] {
            assert_eq!(map(&world, "a1", day).await, now);
        }
        // Who had which code: by the seat, by the list of a day.
        let document = "query($id: ID!) { node(id: $id) { ... on Seat { code place(on: \"2026-11-09\") { code zone { code } } places { code validFrom validTo } } } }";
        let seat = world.ok("a2", document, json!({ "id": s[0] })).await["node"].clone();
        assert_eq!(seat, json!({ "code": "S-02", "place": { "code": "S-01", "zone": { "code": "Z1" } }, "places": [
            { "code": "S-02", "validFrom": "2026-11-10", "validTo": null }, { "code": "S-01", "validFrom": "2026-01-01", "validTo": "2026-11-10" }] }));
        let list = "query($on: Date) { park { seats(filter: { codePrefix: \"S-01\", on: $on }) { nodes { id } totalCount } } }";
        for (day, id) in [(json!("2026-11-09"), &s[0]), (json!("2026-11-10"), &s[1]), (Value::Null, &s[1])] {
            let found = world.ok("park", list, json!({ "on": day })).await["park"]["seats"].clone();
            assert_eq!(found, json!({ "nodes": [{ "id": id }], "totalCount": 1 }));
        }
        // A seat that was not built on that day had no other code before; on the same day it never was otherwise.
        world.done("park", "seatsRenumber", "count", codes(&[(&s[2], "Y-3")], "2026-11-10", "again")).await;
        let seat = world.ok("park", document, json!({ "id": s[2] })).await["node"]["places"].clone();
        assert_eq!(seat, json!([{ "code": "Y-3", "validFrom": "2026-11-10", "validTo": null }, { "code": "S-03", "validFrom": "2026-01-01", "validTo": "2026-11-10" }]));
        let seat = world.ok("park", document, json!({ "id": s[3] })).await["node"]["places"].clone();
        assert_eq!(seat, json!([{ "code": "X-4", "validFrom": "2026-11-15", "validTo": null }]));
        let log = "{ auditEvents(first: 5, filter: { action: \"seats.renumber\" }) { totalCount } }";
        assert_eq!(world.ok("park", log, json!({})).await["auditEvents"]["totalCount"], 2);
    }

    /// What is refused, by seat; nothing is written.
    async fn bad_codes_are_refused(backend) {
        let world = World::new(backend).await;
        let s = ground(&world).await;
        let before = map(&world, "park", "2026-11-21").await;
        let many = [
            (vec![], "2026-11-10", vec!["seats-per-call"]),
            (vec![(&s[0], "N-1")], "2026-11-22", vec!["place-day-future"]),
            (vec![(&s[0], "N-1"), (&s[0], "N-2")], "2026-11-10", vec!["id-doubled"]),
            (vec![(&s[0], "N-1"), (&s[1], "N-1")], "2026-11-10", vec!["seat-code-twice"]),
            (vec![(&s[0], ""), (&s[1], "a b")], "2026-11-10", vec!["text-required", "code-invalid"]),
            (vec![(&s[0], "N-1"), (&s[1], "S-03")], "2026-11-10", vec!["seat-code-taken"]),
        ];
        for (n, (list, from, rules)) in many.iter().enumerate() {
            assert_eq!(&world.refused("park", "seatsRenumber", codes(list, from, &format!("bad-{n}"))).await, rules, "{list:?}");
        }
        let other = "seat_018f0000000070008000000000000001".to_owned();
        assert_eq!(world.refused("park", "seatsRenumber", codes(&[(&other, "N-1")], "2026-11-10", "none")).await, ["seat-unknown"]);
        assert_eq!(map(&world, "park", "2026-11-21").await, before);
        // A code that somebody had until a day is free from that day on, and not before; nor may history be put in between.
        world.done("park", "seatsRenumber", "count", codes(&[(&s[0], "N-1")], "2026-11-10", "first")).await;
        assert_eq!(world.refused("park", "seatsRenumber", codes(&[(&s[1], "S-01")], "2026-11-05", "was")).await, ["seat-code-was"]);
        assert_eq!(world.refused("park", "seatsRenumber", codes(&[(&s[0], "N-2")], "2026-11-05", "later")).await, ["seat-place-later"]);
        let plan = "building,floor,zone,seat,product,x_mm,y_mm,built_from\nA,1F,Z1,S-01,bare,0,9000,2026-11-01\n";
        assert_eq!(import(&world, plan.as_bytes(), json!({})).await["issues"][0]["rule"], "seat-code-was");
        let plan = plan.replace("2026-11-01", "2026-11-10");
        assert_eq!(import(&world, plan.as_bytes(), json!({})).await["added"], 1);
        // Neither a tenant nor the park's finance may do it; another park does not know the seats.
        for (who, rule) in [("a1", "FORBIDDEN"), ("finance", "FORBIDDEN")] {
            let answer = world.call(Some(world.token(who).await), "mutation($input: SeatsRenumberInput!) { seatsRenumber(input: $input) { userErrors { code } } }",
                json!({ "input": codes(&[(&s[0], "N-9")], "2026-11-21", "who") })).await;
            assert!(answer.body.to_string().contains(rule), "{who} {}", answer.body);
        }
        assert_eq!(world.refused("other-park", "seatsRenumber", codes(&[(&s[0], "N-9")], "2026-11-21", "who")).await, ["seat-unknown"]);
    }

    /// A zone is renamed, a part of it split off, another merged into it; maps, lists and the control table of the days
    /// before stay what they were.
    async fn zones_change_and_keep_their_past(backend) {
        let world = World::new(backend).await;
        let s = ground(&world).await;
        let (z1, z2, z3) = (zone(&world, "Z1").await, zone(&world, "Z2").await, zone(&world, "Z3").await);
        let rename = json!({ "zoneId": z1, "code": "N1", "name": "North", "from": "2026-11-05", "idempotencyKey": "rename" });
        let named = world.done("park", "zoneRename", "zone { code name names { code name validFrom validTo } }", rename.clone()).await;
        assert_eq!(named["zone"], json!({ "code": "N1", "name": "North", "names": [
            { "code": "N1", "name": "North", "validFrom": "2026-11-05", "validTo": null },
            { "code": "Z1", "name": "Z1", "validFrom": null, "validTo": "2026-11-05" }] }));
        let split = json!({ "zoneId": z1, "seatIds": [s[0], s[1]], "code": "N2", "name": "North 2", "from": "2026-11-11", "idempotencyKey": "split" });
        let new = world.done("park", "zoneSplit", "zone { id code begunOn seats { totalCount } }", split.clone()).await["zone"].clone();
        assert_eq!((&new["code"], &new["begunOn"], &new["seats"]["totalCount"]), (&json!("N2"), &json!("2026-11-11"), &json!(2)));
        assert_eq!(world.done("park", "zoneSplit", "zone { id }", split).await["zone"]["id"], new["id"], "once");
        let merge = json!({ "zoneIds": [z2, new["id"]], "intoZoneId": z1, "from": "2026-11-16", "idempotencyKey": "merge" });
        let merged = world.done("park", "zonesMerge", "count zone { code seats { totalCount } }", merge.clone()).await;
        assert_eq!((&merged["count"], &merged["zone"]), (&json!(4), &json!({ "code": "N1", "seats": { "totalCount": 6 } })));
        assert_eq!(zones(&world).await.iter().map(|z| z.0.as_str()).collect::<Vec<_>>(), ["N1", "Z3"]);

        let place = |day: &'static str| {
            let world = &world;
            async move { map(world, "park", day).await.iter().map(|s| s.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>().join(" ") }
        };
        assert_eq!(place("2026-11-04").await, "Z1 Z1 Z1 Z1 Z2 Z2");
        assert_eq!(place("2026-11-10").await, "N1 N1 N1 N1 Z2 Z2");
        assert_eq!(place("2026-11-11").await, "N2 N2 N1 N1 Z2 Z2");
        assert_eq!(place("2026-11-16").await, "N1 N1 N1 N1 N1 N1");
        let list = "query($zone: ID!, $on: Date) { park { seats(filter: { zoneId: $zone, on: $on }) { totalCount } } }";
        for (zone, on, count) in [(&z2, "2026-11-15", 2), (&z2, "2026-11-16", 0), (&z1, "2026-11-15", 2), (&z1, "2026-11-21", 6)] {
            let found = world.ok("park", list, json!({ "zone": zone, "on": on })).await;
            assert_eq!(found["park"]["seats"]["totalCount"], count, "{zone} {on}");
        }
        // 30 days of November: Z1 and N1 had three seats for ten days (and one that came later), one seat for five and a day ...
        let control = "{ park { seatControl(month: \"2026-11\", months: 1) { zones { zone { code } cells { builtSeatDays } } total { builtSeatDays } } } }";
        let table = world.ok("park", control, json!({})).await["park"]["seatControl"].clone();
        let rows: Vec<(&str, i64)> = table["zones"].as_array().unwrap().iter()
            .map(|z| (z["zone"]["code"].as_str().unwrap(), z["cells"][0]["builtSeatDays"].as_i64().unwrap())).collect();
        // N1: 3 x 10, then 1 x 5 and S-04 of the 15th, then 6 x 15. N2: 2 x 5. Z2: 2 x 15. Z3: 2 x 30.
        assert_eq!(rows.iter().copied().collect::<std::collections::BTreeMap<_, _>>(), [("N1", 30 + 5 + 1 + 90), ("N2", 10), ("Z2", 30), ("Z3", 60)].into());
        assert_eq!(table["total"][0]["builtSeatDays"], 5 * 30 + 16 + 60);

        // What is refused.
        let bad = async |mutation: &str, mut input: Value, change: Value, rule: &str| {
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            input["idempotencyKey"] = json!(format!("{mutation}-{rule}-{change}").chars().take(90).collect::<String>());
            assert_eq!(world.refused("park", mutation, input).await, [rule], "{mutation} {change}");
        };
        bad("zoneRename", rename.clone(), json!({ "from": "2026-11-01" }), "zone-name-later").await;
        bad("zoneRename", rename.clone(), json!({ "from": "2026-11-22" }), "place-day-future").await;
        bad("zoneRename", rename.clone(), json!({ "zoneId": z2, "from": "2026-11-21" }), "zone-ended").await;
        bad("zoneRename", rename.clone(), json!({ "code": "Z2", "from": "2026-11-21" }), "zone-code-taken").await;
        bad("zoneRename", rename.clone(), json!({ "code": "Z 2", "from": "2026-11-21" }), "code-invalid").await;
        let split = json!({ "zoneId": z1, "seatIds": [s[0]], "code": "N3", "name": "N3", "from": "2026-11-21" });
        bad("zoneSplit", split.clone(), json!({ "seatIds": [] }), "seats-per-call").await;
        bad("zoneSplit", split.clone(), json!({ "seatIds": s[..6] }), "zone-split-whole").await;
        bad("zoneSplit", split.clone(), json!({ "seatIds": [s[6]] }), "seat-not-in-zone").await;
        bad("zoneSplit", split.clone(), json!({ "from": "2026-11-15" }), "seat-place-later").await;
        bad("zoneSplit", split.clone(), json!({ "code": "Z2" }), "zone-code-taken").await;
        bad("zonesMerge", merge.clone(), json!({ "zoneIds": [z2], "from": "2026-11-21" }), "zone-ended").await;
        bad("zonesMerge", merge.clone(), json!({ "zoneIds": [z3], "from": "2026-11-21" }), "zone-other-floor").await;
        bad("zonesMerge", merge.clone(), json!({ "zoneIds": [z1] }), "zone-into-itself").await;
        bad("zonesMerge", merge.clone(), json!({ "zoneIds": [] }), "zones-per-call").await;
        let plan = "building,floor,zone,seat,product,x_mm,y_mm\nA,1F,Z2,S-20,bare,0,9000\n";
        assert_eq!(import(&world, plan.as_bytes(), json!({})).await["issues"][0]["rule"], "zone-ended");
    }

    /// What seats have comes with the plan or by hand, once; lists are narrowed by it; what is no value is refused by row.
    async fn seats_have_features(backend) {
        let world = World::new(backend).await;
        let head = "楼栋,楼层,区域,席位号,产品,X坐标,Y坐标,靠窗,电源插座,班次类型\n";
        let plan = format!("{head}A,1F,Z1,S-01,裸席,0,0,是,4,夜班\nA,1F,Z1,S-02,裸席,1,0,,2,\nA,1F,Z1,S-03,裸席,2,0,否,,白班\n");
        assert_eq!(import(&world, plan.as_bytes(), json!({})).await["added"], 3);
        assert_eq!(import(&world, plan.as_bytes(), json!({})).await["unchanged"], 3);
        let more = plan.replace("S-02,裸席,1,0,,2,", "S-02,裸席,1,0,,6,全天").replace(",是,4,", ",无,4,");
        let done = import(&world, more.as_bytes(), json!({})).await;
        assert_eq!((&done["updated"], &done["unchanged"]), (&json!(2), &json!(1)));
        let bad = plan.replace("是,4,夜班", "是,40,晚班").replace(",,2,", ",大,x,");
        let issues = import(&world, bad.as_bytes(), json!({})).await["issues"].clone();
        let issues: Vec<_> = issues.as_array().unwrap().iter().map(|i| format!("{} {} {}", i["row"], i["field"].as_str().unwrap(), i["rule"].as_str().unwrap())).collect();
        assert_eq!(issues, ["2 power_points number-range", "2 shift_class feature-value", "3 window feature-value", "3 power_points feature-value"]);

        let s = seat_ids(&world, 3).await;
        let set = json!({ "seatIds": [s[1], s[2]], "features": [{ "name": "window", "amount": 1 }, { "name": "power_points", "amount": 0 }], "idempotencyKey": "set" });
        for _ in 0..2 {
            assert_eq!(world.done("park", "seatFeaturesSet", "count", set.clone()).await["count"], 2);
        }
        let list = "query($features: [SeatFeatureFilter!]) { park { seats(filter: { features: $features }) { totalCount nodes { code features { name amount choice { title } } } } } }";
        let codes = |found: &Value| found["park"]["seats"]["nodes"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        for (wanted, expected) in [
            (json!([{ "name": "window" }]), vec!["S-02", "S-03"]),
            (json!([{ "name": "power_points", "atLeast": 4 }]), vec!["S-01"]),
            (json!([{ "name": "shift_class", "choice": "day" }, { "name": "window" }]), vec!["S-03"]),
            (json!([{ "name": "power_points", "atLeast": 5 }]), vec![]),
        ] {
            for who in ["park", "a1"] {
                assert_eq!(codes(&world.ok(who, list, json!({ "features": wanted })).await), expected, "{wanted}");
            }
        }
        let first = world.ok("a1", list, json!({ "features": [{ "name": "power_points" }] })).await["park"]["seats"]["nodes"][0].clone();
        assert_eq!(first["features"], json!([{ "name": "power_points", "amount": 4, "choice": null }, { "name": "shift_class", "amount": 1, "choice": { "title": "Night" } }]));
        let refused = async |features: Value, key: &str| {
            world.refused("park", "seatFeaturesSet", json!({ "seatIds": [s[0]], "features": features, "idempotencyKey": key })).await
        };
        assert_eq!(refused(json!([]), "a").await, ["features-none"]);
        assert_eq!(refused(json!([{ "name": "pool", "amount": 1 }, { "name": "window", "amount": 3 }]), "b").await, ["feature-unknown", "feature-value"]);
        assert_eq!(refused(json!([{ "name": "window", "amount": 1 }, { "name": "window", "amount": 0 }]), "c").await, ["feature-twice"]);

        let zone = zone(&world, "Z1").await;
        let area = |text: &str| json!({ "zoneId": zone, "areaM2": text, "idempotencyKey": format!("area-{text}") });
        for (text, said) in [("412.5", json!("412.50")), ("7", json!("7.00")), ("", Value::Null)] {
            assert_eq!(world.done("park", "zoneAreaSet", "zone { areaM2 }", area(text)).await["zone"]["areaM2"], said);
        }
        for text in ["-1", "0", "1.234", "1e3", "1000000.01", "."] {
            assert_eq!(world.refused("park", "zoneAreaSet", area(text)).await, ["area-invalid"], "{text}");
        }
        let answer = world.call(Some(world.token("a1").await), "mutation($input: SeatFeaturesSetInput!) { seatFeaturesSet(input: $input) { userErrors { code } } }", json!({ "input": set })).await;
        assert!(answer.body.to_string().contains("FORBIDDEN"), "{}", answer.body);
    }

    /// Of two who give the same code at once, or merge the same zone, one is refused.
    async fn at_once_one_is_refused(backend) {
        let world = World::new(backend).await;
        let s = ground(&world).await;
        let (z1, z2) = (zone(&world, "Z1").await, zone(&world, "Z2").await);
        let (first, second) = (codes(&[(&s[0], "N-1")], "2026-11-21", "one"), codes(&[(&s[4], "N-1")], "2026-11-21", "two"));
        let (a, b) = tokio::join!(
            world.mutate("park", "seatsRenumber", "count", first),
            world.mutate("park", "seatsRenumber", "count", second)
        );
        assert_eq!([&a, &b].iter().filter(|done| done["count"] == 1).count(), 1, "{a} {b}");
        let (into, from) = (json!({ "zoneIds": [z1], "intoZoneId": z2, "from": "2026-11-21", "idempotencyKey": "into" }),
            json!({ "zoneIds": [z2], "intoZoneId": z1, "from": "2026-11-21", "idempotencyKey": "from" }));
        let (a, b) = tokio::join!(
            world.mutate("park", "zonesMerge", "count", into),
            world.mutate("park", "zonesMerge", "count", from)
        );
        assert_eq!([&a, &b].iter().filter(|done| done["count"].is_number()).count(), 1, "{a} {b}");
    }
}
