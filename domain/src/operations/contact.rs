//! What a contact is, once the format of its source is forgotten.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Arg, Refusal, RefusalCode};

/// How a contact ended, in the words of call-centre statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An agent took it.
    Answered,
    /// It asked for an agent and the end customer left before an answer.
    Abandoned,
    /// It ended in the announcement or menu and never asked for an agent. Not offered.
    NotOffered,
    /// The source marks it as no real contact. Counted as a row and nowhere else.
    Ignored,
    /// It asked for an agent and the system took it out of the queue (time limit, no agent, key pressed).
    Overflowed,
    /// It still waits, or the source never says how the wait ended. Not offered until it ends.
    Open,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Answered, Self::Abandoned, Self::NotOffered, Self::Ignored, Self::Overflowed, Self::Open];

    /// Stable name (database, API, mapping of columns).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::NotOffered => "not_offered",
            Self::Ignored => "ignored",
            Self::Overflowed => "overflowed",
            Self::Open => "open",
        }
    }
    /// From the stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
    /// Whether it counts as offered to the agents: answered, abandoned or overflowed.
    pub const fn is_offered(self) -> bool {
        matches!(self, Self::Answered | Self::Abandoned | Self::Overflowed)
    }
}

/// Who began a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The end customer.
    Inbound,
    /// The call centre.
    Outbound,
}

impl Direction {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
    /// From the stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Inbound, Self::Outbound].into_iter().find(|d| d.name() == name)
    }
}

/// The time an agent spent on a contact, in whole seconds. The parts are there where the source has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Handle {
    /// Talk, hold and wrap-up together.
    pub total_s: u32,
    /// Speaking.
    pub talk_s: Option<u32>,
    /// End customer on hold.
    pub hold_s: Option<u32>,
    /// Work after the contact.
    pub wrap_s: Option<u32>,
}

/// What statistics need of a contact; nothing personal. Instants are milliseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContactFacts {
    /// Who began it.
    pub direction: Direction,
    /// How it ended.
    pub outcome: Outcome,
    /// The source has not ended yet; a later record with the same key replaces this one.
    pub provisional: bool,
    /// When it reached the centre (announcement or menu included).
    pub entered_at: i64,
    /// When it asked for an agent: left the menu, entered the queue. Equal to `entered_at` where the source has one
    /// instant only. May lie before `entered_at` where two machines of the source disagree about the time.
    pub queued_at: i64,
    /// When an agent took it.
    pub answered_at: Option<i64>,
    /// When it ended for the end customer.
    pub ended_at: Option<i64>,
    /// Whole seconds between `queued_at` and answer or leaving, as the source counts them. Fractions are rounded up,
    /// so that "within n seconds" stays true or false.
    pub wait_s: u32,
    /// Agent time. `None` when the source does not say, which is not zero.
    pub handle: Option<Handle>,
}

/// A contact as a parser hands it over; borrowed from the parser, so that nothing is allocated for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRecord<'a> {
    /// 1-based line of the source where the record begins (for an event log: the line that ended the contact).
    pub row: u64,
    /// Identifies the record at its source, the same in every file that holds it.
    pub key: SourceKey,
    /// Queue (line of work) in the source's words.
    pub queue: &'a str,
    /// What statistics need.
    pub facts: ContactFacts,
    /// Who answered, if the source names one.
    pub agent: Option<Pseudonym>,
    /// Who called, if identified.
    pub end_customer: Option<Pseudonym>,
    /// 0 regular; higher is served first. 0 where the source has none.
    pub priority: u8,
}

/// Identity of a record at its source: 128-bit FNV-1a of its natural key (the identifiers of the source, never
/// personal fields), so that importing a record twice is seen whatever file it comes in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceKey(pub [u8; 16]);

impl SourceKey {
    /// The key of a natural key given in parts; the parts are kept apart (`["ab", "c"]` is not `["a", "bc"]`).
    pub fn of(parts: &[&[u8]]) -> Self {
        const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let mut hash = OFFSET;
        for part in parts {
            for byte in *part {
                hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
            }
            // No UTF-8 text holds this byte, so it separates.
            hash = (hash ^ 0xff).wrapping_mul(PRIME);
        }
        Self(hash.to_be_bytes())
    }
}

