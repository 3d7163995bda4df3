//! The `queue_log` of Asterisk: one event a line, `epoch|uniqueid|queue|member|EVENT|params`.
//!
//! Format: docs.asterisk.org, "Queue Logs". A contact is one stay of a call in one queue, from ENTERQUEUE to the
//! event that ends the stay:
//! - CONNECT and then COMPLETEAGENT, COMPLETECALLER or a transfer: answered. Wait is the logged hold time, handle time
//!   the logged talk time; the format has no hold during the call and no wrap-up.
//! - ABANDON: abandoned. EXITWITHTIMEOUT, EXITEMPTY, EXITWITHKEY: overflowed.
//!
//! Events of several calls are mixed, so a stay is found by call id and queue. A call may enter several queues, and
//! one queue more than once; a stay is identified by call id, queue and the second of its entry. Every event that
//! ends a stay says how long it was, so a stay whose beginning is in a lost file is still known, by the same key.
//!
//! A file is cut at rotation. Calls that are open then stay in the parser for the next file; meanwhile they are
//! given as provisional: waiting ones as open, connected ones as answered without a handle time. A call that is
//! still open when the telephone system starts anew (QUEUESTART), or after a day, has no end in the log: it is given
//! for good as it stood, with an issue.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::Tally;
use super::text::{self, Read, broken};
use crate::error::{Refusal, RefusalCode, Result};
use crate::operations::contact::{
    ContactFacts, ContactRecord, ContactSink, Direction, Handle, Outcome, Pseudonym, RawId, RawKind, RawRow, RowIssue,
    SourceKey,
};

/// After this time without an end a call is given up: one day.
const OPEN_LIMIT_MS: i64 = 86_400_000;
/// How far the clock of a log may step back between two lines.
const STEP_BACK_MS: i64 = 5_000;
/// A file whose first lines are all broken is no log; one cut line at its beginning is.
const NONSENSE_ROWS: u64 = 10;
/// Names of events that are counted one by one; a log of nonsense must not fill the memory.
const MAX_EVENT_NAMES: usize = 64;

/// Parser of the format. Serialises between any two lines, open calls and all; what it keeps of people are
/// pseudonyms.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct QueueLog {
    /// By `uniqueid|queue`, as in the file.
    open: BTreeMap<String, Stay>,
    /// Stays that ended within the second of their entry, so that another entry in that second has its own key.
    short: Vec<ShortStay>,
    last_ms: i64,
    /// When the open calls were last looked through for lost ones.
    swept_ms: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stay {
    entered_ms: i64,
    /// How many stays of this call in this queue began in the same second before it.
    again: u32,
    end_customer: Option<Pseudonym>,
    connected: Option<Connected>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Connected {
    at_ms: i64,
    wait_s: u32,
    agent: Option<Pseudonym>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ShortStay {
    key: String,
    entered_ms: i64,
    count: u32,
}

/// A call that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCall {
    /// Call id in the source.
    pub call: String,
    /// Queue in the source's words.
    pub queue: String,
    /// Milliseconds since 1970 UTC of its entry.
    pub entered_at: i64,
    /// Milliseconds since 1970 UTC of the answer; `None` while it waits.
    pub answered_at: Option<i64>,
}

/// One line, cut at its bars.
struct Line<'a> {
    at_ms: i64,
    /// `uniqueid|queue`.
    key: &'a str,
    call: &'a str,
    queue: &'a str,
    member: &'a str,
    event: &'a str,
    params: Params<'a>,
}

/// Parameters of an event; a stray bar at the end adds none.
#[derive(Clone, Copy)]
struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    fn get(self, index: usize) -> Option<&'a str> {
        self.0.split('|').nth(index).filter(|p| !p.is_empty())
    }
    /// Counted from the end; 0 is the last.
    fn nth_last(self, index: usize) -> Option<&'a str> {
        self.0.rsplit('|').nth(index).filter(|p| !p.is_empty())
    }
    fn seconds(value: Option<&str>) -> Read<u32> {
        text::seconds(value.ok_or("row-value-missing")?)
    }
}

/// How a stay ended.
struct End {
    outcome: Outcome,
    wait_s: u32,
    talk_s: Option<u32>,
}

impl QueueLog {
    /// A parser with no open calls.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls that have begun and not ended, oldest first.
    pub fn open_calls(&self) -> Vec<OpenCall> {
        let mut list: Vec<OpenCall> = self
            .open
            .iter()
            .map(|(key, stay)| {
                let (call, queue) = key.split_once('|').unwrap_or((key, ""));
                OpenCall {
                    call: call.to_owned(),
                    queue: queue.to_owned(),
                    entered_at: stay.entered_ms,
                    answered_at: stay.connected.map(|c| c.at_ms),
                }
            })
            .collect();
        list.sort_by(|a, b| (a.entered_at, &a.call, &a.queue).cmp(&(b.entered_at, &b.call, &b.queue)));
        list
    }

