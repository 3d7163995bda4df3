//! Everything that is asked about a stream of contacts, without keeping the contacts.
//!
//! A summary counts waits and handle times by the whole second, so that it knows the sums at any threshold, medians
//! and other order statistics exactly. Its size is bound by the number of different seconds, not of contacts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::contact::{ContactFacts, Outcome, Pseudonym};
use super::indicator::Ratio;
use super::sums::{Sums, Thresholds};

/// How many values of each whole second there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seconds(BTreeMap<u32, i64>);

impl Seconds {
    /// Counts a value.
    pub fn count(&mut self, seconds: u32) {
        *self.0.entry(seconds).or_insert(0) += 1;
    }
    /// Counts a value that occurred `n` times.
    pub fn add(&mut self, seconds: u32, n: i64) {
        *self.0.entry(seconds).or_insert(0) += n;
    }
    /// Adds other values.
    pub fn merge(&mut self, other: &Self) {
        for (s, n) in &other.0 {
            *self.0.entry(*s).or_insert(0) += n;
        }
    }
    /// Number of values.
    pub fn len(&self) -> i64 {
        self.0.values().sum()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Sum of the values, in seconds.
    pub fn sum(&self) -> i64 {
        self.0.iter().map(|(s, n)| i64::from(*s) * n).sum()
    }
    /// Number of values up to and including a limit.
    pub fn within(&self, limit: u32) -> i64 {
        self.0.range(..=limit).map(|(_, n)| n).sum()
    }
    /// The largest value.
    pub fn max(&self) -> Option<u32> {
        self.0.last_key_value().map(|(s, _)| *s)
    }
    /// The value at a place in ascending order, from 0.
    pub fn nth(&self, place: i64) -> Option<u32> {
        let mut left = place;
        self.0.iter().find_map(|(s, n)| {
            left -= n;
            (left < 0).then_some(*s)
        })
    }
    /// The median: the middle value, or the mean of the two middle ones (hence over 2).
    pub fn median(&self) -> Option<Ratio> {
        let n = self.len();
        let (low, high) = (self.nth((n - 1).max(0) / 2)?, self.nth(n / 2)?);
        Some(Ratio::new(i64::from(low) + i64::from(high), 2))
    }
    /// The smallest value that at least `percent` of all values do not exceed (nearest rank).
    pub fn percentile(&self, percent: u8) -> Option<u32> {
        let rank = (self.len() * i64::from(percent.min(100)) + 99) / 100;
        self.nth((rank - 1).max(0))
    }
}

/// Exact counts of a stream of contacts. Two summaries of disjoint streams merge into that of both, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    not_offered: i64,
    ignored: i64,
    open: i64,
    /// Waits by how they ended.
    wait_answered: Seconds,
    wait_abandoned: Seconds,
    wait_overflowed: Seconds,
    /// Handle times of answered contacts, where known.
    handle: Seconds,
    talk_s: i64,
    hold_s: i64,
    wrap_s: i64,
    handled_named: i64,
    handle_named_s: i64,
    agents: BTreeSet<Pseudonym>,
}

impl Summary {
    /// Of no contacts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a contact and the agent who answered it, if known.
    pub fn count(&mut self, c: &ContactFacts, agent: Option<Pseudonym>) {
        match c.outcome {
            Outcome::Answered => {
                self.wait_answered.count(c.wait_s);
                self.agents.extend(agent);
                if let Some(handle) = c.handle {
                    let part = |p: Option<u32>| i64::from(p.unwrap_or(0));
                    self.handle.count(handle.total_s);
                    self.talk_s += part(handle.talk_s);
                    self.hold_s += part(handle.hold_s);
                    self.wrap_s += part(handle.wrap_s);
                    if agent.is_some() {
                        self.handled_named += 1;
                        self.handle_named_s += i64::from(handle.total_s);
                    }
                }
            }
            Outcome::Abandoned => self.wait_abandoned.count(c.wait_s),
            Outcome::Overflowed => self.wait_overflowed.count(c.wait_s),
            Outcome::NotOffered => self.not_offered += 1,
            Outcome::Ignored => self.ignored += 1,
            Outcome::Open => self.open += 1,
        }
    }

