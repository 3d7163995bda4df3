//! Use cases of imports: asking for one, and what its job writes.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::again;
use super::contact::SourceKey;
use super::import::{
    Batch, ContactImport, Encoding, Ending, ImportIssue, ImportOptions, ImportState, JOB, NewContact, Queue, Told,
};
use super::interval::{Basis, Intervals};
use super::local::{LocalClock, Zone};
use super::service_level::{Definition, Pack};
use super::source::{CallParser, Checkpoint, CsvMapping, Format};
use super::store::{Placed, Slots};
use crate::audit::{AuditEntry, Happening};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{FileId, ImportId, QueueId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::platform::{self, Purpose};
use crate::seat_days::{PresenceEntry, Source, Who};
use crate::uow::DomainTx;

/// What is asked of an import.
#[derive(Clone, Debug)]
pub struct ImportDraft {
    /// A file the caller's tenant has stored.
    pub file: FileId,
    /// Its format.
    pub format: Format,
    /// IANA zone of the wall-clock times in it; `None` = the park's.
    pub zone: Option<String>,
    /// Its encoding.
    pub encoding: Encoding,
    /// What its columns mean; delimited files only.
    pub mapping: Option<CsvMapping>,
    /// Whether what the file brought before, read with other options, goes.
    pub replace: bool,
}

impl ImportDraft {
    fn options(&self, ctx: &Ctx) -> Result<ImportOptions> {
        let zone = match &self.zone {
            None => Zone::from(ctx.zone()),
            Some(name) => Zone::parse(name.trim()).map_err(|r| r.at("timeZone"))?,
        };
        if self.mapping.is_some() && self.format != Format::GenericCsv {
            return Err(Refusal::new(RefusalCode::Invalid, "mapping-unwanted").at("mapping").into());
        }
        // No text column of the larger database holds this character.
        let text = serde_json::to_string(&self.mapping).map_err(Error::internal)?;
        if text.contains("\\u0000") {
            return Err(Refusal::new(RefusalCode::Invalid, "mapping-text").at("mapping").into());
        }
        let options = ImportOptions { zone, encoding: self.encoding, mapping: self.mapping.clone() };
        // Only to learn whether there is one.
        options.parser(self.format).map_err(within_mapping)?;
        Ok(options)
    }
}

/// Paths inside the mapping become paths of the whole input.
fn within_mapping(error: Error) -> Error {
    let Error::Refused(mut list) = error else { return error };
    for refusal in &mut list {
        if refusal.path != "mapping" {
            refusal.path = format!("mapping.{}", refusal.path).into();
        }
    }
    Error::Refused(list)
}

/// The definition whose thresholds intervals are counted by.
///
/// # Errors
/// An internal error when the built-in pack is broken, which a test excludes.
pub fn interval_definition() -> Result<&'static Definition> {
    let pack = Pack::built_in()?;
    pack.latest(&pack.default).ok_or_else(|| Error::internal("the pack has no default definition"))
}

/// Asks for the import of a stored file. The same file in the same format is imported once: asked again, the import
/// that is there is the answer, and a failed one starts anew with these options; see [`again`] for one that is
/// done.
///
/// # Errors
/// Those of [`Ctx::require`]; those of [`platform::file_for`] (`file-unknown` also for a file of another tenant), `zone-unknown`, `mapping-missing`,
/// `mapping-unwanted`, those of [`CsvMapping::validate`]; `import-done`, `import-log-kept`.
pub async fn import_start(tx: &dyn DomainTx, ctx: &Ctx, draft: &ImportDraft) -> Result<ImportId> {
    ctx.require(Action::Write, Resource::Operations)?;
    ctx.tenant()?;
    let file = platform::file_for(tx, draft.file, Purpose::Import).await?;
    let new = ContactImport {
        id: ctx.id(),
        file: file.id,
        sha256: file.sha256,
        format: draft.format,
        options: draft.options(ctx)?,
        state: ImportState::Waiting,
        rows_read: 0,
        contacts_added: 0,
        contacts_known: 0,
        rows_refused: 0,
        bytes_total: file.bytes,
        bytes_read: 0,
        failure: None,
        started_at: ctx.now(),
        finished_at: None,
    };
    let id = if tx.contact_import_add(&new).await? {
        new.id
    } else {
        let lost = || Error::internal("an import is there and cannot be read");
        let known = tx.contact_import_of_file(&file.sha256, draft.format).await?.ok_or_else(lost)?;
        let anew = ContactImport { id: known.id, ..new };
        if !again::restart(tx, ctx, &known, &anew, draft.replace).await? {
            return Ok(known.id);
        }
        known.id
    };
    tx.job_enqueue(ctx, JOB, serde_json::json!({ "import": id })).await?;
    Ok(id)
}

