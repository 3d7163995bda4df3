//! Seats that a tenant gives to its teams and campaigns, and what became of them.

mod change;
mod figures;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{CampaignId, SeatAssignmentId, TenantId};
use voxpark_domain::permission::Resource;
use voxpark_domain::seating::{self, AssignmentSort};
use voxpark_domain::{Ctx, Result};

pub(crate) use self::change::SeatingMutation;
use self::figures::{SeatUtilisation, utilisation};
use crate::error::Fault as _;
use crate::estate::Seat;
use crate::load::{Load, load};
use crate::node;
use crate::once::question;
use crate::page::{self, Order, Paged, counter, known, paged};
use crate::people::{Team, own};
use crate::request::Asking as _;
use crate::scalar::{Date, Month};

/// How a seat is given.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[graphql(remote = "seating::AssignMode")]
pub(crate) enum SeatAssignmentMode {
    /// Each has its own.
    Dedicated,
    /// More people than seats, by turns (hot-desking).
    Shared,
}

/// Work that a call centre does for a client. Private to the tenant.
#[derive(Clone)]
pub(crate) struct Campaign(Arc<seating::Campaign>);

impl From<Arc<seating::Campaign>> for Campaign {
    fn from(campaign: Arc<seating::Campaign>) -> Self {
        Self(campaign)
    }
}

/// Work that a call centre does for a client. Private to the tenant.
#[Object]
impl Campaign {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Short code, unique in the tenant.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// For which client; may be empty.
    async fn client(&self) -> &str {
        &self.0.client
    }
}

/// A seat is given to a team, a campaign, or a team for a campaign. It is ended or taken back, never changed otherwise, and
/// lasts no longer than the seat is held. Private to the tenant.
#[derive(Clone)]
pub(crate) struct SeatAssignment(Arc<seating::SeatAssignment>);

impl From<Arc<seating::SeatAssignment>> for SeatAssignment {
    fn from(assignment: Arc<seating::SeatAssignment>) -> Self {
        Self(assignment)
    }
}

/// A seat is given to a team, a campaign, or a team for a campaign. It is ended or taken back, never changed otherwise, and
/// lasts no longer than the seat is held. Private to the tenant.
#[Object]
impl SeatAssignment {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Which seat.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Seat>> {
        Ok(load(gql, self.0.seat).await?.map(Seat::from))
    }
    /// To which team; null = for a campaign alone.
    async fn team(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Team>> {
        match self.0.team {
            Some(team) => Ok(load(gql, team).await?.map(Team::from)),
            None => Ok(None),
        }
    }
    /// For which campaign; null = to a team alone.
    async fn campaign(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Campaign>> {
        match self.0.campaign {
            Some(campaign) => Ok(load(gql, campaign).await?.map(Campaign::from)),
            None => Ok(None),
        }
    }
    /// How.
    async fn mode(&self) -> SeatAssignmentMode {
        self.0.mode.into()
    }
    /// First day.
    async fn used_from(&self) -> Date {
        self.0.used.from.into()
    }
    /// The day after the last; null = as long as the seat is held.
    async fn used_to(&self) -> Option<Date> {
        self.0.used.to.map(Date)
    }
    /// First minute of the day, 0 to 1439.
    async fn shift_from_min(&self) -> i64 {
        self.0.shift.from_min
    }
    /// The minute after the last; beyond 1440 it is on the next day.
    async fn shift_to_min(&self) -> i64 {
        self.0.shift.to_min
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }
    /// When its end was set afterwards; null when it was not.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
    /// When it was taken back, as if it had never been; null when it was not.
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }
}

#[async_trait]
impl Load for CampaignId {
    type Value = Arc<seating::Campaign>;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.campaigns_by_id(keys).await?.into_iter().map(|c| (c.id, Arc::new(c))).collect())
    }
}

