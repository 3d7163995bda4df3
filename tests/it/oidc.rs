//! Sign-in with an account elsewhere: who gets in, who does not, and what of a provider's answer is not believed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::identity::oidc::{Provider, ProviderDraft};
use voxpark_graphql::{Api, Limits, Services};
use voxpark_infra::oidc;
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::idp::{self, Back, CLIENT, Idp, Manner, SECRET, Sign};
use voxpark_tests::tools::http;
use voxpark_tests::{Backend, on_both};

const BEGIN: &str =
    "mutation($input: OidcBeginInput!) { payload: oidcBegin(input: $input) { address ticket userErrors { rule } } }";
const FINISH: &str = "mutation($input: OidcFinishInput!) { payload: oidcFinish(input: $input) {
    accessToken challenge membership { role tenantName } userErrors { rule } } }";
const LINK: &str =
    "mutation($input: OidcLinkInput!) { payload: oidcLink(input: $input) { viewer { role } userErrors { rule } } }";

async fn ask(world: &World, bearer: Option<String>, document: &str, input: Value) -> Value {
    let answer = world.call(bearer, document, json!({ "input": input })).await.body;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["payload"].clone()
}

fn rule(payload: &Value) -> &str {
    payload["userErrors"][0]["rule"].as_str().unwrap_or("none")
}

/// A world whose installation has this provider.
async fn installed(backend: Backend, strong: &[&str]) -> (World, Idp) {
    let world = World::new(backend).await;
    let idp = Idp::start(&world.env).await;
    (with_provider(world, &idp.issuer(), strong), idp)
}

fn with_provider(mut world: World, issuer: &str, strong: &[&str]) -> World {
    let draft = ProviderDraft {
        id: None,
        name: "Everybody's".to_owned(),
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        secret: Some(SECRET.to_owned()),
        scopes: vec!["email".to_owned()],
        domains: vec!["Example.Test".to_owned()],
        strong: strong.iter().map(|s| (*s).to_owned()).collect(),
    };
    let provider = draft.installation().expect("a provider");
    let client = oidc::Client::new(world.env.clone(), "http://localhost:1", Some(provider), true, None);
    let services = Services { oidc: Arc::new(client.expect("a client")), ..world.api.services().clone() };
    world.api = Api::new(services, Limits::default(), []);
    world
}

fn everybody() -> String {
    Provider::installation_id().to_string()
}

/// Somebody goes to a provider and comes back.
async fn round(world: &World, idp: &Idp, provider: &str) -> (Back, String) {
    let begun = ask(world, None, BEGIN, json!({ "providerId": provider })).await;
    assert_eq!(rule(&begun), "none");
    (idp.come_back(begun["address"].as_str().unwrap()), begun["ticket"].as_str().unwrap().to_owned())
}

fn answer(back: &Back, ticket: &str) -> Value {
    json!({ "state": back.state, "code": back.code, "iss": back.iss, "ticket": ticket })
}

async fn sign_in(world: &World, idp: &Idp, provider: &str) -> Value {
    let (back, ticket) = round(world, idp, provider).await;
    ask(world, None, FINISH, answer(&back, &ticket)).await
}

async fn who(world: &World, payload: &Value) -> String {
    let token = payload["accessToken"].as_str().unwrap_or_else(|| panic!("no session: {payload}")).to_owned();
    let answer = world.call(Some(token), "{ viewer { displayName } }", json!({})).await.body;
    answer["data"]["viewer"]["displayName"].as_str().unwrap().to_owned()
}

