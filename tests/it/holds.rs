//! Seats kept for somebody and seats out of service: what they are in the way of, how they end, on both databases.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;
use voxpark_tests::tools::serial;

use crate::leasing::{allocate, park};

fn hold(seats: &[String], more: &Value) -> Value {
    let mut input = json!({ "seatIds": seats, "keptFor": "新程科技", "from": "2026-12-01", "to": "2027-01-01",
        "expiresAt": "2026-11-28T10:00:00Z", "idempotencyKey": format!("hold-{}", serial()) });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    input
}

async fn held(world: &World, seats: &[String], more: Value) -> String {
    let made = world.done("park", "seatsHold", "hold { id }", hold(seats, &more)).await;
    made["hold"]["id"].as_str().unwrap().to_owned()
}

async fn facts(world: &World, id: &str) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on SeatHold { state seatCount openCount allocatedCount seats(open: true) { code } } } }";
    world.ok("park", document, json!({ "id": id })).await["node"].clone()
}

/// The state of each seat on a day: by itself, on the map, and by the list filtered by every state, which must agree.
async fn states(world: &World, who: &str, on: &str) -> Vec<String> {
    const STATES: [&str; 7] = ["PLANNED", "AVAILABLE", "HELD", "ALLOCATED", "OUT_OF_SERVICE", "REMOVED", "UNDISCLOSED"];
    let document = "query($on: Date) { park { seats(first: 100) { nodes { code state(on: $on) } } floors { map(on: $on) { seats { code state } } } } }";
    let park = world.ok(who, document, json!({ "on": on })).await["park"].clone();
    let of = |list: &Value| -> Vec<(String, String)> {
        let pair = |s: &Value| (s["code"].as_str().unwrap().to_owned(), s["state"].as_str().unwrap().to_owned());
        list.as_array().unwrap().iter().map(pair).collect()
    };
    let own = of(&park["seats"]["nodes"]);
    assert_eq!(own, of(&park["floors"][0]["map"]["seats"]), "{who} on {on}");
    let filtered = "query($on: Date, $state: SeatState) { park { seats(first: 100, filter: { state: $state, on: $on }) { totalCount nodes { code } } } }";
    for state in STATES {
        let found = world.ok(who, filtered, json!({ "on": on, "state": state })).await["park"]["seats"].clone();
        let found: Vec<&str> = found["nodes"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap()).collect();
        let wanted: Vec<&str> = own.iter().filter(|s| s.1 == state).map(|s| s.0.as_str()).collect();
        assert_eq!(found, wanted, "{who} on {on}: {state}");
    }
    own.into_iter().map(|s| s.1).collect()
}

async fn counts(world: &World, on: &str) -> Value {
    let document = "query($on: Date) { park { seatCounts(on: $on) { built leased held outOfService available } } }";
    world.ok("park", document, json!({ "on": on })).await["park"]["seatCounts"].clone()
}

