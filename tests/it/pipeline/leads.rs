//! Leads down the funnel, and what is refused.

use serde_json::{Value, json};
use voxpark_tests::app::{World, user};
use voxpark_tests::on_both;

use super::{entered, lead, read, refused, with};

const CODE: &str = "91350100M000100Y43";
const ALL: &str = "name nameEn creditCode source contact { name phone mail } seats product wantedFrom business tenant { code } owner { id name }
  nextStep nextOn state lostReason";

/// The names of the leads that pass a filter, in an order.
async fn names(world: &World, who: &str, filter: Value, order: Value) -> Vec<String> {
    let document = "query($filter: LeadFilter, $order: LeadOrder) { park { leads(filter: $filter, orderBy: $order) { totalCount nodes { name } } } }";
    let found = world.ok(who, document, json!({ "filter": filter, "order": order })).await["park"]["leads"].clone();
    let names: Vec<_> =
        found["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found["totalCount"], names.len());
    names
}

on_both! {
    /// Everything that is known comes back; a second one of the same code or name is refused, a retry answers the same.
    async fn a_lead_is_entered_once(backend) {
        let world = World::new(backend).await;
        let full = json!({ "nameEn": "Yunke Service", "creditCode": CODE.to_lowercase(), "contactName": "王先生", "contactPhone": "138-0000-0000",
            "contactMail": "wang@yunke.test", "product": "EQUIPPED", "wantedFrom": "2027-03-01", "business": "银行客服",
            "ownerId": user("park").to_string(), "nextStep": "打电话约看房", "nextOn": "2026-11-24" });
        let input = with(lead(" 云客服务 ", "k"), &full);
        let made = world.done("park", "leadCreate", &format!("lead {{ id {ALL} }}"), input.clone()).await;
        assert_eq!(world.done("park", "leadCreate", &format!("lead {{ id {ALL} }}"), input).await, made, "a retry enters nothing");
        let id = made["lead"]["id"].clone();
        let expected = json!({ "name": "云客服务", "nameEn": "Yunke Service", "creditCode": CODE, "source": "REFERRAL",
            "contact": { "name": "王先生", "phone": "138-0000-0000", "mail": "wang@yunke.test" }, "seats": 80, "product": "EQUIPPED",
            "wantedFrom": "2027-03-01", "business": "银行客服", "tenant": null, "owner": { "id": user("park").to_string(), "name": "park 姓名" },
            "nextStep": "打电话约看房", "nextOn": "2026-11-24", "state": "NEW", "lostReason": null });
        assert_eq!(read(&world, &id, "Lead", ALL).await, expected);
        let again = |name: &str, more: Value, key: &str| with(lead(name, key), &more);
        assert_eq!(refused(&world, "park", "leadCreate", again("别家", json!({ "creditCode": CODE }), "a")).await, ["creditCode lead-credit-code-taken"]);
        assert_eq!(refused(&world, "park", "leadCreate", again("云 客服务", json!({}), "b")).await, ["name lead-name-known"]);
        assert_eq!(refused(&world, "park", "leadCreate", again("a1 呼叫中心", json!({}), "c")).await, ["name lead-name-of-tenant"]);
        world.done("park", "leadCreate", "lead { id }", again("云客服务", json!({ "allowSameName": true }), "d")).await;
        let tenant = json!({ "tenantId": world.ids.a1.to_string() });
        let known = world.done("park", "leadCreate", "lead { tenant { code } }", again("a1 呼叫中心", tenant, "e")).await;
        assert_eq!(known["lead"]["tenant"]["code"], "A1");
        // The neighbour has leads of its own.
        world.done("other-park", "leadCreate", "lead { id }", again("云客服务", json!({ "creditCode": CODE }), "f")).await;
        // The log tells that, and of people only that there are some.
        let log = world.ok("park", "{ auditEvents(first: 50, filter: { action: \"lead.create\" }) { nodes { subject changes { field from to } } } }", json!({})).await.to_string();
        assert!(log.contains(id.as_str().unwrap()) && log.contains("contactName"), "{log}");
        for secret in ["王先生", "138-0000", "wang@yunke.test", "打电话"] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
        let looked = world.ok("park", "{ auditEvents(first: 50, filter: { action: \"personal.read\" }) { totalCount } }", json!({})).await;
        assert!(looked["auditEvents"]["totalCount"].as_i64().unwrap() > 0, "nobody heard that contacts were read");
    }

    /// Faults are named by their field, all at once, and nothing is stored.
    async fn what_is_no_lead_is_refused(backend) {
        let world = World::new(backend).await;
        let bad = json!({ "name": " ", "seats": 0, "contactPhone": "none", "contactMail": "nobody", "ownerId": user("a1").to_string(),
            "tenantId": world.ids.b1.to_string() });
        let expected = ["name text-required", "seats lead-seats", "contactPhone phone-invalid", "contactMail email-invalid",
            "ownerId staff-unknown", "tenantId not-found"];
        assert_eq!(refused(&world, "park", "leadCreate", with(lead("x", "a"), &bad)).await, expected);
        for (code, rule) in [("91350100M000100Y44", "credit-code-check"), ("91350100", "credit-code-form")] {
            let input = with(lead("x", code), &json!({ "creditCode": code }));
            assert_eq!(refused(&world, "park", "leadCreate", input).await, [format!("creditCode {rule}")]);
        }
        assert_eq!(names(&world, "park", json!({}), Value::Null).await, Vec::<String>::new());
    }

    /// Down the funnel by hand as far as hands go, out with a reason, and back in; every step is kept.
    async fn a_lead_goes_down_the_funnel(backend) {
        let world = World::new(backend).await;
        let id = entered(&world, "云客服务").await;
        let to = |state: &str, key: &str| json!({ "leadId": id, "to": state, "idempotencyKey": key });
        for (state, rule) in [("NEW", "to lead-step"), ("QUOTED", "to lead-step-by-quote"), ("WON", "to lead-step-by-quote"), ("LOST", "lostReason lead-lost-reason")] {
            assert_eq!(refused(&world, "park", "leadMove", to(state, &format!("no-{state}"))).await, [rule], "{state}");
        }
        world.done("park", "leadMove", "lead { state }", to("CONTACTED", "a")).await;
        world.done("park", "leadMove", "lead { state }", to("CONTACTED", "a")).await;
        world.done("park", "leadMove", "lead { state }", to("VISITED", "b")).await;
        assert_eq!(refused(&world, "park", "leadMove", to("CONTACTED", "c")).await, ["to lead-step"]);
        let lost = with(to("LOST", "d"), &json!({ "lostReason": "PRICE", "remark": "隔壁便宜" }));
        assert_eq!(world.done("park", "leadMove", "lead { state lostReason }", lost).await["lead"], json!({ "state": "LOST", "lostReason": "PRICE" }));
        let plan = |step: &str, key: &str| json!({ "leadId": id, "nextStep": step, "nextOn": "2026-12-01", "idempotencyKey": key });
        assert_eq!(refused(&world, "park", "leadPlan", plan("回访", "e")).await, ["leadId lead-closed"]);
        assert_eq!(refused(&world, "park", "leadMove", to("VISITED", "f")).await, ["to lead-step"]);
        assert_eq!(world.done("park", "leadMove", "lead { state lostReason }", to("CONTACTED", "g")).await["lead"], json!({ "state": "CONTACTED", "lostReason": null }));
        assert_eq!(refused(&world, "park", "leadPlan", plan(" ", "h")).await, ["nextStep lead-next-day"]);
        world.done("park", "leadPlan", "lead { id }", plan("回访", "i")).await;
        let note = |text: &str, key: &str| json!({ "leadId": id, "text": text, "idempotencyKey": key });
        assert_eq!(refused(&world, "park", "leadNoteAdd", note(" ", "j")).await, ["text text-required"]);
        assert_eq!(refused(&world, "park", "leadNoteAdd", note(&"长".repeat(1001), "k")).await, ["text text-too-long"]);
        for text in ["老板姓王", "要靠窗"] {
            world.done("park", "leadNoteAdd", "lead { id }", note(text, text)).await;
        }
        let seen = read(&world, &id, "Lead", "state nextStep nextOn notes { text by { name } } history { from to lostReason remark by { name } }").await;
        let by = json!({ "name": "park 姓名" });
        let step = |from: Value, to: &str, reason: Value, remark: &str| json!({ "from": from, "to": to, "lostReason": reason, "remark": remark, "by": by });
        assert_eq!(seen, json!({ "state": "CONTACTED", "nextStep": "回访", "nextOn": "2026-12-01",
            "notes": [{ "text": "要靠窗", "by": by }, { "text": "老板姓王", "by": by }],
            "history": [step(Value::Null, "NEW", Value::Null, ""), step(json!("NEW"), "CONTACTED", Value::Null, ""),
                step(json!("CONTACTED"), "VISITED", Value::Null, ""), step(json!("VISITED"), "LOST", json!("PRICE"), "隔壁便宜"),
                step(json!("LOST"), "CONTACTED", Value::Null, "")] }));
    }

    /// Facts change as a whole; owners change hands, and the pool is taken from once.
    async fn leads_change_and_change_hands(backend) {
        let world = World::new(backend).await;
        let (id, other) = (entered(&world, "云客服务").await, entered(&world, "别家").await);
        let change = |name: &str, more: Value, key: &str| with(with(lead(name, key), &json!({ "leadId": id, "seats": 90 })), &more);
        assert_eq!(refused(&world, "park", "leadChange", change("别家", json!({}), "a")).await, ["name lead-name-known"]);
        world.done("park", "leadChange", "lead { id }", with(with(lead("别家", "b"), &json!({ "leadId": other })), &json!({ "creditCode": CODE }))).await;
        assert_eq!(refused(&world, "park", "leadChange", change("云客服务", json!({ "creditCode": CODE }), "c")).await, ["creditCode lead-credit-code-taken"]);
        let made = world.done("park", "leadChange", "lead { name seats contact { name } owner { name } }", change("云客", json!({ "contactName": "李女士" }), "d")).await;
        assert_eq!(made["lead"], json!({ "name": "云客", "seats": 90, "contact": { "name": "李女士" }, "owner": { "name": "park 姓名" } }));
        let give = |owner: Option<&str>, pool: bool, key: &str| json!({ "leadId": id, "ownerId": owner.map(|who| user(who).to_string()), "fromPool": pool, "idempotencyKey": key });
        assert_eq!(refused(&world, "park", "leadAssign", give(Some("finance"), true, "e")).await, ["leadId lead-taken"]);
        assert_eq!(refused(&world, "park", "leadAssign", give(Some("a1"), false, "f")).await, ["ownerId staff-unknown"]);
        assert_eq!(world.done("park", "leadAssign", "lead { owner { name } }", give(None, false, "g")).await["lead"]["owner"], Value::Null);
        assert_eq!(names(&world, "park", json!({ "pool": true }), Value::Null).await, ["云客"]);
        let taken = world.done("park", "leadAssign", "lead { owner { name } }", give(Some("finance"), true, "h")).await;
        assert_eq!(taken["lead"]["owner"]["name"], "finance 姓名");
        assert_eq!(names(&world, "park", json!({ "ownerId": user("finance").to_string() }), Value::Null).await, ["云客"]);
        let unknown = json!({ "leadId": format!("lead_{:032x}", 1), "text": "x", "idempotencyKey": "u" });
        assert_eq!(refused(&world, "park", "leadNoteAdd", unknown).await, ["leadId lead-unknown"]);
    }

    /// The list is filtered and sorted by the server; the funnel counts and sums.
    async fn leads_are_found(backend) {
        let world = World::new(backend).await;
        for (n, (name, seats, from, next)) in [("a", 30, Some("2027-05-01"), Some("2026-11-20")), ("b", 10, None, Some("2026-11-21")), ("c", 20, Some("2027-01-01"), None)].into_iter().enumerate() {
            world.clock.advance(chrono::TimeDelta::seconds(1));
            let more = json!({ "seats": seats, "wantedFrom": from, "nextStep": next.map(|_| "x"), "nextOn": next });
            let made = world.done("park", "leadCreate", "lead { id }", with(lead(name, name), &more)).await;
            if n > 0 {
                world.done("park", "leadMove", "", json!({ "leadId": made["lead"]["id"], "to": "LOST", "lostReason": "SILENT", "idempotencyKey": name })).await;
            }
        }
        let order = |field: &str, way: &str| json!({ "field": field, "direction": way });
        assert_eq!(names(&world, "park", json!({}), Value::Null).await, ["c", "b", "a"]);
        for (field, asc) in [("CREATED", ["a", "b", "c"]), ("NAME", ["a", "b", "c"]), ("STATE", ["a", "b", "c"]), ("SEATS", ["b", "c", "a"]), ("WANTED_FROM", ["c", "a", "b"]), ("NEXT_ON", ["a", "b", "c"])] {
            assert_eq!(names(&world, "park", json!({}), order(field, "ASC")).await, asc, "{field}");
            assert_eq!(names(&world, "park", json!({}), order(field, "DESC")).await, asc.into_iter().rev().collect::<Vec<_>>(), "{field}");
        }
        assert_eq!(names(&world, "finance", json!({ "states": ["LOST"] }), Value::Null).await, ["c", "b"]);
        assert_eq!(names(&world, "park", json!({ "dueBy": "2026-11-21" }), Value::Null).await, ["a"], "b is out of the funnel");
        assert_eq!(names(&world, "park", json!({ "dueBy": "2026-11-19" }), Value::Null).await, Vec::<String>::new());
        let funnel = world.ok("finance", "{ park { leadFunnel { state leads seats } staff { name } } }", json!({})).await["park"].clone();
        let (first, last) = (&funnel["leadFunnel"][0], &funnel["leadFunnel"][5]);
        assert_eq!((first, last), (&json!({ "state": "NEW", "leads": 1, "seats": 30 }), &json!({ "state": "LOST", "leads": 2, "seats": 30 })));
        assert_eq!(funnel["staff"], json!([{ "name": "finance 姓名" }, { "name": "park 姓名" }]));
    }

    /// Nobody but staff of the park sees or does anything; finance sees.
    async fn the_pipeline_is_the_parks_own(backend) {
        let world = World::new(backend).await;
        let id = entered(&world, "云客服务").await;
        let all = "query($id: ID!) { node(id: $id) { id } park { leads(first: 5) { totalCount nodes { name } } leadFunnel { leads } staff { name } } }";
        for who in ["a1", "a1-leader", "a1-agent", "a2", "assessor", "other-assessor"] {
            let seen = world.ok(who, all, json!({ "id": id })).await;
            assert_eq!(seen["node"], Value::Null, "{who}");
            let park = &seen["park"];
            assert!(park.is_null() || *park == json!({ "leads": { "totalCount": 0, "nodes": [] }, "leadFunnel": [], "staff": [] }), "{who} {park}");
            assert_eq!(world.refused(who, "leadCreate", lead("x", "x")).await, ["not-found"], "{who}");
            let note = json!({ "leadId": id, "text": "x", "idempotencyKey": "x" });
            assert_eq!(world.refused(who, "leadNoteAdd", note).await, ["not-found"], "{who}");
        }
        let seen = world.ok("other-park", all, json!({ "id": id })).await;
        assert_eq!((&seen["node"], &seen["park"]["leads"]["totalCount"]), (&Value::Null, &json!(0)));
        let note = |key: &str| json!({ "leadId": id, "text": "x", "idempotencyKey": key });
        assert_eq!(world.refused("other-park", "leadNoteAdd", note("x")).await, ["lead-unknown"]);
        assert_eq!(world.refused("finance", "leadNoteAdd", note("x")).await, ["forbidden"]);
        assert_eq!(world.ok("finance", all, json!({ "id": id })).await["node"]["id"], id);
    }

    /// Two enter the same company at once: one does. Two take the same lead from the pool: one has it.
    async fn at_once_by_two(backend) {
        let world = World::new(backend).await;
        for who in ["park", "finance"] {
            world.token(who).await;
        }
        let code = |key: &str| with(lead(&format!("云客 {key}"), key), &json!({ "creditCode": CODE }));
        let (one, two) = tokio::join!(world.mutate("park", "leadCreate", "lead { id }", code("a")), world.mutate("park", "leadCreate", "lead { id }", code("b")));
        let made: Vec<_> = [one, two].into_iter().filter(|p| !p["lead"].is_null()).collect();
        assert_eq!(made.len(), 1, "{made:?}");
        let id = made[0]["lead"]["id"].clone();
        let take = |who: &str| json!({ "leadId": id, "ownerId": user(who).to_string(), "fromPool": true, "idempotencyKey": who });
        let (one, two) = tokio::join!(world.mutate("park", "leadAssign", "lead { id }", take("park")), world.mutate("park", "leadAssign", "lead { id }", take("finance")));
        assert_eq!([&one, &two].iter().filter(|p| p["lead"].is_null()).count(), 1, "{one} {two}");
        let note = |n: i32| json!({ "leadId": id, "text": format!("note {n}"), "idempotencyKey": format!("n{n}") });
        let notes = futures_util::future::join_all((0..6).map(|n| world.mutate("park", "leadNoteAdd", "lead { id }", note(n)))).await;
        assert!(notes.iter().all(|p| !p["lead"].is_null()), "{notes:?}");
        assert_eq!(read(&world, &id, "Lead", "notes { text }").await["notes"].as_array().unwrap().len(), 6);
    }
}
