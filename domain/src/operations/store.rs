//! What operations read and write: queues, imports, contacts, intervals. All of it is the caller's tenant's own.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::contact::{ContactFacts, Outcome, Pseudonym, SourceKey};
use super::import::{Batch, ContactImport, ImportIssue, ImportState, NewContact, Queue, Told};
use super::source::{Checkpoint, Format};
use super::sums::{Sums, Thresholds};
use crate::error::Result;
use crate::ids::{ImportId, QueueId};
use crate::page::{Page, PageRequest};

/// A provisional contact that was taken out to be replaced.
#[derive(Clone, Copy, Debug)]
pub struct Removed {
    /// Its key.
    pub key: SourceKey,
    /// Its queue.
    pub queue: QueueId,
    /// When it asked for an agent, milliseconds since 1970 UTC.
    pub queued_ms: i64,
    /// Who called, if the records so far told.
    pub end_customer: Option<Pseudonym>,
}

/// A contact with its queue known by id.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The contact.
    pub contact: &'a NewContact,
    /// Its queue.
    pub queue: QueueId,
}

/// Which contacts are asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Milliseconds since 1970 UTC of the instant that counts (asked for an agent), half-open.
    pub time: Range<i64>,
    /// One queue; `None` = all.
    pub queue: Option<QueueId>,
}

/// Sums by interval: start (milliseconds since 1970 UTC) and queue.
pub type Slots = BTreeMap<(i64, QueueId), Sums>;

/// A run of civil days of equal length, for adding up by day in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRun {
    /// Where the run begins, milliseconds since 1970 UTC.
    pub from_ms: i64,
    /// Number of its first day in the whole period, from 0.
    pub first: i64,
    /// Whether it is several days of 24 hours; otherwise one day of another length.
    pub regular: bool,
}

/// The port.
#[async_trait]
pub trait Store: Send + Sync {
    /// Queues by code.
    async fn queues(&self) -> Result<Vec<Queue>>;
    /// Queues by id; those out of reach are missing.
    async fn queues_by_id(&self, ids: &[QueueId]) -> Result<Vec<Queue>>;
    /// Makes the queues that are not there yet; tells the id of each code, in order. `fresh` holds an id a code.
    async fn queues_ensure(&self, codes: &[String], fresh: &[QueueId]) -> Result<Vec<QueueId>>;

    /// Imports, latest first.
    async fn contact_imports(&self, page: &PageRequest) -> Result<Page<ContactImport>>;
    /// How many.
    async fn contact_imports_count(&self) -> Result<i64>;
    /// Imports by id; those out of reach are missing.
    async fn contact_imports_by_id(&self, ids: &[ImportId]) -> Result<Vec<ContactImport>>;
    /// The import of a file in a format.
    async fn contact_import_of_file(&self, sha256: &[u8; 32], format: Format) -> Result<Option<ContactImport>>;
    /// Stores a new import; `false` when the file was imported in this format before.
    async fn contact_import_add(&self, import: &ContactImport) -> Result<bool>;
    /// Puts an import back to its beginning with new options; `false` when it is not in that state. Its issues go, its
    /// contacts stay.
    async fn contact_import_restart(&self, import: &ContactImport, from: ImportState) -> Result<bool>;
    /// Marks an unfinished import as running; where it stands, `None` at its beginning.
    async fn contact_import_resume(&self, id: ImportId) -> Result<Option<Checkpoint>>;
    /// The parser at the end of the last whole import of a format.
    async fn contact_import_last(&self, format: Format) -> Result<Option<Checkpoint>>;
    /// Moves a running import over a batch; `false` when it does not stand at the batch's beginning.
    async fn contact_import_advance(&self, id: ImportId, batch: &Batch, now: DateTime<Utc>) -> Result<bool>;
    /// Adds to the counts of an import.
    async fn contact_import_count(&self, id: ImportId, added: i64, known: i64) -> Result<()>;
    /// Ends a running or waiting import early.
    async fn contact_import_fail(&self, id: ImportId, failure: &Told, now: DateTime<Utc>) -> Result<()>;

    /// Issues of an import by their number.
    async fn import_issues(&self, id: ImportId, page: &PageRequest) -> Result<Page<ImportIssue>>;
    /// How many each import has; those without are missing.
    async fn import_issues_counts(&self, ids: &[ImportId]) -> Result<Vec<(ImportId, i64)>>;
    /// The first of each import, in the order of the file: up to `first + 1` each.
    async fn import_issues_first(&self, ids: &[ImportId], first: u32) -> Result<Vec<(ImportId, ImportIssue)>>;
    /// Keeps rows aside, each with its sealed text.
    async fn import_issues_add(&self, id: ImportId, issues: &[(ImportIssue, Vec<u8>)]) -> Result<()>;

    /// Takes out those provisional contacts that have one of the keys.
    async fn contacts_take_provisional(&self, keys: &HashSet<SourceKey>) -> Result<Vec<Removed>>;
    /// Stores contacts whose keys are not known yet, in the order given (ascending keys, so that two imports cannot
    /// wait for each other); tells the keys that were new.
    async fn contacts_add(&self, id: ImportId, contacts: &[Placed<'_>]) -> Result<HashSet<SourceKey>>;
    /// Takes out the contacts that an import brought; tells their queues, each with the first and the last instant of
    /// them (milliseconds since 1970 UTC).
    async fn contacts_take_back(&self, id: ImportId) -> Result<Vec<(QueueId, i64, i64)>>;
    /// Takes out the intervals of a queue that begin in a range of instants; tells the contacts that are there still,
    /// and whether the agent of each is known.
    async fn intervals_clear(
        &self,
        definition: &str,
        queue: QueueId,
        within: (i64, i64),
    ) -> Result<Vec<(ContactFacts, bool)>>;
    /// Adds to intervals of a definition, making those that are not there.
    async fn intervals_add(&self, definition: &str, slots: &Slots) -> Result<()>;
    /// Counts these intervals again from their contacts.
    async fn intervals_recount(&self, definition: &str, thresholds: Thresholds, slots: &[(i64, QueueId)])
    -> Result<()>;

    /// Contacts by outcome and whole seconds waited.
    async fn contact_waits(&self, asked: &Asked) -> Result<Vec<(Outcome, u32, i64)>>;
    /// Answered contacts by whole seconds of handle time and whether the agent is named.
    async fn contact_handles(&self, asked: &Asked) -> Result<Vec<(u32, bool, i64)>>;
    /// How many different agents answered.
    async fn contact_agents(&self, asked: &Asked) -> Result<i64>;
    /// Sums of a definition by quarter hour, all asked queues together, in order of time.
    async fn intervals(&self, definition: &str, thresholds: Thresholds, asked: &Asked) -> Result<Vec<(i64, Sums)>>;
    /// Sums of a definition by civil day (its number in `days`), in order.
    async fn interval_days(
        &self,
        definition: &str,
        thresholds: Thresholds,
        asked: &Asked,
        days: &[DayRun],
    ) -> Result<Vec<(i64, Sums)>>;
}
