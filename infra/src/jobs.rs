//! The job runner: claims work with a lease, runs its handler as the owner of the work, retries, gives up.
//!
//! A job is a row that was written with the change that needs it ([`voxpark_domain::platform::Store::job_enqueue`]), so
//! it exists exactly when the change does. It may run more than once (a worker can die after the work and before the
//! mark), so handlers are idempotent. A claim carries the number of the try: a worker that lost its lease cannot end
//! the job of the one that took over.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use tokio::sync::{Notify, watch};
use tracing::Instrument as _;
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::{Actor, Lang, Scope, SystemReason};
use voxpark_domain::permission::Role;
use voxpark_domain::platform::{Held, Job};
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, jobs, tenancy};

use crate::telemetry::metrics::metrics;

/// How often a job is begun before it is given up.
pub const TRIES: i64 = 5;
/// How long a claim holds without being renewed.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often a claim is renewed, and how soon a running job hears that it was called off.
const RENEW: Duration = Duration::from_secs(5);
/// How long an idle worker waits when nobody wakes it.
const POLL: Duration = Duration::from_millis(500);
/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(20);
/// How many jobs one process runs at a time.
const WORKERS: usize = 2;
/// How long a running job may take to end once the process was told to stop.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most of an error that is kept, characters.
const MAX_ERROR: usize = 500;

/// Does one kind of work.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The kind of job it does.
    fn kind(&self) -> &'static str;
    /// Does it, in the scope of the job's owner. May be called again for the same job.
    ///
    /// # Errors
    /// An internal error is tried again later; anything else (a refusal, not found) is final.
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()>;
    /// Told when a job will not be tried again, so that what waits for it can say so.
    ///
    /// # Errors
    /// An internal error is logged.
    async fn given_up(&self, _job: &Job, _ctx: Ctx, _error: &Error) -> Result<()> {
        Ok(())
    }
}

/// Runs jobs.
#[derive(Clone)]
pub struct Runner {
    db: Arc<dyn Database>,
    env: Env,
    handlers: Arc<[Arc<dyn Handler>]>,
    wake: Arc<Notify>,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.handlers.iter().map(|h| h.kind())).finish()
    }
}

impl Runner {
    /// With its handlers; `wake` is rung when this process enqueued something ([`crate::db::Db::wake`]).
    pub fn new(db: Arc<dyn Database>, env: Env, handlers: Vec<Arc<dyn Handler>>, wake: Arc<Notify>) -> Self {
        Self { db, env, handlers: handlers.into(), wake }
    }

