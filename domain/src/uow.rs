//! The unit of work: one transaction, opened for a [`crate::Ctx`], that every port of every context hangs off.

use async_trait::async_trait;

use crate::error::Result;

/// Every port of this crate's contexts on one transaction.
pub trait DomainTx:
    crate::audit::Store
    + crate::identity::Store
    + crate::mail::Store
    + crate::maturity::Store
    + crate::tenancy::Store
    + crate::platform::Store
    + crate::estate::Store
    + crate::leasing::Store
    + crate::people::Store
    + crate::staffing::Store
    + crate::operations::Store
    + crate::jobs::Store
    + crate::statistics::Store
    + Send
    + Sync
{
}

impl<T> DomainTx for T where
    T: crate::audit::Store
        + crate::identity::Store
        + crate::mail::Store
        + crate::maturity::Store
        + crate::tenancy::Store
        + crate::platform::Store
        + crate::estate::Store
        + crate::leasing::Store
        + crate::people::Store
        + crate::staffing::Store
        + crate::operations::Store
        + crate::jobs::Store
        + crate::statistics::Store
        + Send
        + Sync
{
}

/// Reading or writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One consistent snapshot; nothing can be changed.
    Read,
    /// One change, all or nothing.
    Write,
}

/// Bytes of files, by their hash.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Where the bytes with this hash can be opened for reading on this machine.
    async fn local_path(&self, sha256: &[u8; 32]) -> Result<std::path::PathBuf>;
}
