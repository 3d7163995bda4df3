//! Contract papers: what they say and where they stand; and how a park goes about them.

mod change;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Scope;
use voxpark_domain::ids::{LeaseId, PaperId};
use voxpark_domain::pack::{Bilingual, hex};
use voxpark_domain::papers;
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result};

pub(crate) use self::change::PaperMutation;
use crate::error::Fault as _;
use crate::leasing::Lease;
use crate::load::{Load, load, load_known};
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

/// What a paper is for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "papers::PaperKind")]
pub(crate) enum PaperKind {
    /// The lease itself.
    Lease,
    /// Other terms.
    Amendment,
    /// The lease goes on.
    Renewal,
    /// The lease ends before its time.
    Termination,
}

/// In which language a paper is set.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "papers::PaperLanguage")]
pub(crate) enum PaperLanguage {
    /// Chinese.
    Chinese,
    /// English.
    English,
    /// Both, clause by clause, Chinese first.
    Both,
}

/// Where a paper is in its life.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "papers::PaperState")]
pub(crate) enum PaperState {
    /// It waits for approval.
    Drafted,
    /// It may be signed.
    Approved,
    /// Both sides signed it.
    Signed,
    /// It was not approved.
    Refused,
    /// It was taken back.
    Withdrawn,
}

/// What was done to a paper.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "papers::PaperAct")]
pub(crate) enum PaperAct {
    /// It was written.
    Draft,
    /// Somebody approved it.
    Approve,
    /// Somebody did not approve it.
    Refuse,
    /// It was taken back.
    Withdraw,
    /// Both sides signed it.
    Sign,
}

/// A text in both languages.
#[derive(SimpleObject, Clone)]
pub(crate) struct PaperText {
    /// Chinese.
    zh: String,
    /// English.
    en: String,
}

impl From<&Bilingual> for PaperText {
    fn from(text: &Bilingual) -> Self {
        Self { zh: text.zh.clone(), en: text.en.clone() }
    }
}

/// A side of a paper.
#[derive(SimpleObject, Clone)]
pub(crate) struct PaperParty {
    /// What the paper calls it.
    role: PaperText,
    /// Who it is.
    name: PaperText,
}

/// A clause of a paper.
#[derive(SimpleObject, Clone)]
pub(crate) struct PaperClause {
    /// 1, 2, ...
    number: usize,
    /// What it is about.
    title: PaperText,
    /// What it says.
    text: PaperText,
}

/// A step in the history of a paper.
#[derive(Clone)]
pub(crate) struct PaperStep(papers::PaperStep);

/// A step in the history of a paper; the park's own.
#[Object]
impl PaperStep {
    /// From 1.
    async fn number(&self) -> i64 {
        self.0.n
    }
    /// What was done.
    async fn act(&self) -> PaperAct {
        self.0.act.into()
    }
    /// What was said to it; empty when nothing was.
    async fn words(&self) -> &str {
        self.0.words.reveal()
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// Who did it, as the park calls them.
    async fn by(&self) -> &str {
        self.0.by_name.reveal()
    }
}

/// What the two sides sign for one version of a lease. What it says is fixed when it is drafted.
#[derive(Clone)]
pub(crate) struct ContractPaper(Arc<papers::Paper>);

impl From<Arc<papers::Paper>> for ContractPaper {
    fn from(paper: Arc<papers::Paper>) -> Self {
        Self(paper)
    }
}

/// What the two sides sign for one version of a lease. What it says is fixed when it is drafted.
#[Object]
impl ContractPaper {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Of which lease.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.0.lease).await.map(Lease::from)
    }
    /// Of which version of it.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// The code of the lease and the number of the version: `L-1/2`.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// What it is for.
    async fn kind(&self) -> PaperKind {
        self.0.kind.into()
    }
    /// The template it was drafted by, with its version: `seat-lease.v3`.
    async fn template(&self) -> &str {
        &self.0.template
    }
    /// In which language it is set.
    async fn language(&self) -> PaperLanguage {
        self.0.language.into()
    }
    /// Where it is.
    async fn state(&self) -> PaperState {
        self.0.state.into()
    }
    /// What it is called.
    async fn title(&self) -> PaperText {
        (&self.0.content.title).into()
    }
    /// The park, then the tenant.
    async fn parties(&self) -> Vec<PaperParty> {
        let parties = self.0.content.parties.iter();
        parties.map(|party| PaperParty { role: (&party.role).into(), name: (&party.name).into() }).collect()
    }
    /// Before the clauses.
    async fn opening(&self) -> PaperText {
        (&self.0.content.opening).into()
    }
    /// What it says, in order.
    async fn clauses(&self) -> Vec<PaperClause> {
        let clauses = self.0.content.clauses.iter().zip(1_usize..);
        clauses
            .map(|(clause, number)| PaperClause { number, title: (&clause.title).into(), text: (&clause.text).into() })
            .collect()
    }
    /// SHA-256 of what it says, in hexadecimal: printed at the foot of the paper.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }
    /// How many approvals it needs, by people who did not draft it.
    async fn approvals_needed(&self) -> i64 {
        self.0.needed
    }
    /// When it was drafted.
    async fn drafted_at(&self) -> DateTime<Utc> {
        self.0.drafted_at
    }
    /// When it had the approvals it needs.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }
    /// The day on which both sides had signed.
    async fn signed_on(&self) -> Option<Date> {
        self.0.signed_on.map(Date)
    }
    /// Who signed for the park; empty before.
    async fn signed_for_park(&self) -> &str {
        self.0.signed_park.reveal()
    }
    /// Who signed for the tenant; empty before.
    async fn signed_for_tenant(&self) -> &str {
        self.0.signed_tenant.reveal()
    }
    /// The signed paper, scanned: a file of the park, for which alone it is there.
    async fn scan_id(&self, gql: &Context<'_>) -> async_graphql::Result<Option<ID>> {
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        let own = matches!(ctx.scope(), Scope::Park(_));
        Ok(self.0.scan.filter(|_| own).map(|id| id.to_string().into()))
    }
    /// Where it is to be had as PDF, below the service's address.
    async fn document_path(&self) -> String {
        format!("/documents/{}", self.0.id)
    }
    /// Its history, oldest first; empty for the tenant.
    async fn steps(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PaperStep>> {
        let steps = load(gql, StepsOf(self.0.id)).await?.unwrap_or_default();
        Ok(steps.into_iter().map(PaperStep).collect())
    }
    /// Whether the caller could approve it now.
    async fn may_approve(&self, gql: &Context<'_>) -> async_graphql::Result<bool> {
        let steps = load(gql, StepsOf(self.0.id)).await?.unwrap_or_default();
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        Ok(papers::may_approve(ctx, &self.0, &steps))
    }
}

