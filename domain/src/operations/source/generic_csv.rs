//! Any delimited file with a header, by a mapping that the tenant declares.
//!
//! Fields may be quoted as in RFC 4180, also over several lines. A record that falls apart although it spans lines
//! (a quote that never closes) costs its first line only: the lines after it are read again on their own.
//!
//! A record without an id of its own is known by what it says (queue, times, outcome, durations; nothing personal)
//! and by how many records that say the same came before it among the last [`SAME_WINDOW`]: two calls of one second
//! both count, and an export that is imported twice gives the same keys twice.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Tally;
use super::csv_mapping::{CsvMapping, QueueFrom, TimeColumn};
use super::fields::{Fields, Unsplit};
use super::text::{self, Read, broken};
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::operations::contact::{
    ContactFacts, ContactRecord, ContactSink, Direction, Handle, Outcome, RawId, RawKind, RawRow, RowIssue, SourceKey,
};
use crate::operations::local::{LocalClock, Reading, Zone};

/// How far back records without an id are compared.
pub(crate) const SAME_WINDOW: usize = 256;
/// Most lines that one quoted record may span.
const MAX_RECORD_LINES: u64 = 16;

/// Parser of a delimited file. Serialises between any two records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "State", into = "State")]
pub struct GenericCsv {
    mapping: CsvMapping,
    clock: LocalClock,
    columns: Option<Columns>,
    /// Keys of the last records that have no id, before their count was added.
    recent: VecDeque<SourceKey>,
    /// A quoted record that has not ended: its text so far and its first line.
    half: String,
    half_first: u64,
    half_lines: u64,
    fields: Fields,
}

#[derive(Serialize, Deserialize)]
struct State {
    mapping: CsvMapping,
    zone: Zone,
    columns: Option<Columns>,
    recent: VecDeque<SourceKey>,
}
impl From<State> for GenericCsv {
    fn from(s: State) -> Self {
        Self { columns: s.columns, recent: s.recent, ..Self::unchecked(s.mapping, s.zone) }
    }
}
impl From<GenericCsv> for State {
    fn from(p: GenericCsv) -> Self {
        Self { mapping: p.mapping, zone: p.clock.zone(), columns: p.columns, recent: p.recent }
    }
}

/// Where in a row each mapped column stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Columns {
    count: usize,
    start: usize,
    queued: Option<usize>,
    answered: Option<usize>,
    ended: Option<usize>,
    queue: Option<usize>,
    outcome: usize,
    wait: Option<usize>,
    handle: Option<usize>,
    talk: Option<usize>,
    hold: Option<usize>,
    wrap: Option<usize>,
    agent: Option<usize>,
    end_customer: Option<usize>,
    external_id: Option<usize>,
    direction: Option<usize>,
    priority: Option<usize>,
}

impl GenericCsv {
    /// A parser by a mapping, reading wall-clock times in `zone`.
    ///
    /// # Errors
    /// What [`CsvMapping::validate`] refuses.
    pub fn new(mapping: CsvMapping, zone: Zone) -> Result<Self> {
        mapping.validate()?;
        Ok(Self::unchecked(mapping, zone))
    }

    fn unchecked(mapping: CsvMapping, zone: Zone) -> Self {
        Self {
            mapping,
            clock: LocalClock::new(zone),
            columns: None,
            recent: VecDeque::new(),
            half: String::new(),
            half_first: 0,
            half_lines: 0,
            fields: Fields::default(),
        }
    }

    pub(super) const fn header_seen(&self) -> bool {
        self.columns.is_some()
    }
    pub(super) fn forget_header(&mut self) {
        self.columns = None;
    }
    /// First line of a record that has not ended.
    pub(super) const fn half_record_from(&self) -> Option<u64> {
        if self.half_lines > 0 { Some(self.half_first) } else { None }
    }
    pub(super) fn drop_half_record(&mut self) {
        self.half.clear();
        self.half_lines = 0;
    }

