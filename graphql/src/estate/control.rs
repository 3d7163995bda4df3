//! The rental-control table.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use voxpark_domain::estate;
use voxpark_domain::ids::{FloorId, ZoneId};

use super::{SeatProduct, Zone};
use crate::error::Fault as _;
use crate::load::load_known;
use crate::node;
use crate::request::Asking as _;
use crate::scalar::Month;

/// Seat-days of the park, or of a floor, by zone, by product and by month.
#[derive(SimpleObject)]
pub(crate) struct SeatControl {
    /// The months, oldest first.
    months: Vec<Month>,
    /// A row a zone, in the order of the plan, then those that have no seat now; zones without seats in these months are
    /// missing. A seat counts in the zone that it was in on the day.
    zones: Vec<ZoneControl>,
    /// A row a product, the plainest first; likewise.
    products: Vec<ProductControl>,
    /// All together, a cell a month.
    total: Vec<SeatControlCell>,
}

/// The months of a zone.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ZoneControl {
    #[graphql(skip)]
    id: ZoneId,
    /// A cell a month.
    cells: Vec<SeatControlCell>,
}

/// The months of a zone.
#[ComplexObject]
impl ZoneControl {
    /// The zone.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Zone> {
        load_known(gql, self.id).await.map(Zone::from)
    }
}

/// The months of a product.
#[derive(SimpleObject)]
pub(crate) struct ProductControl {
    /// The product.
    product: SeatProduct,
    /// A cell a month.
    cells: Vec<SeatControlCell>,
}

/// A month of some seats. Seat-days are seats x days; leased over built seat-days is the share that is let.
#[derive(SimpleObject)]
pub(crate) struct SeatControlCell {
    /// The month.
    month: Month,
    /// Seat-days that existed.
    built_seat_days: i64,
    /// Seat-days that were held; a seat held by two shifts on a day counts once.
    leased_seat_days: i64,
    /// Seat-days with somebody placed; two people on one seat count once a day.
    occupied_seat_days: i64,
    /// Seats that were free the day before and are held from a day of the month on.
    begin: i64,
    /// Seats that are free from a day of the month on and were held the day before.
    fall_free: i64,
}

impl From<estate::SeatControl> for SeatControl {
    fn from(control: estate::SeatControl) -> Self {
        let cells = |cells: Vec<estate::ControlCell>| {
            let cell = |(month, cell): (&_, estate::ControlCell)| SeatControlCell {
                month: Month(*month),
                built_seat_days: cell.built,
                leased_seat_days: cell.leased,
                occupied_seat_days: cell.occupied,
                begin: cell.begin,
                fall_free: cell.fall_free,
            };
            control.months.iter().zip(cells).map(cell).collect()
        };
        let product =
            |(product, row): (estate::SeatProduct, _)| ProductControl { product: product.into(), cells: cells(row) };
        Self {
            months: control.months.iter().copied().map(Month).collect(),
            zones: control.zones.into_iter().map(|(id, row)| ZoneControl { id, cells: cells(row) }).collect(),
            products: control.products.into_iter().map(product).collect(),
            total: cells(control.total),
        }
    }
}

/// How the seats of a park are let over time.
#[derive(Clone)]
pub(crate) struct ParkControl;

/// How the seats of a park are let over time.
#[Object]
impl ParkControl {
    /// The rental-control table; null for anybody but staff of the park.
    async fn seat_control(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The first month; this one when left out.")] month: Option<Month>,
        #[graphql(desc = "How many months, 1 to 36; 12 when left out.")] months: Option<i32>,
        #[graphql(desc = "Of this floor only.")] floor_id: Option<ID>,
    ) -> async_graphql::Result<Option<SeatControl>> {
        let request = gql.request();
        let read = async {
            let ctx = request.ctx()?;
            let floor: Option<FloorId> = floor_id.map(|id| node::id("floorId", &id)).transpose()?;
            let month = month.map_or_else(|| voxpark_domain::time::Month::of(ctx.today()), |month| month.0);
            estate::seat_control(&*request.read().await?, ctx, month, months.unwrap_or(12), floor).await
        };
        Ok(gql.nullable(read.await)?.map(SeatControl::from))
    }
}
