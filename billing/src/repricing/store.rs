//! What runs over past invoices read and write.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Result;
use voxpark_domain::ids::{InvoiceId, JobId, RepricingRunId};
use voxpark_domain::page::{Page, PageRequest};

use super::{Differing, RepricingRun};
use crate::runs::RunProblem;

/// Runs over past invoices, of the caller's park.
#[async_trait]
pub trait Store: Send + Sync {
    /// How many invoices were issued from an instant until before another, withdrawn ones too.
    async fn repricing_invoices(&self, from: DateTime<Utc>, before: DateTime<Utc>) -> Result<i64>;
    /// Stores a run.
    async fn repricing_add(&self, run: &RepricingRun) -> Result<()>;
    /// The run of a job that has not ended.
    async fn repricing_of(&self, job: JobId) -> Result<Option<RepricingRunId>>;
    /// A run, which is held until the transaction ends; `None` when it is out of reach.
    async fn repricing_lock(&self, id: RepricingRunId) -> Result<Option<RepricingRun>>;
    /// The next invoices of a run in the order of their ids.
    async fn repricing_next(&self, run: &RepricingRun, most: u32) -> Result<Vec<InvoiceId>>;
    /// Moves a run on: so many more were looked at, this one last; what of them differs.
    async fn repricing_advance(
        &self,
        id: RepricingRunId,
        checked: i64,
        last: InvoiceId,
        differing: &[Differing],
    ) -> Result<()>;
    /// Ends a run, or with `None` goes on with it.
    async fn repricing_end(
        &self,
        id: RepricingRunId,
        at: Option<DateTime<Utc>>,
        problem: Option<RunProblem>,
    ) -> Result<()>;

    /// Runs, latest first.
    async fn repricings(&self, page: &PageRequest) -> Result<Page<RepricingRun>>;
    /// How many.
    async fn repricings_count(&self) -> Result<i64>;
    /// Runs by id; those out of reach are missing.
    async fn repricings_by_id(&self, ids: &[RepricingRunId]) -> Result<Vec<RepricingRun>>;
    /// How many invoices of each run differ; runs without any are missing.
    async fn repricing_counts(&self, ids: &[RepricingRunId]) -> Result<Vec<(RepricingRunId, i64)>>;
    /// What runs found, at most `most` of each.
    async fn repricing_differing(&self, ids: &[RepricingRunId], most: u32) -> Result<Vec<Differing>>;
    /// What is found differing by the latest run that looked at it, at most `most`, the latest first.
    async fn repricing_standing(&self, most: u32) -> Result<Vec<Differing>>;
}
