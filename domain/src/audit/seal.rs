//! The heads of a park's lanes, tied together.

use chrono::{DateTime, Utc};

use super::chain::{Owner, seal_hash};
use crate::ids::{Id, ParkId};

const FORM: &[u8] = b"voxpark audit seal 1";

/// How far a lane reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Head {
    /// Of whose log.
    pub owner: Owner,
    /// Which of its lanes.
    pub lane: i64,
    /// The number of its last event.
    pub seq: i64,
    /// The hash of its last event.
    pub hash: [u8; 32],
}

/// What a park's log was at an instant, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The park; `None` = the installation's own log.
    pub park: Option<ParkId>,
    /// The how-manieth of the park, from 1.
    pub number: i64,
    /// When it was made, microseconds.
    pub at: DateTime<Utc>,
    /// The hash of the seal before; [`super::START`] for the first.
    pub prev: [u8; 32],
    /// The lanes that moved since then, in order.
    pub heads: Vec<Head>,
    /// The public key that checks the signature (Ed25519, RFC 8032).
    pub key: [u8; 32],
    /// The hash of all of that.
    pub hash: [u8; 32],
    /// The signature of the hash.
    pub signature: [u8; 64],
}

impl Seal {
    /// The hash of every other field but the signature.
    pub fn hashed(&self) -> [u8; 32] {
        let park = self.park.map_or(uuid::Uuid::nil(), Id::uuid);
        seal_hash(FORM, park, [self.number, self.at.timestamp_micros()], &self.prev, &self.key, &self.heads)
    }
}
