//! The platform operator in an emergency: in for a reason and a time, seen and ended by those whose place it is.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::{PASSWORD, World};
use voxpark_tests::on_both;

const WHY: &str = "导入任务停在半途，需要查看其状态与日志，并决定是否重做";

fn into(tenant: Option<&str>, write: bool) -> Value {
    json!({ "parkCode": "PA", "tenantCode": tenant, "reason": WHY, "minutes": 30, "write": write })
}

async fn enter(world: &World, tenant: Option<&str>, write: bool) -> (String, String, String) {
    let made = world
        .done("operator", "emergencyEnter", "emergency { id } accessToken refreshToken", into(tenant, write))
        .await;
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    (text(&made["emergency"]["id"]), text(&made["accessToken"]), text(&made["refreshToken"]))
}

async fn ask(world: &World, token: &str, document: &str) -> Value {
    world.call(Some(token.to_owned()), document, json!({})).await.body
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

const SHIFT: &str = "mutation { shiftCreate(input: { code: \"S1\", name: \"早\", startMin: 480, endMin: 960, breakMin: 60, idempotencyKey: \"s\" }) { userErrors { rule } } }";
const LIST: &str =
    "{ emergencies { id operator reason write active tenantName endedBy } viewer { emergencies { id } } }";

on_both! {
    /// Nobody else enters, and the operator neither without a reason, a time and a proof; outside of it, nothing is to be seen.
    async fn who_enters_and_how(backend) {
        let world = World::new(backend).await;
        for who in ["park", "finance", "a1", "a1-agent", "assessor", "other-park"] {
            let rules = world.refused(who, "emergencyEnter", into(Some("A1"), false)).await;
            assert!(rules == ["not-found"] || rules == ["forbidden"], "{who}: {rules:?}");
        }
        for (change, rule) in [
            (json!({ "reason": "kurz" }), "emergency-reason"),
            (json!({ "minutes": 241 }), "emergency-minutes"),
            (json!({ "minutes": 4 }), "emergency-minutes"),
            (json!({ "parkCode": "PX" }), "park-unknown"),
            (json!({ "tenantCode": "B1" }), "tenant-unknown"),
        ] {
            let mut input = into(Some("A1"), false);
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(world.refused("operator", "emergencyEnter", input).await, [rule]);
        }
        let blind = world.ok("operator", "{ park { tenants { totalCount } } tenant { name } emergencies { id } auditEvents { totalCount } }", json!({})).await;
        assert_eq!((&blind["park"]["tenants"]["totalCount"], &blind["emergencies"]), (&json!(0), &json!([])), "{blind}");
        world.clock.advance(TimeDelta::minutes(6));
        assert_eq!(world.refused("operator", "emergencyEnter", into(Some("A1"), false)).await, ["step-up-required"]);
        world.done("operator", "stepUp", "", json!({ "password": PASSWORD })).await;
        enter(&world, Some("A1"), false).await;
    }

    /// It reads and changes nothing; those whose place it is are told, and see each act with its mark.
    async fn it_reads_and_is_seen(backend) {
        let world = World::new(backend).await;
        let (id, token, refresh) = enter(&world, Some("A1"), false).await;
        let me = ask(&world, &token, "{ viewer { role tenant { code } emergencies { id } } tenant { people { totalCount } } }").await;
        assert_eq!((&me["data"]["viewer"]["role"], &me["data"]["viewer"]["tenant"]["code"]), (&json!("TENANT_MANAGER"), &json!("A1")));
        assert_eq!(me["data"]["viewer"]["emergencies"][0]["id"], id.as_str());
        assert_eq!(ask(&world, &token, SHIFT).await["data"]["shiftCreate"]["userErrors"][0]["rule"], "forbidden");
        let again = "mutation { emergencyEnter(input: { parkCode: \"PA\", reason: \"noch einmal, von innen heraus\" }) { userErrors { rule } } }";
        assert_eq!(ask(&world, &token, again).await["data"]["emergencyEnter"]["userErrors"][0]["rule"], "forbidden");

        // The manager and the park's administrator have letters, in the transaction of the entry.
        world.run_jobs().await;
        let letters: Vec<String> = std::fs::read_dir(world.outbox()).unwrap().flatten().map(|e| std::fs::read_to_string(e.path()).unwrap()).collect();
        for to in ["a1@example.test", "park@example.test"] {
            assert_eq!(letters.iter().filter(|l| l.contains(&format!("To: {to}"))).count(), 1, "{to}");
        }
        assert_eq!(letters.len(), 2);
        // The manager sees it, with the reason; the neighbours and the park do not.
        let seen = world.ok("a1", LIST, json!({})).await;
        assert_eq!((seen["emergencies"][0]["reason"].as_str(), &seen["viewer"]["emergencies"][0]["id"]), (Some(WHY), &json!(id)));
        for who in ["a2", "park", "b1", "other-park"] {
            assert_eq!(world.ok(who, LIST, json!({})).await, json!({ "emergencies": [], "viewer": { "emergencies": [] } }), "{who}");
        }
        for who in ["a1-leader", "a1-agent", "finance", "assessor"] {
            assert_eq!(world.ok(who, LIST, json!({})).await["emergencies"], Value::Null, "{who}");
        }
        assert_eq!(world.ok("operator", LIST, json!({})).await["emergencies"][0]["id"], id.as_str());
        let log = "{ auditEvents(first: 50) { nodes { action actorName role grants } } }";
        let events = world.ok("a1", log, json!({})).await["auditEvents"]["nodes"].as_array().unwrap().clone();
        let of = |action: &str| events.iter().find(|e| e["action"] == action).unwrap_or_else(|| panic!("{action}: {events:?}"));
        assert_eq!(of("emergency.enter")["role"], "PLATFORM_OPERATOR");
        let by_operator = |e: &&Value| e["action"] == "access.denied" && e["actorName"] == "operator 姓名";
        let denied: Vec<_> = events.iter().filter(by_operator).collect();
        assert!(!denied.is_empty() && denied.iter().all(|e| e["grants"] == json!([id])), "{events:?}");

        // It goes on through its refresh and ends by itself.
        let next = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken refreshToken } }";
        world.clock.advance(TimeDelta::minutes(9));
        let fresh = world.call(None, next, json!({ "input": { "refreshToken": refresh } })).await.body["data"]["tokenRefresh"].clone();
        assert_eq!(code(&ask(&world, fresh["accessToken"].as_str().unwrap(), "{ tenant { name } }").await), "none");
        world.clock.advance(TimeDelta::minutes(22));
        let late = world.call(None, next, json!({ "input": { "refreshToken": fresh["refreshToken"] } })).await.body;
        assert_eq!(code(&late), "UNAUTHENTICATED");
        world.forget_tokens().await;
        assert_eq!(world.ok("a1", LIST, json!({})).await["emergencies"][0]["active"], false);
    }

    /// It changes things where that was asked for, but binds nobody and gives nobody access.
    async fn it_changes_what_was_asked_for(backend) {
        let world = World::new(backend).await;
        let (id, token, _) = enter(&world, Some("A1"), true).await;
        assert_eq!(ask(&world, &token, SHIFT).await["data"]["shiftCreate"]["userErrors"], json!([]));
        let log = "{ auditEvents(filter: { action: \"shift.create\" }) { nodes { role grants } } }";
        let told = world.ok("a1", log, json!({})).await["auditEvents"]["nodes"][0].clone();
        assert_eq!(told, json!({ "role": "PLATFORM_OPERATOR", "grants": [id] }));
        let program = "mutation { serviceAccountCreate(input: { name: \"x\", role: TEAM_LEADER, scopes: [\"people:read\"], validTo: \"2026-12-01\", idempotencyKey: \"x\" }) { token userErrors { rule } } }";
        assert_eq!(ask(&world, &token, program).await["data"]["serviceAccountCreate"]["userErrors"][0]["rule"], "forbidden");
        let (_, park, _) = enter(&world, None, true).await;
        let grant = "mutation { grantCreate(input: { assessorEmail: \"assessor@example.test\", role: ASSESSOR, purpose: \"复核\", validFrom: \"2026-11-01\", validTo: \"2026-12-01\", idempotencyKey: \"g\" }) { userErrors { rule } } }";
        assert_eq!(ask(&world, &park, grant).await["data"]["grantCreate"]["userErrors"][0]["rule"], "forbidden");
        assert!(ask(&world, &park, "{ park { tenants { totalCount } } }").await["data"]["park"]["tenants"]["totalCount"].as_i64() >= Some(2));
        assert_eq!(ask(&world, &park, "{ tenant { name } }").await["data"]["tenant"], Value::Null, "a park is not its tenants");
    }

    /// It is ended by those whose place it is, or by the operator, with what it has open; by nobody else, and once.
    async fn it_is_ended(backend) {
        let world = World::new(backend).await;
        let (id, token, refresh) = enter(&world, Some("A1"), true).await;
        let file = world.upload("a1", "calls.csv", b"no such header\n").await;
        let start = json!({ "fileId": file, "format": "ANONYMOUS_BANK", "idempotencyKey": "i" });
        let import = world.done("a1", "contactImportStart", "import { id }", start).await["import"]["id"].clone();
        let follow = "subscription($id: ID!) { contactImportChanged(id: $id) { state } }";
        let mut answers = world.api.answers(world.asks(Some(token.clone()), follow, json!({ "id": import })));
        assert_eq!(answers.recv().await.unwrap().body["data"]["contactImportChanged"]["state"], "WAITING");
        let end = |id: &str| json!({ "emergencyId": id });
        for who in ["a2", "park", "other-park", "b1"] {
            assert_eq!(world.refused(who, "emergencyEnd", end(&id)).await, ["emergency-unknown"], "{who}");
        }
        for who in ["a1-leader", "assessor", "finance"] {
            assert_eq!(world.refused(who, "emergencyEnd", end(&id)).await, ["not-found"], "{who}");
        }
        let ended = world.done("a1", "emergencyEnd", "emergency { active endedBy }", end(&id)).await;
        assert_eq!(ended["emergency"], json!({ "active": false, "endedBy": "OWNER" }));
        let last = tokio::time::timeout(std::time::Duration::from_secs(10), answers.recv()).await.expect("at once").unwrap();
        assert_eq!(code(&last.body), "UNAUTHENTICATED");
        assert_eq!(code(&ask(&world, &token, "{ viewer { role } }").await), "UNAUTHENTICATED");
        let next = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken } }";
        assert_eq!(code(&world.call(None, next, json!({ "input": { "refreshToken": refresh } })).await.body), "UNAUTHENTICATED");
        assert_eq!(world.refused("a1", "emergencyEnd", end(&id)).await, ["emergency-unknown"]);
        let (own, token, _) = enter(&world, None, false).await;
        let ended = world.done("operator", "emergencyEnd", "emergency { endedBy }", end(&own)).await;
        assert_eq!(ended["emergency"]["endedBy"], "OPERATOR");
        assert_eq!(code(&ask(&world, &token, "{ viewer { role } }").await), "UNAUTHENTICATED");
        let told = world.ok("park", "{ auditEvents(filter: { action: \"emergency.\" }) { totalCount } }", json!({})).await;
        assert_eq!(told["auditEvents"]["totalCount"], 2);
    }
}
