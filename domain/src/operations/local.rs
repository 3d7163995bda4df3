//! Wall-clock times of a place, and the quarter hours, hours and days of its calendar.
//!
//! Offsets are looked up once a day and remembered: a time zone changes its clock twice a year, a call file asks
//! five times a row.

use std::fmt;

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalCode};

const DAY_S: i64 = 86_400;

/// An IANA time zone, kept by its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(Tz);

impl Zone {
    /// From an IANA name (`Asia/Shanghai`).
    ///
    /// # Errors
    /// `zone-unknown`.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        name.parse().map(Self).map_err(|_| Refusal::new(RefusalCode::Invalid, "zone-unknown").with("value", name))
    }
    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
    fn offset_at(self, utc_s: i64) -> i64 {
        let naive = DateTime::<Utc>::from_timestamp(utc_s, 0).unwrap_or_default().naive_utc();
        i64::from(self.0.offset_from_utc_datetime(&naive).fix().local_minus_utc())
    }
}

impl From<Tz> for Zone {
    fn from(tz: Tz) -> Self {
        Self(tz)
    }
}
impl TryFrom<String> for Zone {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::parse(&name).map_err(|_| format!("unknown time zone {name}"))
    }
}
impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}
impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a wall-clock reading stands for. Instants are seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One instant.
    Once(i64),
    /// The clock was set back and showed the reading twice; the earlier and the later instant.
    Twice(i64, i64),
    /// The clock was set forward over the reading. The instant is that of a clock that was not set: reading less the
    /// offset before the change.
    Never(i64),
}

impl Reading {
    /// The instant: the only one, the earlier of two, or that of the clock that was not set.
    pub const fn first(self) -> i64 {
        match self {
            Self::Once(s) | Self::Twice(s, _) | Self::Never(s) => s,
        }
    }
    /// Of two instants the first one that is not before `after` (events of one record follow each other).
    pub const fn not_before(self, after: i64) -> i64 {
        match self {
            Self::Twice(early, late) if early < after => late,
            other => other.first(),
        }
    }
}

/// Reads and sets the clock of a zone. `&mut` because it remembers the offsets of the last days it was asked about.
#[derive(Clone, Debug)]
pub struct LocalClock {
    zone: Zone,
    steady: [Option<(i64, Option<i64>)>; 4],
}

impl LocalClock {
    /// A clock of the zone.
    pub const fn new(zone: Zone) -> Self {
        Self { zone, steady: [None; 4] }
    }
    /// The zone.
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The offset from UTC when it does not change from the day before to the day after `day` (days since 1970).
    fn steady_offset(&mut self, day: i64) -> Option<i64> {
        let zone = self.zone;
        let look = |day: i64| {
            let before = zone.offset_at((day - 1) * DAY_S);
            // The middle catches a change that is taken back within the three days.
            let same = before == zone.offset_at(day * DAY_S + DAY_S / 2) && before == zone.offset_at((day + 2) * DAY_S);
            same.then_some(before)
        };
        let Some(slot) = usize::try_from(day.rem_euclid(4)).ok().and_then(|i| self.steady.get_mut(i)) else {
            return look(day);
        };
        match slot {
            Some((known, offset)) if *known == day => *offset,
            _ => {
                let offset = look(day);
                *slot = Some((day, offset));
                offset
            }
        }
    }

    /// Seconds that local time is ahead of UTC at an instant (seconds since 1970 UTC).
    pub fn offset_at(&mut self, utc_s: i64) -> i64 {
        self.steady_offset(utc_s.div_euclid(DAY_S)).unwrap_or_else(|| self.zone.offset_at(utc_s))
    }

    /// The wall-clock reading at an instant, as seconds since 1970-01-01 00:00 of the wall clock.
    pub fn wall_at(&mut self, utc_s: i64) -> i64 {
        utc_s + self.offset_at(utc_s)
    }

    /// What a wall-clock reading (seconds since 1970-01-01 00:00 of the wall clock) stands for.
    pub fn read(&mut self, wall_s: i64) -> Reading {
        if let Some(offset) = self.steady_offset(wall_s.div_euclid(DAY_S)) {
            return Reading::Once(wall_s - offset);
        }
        let naive = |s: i64| DateTime::<Utc>::from_timestamp(s, 0).unwrap_or_default().naive_utc();
        let offset_of = |local: &NaiveDateTime| self.zone.0.offset_from_local_datetime(local);
        let seconds = |offset: chrono_tz::TzOffset| i64::from(offset.fix().local_minus_utc());
        match offset_of(&naive(wall_s)) {
            MappedLocalTime::Single(o) => Reading::Once(wall_s - seconds(o)),
            MappedLocalTime::Ambiguous(a, b) => {
                let (a, b) = (wall_s - seconds(a), wall_s - seconds(b));
                Reading::Twice(a.min(b), a.max(b))
            }
            MappedLocalTime::None => {
                // A day back the clock had not been set yet; no zone changes twice within it.
                let before = offset_of(&naive(wall_s - DAY_S)).earliest().map_or(0, seconds);
                Reading::Never(wall_s - before)
            }
        }
    }

    /// The instant nearest to `near_s` at which the wall clock shows `time_s` (seconds since midnight): for records
    /// that give a date once and times after it, which may pass midnight or a change of the clock.
    pub fn nearest(&mut self, near_s: i64, time_s: i64) -> i64 {
        let at = |offset: i64| {
            let away = (time_s - (near_s + offset)).rem_euclid(DAY_S);
            near_s + if away >= DAY_S / 2 { away - DAY_S } else { away }
        };
        if let Some(offset) = self.steady_offset(near_s.div_euclid(DAY_S)) {
            return at(offset);
        }
        let offsets = [self.zone.offset_at(near_s - DAY_S / 2), self.zone.offset_at(near_s + DAY_S / 2)];
        let shown = offsets.into_iter().filter(|o| self.zone.offset_at(at(*o)) == *o).map(at);
        shown.min_by_key(|s| (s - near_s).abs()).unwrap_or_else(|| at(offsets[0]))
    }

