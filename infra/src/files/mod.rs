//! Files by content: bytes lie under their SHA-256, in a folder or in an S3 bucket, written once, never changed.
//!
//! What arrives goes to a file beside first, hashed on the way, so that nothing is in memory as a whole, nothing half is
//! ever under its name, and what it is can be looked at before it is kept. `Filing` joins the bytes with the rows.

mod filing;
mod kind;
mod link;
mod s3;
mod scan;
mod sweep;

use std::fmt;
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::io::ReaderStream;
use voxpark_domain::platform::{Content, too_large};
use voxpark_domain::time::Env;
use voxpark_domain::uow::{FileStore, LocalCopy};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

pub use filing::{Filing, ScanJob, Upload};
pub use link::Signed;
pub use s3::Bucket;
pub use scan::{Scanner, Verdict};
pub use sweep::{SWEEP_JOB, Sweeper, Swept};

/// Bytes that are looked at to tell what a file is.
const HEAD: usize = 8 * 1024;
/// Bytes of a part of an upload to a bucket.
const PART: usize = 8 * 1024 * 1024;
/// How many parts of one file are under way at a time.
const PARTS: usize = 4;

/// Bytes on their way out.
pub type Bytestream = BoxStream<'static, std::io::Result<Bytes>>;

/// Where the bytes of files are.
#[derive(Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    /// The folder of the store, when it is one.
    root: Option<PathBuf>,
    /// Where files arrive, and where copies of remote ones lie while they are read.
    spool: PathBuf,
    env: Env,
    max_bytes: u64,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.objects, f)
    }
}

/// A file that is removed when this is dropped.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // What stays behind, the sweep finds.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What has arrived and is not kept yet.
#[derive(Debug)]
pub struct Arrived {
    /// SHA-256 of the bytes.
    pub sha256: Content,
    /// How many.
    pub bytes: u64,
    head: Vec<u8>,
    part: Part,
}

impl Arrived {
    /// What has arrived, to look at.
    async fn read(&self) -> Result<Bytestream> {
        let file = tokio::fs::File::open(&self.part.0).await.map_err(Error::internal)?;
        Ok(ReaderStream::new(file).boxed())
    }
}

/// A content as the store lists it.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Which.
    pub content: Content,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// Size.
    pub bytes: u64,
}

impl Files {
    /// In a folder, which is made, refusing files above a size.
    ///
    /// # Errors
    /// An internal error when the folder cannot be made.
    pub fn folder(root: impl Into<PathBuf>, env: Env, max_bytes: u64) -> Result<Self> {
        let root = root.into();
        make(&root).map_err(|e| Error::internal(format!("{}: {e}", root.display())))?;
        let objects = LocalFileSystem::new_with_prefix(&root).map_err(Error::internal)?;
        let spool = root.join("incoming");
        Ok(Self { objects: Arc::new(objects), root: Some(root), spool, env, max_bytes })
    }

    /// In a bucket; what arrives and what is read locally passes through a folder, which is made.
    ///
    /// # Errors
    /// An internal error when the folder cannot be made or the settings of the bucket contradict one another.
    pub fn bucket(bucket: &Bucket, spool: impl Into<PathBuf>, env: Env, max_bytes: u64) -> Result<Self> {
        let spool = spool.into();
        make(&spool).map_err(|e| Error::internal(format!("{}: {e}", spool.display())))?;
        Ok(Self { objects: bucket.open()?, root: None, spool, env, max_bytes })
    }

    /// Streams bytes in, up to a size if one is given.
    ///
    /// # Errors
    /// `file-too-large`, `file-empty`; an internal error of the disk. Nothing is left behind.
    pub async fn receive(&self, from: impl AsyncRead + Unpin, most: Option<u64>) -> Result<Arrived> {
        let part = self.part()?;
        self.fill(from, part, most.map_or(self.max_bytes, |most| most.min(self.max_bytes))).await
    }