    /// Whether an event of this line is not older than the last one that was read.
    pub(super) fn continues_with(&self, line: &str) -> bool {
        cut(line).is_ok_and(|event| event.at_ms >= self.last_ms)
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// `call-file-not-queue-log` when none of the first lines is one of the format.
    pub(super) fn line<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &str,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<()> {
        tally.rows += 1;
        let done = cut(line).map_err(|(field, rule)| broken(number, field, rule)).and_then(|cut| {
            count(&mut tally.events, cut.event);
            self.event(number, &cut, tally, sink)
        });
        if let Err(issue) = done {
            tally.issues += 1;
            sink.issue(&issue, RawRow::new(line));
        }
        if tally.rows == NONSENSE_ROWS && tally.issues == NONSENSE_ROWS {
            return Err(Refusal::new(RefusalCode::Invalid, "call-file-not-queue-log").at("file").into());
        }
        Ok(())
    }

    fn event<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &Line<'_>,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<(), RowIssue> {
        self.last_ms = self.last_ms.max(line.at_ms);
        if self.last_ms - self.swept_ms > OPEN_LIMIT_MS / 24 {
            self.swept_ms = self.last_ms;
            self.give_up(number, self.last_ms - OPEN_LIMIT_MS, tally, sink);
        }
        // An event long before the entry of its call belongs to another clock.
        let before_entry = |stay: &Stay| line.event != "ENTERQUEUE" && line.at_ms + STEP_BACK_MS < stay.entered_ms;
        if self.open.get(line.key).is_some_and(before_entry) {
            return Err(broken(number, "time", "queue-log-out-of-order"));
        }
        let params = line.params;
        let (wait, talk) = match line.event {
            "QUEUESTART" => {
                self.give_up(number, i64::MAX, tally, sink);
                return Ok(());
            }
            "ENTERQUEUE" => {
                self.enter(number, line, tally, sink);
                return Ok(());
            }
            "CONNECT" => {
                let wait_s = Params::seconds(params.get(0)).map_err(|rule| broken(number, "hold", rule))?;
                let agent = agent(line.member, sink);
                self.ensure_open(line, i64::from(wait_s) * 1000);
                if let Some(stay) = self.open.get_mut(line.key) {
                    stay.connected = Some(Connected { at_ms: line.at_ms, wait_s, agent });
                }
                return Ok(());
            }
            "COMPLETEAGENT" | "COMPLETECALLER" => (params.get(0), params.get(1)),
            "BLINDTRANSFER" | "TRANSFER" => (params.get(2), params.get(3)),
            // Its method has one or two data fields; the figures stand at the end.
            "ATTENDEDTRANSFER" => (params.nth_last(2), params.nth_last(1)),
            "ABANDON" | "EXITWITHTIMEOUT" | "EXITEMPTY" => (params.get(2), None),
            "EXITWITHKEY" => (params.get(3), None),
            _ => return Ok(()),
        };
        let outcome = match line.event {
            "ABANDON" => Outcome::Abandoned,
            "EXITWITHTIMEOUT" | "EXITEMPTY" | "EXITWITHKEY" => Outcome::Overflowed,
            _ => Outcome::Answered,
        };
        let end = self.end(line, outcome, wait, talk).map_err(|(field, rule)| broken(number, field, rule))?;
        // Nobody has talked for longer than the call is there: the row is cut or of another clock.
        let talked_before = |stay: &Stay| {
            let from = end.talk_s.map(|talk_s| line.at_ms - i64::from(talk_s) * 1000);
            stay.connected.is_none() && from.is_some_and(|from| from + STEP_BACK_MS < stay.entered_ms)
        };
        if self.open.get(line.key).is_some_and(talked_before) {
            return Err(broken(number, "talk", "queue-log-out-of-order"));
        }
        let length = i64::from(end.wait_s) + i64::from(end.talk_s.unwrap_or(0));
        let named = if outcome == Outcome::Answered { agent(line.member, sink) } else { None };
        self.ensure_open(line, length * 1000);
        let Some(mut stay) = self.open.remove(line.key) else { return Ok(()) };
        if let (Some(talk_s), None) = (end.talk_s, stay.connected) {
            stay.connected =
                Some(Connected { at_ms: line.at_ms - i64::from(talk_s) * 1000, wait_s: end.wait_s, agent: named });
        }
        if line.at_ms == stay.entered_ms {
            self.remember_short(line, &stay);
        }
        let handle = end.talk_s.map(|s| Handle { total_s: s, talk_s: Some(s), hold_s: None, wrap_s: None });
        let facts = facts(&stay, end.outcome, end.wait_s, handle, Some(line.at_ms), false);
        tally.contacts += 1;
        give(number, line.call, line.queue, &stay, facts, sink);
        Ok(())
    }

