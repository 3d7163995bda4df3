//! A provider of OpenID Connect that does what a test says: right, and wrong in every way that matters.
//!
//! It is served over HTTP at `http://localhost:PORT`, checks what a provider checks of its clients (PKCE, client secret,
//! redirect URI, each code once), and signs with keys that belong to nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::pkcs8::EncodePrivateKey as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use voxpark_domain::time::Env;

/// Our name at the provider.
pub const CLIENT: &str = "voxpark tests";
/// What proves it; with a sign that has to be encoded.
pub const SECRET: &str = "s e/cret:1";

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// RS256, with the key `rsa`.
    #[default]
    Rs256,
    /// ES256, with the key `ec`.
    Es256,
    /// RS256 with the key `rsa`, one bit of the signature turned.
    Broken,
    /// ES256 with a key of somebody else that is called `ec`.
    Foreign,
    /// ES256 with a key that is published under no name.
    Unpublished,
    /// Not at all: `alg` is `none`.
    Nothing,
    /// HS256 with the public key as the shared secret.
    Confused,
}

/// How the provider behaves from now on.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Claims of the ID token that differ; null removes one.
    pub claims: Value,
    /// How it is signed.
    pub sign: Sign,
    /// What is said as user info.
    pub info: Value,
    /// `token_type`; `Bearer` when empty.
    pub token_type: &'static str,
    /// Whether the keys that are published lack the key `ec`.
    pub hides_ec: bool,
}

struct Asked {
    nonce: String,
    challenge: String,
    redirect: String,
}

struct Inner {
    env: Env,
    issuer: String,
    manner: Manner,
    codes: HashMap<String, Asked>,
    made: u32,
    key_reads: u32,
}

/// A provider that runs until it is dropped.
pub struct Idp {
    inner: Arc<Mutex<Inner>>,
    served: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for Idp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Idp")
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.served.abort();
    }
}

/// What comes back to the redirect URI.
#[derive(Clone, Debug)]
pub struct Back {
    /// `state`.
    pub state: String,
    /// `code`.
    pub code: String,
    /// `iss`.
    pub iss: String,
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(include_bytes!("idp.pem")).expect("a key")
}

fn ec(fill: u8) -> EncodingKey {
    let key = p256::SecretKey::from_slice(&[fill; 32]).expect("a key");
    EncodingKey::from_ec_der(key.to_pkcs8_der().expect("encoded").as_bytes())
}

fn published(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a public key");
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).expect("JSON")
}

/// What is behind `%XX` and `+`.
fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("hex digits")
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("text")
}

/// The fields of a form or query.
pub fn fields(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|p| p.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}

impl Idp {
    /// Starts one.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(env: &Env) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let (manner, codes) = (Manner::default(), HashMap::new());
        let inner = Inner { env: env.clone(), issuer, manner, codes, made: 0, key_reads: 0 };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/info", get(info))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&inner));
        let served = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { inner, served }
    }

    /// Its address.
    pub fn issuer(&self) -> String {
        lock(&self.inner).issuer.clone()
    }

    /// Behaves like this from now on.
    pub fn behave(&self, manner: Manner) {
        lock(&self.inner).manner = manner;
    }

    /// Says this of whoever comes from now on, and nothing wrong.
    pub fn say(&self, claims: Value) {
        self.behave(Manner { claims, ..Manner::default() });
    }

    /// How often its keys were read.
    pub fn key_reads(&self) -> u32 {
        lock(&self.inner).key_reads
    }

    /// What happens at the address that a browser was sent to: somebody signs in there, and comes back with this.
    ///
    /// # Panics
    /// When the address asks for something that a provider would refuse.
    pub fn come_back(&self, address: &str) -> Back {
        let (at, query) = address.split_once('?').expect("a query");
        let mut inner = lock(&self.inner);
        assert_eq!(at, format!("{}/authorize", inner.issuer));
        inner.consent(query)
    }
}