impl fmt::Debug for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// A keyed hash that stands for a person: equal for the same person of the same tenant, not reversible without the
/// tenant's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pseudonym(pub [u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}
impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl From<Pseudonym> for String {
    fn from(p: Pseudonym) -> Self {
        p.to_string()
    }
}
impl TryFrom<String> for Pseudonym {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("a pseudonym is 32 hexadecimal digits");
        }
        u128::from_str_radix(&text, 16).map(|n| Self(n.to_be_bytes())).map_err(|_| "not hexadecimal")
    }
}

/// Whose identity a raw text is; part of what is hashed, so that an agent and a caller with one number stay apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RawKind {
    /// A person who handles contacts.
    Agent,
    /// A person who is served.
    EndCustomer,
}

/// The identity of a person in the source's own words. Prints nothing, cannot be stored; its one use is to be hashed.
#[derive(Clone, Copy)]
pub struct RawId<'a>(&'a str);

impl<'a> RawId<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self(text)
    }
    /// The text, for the keyed hash and nothing else.
    pub const fn expose(self) -> &'a str {
        self.0
    }
}
impl fmt::Debug for RawId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawId")
    }
}

/// A row that was not understood, as it stood in the file (it may span lines). May hold personal data, so it prints
/// nothing; the caller keeps it aside under the same protection as the file.
#[derive(Clone, Copy)]
pub struct RawRow<'a>(&'a str);

impl<'a> RawRow<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self(text)
    }
    /// The text.
    pub const fn expose(self) -> &'a str {
        self.0
    }
}
impl fmt::Debug for RawRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawRow")
    }
}

/// What a parser gives its findings to, and where it has people made into pseudonyms.
pub trait ContactSink {
    /// The pseudonym of a person; called once for each identity in a row (the sink may remember answers).
    fn pseudonym(&mut self, kind: RawKind, raw: RawId<'_>) -> Pseudonym;
    /// A contact was read.
    fn contact(&mut self, contact: &ContactRecord<'_>);
    /// A row was not understood; `raw` is all of it.
    fn issue(&mut self, issue: &RowIssue, raw: RawRow<'_>);
}

/// Why a row was kept aside. Its arguments are limits and counts, never values of the row: a shifted column could
/// put a name anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct RowIssue {
    /// 1-based line in the file, the header included.
    pub row: u64,
    /// Column in the source's words; empty when it is about the whole row.
    pub field: Cow<'static, str>,
    /// Stable rule id, also the message id.
    pub rule: &'static str,
    /// Named arguments of the message.
    pub args: Vec<(&'static str, Arg)>,
}

impl RowIssue {
    pub(crate) fn new(row: u64, field: impl Into<Cow<'static, str>>, rule: &'static str) -> Self {
        Self { row, field: field.into(), rule, args: Vec::new() }
    }
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.args.push((name, value.into()));
        self
    }
    /// The same as a refusal, at `rows.<row>.<field>`.
    pub fn to_refusal(&self) -> Refusal {
        let mut path = format!("rows.{}", self.row);
        if !self.field.is_empty() {
            path.push('.');
            path.push_str(&self.field);
        }
        let mut refusal = Refusal::new(RefusalCode::Invalid, self.rule).at(path);
        refusal.args.clone_from(&self.args);
        refusal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_identities_do_not_print() {
        let shown = format!("{:?} {:?}", RawId::new("MICHAL"), RawRow::new("MICHAL"));
        assert!(!shown.contains("MICHAL"), "{shown}");
    }

    #[test]
    fn keys_keep_their_parts_apart_and_pseudonyms_survive_json() {
        assert_ne!(SourceKey::of(&[b"ab", b"c"]), SourceKey::of(&[b"a", b"bc"]));
        assert_ne!(SourceKey::of(&[]), SourceKey::of(&[b""]));
        let p = Pseudonym([7; 16]);
        let json = serde_json::to_string(&p).expect("json");
        assert_eq!(serde_json::from_str::<Pseudonym>(&json).expect("back"), p);
        for bad in ["\"07\"", "\"+7070707070707070707070707070707\""] {
            assert!(serde_json::from_str::<Pseudonym>(bad).is_err());
        }
    }

    #[test]
    fn outcomes_and_directions_have_their_serde_names() {
        for o in Outcome::ALL {
            assert_eq!(serde_json::to_value(o).expect("json"), o.name());
            assert_eq!(Outcome::from_name(o.name()), Some(o));
        }
        assert_eq!(Direction::from_name("outbound"), Some(Direction::Outbound));
        assert_eq!(Direction::from_name("x"), None);
    }
}
