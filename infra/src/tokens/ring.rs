//! Keys that sign and verify, and what tokens have to say. Pure: what is true of a token at an instant.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use voxpark_domain::identity::Claims;
use voxpark_domain::ids::UserId;
use voxpark_domain::{Error, Result};

/// Whom access tokens are for.
const AUDIENCE: &str = "voxpark-api";
/// Whom challenges are for, which open nothing.
const CHALLENGE: &str = "voxpark-second-factor";
/// How much the clocks of two processes may differ, seconds.
const SKEW: i64 = 30;

#[derive(Serialize, Deserialize)]
struct Body {
    iss: String,
    aud: String,
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    nbf: i64,
    exp: i64,
}

/// One key.
#[derive(Clone)]
pub(crate) struct Known {
    /// By which tokens name it.
    pub(crate) kid: String,
    /// The public half.
    pub(crate) public: [u8; 32],
    /// Made at.
    pub(crate) created_at: DateTime<Utc>,
    /// From then on nothing that it signed is good any more; `None` = it signs.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Signs, when the private half is there.
    signing: Option<EncodingKey>,
    verifying: DecodingKey,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.kid)
    }
}

/// The name and the public half of the key with a private half.
pub(crate) fn named(seed: &[u8; 32]) -> Result<(String, [u8; 32])> {
    let key = SigningKey::from_bytes(seed).verifying_key();
    let der = key.to_public_key_der().map_err(|e| Error::internal(e.to_string()))?;
    Ok((hex::encode(Sha256::digest(der.as_bytes()).split_at(8).0), *key.as_bytes()))
}

impl Known {
    /// A key with its private half, or without.
    pub(crate) fn new(
        kid: String,
        public: [u8; 32],
        seed: Option<[u8; 32]>,
        created_at: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Self> {
        let private = |seed: [u8; 32]| {
            let der = SigningKey::from_bytes(&seed).to_pkcs8_der().map_err(|e| Error::internal(e.to_string()))?;
            Ok::<_, Error>(EncodingKey::from_ed_der(der.as_bytes()))
        };
        let signing = seed.map(private).transpose()?;
        Ok(Self { kid, public, created_at, until, signing, verifying: DecodingKey::from_ed_der(&public) })
    }
}

/// The keys of an installation that are still of use, and who it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ring {
    pub(crate) issuer: String,
    pub(crate) keys: Vec<Known>,
}

impl Ring {
    /// The key that signs: the latest.
    pub(crate) fn signer(&self) -> Option<&Known> {
        self.keys.iter().filter(|k| k.until.is_none() && k.signing.is_some()).max_by_key(|k| (k.created_at, &k.kid))
    }

    /// Whether the key that a token names is known; whatever else it says. A text that names none needs no looking up.
    pub(crate) fn knows(&self, token: &str) -> bool {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        kid.is_none_or(|kid| self.keys.iter().any(|k| k.kid == kid))
    }

    fn write(
        &self,
        audience: &str,
        subject: &str,
        session: Option<String>,
        now: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<String> {
        let key = self.signer().ok_or_else(|| Error::internal("there is no key to sign with"))?;
        let signing = key.signing.as_ref().ok_or_else(|| Error::internal("the key cannot sign"))?;
        let body = Body {
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            sub: subject.to_owned(),
            sid: session,
            nbf: now.timestamp(),
            exp: end.timestamp(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &body, signing).map_err(Error::internal)
    }

    /// What a token says, if it was signed by a key that is good now, with the one algorithm there is, by and for whom it
    /// should be, and is neither too young nor too old.
    fn read(&self, audience: &str, token: &str, now: DateTime<Utc>) -> Option<Body> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|k| k.kid == kid && k.until.is_none_or(|until| now < until))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Compared with our own clock, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let body = jsonwebtoken::decode::<Body>(token, &key.verifying, &validation).ok()?.claims;
        let at = |seconds| Utc.timestamp_opt(seconds, 0).single();
        let young = now + TimeDelta::seconds(SKEW) < at(body.nbf)?;
        (!young && now < at(body.exp)?).then_some(body)
    }

