//! A log taken away: JSON Lines that prove themselves. First a header with the public key, then every event in the
//! order of the seals, each seal behind the events that it signed, then an end with the counts.

use std::io::{BufRead, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::audit::{Check, Event, Found, Head, Owner, Place, Seal};
use voxpark_domain::ids::{AuditId, ParkId, TenantId, UserId};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Result};

use super::{Chains, signed};

/// The form of the file.
const FORMAT: &str = "voxpark-audit-1";

/// Which part of a park's log is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The park; `None` = the installation.
    pub park: Option<ParkId>,
    /// One tenant of it alone; `None` = all of it.
    pub tenant: Option<TenantId>,
}

/// What a file held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which part of which log.
    pub part: Part,
    /// The public key that the seals were checked with.
    pub key: [u8; 32],
    /// Events.
    pub events: u64,
    /// Seals.
    pub seals: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Row {
    Header {
        format: String,
        #[serde(flatten)]
        part: Part,
        made_at: DateTime<Utc>,
        key: Bytes<32>,
    },
    Event(Box<EventRow>),
    Seal {
        number: i64,
        at: String,
        prev: Bytes<32>,
        heads: Vec<HeadRow>,
        hash: Bytes<32>,
        signature: Bytes<64>,
    },
    End {
        events: u64,
        seals: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct EventRow {
    tenant: Option<TenantId>,
    lane: i64,
    seq: i64,
    id: AuditId,
    at: String,
    actor: Option<UserId>,
    behalf: Option<UserId>,
    role: String,
    grants: String,
    action: String,
    subject: String,
    detail: String,
    changes: String,
    times: i64,
    request: String,
    prev: Bytes<32>,
    hash: Bytes<32>,
}

#[derive(Serialize, Deserialize)]
struct HeadRow {
    tenant: Option<TenantId>,
    lane: i64,
    seq: i64,
    hash: Bytes<32>,
}

/// Bytes as hex digits.
struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// Instants to the microsecond, as they are hashed.
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn parsed(at: &str) -> DateTime<Utc> {
    at.parse().unwrap_or_default()
}

impl EventRow {
    fn of(event: &Event) -> Self {
        Self {
            tenant: event.place.owner.tenant,
            lane: event.place.lane,
            seq: event.place.seq,
            id: event.id,
            at: instant(event.at),
            actor: event.actor,
            behalf: event.behalf,
            role: event.role.clone(),
            grants: event.grants.clone(),
            action: event.action.clone(),
            subject: event.subject.clone(),
            detail: event.detail.clone(),
            changes: event.changes.clone(),
            times: event.times,
            request: event.request.clone(),
            prev: Bytes(event.prev),
            hash: Bytes(event.hash),
        }
    }
    fn event(self, park: Option<ParkId>) -> Event {
        Event {
            id: self.id,
            place: Place { owner: Owner { park, tenant: self.tenant }, lane: self.lane, seq: self.seq },
            at: parsed(&self.at),
            actor: self.actor,
            behalf: self.behalf,
            role: self.role,
            grants: self.grants,
            action: self.action,
            subject: self.subject,
            detail: self.detail,
            changes: self.changes,
            times: self.times,
            request: self.request,
            prev: self.prev.0,
            hash: self.hash.0,
            mac: [0; 32],
        }
    }
}

fn put(to: &mut (dyn Write + Send), row: &Row) -> Result<()> {
    serde_json::to_writer(&mut *to, row).map_err(Error::internal)?;
    to.write_all(b"\n").map_err(Error::internal)
}

impl Chains {
    /// Seals a log and writes it, or one tenant's part of it, as JSON Lines; how many events and seals.
    ///
    /// # Errors
    /// An internal error when the log does not check (then no seal is made), the database cannot be read, or the file
    /// cannot be written.
    pub async fn export(&self, part: Part, to: &mut (dyn Write + Send)) -> Result<(u64, u64)> {
        self.seal(part.park).await?;
        let tx = self.begin(Mode::Read).await?;
        let (format, key) = (FORMAT.to_owned(), Bytes(self.public_key()));
        put(to, &Row::Header { format, part, made_at: self.env.now(), key })?;
        let (mut events, mut seals, mut last) = (0, 0, 0);
        let mut reached = std::collections::BTreeMap::new();
        while let Some(seal) = tx.seal_after(part.park, last).await? {
            for head in seal.heads.iter().filter(|h| part.holds(h.owner)) {
                let from = reached.insert((head.owner, head.lane), head.seq).unwrap_or_default();
                tx.lane_events(head.owner, head.lane, from, head.seq, &mut |event| {
                    events += 1;
                    put(to, &Row::Event(Box::new(EventRow::of(event))))
                })
                .await?;
            }
            last = seal.number;
            seals += 1;
            let heads = seal.heads.iter().map(|h| HeadRow {
                tenant: h.owner.tenant,
                lane: h.lane,
                seq: h.seq,
                hash: Bytes(h.hash),
            });
            put(
                to,
                &Row::Seal {
                    number: seal.number,
                    at: instant(seal.at),
                    prev: Bytes(seal.prev),
                    heads: heads.collect(),
                    hash: Bytes(seal.hash),
                    signature: Bytes(seal.signature),
                },
            )?;
        }
        put(to, &Row::End { events, seals })?;
        to.flush().map_err(Error::internal)?;
        Ok((events, seals))
    }
}

impl Part {
    fn holds(self, owner: Owner) -> bool {
        self.tenant.is_none() || self.tenant == owner.tenant
    }
}

/// Checks a file without any database, telling each fault. `expected` is the public key of the installation, if it is
/// known from elsewhere; otherwise the one in the file is believed, and returned to be compared by eye.
///
/// # Errors
/// An internal error for a file that is no such export, or is not whole.
pub fn check_file(from: &mut dyn BufRead, expected: Option<[u8; 32]>, tell: &mut dyn FnMut(Found)) -> Result<Checked> {
    let mut lines = from.lines().enumerate().map(|(n, line)| {
        let bad = |why: &dyn std::fmt::Display| Error::internal(format!("line {}: {why}", n + 1));
        let line = line.map_err(|e| bad(&e))?;
        serde_json::from_str::<Row>(&line).map_err(|e| bad(&e))
    });
    let Some(Row::Header { format, part, key: Bytes(key), .. }) = lines.next().transpose()? else {
        return Err(Error::internal("this is no export of an audit log: it has no header"));
    };
    if format != FORMAT {
        return Err(Error::internal(format!("the form {format} of the export is not known here")));
    }
    let own = expected.unwrap_or(key);
    let signed = |seal: &Seal| signed(seal, Some(&own));
    let mut check = Check::new(part.park, None, &signed);
    if let Some(tenant) = part.tenant {
        check.only(Owner { park: part.park, tenant: Some(tenant) });
    }
    let (mut events, mut seals) = (0, 0);
    for row in lines {
        match row? {
            Row::Event(row) => {
                events += 1;
                check.event(&row.event(part.park));
            }
            Row::Seal { number, at, prev, heads, hash, signature } => {
                seals += 1;
                let head = |h: HeadRow| Head {
                    owner: Owner { park: part.park, tenant: h.tenant },
                    lane: h.lane,
                    seq: h.seq,
                    hash: h.hash.0,
                };
                check.seal(&Seal {
                    park: part.park,
                    number,
                    at: parsed(&at),
                    prev: prev.0,
                    heads: heads.into_iter().map(head).collect(),
                    key,
                    hash: hash.0,
                    signature: signature.0,
                });
            }
            Row::End { events: all, seals: sealed } if (all, sealed) == (events, seals) => {
                check.unsealed();
                check.take().into_iter().for_each(tell);
                return Ok(Checked { part, key, events, seals });
            }
            Row::End { events: all, seals: sealed } => {
                check.take().into_iter().for_each(&mut *tell);
                return Err(Error::internal(format!(
                    "the file has {events} events and {seals} seals and says it has {all} and {sealed}"
                )));
            }
            Row::Header { .. } => return Err(Error::internal("the file has two headers")),
        }
        check.take().into_iter().for_each(&mut *tell);
    }
    Err(Error::internal("the file ends too early"))
}
