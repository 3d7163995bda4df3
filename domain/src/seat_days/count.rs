//! The count: seat by seat, with a bit a day.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{Months, NaiveDate};

use super::days::Days;
use super::entity::{AtSeat, Facts, Held, Sat, Seat, Tally, Views, Window};
use super::rule::{Counting, EffectiveRule, RunOf};
use crate::estate::SeatProduct;
use crate::ids::{PersonId, SeatId, TenantId, ZoneId};
use crate::time::{Month, Period};

/// The figures of one park, tenant, zone or product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Over the whole window.
    pub whole: Tally,
    /// Month by month.
    pub months: Vec<Tally>,
}

/// Figures over a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The calendar months of the window.
    pub months: Vec<Month>,
    /// All seats together; one that several tenants share on a day counts once.
    pub total: Series,
    /// By tenant; what is built is nobody's.
    pub tenants: Vec<(TenantId, Series)>,
    /// By zone.
    pub zones: Vec<(ZoneId, Series)>,
    /// By product.
    pub products: Vec<(SeatProduct, Series)>,
    /// By seat, seat-days over the whole window, in order of their codes.
    pub seats: Vec<(SeatId, Views<i64>)>,
}

/// What the rule finds of one person.
#[derive(Clone, Default)]
struct Employed {
    /// Months that are as the rule asks, each by itself.
    proven: u128,
    /// Of these, those that count, where the months are the person's own.
    counting: u128,
    /// Terms of contracts that are long enough.
    terms: Vec<Period>,
}

/// Months as bits, from the first whose proofs are looked at.
struct Calendar {
    base: i64,
    length: u32,
    /// The place of the window's first month.
    first: u32,
}

impl Calendar {
    fn of(window: Window, rule: &EffectiveRule) -> Self {
        let months = window.proof_months(rule);
        let base = Month::of(months.from).number();
        let end = months.to.map_or(base, |day| Month::of(day).number());
        Self { base, length: u32::try_from(end - base).unwrap_or(0), first: rule.within.saturating_sub(1) }
    }
    fn bit(&self, day: NaiveDate) -> Option<u32> {
        u32::try_from(Month::of(day).number() - self.base).ok().filter(|bit| *bit < self.length)
    }
    /// The months that a period touches.
    fn touched(&self, period: Period) -> u128 {
        let from = u32::try_from(Month::of(period.from).number() - self.base).unwrap_or(0).min(self.length);
        let last = period.to.and_then(|to| to.pred_opt()).map_or(self.length, |last| {
            u32::try_from(Month::of(last).number() - self.base + 1).unwrap_or(0).min(self.length)
        });
        low(last) & !low(from)
    }
}

/// The lowest `n` bits.
const fn low(n: u32) -> u128 {
    if n >= u128::BITS { u128::MAX } else { (1 << n) - 1 }
}

impl EffectiveRule {
    /// The runs of months that may make month `at` count.
    fn runs(&self, at: u32) -> impl Iterator<Item = u128> {
        let last = match self.counts {
            Counting::WholeRun => at,
            Counting::FromCompletion => (at + 1).saturating_sub(self.within),
        };
        ((at + 1).saturating_sub(self.within)..=last).map(|from| low(self.within) << from)
    }

    /// Whether month `at` counts, given the proven months of one person.
    fn counts_alone(&self, proven: u128, at: u32) -> bool {
        proven >> at & 1 == 1 && self.runs(at).any(|run| (proven & run).count_ones() >= self.months)
    }

    /// Whether month `at` counts for the one who proved `own`, together with others who sat on the same seat.
    fn counts_together(&self, own: u128, others: &[u128], at: u32) -> bool {
        proven_at(own, at)
            && self.runs(at).any(|run| {
                let all = others.iter().fold(own, |all, more| all | more);
                (all & run).count_ones() >= self.months
                    && self.enough(own & run, others, run, self.persons.saturating_sub(1))
            })
    }

