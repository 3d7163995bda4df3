//! An event of the log, its place in a chain and its hash.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::ids::{AuditId, Id, ParkId, TenantId, UserId};

/// What the first event of a lane follows.
pub const START: [u8; 32] = [0; 32];

/// Names the form in which events are hashed; a new form gets a new name.
const EVENT: &[u8] = b"voxpark audit event 1";
const CONTENT: &[u8] = b"voxpark audit content 1";

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// The park; `None` = the installation.
    pub park: Option<ParkId>,
    /// The tenant; `None` = the park itself, or the installation.
    pub tenant: Option<TenantId>,
}

impl Owner {
    /// The installation itself: users, failed sign-ins of nobody known.
    pub const INSTALLATION: Self = Self { park: None, tenant: None };

    /// A park itself.
    pub const fn park(park: ParkId) -> Self {
        Self { park: Some(park), tenant: None }
    }
    /// A tenant.
    pub const fn tenant(park: ParkId, tenant: TenantId) -> Self {
        Self { park: Some(park), tenant: Some(tenant) }
    }
    /// From key columns, where nobody is the nil id.
    pub fn of_key(park: Uuid, tenant: Uuid) -> Self {
        Self {
            park: (!park.is_nil()).then(|| ParkId::from_uuid(park)),
            tenant: (!tenant.is_nil()).then(|| TenantId::from_uuid(tenant)),
        }
    }
    /// The key columns: park and tenant, nil for nobody.
    pub fn key(self) -> (Uuid, Uuid) {
        (self.park.map_or(Uuid::nil(), Id::uuid), self.tenant.map_or(Uuid::nil(), Id::uuid))
    }
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// In whose log.
    pub owner: Owner,
    /// In which of its lanes.
    pub lane: i64,
    /// The how-manieth of the lane, from 1.
    pub seq: i64,
}

/// An event of the log as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: AuditId,
    /// Where it stands.
    pub place: Place,
    /// When it was done, microseconds.
    pub at: DateTime<Utc>,
    /// Who did it; `None` = the installation, or nobody known.
    pub actor: Option<UserId>,
    /// On whose behalf the installation did it.
    pub behalf: Option<UserId>,
    /// In which role.
    pub role: String,
    /// Under which grants, their ids joined by spaces.
    pub grants: String,
    /// What was done (`lease.create`).
    pub action: String,
    /// To what: an id, or empty.
    pub subject: String,
    /// Figures and codes: a JSON object as it was written.
    pub detail: String,
    /// What it changed: a JSON object of fields, each with `from` and `to`, as it was written.
    pub changes: String,
    /// How often it was done: repeats within a minute are one event.
    pub times: i64,
    /// Request id.
    pub request: String,
    /// The hash of the event before it in its lane; [`START`] for the first.
    pub prev: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// The installation's keyed hash of that hash: whoever can write to the database and has no key cannot make one.
    pub mac: [u8; 32],
}

/// Length-prefixed fields: what is one field never looks like two, whatever it holds.
struct Fields(Sha256);

