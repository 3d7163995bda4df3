//! OpenID Connect as a relying party: discovery, the authorization request, the token, its signature.
//!
//! What the token says is checked by the domain (`identity::oidc_claims`); this fetches it, and finds the key.

mod http;
mod keys;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use voxpark_domain::identity::oidc::{Begun, Oidc, Provider, Reply, Vouched, Waiting};
use voxpark_domain::identity::oidc_claims::{Expected, IdClaims, Truth};
use voxpark_domain::time::Env;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use http::{Answer, Ask, Http};
use keys::{KeySet, at_hash};

/// For how long what a provider says of itself is believed.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How many providers are remembered at a time.
const MOST: usize = 256;

/// What a provider says of itself (OpenID Connect Discovery 1.0).
#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

struct Known {
    metadata: Metadata,
    read_at: DateTime<Utc>,
    keys: tokio::sync::Mutex<KeySet>,
}

/// Speaks with providers.
pub struct Client {
    env: Env,
    http: Http,
    callback: String,
    installation: Option<Provider>,
    known: Mutex<HashMap<String, Arc<Known>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("oidc::Client")
    }
}

/// Where providers send browsers back to, under the public address.
pub const CALLBACK: &str = "/sign-in/back";

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    token_type: Option<String>,
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
    email_verified: Option<Truth>,
    name: Option<String>,
}

/// Percent-encodes a value of a form or query.
fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&")
}

fn failed() -> Error {
    Refusal::new(RefusalCode::State, "oidc-failed").into()
}

impl Client {
    /// `public_url` is how browsers reach us; the provider of the installation may be none; `private` and `authorities` as
    /// the configuration says.
    ///
    /// # Errors
    /// An internal error when a file of authorities cannot be read.
    pub fn new(
        env: Env,
        public_url: &str,
        installation: Option<Provider>,
        private: bool,
        authorities: Option<&Path>,
    ) -> Result<Self> {
        let http = Http::new(private, authorities)?;
        let callback = format!("{public_url}{CALLBACK}");
        Ok(Self { env, http, callback, installation, known: Mutex::default() })
    }

    async fn known(&self, issuer: &str) -> Answer<Arc<Known>> {
        let now = self.env.now();
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned();
        if let Some(known) = kept.filter(|k| now < k.read_at + FRESH) {
            return Ok(known);
        }
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let said = self.http.json(&address, Ask::Get(None)).await?;
        let metadata: Metadata = serde_json::from_value(said).map_err(|e| format!("{address}: {e}"))?;
        if metadata.issuer != issuer {
            return Err(format!("{address} speaks for another issuer"));
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&metadata.userinfo_endpoint) {
            self.http.may_ask(endpoint)?;
        }
        let known = Arc::new(Known { metadata, read_at: now, keys: tokio::sync::Mutex::default() });
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(issuer.to_owned(), Arc::clone(&known));
        Ok(known)
    }

