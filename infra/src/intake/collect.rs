//! From the text of a file to batches of contacts without people in them. Runs on a thread of its own.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use uuid::Uuid;
use voxpark_domain::operations::contact::{
    ContactRecord, ContactSink, Pseudonym, RawId, RawKind, RawRow, RowIssue, SourceKey,
};
use voxpark_domain::operations::import::{Batch, Encoding, Ending, ImportIssue, NONSENSE_ROWS, NewContact};
use voxpark_domain::operations::source::{CallFile, CallParser, Checkpoint};
use voxpark_domain::uow::LocalCopy;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use super::read::{Reader, Stop};
use crate::secrets::{Keys, Pseudonyms, SystemRandom};

/// Issues after which a batch ends, however few its contacts.
const MAX_ISSUES: usize = 1_000;
/// Bytes of text after which a batch ends, however few its contacts (an event log of other events).
const MAX_TEXT: u64 = 8 << 20;
/// Pseudonyms that are remembered: people call more than once.
const MEMORY: usize = 50_000;

/// Everything the thread needs.
pub(super) struct Plan {
    pub(super) file: LocalCopy,
    pub(super) encoding: Encoding,
    /// A parser for the beginning of the file.
    pub(super) parser: CallParser,
    /// Where to go on instead.
    pub(super) at: Option<Checkpoint>,
    /// The parser that the file before this one left behind.
    pub(super) before: Option<CallParser>,
    /// Contacts of a batch.
    pub(super) size: usize,
    pub(super) keys: Arc<Keys>,
    pub(super) owner: (Uuid, Uuid),
    /// The import, to bind sealed rows to it.
    pub(super) import: Uuid,
}

/// Nothing was written and nothing will be: why.
pub(super) type Unread = Option<Refusal>;

/// Reads the file and sends its batches. Ends quietly when nobody listens any more.
pub(super) fn read(plan: Plan, out: &Sender<Batch>) -> Result<Unread> {
    if plan.at.is_none()
        && let Some(refusal) = check(&plan)?
    {
        return Ok(Some(refusal));
    }
    let mut reader = Reader::open(plan.file.path(), plan.encoding).map_err(Error::internal)?;
    let mut skip = plan.at.as_ref().map_or(0, |c| c.position);
    let mut state = Reading::new(plan);
    let mut text = String::new();
    loop {
        let more = match reader.next(&mut text) {
            Ok(more) => more,
            Err(Stop::Io(e)) => return Err(Error::internal(e)),
            Err(Stop::Cut) => {
                let row = i64::try_from(state.file.checkpoint().lines + 1).unwrap_or(i64::MAX);
                let refusal = Refusal::new(RefusalCode::Invalid, "file-cut").at("file").with("row", row);
                state.send(out, reader.packed(), Some(Ending::Broken(refusal)))?;
                return Ok(None);
            }
            Err(Stop::Refused(refusal)) => {
                state.send(out, reader.packed(), Some(Ending::Broken(refusal)))?;
                return Ok(None);
            }
        };
        if !more {
            break;
        }
        // What was dealt with before the import was interrupted ends at the end of a line.
        let length = text.len() as u64;
        if skip >= length {
            skip -= length;
            continue;
        }
        let piece = usize::try_from(skip).ok().and_then(|s| text.get(s..)).unwrap_or_default();
        skip = 0;
        if let Err(error) = state.push(piece) {
            return unreadable(error).map(Some);
        }
        if state.is_nonsense() && state.rows() >= NONSENSE_ROWS {
            state.send(out, reader.packed(), Some(Ending::Broken(nonsense())))?;
            return Ok(None);
        }
        if state.is_full() && !state.send(out, reader.packed(), None)? {
            return Ok(None);
        }
    }
    if let Err(error) = state.finish() {
        return unreadable(error).map(Some);
    }
    let end = if state.is_nonsense() { Ending::Broken(nonsense()) } else { Ending::Whole };
    state.send(out, reader.packed(), Some(end))?;
    Ok(None)
}

/// The refusal of a file that its parser condemned as a whole, before its first row.
fn unreadable(error: Error) -> Result<Refusal> {
    match error {
        Error::Refused(list) => list.into_iter().next().ok_or_else(|| Error::internal("a refusal without a rule")),
        other => Err(other),
    }
}

fn nonsense() -> Refusal {
    Refusal::new(RefusalCode::Invalid, "call-file-nonsense").at("file")
}

/// Looks through the whole file before anything is written, so that one that cannot be used leaves nothing behind.
fn check(plan: &Plan) -> Result<Unread> {
    let mut reader = Reader::open(plan.file.path(), plan.encoding).map_err(Error::internal)?;
    let mut text = String::new();
    loop {
        match reader.next(&mut text) {
            Ok(true) => {}
            Ok(false) | Err(Stop::Cut) => return Ok(None),
            Err(Stop::Refused(refusal)) => return Ok(Some(refusal)),
            Err(Stop::Io(e)) => return Err(Error::internal(e)),
        }
    }
}

/// A file half read.
struct Reading {
    file: CallFile,
    people: People,
    /// Where the batch in hand begins.
    from: u64,
    /// Contacts sent so far.
    sent: usize,
    size: usize,
    before: Option<CallParser>,
    /// The text before the first line end, until it is known which parser goes on.
    first: Option<String>,
}