#[async_trait]
impl Load for SeatAssignmentId {
    type Value = Arc<seating::SeatAssignment>;
    const RESOURCE: Resource = Resource::Staffing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.assignments_by_id(keys).await?.into_iter().map(|a| (a.id, Arc::new(a))).collect())
    }
}

/// What assignments can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AssignmentSort")]
pub(crate) enum SeatAssignmentOrderField {
    /// The code of the seat.
    Seat,
    /// From when.
    From,
    /// Until when; those without an end come last.
    To,
    /// When they were recorded.
    Recorded,
}

/// Which assignments; what is left out does not narrow.
#[derive(InputObject)]
pub(crate) struct SeatAssignmentFilter {
    /// Of this seat.
    seat_id: Option<ID>,
    /// To this team.
    team_id: Option<ID>,
    /// For this campaign.
    campaign_id: Option<ID>,
    /// In this zone.
    zone_id: Option<ID>,
    /// Given so.
    mode: Option<SeatAssignmentMode>,
    /// In force on this day.
    on: Option<Date>,
    /// True: also those that were taken back.
    reversed: Option<bool>,
}

impl SeatAssignmentFilter {
    fn read(filter: Option<Self>) -> Result<seating::AssignmentFilter> {
        let Some(filter) = filter else { return Ok(seating::AssignmentFilter::default()) };
        Ok(seating::AssignmentFilter {
            seat: filter.seat_id.map(|id| node::id("filter.seatId", &id)).transpose()?,
            team: filter.team_id.map(|id| node::id("filter.teamId", &id)).transpose()?,
            campaign: filter.campaign_id.map(|id| node::id("filter.campaignId", &id)).transpose()?,
            zone: filter.zone_id.map(|id| node::id("filter.zoneId", &id)).transpose()?,
            mode: filter.mode.map(Into::into),
            on: filter.on.map(|day| day.0),
            reversed: filter.reversed.unwrap_or_default(),
        })
    }
}

/// Seats given to teams and campaigns. Private to the tenant.
#[derive(Clone)]
pub(crate) struct TenantSeating(pub(crate) TenantId);

/// Seats given to teams and campaigns. Private to the tenant.
#[Object]
impl TenantSeating {
    /// Campaigns by code. Private to the tenant.
    async fn campaigns(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Campaign>> {
        if !own(gql, self.0) {
            return Ok(Vec::new());
        }
        let request = gql.request();
        let list = async { seating::campaigns(&*request.read().await?, request.ctx()?).await };
        let list = request.once(question(gql, self.0)?, list);
        Ok(gql.or_default(list.await)?.into_iter().map(|c| Campaign(Arc::new(c))).collect())
    }

    /// Which seats are given to whom, by the code of the seat. Private to the tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seat_assignments(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all that were not taken back when left out.")] filter: Option<
            SeatAssignmentFilter,
        >,
        #[graphql(desc = "By what; by the code of the seat when left out.")] order_by: Option<
            Order<SeatAssignmentOrderField>,
        >,
    ) -> async_graphql::Result<Paged<SeatAssignment>> {
        if !own(gql, self.0) {
            return Ok(paged(None, known(0), SeatAssignment));
        }
        let filter = SeatAssignmentFilter::read(filter).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            seating::assignments(&*request.read().await?, request.ctx()?, &filter, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(request.once(question(gql, self.0)?, list).await)?;
        let count = counter!(
            gql,
            self.0,
            [filter] | ctx,
            tx | async move { seating::assignments_count(tx, ctx, &filter).await }
        );
        Ok(paged(page, count, |a| SeatAssignment(Arc::new(a))))
    }

    /// What became of its seats in a month: held, given, sat in, idle and what the idle ones cost, by team, campaign and zone.
    /// Of a month that runs, until today. Private to the tenant; null for everybody else.
    async fn seat_utilisation(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month.")] month: Month,
    ) -> async_graphql::Result<Option<SeatUtilisation>> {
        if !own(gql, self.0) {
            return Ok(None);
        }
        utilisation(gql, self.0, month.0).await
    }
}