/// What a job needs to begin or go on.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The import.
    pub import: ContactImport,
    /// Where it stands; `None` = at the beginning of the file.
    pub at: Option<Checkpoint>,
    /// The parser of the file before this one (an event log's calls that were open at its end).
    pub before: Option<CallParser>,
}

/// Begins an import or goes on with it; `None` when it has ended.
///
/// # Errors
/// [`Error::NotFound`] for an import that is not the tenant's.
pub async fn import_begin(tx: &dyn DomainTx, ctx: &Ctx, id: ImportId) -> Result<Option<Begun>> {
    ctx.require(Action::Write, Resource::Operations)?;
    let import = tx.contact_imports_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    // One that failed because its job did goes on when the job is begun again; what is wrong with a file stays wrong.
    let interrupted = import.failure.as_ref().is_some_and(|f| f.rule == "import-interrupted");
    if import.state == ImportState::Done || (import.state == ImportState::Failed && !interrupted) {
        return Ok(None);
    }
    let at = tx.contact_import_resume(id).await?;
    let before = match import.format {
        Format::AsteriskQueueLog if at.is_none() => tx.contact_import_last(import.format).await?,
        _ => None,
    };
    Ok(Some(Begun { import, at, before: before.map(|c| c.parser.for_next_file()) }))
}

/// Contacts of a batch once a key, in ascending order of keys. Of two with one key the first is kept, as it would be
/// were they in two batches, unless it is provisional.
fn once_each<'a>(contacts: &'a [NewContact], queues: &[QueueId]) -> Result<Vec<Placed<'a>>> {
    let mut placed: Vec<Placed<'a>> = Vec::with_capacity(contacts.len());
    for contact in contacts {
        let queue = *queues.get(contact.queue).ok_or_else(|| Error::internal("a contact without its queue"))?;
        placed.push(Placed { contact, queue });
    }
    // The sort is stable, so that the order of the file decides among equals.
    placed.sort_by_key(|p| (p.contact.key, p.contact.facts.provisional));
    placed.dedup_by_key(|p| p.contact.key);
    Ok(placed)
}

/// Writes a batch: progress, contacts, intervals and issues, all in the caller's transaction, so that an import that is
/// killed goes on exactly after the last batch that was committed.
///
/// # Errors
/// An internal error when the import does not stand where the batch begins (another worker moved it).
pub async fn import_batch(tx: &dyn DomainTx, ctx: &Ctx, id: ImportId, batch: &Batch, now: DateTime<Utc>) -> Result<()> {
    ctx.require(Action::Write, Resource::Operations)?;
    if !tx.contact_import_advance(id, batch, now).await? {
        return Err(Error::internal("the import was moved on by another worker"));
    }
    if !batch.contacts.is_empty() {
        contacts_write(tx, ctx, id, batch).await?;
    }
    if !batch.issues.is_empty() {
        tx.import_issues_add(id, &batch.issues).await?;
    }
    match &batch.end {
        None => Ok(()),
        Some(Ending::Whole) => tx.audit(ctx, &AuditEntry::new("contact-import.done", id)).await,
        Some(Ending::Broken(refusal)) => failed(tx, ctx, id, refusal, now).await,
    }
}

