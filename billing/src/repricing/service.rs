//! Use cases of pricing past invoices again.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use voxpark_domain::error::Told;
use voxpark_domain::ids::{InvoiceId, JobId, RepricingRunId};
use voxpark_domain::page::{MAX_PAGE, Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::platform::{AuditEntry, Job, Progress};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{Differing, RepricingRun};
use crate::invoicing::{self, IssuedInvoice, Repricing};
use crate::runs::{RunProblem, RunState, may_look};
use crate::uow::Tx;

/// Name of the background job that prices past invoices again; its payload is `{"run": <id>}`, or nothing every night.
pub const JOB: &str = "invoice-repricing";
/// Months of issue that are looked at every night: the one that runs and those before it.
pub const NIGHTLY_MONTHS: i32 = 3;
/// Invoices that are priced again in one transaction, unless said otherwise.
pub const PORTION: u32 = 100;
/// The longest range of months of a run.
const MAX_MONTHS: i64 = 120;

/// The first instant of a day in the park. A day whose midnight the clock leaves out begins behind the gap.
fn begins(ctx: &Ctx, day: NaiveDate) -> Result<DateTime<Utc>> {
    let hours = (0..24).filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
    let mut instants = hours.filter_map(|time| day.and_time(time).and_local_timezone(ctx.zone()).earliest());
    let first = instants.next().ok_or_else(|| Error::internal("a day without an hour"))?;
    Ok(first.to_utc())
}

async fn added(
    tx: &dyn Tx,
    ctx: &Ctx,
    id: RepricingRunId,
    job: JobId,
    (from, to): (Month, Month),
) -> Result<RepricingRun> {
    let (issued_from, issued_before) = (begins(ctx, from.first_day())?, begins(ctx, to.end())?);
    let run = RepricingRun {
        id,
        from,
        to,
        issued_from,
        issued_before,
        invoices: tx.repricing_invoices(issued_from, issued_before).await?,
        checked: 0,
        last: None,
        job,
        started_at: ctx.now(),
        started_by: ctx.actor().user,
        ended_at: None,
        problem: None,
    };
    tx.repricing_add(&run).await?;
    Ok(run)
}

/// Starts to price the invoices again that were issued in some months, the last one included. Nothing is changed by it.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission; `repricing-months` when `to` is before `from`, or there are more than ten
/// years of them.
pub async fn repricing_start(tx: &dyn Tx, ctx: &Ctx, from: Month, to: Month) -> Result<RepricingRun> {
    ctx.require(Action::Commit, Resource::Billing)?;
    if !(0..MAX_MONTHS).contains(&(to.number() - from.number())) {
        return Err(Refusal::new(RefusalCode::OutOfRange, "repricing-months").at("to").with("max", MAX_MONTHS).into());
    }
    let id: RepricingRunId = ctx.id();
    let job = tx.job_enqueue(ctx, JOB, json!({ "run": id })).await?;
    added(tx, ctx, id, job, (from, to)).await
}

/// The run that a job is to go on with: the one that it names, the one of it that has not ended, or a new one of the months
/// that are looked at every night.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission.
pub async fn repricing_begun(tx: &dyn Tx, ctx: &Ctx, job: &Job) -> Result<RepricingRunId> {
    ctx.require(Action::Commit, Resource::Billing)?;
    if let Some(named) = job.payload.get("run").and_then(|id| id.as_str()) {
        return named.parse().map_err(Error::internal);
    }
    if let Some(under_way) = tx.repricing_of(job.id).await? {
        return Ok(under_way);
    }
    let last = Month::of(ctx.today());
    added(tx, ctx, ctx.id(), job.id, (last.plus(1 - NIGHTLY_MONTHS), last)).await.map(|run| run.id)
}

/// What a portion came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repriced {
    /// Whether there is more to do.
    pub more: bool,
    /// Invoices of the portion that came out differently.
    pub differing: Vec<InvoiceId>,
}

