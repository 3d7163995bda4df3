//! How many are held: changes as they were recorded, folded into levels.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::money::Currency;
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::slices::{Timeline, high_water, slices, worth};
use super::{Clause, DayCount, Ratio, Tariff, out_of_range};

/// What a count becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewCount {
    /// So many, whatever was planned for later.
    Set(i64),
    /// So many more, or fewer when negative.
    Add(i64),
}

/// One change, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountChange {
    /// The first day on which it is true.
    pub effective: NaiveDate,
    /// What the count becomes.
    pub count: NewCount,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The ledger entry that says so.
    pub event: String,
}

/// From which day fewer are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecreaseRule {
    /// The day on which notice is given.
    AtOnce,
    /// The end of the period in which notice is given.
    PeriodEnd,
    /// So many days after notice.
    AfterDays(u32),
}

/// That more or fewer are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// So many more, or fewer when negative.
    pub more: i64,
    /// The day on which it is said.
    pub on: NaiveDate,
    /// When it is recorded.
    pub recorded_at: DateTime<Utc>,
    /// The end of the period that runs on that day.
    pub period_end: NaiveDate,
}

/// The changes of a count in the order in which they were recorded, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountLedger {
    carried: i64,
    changes: Vec<CountChange>,
}

impl CountLedger {
    /// What was held before the first change.
    pub const fn carried(count: i64) -> Self {
        Self { carried: count, changes: Vec::new() }
    }
    /// Appends a change.
    pub fn record(&mut self, change: CountChange) {
        self.changes.push(change);
    }
    /// The ledger as it was known at an instant: what was recorded later is not in it.
    #[must_use]
    pub fn known(&self, at: DateTime<Utc>) -> Self {
        let known = |change: &&CountChange| change.recorded_at <= at;
        Self { carried: self.carried, changes: self.changes.iter().filter(known).cloned().collect() }
    }
    /// The changes that stand, by the day from which they are true. A count that is set from a day overtakes what was
    /// recorded earlier for a later day; counts that are added stand beside each other in any order.
    pub fn standing(&self) -> Vec<&CountChange> {
        let overtaken = |at: usize, change: &CountChange| {
            self.changes
                .iter()
                .skip(at + 1)
                .any(|later| matches!(later.count, NewCount::Set(_)) && later.effective <= change.effective)
        };
        let mut standing: Vec<&CountChange> =
            self.changes.iter().enumerate().filter(|(at, change)| !overtaken(*at, change)).map(|(_, c)| c).collect();
        standing.sort_by_key(|change| change.effective);
        standing
    }
    /// The count from each day on which it changes.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn levels(&self) -> Result<Vec<(NaiveDate, i64)>, Refusal> {
        let (mut count, mut levels) = (self.carried, Vec::<(NaiveDate, i64)>::new());
        for change in self.standing() {
            count = match change.count {
                NewCount::Set(to) => to,
                NewCount::Add(by) => count.checked_add(by).ok_or_else(out_of_range)?,
            };
            match levels.last_mut().filter(|(day, _)| *day == change.effective) {
                Some(last) => last.1 = count,
                None => levels.push((change.effective, count)),
            }
        }
        Ok(levels)
    }
    /// How many are held on a day.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn on(&self, day: NaiveDate) -> Result<i64, Refusal> {
        Ok(self.levels()?.iter().rfind(|(from, _)| *from <= day).map_or(self.carried, |(_, count)| *count))
    }
    /// The days of a period with their counts, for [`Timeline::hold`].
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn held(&self, period: Period) -> Result<Vec<(Period, i64)>, Refusal> {
        let mut held = Vec::new();
        let (mut from, mut count) = (period.from, self.carried);
        for (day, next) in self.levels()? {
            if day > from {
                held.push((Period { from, to: Some(day) }, count));
            }
            (from, count) = (from.max(day), next);
        }
        held.push((Period { from, to: None }, count));
        Ok(held.into_iter().filter_map(|(range, count)| Some((range.intersect(period)?, count))).collect())
    }
    /// Records a wish: more from the day on which it is said, fewer from the day that the rule gives. Answers that day.
    ///
    /// # Errors
    /// `seats-below-scheduled` when on any later day fewer than `floor` would be left of what is scheduled;
    /// `amount-out-of-range`.
    pub fn want(&mut self, wish: Wish, rule: DecreaseRule, floor: i64) -> Result<NaiveDate, Refusal> {
        let effective = match rule {
            _ if wish.more >= 0 => wish.on,
            DecreaseRule::AtOnce => wish.on,
            DecreaseRule::PeriodEnd => wish.period_end,
            DecreaseRule::AfterDays(days) => {
                wish.on.checked_add_days(Days::new(u64::from(days))).ok_or_else(out_of_range)?
            }
        };
        let event = format!("{effective}#{}", self.changes.len() + 1);
        let mut after = self.clone();
        let count = NewCount::Add(wish.more);
        after.record(CountChange { effective, count, recorded_at: wish.recorded_at, event });
        let later = after.levels()?.into_iter().filter(|(day, _)| *day >= effective).map(|(_, count)| count);
        if let Some(left) = later.min().filter(|left| wish.more < 0 && *left < floor) {
            return Err(Refusal::new(RefusalCode::State, "seats-below-scheduled")
                .with("left", left)
                .with("least", floor)
                .with("day", effective));
        }
        *self = after;
        Ok(effective)
    }
}

