//! What runs read and write.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Result;
use voxpark_domain::ids::{BillingRunId, LeaseId, TenantId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Month;

use super::{Run, RunFigures, RunLease, RunProblem, RunRowState};

/// Billing runs and their leases, of the caller's park.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps everybody else who begins or goes on with a run of a month waiting until the transaction ends; whether there is
    /// one that has not ended.
    async fn run_month_hold(&self, month: Month) -> Result<bool>;
    /// Whose leases are, and how many allocations of each touch a month; those out of reach are missing. A constant number of
    /// statements.
    async fn run_weights(&self, leases: &[LeaseId], month: Month) -> Result<Vec<(LeaseId, TenantId, i64)>>;
    /// Stores a run with its leases.
    async fn run_add(&self, run: &Run, leases: &[RunLease]) -> Result<()>;
    /// A run, which is held until the transaction ends; `None` when it is out of reach.
    async fn run_lock(&self, id: BillingRunId) -> Result<Option<Run>>;
    /// The next leases of a run whose turn it is, in their order.
    async fn run_next(&self, id: BillingRunId, most: u32) -> Result<Vec<RunLease>>;
    /// Stores what became of leases of a run. One statement for some hundreds.
    async fn run_leases_set(&self, id: BillingRunId, leases: &[RunLease]) -> Result<()>;
    /// Ends a run, or with `None` goes on with it.
    async fn run_end(&self, id: BillingRunId, at: Option<DateTime<Utc>>, problem: Option<RunProblem>) -> Result<()>;

    /// Runs, latest first.
    async fn runs(&self, page: &PageRequest) -> Result<Page<Run>>;
    /// How many.
    async fn runs_count(&self) -> Result<i64>;
    /// Runs by id; those out of reach are missing.
    async fn runs_by_id(&self, ids: &[BillingRunId]) -> Result<Vec<Run>>;
    /// What runs have come to.
    async fn run_figures(&self, ids: &[BillingRunId]) -> Result<Vec<(BillingRunId, RunFigures)>>;
    /// Leases of a run in their order, those with nothing to bill left out.
    async fn run_rows(
        &self,
        id: BillingRunId,
        state: Option<RunRowState>,
        page: &PageRequest,
    ) -> Result<Page<RunLease>>;
    /// The first leases of each of several runs: up to `first + 1` each.
    async fn run_rows_first(
        &self,
        ids: &[BillingRunId],
        state: Option<RunRowState>,
        first: u32,
    ) -> Result<Vec<(BillingRunId, RunLease)>>;
}