    /// Takes the next line.
    pub(super) fn line<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &str,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<()> {
        if self.half_lines == 0 {
            return match self.fields.split(line, self.mapping.delimiter) {
                Err(Unsplit::Open) => {
                    self.half.push_str(line);
                    self.half_first = number;
                    self.half_lines = 1;
                    Ok(())
                }
                split => self.record(number, line, split.is_ok(), tally, sink),
            };
        }
        self.half.push('\n');
        self.half.push_str(line);
        self.half_lines += 1;
        let split = self.fields.split(&self.half, self.mapping.delimiter);
        let too_long = self.half_lines >= MAX_RECORD_LINES || self.half.len() > super::MAX_LINE_BYTES;
        let whole = match split {
            Ok(()) => self.columns.as_ref().is_none_or(|c| c.count == self.fields.len()),
            Err(Unsplit::Open) if !too_long => return Ok(()),
            Err(_) => false,
        };
        let record = std::mem::take(&mut self.half);
        self.half_lines = 0;
        if whole {
            self.record(self.half_first, &record, true, tally, sink)
        } else {
            self.fall_apart(&record, tally, sink)
        }
    }

    /// Ends the file: a record that is still open falls apart.
    pub(super) fn end<S: ContactSink + ?Sized>(&mut self, tally: &mut Tally, sink: &mut S) -> Result<()> {
        while self.half_lines > 0 {
            let record = std::mem::take(&mut self.half);
            self.half_lines = 0;
            self.fall_apart(&record, tally, sink)?;
        }
        Ok(())
    }

    /// Reports the first line of a broken record and reads the others on their own.
    fn fall_apart<S: ContactSink + ?Sized>(&mut self, record: &str, tally: &mut Tally, sink: &mut S) -> Result<()> {
        let first = self.half_first;
        for (number, line) in (first..).zip(record.split('\n')) {
            if number == first {
                self.header_or()?;
                tally.rows += 1;
                tally.issues += 1;
                sink.issue(&RowIssue::new(first, "", "row-quotes-broken"), RawRow::new(line));
            } else if self.half_lines > 0 || !line.trim().is_empty() {
                self.line(number, line, tally, sink)?;
            }
        }
        Ok(())
    }

    /// A header that cannot be split condemns the file.
    fn header_or(&self) -> Result<()> {
        match self.columns {
            Some(_) => Ok(()),
            None => Err(Refusal::new(RefusalCode::Invalid, "row-quotes-broken").at("file").into()),
        }
    }

    /// Takes a record that was split (or could not be).
    fn record<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        raw: &str,
        split: bool,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<()> {
        if self.columns.is_none() {
            if !split {
                return self.header_or();
            }
            self.columns = Some(self.header()?);
            return Ok(());
        }
        tally.rows += 1;
        let read =
            if split { self.contact(number, tally, sink) } else { Err(RowIssue::new(number, "", "row-quotes-broken")) };
        match read {
            Ok(()) => tally.contacts += 1,
            Err(issue) => {
                tally.issues += 1;
                sink.issue(&issue, RawRow::new(raw));
            }
        }
        Ok(())
    }

    /// Finds the mapped columns in the header.
    fn header(&self) -> Result<Columns> {
        let mut refusals = Refusals::new();
        for (field, column) in self.mapping.columns() {
            let refuse = |rule| Refusal::new(RefusalCode::Invalid, rule).at(field).with("column", column);
            match self.fields.iter().filter(|name| *name == column.trim()).count() {
                0 => refusals.push(refuse("csv-column-missing")),
                1 => {}
                _ => refusals.push(refuse("csv-column-doubled")),
            }
        }
        refusals.finish()?;
        let place = |column: &str| self.fields.iter().position(|name| name == column.trim());
        let of = |column: &Option<String>| column.as_deref().and_then(place);
        let time = |column: &Option<TimeColumn>| column.as_ref().and_then(|t| place(&t.column));
        let m = &self.mapping;
        Ok(Columns {
            count: self.fields.len(),
            start: place(&m.start.column).unwrap_or(0),
            queued: time(&m.queued),
            answered: time(&m.answered),
            ended: time(&m.ended),
            queue: match &m.queue {
                QueueFrom::Column(c) => place(c),
                QueueFrom::Fixed(_) => None,
            },
            outcome: place(&m.outcome.column).unwrap_or(0),
            wait: of(&m.wait),
            handle: of(&m.handle),
            talk: of(&m.talk),
            hold: of(&m.hold),
            wrap: of(&m.wrap),
            agent: of(&m.agent),
            end_customer: of(&m.end_customer),
            external_id: of(&m.external_id),
            direction: m.direction.as_ref().and_then(|d| place(&d.column)),
            priority: of(&m.priority),
        })
    }