    async fn tokens(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
    ) -> Answer<TokenAnswer> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback),
            ("code_verifier", verifier),
        ];
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let only = |method: &str| methods.iter().any(|m| m == method);
        let mut authorization = None;
        match &provider.secret {
            // The default of the standard is Basic, each part percent-encoded first (RFC 6749, section 2.3.1).
            Some(secret) if methods.is_empty() || only("client_secret_basic") || !only("client_secret_post") => {
                let pair = format!("{}:{}", percent(&provider.client_id), percent(secret));
                authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
            }
            Some(secret) => pairs.extend([("client_id", provider.client_id.as_str()), ("client_secret", secret)]),
            None => pairs.push(("client_id", &provider.client_id)),
        }
        let said = self.http.json(&metadata.token_endpoint, Ask::Form(form(&pairs), authorization)).await?;
        serde_json::from_value(said).map_err(|e| format!("the token endpoint: {e}"))
    }

    async fn vouched(&self, provider: &Provider, waiting: &Waiting, reply: &Reply) -> Answer<Vouched> {
        let known = self.known(&provider.issuer).await?;
        let metadata = &known.metadata;
        // Who answers must be who was asked (RFC 9207); a state is good for one provider anyway.
        match &reply.issuer {
            Some(issuer) if *issuer != metadata.issuer => return Err("the answer comes from another issuer".to_owned()),
            None if metadata.authorization_response_iss_parameter_supported => {
                return Err("the answer does not say from whom it comes".to_owned());
            }
            _ => {}
        }
        let told = self.tokens(provider, metadata, &reply.code, &waiting.verifier).await?;
        if !told.token_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("bearer")) {
            return Err("the token is not of the type bearer".to_owned());
        }
        let token = told.id_token.ok_or("there is no ID token")?;
        let (algorithm, claims) = self.signed(&known, &token).await?;
        let at_hash = told.access_token.as_deref().map(|t| at_hash(algorithm, t));
        claims.check(Expected {
            issuer: &metadata.issuer,
            client_id: &provider.client_id,
            nonce: &waiting.nonce,
            at_hash: at_hash.as_deref(),
            now: self.env.now(),
        })?;
        let mut vouched = Vouched {
            verified: claims.email_verified.as_ref().is_some_and(Truth::yes),
            subject: claims.sub,
            email: claims.email,
            name: claims.name,
            amr: claims.amr,
            acr: claims.acr,
        };
        if let (None, Some(address), Some(access)) = (&vouched.email, &metadata.userinfo_endpoint, &told.access_token) {
            let said = self.http.json(address, Ask::Get(Some(access))).await;
            match said.and_then(|s| serde_json::from_value::<UserInfo>(s).map_err(|e| format!("{address}: {e}"))) {
                Ok(info) if info.sub != vouched.subject => return Err("the user info is of somebody else".to_owned()),
                Ok(info) => {
                    vouched.verified = info.email_verified.as_ref().is_some_and(Truth::yes);
                    vouched.email = info.email;
                    vouched.name = vouched.name.or(info.name);
                }
                // Whoever is known already needs no address.
                Err(why) => tracing::info!(why, provider = %provider.id, "an identity provider has no user info"),
            }
        }
        Ok(vouched)
    }

    /// The claims of a token whose signature is right. Keys are read again when the token names one that is not known,
    /// but not all the time.
    async fn signed(&self, known: &Known, token: &str) -> Answer<(jsonwebtoken::Algorithm, IdClaims)> {
        let header = jsonwebtoken::decode_header(token).map_err(|e| format!("the token's header: {e}"))?;
        let mut keys = known.keys.lock().await;
        let now = self.env.now();
        if keys.wants_reading(header.kid.as_deref(), now) {
            let said = self.http.json(&known.metadata.jwks_uri, Ask::Get(None)).await;
            keys.asked(now);
            keys.read(said?);
        }
        keys.verify(&header, token)
    }
}

#[async_trait]
impl Oidc for Client {
    fn installation(&self) -> Option<&Provider> {
        self.installation.as_ref()
    }

    async fn probe(&self, issuer: &str) -> Result<()> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(issuer);
        match self.known(issuer).await {
            Ok(_) => Ok(()),
            Err(why) => {
                tracing::info!(why, "an identity provider cannot be used");
                Err(Refusal::new(RefusalCode::Invalid, "idp-unreachable").at("issuer").into())
            }
        }
    }

    async fn address(&self, provider: &Provider, begun: &Begun) -> Result<String> {
        let known = self.known(&provider.issuer).await.map_err(|why| {
            tracing::warn!(why, provider = %provider.id, "an identity provider does not answer");
            failed()
        })?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.waiting.verifier.as_bytes()));
        let pairs = [
            ("response_type", "code"),
            ("client_id", provider.client_id.as_str()),
            ("redirect_uri", &self.callback),
            ("scope", &provider.scopes.join(" ")),
            ("state", &begun.state),
            ("nonce", &begun.waiting.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let at = &known.metadata.authorization_endpoint;
        Ok(format!("{at}{}{}", if at.contains('?') { '&' } else { '?' }, form(&pairs)))
    }

    async fn redeem(&self, provider: &Provider, waiting: &Waiting, reply: &Reply) -> Result<Vouched> {
        self.vouched(provider, waiting, reply).await.map_err(|why| {
            tracing::warn!(why, provider = %provider.id, "an identity provider's answer is refused");
            failed()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("a", "x y&z"), ("b", "张:/?")]), "a=x%20y%26z&b=%E5%BC%A0%3A%2F%3F");
    }
}
