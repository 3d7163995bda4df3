//! Requests made, acted on; how long each side has.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::{AllocationId, HoldId, Id as _, LeaseId, QuoteId, SeatRequestId};
use voxpark_domain::leasing::FULL_DAY;
use voxpark_domain::pipeline::Private;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::requests::{self, Act, Clock, Reference, RequestDraft};
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::{SeatRequest, SeatRequestAct, SeatRequestClock, SeatRequestKind};
use crate::change::{Outcome, change};
use crate::error::UserError;
use crate::estate::SeatProduct;
use crate::leasing::shift;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// A tenant asks its park for seats.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatRequestCreateInput {
    /// More, fewer or other seats.
    kind: SeatRequestKind,
    /// How many, 1 to 100,000.
    seats: i32,
    /// Of which product; left out = any.
    product: Option<SeatProduct>,
    /// In which zone best; left out = any.
    zone_id: Option<ID>,
    /// The first minute of the day, 0 to 1439; left out = 0.
    shift_from_min: Option<i32>,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day. Left out = 1440. With
    /// neither the time of day does not matter.
    shift_to_min: Option<i32>,
    /// From which day, today or later.
    from: Date,
    /// Under which of the tenant's leases; left out = in general.
    lease_id: Option<ID>,
    /// Which seats are to go, as many as `seats`; of FEWER and OTHER only, and only seats held on that day or later.
    seat_ids: Option<Vec<ID>>,
    /// Why, 1 to 1000 characters. Kept encrypted.
    reason: String,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

impl SeatRequestCreateInput {
    fn read(self) -> Result<RequestDraft> {
        let shift = match (self.shift_from_min, self.shift_to_min) {
            (None, None) => None,
            (from, to) => Some(shift(from, to)?).filter(|shift| *shift != FULL_DAY),
        };
        let seats = self.seat_ids.unwrap_or_default();
        Ok(RequestDraft {
            kind: self.kind.into(),
            seats: self.seats.into(),
            product: self.product.map(Into::into),
            zone: self.zone_id.map(|id| node::id("zoneId", &id)).transpose()?,
            shift,
            from: self.from.0,
            lease: self.lease_id.map(|id| node::id("leaseId", &id)).transpose()?,
            named: seats.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
            reason: Private::new(self.reason),
        })
    }
}

/// Something is done to a request, or said about it.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatRequestActInput {
    /// Which request.
    request_id: ID,
    /// What; `next` of the request says what is possible.
    act: SeatRequestAct,
    /// `lastStep` of the request as its author has seen it: who was overtaken by somebody else is told.
    seen: i32,
    /// What is said, up to 1000 characters. Kept encrypted.
    words: Option<String>,
    /// What answers the request, of OFFER and ACCEPT: an allocation, a lease that was amended, a hold or a quote, of this
    /// tenant.
    reference_id: Option<ID>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

fn reference(text: &ID) -> Result<Reference> {
    let prefix = text.split('_').next().unwrap_or_default();
    match prefix {
        AllocationId::PREFIX => Ok(Reference::Allocation(node::id("referenceId", text)?)),
        LeaseId::PREFIX => Ok(Reference::Lease(node::id("referenceId", text)?, 0)),
        HoldId::PREFIX => Ok(Reference::Hold(node::id("referenceId", text)?)),
        QuoteId::PREFIX => Ok(Reference::Quote(node::id("referenceId", text)?)),
        _ => Err(Refusal::new(RefusalCode::Invalid, "id-invalid").at("referenceId").into()),
    }
}

impl SeatRequestActInput {
    fn read(self) -> Result<(SeatRequestId, Act)> {
        let act = Act {
            act: self.act.into(),
            seen: self.seen.into(),
            words: Private::new(self.words.unwrap_or_default()),
            reference: self.reference_id.as_ref().map(reference).transpose()?,
        };
        Ok((node::id("requestId", &self.request_id)?, act))
    }
}

/// How long each side has.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatRequestClockSetInput {
    /// The park, to take a request up: 1 to 90 days.
    take_up_days: i32,
    /// The park, to answer what it has taken up and to carry out what was agreed: 1 to 90 days.
    answer_days: i32,
    /// The tenant, to answer what was asked back or offered: 1 to 90 days.
    reply_days: i32,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a request.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatRequestPayload {
    /// The request.
    request: Option<SeatRequest>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl SeatRequestPayload {
    async fn of(gql: &Context<'_>, done: Outcome<SeatRequestId>) -> async_graphql::Result<Option<Self>> {
        Ok(Some(match done {
            Ok(id) => Self { request: load(gql, id).await?.map(SeatRequest), user_errors: Vec::new() },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }))
    }
}

/// What became of a setting.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatRequestClockPayload {
    /// How long each side has now.
    clock: Option<SeatRequestClock>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RequestMutation;

#[Object]
impl RequestMutation {
    /// A tenant's manager asks the park for more, fewer or other seats. The park is told by letter.
    async fn seat_request_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatRequestCreateInput,
    ) -> async_graphql::Result<Option<SeatRequestPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatRequestCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let request = requests::request_create(tx, ctx, wanted.read()?).await?;
                Ok((request.id, AuditEntry::new("seat-request.create", request.id)))
            })
        });
        SeatRequestPayload::of(gql, done.await?).await
    }

    /// Does something to a request, or says something about it: the park or the tenant, each what is its to do. The other
    /// side is told by letter.
    async fn seat_request_act(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatRequestActInput,
    ) -> async_graphql::Result<Option<SeatRequestPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatRequestAct", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (id, act) = wanted.read()?;
                let name = act.act.name();
                let request = requests::request_act(tx, ctx, id, act).await?;
                let detail = serde_json::json!({ "act": name });
                Ok((request.id, AuditEntry::new("seat-request.act", request.id).with(detail)))
            })
        });
        SeatRequestPayload::of(gql, done.await?).await
    }

    /// Sets how long each side has. Turns that have begun keep the day that was set for them.
    async fn seat_request_clock_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatRequestClockSetInput,
    ) -> async_graphql::Result<Option<SeatRequestClockPayload>> {
        let clock = Clock {
            take_up_days: input.take_up_days.into(),
            answer_days: input.answer_days.into(),
            reply_days: input.reply_days.into(),
        };
        let done = change(gql, "seatRequestClockSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                requests::clock_set(tx, ctx, clock).await?;
                Ok(((), AuditEntry::new("seat-request.clock", "")))
            })
        });
        Ok(Some(match done.await? {
            Ok(()) => SeatRequestClockPayload { clock: Some(clock.into()), user_errors: Vec::new() },
            Err(user_errors) => SeatRequestClockPayload { user_errors, ..Default::default() },
        }))
    }
}
