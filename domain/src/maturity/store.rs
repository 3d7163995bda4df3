//! What maturity reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::assessment::State;
use super::record::{Assessment, Attached, ClauseRating, Conclusion, Standing};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ids::{AssessmentId, EvidenceId, TenantId};
use crate::page::{Page, PageRequest};

/// Where a page of evidence is continued: evidence is listed by clause, then by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EvidenceKey {
    /// Clause number.
    pub clause: u16,
    /// The piece of evidence.
    pub id: EvidenceId,
}

impl std::fmt::Display for EvidenceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.clause, self.id)
    }
}

impl EvidenceKey {
    /// From its text form.
    pub fn parse(text: &str) -> Option<Self> {
        let (clause, id) = text.split_once(' ')?;
        Some(Self { clause: clause.parse().ok()?, id: id.parse().ok()? })
    }
}

/// A page of a list that belongs to one parent, loaded together with those of other parents.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The page.
    pub page: Page<T>,
    /// How many items the whole list has; `None` when the page is empty, as there is no row to tell.
    pub total: Option<i64>,
}

/// Assessments with their ratings, evidence and conclusions, as far as the caller's scope reaches: the tenant all of its
/// own but unconcluded ratings of assessors, an assessor what was submitted and its own ratings, the park conclusions.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores a draft of the caller's tenant; `false` when there is one of the same framework and cycle.
    async fn assessment_add(&self, new: &Assessment) -> Result<bool>;
    /// Keeps everybody else from changing an assessment of the caller's tenant until the transaction ends.
    async fn assessment_lock(&self, id: AssessmentId) -> Result<()>;
    /// Assessments, newest first.
    async fn assessments(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Assessment>>;
    /// How many; of one tenant where one is named.
    async fn assessments_count(&self, of: Option<TenantId>) -> Result<i64>;
    /// Assessments by id; those out of reach are missing.
    async fn assessments_by_id(&self, ctx: &Ctx, ids: &[AssessmentId]) -> Result<Vec<Assessment>>;
    /// A page of the assessments of each tenant, newest first.
    async fn assessments_of(
        &self,
        ctx: &Ctx,
        tenants: &[TenantId],
        page: &PageRequest,
    ) -> Result<Vec<(TenantId, Listed<Assessment>)>>;
    /// Hands an assessment with its ratings and evidence over, or takes it back.
    async fn assessment_turn(&self, id: AssessmentId, to: State, submitted_at: Option<DateTime<Utc>>) -> Result<()>;

    /// Stores ratings of the tenant, replacing those of the same clauses.
    async fn self_ratings_put(&self, ctx: &Ctx, of: &Assessment, ratings: &[ClauseRating]) -> Result<()>;
    /// The tenant's ratings.
    async fn self_ratings(&self, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, ClauseRating)>>;
    /// Stores ratings of the calling assessor, replacing its own of the same clauses; `false` when some are closed.
    async fn assessor_ratings_put(&self, ctx: &Ctx, of: &Assessment, ratings: &[ClauseRating]) -> Result<bool>;
    /// An assessor's ratings: its own for an assessor, those of the conclusion for the tenant.
    async fn assessor_ratings(&self, ctx: &Ctx, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, ClauseRating)>>;
    /// Closes the calling assessor's ratings: nobody changes them, the tenant sees them.
    async fn assessor_ratings_close(&self, ctx: &Ctx, of: &Assessment) -> Result<()>;
    /// Stores how the calling assessor concluded; `false` when somebody has done so before.
    async fn conclusion_add(&self, ctx: &Ctx, of: &Assessment, conclusion: Conclusion) -> Result<bool>;
    /// Concluded assessments of the tenants named, or of all in reach.
    async fn standings(&self, of: Option<&[TenantId]>) -> Result<Vec<Standing>>;

    /// Attaches evidence to an assessment of the caller's tenant.
    async fn evidence_add(&self, ctx: &Ctx, new: &Attached) -> Result<()>;
    /// Evidence by id; what is out of reach is missing.
    async fn evidence_by_id(&self, ids: &[EvidenceId]) -> Result<Vec<Attached>>;
    /// A page of the evidence of each assessment, of one clause where one is named, by [`EvidenceKey`].
    async fn evidence_of(
        &self,
        assessments: &[AssessmentId],
        clause: Option<u16>,
        page: &PageRequest,
    ) -> Result<Vec<(AssessmentId, Listed<Attached>)>>;
    /// How many pieces of evidence an assessment has, by clause.
    async fn evidence_counts(&self, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, u16, i64)>>;
}