/// A real provider, where one was started (`tests/real-provider/run`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_provider() {
    let Some(issuer) = voxpark_tests::tools::setting("VOXPARK_TEST_OIDC_ISSUER") else {
        println!("skipped: VOXPARK_TEST_OIDC_ISSUER names no provider");
        return;
    };
    let world = with_provider(World::new(Backend::Sqlite).await, &issuer, &[]);
    // The provider looks at the real time.
    let now = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    world.clock.advance(TimeDelta::seconds(i64::try_from(now).expect("seconds") - world.env.now().timestamp()));
    for again in [false, true] {
        let begun = ask(&world, None, BEGIN, json!({ "providerId": everybody() })).await;
        let ticket = begun["ticket"].as_str().unwrap().to_owned();
        let query = browse(&issuer, begun["address"].as_str().unwrap()).await;
        let mut input =
            json!({ "state": query["state"], "code": query["code"], "iss": query["iss"], "ticket": ticket });
        assert_eq!(who(&world, &ask(&world, None, FINISH, input.clone()).await).await, "a1 姓名", "again: {again}");
        assert_eq!(rule(&ask(&world, None, FINISH, input.clone()).await), "oidc-late");
        // The same code again, as if it had been stolen: the provider refuses it.
        let begun = ask(&world, None, BEGIN, json!({ "providerId": everybody() })).await;
        input["ticket"] = begun["ticket"].clone();
        input["state"] = json!(idp::fields(begun["address"].as_str().unwrap().split_once('?').unwrap().1)["state"]);
        assert_eq!(rule(&ask(&world, None, FINISH, input).await), "oidc-failed");
    }
}

