//! Contacts by queue and quarter hour.
//!
//! A quarter hour is one of the park's wall clock and is named by the UTC instant at which it begins, so a day of a
//! clock change has 92 or 100 of them and none is ambiguous. A half hour is the sum of its two quarters, an hour of
//! its four; nothing is counted again.
//!
//! A longest wait cannot be taken back, so intervals are only ever added to. When a provisional contact is replaced
//! by its final record, the quarter hours of both ([`Intervals::quarter_of`]) are counted anew from their contacts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::contact::ContactFacts;
use super::local::LocalClock;
use super::sums::{Sums, Thresholds};

/// Which instant of a contact decides the interval it belongs to. Part of an indicator's definition: the two differ
/// for every contact that spends the turn of the quarter in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// When it reached the centre.
    Entered,
    /// When it asked for an agent. The usual one: service counts from there.
    #[default]
    Queued,
}

impl Basis {
    /// The instant, milliseconds since 1970 UTC.
    pub const fn of(self, c: &ContactFacts) -> i64 {
        match self {
            Self::Entered => c.entered_at,
            Self::Queued => c.queued_at,
        }
    }
}

/// Length of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// 15 minutes.
    Quarter,
    /// 30 minutes.
    Half,
    /// 60 minutes.
    Hour,
}

impl Slot {
    /// Seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Quarter => 900,
            Self::Half => 1800,
            Self::Hour => 3600,
        }
    }
}

/// One interval of one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval<'a> {
    /// The queue.
    pub queue: &'a str,
    /// Its beginning, milliseconds since 1970 UTC.
    pub start_ms: i64,
    /// What happened in it.
    pub sums: &'a Sums,
}

/// Contacts added up by queue and quarter hour. Intervals without contacts are absent.
#[derive(Clone, Debug)]
pub struct Intervals {
    clock: LocalClock,
    basis: Basis,
    thresholds: Thresholds,
    queues: BTreeMap<String, BTreeMap<i64, Sums>>,
}

impl Intervals {
    /// Of no contacts, on the clock of a park.
    pub const fn new(clock: LocalClock, basis: Basis, thresholds: Thresholds) -> Self {
        Self { clock, basis, thresholds, queues: BTreeMap::new() }
    }

    /// The quarter hour that a contact belongs to (milliseconds since 1970 UTC).
    pub fn quarter_of(&mut self, c: &ContactFacts) -> i64 {
        self.clock.slot_start(self.basis.of(c), Slot::Quarter.seconds())
    }

    /// Adds a contact; `named` tells whether its agent is known.
    pub fn count(&mut self, queue: &str, c: &ContactFacts, named: bool) {
        let start = self.quarter_of(c);
        let new = Sums::new(self.thresholds);
        if let Some(slots) = self.queues.get_mut(queue) {
            slots.entry(start).or_insert(new).count(c, named);
        } else {
            self.queues.entry(queue.to_owned()).or_default().entry(start).or_insert(new).count(c, named);
        }
    }

    /// Adds an interval that was counted before (a stored one, or one of another part of the stream).
    ///
    /// # Errors
    /// When its thresholds differ.
    pub fn add(&mut self, queue: &str, start_ms: i64, sums: &Sums) -> Result<(), super::sums::ThresholdsDiffer> {
        let slots = self.queues.entry(queue.to_owned()).or_default();
        slots.entry(start_ms).or_insert(Sums::new(self.thresholds)).add(sums)
    }

    /// Every quarter hour, by queue and time.
    pub fn iter(&self) -> impl Iterator<Item = Interval<'_>> {
        self.queues.iter().flat_map(|(queue, slots)| {
            slots.iter().map(move |(start_ms, sums)| Interval { queue, start_ms: *start_ms, sums })
        })
    }

    /// The same in longer slots of the same clock: sums of the quarters.
    #[must_use]
    pub fn by(&self, slot: Slot) -> Self {
        let mut longer = Self::new(self.clock.clone(), self.basis, self.thresholds);
        for i in self.iter() {
            let start = longer.clock.slot_start(i.start_ms, slot.seconds());
            longer.put(i.queue, start, i.sums);
        }
        longer
    }

    /// All queues together, under an empty queue name.
    #[must_use]
    pub fn all_queues(&self) -> Self {
        let mut all = Self::new(self.clock.clone(), self.basis, self.thresholds);
        for i in self.iter() {
            all.put("", i.start_ms, i.sums);
        }
        all
    }

    /// Sums of each civil day of the park, all queues together.
    pub fn days(&self) -> BTreeMap<NaiveDate, Sums> {
        let mut clock = self.clock.clone();
        let mut days: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
        for i in self.iter() {
            let sums = days.entry(clock.date(i.start_ms)).or_insert(Sums::new(self.thresholds));
            // All intervals here have these thresholds.
            let _same = sums.add(i.sums);
        }
        days
    }

    /// The sum of all intervals.
    pub fn total(&self) -> Sums {
        let mut total = Sums::new(self.thresholds);
        for i in self.iter() {
            let _same = total.add(i.sums);
        }
        total
    }

    /// Adds sums that have these thresholds because they come from intervals that do.
    fn put(&mut self, queue: &str, start_ms: i64, sums: &Sums) {
        let _same = self.add(queue, start_ms, sums);
    }
}