#[async_trait]
impl Load for PaperId {
    type Value = Arc<papers::Paper>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.papers_by_id(keys).await?.into_iter().map(|paper| (paper.id, Arc::new(paper))).collect())
    }
}

/// The history of a paper.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct StepsOf(PaperId);

#[async_trait]
impl Load for StepsOf {
    type Value = Vec<papers::PaperStep>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<PaperId> = keys.iter().map(|key| key.0).collect();
        let found = papers::paper_steps(tx, ctx, &ids).await?;
        let of = |id| found.iter().filter(|step| step.paper == id).cloned().collect();
        Ok(keys.iter().map(|key| (*key, of(key.0))).collect())
    }
}

/// The papers of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PapersOf(LeaseId);

#[async_trait]
impl Load for PapersOf {
    type Value = Vec<Arc<papers::Paper>>;
    const RESOURCE: Resource = Resource::Leasing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<LeaseId> = keys.iter().map(|key| key.0).collect();
        let found: Vec<_> = papers::papers_of(tx, ctx, &ids).await?.into_iter().map(Arc::new).collect();
        let of = |id| found.iter().filter(|paper| paper.lease == id).cloned().collect();
        Ok(keys.iter().map(|key| (*key, of(key.0))).collect())
    }
}

/// The papers of a lease.
#[derive(Clone)]
pub(crate) struct LeasePapers(pub(crate) LeaseId);

/// The papers of a lease.
#[Object]
impl LeasePapers {
    /// Its papers, newest first; for the tenant those that were approved.
    async fn papers(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<ContractPaper>> {
        let found = load(gql, PapersOf(self.0)).await?.unwrap_or_default();
        Ok(found.into_iter().map(ContractPaper::from).collect())
    }
}

/// How a park goes about contract papers.
#[derive(SimpleObject)]
pub(crate) struct ContractPolicy {
    /// How many people approve a paper before it is signed, 1 to 3; its author is none of them.
    approvals: i64,
    /// Whether seats are allocated only under a lease of which a paper is signed.
    sign_before_seats: bool,
    /// Days before the end of a lease at which somebody is warned, falling.
    warn_days: Vec<i64>,
}

impl From<papers::ContractPolicy> for ContractPolicy {
    fn from(policy: papers::ContractPolicy) -> Self {
        Self { approvals: policy.approvals, sign_before_seats: policy.sign_before_seats, warn_days: policy.warn_days }
    }
}

/// The papers of a park.
#[derive(Clone)]
pub(crate) struct ParkPapers;

/// The papers of a park.
#[Object]
impl ParkPapers {
    /// Contract papers, newest first: all for staff of the park, its own approved ones for staff of a tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn papers(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those in this state.")] state: Option<PaperState>,
    ) -> async_graphql::Result<Paged<ContractPaper>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let state = state.map(papers::PaperState::from);
        let request = gql.request();
        let read = async { papers::papers(&*request.read().await?, request.ctx()?, state, &ask).await };
        let page = gql.nullable(read.await)?.map(voxpark_domain::page::Page::shared);
        let count = counter!(gql, "", [state] | ctx, tx | async move { papers::papers_count(tx, ctx, state).await });
        Ok(paged(page, count, ContractPaper::from))
    }
    /// How it goes about contract papers; null for whoever may not see leases.
    async fn contract_policy(&self, gql: &Context<'_>) -> async_graphql::Result<Option<ContractPolicy>> {
        let request = gql.request();
        let read = async { papers::contract_policy(&*request.read().await?, request.ctx()?).await };
        Ok(gql.nullable(read.await)?.map(ContractPolicy::from))
    }
}
