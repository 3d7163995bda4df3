//! What staffing reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::day::{Quarter, RosteredShift, SeatWindow};
use super::entity::{Occupancy, RosterAsk, RosterEntry, SeatHolding, Shift};
use crate::error::Result;
use crate::ids::{OccupancyId, PersonId, RosterEntryId, SeatId, ShiftId};
use crate::page::{Page, PageRequest};
use crate::time::Period;

/// Whether somebody could be seated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Yes.
    Done,
    /// The person sits somewhere at that time.
    Elsewhere,
}

/// Shifts, rosters and seats taken of the caller's tenant, and what staffing reads of its seats and contacts.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every shift by code.
    async fn shifts(&self) -> Result<Vec<Shift>>;
    /// Shifts by id; those out of reach are missing.
    async fn shifts_by_id(&self, ids: &[ShiftId]) -> Result<Vec<Shift>>;
    /// Stores a shift; `false` when the code is taken.
    async fn shift_add(&self, shift: &Shift) -> Result<bool>;

    /// The roster of a range, by day and employee number.
    async fn roster(&self, ask: &RosterAsk) -> Result<Vec<RosterEntry>>;
    /// Entries by id; those out of reach are missing.
    async fn roster_by_id(&self, ids: &[RosterEntryId]) -> Result<Vec<RosterEntry>>;
    /// The entries of some people from a day up to and without another.
    async fn roster_of(&self, people: &[PersonId], from: NaiveDate, to: NaiveDate) -> Result<Vec<RosterEntry>>;
    /// Stores new entries with their shifts; `false` when somebody else rostered one of the people meanwhile.
    async fn roster_add(&self, entries: &[(RosterEntry, &Shift)], now: DateTime<Utc>) -> Result<bool>;
    /// Removes entries.
    async fn roster_remove(&self, ids: &[RosterEntryId]) -> Result<()>;
    /// The days of employment of some people; those out of reach are missing.
    async fn employed(&self, people: &[PersonId]) -> Result<Vec<(PersonId, Period)>>;

    /// Seats taken, newest first; `on` = those of that day.
    async fn occupancies(&self, on: Option<NaiveDate>, page: &PageRequest) -> Result<Page<Occupancy>>;
    /// How many.
    async fn occupancies_count(&self, on: Option<NaiveDate>) -> Result<i64>;
    /// Occupancies by id; those out of reach are missing.
    async fn occupancies_by_id(&self, ids: &[OccupancyId]) -> Result<Vec<Occupancy>>;
    /// Where some people sit on a day.
    async fn occupancies_of(&self, people: &[PersonId], on: NaiveDate) -> Result<Vec<Occupancy>>;
    /// Stores one, by an allocation of these days. When they were changed meanwhile, the transaction cannot be committed.
    async fn occupancy_add(&self, occupancy: &Occupancy, held: Period, now: DateTime<Utc>) -> Result<Placed>;
    /// Ends one on a day; `false` when it was changed meanwhile.
    async fn occupancy_end(&self, before: &Occupancy, on: NaiveDate, now: DateTime<Utc>) -> Result<bool>;
    /// When a seat is allocated to the tenant, for whatever part of the day.
    async fn seat_holdings(&self, seat: SeatId) -> Result<Vec<SeatHolding>>;

    /// Contacts of every queue together by quarter hour, in some half-open ranges of instants (milliseconds since
    /// 1970 UTC).
    async fn quarters(&self, ranges: &[(i64, i64)]) -> Result<Vec<Quarter>>;
    /// How many people are rostered for which shift, of the shifts that begin on these days.
    async fn rostered(&self, days: &[NaiveDate]) -> Result<Vec<RosteredShift>>;
    /// How many seats are allocated to the tenant on a day, by part of the day.
    async fn seat_windows(&self, on: NaiveDate) -> Result<Vec<SeatWindow>>;
}
