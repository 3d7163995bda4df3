//! A slow count over plain lists: every day, seat and person looked at by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};

/// What is known of a park, in plain words. Seats, tenants and people are their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Seat, tenant, first day, end; by allocation.
    pub(super) held: BTreeMap<String, (String, &'static str, NaiveDate, NaiveDate)>,
    /// Allocation, person, first day, end; by occupancy.
    pub(super) sat: BTreeMap<String, (String, String, NaiveDate, NaiveDate)>,
    /// Paid and insured, by person and month.
    pub(super) paid: BTreeMap<(String, NaiveDate), (bool, bool)>,
    /// First day and end, by person.
    pub(super) contracts: BTreeMap<String, BTreeMap<NaiveDate, Option<NaiveDate>>>,
    /// Person, day, seat; by file.
    pub(super) logins: BTreeMap<String, BTreeSet<(String, NaiveDate, Option<String>)>>,
}

/// When a seat is effective.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) contract_months: u32,
    pub(super) insurance: bool,
    pub(super) months: u32,
    /// By how many persons the months of a seat may be made up; 0 = they are one person's, on whatever seats.
    pub(super) persons: usize,
}

/// The rules of the pack, as its text says.
pub(super) const RULES: [Rule; 3] = [
    Rule { id: "paid-and-insured", contract_months: 0, insurance: true, months: 1, persons: 0 },
    Rule { id: "contract-3-months", contract_months: 12, insurance: false, months: 3, persons: 0 },
    Rule { id: "seat-12-months", contract_months: 0, insurance: true, months: 12, persons: 3 },
];

fn first(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap()
}

fn days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take_while(move |day| *day < to)
}

impl Known {
    /// Whom the tenant's seat has on a day.
    fn there(&self, seat: &str, tenant: &str, on: NaiveDate) -> Vec<&str> {
        let of = |id: &str| self.held.get(id).is_some_and(|h| h.0 == seat && h.1 == tenant);
        let sat = self.sat.values().filter(|s| of(&s.0) && s.2 <= on && on < s.3).map(|s| s.1.as_str());
        let named = self
            .logins
            .values()
            .flatten()
            .filter(|l| l.1 == on && l.2.as_deref() == Some(seat) && l.0.starts_with(tenant));
        sat.chain(named.map(|l| l.0.as_str())).collect()
    }
    fn agreed(&self, person: &str, on: NaiveDate, rule: Rule) -> bool {
        let long =
            |from: NaiveDate, to: Option<NaiveDate>| to.is_none_or(|to| from + Months::new(rule.contract_months) <= to);
        rule.contract_months == 0
            || self.contracts.get(person).is_some_and(|all| {
                all.iter().any(|(from, to)| *from <= on && to.is_none_or(|to| on < to) && long(*from, *to))
            })
    }
    fn proven(&self, person: &str, month: NaiveDate, rule: Rule) -> bool {
        let (paid, insured) = self.paid.get(&(person.to_owned(), month)).copied().unwrap_or_default();
        let asked = paid && (insured || !rule.insurance);
        asked && days(month, month + Months::new(1)).any(|on| self.agreed(person, on, rule))
    }
    fn effective_by(&self, person: &str, on: NaiveDate, seat: &str, tenant: &str, rule: Rule) -> bool {
        if !self.agreed(person, on, rule) || !self.proven(person, first(on), rule) {
            return false;
        }
        let back = |n: u32| first(on) - Months::new(n);
        if rule.persons == 0 {
            // Any run of so many months that holds this one.
            return (0..rule.months)
                .any(|start| (0..rule.months).all(|n| self.proven(person, back(start) + Months::new(n), rule)));
        }
        // The months that end with this one, by at most so many persons.
        let months: Vec<_> = (0..rule.months).map(back).collect();
        let there = |who: &str, month: NaiveDate| {
            self.proven(who, month, rule)
                && days(month, month + Months::new(1)).any(|day| self.there(seat, tenant, day).contains(&who))
        };
        let who: BTreeSet<&str> = self.paid.keys().map(|k| k.0.as_str()).filter(|p| p.starts_with(tenant)).collect();
        let proven: BTreeMap<&str, Vec<bool>> =
            who.iter().map(|p| (*p, months.iter().map(|m| there(p, *m)).collect())).collect();
        let who: Vec<&str> = who.into_iter().collect();
        (0_u32..1 << who.len()).filter(|bits| bits.count_ones() as usize <= rule.persons).any(|bits| {
            let chosen: Vec<&str> =
                who.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, p)| *p).collect();
            chosen.contains(&person) && (0..months.len()).all(|m| chosen.iter().any(|p| proven[p][m]))
        })
    }
    /// `[leased, occupied, effective, logged in]` of a tenant's seat on a day.
    fn views(&self, seat: &str, tenant: &str, on: NaiveDate, rule: Rule) -> [bool; 4] {
        if !self.held.values().any(|h| h.0 == seat && h.1 == tenant && h.2 <= on && on < h.3) {
            return [false; 4];
        }
        let there = self.there(seat, tenant, on);
        let present = |who: &str| self.logins.values().flatten().any(|l| l.0 == who && l.1 == on && l.2.is_none());
        let named = self
            .logins
            .values()
            .flatten()
            .any(|l| l.1 == on && l.2.as_deref() == Some(seat) && l.0.starts_with(tenant));
        let effective = there.iter().any(|who| self.effective_by(who, on, seat, tenant, rule));
        // Being logged in elsewhere tells nothing of a seat that somebody else's login named.
        let of = |id: &str| self.held.get(id).is_some_and(|h| h.0 == seat && h.1 == tenant);
        let sat = self.sat.values().filter(|s| of(&s.0) && s.2 <= on && on < s.3);
        [true, !there.is_empty(), effective, named || sat.map(|s| s.1.as_str()).any(present)]
    }
    /// Seat-days of the park, or of one tenant.
    pub(super) fn count(
        &self,
        seats: &[&str],
        of: Option<&str>,
        (from, to): (NaiveDate, NaiveDate),
        rule: Rule,
    ) -> [i64; 4] {
        let mut sum = [0; 4];
        for seat in seats {
            for on in days(from, to) {
                let mut any = [false; 4];
                for tenant in ["a1", "a2"].into_iter().filter(|t| of.is_none_or(|of| of == *t)) {
                    for (any, view) in any.iter_mut().zip(self.views(seat, tenant, on, rule)) {
                        *any |= view;
                    }
                }
                for (sum, view) in sum.iter_mut().zip(any) {
                    *sum += i64::from(view);
                }
            }
        }
        sum
    }
    /// Takes people off an allocation that ends on a day; one that never was has nobody.
    pub(super) fn release(&mut self, allocation: &str, on: NaiveDate) {
        for sat in self.sat.values_mut().filter(|s| s.0 == allocation) {
            sat.3 = sat.3.min(on);
        }
        self.sat.retain(|_, s| s.2 < s.3);
        let held = self.held.get_mut(allocation).unwrap();
        held.3 = on;
        if held.2 == on {
            self.held.remove(allocation);
        }
    }
}

/// A day so many days later.
pub(super) fn later(day: NaiveDate, n: u64) -> NaiveDate {
    day + Days::new(n)
}
