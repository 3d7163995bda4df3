//! What an ID token says, and whether it may be believed (OpenID Connect Core 1.0, section 3.1.3.7). The signature was
//! checked before; nothing here reads a clock or a network.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// How far the clocks of two systems may differ, seconds.
pub const SKEW: i64 = 60;

/// One text or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Yes or no; some providers write it as a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Truth {
    /// As it should be.
    Bool(bool),
    /// `"true"`.
    Text(String),
}

impl Truth {
    /// Whether it is a plain yes.
    pub fn yes(&self) -> bool {
        match self {
            Self::Bool(yes) => *yes,
            Self::Text(text) => text == "true",
        }
    }
}

/// The claims that matter here.
#[derive(Clone, Debug, Deserialize)]
pub struct IdClaims {
    /// Who says it.
    pub iss: String,
    /// Of whom: unique and never given to another at this issuer.
    pub sub: String,
    /// To whom.
    pub aud: Audience,
    /// Who asked for it, when several are told.
    pub azp: Option<String>,
    /// Not from this second on.
    pub exp: i64,
    /// Said at.
    pub iat: i64,
    /// Not before.
    pub nbf: Option<i64>,
    /// What we gave along with the question.
    pub nonce: Option<String>,
    /// Left half of the hash of the access token that came along, base64url.
    pub at_hash: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Whether the provider has seen to it that the address is the person's.
    pub email_verified: Option<Truth>,
    /// How people call the person.
    pub name: Option<String>,
    /// How the person proved who it is (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// How strong that was, in the provider's own words.
    pub acr: Option<String>,
}

/// What the token has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider, as configured.
    pub issuer: &'a str,
    /// Who we are there.
    pub client_id: &'a str,
    /// What we gave along.
    pub nonce: &'a str,
    /// What `at_hash` has to be; `None` when no access token came along.
    pub at_hash: Option<&'a str>,
    /// The present second.
    pub now: DateTime<Utc>,
}

impl IdClaims {
    /// Whether this was said by the one, to us, now, in answer to our question.
    ///
    /// # Errors
    /// What does not fit, for the log.
    pub fn check(&self, expected: Expected<'_>) -> Result<(), &'static str> {
        let now = expected.now.timestamp();
        let audience = self.aud.list();
        let ours = |id: &String| id == expected.client_id;
        let bad = [
            (self.iss != expected.issuer, "iss is another"),
            (self.sub.is_empty() || self.sub.len() > 255, "sub has no good length"),
            (!audience.iter().any(ours), "aud is another"),
            (audience.len() > 1 && self.azp.is_none(), "several aud and no azp"),
            (self.azp.as_ref().is_some_and(|azp| !ours(azp)), "azp is another"),
            (self.exp.saturating_add(SKEW) <= now, "exp has passed"),
            (self.iat.saturating_sub(SKEW) > now, "iat is to come"),
            (self.nbf.is_some_and(|nbf| nbf.saturating_sub(SKEW) > now), "nbf is to come"),
            (self.nonce.as_deref() != Some(expected.nonce), "nonce is another"),
            (self.at_hash.is_some() && self.at_hash.as_deref() != expected.at_hash, "at_hash is another"),
        ];
        bad.into_iter().find(|(bad, _)| *bad).map_or(Ok(()), |(_, why)| Err(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn verdict(change: &str) -> Result<(), &'static str> {
        let mut good = serde_json::json!({ "iss": "https://id.example", "sub": "1", "aud": "us", "exp": NOW + 300,
            "iat": NOW, "nonce": "n", "at_hash": "h" });
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        for (name, value) in change.as_object().unwrap() {
            good[name] = value.clone();
        }
        let claims: IdClaims = serde_json::from_value(good).unwrap();
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        claims.check(Expected { issuer: "https://id.example", client_id: "us", nonce: "n", at_hash: Some("h"), now })
    }

    #[test]
    fn only_what_was_said_to_us_now_counts() {
        assert_eq!(verdict("{}"), Ok(()));
        for (change, why) in [
            (r#"{"iss": "https://id.example/"}"#, "iss is another"),
            (r#"{"sub": ""}"#, "sub has no good length"),
            (r#"{"aud": "them"}"#, "aud is another"),
            (r#"{"aud": []}"#, "aud is another"),
            (r#"{"aud": ["us", "them"]}"#, "several aud and no azp"),
            (r#"{"aud": ["us", "them"], "azp": "them"}"#, "azp is another"),
            (r#"{"azp": "them"}"#, "azp is another"),
            (r#"{"exp": 1799999940}"#, "exp has passed"),
            (r#"{"iat": 1800000061}"#, "iat is to come"),
            (r#"{"nbf": 1800000061}"#, "nbf is to come"),
            (r#"{"nonce": null}"#, "nonce is another"),
            (r#"{"nonce": "m"}"#, "nonce is another"),
            (r#"{"at_hash": "i"}"#, "at_hash is another"),
        ] {
            assert_eq!(verdict(change), Err(why), "{change}");
        }
        for change in [
            r#"{"aud": ["us"]}"#,
            r#"{"aud": ["them", "us"], "azp": "us"}"#,
            r#"{"exp": 1799999941}"#,
            r#"{"iat": 1800000060}"#,
            r#"{"at_hash": null}"#,
        ] {
            assert_eq!(verdict(change), Ok(()), "{change}");
        }
    }

    #[test]
    fn a_verified_address_is_a_plain_yes() {
        let of = |text: &str| serde_json::from_str::<Truth>(text).unwrap().yes();
        assert!(of("true") && of("\"true\""));
        assert!(!of("false") && !of("\"false\"") && !of("\"1\""));
    }
}