    /// Adds `n` contacts of an outcome and wait that were counted elsewhere; handle times come by
    /// [`count_handles`](Self::count_handles).
    pub fn count_waits(&mut self, outcome: Outcome, wait_s: u32, n: i64) {
        match outcome {
            Outcome::Answered => self.wait_answered.add(wait_s, n),
            Outcome::Abandoned => self.wait_abandoned.add(wait_s, n),
            Outcome::Overflowed => self.wait_overflowed.add(wait_s, n),
            Outcome::NotOffered => self.not_offered += n,
            Outcome::Ignored => self.ignored += n,
            Outcome::Open => self.open += n,
        }
    }

    /// Adds the handle time of `n` answered contacts that were counted elsewhere; `named` tells whether their agents
    /// are known.
    pub fn count_handles(&mut self, handle_s: u32, named: bool, n: i64) {
        self.handle.add(handle_s, n);
        if named {
            self.handled_named += n;
            self.handle_named_s += i64::from(handle_s) * n;
        }
    }

    /// Adds the contacts of another summary.
    pub fn merge(&mut self, other: &Self) {
        // Taken apart by name, so that a new count cannot be forgotten here.
        let Self {
            not_offered,
            ignored,
            open,
            wait_answered,
            wait_abandoned,
            wait_overflowed,
            handle,
            talk_s,
            hold_s,
            wrap_s,
            handled_named,
            handle_named_s,
            agents,
        } = other;
        self.not_offered += not_offered;
        self.ignored += ignored;
        self.open += open;
        self.wait_answered.merge(wait_answered);
        self.wait_abandoned.merge(wait_abandoned);
        self.wait_overflowed.merge(wait_overflowed);
        self.handle.merge(handle);
        self.talk_s += talk_s;
        self.hold_s += hold_s;
        self.wrap_s += wrap_s;
        self.handled_named += handled_named;
        self.handle_named_s += handle_named_s;
        self.agents.extend(agents);
    }

    /// The sums at any thresholds; equal to adding the same contacts to [`Sums`] one by one.
    pub fn sums(&self, thresholds: Thresholds) -> Sums {
        let (answered, abandoned, overflowed) =
            (self.wait_answered.len(), self.wait_abandoned.len(), self.wait_overflowed.len());
        let offered = answered + abandoned + overflowed;
        let waits = [&self.wait_answered, &self.wait_abandoned, &self.wait_overflowed];
        Sums {
            thresholds,
            contacts: offered + self.not_offered + self.ignored + self.open,
            offered,
            answered,
            abandoned,
            overflowed,
            not_offered: self.not_offered,
            ignored: self.ignored,
            open: self.open,
            answered_within: self.wait_answered.within(thresholds.service_s),
            abandoned_within: self.wait_abandoned.within(thresholds.service_s),
            abandoned_short: self.wait_abandoned.within(thresholds.short_abandon_s),
            answered_waited: answered - self.wait_answered.within(0),
            wait_answered_s: self.wait_answered.sum(),
            wait_abandoned_s: self.wait_abandoned.sum(),
            wait_overflowed_s: self.wait_overflowed.sum(),
            longest_wait_s: waits.into_iter().filter_map(Seconds::max).max().map_or(0, i64::from),
            handled: self.handle.len(),
            handle_s: self.handle.sum(),
            talk_s: self.talk_s,
            hold_s: self.hold_s,
            wrap_s: self.wrap_s,
            handled_named: self.handled_named,
            handle_named_s: self.handle_named_s,
            handled_suspect: match thresholds.suspect_handle_s.checked_sub(1) {
                Some(below) => self.handle.within(below),
                None => 0,
            },
        }
    }

    /// Handle times of answered contacts.
    pub const fn handle_times(&self) -> &Seconds {
        &self.handle
    }
    /// Waits of answered contacts.
    pub const fn answered_waits(&self) -> &Seconds {
        &self.wait_answered
    }
    /// Waits of abandoned contacts.
    pub const fn abandoned_waits(&self) -> &Seconds {
        &self.wait_abandoned
    }
    /// Number of different agents who answered.
    pub fn distinct_agents(&self) -> usize {
        self.agents.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics_are_exact() {
        let mut s = Seconds::default();
        assert_eq!((s.median(), s.percentile(90), s.max()), (None, None, None));
        for v in [5, 1, 9, 5] {
            s.count(v);
        }
        assert_eq!(s.median(), Some(Ratio::new(10, 2)));
        s.count(100);
        assert_eq!(s.median(), Some(Ratio::new(10, 2)));
        assert_eq!(
            (s.percentile(0), s.percentile(80), s.percentile(81), s.max()),
            (Some(1), Some(9), Some(100), Some(100))
        );
        assert_eq!((s.len(), s.sum(), s.within(5)), (5, 120, 3));
    }
}
