//! Text in pieces of any size, into lines.

/// Longest line that is read. A longer one is reported with its beginning and skipped, so that a file without line
/// ends cannot fill the memory.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// A line splitter that counts.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// Lines that have ended.
    number: u64,
    /// Bytes of the lines that have ended.
    position: u64,
    partial: String,
    partial_bytes: u64,
    ended: u64,
}

/// What a piece made of the line.
pub(super) enum Piece<'a> {
    /// It has not ended yet.
    Partial,
    /// It has; without its line end.
    Line(&'a str),
    /// It has and was too long; its beginning.
    TooLong(&'a str),
}

impl Lines {
    /// A splitter that stands `position` bytes and `number` lines into a text.
    pub(super) const fn at(position: u64, number: u64) -> Self {
        Self { number, position, partial: String::new(), partial_bytes: 0, ended: 0 }
    }
    pub(super) const fn number(&self) -> u64 {
        self.number
    }
    pub(super) const fn position(&self) -> u64 {
        self.position
    }
    pub(super) const fn has_partial(&self) -> bool {
        self.partial_bytes > 0
    }

    /// Takes a piece that holds at most one line end, at its end. After a line, [`done`](Self::done) must follow.
    pub(super) fn take<'a>(&'a mut self, raw: &'a str) -> Piece<'a> {
        let bytes = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        let ended = raw.ends_with('\n');
        let first = self.position == 0 && self.partial_bytes == 0;
        if ended && self.partial_bytes == 0 {
            self.ended = bytes;
            return Self::whole(raw, first, bytes);
        }
        // Two ends of the limit: one kept byte more than it tells "too long".
        let room = (MAX_LINE_BYTES + 1).saturating_sub(self.partial.len());
        self.partial.push_str(raw.get(..raw.floor_char_boundary(room)).unwrap_or(""));
        self.partial_bytes = self.partial_bytes.saturating_add(bytes);
        if !ended {
            return Piece::Partial;
        }
        self.ended = self.partial_bytes;
        Self::whole(&self.partial, self.position == 0, self.partial_bytes)
    }

    fn whole(raw: &str, first: bool, bytes: u64) -> Piece<'_> {
        let line = raw.strip_suffix('\n').unwrap_or(raw);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = if first { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        if bytes > limit {
            return Piece::TooLong(line.get(..line.floor_char_boundary(MAX_LINE_BYTES)).unwrap_or(""));
        }
        Piece::Line(line)
    }

    /// The line that [`take`](Self::take) gave has been dealt with.
    pub(super) fn done(&mut self) {
        self.number += 1;
        self.position = self.position.saturating_add(self.ended);
        self.ended = 0;
        self.partial.clear();
        self.partial_bytes = 0;
    }
}