    async fn fill(&self, mut from: impl AsyncRead + Unpin, part: Part, most: u64) -> Result<Arrived> {
        let mut file = tokio::fs::File::create(&part.0).await.map_err(Error::internal)?;
        let (mut hash, mut bytes, mut head) = (Sha256::new(), 0_u64, Vec::with_capacity(HEAD));
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let n = from.read(&mut buffer).await.map_err(Error::internal)?;
            let Some(chunk) = buffer.get(..n).filter(|c| !c.is_empty()) else { break };
            bytes += n as u64;
            if bytes > most {
                return Err(too_large(most).into());
            }
            head.extend(chunk.iter().take(HEAD - head.len()));
            hash.update(chunk);
            file.write_all(chunk).await.map_err(Error::internal)?;
        }
        if bytes == 0 {
            return Err(Refusal::new(RefusalCode::Required, "file-empty").at("file").into());
        }
        file.sync_all().await.map_err(Error::internal)?;
        Ok(Arrived { sha256: hash.finalize().into(), bytes, head, part })
    }

    /// Keeps what has arrived under its hash. Whoever calls this has claimed the content before.
    ///
    /// # Errors
    /// An internal error of disk or network.
    pub async fn keep(&self, arrived: Arrived) -> Result<()> {
        if let Some(root) = &self.root {
            let path = root.join(key(&arrived.sha256).as_ref());
            let folder = path.parent().unwrap_or(root);
            let fresh = !tokio::fs::try_exists(folder).await.map_err(Error::internal)?;
            tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
            tokio::fs::rename(&arrived.part.0, &path).await.map_err(Error::internal)?;
            // A name lasts when its folder is written down, not when the bytes are.
            for folder in [Some(folder), Some(root.as_path()).filter(|_| fresh)].into_iter().flatten() {
                let folder = tokio::fs::File::open(folder).await.map_err(Error::internal)?;
                folder.sync_all().await.map_err(Error::internal)?;
            }
            return Ok(());
        }
        let key = key(&arrived.sha256);
        match self.objects.head(&key).await {
            Ok(there) if there.size == arrived.bytes => return Ok(()),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(Error::internal(error)),
        }
        let mut file = tokio::fs::File::open(&arrived.part.0).await.map_err(Error::internal)?;
        if arrived.bytes <= PART as u64 {
            let mut all = Vec::new();
            file.read_to_end(&mut all).await.map_err(Error::internal)?;
            return self.objects.put(&key, PutPayload::from(all)).await.map(drop).map_err(Error::internal);
        }
        let mut upload =
            WriteMultipart::new_with_chunk_size(self.objects.put_multipart(&key).await.map_err(Error::internal)?, PART);
        let sent = async {
            let mut buffer = vec![0_u8; 256 * 1024];
            loop {
                let n = file.read(&mut buffer).await.map_err(Error::internal)?;
                let Some(chunk) = buffer.get(..n).filter(|c| !c.is_empty()) else { break };
                upload.wait_for_capacity(PARTS).await.map_err(Error::internal)?;
                upload.write(chunk);
            }
            Ok(())
        };
        match sent.await {
            Ok(()) => upload.finish().await.map(drop).map_err(Error::internal),
            Err(error) => {
                // The parts that were sent cost money until somebody removes them.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// Opens a content, or a part of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there; an internal error of disk or network.
    pub async fn open(&self, content: &Content, range: Option<Range<u64>>) -> Result<Bytestream> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        match self.objects.get_opts(&key(content), options).await {
            Ok(found) => Ok(found.into_stream().map_err(std::io::Error::other).boxed()),
            Err(object_store::Error::NotFound { .. }) => Err(Error::NotFound),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Whether a content is there.
    ///
    /// # Errors
    /// An internal error of disk or network.
    pub async fn has(&self, content: &Content) -> Result<bool> {
        match self.objects.head(&key(content)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Every content there is, in any order.
    pub fn list(&self) -> BoxStream<'static, Result<Listed>> {
        let every = self.objects.list(None).filter_map(|found| async {
            match found {
                // Whatever else lies there is not ours.
                Ok(meta) => content_of(&meta.location)
                    .map(|content| Ok(Listed { content, written: meta.last_modified, bytes: meta.size })),
                Err(error) => Some(Err(Error::internal(error))),
            }
        });
        every.boxed()
    }

    /// Removes a content; one that is not there is removed already.
    ///
    /// # Errors
    /// An internal error of disk or network.
    pub async fn remove(&self, content: &Content) -> Result<()> {
        match self.objects.delete(&key(content)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Writes, reads and removes a little, for `doctor`.
    ///
    /// # Errors
    /// An internal error that says what could not be done.
    pub async fn probe(&self) -> Result<()> {
        let key = Key::from(format!("probe-{}", hex::encode(self.env.bytes::<8>())));
        let payload = PutPayload::from_static(b"voxpark");
        self.objects.put(&key, payload).await.map_err(Error::internal)?;
        let back = self.objects.get(&key).await.map_err(Error::internal)?.bytes().await.map_err(Error::internal)?;
        self.objects.delete(&key).await.map_err(Error::internal)?;
        if back == "voxpark".as_bytes() { Ok(()) } else { Err(Error::internal("what was written reads otherwise")) }
    }

    /// A new file in the spool.
    fn part(&self) -> Result<Part> {
        make(&self.spool).map_err(Error::internal)?;
        Ok(Part(self.spool.join(hex::encode(self.env.bytes::<16>()))))
    }

    /// The folder in which uploads arrive.
    pub(crate) fn spool(&self) -> &Path {
        &self.spool
    }
}

/// Makes a folder that only its owner looks into.
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Where a content lies: two levels, so that no folder grows too long.
fn key(content: &Content) -> Key {
    let name = hex::encode(content);
    let head: String = name.chars().take(2).collect();
    Key::from_iter([head, name])
}

fn content_of(key: &Key) -> Option<Content> {
    let (_, name) = key.as_ref().split_once('/')?;
    let mut content = [0; 32];
    hex::decode_to_slice(name, &mut content).ok()?;
    Some(content)
}

#[async_trait]
impl FileStore for Files {
    async fn local(&self, content: &Content) -> Result<LocalCopy> {
        if let Some(root) = &self.root {
            let path = root.join(key(content).as_ref());
            let there = tokio::fs::try_exists(&path).await.map_err(Error::internal)?;
            return if there { Ok(LocalCopy::new(path, None)) } else { Err(Error::NotFound) };
        }
        let mut from = self.open(content, None).await?;
        let part = self.part()?;
        let mut file = tokio::fs::File::create(&part.0).await.map_err(Error::internal)?;
        while let Some(chunk) = from.next().await {
            file.write_all(&chunk.map_err(Error::internal)?).await.map_err(Error::internal)?;
        }
        file.flush().await.map_err(Error::internal)?;
        Ok(LocalCopy::new(part.0.clone(), Some(Box::new(part))))
    }
}
