//! Checking a park's log: events and seals go in one after the other, what is wrong comes out. Holds a few words for
//! each lane, however long the log is.

use std::collections::BTreeMap;
use std::fmt;

use super::chain::{Event, Owner, Place, START};
use super::seal::{Head, Seal};
use crate::ids::{AuditId, ParkId};

/// How far from its place an event is looked for that does not match it.
const REACH: i64 = 2_000;
/// How many lanes it is looked for in.
const LANES: i64 = 16;
/// How many events are looked for at all: a log that was numbered anew is one fault, not a million searches.
const SEARCHES: u32 = 1_000;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The event does not say what it said when it was written.
    Altered,
    /// The event was written at another place.
    Moved(Place),
    /// The event is as its hash says, and the hash was not made by this installation.
    Forged,
    /// The event does not follow the one before it: one of the two was replaced.
    Unlinked,
    /// Events of the lane are missing: from, to (inclusive).
    Missing(i64, i64),
    /// The event stands where its lane has none: a second one of its number, or behind the head.
    Inserted,
    /// The head of the lane does not name its last event.
    Head,
    /// The event is not the one that this seal signed.
    Unsealed(i64),
    /// No seal signed these events: from, to (inclusive).
    Unsigned(i64, i64),
    /// The seal does not say what it said when it was made.
    SealAltered(i64),
    /// The signature of the seal is not this installation's.
    SealForged(i64),
    /// Seals are missing or out of order before this one.
    SealMissing(i64),
}

/// A fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// In whose log.
    pub owner: Owner,
    /// In which lane; `None` for a seal.
    pub lane: Option<i64>,
    /// At which event.
    pub event: Option<(i64, AuditId)>,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.owner.park, self.owner.tenant) {
            (None, _) => f.write_str("installation")?,
            (Some(park), None) => write!(f, "{park}")?,
            (Some(park), Some(tenant)) => write!(f, "{park} {tenant}")?,
        }
        if let Some(lane) = self.lane {
            write!(f, " lane {lane}")?;
        }
        if let Some((seq, id)) = &self.event {
            write!(f, " sequence {seq} {id}")?;
        }
        f.write_str(": ")?;
        match &self.fault {
            Fault::Altered => f.write_str("altered: it does not say what it said when it was written"),
            Fault::Moved(from) => {
                write!(f, "moved: it was written as lane {} sequence {}", from.lane, from.seq)
            }
            Fault::Forged => f.write_str("forged: its hash was not made by this installation"),
            Fault::Unlinked => f.write_str("does not follow the event before it: one of the two was replaced"),
            Fault::Missing(from, to) if from == to => write!(f, "removed: sequence {from}"),
            Fault::Missing(from, to) => write!(f, "removed: sequence {from} to {to}"),
            Fault::Inserted => f.write_str("inserted: the lane has no such event"),
            Fault::Head => f.write_str("the head was changed: it does not name the last event"),
            Fault::Unsealed(seal) => write!(f, "replaced: seal {seal} signed another event at this place"),
            Fault::Unsigned(from, to) => write!(f, "inserted: no seal signed sequence {from} to {to}"),
            Fault::SealAltered(seal) => write!(f, "seal {seal} was altered"),
            Fault::SealForged(seal) => write!(f, "seal {seal} was not signed by this installation"),
            Fault::SealMissing(seal) => write!(f, "seals before seal {seal} are missing"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Lane {
    seq: i64,
    hash: [u8; 32],
    /// How far the seals reach.
    sealed: i64,
    /// Whether the next event can be asked to follow: not behind one that is wrong itself.
    sound: bool,
    /// Where the lane ends, where that is known.
    end: Option<Head>,
}

impl Default for Lane {
    fn default() -> Self {
        Self { seq: 0, hash: START, sealed: 0, sound: true, end: None }
    }
}

/// Makes the installation's keyed hash of an event's hash.
pub type Mac<'a> = dyn Fn(&[u8; 32]) -> [u8; 32] + Send + Sync + 'a;
/// Whether a seal has a good signature of the right key.
pub type Signed<'a> = dyn Fn(&Seal) -> bool + Send + Sync + 'a;

/// The check of one park's log, under way.
///
/// What goes in: first [`heads`](Self::heads) if the database is at hand, then, for every seal in order, the events of
/// the lanes it signed up to where it signed them and the [`seal`](Self::seal), then the events behind the last seal,
/// lane by lane, then [`finish`](Self::finish).
pub struct Check<'a> {
    park: Option<ParkId>,
    lanes: BTreeMap<(Owner, i64), Lane>,
    known_ends: bool,
    last_seal: (i64, [u8; 32]),
    only: Option<Owner>,
    mac: Option<&'a Mac<'a>>,
    signed: &'a Signed<'a>,
    found: Vec<Found>,
    searches: u32,
    events: u64,
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("park", &self.park).field("events", &self.events).finish_non_exhaustive()
    }
}

