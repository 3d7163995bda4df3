//! Sources of contacts: call records as other systems write them.
//!
//! A [`CallFile`] takes decoded text in pieces of any size and gives contacts and issues to a sink. It holds one
//! line at most (and, for an event log, the calls that are open), so the size of the file does not matter. Between
//! any two pieces it gives a [`Checkpoint`]; a file begun again from there gives the same contacts as one read at
//! once.

mod anonymous_bank;
mod csv_mapping;
mod fields;
mod generic_csv;
mod lines;
mod queue_log;
mod text;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

pub use anonymous_bank::AnonymousBank;
pub use csv_mapping::{CsvMapping, QueueFrom, TimeColumn, TimeFormat, ValueColumn};
pub use generic_csv::GenericCsv;
pub use lines::MAX_LINE_BYTES;
pub use queue_log::{OpenCall, QueueLog};

use self::lines::{Lines, Piece};
use crate::error::{Refusal, RefusalCode, Result};
use crate::operations::contact::{ContactSink, RawRow, RowIssue};

/// The formats, by their stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The "Anonymous Bank" call file.
    AnonymousBank,
    /// The `queue_log` of Asterisk.
    AsteriskQueueLog,
    /// Any delimited file with a header, by a declared mapping of its columns.
    GenericCsv,
}

impl Format {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnonymousBank => "anonymous_bank",
            Self::AsteriskQueueLog => "asterisk_queue_log",
            Self::GenericCsv => "generic_csv",
        }
    }
}

/// A parser of one format.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum CallParser {
    /// The "Anonymous Bank" call file.
    AnonymousBank(AnonymousBank),
    /// The `queue_log` of Asterisk.
    AsteriskQueueLog(QueueLog),
    /// Any delimited file, by a mapping.
    GenericCsv(Box<GenericCsv>),
}

impl CallParser {
    /// Which format.
    pub const fn format(&self) -> Format {
        match self {
            Self::AnonymousBank(_) => Format::AnonymousBank,
            Self::AsteriskQueueLog(_) => Format::AsteriskQueueLog,
            Self::GenericCsv(_) => Format::GenericCsv,
        }
    }
    /// The parser for the file that follows a finished one (rotation): calls that are open go on, a header is
    /// awaited again.
    #[must_use]
    pub fn for_next_file(mut self) -> Self {
        match &mut self {
            Self::AnonymousBank(p) => p.forget_header(),
            Self::AsteriskQueueLog(_) => {}
            Self::GenericCsv(p) => p.forget_header(),
        }
        self
    }
    /// Calls that have begun and not ended, oldest first. Only an event log has such.
    pub fn open_calls(&self) -> Vec<OpenCall> {
        match self {
            Self::AsteriskQueueLog(p) => p.open_calls(),
            _ => Vec::new(),
        }
    }
    /// Whether a file that begins with this line follows the one this parser has read, so that its open calls go on
    /// there. Only an event log has such.
    pub fn continues_with(&self, line: &str) -> bool {
        match self {
            Self::AsteriskQueueLog(p) => p.continues_with(line),
            _ => false,
        }
    }
    fn line<S: ContactSink + ?Sized>(
        &mut self,
        number: u64,
        line: &str,
        tally: &mut Tally,
        sink: &mut S,
    ) -> Result<()> {
        match self {
            Self::AnonymousBank(p) => p.line(number, line, tally, sink),
            Self::AsteriskQueueLog(p) => p.line(number, line, tally, sink),
            Self::GenericCsv(p) => p.line(number, line, tally, sink),
        }
    }
    fn end<S: ContactSink + ?Sized>(&mut self, number: u64, tally: &mut Tally, sink: &mut S) -> Result<()> {
        let nothing_read = match self {
            Self::AnonymousBank(p) => !p.header_seen(),
            Self::AsteriskQueueLog(p) => {
                p.give_provisional(number, tally, sink);
                tally.rows == 0 && tally.issues == 0
            }
            Self::GenericCsv(p) => {
                p.end(tally, sink)?;
                !p.header_seen()
            }
        };
        if nothing_read {
            return Err(Refusal::new(RefusalCode::Required, "call-file-empty").at("file").into());
        }
        Ok(())
    }
    /// The parser as it was before a record that is only half there, if there is one.
    fn before_half_record(&self) -> Self {
        let mut copy = self.clone();
        if let Self::GenericCsv(p) = &mut copy {
            p.drop_half_record();
        }
        copy
    }
    /// First line of a record that has not ended.
    fn half_record_from(&self) -> Option<u64> {
        match self {
            Self::GenericCsv(p) => p.half_record_from(),
            _ => None,
        }
    }
}