/// Prices the next invoices of a run again in the caller's transaction, or ends the run when there are none. A run that ended
/// early goes on.
///
/// # Errors
/// [`Error::NotFound`] for a run that is not the park's; an internal error when another worker has the job.
pub async fn repricing_portion(tx: &dyn Tx, ctx: &Ctx, id: RepricingRunId, job: &Job, most: u32) -> Result<Repriced> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let run = tx.repricing_lock(id).await?.ok_or(Error::NotFound)?;
    match run.state() {
        RunState::Done => return Ok(Repriced { more: false, differing: Vec::new() }),
        RunState::Running => {}
        RunState::Failed | RunState::Cancelled => tx.repricing_end(id, None, None).await?,
    }
    let ids = tx.repricing_next(&run, most).await?;
    let checked = run.checked.saturating_add(i64::try_from(ids.len()).map_err(Error::internal)?);
    // Invoices that were issued since it was started are looked at too.
    let total = Some(run.invoices.max(checked));
    tx.job_progress(job, Progress { done: checked, total, step: "invoices" }).await?;
    let Some(last) = ids.last() else {
        tx.repricing_end(id, Some(ctx.now()), None).await?;
        let differing = tx.repricing_counts(&[id]).await?.pop().map_or(0, |(_, n)| n);
        let detail = json!({ "invoices": run.checked, "differing": differing });
        tx.audit(ctx, &AuditEntry::new("repricing.done", id).with(detail)).await?;
        return Ok(Repriced { more: false, differing: Vec::new() });
    };
    let found = looked_at(tx, ctx, id, &ids).await?;
    tx.repricing_advance(id, checked, *last, &found).await?;
    Ok(Repriced { more: true, differing: found.into_iter().map(|one| one.invoice).collect() })
}

/// Those of some invoices that do not come out the same.
async fn looked_at(tx: &dyn Tx, ctx: &Ctx, run: RepricingRunId, ids: &[InvoiceId]) -> Result<Vec<Differing>> {
    let mut again: Vec<(InvoiceId, Result<Repricing, Refusal>)> = Vec::with_capacity(ids.len());
    match invoicing::repricings(tx, ctx, ids).await {
        Ok(all) => again.extend(all.into_iter().map(|(id, one)| (id, Ok(one)))),
        // One that cannot be priced any more keeps the others back: one by one, then.
        Err(Error::Refused(_)) => {
            for id in ids {
                match invoicing::repricings(tx, ctx, &[*id]).await {
                    Ok(all) => again.extend(all.into_iter().map(|(id, one)| (id, Ok(one)))),
                    Err(Error::Refused(refusals)) => again.extend(refusals.into_iter().take(1).map(|r| (*id, Err(r)))),
                    Err(other) => return Err(other),
                }
            }
        }
        Err(other) => return Err(other),
    }
    again.retain(|(_, one)| !one.as_ref().is_ok_and(Repricing::same));
    if again.is_empty() {
        return Ok(Vec::new());
    }
    let differing: Vec<InvoiceId> = again.iter().map(|(id, _)| *id).collect();
    let invoices: HashMap<InvoiceId, IssuedInvoice> =
        tx.invoices_by_id(&differing).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect();
    let found = |(id, one): (InvoiceId, Result<Repricing, Refusal>)| {
        let invoice = invoices.get(&id).ok_or_else(|| Error::internal("an invoice that is gone"))?;
        let differences = one.as_ref().map_or(0, |one| one.differences.len().saturating_add(one.taxes.len()));
        Ok(Differing {
            run,
            invoice: id,
            tenant: invoice.tenant,
            stored_minor: invoice.total_minor,
            again_minor: one.as_ref().ok().map(|one| one.again_total.minor),
            differences: i64::try_from(differences).map_err(Error::internal)?,
            refusal: one.as_ref().err().map(Told::from),
            found_at: ctx.now(),
        })
    };
    again.into_iter().map(found).collect()
}

/// Ends a run whose job will not be tried again; nothing when it has ended, or was never begun.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission.
pub async fn repricing_stopped(tx: &dyn Tx, ctx: &Ctx, job: &Job, problem: RunProblem) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let Some(id) = tx.repricing_of(job.id).await? else { return Ok(()) };
    tx.repricing_end(id, Some(ctx.now()), Some(problem)).await?;
    tx.audit(ctx, &AuditEntry::new("repricing.stopped", id).with(json!({ "problem": problem.name() }))).await
}

/// Runs of the caller's park, latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn repricings(tx: &dyn Tx, ctx: &Ctx, page: &PageRequest) -> Result<Page<RepricingRun>> {
    may_look(ctx)?;
    tx.repricings(page).await
}

/// How many there are.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn repricings_count(tx: &dyn Tx, ctx: &Ctx) -> Result<i64> {
    may_look(ctx)?;
    tx.repricings_count().await
}

/// Invoices that came out differently in the latest run that looked at each, the latest first, a page of them at most.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn differing(tx: &dyn Tx, ctx: &Ctx) -> Result<Vec<Differing>> {
    may_look(ctx)?;
    tx.repricing_standing(MAX_PAGE).await
}
