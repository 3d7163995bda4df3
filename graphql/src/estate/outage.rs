//! Days on which seats cannot be used.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::{self, OutageRequest};
use voxpark_domain::ids::{OutageId, SeatId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Result};

use super::Seat;
use super::load::alike;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

#[async_trait]
impl Load for OutageId {
    type Value = Arc<estate::SeatOutage>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !estate::discloses(ctx) {
            return Ok(Vec::new());
        }
        let found = estate::outages_by_id(tx, ctx, keys).await?;
        Ok(found.into_iter().map(|outage| (outage.id, Arc::new(outage))).collect())
    }
}

/// The outage that covers a seat's day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OutOn {
    pub(super) seat: SeatId,
    pub(super) on: NaiveDate,
}

#[async_trait]
impl Load for OutOn {
    type Value = OutageId;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let mut all = Vec::with_capacity(keys.len());
        for (on, keys) in alike(keys, |k| k.on) {
            let seats: Vec<_> = keys.iter().map(|k| k.seat).collect();
            let found = tx.outages_of(&seats, Period { from: on, to: on.succ_opt() }).await?;
            all.extend(found.into_iter().map(|o| (OutOn { seat: o.seat, on }, o.id)));
        }
        Ok(all)
    }
}

/// Days on which a seat cannot be used, for staff of the park.
#[derive(Clone)]
pub(crate) struct SeatOutage(Arc<estate::SeatOutage>);

impl From<Arc<estate::SeatOutage>> for SeatOutage {
    fn from(outage: Arc<estate::SeatOutage>) -> Self {
        Self(outage)
    }
}

/// Days on which a seat cannot be used, for staff of the park.
#[Object]
impl SeatOutage {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Which seat.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Seat> {
        load_known(gql, self.0.seat).await.map(Seat::from)
    }
    /// First day.
    async fn out_from(&self) -> Date {
        self.0.out.from.into()
    }
    /// The day after the last; null = until further notice.
    async fn out_to(&self) -> Option<Date> {
        self.0.out.to.map(Date)
    }
    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// The outages of a park.
#[derive(Clone)]
pub(crate) struct ParkOutages;

/// The outages of a park.
#[Object]
impl ParkOutages {
    /// Seats that are out of service or will be, by first day; empty for anybody but staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seat_outages(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<SeatOutage>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            estate::outages(&*request.read().await?, request.ctx()?, &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| estate::outages_count(tx, ctx));
        Ok(paged(page, count, |outage| SeatOutage(Arc::new(outage))))
    }
}

/// Which seats cannot be used.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsOutOfServiceInput {
    /// Which seats, 1 to 2000.
    seat_ids: Vec<ID>,
    /// First day.
    from: Date,
    /// The day after the last; until further notice when left out.
    to: Option<Date>,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Whether seats that are leased or kept for somebody in that time go out of service too; otherwise, and when left
    /// out, they are in the way and the refusal names them.
    although_held: Option<bool>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of seats that cannot be used: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatsOutOfServicePayload {
    /// How many seats.
    count: Option<usize>,
    /// What has to be mended first, by seat.
    user_errors: Vec<UserError>,
}

/// Which outages are over.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsInServiceInput {
    /// Which, 1 to 2000.
    outage_ids: Vec<ID>,
    /// The first day on which the seats can be used; on the first day of an outage it never was.
    on: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of outages that are over: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatsInServicePayload {
    /// How many outages.
    count: Option<usize>,
    /// What has to be mended first, by outage.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct OutageMutation;

#[Object]
impl OutageMutation {
    /// Takes seats out of service, all of them or none. Leases go on.
    async fn seats_out_of_service(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsOutOfServiceInput,
    ) -> async_graphql::Result<Option<SeatsOutOfServicePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsOutOfService", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let request = OutageRequest {
                    seats: wanted.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
                    from: wanted.from.0,
                    to: wanted.to.map(|day| day.0),
                    reason: wanted.reason,
                    although_held: wanted.although_held.unwrap_or_default(),
                };
                let made = estate::seats_out(tx, ctx, &request).await?;
                let detail = serde_json::json!({ "seats": request.seats, "from": request.from, "to": request.to });
                Ok((made.len(), AuditEntry::new("seats.out-of-service", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(count) => SeatsOutOfServicePayload { count: Some(count), ..Default::default() },
            Err(user_errors) => SeatsOutOfServicePayload { user_errors, ..Default::default() },
        }))
    }

    /// Takes seats back into service from a day on, all of them or none.
    async fn seats_in_service(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsInServiceInput,
    ) -> async_graphql::Result<Option<SeatsInServicePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsInService", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let ids = wanted.outage_ids.iter().map(|id| node::id("outageIds", id));
                let ids = ids.collect::<Result<Vec<OutageId>>>()?;
                let count = estate::seats_in_service(tx, ctx, &ids, wanted.on.0).await?;
                let detail = serde_json::json!({ "outages": ids, "on": wanted.on });
                Ok((count, AuditEntry::new("seats.in-service", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(count) => SeatsInServicePayload { count: Some(count), ..Default::default() },
            Err(user_errors) => SeatsInServicePayload { user_errors, ..Default::default() },
        }))
    }
}

/// The outage of a seat on a day, for staff of the park.
pub(super) async fn outage_on(
    gql: &Context<'_>,
    seat: SeatId,
    on: NaiveDate,
) -> async_graphql::Result<Option<SeatOutage>> {
    match load(gql, OutOn { seat, on }).await? {
        Some(id) => Ok(load(gql, id).await?.map(SeatOutage)),
        None => Ok(None),
    }
}
