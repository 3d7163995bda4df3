//! The engine: a period cut where anything changes, and what each slice of it is charged.
//!
//! Every price goes through here, that of a lease and that of a price book. A slice costs what a full period costs at its
//! count, times its days over the days of the period; slices are summed exactly and nothing is rounded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use voxpark_domain::Refusal;
use voxpark_domain::time::Period;

use super::{Clause, Ratio, Tariff, out_of_range};

/// What changes on which day of a period.
#[derive(Clone, Debug)]
pub struct Timeline {
    period: Period,
    end: NaiveDate,
    cuts: BTreeSet<NaiveDate>,
    steps: BTreeMap<NaiveDate, i64>,
}

/// Days between two cuts: nothing that matters changes inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// How many are held.
    pub count: i64,
}

impl Timeline {
    /// Of a closed period; the day from which a clause charges by day is a cut of its own.
    ///
    /// # Errors
    /// `period-open`.
    pub fn of(period: Period, clause: Clause) -> Result<Self, Refusal> {
        let end = period.to.ok_or_else(super::calendar::open)?;
        let mut cuts = BTreeSet::from([period.from, end]);
        cuts.insert(whole_until(clause, period.from, end));
        Ok(Self { period, end, cuts, steps: BTreeMap::new() })
    }
    /// Something begins and ends.
    pub fn cut(&mut self, range: Period) {
        self.cuts.extend([Some(range.from), range.to].into_iter().flatten().filter(|day| self.period.contains(*day)));
    }
    /// So many are held for a range of days; what lies outside of the period does not count.
    pub fn hold(&mut self, range: Period, count: i64) {
        if let Some(part) = range.intersect(self.period) {
            self.cut(part);
            *self.steps.entry(part.from).or_default() += count;
            *self.steps.entry(part.to.unwrap_or(self.end)).or_default() -= count;
        }
    }
    /// The levels from the first day to the last.
    pub fn levels(&self) -> Vec<Level> {
        let mut count = 0;
        let days = self.cuts.iter().zip(self.cuts.iter().skip(1));
        days.map(|(from, to)| {
            count += self.steps.get(from).copied().unwrap_or(0);
            Level { from: *from, to: *to, count }
        })
        .collect()
    }
    /// The day after the last one.
    pub const fn end(&self) -> NaiveDate {
        self.end
    }
}

/// Until which day of a period what is charged pays all of it.
fn whole_until(clause: Clause, from: NaiveDate, end: NaiveDate) -> NaiveDate {
    match clause {
        Clause::ByDay | Clause::FixedMonth(_) => from,
        Clause::FullPeriodBefore(day) => {
            from.checked_add_days(Days::new(u64::from(day).saturating_sub(1))).unwrap_or(end).min(end)
        }
        Clause::None => end,
    }
}

/// Replaces counts by the highest so far: what was paid for stays paid for, so that giving up seats and taking them again
/// costs nothing twice.
pub fn high_water(levels: &mut [Level]) {
    let mut most = 0;
    for level in levels {
        most = most.max(level.count);
        level.count = most;
    }
}

/// A slice that is charged: units above `lower` up to `upper`, for so many days of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// Units below these pay the whole period already.
    pub lower: i64,
    /// Units held.
    pub upper: i64,
    /// Days that count, in the calendar of the clause.
    pub days: i64,
    /// It pays every chargeable day of the period, held or not.
    pub whole_period: bool,
    /// Free of rent.
    pub free: bool,
}

impl Slice {
    /// The units that are charged.
    pub const fn units(&self) -> i64 {
        self.upper - self.lower
    }
    /// Joins a slice that only goes on where this one stops.
    pub fn joins(&mut self, next: &Self) -> bool {
        let same = (self.lower, self.upper, self.free) == (next.lower, next.upper, next.free);
        let goes_on = same && self.to == next.from && !self.whole_period && !next.whole_period;
        if goes_on {
            self.to = next.to;
            self.days += next.days;
        }
        goes_on
    }
}