on_both! {
    /// A hold keeps its seats from everybody until it ends by itself; nobody but the park learns of it.
    async fn a_hold_keeps_its_seats_until_its_time(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 4).await;
        let id = held(&world, &seats[..2], json!({})).await;
        assert_eq!(facts(&world, &id).await, json!({ "state": "LIVE", "seatCount": 2, "openCount": 2, "allocatedCount": 0,
            "seats": [{ "code": "S-0001" }, { "code": "S-0002" }] }));
        assert_eq!(states(&world, "park", "2026-12-01").await, ["HELD", "HELD", "AVAILABLE", "AVAILABLE"]);
        assert_eq!(states(&world, "park", "2026-11-30").await, ["AVAILABLE"; 4]);
        assert_eq!(states(&world, "park", "2027-01-01").await, ["AVAILABLE"; 4]);
        assert_eq!(states(&world, "a1", "2026-12-01").await, ["UNDISCLOSED"; 4]);
        let document = "{ park { seatHolds { totalCount nodes { id } } seatOutages { totalCount nodes { id } } } }";
        for (who, count) in [("park", 1), ("finance", 1), ("a1", 0)] {
            assert_eq!(world.ok(who, document, json!({})).await["park"]["seatHolds"]["totalCount"], count, "{who}");
        }
        assert_eq!(world.ok("a1", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"], Value::Null);
        assert_eq!(counts(&world, "2026-12-24").await, json!({ "built": 4, "leased": 0, "held": 2, "outOfService": 0, "available": 2 }));

        // In the way of a lease and of another hold, in that time alone.
        let taken = allocate(&one, &seats[1..3], "2026-12-20", Some("2027-01-05"), "k1");
        assert_eq!(world.refused("park", "seatsAllocate", taken.clone()).await, ["seat-on-hold"]);
        assert_eq!(world.refused("park", "seatsHold", hold(&seats[..1], &json!({ "to": "2026-12-02" }))).await, ["seat-on-hold"]);
        held(&world, &seats[..1], json!({ "from": "2027-01-01", "to": "2027-02-01", "expiresAt": "2026-12-05T00:00:00Z" })).await;
        // The last minute still counts, the next does not; what lapsed cannot be revived.
        world.clock.set("2026-11-28T09:59:59Z".parse().unwrap());
        world.forget_tokens().await;
        assert_eq!(world.refused("park", "seatsAllocate", { let mut t = taken.clone(); t["idempotencyKey"] = json!("k2"); t }).await, ["seat-on-hold"]);
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(facts(&world, &id).await["state"], "EXPIRED");
        assert_eq!(states(&world, "park", "2026-12-01").await, ["AVAILABLE"; 4]);
        let later = json!({ "holdId": id, "expiresAt": "2026-12-01T00:00:00Z", "idempotencyKey": "k3" });
        assert_eq!(world.refused("park", "seatHoldExtend", later).await, ["hold-not-live"]);
        assert_eq!(world.refused("park", "seatHoldRelease", json!({ "holdId": id, "idempotencyKey": "k4" })).await, ["hold-not-live"]);
        let done = world.done("park", "seatsAllocate", "count", { let mut t = taken; t["idempotencyKey"] = json!("k5"); t }).await;
        assert_eq!(done["count"], 2);
        assert_eq!(states(&world, "park", "2026-12-24").await, ["AVAILABLE", "ALLOCATED", "ALLOCATED", "AVAILABLE"]);
        let expired = world.ok("park", "{ park { seatHolds(state: EXPIRED) { nodes { id } } } }", json!({})).await;
        assert_eq!(expired["park"]["seatHolds"]["nodes"][0]["id"], json!(id));
    }

    /// A lease takes what was kept for its tenant; the rest is given up; a hold is extended while it lives.
    async fn a_hold_becomes_an_allocation(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 6).await;
        let id = held(&world, &seats[..4], json!({ "tenantId": world.ids.a1.to_string(), "note": "含窗位" })).await;
        let from = |lease: &str, of: &[String], key: &str| {
            let mut input = allocate(lease, of, "2026-12-01", Some("2027-01-01"), key);
            input["holdId"] = json!(id);
            input
        };
        assert_eq!(world.refused("park", "seatsAllocate", from(&two, &seats[..1], "k1")).await, ["hold-of-other"]);
        let unknown = { let mut t = from(&one, &seats[..1], "k2"); t["holdId"] = json!(format!("hold_{:032x}", 7)); t };
        assert_eq!(world.refused("park", "seatsAllocate", unknown).await, ["hold-unknown"]);
        // Two of the hold and one that is free.
        let some = [seats[0].clone(), seats[1].clone(), seats[5].clone()];
        assert_eq!(world.done("park", "seatsAllocate", "count", from(&one, &some, "k3")).await["count"], 3);
        assert_eq!(world.done("park", "seatsAllocate", "count", from(&one, &some, "k3")).await["count"], 3);
        assert_eq!(facts(&world, &id).await, json!({ "state": "LIVE", "seatCount": 4, "openCount": 2, "allocatedCount": 2,
            "seats": [{ "code": "S-0003" }, { "code": "S-0004" }] }));
        let states_now = ["ALLOCATED", "ALLOCATED", "HELD", "HELD", "AVAILABLE", "ALLOCATED"];
        assert_eq!(states(&world, "park", "2026-12-15").await, states_now);
        let own = ["ALLOCATED", "ALLOCATED", "UNDISCLOSED", "UNDISCLOSED", "UNDISCLOSED", "ALLOCATED"];
        assert_eq!(states(&world, "a1", "2026-12-15").await, own);

        let extend = |until: &str, key: &str| json!({ "holdId": id, "expiresAt": until, "idempotencyKey": key });
        for late in ["2026-11-21T02:00:00Z", "2027-02-20T00:00:00Z"] {
            assert_eq!(world.refused("park", "seatHoldExtend", extend(late, late)).await, ["hold-expiry-range"]);
        }
        world.done("park", "seatHoldExtend", "hold { id }", extend("2026-12-20T00:00:00Z", "k4")).await;
        world.clock.set("2026-12-19T00:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let again = hold(&seats[2..3], &json!({ "expiresAt": "2026-12-22T00:00:00Z" }));
        assert_eq!(world.refused("park", "seatsHold", again.clone()).await, ["seat-on-hold"]);
        let foreign = json!({ "holdId": id, "seatIds": [seats[0]], "idempotencyKey": "k5" });
        assert_eq!(world.refused("park", "seatHoldRelease", foreign).await, ["seat-not-in-hold"]);
        let one_seat = json!({ "holdId": id, "seatIds": [seats[2]], "idempotencyKey": "k6" });
        world.done("park", "seatHoldRelease", "hold { id }", one_seat).await;
        assert_eq!(facts(&world, &id).await["openCount"], 1);
        let mut again = again;
        again["idempotencyKey"] = json!("k6b");
        world.done("park", "seatsHold", "hold { id }", again).await;
        world.done("park", "seatHoldRelease", "hold { id }", json!({ "holdId": id, "idempotencyKey": "k7" })).await;
        assert_eq!(facts(&world, &id).await["state"], "ALLOCATED");
    }

    /// What cannot be kept, and by whom.
    async fn bad_holds_are_refused(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[2..], "2026-12-10", Some("2026-12-20"), "k0")).await;
        let refused = async |who: &str, change: Value| world.refused(who, "seatsHold", hold(&seats, &change)).await;
        assert_eq!(refused("park", json!({})).await, ["seat-held"]);
        assert_eq!(refused("park", json!({ "to": "2026-12-01" })).await, ["period-empty"]);
        assert_eq!(refused("park", json!({ "keptFor": " ", "note": "x".repeat(201), "expiresAt": "2026-11-20T00:00:00Z" })).await,
            ["text-required", "text-too-long", "hold-expiry-range"]);
        assert_eq!(refused("park", json!({ "tenantId": world.ids.b1.to_string() })).await, ["tenant-unknown"]);
        assert_eq!(refused("park", json!({ "seatIds": [seats[0], seats[0]] })).await, ["id-doubled"]);
        assert_eq!(refused("park", json!({ "seatIds": [format!("seat_{:032x}", 5)] })).await, ["seat-unknown"]);
        assert_eq!(refused("park", json!({ "from": "2025-12-01" })).await, ["seat-not-built"; 3]);
        assert_eq!(refused("park", json!({ "shiftFromMin": 600, "shiftToMin": 600 })).await, ["shift-window"]);
        assert_eq!(refused("a1", json!({ "note": "own" })).await, ["forbidden"]);
        assert_eq!(refused("other-park", json!({ "seatIds": [seats[0]] })).await, ["seat-unknown"]);
        // The free hours of a day can be kept: somebody has the seat by night.
        let night = { let mut t = allocate(&one, &seats[..1], "2026-12-01", Some("2027-01-01"), "k9"); t["shiftFromMin"] = json!(1200); t["shiftToMin"] = json!(1920); t };
        world.done("park", "seatsAllocate", "count", night).await;
        let day = |from: i64, to: i64| hold(&seats[..1], &json!({ "shiftFromMin": from, "shiftToMin": to }));
        assert_eq!(world.refused("park", "seatsHold", day(420, 1200)).await, ["seat-held"]);
        world.done("park", "seatsHold", "hold { id }", day(480, 1200)).await;
    }

    /// Many who want the same seats at once, some to keep and some to lease them: each seat goes to one.
    async fn at_once_one_gets_the_seat(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 2).await;
        world.token("park").await;
        let tries = (0..8).map(|n| {
            let (world, seats, lease) = (&world, seats.clone(), if n % 4 == 1 { one.clone() } else { two.clone() });
            async move {
                let key = format!("k{n}");
                if n % 2 == 0 {
                    let done = world.mutate("park", "seatsHold", "hold { id }", hold(&seats, &json!({ "idempotencyKey": key }))).await;
                    !done["hold"].is_null()
                } else {
                    let input = allocate(&lease, &seats, "2026-12-01", Some("2027-01-01"), &key);
                    !world.mutate("park", "seatsAllocate", "count", input).await["count"].is_null()
                }
            }
        });
        assert_eq!(join_all(tries).await.into_iter().filter(|won| *won).count(), 1);
    }

    /// A seat out of service is in nobody's lease or hold, unless that is known; it comes back on a day.
    async fn seats_go_out_of_service_and_come_back(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 4).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..1], "2026-12-01", Some("2027-01-01"), "k1")).await;
        held(&world, &seats[1..2], json!({})).await;
        let out = |of: &[String], more: Value| {
            let mut input = json!({ "seatIds": of, "from": "2026-12-10", "reason": "地板维修", "idempotencyKey": format!("out-{}", serial()) });
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
            input
        };
        assert_eq!(world.refused("park", "seatsOutOfService", out(&seats[..3], json!({}))).await, ["seat-held", "seat-on-hold"]);
        assert_eq!(world.refused("park", "seatsOutOfService", out(&seats[..3], json!({ "reason": "", "to": "2026-12-10" }))).await,
            ["text-required", "period-empty"]);
        assert_eq!(world.refused("a1", "seatsOutOfService", out(&seats[2..3], json!({}))).await, ["forbidden"]);
        assert_eq!(world.refused("finance", "seatsOutOfService", out(&seats[2..3], json!({}))).await, ["forbidden"]);
        let done = world.done("park", "seatsOutOfService", "count", out(&seats[..3], json!({ "althoughHeld": true, "to": "2026-12-15" }))).await;
        assert_eq!(done["count"], 3);
        world.done("park", "seatsOutOfService", "count", out(&seats[3..], json!({ "from": "2026-12-12" }))).await;
        assert_eq!(states(&world, "park", "2026-12-09").await, ["ALLOCATED", "HELD", "AVAILABLE", "AVAILABLE"]);
        assert_eq!(states(&world, "park", "2026-12-14").await, ["OUT_OF_SERVICE"; 4]);
        assert_eq!(states(&world, "park", "2026-12-15").await, ["ALLOCATED", "HELD", "AVAILABLE", "OUT_OF_SERVICE"]);
        assert_eq!(states(&world, "a1", "2026-12-14").await, ["OUT_OF_SERVICE"; 4]);
        assert_eq!(counts(&world, "2026-12-14").await, json!({ "built": 4, "leased": 1, "held": 1, "outOfService": 4, "available": 0 }));
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&one, &seats[2..], "2026-12-01", Some("2026-12-11"), "k2")).await,
            ["seat-out-of-service"]);
        assert_eq!(world.refused("park", "seatsHold", hold(&seats[3..], &json!({}))).await, ["seat-out-of-service"]);
        assert_eq!(world.refused("park", "seatsOutOfService", out(&seats[3..], json!({ "from": "2027-05-01" }))).await, ["seat-out-of-service"]);

        let document = "{ park { seatOutages { totalCount nodes { id outFrom outTo reason seat { code outage(on: \"2026-12-14\") { reason } hold(on: \"2026-12-14\") { keptFor } } } } } }";
        let list = world.ok("park", document, json!({})).await["park"]["seatOutages"].clone();
        assert_eq!(list["totalCount"], 4);
        let last = &list["nodes"][3];
        assert_eq!((&last["outFrom"], &last["outTo"], &last["seat"]["code"]), (&json!("2026-12-12"), &Value::Null, &json!("S-0004")));
        assert_eq!(last["seat"]["outage"]["reason"], "地板维修");
        assert_eq!(list["nodes"].as_array().unwrap().iter().filter(|o| o["seat"]["hold"]["keptFor"] == "新程科技").count(), 1);
        assert_eq!(world.ok("a1", document, json!({})).await["park"]["seatOutages"], json!({ "totalCount": 0, "nodes": [] }));

        let back = |on: &str, key: &str| json!({ "outageIds": [last["id"]], "on": on, "idempotencyKey": key });
        assert_eq!(world.refused("park", "seatsInService", back("2026-12-11", "b1")).await, ["outage-before-start"]);
        assert_eq!(world.done("park", "seatsInService", "count", back("2027-01-01", "b2")).await["count"], 1);
        assert_eq!(world.refused("park", "seatsInService", back("2027-01-01", "b3")).await, ["outage-over"]);
        // On its first day it never was.
        assert_eq!(world.done("park", "seatsInService", "count", back("2026-12-12", "b4")).await["count"], 1);
        assert_eq!(states(&world, "park", "2026-12-14").await[3], "AVAILABLE");
        assert_eq!(world.ok("park", document, json!({})).await["park"]["seatOutages"]["totalCount"], 3);
        let unknown = json!({ "outageIds": [format!("outage_{:032x}", 1)], "on": "2026-12-12", "idempotencyKey": "b5" });
        assert_eq!(world.refused("park", "seatsInService", unknown).await, ["outage-unknown"]);
    }
}
