//! Looking at jobs, beginning one again, calling one off.

use super::{JobState, JobView, REGULAR};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::JobId;
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::uow::DomainTx;

/// Jobs of the caller's tenant or park, latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn jobs(
    store: &dyn DomainTx,
    ctx: &Ctx,
    state: Option<JobState>,
    page: &PageRequest,
) -> Result<Page<JobView>> {
    ctx.require(Action::Read, Resource::Jobs)?;
    store.jobs(state, page).await
}

/// How many.
///
/// # Errors
/// As [`jobs`].
pub async fn jobs_count(store: &dyn DomainTx, ctx: &Ctx, state: Option<JobState>) -> Result<i64> {
    ctx.require(Action::Read, Resource::Jobs)?;
    store.jobs_count(state).await
}

async fn known(store: &dyn DomainTx, id: JobId) -> Result<JobView> {
    store.jobs_by_id(&[id]).await?.pop().ok_or(Error::NotFound)
}

/// Begins a job again that was given up or called off.
///
/// # Errors
/// `job-not-ended` while it waits or runs, and when it was done; [`Error::NotFound`] for somebody else's.
pub async fn again(tx: &dyn DomainTx, ctx: &Ctx, id: JobId) -> Result<JobId> {
    ctx.require(Action::Write, Resource::Jobs)?;
    known(tx, id).await?;
    if tx.job_again(id, ctx.now()).await? {
        Ok(id)
    } else {
        Err(Refusal::new(RefusalCode::State, "job-not-ended").at("jobId").into())
    }
}

/// Calls off a job: one that waits ends without being begun, one that runs is told to stop and undoes what it had not
/// finished.
///
/// # Errors
/// `job-ended` when it has ended or was called off before; `schedule-fixed` for work that the park may not stop; [`Error::NotFound`] for somebody else's.
pub async fn cancel(tx: &dyn DomainTx, ctx: &Ctx, id: JobId) -> Result<JobId> {
    ctx.require(Action::Write, Resource::Jobs)?;
    let job = known(tx, id).await?;
    if REGULAR.iter().any(|regular| regular.fixed && regular.kind == job.kind) {
        return Err(Refusal::new(RefusalCode::State, "schedule-fixed").at("jobId").into());
    }
    if tx.job_cancel(id, ctx.now()).await? {
        Ok(id)
    } else {
        Err(Refusal::new(RefusalCode::State, "job-ended").at("jobId").into())
    }
}
