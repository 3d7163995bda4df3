//! Which periods there are: cadences counted from an anchor, stubs, and the civil day of an instant.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use super::{Ratio, out_of_range};

/// How often a price is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every 7 days.
    Week,
    /// Every month.
    #[default]
    Month,
    /// Every 3 months.
    Quarter,
    /// Every 6 months.
    HalfYear,
    /// Every 12 months.
    Year,
}

/// What a cadence counts.
enum Step {
    Days(i64),
    Months(i64),
}

impl Cadence {
    const fn step(self) -> Step {
        match self {
            Self::Week => Step::Days(7),
            Self::Month => Step::Months(1),
            Self::Quarter => Step::Months(3),
            Self::HalfYear => Step::Months(6),
            Self::Year => Step::Months(12),
        }
    }
    /// Every one, the shortest first.
    pub const ALL: [Self; 5] = [Self::Week, Self::Month, Self::Quarter, Self::HalfYear, Self::Year];

    /// Its name in data files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
        }
    }
    /// The days that one stands for where a price meets an invoice of another cadence: 7, 30, 91, 182, 365.
    pub const fn nominal_days(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
            Self::HalfYear => 182,
            Self::Year => 365,
        }
    }
    /// How many there are in a year, to compare prices of different cadences.
    ///
    /// # Errors
    /// None that can occur.
    pub fn a_year(self) -> Result<Ratio, Refusal> {
        match self.step() {
            Step::Days(days) => Ratio::new(365, i128::from(days)),
            Step::Months(months) => Ratio::new(12, i128::from(months)),
        }
    }
}

/// Where the periods of a contract are cut: every boundary is counted from here, never from the boundary before, so that
/// a contract of the 31st ends on the 30th in April and on the 31st again in May.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Anchor {
    /// A boundary, or in a month that is too short the last day of it.
    origin: NaiveDate,
    /// The day of the month that is meant, 1 to 31.
    day: u32,
    /// How far apart boundaries are.
    cadence: Cadence,
}

impl Anchor {
    /// Periods that begin on this day.
    pub fn on(origin: NaiveDate, cadence: Cadence) -> Self {
        Self { origin, day: origin.day(), cadence }
    }
    /// Periods that begin on a day of the month, one of them in this month.
    ///
    /// # Errors
    /// `billing-day-range` outside 1 to 31.
    pub fn on_day(month: Month, day: u32, cadence: Cadence) -> Result<Self, Refusal> {
        if !(1..=31).contains(&day) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "billing-day-range").with("day", i64::from(day)));
        }
        let origin = clamped(month.first_day(), day).ok_or_else(out_of_range)?;
        Ok(Self { origin, day, cadence })
    }
    /// The n-th boundary after the anchor, before it when negative.
    ///
    /// # Errors
    /// `amount-out-of-range` beyond the calendar.
    pub fn boundary(self, n: i64) -> Result<NaiveDate, Refusal> {
        let at = match self.cadence.step() {
            Step::Days(days) => n.checked_mul(days).and_then(|days| plus_days(self.origin, days)),
            Step::Months(months) => n
                .checked_mul(months)
                .and_then(|months| plus_months(Month::of(self.origin).first_day(), months))
                .and_then(|first| clamped(first, self.day)),
        };
        at.ok_or_else(out_of_range)
    }
    /// The whole period that holds a day. A contract that begins inside it has a stub, whose denominator is this period.
    ///
    /// # Errors
    /// `amount-out-of-range` beyond the calendar.
    pub fn period_of(self, day: NaiveDate) -> Result<Period, Refusal> {
        let mut n = match self.cadence.step() {
            Step::Days(days) => (day - self.origin).num_days().div_euclid(days),
            Step::Months(months) => (Month::of(day).number() - Month::of(self.origin).number()).div_euclid(months),
        };
        // Inside the month of a boundary the day decides; a cadence is at most one off.
        while self.boundary(n)? > day {
            n -= 1;
        }
        while self.boundary(n + 1)? <= day {
            n += 1;
        }
        Ok(Period { from: self.boundary(n)?, to: Some(self.boundary(n + 1)?) })
    }
    /// The periods that a service touches, each with the part of it that is served.
    ///
    /// # Errors
    /// `period-open` (a service without end), `amount-out-of-range`.
    pub fn periods(self, service: Period) -> Result<Vec<Stretch>, Refusal> {
        let end = service.to.ok_or_else(open)?;
        let (mut from, mut found) = (service.from, Vec::new());
        while from < end {
            let whole = self.period_of(from)?;
            let to = whole.to.map_or(end, |to| to.min(end));
            found.push(Stretch { whole, served: Period { from, to: Some(to) } });
            from = to;
        }
        Ok(found)
    }
}

/// A period and the part of it that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The whole period: the denominator.
    pub whole: Period,
    /// What is served of it.
    pub served: Period,
}

