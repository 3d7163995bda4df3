//! The need of one day, interval by interval, against the roster and the seats.
//!
//! A day is a civil day of the park: on the days the clock is set it has 92 or 100 quarter hours. What is compared is
//! compared by the wall clock, because that is what callers, shifts and leases of a part of the day go by.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use rust_decimal::prelude::ToPrimitive as _;

use super::entity::DAY_MIN;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::workforce::{self, Coverage, IntervalLoad, IntervalNeed, StaffingTarget, Supply};

/// The name and version of what the need is computed from: the mean, interval by interval of the wall clock, of the
/// last four same weekdays before the day that are over and had contacts.
pub const BASIS: &str = "same-weekdays-4@1";

const QUARTER_MIN: i64 = 15;
const WEEKS: u64 = 4;

/// Length of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// 15 minutes.
    Quarter,
    /// 30 minutes: the sum of two quarter hours.
    Half,
}

impl Grain {
    /// Quarter hours in it.
    pub const fn quarters(self) -> usize {
        match self {
            Self::Quarter => 1,
            Self::Half => 2,
        }
    }
    /// Seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Quarter => 900,
            Self::Half => 1800,
        }
    }
}

/// Contacts of a quarter hour, every queue together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Its beginning, milliseconds since 1970 UTC.
    pub start_ms: i64,
    /// Contacts offered.
    pub offered: i64,
    /// Contacts handled whose handle time is known.
    pub handled: i64,
    /// Seconds that handling those took.
    pub handle_s: i64,
}

/// People on one shift that begins on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosteredShift {
    /// The day.
    pub day: NaiveDate,
    /// Begin, minutes from the midnight that begins the day.
    pub start_min: i64,
    /// End; beyond 1440 it is on the next day.
    pub end_min: i64,
    /// How many.
    pub people: i64,
}

/// Seats held for a part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatWindow {
    /// Begin, minutes from midnight.
    pub from_min: i64,
    /// End, at most 1440.
    pub to_min: i64,
    /// How many.
    pub seats: i64,
}

/// What a day's plan is computed from.
#[derive(Clone, Debug)]
pub struct DayFacts {
    /// The quarter hours of the days of [`basis_days`].
    pub quarters: Vec<Quarter>,
    /// Shifts that begin on the day or the day before.
    pub rostered: Vec<RosteredShift>,
    /// Seats held on the day.
    pub seats: Vec<SeatWindow>,
}

/// One interval of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedInterval {
    /// Contacts expected; a mean, so it may be fractional.
    pub offered: f64,
    /// What they need.
    pub need: IntervalNeed<DateTime<Utc>>,
    /// People whose shift holds the whole interval; those on break count (see [`super::Shift::break_min`]).
    pub rostered: u32,
    /// Seats held for the whole interval.
    pub seats: u32,
    /// The two compared.
    pub coverage: Coverage,
}

/// The plan of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DayPlan {
    /// The day.
    pub day: NaiveDate,
    /// The days that the expectation is the mean of, newest first; none = nothing is known, and nothing expected.
    pub basis: Vec<NaiveDate>,
    /// Its intervals in order of time.
    pub intervals: Vec<PlannedInterval>,
}

/// The last four same weekdays before the day that are over by `today`, newest first.
pub fn basis_days(day: NaiveDate, today: NaiveDate) -> Vec<NaiveDate> {
    let ahead = (day - today).num_days().div_euclid(7) + 1;
    let first = u64::try_from(ahead).unwrap_or(1).max(1);
    (first..first + WEEKS).filter_map(|weeks| day.checked_sub_days(Days::new(weeks * 7))).collect()
}

/// The instant at which a civil day begins in a zone: its midnight, or where the clock is set forward over it the first
/// instant after.
pub fn day_start(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let mut steps = (0..=DAY_MIN / QUARTER_MIN).map(|n| midnight + TimeDelta::minutes(n * QUARTER_MIN));
    let first = steps.find_map(|local| zone.from_local_datetime(&local).earliest());
    first.map_or_else(|| midnight.and_utc(), |start| start.with_timezone(&Utc))
}

/// A quarter hour of a civil day.
#[derive(Clone, Copy)]
struct Slot {
    start: DateTime<Utc>,
    /// What the wall clock shows at its beginning, minutes from midnight.
    minute: i64,
}