impl Fields {
    fn new(form: &[u8]) -> Self {
        Self(Sha256::new()).bytes(form)
    }
    fn bytes(mut self, field: &[u8]) -> Self {
        self.0.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(field);
        self
    }
    fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }
    fn int(self, field: i64) -> Self {
        self.bytes(&field.to_be_bytes())
    }
    fn id(self, field: Option<UserId>) -> Self {
        match field {
            Some(id) => self.bytes(id.uuid().as_bytes()),
            None => self.bytes(&[]),
        }
    }
    fn done(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl Event {
    /// What it says, wherever it stands.
    fn content(&self) -> [u8; 32] {
        Fields::new(CONTENT)
            .bytes(self.id.uuid().as_bytes())
            .int(self.at.timestamp_micros())
            .id(self.actor)
            .id(self.behalf)
            .text(&self.role)
            .text(&self.grants)
            .text(&self.action)
            .text(&self.subject)
            .text(&self.detail)
            .text(&self.changes)
            .int(self.times)
            .text(&self.request)
            .done()
    }

    fn hash_at(&self, place: Place, content: &[u8; 32]) -> [u8; 32] {
        let (park, tenant) = place.owner.key();
        Fields::new(EVENT)
            .bytes(park.as_bytes())
            .bytes(tenant.as_bytes())
            .int(place.lane)
            .int(place.seq)
            .bytes(&self.prev)
            .bytes(content)
            .done()
    }

    /// The hash of every other column but the keyed one: where it stands, what it follows, what it says.
    pub fn hashed(&self) -> [u8; 32] {
        self.hash_at(self.place, &self.content())
    }

    /// Where near its place this event, as it is, was written: its hash tells.
    pub(super) fn written_as(&self, reach: i64, lanes: i64) -> Option<Place> {
        let content = self.content();
        let from = self.place.seq.saturating_sub(reach).max(1);
        let to = self.place.seq.saturating_add(reach);
        (0..lanes)
            .flat_map(|lane| (from..=to).map(move |seq| Place { lane, seq, ..self.place }))
            .find(|place| self.hash_at(*place, &content) == self.hash)
    }
}

/// Hashes the fields of a seal.
pub(super) fn seal_hash(
    form: &[u8],
    park: Uuid,
    ints: [i64; 2],
    prev: &[u8; 32],
    key: &[u8; 32],
    heads: &[super::Head],
) -> [u8; 32] {
    let [number, at] = ints;
    let mut fields = Fields::new(form).bytes(park.as_bytes()).int(number).int(at).bytes(prev).bytes(key);
    fields = fields.int(i64::try_from(heads.len()).unwrap_or(i64::MAX));
    for head in heads {
        let (_, tenant) = head.owner.key();
        fields = fields.bytes(tenant.as_bytes()).int(head.lane).int(head.seq).bytes(&head.hash);
    }
    fields.done()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An event somewhere.
    pub(crate) fn sample(seq: i64) -> Event {
        let park = ParkId::from_uuid(Uuid::from_u128(1));
        let tenant = TenantId::from_uuid(Uuid::from_u128(2));
        Event {
            id: AuditId::from_uuid(Uuid::from_u128(100 + u128::from(seq.unsigned_abs()))),
            place: Place { owner: Owner::tenant(park, tenant), lane: 0, seq },
            at: "2026-11-21T02:00:00.000001Z".parse().expect("an instant"),
            actor: Some(UserId::from_uuid(Uuid::from_u128(3))),
            behalf: None,
            role: "tenant_manager".to_owned(),
            grants: String::new(),
            action: "roster.set".to_owned(),
            subject: String::new(),
            detail: r#"{"added":2}"#.to_owned(),
            changes: "{}".to_owned(),
            times: 1,
            request: "r1".to_owned(),
            prev: START,
            hash: START,
            mac: START,
        }
    }

    #[test]
    fn the_form_is_fixed() {
        // A change of this value means that every log written so far no longer checks.
        let number = sample(1).hashed().iter().take(16).fold(0_u128, |n, byte| (n << 8) | u128::from(*byte));
        assert_eq!(number, 0x6834_e1a0_f4a9_3d9a_71aa_0a99_d499_4b1a);
    }

    #[test]
    fn every_column_counts() {
        let base = sample(7).hashed();
        let other = |change: fn(&mut Event)| {
            let mut event = sample(7);
            change(&mut event);
            assert_ne!(event.hashed(), base);
        };
        other(|e| e.id = AuditId::from_uuid(Uuid::from_u128(9)));
        other(|e| e.place.owner.park = None);
        other(|e| e.place.owner.tenant = None);
        other(|e| e.place.lane = 1);
        other(|e| e.place.seq = 8);
        other(|e| e.at += chrono::TimeDelta::microseconds(1));
        other(|e| e.actor = None);
        other(|e| e.behalf = e.actor);
        other(|e| (e.behalf, e.actor) = (e.actor, None));
        other(|e| e.role = "trainer".to_owned());
        other(|e| e.grants = "grant_1".to_owned());
        other(|e| e.action = "roster.get".to_owned());
        other(|e| e.subject = "x".to_owned());
        other(|e| e.detail = r#"{"added":3}"#.to_owned());
        other(|e| e.changes = r#"{"a":{}}"#.to_owned());
        other(|e| e.times = 2);
        other(|e| e.request = "r2".to_owned());
        other(|e| e.prev = [1; 32]);
    }

    proptest! {
        /// Moving a character over the border of two fields gives another hash: fields never run together.
        #[test]
        fn borders_of_fields_count(words in proptest::collection::vec(".{0,12}", 7), at in 0_usize..6) {
            let build = |words: &[String]| {
                let mut event = sample(1);
                let mut next = words.iter().cloned();
                for field in [&mut event.role, &mut event.grants, &mut event.action, &mut event.subject,
                    &mut event.detail, &mut event.changes, &mut event.request]
                {
                    *field = next.next().unwrap_or_default();
                }
                event
            };
            let one = build(&words);
            let mut moved = words.clone();
            let last = moved.get_mut(at).and_then(String::pop);
            if let (Some(sign), Some(next)) = (last, moved.get_mut(at + 1)) {
                next.insert(0, sign);
                prop_assert_ne!(one.hashed(), build(&moved).hashed());
            }
        }

        /// Two events are equal exactly when their hashes are.
        #[test]
        fn equal_events_hash_alike(a in any::<(i64, i64, u128, bool)>(), b in any::<(i64, i64, u128, bool)>()) {
            let build = |(seq, times, actor, known): (i64, i64, u128, bool)| Event {
                times,
                actor: known.then(|| UserId::from_uuid(Uuid::from_u128(actor))),
                place: Place { seq, ..sample(1).place },
                ..sample(1)
            };
            let (a, b) = (build(a), build(b));
            prop_assert_eq!(a == b, a.hashed() == b.hashed());
            prop_assert_eq!(a.hashed(), a.clone().hashed());
        }
    }
}
