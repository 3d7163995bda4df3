//! What every context leans on: stored files, background jobs, idempotency keys.

mod content;
mod file;
mod kind;
mod link;

pub use content::{Content, Contents, Waiting};
pub use file::{NewFile, SCAN_JOB, file, file_add, file_checked, file_permit, plain_name};
pub use kind::{FileKind, Purpose, fits, too_large};
pub use link::{FileLink, LINK_MINUTES, LinkTo, Links, file_for, file_link, reach, usable};

pub use crate::audit::AuditEntry;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::ctx::Ctx;
use crate::error::Result;
use crate::ids::{FileId, JobId, ParkId, TenantId, UserId};
use crate::permission::listed;

listed! {
    /// Whether a file may be used.
    FileState {
        /// The scanner has yet to look at it: it can neither be read nor used.
        Waiting = "waiting",
        /// It may be used. Where no scanner is configured, every file is clean from the start.
        Clean = "clean",
        /// The scanner found something: it can neither be read nor used.
        Refused = "refused",
    }
}

/// A stored file: whose it is and what it is called. The bytes lie in the file store under their hash.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Size.
    pub bytes: i64,
    /// The name it was uploaded with.
    pub name: String,
    /// Its media type: what its content was found to be.
    pub media_type: String,
    /// When.
    pub stored_at: DateTime<Utc>,
    /// By whom.
    pub stored_by: Option<UserId>,
    /// Whether it may be used.
    pub state: FileState,
    /// When a scanner looked at it; `None` = none has.
    pub scanned_at: Option<DateTime<Utc>>,
}

/// A background job: work that leaves the request, enqueued in the transaction of the change that needs it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// For which park.
    pub park: ParkId,
    /// For which tenant; `None` = the park itself.
    pub tenant: Option<TenantId>,
    /// Names the handler.
    pub kind: String,
    /// What the handler needs: ids only, never personal data.
    pub payload: serde_json::Value,
    /// How often it was begun.
    pub attempts: i64,
    /// Who asked for it.
    pub enqueued_by: Option<UserId>,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Units that are behind it.
    pub done: i64,
    /// Units there are; `None` = nobody knows before the end.
    pub total: Option<i64>,
    /// What the units are and what is done with them: a word of the product (`bytes`, `contents`).
    pub step: &'static str,
}

/// What became of a claim that is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It holds.
    Yes,
    /// It holds, and the job was called off.
    Cancelled,
    /// Another worker has the job.
    Lost,
}

/// What a finished mutation left under an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// SHA-256 of the request.
    pub request: [u8; 32],
    /// What was answered: the id of the result, or the refusals.
    pub answer: serde_json::Value,
}

/// What the platform reads and writes.
#[async_trait]
pub trait Store: Send + Sync {
    /// Remembers a file of the caller's tenant or park.
    async fn file_add(&self, file: &StoredFile) -> Result<()>;
    /// A file of the caller's tenant or park.
    async fn file(&self, id: FileId) -> Result<Option<StoredFile>>;
    /// Notes what the scanner said of a waiting file, there and with the evidence that was made of it; `false` when it
    /// waits no more.
    async fn file_checked(&self, id: FileId, state: FileState, at: DateTime<Utc>) -> Result<bool>;

    /// Enqueues work for the caller's tenant or park.
    async fn job_enqueue(&self, ctx: &Ctx, kind: &'static str, payload: serde_json::Value) -> Result<JobId>;
    /// Whether a job is due (system scope).
    async fn job_due(&self, now: DateTime<Utc>) -> Result<bool>;
    /// Claims the next due job until an instant (system scope): of all owners the one with the fewest jobs running comes
    /// first, so that nobody's hundred jobs stand before somebody's one.
    async fn job_claim(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<Job>>;
    /// How many jobs were given up, by kind.
    async fn jobs_given_up(&self) -> Result<Vec<(String, i64)>>;
    /// Keeps a claimed job until a later instant, unless another worker has claimed it meanwhile.
    async fn job_renew(&self, job: &Job, until: DateTime<Utc>) -> Result<Held>;
    /// Notes how far a claimed job is, in the transaction of the work itself.
    ///
    /// # Errors
    /// An internal error when another worker has claimed it meanwhile: then this work must not last.
    async fn job_progress(&self, job: &Job, progress: Progress) -> Result<()>;
    /// Ends a job well, unless another worker has claimed it meanwhile.
    async fn job_done(&self, job: &Job, now: DateTime<Utc>) -> Result<()>;
    /// Puts a job back for a later try, or gives it up when `retry_at` is `None`; the same exception.
    async fn job_failed(
        &self,
        job: &Job,
        error: &str,
        now: DateTime<Utc>,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<()>;

    /// What was answered under a key before.
    async fn remembered(&self, ctx: &Ctx, operation: &str, key: &str) -> Result<Option<Remembered>>;
    /// Remembers an answer.
    async fn remember(&self, ctx: &Ctx, operation: &str, key: &str, answer: &Remembered) -> Result<()>;
}
