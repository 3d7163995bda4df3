//! When revenue is earned: by the day of the service, whatever was invoiced when. Minor units of one currency.

use chrono::NaiveDate;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use crate::pricing::{out_of_range, scaled};

/// What of an amount is earned until a day, that day not included: its days over those of the service, rounded once, so that
/// whatever is earned between two days sums without a remainder.
///
/// # Errors
/// `period-open`, `amount-out-of-range`.
pub fn recognised_by(amount: i64, service: Period, day: NaiveDate) -> Result<i64, Refusal> {
    let days = service.days().filter(|days| *days > 0);
    let days = days.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "period-open"))?;
    scaled(amount, (day - service.from).num_days().clamp(0, days), days)
}

/// An amount by months of its service; they sum to it.
///
/// # Errors
/// `period-open`, `amount-out-of-range`.
pub fn by_day(amount: i64, service: Period) -> Result<Vec<(Month, i64)>, Refusal> {
    let end = service.to.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "period-open"))?;
    let (mut month, mut before, mut months) = (Month::of(service.from), 0_i64, Vec::new());
    while month.first_day() < end {
        let so_far = recognised_by(amount, service, month.end())?;
        months.push((month, so_far.checked_sub(before).ok_or_else(out_of_range)?));
        (before, month) = (so_far, month.plus(1));
    }
    Ok(months)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn months_sum_to_the_amount(amount in -1_000_000_000_i64..1_000_000_000, from in 0_u64..2_000, days in 1_u64..800) {
            let first = "2023-01-01".parse::<NaiveDate>().expect("a date") + chrono::Days::new(from);
            let service = Period { from: first, to: Some(first + chrono::Days::new(days)) };
            let months = by_day(amount, service).expect("a schedule");
            prop_assert_eq!(months.iter().map(|(_, minor)| minor).sum::<i64>(), amount);
            prop_assert!(months.iter().all(|(_, minor)| minor.signum() * amount.signum() >= 0));
        }
    }
}
