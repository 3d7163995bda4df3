//! Use cases of billing runs.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Months, Utc};
use serde_json::json;
use voxpark_domain::error::Told;
use voxpark_domain::ids::{BillingRunId, InvoiceId, LeaseId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::platform::{AuditEntry, Job, Progress};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, Scope, leasing, tenancy};

use super::{Amounts, BillingRun, Portion, Run, RunLease, RunOutcome, RunProblem, RunRow, RunRowState, RunState};
use crate::invoicing::{Drawn, GUARD_MONTHS, Guard, draw_up, guard, issue, known_at_last, month_near};
use crate::sending;
use crate::uow::Tx;

/// Name of the background job that works off a run; its payload is `{"run": <id>}`.
pub const JOB: &str = "billing-run";

/// How many leases are drawn up together: bounds the size of statements, and statements grow with portions only.
const PORTION: usize = 500;

/// Who may bill, and the currency in which.
async fn may_bill(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<Currency> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    month_near(month, ctx.today()).map_err(|refusal| refusal.at("month"))?;
    Ok(tenancy::park(tx, ctx).await?.currency)
}

/// A run of a month with its leases, none of which had its turn. Others who begin one wait until the transaction ends.
async fn begun(tx: &dyn Tx, ctx: &Ctx, month: Month, released: &[LeaseId]) -> Result<(Run, Vec<RunLease>)> {
    let currency = may_bill(tx, ctx, month).await?;
    alone(tx, month).await?;
    let leases = tx.leases_held(month).await?;
    let weights: HashMap<_, _> =
        tx.run_weights(&leases, month).await?.into_iter().map(|(l, t, n)| (l, (t, n))).collect();
    let released: HashSet<&LeaseId> = released.iter().collect();
    let row = |(place, lease): (i64, &LeaseId)| {
        let (tenant, seats) = *weights.get(lease).ok_or_else(|| Error::internal("a lease without its tenant"))?;
        let row =
            RunRow { lease: *lease, currency: None, before_minor: None, early: false, outcome: RunOutcome::Waiting };
        Ok(RunLease { place, tenant, seats, released: released.contains(lease), row, unsent: false })
    };
    let rows = (1..).zip(&leases).map(row).collect::<Result<Vec<_>>>()?;
    let run = Run {
        id: ctx.id(),
        month,
        currency,
        leases: i64::try_from(rows.len()).map_err(Error::internal)?,
        job: None,
        started_at: ctx.now(),
        started_by: ctx.actor().user,
        ended_at: None,
        problem: None,
    };
    Ok((run, rows))
}

/// No other run of the month is under way, and none begins until the transaction ends.
async fn alone(tx: &dyn Tx, month: Month) -> Result<()> {
    if !tx.run_month_hold(month).await? {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::Conflict, "billing-run-running").at("month");
    Err(refusal.with("month", month.to_string()).into())
}

/// Starts a run of a month, once the month before it has begun: a job issues the invoices of every lease under which seats were held or a least rent
/// is agreed, in portions; before the month is over of those leases only whose rent is agreed in advance. What is unusual ([`guard`]) is held unless the lease is among those `released`.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission; `invoice-month-open`; `billing-run-running`.
pub async fn run_start(tx: &dyn Tx, ctx: &Ctx, month: Month, released: &[LeaseId]) -> Result<Run> {
    let (run, rows) = begun(tx, ctx, month, released).await?;
    let job = tx.job_enqueue(ctx, JOB, json!({ "run": run.id })).await?;
    let run = Run { job: Some(job), ..run };
    tx.run_add(&run, &rows).await?;
    Ok(run)
}

/// Bills the next portion of a run in the caller's transaction, or ends the run when no lease waits; whether there is more to
/// do. Whoever else works on the run waits, and one that lost its job to another worker fails. A run that ended early goes on.
///
/// # Errors
/// [`Error::NotFound`] for a run that is not the park's; `billing-run-running` for one that ended early while another of
/// its month is under way; an internal error when another worker has the job.
pub async fn run_portion(tx: &dyn Tx, ctx: &Ctx, id: BillingRunId, job: &Job, most: Portion) -> Result<bool> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let run = tx.run_lock(id).await?.ok_or(Error::NotFound)?;
    match run.state() {
        RunState::Done => return Ok(false),
        RunState::Running => {}
        RunState::Failed | RunState::Cancelled => {
            alone(tx, run.month).await?;
            tx.run_end(id, None, None).await?;
        }
    }
    let mut rows = most.of(tx.run_next(id, most.leases).await?);
    let Some(last) = rows.last().map(|row| row.place) else {
        // What is said of how far it is shows that the job is still this worker's.
        tx.job_progress(job, Progress { done: run.leases, total: Some(run.leases), step: "leases" }).await?;
        tx.run_end(id, Some(ctx.now()), None).await?;
        tx.audit(ctx, &AuditEntry::new("billing-run.done", id).with(json!({ "leases": run.leases }))).await?;
        return Ok(false);
    };
    let leases: Vec<LeaseId> = rows.iter().map(|row| row.row.lease).collect();
    let known_at = tx.leases_lock(&sorted(&leases)).await?.known_at(ctx.env().now());
    bill(tx, ctx, run.month, known_at, &mut rows).await?;
    tx.run_leases_set(id, &rows).await?;
    tx.job_progress(job, Progress { done: last, total: Some(run.leases), step: "leases" }).await?;
    let issued = rows.iter().filter(|row| row.row.outcome.state() == RunRowState::Issued).count();
    let detail = json!({ "month": run.month.to_string(), "leases": rows.len(), "invoices": issued });
    let entry = AuditEntry::new("billing-run.portion", id).with(detail);
    tx.audit(ctx, &entry.and(ctx.heard().take_changes())).await?;
    Ok(true)
}

