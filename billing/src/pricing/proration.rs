//! How the days of a part of a period count.

use chrono::{Datelike, NaiveDate};
use voxpark_domain::leasing::Proration;
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::scaled;

/// A calendar to count days in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// Civil days.
    Actual,
    /// Months of 30 days.
    FixedThirty,
}

impl DayCount {
    /// How a rule of a lease counts days.
    pub const fn of(rule: Proration) -> Self {
        match rule {
            Proration::FixedThirty => Self::FixedThirty,
            Proration::ByDay | Proration::FullMonthBefore(_) | Proration::None => Self::Actual,
        }
    }
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
