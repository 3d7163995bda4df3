//! The straight line of leases: what a seat earns is the same in every month in which it is held, also when it is free of rent and
//! before prices rise (IFRS 16, CAS 21: a systematic basis). Invoices earn by the day; the straight line is a schedule beside them, and
//! the books take the difference month by month.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::leasing::Lease;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Refusal, Result};

use super::service::{may_read, over};
use super::{Fact, Income, Levelled, RevenueKind, book};
use crate::invoicing::{Holding, KnownMonth, TaxOrder, assemble, known_at_last, order_of};
use crate::pricing::{LineKind, out_of_range, scaled};
use crate::uow::Tx;

/// The least number that every length of a month divides.
const PARTS: i64 = 377_580;

/// How many months of leases are read together: bounds the size of statements.
const PORTION: usize = 4_000;

/// A month of a lease before it is levelled: what is held, and what its days earn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayMonth {
    /// The month.
    pub month: Month,
    /// Seats times civil days, rent-free ones included.
    pub seat_days: i64,
    /// Rent of its days before tax, less what comes off, minor units.
    pub by_day: i64,
}

impl DayMonth {
    /// Seat-months, in parts of one: equal rents of months of any length are level.
    fn weight(&self) -> Option<i64> {
        self.seat_days.checked_mul(PARTS / self.month.days())
    }
}

/// A month of a lease by its straight line. Minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StraightMonth {
    /// The month and what its days earn.
    pub of: DayMonth,
    /// Earned by the straight line.
    pub straight: i64,
    /// Earned ahead of the days by its end; below zero what is put off.
    pub ahead: i64,
    /// Whether the books have it.
    pub booked: bool,
}

/// What a month was levelled by in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookedLevel {
    /// The lease.
    pub lease: LeaseId,
    /// The day after the last of the month.
    pub until: NaiveDate,
    /// So much more than by the day, minor units.
    pub minor: i64,
}

/// The straight line of a lease.
#[derive(Clone, Debug, PartialEq)]
pub struct StraightLine {
    /// The lease.
    pub lease: LeaseId,
    /// Its currency.
    pub currency: Currency,
    /// The months of its term; behind it the month that evens out what an earlier end left.
    pub months: Vec<StraightMonth>,
    /// Why its months cannot all be priced; then there are none.
    pub problem: Option<Refusal>,
}

/// Everything that is left to be earned, evenly over every seat-month that is left; what was earned ahead comes off. Rounded on
/// the running total, so that it sums. Where no seat is held any more, by the day.
///
/// # Errors
/// `amount-out-of-range`.
pub fn level(months: &[DayMonth], ahead: i64) -> Result<Vec<i64>, Refusal> {
    let sum = |of: fn(&DayMonth) -> Option<i64>| {
        let sum = months.iter().map(of).try_fold(0_i64, |sum, next| sum.checked_add(next?));
        sum.ok_or_else(out_of_range)
    };
    let (rent, held) = (sum(|m| Some(m.by_day))?, sum(DayMonth::weight)?);
    let rest = rent.checked_sub(ahead).ok_or_else(out_of_range)?;
    let (mut out, mut before, mut so_far) = (Vec::with_capacity(months.len()), 0_i64, 0_i64);
    for (at, month) in months.iter().enumerate() {
        if held == 0 {
            out.push(if at == 0 { month.by_day - ahead } else { month.by_day });
            continue;
        }
        so_far += month.weight().ok_or_else(out_of_range)?;
        let until = scaled(rest, so_far, held)?;
        out.push(until - before);
        before = until;
    }
    Ok(out)
}

/// The months of a lease: those that the books have as they have them, the others by what is left. A lease that ended inside what was
/// levelled is evened out in the month behind.
///
/// # Errors
/// `amount-out-of-range`.
fn line_up(months: Vec<DayMonth>, booked: &BTreeMap<NaiveDate, i64>) -> Result<Vec<StraightMonth>, Refusal> {
    let until = booked.keys().max().copied();
    let has = |month: &DayMonth| until.is_some_and(|until| month.month.end() <= until);
    let (done, mut left): (Vec<DayMonth>, Vec<DayMonth>) = months.into_iter().partition(has);
    let (mut out, mut ahead) = (Vec::with_capacity(done.len() + left.len()), 0_i64);
    for of in done {
        let more = booked.get(&of.month.end()).copied().unwrap_or(0);
        ahead = ahead.checked_add(more).ok_or_else(out_of_range)?;
        out.push(StraightMonth { of, straight: of.by_day + more, ahead, booked: true });
    }
    // What was booked for months that are no longer of the term counts, too.
    ahead = booked.values().try_fold(0_i64, |sum, more| sum.checked_add(*more)).ok_or_else(out_of_range)?;
    if let (true, Some(until)) = (left.is_empty() && ahead != 0, until) {
        left.push(DayMonth { month: Month::of(until), seat_days: 0, by_day: 0 });
    }
    for (of, straight) in left.iter().zip(level(&left, ahead)?) {
        ahead = ahead.checked_add(straight - of.by_day).ok_or_else(out_of_range)?;
        out.push(StraightMonth { of: *of, straight, ahead, booked: false });
    }
    Ok(out)
}