fn slots(zone: Tz, day: NaiveDate) -> Vec<Slot> {
    let end = day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| day_start(zone, next));
    let mut slots = Vec::with_capacity(100);
    let mut start = day_start(zone, day);
    while start < end {
        let wall = start.with_timezone(&zone).time();
        slots.push(Slot { start, minute: i64::from(wall.num_seconds_from_midnight() / 60) });
        start += TimeDelta::minutes(QUARTER_MIN);
    }
    slots
}

/// Means of one quarter hour of the wall clock.
#[derive(Clone, Copy, Default)]
struct Mean {
    offered: f64,
    handled: f64,
    handle_s: f64,
}

impl Mean {
    fn add(&mut self, other: Self, share: f64) {
        self.offered += other.offered * share;
        self.handled += other.handled * share;
        self.handle_s += other.handle_s * share;
    }
    fn handle_seconds(self) -> Option<f64> {
        (self.handled > 0.0 && self.handle_s > 0.0).then(|| self.handle_s / self.handled)
    }
}

impl From<&Quarter> for Mean {
    fn from(quarter: &Quarter) -> Self {
        let number = |n: i64| n.to_f64().unwrap_or_default();
        Self { offered: number(quarter.offered), handled: number(quarter.handled), handle_s: number(quarter.handle_s) }
    }
}

/// Means by minute of the wall clock, over the days that had contacts. A quarter hour that a day showed twice is that
/// day's mean of the two; one that it skipped is not counted for it.
fn means(zone: Tz, days: &[NaiveDate], quarters: &[Quarter]) -> (Vec<NaiveDate>, HashMap<i64, Mean>) {
    let by_start: HashMap<_, _> = quarters.iter().map(|q| (q.start_ms, Mean::from(q))).collect();
    let mut used = Vec::new();
    let mut totals: HashMap<i64, (Mean, f64)> = HashMap::new();
    for day in days {
        let mut shown: HashMap<i64, (Mean, f64)> = HashMap::new();
        for slot in slots(zone, *day) {
            let (sum, times) = shown.entry(slot.minute).or_default();
            sum.add(by_start.get(&slot.start.timestamp_millis()).copied().unwrap_or_default(), 1.0);
            *times += 1.0;
        }
        if shown.values().any(|(sum, _)| sum.offered > 0.0) {
            used.push(*day);
            for (minute, (sum, times)) in shown {
                let (total, days) = totals.entry(minute).or_default();
                total.add(sum, 1.0 / times);
                *days += 1.0;
            }
        }
    }
    let mean = |(total, days): (Mean, f64)| {
        let mut mean = Mean::default();
        mean.add(total, 1.0 / days);
        mean
    };
    (used, totals.into_iter().map(|(minute, sums)| (minute, mean(sums))).collect())
}

fn count(people: impl Iterator<Item = i64>) -> u32 {
    u32::try_from(people.sum::<i64>()).unwrap_or(u32::MAX)
}

