//! One's own account: sessions and their tokens, guesses at passwords, proofs for acts of money and of access.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::identity::Client;
use voxpark_graphql::Call;
use voxpark_tests::app::{PASSWORD, World, client, email};
use voxpark_tests::on_both;

const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken userErrors { rule message } } }";
const REFRESH: &str =
    "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken refreshToken } }";
const SESSIONS: &str = "{ viewer { sessions { id current role device network startedAt lastUsedAt endedAt ended } } }";

/// A machine somewhere.
fn at(address: &str) -> Client {
    Client { address: address.parse().ok(), ..client() }
}

async fn call(world: &World, from: &Client, bearer: Option<&str>, document: &str, input: Value) -> Value {
    let call = Call {
        document: document.to_owned(),
        variables: json!({ "input": input }),
        bearer: bearer.map(ToOwned::to_owned),
        client: from.clone(),
        request: "test".to_owned(),
        lang: Some(voxpark_domain::ctx::Lang::En),
        ..Call::default()
    };
    world.api.execute(call).await.body
}

/// Signs in from somewhere: the payload.
async fn sign_in(world: &World, from: &Client, address: &str, password: &str) -> Value {
    call(world, from, None, SIGN_IN, json!({ "email": address, "password": password })).await["data"]["signIn"].clone()
}

fn rule(payload: &Value) -> &str {
    payload["userErrors"][0]["rule"].as_str().unwrap_or("none")
}

async fn exchange(world: &World, token: &Value) -> Value {
    call(world, &client(), None, REFRESH, json!({ "refreshToken": token })).await
}

async fn alive(world: &World, token: &Value) -> bool {
    let answer = call(world, &client(), token.as_str(), "{ viewer { role } }", Value::Null).await;
    answer.get("errors").is_none()
}