/// Ends a run whose job will not be tried again; nothing when it has ended.
///
/// # Errors
/// [`Error::NotFound`] for a run that is not the park's.
pub async fn run_stopped(tx: &dyn Tx, ctx: &Ctx, id: BillingRunId, problem: RunProblem) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let run = tx.run_lock(id).await?.ok_or(Error::NotFound)?;
    if run.ended_at.is_some() {
        return Ok(());
    }
    tx.run_end(id, Some(ctx.now()), Some(problem)).await?;
    tx.audit(ctx, &AuditEntry::new("billing-run.stopped", id).with(json!({ "problem": problem.name() }))).await
}

/// Draws up and issues the invoices of leases that are held still, and tells what became of each.
async fn bill(
    tx: &dyn Tx,
    ctx: &Ctx,
    month: Month,
    known_at: DateTime<Utc>,
    rows: &mut [RunLease],
) -> Result<Vec<InvoiceId>> {
    let leases: Vec<LeaseId> = rows.iter().map(|row| row.row.lease).collect();
    let released: HashSet<LeaseId> = rows.iter().filter(|row| row.released).map(|row| row.row.lease).collect();
    let look = Look { known_at, at_all: false, released: &released };
    let (mut became, ready) = priced(tx, ctx, &leases, month, &look).await?;
    let issued = issue(tx, ctx, ready, known_at).await?;
    let unsent = sending::sent_with_run(tx, ctx, &issued).await?;
    let mut issued = issued.into_iter();
    for row in &mut became {
        if let RunOutcome::Billed(amounts) = &mut row.outcome {
            amounts.invoice = issued.next().filter(|i| i.lease == row.lease).map(|i| i.id);
        }
    }
    let mut became: HashMap<LeaseId, RunRow> = became.into_iter().map(|row| (row.lease, row)).collect();
    for row in rows {
        let lease = row.row.lease;
        let nothing = RunRow { lease, currency: None, before_minor: None, early: false, outcome: RunOutcome::Empty };
        row.row = became.remove(&lease).unwrap_or(nothing);
        row.unsent =
            matches!(&row.row.outcome, RunOutcome::Billed(Amounts { invoice: Some(id), .. }) if unsent.contains(id));
    }
    Ok(unsent)
}

/// Issues the invoices of a month for every lease under which seats were held or a least rent is agreed, that can be billed
/// and has none yet, at once and on record ([`run_start`] does it in portions); in a dry run tells what they
/// would come to and keeps nothing. What cannot be billed is told and does not keep the others back, and what is unusual
/// ([`guard`]) is held unless the lease is among those `released`. Run again, or twice at once, it bills nothing twice:
/// every lease is held still meanwhile and keeps one invoice in force a month.
///
/// # Errors
/// `Forbidden` or `NotFound` without permission; `invoice-month-open`; `billing-run-running`.
pub async fn billing_run(
    tx: &dyn Tx,
    ctx: &Ctx,
    month: Month,
    dry_run: bool,
    released: &[LeaseId],
) -> Result<BillingRun> {
    if dry_run {
        let currency = may_bill(tx, ctx, month).await?;
        let released = released.iter().copied().collect();
        return dry(tx, ctx, month, &Look { known_at: known_at_last(), at_all: false, released: &released }, currency)
            .await;
    }
    let (run, mut rows) = begun(tx, ctx, month, released).await?;
    let leases: Vec<LeaseId> = rows.iter().map(|row| row.row.lease).collect();
    // All of them before the first is priced, in one order for everybody.
    let mut locked = Vec::new();
    for portion in sorted(&leases).chunks(PORTION) {
        locked.push(tx.leases_lock(portion).await?);
    }
    let latest = locked.iter().filter_map(|l| l.latest).max();
    let known_at = leasing::Locked { leases: leases.len(), latest }.known_at(ctx.env().now());
    let mut unsent = Vec::new();
    for portion in rows.chunks_mut(PORTION) {
        unsent.append(&mut bill(tx, ctx, month, known_at, portion).await?);
    }
    tx.run_add(&Run { ended_at: Some(ctx.now()), ..run.clone() }, &rows).await?;
    let rows = rows.into_iter().map(|row| row.row).filter(|row| row.outcome != RunOutcome::Empty);
    Ok(BillingRun { currency: run.currency, rows: rows.collect(), unsent })
}

