//! A second factor that a park or tenant requires: from its day on, who has none gets as far as setting it up.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::uow::Mode;
use voxpark_tests::app::{PASSWORD, World};
use voxpark_tests::on_both;

use crate::isolation::schema::{Member, Schema};

const POLICY: &str = "{ accessPolicy { secondFactorRequiredFrom } }";

async fn code_of(world: &World, who: &str, document: &str) -> Value {
    let answer = world.call(Some(world.token(who).await), document, json!({})).await.body;
    answer["errors"][0]["extensions"]["code"].clone()
}

on_both! {
    /// The setting: by whom, with a proof, for whom it is.
    async fn who_may_require_a_second_factor(backend) {
        let world = World::new(backend).await;
        let input = |from: Value| json!({ "from": from, "idempotencyKey": format!("k-{from}") });
        for who in ["finance", "a1-leader", "a1-agent", "assessor"] {
            assert_eq!(world.refused(who, "secondFactorRequire", input(json!("2026-12-01"))).await, ["not-found"], "{who}");
            assert_eq!(world.ok(who, POLICY, json!({})).await["accessPolicy"], Value::Null, "{who}");
        }
        world.token("a1").await;
        world.clock.advance(TimeDelta::minutes(6));
        assert_eq!(world.refused("a1", "secondFactorRequire", input(json!("2026-12-01"))).await, ["step-up-required"]);
        world.done("a1", "stepUp", "", json!({ "password": PASSWORD })).await;
        let set = world.done("a1", "secondFactorRequire", "accessPolicy { secondFactorRequiredFrom }", input(json!("2026-12-01"))).await;
        assert_eq!(set["accessPolicy"]["secondFactorRequiredFrom"], "2026-12-01");
        for who in ["a2", "park", "b1"] {
            assert_eq!(world.ok(who, POLICY, json!({})).await["accessPolicy"]["secondFactorRequiredFrom"], Value::Null, "{who}");
        }
        let log = "{ auditEvents(filter: { action: \"access-policy.change\" }) { nodes { changes { field from to } } } }";
        let told = world.ok("a1", log, json!({})).await["auditEvents"]["nodes"][0]["changes"][0].clone();
        assert_eq!((&told["from"], told["to"].as_str()), (&Value::Null, Some("2026-12-01")));
        // Not before its day.
        assert!(world.ok("a1-leader", "{ tenant { name } viewer { mustEnrol } }", json!({})).await["viewer"]["mustEnrol"] == false);
        world.done("a1", "secondFactorRequire", "", input(Value::Null)).await;
        assert_eq!(world.ok("a1", POLICY, json!({})).await["accessPolicy"]["secondFactorRequiredFrom"], Value::Null);
    }

    /// Whoever has no factor can set one up and nothing else, also with a session from before; then everything is open.
    async fn without_a_factor_nothing_else_is_open(backend) {
        let world = World::new(backend).await;
        let leader = world.token("a1-leader").await;
        let brought = world.upload("a1", "plan.csv", b"a,b\n").await.parse().unwrap();
        world.done("a1", "secondFactorRequire", "", json!({ "from": "2026-11-21", "idempotencyKey": "k" })).await;
        let schema = Schema::read(&world).await;
        let value = |_: &str, arg: &Member| match arg.name.as_str() {
            "first" => Some(json!(20)),
            "from" | "to" | "day" => Some(json!("2026-11-20")),
            "month" => Some(json!("2026-10")),
            _ => None,
        };
        for (label, document) in schema.queries(2, &value, &mut BTreeSet::new()) {
            let answer = world.wide.answers(world.asks(Some(leader.clone()), &document, json!({}))).recv().await.unwrap().body;
            if ["viewer", "rateLimit"].iter().any(|open| label.starts_with(open)) {
                let text = answer["data"].to_string();
                let more = ["nodes", "edges"].iter().any(|list| text.contains(&format!("_{list}\":[{{")));
                assert!(!more, "{label} shows more than itself: {text}");
            } else {
                assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{label}: {answer}");
                assert_eq!(answer["errors"][0]["extensions"]["rule"], "factor-first", "{label}");
            }
        }
        assert_eq!(world.ok("a1-leader", "{ viewer { mustEnrol can { resource } } }", json!({})).await["viewer"], json!({ "mustEnrol": true, "can": [] }));
        let shift = "mutation { shiftCreate(input: { code: \"X\", name: \"X\", startMin: 0, endMin: 60, breakMin: 0, idempotencyKey: \"x\" }) { userErrors { rule } } }";
        assert_eq!(code_of(&world, "a1-leader", shift).await, "FORBIDDEN");
        let ctx = world.ctx("a1-leader").await;
        assert!(voxpark_domain::platform::file_permit(&ctx).is_err(), "nor are files");
        let (ctx, tx) = (world.ctx("a1").await, world.tx("a1", Mode::Read).await);
        let own = voxpark_domain::platform::file(&*tx, &ctx, brought).await;
        assert!(matches!(own, Err(voxpark_domain::Error::NotFound)), "nor is what was brought before: {own:?}");
        // Another tenant's people and the park's are not meant.
        world.ok("a2", "{ tenant { name } }", json!({})).await;
        world.ok("park", "{ park { code } }", json!({})).await;

        let begun = world.done("a1-leader", "factorBegin", "secret", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(begun["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        let code = app.generate(u64::try_from(world.env.now().timestamp()).unwrap()).to_string();
        world.done("a1-leader", "factorConfirm", "", json!({ "code": code })).await;
        assert_eq!(world.ok("a1-leader", "{ tenant { name } viewer { mustEnrol } }", json!({})).await["viewer"]["mustEnrol"], false);
        // Taken away again, it is asked for again.
        world.done("a1-leader", "factorRemove", "", json!({})).await;
        assert_eq!(code_of(&world, "a1-leader", "{ tenant { name } }").await, "FORBIDDEN");
    }
}