/// What the days of a month earn: rent of seats, what it falls short of the least, and what comes off.
fn by_day(holding: &Holding, month: Month, order: TaxOrder) -> Result<DayMonth, Refusal> {
    let rated = holding.rate(month)?;
    let seat_days = rated.seat_days_held;
    if rated.lines.is_empty() {
        return Ok(DayMonth { month, seat_days, by_day: 0 });
    }
    let rent = |kind| {
        use LineKind::{Discount, MinimumSpend, RentFree, SeatRent, Waiver};
        matches!(kind, SeatRent | RentFree | MinimumSpend | Waiver | Discount)
    };
    let lines = assemble(rated, holding.tax(order))?.lines;
    let nets = lines.iter().filter(|line| rent(line.rated.kind)).map(|line| line.net_minor);
    let by_day = nets.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)?;
    Ok(DayMonth { month, seat_days, by_day })
}

fn months(lease: &Lease) -> impl Iterator<Item = Month> + use<> {
    let term = lease.versions.last().map(|version| version.terms.term());
    let end = term.and_then(|term| term.to);
    let first = term.map(|term| Month::of(term.from));
    let all = first.into_iter().flat_map(|first| (0..).map(move |n| first.plus(n)));
    all.take_while(move |month| end.is_some_and(|end| month.first_day() < end))
}

/// The straight lines of leases, by what is known now; those out of reach are missing. A number of statements that follows from the
/// months, some thousands each.
///
/// Whoever may not read the books reaches none.
///
/// # Errors
/// Those of reading.
pub async fn straight_lines(tx: &dyn Tx, ctx: &Ctx, ids: &[LeaseId]) -> Result<Vec<StraightLine>> {
    if may_read(ctx).is_err() || ids.is_empty() {
        return Ok(Vec::new());
    }
    let leases = tx.leases_by_id(ids).await?;
    let mut booked: HashMap<LeaseId, BTreeMap<NaiveDate, i64>> = HashMap::new();
    for level in tx.levelled(ids).await? {
        booked.entry(level.lease).or_default().insert(level.until, level.minor);
    }
    let known_at = known_at_last();
    let of = |lease: &Lease| {
        let id = lease.id;
        months(lease).map(move |month| KnownMonth { lease: id, month, known_at })
    };
    let asked: Vec<KnownMonth> = leases.iter().flat_map(of).collect();
    let mut days: HashMap<LeaseId, Result<Vec<DayMonth>, Refusal>> = HashMap::new();
    for portion in asked.chunks(PORTION) {
        let found = tx.holdings(portion).await?;
        let order = order_of(tx, ctx, found.iter().map(|(_, holding)| holding)).await?;
        for (at, holding) in &found {
            let known = days.entry(at.lease).or_insert_with(|| Ok(Vec::new()));
            match (&mut *known, by_day(holding, at.month, order)) {
                (Ok(months), Ok(month)) => months.push(month),
                (Ok(_), Err(refusal)) => *known = Err(refusal),
                (Err(_), _) => {}
            }
        }
    }
    let mut out = Vec::with_capacity(leases.len());
    for lease in leases {
        let Some(currency) = lease.versions.last().map(|version| version.terms.unit_price.currency) else { continue };
        let booked = booked.remove(&lease.id).unwrap_or_default();
        let lined = days.remove(&lease.id).unwrap_or_else(|| Ok(Vec::new())).and_then(|days| line_up(days, &booked));
        let (months, problem) = match lined {
            Ok(months) => (months, None),
            Err(refusal) => (Vec::new(), Some(refusal)),
        };
        out.push(StraightLine { lease: lease.id, currency, months, problem });
    }
    Ok(out)
}

/// The straight lines of the leases that run in a month or are not evened out yet, by tenant and code.
///
/// # Errors
/// [`voxpark_domain::Error::NotFound`] for who may not read the books.
pub async fn straight_lines_of(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<Vec<StraightLine>> {
    may_read(ctx)?;
    let ids = tx.leases_to_level(month).await?;
    let mut lines = straight_lines(tx, ctx, &ids).await?;
    // Nothing is to be said of a lease under which nothing is held or owed.
    let some = |m: &StraightMonth| m.booked || (m.of.seat_days, m.of.by_day, m.straight) != (0, 0, 0);
    lines.retain(|line| line.problem.is_some() || line.months.iter().any(some));
    let place: HashMap<LeaseId, usize> = ids.into_iter().zip(0..).collect();
    lines.sort_by_key(|line| place.get(&line.lease).copied());
    Ok(lines)
}

/// What became of straight lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LevelledLeases {
    /// Entries that were booked.
    pub entries: usize,
    /// Leases that were left out because their months cannot all be priced.
    pub left_out: usize,
}

