//! Sets of days: one bit a day of a window.

use chrono::NaiveDate;

use crate::time::Period;

/// Days of a window that begins on `start`; days outside of it are left out when they are put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    start: NaiveDate,
    length: usize,
    words: Vec<u64>,
}

const WORD: usize = 64;

/// The lowest `n` bits; all of them from 64 on.
const fn low(n: usize) -> u64 {
    if n >= WORD { u64::MAX } else { (1_u64 << n) - 1 }
}

impl Days {
    /// None of the days from `start` up to and without `end`.
    pub(super) fn none(start: NaiveDate, end: NaiveDate) -> Self {
        let length = usize::try_from((end - start).num_days()).unwrap_or(0);
        Self { start, length, words: vec![0; length.div_ceil(WORD)] }
    }

    fn place(&self, day: NaiveDate) -> usize {
        usize::try_from((day - self.start).num_days()).unwrap_or(0).min(self.length)
    }

    /// The places of a period inside the window.
    fn places(&self, period: Period) -> (usize, usize) {
        (self.place(period.from), period.to.map_or(self.length, |to| self.place(to)))
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Puts the days of a period in.
    pub(super) fn fill(&mut self, period: Period) {
        let (from, to) = self.places(period);
        for (word, base) in self.words.iter_mut().zip((0..).step_by(WORD)) {
            *word |= low(to.saturating_sub(base)) & !low(from.saturating_sub(base));
        }
    }

    /// Puts days of a month in: bit 0 of `bits` is its first day.
    pub(super) fn fill_month(&mut self, first: NaiveDate, bits: u32) {
        let mut left = bits;
        while left != 0 {
            let n = left.trailing_zeros();
            left &= left - 1;
            let day = first + chrono::TimeDelta::days(i64::from(n));
            if day >= self.start {
                let place = self.place(day);
                if place < self.length
                    && let Some(word) = self.words.get_mut(place / WORD)
                {
                    *word |= 1 << (place % WORD);
                }
            }
        }
    }

    /// Puts the days of another set of the same window in.
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// Leaves only those that are in another set of the same window too.
    pub(super) fn keep(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    /// How many of them lie in a period.
    pub(super) fn count(&self, period: Period) -> i64 {
        let (from, to) = self.places(period);
        let within =
            self.words.iter().zip((0..).step_by(WORD)).map(|(word, base)| {
                (word & low(to.saturating_sub(base)) & !low(from.saturating_sub(base))).count_ones()
            });
        within.map(i64::from).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + chrono::TimeDelta::days(n)
    }

    proptest! {
        #[test]
        fn a_set_is_the_days_put_in(
            length in 1_i64..200,
            spans in prop::collection::vec((-30_i64..230, 1_i64..80, any::<bool>()), 0..6),
            from in -10_i64..210,
            days in 0_i64..100,
            bits in any::<u32>(),
            month in -40_i64..210,
        ) {
            let (mut set, mut other) = (Days::none(day(0), day(length)), Days::none(day(0), day(length)));
            let mut expected = std::collections::BTreeSet::new();
            for (from, days, open) in &spans {
                let to = (!open).then(|| day(from + days));
                set.fill(Period { from: day(*from), to });
                expected.extend((*from.max(&0)..if *open { length } else { from + days }).filter(|n| *n < length));
            }
            other.fill_month(day(month), bits);
            let marked: std::collections::BTreeSet<i64> =
                (0..32).filter(|n| bits & (1 << n) != 0).map(|n| month + n).filter(|n| (0..length).contains(n)).collect();
            let asked = Period { from: day(from), to: Some(day(from + days)) };
            let count = |set: &std::collections::BTreeSet<i64>| set.iter().filter(|n| (from..from + days).contains(*n)).map(|_| 1_i64).sum::<i64>();
            prop_assert_eq!(set.count(asked), count(&expected));
            prop_assert_eq!(other.count(asked), count(&marked));
            let mut both = set.clone();
            both.keep(&other);
            prop_assert_eq!(both.count(asked), count(&expected.intersection(&marked).copied().collect()));
            both.add(&set);
            prop_assert_eq!(&both, &set);
            both.clear();
            prop_assert_eq!(both.count(Period { from: day(0), to: None }), 0);
        }
    }
}
