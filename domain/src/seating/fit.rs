//! Whether seats that a tenant holds can be given as it wishes.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::entity::SeatAssignment;
use crate::error::{Refusal, RefusalCode};
use crate::ids::SeatId;
use crate::leasing::Shift;
use crate::time::Period;

/// A seat as the tenant holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    /// When.
    pub(super) held: Period,
    /// At what time of the day.
    pub(super) shift: Shift,
}

/// When seats are to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// On these days; without an end as long as they are held.
    pub(super) used: Period,
    /// At what time of the day; `None` = whenever each is held on the first day.
    pub(super) shift: Option<Shift>,
}

fn within(shift: Shift, held: Shift) -> bool {
    held.from_min <= shift.from_min && shift.to_min <= held.to_min
}

fn text(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "…".to_owned(), |day| day.to_string())
}

/// The window for which each seat can be given, or why it cannot, naming the seat and its days. `held` are the tenant's own
/// allocations of the seats, `given` what stands against it.
///
/// # Errors
/// For each seat `assign-not-held`, `assign-taken`.
pub(super) fn windows(
    seats: &[(SeatId, String)],
    wish: Wish,
    held: &HashMap<SeatId, Vec<Holding>>,
    given: &HashMap<SeatId, Vec<SeatAssignment>>,
) -> Result<Vec<(SeatId, Shift)>, Vec<Refusal>> {
    let (mut good, mut bad) = (Vec::with_capacity(seats.len()), Vec::new());
    for (at, (seat, code)) in seats.iter().enumerate() {
        let own = held.get(seat).map_or(&[][..], Vec::as_slice);
        let taken = given.get(seat).map_or(&[][..], Vec::as_slice);
        match window(wish, own, taken) {
            Ok(shift) => good.push((*seat, shift)),
            Err(refusal) => bad.push(refusal.at(format!("seatIds.{at}")).with("seat", code.as_str())),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

fn window(wish: Wish, held: &[Holding], given: &[SeatAssignment]) -> Result<Shift, Refusal> {
    let used = wish.used;
    let not_held = |from: NaiveDate, to: Option<NaiveDate>| {
        Refusal::new(RefusalCode::State, "assign-not-held").with("from", from).with("to", text(to))
    };
    let first = held.iter().filter(|h| h.held.contains(used.from));
    let shift = match wish.shift {
        Some(shift) => shift,
        // The widest of those that begin it.
        None => match first.max_by_key(|h| h.shift.to_min.saturating_sub(h.shift.from_min)) {
            Some(holding) => holding.shift,
            None => return Err(not_held(used.from, used.to)),
        },
    };
    // Day by day along the allocations that cover the window, until one day is not held.
    let mut until = used.from;
    loop {
        let next = held.iter().filter(|h| within(shift, h.shift) && h.held.contains(until)).map(|h| h.held.to);
        match next.max_by_key(|to| to.unwrap_or(NaiveDate::MAX)) {
            Some(None) => break,
            Some(Some(to)) if used.to.is_some_and(|end| to >= end) => break,
            Some(Some(to)) => until = to,
            // Without an end it lasts as long as the seat is held; on its first day it is.
            None if used.to.is_none() && until > used.from => break,
            None => return Err(not_held(until, used.to)),
        }
    }
    let over =
        |other: &&SeatAssignment| other.reversed_at.is_none() && clashes((used, shift), (other.used, other.shift));
    match given.iter().find(over) {
        None => Ok(shift),
        Some(other) => Err(Refusal::new(RefusalCode::Overlap, "assign-taken")
            .with("from", other.used.from)
            .with("to", text(other.used.to))),
    }
}

/// Whether two windows take a seat at one time, minutes after midnight included.
fn clashes(a: (Period, Shift), b: (Period, Shift)) -> bool {
    let parts = |(days, shift): (Period, Shift)| {
        let next = |day: NaiveDate| day.succ_opt().unwrap_or(day);
        let after = Period { from: next(days.from), to: days.to.map(next) };
        [(days, shift.from_min, shift.until_midnight()), (after, 0, shift.next_day())]
    };
    parts(a).iter().any(|(days, from, to)| {
        parts(b)
            .iter()
            .any(|(others, start, end)| days.overlaps(*others) && from < to && start < end && from < end && start < to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use crate::leasing::FULL_DAY;
    use crate::seating::AssignMode;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, n).expect("a date")
    }
    fn shift(from_min: i64, to_min: i64) -> Shift {
        Shift { from_min, to_min }
    }
    fn days(from: u32, to: Option<u32>) -> Period {
        Period { from: day(from), to: to.map(day) }
    }
    fn given(used: Period, shift: Shift) -> SeatAssignment {
        SeatAssignment {
            id: crate::ids::Id::from_uuid(uuid::Uuid::nil()),
            seat: SeatId::from_uuid(uuid::Uuid::nil()),
            team: None,
            campaign: None,
            mode: AssignMode::Dedicated,
            used,
            shift,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            ended_at: None,
            reversed_at: None,
        }
    }
    fn rule(wish: Wish, held: &[Holding], taken: &[SeatAssignment]) -> Result<Shift, &'static str> {
        window(wish, held, taken).map_err(|r| r.rule)
    }

    #[test]
    fn a_seat_is_given_inside_what_is_held() {
        let early = Holding { held: days(5, Some(10)), shift: FULL_DAY };
        let late = Holding { held: days(10, Some(20)), shift: FULL_DAY };
        let by_day = Holding { held: days(20, None), shift: shift(480, 1080) };
        let all = [late, by_day, early];
        let wish = |used, shift| Wish { used, shift };
        assert_eq!(rule(wish(days(5, Some(20)), None), &all, &[]), Ok(FULL_DAY));
        assert_eq!(rule(wish(days(5, None), None), &all, &[]), Ok(FULL_DAY), "as long as it is held so");
        assert_eq!(rule(wish(days(4, Some(6)), None), &all, &[]), Err("assign-not-held"));
        assert_eq!(rule(wish(days(5, Some(21)), None), &all, &[]), Err("assign-not-held"));
        assert_eq!(rule(wish(days(5, Some(28)), Some(shift(540, 1000))), &all, &[]), Ok(shift(540, 1000)));
        assert_eq!(rule(wish(days(20, None), Some(shift(540, 1200))), &all, &[]), Err("assign-not-held"));
        assert_eq!(rule(wish(days(22, Some(23)), None), &all, &[]), Ok(shift(480, 1080)));
        assert_eq!(rule(wish(days(5, None), None), &[], &[]), Err("assign-not-held"));
    }

    #[test]
    fn two_never_have_it_at_one_time() {
        let held = [
            Holding { held: days(1, None), shift: shift(0, 1440) },
            Holding { held: days(1, None), shift: shift(1320, 1800) },
        ];
        let night = given(days(5, Some(6)), shift(1320, 1800));
        let wish = |from, to, window| Wish { used: days(from, Some(to)), shift: Some(window) };
        assert_eq!(rule(wish(6, 7, shift(0, 360)), &held, std::slice::from_ref(&night)), Err("assign-taken"));
        assert_eq!(rule(wish(6, 7, shift(360, 700)), &held, std::slice::from_ref(&night)), Ok(shift(360, 700)));
        assert_eq!(rule(wish(4, 5, shift(1320, 1440)), &held, std::slice::from_ref(&night)), Ok(shift(1320, 1440)));
        assert_eq!(rule(wish(4, 6, shift(1320, 1440)), &held, std::slice::from_ref(&night)), Err("assign-taken"));
        let gone = SeatAssignment { reversed_at: Some(chrono::DateTime::UNIX_EPOCH), ..night };
        assert!(rule(wish(4, 6, shift(1320, 1440)), &held, &[gone]).is_ok());
    }
}
