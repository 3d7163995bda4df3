//! The keys of a provider, and the signatures they make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use voxpark_domain::identity::oidc_claims::IdClaims;

use super::http::Answer;

/// Keys are read again for one that is not known at most so often.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Keys are read again after so long anyway: those that were withdrawn are not believed for ever.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// More keys than any provider has.
const MOST: usize = 50;

/// Signatures that are believed: made with a key that only the provider has. None at all and shared secrets are not.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The keys, when they were asked for last, and when they were read.
#[derive(Default)]
pub(super) struct KeySet {
    keys: Vec<Jwk>,
    asked_at: Option<DateTime<Utc>>,
}

impl KeySet {
    /// Whether the keys have to be read (again) before a token with this key id is looked at.
    pub(super) fn wants_reading(&self, kid: Option<&str>, now: DateTime<Utc>) -> bool {
        let Some(asked_at) = self.asked_at else { return true };
        let unknown = self.keys.is_empty() || kid.is_some_and(|kid| !self.keys.iter().any(|k| is(k, kid)));
        now >= asked_at + if unknown { PAUSE } else { FRESH }
    }

    /// Notes that they were asked for.
    pub(super) fn asked(&mut self, now: DateTime<Utc>) {
        self.asked_at = Some(now);
    }

    /// Takes those of a key set that are of use here.
    pub(super) fn read(&mut self, mut said: Value) {
        let list = said.get_mut("keys").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let read = |key| serde_json::from_value::<Jwk>(key).ok();
        self.keys = list.into_iter().take(MOST).filter_map(read).filter(signs).collect();
    }

    /// The claims of a token that one of the keys signed.
    pub(super) fn verify(&self, header: &Header, token: &str) -> Answer<(Algorithm, IdClaims)> {
        let algorithm = header.alg;
        if !ALGORITHMS.contains(&algorithm) {
            return Err(format!("signed in a way that is not believed: {algorithm:?}"));
        }
        // What the claims have to be is the domain's affair.
        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let fits = |key: &&Jwk| {
            let named = header.kid.as_deref().is_none_or(|kid| is(key, kid));
            // A key that says what it is for is for nothing else.
            let meant = key.common.key_algorithm.is_none_or(|a| a.to_string() == format!("{algorithm:?}"));
            named && meant
        };
        let mut why = "no key of the provider fits".to_owned();
        for key in self.keys.iter().filter(fits) {
            let decoded =
                DecodingKey::from_jwk(key).and_then(|key| jsonwebtoken::decode::<IdClaims>(token, &key, &validation));
            match decoded {
                Ok(token) => return Ok((algorithm, token.claims)),
                Err(e) => why = format!("the token: {e}"),
            }
        }
        Err(why)
    }
}

fn is(key: &Jwk, kid: &str) -> bool {
    key.common.key_id.as_deref() == Some(kid)
}

/// Whether a key is a public one for signatures.
fn signs(key: &Jwk) -> bool {
    let public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_));
    public && key.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature)
}

/// The left half of the hash of an access token, with the hash of the signature's algorithm (OpenID Connect Core 1.0, section 3.1.3.6).
pub(super) fn at_hash(algorithm: Algorithm, token: &str) -> String {
    let token = token.as_bytes();
    let hash = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => Sha384::digest(token).to_vec(),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => Sha512::digest(token).to_vec(),
        _ => Sha256::digest(token).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(hash.split_at(hash.len() / 2).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_asked_for_and_not_all_the_time() {
        let now = DateTime::UNIX_EPOCH;
        let mut set = KeySet::default();
        assert!(set.wants_reading(Some("a"), now));
        set.asked(now);
        set.read(serde_json::json!({ "keys": [
            { "kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB", "use": "sig" },
            { "kty": "RSA", "kid": "e", "n": "AQAB", "e": "AQAB", "use": "enc" },
            { "kty": "oct", "kid": "o", "k": "AQAB" },
            { "kty": "new", "kid": "n" },
        ] }));
        assert_eq!(set.keys.len(), 1);
        let at = |seconds| now + TimeDelta::seconds(seconds);
        assert!(!set.wants_reading(Some("a"), at(3599)) && set.wants_reading(Some("a"), at(3600)));
        assert!(!set.wants_reading(Some("e"), at(29)) && set.wants_reading(Some("e"), at(30)));
        assert!(!set.wants_reading(None, at(3599)));
    }

    #[test]
    fn the_hash_of_an_access_token_is_that_of_the_standard() {
        // The example of OpenID Connect Core 1.0, appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
