//! Visits agreed, changed and ended.

use serde_json::{Value, json};
use voxpark_tests::app::{World, user};
use voxpark_tests::on_both;

use super::{entered, read, refused, with};
use crate::estate::{import, plan};

async fn zones(world: &World) -> Vec<Value> {
    import(world, plan(60).as_bytes(), json!({})).await;
    let floors = world.ok("park", "{ park { floors { zones { id } } } }", json!({})).await;
    let floors = floors["park"]["floors"].as_array().unwrap().clone();
    floors.iter().flat_map(|floor| floor["zones"].as_array().unwrap().clone()).map(|zone| zone["id"].clone()).collect()
}

fn visit(lead: &Value, day: &str, key: &str) -> Value {
    json!({ "leadId": lead, "day": day, "atMin": 600, "guideId": user("park").to_string(), "idempotencyKey": key })
}

on_both! {
    /// Agreed for a day, agreed otherwise, shown on the lead; one that took place takes the lead down the funnel.
    async fn a_visit_takes_a_lead_down_the_funnel(backend) {
        let world = World::new(backend).await;
        let (id, zones) = (entered(&world, "云客服务").await, zones(&world).await);
        let full = json!({ "zoneIds": [zones[0]], "remark": "带王先生看" });
        let all = "visit { id day atMin guide { name } zones { id } remark state lead { name } }";
        let made = world.done("park", "visitPlan", all, with(visit(&id, "2026-11-21", "a"), &full)).await;
        assert_eq!(world.done("park", "visitPlan", all, with(visit(&id, "2026-11-21", "a"), &full)).await, made);
        let planned = made["visit"]["id"].clone();
        assert_eq!(made["visit"], json!({ "id": planned, "day": "2026-11-21", "atMin": 600, "guide": { "name": "park 姓名" }, "zones": [{ "id": zones[0] }],
            "remark": "带王先生看", "state": "PLANNED", "lead": { "name": "云客服务" } }));
        let change = json!({ "visitId": planned, "day": "2026-11-22", "atMin": 840, "guideId": user("finance").to_string(), "idempotencyKey": "b" });
        let changed = world.done("park", "visitChange", all, change).await["visit"].clone();
        assert_eq!((&changed["day"], &changed["atMin"], &changed["guide"]["name"], &changed["zones"], &changed["remark"]),
            (&json!("2026-11-22"), &json!(840), &json!("finance 姓名"), &json!([]), &json!("")));
        let end = |done: bool, key: &str| json!({ "visitId": planned, "done": done, "remark": "满意", "idempotencyKey": key });
        assert_eq!(refused(&world, "park", "visitEnd", end(true, "c")).await, ["visitId visit-to-come"]);
        world.clock.advance(chrono::TimeDelta::days(1));
        world.forget_tokens().await;
        world.done("park", "visitEnd", "visit { state remark }", end(true, "d")).await;
        assert_eq!(refused(&world, "park", "visitEnd", end(false, "e")).await, ["visitId visit-over"]);
        let again = json!({ "visitId": planned, "day": "2026-12-01", "atMin": 0, "guideId": user("park").to_string(), "idempotencyKey": "f" });
        assert_eq!(refused(&world, "park", "visitChange", again).await, ["visitId visit-over"]);
        // A second one that is called off changes nothing about the lead.
        let second = world.done("park", "visitPlan", "visit { id }", visit(&id, "2026-12-02", "g")).await["visit"]["id"].clone();
        world.done("park", "visitEnd", "", json!({ "visitId": second, "done": false, "idempotencyKey": "h" })).await;
        let seen = read(&world, &id, "Lead", "state visits { day state remark } history { to }").await;
        assert_eq!(seen, json!({ "state": "VISITED", "visits": [{ "day": "2026-12-02", "state": "CANCELLED", "remark": "" }, { "day": "2026-11-22", "state": "DONE", "remark": "满意" }],
            "history": [{ "to": "NEW" }, { "to": "VISITED" }] }));
    }

    /// Faults are named by their field; who may not look finds nothing.
    async fn what_is_no_visit_is_refused(backend) {
        let world = World::new(backend).await;
        let (id, zones) = (entered(&world, "云客服务").await, zones(&world).await);
        let bad = json!({ "atMin": 1440, "guideId": user("a1").to_string(), "zoneIds": [zones[0], zones[0], format!("zone_{:032x}", 1)], "remark": "长".repeat(1001) });
        let expected = ["atMin visit-time", "zoneIds.1 id-doubled", "remark text-too-long", "guideId staff-unknown", "zoneIds.2 not-found"];
        assert_eq!(refused(&world, "park", "visitPlan", with(visit(&id, "2026-11-22", "a"), &bad)).await, expected);
        assert_eq!(refused(&world, "park", "visitPlan", visit(&json!(format!("lead_{:032x}", 1)), "2026-11-22", "b")).await, ["leadId lead-unknown"]);
        let unknown = json!({ "visitId": format!("visit_{:032x}", 1), "done": true, "idempotencyKey": "c" });
        assert_eq!(refused(&world, "park", "visitEnd", unknown).await, ["visitId visit-unknown"]);
        let made = world.done("park", "visitPlan", "visit { id }", visit(&id, "2026-11-21", "d")).await["visit"]["id"].clone();
        let end = |key: &str| json!({ "visitId": made, "done": true, "idempotencyKey": key });
        for (who, rule) in [("a1", "not-found"), ("assessor", "not-found"), ("finance", "forbidden"), ("other-park", "visit-unknown")] {
            assert_eq!(world.refused(who, "visitEnd", end("x")).await, [rule], "{who}");
        }
        for who in ["a1", "assessor", "other-park"] {
            let node = world.ok(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": made })).await;
            assert_eq!(node["node"], Value::Null, "{who}");
        }
        world.done("park", "leadMove", "", json!({ "leadId": id, "to": "LOST", "lostReason": "OTHER", "idempotencyKey": "e" })).await;
        assert_eq!(refused(&world, "park", "visitPlan", visit(&id, "2026-11-22", "f")).await, ["leadId lead-closed"]);
        // Two end it at once: one does.
        let (one, two) = tokio::join!(world.mutate("park", "visitEnd", "visit { id }", end("g")), world.mutate("park", "visitEnd", "visit { id }", end("h")));
        assert_eq!([&one, &two].iter().filter(|p| p["visit"].is_null()).count(), 1, "{one} {two}");
    }
}