impl Reading {
    fn new(plan: Plan) -> Self {
        let from = plan.at.as_ref().map_or(0, |c| c.position);
        let issues = plan.at.as_ref().map_or(0, |c| c.tally.issues);
        let sent = plan.at.as_ref().map_or(0, |c| usize::try_from(c.tally.contacts).unwrap_or(usize::MAX));
        let (park, tenant) = plan.owner;
        let pseudonyms = plan.keys.pseudonyms(park, tenant);
        Self {
            first: plan.before.is_some().then(String::new),
            before: plan.before,
            file: plan.at.map_or_else(|| CallFile::new(plan.parser), CallFile::resume),
            people: People {
                pseudonyms,
                agents: HashMap::new(),
                end_customers: HashMap::new(),
                keys: plan.keys,
                import: plan.import,
                queues: Vec::new(),
                places: HashMap::new(),
                contacts: Vec::with_capacity(plan.size),
                issues: Vec::new(),
                next_issue: i64::try_from(issues).unwrap_or(i64::MAX).saturating_add(1),
                fault: None,
            },
            from,
            sent,
            size: plan.size,
        }
    }

    fn push(&mut self, piece: &str) -> Result<()> {
        let Some(mut first) = self.first.take() else { return self.file.push(piece, &mut self.people) };
        first.push_str(piece);
        if !first.contains('\n') && first.len() < 1 << 16 {
            self.first = Some(first);
            return Ok(());
        }
        self.choose(&first);
        self.file.push(&first, &mut self.people)
    }

    /// A log that begins where the one before ended goes on with its open calls.
    fn choose(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        if let Some(parser) = self.before.take().filter(|p| p.continues_with(line)) {
            self.file = CallFile::new(parser);
        }
    }

    fn finish(&mut self) -> Result<()> {
        if let Some(first) = self.first.take() {
            self.choose(&first);
            self.file.push(&first, &mut self.people)?;
        }
        self.file.finish(&mut self.people)
    }

    fn rows(&self) -> u64 {
        self.file.tally().rows
    }

    /// Whether no row at all was understood.
    fn is_nonsense(&self) -> bool {
        let tally = self.file.tally();
        self.sent == 0 && self.people.contacts.is_empty() && tally.rows > 0 && tally.issues == tally.rows
    }

    fn is_full(&self) -> bool {
        let far = self.file.checkpoint_position().saturating_sub(self.from) >= MAX_TEXT;
        far || self.people.contacts.len() >= self.size || self.people.issues.len() >= MAX_ISSUES
    }

    /// Sends the batch in hand; `false` when nobody listens.
    fn send(&mut self, out: &Sender<Batch>, bytes_read: u64, end: Option<Ending>) -> Result<bool> {
        if let Some(fault) = self.people.fault.take() {
            return Err(fault);
        }
        let to = self.file.checkpoint();
        let from = std::mem::replace(&mut self.from, to.position);
        let people = &mut self.people;
        people.places.clear();
        self.sent += people.contacts.len();
        let batch = Batch {
            from,
            to,
            bytes_read,
            queues: std::mem::take(&mut people.queues),
            contacts: std::mem::replace(&mut people.contacts, Vec::with_capacity(self.size)),
            issues: std::mem::take(&mut people.issues),
            end,
        };
        Ok(out.blocking_send(batch).is_ok())
    }
}

/// Takes findings from a parser and makes pseudonyms of people at once.
struct People {
    pseudonyms: Pseudonyms,
    agents: HashMap<String, Pseudonym>,
    end_customers: HashMap<String, Pseudonym>,
    keys: Arc<Keys>,
    import: Uuid,
    queues: Vec<String>,
    places: HashMap<String, usize>,
    contacts: Vec<NewContact>,
    issues: Vec<(ImportIssue, Vec<u8>)>,
    next_issue: i64,
    fault: Option<Error>,
}

impl People {
    fn keep_aside(&mut self, issue: &RowIssue, raw: &str) -> Result<()> {
        let no = self.next_issue;
        self.next_issue += 1;
        let context = format!("import_issue/{}/{no}", self.import);
        let sealed = self.keys.seal(&SystemRandom, context.as_bytes(), raw)?;
        self.issues.push((ImportIssue::of(no, issue)?, sealed));
        Ok(())
    }
}

impl ContactSink for People {
    fn pseudonym(&mut self, kind: RawKind, raw: RawId<'_>) -> Pseudonym {
        let (memory, name) = match kind {
            RawKind::Agent => (&mut self.agents, "agent"),
            RawKind::EndCustomer => (&mut self.end_customers, "end-customer"),
        };
        if let Some(known) = memory.get(raw.expose()) {
            return *known;
        }
        let new = Pseudonym(self.pseudonyms.of(name, raw.expose()));
        if memory.len() >= MEMORY {
            memory.clear();
        }
        memory.insert(raw.expose().to_owned(), new);
        new
    }

    fn contact(&mut self, c: &ContactRecord<'_>) {
        let queue = if let Some(place) = self.places.get(c.queue) {
            *place
        } else {
            let place = self.queues.len();
            self.queues.push(c.queue.to_owned());
            self.places.insert(c.queue.to_owned(), place);
            place
        };
        self.contacts.push(NewContact {
            // Under the tenant's own key, so that nobody can try out which record it was.
            key: SourceKey(self.pseudonyms.of("contact", c.key.0)),
            queue,
            facts: c.facts,
            agent: c.agent,
            end_customer: c.end_customer,
            priority: c.priority,
        });
    }

    fn issue(&mut self, issue: &RowIssue, raw: RawRow<'_>) {
        if let Err(fault) = self.keep_aside(issue, raw.expose()) {
            self.fault.get_or_insert(fault);
        }
    }
}
