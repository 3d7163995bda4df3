//! Contract papers: drafted, approved, signed; and how a park goes about them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Scope;
use voxpark_domain::ids::{LeaseId, PaperId};
use voxpark_domain::pack::{Bilingual, hex};
use voxpark_domain::papers;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::Lease;
use crate::load::{Load, load, load_known};
use crate::node;
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
    /// The template it was drafted by, with its version: `seat-lease.v1`.
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

/// A paper is to be drafted.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaperDraftInput {
    /// Of which lease.
    lease_id: ID,
    /// Of which of its versions; the latest when left out.
    version: Option<i32>,
    /// By which template, with its version; the one built in when left out.
    template: Option<String>,
    /// In which language.
    language: PaperLanguage,
    /// What is agreed beside the template, a paragraph each: at most 20 of 1 to 1,000 characters.
    special: Option<Vec<String>>,
    /// Repeats of the same request under this key answer the same and draft nothing.
    idempotency_key: String,
}

/// A paper is to be approved.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaperApproveInput {
    /// Which.
    paper_id: ID,
    /// Repeats of the same request under this key answer the same and approve nothing.
    idempotency_key: String,
}

/// A paper is not approved.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaperRefuseInput {
    /// Which.
    paper_id: ID,
    /// Why, 1 to 1,000 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and refuse nothing.
    idempotency_key: String,
}

/// A paper is to be taken back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaperWithdrawInput {
    /// Which.
    paper_id: ID,
    /// Why, 1 to 1,000 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and take nothing back.
    idempotency_key: String,
}

/// Both sides signed a paper.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct PaperSignInput {
    /// Which.
    paper_id: ID,
    /// The day on which both had; not after today.
    signed_on: Date,
    /// Who for the park, 1 to 100 characters.
    for_park: String,
    /// Who for the tenant, 1 to 100 characters.
    for_tenant: String,
    /// The signed paper, scanned: a file that the caller uploaded.
    scan_id: Option<ID>,
    /// Repeats of the same request under this key answer the same and sign nothing.
    idempotency_key: String,
}

/// What became of a paper.
#[derive(SimpleObject, Default)]
pub(crate) struct PaperPayload {
    /// The paper.
    paper: Option<ContractPaper>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// How a park is to go about contract papers.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct ContractPolicySetInput {
    /// How many people approve a paper before it is signed, 1 to 3; its author is none of them.
    approvals: i32,
    /// True: seats are allocated only under a lease of which a paper is signed.
    sign_before_seats: bool,
    /// Days before the end of a lease at which somebody is warned: 1 to 730, falling, one to five of them.
    warn_days: Vec<i32>,
    /// Repeats of the same request under this key answer the same and set nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct ContractPolicySetPayload {
    /// How the park goes about papers now.
    policy: Option<ContractPolicy>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The answer to a change of one paper.
async fn answer(
    gql: &Context<'_>,
    done: async_graphql::Result<std::result::Result<PaperId, Vec<UserError>>>,
) -> async_graphql::Result<Option<PaperPayload>> {
    Ok(Some(match done? {
        Ok(id) => PaperPayload { paper: load(gql, id).await?.map(ContractPaper::from), ..PaperPayload::default() },
        Err(user_errors) => PaperPayload { user_errors, ..PaperPayload::default() },
    }))
}

fn entry(act: &'static str, paper: &papers::Paper) -> AuditEntry {
    let detail = serde_json::json!({ "number": paper.number, "kind": paper.kind.name(), "state": paper.state.name() });
    AuditEntry::new(act, paper.id).with(detail)
}

#[derive(Default)]
pub(crate) struct PaperMutation;

#[Object]
impl PaperMutation {
    /// Drafts the paper of a version of a lease by a template; what it says is fixed from then on.
    async fn paper_draft(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaperDraftInput,
    ) -> async_graphql::Result<Option<PaperPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paperDraft", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let draft = papers::PaperDraft {
                    lease: node::id("leaseId", &wanted.lease_id)?,
                    version: wanted.version.map(i64::from),
                    template: wanted.template,
                    language: wanted.language.into(),
                    special: wanted.special.unwrap_or_default(),
                };
                let paper = papers::paper_draft(tx, ctx, draft).await?;
                Ok((paper.id, entry("paper.draft", &paper)))
            })
        });
        answer(gql, done.await).await
    }

    /// Approves a paper that somebody else drafted; with the last approval that it needs it may be signed, and the tenant
    /// sees it.
    async fn paper_approve(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaperApproveInput,
    ) -> async_graphql::Result<Option<PaperPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paperApprove", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let paper = papers::paper_approve(tx, ctx, node::id("paperId", &wanted.paper_id)?).await?;
                Ok((paper.id, entry("paper.approve", &paper)))
            })
        });
        answer(gql, done.await).await
    }

    /// Does not approve a paper, and says why. It is over; another can be drafted.
    async fn paper_refuse(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaperRefuseInput,
    ) -> async_graphql::Result<Option<PaperPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paperRefuse", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paperId", &wanted.paper_id)?;
                let paper = papers::paper_refuse(tx, ctx, id, &wanted.reason).await?;
                Ok((paper.id, entry("paper.refuse", &paper)))
            })
        });
        answer(gql, done.await).await
    }

    /// Takes a paper back that is not signed, and says why.
    async fn paper_withdraw(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaperWithdrawInput,
    ) -> async_graphql::Result<Option<PaperPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paperWithdraw", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("paperId", &wanted.paper_id)?;
                let paper = papers::paper_withdraw(tx, ctx, id, &wanted.reason).await?;
                Ok((paper.id, entry("paper.withdraw", &paper)))
            })
        });
        answer(gql, done.await).await
    }

    /// Records that both sides signed an approved paper.
    async fn paper_sign(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PaperSignInput,
    ) -> async_graphql::Result<Option<PaperPayload>> {
        let wanted = input.clone();
        let done = change(gql, "paperSign", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let signing = papers::Signing {
                    paper: node::id("paperId", &wanted.paper_id)?,
                    on: wanted.signed_on.0,
                    for_park: wanted.for_park,
                    for_tenant: wanted.for_tenant,
                    scan: wanted.scan_id.as_ref().map(|id| node::id("scanId", id)).transpose()?,
                };
                let paper = papers::paper_sign(tx, ctx, &signing).await?;
                Ok((paper.id, entry("paper.sign", &paper)))
            })
        });
        answer(gql, done.await).await
    }

    /// Sets how the park goes about contract papers.
    async fn contract_policy_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ContractPolicySetInput,
    ) -> async_graphql::Result<Option<ContractPolicySetPayload>> {
        let policy = papers::ContractPolicy {
            approvals: input.approvals.into(),
            sign_before_seats: input.sign_before_seats,
            warn_days: input.warn_days.iter().copied().map(i64::from).collect(),
        };
        let wanted = policy.clone();
        let done = change(gql, "contractPolicySet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                papers::contract_policy_set(tx, ctx, &wanted).await?;
                Ok(((), AuditEntry::new("contract_policy.set", "")))
            })
        });
        Ok(Some(match done.await? {
            Ok(()) => ContractPolicySetPayload { policy: Some(policy.into()), user_errors: Vec::new() },
            Err(user_errors) => ContractPolicySetPayload { policy: None, user_errors },
        }))
    }
}
