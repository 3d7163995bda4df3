//! Seats kept for somebody while an offer is open.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{HoldId, SeatId};
use voxpark_domain::leasing::{self, FULL_DAY, HoldRequest, HoldSort, Shift};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::estate::{Seat, alike, grouped};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Order, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// What became of a hold.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "leasing::HoldState")]
pub(crate) enum HoldState {
    /// Its seats are kept.
    Live,
    /// Its time is over; its seats are anybody's.
    Expired,
    /// Every seat that was not given up was allocated.
    Allocated,
    /// Every seat was given up.
    Released,
}

/// What holds can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "HoldSort")]
pub(crate) enum HoldOrderField {
    /// When they end.
    ExpiresAt,
    /// When they were made.
    CreatedAt,
    /// For whom.
    KeptFor,
}

#[async_trait]
impl Load for HoldId {
    type Value = Arc<leasing::SeatHold>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !voxpark_domain::estate::discloses(ctx) {
            return Ok(Vec::new());
        }
        let found = leasing::holds_by_id(tx, ctx, keys).await?;
        Ok(found.into_iter().map(|hold| (hold.id, Arc::new(hold))).collect())
    }
}

/// The seats of a hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SeatsOfHold(HoldId);

#[async_trait]
impl Load for SeatsOfHold {
    type Value = Vec<Arc<(HoldId, Arc<voxpark_domain::estate::Seat>, bool)>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|k| k.0).collect();
        let rows = tx.hold_seats(&ids).await?.into_iter().map(|(hold, seat, open)| (hold, Arc::new(seat), open));
        Ok(grouped(keys, rows, |row| SeatsOfHold(row.0)))
    }
}

/// The hold in force that keeps a seat on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct HoldOn {
    pub(crate) seat: SeatId,
    pub(crate) on: NaiveDate,
}

#[async_trait]
impl Load for HoldOn {
    type Value = HoldId;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !voxpark_domain::estate::discloses(ctx) {
            return Ok(Vec::new());
        }
        let mut all = Vec::with_capacity(keys.len());
        for (on, keys) in alike(keys, |k| k.on) {
            let seats: Vec<_> = keys.iter().map(|k| k.seat).collect();
            let found = tx.holds_on(&seats, on, ctx.now()).await?;
            all.extend(found.into_iter().map(|(seat, hold)| (HoldOn { seat, on }, hold)));
        }
        Ok(all)
    }
}

/// Seats kept for somebody until an instant, for staff of the park. Nobody else can have them at those times; then they are
/// anybody's.
#[derive(Clone)]
pub(crate) struct SeatHold(Arc<leasing::SeatHold>);

impl From<Arc<leasing::SeatHold>> for SeatHold {
    fn from(hold: Arc<leasing::SeatHold>) -> Self {
        Self(hold)
    }
}

/// Seats kept for somebody until an instant, for staff of the park. Nobody else can have them at those times; then they are
/// anybody's.
#[Object]
impl SeatHold {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// For whom, as people call it.
    async fn kept_for(&self) -> &str {
        &self.0.kept_for
    }
    /// The tenant it is for, where it is one already.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match self.0.tenant {
            Some(tenant) => Ok(load(gql, tenant).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// Why, or what else there is to say.
    async fn note(&self) -> &str {
        &self.0.note
    }
    /// The first day for which the seats are wanted.
    async fn held_from(&self) -> Date {
        self.0.held.from.into()
    }
    /// The day after the last.
    async fn held_to(&self) -> Option<Date> {
        self.0.held.to.map(Date)
    }
    /// First minute of the day, 0 to 1439.
    async fn shift_from_min(&self) -> i64 {
        self.0.shift.from_min
    }
    /// The minute after the last; beyond 1440 it is on the next day.
    async fn shift_to_min(&self) -> i64 {
        self.0.shift.to_min
    }
    /// From this instant on the seats are anybody's.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// When they were first kept.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// What it is now.
    async fn state(&self, gql: &Context<'_>) -> async_graphql::Result<HoldState> {
        let now = gql.request().ctx().map(Ctx::now).map_err(|e| gql.fault(&e))?;
        Ok(self.0.state(now).into())
    }
    /// How many seats there were.
    async fn seat_count(&self) -> i64 {
        self.0.seats
    }
    /// Of those, neither given up nor allocated.
    async fn open_count(&self) -> i64 {
        self.0.open
    }
    /// Of those, allocated.
    async fn allocated_count(&self) -> i64 {
        self.0.allocated
    }
    /// The seats by code, at most 2000; only those that were neither given up nor allocated when asked so.
    #[graphql(complexity = "20 * child_complexity")]
    async fn seats(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Only those neither given up nor allocated.")] open: Option<bool>,
    ) -> async_graphql::Result<Vec<Seat>> {
        let seats = load(gql, SeatsOfHold(self.0.id)).await?.unwrap_or_default();
        let wanted = seats.iter().filter(|row| row.2 || !open.unwrap_or_default());
        Ok(wanted.map(|row| Seat::from(Arc::clone(&row.1))).collect())
    }
}

/// The holds of a park.
#[derive(Clone)]
pub(crate) struct ParkHolds;

/// The holds of a park.
#[Object]
impl ParkHolds {
    /// Seats kept for somebody, by when they end; empty for anybody but staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seat_holds(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those that are so now.")] state: Option<HoldState>,
        #[graphql(desc = "By what; by when they end when left out.")] order_by: Option<Order<HoldOrderField>>,
    ) -> async_graphql::Result<Paged<SeatHold>> {
        let (request, state) = (gql.request(), state.map(leasing::HoldState::from));
        let list = async {
            let ask = page::request(first, after)?;
            leasing::holds(&*request.read().await?, request.ctx()?, state, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| leasing::holds_count(tx, ctx, state));
        Ok(paged(page, count, |hold| SeatHold(Arc::new(hold))))
    }
}

/// A window of the day; all of it where nothing is said.
pub(crate) fn shift(from_min: Option<i32>, to_min: Option<i32>) -> Result<Shift> {
    let from = from_min.map_or(FULL_DAY.from_min, i64::from);
    let to = to_min.map_or(FULL_DAY.to_min, i64::from);
    Ok(Shift::new(from, to).map_err(|r| r.at("shiftToMin"))?)
}

/// Which seats are to be kept, for whom.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsHoldInput {
    /// Which seats, 1 to 2000.
    seat_ids: Vec<ID>,
    /// For whom, 1 to 100 characters.
    kept_for: String,
    /// The tenant it is for, where it is one already; then only its leases can use the hold.
    tenant_id: Option<ID>,
    /// Why, or what else there is to say, up to 200 characters.
    note: Option<String>,
    /// The first day for which they are wanted.
    from: Date,
    /// The day after the last.
    to: Date,
    /// First minute of the day, 0 to 1439; 0 when left out.
    shift_from_min: Option<i32>,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day. 1440 when left out.
    shift_to_min: Option<i32>,
    /// When they are anybody's again: after now, at most 90 days ahead.
    expires_at: DateTime<Utc>,
    /// Repeats of the same request under this key answer the same and keep nothing.
    idempotency_key: String,
}