    /// Start of the slot of `slot_s` seconds of the wall clock (900, 1800, 3600) that holds the instant. Both in
    /// milliseconds since 1970 UTC.
    pub fn slot_start(&mut self, at_ms: i64, slot_s: i64) -> i64 {
        let s = at_ms.div_euclid(1000);
        (s - self.wall_at(s).rem_euclid(slot_s)) * 1000
    }

    /// The civil day that holds the instant (milliseconds since 1970 UTC).
    pub fn date(&mut self, at_ms: i64) -> NaiveDate {
        let days = self.wall_at(at_ms.div_euclid(1000)).div_euclid(DAY_S);
        date_of(days)
    }
}

/// The civil date that many days after 1970-01-01.
pub(crate) fn date_of(days: i64) -> NaiveDate {
    DateTime::<Utc>::from_timestamp(days.saturating_mul(DAY_S), 0).unwrap_or_default().date_naive()
}

/// Days from 1970-01-01 to the date.
pub(crate) fn days_of(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a time").and_utc().timestamp()
    }
    fn utc(text: &str) -> i64 {
        wall(text)
    }
    fn clock(zone: &str) -> LocalClock {
        LocalClock::new(Zone::parse(zone).expect("zone"))
    }

    #[test]
    fn gaps_and_folds_are_told() {
        let mut ny = clock("America/New_York");
        // 2024-03-10 02:00 -> 03:00, 2024-11-03 02:00 -> 01:00.
        assert_eq!(ny.read(wall("2024-03-10 01:59:59")), Reading::Once(utc("2024-03-10 06:59:59")));
        assert_eq!(ny.read(wall("2024-03-10 02:30:00")), Reading::Never(utc("2024-03-10 07:30:00")));
        assert_eq!(
            ny.read(wall("2024-11-03 01:30:00")),
            Reading::Twice(utc("2024-11-03 05:30:00"), utc("2024-11-03 06:30:00"))
        );
        assert_eq!(
            ny.read(wall("2024-11-03 01:30:00")).not_before(utc("2024-11-03 05:40:00")),
            utc("2024-11-03 06:30:00")
        );
        assert_eq!(ny.read(wall("2024-07-01 12:00:00")), Reading::Once(utc("2024-07-01 16:00:00")));
        // Samoa had no 30 December 2011.
        let mut apia = clock("Pacific/Apia");
        assert!(matches!(apia.read(wall("2011-12-30 12:00:00")), Reading::Never(_)));
    }

    #[test]
    fn times_of_a_record_follow_over_midnight_and_changes() {
        let mut ny = clock("America/New_York");
        let noon = 12 * 3600;
        assert_eq!(ny.nearest(utc("2024-07-01 16:00:10"), noon), utc("2024-07-01 16:00:00"));
        assert_eq!(ny.nearest(utc("2024-07-02 03:59:56"), 2), utc("2024-07-02 04:00:02"));
        assert_eq!(ny.nearest(utc("2024-07-02 04:00:02"), 86_396), utc("2024-07-02 03:59:56"));
        // 01:59:50 EST, ten seconds later 03:00:00 EDT.
        assert_eq!(ny.nearest(utc("2024-03-10 06:59:50"), 3 * 3600), utc("2024-03-10 07:00:00"));
        // 01:59:50 EDT, ten seconds later 01:00:00 EST.
        assert_eq!(ny.nearest(utc("2024-11-03 05:59:50"), 3600), utc("2024-11-03 06:00:00"));
    }

    #[test]
    fn slots_begin_on_local_quarters() {
        let mut nepal = clock("Asia/Kathmandu");
        let at = utc("2024-01-01 00:20:00") * 1000 + 5;
        assert_eq!(nepal.slot_start(at, 900), utc("2024-01-01 00:15:00") * 1000); // 06:00 of +05:45
        assert_eq!(nepal.slot_start(at, 3600), utc("2024-01-01 00:15:00") * 1000);
        assert_eq!(nepal.slot_start(-1, 900), -900_000);
        assert_eq!(clock("Asia/Shanghai").date(utc("2024-01-01 16:00:00") * 1000).to_string(), "2024-01-02");
    }

    #[test]
    fn remembered_offsets_agree_with_the_zone_every_hour_of_years() {
        for name in ["Asia/Jerusalem", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Shanghai", "America/Caracas"] {
            let mut c = clock(name);
            let zone = c.zone();
            let mut s = utc("1998-01-01 00:00:00");
            while s < utc("2018-01-01 00:00:00") {
                assert_eq!(c.offset_at(s), zone.offset_at(s), "{name} {s}");
                let reading = c.read(s + zone.offset_at(s));
                assert!(
                    matches!(reading, Reading::Once(i) | Reading::Twice(i, _) | Reading::Twice(_, i) if i == s),
                    "{name} {s}"
                );
                s += 1800;
            }
        }
    }

    #[test]
    fn zones_survive_json_by_name() {
        let z = Zone::parse("Asia/Urumqi").expect("zone");
        assert_eq!(serde_json::to_string(&z).expect("json"), "\"Asia/Urumqi\"");
        assert!(serde_json::from_str::<Zone>("\"Mars/Base\"").is_err());
        assert_eq!(Zone::parse("Mars/Base").map_err(|r| r.rule), Err("zone-unknown"));
    }
}