/// What was seen in a file so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records (event log: lines), header and blank lines left out.
    pub rows: u64,
    /// Contacts given that are final.
    pub contacts: u64,
    /// Contacts given as provisional at the end of the file.
    pub provisional: u64,
    /// Issues given.
    pub issues: u64,
    /// Start times that the local clock showed twice; the earlier instant was taken unless the row said otherwise.
    pub times_shown_twice: u64,
    /// Start times that the local clock never showed; read as by a clock that was not set.
    pub times_never_shown: u64,
    /// Lines of an event log by event.
    pub events: BTreeMap<String, u64>,
}

/// Where a file can be taken up again: everything before `position` has been given to the sink.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Bytes of decoded (UTF-8) text to skip.
    pub position: u64,
    /// Lines before that position.
    pub lines: u64,
    /// What was seen so far.
    pub tally: Tally,
    /// The parser's memory.
    pub parser: CallParser,
}

/// A file of call records on its way through a parser.
#[derive(Clone, Debug)]
pub struct CallFile {
    parser: CallParser,
    lines: Lines,
    tally: Tally,
    /// Position and lines at the end of the last whole record.
    boundary: (u64, u64),
    /// Position and lines before each line of a record that has not ended.
    starts: VecDeque<(u64, u64)>,
}

impl CallFile {
    /// A file from its beginning.
    pub fn new(parser: CallParser) -> Self {
        Self { parser, lines: Lines::at(0, 0), tally: Tally::default(), boundary: (0, 0), starts: VecDeque::new() }
    }

    /// A file taken up again. The caller feeds the decoded text from [`Checkpoint::position`] on.
    pub fn resume(at: Checkpoint) -> Self {
        Self {
            parser: at.parser,
            lines: Lines::at(at.position, at.lines),
            tally: at.tally,
            boundary: (at.position, at.lines),
            starts: VecDeque::new(),
        }
    }

    /// Takes the next piece of decoded text; it may end anywhere, also inside a line.
    ///
    /// # Errors
    /// Only what condemns the whole file, before its first row: `call-file-header`, `csv-column-missing`,
    /// `csv-column-doubled`. A bad row goes to the sink.
    pub fn push<S: ContactSink + ?Sized>(&mut self, text: &str, sink: &mut S) -> Result<()> {
        for raw in text.split_inclusive('\n') {
            self.take(raw, sink)?;
        }
        Ok(())
    }

    /// Ends the file: reads a last line without a line end, gives the contacts that are open as provisional.
    ///
    /// # Errors
    /// As [`push`](Self::push), and `call-file-empty` when there was nothing to read.
    pub fn finish<S: ContactSink + ?Sized>(&mut self, sink: &mut S) -> Result<()> {
        if self.lines.has_partial() {
            self.take("\n", sink)?;
        }
        self.parser.end(self.lines.number(), &mut self.tally, sink)
    }

    /// Where the file can be taken up again after what was pushed so far.
    pub fn checkpoint(&self) -> Checkpoint {
        let (position, lines) = self.boundary;
        Checkpoint { position, lines, tally: self.tally.clone(), parser: self.parser.before_half_record() }
    }

    /// The place of [`checkpoint`](Self::checkpoint) alone.
    pub const fn checkpoint_position(&self) -> u64 {
        self.boundary.0
    }

    /// What was seen so far.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The parser.
    pub const fn parser(&self) -> &CallParser {
        &self.parser
    }

    /// The parser for the file that follows (rotation).
    #[must_use]
    pub fn into_next(self) -> CallParser {
        self.parser.for_next_file()
    }

    fn take<S: ContactSink + ?Sized>(&mut self, raw: &str, sink: &mut S) -> Result<()> {
        let Self { parser, lines, tally, boundary, starts } = self;
        let before = (lines.position(), lines.number());
        let number = before.1 + 1;
        match lines.take(raw) {
            Piece::Partial => return Ok(()),
            // A blank line holds nothing, unless it stands inside a quoted field.
            Piece::Line(line) if line.trim().is_empty() && parser.half_record_from().is_none() => {}
            Piece::Line(line) => parser.line(number, line, tally, sink)?,
            Piece::TooLong(start) => {
                tally.rows += 1;
                tally.issues += 1;
                let issue = RowIssue::new(number, "", "row-too-long").with("limit", MAX_LINE_BYTES);
                sink.issue(&issue, RawRow::new(start));
            }
        }
        lines.done();
        match parser.half_record_from() {
            None => {
                *boundary = (lines.position(), lines.number());
                starts.clear();
            }
            Some(first) => {
                starts.push_back(before);
                starts.retain(|(_, lines)| *lines + 1 >= first);
                *boundary = starts.front().copied().unwrap_or(before);
            }
        }
        Ok(())
    }
}
