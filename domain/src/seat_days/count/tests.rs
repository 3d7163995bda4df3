//! Against a slow count: every seat, day and person looked at by itself, months as a set, every choice of persons tried.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::entity::{Contract, Present, Proven};
use super::super::rule::RulePack;
use super::*;
use crate::ids::Id;

fn day(n: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + TimeDelta::days(n)
}

fn id<I: Id>(n: u8) -> I {
    I::from_uuid(Uuid::from_u128(u128::from(n) + 1))
}

/// A history in small numbers.
#[derive(Clone, Debug)]
struct History {
    window: Window,
    rule: EffectiveRule,
    facts: Facts,
    /// Months proven, each by person.
    months: BTreeSet<(PersonId, Month)>,
}

fn periods() -> impl Strategy<Value = Period> {
    (-150_i64..220, 1_i64..150, prop::bool::weighted(0.1))
        .prop_map(|(from, length, open)| Period { from: day(from), to: (!open).then(|| day(from + length)) })
}

prop_compose! {
    fn rules()(
        (contract_months, payroll) in (0_u32..3, any::<bool>()),
        (months, gaps) in (1_u32..5, 0_u32..3),
        (seat, persons, whole) in (any::<bool>(), 1_u32..4, any::<bool>()),
    ) -> EffectiveRule {
        let base = RulePack::built_in().expect("a pack").rule[0].clone();
        EffectiveRule {
            contract_months, payroll, insurance: false, months, within: months + gaps, persons: if seat { persons } else { 1 },
            run_of: if seat { RunOf::Seat } else { RunOf::Person },
            counts: if whole { Counting::WholeRun } else { Counting::FromCompletion }, ..base
        }
    }
}

prop_compose! {
    fn histories()(
        (from, length) in (-20_i64..80, 1_i64..100),
        rule in rules(),
        built in prop::collection::vec(periods(), 3),
        held in prop::collection::vec((0_u8..3, 0_u8..2, periods()), 0..8),
        sat in prop::collection::vec((0_u8..3, 0_u8..2, 0_u8..4, periods()), 0..12),
        present in prop::collection::vec((0_u8..4, -6_i32..6, any::<u32>()), 0..8),
        at_seat in prop::collection::vec((0_u8..3, 0_u8..2, prop::option::of(0_u8..4), -6_i32..6, any::<u32>()), 0..6),
        months in prop::collection::btree_set((0_u8..4, -8_i32..10), 0..50),
        contracts in prop::collection::vec((0_u8..4, periods()), 0..6),
    ) -> History {
        let window = Window::new(day(from), day(from + length)).expect("a window");
        let month = |n: i32| Month::of(day(0)).plus(n);
        // Only the days there are.
        let bits = |n: i32, bits: u32| bits & ((1 << u32::try_from(month(n).days()).expect("a few")) - 1);
        let base = Month::of(window.proof_months(&rule).from);
        let mut proven: HashMap<PersonId, u128> = HashMap::new();
        for (person, n) in &months {
            let place = (0..118).find(|k| base.plus(*k) == month(*n));
            if let Some(place) = place {
                *proven.entry(id(*person)).or_default() |= 1 << place;
            }
        }
        let facts = Facts {
            seats: (0_u8..).zip(built).map(|(n, built)| {
                let product = if n == 0 { SeatProduct::Bare } else { SeatProduct::Equipped };
                Seat { id: id(n), zone: id(n / 2), product, built, place: 9 - usize::from(n) }
            }).collect(),
            held: held.into_iter().map(|(seat, tenant, period)| Held { seat: id(seat), tenant: id(tenant), period }).collect(),
            // A person works for one tenant.
            sat: sat.into_iter().map(|(seat, tenant, person, period)| Sat { seat: id(seat), tenant: id(tenant), person: id(person + 4 * tenant), period }).collect(),
            present: present.into_iter().map(|(person, n, days)| Present { person: id(person), month: month(n).first_day(), days: bits(n, days) }).collect(),
            at_seat: at_seat.into_iter().map(|(seat, tenant, person, n, days)| AtSeat {
                seat: id(seat), tenant: id(tenant), person: person.map(|p| id(p + 4 * tenant)), month: month(n).first_day(), days: bits(n, days),
            }).collect(),
            proven: if rule.needs_proof() { proven.into_iter().map(|(person, months)| Proven { person, months }).collect() } else { Vec::new() },
            contracts: contracts.into_iter().map(|(person, term)| Contract { person: id(person), term }).collect(),
        };
        let months = months.into_iter().map(|(person, n)| (id(person), month(n))).collect();
        History { window, rule, facts, months }
    }
}

