//! Removes what nothing refers to: contents whose row was never written or is gone, and what interrupted uploads left.
//!
//! A content is only removed while its row in `stored_content` is held, and only when nobody has claimed it for a day.
//! Whoever stores the same bytes at that moment claims them first: it waits until the removal has ended, and then finds
//! nothing there and stores them again.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::{Actor, Lang, Scope, SystemReason};
use voxpark_domain::permission::Role;
use voxpark_domain::platform::{Job, Progress, SCAN_JOB};
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

use super::{Files, Listed};
use crate::jobs::Handler;

/// The kind of job that sweeps.
pub const SWEEP_JOB: &str = "file-sweep";
/// How long something lies before it counts as left behind.
const AGE: TimeDelta = TimeDelta::days(1);
/// How long a file waits to be scanned before it is asked for again: its own job has given up by then.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// The most files that one sweep has scanned.
const MOST: u64 = 1_000;
/// Contents that are asked for together.
const CHUNK: usize = 500;

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Contents that were looked at.
    pub contents: i64,
    /// Contents that were removed.
    pub removed: i64,
    /// Their size, bytes.
    pub bytes: u64,
    /// Files of interrupted uploads that were removed.
    pub leftovers: i64,
}

/// Sweeps the store of an installation.
#[derive(Clone)]
pub struct Sweeper {
    db: Arc<dyn Database>,
    files: Files,
    env: Env,
}

impl fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeper").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Sweeper {
    /// Over a store and the rows that refer to it.
    pub fn new(db: Arc<dyn Database>, files: Files, env: Env) -> Self {
        Self { db, files, env }
    }

    fn system(&self) -> Ctx {
        Ctx::system(SystemReason::Files, self.env.clone())
    }

    /// Sweeps once; the job that does it is told after each portion how far that is.
    ///
    /// # Errors
    /// An internal error of store or database; what was removed by then is removed.
    pub async fn sweep(&self, job: Option<&Job>) -> Result<Swept> {
        let before = self.env.now() - AGE;
        let mut swept = Swept { leftovers: self.leftovers(before).await?, ..Swept::default() };
        let mut chunks = self.files.list().chunks(CHUNK);
        while let Some(chunk) = chunks.next().await {
            let listed = chunk.into_iter().collect::<Result<Vec<_>>>()?;
            swept.contents += i64::try_from(listed.len()).unwrap_or(0);
            for orphan in self.orphans(listed, before).await? {
                if self.remove(&orphan, before).await? {
                    swept.removed += 1;
                    swept.bytes += orphan.bytes;
                }
            }
            if let Some(job) = job {
                self.tell(job, &swept).await?;
            }
        }
        Ok(swept)
    }

    /// Those that have lain long enough and nothing refers to.
    async fn orphans(&self, listed: Vec<Listed>, before: DateTime<Utc>) -> Result<Vec<Listed>> {
        let old: Vec<Listed> = listed.into_iter().filter(|l| l.written < before).collect();
        let contents: Vec<_> = old.iter().map(|l| l.content).collect();
        let tx = self.db.begin(&self.system(), Mode::Read).await?;
        let used: HashSet<_> = tx.contents_used(&contents).await?.into_iter().collect();
        Ok(old.into_iter().filter(|l| !used.contains(&l.content)).collect())
    }

    /// Removes one, unless somebody has claimed it or refers to it meanwhile.
    async fn remove(&self, orphan: &Listed, before: DateTime<Utc>) -> Result<bool> {
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        if !tx.content_hold(&orphan.content, orphan.written, before).await?
            || !tx.contents_used(&[orphan.content]).await?.is_empty()
        {
            return Ok(false);
        }
        self.files.remove(&orphan.content).await?;
        tx.content_forget(&orphan.content).await?;
        tx.commit().await?;
        tracing::info!(sha256 = hex::encode(orphan.content), bytes = orphan.bytes, "removed what nothing refers to");
        Ok(true)
    }

    /// Notes how far the sweep is with the job that does it.
    async fn tell(&self, job: &Job, swept: &Swept) -> Result<()> {
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        tx.job_progress(job, Progress { done: swept.contents, total: None, step: "contents" }).await?;
        tx.commit().await
    }

    /// Has files scanned that have waited for long: their own jobs gave up while the scanner was away. How many.
    async fn ask_again(&self) -> Result<usize> {
        let before = self.env.now() - PATIENCE;
        let waiting = self.db.begin(&self.system(), Mode::Read).await?.files_waiting(before, MOST).await?;
        for file in &waiting {
            let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
            let scope = file.tenant.map_or(Scope::Park(file.park), |tenant| Scope::Tenant(file.park, tenant));
            let request = "file-sweep".to_owned();
            let ctx = Ctx::build(actor, scope, Lang::default(), chrono_tz::UTC, request, self.env.clone());
            let tx = self.db.begin(&ctx, Mode::Write).await?;
            tx.job_enqueue(&ctx, SCAN_JOB, serde_json::json!({ "file": file.file })).await?;
            tx.commit().await?;
        }
        Ok(waiting.len())
    }

    /// Removes what interrupted uploads and readers left in the spool.
    async fn leftovers(&self, before: DateTime<Utc>) -> Result<i64> {
        let mut folder = match tokio::fs::read_dir(self.files.spool()).await {
            Ok(folder) => folder,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Error::internal(error)),
        };
        let mut removed = 0;
        while let Some(entry) = folder.next_entry().await.map_err(Error::internal)? {
            // One that is finished just now is gone: nothing to do.
            let Ok(meta) = entry.metadata().await else { continue };
            let written = meta.modified().map_err(Error::internal)?;
            if meta.is_file() && DateTime::<Utc>::from(written) < before {
                removed += i64::from(tokio::fs::remove_file(entry.path()).await.is_ok());
            }
        }
        Ok(removed)
    }
}

#[async_trait]
impl Handler for Sweeper {
    fn kind(&self) -> &'static str {
        SWEEP_JOB
    }
    async fn run(&self, job: &Job, _: Ctx) -> Result<()> {
        // Every park has this work done and the store is one: whoever's turn comes first does it for all.
        let since = self.env.now() - AGE / 2;
        if self.db.begin(&self.system(), Mode::Read).await?.done_since(SWEEP_JOB, since).await? {
            return Ok(());
        }
        let swept = self.sweep(Some(job)).await?;
        let asked = self.ask_again().await?;
        tracing::info!(?swept, asked, "the store of files is swept");
        Ok(())
    }
}
