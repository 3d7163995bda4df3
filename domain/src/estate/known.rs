//! In which zones seats were, and under which codes, as it was known at an instant.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::places::ALWAYS;
use crate::ids::{SeatId, ZoneId};
use crate::time::Period;

/// What was so until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former<T> {
    /// What was so.
    pub what: T,
    /// The day after the last.
    pub to: NaiveDate,
    /// When the change was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// What is so now, and what was so before, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<T> {
    /// After every change.
    pub now: T,
    /// Before each of them.
    pub former: Vec<Former<T>>,
}

impl<T> Changes<T> {
    /// As it was known at an instant, in order of days: what was so until which day; the last one is open. Every change is
    /// true from the day of the change before or later, so that what was recorded later says what was believed to last.
    pub fn known(&self, at: DateTime<Utc>) -> Vec<(Option<NaiveDate>, &T)> {
        let (mut known, unknown): (Vec<_>, Vec<_>) = self.former.iter().partition(|former| former.recorded_at <= at);
        known.sort_by_key(|former| (former.to, former.recorded_at));
        let last = unknown.into_iter().min_by_key(|former| (former.recorded_at, former.to));
        let last = last.map_or(&self.now, |former| &former.what);
        known.into_iter().map(|former| (Some(former.to), &former.what)).chain([(None, last)]).collect()
    }
}

/// What a zone is called on its floor, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZonePath {
    /// Code of the building.
    pub building: String,
    /// Code of the floor.
    pub floor: String,
    /// Codes of the zone.
    pub codes: Changes<String>,
}

/// A stay of a seat in a zone of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The days; a first one begins with the calendar, a last one is open.
    pub days: Period,
    /// The names by which the zone goes: its code, and that behind the codes of its floor and its building (`A`, `F2/A`,
    /// `B1/F2/A`), for codes that several floors have. None for a zone out of reach.
    pub zone: Arc<[String]>,
}

/// Where some seats are and were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatZones {
    /// The zones of the seats.
    pub seats: HashMap<SeatId, Changes<ZoneId>>,
    /// What is known of those zones.
    pub zones: HashMap<ZoneId, ZonePath>,
}

impl SeatZones {
    /// Where each of some seats was, as it was known at an instant, in order of days. Seats that nobody asked for have no
    /// stay.
    pub fn known(&self, seats: impl IntoIterator<Item = SeatId>, at: DateTime<Utc>) -> HashMap<SeatId, Vec<Stay>> {
        let mut names: HashMap<ZoneId, Vec<Stay>> = HashMap::new();
        let mut found = HashMap::new();
        for seat in seats {
            let Some(zones) = self.seats.get(&seat) else { continue };
            let (mut from, mut stays) = (ALWAYS, Vec::new());
            for (to, zone) in zones.known(at) {
                let days = Period { from, to };
                let called = names.entry(*zone).or_insert_with(|| self.called(*zone, at));
                stays.extend(called.iter().filter_map(|stay| {
                    let days = stay.days.intersect(days)?;
                    Some(Stay { days, zone: Arc::clone(&stay.zone) })
                }));
                from = to.map_or(from, |to| to.max(from));
            }
            found.insert(seat, stays);
        }
        found
    }

    /// What a zone was called, over all days.
    fn called(&self, zone: ZoneId, at: DateTime<Utc>) -> Vec<Stay> {
        let Some(path) = self.zones.get(&zone) else {
            return vec![Stay { days: Period { from: ALWAYS, to: None }, zone: Arc::from([]) }];
        };
        let mut from = ALWAYS;
        let mut called = Vec::new();
        for (to, code) in path.codes.known(at) {
            let on_floor = format!("{}/{code}", path.floor);
            let zone = Arc::from([code.clone(), on_floor.clone(), format!("{}/{on_floor}", path.building)]);
            called.push(Stay { days: Period { from, to }, zone });
            from = to.map_or(from, |to| to.max(from));
        }
        called.retain(|stay| stay.days.to.is_none_or(|to| to > stay.days.from));
        called
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use uuid::Uuid;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, n).expect("a date")
    }
    fn at(n: u32) -> DateTime<Utc> {
        day(n).and_hms_opt(12, 0, 0).expect("an instant").and_utc()
    }
    fn zone(n: u128) -> ZoneId {
        ZoneId::from_uuid(Uuid::from_u128(n))
    }
    fn until<T>(what: T, to: u32, recorded: u32) -> Former<T> {
        Former { what, to: day(to), recorded_at: at(recorded) }
    }
    fn path(floor: &str, codes: Changes<String>) -> ZonePath {
        ZonePath { building: "B1".into(), floor: floor.into(), codes }
    }

    #[test]
    fn what_was_recorded_later_is_not_known() {
        let seat = SeatId::from_uuid(Uuid::from_u128(7));
        // In 1 until the 10th, said on the 12th; in 2 until the 20th, said on the 20th; in 3 since. 1 was A, and is East from
        // the 5th on, said on the 15th.
        let seats = Changes { now: zone(3), former: vec![until(zone(2), 20, 20), until(zone(1), 10, 12)] };
        let always = |code: &str| Changes { now: code.to_owned(), former: Vec::new() };
        let zones = HashMap::from([
            (zone(1), path("F1", Changes { now: "East".into(), former: vec![until("A".into(), 5, 15)] })),
            (zone(2), path("F1", always("B"))),
            (zone(3), path("F2", always("A"))),
        ]);
        let known = SeatZones { seats: HashMap::from([(seat, seats)]), zones };
        let on = |instant: u32| -> Vec<String> {
            let stays = known.known([seat, SeatId::from_uuid(Uuid::nil())], at(instant));
            assert_eq!(stays.len(), 1, "of the other nothing is known");
            stays[&seat]
                .iter()
                .map(|s| format!("{} {}", s.zone[2], s.days.to.map_or(0, |to| (to - day(1)).num_days() + 1)))
                .collect()
        };
        assert_eq!(on(11), ["B1/F1/A 0"]);
        assert_eq!(on(12), ["B1/F1/A 10", "B1/F1/B 0"]);
        assert_eq!(on(15), ["B1/F1/A 5", "B1/F1/East 10", "B1/F1/B 0"]);
        assert_eq!(on(20), ["B1/F1/A 5", "B1/F1/East 10", "B1/F1/B 20", "B1/F2/A 0"]);
        let last = &known.known([seat], at(31))[&seat][3];
        assert_eq!((&*last.zone, last.days.from), (&["A", "F2/A", "B1/F2/A"].map(String::from)[..], day(20)));
    }

    #[test]
    fn what_was_so_on_no_day_takes_no_day() {
        let changes = Changes { now: 3, former: vec![until(1, 5, 5), until(2, 5, 6)] };
        assert_eq!(changes.known(at(4)), [(None, &1)]);
        assert_eq!(changes.known(at(5)), [(Some(day(5)), &1), (None, &2)]);
        assert_eq!(changes.known(at(6)), [(Some(day(5)), &1), (Some(day(5)), &2), (None, &3)]);
        let zones = HashMap::from([(
            zone(1),
            path("F1", Changes { now: "C".into(), former: vec![until("A".into(), 5, 5), until("B".into(), 5, 6)] }),
        )]);
        let known = SeatZones { seats: HashMap::new(), zones };
        assert_eq!(known.called(zone(1), at(6)).iter().map(|s| s.zone[0].as_str()).collect::<Vec<_>>(), ["A", "C"]);
    }
}