    fn contact<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<(), RowIssue> {
        let Self { mapping, clock, columns: Some(columns), recent, fields, .. } = self else { return Ok(()) };
        if fields.len() != columns.count {
            let issue = RowIssue::new(number, "", "row-field-count");
            return Err(issue.with("expected", columns.count).with("found", fields.len()));
        }
        let row = Row { number, fields };
        let field = |index: Option<usize>| index.map_or("", |i| fields.get(i));

        let outcome_text = fields.get(columns.outcome);
        let outcome =
            row.word(&mapping.outcome.column, "row-outcome-unknown", mapping.outcome.values.get(outcome_text))?;
        let direction = match &mapping.direction {
            Some(d) => row.word(&d.column, "row-direction-unknown", d.values.get(field(columns.direction)))?,
            None => Direction::Inbound,
        };
        let queue = match &mapping.queue {
            QueueFrom::Column(c) => row.check(c, text::code(field(columns.queue)))?,
            QueueFrom::Fixed(code) => code.trim(),
        };

        let start = fields.get(columns.start);
        let (reading, ms) = row.check(&mapping.start.column, mapping.start.format.read(start))?.resolve(clock);
        let entered_at = reading.first() * 1000 + ms;
        let mut later = |column: Option<&TimeColumn>, index, after| row.time_after(column, index, after, clock);
        let queued_at = later(mapping.queued.as_ref(), columns.queued, entered_at)?.unwrap_or(entered_at);
        let answered_said = later(mapping.answered.as_ref(), columns.answered, queued_at)?;
        let ended_said = later(mapping.ended.as_ref(), columns.ended, answered_said.unwrap_or(queued_at))?;

        let answered = outcome == Outcome::Answered;
        let wait_s = match row.duration(mapping.wait.as_ref(), columns.wait)? {
            Some(ms) => ms,
            None if outcome.is_offered() => {
                let (end, column) =
                    if answered { (answered_said, &mapping.answered) } else { (ended_said, &mapping.ended) };
                // The mapping has a wait column or both times; say which of them is empty.
                let column = column.as_ref().map(|t| &t.column).or(mapping.wait.as_ref()).map_or("", String::as_str);
                row.check(column, end.ok_or("row-value-missing"))? - queued_at
            }
            None => 0,
        };
        let wait_s =
            row.check(mapping.wait.as_deref().unwrap_or(&mapping.start.column), text::duration(text::up(wait_s)))?;
        let answered_at = answered.then(|| answered_said.unwrap_or(queued_at + i64::from(wait_s) * 1000));

        let whole = |ms: Option<i64>| ms.and_then(|ms| text::duration(text::nearest(ms)).ok());
        let total = whole(row.duration(mapping.handle.as_ref(), columns.handle)?);
        let talk_s = whole(row.duration(mapping.talk.as_ref(), columns.talk)?);
        let hold_s = whole(row.duration(mapping.hold.as_ref(), columns.hold)?);
        let wrap_s = whole(row.duration(mapping.wrap.as_ref(), columns.wrap)?);
        let parts = [talk_s, hold_s, wrap_s];
        let said = total.or_else(|| parts.iter().any(Option::is_some).then(|| parts.into_iter().flatten().sum()));
        let total = match (said, answered_at, ended_said, &mapping.ended) {
            (None, Some(from), Some(to), Some(column)) => {
                Some(row.check(&column.column, text::duration(text::nearest(to - from)))?)
            }
            _ => said,
        };
        let handle = total.filter(|s| answered || *s > 0).map(|total_s| Handle { total_s, talk_s, hold_s, wrap_s });
        let after = |from: i64, s: u32| from + i64::from(s) * 1000;
        let ended_at = ended_said.or_else(|| match (answered_at, handle) {
            // Wrap-up comes after the end customer has gone.
            (Some(from), Some(h)) => Some(after(from, h.total_s.saturating_sub(wrap_s.unwrap_or(0)))),
            (None, _) if outcome.is_offered() => Some(after(queued_at, wait_s)),
            _ => None,
        });

        let priority = match field(columns.priority) {
            "" => 0,
            text => {
                let n = text::whole(text).ok().and_then(|n| u8::try_from(n).ok());
                row.check(mapping.priority.as_deref().unwrap_or(""), n.ok_or("row-priority-invalid"))?
            }
        };
        let facts = ContactFacts {
            direction,
            outcome,
            provisional: false,
            entered_at,
            queued_at,
            answered_at,
            ended_at,
            wait_s,
            handle,
        };
        let key = match &mapping.external_id {
            Some(column) => {
                let id = row.check(column, text::code(field(columns.external_id)))?;
                SourceKey::of(&[b"generic_csv", id.as_bytes()])
            }
            None => key_by_content(recent, queue, &facts, priority),
        };
        match reading {
            Reading::Once(_) => {}
            Reading::Twice(..) => tally.times_shown_twice += 1,
            Reading::Never(_) => tally.times_never_shown += 1,
        }
        let mut person = |kind, index| {
            let raw = field(index);
            (!raw.is_empty()).then(|| sink.pseudonym(kind, RawId::new(raw)))
        };
        let agent = person(RawKind::Agent, columns.agent);
        let end_customer = person(RawKind::EndCustomer, columns.end_customer);
        sink.contact(&ContactRecord { row: number, key, queue, facts, agent, end_customer, priority });
        Ok(())
    }
}