/// The plan of a day: what it needs under a target by the experience of `basis` days, and what is there.
///
/// # Errors
/// Those of [`StaffingTarget::check`]; `handle-time-missing` when there were contacts and none was ever handled;
/// `load-too-large` and `agents-too-many`, once.
pub fn plan(
    zone: Tz,
    day: NaiveDate,
    grain: Grain,
    target: &StaffingTarget,
    basis: &[NaiveDate],
    facts: &DayFacts,
) -> Result<DayPlan> {
    let (basis, means) = means(zone, basis, &facts.quarters);
    let slots = slots(zone, day);
    let intervals: Vec<_> = slots.chunks(grain.quarters()).filter_map(|c| c.first().map(|first| (*first, c))).collect();
    let loads: Vec<_> = intervals
        .iter()
        .map(|(first, chunk)| {
            let mut sum = Mean::default();
            for slot in *chunk {
                sum.add(means.get(&slot.minute).copied().unwrap_or_default(), 1.0);
            }
            IntervalLoad { start: first.start, contacts: sum.offered, handle_seconds: sum.handle_seconds() }
        })
        .collect();
    if !basis.is_empty() && loads.iter().all(|l| l.handle_seconds.is_none()) {
        return Err(Refusal::new(RefusalCode::Required, "handle-time-missing").at("day").into());
    }
    // What is wrong with one interval's load is wrong with the day; it is said once.
    let needs = workforce::need_per_interval(&loads, grain.seconds(), target).map_err(|error| match error {
        Error::Refused(list) => Error::Refused(list.into_iter().take(1).collect()),
        other => other,
    })?;
    let length = i64::from(grain.seconds() / 60);
    let planned = needs.into_iter().zip(&loads).zip(&intervals).map(|((need, load), (first, _))| {
        let (from, to) = (first.minute, first.minute + length);
        let on_shift = facts.rostered.iter().filter(|s| {
            // Minutes from the midnight that begins the shift's own day.
            let later = (day - s.day).num_days() * DAY_MIN;
            s.start_min <= from + later && to + later <= s.end_min
        });
        let held = facts.seats.iter().filter(|w| w.from_min <= from && to <= w.to_min);
        let supply = Supply { rostered: count(on_shift.map(|s| s.people)), seats: count(held.map(|w| w.seats)) };
        let coverage = need.against(supply, target)?;
        Ok(PlannedInterval { offered: load.contacts, need, rostered: supply.rostered, seats: supply.seats, coverage })
    });
    Ok(DayPlan { day, basis, intervals: planned.collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staffing::TargetTerms;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().expect("an instant").timestamp_millis()
    }
    fn quarter(start: &str, offered: i64, handled: i64, handle_s: i64) -> Quarter {
        Quarter { start_ms: at(start), offered, handled, handle_s }
    }
    fn facts(quarters: Vec<Quarter>) -> DayFacts {
        DayFacts { quarters, rostered: Vec::new(), seats: Vec::new() }
    }
    fn target() -> StaffingTarget {
        TargetTerms::default().target().expect("a target")
    }

    #[test]
    fn the_basis_is_four_same_weekdays_that_are_over() {
        let list = |of: &str, today: &str| {
            basis_days(day(of), day(today)).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(list("2026-11-21", "2026-11-21"), "2026-11-14 2026-11-07 2026-10-31 2026-10-24");
        assert_eq!(list("2026-11-22", "2026-11-21"), "2026-11-15 2026-11-08 2026-11-01 2026-10-25");
        assert_eq!(list("2026-11-27", "2026-11-21"), "2026-11-20 2026-11-13 2026-11-06 2026-10-30");
        assert_eq!(list("2026-11-28", "2026-11-21"), "2026-11-14 2026-11-07 2026-10-31 2026-10-24");
        assert_eq!(list("2026-12-05", "2026-11-21"), "2026-11-14 2026-11-07 2026-10-31 2026-10-24");
        assert_eq!(list("2020-01-08", "2026-11-21"), "2020-01-01 2019-12-25 2019-12-18 2019-12-11");
    }

    #[test]
    fn days_are_as_long_as_the_wall_clock_makes_them() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(slots(zone, day("2026-03-29")).len(), 92);
        assert_eq!(slots(zone, day("2026-10-25")).len(), 100);
        assert_eq!(slots(chrono_tz::Asia::Shanghai, day("2026-10-25")).len(), 96);
        // Cairo sets its clock forward at midnight: that day begins at 01:00.
        let cairo = slots(chrono_tz::Africa::Cairo, day("2026-04-24"));
        assert_eq!((cairo.len(), cairo.first().map(|s| s.minute)), (92, Some(60)));
        // Samoa had no 30 December 2011.
        assert_eq!(slots(chrono_tz::Pacific::Apia, day("2011-12-30")).len(), 0);
    }

    #[test]
    fn means_are_taken_by_the_wall_clock_over_days_with_contacts() {
        let zone = chrono_tz::Asia::Shanghai;
        let quarters = vec![
            quarter("2026-11-14T01:00:00Z", 10, 8, 1600),
            quarter("2026-11-14T01:15:00Z", 4, 4, 400),
            quarter("2026-11-07T01:00:00Z", 20, 20, 4800),
        ];
        let basis = basis_days(day("2026-11-21"), day("2026-11-21"));
        let plan =
            plan(zone, day("2026-11-21"), Grain::Quarter, &target(), &basis, &facts(quarters.clone())).expect("ok");
        assert_eq!(plan.basis, [day("2026-11-14"), day("2026-11-07")]);
        assert_eq!(plan.intervals.len(), 96);
        let nine = plan.intervals.get(36).expect("09:00");
        assert_eq!(nine.need.start.timestamp_millis(), at("2026-11-21T01:00:00Z"));
        assert_eq!((nine.offered, nine.need.traffic.handle_seconds()), (15.0, 6400.0 / 28.0));
        let wanted =
            workforce::agents_needed(workforce::Traffic::new(15.0, 900.0, 6400.0 / 28.0).expect("load"), &target());
        assert_eq!(nine.need.agents, wanted.expect("need").agents);
        assert_eq!(plan.intervals.first().map(|i| (i.offered, i.need.agents)), Some((0.0, 0)));

        let half = super::plan(zone, day("2026-11-21"), Grain::Half, &target(), &basis, &facts(quarters)).expect("ok");
        assert_eq!(half.intervals.len(), 48);
        let nine = half.intervals.get(18).expect("09:00");
        assert_eq!((nine.offered, nine.need.traffic.handle_seconds()), (17.0, 6800.0 / 32.0));
    }

    #[test]
    fn a_quarter_shown_twice_is_a_mean_and_a_skipped_one_is_not_counted() {
        let zone = chrono_tz::Europe::Berlin;
        // 25 October 2026: 02:00-03:00 twice. 29 March 2026: not at all.
        let quarters = vec![
            quarter("2026-10-25T00:00:00Z", 6, 6, 600),
            quarter("2026-10-25T01:00:00Z", 2, 2, 200),
            quarter("2026-10-18T00:00:00Z", 8, 8, 800),
        ];
        let two = |basis: &[NaiveDate]| means(zone, basis, &quarters).1.get(&120).map(|m| m.offered);
        assert_eq!(two(&[day("2026-10-25"), day("2026-10-18")]), Some(6.0));
        let quarters = vec![quarter("2026-03-22T01:00:00Z", 8, 8, 800), quarter("2026-03-29T10:00:00Z", 1, 1, 9)];
        let two = means(zone, &[day("2026-03-29"), day("2026-03-22")], &quarters).1.get(&120).map(|m| m.offered);
        assert_eq!(two, Some(8.0));
    }

    #[test]
    fn shifts_over_midnight_and_seats_of_a_part_of_the_day_count_where_they_hold_the_interval() {
        let zone = chrono_tz::Asia::Shanghai;
        let shift = |of: &str, start_min, end_min, people| RosteredShift { day: day(of), start_min, end_min, people };
        let facts = DayFacts {
            quarters: Vec::new(),
            rostered: vec![shift("2026-11-20", 1320, 1800, 3), shift("2026-11-21", 485, 960, 5)],
            seats: vec![
                SeatWindow { from_min: 0, to_min: 720, seats: 10 },
                SeatWindow { from_min: 720, to_min: 1440, seats: 4 },
            ],
        };
        let plan = plan(zone, day("2026-11-21"), Grain::Half, &target(), &[], &facts).expect("ok");
        let there = |hour: usize| plan.intervals.get(hour * 2).map(|i| (i.rostered, i.seats));
        assert_eq!(there(0), Some((3, 10)));
        assert_eq!(there(5), Some((3, 10)));
        assert_eq!(there(6), Some((0, 10)));
        assert_eq!(there(8), Some((0, 10)), "the shift begins five minutes in");
        assert_eq!(there(9), Some((5, 10)));
        assert_eq!(there(12), Some((5, 4)));
        assert_eq!(there(16), Some((0, 4)));
        assert_eq!(there(22), Some((0, 4)), "last night's shift is not tonight's");
        assert_eq!(plan.basis, []);
    }

    #[test]
    fn contacts_that_were_never_handled_give_no_need() {
        let quarters = vec![quarter("2026-11-14T01:00:00Z", 10, 0, 0), quarter("2026-11-14T02:00:00Z", 10, 0, 0)];
        let basis = [day("2026-11-14")];
        let plan = plan(chrono_tz::Asia::Shanghai, day("2026-11-21"), Grain::Half, &target(), &basis, &facts(quarters));
        let Err(Error::Refused(list)) = plan else { panic!("not refused") };
        assert_eq!(list.iter().map(|r| r.rule).collect::<Vec<_>>(), ["handle-time-missing"]);
    }
}
