//! Clock, randomness, civil periods. Nothing in the project asks the system for time or randomness but through here.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SubsecRound, Utc};

use crate::error::{Refusal, RefusalCode};
use crate::ids::Id;

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// Where randomness comes from.
pub trait Random: Send + Sync {
    /// Fills the buffer with unpredictable bytes (repeatable in tests).
    fn fill(&self, buffer: &mut [u8]);
}

/// Clock and randomness together: what minting an id takes.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Env {
    /// Joins the two.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }
    /// Now, to the microsecond (what every database keeps).
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }
    /// A new id: UUIDv7 of now and randomness.
    pub fn id<I: Id>(&self) -> I {
        let mut bytes = [0_u8; 10];
        self.random.fill(&mut bytes);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }
    /// Unpredictable bytes (tokens, salts).
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// A half-open range of civil dates `[from, to)`; `to` is `None` for "until further notice".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one; `None` = open.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// A period that holds at least one day.
    ///
    /// # Errors
    /// `period-empty` when `to` is not after `from`.
    pub fn new(from: NaiveDate, to: Option<NaiveDate>) -> Result<Self, Refusal> {
        match to {
            Some(end) if end <= from => {
                Err(Refusal::new(RefusalCode::OutOfRange, "period-empty").with("from", from).with("to", end))
            }
            _ => Ok(Self { from, to }),
        }
    }
    /// Whether the day lies inside.
    pub fn contains(self, day: NaiveDate) -> bool {
        day >= self.from && self.to.is_none_or(|to| day < to)
    }
    /// The common part, if any.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to.is_none_or(|end| end > from).then_some(Self { from, to })
    }
    /// Whether the two share a day. The end of one on the start of the other is no overlap.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersect(other).is_some()
    }
    /// Whether every day of the other lies inside.
    pub fn covers(self, other: Self) -> bool {
        other.from >= self.from && self.to.is_none_or(|end| other.to.is_some_and(|to| to <= end))
    }
    /// Days held; `None` when open.
    pub fn days(self) -> Option<i64> {
        self.to.map(|to| (to - self.from).num_days())
    }
}

/// A calendar month of a park's civil calendar.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// The month that holds the day.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }
    /// From year and month number 1-12.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).map(Self)
    }
    /// From `2026-11`.
    ///
    /// # Errors
    /// `month-invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "month-invalid").with("value", text);
        let (y, m) = text.split_once('-').ok_or_else(bad)?;
        if y.len() != 4 || m.len() != 2 {
            return Err(bad());
        }
        Self::new(y.parse().map_err(|_| bad())?, m.parse().map_err(|_| bad())?).ok_or_else(bad)
    }
    /// Months since the year 0: year * 12 + month - 1, by which months are counted and kept in tables.
    pub fn number(self) -> i64 {
        i64::from(self.0.year()) * 12 + i64::from(self.0.month0())
    }
    /// The month of such a number; `None` outside the years that days have.
    pub fn from_number(number: i64) -> Option<Self> {
        let year = i32::try_from(number.div_euclid(12)).ok()?;
        Self::new(year, u32::try_from(number.rem_euclid(12)).ok()? + 1)
    }
    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }
    /// The first day of the next month.
    pub fn end(self) -> NaiveDate {
        self.0.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
    }
    /// The month as a period.
    pub fn period(self) -> Period {
        Period { from: self.0, to: Some(self.end()) }
    }
    /// 28-31.
    pub fn days(self) -> i64 {
        (self.end() - self.0).num_days()
    }
    /// `n` months later (earlier when negative).
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        let months = Months::new(n.unsigned_abs());
        let moved = if n < 0 { self.0.checked_sub_months(months) } else { self.0.checked_add_months(months) };
        Self(moved.unwrap_or(self.0))
    }
    /// Every day of the month in order.
    pub fn each_day(self) -> impl Iterator<Item = NaiveDate> {
        let first = self.0;
        (0..self.days().unsigned_abs()).filter_map(move |n| first.checked_add_days(Days::new(n)))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}
impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn half_open_periods_meet_without_overlap() {
        let a = Period::new(day("2026-01-01"), Some(day("2026-02-01"))).expect("period");
        let b = Period::new(day("2026-02-01"), None).expect("period");
        assert!(!a.overlaps(b));
        assert!(a.contains(day("2026-01-31")));
        assert!(!a.contains(day("2026-02-01")));
        assert_eq!(a.days(), Some(31));
        let part = Period::new(day("2026-01-31"), Some(day("2026-02-01"))).expect("period");
        assert!(a.covers(a) && a.covers(part) && !part.covers(a) && !a.covers(b) && b.covers(b));
        assert!(!a.covers(Period { from: day("2026-01-31"), to: None }));
        assert!(Period::new(day("2026-01-01"), Some(day("2026-01-01"))).is_err());
    }

    #[test]
    fn months_parse_strictly_and_move() {
        assert_eq!(Month::parse("2024-02").map(Month::days), Ok(29));
        for bad in ["2024-13", "24-01", "2024-1", "2024", "x"] {
            assert!(Month::parse(bad).is_err(), "{bad}");
        }
        let m = Month::parse("2026-01").expect("month");
        assert_eq!(m.plus(-1).to_string(), "2025-12");
        assert_eq!(m.plus(13).to_string(), "2027-02");
        assert_eq!(m.each_day().count(), 31);
    }
}
