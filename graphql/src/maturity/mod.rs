//! Maturity: frameworks, assessments with both sides' ratings, evidence, the explained level.

mod change;
mod framework;
mod level;
mod lists;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{AssessmentId, EvidenceId, TenantId};
use voxpark_domain::maturity::{self, Attached, Ratings, Sheet, Standing, State};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Result};

use crate::error::Fault as _;
use crate::files::FileState;
use crate::load::{Load, load, load_known};
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Date, Int64String};
use crate::tenancy::Tenant;

pub(crate) use self::change::MaturityMutation;
pub(crate) use self::lists::{ParkMaturity, TenantMaturity};

use self::framework::Framework;
use self::level::LevelResult;
use self::lists::EvidenceOf;

/// Where an assessment stands.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum AssessmentState {
    /// The tenant rates and attaches; nobody else sees it.
    Draft,
    /// Handed over; nothing of the tenant's can be edited, assessors in reach see it and rate.
    Submitted,
    /// Closed with the level of an assessor's ratings.
    Assessed,
    /// Taken back by the tenant.
    Withdrawn,
}

impl From<State> for AssessmentState {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            // Whether somebody has begun to rate is the assessor's own affair.
            State::Submitted | State::UnderAssessment => Self::Submitted,
            State::Assessed => Self::Assessed,
            State::Withdrawn => Self::Withdrawn,
        }
    }
}

/// Both ratings of a clause by one side.
#[derive(SimpleObject)]
pub(crate) struct Rating {
    /// C-Rate, the way of doing is right: 0, 5 or 10 points.
    c: u32,
    /// F-Rate, the way of doing is carried through: 0, 5 or 10 points.
    f: u32,
    /// Why.
    note: String,
}

impl Rating {
    fn of(ratings: &Ratings, clause: u16) -> Option<Self> {
        let rating = ratings.get(clause)?;
        Some(Self { c: rating.c.points(), f: rating.f.points(), note: rating.note.clone() })
    }
}

/// What was said of a clause.
#[derive(SimpleObject)]
pub(crate) struct ClauseRating {
    /// Clause number.
    clause: u16,
    /// The tenant's own ratings; null when missing.
    #[graphql(name = "self")]
    own: Option<Rating>,
    /// An assessor's ratings: its own for an assessor, those of the conclusion for the tenant; null when there are none.
    assessor: Option<Rating>,
    /// Pieces of evidence.
    evidence_count: i64,
}

/// One framework applied to one tenant for one cycle.
#[derive(Clone)]
pub(crate) struct Assessment(Arc<maturity::Assessment>);

impl From<Arc<maturity::Assessment>> for Assessment {
    fn from(assessment: Arc<maturity::Assessment>) -> Self {
        Self(assessment)
    }
}

impl Assessment {
    async fn sheet(&self, gql: &Context<'_>) -> async_graphql::Result<Arc<Sheet>> {
        Ok(load(gql, SheetOf(self.0.id)).await?.unwrap_or_default())
    }
    fn result(&self, gql: &Context<'_>, ratings: &Ratings) -> async_graphql::Result<LevelResult> {
        let found = self.0.framework().and_then(|framework| Ok((framework, self.0.level(ratings)?)));
        let (framework, level) = found.map_err(|e| gql.fault(&e))?;
        Ok(LevelResult::of(framework, &level, gql.request().lang()))
    }
}

/// One framework applied to one tenant for one cycle.
#[Object]
impl Assessment {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Whose.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Tenant> {
        Ok(load_known(gql, self.0.tenant).await?.into())
    }
    /// Exactly the framework it was begun with.
    async fn framework(&self, gql: &Context<'_>) -> async_graphql::Result<Framework> {
        self.0.framework().map(Framework).map_err(|e| gql.fault(&e))
    }
    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// For which cycle (`2026`); one assessment a framework and cycle.
    async fn cycle(&self) -> &str {
        &self.0.cycle
    }
    /// Where it stands.
    async fn state(&self) -> AssessmentState {
        self.0.state.into()
    }
    /// The day the level is worked out for: years of operation are counted up to it.
    async fn assessed_on(&self) -> Date {
        self.0.assessed_on.into()
    }
    /// Handed over at.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.submitted_at
    }
    /// The concluded level, 0 for none reached; null before the conclusion.
    async fn level(&self) -> Option<u8> {
        self.0.conclusion.map(|c| c.level)
    }
    /// Concluded at.
    async fn concluded_at(&self) -> Option<DateTime<Utc>> {
        self.0.conclusion.map(|c| c.at)
    }
    /// Every clause of the framework by number, with what was said of it.
    #[graphql(complexity = "168 * child_complexity")]
    async fn ratings(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<ClauseRating>> {
        let sheet = self.sheet(gql).await?;
        let framework = self.0.framework().map_err(|e| gql.fault(&e))?;
        let rating = |clause: &maturity::Clause| ClauseRating {
            clause: clause.number,
            own: Rating::of(&sheet.own, clause.number),
            assessor: Rating::of(&sheet.assessor, clause.number),
            evidence_count: sheet.evidence.get(&clause.number).copied().unwrap_or(0),
        };
        Ok(framework.clauses().iter().map(rating).collect())
    }
    /// Evidence by clause, then by age; of one clause where one is named.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn evidence(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "The clause.")] clause: Option<u16>,
    ) -> async_graphql::Result<Paged<Evidence>> {
        let key = EvidenceOf::ask(self.0.id, clause, first, after).map_err(|e| gql.fault(&e))?;
        key.paged(gql).await
    }
    /// The level of the tenant's own ratings; missing ones count as 0.
    async fn self_result(&self, gql: &Context<'_>) -> async_graphql::Result<LevelResult> {
        let sheet = self.sheet(gql).await?;
        self.result(gql, &sheet.own)
    }
    /// The level of the assessor's ratings that the caller may see: an assessor its own, missing ones counting as 0, the
    /// tenant those of the conclusion; null when there are none.
    async fn assessor_result(&self, gql: &Context<'_>) -> async_graphql::Result<Option<LevelResult>> {
        let sheet = self.sheet(gql).await?;
        if sheet.assessor.is_empty() { Ok(None) } else { self.result(gql, &sheet.assessor).map(Some) }
    }
}

