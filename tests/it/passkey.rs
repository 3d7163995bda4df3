//! Passkeys: made, used for signing in and for proving who acts, removed; and what is not believed.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::ids::Id as _;
use voxpark_tests::app::{PASSWORD, World, user};
use voxpark_tests::authenticator::Device;
use voxpark_tests::on_both;

const ASK: &str =
    "mutation($input: PasskeyAskInput!) { payload: passkeyAsk(input: $input) { options ticket userErrors { rule } } }";
const SIGN_IN: &str = "mutation($input: PasskeySignInInput!) { payload: passkeySignIn(input: $input) { accessToken challenge userErrors { rule } } }";
const HOME: &str = "http://localhost:1";

async fn call(world: &World, who: Option<&str>, document: &str, input: Value) -> Value {
    let bearer = match who {
        Some(who) => Some(world.token(who).await),
        None => None,
    };
    let answer = world.call(bearer, document, json!({ "input": input })).await.body;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["payload"].clone()
}

fn rule(payload: &Value) -> &str {
    payload["userErrors"][0]["rule"].as_str().unwrap_or("none")
}

/// What a browser is asked, and what it keeps.
async fn ask(world: &World, who: Option<&str>, purpose: &str) -> (String, String) {
    let asked = call(world, who, ASK, json!({ "purpose": purpose })).await;
    let text = |name: &str| asked[name].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
    (text("options"), text("ticket"))
}

async fn add(world: &World, who: &str, device: &mut Device, name: &str) -> Vec<String> {
    let (options, ticket) = ask(world, Some(who), "ADD").await;
    let answer = device.make(&options);
    world.refused(who, "passkeyAdd", json!({ "ticket": ticket, "name": name, "answer": answer })).await
}

async fn sign_in(world: &World, device: &mut Device) -> Value {
    let (options, ticket) = ask(world, None, "SIGN_IN").await;
    let answer = device.answer(&options);
    call(world, None, SIGN_IN, json!({ "ticket": ticket, "answer": answer })).await
}

async fn who(world: &World, payload: &Value) -> String {
    let token = payload["accessToken"].as_str().unwrap_or_else(|| panic!("no session: {payload}")).to_owned();
    let answer = world.call(Some(token), "{ viewer { displayName } }", json!({})).await.body;
    answer["data"]["viewer"]["displayName"].as_str().unwrap().to_owned()
}

const OPEN: &str = "{ tenant { name } viewer { mustEnrol } }";
const LIST: &str = "{ viewer { passkeys { id name lastUsedAt } } }";