/// Books what the straight line of every lease makes of its months until the end of one, as far as the books do not have it. What was
/// booked stays; what changed since is earned over what is left. From the first time on, closing a month does the same.
///
/// # Errors
/// [`voxpark_domain::Error::Forbidden`] or [`voxpark_domain::Error::NotFound`] without permission; `book-month-not-over`.
pub async fn straight_line_book(tx: &dyn Tx, ctx: &Ctx, up_to: Month) -> Result<LevelledLeases> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    over(up_to, ctx).map_err(|refusal| refusal.at("upTo"))?;
    level_until(tx, ctx, up_to).await
}

pub(super) async fn level_until(tx: &dyn Tx, ctx: &Ctx, up_to: Month) -> Result<LevelledLeases> {
    // Held before anything is read: what somebody else books meanwhile is seen.
    tx.book_lock().await?;
    let lines = straight_lines_of(tx, ctx, up_to).await?;
    let left_out = lines.iter().filter(|line| line.problem.is_some()).count();
    let mut facts: Vec<Levelled> = lines.iter().flat_map(|line| due(line, up_to)).collect();
    // By month, so that the numbers of entries follow their days.
    facts.sort_by_key(|fact| (fact.until, fact.lease));
    let facts: Vec<Fact> = facts.into_iter().map(Fact::Levelled).collect();
    let mut done = LevelledLeases { entries: 0, left_out };
    for portion in facts.chunks(super::service::PORTION) {
        done.entries += book(tx, ctx, portion).await?;
    }
    Ok(done)
}

/// What the books lack of a line until the end of a month.
fn due(line: &StraightLine, up_to: Month) -> impl Iterator<Item = Levelled> {
    let months = line.months.iter().filter(move |month| !month.booked && month.of.month <= up_to);
    months.filter(|month| month.straight != month.of.by_day).map(|month| {
        let more = month.straight - month.of.by_day;
        Levelled {
            lease: line.lease,
            income: Income::Revenue(RevenueKind::Rent),
            amount: Money::new(more, line.currency),
            ahead: month.ahead - more,
            until: month.of.month.end(),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn months(of: &[(i64, i64)]) -> Vec<DayMonth> {
        let first = Month::parse("2026-01").expect("a month");
        let month = |(n, (seat_days, by_day)): (i32, &(i64, i64))| DayMonth {
            month: first.plus(n),
            seat_days: *seat_days,
            by_day: *by_day,
        };
        (0..).zip(of).map(month).collect()
    }

    #[test]
    fn rent_free_months_earn_too() {
        // A year at 1,000.00 of which the first two months are free: 10,000.00 over 12 months.
        let first = Month::parse("2026-01").expect("a month");
        let rent = |n: i32| (first.plus(n).days(), if n < 2 { 0 } else { 100_000 });
        let year = months(&(0..12).map(rent).collect::<Vec<_>>());
        let lined = line_up(year.clone(), &BTreeMap::new()).expect("lined up");
        assert_eq!((lined[0].straight, lined[0].ahead, lined[1].ahead), (83_333, 83_333, 166_667));
        assert_eq!(lined.iter().map(|month| month.straight).sum::<i64>(), 1_000_000);
        assert_eq!(lined.last().map(|month| month.ahead), Some(0));
        // What is booked stays, whatever is known later; the rest takes what is left.
        let booked = BTreeMap::from([(year[0].month.end(), 83_333)]);
        let mut more = year.clone();
        more[11].by_day += 50_000;
        let again = line_up(more, &booked).expect("lined up");
        assert_eq!((again[0].straight, again[0].booked, again[1].booked), (83_333, true, false));
        assert_eq!(again.iter().map(|month| month.straight).sum::<i64>(), 1_050_000);
        assert_eq!(again.last().map(|month| month.ahead), Some(0));
        // It ended in January: February evens out what January was ahead.
        let ended = line_up(year[..1].to_vec(), &booked).expect("lined up");
        assert_eq!((ended.len(), ended[1].straight, ended[1].ahead), (2, -83_333, 0));
    }

    #[test]
    fn seats_that_come_later_earn_later() {
        // Ten seats more from the second month on at the same price: nothing is earned before they are there, whatever the
        // lengths of the months.
        let lined = level(&months(&[(31, 3_100), (11 * 28, 34_100)]), 0).expect("levelled");
        assert_eq!(lined, [3_100, 34_100]);
        assert_eq!(level(&months(&[(0, 500), (0, 700)]), 100), Ok(vec![400, 700]), "nothing is held");
    }

    proptest! {
        #[test]
        fn in_the_end_everything_is_earned(
            rents in proptest::collection::vec((0_i64..3_000, -50_000_i64..1_000_000), 1..40),
            ahead in -100_000_i64..100_000,
        ) {
            let all = months(&rents);
            let straight = level(&all, ahead).expect("levelled");
            prop_assert_eq!(straight.iter().sum::<i64>() + ahead, rents.iter().map(|(_, rent)| rent).sum::<i64>());
            let lined = line_up(all, &BTreeMap::new()).expect("lined up");
            prop_assert_eq!(lined.last().map(|month| month.ahead), Some(0));
        }
    }
}