/// What a run would come to by what is recorded now.
async fn dry(tx: &dyn Tx, ctx: &Ctx, month: Month, look: &Look<'_>, currency: Currency) -> Result<BillingRun> {
    let mut run = BillingRun { currency, rows: Vec::new(), unsent: Vec::new() };
    for portion in tx.leases_held(month).await?.chunks(PORTION) {
        let (mut rows, _) = priced(tx, ctx, portion, month, look).await?;
        run.rows.append(&mut rows);
    }
    Ok(run)
}

/// What a run of a month would come to by what is recorded now; also of a month that is not over. Nothing is kept or locked.
///
/// # Errors
/// `NotFound` without permission.
pub async fn billing_run_preview(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<BillingRun> {
    ctx.require(Action::Read, Resource::Billing)?;
    ctx.require_park()?;
    let currency = tenancy::park(tx, ctx).await?.currency;
    let look = Look { known_at: known_at_last(), at_all: true, released: &HashSet::new() };
    dry(tx, ctx, month, &look, currency).await
}

/// How leases are looked at.
struct Look<'a> {
    /// As it was known then.
    known_at: DateTime<Utc>,
    /// Those too that cannot be billed yet.
    at_all: bool,
    /// Those that somebody looked at who found them right.
    released: &'a HashSet<LeaseId>,
}

/// Draws up the invoices of leases; those that can go out, in the order of their rows.
async fn priced(
    tx: &dyn Tx,
    ctx: &Ctx,
    leases: &[LeaseId],
    month: Month,
    look: &Look<'_>,
) -> Result<(Vec<RunRow>, Vec<Drawn>)> {
    let first = month.first_day();
    let since =
        u32::try_from(GUARD_MONTHS).ok().and_then(|n| first.checked_sub_months(Months::new(n))).unwrap_or(first);
    let mut earlier: HashMap<LeaseId, Vec<(Month, i64)>> = HashMap::new();
    for (lease, of, net) in tx.earlier_nets(leases, since, first).await? {
        earlier.entry(lease).or_default().push((of, net));
    }
    let (mut rows, mut ready) = (Vec::with_capacity(leases.len()), Vec::new());
    for (lease, currency, drawn) in draw_up(tx, ctx, leases, month, look.known_at, look.at_all).await? {
        let nets = earlier.remove(&lease).unwrap_or_default();
        let before_minor = nets.first().filter(|(of, _)| of.end() == first).map(|(_, net)| *net);
        let early = drawn.as_ref().is_ok_and(|drawn| drawn.early);
        let outcome = match drawn {
            Ok(drawn) => {
                let body = drawn.draft.body();
                let (net_minor, tax_minor, total_minor) = (body.net_minor, body.tax_minor, body.total_minor);
                let amounts = Amounts { invoice: None, net_minor, tax_minor, total_minor };
                let nets: Vec<i64> = nets.into_iter().map(|(_, net)| net).collect();
                // What comes to less than nothing is no invoice, whoever has looked at it.
                let goes = |guard: &Guard| *guard != Guard::Negative && look.released.contains(&lease);
                let held = guard(net_minor, body.lines.len(), &nets).filter(|guard| !goes(guard));
                if let Some(guard) = held {
                    RunOutcome::Held { amounts, guard }
                } else {
                    ready.push(drawn);
                    RunOutcome::Billed(amounts)
                }
            }
            Err(refusal) if refusal.rule == "invoice-exists" => RunOutcome::Already,
            // A minimum that does not apply in this month, and no seat; or a month that is billed when it is over.
            Err(refusal) if ["invoice-empty-month", "invoice-month-open"].contains(&refusal.rule) => continue,
            Err(refusal) => RunOutcome::Refused(Told::from(&refusal)),
        };
        rows.push(RunRow { lease, currency, before_minor, early, outcome });
    }
    Ok((rows, ready))
}

fn sorted(leases: &[LeaseId]) -> Vec<LeaseId> {
    let mut leases = leases.to_vec();
    leases.sort_unstable();
    leases
}

/// Whether the caller is staff of a park, whose own the records of runs are.
pub const fn of_park(ctx: &Ctx) -> bool {
    matches!(ctx.scope(), Scope::Park(_))
}

/// The caller may look at runs.
pub(crate) fn may_look(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Read, Resource::Billing)?;
    if of_park(ctx) { Ok(()) } else { Err(Error::NotFound) }
}

/// Runs of the caller's park, latest first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn runs(tx: &dyn Tx, ctx: &Ctx, page: &PageRequest) -> Result<Page<Run>> {
    may_look(ctx)?;
    tx.runs(page).await
}

/// How many there are.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn runs_count(tx: &dyn Tx, ctx: &Ctx) -> Result<i64> {
    may_look(ctx)?;
    tx.runs_count().await
}

/// What became of the leases of a run, in their order; those with nothing to bill are left out.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn run_rows(
    tx: &dyn Tx,
    ctx: &Ctx,
    id: BillingRunId,
    state: Option<RunRowState>,
    page: &PageRequest,
) -> Result<Page<RunLease>> {
    may_look(ctx)?;
    tx.run_rows(id, state, page).await
}