    /// Whether up to `more` others bring the months of a run up to what the rule asks.
    fn enough(&self, so_far: u128, others: &[u128], run: u128, more: u32) -> bool {
        if so_far.count_ones() >= self.months {
            return true;
        }
        let Some(left) = more.checked_sub(1) else { return false };
        let mut rest = others;
        while let Some((next, behind)) = rest.split_first() {
            rest = behind;
            let with = so_far | (next & run);
            if with != so_far && self.enough(with, behind, run, left) {
                return true;
            }
        }
        false
    }
}

const fn proven_at(proven: u128, at: u32) -> bool {
    proven >> at & 1 == 1
}

struct Counter<'a> {
    rule: &'a EffectiveRule,
    calendar: Calendar,
    window: Window,
    months: Vec<(Month, Period)>,
    people: HashMap<PersonId, Employed>,
    present: HashMap<PersonId, Days>,
}

impl<'a> Counter<'a> {
    fn new(window: Window, rule: &'a EffectiveRule, facts: &Facts) -> Self {
        let calendar = Calendar::of(window, rule);
        let mut people: HashMap<PersonId, Employed> = HashMap::new();
        for proven in &facts.proven {
            people.entry(proven.person).or_default().proven |= proven.months;
        }
        for contract in &facts.contracts {
            let end = contract.term.from.checked_add_months(Months::new(rule.contract_months));
            if rule.contract_months > 0 && contract.term.to.is_none_or(|to| end.is_some_and(|end| end <= to)) {
                people.entry(contract.person).or_default().terms.push(contract.term);
            }
        }
        if !rule.needs_proof() {
            // Nothing is asked of a month but the contract.
            for sat in &facts.sat {
                people.entry(sat.person).or_default();
            }
            for person in facts.at_seat.iter().filter_map(|at| at.person) {
                people.entry(person).or_default();
            }
        }
        for person in people.values_mut() {
            if !rule.needs_proof() {
                person.proven = low(calendar.length);
            }
            if rule.contract_months > 0 {
                let covered = person.terms.iter().fold(0, |months, term| months | calendar.touched(*term));
                person.proven &= covered;
            }
            if rule.run_of == RunOf::Person {
                let counting = (0..calendar.length).filter(|at| rule.counts_alone(person.proven, *at));
                person.counting = counting.fold(0, |months, at| months | 1 << at);
            }
        }
        let mut present: HashMap<PersonId, Days> = HashMap::new();
        for p in &facts.present {
            let days = present.entry(p.person).or_insert_with(|| Days::none(window.from, window.to));
            days.fill_month(p.month, p.days);
        }
        Self { rule, calendar, window, months: window.months(), people, present }
    }

    fn none(&self) -> Days {
        Days::none(self.window.from, self.window.to)
    }

    /// Puts in the days on which somebody who counts sits: in months of `counting`, under a contract.
    fn effective_days(
        &self,
        days: &mut Days,
        scratch: &mut Days,
        person: &Employed,
        counting: u128,
        sat: &Sitting<'_>,
    ) {
        scratch.clear();
        for (at, (_, part)) in (self.calendar.first..).zip(&self.months) {
            if !proven_at(counting, at) {
                continue;
            }
            for period in sat.periods.iter().filter_map(|p| p.intersect(*part)) {
                if self.rule.contract_months == 0 {
                    scratch.fill(period);
                } else {
                    for common in person.terms.iter().filter_map(|t| t.intersect(period)) {
                        scratch.fill(common);
                    }
                }
            }
            for mark in sat.marks.iter().filter(|m| Month::of(m.month) == Month::of(part.from)) {
                let mut marked = self.none();
                marked.fill_month(mark.month, mark.days);
                if self.rule.contract_months > 0 {
                    let mut agreed = self.none();
                    for term in &person.terms {
                        agreed.fill(*term);
                    }
                    marked.keep(&agreed);
                }
                scratch.add(&marked);
            }
        }
        days.add(scratch);
    }

