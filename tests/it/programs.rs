//! Service accounts: who makes them, what they may, how their tokens are replaced and end.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::uow::Mode;
use voxpark_tests::app::{PASSWORD, World};
use voxpark_tests::on_both;

fn draft(role: &str, scopes: &[&str], key: &str) -> Value {
    json!({ "name": format!("程序 {key}"), "role": role, "scopes": scopes, "validTo": "2027-03-01", "idempotencyKey": key })
}

async fn make(world: &World, who: &str, role: &str, scopes: &[&str], key: &str) -> (String, String) {
    let made = world.done(who, "serviceAccountCreate", "serviceAccount { id } token", draft(role, scopes, key)).await;
    (made["serviceAccount"]["id"].as_str().unwrap().to_owned(), made["token"].as_str().unwrap().to_owned())
}

async fn ask(world: &World, token: &str, document: &str) -> Value {
    world.call(Some(token.to_owned()), document, json!({})).await.body
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

const ME: &str = "{ viewer { displayName role can { resource actions } tenant { code } park { code } } }";

on_both! {
    /// By whom and how far: a role and scopes within what the maker may, an end, a proof.
    async fn who_makes_a_service_account_and_how_far_it_goes(backend) {
        let world = World::new(backend).await;
        for who in ["finance", "a1-leader", "a1-agent", "assessor"] {
            assert_eq!(world.refused(who, "serviceAccountCreate", draft("TENANT_MANAGER", &["people:read"], "k")).await, ["not-found"], "{who}");
            let seen = world.ok(who, "{ serviceAccounts { totalCount } serviceRoles { role } }", json!({})).await;
            assert_eq!(seen, json!({ "serviceAccounts": null, "serviceRoles": [] }), "{who}");
        }
        for (who, role, scopes, rules) in [
            ("a1", "PARK_ADMINISTRATOR", vec!["people:read"], vec!["service-role", "scope-beyond"]),
            ("park", "TENANT_MANAGER", vec!["people:read"], vec!["service-role"]),
            ("a1", "PLATFORM_OPERATOR", vec!["emergencies:read"], vec!["service-role", "scope-beyond"]),
            ("a1", "TEAM_LEADER", vec!["people:write"], vec!["scope-beyond"]),
            ("a1", "TENANT_MANAGER", vec!["security:read"], vec!["scope-beyond"]),
            ("a1", "TENANT_MANAGER", vec!["everything"], vec!["scope-invalid"]),
            ("a1", "TENANT_MANAGER", vec![], vec!["scopes-empty"]),
        ] {
            assert_eq!(world.refused(who, "serviceAccountCreate", draft(role, &scopes, "k")).await, rules, "{who} {role} {scopes:?}");
        }
        for (end, rule) in [("2026-11-21", Some("service-token-period")), ("2027-11-23", Some("service-token-period")), ("2027-11-22", None)] {
            let mut input = draft("TEAM_LEADER", &["people:read"], end);
            input["validTo"] = json!(end);
            assert_eq!(world.refused("a1", "serviceAccountCreate", input).await.first().map(String::as_str), rule, "{end}");
        }
        world.clock.advance(TimeDelta::minutes(6));
        assert_eq!(world.refused("a1", "serviceAccountCreate", draft("TEAM_LEADER", &["people:read"], "p")).await, ["step-up-required"]);
        world.done("a1", "stepUp", "", json!({ "password": PASSWORD })).await;
        // The token is told once, and nowhere kept.
        let input = draft("TEAM_LEADER", &["people:read"], "once");
        let first = world.done("a1", "serviceAccountCreate", "serviceAccount { id } token", input.clone()).await;
        let again = world.done("a1", "serviceAccountCreate", "serviceAccount { id } token", input).await;
        assert_eq!((&first["serviceAccount"], &again["token"]), (&again["serviceAccount"], &Value::Null));
        let token = first["token"].as_str().unwrap();
        assert!(token.starts_with("vxp_") && token.len() == 4 + 64 + 8);
        let tx = world.tx("a1", Mode::Read).await;
        let kept = tx.remembered(&world.ctx("a1").await, "serviceAccountCreate", "once").await.unwrap().unwrap();
        assert!(!kept.answer.to_string().contains("vxp_"));
    }

    /// No more than its scopes, within its role and its tenant; nothing of a person's.
    async fn a_program_may_what_its_scopes_name(backend) {
        let world = World::new(backend).await;
        let (id, token) = make(&world, "a1", "TENANT_MANAGER", &["staffing:write", "tenants:read"], "one").await;
        let me = ask(&world, &token, ME).await["data"]["viewer"].clone();
        assert_eq!((&me["displayName"], &me["role"]), (&json!("程序 one"), &json!("TENANT_MANAGER")));
        assert_eq!(me["tenant"]["code"], "A1");
        let can: Vec<_> = me["can"].as_array().unwrap().iter().map(|c| c["resource"].as_str().unwrap()).collect();
        assert_eq!(can, ["tenants", "staffing", "api", "packs"]);

        let shift = |key: &str| format!("mutation {{ shiftCreate(input: {{ code: \"{key}\", name: \"早\", startMin: 480, endMin: 960, breakMin: 60, idempotencyKey: \"{key}\" }}) {{ userErrors {{ rule }} }} }}");
        assert_eq!(ask(&world, &token, &shift("S1")).await["data"]["shiftCreate"]["userErrors"], json!([]));
        let log = "{ auditEvents(filter: { action: \"shift.create\" }) { nodes { actor actorName role } } }";
        let told = world.ok("a1", log, json!({})).await["auditEvents"]["nodes"][0].clone();
        assert_eq!((told["actorName"].as_str(), told["role"].as_str()), (Some("程序 one"), Some("TENANT_MANAGER")));
        // A scope that only reads does not write.
        let (_, reader) = make(&world, "a1", "TENANT_MANAGER", &["staffing:read"], "reader").await;
        assert_eq!(ask(&world, &reader, &shift("S2")).await["data"]["shiftCreate"]["userErrors"][0]["rule"], "forbidden");
        assert_eq!(ask(&world, &token, "{ tenant { people { totalCount } } }").await["data"]["tenant"]["people"]["totalCount"], 0);

        // It has no account, no session, no proof, no other place; it makes no programs.
        for document in [
            "{ viewer { sessions { id } } }",
            "{ viewer { secondFactor { since } } }",
            "mutation { stepUp(input: { password: \"x\" }) { userErrors { rule } } }",
            "mutation { factorBegin(input: {}) { secret } }",
            "mutation { sessionsEndAll(input: {}) { userErrors { rule } } }",
            "mutation { signOut(input: {}) { clientMutationId } }",
        ] {
            assert_eq!(code(&ask(&world, &token, document).await), "UNAUTHENTICATED", "{document}");
        }
        let switch = ask(&world, &token, "mutation { scopeSwitch(input: { scope: \"x\" }) { accessToken userErrors { rule } } }").await;
        assert_eq!(switch["data"]["scopeSwitch"]["userErrors"][0]["rule"], "scope-unknown");
        let more = "mutation { serviceAccountCreate(input: { name: \"x\", role: TEAM_LEADER, scopes: [\"people:read\"], validTo: \"2026-12-01\", idempotencyKey: \"x\" }) { token userErrors { rule } } }";
        assert_eq!(ask(&world, &token, more).await["data"]["serviceAccountCreate"]["userErrors"][0]["rule"], "not-found");
        assert_eq!(ask(&world, &token, "{ serviceAccounts { totalCount } }").await["data"]["serviceAccounts"], Value::Null);

        // Of the neighbours' and the park's programs nobody knows anything.
        for who in ["a2", "park", "b1", "other-park"] {
            assert_eq!(world.ok(who, "{ serviceAccounts { totalCount } }", json!({})).await["serviceAccounts"]["totalCount"], 0, "{who}");
            let delete = json!({ "serviceAccountId": id, "idempotencyKey": "d" });
            assert_eq!(world.refused(who, "serviceAccountDelete", delete).await, ["service-unknown"], "{who}");
            let add = json!({ "serviceAccountId": id, "validTo": "2026-12-01", "idempotencyKey": "t" });
            assert_eq!(world.refused(who, "serviceTokenAdd", add).await, ["service-unknown"], "{who}");
        }
    }

    /// Money and grants open to a program whose scopes name the act, and to no other.
    async fn acts_that_bind_have_to_be_named(backend) {
        let world = World::new(backend).await;
        let grant = |key: &str| format!("mutation {{ grantCreate(input: {{ assessorEmail: \"assessor@example.test\", role: ASSESSOR, purpose: \"复核\", validFrom: \"2026-11-01\", validTo: \"2026-12-01\", idempotencyKey: \"{key}\" }}) {{ grant {{ id }} userErrors {{ rule }} }} }}");
        let (_, write) = make(&world, "park", "PARK_ADMINISTRATOR", &["access:write", "billing:write"], "write").await;
        assert_eq!(ask(&world, &write, &grant("g")).await["data"]["grantCreate"]["userErrors"][0]["rule"], "forbidden");
        let (_, commit) = make(&world, "park", "PARK_ADMINISTRATOR", &["access:commit", "tenants:read"], "commit").await;
        assert!(ask(&world, &commit, &grant("h")).await["data"]["grantCreate"]["grant"]["id"].is_string());
        let run = "mutation { billingRun(input: { month: \"2026-10\", idempotencyKey: \"r\" }) { userErrors { rule } } }";
        for token in [&write, &commit] {
            let rule = ask(&world, token, run).await["data"]["billingRun"]["userErrors"][0]["rule"].clone();
            assert!(rule == "forbidden" || rule == "not-found", "{rule}");
        }
    }

    /// Several tokens side by side; each ends by being taken back, by its day, or with the account. What is not a token of
    /// ours opens nothing.
    async fn tokens_are_replaced_and_end(backend) {
        let world = World::new(backend).await;
        let (id, first) = make(&world, "a1", "TEAM_LEADER", &["people:read"], "one").await;
        let list = "{ serviceAccounts { nodes { id name role scopes createdAt tokens { id validTo lastUsedAt lastUsedFrom } } } }";
        let tokens = world.ok("a1", list, json!({})).await["serviceAccounts"]["nodes"][0]["tokens"].clone();
        let oldest = tokens[0]["id"].clone();
        let add = |n: usize| json!({ "serviceAccountId": id, "validTo": "2026-11-23", "idempotencyKey": format!("t{n}") });
        let second = world.done("a1", "serviceTokenAdd", "token", add(1)).await["token"].as_str().unwrap().to_owned();
        for token in [&first, &second] {
            assert_eq!(code(&ask(&world, token, ME).await), "none");
        }
        for n in 2..5 {
            world.done("a1", "serviceTokenAdd", "token", add(n)).await;
        }
        assert_eq!(world.refused("a1", "serviceTokenAdd", add(5)).await, ["service-tokens-many"]);
        let tokens = world.ok("a1", list, json!({})).await["serviceAccounts"]["nodes"][0]["tokens"].as_array().unwrap().clone();
        assert_eq!(tokens.len(), 5);
        let used: Vec<_> = tokens.iter().filter(|t| t["lastUsedFrom"] == "192.0.2.7").collect();
        assert_eq!(used.len(), 2, "{tokens:?}");
        assert_eq!(world.refused("a2", "serviceTokenRevoke", json!({ "serviceTokenId": oldest, "idempotencyKey": "r" })).await, ["service-token-unknown"]);
        world.done("a1", "serviceTokenRevoke", "serviceAccount { id }", json!({ "serviceTokenId": oldest, "idempotencyKey": "r" })).await;
        assert_eq!(code(&ask(&world, &first, ME).await), "UNAUTHENTICATED");
        assert_eq!(code(&ask(&world, &second, ME).await), "none");
        for wrong in [
            second[..second.len() - 1].to_owned(),
            format!("{}0", &second[..second.len() - 1]),
            format!("vxp_{}", "0".repeat(72)),
            "vxp_".to_owned(),
            "vxp_é".to_owned(),
            second.to_uppercase(),
        ] {
            assert!(wrong == second || code(&ask(&world, &wrong, ME).await) == "UNAUTHENTICATED", "{wrong}");
        }
        // Its last day is over.
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(code(&ask(&world, &second, ME).await), "UNAUTHENTICATED");
        world.forget_tokens().await;
        let third = world.done("a1", "serviceTokenAdd", "token", json!({ "serviceAccountId": id, "validTo": "2026-12-23", "idempotencyKey": "u" })).await["token"].as_str().unwrap().to_owned();
        assert_eq!(code(&ask(&world, &third, ME).await), "none");
        world.done("a1", "serviceAccountDelete", "serviceAccount { id }", json!({ "serviceAccountId": id, "idempotencyKey": "d" })).await;
        assert_eq!(code(&ask(&world, &third, ME).await), "UNAUTHENTICATED");
        assert_eq!(world.ok("a1", list, json!({})).await["serviceAccounts"]["nodes"], json!([]));
        for action in ["service-account.create", "service-token.add", "service-token.revoke", "service-account.delete"] {
            let log = "query($action: String) { auditEvents(filter: { action: $action }) { totalCount } }";
            assert!(world.ok("a1", log, json!({ "action": action })).await["auditEvents"]["totalCount"].as_i64().unwrap() >= 1, "{action}");
        }
    }

    /// A token that is taken back ends what it has open.
    async fn an_open_subscription_ends_with_its_token(backend) {
        let world = World::new(backend).await;
        let (id, token) = make(&world, "a1", "TENANT_MANAGER", &["operations:write"], "one").await;
        let file = world.upload("a1", "calls.csv", b"no such header\n").await;
        let start = json!({ "fileId": file, "format": "ANONYMOUS_BANK", "idempotencyKey": "i" });
        let import = world.done("a1", "contactImportStart", "import { id }", start).await["import"]["id"].clone();
        let follow = "subscription($id: ID!) { contactImportChanged(id: $id) { state } }";
        let mut answers = world.api.answers(world.asks(Some(token), follow, json!({ "id": import })));
        assert_eq!(answers.recv().await.unwrap().body["data"]["contactImportChanged"]["state"], "WAITING");
        world.done("a1", "serviceAccountDelete", "", json!({ "serviceAccountId": id, "idempotencyKey": "d" })).await;
        let last = tokio::time::timeout(std::time::Duration::from_secs(10), answers.recv()).await.expect("at once").unwrap();
        assert_eq!(code(&last.body), "UNAUTHENTICATED");
        assert!(answers.recv().await.is_none());
    }
}