/// What is charged in a period by its clause: one slice a level, in the order of the levels. Free days charge nothing and
/// are no part of a whole period either. Units that pay for the whole period are a high-water mark, so that moving from
/// one seat to another costs nothing twice.
pub fn slices(clause: Clause, levels: &[Level], free: impl Fn(NaiveDate) -> bool) -> Vec<Slice> {
    let (Some(first), Some(last)) = (levels.first(), levels.last()) else { return Vec::new() };
    let until = whole_until(clause, first.from, last.to);
    let count = clause.count();
    let chargeable = levels.iter().filter(|l| !free(l.from)).map(|l| count.days(l.from, l.to)).sum();
    let mut paid = 0;
    let slice = |level: &Level| {
        let days = count.days(level.from, level.to);
        let plain = Slice {
            from: level.from,
            to: level.to,
            lower: paid.min(level.count),
            upper: level.count,
            days,
            whole_period: false,
            free: false,
        };
        if free(level.from) {
            return Slice { lower: 0, free: true, ..plain };
        }
        if level.from >= until {
            return plain;
        }
        paid = paid.max(level.count);
        Slice { to: last.to, days: chargeable, whole_period: true, ..plain }
    };
    levels.iter().map(slice).collect()
}

/// What slices are worth under one tariff, exactly, in major units: units by days, then the flats of the tiers entered,
/// once and not by days, capped.
///
/// # Errors
/// Those of [`Tariff::parts`].
pub fn worth<'a>(
    tariff: &Tariff,
    slices: impl IntoIterator<Item = &'a Slice>,
    period_days: i64,
) -> Result<Ratio, Refusal> {
    let (mut sum, mut peak) = (Ratio::ZERO, None);
    for slice in slices {
        sum = sum.plus(full_period(tariff, slice)?.times(Ratio::whole(slice.days))?)?;
        peak = peak.max(Some(slice.upper));
    }
    let sum = if period_days > 0 { sum.over(Ratio::whole(period_days))? } else { sum };
    let flats = peak.map_or(Ok(Ratio::ZERO), |peak| tariff.flats(Ratio::whole(peak)))?;
    Ok(tariff.capped(sum.plus(flats)?))
}

/// What a full period costs for the units of a slice, major units, without flats.
///
/// # Errors
/// Those of [`Tariff::parts`].
pub fn full_period(tariff: &Tariff, slice: &Slice) -> Result<Ratio, Refusal> {
    units(tariff, slice.upper)?.minus(units(tariff, slice.lower)?)
}

/// What so many units cost; where there are none there is nothing to weigh by days, not even an amount that is due at zero.
fn units(tariff: &Tariff, count: i64) -> Result<Ratio, Refusal> {
    if count == 0 { Ok(Ratio::ZERO) } else { tariff.units(Ratio::whole(count)) }
}

/// A change of a count and for how much of the period it lasts: `weighted` is its units times their part of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted {
    /// Units that come, or go when negative.
    pub units: i64,
    /// Units times the part of the period from the change to its end.
    pub weighted: Ratio,
}

/// The same sum told by changes instead of by slices: units that come are priced in the tiers they enter, units that go
/// leave from the top. For a price without flats it equals [`worth`] of the slices, because each level is the sum of the
/// changes before it; flats are those of the highest count.
///
/// # Errors
/// Those of [`Tariff::parts`]; `quantity-negative` when more go than came.
pub fn worth_of_changes(tariff: &Tariff, changes: &[Weighted]) -> Result<Ratio, Refusal> {
    let (mut sum, mut level, mut peak) = (Ratio::ZERO, 0_i64, 0_i64);
    for change in changes.iter().filter(|change| change.units != 0) {
        let next = level.checked_add(change.units).ok_or_else(out_of_range)?;
        let full = units(tariff, next)?.minus(units(tariff, level)?)?;
        sum = sum.plus(full.times(change.weighted)?.over(Ratio::whole(change.units))?)?;
        (level, peak) = (next, peak.max(next));
    }
    Ok(tariff.capped(sum.plus(tariff.flats(Ratio::whole(peak))?)?))
}