/// A row that is being read: turns broken rules into issues that name the column.
#[derive(Clone, Copy)]
struct Row<'a> {
    number: u64,
    fields: &'a Fields,
}

impl Row<'_> {
    fn check<T>(self, column: &str, read: Read<T>) -> Result<T, RowIssue> {
        read.map_err(|rule| broken(self.number, column.to_owned(), rule))
    }
    fn word<T: Copy>(self, column: &str, rule: &'static str, meaning: Option<&T>) -> Result<T, RowIssue> {
        self.check(column, meaning.copied().ok_or(rule))
    }
    /// A duration in milliseconds; `None` when the column is not mapped or empty.
    fn duration(self, column: Option<&String>, index: Option<usize>) -> Result<Option<i64>, RowIssue> {
        match (column, index.map_or("", |i| self.fields.get(i))) {
            (Some(column), text) if !text.is_empty() => self.check(column, text::duration_ms(text)).map(Some),
            _ => Ok(None),
        }
    }
    /// An instant that follows another (milliseconds); `None` when the column is not mapped or empty.
    fn time_after(
        self,
        column: Option<&TimeColumn>,
        index: Option<usize>,
        after: i64,
        clock: &mut LocalClock,
    ) -> Result<Option<i64>, RowIssue> {
        match (column, index.map_or("", |i| self.fields.get(i))) {
            (Some(column), text) if !text.is_empty() => {
                let (reading, ms) = self.check(&column.column, column.format.read(text))?.resolve(clock);
                let at = reading.not_before(after.div_euclid(1000)) * 1000 + ms;
                self.check(&column.column, if at < after { Err("row-times-disagree") } else { Ok(Some(at)) })
            }
            _ => Ok(None),
        }
    }
}

/// The key of a record without an id, and its place among those that say the same.
fn key_by_content(recent: &mut VecDeque<SourceKey>, queue: &str, facts: &ContactFacts, priority: u8) -> SourceKey {
    let handle = facts.handle.map_or(-1, |h| i64::from(h.total_s));
    let key = SourceKey::of(&[
        b"generic_csv content",
        queue.as_bytes(),
        facts.direction.name().as_bytes(),
        facts.outcome.name().as_bytes(),
        &facts.entered_at.to_be_bytes(),
        &facts.queued_at.to_be_bytes(),
        &facts.answered_at.unwrap_or(-1).to_be_bytes(),
        &facts.ended_at.unwrap_or(-1).to_be_bytes(),
        &facts.wait_s.to_be_bytes(),
        &handle.to_be_bytes(),
        &[priority],
    ]);
    let before = recent.iter().filter(|k| **k == key).count();
    if recent.len() >= SAME_WINDOW {
        recent.pop_front();
    }
    recent.push_back(key);
    if before == 0 { key } else { SourceKey::of(&[&key.0, &before.to_be_bytes()]) }
}