impl History {
    fn marked(days: u32, first: NaiveDate, on: NaiveDate) -> bool {
        (0..32).any(|n| days & (1 << n) != 0 && first + TimeDelta::days(n) == on)
    }
    fn sits(&self, seat: SeatId, tenant: TenantId, on: NaiveDate) -> Vec<Option<PersonId>> {
        let sat = self
            .facts
            .sat
            .iter()
            .filter(|s| (s.seat, s.tenant) == (seat, tenant) && s.period.contains(on))
            .map(|s| Some(s.person));
        let marks = self
            .facts
            .at_seat
            .iter()
            .filter(|m| (m.seat, m.tenant) == (seat, tenant) && Self::marked(m.days, m.month, on));
        sat.chain(marks.map(|m| m.person)).collect()
    }
    fn agreed(&self, person: PersonId, on: NaiveDate) -> bool {
        self.rule.contract_months == 0
            || self.facts.contracts.iter().any(|c| {
                let least = c.term.from.checked_add_months(Months::new(self.rule.contract_months)).expect("a date");
                c.person == person && c.term.contains(on) && c.term.to.is_none_or(|to| to >= least)
            })
    }
    /// What is asked of a month, but for the seat.
    fn proven(&self, person: PersonId, month: Month) -> bool {
        (!self.rule.payroll || self.months.contains(&(person, month)))
            && month.each_day().any(|on| self.agreed(person, on))
    }
    fn proven_there(&self, person: PersonId, month: Month, seat: SeatId, tenant: TenantId) -> bool {
        self.proven(person, month) && month.each_day().any(|on| self.sits(seat, tenant, on).contains(&Some(person)))
    }
    fn runs(&self, month: Month) -> Vec<Vec<Month>> {
        let within = i32::try_from(self.rule.within).expect("few");
        let starts = match self.rule.counts {
            Counting::WholeRun => (1 - within)..=0,
            Counting::FromCompletion => (1 - within)..=(1 - within),
        };
        starts.map(|start| (0..within).map(|n| month.plus(start + n)).collect()).collect()
    }
    fn choices(people: &[PersonId], most: usize) -> Vec<Vec<PersonId>> {
        let all = (0_u32..1 << people.len()).filter(|bits| bits.count_ones() as usize <= most);
        all.map(|bits| people.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, p)| *p).collect())
            .collect()
    }
    fn effective_with(&self, person: PersonId, on: NaiveDate, seat: SeatId, tenant: TenantId) -> bool {
        let (month, enough) = (Month::of(on), self.rule.months as usize);
        if !self.agreed(person, on) {
            return false;
        }
        if self.rule.run_of == RunOf::Person {
            return self.proven(person, month)
                && self
                    .runs(month)
                    .iter()
                    .any(|run| run.iter().filter(|m| self.proven(person, **m)).count() >= enough);
        }
        let people: BTreeSet<PersonId> = (0_u8..8).map(id).collect();
        let choices = Self::choices(&people.into_iter().collect::<Vec<_>>(), self.rule.persons as usize);
        self.proven_there(person, month, seat, tenant)
            && self.runs(month).iter().any(|run| {
                let there: HashMap<(PersonId, Month), bool> = (0_u8..8)
                    .flat_map(|p| run.iter().map(move |m| (id(p), *m)))
                    .map(|key| (key, self.proven_there(key.0, key.1, seat, tenant)))
                    .collect();
                choices
                    .iter()
                    .filter(|c| c.contains(&person))
                    .any(|chosen| run.iter().filter(|m| chosen.iter().any(|p| there[&(*p, **m)])).count() >= enough)
            })
    }
    /// `[leased, occupied, effective, logged in]` of a tenant's seat on a day.
    fn views(&self, seat: SeatId, tenant: TenantId, on: NaiveDate) -> [bool; 4] {
        let leased = self.facts.held.iter().any(|h| (h.seat, h.tenant) == (seat, tenant) && h.period.contains(on));
        if !leased {
            return [false; 4];
        }
        let there = self.sits(seat, tenant, on);
        let effective = there.iter().flatten().any(|person| self.effective_with(*person, on, seat, tenant));
        let marked = self
            .facts
            .at_seat
            .iter()
            .any(|m| (m.seat, m.tenant) == (seat, tenant) && Self::marked(m.days, m.month, on));
        let sat = self.facts.sat.iter().filter(|s| (s.seat, s.tenant) == (seat, tenant) && s.period.contains(on));
        let present =
            |person| self.facts.present.iter().any(|p| p.person == person && Self::marked(p.days, p.month, on));
        [true, !there.is_empty(), effective, marked || sat.map(|s| s.person).any(present)]
    }
    /// Seat-days and seats of the park, and of each tenant, over a part of the window.
    fn slow(&self, part: Period, of: Option<TenantId>) -> Tally {
        let days: Vec<NaiveDate> = part.from.iter_days().take_while(|on| part.contains(*on)).collect();
        let (mut sum, mut seats) = ([0_i64; 5], [0_i64; 5]);
        for seat in &self.facts.seats {
            let mut own = [0_i64; 5];
            for on in &days {
                let mut any = [false; 4];
                for tenant in [id(0), id(1)].into_iter().filter(|t| of.is_none_or(|of| of == *t)) {
                    for (any, view) in any.iter_mut().zip(self.views(seat.id, tenant, *on)) {
                        *any |= view;
                    }
                }
                let built = of.is_none() && seat.built.contains(*on);
                for (n, view) in std::iter::once(built).chain(any).enumerate() {
                    own[n] += i64::from(view);
                }
            }
            for n in 0..5 {
                sum[n] += own[n];
                seats[n] += i64::from(own[n] > 0);
            }
        }
        Tally { days: Views::of(sum), seats: Views::of(seats) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn the_count_is_the_slow_count(history in histories()) {
        let figures = count(history.window, &history.rule, history.facts.clone(), true);
        prop_assert_eq!(figures.total.whole, history.slow(history.window.period(), None));
        for (n, (_, part)) in history.window.months().iter().enumerate() {
            prop_assert_eq!(figures.total.months[n], history.slow(*part, None));
        }
        for (tenant, series) in &figures.tenants {
            prop_assert_eq!(series.whole, history.slow(history.window.period(), Some(*tenant)));
        }
        // Parts sum to the whole, and each view lies within the one before.
        let sum = |of: Vec<Tally>| of.iter().fold([0; 5], |mut sum, t| {
            sum.iter_mut().zip(t.days.each()).for_each(|(a, b)| *a += b);
            sum
        });
        let whole = figures.total.whole.days.each();
        prop_assert_eq!(sum(figures.zones.iter().map(|z| z.1.whole).collect()), whole);
        prop_assert_eq!(sum(figures.products.iter().map(|p| p.1.whole).collect()), whole);
        prop_assert_eq!(sum(figures.total.months.clone()), whole);
        let seats = figures.seats.iter().map(|s| Tally { days: s.1, seats: Views::default() }).collect();
        prop_assert_eq!(sum(seats), whole);
        prop_assert!(figures.seats.iter().map(|s| s.0).rev().eq((0..3).map(id)), "by their places");
        let days = figures.total.whole.days;
        prop_assert!(days.effective <= days.occupied && days.logged_in <= days.occupied && days.occupied <= days.leased);
    }

    #[test]
    fn the_order_of_facts_does_not_matter(history in histories()) {
        let forward = count(history.window, &history.rule, history.facts.clone(), true);
        let mut facts = history.facts;
        facts.seats.reverse();
        facts.held.reverse();
        facts.sat.reverse();
        facts.at_seat.reverse();
        facts.present.reverse();
        facts.proven.reverse();
        facts.contracts.reverse();
        prop_assert_eq!(count(history.window, &history.rule, facts, true), forward);
    }
}

/// Twelve months of one seat by three persons, one after the other; a fourth breaks the rule.
#[test]
fn a_seat_is_made_up_by_at_most_three_persons() {
    let rule = RulePack::built_in().expect("a pack").find("seat-12-months").expect("a rule");
    let window = Window::new(day(0), Month::of(day(0)).plus(12).first_day()).expect("a window");
    let year = |parts: &[i32]| {
        let (mut facts, mut from) = (Facts::default(), 0);
        facts.seats.push(Seat {
            id: id(0),
            zone: id(0),
            product: SeatProduct::Bare,
            built: Period { from: day(0), to: None },
            place: 0,
        });
        facts.held.push(Held { seat: id(0), tenant: id(0), period: window.period() });
        for (person, months) in (0_u8..).zip(parts) {
            let first = Month::of(day(0)).plus(from);
            let period = Period { from: first.first_day(), to: Some(first.plus(*months).first_day()) };
            facts.sat.push(Sat { seat: id(0), tenant: id(0), person: id(person), period });
            // Bit 0 lies eleven months before the window.
            facts
                .proven
                .push(Proven { person: id(person), months: low(u32::try_from(*months).expect("few")) << (11 + from) });
            from += months;
        }
        count(window, rule, facts, false).total.months.iter().map(|m| m.days.effective).collect::<Vec<_>>()
    };
    let december = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31];
    assert_eq!(year(&[12]), december);
    assert_eq!(year(&[4, 4, 4]), december);
    assert_eq!(year(&[3, 3, 3, 3]), [0; 12]);
}
