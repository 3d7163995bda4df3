//! What became of the seats of a tenant in a month: held, given, sat in, idle, and what the idle ones cost.
//!
//! A seat-day is one seat on one day, whatever part of the day. It is **held** when the tenant has the seat that day, **given**
//! when it is held and assigned to a team or campaign, **sat in** when it is held and somebody is placed on it, **idle** when it
//! is held and nobody is. An idle seat-day costs what the leases under which the seat is held that day charge for a
//! seat-month on that day, divided by the days of the month: before tax, nothing on days free of rent, whatever the lease
//! agrees about parts of months. The sum is rounded once, half away from zero.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::ids::{CampaignId, PersonId, SeatId, TeamId, ZoneId};
use crate::money::round_half_away;
use crate::time::Period;

/// A seat held by an allocation.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which.
    pub seat: SeatId,
    /// Its code.
    pub code: String,
    /// Where.
    pub zone: ZoneId,
    /// When.
    pub held: Period,
    /// The price of a seat-month, in minor units, from each day on; in order of days.
    pub prices: Arc<[(NaiveDate, i64)]>,
}

/// A seat given to somebody.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Which.
    pub seat: SeatId,
    /// To which team.
    pub team: Option<TeamId>,
    /// For which campaign.
    pub campaign: Option<CampaignId>,
    /// When.
    pub used: Period,
}

/// Somebody placed on a seat.
#[derive(Clone, Copy, Debug)]
pub struct Sat {
    /// Which.
    pub seat: SeatId,
    /// Who.
    pub person: PersonId,
    /// When.
    pub sat: Period,
}

/// The days that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last that is looked at.
    pub to: NaiveDate,
    /// Days of the whole calendar month, by which prices are divided.
    pub days: i64,
}

/// What figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The whole tenant.
    Whole,
    /// A zone.
    Zone(ZoneId),
    /// A team; `None` = seats given to no team.
    Team(Option<TeamId>),
    /// A campaign; `None` = seats given for no campaign.
    Campaign(Option<CampaignId>),
}

/// Seat-days and people of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UseSums {
    /// Different seats that were held on any day.
    pub seats: i64,
    /// Seat-days held.
    pub held: i64,
    /// Of those, given.
    pub given: i64,
    /// Of those held, sat in.
    pub sat: i64,
    /// Of those held, idle.
    pub idle: i64,
    /// People placed on those seats, day by day.
    pub people: i64,
    /// What the idle ones cost, minor units; `None` beyond what can be counted.
    pub idle_minor: Option<i64>,
}

/// The figures of one seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatFigures {
    /// Which.
    pub seat: SeatId,
    /// Its code.
    pub code: String,
    /// Where.
    pub zone: ZoneId,
    /// What became of it, by whom it was given to on each day; of the whole tenant under [`Group::Whole`].
    pub groups: BTreeMap<Group, UseSums>,
}

/// Exact sums before the one rounding.
#[derive(Clone, Copy, Default)]
struct Exact {
    sums: UseSums,
    price: i128,
}

impl Exact {
    fn add(&mut self, given: bool, people: i64, price: i128) {
        let sums = &mut self.sums;
        sums.held = sums.held.saturating_add(1);
        sums.given = sums.given.saturating_add(i64::from(given));
        sums.people = sums.people.saturating_add(people);
        if people > 0 {
            sums.sat = sums.sat.saturating_add(1);
        } else {
            sums.idle = sums.idle.saturating_add(1);
            self.price = self.price.saturating_add(price);
        }
    }
    fn rounded(self, days: i64) -> UseSums {
        UseSums { idle_minor: round_half_away(self.price, i128::from(days)), ..self.sums }
    }
}

/// The rows of one seat.
type Rows<'a> = (Vec<&'a Held>, Vec<&'a Given>, Vec<&'a Sat>);

fn price_on(prices: &[(NaiveDate, i64)], day: NaiveDate) -> i128 {
    prices.iter().rfind(|(from, _)| *from <= day).map_or(0, |(_, minor)| i128::from(*minor))
}

