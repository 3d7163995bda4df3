//! Seat-days of months, from the periods in which seats were held or sat on.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use voxpark_domain::ids::SeatId;
use voxpark_domain::time::{Month, Period};

/// Days of a month that the closed period covers.
fn days_in(month: Month, from: NaiveDate, to: NaiveDate) -> i64 {
    (to.min(month.end()) - from.max(month.first_day())).num_days().max(0)
}

/// Seat-days of a month, every period for itself: an allocation counts whatever part of the day it is for, as it does
/// on the invoice. Open periods reach to the end of the month.
pub fn held_days(month: Month, held: &[(SeatId, Period)]) -> i64 {
    held.iter().map(|(_, period)| days_in(month, period.from, period.to.unwrap_or(month.end()))).sum()
}

/// Seat-days of a month on which each seat counts once a day, however many people shared it.
pub fn used_days(month: Month, used: &[(SeatId, Period)]) -> i64 {
    let mut by_seat: BTreeMap<SeatId, Vec<(NaiveDate, NaiveDate)>> = BTreeMap::new();
    for (seat, period) in used {
        let (from, to) = (period.from.max(month.first_day()), period.to.unwrap_or(month.end()).min(month.end()));
        if from < to {
            by_seat.entry(*seat).or_default().push((from, to));
        }
    }
    let mut days = 0;
    for mut periods in by_seat.into_values() {
        periods.sort_unstable();
        let mut reached = month.first_day();
        for (from, to) in periods {
            let from = from.max(reached);
            if from < to {
                days += (to - from).num_days();
                reached = to;
            }
        }
    }
    days
}

/// `seat-days / days of the month` seats to two digits, half away from zero (`79.77`).
pub fn average_seats(seat_days: i64, month: Month) -> Option<String> {
    let hundredths =
        voxpark_domain::money::round_half_away(i128::from(seat_days).checked_mul(100)?, i128::from(month.days()))?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use voxpark_domain::ids::Id;

    use super::*;

    fn january() -> Month {
        Month::parse("2026-01").expect("month")
    }
    fn on(seat: u128, from: i64, to: Option<i64>) -> (SeatId, Period) {
        let day = |n: i64| january().first_day() + chrono::Duration::days(n);
        (SeatId::from_uuid(Uuid::from_u128(seat)), Period { from: day(from), to: to.map(day) })
    }

    #[test]
    fn two_shifts_are_two_allocations_and_one_used_seat() {
        let both = [on(1, -5, None), on(1, 0, Some(10)), on(2, 30, Some(90))];
        assert_eq!((held_days(january(), &both), used_days(january(), &both)), (31 + 10 + 1, 31 + 1));
        assert_eq!((held_days(january(), &[]), used_days(january(), &[])), (0, 0));
        assert_eq!(held_days(january(), &[on(1, 31, None)]), 0);
    }

    #[test]
    fn averages_have_two_digits() {
        let text = |days| average_seats(days, january());
        assert_eq!(text(2_473).as_deref(), Some("79.77"));
        assert_eq!(text(0).as_deref(), Some("0.00"));
        assert_eq!(text(31 * 240).as_deref(), Some("240.00"));
    }

    proptest! {
        #[test]
        fn used_days_are_the_days_somebody_sat(
            rows in proptest::collection::vec((0_u128..3, -10_i64..45, 1_i64..30, any::<bool>()), 0..12),
        ) {
            let used: Vec<_> =
                rows.iter().map(|(seat, from, days, open)| on(*seat, *from, (!open).then_some(from + days))).collect();
            let slow: usize = (0..3)
                .map(|n| {
                    let seat = SeatId::from_uuid(Uuid::from_u128(n));
                    january().each_day().filter(|day| used.iter().any(|(s, p)| *s == seat && p.contains(*day))).count()
                })
                .sum();
            prop_assert_eq!(used_days(january(), &used), i64::try_from(slow).expect("few"));
            prop_assert!(held_days(january(), &used) >= used_days(january(), &used));
        }
    }
}
