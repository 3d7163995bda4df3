//! Repeat contacts: who had to call again.
//!
//! The share of contacts that no other one followed is used as a proxy of first-contact resolution. Without a reason
//! code it misleads where people call often for good reasons (a bank's customers do), so it is never called by that
//! name alone: it states its time limit and its base.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contact::Pseudonym;
use super::indicator::Ratio;

/// Contacts of identified end customers by person. Unlike a summary it grows with the contacts: nothing less can
/// tell which follows which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats(BTreeMap<Pseudonym, Vec<(i64, bool)>>);

impl Repeats {
    /// Of no contacts.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a contact at an instant (milliseconds since 1970 UTC). `base` tells whether it is one of those asked
    /// about; others only count as followers.
    pub fn count(&mut self, end_customer: Pseudonym, at_ms: i64, base: bool) {
        self.0.entry(end_customer).or_default().push((at_ms, base));
    }
    /// Adds the contacts of another.
    pub fn merge(&mut self, other: &Self) {
        for (person, contacts) in &other.0 {
            self.0.entry(*person).or_default().extend(contacts);
        }
    }
    /// Contacts of the base that no contact of the same person followed within `within_ms` (the limit included), over
    /// all of the base.
    pub fn not_repeated(&self, within_ms: i64) -> Ratio {
        let mut ratio = Ratio::new(0, 0);
        for contacts in self.0.values() {
            let mut times: Vec<i64> = contacts.iter().map(|(at, _)| *at).collect();
            times.sort_unstable();
            for (at, _) in contacts.iter().filter(|(_, base)| *base) {
                let next = times.get(times.partition_point(|t| t <= at));
                ratio.denominator += 1;
                ratio.numerator += i64::from(next.is_none_or(|next| next - at > within_ms));
            }
        }
        ratio
    }
}
