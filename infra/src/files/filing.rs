//! Bytes and rows together: a file is looked at, scanned, claimed, kept and remembered, in this order.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::AsyncRead;
use voxpark_billing::uow::Database;
use voxpark_domain::audit::AuditEntry;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::ids::FileId;
use voxpark_domain::platform::{self, FileState, Job, NewFile, Purpose, SCAN_JOB, StoredFile};
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::kind::kind_of;
use super::{Arrived, Bytestream, Files, Scanner, Verdict};
use crate::jobs::Handler;

/// A file as somebody sends it.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// The name it is sent under.
    pub name: &'a str,
    /// The type it is declared as; empty = none.
    pub declared: &'a str,
    /// What it is brought for; `None` = anything that its sender may do with it.
    pub purpose: Option<Purpose>,
}

/// Takes files in and gives them out.
#[derive(Clone)]
pub struct Filing {
    db: Arc<dyn Database>,
    files: Files,
    scanner: Option<Arc<Scanner>>,
    env: Env,
}

impl fmt::Debug for Filing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filing").field("files", &self.files).field("scanner", &self.scanner).finish_non_exhaustive()
    }
}

impl Filing {
    /// Over a store; without a scanner every file is clean.
    pub fn new(db: Arc<dyn Database>, files: Files, scanner: Option<Scanner>, env: Env) -> Self {
        Self { db, files, scanner: scanner.map(Arc::new), env }
    }

    /// The store.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Streams a file in and remembers it as the caller's. What the scanner finds something in is not kept; what it
    /// cannot look at now waits for it.
    ///
    /// # Errors
    /// Those of [`platform::file_permit`], before a byte is read; `file-too-large`, `file-empty`, `file-type-refused`,
    /// `file-type-name`, `file-type-declared`, `file-type-purpose`, `file-infected`.
    pub async fn take(&self, ctx: &Ctx, upload: Upload<'_>, body: impl AsyncRead + Unpin) -> Result<StoredFile> {
        platform::file_permit(ctx)?;
        let most = upload.purpose.and_then(Purpose::max_bytes);
        let arrived = self.files.receive(body, most).await?;
        let kind = kind_of(&arrived).await?;
        let name = platform::plain_name(upload.name);
        kind.check(&name, upload.declared)?;
        let media_type = kind.media_type(&name);
        if let Some(purpose) = upload.purpose {
            let bytes = i64::try_from(arrived.bytes).map_err(Error::internal)?;
            platform::fits(purpose, media_type, bytes).map_err(|refusal| refusal.at("file"))?;
        }
        let state = self.looked_at(ctx, &arrived).await?;
        // From here on the sweep leaves this content alone for a day.
        let tx = self.db.begin(&self.system(), Mode::Write).await?;
        tx.content_claim(&arrived.sha256, self.env.now()).await?;
        tx.commit().await?;
        let new = NewFile {
            sha256: arrived.sha256,
            bytes: arrived.bytes,
            name,
            media_type: media_type.to_owned(),
            state,
            scanned_at: (self.scanner.is_some() && state == FileState::Clean).then(|| self.env.now()),
        };
        self.files.keep(arrived).await?;
        let tx = self.db.begin(ctx, Mode::Write).await?;
        let file = platform::file_add(&*tx, ctx, new).await?;
        tx.commit().await?;
        Ok(file)
    }

    fn system(&self) -> Ctx {
        Ctx::system(SystemReason::Files, self.env.clone())
    }

    /// What the scanner says of a file that has just arrived.
    async fn looked_at(&self, ctx: &Ctx, arrived: &Arrived) -> Result<FileState> {
        let Some(scanner) = &self.scanner else { return Ok(FileState::Clean) };
        match scanner.scan(arrived.read().await?).await {
            Ok(Verdict::Clean) => Ok(FileState::Clean),
            Ok(Verdict::Found(found)) => {
                tracing::warn!(sha256 = hex::encode(arrived.sha256), found, "the scanner refused a file");
                let tx = self.db.begin(ctx, Mode::Write).await?;
                tx.audit(ctx, &AuditEntry::new("file.refused", "")).await?;
                tx.commit().await?;
                Err(Refusal::new(RefusalCode::Invalid, "file-infected").at("file").into())
            }
            Err(error) => {
                tracing::warn!(%error, "a file waits to be scanned");
                Ok(FileState::Waiting)
            }
        }
    }

    /// Opens what a file holds, or a part of it, if it may be given out.
    ///
    /// # Errors
    /// `file-waiting`, `file-infected`; an internal error when the content is missing.
    pub async fn open(&self, content: &[u8; 32], state: FileState, range: Option<Range<u64>>) -> Result<Bytestream> {
        platform::usable(state, "")?;
        match self.files.open(content, range).await {
            // The row is there: whoever asks has done nothing wrong.
            Err(Error::NotFound) => Err(Error::internal(format!("the content {} is missing", hex::encode(content)))),
            other => other,
        }
    }

    /// Has a waiting file of the caller's tenant or park looked at.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another's; an internal error while the scanner is away.
    pub async fn scan(&self, ctx: &Ctx, id: FileId) -> Result<()> {
        let tx = self.db.begin(ctx, Mode::Read).await?;
        let file = tx.file(id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        if file.state != FileState::Waiting {
            return Ok(());
        }
        let verdict = match &self.scanner {
            // Somebody decided to do without one.
            None => Verdict::Clean,
            Some(scanner) => scanner.scan(self.files.open(&file.sha256, None).await?).await?,
        };
        let state = match verdict {
            Verdict::Clean => FileState::Clean,
            Verdict::Found(found) => {
                tracing::warn!(file = %id, found, "the scanner refused a file");
                FileState::Refused
            }
        };
        let tx = self.db.begin(ctx, Mode::Write).await?;
        platform::file_checked(&*tx, ctx, id, state).await?;
        tx.commit().await
    }
}

/// Does the scanning that had to wait.
#[derive(Clone, Debug)]
pub struct ScanJob(pub Filing);

#[async_trait]
impl Handler for ScanJob {
    fn kind(&self) -> &'static str {
        SCAN_JOB
    }
    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let id = job.payload.get("file").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| Error::internal("the job names no file"))?;
        self.0.scan(&ctx, id).await
    }
}
