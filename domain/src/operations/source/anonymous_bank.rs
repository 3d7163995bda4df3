//! The "Anonymous Bank" format: one row a call, TAB separated, 17 fields, wall-clock times of the bank.
//!
//! Format and data: I. Guedj and A. Mandelbaum, "Anonymous Bank" call-centre data, Technion.
//!
//! What each row means here:
//! - `type` is the queue; `TT` (call-back) is outbound, all else inbound.
//! - `AGENT` is answered. `HANG` is abandoned, but not offered when the call never queued (`q_start` 0:00:00 and
//!   `q_time` 0). `PHANTOM` is ignored.
//! - The wait is `q_time`, the handle time `ser_time` (the source has no hold and no wrap-up).
//! - A call enters at `vru_entry` and asks for an agent at `vru_exit`. The source's machines disagree at times, so
//!   `vru_time` may be negative.
//! - A spreadsheet has rounded a few long customer ids (`3.2E+11`). They are kept as they stand, so calls of several
//!   end customers may share one.
//! - A record is identified by date, line and call id: call ids count up per line and are used again on others.
//! - Times are read in the zone of the import. The date belongs to `vru_entry`; later times are those that follow it,
//!   past midnight or a change of the clock. An entry that the clock showed twice is the earlier one unless only the
//!   later one agrees with `vru_exit`; an entry that it never showed is that of a clock that was not set.

use serde::{Deserialize, Serialize};

use super::Tally;
use super::text::{self, Read, broken};
use crate::error::{Error, Refusal, RefusalCode};
use crate::operations::contact::{
    ContactFacts, ContactRecord, ContactSink, Direction, Handle, Outcome, RawId, RawKind, RawRow, RowIssue, SourceKey,
};
use crate::operations::local::{LocalClock, Reading, Zone, days_of};

const COLUMNS: [&str; 17] = [
    "vru+line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
    "vru_exit",
    "vru_time",
    "q_start",
    "q_exit",
    "q_time",
    "outcome",
    "ser_start",
    "ser_exit",
    "ser_time",
    "server",
];

/// Parser of the format. Serialises between any two rows; what it remembers is the zone and whether the header has
/// been seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "State", into = "State")]
pub struct AnonymousBank {
    header_seen: bool,
    clock: LocalClock,
    /// The last date read, as text and as days since 1970: most rows repeat it.
    last_date: ([u8; 6], i64),
}

#[derive(Serialize, Deserialize)]
struct State {
    zone: Zone,
    header_seen: bool,
}
impl From<State> for AnonymousBank {
    fn from(s: State) -> Self {
        Self { header_seen: s.header_seen, ..Self::new(s.zone) }
    }
}
impl From<AnonymousBank> for State {
    fn from(p: AnonymousBank) -> Self {
        Self { zone: p.clock.zone(), header_seen: p.header_seen }
    }
}

/// One row as the file gives it; times in seconds since midnight.
struct Row<'a> {
    line: &'a str,
    call: &'a str,
    end_customer: &'a str,
    priority: u8,
    kind: &'a str,
    date: &'a str,
    day: i64,
    vru: Span,
    queue: Span,
    outcome: Outcome,
    service: Span,
    server: &'a str,
}

/// Two times of day and the seconds between them, as the source counted them.
#[derive(Clone, Copy)]
struct Span {
    start: i64,
    exit: i64,
    seconds: i64,
}

impl Span {
    /// All three are zero: it never took place.
    const fn is_absent(self) -> bool {
        self.start == 0 && self.seconds == 0
    }
}

impl AnonymousBank {
    /// A parser that reads wall-clock times in `zone`.
    pub const fn new(zone: Zone) -> Self {
        Self { header_seen: false, clock: LocalClock::new(zone), last_date: ([0; 6], 0) }
    }

    pub(super) const fn header_seen(&self) -> bool {
        self.header_seen
    }