on_both! {
    /// From making one to signing in by it, with others beside it, to its end.
    async fn a_passkey_opens_its_account(backend) {
        let world = World::new(backend).await;
        let (mut phone, mut laptop) = (Device::new(HOME, 1), Device::new(HOME, 2));
        assert_eq!(rule(&sign_in(&world, &mut Device { handle: vec![0; 16], ..Device::new(HOME, 3) }).await), "passkey-wrong");
        assert_eq!(add(&world, "a1", &mut phone, "手机").await, Vec::<String>::new());
        assert_eq!(add(&world, "a1", &mut laptop, " ").await, ["text-required"]);
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(add(&world, "a1", &mut laptop, "Laptop").await, Vec::<String>::new());
        assert_eq!(add(&world, "a1", &mut laptop, "Again").await, ["passkey-wrong"], "a device has one name");
        assert_eq!(add(&world, "a2", &mut Device::new(HOME, 1), "Theirs").await, ["passkey-wrong"]);
        let list = world.ok("a1", LIST, json!({})).await["viewer"]["passkeys"].clone();
        assert_eq!((list[0]["name"].as_str(), list[1]["name"].as_str()), (Some("手机"), Some("Laptop")));
        assert!(list[0]["lastUsedAt"].is_null());
        assert_eq!(world.ok("a2", LIST, json!({})).await["viewer"]["passkeys"], json!([]));

        assert_eq!(who(&world, &sign_in(&world, &mut phone).await).await, "a1 姓名");
        assert_eq!(who(&world, &sign_in(&world, &mut laptop).await).await, "a1 姓名");
        assert!(world.ok("a1", LIST, json!({})).await["viewer"]["passkeys"][0]["lastUsedAt"].is_string());
        let events = world.ok("a1", "{ auditEvents(first: 50) { nodes { action } } }", json!({})).await.to_string();
        assert!(events.contains("passkey.add"), "{events}");

        // It proves who acts.
        world.clock.advance(TimeDelta::minutes(5));
        let (first, second) = (list[0]["id"].clone(), list[1]["id"].clone());
        assert_eq!(world.refused("a1", "passkeyRemove", json!({ "passkeyId": first })).await, ["step-up-required"]);
        assert_eq!(rule(&call(&world, Some("a1"), ASK, json!({ "purpose": "ADD" })).await), "step-up-required");
        let (options, ticket) = ask(&world, Some("a1"), "STEP_UP").await;
        let answer = phone.answer(&options);
        world.done("a1", "passkeyStepUp", "", json!({ "ticket": ticket, "answer": answer })).await;
        world.done("a2", "stepUp", "", json!({ "password": PASSWORD })).await;
        assert_eq!(world.refused("a2", "passkeyRemove", json!({ "passkeyId": first })).await, ["passkey-unknown"]);
        world.done("a1", "passkeyRemove", "", json!({ "passkeyId": first })).await;
        assert_eq!(rule(&sign_in(&world, &mut phone).await), "passkey-wrong");
        assert_eq!(who(&world, &sign_in(&world, &mut laptop).await).await, "a1 姓名");
        world.done("a1", "passkeyRemove", "", json!({ "passkeyId": second })).await;
        assert_eq!(world.refused("a1", "passkeyRemove", json!({ "passkeyId": second })).await, ["passkey-unknown"]);
    }

    /// A passkey counts as both factors.
    async fn no_further_factor_is_asked_for(backend) {
        let world = World::new(backend).await;
        let mut phone = Device::new(HOME, 1);
        let begun = world.done("a1", "factorBegin", "secret", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(begun["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        let code = app.generate(u64::try_from(world.env.now().timestamp()).unwrap()).to_string();
        world.done("a1", "factorConfirm", "", json!({ "code": code })).await;
        assert_eq!(add(&world, "a1", &mut phone, "手机").await, Vec::<String>::new());
        let opened = sign_in(&world, &mut phone).await;
        assert!(opened["challenge"].is_null());
        assert_eq!(who(&world, &opened).await, "a1 姓名");
    }

    /// Where a second factor is required, a session that a passkey opened or proved is open, one by a password alone is not.
    async fn it_is_the_factor_that_a_tenant_requires(backend) {
        let world = World::new(backend).await;
        let open = async |token: Option<String>| {
            let answer = world.call(token, OPEN, json!({})).await.body;
            answer["errors"][0]["extensions"]["rule"].as_str().unwrap_or("open").to_owned()
        };
        let mut phone = Device::new(HOME, 1);
        let before = world.token("a1-leader").await;
        world.done("a1", "secondFactorRequire", "", json!({ "from": "2026-11-21", "idempotencyKey": "k" })).await;
        assert_eq!(open(Some(before.clone())).await, "factor-first");
        // Made where nothing else is open, it opens the session that it was made in.
        assert_eq!(add(&world, "a1-leader", &mut phone, "手机").await, Vec::<String>::new());
        assert_eq!(open(Some(before.clone())).await, "open");
        let fresh = |payload: Value| payload["accessToken"].as_str().map(str::to_owned);
        let by_password = "mutation($input: SignInInput!) { payload: signIn(input: $input) { accessToken challenge userErrors { rule } } }";
        let input = json!({ "email": voxpark_tests::app::email("a1-leader"), "password": PASSWORD });
        let weak = fresh(call(&world, None, by_password, input).await);
        assert_eq!(open(weak.clone()).await, "factor-first");
        let strong = fresh(sign_in(&world, &mut phone).await);
        assert_eq!(open(strong.clone()).await, "open");
        let asked = world.call(weak.clone(), ASK, json!({ "input": { "purpose": "STEP_UP" } })).await.body;
        let asked = &asked["data"]["payload"];
        let answer = phone.answer(asked["options"].as_str().unwrap());
        let step_up = "mutation($input: PasskeyStepUpInput!) { passkeyStepUp(input: $input) { userErrors { rule } } }";
        world.call(weak.clone(), step_up, json!({ "input": { "ticket": asked["ticket"], "answer": answer } })).await;
        assert_eq!(open(weak.clone()).await, "open");
        // Without the last passkey none of them is.
        let list = world.ok("a1-leader", LIST, json!({})).await["viewer"]["passkeys"].clone();
        world.done("a1-leader", "passkeyRemove", "", json!({ "passkeyId": list[0]["id"] })).await;
        for token in [before, strong.unwrap(), weak.unwrap()] {
            assert_eq!(open(Some(token)).await, "factor-first");
        }
    }

    /// An answer counts once, soon, from the browser that was asked, at our address, of a verified person, with the key.
    async fn answers_have_to_fit(backend) {
        let world = World::new(backend).await;
        let mut phone = Device::new(HOME, 1);
        for wrong in [
            Device { origin: "http://localhost:2".to_owned(), ..phone.clone() },
            Device { origin: "https://evil.test".to_owned(), ..phone.clone() },
            Device { rp: "evil.test".to_owned(), ..phone.clone() },
            Device { verified: false, ..phone.clone() },
        ] {
            assert_eq!(add(&world, "a1", &mut wrong.clone(), "x").await, ["passkey-wrong"], "{wrong:?}");
        }
        assert_eq!(add(&world, "a1", &mut phone, "手机").await, Vec::<String>::new());
        for wrong in [
            Device { origin: "http://localhost:2".to_owned(), ..phone.clone() },
            Device { origin: "http://localhost:1.evil.test".to_owned(), ..phone.clone() },
            Device { rp: "evil.test".to_owned(), ..phone.clone() },
            Device { verified: false, ..phone.clone() },
            Device { handle: user("a2").uuid().as_bytes().to_vec(), ..phone.clone() },
            Device { counter: 0, ..phone.clone() },
            phone.with_key_of(&Device::new(HOME, 2)),
        ] {
            assert_eq!(rule(&sign_in(&world, &mut wrong.clone()).await), "passkey-wrong", "{wrong:?}");
        }
        // It is on the record of whose passkey it says it is, a little later.
        let log = "{ auditEvents(first: 20, filter: { action: \"sign-in.failed\" }) { nodes { action } } }";
        let mut told = json!([]);
        for _ in 0..200 {
            told = world.ok("a1", log, json!({})).await["auditEvents"]["nodes"].take();
            if told != json!([]) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_ne!(told, json!([]));
        // Twice, late, with another ticket, with another question's answer, for another purpose.
        let (options, ticket) = ask(&world, None, "SIGN_IN").await;
        let answer = phone.answer(&options);
        let input = json!({ "ticket": ticket, "answer": answer });
        assert_eq!(who(&world, &call(&world, None, SIGN_IN, input.clone()).await).await, "a1 姓名");
        assert_eq!(rule(&call(&world, None, SIGN_IN, input).await), "passkey-late");
        let (_, other) = ask(&world, None, "SIGN_IN").await;
        assert_eq!(rule(&call(&world, None, SIGN_IN, json!({ "ticket": other, "answer": answer })).await), "passkey-wrong");
        let (options, _) = ask(&world, None, "SIGN_IN").await;
        let unknown = json!({ "ticket": "0".repeat(64), "answer": phone.answer(&options) });
        assert_eq!(rule(&call(&world, None, SIGN_IN, unknown).await), "passkey-late");
        let (options, ticket) = ask(&world, Some("a1"), "STEP_UP").await;
        let input = json!({ "ticket": ticket, "answer": phone.answer(&options) });
        assert_eq!(rule(&call(&world, None, SIGN_IN, input).await), "passkey-late");
        let (options, ticket) = ask(&world, None, "SIGN_IN").await;
        world.clock.advance(TimeDelta::minutes(5));
        let input = json!({ "ticket": ticket, "answer": phone.answer(&options) });
        assert_eq!(rule(&call(&world, None, SIGN_IN, input).await), "passkey-late");
        for broken in ["", "{}", "[]", "null", &"x".repeat(20_000)] {
            let (_, ticket) = ask(&world, None, "SIGN_IN").await;
            assert_eq!(rule(&call(&world, None, SIGN_IN, json!({ "ticket": ticket, "answer": broken })).await), "passkey-wrong");
        }

        // Somebody else's passkey proves nothing, and nobody makes one in another's name.
        world.done("a2", "stepUp", "", json!({ "password": PASSWORD })).await;
        let (options, ticket) = ask(&world, Some("a2"), "STEP_UP").await;
        let input = json!({ "ticket": ticket, "answer": phone.answer(&options) });
        assert_eq!(world.refused("a2", "passkeyStepUp", input).await, ["passkey-wrong"]);
        let (options, ticket) = ask(&world, Some("a2"), "ADD").await;
        let input = json!({ "ticket": ticket, "name": "x", "answer": Device::new(HOME, 4).make(&options) });
        assert_eq!(world.refused("b1", "passkeyAdd", input).await, ["passkey-late"]);
        let answer = world.call(None, ASK, json!({ "input": { "purpose": "ADD" } })).await.body;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}