/// Follows a provider's redirects with its cookies until it sends us back; what it says there.
async fn browse(issuer: &str, address: &str) -> HashMap<String, String> {
    let (mut at, mut cookies) = (address.to_owned(), HashMap::new());
    for _ in 0..10 {
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::get(&at).header(header::COOKIE, jar.join("; ")).body(Body::empty()).expect("a request");
        let response = http(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default().to_owned();
            let (name, value) = pair.split_once('=').expect("a cookie");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let next = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
        let next = next.unwrap_or_else(|| panic!("{at} leads nowhere: {response:?}")).to_owned();
        if let Some((_, query)) = next.split_once("/sign-in/back?") {
            return idp::fields(query);
        }
        at = if next.starts_with('/') { format!("{issuer}{next}") } else { next };
    }
    panic!("too many redirects")
}

on_both! {
    /// An address that the provider has verified opens its account; from then on what the provider calls the person does.
    async fn whom_the_provider_knows_is_known_here(backend) {
        let (world, idp) = installed(backend, &["mfa"]).await;
        let public = world.call(None, "{ signInWays { providers { id: providerId name } byAddress } }", json!({})).await.body;
        assert_eq!(public["data"]["signInWays"], json!({ "providers": [{ "id": everybody(), "name": "Everybody's" }], "byAddress": false }));

        idp.say(json!({ "sub": "1", "email": "A1@example.test", "email_verified": true }));
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "a1 姓名");
        // Another address, none at all: it is still the same person. Another person with the same address is the same account.
        idp.behave(Manner { claims: json!({ "sub": "1", "email": "x@elsewhere.test" }), sign: Sign::Es256, ..Manner::default() });
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "a1 姓名");
        let links = world.ok("a1", "{ viewer { identityLinks { issuer own lastUsedAt } identityProviders { name } } }", json!({})).await;
        assert_eq!(links["viewer"]["identityLinks"].as_array().unwrap().len(), 1);
        assert_eq!(links["viewer"]["identityLinks"][0]["own"], false);
        assert_eq!(links["viewer"]["identityProviders"], json!([{ "name": "Everybody's" }]));
        // `sub` is told apart to the letter.
        idp.say(json!({ "sub": "s" , "email": email("a2"), "email_verified": "true" }));
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "a2 姓名");
        idp.say(json!({ "sub": "S" }));
        assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), "oidc-unverified");
        // The address may be user info.
        let info = json!({ "sub": "2", "email": email("b1"), "email_verified": true });
        idp.behave(Manner { claims: json!({ "sub": "2" }), info: info.clone(), ..Manner::default() });
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "b1 姓名");
        idp.behave(Manner { claims: json!({ "sub": "3" }), info, ..Manner::default() });
        assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), "oidc-failed");

        // It is on record.
        let events = world.ok("a1", "{ auditEvents(first: 50) { nodes { action } } }", json!({})).await.to_string();
        assert!(events.contains("oidc.link") && events.contains("sign-in"), "{events}");
    }

    /// A second factor is asked for here too, unless the provider's counts.
    async fn the_second_factor_is_asked_for_unless_the_providers_counts(backend) {
        let (world, idp) = installed(backend, &["mfa"]).await;
        let begun = world.done("a1", "factorBegin", "secret", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(begun["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        let code = |world: &World| app.generate(u64::try_from(world.env.now().timestamp()).unwrap()).to_string();
        world.done("a1", "factorConfirm", "", json!({ "code": code(&world) })).await;
        world.clock.advance(TimeDelta::seconds(30));

        let said = |amr: Value| json!({ "sub": "1", "email": email("a1"), "email_verified": true, "amr": amr });
        idp.say(said(json!(["pwd"])));
        let asked = sign_in(&world, &idp, &everybody()).await;
        assert!(asked["accessToken"].is_null());
        let finish = "mutation($input: SignInFinishInput!) { payload: signInFinish(input: $input) { accessToken userErrors { rule } } }";
        let input = json!({ "challenge": asked["challenge"], "code": code(&world) });
        assert_eq!(who(&world, &ask(&world, None, finish, input).await).await, "a1 姓名");
        idp.say(said(json!(["pwd", "mfa"])));
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "a1 姓名");
        idp.say(json!({ "sub": "1", "acr": "mfa" }));
        assert_eq!(who(&world, &sign_in(&world, &idp, &everybody()).await).await, "a1 姓名");
    }

    /// Nobody gets into an account by an address that is not proved to be theirs, and nobody learns which accounts there are.
    async fn strangers_stay_outside(backend) {
        let (world, idp) = installed(backend, &[]).await;
        for (claims, wanted) in [
            (json!({}), "oidc-unverified"),
            (json!({ "email": email("a1") }), "oidc-unverified"),
            (json!({ "email": email("a1"), "email_verified": false }), "oidc-unverified"),
            (json!({ "email": email("nobody"), "email_verified": false }), "oidc-unverified"),
            (json!({ "email": "a1@example.test.evil.test", "email_verified": true }), "oidc-domain"),
            (json!({ "email": "a1@evil.test", "email_verified": true }), "oidc-domain"),
            (json!({ "email": "a1@example.test@evil.test", "email_verified": true }), "oidc-domain"),
            (json!({ "email": email("nobody"), "email_verified": true }), "oidc-no-account"),
        ] {
            idp.say(claims.clone());
            assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), wanted, "{claims}");
        }
        let unknown = format!("idp_{:032x}", 7);
        assert_eq!(rule(&ask(&world, None, BEGIN, json!({ "providerId": unknown })).await), "oidc-unknown");
        // A link of one's own account is not begun by nobody.
        let answer = world.call(None, BEGIN, json!({ "input": { "providerId": everybody(), "link": true } })).await.body;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }

    /// What does not fit is not believed, whatever it says.
    async fn a_providers_answer_has_to_fit(backend) {
        let (world, idp) = installed(backend, &[]).await;
        let now = world.env.now().timestamp();
        let good = json!({ "email": email("a1"), "email_verified": true });
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            Manner { claims, ..Manner::default() }
        };
        let signed = |sign| Manner { claims: good.clone(), sign, ..Manner::default() };
        let bad = [
            signed(Sign::Broken), signed(Sign::Foreign), signed(Sign::Nothing), signed(Sign::Confused),
            with("iss", json!("http://localhost:2")), with("aud", json!("somebody else")),
            with("aud", json!([CLIENT, "other"])), with("azp", json!("other")), with("exp", json!(now - 60)),
            with("exp", Value::Null), with("iat", json!(now + 120)), with("nonce", json!("another")), with("nonce", Value::Null),
            with("at_hash", json!("another")), with("sub", json!("")),
            Manner { token_type: "mac", ..signed(Sign::Rs256) },
        ];
        for manner in bad {
            idp.behave(manner.clone());
            assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), "oidc-failed", "{manner:?}");
        }
        idp.behave(signed(Sign::Rs256));

        // Another issuer's answer, one that does not say whose it is, one that is cut off, an error.
        let (back, ticket) = round(&world, &idp, &everybody()).await;
        let mut mixed = answer(&back, &ticket);
        mixed["iss"] = json!("https://evil.test");
        assert_eq!(rule(&ask(&world, None, FINISH, mixed).await), "oidc-failed");
        assert_eq!(rule(&ask(&world, None, FINISH, answer(&back, &ticket)).await), "oidc-late", "a state is good for one answer");
        for (name, value, wanted) in [
            ("iss", Value::Null, "oidc-failed"), ("code", Value::Null, "oidc-failed"), ("code", json!("other"), "oidc-failed"),
            ("error", json!("access_denied"), "oidc-denied"), ("error", json!("server_error"), "oidc-failed"),
            ("ticket", json!("0".repeat(64)), "oidc-late"), ("state", json!("0".repeat(64)), "oidc-late"),
        ] {
            let (back, ticket) = round(&world, &idp, &everybody()).await;
            let mut changed = answer(&back, &ticket);
            changed[name] = value;
            assert_eq!(rule(&ask(&world, None, FINISH, changed).await), wanted, "{name}");
        }
        // The code of another sign-in does not fit the verifier of this one.
        let (mine, ticket) = round(&world, &idp, &everybody()).await;
        let (theirs, _) = round(&world, &idp, &everybody()).await;
        let injected = Back { code: theirs.code, ..mine };
        assert_eq!(rule(&ask(&world, None, FINISH, answer(&injected, &ticket)).await), "oidc-failed");
        // Ten minutes are enough.
        let (back, ticket) = round(&world, &idp, &everybody()).await;
        world.clock.advance(TimeDelta::minutes(10));
        assert_eq!(rule(&ask(&world, None, FINISH, answer(&back, &ticket)).await), "oidc-late");

        // Each answer is good once.
        let (back, ticket) = round(&world, &idp, &everybody()).await;
        assert_eq!(who(&world, &ask(&world, None, FINISH, answer(&back, &ticket)).await).await, "a1 姓名");
        assert_eq!(rule(&ask(&world, None, FINISH, answer(&back, &ticket)).await), "oidc-late");
    }

    /// Keys that were changed are found, and nobody has them read all the time.
    async fn keys_are_read_again_when_one_is_new(backend) {
        let (world, idp) = installed(backend, &[]).await;
        let good = json!({ "email": email("a1"), "email_verified": true });
        idp.behave(Manner { claims: good.clone(), hides_ec: true, ..Manner::default() });
        assert!(sign_in(&world, &idp, &everybody()).await["accessToken"].is_string());
        assert_eq!(idp.key_reads(), 1);
        for _ in 0..3 {
            idp.behave(Manner { claims: good.clone(), sign: Sign::Unpublished, hides_ec: true, ..Manner::default() });
            assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), "oidc-failed");
        }
        assert_eq!(idp.key_reads(), 1, "not within half a minute");
        idp.behave(Manner { claims: good.clone(), sign: Sign::Es256, ..Manner::default() });
        world.clock.advance(TimeDelta::seconds(30));
        assert!(sign_in(&world, &idp, &everybody()).await["accessToken"].is_string());
        assert_eq!(idp.key_reads(), 2);
    }

    /// A park's provider: kept by the park alone, and it opens the park's own staff and nobody else by itself.
    async fn a_park_has_providers_of_its_own(backend) {
        let world = World::new(backend).await;
        let idp = Idp::start(&world.env).await;
        let save = |changes: Value| {
            let mut input = json!({ "name": "园区账号", "issuer": idp.issuer(), "clientId": CLIENT, "clientSecret": SECRET,
                "scopes": ["email", "openid"], "domains": ["example.test"], "secondFactorValues": [], "idempotencyKey": "k1" });
            for (name, value) in changes.as_object().unwrap() {
                input[name] = value.clone();
            }
            input
        };
        let made = world.done("park", "identityProviderSave", "provider { id name hasSecret scopes }", save(json!({}))).await;
        assert_eq!(made["provider"]["scopes"], json!(["openid", "email"]));
        assert_eq!(made["provider"]["hasSecret"], true);
        let id = made["provider"]["id"].as_str().unwrap().to_owned();
        for (key, changes, wanted) in [
            ("k2", json!({ "issuer": "https://localhost:1" }), vec!["idp-unreachable"]),
            ("k3", json!({ "issuer": "http://id.example" }), vec!["idp-issuer"]),
            ("k4", json!({ "issuer": format!("{}/", idp.issuer()) }), vec!["idp-unreachable"]),
            ("k5", json!({ "domains": ["*"], "name": " " }), vec!["text-required", "idp-domain"]),
            ("k6", json!({ "scopes": ["a b"] }), vec!["idp-word"]),
            ("k7", json!({ "providerId": format!("idp_{:032x}", 7) }), vec!["oidc-unknown"]),
        ] {
            let mut input = save(changes);
            input["idempotencyKey"] = json!(key);
            assert_eq!(world.refused("park", "identityProviderSave", input).await, wanted, "{key}");
        }
        for who in ["a1", "finance", "other-park"] {
            let seen = world.call(Some(world.token(who).await), "{ park { identityProviders { id } } }", json!({})).await.body;
            assert!(!seen.to_string().contains(&id), "{who}: {seen}");
        }
        assert!(!world.refused("other-park", "identityProviderRemove", json!({ "providerId": id, "idempotencyKey": "r" })).await.is_empty());
        let by_domain = "query($email: String) { signInWays(email: $email) { providers { id: providerId } byAddress } }";
        let found = world.call(None, by_domain, json!({ "email": "whoever@EXAMPLE.test" })).await.body;
        assert_eq!(found["data"]["signInWays"], json!({ "providers": [{ "id": id }], "byAddress": true }));
        for elsewhere in [json!("x@example.tes"), Value::Null] {
            let found = world.call(None, by_domain, json!({ "email": elsewhere })).await.body;
            assert_eq!(found["data"]["signInWays"]["providers"], json!([]));
        }

        // The secret stays when none is given; the name changes; it works.
        let changed = save(json!({ "providerId": id, "name": "Park", "clientSecret": null, "idempotencyKey": "k8" }));
        let changed = world.done("park", "identityProviderSave", "provider { id name hasSecret }", changed).await;
        assert_eq!(changed["provider"], json!({ "id": id, "name": "Park", "hasSecret": true }));
        let said = |who: &str| json!({ "sub": who, "email": email(who), "email_verified": true });
        idp.say(said("finance"));
        assert_eq!(who(&world, &sign_in(&world, &idp, &id).await).await, "finance 姓名");
        // Staff of a tenant, assessors, other parks: whoever runs the park must not become them.
        for person in ["a1", "a1-agent", "assessor", "other-park", "b1"] {
            idp.say(said(person));
            assert_eq!(rule(&sign_in(&world, &idp, &id).await), "oidc-no-account", "{person}");
        }

        // They can let it in themselves, with a proof of who they are.
        let begin = async |who: &str| {
            let token = world.token(who).await;
            let begun = ask(&world, Some(token), BEGIN, json!({ "providerId": id, "link": true })).await;
            begun["address"].as_str().map(|a| (idp.come_back(a), begun["ticket"].as_str().unwrap().to_owned())).ok_or(begun)
        };
        idp.say(json!({ "sub": "a1" }));
        let (back, ticket) = begin("a1").await.unwrap();
        assert_eq!(rule(&ask(&world, None, FINISH, answer(&back, &ticket)).await), "oidc-late", "a link is no sign-in");
        let (back, ticket) = begin("a1").await.unwrap();
        let token = Some(world.token("a2").await);
        assert_eq!(rule(&ask(&world, token, LINK, answer(&back, &ticket)).await), "oidc-late", "begun by somebody else");
        let (back, ticket) = begin("a1").await.unwrap();
        let token = Some(world.token("a1").await);
        assert_eq!(rule(&ask(&world, token, LINK, answer(&back, &ticket)).await), "none");
        assert_eq!(who(&world, &sign_in(&world, &idp, &id).await).await, "a1 姓名");
        let (back, ticket) = begin("a2").await.unwrap();
        let token = Some(world.token("a2").await);
        assert_eq!(rule(&ask(&world, token, LINK, answer(&back, &ticket)).await), "oidc-linked");
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(rule(&begin("a1").await.unwrap_err()), "step-up-required");
        let links = world.ok("a1", "{ viewer { identityLinks { id own } } }", json!({})).await;
        let link = &links["viewer"]["identityLinks"][0];
        assert_eq!(link["own"], true);
        assert_eq!(world.refused("a1", "oidcUnlink", json!({ "linkId": link["id"] })).await, ["step-up-required"]);
        for person in ["a1", "a2", "park"] {
            world.done(person, "stepUp", "", json!({ "password": PASSWORD })).await;
        }
        assert_eq!(world.refused("a2", "oidcUnlink", json!({ "linkId": link["id"] })).await, ["oidc-link-unknown"]);
        world.done("a1", "oidcUnlink", "", json!({ "linkId": link["id"] })).await;
        assert_eq!(rule(&sign_in(&world, &idp, &id).await), "oidc-unverified");

        world.done("park", "identityProviderRemove", "", json!({ "providerId": id, "idempotencyKey": "r1" })).await;
        assert_eq!(rule(&ask(&world, None, BEGIN, json!({ "providerId": id })).await), "oidc-unknown");
    }

    /// What a park calls a second factor says nothing about accounts that reach further, also where the provider is the same.
    async fn a_park_decides_nothing_about_others(backend) {
        let (world, idp) = installed(backend, &["mfa"]).await;
        let begun = world.done("a1", "factorBegin", "secret", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(begun["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        let code = app.generate(u64::try_from(world.env.now().timestamp()).unwrap()).to_string();
        world.done("a1", "factorConfirm", "", json!({ "code": code })).await;
        idp.say(json!({ "sub": "a1", "amr": ["pwd"] }));
        let begun = ask(&world, Some(world.token("a1").await), BEGIN, json!({ "providerId": everybody(), "link": true })).await;
        let back = idp.come_back(begun["address"].as_str().unwrap());
        let linked = answer(&back, begun["ticket"].as_str().unwrap());
        assert_eq!(rule(&ask(&world, Some(world.token("a1").await), LINK, linked).await), "none");
        let lax = json!({ "name": "Lax", "issuer": idp.issuer(), "clientId": CLIENT, "clientSecret": SECRET, "scopes": ["email"],
            "domains": ["example.test"], "secondFactorValues": ["pwd"], "idempotencyKey": "k" });
        for park in ["park", "other-park"] {
            let made = world.done(park, "identityProviderSave", "provider { id }", lax.clone()).await;
            let opened = sign_in(&world, &idp, made["provider"]["id"].as_str().unwrap()).await;
            assert!(opened["accessToken"].is_null() && opened["challenge"].is_string(), "{park}: {opened}");
        }
    }

    /// A session for which a park's provider alone vouches reaches that park's own staff memberships and leaves the ways into
    /// the account alone, until its owner proves it by a secret of its own.
    async fn a_providers_word_is_not_the_owners(backend) {
        let world = World::new(backend).await;
        let idp = Idp::start(&world.env).await;
        let provider = json!({ "name": "Park", "issuer": idp.issuer(), "clientId": CLIENT, "clientSecret": SECRET,
            "scopes": ["email"], "domains": ["example.test"], "secondFactorValues": [], "idempotencyKey": "k" });
        let made = world.done("park", "identityProviderSave", "provider { id }", provider).await;
        let id = made["provider"]["id"].as_str().unwrap().to_owned();
        // Another provider is not told the secret that this one knows.
        let other = Idp::start(&world.env).await;
        let elsewhere = json!({ "providerId": id, "name": "Park", "issuer": other.issuer(), "clientId": CLIENT, "scopes": [],
            "domains": ["example.test"], "secondFactorValues": [], "idempotencyKey": "k2" });
        assert_eq!(world.refused("park", "identityProviderSave", elsewhere).await, ["idp-secret"]);
        idp.say(json!({ "sub": "f", "email": email("finance"), "email_verified": true }));
        let opened = sign_in(&world, &idp, &id).await;
        let token = opened["accessToken"].as_str().map(str::to_owned);
        let passkey = "mutation($input: PasskeyAskInput!) { payload: passkeyAsk(input: $input) { userErrors { rule } } }";
        let factor = "mutation($input: FactorBeginInput!) { payload: factorBegin(input: $input) { userErrors { rule } } }";
        let begin = json!({ "providerId": id, "link": true });
        let ways = [(passkey, json!({ "purpose": "ADD" })), (factor, json!({})), (BEGIN, begin)];
        for (document, input) in &ways {
            assert_eq!(rule(&ask(&world, token.clone(), document, input.clone()).await), "step-up-required", "{document}");
        }
        // It becomes an assessor as well: that is not what the provider vouches for.
        let grant = json!({ "assessorEmail": email("finance"), "role": "ASSESSOR", "purpose": "x", "validFrom": "2026-11-01",
            "validTo": "2027-02-01", "idempotencyKey": "g" });
        world.done("park", "grantCreate", "grant { id }", grant).await;
        let all = "{ viewer { memberships { role scope } } }";
        let seen = world.call(token.clone(), all, json!({})).await.body;
        let roles = |seen: &Value| {
            let list = seen["data"]["viewer"]["memberships"].as_array().unwrap().clone();
            list.iter().map(|m| m["role"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(roles(&seen), ["PARK_FINANCE"]);
        let whole = world.ok("finance", all, json!({})).await;
        let assessor = whole["viewer"]["memberships"].as_array().unwrap().iter().find(|m| m["role"] == "ASSESSOR").unwrap().clone();
        let switch = "mutation($input: ScopeSwitchInput!) { payload: scopeSwitch(input: $input) { accessToken userErrors { rule } } }";
        let scope = json!({ "scope": assessor["scope"] });
        assert_eq!(rule(&ask(&world, token.clone(), switch, scope.clone()).await), "scope-unknown");
        let step_up = "mutation($input: StepUpInput!) { payload: stepUp(input: $input) { userErrors { rule } } }";
        assert_eq!(rule(&ask(&world, token.clone(), step_up, json!({ "password": PASSWORD })).await), "none");
        for (document, input) in ways {
            assert_eq!(rule(&ask(&world, token.clone(), document, input).await), "none", "{document}");
        }
        assert!(ask(&world, token, switch, scope).await["accessToken"].is_string());
        assert_eq!(rule(&sign_in(&world, &idp, &id).await), "oidc-no-account", "it reaches further now");
    }

    /// Whoever is invited comes in by the provider: the invitation is accepted and the account made.
    async fn the_invited_come_in_by_the_provider(backend) {
        let (world, idp) = installed(backend, &[]).await;
        let invite = json!({ "email": "new@example.test", "role": "TENANT_MANAGER", "tenantId": world.ids.a2.to_string(), "idempotencyKey": "i1" });
        world.done("park", "invitationCreate", "invitation { id }", invite).await;
        idp.say(json!({ "sub": "n", "email": "New@example.test", "email_verified": false, "name": "黄明" }));
        assert_eq!(rule(&sign_in(&world, &idp, &everybody()).await), "oidc-unverified");
        idp.say(json!({ "sub": "n", "email": "New@example.test", "email_verified": true, "name": "黄明" }));
        let opened = sign_in(&world, &idp, &everybody()).await;
        assert_eq!(opened["membership"], json!({ "role": "TENANT_MANAGER", "tenantName": "a2 呼叫中心" }));
        assert_eq!(who(&world, &opened).await, "黄明");
        let list = world.ok("park", "{ park { invitations(first: 5) { nodes { state } } } }", json!({})).await;
        assert_eq!(list["park"]["invitations"]["nodes"][0]["state"], "ACCEPTED");
        // The account has no password that anybody knows.
        let sign_in = "mutation($input: SignInInput!) { payload: signIn(input: $input) { userErrors { rule } } }";
        assert_eq!(rule(&ask(&world, None, sign_in, json!({ "email": "new@example.test", "password": "" })).await), "sign-in-failed");
    }
}
