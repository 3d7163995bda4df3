//! The jobs that work off runs over the park's money: billing runs, and past invoices priced again.
//!
//! Each portion is one transaction that holds the run and says how far it is, so a job that is killed goes on exactly behind
//! the last portion that lasts, and what is in memory does not grow with the run.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::repricing;
use voxpark_billing::runs::{self, Portion, RunProblem};
use voxpark_billing::uow::Database;
use voxpark_domain::ids::BillingRunId;
use voxpark_domain::platform::Job;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

use crate::jobs::Handler;
use crate::telemetry::metrics::metrics;

/// Why a run ends whose job ended so.
fn problem_of(error: &Error) -> RunProblem {
    match error {
        Error::Refused(refusals) if refusals.iter().any(|one| one.rule == "job-cancelled") => RunProblem::Cancelled,
        _ => RunProblem::Failed,
    }
}

/// Works off billing runs.
#[derive(Clone)]
pub struct BillingRuns {
    db: Arc<dyn Database>,
    portion: Portion,
}

impl fmt::Debug for BillingRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillingRuns").field("portion", &self.portion).finish_non_exhaustive()
    }
}

impl BillingRuns {
    /// Over a database.
    pub fn new(db: Arc<dyn Database>) -> Self {
        Self { db, portion: Portion::default() }
    }

    /// With portions of another size.
    #[must_use]
    pub fn with_portion(self, portion: Portion) -> Self {
        Self { portion, ..self }
    }
}

fn run_of(job: &Job) -> Result<BillingRunId> {
    let id = job.payload.get("run").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::internal("the job names no run"))
}

#[async_trait]
impl Handler for BillingRuns {
    fn kind(&self) -> &'static str {
        runs::JOB
    }
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let id = run_of(job)?;
        loop {
            // What is issued says when, and the log of a portion is its own.
            let ctx = ctx.anew();
            let tx = self.db.begin(&ctx, Mode::Write).await?;
            let more = runs::run_portion(&*tx, &ctx, id, job, self.portion).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }
    async fn given_up(&self, job: &Job, ctx: Ctx, error: &Error) -> Result<()> {
        let tx = self.db.begin(&ctx, Mode::Write).await?;
        runs::run_stopped(&*tx, &ctx, run_of(job)?, problem_of(error)).await?;
        tx.commit().await
    }
}

/// Prices past invoices again: those that somebody asked for, or every night the last ones.
#[derive(Clone)]
pub struct Repricings {
    db: Arc<dyn Database>,
    portion: u32,
}

impl fmt::Debug for Repricings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repricings").field("portion", &self.portion).finish_non_exhaustive()
    }
}

impl Repricings {
    /// Over a database.
    pub fn new(db: Arc<dyn Database>) -> Self {
        Self { db, portion: repricing::PORTION }
    }

    /// With portions of another size.
    #[must_use]
    pub fn with_portion(self, invoices: u32) -> Self {
        Self { portion: invoices.max(1), ..self }
    }
}

#[async_trait]
impl Handler for Repricings {
    fn kind(&self) -> &'static str {
        repricing::JOB
    }
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let tx = self.db.begin(&ctx, Mode::Write).await?;
        let id = repricing::repricing_begun(&*tx, &ctx, job).await?;
        tx.commit().await?;
        loop {
            let ctx = ctx.anew();
            let tx = self.db.begin(&ctx, Mode::Write).await?;
            let done = repricing::repricing_portion(&*tx, &ctx, id, job, self.portion).await?;
            tx.commit().await?;
            for invoice in &done.differing {
                tracing::error!(run = %id, %invoice, "an invoice does not come out as it was issued");
            }
            metrics().invoices_differ(done.differing.len());
            if !done.more {
                return Ok(());
            }
        }
    }
    async fn given_up(&self, job: &Job, ctx: Ctx, error: &Error) -> Result<()> {
        let tx = self.db.begin(&ctx, Mode::Write).await?;
        repricing::repricing_stopped(&*tx, &ctx, job, problem_of(error)).await?;
        tx.commit().await
    }
}
