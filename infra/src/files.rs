//! Files by content: bytes lie under their SHA-256 in the data folder, written once, never changed.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use voxpark_domain::time::Env;
use voxpark_domain::uow::FileStore;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// A folder of files named by their hash, two levels deep.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    env: Env,
    max_bytes: u64,
}

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// How many.
    pub bytes: u64,
}

impl Folder {
    /// Under a folder, refusing files above a size.
    pub fn new(root: impl Into<PathBuf>, env: Env, max_bytes: u64) -> Self {
        Self { root: root.into(), env, max_bytes }
    }

    fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        let name = hex::encode(sha256);
        let (head, _) = name.split_at(2);
        self.root.join(head).join(&name)
    }

    /// Streams bytes in. They become visible under their hash only when all have arrived.
    ///
    /// # Errors
    /// `file-too-large`, `file-empty`; an internal error of the disk. Nothing is left behind.
    pub async fn store(&self, mut from: impl AsyncRead + Unpin) -> Result<Stored> {
        let incoming = self.root.join("incoming");
        tokio::fs::create_dir_all(&incoming).await.map_err(Error::internal)?;
        let part = incoming.join(hex::encode(self.env.bytes::<16>()));
        let done = self.receive(&mut from, &part).await;
        match done {
            Ok(stored) => {
                let path = self.path(&stored.sha256);
                if let Some(parent) = path.parent() {
                    tokio::fs::create_dir_all(parent).await.map_err(Error::internal)?;
                }
                tokio::fs::rename(&part, &path).await.map_err(Error::internal)?;
                Ok(stored)
            }
            Err(error) => {
                let _ = tokio::fs::remove_file(&part).await;
                Err(error)
            }
        }
    }

    async fn receive(&self, from: &mut (impl AsyncRead + Unpin), part: &Path) -> Result<Stored> {
        let mut file = tokio::fs::File::create(part).await.map_err(Error::internal)?;
        let mut hash = Sha256::new();
        let mut bytes = 0_u64;
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let n = from.read(&mut buffer).await.map_err(Error::internal)?;
            let Some(chunk) = buffer.get(..n).filter(|c| !c.is_empty()) else { break };
            bytes += n as u64;
            if bytes > self.max_bytes {
                return Err(Refusal::new(RefusalCode::TooLarge, "file-too-large")
                    .at("file")
                    .with("max", i64::try_from(self.max_bytes / (1024 * 1024)).unwrap_or(i64::MAX))
                    .into());
            }
            hash.update(chunk);
            file.write_all(chunk).await.map_err(Error::internal)?;
        }
        if bytes == 0 {
            return Err(Refusal::new(RefusalCode::Required, "file-empty").at("file").into());
        }
        file.sync_all().await.map_err(Error::internal)?;
        Ok(Stored { sha256: hash.finalize().into(), bytes })
    }
}

#[async_trait]
impl FileStore for Folder {
    async fn local_path(&self, sha256: &[u8; 32]) -> Result<PathBuf> {
        let path = self.path(sha256);
        if tokio::fs::try_exists(&path).await.map_err(Error::internal)? { Ok(path) } else { Err(Error::NotFound) }
    }
}