/// Every group with its figures, and every seat with its own, by code. A seat given to two teams on one day, by time of the
/// day, counts for each.
pub fn fold(month: Month, held: &[Held], given: &[Given], sat: &[Sat]) -> (BTreeMap<Group, UseSums>, Vec<SeatFigures>) {
    let mut by_seat: BTreeMap<SeatId, Rows<'_>> = BTreeMap::new();
    for row in held {
        by_seat.entry(row.seat).or_default().0.push(row);
    }
    for row in given {
        if let Some(entry) = by_seat.get_mut(&row.seat) {
            entry.1.push(row);
        }
    }
    for row in sat {
        if let Some(entry) = by_seat.get_mut(&row.seat) {
            entry.2.push(row);
        }
    }
    let mut all: BTreeMap<Group, Exact> = BTreeMap::from([(Group::Whole, Exact::default())]);
    let mut seats = Vec::with_capacity(by_seat.len());
    for (seat, (held, given, sat)) in by_seat {
        let Some(first) = held.first() else { continue };
        let mut own: BTreeMap<Group, Exact> = BTreeMap::new();
        for day in month.from.iter_days().take_while(|day| *day < month.to) {
            let holding: Vec<&&Held> = held.iter().filter(|h| h.held.contains(day)).collect();
            if holding.is_empty() {
                continue;
            }
            let price = holding.iter().map(|h| price_on(&h.prices, day)).sum();
            let who: BTreeSet<PersonId> = sat.iter().filter(|s| s.sat.contains(day)).map(|s| s.person).collect();
            let people = i64::try_from(who.len()).unwrap_or(i64::MAX);
            let given: Vec<&&Given> = given.iter().filter(|g| g.used.contains(day)).collect();
            let teams = given.iter().filter_map(|g| g.team);
            let campaigns = given.iter().filter_map(|g| g.campaign);
            let mut groups: BTreeSet<Group> = teams.map(|team| Group::Team(Some(team))).collect();
            if groups.is_empty() {
                groups.insert(Group::Team(None));
            }
            let campaigns: BTreeSet<Group> = campaigns.map(|campaign| Group::Campaign(Some(campaign))).collect();
            if campaigns.is_empty() {
                groups.insert(Group::Campaign(None));
            }
            groups.extend(campaigns);
            groups.extend([Group::Whole, Group::Zone(first.zone)]);
            for group in groups {
                own.entry(group).or_default().add(!given.is_empty(), people, price);
            }
        }
        if own.is_empty() {
            continue;
        }
        for (group, exact) in &own {
            let sum = all.entry(*group).or_default();
            sum.price = sum.price.saturating_add(exact.price);
            let (to, from) = (&mut sum.sums, exact.sums);
            to.seats = to.seats.saturating_add(1);
            to.held = to.held.saturating_add(from.held);
            to.given = to.given.saturating_add(from.given);
            to.sat = to.sat.saturating_add(from.sat);
            to.idle = to.idle.saturating_add(from.idle);
            to.people = to.people.saturating_add(from.people);
        }
        let groups = own.into_iter().map(|(group, mut exact)| {
            exact.sums.seats = 1;
            (group, exact.rounded(month.days))
        });
        seats.push(SeatFigures { seat, code: first.code.clone(), zone: first.zone, groups: groups.collect() });
    }
    seats.sort_by(|a, b| (&a.code, a.seat).cmp(&(&b.code, b.seat)));
    (all.into_iter().map(|(group, exact)| (group, exact.rounded(month.days))).collect(), seats)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::Id;

    fn id<I: Id>(n: u128) -> I {
        I::from_uuid(uuid::Uuid::from_u128(n))
    }
    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 1).expect("a date") + chrono::Duration::days(n)
    }
    fn span(from: i64, length: i64) -> Period {
        Period { from: day(from), to: Some(day(from + length)) }
    }
    fn november(to: i64) -> Month {
        Month { from: day(0), to: day(to), days: 30 }
    }
    fn held(seat: u128, period: Period, prices: &[(i64, i64)]) -> Held {
        let prices = prices.iter().map(|(from, minor)| (day(*from), *minor)).collect();
        Held { seat: id(seat), code: format!("S-{seat}"), zone: id(seat % 2), held: period, prices }
    }

    #[test]
    fn an_idle_seat_costs_its_price_by_the_day() {
        let rows = [held(1, span(-5, 100), &[(-5, 3_000), (10, 6_000), (20, 0)]), held(2, span(0, 10), &[(0, 100)])];
        let given = [Given { seat: id(1), team: Some(id(7)), campaign: None, used: span(5, 10) }];
        let sat = [
            Sat { seat: id(1), person: id(1), sat: span(0, 12) },
            Sat { seat: id(1), person: id(2), sat: span(11, 2) },
            Sat { seat: id(9), person: id(3), sat: span(0, 30) },
        ];
        let (all, seats) = fold(november(30), &rows, &given, &sat);
        // Seat 1 is idle from the 14th: seven days at 200.00, then free of rent. Seat 2: ten days at 3.33.
        let whole = all[&Group::Whole];
        assert_eq!(
            (whole.seats, whole.held, whole.given, whole.sat, whole.idle, whole.people),
            (2, 40, 10, 13, 27, 14)
        );
        assert_eq!(whole.idle_minor, Some(7 * 200 + 33));
        let team = all[&Group::Team(Some(id(7)))];
        assert_eq!((team.seats, team.held, team.given, team.sat, team.idle, team.people), (1, 10, 10, 8, 2, 9));
        assert_eq!(team.idle_minor, Some(400));
        assert_eq!(all[&Group::Campaign(None)].held, 40);
        assert_eq!(seats.iter().map(|s| s.code.as_str()).collect::<Vec<_>>(), ["S-1", "S-2"]);
        assert_eq!(seats[1].groups[&Group::Whole].idle_minor, Some(33));
        assert_eq!(
            fold(november(0), &rows, &given, &sat).0[&Group::Whole],
            UseSums { idle_minor: Some(0), ..UseSums::default() }
        );
    }

    proptest! {
        /// Day by day and seat by seat, asked the slow way.
        #[test]
        fn sums_are_those_of_a_slow_count(
            holds in prop::collection::vec((0_u128..4, -10_i64..35, 1_i64..40, 0_i64..9_000), 0..8),
            gives in prop::collection::vec((0_u128..4, 0_u128..3, -10_i64..35, 1_i64..40), 0..8),
            sits in prop::collection::vec((0_u128..4, 0_u128..3, -10_i64..35, 1_i64..40), 0..8),
            to in 0_i64..31,
        ) {
            let holds: Vec<Held> = holds.iter().map(|(seat, from, length, price)| held(*seat, span(*from, *length), &[(-40, *price)])).collect();
            let gives: Vec<Given> = gives.iter().map(|(seat, team, from, length)| Given {
                seat: id(*seat), team: Some(id(*team)), campaign: None, used: span(*from, *length) }).collect();
            let sits: Vec<Sat> = sits.iter().map(|(seat, who, from, length)| Sat { seat: id(*seat), person: id(*who), sat: span(*from, *length) }).collect();
            let (all, seats) = fold(november(to), &holds, &gives, &sits);
            let (mut sums, mut price, mut of_team) = (UseSums::default(), 0_i128, [0_i64; 3]);
            for seat in 0..4_u128 {
                for n in 0..to {
                    let held: Vec<&Held> = holds.iter().filter(|h| h.seat == id(seat) && h.held.contains(day(n))).collect();
                    if held.is_empty() { continue; }
                    let people = (0..3_u128).filter(|who| sits.iter().any(|s| s.seat == id(seat) && s.person == id(*who) && s.sat.contains(day(n)))).count();
                    let given = |team: u128| gives.iter().any(|g| g.seat == id(seat) && g.team == Some(id(team)) && g.used.contains(day(n)));
                    sums.held += 1;
                    sums.given += i64::from((0..3).any(given));
                    sums.people += i64::try_from(people).expect("few");
                    if people > 0 { sums.sat += 1 } else {
                        sums.idle += 1;
                        price += held.iter().map(|h| i128::from(h.prices[0].1)).sum::<i128>();
                    }
                    for (team, sum) in (0..3_u128).zip(&mut of_team) { *sum += i64::from(given(team)); }
                }
            }
            let whole = all[&Group::Whole];
            prop_assert_eq!((whole.held, whole.given, whole.sat, whole.idle, whole.people), (sums.held, sums.given, sums.sat, sums.idle, sums.people));
            prop_assert_eq!(whole.idle_minor, round_half_away(price, 30));
            prop_assert_eq!(whole.seats, i64::try_from(seats.len()).expect("few"));
            for (team, sum) in (0..3_u128).zip(of_team) {
                prop_assert_eq!(all.get(&Group::Team(Some(id(team)))).map_or(0, |s| s.given), sum);
            }
        }
    }
}
