//! How the days of a part of a period count.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::scaled;

/// What a lease agrees about months in which a seat is not held, or not charged, on every day.
///
/// One period follows one rule: that of the lease version in force on its first seat-day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Proration {
    /// Every seat-day costs `unit price / days of the whole period`.
    ByDay,
    /// As by day in a calendar of 30-day months: the 31st costs nothing, the last day of February makes up for the
    /// missing ones.
    FixedThirty,
    /// A seat that is first charged before this day of the period (2-31, the first day is 1) pays the whole period;
    /// one first charged on it or later pays by day.
    FullMonthBefore(u8),
    /// No proration: whatever is charged on any day pays the whole period.
    None,
}

impl Proration {
    const FULL_MONTH_BEFORE: &str = "full_month_before_";

    /// How it counts days.
    pub const fn day_count(self) -> DayCount {
        match self {
            Self::FixedThirty => DayCount::FixedThirty,
            Self::ByDay | Self::FullMonthBefore(_) | Self::None => DayCount::Actual,
        }
    }
    /// Stored text: `by_day`, `fixed_thirty`, `full_month_before_16`, `none`.
    ///
    /// # Errors
    /// `proration-invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "proration-invalid").with("value", text);
        match text {
            "by_day" => Ok(Self::ByDay),
            "fixed_thirty" => Ok(Self::FixedThirty),
            "none" => Ok(Self::None),
            _ => {
                let day = text.strip_prefix(Self::FULL_MONTH_BEFORE).ok_or_else(bad)?;
                match day.parse::<u8>() {
                    Ok(n @ 2..=31) if n.to_string() == day => Ok(Self::FullMonthBefore(n)),
                    _ => Err(bad()),
                }
            }
        }
    }
}

impl fmt::Display for Proration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByDay => f.write_str("by_day"),
            Self::FixedThirty => f.write_str("fixed_thirty"),
            Self::FullMonthBefore(day) => write!(f, "{}{day}", Self::FULL_MONTH_BEFORE),
            Self::None => f.write_str("none"),
        }
    }
}
impl FromStr for Proration {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Proration {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("unknown proration {text}"))
    }
}
impl From<Proration> for String {
    fn from(rule: Proration) -> Self {
        rule.to_string()
    }
}

/// A calendar to count days in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// Civil days.
    Actual,
    /// Months of 30 days.
    FixedThirty,
}

impl DayCount {
    /// Days of `[from, to)`; additive: the days of adjoining ranges sum to the days of their union.
    pub fn days(self, from: NaiveDate, to: NaiveDate) -> i64 {
        match self {
            Self::Actual => (to - from).num_days(),
            Self::FixedThirty => fixed_position(to, 30) - fixed_position(from, 30),
        }
    }
}

/// Where a date lies on a time line of months of `month_days` days.
///
/// Differences equal the usual fixed-month rule, `civil days - (days of the first month - N)` when the month changes.
fn fixed_position(day: NaiveDate, month_days: i64) -> i64 {
    (i64::from(day.year()) * 12 + i64::from(day.month0())) * month_days + i64::from(day.day0())
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
}

/// What part of the whole period `part` is. The denominator is always the whole period, also when a contract started
/// inside it; days outside the period do not count; a whole period without a day counts in full.
///
/// # Errors
/// `period-open` when the whole period has no end.
pub fn day_share(count: DayCount, part: Period, whole: Period) -> Result<DayShare, Refusal> {
    let end = whole.to.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "period-open"))?;
    let of = count.days(whole.from, end);
    if of <= 0 {
        return Ok(DayShare { days: 1, of: 1 });
    }
    let days = part.intersect(whole).map_or(0, |common| count.days(common.from, common.to.unwrap_or(end)));
    Ok(DayShare { days, of })
}

#[cfg(test)]
mod tests;
