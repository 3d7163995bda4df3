//! Codes of authenticator apps (RFC 6238).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use voxpark_domain::identity::Enrolment;

/// Six digits of half a minute by HMAC-SHA-1, which every app knows; one half minute before and after counts too.
fn authenticator(secret: &[u8]) -> totp_rs::Totp {
    totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .build_noncompliant()
}

/// The half minute whose code this is.
pub(super) fn step(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let step = authenticator(secret).check(&digits, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

/// What an app needs to know.
pub(super) fn enrolment(secret: &[u8], account: &str) -> Enrolment {
    let secret = totp_rs::Secret::from(secret.to_vec()).to_base32();
    let mut label = String::new();
    for byte in account.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            label.push(char::from(byte));
        } else {
            let _ = write!(label, "%{byte:02X}");
        }
    }
    Enrolment { address: format!("otpauth://totp/Voxpark:{label}?secret={secret}&issuer=Voxpark"), secret }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of eight digits.
        let at = |seconds: i64| Utc.timestamp_opt(seconds, 0).unwrap();
        let secret = b"12345678901234567890";
        assert_eq!(step(secret, "287082", at(59)), Some(1));
        assert_eq!(step(secret, "081 804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(step(secret, "287082", at(59 + 30)), Some(1), "one half minute late");
        assert_eq!(step(secret, "287082", at(59 + 61)), None);
        assert_eq!(step(secret, "28708", at(59)), None);
        let app = enrolment(secret, "a b@c");
        assert_eq!(app.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(app.address.starts_with("otpauth://totp/Voxpark:a%20b@c?secret=GEZD"));
    }
}