on_both! {
    /// A refresh token that comes again after it was spent ends its session, and only that one; its user and the record are told.
    async fn a_copied_refresh_token_ends_its_session(backend) {
        let world = World::new(backend).await;
        let mine = sign_in(&world, &client(), &email("a1"), PASSWORD).await;
        let other = sign_in(&world, &at("198.51.100.9"), &email("a1"), PASSWORD).await;
        world.clock.advance(TimeDelta::minutes(1));
        let next = exchange(&world, &mine["refreshToken"]).await["data"]["tokenRefresh"].clone();
        assert!(alive(&world, &next["accessToken"]).await);
        world.clock.advance(TimeDelta::minutes(1));
        let copied = exchange(&world, &mine["refreshToken"]).await;
        assert_eq!(copied["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(!alive(&world, &next["accessToken"]).await, "open access ends with the session");
        assert_eq!(exchange(&world, &next["refreshToken"]).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(alive(&world, &other["accessToken"]).await);

        let list = call(&world, &client(), other["accessToken"].as_str(), SESSIONS, Value::Null).await;
        let list = list["data"]["viewer"]["sessions"].as_array().unwrap().clone();
        assert_eq!(list.len(), 2, "{list:?}");
        let ended = list.iter().find(|s| s["ended"] == "REUSED").unwrap();
        assert_eq!((ended["device"].as_str(), ended["network"].as_str()), (Some("Firefox, Windows"), Some("192.0.2.0/24")));
        let current = list.iter().find(|s| s["current"] == true).unwrap();
        assert_eq!((current["network"].as_str(), &current["endedAt"]), (Some("198.51.100.0/24"), &Value::Null));
        // A token that never was ends nothing.
        let odd = json!(format!("{}{}", &mine["refreshToken"].as_str().unwrap()[..31], "0".repeat(65)));
        assert_eq!(exchange(&world, &odd).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }

    /// One session is ended, then all; another password ends the others.
    async fn sessions_are_ended_by_their_user(backend) {
        let world = World::new(backend).await;
        let (one, two) = (sign_in(&world, &client(), &email("a1"), PASSWORD).await, sign_in(&world, &client(), &email("a1"), PASSWORD).await);
        let bearer = one["accessToken"].as_str();
        let list = call(&world, &client(), bearer, SESSIONS, Value::Null).await;
        let other = list["data"]["viewer"]["sessions"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()["id"].clone();
        let end = "mutation($input: SessionEndInput!) { payload: sessionEnd(input: $input) { userErrors { rule } } }";
        let theirs = call(&world, &client(), Some(&world.token("a2").await), end, json!({ "sessionId": other })).await;
        assert_eq!(rule(&theirs["data"]["payload"]), "session-unknown");
        assert_eq!(call(&world, &client(), bearer, end, json!({ "sessionId": other })).await["data"]["payload"]["userErrors"], json!([]));
        assert!(!alive(&world, &two["accessToken"]).await);
        assert_eq!(rule(&call(&world, &client(), bearer, end, json!({ "sessionId": other })).await["data"]["payload"]), "session-unknown");

        let three = sign_in(&world, &client(), &email("a1"), PASSWORD).await;
        let change = "mutation($input: PasswordChangeInput!) { payload: passwordChange(input: $input) { viewer { role } userErrors { rule path } } }";
        for (current, password, refused) in [("wrong", "another long password", "password-wrong"), (PASSWORD, "short", "password-weak"), (PASSWORD, PASSWORD, "password-same")] {
            let answer = call(&world, &client(), bearer, change, json!({ "current": current, "password": password })).await;
            assert_eq!(rule(&answer["data"]["payload"]), refused);
        }
        let input = json!({ "current": PASSWORD, "password": "another long password" });
        assert_eq!(call(&world, &client(), bearer, change, input).await["data"]["payload"]["userErrors"], json!([]));
        assert!(alive(&world, &one["accessToken"]).await);
        assert!(!alive(&world, &three["accessToken"]).await);
        assert_eq!(rule(&sign_in(&world, &client(), &email("a1"), PASSWORD).await), "sign-in-failed");
        let four = sign_in(&world, &client(), &email("a1"), "another long password").await;
        let all = "mutation($input: SessionsEndAllInput!) { payload: sessionsEndAll(input: $input) { userErrors { rule } } }";
        assert_eq!(call(&world, &client(), bearer, all, json!({})).await["data"]["payload"]["userErrors"], json!([]));
        assert!(!alive(&world, &one["accessToken"]).await && !alive(&world, &four["accessToken"]).await);
    }

    /// Waits grow with wrong tries, alike for accounts that exist and for those that do not; other places are not kept out.
    async fn guessing_makes_waits(backend) {
        let world = World::new(backend).await;
        let (here, there) = (at("198.51.100.1"), at("203.0.113.5"));
        let unknown = "nobody@example.test";
        for address in [email("a1"), unknown.to_owned()] {
            for _ in 0..5 {
                assert_eq!(rule(&sign_in(&world, &here, &address, "wrong").await), "sign-in-failed");
            }
            let waiting = sign_in(&world, &here, &address, PASSWORD).await;
            assert_eq!(waiting["userErrors"][0]["message"], "Too many wrong tries. Please try again in 30 seconds.");
        }
        // Somewhere else the account opens; here it does once the wait is over.
        assert_eq!(rule(&sign_in(&world, &there, &email("a1"), PASSWORD).await), "none");
        world.clock.advance(TimeDelta::seconds(31));
        assert_eq!(rule(&sign_in(&world, &here, &email("a1"), "wrong").await), "sign-in-failed");
        assert_eq!(sign_in(&world, &here, &email("a1"), PASSWORD).await["userErrors"][0]["message"], "Too many wrong tries. Please try again in 60 seconds.");
        world.clock.advance(TimeDelta::seconds(61));
        assert_eq!(rule(&sign_in(&world, &here, &email("a1"), PASSWORD).await), "none");
        // A right try begins anew.
        assert_eq!(rule(&sign_in(&world, &here, &email("a1"), "wrong").await), "sign-in-failed");
        assert_eq!(rule(&sign_in(&world, &here, &email("a1"), PASSWORD).await), "none");
    }

    /// Guesses from many networks make the account wait everywhere but where it is at home.
    async fn nobody_is_locked_out_where_they_work(backend) {
        let world = World::new(backend).await;
        assert_eq!(rule(&sign_in(&world, &client(), &email("a1"), PASSWORD).await), "none");
        for address in [email("a1"), "nobody@example.test".to_owned()] {
            for n in 0..20 {
                let from = at(&format!("203.0.{n}.9"));
                assert_eq!(rule(&sign_in(&world, &from, &address, "wrong").await), "sign-in-failed");
            }
            assert_eq!(rule(&sign_in(&world, &at("203.0.99.9"), &address, "wrong").await), "try-again-later");
        }
        assert_eq!(rule(&sign_in(&world, &client(), &email("a1"), PASSWORD).await), "none");
    }

    /// Many tries at once do not get in under the limit.
    async fn tries_at_once_are_counted_before_they_are_looked_at(backend) {
        let world = World::new(backend).await;
        let from = at("198.51.100.1");
        let address = email("a1");
        let tries = (0..20).map(|_| sign_in(&world, &from, &address, "wrong"));
        let answers = futures_util::future::join_all(tries).await;
        let looked_at = answers.iter().filter(|a| rule(a) == "sign-in-failed").count();
        assert!(looked_at <= 6, "{looked_at} of 20 tries at once were looked at");
        assert!(answers.iter().all(|a| matches!(rule(a), "sign-in-failed" | "try-again-later" | "try-again-in-minutes")));
    }

    /// Acts of access ask for a proof that is not older than five minutes; another session is none.
    async fn acts_of_access_ask_for_a_proof(backend) {
        let world = World::new(backend).await;
        let grant = json!({ "assessorEmail": email("assessor"), "role": "ASSESSOR", "purpose": "复核", "validFrom": "2026-11-01",
            "validTo": "2026-12-01", "idempotencyKey": "k1" });
        world.token("park").await;
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(world.refused("park", "grantCreate", grant.clone()).await, ["step-up-required"]);
        assert_eq!(world.refused("park", "stepUp", json!({ "password": "wrong" })).await, ["password-wrong"]);
        assert_eq!(world.refused("park", "grantCreate", grant.clone()).await, ["step-up-required"]);
        world.done("park", "stepUp", "viewer { role }", json!({ "password": PASSWORD })).await;
        world.done("park", "grantCreate", "grant { id }", grant).await;
        for _ in 0..5 {
            assert_eq!(world.refused("park", "stepUp", json!({ "password": "wrong" })).await, ["password-wrong"]);
        }
        assert_eq!(world.refused("park", "stepUp", json!({ "password": PASSWORD })).await, ["try-again-later"]);
    }
}
