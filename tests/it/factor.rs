//! The second factor: set up, asked for at sign-in, each code once, recovery codes, removal.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::on_both;

const SIGN_IN: &str =
    "mutation($input: SignInInput!) { payload: signIn(input: $input) { challenge accessToken userErrors { rule } } }";
const FINISH: &str =
    "mutation($input: SignInFinishInput!) { payload: signInFinish(input: $input) { accessToken userErrors { rule } } }";

async fn ask(world: &World, document: &str, input: Value) -> Value {
    world.call(None, document, json!({ "input": input })).await.body["data"]["payload"].clone()
}

fn rule(payload: &Value) -> &str {
    payload["userErrors"][0]["rule"].as_str().unwrap_or("none")
}

/// The code that an app shows now.
fn code(world: &World, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    app.generate(u64::try_from(world.env.now().timestamp()).unwrap()).to_string()
}

on_both! {
    /// From setting up to signing in, with the app and without it.
    async fn a_second_factor_is_asked_for(backend) {
        let world = World::new(backend).await;
        let begun = world.done("a1", "factorBegin", "secret address", json!({})).await;
        let again = world.done("a1", "factorBegin", "secret", json!({})).await;
        assert_eq!(begun["secret"], again["secret"], "asked again, it tells the same");
        let secret = begun["secret"].as_str().unwrap().to_owned();
        assert!(begun["address"].as_str().unwrap().starts_with("otpauth://totp/Voxpark:a1@example.test?secret="));
        let in_force = "{ viewer { secondFactor { since recoveryCodesLeft } } }";
        assert_eq!(world.ok("a1", in_force, json!({})).await["viewer"]["secondFactor"], Value::Null);
        assert_eq!(world.refused("a1", "factorConfirm", json!({ "code": "abc" })).await, ["code-wrong"]);
        let first = code(&world, &secret);
        let made = world.done("a1", "factorConfirm", "recoveryCodes", json!({ "code": first })).await;
        let recovery: Vec<String> = made["recoveryCodes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
        assert_eq!(recovery.len(), 10);
        assert_eq!(world.ok("a1", in_force, json!({})).await["viewer"]["secondFactor"]["recoveryCodesLeft"], 10);
        assert_eq!(world.refused("a1", "factorBegin", json!({})).await, ["factor-present"]);

        // The password alone opens nothing, and the code of the set-up does not work twice.
        let started = ask(&world, SIGN_IN, json!({ "email": email("a1"), "password": PASSWORD })).await;
        assert!(started["accessToken"].is_null());
        let challenge = started["challenge"].as_str().unwrap().to_owned();
        let opens_nothing = world.call(Some(challenge.clone()), "{ viewer { role } }", json!({})).await.body;
        assert_eq!(opens_nothing["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        let finish = async |code: &str| ask(&world, FINISH, json!({ "challenge": challenge, "code": code })).await;
        assert_eq!(rule(&finish(&first).await), "code-wrong");
        assert_eq!(rule(&finish("000000").await), "code-wrong");
        world.clock.advance(TimeDelta::seconds(30));
        let next = code(&world, &secret);
        assert!(finish(&next).await["accessToken"].is_string());
        assert_eq!(rule(&finish(&next).await), "code-wrong");

        // A recovery code works once, however it is typed.
        assert!(finish(&recovery[0].to_uppercase().replace('-', " ")).await["accessToken"].is_string());
        assert_eq!(rule(&finish(&recovery[0]).await), "code-wrong");
        for _ in 0..4 {
            assert_eq!(rule(&finish("111111").await), "code-wrong");
        }
        assert_eq!(rule(&finish(&recovery[1]).await), "try-again-later");
        world.clock.advance(TimeDelta::seconds(31));
        assert!(finish(&recovery[1]).await["accessToken"].is_string());
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(rule(&finish(&recovery[2]).await), "challenge-late");

        // Each wrong one is on record.
        let failed = "{ auditEvents(first: 20, filter: { action: \"sign-in.factor-failed\" }) { nodes { subject times figures { name value } } } }";
        world.api.recorder().flush(true).await.unwrap();
        let told = world.ok("a1", failed, json!({})).await["auditEvents"]["nodes"].as_array().unwrap().clone();
        assert!(told.iter().any(|e| e["figures"][0]["value"] == "code-wrong"), "{told:?}");
        assert!(told.iter().all(|e| e["subject"].as_str().unwrap().starts_with("user_")), "{told:?}");

        // Removed with a proof: of somebody with a factor it is a code, or a recovery code, and the password proves nothing.
        assert_eq!(world.refused("a1", "factorRemove", json!({})).await, ["step-up-code-required"]);
        assert_eq!(world.refused("a1", "stepUp", json!({ "password": PASSWORD })).await, ["step-up-code"]);
        assert_eq!(world.refused("a1", "stepUp", json!({ "password": PASSWORD, "code": "000000" })).await, ["code-wrong"]);
        world.clock.advance(TimeDelta::seconds(30));
        assert_eq!(world.refused("a1", "stepUp", json!({ "code": code(&world, &secret) })).await, Vec::<String>::new());
        world.done("a1", "factorRemove", "", json!({})).await;
        assert_eq!(world.refused("a1", "factorRemove", json!({})).await, ["factor-unknown"]);
        assert!(ask(&world, SIGN_IN, json!({ "email": email("a1"), "password": PASSWORD })).await["accessToken"].is_string());
    }
}