impl Inner {
    fn consent(&mut self, query: &str) -> Back {
        let asked = fields(query);
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|s| s == "openid") && asked["state"].len() >= 43, "{asked:?}");
        self.made += 1;
        let code = format!("code-{}", self.made);
        let (nonce, challenge, redirect) =
            (asked["nonce"].clone(), asked["code_challenge"].clone(), asked["redirect_uri"].clone());
        self.codes.insert(code.clone(), Asked { nonce, challenge, redirect });
        Back { state: asked["state"].clone(), code, iss: self.issuer.clone() }
    }

    fn sign(&self, claims: &Value) -> String {
        let header = |alg, kid: &str| Header { kid: Some(kid.to_owned()), ..Header::new(alg) };
        let encode = |header: Header, key: &EncodingKey| jsonwebtoken::encode(&header, claims, key).expect("signed");
        match self.manner.sign {
            Sign::Rs256 => encode(header(Algorithm::RS256, "rsa"), &rsa()),
            Sign::Es256 => encode(header(Algorithm::ES256, "ec"), &ec(1)),
            Sign::Foreign => encode(header(Algorithm::ES256, "ec"), &ec(2)),
            Sign::Unpublished => encode(header(Algorithm::ES256, "new"), &ec(3)),
            Sign::Broken => {
                let token = encode(header(Algorithm::RS256, "rsa"), &rsa());
                let (body, signature) = token.rsplit_once('.').expect("three parts");
                let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
                bytes[17] ^= 1;
                format!("{body}.{}", URL_SAFE_NO_PAD.encode(bytes))
            }
            Sign::Nothing => {
                let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", part(json!({ "alg": "none", "typ": "JWT" })), part(claims.clone()))
            }
            Sign::Confused => {
                let modulus = published(&rsa(), Algorithm::RS256, "rsa")["n"].as_str().expect("a key").to_owned();
                encode(header(Algorithm::HS256, "rsa"), &EncodingKey::from_secret(modulus.as_bytes()))
            }
        }
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn discovery(State(inner): Shared) -> Json<Value> {
    let issuer = lock(&inner).issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/info"),
        "jwks_uri": format!("{issuer}/keys"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// Whoever comes is signed in already and consents.
async fn authorize(State(inner): Shared, RawQuery(query): RawQuery) -> Redirect {
    let mut inner = lock(&inner);
    let query = query.unwrap_or_default();
    let back = inner.consent(&query);
    let iss = back.iss.replace(':', "%3A").replace('/', "%2F");
    Redirect::to(&format!("{}?state={}&code={}&iss={iss}", fields(&query)["redirect_uri"], back.state, back.code))
}

async fn keys(State(inner): Shared) -> Json<Value> {
    let mut inner = lock(&inner);
    inner.key_reads += 1;
    let mut keys = vec![published(&rsa(), Algorithm::RS256, "rsa")];
    if !inner.manner.hides_ec {
        keys.push(published(&ec(1), Algorithm::ES256, "ec"));
    }
    Json(json!({ "keys": keys }))
}

async fn token(State(inner): Shared, headers: HeaderMap, body: String) -> Response {
    let mut inner = lock(&inner);
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let pair = format!("{}:{}", CLIENT.replace(' ', "%20"), "s%20e%2Fcret%3A1");
    let basic = format!("Basic {}", STANDARD.encode(pair));
    if headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) != Some(&basic) {
        return refused("invalid_client");
    }
    let form = fields(&body);
    let Some(asked) = inner.codes.remove(&form["code"]) else { return refused("invalid_grant") };
    let verifier = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if verifier != asked.challenge || form["redirect_uri"] != asked.redirect {
        return refused("invalid_grant");
    }
    let now = inner.env.now().timestamp();
    let access = "an access token";
    let hash = Sha256::digest(access.as_bytes());
    let mut claims = json!({ "iss": inner.issuer, "sub": "subject", "aud": CLIENT, "iat": now, "exp": now + 300,
        "nonce": asked.nonce, "at_hash": URL_SAFE_NO_PAD.encode(&hash[..16]) });
    for (name, value) in inner.manner.claims.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    if let Some(map) = claims.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    let kind = if inner.manner.token_type.is_empty() { "Bearer" } else { inner.manner.token_type };
    Json(json!({ "access_token": access, "token_type": kind, "id_token": inner.sign(&claims) })).into_response()
}

async fn info(State(inner): Shared, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    if bearer != Some("Bearer an access token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(lock(&inner).manner.info.clone()).into_response()
}
