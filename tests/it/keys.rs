//! Keys that sign access tokens: replaced by hand and by age, known to every process, retired at once.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::identity::Tokens as _;
use voxpark_graphql::{Api, Limits, Services};
use voxpark_infra::tokens::{Jwt, KeySettings, KeyState};
use voxpark_tests::app::{ISSUER, PASSWORD, World, email};
use voxpark_tests::on_both;

/// Another process over the same database, which looks for keys as often as that.
fn process(world: &World, look_every: Duration) -> (Arc<Jwt>, Api) {
    let settings = KeySettings { look_every, ..KeySettings::new(ISSUER, 90) };
    let tokens = Arc::new(Jwt::new(world.db.clone(), world.env.clone(), settings));
    let services = Services { tokens: Arc::<Jwt>::clone(&tokens), ..world.api.services().clone() };
    (tokens, Api::new(services, Limits::default(), []))
}

async fn sign_in(world: &World, api: &Api) -> Value {
    let document = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }";
    let input = json!({ "input": { "email": email("a1"), "password": PASSWORD } });
    api.execute(world.asks(None, document, input)).await.body["data"]["signIn"].clone()
}

async fn open(world: &World, api: &Api, token: &Value) -> bool {
    let call = world.asks(token.as_str().map(str::to_owned), "{ viewer { role } }", json!({}));
    api.execute(call).await.body.get("errors").is_none()
}

fn names(public: &Value) -> Vec<String> {
    public["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

const HOUR: Duration = Duration::from_hours(1);

on_both! {
    /// What one process signs with a new key, another verifies at once; the old one's tokens live to their end.
    async fn every_process_learns_of_a_new_key(backend) {
        let world = World::new(backend).await;
        let ((one, api_one), (two, api_two)) = (process(&world, HOUR), process(&world, HOUR));
        let before = sign_in(&world, &api_one).await;
        assert!(open(&world, &api_two, &before["accessToken"]).await);
        let kid = one.rotate().await.unwrap();
        let after = sign_in(&world, &api_one).await;
        assert!(open(&world, &api_two, &after["accessToken"]).await, "a token that names an unknown key is looked up");
        assert!(open(&world, &api_one, &before["accessToken"]).await && open(&world, &api_two, &before["accessToken"]).await);
        let public = one.public().await.unwrap();
        assert_eq!(names(&public).len(), 2);
        assert_eq!(public, two.public().await.unwrap());
        assert_eq!(public["keys"][0]["kty"], "OKP");
        assert!(public["keys"].as_array().unwrap().iter().all(|k| k["x"].as_str().unwrap().len() == 43 && k.get("d").is_none()));
        world.clock.advance(TimeDelta::minutes(12));
        assert_eq!(names(&one.public().await.unwrap()), [kid]);
        // The session goes on through its refresh.
        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken } }";
        let input = json!({ "input": { "refreshToken": before["refreshToken"] } });
        let fresh = api_two.execute(world.asks(None, refresh, input)).await.body["data"]["tokenRefresh"].clone();
        assert!(open(&world, &api_one, &fresh["accessToken"]).await);
    }

    /// What a retired key signed is good no more, in every process that has looked; the session goes on.
    async fn a_retired_key_is_good_for_nothing(backend) {
        let world = World::new(backend).await;
        let ((one, api_one), (_, api_two)) = (process(&world, HOUR), process(&world, Duration::ZERO));
        let signed = sign_in(&world, &api_one).await;
        let kid = names(&one.public().await.unwrap()).remove(0);
        assert!(open(&world, &api_two, &signed["accessToken"]).await);
        one.retire(&kid).await.unwrap();
        assert!(!open(&world, &api_one, &signed["accessToken"]).await && !open(&world, &api_two, &signed["accessToken"]).await);
        assert!(one.retire(&kid).await.is_err(), "once");
        assert!(one.retire("0000").await.is_err());
        let again = sign_in(&world, &api_two).await;
        assert!(open(&world, &api_one, &again["accessToken"]).await);
        let list = one.list().await.unwrap();
        assert!(matches!(list.iter().find(|k| k.kid == kid).unwrap().state, KeyState::Retired(_)));
        assert_eq!(list.iter().filter(|k| k.state == KeyState::Signs).count(), 1);
    }

    /// A key that is too old is replaced when something is asked; its private half is gone from the database.
    async fn keys_are_replaced_by_age(backend) {
        let world = World::new(backend).await;
        let (one, api) = process(&world, HOUR);
        sign_in(&world, &api).await;
        let first = names(&one.public().await.unwrap()).remove(0);
        world.clock.advance(TimeDelta::days(89));
        sign_in(&world, &api).await;
        assert_eq!(names(&one.public().await.unwrap()), std::slice::from_ref(&first));
        world.clock.advance(TimeDelta::days(1));
        let signed = sign_in(&world, &api).await;
        let both = names(&one.public().await.unwrap());
        assert_eq!(both.len(), 2);
        assert!(open(&world, &api, &signed["accessToken"]).await && both.contains(&first));
        // Nobody can sign with the old one any more, whatever they can read.
        let (cold, _) = process(&world, HOUR);
        cold.ready(None).await.unwrap();
        assert_eq!(names(&cold.public().await.unwrap()).len(), 2);
    }
}
