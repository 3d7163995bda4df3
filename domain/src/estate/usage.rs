//! Seat-days: how many seats there were on how many days.

use chrono::NaiveDate;

use crate::time::{Month, Period};

/// What happened to a key (a seat) over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<K> {
    /// Which seat.
    pub key: K,
    /// When.
    pub period: Period,
}

/// Seat-days of a calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatUseMonth {
    /// The month.
    pub month: Month,
    /// Seats that existed x days; `None` where the question makes no sense (of one tenant).
    pub built: Option<i64>,
    /// Seats held x days. A seat held by two shifts on a day counts once.
    pub leased: i64,
    /// Seats with a person placed on them x days. Two people on one seat count once a day.
    pub occupied: i64,
}

/// The last `count` months until the one that holds the day, oldest first.
pub fn months_until(day: NaiveDate, count: i32) -> Vec<Month> {
    let last = Month::of(day);
    (0..count).rev().map(|back| last.plus(-back)).collect()
}

/// Days covered in each month, every key counting once a day however many of its spans cover it. Spans of a key must
/// stand together, in order of their starts.
pub fn seat_days<K: PartialEq + Copy>(months: &[Month], spans: impl IntoIterator<Item = Span<K>>) -> Vec<i64> {
    let mut days = vec![0; months.len()];
    let mut add = |run: Period| {
        for (sum, month) in days.iter_mut().zip(months) {
            *sum += run.intersect(month.period()).and_then(Period::days).unwrap_or(0);
        }
    };
    // The run of days, without a gap, that the spans of the present key have covered so far.
    let mut open: Option<Span<K>> = None;
    for span in spans {
        match &mut open {
            Some(run) if run.key == span.key && run.period.to.is_none_or(|to| span.period.from <= to) => {
                run.period.to = match (run.period.to, span.period.to) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => {
                if let Some(run) = open.replace(span) {
                    add(run.period);
                }
            }
        }
    }
    if let Some(run) = open {
        add(run.period);
    }
    days
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + chrono::Duration::days(n)
    }

    proptest! {
        #[test]
        fn every_seat_counts_once_a_day(raw in prop::collection::vec((0_u8..4, -40_i64..130, 1_i64..90, any::<bool>()), 0..20)) {
            let months = months_until(day(89), 3);
            let mut spans: Vec<_> = raw.iter().map(|(key, from, length, open)| {
                let to = (!open).then(|| day(from + length));
                Span { key: *key, period: Period { from: day(*from), to } }
            }).collect();
            spans.sort_by_key(|s| (s.key, s.period.from));
            let expected: Vec<i64> = months.iter().map(|month| {
                let covered = |key: u8, d: NaiveDate| spans.iter().any(|s| s.key == key && s.period.contains(d));
                let count = month.each_day().map(|d| (0..4).filter(|k| covered(*k, d)).count()).sum::<usize>();
                i64::try_from(count).expect("small")
            }).collect();
            prop_assert_eq!(seat_days(&months, spans), expected);
        }
    }

    #[test]
    fn months_end_with_the_one_of_the_day() {
        let months: Vec<_> = months_until(day(40), 3).iter().map(Month::to_string).collect();
        assert_eq!(months, ["2025-12", "2026-01", "2026-02"]);
    }
}
