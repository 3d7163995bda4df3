//! Changing assessments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use serde_json::json;
use voxpark_domain::ids::AssessmentId;
use voxpark_domain::maturity::{self, AssessmentDraft, EvidenceInput, RatingInput};
use voxpark_domain::platform::AuditEntry;

use super::{Assessment, Evidence};
use crate::change::{Outcome, change};
use crate::error::UserError;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// A new self-assessment.
#[derive(InputObject, Serialize)]
pub(crate) struct AssessmentCreateInput {
    /// Stable name of the framework (`cc-cmm-oc-2011`); its newest version is taken and kept.
    framework: String,
    /// What it is called, 1 to 80 characters.
    title: String,
    /// For which cycle (`2026`), 1 to 20 letters, digits or - _ . /; one assessment a framework and cycle.
    cycle: String,
    /// The day the level is worked out for, at most 366 days from today; today when left out.
    assessed_on: Option<Date>,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// Both ratings of a clause.
#[derive(InputObject, Serialize)]
pub(crate) struct ClauseRatingInput {
    /// Clause number.
    clause: i32,
    /// C-Rate, the way of doing is right: 0, 5 or 10 points.
    c: i32,
    /// F-Rate, the way of doing is carried through: 0, 5 or 10 points.
    f: i32,
    /// Why, up to 2000 characters.
    note: Option<String>,
}

/// Ratings of clauses; all are stored or none.
#[derive(InputObject, Serialize)]
pub(crate) struct AssessmentRateInput {
    /// The assessment.
    assessment_id: ID,
    /// At most one a clause of the framework; earlier ratings of these clauses are replaced.
    ratings: Vec<ClauseRatingInput>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: Option<String>,
}

/// A stored file as evidence for a clause.
#[derive(InputObject, Serialize)]
pub(crate) struct EvidenceAttachInput {
    /// The assessment, a draft.
    assessment_id: ID,
    /// The clause it supports.
    clause: i32,
    /// What it is, 1 to 200 characters.
    title: String,
    /// A stored file of the caller's tenant.
    file_id: ID,
    /// First day it covers.
    covers_from: Date,
    /// The day after the last one it covers; until further notice when left out.
    covers_to: Option<Date>,
    /// Repeats of the same request under this key answer the same and attach nothing.
    idempotency_key: String,
}

/// Which draft to hand over.
#[derive(InputObject, Serialize)]
pub(crate) struct AssessmentSubmitInput {
    /// The assessment.
    assessment_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// Which assessment to take back.
#[derive(InputObject, Serialize)]
pub(crate) struct AssessmentWithdrawInput {
    /// The assessment; nobody may have concluded it.
    assessment_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// Which submitted assessment to close.
#[derive(InputObject, Serialize)]
pub(crate) struct AssessmentConcludeInput {
    /// The assessment.
    assessment_id: ID,
    /// Accepted for uniformity; an assessment can be concluded only once whatever the key.
    idempotency_key: Option<String>,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(SimpleObject, Default)]
        pub(crate) struct $name {
            /// The assessment.
            assessment: Option<Assessment>,
            /// What has to be mended first.
            user_errors: Vec<UserError>,
        }

        impl $name {
            async fn of(gql: &Context<'_>, done: Outcome<AssessmentId>) -> async_graphql::Result<Option<Self>> {
                Ok(Some(match done {
                    Ok(id) => Self { assessment: load(gql, id).await?.map(Assessment::from), user_errors: Vec::new() },
                    Err(user_errors) => Self { user_errors, ..Default::default() },
                }))
            }
        }
    )+};
}

payloads! {
    /// What became of a new assessment.
    AssessmentCreatePayload
    /// What became of ratings.
    AssessmentRatePayload
    /// What became of a draft to be handed over.
    AssessmentSubmitPayload
    /// What became of an assessment to be taken back.
    AssessmentWithdrawPayload
    /// What became of an assessment to be closed.
    AssessmentConcludePayload
}

