//! Sign-in, sessions, grants.

use chrono::TimeDelta;
use serde_json::json;
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::on_both;

const VIEWER: &str = "{ viewer { displayName role language park { code } tenant { code } can { resource actions } } }";

on_both! {
    /// Everybody signs in and sees their own place.
    async fn everybody_sees_their_own_place(backend) {
        let world = World::new(backend).await;
        let park = world.ok("park", VIEWER, json!({})).await;
        assert_eq!(park["viewer"]["role"], "PARK_ADMINISTRATOR");
        assert_eq!(park["viewer"]["park"]["code"], "PA");
        assert!(park["viewer"]["tenant"].is_null());
        let tenant = world.ok("b1", VIEWER, json!({})).await;
        assert_eq!(tenant["viewer"]["tenant"]["code"], "B1");
        let assessor = world.ok("assessor", "{ park { tenants { nodes { code } totalCount } } }", json!({})).await;
        assert_eq!(assessor["park"]["tenants"], json!({ "nodes": [{ "code": "A1" }], "totalCount": 1 }));
    }

    /// A wrong password, an unknown address and a grant that ran out are refused, the first two alike.
    async fn wrong_proofs_are_refused_alike(backend) {
        let world = World::new(backend).await;
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code rule message } } }";
        let mut answers = Vec::new();
        for (address, password) in [(email("park"), "wrong"), ("nobody@example.test".to_owned(), PASSWORD)] {
            answers.push(world.call(None, document, json!({ "input": { "email": address, "password": password } })).await.body);
        }
        assert_eq!(answers[0]["data"], answers[1]["data"]);
        assert_eq!(answers[0]["data"]["signIn"]["userErrors"][0]["rule"], "sign-in-failed");
        let late = world.call(None, document, json!({ "input": { "email": email("late-assessor"), "password": PASSWORD } })).await.body;
        assert_eq!(late["data"]["signIn"]["userErrors"][0]["rule"], "no-membership");
    }

    /// Access ends after ten minutes; a refresh token works once; signing out ends the session at once.
    async fn sessions_end(backend) {
        let world = World::new(backend).await;
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }";
        let first = world.call(None, document, json!({ "input": { "email": email("a1"), "password": PASSWORD } })).await.body;
        let token = first["data"]["signIn"]["accessToken"].as_str().map(str::to_owned);
        world.clock.advance(TimeDelta::minutes(11));
        let late = world.call(token, VIEWER, json!({})).await;
        assert_eq!(late.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(late.body.get("data").is_none());

        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken refreshToken } }";
        let input = json!({ "input": { "refreshToken": first["data"]["signIn"]["refreshToken"] } });
        let second = world.call(None, refresh, input.clone()).await.body;
        let token = second["data"]["tokenRefresh"]["accessToken"].as_str().map(str::to_owned);
        assert!(token.is_some(), "{second}");
        // Two tabs that wake together: the second buys nothing, and ends nothing.
        let again = world.call(None, refresh, input).await.body;
        assert_eq!(again["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");

        let out = "mutation { signOut(input: {}) { userErrors { rule } } }";
        assert!(world.call(token.clone(), out, json!({})).await.body.get("errors").is_none());
        assert_eq!(world.call(token, VIEWER, json!({})).await.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}
