//! What seating reads and writes, all of the caller's own tenant.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::entity::{AssignmentFilter, AssignmentSort, Campaign, SeatAssignment};
use super::figures::{Given, Sat};
use crate::error::Result;
use crate::ids::{CampaignId, LeaseId, SeatAssignmentId, SeatId, UserId, ZoneId};
use crate::page::{Page, PageRequest, Sort};
use crate::time::Period;

/// A seat held by an allocation, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Which.
    pub seat: SeatId,
    /// Its code.
    pub code: String,
    /// Where.
    pub zone: ZoneId,
    /// Under which lease.
    pub lease: LeaseId,
    /// When.
    pub held: Period,
}

/// Campaigns and assignments.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every campaign by code.
    async fn campaigns(&self) -> Result<Vec<Campaign>>;
    /// Campaigns by id; those out of reach are missing.
    async fn campaigns_by_id(&self, ids: &[CampaignId]) -> Result<Vec<Campaign>>;
    /// Stores a campaign; `false` when the code is taken.
    async fn campaign_add(&self, campaign: &Campaign, now: DateTime<Utc>) -> Result<bool>;

    /// Assignments.
    async fn assignments(
        &self,
        filter: &AssignmentFilter,
        sort: Sort<AssignmentSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatAssignment>>;
    /// How many.
    async fn assignments_count(&self, filter: &AssignmentFilter) -> Result<i64>;
    /// Assignments by id; those out of reach are missing.
    async fn assignments_by_id(&self, ids: &[SeatAssignmentId]) -> Result<Vec<SeatAssignment>>;
    /// The same, kept from everybody else until this transaction ends.
    async fn assignments_locked(&self, ids: &[SeatAssignmentId]) -> Result<Vec<SeatAssignment>>;
    /// What stands of seats that touches the period, or ends on the day before it.
    async fn assignments_of_seats(&self, seats: &[SeatId], within: Period) -> Result<Vec<SeatAssignment>>;
    /// Stores assignments; `false` when the database itself found a seat given twice.
    async fn assignments_add(&self, assignments: &[SeatAssignment], by: Option<UserId>) -> Result<bool>;
    /// Sets the day after the last of assignments.
    async fn assignments_end(
        &self,
        ids: &[SeatAssignmentId],
        on: NaiveDate,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<()>;
    /// Takes assignments back.
    async fn assignments_reverse(&self, ids: &[SeatAssignmentId], at: DateTime<Utc>, by: Option<UserId>) -> Result<()>;

    /// Seats held on days of a period.
    async fn held_within(&self, within: Period) -> Result<Vec<Recorded>>;
    /// Seats given on days of a period.
    async fn given_within(&self, within: Period) -> Result<Vec<Given>>;
    /// People placed on seats on days of a period.
    async fn sat_within(&self, within: Period) -> Result<Vec<Sat>>;
}