impl<'a> Check<'a> {
    /// Of a park's log. `mac` makes the installation's keyed hash (without it, that column is not looked at); `signed`
    /// tells whether a seal has a good signature of this installation's key.
    pub fn new(park: Option<ParkId>, mac: Option<&'a Mac<'a>>, signed: &'a Signed<'a>) -> Self {
        Self {
            park,
            lanes: BTreeMap::new(),
            known_ends: false,
            last_seal: (0, START),
            only: None,
            mac,
            signed,
            found: Vec::new(),
            searches: SEARCHES,
            events: 0,
        }
    }

    /// The part of one owner alone: of the others there are no events, only what seals say of them.
    pub fn only(&mut self, owner: Owner) {
        self.only = Some(owner);
    }

    /// How far each lane reaches.
    pub fn heads(&mut self, heads: impl IntoIterator<Item = Head>) {
        self.known_ends = true;
        for head in heads {
            self.lanes.entry((head.owner, head.lane)).or_default().end = Some(head);
        }
    }

    /// Goes on behind a seal that was checked before, with every lane as far as the seals signed it.
    pub fn resume(&mut self, number: i64, hash: [u8; 32], sealed: impl IntoIterator<Item = Head>) {
        self.last_seal = (number, hash);
        for head in sealed {
            let lane = self.lanes.entry((head.owner, head.lane)).or_default();
            (lane.seq, lane.hash, lane.sealed) = (head.seq, head.hash, head.seq);
        }
    }