    /// What an event says about the end, completed by the entry where old logs leave the wait out.
    fn end(
        &self,
        line: &Line<'_>,
        outcome: Outcome,
        wait: Option<&str>,
        talk: Option<&str>,
    ) -> Result<End, (&'static str, &'static str)> {
        let known = self.open.get(line.key);
        if outcome != Outcome::Answered && known.is_some_and(|s| s.connected.is_some()) {
            return Err(("event", "queue-log-out-of-order"));
        }
        let since_entry = known.map(|s| (line.at_ms - s.entered_ms).max(0) / 1000);
        let wait_s = match (wait, since_entry) {
            (None, Some(s)) if outcome != Outcome::Answered => text::duration(s),
            (wait, _) => Params::seconds(wait),
        };
        let wait_s = wait_s.map_err(|rule| ("hold", rule))?;
        let talk_s = match outcome {
            Outcome::Answered => Some(Params::seconds(talk).map_err(|rule| ("talk", rule))?),
            _ => None,
        };
        Ok(End { outcome, wait_s, talk_s })
    }

    fn enter<S: ContactSink + ?Sized>(&mut self, number: u64, line: &Line<'_>, tally: &mut Tally, sink: &mut S) {
        if let Some(earlier) = self.open.remove(line.key) {
            // The end of the stay before is missing from the log.
            lost(number, line.call, line.queue, &earlier, "queue-log-entered-again", tally, sink);
            if earlier.entered_ms == line.at_ms {
                self.remember_short(line, &earlier);
            }
        }
        let end_customer = line
            .params
            .get(1)
            .filter(|id| {
                !matches!(
                    id.to_ascii_lowercase().as_str(),
                    "none" | "anonymous" | "unknown" | "<unknown>" | "unavailable"
                )
            })
            .map(|id| sink.pseudonym(RawKind::EndCustomer, RawId::new(id)));
        let again = self.again(line.key, line.at_ms);
        let stay = Stay { entered_ms: line.at_ms, again, end_customer, connected: None };
        self.open.insert(line.key.to_owned(), stay);
    }

    /// Opens the stay of an event whose beginning the log has lost: it began `length_ms` before the event.
    fn ensure_open(&mut self, line: &Line<'_>, length_ms: i64) {
        if !self.open.contains_key(line.key) {
            let entered_ms = line.at_ms - length_ms;
            let again = self.again(line.key, entered_ms);
            self.open.insert(line.key.to_owned(), Stay { entered_ms, again, end_customer: None, connected: None });
        }
    }

    fn again(&self, key: &str, entered_ms: i64) -> u32 {
        self.short.iter().find(|s| s.key == key && s.entered_ms == entered_ms).map_or(0, |s| s.count)
    }

    fn remember_short(&mut self, line: &Line<'_>, stay: &Stay) {
        let now = self.last_ms;
        self.short.retain(|s| s.entered_ms + STEP_BACK_MS >= now);
        match self.short.iter_mut().find(|s| s.key == line.key && s.entered_ms == stay.entered_ms) {
            Some(s) => s.count += 1,
            None => self.short.push(ShortStay { key: line.key.to_owned(), entered_ms: stay.entered_ms, count: 1 }),
        }
    }

    /// Gives up the open calls that began before `before_ms`.
    fn give_up<S: ContactSink + ?Sized>(&mut self, number: u64, before_ms: i64, tally: &mut Tally, sink: &mut S) {
        let mut gone: Vec<(String, Stay)> = self.open.extract_if(.., |_, stay| stay.entered_ms < before_ms).collect();
        gone.sort_by(|a, b| (a.1.entered_ms, &a.0).cmp(&(b.1.entered_ms, &b.0)));
        for (key, stay) in gone {
            let (call, queue) = key.split_once('|').unwrap_or((&key, ""));
            lost(number, call, queue, &stay, "queue-log-never-ended", tally, sink);
        }
    }