    pub(crate) fn sign(&self, claims: &Claims, now: DateTime<Utc>) -> Result<String> {
        let (user, session) = (claims.user.to_string(), claims.session.to_string());
        self.write(AUDIENCE, &user, Some(session), now, claims.expires_at)
    }

    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let body = self.read(AUDIENCE, token, now)?;
        let expires_at = Utc.timestamp_opt(body.exp, 0).single()?;
        Some(Claims { session: body.sid?.parse().ok()?, user: body.sub.parse().ok()?, expires_at })
    }

    pub(crate) fn challenge(&self, user: UserId, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<String> {
        self.write(CHALLENGE, &user.to_string(), None, now, until)
    }

    pub(crate) fn challenged(&self, challenge: &str, now: DateTime<Utc>) -> Option<UserId> {
        self.read(CHALLENGE, challenge, now)?.sub.parse().ok()
    }

    /// The public halves of the keys whose tokens are good, as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub(crate) fn public(&self, now: DateTime<Utc>) -> Value {
        let good = self.keys.iter().filter(|k| k.until.is_none_or(|until| now < until));
        let key = |k: &Known| {
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": k.kid,
                "x": URL_SAFE_NO_PAD.encode(k.public) })
        };
        json!({ "keys": good.map(key).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::system_env;

    fn key(seed: u8, age: i64, until: Option<i64>) -> Known {
        let seed = [seed; 32];
        let (kid, public) = named(&seed).expect("a key");
        let now = system_env().now();
        let until = until.map(|seconds| now + TimeDelta::seconds(seconds));
        Known::new(kid, public, until.is_none().then_some(seed), now - TimeDelta::seconds(age), until).expect("a key")
    }

    fn ring(keys: Vec<Known>) -> Ring {
        Ring { issuer: "https://park.example".to_owned(), keys }
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    #[test]
    fn tokens_begin_and_end_and_other_keys_do_not_verify() {
        let ring = ring(vec![key(7, 60, None)]);
        let env = system_env();
        let now = Utc.timestamp_opt(env.now().timestamp(), 0).unwrap();
        let claims = Claims { session: env.id(), user: env.id(), expires_at: now + TimeDelta::seconds(60) };
        let token = ring.sign(&claims, now).expect("signed");
        assert_eq!(ring.verify(&token, now), Some(claims.clone()));
        assert_eq!(ring.verify(&token, claims.expires_at), None);
        assert_eq!(ring.verify(&token, now - TimeDelta::seconds(SKEW + 1)), None, "not yet");
        assert_eq!(Ring { keys: vec![key(8, 60, None)], ..ring.clone() }.verify(&token, now), None);
        let elsewhere = Ring { issuer: "https://other.example".to_owned(), ..ring.clone() };
        assert_eq!(elsewhere.verify(&token, now), None, "of another installation");
        assert_eq!(ring.verify("x.y.z", now), None);
        // A challenge is no access token, and the other way round.
        let until = now + TimeDelta::minutes(5);
        let challenge = ring.challenge(claims.user, now, until).expect("signed");
        assert_eq!(ring.challenged(&challenge, now), Some(claims.user));
        assert_eq!(ring.challenged(&challenge, until), None);
        assert_eq!(ring.verify(&challenge, now), None);
        assert_eq!(ring.challenged(&token, now), None);
    }

    #[test]
    fn the_latest_signs_and_earlier_ones_verify_until_their_end() {
        let env = system_env();
        let now = env.now();
        let claims = Claims { session: env.id(), user: env.id(), expires_at: now + TimeDelta::minutes(10) };
        let token = ring(vec![key(1, 60, None)]).sign(&claims, now).expect("signed");
        let after = ring(vec![key(1, 60, Some(300)), key(2, 0, None)]);
        assert_eq!(after.signer().map(|k| k.kid.clone()), Some(key(2, 0, None).kid));
        assert!(after.verify(&token, now).is_some());
        assert!(after.verify(&token, now + TimeDelta::seconds(301)).is_none(), "its key is over before it");
        assert_eq!(after.public(now)["keys"].as_array().map(Vec::len), Some(2));
        let later = after.public(now + TimeDelta::seconds(301));
        assert_eq!(later["keys"][0]["kid"], key(2, 0, None).kid.as_str());
        assert_eq!(later["keys"][0]["x"], URL_SAFE_NO_PAD.encode(key(2, 0, None).public));
        assert!(ring(Vec::new()).sign(&claims, now).is_err());
    }

    #[test]
    fn forged_tokens_are_refused() {
        let ring = ring(vec![key(7, 60, None)]);
        let env = system_env();
        let now = env.now();
        let good = ring.signer().expect("a key");
        let body = |change: &dyn Fn(&mut Value)| {
            let mut body = json!({ "iss": "https://park.example", "aud": AUDIENCE, "sub": env.id::<UserId>().to_string(),
                "sid": env.id::<voxpark_domain::ids::SessionId>().to_string(), "nbf": now.timestamp(), "exp": now.timestamp() + 60 });
            change(&mut body);
            body
        };
        let signed = |header: &Header, body: &Value| {
            jsonwebtoken::encode(header, body, good.signing.as_ref().unwrap()).expect("signed")
        };
        let named = |kid: Option<&str>| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.kid = kid.map(ToOwned::to_owned);
            header
        };
        let plain = body(&|_| {});
        assert!(ring.verify(&signed(&named(Some(&good.kid)), &plain), now).is_some(), "the forger's tools work");

        // No signature at all, however `none` is written.
        for none in ["none", "None", "NONE"] {
            let header = part(&json!({ "alg": none, "typ": "JWT", "kid": good.kid }));
            assert!(ring.verify(&format!("{header}.{}.", part(&plain)), now).is_none(), "{none}");
        }
        // The public key taken for a shared secret.
        let mut confused = Header::new(Algorithm::HS256);
        confused.kid = Some(good.kid.clone());
        for secret in [good.public.to_vec(), URL_SAFE_NO_PAD.encode(good.public).into_bytes()] {
            let token = jsonwebtoken::encode(&confused, &plain, &EncodingKey::from_secret(&secret)).expect("signed");
            assert!(ring.verify(&token, now).is_none());
        }
        // A key that is not ours, under our name or its own, or under none.
        let other = key(9, 0, None);
        let by_other = |kid: Option<&str>| {
            jsonwebtoken::encode(&named(kid), &plain, other.signing.as_ref().unwrap()).expect("signed")
        };
        for token in
            [by_other(Some(&good.kid)), by_other(Some(&other.kid)), by_other(None), signed(&named(None), &plain)]
        {
            assert!(ring.verify(&token, now).is_none());
        }
        // A key that the token brings along.
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(other.public) });
        let header = part(&json!({ "alg": "EdDSA", "kid": good.kid, "jwk": jwk, "jku": "https://evil.example" }));
        let foreign = by_other(Some(&good.kid));
        let signature = foreign.rsplit('.').next().expect("a signature");
        assert!(ring.verify(&format!("{header}.{}.{signature}", part(&plain)), now).is_none());
        // One thing changed, each signed by us.
        let changes: [&dyn Fn(&mut Value); 9] = [
            &|b| b["iss"] = json!("voxpark"),
            &|b| b["aud"] = json!("another-api"),
            &|b| b["exp"] = json!(0),
            &|b| b["nbf"] = json!(i64::MAX / 2),
            &|b| b["sub"] = json!("nobody"),
            &|b| drop(b.as_object_mut().and_then(|b| b.remove("sid"))),
            &|b| drop(b.as_object_mut().and_then(|b| b.remove("exp"))),
            &|b| drop(b.as_object_mut().and_then(|b| b.remove("nbf"))),
            &|b| drop(b.as_object_mut().and_then(|b| b.remove("aud"))),
        ];
        for (n, change) in changes.iter().enumerate() {
            assert!(ring.verify(&signed(&named(Some(&good.kid)), &body(change)), now).is_none(), "change {n}");
        }
        // The body of another under our signature.
        let token = signed(&named(Some(&good.kid)), &plain);
        let mut parts: Vec<&str> = token.split('.').collect();
        let other_body = part(&body(&|b| b["sub"] = json!(env.id::<UserId>().to_string())));
        parts[1] = &other_body;
        assert!(ring.verify(&parts.join("."), now).is_none());
    }
}