    /// The days on which one tenant's seat is effective.
    fn effective(&self, days: &mut Days, scratch: &mut Days, sitting: &[Sitting<'_>]) {
        let nobody = Employed::default();
        let employed = |s: &Sitting<'_>| self.people.get(&s.person).unwrap_or(&nobody);
        if self.rule.run_of == RunOf::Person {
            for s in sitting {
                let person = employed(s);
                if person.counting != 0 {
                    self.effective_days(days, scratch, person, person.counting, s);
                }
            }
            return;
        }
        let proven: Vec<u128> = sitting.iter().map(|s| employed(s).proven & s.months(&self.calendar)).collect();
        for (place, (s, own)) in sitting.iter().zip(&proven).enumerate() {
            let others: Vec<u128> =
                proven.iter().enumerate().filter(|(n, m)| *n != place && **m != 0).map(|(_, m)| *m).collect();
            let ats = (self.calendar.first..).take(self.months.len());
            let counting = ats.filter(|at| self.rule.counts_together(*own, &others, *at));
            let counting = counting.fold(0, |months, at| months | 1_u128 << at);
            if counting != 0 {
                self.effective_days(days, scratch, employed(s), counting, s);
            }
        }
    }

    /// Tells the days of one seat: `[leased, occupied, effective, logged in]`.
    fn of_tenant(&self, held: &[Held], sat: &[Sat], at_seat: &[AtSeat], scratch: &mut Days, out: &mut [Days; 4]) {
        let [leased, occupied, effective, logged_in] = out;
        for days in [&mut *leased, occupied, effective, logged_in] {
            days.clear();
        }
        for h in held {
            leased.fill(h.period);
        }
        for mark in at_seat {
            occupied.fill_month(mark.month, mark.days);
            logged_in.fill_month(mark.month, mark.days);
        }
        for s in sat {
            occupied.fill(s.period);
            if let Some(present) = self.present.get(&s.person) {
                scratch.clear();
                scratch.fill(s.period);
                scratch.keep(present);
                logged_in.add(scratch);
            }
        }
        if !self.people.is_empty() {
            self.effective(effective, scratch, &sitting(sat, at_seat));
        }
        for days in [occupied, effective, logged_in] {
            days.keep(leased);
        }
    }

    fn tallies(&self, views: [&Days; 5]) -> Vec<Tally> {
        let whole = std::iter::once(self.window.period());
        let parts = whole.chain(self.months.iter().map(|(_, part)| *part));
        let tally = |part: Period| {
            let days = Views::of(views.map(|days| days.count(part)));
            Tally { days, seats: Views::of(days.each().map(|n| i64::from(n > 0))) }
        };
        parts.map(tally).collect()
    }
}

/// Where and when one person sits on one seat of one tenant.
struct Sitting<'a> {
    person: PersonId,
    periods: Vec<Period>,
    marks: Vec<&'a AtSeat>,
}

impl Sitting<'_> {
    fn months(&self, calendar: &Calendar) -> u128 {
        let sat = self.periods.iter().fold(0, |months, period| months | calendar.touched(*period));
        let marked = self.marks.iter().filter(|m| m.days != 0).filter_map(|m| calendar.bit(m.month));
        marked.fold(sat, |months, bit| months | 1 << bit)
    }
}

/// By person, in order of ids.
fn sitting<'a>(sat: &[Sat], at_seat: &'a [AtSeat]) -> Vec<Sitting<'a>> {
    let mut all: Vec<Sitting<'a>> = Vec::with_capacity(sat.len());
    let mut of = |person: PersonId| -> usize {
        all.iter().position(|s| s.person == person).unwrap_or_else(|| {
            all.push(Sitting { person, periods: Vec::new(), marks: Vec::new() });
            all.len() - 1
        })
    };
    let mut places: Vec<(usize, Option<Period>, Option<&'a AtSeat>)> = Vec::new();
    places.extend(sat.iter().map(|s| (of(s.person), Some(s.period), None)));
    places.extend(at_seat.iter().filter_map(|m| Some((of(m.person?), None, Some(m)))));
    for (place, period, mark) in places {
        if let Some(entry) = all.get_mut(place) {
            entry.periods.extend(period);
            entry.marks.extend(mark);
        }
    }
    all
}

/// The rows at the front of a sorted slice that belong to a key; `rest` is moved behind them.
fn take<'a, T, K: Ord>(rest: &mut &'a [T], key: impl Fn(&T) -> K, wanted: &K) -> &'a [T] {
    let skipped = rest.partition_point(|row| key(row) < *wanted);
    let (_, from) = rest.split_at(skipped);
    let (mine, behind) = from.split_at(from.partition_point(|row| key(row) == *wanted));
    *rest = behind;
    mine
}