/// Where the first or a later period ends that begins on `start`: the first one at the billing day if that is still ahead in
/// the month (a stub), every other after a whole cadence, on the billing day.
///
/// # Errors
/// `billing-day-range`, `amount-out-of-range`.
pub fn period_end(start: NaiveDate, billing_day: u32, cadence: Cadence, first: bool) -> Result<NaiveDate, Refusal> {
    let anchor = Anchor::on_day(Month::of(start), billing_day, cadence)?;
    let stub = anchor.boundary(0)?;
    if first && stub > start { Ok(stub) } else { anchor.boundary(1) }
}

/// A range whose last day was written down as part of it, as contracts do: `[first, last + 1)`.
///
/// # Errors
/// `period-empty` when it ends before it begins.
pub fn inclusive(first: NaiveDate, last: NaiveDate) -> Result<Period, Refusal> {
    Period::new(first, Some(last.checked_add_days(Days::new(1)).ok_or_else(out_of_range)?))
}

/// The civil day of an instant in a place. Where the machine stands plays no part.
pub fn civil_day<Z: TimeZone>(instant: DateTime<Utc>, zone: &Z) -> NaiveDate {
    instant.with_timezone(zone).date_naive()
}

/// A period without an end cannot be priced.
pub(super) fn open() -> Refusal {
    Refusal::new(RefusalCode::Invalid, "period-open")
}

fn plus_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }
}

fn plus_months(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }
}

/// A day of the month that begins on `first`, or its last day when it is shorter.
fn clamped(first: NaiveDate, day: u32) -> Option<NaiveDate> {
    (28..=31).rev().map(|last| day.min(last)).find_map(|day| first.with_day(day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn period(from: &str, to: &str) -> Period {
        Period { from: day(from), to: Some(day(to)) }
    }

    #[test]
    fn boundaries_are_counted_from_the_anchor() {
        let anchor = Anchor::on(day("2025-03-31"), Cadence::Month);
        let found: Vec<_> = (0..4).map(|n| anchor.boundary(n).expect("a day").to_string()).collect();
        assert_eq!(found, ["2025-03-31", "2025-04-30", "2025-05-31", "2025-06-30"]);
        assert_eq!(anchor.period_of(day("2025-04-29")), Ok(period("2025-03-31", "2025-04-30")));
        assert_eq!(anchor.period_of(day("2025-04-30")), Ok(period("2025-04-30", "2025-05-31")));
        let from_april = Anchor::on_day(Month::parse("2025-04").expect("month"), 31, Cadence::Month).expect("anchor");
        assert_eq!(from_april.boundary(1), Ok(day("2025-05-31")), "the day that is meant is the 31st");
        let leap = Anchor::on(day("2024-02-29"), Cadence::Year);
        assert_eq!((leap.boundary(1), leap.boundary(4)), (Ok(day("2025-02-28")), Ok(day("2028-02-29"))));
        assert_eq!(
            Anchor::on_day(Month::of(day("2025-04-01")), 0, Cadence::Month).map_err(|r| r.rule),
            Err("billing-day-range")
        );
    }

    #[test]
    fn stubs_keep_their_whole_period() {
        let quarters = Anchor::on(day("2024-01-01"), Cadence::Quarter);
        let found = quarters.periods(period("2024-05-20", "2024-08-01")).expect("periods");
        let expected = [
            Stretch { whole: period("2024-04-01", "2024-07-01"), served: period("2024-05-20", "2024-07-01") },
            Stretch { whole: period("2024-07-01", "2024-10-01"), served: period("2024-07-01", "2024-08-01") },
        ];
        assert_eq!(found, expected);
        let endless = Period { from: day("2024-01-01"), to: None };
        assert_eq!(quarters.periods(endless).map_err(|r| r.rule), Err("period-open"));
        assert_eq!(inclusive(day("2026-06-10"), day("2026-06-30")), Ok(period("2026-06-10", "2026-07-01")));
        assert_eq!(inclusive(day("2026-06-10"), day("2026-06-09")).map_err(|r| r.rule), Err("period-empty"));
    }

    proptest! {
        #[test]
        fn periods_tile_the_calendar(origin in 0_u64..20_000, at in 0_u64..40_000, which in 0_usize..5) {
            let cadences = [Cadence::Week, Cadence::Month, Cadence::Quarter, Cadence::HalfYear, Cadence::Year];
            let anchor = Anchor::on(day("1990-01-01") + Days::new(origin), cadences[which]);
            let on = day("1980-01-01") + Days::new(at);
            let found = anchor.period_of(on).expect("a period");
            prop_assert!(found.contains(on));
            let next = anchor.period_of(found.to.expect("closed")).expect("a period");
            prop_assert_eq!(Some(next.from), found.to);
        }
    }
}
