//! A floor over time: the days on which it changes, and how long its seats have stood empty.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::entity::MapSeat;
use crate::ids::SeatId;
use crate::time::Period;

/// A day on which something begins or ends on a floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloorChange {
    /// The day.
    pub on: NaiveDate,
    /// Allocations whose first day it is.
    pub begin: i64,
    /// Allocations whose last day was the day before.
    pub end: i64,
    /// Seats that exist from it.
    pub built: i64,
    /// Seats that are gone from it.
    pub removed: i64,
}

/// An allocation that began by a day, with the day after the last on which somebody sat under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastHolding {
    /// Which seat.
    pub seat: SeatId,
    /// When it is held.
    pub held: Period,
    /// The day after the last of those who sat down by the day; `None` when nobody did.
    pub sat_to: Option<NaiveDate>,
}

/// What came before on a seat, as seen from a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatPast {
    /// The first day of the unbroken run of allocations that covers the day.
    pub leased_since: Option<NaiveDate>,
    /// The day after the last run that was over by the day.
    pub released: Option<NaiveDate>,
    /// The latest day after somebody sat on it.
    pub sat_to: Option<NaiveDate>,
}

/// What came before by seat. The holdings stand by seat and start.
pub fn pasts(on: NaiveDate, holdings: impl IntoIterator<Item = PastHolding>) -> HashMap<SeatId, SeatPast> {
    let mut pasts: HashMap<SeatId, SeatPast> = HashMap::new();
    let mut run: Option<(SeatId, Period)> = None;
    let close = |pasts: &mut HashMap<SeatId, SeatPast>, (seat, run): (SeatId, Period)| {
        let past = pasts.entry(seat).or_default();
        if run.contains(on) {
            past.leased_since = Some(run.from);
        } else if run.to.is_some_and(|to| to <= on) {
            past.released = past.released.max(run.to);
        }
    };
    for holding in holdings {
        let past = pasts.entry(holding.seat).or_default();
        past.sat_to = past.sat_to.max(holding.sat_to);
        match &mut run {
            Some((seat, run)) if *seat == holding.seat && run.to.is_none_or(|to| holding.held.from <= to) => {
                run.to = match (run.to, holding.held.to) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => {
                if let Some(done) = run.replace((holding.seat, holding.held)) {
                    close(&mut pasts, done);
                }
            }
        }
    }
    if let Some(done) = run {
        close(&mut pasts, done);
    }
    pasts
}

impl MapSeat {
    /// The first of the days, up to the day, on which it was held and nobody sat there; `None` for a seat that somebody
    /// sits on and for one that nobody holds.
    pub fn idle_since(&self, past: SeatPast) -> Option<NaiveDate> {
        let leased = past.leased_since.filter(|_| !self.occupied)?;
        Some(past.sat_to.map_or(leased, |sat| sat.max(leased)))
    }

    /// The first of the days, up to the day, on which it was there and nobody held it; `None` for a seat that is held or
    /// not there.
    pub fn free_since(&self, on: NaiveDate, past: SeatPast) -> Option<NaiveDate> {
        let free = past.leased_since.is_none() && self.built.contains(on);
        free.then(|| past.released.map_or(self.built.from, |day| day.max(self.built.from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{MapZone, SeatProduct};
    use crate::ids::{Id as _, ZoneId};
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn seat(n: u128) -> SeatId {
        SeatId::from_uuid(Uuid::from_u128(n))
    }
    fn held(n: u128, from: &str, to: &str, sat_to: Option<&str>) -> PastHolding {
        let held = Period { from: day(from), to: Some(day(to)) };
        PastHolding { seat: seat(n), held, sat_to: sat_to.map(day) }
    }
    fn drawn(occupied: bool) -> MapSeat {
        MapSeat {
            id: seat(1),
            code: "A".into(),
            zone: MapZone { id: ZoneId::from_uuid(Uuid::from_u128(9)), code: "Z".into(), name: "Z".into() },
            product: SeatProduct::Bare,
            x_mm: 0,
            y_mm: 0,
            built: Period { from: day("2026-01-01"), to: None },
            out: false,
            on_hold: false,
            occupied,
            holders: Vec::new(),
        }
    }

    #[test]
    fn runs_of_leases_follow_on_one_another() {
        let on = day("2026-11-21");
        let past = pasts(
            on,
            [
                // Twice without a day between; left a year ago and never taken again; never leased as yet.
                held(1, "2025-01-01", "2026-01-01", Some("2025-12-20")),
                held(1, "2026-01-01", "2027-01-01", None),
                held(2, "2025-01-01", "2026-06-01", Some("2026-05-02")),
                // Let to a day and a night shift, the night longer; then free.
                held(3, "2026-01-01", "2026-03-01", None),
                held(3, "2026-01-01", "2026-10-01", Some("2026-09-01")),
            ],
        );
        let of = |n| past.get(&seat(n)).copied().unwrap_or_default();
        assert_eq!((of(1).leased_since, of(1).sat_to), (Some(day("2025-01-01")), Some(day("2025-12-20"))));
        assert_eq!((of(2).leased_since, of(2).released), (None, Some(day("2026-06-01"))));
        assert_eq!(of(3).released, Some(day("2026-10-01")));
        assert_eq!(of(4), SeatPast::default());

        assert_eq!(drawn(false).idle_since(of(1)), Some(day("2025-12-20")));
        assert_eq!(drawn(true).idle_since(of(1)), None);
        assert_eq!(drawn(false).free_since(on, of(1)), None);
        assert_eq!(drawn(false).free_since(on, of(2)), Some(day("2026-06-01")));
        assert_eq!(drawn(false).free_since(on, of(4)), Some(day("2026-01-01")));
        assert_eq!(drawn(false).free_since(day("2025-12-31"), of(4)), None);
        // Whoever sat there under an earlier lease does not make the new one idle from before its first day.
        let again = pasts(
            on,
            [held(1, "2025-01-01", "2025-06-01", Some("2025-05-01")), held(1, "2026-10-01", "2027-10-01", None)],
        );
        assert_eq!(drawn(false).idle_since(again[&seat(1)]), Some(day("2026-10-01")));
    }
}