impl SeatsHoldInput {
    fn read(self) -> Result<HoldRequest> {
        let shift = shift(self.shift_from_min, self.shift_to_min)?;
        Ok(HoldRequest {
            seats: self.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
            kept_for: self.kept_for,
            tenant: self.tenant_id.map(|id| node::id("tenantId", &id)).transpose()?,
            note: self.note.unwrap_or_default(),
            from: self.from.0,
            to: self.to.0,
            shift,
            expires_at: self.expires_at,
        })
    }
}

/// Seats are to be kept for longer, or less long.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatHoldExtendInput {
    /// Which hold.
    hold_id: ID,
    /// When its seats are anybody's again: after now, at most 90 days ahead.
    expires_at: DateTime<Utc>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Seats of a hold are to be given up.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatHoldReleaseInput {
    /// Which hold.
    hold_id: ID,
    /// Which of its seats; all that are left in it when left out.
    seat_ids: Option<Vec<ID>>,
    /// Repeats of the same request under this key answer the same and give nothing up.
    idempotency_key: String,
}

/// What became of a hold: all of its seats or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatHoldPayload {
    /// The hold.
    hold: Option<SeatHold>,
    /// What has to be mended first, by seat.
    user_errors: Vec<UserError>,
}

impl SeatHoldPayload {
    pub(crate) async fn of(
        gql: &Context<'_>,
        done: std::result::Result<HoldId, Vec<UserError>>,
    ) -> async_graphql::Result<Option<Self>> {
        Ok(Some(match done {
            Ok(id) => Self { hold: load(gql, id).await?.map(SeatHold), ..Self::default() },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }))
    }
}

#[derive(Default)]
pub(crate) struct HoldMutation;

#[Object]
impl HoldMutation {
    /// Keeps seats for somebody, all of them or none.
    async fn seats_hold(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsHoldInput,
    ) -> async_graphql::Result<Option<SeatHoldPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsHold", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let hold = leasing::seats_hold(tx, ctx, &wanted.read()?).await?;
                let detail = serde_json::json!({ "seats": hold.seats, "from": hold.held.from, "to": hold.held.to });
                Ok((hold.id, AuditEntry::new("seats.hold", hold.id).with(detail)))
            })
        });
        SeatHoldPayload::of(gql, done.await?).await
    }

    /// Keeps the seats of a hold for longer, or less long. One that has ended cannot be revived: its seats may be
    /// somebody else's.
    async fn seat_hold_extend(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatHoldExtendInput,
    ) -> async_graphql::Result<Option<SeatHoldPayload>> {
        let (hold, until) = (node::id::<HoldId>("holdId", &input.hold_id), input.expires_at);
        let done = change(gql, "seatHoldExtend", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = leasing::hold_extend(tx, ctx, hold?, until).await?;
                Ok((id, AuditEntry::new("seats.hold-extend", id)))
            })
        });
        SeatHoldPayload::of(gql, done.await?).await
    }

    /// Gives seats of a hold up, all of those named or none.
    async fn seat_hold_release(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatHoldReleaseInput,
    ) -> async_graphql::Result<Option<SeatHoldPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatHoldRelease", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id: HoldId = node::id("holdId", &wanted.hold_id)?;
                let seats = wanted.seat_ids.iter().flatten().map(|id| node::id("seatIds", id));
                let seats = seats.collect::<Result<Vec<SeatId>>>()?;
                let released = leasing::hold_release(tx, ctx, id, &seats).await?;
                let detail = serde_json::json!({ "seats": released });
                Ok((id, AuditEntry::new("seats.hold-release", id).with(detail)))
            })
        });
        SeatHoldPayload::of(gql, done.await?).await
    }
}