fn add(into: &mut Series, tallies: &[Tally]) {
    let sum = |a: Views<i64>, b: Views<i64>| {
        let mut parts = a.each();
        for (part, more) in parts.iter_mut().zip(b.each()) {
            *part += more;
        }
        Views::of(parts)
    };
    let plus = |a: &mut Tally, b: &Tally| *a = Tally { days: sum(a.days, b.days), seats: sum(a.seats, b.seats) };
    let Some((whole, months)) = tallies.split_first() else { return };
    plus(&mut into.whole, whole);
    into.months.resize(months.len(), Tally::default());
    into.months.iter_mut().zip(months).for_each(|(a, b)| plus(a, b));
}

fn in_order<K: Ord + Hash + Copy>(map: HashMap<K, Series>) -> Vec<(K, Series)> {
    let mut list: Vec<_> = map.into_iter().collect();
    list.sort_by_key(|entry| entry.0);
    list
}

/// Counts what was leased, occupied, effective and logged in on the days of a window. Time and memory grow with the facts;
/// `list` tells whether figures of single seats are wanted.
pub fn count(window: Window, rule: &EffectiveRule, mut facts: Facts, list: bool) -> Figures {
    let counter = Counter::new(window, rule, &facts);
    facts.seats.sort_unstable_by_key(|s| s.id);
    facts.held.sort_unstable_by_key(|h| (h.seat, h.tenant));
    facts.sat.sort_unstable_by_key(|s| (s.seat, s.tenant, s.person));
    facts.at_seat.sort_unstable_by_key(|m| (m.seat, m.tenant, m.person));
    let months: Vec<Month> = counter.months.iter().map(|(month, _)| *month).collect();
    let empty = || Series { whole: Tally::default(), months: vec![Tally::default(); months.len()] };
    let mut total = empty();
    let (mut tenants, mut zones, mut products) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut seats = Vec::new();
    let (mut held, mut sat, mut marks) = (facts.held.as_slice(), facts.sat.as_slice(), facts.at_seat.as_slice());
    let mut scratch = counter.none();
    let nothing = counter.none();
    let mut own = [counter.none(), counter.none(), counter.none(), counter.none()];
    let mut all = own.clone();
    let mut built = counter.none();
    for Seat { id, zone, product, built: exists, place } in &facts.seats {
        built.clear();
        built.fill(*exists);
        all.iter_mut().for_each(Days::clear);
        let mut held = take(&mut held, |h| h.seat, id);
        let (mut sat, mut marks) = (take(&mut sat, |s| s.seat, id), take(&mut marks, |m| m.seat, id));
        while let Some(tenant) = held.first().map(|h| h.tenant) {
            let held = take(&mut held, |h| h.tenant, &tenant);
            let (sat, marks) = (take(&mut sat, |s| s.tenant, &tenant), take(&mut marks, |m| m.tenant, &tenant));
            counter.of_tenant(held, sat, marks, &mut scratch, &mut own);
            all.iter_mut().zip(&own).for_each(|(all, own)| all.add(own));
            let [leased, occupied, effective, logged_in] = &own;
            let tallies = counter.tallies([&nothing, leased, occupied, effective, logged_in]);
            add(tenants.entry(tenant).or_insert_with(empty), &tallies);
        }
        let [leased, occupied, effective, logged_in] = &all;
        let tallies = counter.tallies([&built, leased, occupied, effective, logged_in]);
        add(&mut total, &tallies);
        add(zones.entry(*zone).or_insert_with(empty), &tallies);
        add(products.entry(*product).or_insert_with(empty), &tallies);
        if list && let Some(whole) = tallies.first() {
            seats.push((*place, *id, whole.days));
        }
    }
    seats.sort_unstable_by_key(|seat| seat.0);
    Figures {
        months,
        total,
        tenants: in_order(tenants),
        zones: in_order(zones),
        products: in_order(products),
        seats: seats.into_iter().map(|(_, id, days)| (id, days)).collect(),
    }
}

#[cfg(test)]
mod tests;
