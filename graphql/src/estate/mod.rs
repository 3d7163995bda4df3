//! Buildings, floors, zones, seats, the floor map, counts.

mod control;
mod features;
mod floor_plan;
mod load;
mod outage;
mod photo;
mod places;
mod placing;
mod view;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::NaiveDate;
use voxpark_domain::estate::{self, PhotoOf, SeatFilter as Filter, SeatSort};
use voxpark_domain::ids::FloorId;
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Result};

pub(crate) use self::control::ParkControl;
pub(crate) use self::features::FeaturesMutation;
use self::features::{SeatFeature, SeatFeatureFilter, SeatFeatureKindOf};
use self::floor_plan::FloorPlan;
pub(crate) use self::floor_plan::FloorPlanMutation;
use self::load::{FloorsOf, HeldOn, SeatsIn, SeatsOf, ZonesOf};
pub(crate) use self::load::{alike, grouped, holders};
use self::outage::OutOn;
pub(crate) use self::outage::{OutageMutation, ParkOutages, SeatOutage};
pub(crate) use self::photo::{PhotoMutation, PlacePhoto};
pub(crate) use self::places::PlacesMutation;
use self::places::{SeatPlace, ZoneName, names_of, place_on, places_of};
pub(crate) use self::placing::PlacingMutation;
pub(crate) use self::view::SeatUseMonth;
use self::view::{FloorChange, FloorMap, SeatCounts};
use crate::error::Fault as _;
use crate::leasing::{Allocation, HoldOn, HoldersOn, SeatHold};
use crate::load::{load, load_known};
use crate::node;
use crate::page::{self, Order, Paged, counted, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

/// What is sold with a seat.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[graphql(remote = "estate::SeatProduct")]
pub(crate) enum SeatProduct {
    /// The place alone.
    Bare,
    /// With furniture.
    Furnished,
    /// With furniture and the park's call-centre system.
    Equipped,
}

/// What a seat is on a day.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "estate::SeatState")]
pub(crate) enum SeatState {
    /// Not built yet.
    Planned,
    /// Nobody has it, and it can be had. Only staff of the park see this.
    Available,
    /// Kept for somebody while an offer is open. Only staff of the park see this.
    Held,
    /// Leased, by somebody whom the caller may know.
    Allocated,
    /// It cannot be used, whoever leases it.
    OutOfService,
    /// Taken away.
    Removed,
    /// There, and not leased by the caller: whether a neighbour leases it is not told.
    Undisclosed,
}

/// Reads a day argument: today in the park when there is none.
pub(crate) fn day(gql: &Context<'_>, on: Option<Date>) -> async_graphql::Result<NaiveDate> {
    match on {
        Some(day) => Ok(day.0),
        None => gql.request().ctx().map(Ctx::today).map_err(|e| gql.fault(&e)),
    }
}

/// A building.
#[derive(Clone)]
pub(crate) struct Building(Arc<estate::Building>);

impl From<Arc<estate::Building>> for Building {
    fn from(building: Arc<estate::Building>) -> Self {
        Self(building)
    }
}

/// A building.
#[Object]
impl Building {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Unique in the park.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Its floors, by level.
    async fn floors(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Floor>> {
        let floors = load(gql, FloorsOf(self.0.id)).await?.unwrap_or_default();
        Ok(floors.into_iter().map(Floor::from).collect())
    }
}

/// A floor of a building.
#[derive(Clone)]
pub(crate) struct Floor(Arc<estate::Floor>);

impl From<Arc<estate::Floor>> for Floor {
    fn from(floor: Arc<estate::Floor>) -> Self {
        Self(floor)
    }
}

/// A floor of a building.
#[Object]
impl Floor {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Unique in its building.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Storey number: 1 at ground, negative below.
    async fn level(&self) -> i64 {
        self.0.level
    }
    /// Where it is.
    async fn building(&self, gql: &Context<'_>) -> async_graphql::Result<Building> {
        load_known(gql, self.0.building).await.map(Building::from)
    }
    /// Its zones, by code; without those that were merged into others.
    async fn zones(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Zone>> {
        let zones = load(gql, ZonesOf(self.0.id)).await?.unwrap_or_default();
        Ok(zones.into_iter().map(Zone::from).collect())
    }
    /// All its seats with their state on a day, read at once.
    async fn map(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<FloorMap> {
        let (request, on) = (gql.request(), day(gql, on)?);
        let read = async {
            let ctx = request.ctx()?;
            let seats = estate::floor_map(&*request.read().await?, ctx, self.0.id, on).await?;
            Ok((seats, estate::discloses(ctx)))
        };
        let (seats, disclosed) = read.await.map_err(|e| gql.fault(&e))?;
        Ok(FloorMap { floor: Arc::clone(&self.0), on, seats: seats.into_iter().map(Arc::new).collect(), disclosed })
    }
    /// What lies under its seats and from which day on, the latest first; of those that begin on the same day the one that
    /// was recorded last holds.
    async fn plans(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<FloorPlan>> {
        floor_plan::plans_of(gql, self.0.id).await
    }
    /// The days on which something begins or ends there, the earliest first; of what the caller may know.
    async fn changes(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<FloorChange>> {
        let request = gql.request();
        let read = async { estate::floor_changes(&*request.read().await?, request.ctx()?, self.0.id).await };
        Ok(gql.or_default(read.await)?.into_iter().map(FloorChange::from).collect())
    }
}

/// A zone of a floor.
#[derive(Clone)]
pub(crate) struct Zone(Arc<estate::Zone>);

impl From<Arc<estate::Zone>> for Zone {
    fn from(zone: Arc<estate::Zone>) -> Self {
        Self(zone)
    }
}

/// A zone of a floor.
#[Object]
impl Zone {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Unique on its floor.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Where it is.
    async fn floor(&self, gql: &Context<'_>) -> async_graphql::Result<Floor> {
        load_known(gql, self.0.floor).await.map(Floor::from)
    }
    /// The day from which on there is such a zone; null = always.
    async fn begun_on(&self) -> Option<Date> {
        self.0.begun_on.map(Date)
    }
    /// The day from which on there is none any more, because it was merged into another; null = it stays.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
    /// How large it is, in square metres with two decimals; null = not known.
    async fn area_m2(&self) -> Option<String> {
        self.0.area.map(estate::area_text)
    }
    /// What it is called and was, the latest first.
    async fn names(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<ZoneName>> {
        names_of(gql, &self.0).await
    }
    /// Photographs of it, the latest taken first; empty for anybody but staff of the park.
    async fn photos(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PlacePhoto>> {
        photo::photos_of(gql, PhotoOf::Zone(self.0.id)).await
    }
    /// Its seats, by code.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seats(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Seat>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let filter = Filter { zone: Some(self.0.id), ..everything(day(gql, None)?) };
        let page = if ask.after.is_none() {
            let seats = load(gql, SeatsOf { zone: self.0.id, first: ask.first }).await?;
            let keyed = |s: Arc<estate::Seat>| (Sort::<SeatSort>::default().cursor([s.code.as_str()]), s);
            seats.map(|list| Page::from_rows(&ask, list.into_iter().map(keyed).collect()))
        } else {
            seats_page(gql, &filter, Sort::default(), &ask).await?
        };
        Ok(paged(page, counted(SeatsIn(self.0.id)), Seat::from))
    }
}

/// What seats can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SeatSort")]
pub(crate) enum SeatOrderField {
    /// Their code.
    Code,
    /// Building, floor and zone.
    Place,
    /// What is sold with them, the plainest first.
    Product,
}

fn everything(on: NaiveDate) -> Filter {
    Filter {
        zone: None,
        floor: None,
        product: None,
        state: None,
        code_prefix: None,
        on,
        was_on: None,
        features: Vec::new(),
    }
}

async fn seats_page(
    gql: &Context<'_>,
    filter: &Filter,
    sort: Sort<SeatSort>,
    ask: &PageRequest,
) -> async_graphql::Result<Option<Page<Arc<estate::Seat>>>> {
    let request = gql.request();
    let read = async { estate::seats(&*request.read().await?, request.ctx()?, filter, sort, ask).await };
    let page = gql.nullable(read.await)?;
    Ok(page.map(|p| Page {
        items: p.items.into_iter().map(|(key, seat)| (key, Arc::new(seat))).collect(),
        has_next: p.has_next,
        has_previous: p.has_previous,
    }))
}

/// One physical workstation on a floor plan.
#[derive(Clone)]
pub(crate) struct Seat(Arc<estate::Seat>);

impl From<Arc<estate::Seat>> for Seat {
    fn from(seat: Arc<estate::Seat>) -> Self {
        Self(seat)
    }
}

/// One physical workstation on a floor plan.
#[Object]
impl Seat {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Unique in the park.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What is sold with it.
    async fn product(&self) -> SeatProduct {
        self.0.product.into()
    }
    /// Millimetres from the left edge of the floor plan.
    async fn x_mm(&self) -> i64 {
        self.0.x_mm
    }
    /// Millimetres from the upper edge of the floor plan.
    async fn y_mm(&self) -> i64 {
        self.0.y_mm
    }
    /// The first day on which it exists.
    async fn built_from(&self) -> Date {
        self.0.built.from.into()
    }
    /// The day after the last; null = it stays.
    async fn built_to(&self) -> Option<Date> {
        self.0.built.to.map(Date)
    }
    /// Where it is.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Zone> {
        load_known(gql, self.0.zone).await.map(Zone::from)
    }
    /// What it has beside its product.
    async fn features(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatFeature>> {
        features::features_of(gql, self.0.id).await
    }
    /// Photographs of it, the latest taken first; empty for anybody but staff of the park.
    async fn photos(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PlacePhoto>> {
        photo::photos_of(gql, PhotoOf::Seat(self.0.id)).await
    }
    /// Where it is and what it is called on a day.
    async fn place(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<SeatPlace> {
        place_on(gql, &self.0, day(gql, on)?).await
    }
    /// Where it is and was and what it was called there, the latest first.
    async fn places(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatPlace>> {
        places_of(gql, &self.0).await
    }
    /// What it is on a day.
    async fn state(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<SeatState> {
        let on = day(gql, on)?;
        let (seat, ctx) = (self.0.id, gql.request().ctx().map_err(|e| gql.fault(&e))?);
        let (leased, on_hold, out) = futures_util::try_join!(
            load(gql, HeldOn { seat, on }),
            load(gql, HoldOn { seat, on }),
            load(gql, OutOn { seat, on })
        )?;
        let facts = estate::Standing {
            out: out.is_some(),
            leased: leased.is_some(),
            on_hold: on_hold.is_some(),
            disclosed: estate::discloses(ctx),
        };
        Ok(estate::SeatState::on(on, self.0.built, facts).into())
    }
    /// The hold in force that keeps it on a day; null for anybody but staff of the park.
    async fn hold(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<SeatHold>> {
        let on = day(gql, on)?;
        match load(gql, HoldOn { seat: self.0.id, on }).await? {
            Some(id) => Ok(load(gql, id).await?.map(SeatHold::from)),
            None => Ok(None),
        }
    }
    /// Why and how long it cannot be used, where that covers a day; null for anybody but staff of the park.
    async fn outage(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<SeatOutage>> {
        outage::outage_on(gql, self.0.id, day(gql, on)?).await
    }
    /// Who holds it on a day, by time of the day, where the caller may know: a seat can be sold to several shifts.
    async fn allocations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Vec<Allocation>> {
        let on = day(gql, on)?;
        let held = load(gql, HoldersOn { seat: self.0.id, on }).await?.unwrap_or_default();
        Ok(held.into_iter().map(Allocation::from).collect())
    }
}

/// Which seats; parts that are left out do not restrict.
#[derive(InputObject)]
pub(crate) struct SeatFilter {
    /// In this zone on the day.
    zone_id: Option<ID>,
    /// On this floor.
    floor_id: Option<ID>,
    /// Of this product.
    product: Option<SeatProduct>,
    /// In this state on the day.
    state: Option<SeatState>,
    /// That has all of these; at most 10.
    #[graphql(validator(max_items = 10))]
    features: Option<Vec<SeatFeatureFilter>>,
    /// Whose code starts so on the day.
    code_prefix: Option<String>,
    /// The day of the state, zone and code; today when left out.
    on: Option<Date>,
}

impl SeatFilter {
    fn read(self, today: NaiveDate) -> Result<Filter> {
        Ok(Filter {
            zone: self.zone_id.map(|id| node::id("filter.zoneId", &id)).transpose()?,
            floor: self.floor_id.map(|id| node::id("filter.floorId", &id)).transpose()?,
            product: self.product.map(Into::into),
            state: self.state.map(Into::into),
            code_prefix: self.code_prefix,
            on: self.on.map_or(today, |day| day.0),
            features: self.features.unwrap_or_default().into_iter().map(Into::into).collect(),
            was_on: self.on.map(|day| day.0).filter(|day| *day < today),
        })
    }
}

/// The estate of a park.
#[derive(Clone)]
pub(crate) struct ParkEstate;

/// The estate of a park.
#[Object]
impl ParkEstate {
    /// Every building, by code.
    async fn buildings(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Building>> {
        let request = gql.request();
        let read = async {
            request.ctx()?.require(Action::Read, Resource::Estate)?;
            request.read().await?.buildings().await
        };
        let buildings = gql.or_default(read.await)?;
        Ok(buildings.into_iter().map(|b| Building(Arc::new(b))).collect())
    }
    /// Every floor, by building and level.
    async fn floors(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Floor>> {
        let request = gql.request();
        let read = async {
            request.ctx()?.require(Action::Read, Resource::Estate)?;
            request.read().await?.floors().await
        };
        let floors = gql.or_default(read.await)?;
        Ok(floors.into_iter().map(|f| Floor(Arc::new(f))).collect())
    }
    /// What seats can have beside their product.
    async fn seat_feature_kinds(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatFeatureKindOf>> {
        features::kinds(gql)
    }
    /// One floor.
    async fn floor(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> async_graphql::Result<Option<Floor>> {
        match id.parse::<FloorId>() {
            Ok(id) => Ok(load(gql, id).await?.map(Floor::from)),
            Err(_) => Ok(None),
        }
    }
    /// Seats, by code.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seats(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "What the list is narrowed down to.")] filter: Option<SeatFilter>,
        #[graphql(desc = "By what; by code when left out.")] order_by: Option<Order<SeatOrderField>>,
    ) -> async_graphql::Result<Paged<Seat>> {
        let today = day(gql, None)?;
        let filter = filter.map_or_else(|| Ok(everything(today)), |f| f.read(today)).map_err(|e| gql.fault(&e))?;
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let page = seats_page(gql, &filter, Order::read(order_by), &ask).await?;
        let count = counter!(gql, "", [filter] | ctx, tx | estate::seats_count(tx, ctx, &filter));
        Ok(paged(page, count, Seat::from))
    }
    /// How many seats there are, held and occupied on a day; null for anybody but staff of the park.
    async fn seat_counts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<SeatCounts>> {
        let (request, on) = (gql.request(), day(gql, on)?);
        let read = async { estate::seat_counts(&*request.read().await?, request.ctx()?, on).await };
        Ok(gql.nullable(read.await)?.map(SeatCounts::from))
    }
    /// Seat-days of the last months, this one last; empty for anybody but staff of the park.
    async fn seat_use(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many months, 1 to 36; 13 when left out.")] months: Option<i32>,
    ) -> async_graphql::Result<Vec<SeatUseMonth>> {
        let request = gql.request();
        let read = async { estate::seat_use(&*request.read().await?, request.ctx()?, months.unwrap_or(13)).await };
        Ok(gql.or_default(read.await)?.into_iter().map(SeatUseMonth::from).collect())
    }
}
