//! Tests over whole files and streams.

mod bank;
mod csv;
mod nonsense;
mod properties;
mod queue_log;
mod resume;
mod variants;

use std::io::Read;
use std::path::{Path, PathBuf};

use super::contact::{
    ContactFacts, ContactRecord, ContactSink, Pseudonym, RawId, RawKind, RawRow, RowIssue, SourceKey,
};
use super::local::Zone;
use super::source::{CallFile, CallParser};
use crate::error::Error;

/// A contact as a test keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) row: u64,
    pub(super) key: SourceKey,
    pub(super) queue: String,
    pub(super) facts: ContactFacts,
    pub(super) agent: Option<Pseudonym>,
    pub(super) end_customer: Option<Pseudonym>,
    pub(super) priority: u8,
}

/// Keeps everything.
#[derive(Debug, Default)]
pub(super) struct Keep {
    pub(super) contacts: Vec<Kept>,
    pub(super) issues: Vec<(RowIssue, String)>,
}

impl ContactSink for Keep {
    fn pseudonym(&mut self, kind: RawKind, raw: RawId<'_>) -> Pseudonym {
        pseudonym(kind, raw.expose())
    }
    fn contact(&mut self, c: &ContactRecord<'_>) {
        self.contacts.push(Kept {
            row: c.row,
            key: c.key,
            queue: c.queue.to_owned(),
            facts: c.facts,
            agent: c.agent,
            end_customer: c.end_customer,
            priority: c.priority,
        });
    }
    fn issue(&mut self, issue: &RowIssue, raw: RawRow<'_>) {
        self.issues.push((issue.clone(), raw.expose().to_owned()));
    }
}

impl Keep {
    /// Row, field and rule of every issue.
    pub(super) fn rules(&self) -> Vec<(u64, &str, &str)> {
        self.issues.iter().map(|(i, _)| (i.row, i.field.as_ref(), i.rule)).collect()
    }
}

/// Good enough to tell people apart in a test.
pub(super) fn pseudonym(kind: RawKind, raw: &str) -> Pseudonym {
    let kind: &[u8] = match kind {
        RawKind::Agent => b"agent",
        RawKind::EndCustomer => b"end customer",
    };
    Pseudonym(SourceKey::of(&[kind, raw.as_bytes()]).0)
}

pub(super) fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

/// Reads a text at once.
pub(super) fn read(parser: CallParser, text: &str) -> (Keep, CallFile) {
    let mut keep = Keep::default();
    let mut file = CallFile::new(parser);
    file.push(text, &mut keep).expect("the file is readable");
    file.finish(&mut keep).expect("the file is readable");
    (keep, file)
}

/// The rule that refuses a whole file.
pub(super) fn refused(parser: CallParser, text: &str) -> Vec<(&'static str, String)> {
    let mut keep = Keep::default();
    let mut file = CallFile::new(parser);
    match file.push(text, &mut keep).and_then(|()| file.finish(&mut keep)) {
        Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A file of the shared test data; `None` (and a line that says so) where it is absent.
pub(super) fn data(name: &str) -> Option<String> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: test data {name} is not here");
        return None;
    };
    if path.extension().is_none_or(|e| e != "gz") {
        return Some(String::from_utf8(bytes).expect("UTF-8"));
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("gzip of UTF-8");
    Some(text)
}
