//! Requests of tenants to their park for seats.

mod change;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Scope;
use voxpark_domain::ids::{SeatRequestId, TenantId};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::requests::{self, Reference, RequestSort};
use voxpark_domain::{Ctx, Result};

pub(crate) use self::change::RequestMutation;
use crate::error::Fault as _;
use crate::estate::{Seat, SeatProduct, Zone, grouped};
use crate::leasing::{Allocation, Lease, SeatHold};
use crate::load::{Load, load};
use crate::node;
use crate::once::question;
use crate::page::{self, Order, Paged, counter, paged};
use crate::pipeline::Quote;
use crate::request::Asking as _;
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// What a tenant asks its park for.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[graphql(remote = "requests::RequestKind")]
pub(crate) enum SeatRequestKind {
    /// More seats.
    More,
    /// Fewer seats.
    Fewer,
    /// Other seats instead.
    Other,
}

/// One of the two who deal with a request.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "requests::Side")]
pub(crate) enum SeatRequestSide {
    /// The tenant that asked.
    Tenant,
    /// The park.
    Park,
}

/// Where a request stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "requests::RequestState")]
pub(crate) enum SeatRequestState {
    /// The tenant has asked, nobody has taken it up.
    Asked,
    /// The park is at it.
    TakenUp,
    /// The park wants to know something.
    AskedBack,
    /// The park has made an offer.
    Offered,
    /// The tenant agrees with the offer; the park carries it out.
    Agreed,
    /// It was granted.
    Accepted,
    /// It was refused.
    Declined,
    /// The tenant took it back.
    Withdrawn,
}

/// What somebody does to a request.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[graphql(remote = "requests::RequestAct")]
pub(crate) enum SeatRequestAct {
    /// The tenant asks. Only `seatRequestCreate` does.
    Ask,
    /// The park takes it up.
    TakeUp,
    /// The park asks back; with words.
    AskBack,
    /// The tenant answers what was asked back; with words.
    Answer,
    /// The park makes an offer; with words.
    Offer,
    /// The tenant agrees with it.
    Agree,
    /// The tenant does not want it so, and the park goes on; with words.
    Refuse,
    /// The park grants it.
    Accept,
    /// The park refuses it; with words.
    Decline,
    /// The tenant takes it back.
    Withdraw,
    /// Either says something; nothing else changes, nor does anybody get more time.
    Say,
}

/// What requests can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RequestSort")]
pub(crate) enum SeatRequestOrderField {
    /// When they were made.
    Created,
    /// Where they stand.
    State,
    /// By when somebody must act; those that are over come last.
    DueOn,
    /// How many seats.
    Seats,
    /// From which day.
    WantedFrom,
    /// The code of the tenant.
    Tenant,
}

/// Which requests; what is left out does not narrow.
#[derive(InputObject)]
pub(crate) struct SeatRequestFilter {
    /// In one of these states.
    states: Option<Vec<SeatRequestState>>,
    /// Of one of these kinds.
    kinds: Option<Vec<SeatRequestKind>>,
    /// True: where somebody should have acted before today.
    overdue: Option<bool>,
    /// Where it is the turn of this side.
    waits_for: Option<SeatRequestSide>,
    /// Of this tenant.
    tenant_id: Option<ID>,
}

impl SeatRequestFilter {
    fn read(filter: Option<Self>) -> Result<requests::RequestFilter> {
        let Some(filter) = filter else { return Ok(requests::RequestFilter::default()) };
        Ok(requests::RequestFilter {
            states: filter.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            kinds: filter.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
            overdue: filter.overdue.unwrap_or_default(),
            waits_for: filter.waits_for.map(Into::into),
            tenant: filter.tenant_id.map(|id| node::id("filter.tenantId", &id)).transpose()?,
        })
    }
}

/// How long each side has, in days of the calendar; the day on which a turn begins does not count.
#[derive(SimpleObject)]
pub(crate) struct SeatRequestClock {
    /// The park, to take a request up: 1 to 90 days.
    #[graphql(name = "takeUpDays")]
    take_up: i64,
    /// The park, to answer what it has taken up and to carry out what was agreed: 1 to 90 days.
    #[graphql(name = "answerDays")]
    answer: i64,
    /// The tenant, to answer what was asked back or offered: 1 to 90 days.
    #[graphql(name = "replyDays")]
    reply: i64,
}

impl From<requests::Clock> for SeatRequestClock {
    fn from(clock: requests::Clock) -> Self {
        Self { take_up: clock.take_up_days, answer: clock.answer_days, reply: clock.reply_days }
    }
}

/// A request of a tenant to its park for seats. Only the two see it.
#[derive(Clone)]
pub(crate) struct SeatRequest(Arc<requests::SeatRequest>);

