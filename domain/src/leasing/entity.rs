//! Leases, allocations, the seat ledger.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::clauses::Clauses;
use super::terms::LeaseTerms;
use crate::error::{Refusal, RefusalCode};
use crate::ids::{AllocationId, LeaseId, LedgerEntryId, SeatId, TenantId};
use crate::page::SortKey;
use crate::time::Period;

/// A contract of a tenant with its park.
#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    /// Its id.
    pub id: LeaseId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Unique for the tenant.
    pub code: String,
    /// When it was signed.
    pub signed_on: NaiveDate,
    /// Everything that was agreed, by number; at least one.
    pub versions: Vec<LeaseVersion>,
}

/// What was agreed at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaseVersion {
    /// 1, 2, ...
    pub version: i64,
    /// The first day on which it applies.
    pub in_force_from: NaiveDate,
    /// What it costs.
    pub terms: LeaseTerms,
    /// What it agrees beside that.
    pub clauses: Clauses,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Why it replaced what was agreed before; empty for the first.
    pub reason: String,
}

/// Where a lease is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseState {
    /// Its term has not begun.
    Upcoming,
    /// Its term runs.
    Running,
    /// Its term is over.
    Ended,
}

/// Which leases are asked for; what is `None` or `false` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaseFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// That stand so today, by the terms that are agreed now.
    pub state: Option<LeaseState>,
    /// That end on this day or before, and have not ended yet.
    pub ends_by: Option<NaiveDate>,
    /// Whose price follows an index next on this day or before, and before they end.
    pub index_by: Option<NaiveDate>,
    /// Under which no seat is held today.
    pub without_seats: bool,
}

/// What leases can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LeaseSort {
    /// The code of the tenant, then their own.
    #[default]
    Tenant,
    /// Their own code.
    Code,
    /// How many seats are held under them today.
    Seats,
    /// What a seat costs by the terms agreed now.
    UnitPrice,
    /// The first day of the term agreed now.
    TermFrom,
    /// The day after its last.
    TermTo,
}

impl SortKey for LeaseSort {
    fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Code => "code",
            Self::Seats => "seats",
            Self::UnitPrice => "unit_price",
            Self::TermFrom => "term_from",
            Self::TermTo => "term_to",
        }
    }
}

impl Lease {
    /// The version that applies on a day: the latest of those in force by then, before all of them the first.
    pub fn version_on(&self, day: NaiveDate) -> Option<&LeaseVersion> {
        self.versions.iter().rfind(|v| v.in_force_from <= day).or_else(|| self.versions.first())
    }
    /// The state on a day, by the terms that are agreed now.
    pub fn state(&self, day: NaiveDate) -> LeaseState {
        match self.versions.last().map(|v| v.terms.term()) {
            Some(term) if day < term.from => LeaseState::Upcoming,
            Some(term) if term.contains(day) => LeaseState::Running,
            _ => LeaseState::Ended,
        }
    }
}

/// The minutes of each day for which a seat is held, half-open, so that one seat can be sold to a day and a night shift. A
/// window that reaches over midnight belongs to the day on which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Shift {
    /// First minute, 0 to 1439.
    pub from_min: i64,
    /// The minute after the last; beyond 1440 it is on the next day. The window is no longer than a day.
    pub to_min: i64,
}

/// The whole day.
pub const FULL_DAY: Shift = Shift { from_min: 0, to_min: 1440 };

impl Shift {
    /// A window of one minute to one day.
    ///
    /// # Errors
    /// `shift-window`.
    pub fn new(from_min: i64, to_min: i64) -> Result<Self, Refusal> {
        let day = FULL_DAY.to_min;
        if (0..day).contains(&from_min) && from_min < to_min && to_min.saturating_sub(from_min) <= day {
            return Ok(Self { from_min, to_min });
        }
        Err(Refusal::new(RefusalCode::OutOfRange, "shift-window").with("from", from_min).with("to", to_min))
    }
    /// The minute after the last on the day on which it begins.
    pub fn until_midnight(self) -> i64 {
        self.to_min.min(FULL_DAY.to_min)
    }
    /// The minutes of the next day that belong to it, from midnight on.
    pub fn next_day(self) -> i64 {
        self.to_min.saturating_sub(FULL_DAY.to_min).max(0)
    }
    /// A window as it is stored: its minutes until midnight and those of the next day.
    pub fn stored(from_min: i64, until_midnight: i64, next_day: i64) -> Self {
        Self { from_min, to_min: until_midnight.saturating_add(next_day) }
    }
}

impl std::fmt::Display for Shift {
    /// As price books name it: `09:00-17:30`; of a window over midnight `20:00-08:00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = if self.to_min > FULL_DAY.to_min { self.next_day() } else { self.to_min };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from_min / 60, self.from_min % 60, end / 60, end % 60)
    }
}