/// A stored thing that covers a period and supports a clause.
#[derive(Clone)]
pub(crate) struct Evidence(Arc<Attached>);

impl From<Arc<Attached>> for Evidence {
    fn from(attached: Arc<Attached>) -> Self {
        Self(attached)
    }
}

/// A stored thing that covers a period and supports a clause.
#[Object]
impl Evidence {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The clause it supports.
    async fn clause(&self) -> u16 {
        self.0.evidence.clause
    }
    /// What it is.
    async fn title(&self) -> &str {
        &self.0.evidence.title
    }
    /// The name it was uploaded with.
    async fn file_name(&self) -> &str {
        &self.0.file.name
    }
    /// Its media type: what its content was found to be.
    async fn media_type(&self) -> &str {
        &self.0.file.media_type
    }
    /// Size, bytes.
    async fn size_bytes(&self) -> Int64String {
        Int64String(self.0.file.bytes)
    }
    /// SHA-256 of the content, hex.
    async fn sha256(&self) -> String {
        voxpark_domain::pack::hex(&self.0.file.sha256)
    }
    /// Whether it may be read.
    async fn file_state(&self) -> FileState {
        self.0.file.state.into()
    }
    /// First day it covers.
    async fn covers_from(&self) -> Date {
        self.0.evidence.covers.from.into()
    }
    /// The day after the last one it covers; null = until further notice.
    async fn covers_to(&self) -> Option<Date> {
        self.0.evidence.covers.to.map(Date::from)
    }
    /// Path below the service's address that gives the content, with the same bearer token.
    async fn download_path(&self) -> String {
        format!("/evidence/{}", self.0.id)
    }
}

#[async_trait]
impl Load for AssessmentId {
    type Value = Arc<maturity::Assessment>;
    const RESOURCE: Resource = Resource::SelfAssessment;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.assessments_by_id(ctx, keys).await?.into_iter().map(|a| (a.id, Arc::new(a))).collect())
    }
}

#[async_trait]
impl Load for EvidenceId {
    type Value = Arc<Attached>;
    const RESOURCE: Resource = Resource::SelfAssessment;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.evidence_by_id(keys).await?.into_iter().map(|e| (e.id, Arc::new(e))).collect())
    }
}

/// The sheet of an assessment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SheetOf(AssessmentId);

#[async_trait]
impl Load for SheetOf {
    type Value = Arc<Sheet>;
    const RESOURCE: Resource = Resource::SelfAssessment;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let sheets = maturity::sheets(tx, ctx, &ids).await?;
        Ok(sheets.into_iter().map(|(id, sheet)| (SheetOf(id), Arc::new(sheet))).collect())
    }
}

/// The latest conclusion on a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LevelOf(TenantId);

#[async_trait]
impl Load for LevelOf {
    type Value = Standing;
    const RESOURCE: Resource = Resource::Assessment;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let latest = Standing::latest(tx.standings(Some(&ids)).await?);
        Ok(latest.into_iter().map(|(tenant, standing)| (LevelOf(tenant), standing)).collect())
    }
}

#[derive(Default)]
pub(crate) struct MaturityQuery;

#[Object]
impl MaturityQuery {
    /// The newest version of a framework by its stable name (`cc-cmm-oc-2011`).
    async fn framework(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The id.")] id: String,
    ) -> async_graphql::Result<Option<Framework>> {
        let allowed = gql.request().ctx().and_then(|ctx| ctx.require(Action::Read, Resource::Packs));
        gql.nullable(allowed.and_then(|()| maturity::framework(&id)).map(Framework))
    }

    /// Assessments, newest first: its own for staff of a tenant, submitted ones within its grants for an assessor, none for
    /// anybody else.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn assessments(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<Assessment>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            maturity::assessments(&*request.read().await?, request.ctx()?, &ask).await
        };
        let page = gql.nullable(list.await)?;
        Ok(paged(page, counter!(gql, "", |ctx, tx| maturity::assessments_count(tx, ctx)), |a| Assessment(Arc::new(a))))
    }
}
