//! Counts and sums of contacts, from which every indicator of an interval, a day or a month follows by adding.

use serde::{Deserialize, Serialize};

use super::contact::{ContactFacts, Outcome};

/// The limits that some counts depend on, in whole seconds; "within" includes the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thresholds {
    /// A wait up to this is within the service level.
    pub service_s: u32,
    /// An abandoned wait up to this is a short one (wrong number, change of mind).
    pub short_abandon_s: u32,
    /// An answered contact shorter than this is a suspected hang-up by the agent.
    pub suspect_handle_s: u32,
}

impl Default for Thresholds {
    /// 20 s, 5 s, 10 s: the trade's usual ones.
    fn default() -> Self {
        Self { service_s: 20, short_abandon_s: 5, suspect_handle_s: 10 }
    }
}

/// Two sums with different thresholds cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sums with different thresholds")]
pub struct ThresholdsDiffer;

/// Counts and sums of some contacts. All are sums, but `longest_wait_s`, which is a maximum; so any two sums of
/// disjoint contacts make the sum of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// The limits used.
    pub thresholds: Thresholds,
    /// All rows, whatever their outcome.
    pub contacts: i64,
    /// Asked for an agent: answered + abandoned + overflowed.
    pub offered: i64,
    /// Answered.
    pub answered: i64,
    /// Abandoned.
    pub abandoned: i64,
    /// Taken out of the queue by the system.
    pub overflowed: i64,
    /// Ended before they asked for an agent.
    pub not_offered: i64,
    /// No real contacts.
    pub ignored: i64,
    /// Still waiting, or without a known end.
    pub open: i64,
    /// Answered within the service threshold.
    pub answered_within: i64,
    /// Abandoned within the service threshold.
    pub abandoned_within: i64,
    /// Abandoned within the short-abandon threshold.
    pub abandoned_short: i64,
    /// Answered after a wait of more than 0 s.
    pub answered_waited: i64,
    /// Seconds waited by answered contacts.
    pub wait_answered_s: i64,
    /// Seconds waited by abandoned contacts.
    pub wait_abandoned_s: i64,
    /// Seconds waited by overflowed contacts.
    pub wait_overflowed_s: i64,
    /// Longest wait of an offered contact, in seconds.
    pub longest_wait_s: i64,
    /// Answered contacts whose handle time is known.
    pub handled: i64,
    /// Their handle seconds.
    pub handle_s: i64,
    /// Their talk seconds, where the source has them.
    pub talk_s: i64,
    /// Their hold seconds, where the source has them.
    pub hold_s: i64,
    /// Their wrap-up seconds, where the source has them.
    pub wrap_s: i64,
    /// Those of them with a named agent.
    pub handled_named: i64,
    /// Handle seconds of those with a named agent.
    pub handle_named_s: i64,
    /// Those of them shorter than the suspect threshold.
    pub handled_suspect: i64,
}

impl Sums {
    /// Nothing, under these thresholds.
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, ..Self::default() }
    }

    /// Adds a contact; `named` tells whether its agent is known.
    pub fn count(&mut self, c: &ContactFacts, named: bool) {
        let limits = self.thresholds;
        let wait = i64::from(c.wait_s);
        self.contacts += 1;
        match c.outcome {
            Outcome::Answered => {
                self.answered += 1;
                self.answered_within += i64::from(c.wait_s <= limits.service_s);
                self.answered_waited += i64::from(c.wait_s > 0);
                self.wait_answered_s += wait;
                if let Some(handle) = c.handle {
                    let total = i64::from(handle.total_s);
                    let part = |p: Option<u32>| i64::from(p.unwrap_or(0));
                    self.handled += 1;
                    self.handle_s += total;
                    self.talk_s += part(handle.talk_s);
                    self.hold_s += part(handle.hold_s);
                    self.wrap_s += part(handle.wrap_s);
                    self.handled_named += i64::from(named);
                    self.handle_named_s += if named { total } else { 0 };
                    self.handled_suspect += i64::from(handle.total_s < limits.suspect_handle_s);
                }
            }
            Outcome::Abandoned => {
                self.abandoned += 1;
                self.abandoned_within += i64::from(c.wait_s <= limits.service_s);
                self.abandoned_short += i64::from(c.wait_s <= limits.short_abandon_s);
                self.wait_abandoned_s += wait;
            }
            Outcome::Overflowed => {
                self.overflowed += 1;
                self.wait_overflowed_s += wait;
            }
            Outcome::NotOffered => self.not_offered += 1,
            Outcome::Ignored => self.ignored += 1,
            Outcome::Open => self.open += 1,
        }
        if c.outcome.is_offered() {
            self.offered += 1;
            self.longest_wait_s = self.longest_wait_s.max(wait);
        }
    }

    /// Adds other contacts' sums.
    ///
    /// # Errors
    /// When the thresholds differ; nothing is added then.
    pub fn add(&mut self, other: &Self) -> Result<(), ThresholdsDiffer> {
        if self.thresholds != other.thresholds {
            return Err(ThresholdsDiffer);
        }
        // Taken apart by name, so that a new count cannot be forgotten here.
        let Self {
            thresholds: _,
            contacts,
            offered,
            answered,
            abandoned,
            overflowed,
            not_offered,
            ignored,
            open,
            answered_within,
            abandoned_within,
            abandoned_short,
            answered_waited,
            wait_answered_s,
            wait_abandoned_s,
            wait_overflowed_s,
            longest_wait_s,
            handled,
            handle_s,
            talk_s,
            hold_s,
            wrap_s,
            handled_named,
            handle_named_s,
            handled_suspect,
        } = *other;
        self.contacts += contacts;
        self.offered += offered;
        self.answered += answered;
        self.abandoned += abandoned;
        self.overflowed += overflowed;
        self.not_offered += not_offered;
        self.ignored += ignored;
        self.open += open;
        self.answered_within += answered_within;
        self.abandoned_within += abandoned_within;
        self.abandoned_short += abandoned_short;
        self.answered_waited += answered_waited;
        self.wait_answered_s += wait_answered_s;
        self.wait_abandoned_s += wait_abandoned_s;
        self.wait_overflowed_s += wait_overflowed_s;
        self.longest_wait_s = self.longest_wait_s.max(longest_wait_s);
        self.handled += handled;
        self.handle_s += handle_s;
        self.talk_s += talk_s;
        self.hold_s += hold_s;
        self.wrap_s += wrap_s;
        self.handled_named += handled_named;
        self.handle_named_s += handle_named_s;
        self.handled_suspect += handled_suspect;
        Ok(())
    }
}
