//! The books: entries in order, each fact booked once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::{Booking, Calendar, Entry, Fact, Kind, Positions, Posting, PostingKey, ReopenReason, Stamp, post};

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It was booked, with so many entries; none where it comes to nothing or only plans.
    New(usize),
    /// It was booked before, and nothing was added.
    Known,
}

/// The books of one park.
#[derive(Clone, Debug)]
pub struct Books {
    calendar: Calendar,
    entries: Vec<Entry>,
    by_key: BTreeMap<PostingKey, usize>,
    facts: BTreeMap<PostingKey, String>,
    reversed: BTreeSet<PostingKey>,
    positions: Positions,
}

impl Books {
    /// Empty books that begin with a month.
    pub fn since(month: Month) -> Self {
        Self {
            calendar: Calendar::since(month),
            entries: Vec::new(),
            by_key: BTreeMap::new(),
            facts: BTreeMap::new(),
            reversed: BTreeSet::new(),
            positions: Positions::default(),
        }
    }
    /// The entries, in order of their numbers.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    /// Where everything stands.
    pub const fn positions(&self) -> &Positions {
        &self.positions
    }
    /// Which months are open.
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }
    /// The entry with this key.
    pub fn entry(&self, key: &PostingKey) -> Option<&Entry> {
        self.by_key.get(key).and_then(|at| self.entries.get(*at))
    }
    /// As [`Calendar::begin_closing`].
    ///
    /// # Errors
    /// `book-month-closed`.
    pub fn begin_closing(&mut self, month: Month, kinds: BTreeSet<Kind>) -> Result<(), Refusal> {
        self.calendar.begin_closing(month, kinds)
    }
    /// As [`Calendar::close`].
    ///
    /// # Errors
    /// `book-month-closed`, `book-month-not-next`.
    pub fn close(&mut self, month: Month) -> Result<(), Refusal> {
        self.calendar.close(month)
    }
    /// As [`Calendar::reopen`].
    ///
    /// # Errors
    /// `book-month-not-last`, `text-required`, `text-too-long`.
    pub fn reopen(&mut self, month: Month, reason: ReopenReason, note: &str) -> Result<()> {
        self.calendar.reopen(month, reason, note)
    }
    /// Books a fact: all of its entries, or none. A fact that was booked before adds nothing.
    ///
    /// # Errors
    /// `posting-key-taken` when another fact has its key; `entry-unknown`, `entry-reversed`, `entry-used` of a reversal; those
    /// of [`post`] and [`Posting::new`].
    pub fn book(&mut self, fact: &Fact, recorded_at: DateTime<Utc>) -> Result<Booked> {
        let (key, print) = (fact.key(), fact.fingerprint()?);
        if let Some(known) = self.facts.get(&key) {
            if *known == print {
                return Ok(Booked::Known);
            }
            let refusal = Refusal::new(RefusalCode::Conflict, "posting-key-taken");
            return Err(refusal.with("key", key.as_str()).into());
        }
        let reversed = if let Fact::Reversed(back) = fact { self.entry(&back.key) } else { None };
        let postings = post(fact, &self.positions, reversed)?;
        let mut next = self.positions.clone();
        let mut booked = Vec::with_capacity(postings.len());
        for posting in postings {
            let entry = self.entered(posting, booked.len(), recorded_at)?;
            next.fold(&entry)?;
            booked.push(entry);
        }
        // The rules refuse whatever they can name; what an entry that is taken back would leave is seen only here.
        if !next.sound() {
            let refusal = Refusal::new(RefusalCode::State, "entry-used");
            return Err(refusal.with("key", key.as_str()).into());
        }
        let count = booked.len();
        self.reversed.extend(booked.iter().filter_map(|entry| entry.head().reverses.clone()));
        for entry in booked {
            self.by_key.insert(entry.key().clone(), self.entries.len());
            self.entries.push(entry);
        }
        self.facts.insert(key, print);
        self.positions = next;
        Ok(Booked::New(count))
    }
    /// A posting as an entry of the books, after so many others of its fact.
    fn entered(&self, posting: Posting, after: usize, recorded_at: DateTime<Utc>) -> Result<Entry, Refusal> {
        let head = posting.head();
        if self.by_key.contains_key(&head.key) {
            let refusal = Refusal::new(RefusalCode::Conflict, "posting-key-taken");
            return Err(refusal.with("key", head.key.as_str()));
        }
        if let Some(back) = head.reverses.as_ref().filter(|back| self.reversed.contains(back)) {
            return Err(Refusal::new(RefusalCode::State, "entry-reversed").with("key", back.as_str()));
        }
        let number = u64::try_from(self.entries.len().saturating_add(after).saturating_add(1)).unwrap_or(u64::MAX);
        let booking: Booking = self.calendar.place(head.kind, head.day);
        Entry::book(posting, booking, Stamp { number, recorded_at }, &self.calendar)
    }
}