/// What became of evidence.
#[derive(SimpleObject, Default)]
pub(crate) struct EvidenceAttachPayload {
    /// The evidence.
    evidence: Option<Evidence>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct MaturityMutation;

#[Object]
impl MaturityMutation {
    /// Begins a self-assessment.
    async fn assessment_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessmentCreateInput,
    ) -> async_graphql::Result<Option<AssessmentCreatePayload>> {
        let done = change(gql, "assessmentCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            let draft = AssessmentDraft {
                framework: input.framework.clone(),
                title: input.title.clone(),
                cycle: input.cycle.clone(),
                assessed_on: input.assessed_on.map_or_else(|| ctx.today(), |day| day.0),
            };
            Box::pin(async move {
                let id = maturity::assessment_create(tx, ctx, draft).await?;
                Ok((id, AuditEntry::new("assessment.create", id)))
            })
        });
        AssessmentCreatePayload::of(gql, done.await?).await
    }

    /// Rates clauses: staff of a tenant in its own draft, an assessor in a submitted assessment, apart from everybody
    /// else's ratings.
    async fn assessment_rate(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessmentRateInput,
    ) -> async_graphql::Result<Option<AssessmentRatePayload>> {
        let done = change(gql, "assessmentRate", input.idempotency_key.as_deref(), &input, |ctx, tx| {
            let id = node::id("assessmentId", &input.assessment_id);
            let rating = |r: &ClauseRatingInput| RatingInput {
                clause: r.clause,
                c: r.c,
                f: r.f,
                note: r.note.clone().unwrap_or_default(),
            };
            let ratings: Vec<_> = input.ratings.iter().map(rating).collect();
            Box::pin(async move {
                let rated = maturity::assessment_rate(tx, ctx, id?, &ratings).await?;
                let entry = AuditEntry::new("assessment.rate", rated.id).of(rated.tenant);
                Ok((rated.id, entry.with(json!({ "clauses": ratings.len() }))))
            })
        });
        AssessmentRatePayload::of(gql, done.await?).await
    }

    /// Attaches a stored file to a clause of a draft.
    async fn evidence_attach(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EvidenceAttachInput,
    ) -> async_graphql::Result<Option<EvidenceAttachPayload>> {
        let done = change(gql, "evidenceAttach", Some(&input.idempotency_key), &input, |ctx, tx| {
            let ids = node::id("assessmentId", &input.assessment_id)
                .and_then(|assessment| Ok((assessment, node::id("fileId", &input.file_id)?)));
            let evidence = EvidenceInput {
                clause: input.clause,
                title: input.title.clone(),
                covers_from: input.covers_from.0,
                covers_to: input.covers_to.map(|day| day.0),
            };
            Box::pin(async move {
                let (assessment, file) = ids?;
                let attached = maturity::evidence_attach(tx, tx, ctx, assessment, file, &evidence).await?;
                let entry = AuditEntry::new("evidence.attach", attached.id);
                Ok((attached.id, entry.with(json!({ "assessment": assessment, "clause": attached.evidence.clause }))))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                EvidenceAttachPayload { evidence: load(gql, id).await?.map(Evidence::from), user_errors: Vec::new() }
            }
            Err(user_errors) => EvidenceAttachPayload { user_errors, ..Default::default() },
        }))
    }

    /// Hands a draft over to the assessors; every clause must be rated, and nothing can be edited afterwards.
    async fn assessment_submit(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessmentSubmitInput,
    ) -> async_graphql::Result<Option<AssessmentSubmitPayload>> {
        let done = change(gql, "assessmentSubmit", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id("assessmentId", &input.assessment_id);
            Box::pin(async move {
                let (assessment, own) = maturity::assessment_submit(tx, ctx, id?).await?;
                let entry = AuditEntry::new("assessment.submit", assessment.id);
                Ok((assessment.id, entry.with(json!({ "level": own.achieved, "total": own.total }))))
            })
        });
        AssessmentSubmitPayload::of(gql, done.await?).await
    }

    /// Takes an assessment back that nobody concluded: assessors no longer see it, and its cycle is free for another.
    async fn assessment_withdraw(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessmentWithdrawInput,
    ) -> async_graphql::Result<Option<AssessmentWithdrawPayload>> {
        let done = change(gql, "assessmentWithdraw", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id("assessmentId", &input.assessment_id);
            Box::pin(async move {
                let assessment = maturity::assessment_withdraw(tx, ctx, id?).await?;
                Ok((assessment.id, AuditEntry::new("assessment.withdraw", assessment.id)))
            })
        });
        AssessmentWithdrawPayload::of(gql, done.await?).await
    }

    /// Closes a submitted assessment with the level of the calling assessor's ratings, which the tenant sees from then on.
    async fn assessment_conclude(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessmentConcludeInput,
    ) -> async_graphql::Result<Option<AssessmentConcludePayload>> {
        let key = input.idempotency_key.as_deref();
        let done = change(gql, "assessmentConclude", key, &input, |ctx, tx| {
            let id = node::id("assessmentId", &input.assessment_id);
            Box::pin(async move {
                let (assessment, conclusion) = maturity::assessment_conclude(tx, ctx, id?).await?;
                let entry = AuditEntry::new("assessment.conclude", assessment.id).of(assessment.tenant);
                Ok((assessment.id, entry.with(json!({ "level": conclusion.level, "total": conclusion.total }))))
            })
        });
        AssessmentConcludePayload::of(gql, done.await?).await
    }
}