    pub(super) fn forget_header(&mut self) {
        self.header_seen = false;
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// `call-file-header` when the first line is not the header of the format; nothing of the file was read then.
    pub(super) fn line<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &str,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<(), Error> {
        if !self.header_seen {
            if !line.split('\t').map(str::trim).eq(COLUMNS) {
                return Err(Refusal::new(RefusalCode::Invalid, "call-file-header")
                    .at("file")
                    .with("expected", COLUMNS.join(" "))
                    .into());
            }
            self.header_seen = true;
            return Ok(());
        }
        tally.rows += 1;
        match self.contact(number, line, tally, sink) {
            Ok(()) => tally.contacts += 1,
            Err(issue) => {
                tally.issues += 1;
                sink.issue(&issue, RawRow::new(line));
            }
        }
        Ok(())
    }

    fn contact<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &str,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<(), RowIssue> {
        let row = self.row(number, line)?;
        let entry = self.clock.read(row.day * 86_400 + row.vru.start);
        let disagree = |field: &'static str| broken(number, field, "row-times-disagree");

        let entered = self.entered(entry, row.vru).ok_or_else(|| disagree("vru_time"))?;
        match entry {
            Reading::Once(_) => {}
            Reading::Twice(..) => tally.times_shown_twice += 1,
            Reading::Never(_) => tally.times_never_shown += 1,
        }
        let queued = entered + row.vru.seconds;
        let left_queue = if row.queue.is_absent() {
            queued
        } else {
            self.end_of(queued, row.queue).ok_or_else(|| disagree("q_time"))?
        };
        let service_end = if row.service.is_absent() {
            left_queue
        } else {
            self.end_of(left_queue, row.service).ok_or_else(|| disagree("ser_time"))?
        };

        let never_queued = row.queue.is_absent();
        let outcome = if row.outcome == Outcome::Abandoned && never_queued { Outcome::NotOffered } else { row.outcome };
        let duration = |s: i64, field: &'static str| text::duration(s).map_err(|rule| broken(number, field, rule));
        let wait_s = duration(row.queue.seconds, "q_time")?;
        let service_s = duration(row.service.seconds, "ser_time")?;
        let answered = outcome == Outcome::Answered;
        let handle = (answered || service_s > 0).then_some(Handle {
            total_s: service_s,
            talk_s: Some(service_s),
            hold_s: None,
            wrap_s: None,
        });

        let agent = (row.server != "NO_SERVER").then(|| sink.pseudonym(RawKind::Agent, RawId::new(row.server)));
        let end_customer =
            (row.end_customer != "0").then(|| sink.pseudonym(RawKind::EndCustomer, RawId::new(row.end_customer)));
        sink.contact(&ContactRecord {
            row: number,
            key: SourceKey::of(&[b"anonymous_bank", row.date.as_bytes(), row.line.as_bytes(), row.call.as_bytes()]),
            queue: row.kind,
            facts: ContactFacts {
                direction: if row.kind == "TT" { Direction::Outbound } else { Direction::Inbound },
                outcome,
                provisional: false,
                entered_at: entered * 1000,
                queued_at: queued * 1000,
                answered_at: answered.then_some((service_end - row.service.seconds) * 1000),
                ended_at: Some(service_end * 1000),
                wait_s,
                handle,
            },
            agent,
            end_customer,
            priority: row.priority,
        });
        Ok(())
    }

    /// The instant of entry at which entry, exit and the seconds between agree.
    fn entered(&mut self, entry: Reading, vru: Span) -> Option<i64> {
        let mut agrees = |s: i64| (self.clock.wall_at(s + vru.seconds) - vru.exit).rem_euclid(86_400) == 0;
        match entry {
            Reading::Once(s) | Reading::Never(s) => agrees(s).then_some(s),
            Reading::Twice(early, late) => agrees(early).then_some(early).or_else(|| agrees(late).then_some(late)),
        }
    }

    /// The instant a span ends that begins about `near`, if its exit agrees with its seconds.
    fn end_of(&mut self, near: i64, span: Span) -> Option<i64> {
        let end = self.clock.nearest(near, span.start) + span.seconds;
        ((self.clock.wall_at(end) - span.exit).rem_euclid(86_400) == 0).then_some(end)
    }

    fn row<'a>(&mut self, number: u64, line: &'a str) -> Result<Row<'a>, RowIssue> {
        let mut fields = [""; 17];
        let mut found = 0_usize;
        for field in line.split('\t') {
            if let Some(slot) = fields.get_mut(found) {
                *slot = field.trim_matches(' ');
            }
            found += 1;
        }
        if found != fields.len() {
            return Err(RowIssue::new(number, "", "row-field-count")
                .with("expected", fields.len())
                .with("found", found));
        }
        let [
            vru_line,
            call,
            end_customer,
            priority,
            kind,
            date,
            vru_entry,
            vru_exit,
            vru_time,
            q_start,
            q_exit,
            q_time,
            outcome,
            ser_start,
            ser_exit,
            ser_time,
            server,
        ] = fields;
        let at = |field: &'static str| move |rule: &'static str| broken(number, field, rule);
        text::code(vru_line).map_err(at("vru+line"))?;
        text::code(call).and_then(text::whole).map_err(at("call_id"))?;
        customer_id(end_customer).map_err(at("customer_id"))?;
        text::code(kind).map_err(at("type"))?;
        text::code(server).map_err(at("server"))?;
        Ok(Row {
            line: vru_line,
            call,
            end_customer,
            priority: match priority {
                "0" => 0,
                "1" => 1,
                "2" => 2,
                "" => return Err(at("priority")("row-value-missing")),
                _ => return Err(at("priority")("row-priority-invalid")),
            },
            kind,
            date,
            day: self.day(date).map_err(at("date"))?,
            vru: span((vru_entry, vru_exit, vru_time), ["vru_entry", "vru_exit", "vru_time"], number)?,
            queue: span((q_start, q_exit, q_time), ["q_start", "q_exit", "q_time"], number)?,
            outcome: match outcome {
                "AGENT" => Outcome::Answered,
                "HANG" => Outcome::Abandoned,
                "PHANTOM" => Outcome::Ignored,
                "" => return Err(at("outcome")("row-value-missing")),
                _ => return Err(at("outcome")("row-outcome-unknown")),
            },
            service: span((ser_start, ser_exit, ser_time), ["ser_start", "ser_exit", "ser_time"], number)?,
            server,
        })
    }

    /// Days since 1970 of `YYMMDD`; years 70 to 99 are 1970 to 1999.
    fn day(&mut self, text: &str) -> Read<i64> {
        let Ok(digits) = <[u8; 6]>::try_from(text.as_bytes()) else {
            return Err(if text.is_empty() { "row-value-missing" } else { "row-date-invalid" });
        };
        if self.last_date.0 == digits {
            return Ok(self.last_date.1);
        }
        let [y1, y2, m1, m2, d1, d2] = digits;
        let date = text::pair(y1, y2).zip(text::pair(m1, m2)).zip(text::pair(d1, d2)).and_then(|((y, m), d)| {
            let year = i32::try_from(if y < 70 { 2000 + y } else { 1900 + y }).ok()?;
            chrono::NaiveDate::from_ymd_opt(year, u32::try_from(m).ok()?, u32::try_from(d).ok()?)
        });
        let day = days_of(date.ok_or("row-date-invalid")?);
        self.last_date = (digits, day);
        Ok(day)
    }
}

/// Digits, or what a spreadsheet makes of many digits.
fn customer_id(text: &str) -> Read<&str> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'E' | b'+'));
    if plain && text.starts_with(|c: char| c.is_ascii_digit()) {
        text::code(text)
    } else {
        Err(if text.is_empty() { "row-value-missing" } else { "row-number-invalid" })
    }
}

fn span((start, exit, seconds): (&str, &str, &str), fields: [&'static str; 3], number: u64) -> Result<Span, RowIssue> {
    let at = |field: &'static str| move |rule: &'static str| broken(number, field, rule);
    let [start_field, exit_field, seconds_field] = fields;
    let seconds = text::signed(seconds).map_err(at(seconds_field))?;
    if seconds.unsigned_abs() > u64::from(text::MAX_DURATION_S) {
        return Err(at(seconds_field)("row-duration-too-long"));
    }
    Ok(Span {
        start: text::time_of_day(start).map_err(at(start_field))?,
        exit: text::time_of_day(exit).map_err(at(exit_field))?,
        seconds,
    })
}
