//! Contract papers drafted, approved, refused, taken back, signed; how a park goes about them, set.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::PaperId;
use voxpark_domain::papers;
use voxpark_domain::platform::AuditEntry;

use super::{ContractPaper, ContractPolicy, PaperLanguage};
use crate::change::change;
use crate::error::UserError;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

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
    done: async_graphql::Result<Result<PaperId, Vec<UserError>>>,
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