    /// How far a lane has been checked.
    pub fn reached(&self, owner: Owner, lane: i64) -> i64 {
        self.lanes.get(&(owner, lane)).map_or(0, |l| l.seq)
    }
    /// How many events were looked at.
    pub fn events(&self) -> u64 {
        self.events
    }
    /// Number and hash of the last seal.
    pub fn last_seal(&self) -> (i64, [u8; 32]) {
        self.last_seal
    }
    /// What was found since this was asked last.
    pub fn take(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    fn tell(&mut self, owner: Owner, lane: Option<i64>, event: Option<&Event>, fault: Fault) {
        let event = event.map(|e| (e.place.seq, e.id));
        self.found.push(Found { owner, lane, event, fault });
    }

    /// The next event of its lane.
    pub fn event(&mut self, event: &Event) {
        self.events += 1;
        let Place { owner, lane, seq } = event.place;
        let known = self.lanes.contains_key(&(owner, lane));
        let before = self.lanes.get(&(owner, lane)).copied().unwrap_or_default();
        let inserted = owner.park != self.park
            || self.only.is_some_and(|only| owner != only)
            || seq <= before.seq
            || self.known_ends && before.end.map_or(!known || before.seq == 0, |end| seq > end.seq);
        if inserted {
            self.tell(owner, Some(lane), Some(event), Fault::Inserted);
        }
        let gap = seq > before.seq.saturating_add(1);
        if gap && !inserted {
            self.tell(owner, Some(lane), None, Fault::Missing(before.seq + 1, seq - 1));
        }
        let own = event.hashed() == event.hash;
        let fault = if !own {
            self.searches = self.searches.saturating_sub(1);
            let was = if self.searches > 0 { event.written_as(REACH, LANES) } else { None };
            Some(was.map_or(Fault::Altered, Fault::Moved))
        } else if self.mac.is_some_and(|mac| mac(&event.hash) != event.mac) {
            Some(Fault::Forged)
        } else if before.sound && !gap && !inserted && event.prev != before.hash {
            Some(Fault::Unlinked)
        } else {
            None
        };
        let sound = fault.is_none();
        if let Some(fault) = fault {
            self.tell(owner, Some(lane), Some(event), fault);
        }
        if !inserted {
            self.lanes.insert((owner, lane), Lane { seq, hash: event.hash, sound, ..before });
        }
    }

    /// The next seal, behind the events that it signed.
    pub fn seal(&mut self, seal: &Seal) {
        let here = Owner { park: self.park, tenant: None };
        let (number, hash) = self.last_seal;
        if seal.number != number + 1 || seal.prev != hash {
            self.tell(here, None, None, Fault::SealMissing(seal.number));
        }
        let own = seal.park == self.park && seal.hashed() == seal.hash;
        if !own {
            self.tell(here, None, None, Fault::SealAltered(seal.number));
        } else if !(self.signed)(seal) {
            self.tell(here, None, None, Fault::SealForged(seal.number));
        }
        self.last_seal = (seal.number, seal.hash);
        if !own {
            return;
        }
        let only = self.only;
        for head in seal.heads.iter().filter(|h| only.is_none_or(|only| h.owner == only)) {
            let lane = self.lanes.get(&(head.owner, head.lane)).copied().unwrap_or_default();
            if lane.seq < head.seq {
                let missing = Fault::Missing(lane.seq + 1, head.seq);
                self.tell(head.owner, Some(head.lane), None, missing);
                let kept = Lane { seq: head.seq, hash: head.hash, sound: true, ..lane };
                self.lanes.insert((head.owner, head.lane), kept);
            } else if lane.hash != head.hash {
                self.tell(head.owner, Some(head.lane), None, Fault::Unsealed(seal.number));
            }
            if let Some(lane) = self.lanes.get_mut(&(head.owner, head.lane)) {
                lane.sealed = head.seq;
            }
        }
    }

    /// The end of a log of which the last seal signs everything: what stands behind it was put there since.
    pub fn unsealed(&mut self) {
        for ((owner, lane), state) in self.lanes.clone() {
            if state.seq > state.sealed {
                self.tell(owner, Some(lane), None, Fault::Unsigned(state.sealed.saturating_add(1), state.seq));
            }
        }
    }

    /// The end: every lane must have reached its head.
    pub fn finish(&mut self) {
        if !self.known_ends {
            return;
        }
        for ((owner, number), lane) in self.lanes.clone() {
            match lane.end {
                Some(end) if lane.seq < end.seq => {
                    self.tell(owner, Some(number), None, Fault::Missing(lane.seq + 1, end.seq));
                }
                Some(end) if lane.seq > end.seq || lane.sound && lane.hash != end.hash => {
                    self.tell(owner, Some(number), None, Fault::Head);
                }
                None if lane.seq > 0 => self.tell(owner, Some(number), None, Fault::Head),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::tests::sample;
    use super::*;

    fn mac(hash: &[u8; 32]) -> [u8; 32] {
        hash.map(|b| b ^ 0x5a)
    }

    fn signed(seal: &Seal) -> bool {
        seal.signature == [7; 64]
    }

    fn link(events: &mut [Event]) {
        let mut prev = START;
        for event in events {
            event.prev = prev;
            event.hash = event.hashed();
            event.mac = mac(&event.hash);
            prev = event.hash;
        }
    }

    fn log() -> Vec<Event> {
        let mut events: Vec<Event> = (1..=9).map(sample).collect();
        link(&mut events);
        events
    }

    fn head(events: &[Event]) -> Head {
        let last = events.last().expect("events");
        Head { owner: last.place.owner, lane: 0, seq: last.place.seq, hash: last.hash }
    }

    fn sealed(events: &[Event]) -> Seal {
        let mut seal = Seal {
            park: sample(1).place.owner.park,
            number: 1,
            at: sample(1).at,
            prev: START,
            heads: vec![head(events)],
            key: [1; 32],
            hash: START,
            signature: [7; 64],
        };
        seal.hash = seal.hashed();
        seal
    }

    /// A seal over the first five, then the rest.
    fn check(events: &[Event], heads: &[Head], seals: &[Seal]) -> Vec<String> {
        let mut check = Check::new(sample(1).place.owner.park, Some(&mac), &signed);
        check.heads(heads.iter().copied());
        let mut rest = events.iter().peekable();
        for seal in seals {
            let to = seal.heads.iter().map(|h| h.seq).max().unwrap_or_default();
            while let Some(event) = rest.next_if(|e| e.place.seq <= to) {
                check.event(event);
            }
            check.seal(seal);
        }
        rest.for_each(|event| check.event(event));
        check.finish();
        check
            .take()
            .iter()
            .map(|f| f.to_string().split_once(" lane ").map_or_else(|| f.to_string(), |p| p.1.to_owned()))
            .collect()
    }

    fn tampered(change: impl FnOnce(&mut Vec<Event>, &mut Vec<Head>, &mut Vec<Seal>)) -> Vec<String> {
        let mut events = log();
        let (mut heads, mut seals) = (vec![head(&events)], vec![sealed(&events[..5])]);
        change(&mut events, &mut heads, &mut seals);
        check(&events, &heads, &seals)
    }

    #[test]
    fn a_whole_log_has_no_fault() {
        assert_eq!(tampered(|_, _, _| {}), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_tampering_has_its_name() {
        let one =
            |found: Vec<String>, wanted: &str| assert!(found.len() == 1 && found[0].contains(wanted), "{found:?}");
        one(
            tampered(|e, _, _| e[3].action = "x".to_owned()),
            "0 sequence 4 audit_00000000000000000000000000000068: altered",
        );
        one(tampered(|e, _, _| drop(e.remove(6))), "0: removed: sequence 7");
        one(tampered(|e, _, _| drop(e.drain(6..8))), "0: removed: sequence 7 to 8");
        one(tampered(|e, _, _| e.truncate(7)), "0: removed: sequence 8 to 9");
        // Behind the last seal a lane can be cut together with its head; in front of it that shows.
        let cut = tampered(|e, h, _| {
            e.truncate(3);
            h[0] = head(e);
        });
        assert!(cut[0].contains("0: removed: sequence 4 to 5"), "{cut:?}");
        let swapped = tampered(|e, _, _| {
            (e[6].place.seq, e[7].place.seq) = (8, 7);
            e.swap(6, 7);
        });
        assert_eq!(swapped.len(), 2, "{swapped:?}");
        assert!(
            swapped[0].contains(
                "sequence 7 audit_0000000000000000000000000000006c: moved: it was written as lane 0 sequence 8"
            )
        );
        one(
            tampered(|e, _, _| {
                let mut more = sample(10);
                (more.prev, more.hash) = (e[8].hash, START);
                more.hash = more.hashed();
                more.mac = mac(&more.hash);
                e.push(more);
            }),
            "0 sequence 10 audit_0000000000000000000000000000006e: inserted",
        );
        // Whoever makes every hash anew still lacks the key of the keyed hash and of the seals.
        let forged = tampered(|e, h, _| {
            e[1].action = "x".to_owned();
            let macs: Vec<_> = e.iter().map(|e| e.mac).collect();
            link(e);
            e.iter_mut().zip(macs).for_each(|(e, mac)| e.mac = mac);
            h[0] = head(e);
        });
        assert!(forged[0].contains("sequence 2") && forged[0].contains("forged"), "{forged:?}");
        assert!(forged.iter().any(|f| f.contains("seal 1 signed another event")), "{forged:?}");
        one(
            tampered(|e, h, _| {
                let mut other = e[8].clone();
                other.prev = [9; 32];
                other.hash = other.hashed();
                other.mac = mac(&other.hash);
                h[0].hash = other.hash;
                e[8] = other;
            }),
            "does not follow",
        );
        one(tampered(|_, h, _| h[0].hash = [3; 32]), "the head was changed");
        one(tampered(|_, h, _| h[0].seq = 12), "removed: sequence 10 to 12");
        one(tampered(|_, _, s| s[0].heads[0].seq = 4), "seal 1 was altered");
        one(tampered(|_, _, s| s[0].signature = [8; 64]), "seal 1 was not signed");
        one(
            tampered(|_, _, s| {
                s[0].number = 2;
                s[0].hash = s[0].hashed();
            }),
            "seals before seal 2 are missing",
        );
        let gone = tampered(|e, h, _| {
            e.clear();
            h.clear();
        });
        assert!(gone[0].contains("0: removed: sequence 1 to 5"), "{gone:?}");
    }
}
