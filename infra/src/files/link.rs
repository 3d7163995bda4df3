//! Links to files as text: what they say, and a keyed hash of it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeZone as _, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use voxpark_domain::ids::{EvidenceId, FileId, Id as _, SessionId, UserId};
use voxpark_domain::platform::{FileLink, LinkTo, Links};

use crate::secrets::Keys;

/// Bytes of what a link says: its kind, three ids, a digest of the reach, the end in seconds.
const SAYS: usize = 1 + 16 + 16 + 16 + 32 + 8;
/// Bytes of the keyed hash.
const MAC: usize = 32;

/// Signs links with a key of the installation.
#[derive(Clone, Debug)]
pub struct Signed(Arc<Keys>);

impl Signed {
    /// With the installation's keys.
    pub fn new(keys: Arc<Keys>) -> Self {
        Self(keys)
    }
}

/// The reach of a link as it is kept in one.
fn digest(reach: &[u8]) -> [u8; 32] {
    Sha256::digest(reach).into()
}

impl Links for Signed {
    fn write(&self, link: &FileLink) -> String {
        let (kind, id) = match link.to {
            LinkTo::File(id) => (b'f', id.uuid()),
            LinkTo::Evidence(id) => (b'e', id.uuid()),
        };
        let mut says = Vec::with_capacity(SAYS + MAC);
        says.push(kind);
        for id in [id, link.user.uuid(), link.session.uuid()] {
            says.extend_from_slice(id.as_bytes());
        }
        says.extend_from_slice(&digest(&link.reach));
        says.extend_from_slice(&link.expires_at.timestamp().to_be_bytes());
        let mac = self.0.link_mac(&says);
        says.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(says)
    }

    fn read(&self, text: &str, now: DateTime<Utc>) -> Option<FileLink> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|b| b.len() == SAYS + MAC)?;
        let (says, mac) = bytes.split_at(SAYS);
        if !same(mac, &self.0.link_mac(says)) {
            return None;
        }
        let id = |from: usize| Uuid::from_slice(says.get(from..from + 16)?).ok();
        let to = match says.first()? {
            b'f' => LinkTo::File(FileId::from_uuid(id(1)?)),
            b'e' => LinkTo::Evidence(EvidenceId::from_uuid(id(1)?)),
            _ => return None,
        };
        let seconds = i64::from_be_bytes(says.get(81..)?.try_into().ok()?);
        Some(FileLink {
            to,
            user: UserId::from_uuid(id(17)?),
            session: SessionId::from_uuid(id(33)?),
            reach: says.get(49..81)?.to_vec(),
            expires_at: Utc.timestamp_opt(seconds, 0).single().filter(|end| now < *end)?,
        })
    }

    fn reaches(&self, link: &FileLink, reach: &[u8]) -> bool {
        same(&link.reach, &digest(reach))
    }
}

/// Compares in a time that does not tell where the two differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_what_it_was_given_and_nothing_else() {
        let signed = Signed::new(Arc::new(Keys::new([7; 32])));
        let end = Utc.timestamp_opt(1_800_000_000, 0).single().expect("an instant");
        let uuid = Uuid::from_u128;
        let link = FileLink {
            to: LinkTo::Evidence(EvidenceId::from_uuid(uuid(1))),
            user: UserId::from_uuid(uuid(2)),
            session: SessionId::from_uuid(uuid(3)),
            reach: b"tpark-tenant".to_vec(),
            expires_at: end,
        };
        let text = signed.write(&link);
        let before = end - chrono::TimeDelta::seconds(1);
        let back = signed.read(&text, before).expect("read");
        assert_eq!((back.to, back.user, back.session, back.expires_at), (link.to, link.user, link.session, end));
        assert!(signed.reaches(&back, b"tpark-tenant") && !signed.reaches(&back, b"tpark-other"));
        assert_eq!(signed.read(&text, end), None, "its time is over");
        assert_eq!(Signed::new(Arc::new(Keys::new([8; 32]))).read(&text, before), None, "another installation's");
        for n in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[n] = if other[n] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("text");
            assert!(signed.read(&other, before).is_none_or(|l| l == back), "letter {n}");
        }
        assert_eq!(signed.read("", before), None);
    }
}
