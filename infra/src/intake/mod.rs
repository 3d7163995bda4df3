//! The job that imports a file of call records.
//!
//! One thread reads, unpacks, decodes and parses; meanwhile the batch before is written. Each batch is one transaction
//! that holds the contacts, the intervals and the place in the file, so a job that is killed goes on exactly after the
//! last batch, and the file is never in memory as a whole.

mod collect;
mod read;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use voxpark_billing::uow::Database as _;
use voxpark_domain::ids::{Id as _, ImportId};
use voxpark_domain::operations::import::JOB;
use voxpark_domain::operations::{self, Begun};
use voxpark_domain::platform::{Job, Progress};
use voxpark_domain::uow::{FileStore, Mode};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use self::collect::Plan;
use crate::db::Db;
use crate::jobs::Handler;
use crate::secrets::Keys;

/// Contacts of a batch: few enough for memory and for other writers' patience, many enough that the many intervals a
/// batch touches are written few times.
const BATCH: usize = 8_000;

/// Imports files of call records.
#[derive(Clone)]
pub struct Intake {
    db: Db,
    files: Arc<dyn FileStore>,
    keys: Arc<Keys>,
    batch: usize,
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Intake")
    }
}

impl Intake {
    /// Over a database and a file store.
    pub fn new(db: Db, files: Arc<dyn FileStore>, keys: Arc<Keys>) -> Self {
        Self { db, files, keys, batch: BATCH }
    }

    /// With batches of another size.
    #[must_use]
    pub fn with_batch(mut self, contacts: usize) -> Self {
        self.batch = contacts.max(1);
        self
    }

    /// Imports a file, or goes on with it. Does nothing when the import has ended.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an import that is not the tenant's; an internal error of disk or database, after which it
    /// can be run again.
    pub async fn run(&self, ctx: &Ctx, id: ImportId) -> Result<()> {
        self.work(ctx, id, None).await
    }

    async fn work(&self, ctx: &Ctx, id: ImportId, job: Option<&Job>) -> Result<()> {
        let tx = self.db.begin(ctx, Mode::Write).await?;
        let Some(Begun { import, at, before }) = operations::import_begin(&*tx, ctx, id).await? else {
            return Ok(());
        };
        tx.commit().await?;
        let plan = Plan {
            file: self.files.local(&import.sha256).await?,
            encoding: import.options.encoding,
            parser: import.options.parser(import.format)?,
            at,
            before,
            size: self.batch,
            keys: Arc::clone(&self.keys),
            owner: (ctx.park()?.uuid(), ctx.tenant()?.uuid()),
            import: id.uuid(),
        };
        let total = Some(import.bytes_total);
        let (out, mut batches) = mpsc::channel(1);
        let reading = tokio::task::spawn_blocking(move || collect::read(plan, &out));
        while let Some(batch) = batches.recv().await {
            let tx = self.db.begin(ctx, Mode::Write).await?;
            operations::import_batch(&*tx, ctx, id, &batch, ctx.env().now()).await?;
            if let Some(job) = job {
                let done = i64::try_from(batch.bytes_read).unwrap_or(i64::MAX);
                tx.job_progress(job, Progress { done, total, step: "bytes" }).await?;
            }
            tx.commit().await?;
        }
        match reading.await.map_err(Error::internal)?? {
            Some(refusal) => self.fail(ctx, id, &refusal).await,
            None => Ok(()),
        }
    }

    async fn fail(&self, ctx: &Ctx, id: ImportId, refusal: &Refusal) -> Result<()> {
        let tx = self.db.begin(ctx, Mode::Write).await?;
        operations::import_fail(&*tx, ctx, id, refusal, ctx.env().now()).await?;
        tx.commit().await
    }
}

fn import_of(job: &Job) -> Result<ImportId> {
    let id = job.payload.get("import").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::internal("the job names no import"))
}

#[async_trait]
impl Handler for Intake {
    fn kind(&self) -> &'static str {
        JOB
    }
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        self.work(&ctx, import_of(job)?, Some(job)).await
    }
    async fn given_up(&self, job: &Job, ctx: Ctx, _: &Error) -> Result<()> {
        let refusal = Refusal::new(RefusalCode::State, "import-interrupted");
        self.fail(&ctx, import_of(job)?, &refusal).await
    }
}