    /// Gives the open calls as provisional contacts, oldest first, and keeps them open.
    pub(super) fn give_provisional<S: ContactSink + ?Sized>(&self, number: u64, tally: &mut Tally, sink: &mut S) {
        let mut open: Vec<(&String, &Stay)> = self.open.iter().collect();
        open.sort_by(|a, b| (a.1.entered_ms, a.0).cmp(&(b.1.entered_ms, b.0)));
        for (key, stay) in open {
            let (call, queue) = key.split_once('|').unwrap_or((key, ""));
            tally.provisional += 1;
            give(number, call, queue, stay, as_it_stands(stay, self.last_ms, true), sink);
        }
    }
}

/// A stay that has not ended: connected is answered with an unknown handle time, else it waits.
fn as_it_stands(stay: &Stay, now_ms: i64, provisional: bool) -> ContactFacts {
    if let Some(c) = stay.connected {
        return facts(stay, Outcome::Answered, c.wait_s, None, None, provisional);
    }
    let so_far = text::duration((now_ms - stay.entered_ms).max(0) / 1000).unwrap_or(0);
    facts(stay, Outcome::Open, so_far, None, None, provisional)
}

/// Gives a stay whose end the log does not have, and says so.
fn lost<S: ContactSink + ?Sized>(
    number: u64,
    call: &str,
    queue: &str,
    stay: &Stay,
    rule: &'static str,
    tally: &mut Tally,
    sink: &mut S,
) {
    tally.contacts += 1;
    tally.issues += 1;
    give(number, call, queue, stay, as_it_stands(stay, stay.entered_ms, false), sink);
    let entered = chrono::DateTime::from_timestamp_millis(stay.entered_ms).unwrap_or_default();
    let issue =
        RowIssue::new(number, "event", rule).with("entered", entered.to_rfc3339_opts(SecondsFormat::Secs, true));
    // No row of its own is broken.
    sink.issue(&issue, RawRow::new(""));
}

fn facts(
    stay: &Stay,
    outcome: Outcome,
    wait_s: u32,
    handle: Option<Handle>,
    ended_at: Option<i64>,
    provisional: bool,
) -> ContactFacts {
    ContactFacts {
        direction: Direction::Inbound,
        outcome,
        provisional,
        entered_at: stay.entered_ms,
        queued_at: stay.entered_ms,
        answered_at: stay.connected.map(|c| c.at_ms),
        ended_at,
        wait_s,
        handle,
    }
}

fn give<S: ContactSink + ?Sized>(number: u64, call: &str, queue: &str, stay: &Stay, facts: ContactFacts, sink: &mut S) {
    let key = SourceKey::of(&[
        b"asterisk_queue_log",
        call.as_bytes(),
        queue.as_bytes(),
        &stay.entered_ms.div_euclid(1000).to_be_bytes(),
        &stay.again.to_be_bytes(),
    ]);
    sink.contact(&ContactRecord {
        row: number,
        key,
        queue,
        facts,
        agent: stay.connected.and_then(|c| c.agent),
        end_customer: stay.end_customer,
        priority: 0,
    });
}

fn agent<S: ContactSink + ?Sized>(member: &str, sink: &mut S) -> Option<Pseudonym> {
    (!member.is_empty() && member != "NONE").then(|| sink.pseudonym(RawKind::Agent, RawId::new(member)))
}

/// Cuts a line at its bars.
fn cut(line: &str) -> Result<Line<'_>, (&'static str, &'static str)> {
    let line = line.trim_ascii_end();
    let (at, rest) = line.split_once('|').ok_or(("", "row-cut-short"))?;
    let mut parts = rest.splitn(5, '|');
    let (Some(call), Some(queue), Some(member), Some(event)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(("", "row-cut-short"));
    };
    let at_ms = text::epoch_ms(at).map_err(|rule| ("time", rule))?;
    text::code(call).map_err(|rule| ("uniqueid", rule))?;
    text::code(queue).map_err(|rule| ("queue", rule))?;
    text::code(event).map_err(|rule| ("event", rule))?;
    let params = parts.next().unwrap_or("");
    let key = rest.get(..call.len() + 1 + queue.len()).unwrap_or(rest);
    Ok(Line { at_ms, key, call, queue, member, event, params: Params(params.strip_suffix('|').unwrap_or(params)) })
}

fn count(events: &mut BTreeMap<String, u64>, event: &str) {
    if let Some(n) = events.get_mut(event) {
        *n += 1;
        return;
    }
    let plain = event.len() <= 32 && event.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let name = if plain && events.len() < MAX_EVENT_NAMES { event } else { "OTHER" };
    *events.entry(name.to_owned()).or_insert(0) += 1;
}
