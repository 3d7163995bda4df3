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
    /// The least that a whole period comes to on these days, before tax, in minor units; 0 = none is agreed.
    pub least_minor: i64,
}

impl LeaseVersion {
    /// Whether the version governs the day.
    pub(super) fn governs(&self, day: NaiveDate) -> bool {
        self.in_force.contains(day) && self.terms.term().contains(day)
    }
    /// Runs of the days of a period that it governs and that are not free of rent, in order.
    pub(super) fn charged_days(&self, period: Period) -> Vec<Period> {
        let served = self.in_force.intersect(self.terms.term()).and_then(|days| days.intersect(period));
        served.map_or_else(Vec::new, |served| without(served, &self.terms.rent_free))
    }
    /// Whether the day is inside a rent-free range.
    pub(super) fn is_rent_free(&self, day: NaiveDate) -> bool {
        self.terms.rent_free.iter().any(|range| range.contains(day))
    }
}

/// What is left of a run of days without some ranges, in order.
pub(super) fn without(days: Period, ranges: &[Period]) -> Vec<Period> {
    let mut runs = vec![days];
    for range in ranges {
        let left = |run: Period| {
            let before = Period::new(run.from, Some(range.from)).ok().and_then(|days| days.intersect(run));
            let after = range.to.and_then(|to| Period { from: to, to: None }.intersect(run));
            before.into_iter().chain(after).collect::<Vec<_>>()
        };
        runs = runs.into_iter().flat_map(left).collect();
    }
    runs
}
