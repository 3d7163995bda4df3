//! A lead with its steps and notes.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::pipeline;

use super::load::{NotesOf, QuotesOf, StepsOf, VisitsOf};
use super::quote::Quote;
use super::visit::Visit;
use super::{StaffMember, heard, member};
use crate::error::Fault as _;
use crate::estate::SeatProduct;
use crate::load::load;
use crate::request::Asking as _;
use crate::scalar::Date;
use crate::tenancy::Tenant;

/// How far a lead is down the funnel.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[graphql(remote = "pipeline::LeadState")]
pub(crate) enum LeadState {
    /// Nobody has spoken with it.
    New,
    /// Somebody has.
    Contacted,
    /// It has seen the park.
    Visited,
    /// A quote was sent.
    Quoted,
    /// It is a tenant with a lease.
    Won,
    /// It will not come.
    Lost,
}

/// Where a lead came from.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[graphql(remote = "pipeline::LeadSource")]
pub(crate) enum LeadSource {
    /// It asked on its own.
    Inquiry,
    /// Somebody named it: a tenant, an official, a friend of the park.
    Referral,
    /// An agent who is paid for it.
    Agent,
    /// The government's investment promotion.
    Government,
    /// A fair or conference.
    Event,
    /// The park's own search.
    Search,
    /// A tenant of the park that wants more.
    Tenant,
    /// Anything else.
    Other,
}

/// Why a lead will not come.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[graphql(remote = "pipeline::LostReason")]
pub(crate) enum LostReason {
    /// Too dear.
    Price,
    /// The wrong place.
    Location,
    /// Not enough seats, or the wrong ones.
    Seats,
    /// It went to another park.
    Competitor,
    /// It has put it off.
    Postponed,
    /// It does not answer.
    Silent,
    /// The park does not want it.
    Unsuitable,
    /// Anything else.
    Other,
}

/// Whom to speak with: personal data. That it was read is put on the audit log.
#[derive(SimpleObject)]
pub(crate) struct LeadContact {
    /// The person; may be empty.
    name: String,
    /// Telephone; may be empty.
    phone: String,
    /// Mail address; may be empty.
    mail: String,
}

/// A company that may become a tenant.
#[derive(Clone)]
pub(crate) struct Lead(pub(super) Arc<pipeline::Lead>);

impl From<Arc<pipeline::Lead>> for Lead {
    fn from(lead: Arc<pipeline::Lead>) -> Self {
        Self(lead)
    }
}

/// A company that may become a tenant.
#[Object]
impl Lead {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Name in Chinese.
    async fn name(&self) -> &str {
        &self.0.facts.name
    }
    /// Name in English; may be empty.
    async fn name_en(&self) -> &str {
        &self.0.facts.name_en
    }
    /// Unified social credit code, unique among the leads of the park; null when it is not known.
    async fn credit_code(&self) -> Option<&str> {
        self.0.facts.credit_code.as_ref().map(pipeline::CreditCode::text)
    }
    /// Where it came from.
    async fn source(&self) -> LeadSource {
        self.0.facts.source.into()
    }
    /// Whom to speak with.
    async fn contact(&self, gql: &Context<'_>) -> async_graphql::Result<LeadContact> {
        heard(gql.request().ctx().map_err(|e| gql.fault(&e))?);
        let text = |private: &pipeline::Private| private.reveal().to_owned();
        let contact = &self.0.facts.contact;
        Ok(LeadContact { name: text(&contact.name), phone: text(&contact.phone), mail: text(&contact.mail) })
    }
    /// How many seats it wants.
    async fn seats(&self) -> i64 {
        self.0.facts.seats
    }
    /// Of which product; null when it has not said.
    async fn product(&self) -> Option<SeatProduct> {
        self.0.facts.product.map(Into::into)
    }
    /// From which day; null when it has not said.
    async fn wanted_from(&self) -> Option<Date> {
        self.0.facts.wanted_from.map(Date)
    }
    /// What it does; may be empty.
    async fn business(&self) -> &str {
        &self.0.facts.business
    }
    /// The tenant that it is already or has become; null before.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Tenant>> {
        match self.0.facts.tenant {
            Some(tenant) => Ok(load(gql, tenant).await?.map(Tenant::from)),
            None => Ok(None),
        }
    }
    /// Who looks after it; null = it is in the public pool.
    async fn owner(&self, gql: &Context<'_>) -> async_graphql::Result<Option<StaffMember>> {
        member(gql, self.0.owner).await
    }
    /// What is to be done next; may be empty.
    async fn next_step(&self) -> &str {
        self.0.next_step.reveal()
    }
    /// By when; null when no day is set.
    async fn next_on(&self) -> Option<Date> {
        self.0.next_on.map(Date)
    }
    /// How far it is down the funnel.
    async fn state(&self) -> LeadState {
        self.0.state.into()
    }
    /// Why it is lost; null while it is not.
    async fn lost_reason(&self) -> Option<LostReason> {
        self.0.lost.map(Into::into)
    }
    /// When it was entered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// Every step it took, oldest first; at most a few hundred.
    async fn history(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<LeadStep>> {
        Ok(load(gql, StepsOf(self.0.id)).await?.unwrap_or_default().into_iter().map(LeadStep).collect())
    }
    /// What was said about it, newest first; at most 500.
    async fn notes(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<LeadNote>> {
        heard(gql.request().ctx().map_err(|e| gql.fault(&e))?);
        Ok(load(gql, NotesOf(self.0.id)).await?.unwrap_or_default().into_iter().map(LeadNote).collect())
    }
    /// Its quotes with every version, the latest number and version first; at most 500.
    async fn quotes(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Quote>> {
        Ok(load(gql, QuotesOf(self.0.id)).await?.unwrap_or_default().into_iter().map(Quote::from).collect())
    }
    /// Its visits, latest day first; at most 500.
    async fn visits(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Visit>> {
        Ok(load(gql, VisitsOf(self.0.id)).await?.unwrap_or_default().into_iter().map(Visit::from).collect())
    }
}

/// A lead went from one state to another.
pub(crate) struct LeadStep(Arc<pipeline::LeadStep>);

/// A lead went from one state to another.
#[Object]
impl LeadStep {
    /// From where; null = it was entered.
    async fn from(&self) -> Option<LeadState> {
        self.0.from.map(Into::into)
    }
    /// To where.
    async fn to(&self) -> LeadState {
        self.0.to.into()
    }
    /// Why, of a lost one.
    async fn lost_reason(&self) -> Option<LostReason> {
        self.0.lost.map(Into::into)
    }
    /// In words; may be empty.
    async fn remark(&self) -> &str {
        self.0.remark.reveal()
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// Who took it; null when nobody in particular did.
    async fn by(&self, gql: &Context<'_>) -> async_graphql::Result<Option<StaffMember>> {
        member(gql, self.0.by).await
    }
}

/// Something that was said about a lead; never changed.
pub(crate) struct LeadNote(pub(super) Arc<pipeline::LeadNote>);

/// Something that was said about a lead; never changed.
#[Object]
impl LeadNote {
    /// What.
    async fn text(&self) -> &str {
        self.0.text.reveal()
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// Who said it; null when nobody in particular did.
    async fn by(&self, gql: &Context<'_>) -> async_graphql::Result<Option<StaffMember>> {
        member(gql, self.0.by).await
    }
}
