//! What is read and written of jobs in the caller's own scope.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{JobState, JobView};
use crate::error::Result;
use crate::ids::JobId;
use crate::page::{Page, PageRequest};

/// The jobs of the caller's tenant, or of its park itself.
#[async_trait]
pub trait Store: Send + Sync {
    /// Jobs, latest first.
    async fn jobs(&self, state: Option<JobState>, page: &PageRequest) -> Result<Page<JobView>>;
    /// How many.
    async fn jobs_count(&self, state: Option<JobState>) -> Result<i64>;
    /// Jobs by id; those out of reach are missing.
    async fn jobs_by_id(&self, ids: &[JobId]) -> Result<Vec<JobView>>;
    /// Makes a job that ended without being done wait again, as if new; `false` when it is in no such state.
    async fn job_again(&self, id: JobId, now: DateTime<Utc>) -> Result<bool>;
    /// Calls off a job that has not ended; `false` when it has, or was called off before.
    async fn job_cancel(&self, id: JobId, now: DateTime<Utc>) -> Result<bool>;
}
