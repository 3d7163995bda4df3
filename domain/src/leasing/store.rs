//! What leasing reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::amend::Bound;
use super::entity::{Allocation, Lease, LeaseFilter, LeaseSort, LeaseVersion, LedgerEntry, Locked, Shift, Sitting};
use super::renew::Transferred;
use crate::error::Result;
use crate::estate::Seat;
use crate::ids::{AllocationId, LeaseId, SeatId, TenantId, UserId, ZoneId};
use crate::page::{Page, PageRequest, Sort};
use crate::time::Period;

/// Whose allocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AllocationsOf {
    /// Of a tenant.
    Tenant(TenantId),
    /// Of a lease.
    Lease(LeaseId),
}

/// A seat that somebody holds already. Who, is nobody's business here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatHeld {
    /// Which.
    pub seat: SeatId,
    /// When.
    pub held: Period,
    /// Until when it is only kept for somebody; `None` = it is leased.
    pub until: Option<DateTime<Utc>>,
}

/// Leases and allocations in reach of the caller.
#[async_trait]
pub trait Store: Send + Sync {
    /// Leases with their versions by tenant and code, as they stand on a day.
    async fn leases(
        &self,
        filter: &LeaseFilter,
        today: NaiveDate,
        sort: Sort<LeaseSort>,
        page: &PageRequest,
    ) -> Result<Page<Lease>>;
    /// How many each of the tenants has; those without are missing.
    async fn leases_counts(&self, tenants: &[TenantId]) -> Result<Vec<(TenantId, i64)>>;
    /// How many.
    async fn leases_count(&self, filter: &LeaseFilter, today: NaiveDate) -> Result<i64>;
    /// The first leases of tenants, by code: up to `first + 1` each.
    async fn leases_first(&self, tenants: &[TenantId], first: u32) -> Result<Vec<Lease>>;
    /// Leases by id with their versions.
    async fn leases_by_id(&self, ids: &[LeaseId]) -> Result<Vec<Lease>>;
    /// Stores a lease with its versions; `false` when the tenant has one of this code.
    async fn lease_add(&self, lease: &Lease, by: Option<UserId>) -> Result<bool>;
    /// Stores the next version of a lease.
    async fn lease_version_add(&self, lease: &Lease, version: &LeaseVersion, by: Option<UserId>) -> Result<()>;
    /// What was done under a lease.
    async fn lease_bound(&self, lease: LeaseId) -> Result<Bound>;

    /// Allocations in the order they were made; only those that cover the day, where one is given.
    async fn allocations(
        &self,
        of: AllocationsOf,
        on: Option<NaiveDate>,
        page: &PageRequest,
    ) -> Result<Page<Allocation>>;
    /// How many each has; those without are missing.
    async fn allocations_counts(
        &self,
        of: &[AllocationsOf],
        on: Option<NaiveDate>,
    ) -> Result<Vec<(AllocationsOf, i64)>>;
    /// The first allocations of each: up to `first + 1`.
    async fn allocations_first(
        &self,
        of: &[AllocationsOf],
        on: Option<NaiveDate>,
        first: u32,
    ) -> Result<Vec<(AllocationsOf, Allocation)>>;
    /// Allocations by id.
    async fn allocations_by_id(&self, ids: &[AllocationId]) -> Result<Vec<Allocation>>;
    /// Allocations of seats that touch the period, by seat and shift.
    async fn allocations_of_seats(&self, seats: &[SeatId], within: Period) -> Result<Vec<Allocation>>;
    /// Seats held under leases on a day.
    async fn lease_seat_counts(&self, leases: &[LeaseId], on: NaiveDate) -> Result<Vec<(LeaseId, i64)>>;
    /// Seats that tenants hold on a day, and of the seats of the park those on which they placed people.
    async fn tenant_seat_counts(&self, tenants: &[TenantId], on: NaiveDate) -> Result<Vec<(TenantId, i64, i64)>>;

    /// Keeps every other change of these leases, of what they hold, and of their invoices waiting until this transaction
    /// ends. What is recorded or priced under the lock takes its instant from it.
    async fn leases_lock(&self, leases: &[LeaseId]) -> Result<Locked>;
    /// The same for the leases of allocations.
    async fn leases_lock_of(&self, allocations: &[AllocationId]) -> Result<Locked>;

    /// Seats by id, kept from every other buyer until this transaction ends.
    async fn seats_locked(&self, ids: &[SeatId]) -> Result<Vec<Seat>>;
    /// Who is in the way: seats held, or kept for somebody, at these times of the day over part of the period.
    async fn seats_held(&self, seats: &[SeatId], held: Period, shift: Shift) -> Result<Vec<SeatHeld>>;
    /// Whether the park wants a paper signed before seats are had, and none of this lease is.
    async fn unsigned(&self, lease: LeaseId) -> Result<bool>;
    /// Zones in which tenants other than this one hold seats over part of the period, each with whether one of them has it
    /// to itself. Whoever wants zones to itself keeps every other buyer in them waiting until this transaction ends;
    /// others only those who do.
    async fn zones_taken(
        &self,
        zones: &[ZoneId],
        own: bool,
        tenant: TenantId,
        within: Period,
    ) -> Result<Vec<(ZoneId, bool)>>;
    /// Zones in which seats are held under a lease on a day or later.
    async fn lease_zones(&self, lease: LeaseId, from: NaiveDate) -> Result<Vec<ZoneId>>;
    /// Stores allocations; `false` when the database itself found a seat held twice.
    async fn allocations_add(&self, allocations: &[Allocation]) -> Result<bool>;
    /// Allocations by id with the codes of their seats, kept from everybody else until this transaction ends.
    async fn allocations_locked(&self, ids: &[AllocationId]) -> Result<Vec<(Allocation, String)>>;
    /// Allocations of a lease that reach beyond a day, each with its first day.
    async fn allocations_beyond(&self, lease: LeaseId, on: NaiveDate) -> Result<Vec<(AllocationId, NaiveDate)>>;
    /// Who would still sit there on that day or later, by allocation; nobody names them.
    async fn sitting_beyond(&self, ids: &[AllocationId], on: NaiveDate) -> Result<Vec<Sitting>>;
    /// Ends what reaches beyond the day, and takes out what would only begin then.
    async fn sitting_end(&self, ids: &[AllocationId], on: NaiveDate, recorded_at: DateTime<Utc>) -> Result<()>;
    /// Ends allocations on a day on which nobody sits there any more.
    async fn allocations_end(&self, ids: &[AllocationId], on: NaiveDate, recorded_at: DateTime<Utc>) -> Result<()>;
    /// Takes allocations out that never were; the ledger keeps what became of them.
    async fn allocations_remove(&self, ids: &[AllocationId]) -> Result<()>;
    /// Keeps that one lease became another. Of both only the park reads.
    async fn lease_transfer_add(
        &self,
        from: TenantId,
        to: TenantId,
        leases: Transferred,
        on: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<()>;
    /// What leases became, and what they were before: day and both leases.
    async fn lease_transfers(&self, leases: &[LeaseId]) -> Result<Vec<(NaiveDate, LeaseId, LeaseId)>>;
    /// Appends to the seat ledger.
    async fn ledger_add(&self, entries: &[LedgerEntry], by: Option<UserId>) -> Result<()>;
}
