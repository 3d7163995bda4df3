//! When the terms of a lease apply.

use chrono::NaiveDate;
use voxpark_domain::leasing::LeaseTerms;
use voxpark_domain::time::Period;

/// A lease version and the days on which it is the one that applies. Versions of a lease never overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseVersion {
    /// 1, 2, ...
    pub version: i64,
    /// From its first day in force to the first day of the next version, or on.
    pub in_force: Period,
    /// What it agrees.
    pub terms: LeaseTerms,
}

impl LeaseVersion {
    /// Whether the version governs the day.
    pub(super) fn governs(&self, day: NaiveDate) -> bool {
        self.in_force.contains(day) && self.terms.term().contains(day)
    }
    /// Whether the day is inside a rent-free range.
    pub(super) fn is_rent_free(&self, day: NaiveDate) -> bool {
        self.terms.rent_free.iter().any(|range| range.contains(day))
    }
}
