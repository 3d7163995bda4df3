//! A change of price or count inside a period that was paid for: what is given back and what is charged.

use voxpark_domain::Refusal;
use voxpark_domain::time::Period;

use super::{Cadence, DayCount, Ratio, day_share, out_of_range};

/// Two lines over the same remaining days, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The unused part of what was billed; 0 or below.
    pub credit: i64,
    /// The part of the new price.
    pub charge: i64,
}

impl Change {
    /// Both together.
    pub const fn net(self) -> i64 {
        self.charge.saturating_add(self.credit)
    }
}

/// Gives back the unused part of what was billed for the whole period and charges the new price for the same days. On a
/// boundary nothing remains, and nothing is given back or charged.
///
/// # Errors
/// `period-open`, `amount-out-of-range`.
pub fn change(count: DayCount, billed: i64, price: i64, remaining: Period, whole: Period) -> Result<Change, Refusal> {
    let share = day_share(count, remaining, whole)?;
    let billed = billed.checked_neg().ok_or_else(out_of_range)?;
    Ok(Change { credit: share.of_amount(billed)?, charge: share.of_amount(price)? })
}

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To a price worth as much or more: at once.
    Upgrade,
    /// To a price worth less: at the end of the period, unless the contract says otherwise.
    Downgrade,
}

/// Compares two prices, each with its cadence, by what a day of them is worth.
///
/// # Errors
/// `amount-out-of-range`.
pub fn direction(old: (Ratio, Cadence), new: (Ratio, Cadence)) -> Result<Direction, Refusal> {
    let a_year = |(price, every): (Ratio, Cadence)| price.times(every.a_year()?);
    Ok(if a_year(new)? >= a_year(old)? { Direction::Upgrade } else { Direction::Downgrade })
}
