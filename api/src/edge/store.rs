//! Taking a file in and opening one, for the REST edge and the console alike.

use std::ops::Range;

use tokio::io::AsyncRead;
use voxpark_billing::uow::Database as _;
use voxpark_domain::ids::{EvidenceId, FileId};
use voxpark_domain::platform::{self, FileState, LinkTo, StoredFile};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, maturity};
use voxpark_infra::files::{Bytestream, Upload};

use crate::compose::App;

/// A file that its reader may have: what it is, before a byte of it is given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// SHA-256 of the content.
    pub(crate) sha256: [u8; 32],
    /// Its name.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media_type: String,
    /// Size.
    pub(crate) bytes: u64,
    state: FileState,
}

impl App {
    /// Streams a file in and remembers it as the caller's.
    ///
    /// # Errors
    /// Without permission before a byte is read; those of [`voxpark_infra::files::Filing::take`].
    pub async fn take_file(
        &self,
        ctx: &Ctx,
        upload: Upload<'_>,
        body: impl AsyncRead + Unpin + Send,
    ) -> Result<StoredFile> {
        let taken = self.filing.take(ctx, upload, body).await;
        if matches!(taken, Err(Error::Forbidden)) {
            self.api.recorder().heard(ctx).await?;
        }
        taken
    }

    /// What there is of a file or a piece of evidence in the caller's reach. That it is read goes on the log.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other; `file-waiting`, `file-infected`.
    pub(crate) async fn given(&self, ctx: &Ctx, what: LinkTo) -> Result<Given> {
        let tx = self.db.begin(ctx, Mode::Read).await?;
        let found = match what {
            LinkTo::File(id) => file(&*tx, ctx, id).await,
            LinkTo::Evidence(id) => evidence(&*tx, ctx, id).await,
        };
        drop(tx);
        self.api.recorder().heard(ctx).await?;
        let found = found?;
        platform::usable(found.state, "")?;
        self.api.recorder().file_read(ctx, what).await?;
        Ok(found)
    }

    /// Opens what is given, or a part of it.
    ///
    /// # Errors
    /// An internal error when it cannot be read.
    pub(crate) async fn pour(&self, given: &Given, range: Option<Range<u64>>) -> Result<Bytestream> {
        self.filing.open(&given.sha256, given.state, range).await
    }
}

async fn file(tx: &dyn voxpark_billing::uow::Tx, ctx: &Ctx, id: FileId) -> Result<Given> {
    let file = platform::file(tx, ctx, id).await?;
    Ok(Given {
        sha256: file.sha256,
        name: file.name,
        media_type: file.media_type,
        bytes: u64::try_from(file.bytes).map_err(Error::internal)?,
        state: file.state,
    })
}

async fn evidence(tx: &dyn voxpark_billing::uow::Tx, ctx: &Ctx, id: EvidenceId) -> Result<Given> {
    let file = maturity::evidence_file(tx, ctx, id).await?;
    Ok(Given {
        sha256: file.sha256,
        name: file.name,
        media_type: file.media_type,
        bytes: u64::try_from(file.bytes).map_err(Error::internal)?,
        state: file.state,
    })
}