    /// Begins what is due by its schedule, in every park; how much.
    ///
    /// # Errors
    /// An internal error when schedules cannot be read or moved on.
    pub async fn begin_scheduled(&self) -> Result<usize> {
        let ctx = self.system();
        // Looking first, as for jobs.
        if self.db.begin(&ctx, Mode::Read).await?.schedules_due(ctx.now()).await?.is_empty() {
            return Ok(0);
        }
        let tx = self.db.begin(&ctx, Mode::Write).await?;
        let begun = jobs::begin_due(&*tx, &ctx).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// Gives parks their regular work and begins it at its time, until told to stop.
    async fn keep_time(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let kept = async {
                let ctx = self.system();
                let tx = self.db.begin(&ctx, Mode::Write).await?;
                tx.schedules_ensure(&ctx).await?;
                tx.commit().await?;
                self.begin_scheduled().await
            };
            if let Err(error) = kept.await {
                tracing::error!(%error, "schedules cannot be kept");
            }
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Works until told to stop. Jobs under way get a little time to end; what does not is put back.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let keeping = tokio::spawn({
            let (this, stop) = (self.clone(), stop.clone());
            async move { this.keep_time(stop).await }
        });
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (this, stop) = (self.clone(), stop.clone());
                tokio::spawn(async move { this.work(stop).await })
            })
            .collect();
        for worker in workers {
            let _ = worker.await;
        }
        let _ = keeping.await;
    }

    async fn work(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.one(&stop).await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = self.wake.notified() => {}
                        () = tokio::time::sleep(POLL) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be claimed");
                    tokio::select! {
                        () = tokio::time::sleep(10 * POLL) => {}
                        _ = stop.changed() => {}
                    }
                }
            }
        }
    }

    /// Works off everything that is due now, one after the other; tells how many jobs were begun.
    ///
    /// # Errors
    /// An internal error when jobs cannot be claimed or marked; what a job itself says is kept with it.
    pub async fn run_due(&self) -> Result<usize> {
        let (_keep, stop) = watch::channel(false);
        let mut begun = 0;
        while self.one(&stop).await? {
            begun += 1;
        }
        Ok(begun)
    }

    fn system(&self) -> Ctx {
        Ctx::system(SystemReason::Jobs, self.env.clone())
    }

    /// Runs one job; `false` when none is due.
    async fn one(&self, stop: &watch::Receiver<bool>) -> Result<bool> {
        let Some(job) = self.claim().await? else { return Ok(false) };
        let handler = self.handlers.iter().find(|h| h.kind() == job.kind).map(Arc::clone);
        let began = tokio::time::Instant::now();
        let done = match &handler {
            _ if job.cancelled => Err(called_off()),
            _ if job.attempts > TRIES => Err(Error::internal("every try ended with its worker")),
            None => Err(Error::internal(format!("nothing here does {}", job.kind))),
            Some(handler) => match self.context(&job).await {
                Ok(ctx) => match self.attended(Arc::clone(handler), &job, ctx, stop.clone()).await? {
                    Some(done) => done,
                    // Lost to another worker, or put back.
                    None => return Ok(true),
                },
                Err(error) => Err(error),
            },
        };
        let outcome = self.end(&job, handler, done).await?;
        metrics().job(&job.kind, outcome, began.elapsed());
        Ok(true)
    }

    async fn claim(&self) -> Result<Option<Job>> {
        let now = self.env.now();
        // Looking first: an idle worker must not take the one write lock of SQLite twice a second.
        let read = self.db.begin(&self.system(), Mode::Read).await?;
        if !read.job_due(now).await? {
            return Ok(None);
        }
        drop(read);
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        let job = tx.job_claim(now, now + LEASE).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// The context of a job: the scope of its owner, the user who asked for it as the actor.
    async fn context(&self, job: &Job) -> Result<Ctx> {
        let scope = match job.tenant {
            Some(tenant) => Scope::Tenant(job.park, tenant),
            None => Scope::Park(job.park),
        };
        let build = |zone| {
            let actor = Actor { user: job.enqueued_by, session: None, role: Role::System, grants: Vec::new() };
            Ctx::build(actor, scope.clone(), Lang::default(), zone, job.id.to_string(), self.env.clone())
        };
        let ctx = build(chrono_tz::UTC);
        let park = tenancy::park(&*self.db.begin(&ctx, Mode::Read).await?, &ctx).await?;
        Ok(build(park.zone))
    }

    /// Runs the handler and renews the claim beside it. `None` when the job is no longer ours to end.
    async fn attended(
        &self,
        handler: Arc<dyn Handler>,
        job: &Job,
        ctx: Ctx,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Option<Result<()>>> {
        let (id, kind, attempt) = (job.id, job.kind.clone(), job.attempts);
        tracing::info!(job = %id, kind, attempt, "begun");
        let work = job.clone();
        let span = tracing::info_span!("job", job = %id, kind, attempt);
        let mut running = tokio::spawn(async move { caught(handler.run(&work, ctx)).await }.instrument(span));
        let mut told = *stop.borrow();
        let mut deadline = std::pin::pin!(tokio::time::sleep(if told { PATIENCE } else { Duration::MAX / 4 }));
        let mut renew = tokio::time::interval_at(tokio::time::Instant::now() + RENEW, RENEW);
        loop {
            tokio::select! {
                done = &mut running => return Ok(Some(done.unwrap_or_else(|e| Err(Error::internal(e))))),
                _ = renew.tick() => {
                    match self.renew(job).await.unwrap_or(Held::Yes) {
                        Held::Yes => {}
                        Held::Lost => {
                            tracing::warn!(job = %id, "another worker has taken over");
                            running.abort();
                            return Ok(None);
                        }
                        Held::Cancelled => {
                            running.abort();
                            // It may have ended just now; else its open transaction is undone.
                            return Ok(Some(running.await.unwrap_or_else(|_| Err(called_off()))));
                        }
                    }
                }
                _ = stop.changed(), if !told => {
                    told = true;
                    deadline.as_mut().reset(tokio::time::Instant::now() + PATIENCE);
                }
                () = &mut deadline, if told => {
                    running.abort();
                    // An aborted transaction is undone; the next worker begins again at once.
                    let _ = running.await;
                    let now = self.env.now();
                    let tx = self.db.begin(&self.system(), Mode::Write).await?;
                    tx.job_failed(job, "the worker was stopped", now, Some(now)).await?;
                    tx.commit().await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn renew(&self, job: &Job) -> Result<Held> {
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        let ours = tx.job_renew(job, self.env.now() + LEASE).await?;
        tx.commit().await?;
        Ok(ours)
    }

    /// Marks how a job ended; the word for it in figures.
    async fn end(&self, job: &Job, handler: Option<Arc<dyn Handler>>, done: Result<()>) -> Result<&'static str> {
        let now = self.env.now();
        let (id, kind) = (job.id, &job.kind);
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        let Err(error) = done else {
            tx.job_done(job, now).await?;
            tracing::info!(job = %id, kind, "done");
            return tx.commit().await.map(|()| "done");
        };
        let retry_at = retry_after(job.attempts, &error).map(|wait| now + wait);
        let text: String = error.to_string().chars().take(MAX_ERROR).collect();
        tx.job_failed(job, &text, now, retry_at).await?;
        tx.commit().await?;
        if let Some(at) = retry_at {
            tracing::warn!(job = %id, kind, %error, %at, "failed, will be tried again");
            return Ok("again");
        }
        tracing::error!(job = %id, kind, %error, "given up");
        let Some(handler) = handler else { return Ok("given_up") };
        let told = async { caught(handler.given_up(job, self.context(job).await?, &error)).await };
        if let Err(error) = told.await {
            tracing::error!(job = %id, kind, %error, "what waits for it could not be told");
        }
        Ok("given_up")
    }
}

/// What is said of a job that was called off; final.
fn called_off() -> Error {
    Refusal::new(RefusalCode::State, "job-cancelled").into()
}

/// The wait before the next try: 10 s, 1 min, 6 min, 36 min. `None` = final.
fn retry_after(attempts: i64, error: &Error) -> Option<TimeDelta> {
    if !matches!(error, Error::Internal(_)) || !(1..TRIES).contains(&attempts) {
        return None;
    }
    u32::try_from(attempts - 1).ok().and_then(|n| 6_i64.checked_pow(n)).map(|n| TimeDelta::seconds(10 * n))
}

/// A panic as an internal error.
async fn caught(work: impl Future<Output = Result<()>>) -> Result<()> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|t| (*t).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Error::internal(format!("panicked: {text}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_and_refusals_are_final() {
        let fault = Error::internal("outage");
        let waits: Vec<_> = (1..=6).map(|n| retry_after(n, &fault).map(|w| w.num_seconds())).collect();
        assert_eq!(waits, [Some(10), Some(60), Some(360), Some(2160), None, None]);
        assert_eq!(retry_after(1, &Error::NotFound), None);
    }
}
