//! Taking a file in and opening one, for the REST edge and the console alike.

use tokio::io::AsyncRead;
use voxpark_billing::uow::Database as _;
use voxpark_domain::ids::{EvidenceId, FileId};
use voxpark_domain::maturity::{self, EvidenceFile};
use voxpark_domain::platform::{self, NewFile, StoredFile};
use voxpark_domain::uow::{FileStore as _, Mode};
use voxpark_domain::{Ctx, Result};

use crate::compose::App;

impl App {
    /// Streams a file in and remembers it as the caller's.
    ///
    /// # Errors
    /// Without permission before a byte is read; `file-too-large`, `file-empty`.
    pub async fn take_file(
        &self,
        ctx: &Ctx,
        name: &str,
        media_type: &str,
        body: impl AsyncRead + Unpin + Send,
    ) -> Result<StoredFile> {
        if let Err(refused) = platform::file_permit(ctx) {
            self.api.recorder().heard(ctx).await?;
            return Err(refused);
        }
        let stored = self.files.store(body).await?;
        let new = NewFile {
            sha256: stored.sha256,
            bytes: stored.bytes,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
        };
        let tx = self.db.begin(ctx, Mode::Write).await?;
        let file = platform::file_add(&*tx, ctx, new).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// Opens a file in the caller's reach.
    ///
    /// # Errors
    /// [`voxpark_domain::Error::NotFound`] for any other.
    pub async fn open_file(&self, ctx: &Ctx, id: FileId) -> Result<(StoredFile, tokio::fs::File)> {
        let tx = self.db.begin(ctx, Mode::Read).await?;
        let file = platform::file(&*tx, ctx, id).await;
        drop(tx);
        self.api.recorder().heard(ctx).await?;
        let file = file?;
        self.api.recorder().file_read(ctx, id).await?;
        let open = self.open_bytes(&file.sha256).await?;
        Ok((file, open))
    }

    /// Opens what a piece of evidence in the caller's reach holds.
    ///
    /// # Errors
    /// [`voxpark_domain::Error::NotFound`] for any other.
    pub async fn open_evidence(&self, ctx: &Ctx, id: EvidenceId) -> Result<(EvidenceFile, tokio::fs::File)> {
        let tx = self.db.begin(ctx, Mode::Read).await?;
        let file = maturity::evidence_file(&*tx, ctx, id).await;
        drop(tx);
        self.api.recorder().heard(ctx).await?;
        let file = file?;
        self.api.recorder().file_read(ctx, id).await?;
        let open = self.open_bytes(&file.sha256).await?;
        Ok((file, open))
    }

    async fn open_bytes(&self, sha256: &[u8; 32]) -> Result<tokio::fs::File> {
        let path = self.files.local_path(sha256).await?;
        tokio::fs::File::open(path).await.map_err(voxpark_domain::Error::internal)
    }
}
