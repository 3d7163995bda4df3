//! What is shown of seats together: the floor map, counts, seat-days.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::NaiveDate;
use voxpark_domain::{estate, money};

use super::floor_plan::{FloorPicture, picture_on};
use super::load::PastOn;
use super::{Floor, SeatProduct, SeatState};
use crate::error::Fault as _;
use crate::load::load;
use crate::scalar::{Date, Money, Month};
use crate::seat_days;

/// A floor with its seats on a day.
pub(crate) struct FloorMap {
    pub(super) floor: Arc<estate::Floor>,
    pub(super) on: NaiveDate,
    pub(super) seats: Vec<Arc<estate::MapSeat>>,
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
    /// What lies under the seats that day; null where nothing does.
    async fn plan(&self, gql: &Context<'_>) -> async_graphql::Result<Option<FloorPicture>> {
        picture_on(gql, self.floor.id, self.on).await
    }
    /// The seats, by code.
    async fn seats(&self) -> Vec<MapSeat> {
        let state = |s: &estate::MapSeat| {
            let leased = !s.holders.is_empty();
            let facts = estate::Standing { out: s.out, leased, on_hold: s.on_hold, disclosed: self.disclosed };
            estate::SeatState::on(self.on, s.built, facts)
        };
        let past = PastOn { floor: self.floor.id, on: self.on };
        self.seats.iter().map(|seat| MapSeat::of(seat, state(seat), past, self.disclosed)).collect()
    }
}

/// A seat on a floor map.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct MapSeat {
    #[graphql(skip)]
    seat: Arc<estate::MapSeat>,
    #[graphql(skip)]
    past: PastOn,
    #[graphql(skip)]
    disclosed: bool,
    /// Which.
    seat_id: ID,
    /// Its code that day.
    code: String,
    /// The zone that it is in that day.
    zone_id: ID,
    /// The code of that zone that day.
    zone_code: String,
    /// What that zone is called that day.
    zone_name: String,
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

/// A seat on a floor map.
#[ComplexObject]
impl MapSeat {
    /// For how much it is let that day, for a seat-month before tax: what the leases that hold it agreed, together where it
    /// is sold to several shifts. Null for a seat that nobody holds, where there is more than one currency, and for
    /// anybody but staff of the park who may read leases.
    async fn unit_price(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        if !self.disclosed {
            return Ok(None);
        }
        let mut sum: Option<money::Money> = None;
        for holder in &self.seat.holders {
            let Some(lease) = load(gql, holder.lease).await? else { return Ok(None) };
            let Some(version) = lease.version_on(self.past.on) else { return Ok(None) };
            let price = version.terms.price_on(self.past.on);
            sum = Some(match sum {
                None => price,
                Some(sum) => match sum.plus(price) {
                    Ok(sum) => sum,
                    Err(_) => return Ok(None),
                },
            });
        }
        Ok(sum.map(Money::from))
    }
    /// The first of the days, up to that day, on which it was held and nobody sat there; null for a seat that somebody
    /// sits on or nobody holds, and for anybody but staff of the park who may read leases.
    async fn idle_since(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Date>> {
        Ok(self.past(gql).await?.and_then(|past| self.seat.idle_since(past)).map(Date))
    }
    /// Whether it is effective that day by the default rule: held, occupied, and who sits there is proven as employed as the
    /// rule asks. What is proven by the month can still come for the months just past. Null for anybody but staff of the
    /// park who may read leases.
    async fn effective(&self, gql: &Context<'_>) -> async_graphql::Result<Option<bool>> {
        if !self.disclosed {
            return Ok(None);
        }
        let effective = gql.nullable(seat_days::effective_on(gql, self.past.floor, self.past.on).await)?;
        Ok(effective.map(|seats| seats.contains(&self.seat.id)))
    }
    /// The first of the days, up to that day, on which it was there and nobody held it; null for a seat that is held or
    /// not there, and for anybody but staff of the park who may read leases.
    async fn free_since(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Date>> {
        Ok(self.past(gql).await?.and_then(|past| self.seat.free_since(self.past.on, past)).map(Date))
    }
}

impl MapSeat {
    async fn past(&self, gql: &Context<'_>) -> async_graphql::Result<Option<estate::SeatPast>> {
        if !self.disclosed {
            return Ok(None);
        }
        let past = load(gql, self.past).await?;
        Ok(past.map(|past| past.get(&self.seat.id).copied().unwrap_or_default()))
    }

    fn of(seat: &Arc<estate::MapSeat>, state: estate::SeatState, past: PastOn, disclosed: bool) -> Self {
        Self {
            seat: Arc::clone(seat),
            past,
            disclosed,
            seat_id: seat.id.to_string().into(),
            code: seat.code.clone(),
            zone_id: seat.zone.id.to_string().into(),
            zone_code: seat.zone.code.clone(),
            zone_name: seat.zone.name.clone(),
            product: seat.product.into(),
            x_mm: seat.x_mm,
            y_mm: seat.y_mm,
            state: state.into(),
            occupied: seat.occupied,
            holders: seat.holders.iter().map(SeatHolder::from).collect(),
        }
    }
}

/// A day on which something begins or ends on a floor; of what the caller may know.
#[derive(SimpleObject)]
pub(crate) struct FloorChange {
    /// The day.
    on: Date,
    /// Allocations whose first day it is.
    begin: i64,
    /// Allocations whose last day was the day before.
    end: i64,
    /// Seats that exist from it.
    built: i64,
    /// Seats that are gone from it.
    removed: i64,
}

impl From<estate::FloorChange> for FloorChange {
    fn from(change: estate::FloorChange) -> Self {
        let estate::FloorChange { on, begin, end, built, removed } = change;
        Self { on: on.into(), begin, end, built, removed }
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