async fn contacts_write(tx: &dyn DomainTx, ctx: &Ctx, id: ImportId, batch: &Batch) -> Result<()> {
    let definition = interval_definition()?;
    let (reference, thresholds) = (definition.reference(), definition.thresholds());
    let fresh: Vec<QueueId> = batch.queues.iter().map(|_| ctx.id()).collect();
    let queues = tx.queues_ensure(&batch.queues, &fresh).await?;

    // A call that was open at the end of an earlier log is replaced by what became of it.
    let removed = if batch.to.parser.format() == Format::AsteriskQueueLog {
        let keys: HashSet<SourceKey> = batch.contacts.iter().map(|c| c.key).collect();
        tx.contacts_take_provisional(&keys).await?
    } else {
        Vec::new()
    };
    let callers: HashMap<SourceKey, _> = removed.iter().map(|r| (r.key, r.end_customer)).collect();
    let completed: Vec<NewContact>;
    let contacts = if callers.is_empty() {
        &batch.contacts
    } else {
        let complete = |c: &NewContact| NewContact {
            end_customer: c.end_customer.or_else(|| callers.get(&c.key).copied().flatten()),
            ..*c
        };
        completed = batch.contacts.iter().map(complete).collect();
        &completed
    };
    let placed = once_each(contacts, &queues)?;
    let new = tx.contacts_add(id, &placed).await?;

    let mut clock = LocalClock::new(Zone::from(ctx.zone()));
    let mut intervals = Intervals::new(clock.clone(), Basis::Queued, thresholds);
    let mut again: BTreeSet<(i64, QueueId)> = removed
        .iter()
        .map(|r| (clock.slot_start(r.queued_ms, super::interval::Slot::Quarter.seconds()), r.queue))
        .collect();
    for p in placed.iter().filter(|p| new.contains(&p.contact.key)) {
        if callers.contains_key(&p.contact.key) {
            again.insert((intervals.quarter_of(&p.contact.facts), p.queue));
        }
        let code = batch.queues.get(p.contact.queue).map_or("", String::as_str);
        intervals.count(code, &p.contact.facts, p.contact.agent.is_some());
    }
    let ids: HashMap<&str, QueueId> = batch.queues.iter().map(String::as_str).zip(queues.iter().copied()).collect();
    let mut slots = Slots::new();
    for i in intervals.iter().filter(|i| i.sums.offered + i.sums.not_offered > 0) {
        if let Some(queue) = ids.get(i.queue) {
            slots.insert((i.start_ms, *queue), *i.sums);
        }
    }
    // What is counted again from its contacts must not be added as well.
    slots.retain(|slot, _| !again.contains(slot));
    tx.intervals_add(&reference, &slots).await?;
    if !again.is_empty() {
        let again: Vec<_> = again.into_iter().collect();
        tx.intervals_recount(&reference, thresholds, &again).await?;
    }
    let agents = placed.iter().filter(|p| new.contains(&p.contact.key));
    logged_in(tx, ctx, id, agents.map(|p| p.contact)).await?;
    let count = |n: usize| i64::try_from(n).map_err(Error::internal);
    let added = count(new.len().saturating_sub(removed.len()))?;
    tx.contact_import_count(id, added, count(batch.contacts.len())? - added).await
}

/// Who answered a contact was logged in on that day.
async fn logged_in(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    id: ImportId,
    contacts: impl Iterator<Item = &NewContact>,
) -> Result<()> {
    let day = |c: &NewContact| {
        let at = DateTime::from_timestamp_millis(c.facts.answered_at.unwrap_or(c.facts.queued_at))?;
        Some((c.agent?, at.with_timezone(&ctx.zone()).date_naive()))
    };
    let days: BTreeSet<_> = contacts.filter_map(day).collect();
    let entry = |(agent, day)| PresenceEntry { who: Who::Agent(agent), day, seat: None, n: 0 };
    let entries: Vec<_> = days.into_iter().map(entry).collect();
    tx.presence_add(Source::Contacts(id), &entries, ctx.now()).await.map(|_| ())
}

/// Ends an import before anything of its file was written.
///
/// # Errors
/// Those of [`Ctx::require`].
pub async fn import_fail(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    id: ImportId,
    refusal: &Refusal,
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.require(Action::Write, Resource::Operations)?;
    failed(tx, ctx, id, refusal, now).await
}

async fn failed(tx: &dyn DomainTx, ctx: &Ctx, id: ImportId, refusal: &Refusal, now: DateTime<Utc>) -> Result<()> {
    tx.contact_import_fail(id, &Told::from(refusal), now).await?;
    let entry = AuditEntry::new("contact-import.failed", id);
    tx.audit(ctx, &entry.with(serde_json::json!({ "rule": refusal.rule }))).await
}

/// Imports of the caller's tenant, latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn imports(store: &dyn DomainTx, ctx: &Ctx, page: &PageRequest) -> Result<Page<ContactImport>> {
    ctx.require(Action::Read, Resource::Operations)?;
    store.contact_imports(page).await
}

/// How many imports there are.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn imports_count(store: &dyn DomainTx, ctx: &Ctx) -> Result<i64> {
    ctx.require(Action::Read, Resource::Operations)?;
    store.contact_imports_count().await
}

/// Rows that an import kept aside, in the order of the file.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn import_issues(
    store: &dyn DomainTx,
    ctx: &Ctx,
    id: ImportId,
    page: &PageRequest,
) -> Result<Page<ImportIssue>> {
    ctx.require(Action::Read, Resource::Operations)?;
    ctx.heard().tell(Happening::Read("rows kept aside"));
    store.import_issues(id, page).await
}

/// Queues of the caller's tenant by code.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn queues(store: &dyn DomainTx, ctx: &Ctx) -> Result<Vec<Queue>> {
    ctx.require(Action::Read, Resource::Operations)?;
    store.queues().await
}
