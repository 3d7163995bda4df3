//! How the days of a part of a period count.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::leasing::Proration;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use super::calendar::open;
use super::{Cadence, Ratio, scaled};

/// A calendar to count days in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// Civil days.
    Actual,
    /// Months of so many days each, 1 to 31 (30, usually).
    FixedMonth(u8),
}

impl DayCount {
    /// Days of `[from, to)`; additive: the days of adjoining ranges sum to the days of their union.
    pub fn days(self, from: NaiveDate, to: NaiveDate) -> i64 {
        match self {
            Self::Actual => (to - from).num_days(),
            Self::FixedMonth(days) => fixed_position(to, days) - fixed_position(from, days),
        }
    }
}

/// Where a date lies on a time line of months of `month_days` days.
///
/// Differences equal the usual fixed-month rule, `civil days - (days of the first month - N)` when the month changes.
fn fixed_position(day: NaiveDate, month_days: u8) -> i64 {
    Month::of(day).number() * i64::from(month_days) + i64::from(day.day0())
}

/// What a price agrees about periods of which only a part is held or charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Clause {
    /// Every day costs `price / days of the whole period`.
    #[default]
    ByDay,
    /// As by day in a calendar of months of so many days, 28 to 31: what a month has more costs nothing, its last day
    /// makes up for what it has less.
    FixedMonth(u8),
    /// What is first charged before this day of the period (2 to 31, the first day is 1) pays the whole period; what
    /// comes later pays by day.
    FullPeriodBefore(u8),
    /// Whatever is charged on any day pays the whole period.
    None,
}

impl Clause {
    const FIXED: &str = "fixed_";
    const BEFORE: &str = "full_month_before_";

    /// From its text: `by_day`, `fixed_30`, `full_month_before_16`, `none`.
    ///
    /// # Errors
    /// `proration-invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let number = |prefix: &str, least: u8| {
            let digits = text.strip_prefix(prefix)?;
            let number = digits.parse::<u8>().ok()?;
            ((least..=31).contains(&number) && number.to_string() == digits).then_some(number)
        };
        match text {
            "by_day" => Ok(Self::ByDay),
            "none" => Ok(Self::None),
            _ => number(Self::FIXED, 28)
                .map(Self::FixedMonth)
                .or_else(|| number(Self::BEFORE, 2).map(Self::FullPeriodBefore))
                .ok_or_else(|| Refusal::new(RefusalCode::Invalid, "proration-invalid").with("value", text)),
        }
    }
    /// The calendar in which it counts days.
    pub const fn count(self) -> DayCount {
        match self {
            Self::FixedMonth(days) => DayCount::FixedMonth(days),
            Self::ByDay | Self::FullPeriodBefore(_) | Self::None => DayCount::Actual,
        }
    }
}

impl From<Proration> for Clause {
    fn from(rule: Proration) -> Self {
        match rule {
            Proration::ByDay => Self::ByDay,
            Proration::FixedThirty => Self::FixedMonth(30),
            Proration::FullMonthBefore(day) => Self::FullPeriodBefore(day),
            Proration::None => Self::None,
        }
    }
}
impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByDay => f.write_str("by_day"),
            Self::FixedMonth(days) => write!(f, "{}{days}", Self::FIXED),
            Self::FullPeriodBefore(day) => write!(f, "{}{day}", Self::BEFORE),
            Self::None => f.write_str("none"),
        }
    }
}
impl TryFrom<String> for Clause {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("unknown proration {text}"))
    }
}
impl From<Clause> for String {
    fn from(clause: Clause) -> Self {
        clause.to_string()
    }
}

/// An exact part of a period: `days / of`, never more than the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayShare {
    /// Days that count, 0 to `of`.
    pub days: i64,
    /// Days of the whole period, at least 1.
    pub of: i64,
}

impl DayShare {
    /// The part of an amount in minor units, rounded once, half away from zero.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn of_amount(self, amount_minor: i64) -> Result<i64, Refusal> {
        scaled(amount_minor, self.days, self.of)
    }
    /// As an exact number, 0 to 1.
    ///
    /// # Errors
    /// None for a share that was made here.
    pub fn ratio(self) -> Result<Ratio, Refusal> {
        Ratio::new(i128::from(self.days), i128::from(self.of))
    }
}

/// What part of the whole period `part` is. The denominator is always the whole period, also when a contract started
/// inside it; days outside the period do not count; a whole period without a day counts in full.
///
/// # Errors
/// `period-open` when the whole period has no end.
pub fn day_share(count: DayCount, part: Period, whole: Period) -> Result<DayShare, Refusal> {
    let end = whole.to.ok_or_else(open)?;
    let of = count.days(whole.from, end);
    if of <= 0 {
        return Ok(DayShare { days: 1, of: 1 });
    }
    let days = part.intersect(whole).map_or(0, |common| count.days(common.from, common.to.unwrap_or(end)));
    Ok(DayShare { days, of })
}

/// What part of a price of one cadence falls to days that an invoice of another cadence bills: the denominator is the
/// nominal length of the price's own cadence, never that of the invoice.
///
/// # Errors
/// `period-open`.
pub fn foreign_share(cadence: Cadence, part: Period) -> Result<DayShare, Refusal> {
    let of = cadence.nominal_days();
    Ok(DayShare { days: part.days().ok_or_else(open)?.clamp(0, of), of })
}

/// What part of a period lies between two instants, to the second, for contracts that are settled by the clock. The
/// shares' `days` are seconds.
///
/// # Errors
/// `period-open` when the whole has no second.
pub fn elapsed_share(
    part: (DateTime<Utc>, DateTime<Utc>),
    whole: (DateTime<Utc>, DateTime<Utc>),
) -> Result<DayShare, Refusal> {
    let of = (whole.1 - whole.0).num_seconds();
    if of <= 0 {
        return Err(open());
    }
    let (from, to) = (part.0.max(whole.0), part.1.min(whole.1));
    Ok(DayShare { days: (to - from).num_seconds().clamp(0, of), of })
}

#[cfg(test)]
mod tests;
