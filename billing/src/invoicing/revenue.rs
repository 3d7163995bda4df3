//! When revenue is earned: by the day of the service, whatever was invoiced when. Minor units of one currency.

use std::collections::BTreeMap;

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

/// A month of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevenueMonth {
    /// The month.
    pub month: Month,
    /// Invoiced for services that begin in it.
    pub invoiced: i64,
    /// Earned in it.
    pub earned: i64,
    /// Invoiced and not earned by its end; below zero what was earned and is still to be invoiced.
    pub deferred: i64,
}

/// Everything a term comes to, earned evenly over its days, also over those that are free of rent and before prices rise.
///
/// # Errors
/// `period-open`, `amount-out-of-range`; `invoice-outside-term` when a service begins outside of the term.
pub fn straight_line(term: Period, invoiced: &[(Period, i64)]) -> Result<Vec<RevenueMonth>, Refusal> {
    let mut by_month: BTreeMap<Month, i64> = BTreeMap::new();
    for (service, amount) in invoiced {
        if !term.contains(service.from) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "invoice-outside-term").with("day", service.from));
        }
        let sum = by_month.entry(Month::of(service.from)).or_default();
        *sum = sum.checked_add(*amount).ok_or_else(out_of_range)?;
    }
    let whole = by_month.values().try_fold(0_i64, |sum, minor| sum.checked_add(*minor)).ok_or_else(out_of_range)?;
    let mut deferred = 0_i64;
    let month = |(month, earned): (Month, i64)| {
        let invoiced = by_month.get(&month).copied().unwrap_or(0);
        let more = invoiced.checked_sub(earned).and_then(|more| deferred.checked_add(more));
        deferred = more.ok_or_else(out_of_range)?;
        Ok(RevenueMonth { month, invoiced, earned, deferred })
    };
    by_day(whole, term)?.into_iter().map(month).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().expect("a date"), to: Some(to.parse().expect("a date")) }
    }

    #[test]
    fn rent_free_months_earn_too() {
        // A year at 1,000.00 of which the first two months are free: 10,000.00 over 365 days.
        let term = period("2026-01-01", "2027-01-01");
        let months: Vec<Month> = (0..12).map(|n| Month::parse("2026-01").expect("month").plus(n)).collect();
        let invoiced: Vec<_> = months.iter().skip(2).map(|month| (month.period(), 100_000)).collect();
        let line = straight_line(term, &invoiced).expect("a schedule");
        assert_eq!((line[0].invoiced, line[0].earned, line[0].deferred), (0, 84_932, -84_932));
        assert_eq!(line.iter().map(|month| month.earned).sum::<i64>(), 1_000_000);
        assert_eq!(line.last().map(|month| month.deferred), Some(0));
        let outside = [(period("2027-01-01", "2027-02-01"), 1)];
        assert_eq!(straight_line(term, &outside).map_err(|r| r.rule), Err("invoice-outside-term"));
    }

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
