//! How many agents were busy at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contact::{ContactFacts, Outcome};

/// Begins and ends of handled contacts, added up by instant: exact for contacts in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy(BTreeMap<i64, i64>);

impl Busy {
    /// Of no contacts.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a contact: its agent is busy from the answer for the whole handle time, the end excluded.
    pub fn count(&mut self, c: &ContactFacts) {
        if let (Outcome::Answered, Some(from), Some(handle)) = (c.outcome, c.answered_at, c.handle)
            && handle.total_s > 0
        {
            *self.0.entry(from).or_insert(0) += 1;
            *self.0.entry(from + i64::from(handle.total_s) * 1000).or_insert(0) -= 1;
        }
    }
    /// Adds the contacts of another.
    pub fn merge(&mut self, other: &Self) {
        for (at, change) in &other.0 {
            *self.0.entry(*at).or_insert(0) += change;
        }
    }
    /// The most agents busy at once, and since when (milliseconds since 1970 UTC; the first time if more than once).
    pub fn peak(&self) -> Option<(i64, i64)> {
        let mut now = 0;
        let mut best = None;
        for (at, change) in &self.0 {
            now += change;
            if best.is_none_or(|(most, _)| now > most) {
                best = Some((now, *at));
            }
        }
        best
    }
}
