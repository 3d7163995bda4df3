//! The pipeline: leads, visits and quotes of a park, for its own staff alone.

/// Payloads that hold one thing and what has to be mended first.
macro_rules! payloads {
    ($about:literal $field:ident: $type:ident by $id:ident; $($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(SimpleObject, Default)]
        pub(crate) struct $name {
            #[doc = $about]
            $field: Option<$type>,
            /// What has to be mended first.
            user_errors: Vec<UserError>,
        }

        impl $name {
            async fn of(gql: &Context<'_>, done: Result<$id, Vec<UserError>>) -> async_graphql::Result<Option<Self>> {
                Ok(Some(match done {
                    Ok(id) => Self { $field: load(gql, id).await?.map($type::from), user_errors: Vec::new() },
                    Err(user_errors) => Self { $field: None, user_errors },
                }))
            }
        }
    )+};
}

mod change;
mod lead;
mod load;
mod quote;
mod quote_change;
mod visit;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use voxpark_domain::ids::UserId;
use voxpark_domain::pipeline::{self, LeadSort};
use voxpark_domain::{Ctx, Result};

pub(crate) use self::change::PipelineMutation;
pub(crate) use self::lead::{Lead, LeadState};
use self::load::NameOf;
use self::quote::QuoteFilter;
pub(crate) use self::quote::{Quote, QuoteOrderField};
pub(crate) use self::quote_change::QuoteMutation;
pub(crate) use self::visit::{Visit, VisitMutation};
use crate::error::Fault as _;
use crate::load::load;
use crate::node;
use crate::page::{self, Order, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

/// Somebody of the park's staff.
#[derive(SimpleObject, Clone)]
pub(crate) struct StaffMember {
    /// The user.
    id: ID,
    /// Name to show.
    name: String,
}

impl From<&pipeline::StaffMember> for StaffMember {
    fn from(member: &pipeline::StaffMember) -> Self {
        Self { id: member.user.to_string().into(), name: member.name.clone() }
    }
}

/// Who a user of the park is; nobody when there is none.
async fn member(gql: &Context<'_>, user: Option<UserId>) -> async_graphql::Result<Option<StaffMember>> {
    let Some(user) = user else { return Ok(None) };
    Ok(load(gql, NameOf(user)).await?.map(|member| StaffMember::from(&*member)))
}

/// What leads can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LeadSort")]
pub(crate) enum LeadOrderField {
    /// When they were entered.
    Created,
    /// Their name in Chinese.
    Name,
    /// How far they are down the funnel.
    State,
    /// How many seats they want.
    Seats,
    /// From when they want them; those who have not said come last.
    WantedFrom,
    /// When their next step is due; those without come last.
    NextOn,
}

/// Which leads; what is left out does not narrow.
#[derive(InputObject)]
pub(crate) struct LeadFilter {
    /// In one of these states.
    states: Option<Vec<LeadState>>,
    /// That this user looks after.
    owner_id: Option<ID>,
    /// True: that nobody looks after, the public pool.
    pool: Option<bool>,
    /// Whose next step is due on this day or before, and that are still in the funnel.
    due_by: Option<Date>,
}

impl LeadFilter {
    fn read(filter: Option<Self>) -> Result<pipeline::LeadFilter> {
        let Some(filter) = filter else { return Ok(pipeline::LeadFilter::default()) };
        Ok(pipeline::LeadFilter {
            states: filter.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            owner: filter.owner_id.map(|id| node::id("filter.ownerId", &id)).transpose()?,
            pool: filter.pool.unwrap_or_default(),
            due_by: filter.due_by.map(|day| day.0),
        })
    }
}

/// Leads of one state.
#[derive(SimpleObject)]
pub(crate) struct LeadFunnel {
    /// The state.
    state: LeadState,
    /// How many.
    leads: i64,
    /// How many seats they want together.
    seats: i64,
}

/// Leads, visits and quotes of a park; null and empty for everybody but its staff.
#[derive(Clone)]
pub(crate) struct ParkPipeline;

/// Leads, visits and quotes of a park; null and empty for everybody but its staff.
#[Object]
impl ParkPipeline {
    /// Companies that may become tenants, the last entered first; for staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn leads(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<LeadFilter>,
        #[graphql(desc = "By what; the last entered first when left out.")] order_by: Option<Order<LeadOrderField>>,
    ) -> async_graphql::Result<Paged<Lead>> {
        let filter = LeadFilter::read(filter).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            pipeline::leads(&*request.read().await?, request.ctx()?, &filter, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count =
            counter!(gql, "", [filter] | ctx, tx | async move { pipeline::leads_count(tx, ctx, &filter).await });
        Ok(paged(page, count, |lead| Lead::from(Arc::new(lead))))
    }
    /// Quotes, the highest number first; for staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn quotes(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<QuoteFilter>,
        #[graphql(desc = "By what; the highest number first when left out.")] order_by: Option<Order<QuoteOrderField>>,
    ) -> async_graphql::Result<Paged<Quote>> {
        let filter = QuoteFilter::read(filter);
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            pipeline::quotes(&*request.read().await?, request.ctx()?, filter, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(list.await)?;
        let count = counter!(gql, "", |ctx, tx| pipeline::quotes_count(tx, ctx, filter));
        Ok(paged(page, count, |quote| Quote::from(Arc::new(quote))))
    }
    /// How many leads are in each state and how many seats they want, down the funnel; for staff of the park.
    async fn lead_funnel(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<LeadFunnel>> {
        let request = gql.request();
        let found = async { pipeline::leads_funnel(&*request.read().await?, request.ctx()?).await };
        let of = |funnel: pipeline::Funnel| LeadFunnel {
            state: funnel.state.into(),
            leads: funnel.leads,
            seats: funnel.seats,
        };
        Ok(gql.or_default(found.await)?.into_iter().map(of).collect())
    }
    /// Who can look after leads and show the park: its staff today, by name; for staff of the park.
    async fn staff(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<StaffMember>> {
        let request = gql.request();
        let found = async { pipeline::staff(&*request.read().await?, request.ctx()?).await };
        Ok(gql.or_default(found.await)?.iter().map(StaffMember::from).collect())
    }
}

/// Hears that somebody looks at whom a lead's people are.
fn heard(ctx: &Ctx) {
    ctx.heard().tell(voxpark_domain::audit::Happening::Read("contacts of leads"));
}
