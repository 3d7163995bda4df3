//! What the estate reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::control::{BuiltSeats, MovedSeat, SeatSpan};
use super::entity::{Building, Floor, MapSeat, ProductCount, Seat, SeatFilter, SeatSort, Sight, Zone};
use super::past::{FloorChange, PastHolding};
use super::plan::{Known, Plan};
use super::usage::Span;
use crate::error::Result;
use crate::ids::{BuildingId, FloorId, SeatId, TenantId, ZoneId};
use crate::page::{Page, PageRequest, Sort};
use crate::time::Period;

/// The estate of the caller's park.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every building, by code.
    async fn buildings(&self) -> Result<Vec<Building>>;
    /// Buildings by id.
    async fn buildings_by_id(&self, ids: &[BuildingId]) -> Result<Vec<Building>>;
    /// Every floor, by building, level and code.
    async fn floors(&self) -> Result<Vec<Floor>>;
    /// Floors by id.
    async fn floors_by_id(&self, ids: &[FloorId]) -> Result<Vec<Floor>>;
    /// Floors of buildings, by level and code.
    async fn floors_of(&self, buildings: &[BuildingId]) -> Result<Vec<Floor>>;
    /// Zones by id.
    async fn zones_by_id(&self, ids: &[ZoneId]) -> Result<Vec<Zone>>;
    /// Zones of floors that have not ended, by code.
    async fn zones_of(&self, floors: &[FloorId]) -> Result<Vec<Zone>>;
    /// Seats by id.
    async fn seats_by_id(&self, ids: &[SeatId]) -> Result<Vec<Seat>>;
    /// Seats by code. How much the caller sees decides what `Available` can mean.
    async fn seats(
        &self,
        filter: &SeatFilter,
        sight: Sight,
        sort: Sort<SeatSort>,
        page: &PageRequest,
    ) -> Result<Page<Seat>>;
    /// How many.
    async fn seats_count(&self, filter: &SeatFilter, sight: Sight) -> Result<i64>;
    /// How many seats zones have, planned and gone ones too; zones without are missing.
    async fn seats_in(&self, zones: &[ZoneId]) -> Result<Vec<(ZoneId, i64)>>;
    /// The first seats of zones, by code: up to `first + 1` each.
    async fn seats_first(&self, zones: &[ZoneId], first: u32) -> Result<Vec<Seat>>;

    /// The tree of the park, and the seats among these codes.
    async fn estate_known(&self, codes: &[&str], today: NaiveDate) -> Result<Known>;
    /// Adds and changes what a plan says.
    async fn estate_apply(&self, plan: &Plan) -> Result<()>;

    /// The seats of a floor on a day, by code.
    async fn floor_map(&self, floor: FloorId, on: NaiveDate, sight: Sight) -> Result<Vec<MapSeat>>;
    /// The days on which something begins or ends on a floor, the earliest first.
    async fn floor_changes(&self, floor: FloorId) -> Result<Vec<FloorChange>>;
    /// Allocations of the seats of a floor that began by the day, by seat and start.
    async fn floor_past(&self, floor: FloorId, on: NaiveDate) -> Result<Vec<PastHolding>>;
    /// Seats by product on a day, by the holds in force at an instant.
    async fn seat_counts(&self, on: NaiveDate, now: DateTime<Utc>) -> Result<Vec<ProductCount>>;
    /// How many seats existed in which period.
    async fn spans_built(&self, within: Period) -> Result<Vec<(Period, i64)>>;
    /// Holdings that touch the period: by tenant when tenants are named, else of the park; within that by seat and start.
    async fn spans_held(&self, within: Period, of: Option<&[TenantId]>) -> Result<Vec<Span<(TenantId, SeatId)>>>;
    /// Placements of people that touch the period, likewise. Who they are is not read.
    async fn spans_occupied(&self, within: Period, of: Option<&[TenantId]>) -> Result<Vec<Span<(TenantId, SeatId)>>>;
    /// How many seats of which zone and product existed in which period, of the park or of a floor, in the order of the
    /// plan.
    async fn built_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<BuiltSeats>>;
    /// Seats that were in another zone than now on days of the period, likewise; by seat and first day.
    async fn moved_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<MovedSeat>>;
    /// Holdings that touch the period with where their seat is, likewise; by seat and start.
    async fn held_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<SeatSpan>>;
    /// Placements of people, likewise. Who they are is not read.
    async fn occupied_by_zone(&self, within: Period, floor: Option<FloorId>) -> Result<Vec<SeatSpan>>;
}