/// A tenant holds a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// Who holds.
    pub tenant: TenantId,
    /// What.
    pub seat: SeatId,
    /// Under which lease.
    pub lease: LeaseId,
    /// When.
    pub held: Period,
    /// At what time of the day.
    pub shift: Shift,
    /// When this was recorded last.
    pub recorded_at: DateTime<Utc>,
}

/// What happened to an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerKind {
    /// It begins.
    Allocate,
    /// It ends; of several the one recorded last counts.
    Release,
    /// It never was.
    Reverse,
}

impl LedgerKind {
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allocate => "allocate",
            Self::Release => "release",
            Self::Reverse => "reverse",
        }
    }
}

/// An entry of the seat ledger, which is never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id.
    pub id: LedgerEntryId,
    /// Which allocation, as it was when this was recorded.
    pub allocation: Allocation,
    /// What happened.
    pub kind: LedgerKind,
    /// From which day on it is true.
    pub effective_on: NaiveDate,
    /// When it was recorded: for one allocation always later than what was recorded before.
    pub recorded_at: DateTime<Utc>,
}

/// What a release does to an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It ends on the day asked for.
    End,
    /// It was to end on its first day: it never was.
    Reverse,
}

/// Whether an allocation can end on a day (held until the day before).
///
/// # Errors
/// `release-before-start`; `release-after-end` when it ends on that day or earlier already.
pub fn release(held: Period, on: NaiveDate) -> Result<Release, Refusal> {
    if on < held.from {
        return Err(Refusal::new(RefusalCode::OutOfRange, "release-before-start")
            .with("from", held.from)
            .with("on", on));
    }
    match held.to {
        Some(to) if to <= on => {
            Err(Refusal::new(RefusalCode::State, "release-after-end").with("to", to).with("on", on))
        }
        _ if on == held.from => Ok(Release::Reverse),
        _ => Ok(Release::End),
    }
}

/// People who would still sit on a seat after its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// On which allocation.
    pub allocation: AllocationId,
    /// How many placements reach beyond the day.
    pub people: i64,
    /// The day after the last of them ends.
    pub until: NaiveDate,
}

/// Leases that nobody else changes or bills until this transaction ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    /// How many of those asked for are in reach.
    pub leases: usize,
    /// The latest instant at which anything about them or a place of the park was recorded, or as of which an invoice or credit note of them was priced.
    pub latest: Option<DateTime<Utc>>,
}

impl Locked {
    /// The instant to record a change at: now, but later than whatever was recorded or priced before. So an invoice
    /// priced again from what was known then comes out the same, also with two equal instants or a clock that was set
    /// back.
    pub fn recorded_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.latest.map_or(now, |latest| now.max(latest + TimeDelta::microseconds(1)))
    }
    /// The instant to price at: now, but not before anything that was recorded.
    pub fn known_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.latest.map_or(now, |latest| now.max(latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, n).expect("a date")
    }

    #[test]
    fn a_release_lies_inside_the_allocation() {
        let held = Period { from: day(5), to: Some(day(20)) };
        let rule = |on| release(held, day(on)).map_err(|r| r.rule);
        assert_eq!(rule(4), Err("release-before-start"));
        assert_eq!(rule(5), Ok(Release::Reverse));
        assert_eq!(rule(6), Ok(Release::End));
        assert_eq!(rule(19), Ok(Release::End));
        assert_eq!(rule(20), Err("release-after-end"));
        assert_eq!(release(Period { from: day(5), to: None }, day(31)), Ok(Release::End));
    }

    #[test]
    fn windows_are_at_most_a_day_long_and_may_reach_over_midnight() {
        for (from, to) in [(0, 0), (-1, 5), (0, 1441), (1440, 1500), (600, 2041), (5, 5)] {
            assert!(Shift::new(from, to).is_err(), "{from}-{to}");
        }
        let night = Shift::new(1320, 1800).expect("a shift");
        assert_eq!((night.until_midnight(), night.next_day()), (1440, 360));
        assert_eq!(Shift::stored(1320, 1440, 360), night);
        assert_eq!((FULL_DAY.until_midnight(), FULL_DAY.next_day()), (1440, 0));
        assert_eq!(Shift::new(600, 2040).map(Shift::next_day), Ok(600));
    }

    #[test]
    fn later_is_later_even_on_a_clock_that_stands_still_or_was_set_back() {
        let now: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().expect("an instant");
        let tick = TimeDelta::microseconds(1);
        let locked = |latest| Locked { leases: 1, latest };
        assert_eq!((locked(None).recorded_at(now), locked(None).known_at(now)), (now, now));
        assert_eq!((locked(Some(now)).recorded_at(now), locked(Some(now)).known_at(now)), (now + tick, now));
        let ahead = now + TimeDelta::hours(1);
        assert_eq!((locked(Some(ahead)).recorded_at(now), locked(Some(ahead)).known_at(now)), (ahead + tick, ahead));
        assert_eq!(locked(Some(now - tick)).recorded_at(now), now);
    }
}