/// What was held in a period, in whole periods: the sum of counts by days over the days of the period.
///
/// # Errors
/// `period-open`, `amount-out-of-range`.
pub fn seat_periods(count: DayCount, period: Period, held: &[(Period, i64)]) -> Result<Ratio, Refusal> {
    let end = period.to.ok_or_else(super::calendar::open)?;
    let mut sum = Ratio::ZERO;
    for (range, seats) in held {
        let Some(part) = range.intersect(period) else { continue };
        let days = count.days(part.from, part.to.unwrap_or(end));
        sum = sum.plus(Ratio::whole(*seats).times(Ratio::whole(days))?)?;
    }
    sum.over(Ratio::whole(count.days(period.from, end)))
}

/// What is charged in advance: at the beginning of a period what is held then, and on the day of each change the difference
/// that it makes to the period, rounded so that the charges sum to the charge of the whole. Without `credit` nothing is given
/// back, and what was paid for once may be taken again at no cost (the high-water mark).
///
/// # Errors
/// `period-open`, and those of [`Tariff::parts`].
pub fn charges_in_advance(
    tariff: &Tariff,
    clause: Clause,
    period: Period,
    ledger: &CountLedger,
    (credit, currency): (bool, Currency),
) -> Result<Vec<(NaiveDate, i64)>, Refusal> {
    let levels = ledger.levels()?;
    let later = levels.iter().map(|(day, _)| *day).filter(|day| *day > period.from && period.contains(*day));
    let (mut charges, mut billed) = (Vec::new(), 0_i64);
    for today in std::iter::once(period.from).chain(later) {
        let mut timeline = Timeline::of(period, clause)?;
        for (range, count) in ledger.held(period)?.into_iter().filter(|(range, _)| range.from <= today) {
            // As known today: the last count lasts.
            let last = range.contains(today);
            timeline.hold(Period { to: range.to.filter(|_| !last), ..range }, count);
        }
        let mut known = timeline.levels();
        if !credit {
            high_water(&mut known);
        }
        let of = clause.count().days(period.from, timeline.end());
        let due = worth(tariff, &slices(clause, &known, |_| false), of)?.rounded(currency.exponent())?;
        charges.push((today, due.checked_sub(billed).ok_or_else(out_of_range)?));
        billed = due;
    }
    Ok(charges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_as_they_were_known() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let change = |effective: &str, count, recorded_at: &str| CountChange {
            effective: day(effective),
            count,
            recorded_at: at(recorded_at),
            event: recorded_at.to_owned(),
        };
        let mut ledger = CountLedger::carried(10);
        ledger.record(change("2026-03-01", NewCount::Add(-3), "2026-01-05T00:00:00Z"));
        ledger.record(change("2026-02-01", NewCount::Set(20), "2026-01-20T00:00:00Z"));
        let earlier = ledger.known(at("2026-01-10T00:00:00Z"));
        assert_eq!((earlier.on(day("2026-02-15")), earlier.on(day("2026-03-15"))), (Ok(10), Ok(7)));
        assert_eq!((ledger.on(day("2026-02-15")), ledger.on(day("2026-03-15"))), (Ok(20), Ok(20)));
        // Notice runs, and less than the floor is refused without a trace.
        let said = |more| Wish {
            more,
            on: day("2026-04-01"),
            recorded_at: at("2026-04-01T00:00:00Z"),
            period_end: day("2026-05-01"),
        };
        let before = ledger.clone();
        let refused = ledger.want(said(-11), DecreaseRule::AfterDays(30), 10).map_err(|refusal| refusal.rule);
        assert_eq!((refused, &ledger), (Err("seats-below-scheduled"), &before));
        assert_eq!(ledger.want(said(-10), DecreaseRule::AfterDays(30), 10), Ok(day("2026-05-01")));
        assert_eq!((ledger.on(day("2026-04-30")), ledger.on(day("2026-05-01"))), (Ok(20), Ok(10)));
    }
}