impl From<Arc<requests::SeatRequest>> for SeatRequest {
    fn from(request: Arc<requests::SeatRequest>) -> Self {
        Self(request)
    }
}

/// A request of a tenant to its park for seats. Only the two see it.
#[Object]
impl SeatRequest {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Whose it is.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        Ok(load(gql, self.0.tenant).await?.map(Tenant::from))
    }
    /// Its number, from 1 for each tenant.
    async fn number(&self) -> i64 {
        self.0.number
    }
    /// More, fewer or other seats.
    async fn kind(&self) -> SeatRequestKind {
        self.0.kind.into()
    }
    /// How many seats.
    async fn seat_count(&self) -> i64 {
        self.0.seats
    }
    /// Of which product; null when that does not matter.
    async fn product(&self) -> Option<SeatProduct> {
        self.0.product.map(Into::into)
    }
    /// In which zone best; null when that does not matter.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Zone>> {
        match self.0.zone {
            Some(zone) => Ok(load(gql, zone).await?.map(Zone::from)),
            None => Ok(None),
        }
    }
    /// The first minute of the day, 0 to 1439; null = the whole day.
    async fn shift_from_min(&self) -> Option<i64> {
        self.0.shift.map(|shift| shift.from_min)
    }
    /// The minute after the last; beyond 1440 it is on the next day; null = the whole day.
    async fn shift_to_min(&self) -> Option<i64> {
        self.0.shift.map(|shift| shift.to_min)
    }
    /// From which day.
    async fn wanted_from(&self) -> Date {
        self.0.from.into()
    }
    /// Under which lease; null = in general.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Lease>> {
        match self.0.lease {
            Some(lease) => Ok(load(gql, lease).await?.map(Lease::from)),
            None => Ok(None),
        }
    }
    /// Which seats are to go, by code, where those are certain ones; at most 2000.
    #[graphql(complexity = "20 * child_complexity")]
    async fn seats(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Seat>> {
        let found = try_join_all(self.0.named.iter().map(|seat| load(gql, *seat))).await?;
        Ok(found.into_iter().flatten().map(Seat::from).collect())
    }
    /// Where it stands.
    async fn state(&self) -> SeatRequestState {
        self.0.state.into()
    }
    /// Since when.
    async fn entered_at(&self) -> DateTime<Utc> {
        self.0.entered_at
    }
    /// Whose turn it is; null when it is over.
    async fn waits_for(&self) -> Option<SeatRequestSide> {
        self.0.state.waits_for().map(Into::into)
    }
    /// The last day on which whose turn it is acts in time, a day of the park; null when the request is over.
    async fn due_on(&self) -> Option<Date> {
        self.0.due_on.map(Date)
    }
    /// Whether that day is past.
    async fn overdue(&self, gql: &Context<'_>) -> async_graphql::Result<bool> {
        let today = gql.request().ctx().map(Ctx::today).map_err(|e| gql.fault(&e))?;
        Ok(self.0.overdue(today))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// The number of the last step of its history; a change names it, so that nobody overtakes another unawares.
    async fn last_step(&self) -> i64 {
        self.0.last
    }
    /// What the caller can do now.
    async fn next(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatRequestAct>> {
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        let side = match ctx.scope() {
            Scope::Park(_) => requests::Side::Park,
            _ => requests::Side::Tenant,
        };
        let may = ctx.may(Action::Write, Resource::Requests);
        Ok(self.0.state.next(side).filter(|_| may).map(Into::into).collect())
    }
    /// Everything that was done and said, oldest first; at most 500.
    async fn history(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<SeatRequestStep>> {
        Ok(load(gql, StepsOf(self.0.id)).await?.unwrap_or_default().into_iter().map(SeatRequestStep).collect())
    }
}

/// Something that was done to a request; never changed.
pub(crate) struct SeatRequestStep(Arc<requests::RequestStep>);

/// Something that was done to a request; never changed.
#[Object]
impl SeatRequestStep {
    /// Its place in the history, from 1.
    async fn number(&self) -> i64 {
        self.0.n
    }
    /// Who did it.
    async fn side(&self) -> SeatRequestSide {
        self.0.side.into()
    }
    /// The name of the person; empty for a program.
    async fn by(&self) -> &str {
        self.0.by_name.reveal()
    }
    /// What.
    async fn act(&self) -> SeatRequestAct {
        self.0.act.into()
    }
    /// Where the request stood afterwards.
    async fn state(&self) -> SeatRequestState {
        self.0.state.into()
    }
    /// What was said; may be empty.
    async fn words(&self) -> &str {
        self.0.words.reveal()
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// The allocation that answers the request; null when none does.
    async fn allocation(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Allocation>> {
        match self.0.reference {
            Some(Reference::Allocation(of)) => Ok(load(gql, of).await?.map(Allocation::from)),
            _ => Ok(None),
        }
    }
    /// The lease whose amendment answers it; null when none does.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Lease>> {
        match self.0.reference {
            Some(Reference::Lease(of, _)) => Ok(load(gql, of).await?.map(Lease::from)),
            _ => Ok(None),
        }
    }
    /// The version that the lease had by then.
    async fn lease_version(&self) -> Option<i64> {
        match self.0.reference {
            Some(Reference::Lease(_, version)) => Some(version),
            _ => None,
        }
    }
    /// The seats kept for the tenant that answer it; null when none do, and for the tenant.
    async fn hold(&self, gql: &Context<'_>) -> async_graphql::Result<Option<SeatHold>> {
        match self.0.reference {
            Some(Reference::Hold(of)) => Ok(load(gql, of).await?.map(SeatHold::from)),
            _ => Ok(None),
        }
    }
    /// The quote that answers it; null when none does, and for the tenant.
    async fn quote(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Quote>> {
        match self.0.reference {
            Some(Reference::Quote(of)) => Ok(load(gql, of).await?.map(Quote::from)),
            _ => Ok(None),
        }
    }
}

/// The steps of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct StepsOf(SeatRequestId);

#[async_trait]
impl Load for StepsOf {
    type Value = Vec<Arc<requests::RequestStep>>;
    const RESOURCE: Resource = Resource::Requests;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<SeatRequestId> = keys.iter().map(|key| key.0).collect();
        Ok(grouped(keys, tx.seat_request_steps(&ids).await?, |step| StepsOf(step.request)))
    }
}

#[async_trait]
impl Load for SeatRequestId {
    type Value = Arc<requests::SeatRequest>;
    const RESOURCE: Resource = Resource::Requests;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.seat_requests_by_id(keys).await?.into_iter().map(|of| (of.id, Arc::new(of))).collect())
    }
}

async fn listed(
    gql: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
    filter: requests::RequestFilter,
    order_by: Option<Order<SeatRequestOrderField>>,
    of: &str,
) -> async_graphql::Result<Paged<SeatRequest>> {
    let request = gql.request();
    let list = async {
        let ask = page::request(first, after)?;
        requests::requests(&*request.read().await?, request.ctx()?, &filter, Order::read(order_by), &ask).await
    };
    let page = gql.nullable(request.once(question(gql, of)?, list).await)?;
    let count = counter!(gql, of, [filter] | ctx, tx | async move { requests::requests_count(tx, ctx, &filter).await });
    Ok(paged(page, count, |of| SeatRequest(Arc::new(of))))
}

/// Requests to a park; null and empty for everybody but its staff.
#[derive(Clone)]
pub(crate) struct ParkRequests;

/// Requests to a park; null and empty for everybody but its staff.
#[Object]
impl ParkRequests {
    /// Requests of tenants for seats, the last made first; for staff of the park. A tenant has its own under `Tenant`.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seat_requests(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<SeatRequestFilter>,
        #[graphql(desc = "By what; the last made first when left out.")] order_by: Option<Order<SeatRequestOrderField>>,
    ) -> async_graphql::Result<Paged<SeatRequest>> {
        let filter = SeatRequestFilter::read(filter).map_err(|e| gql.fault(&e))?;
        if !matches!(gql.request().ctx().map(Ctx::scope), Ok(Scope::Park(_))) {
            return Ok(paged(None, page::known(0), SeatRequest));
        }
        listed(gql, first, after, filter, order_by, "").await
    }
    /// How long each side has; null for who may not see requests.
    async fn seat_request_clock(&self, gql: &Context<'_>) -> async_graphql::Result<Option<SeatRequestClock>> {
        let request = gql.request();
        let found = async { requests::clock(&*request.read().await?, request.ctx()?).await };
        Ok(gql.nullable(found.await)?.map(SeatRequestClock::from))
    }
}

/// Requests of a tenant, for its own manager.
#[derive(Clone)]
pub(crate) struct TenantRequests(pub(crate) TenantId);

/// Requests of a tenant, for its own manager.
#[Object]
impl TenantRequests {
    /// Its requests to the park for seats, the last made first; for its own manager. The park has them under `Park`.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seat_requests(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<SeatRequestFilter>,
        #[graphql(desc = "By what; the last made first when left out.")] order_by: Option<Order<SeatRequestOrderField>>,
    ) -> async_graphql::Result<Paged<SeatRequest>> {
        let filter = SeatRequestFilter::read(filter).map_err(|e| gql.fault(&e))?;
        if !gql.request().ctx().and_then(Ctx::tenant).is_ok_and(|own| own == self.0) {
            return Ok(paged(None, page::known(0), SeatRequest));
        }
        listed(gql, first, after, filter, order_by, &self.0.to_string()).await
    }
}
