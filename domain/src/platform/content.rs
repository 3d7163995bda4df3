//! The bytes of files as the installation keeps them: one content for all files that hold it, whoever brought them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::ids::{FileId, ParkId, TenantId};

/// SHA-256 of bytes, which is their name in the file store.
pub type Content = [u8; 32];

/// A file that waits to be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Of which park.
    pub park: ParkId,
    /// Of which tenant; `None` = the park itself.
    pub tenant: Option<TenantId>,
    /// The file.
    pub file: FileId,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What is known of contents, in the system's scope.
#[async_trait]
pub trait Contents: Send + Sync {
    /// Says that a content is about to be stored and referred to. Waits for whoever is removing it just now.
    async fn content_claim(&self, content: &Content, now: DateTime<Utc>) -> Result<()>;
    /// Which of these a file, piece of evidence, import, picture of a floor or photograph refers to. What a scanner refused
    /// is referred to no more.
    async fn contents_used(&self, of: &[Content]) -> Result<Vec<Content>>;
    /// Holds a content that nobody has claimed since an instant until the transaction ends, so that whoever claims it
    /// waits; `false` when somebody has. `seen` is when its bytes were written.
    async fn content_hold(&self, content: &Content, seen: DateTime<Utc>, before: DateTime<Utc>) -> Result<bool>;
    /// Forgets a content whose bytes were removed.
    async fn content_forget(&self, content: &Content) -> Result<()>;
    /// Contents that something refers to, in order, behind one of them.
    async fn contents_after(&self, after: Option<&Content>, limit: u64) -> Result<Vec<Content>>;
    /// Files that have waited to be scanned since before an instant, the longest first.
    async fn files_waiting(&self, before: DateTime<Utc>, limit: u64) -> Result<Vec<Waiting>>;
}
