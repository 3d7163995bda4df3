//! What is shown of seats together: the floor map, counts, seat-days.

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use chrono::NaiveDate;
use voxpark_domain::estate;

use super::{Floor, SeatProduct, SeatState};
use crate::scalar::{Date, Month};

/// A floor with its seats on a day.
pub(crate) struct FloorMap {
    pub(super) floor: Arc<estate::Floor>,
    pub(super) on: NaiveDate,
    pub(super) seats: Vec<estate::MapSeat>,
    pub(super) disclosed: bool,
}

/// A floor with its seats on a day.
#[Object]
impl FloorMap {
    /// The floor.
    async fn floor(&self) -> Floor {
        Floor::from(Arc::clone(&self.floor))
    }
    /// The day.
    async fn on(&self) -> Date {
        self.on.into()
    }
    /// Millimetres that hold all seats with a margin of one metre.
    async fn width_mm(&self) -> i64 {
        estate::extent(&self.seats).0
    }
    /// Millimetres that hold all seats with a margin of one metre.
    async fn height_mm(&self) -> i64 {
        estate::extent(&self.seats).1
    }
    /// The seats, by code.
    async fn seats(&self) -> Vec<MapSeat> {
        let state = |s: &estate::MapSeat| {
            let leased = !s.holders.is_empty();
            let facts = estate::Standing { out: s.out, leased, on_hold: s.on_hold, disclosed: self.disclosed };
            estate::SeatState::on(self.on, s.built, facts)
        };
        self.seats.iter().map(|seat| MapSeat::of(seat, state(seat))).collect()
    }
}

/// A seat on a floor map.
#[derive(SimpleObject)]
pub(crate) struct MapSeat {
    /// Which.
    seat_id: ID,
    /// Its code.
    code: String,
    /// The code of its zone.
    zone_code: String,
    /// What is sold with it.
    product: SeatProduct,
    /// Millimetres from the left edge.
    x_mm: i64,
    /// Millimetres from the upper edge.
    y_mm: i64,
    /// What it is that day.
    state: SeatState,
    /// Whether somebody is placed on it that day: seen by the park and by who holds it.
    occupied: bool,
    /// Who holds it that day, by time of the day, where the caller may know.
    holders: Vec<SeatHolder>,
}

/// Who holds a seat on a day.
#[derive(SimpleObject)]
pub(crate) struct SeatHolder {
    /// Who.
    tenant_id: ID,
    /// Its name in Chinese.
    tenant_name: String,
    /// First day it is held.
    held_from: Date,
    /// The day after the last.
    held_to: Option<Date>,
    /// First minute of the day, 0 to 1439.
    shift_from_min: i64,
    /// The minute after the last; beyond 1440 it is on the next day.
    shift_to_min: i64,
}

impl From<&estate::SeatHolder> for SeatHolder {
    fn from(holder: &estate::SeatHolder) -> Self {
        Self {
            tenant_id: holder.tenant.to_string().into(),
            tenant_name: holder.name.clone(),
            held_from: holder.held.from.into(),
            held_to: holder.held.to.map(Date),
            shift_from_min: holder.shift.from_min,
            shift_to_min: holder.shift.to_min,
        }
    }
}

impl MapSeat {
    fn of(seat: &estate::MapSeat, state: estate::SeatState) -> Self {
        Self {
            seat_id: seat.id.to_string().into(),
            code: seat.code.clone(),
            zone_code: seat.zone_code.clone(),
            product: seat.product.into(),
            x_mm: seat.x_mm,
            y_mm: seat.y_mm,
            state: state.into(),
            occupied: seat.occupied,
            holders: seat.holders.iter().map(SeatHolder::from).collect(),
        }
    }
}

/// Seats of the park on a day.
#[derive(SimpleObject)]
pub(crate) struct SeatCounts {
    /// The day.
    on: Date,
    /// That exist.
    built: i64,
    /// Of those, leased; a seat sold to two shifts counts once.
    leased: i64,
    /// Of those, kept for somebody by a hold in force and not leased.
    held: i64,
    /// Of those, out of service, leased or not.
    out_of_service: i64,
    /// With somebody placed on them; two people on one seat count once.
    occupied: i64,
    /// Of those, neither leased nor kept for somebody nor out of service.
    available: i64,
    /// By product, those there are.
    by_product: Vec<ProductCount>,
}

/// Seats of a product on a day.
#[derive(SimpleObject)]
pub(crate) struct ProductCount {
    /// The product.
    product: SeatProduct,
    /// That exist.
    built: i64,
    /// Of those, leased.
    leased: i64,
    /// Of those, kept for somebody by a hold in force and not leased.
    held: i64,
    /// Of those, out of service, leased or not.
    out_of_service: i64,
    /// Of those, neither leased nor kept for somebody nor out of service.
    available: i64,
}

impl From<estate::SeatCounts> for SeatCounts {
    fn from(counts: estate::SeatCounts) -> Self {
        let of = |c: &estate::ProductCount| ProductCount {
            product: c.product.into(),
            built: c.built,
            leased: c.leased,
            held: c.held,
            out_of_service: c.out,
            available: c.available,
        };
        Self {
            on: counts.on.into(),
            built: counts.sum(|c| c.built),
            leased: counts.sum(|c| c.leased),
            held: counts.sum(|c| c.held),
            out_of_service: counts.sum(|c| c.out),
            occupied: counts.sum(|c| c.occupied),
            available: counts.sum(|c| c.available),
            by_product: counts.by_product.iter().map(of).collect(),
        }
    }
}

/// Seat-days of a calendar month: seats x days.
#[derive(SimpleObject, Clone)]
pub(crate) struct SeatUseMonth {
    /// The month.
    month: Month,
    /// Its days, 28 to 31.
    days: i64,
    /// Seat-days that existed; null where it is the use of one tenant.
    built_seat_days: Option<i64>,
    /// Seat-days that were held; a seat held by two shifts on a day counts once.
    leased_seat_days: i64,
    /// Seat-days with somebody placed; two people on one seat count once a day.
    occupied_seat_days: i64,
}

impl From<estate::SeatUseMonth> for SeatUseMonth {
    fn from(month: estate::SeatUseMonth) -> Self {
        Self {
            month: Month(month.month),
            days: month.month.days(),
            built_seat_days: month.built,
            leased_seat_days: month.leased,
            occupied_seat_days: month.occupied,
        }
    }
}
