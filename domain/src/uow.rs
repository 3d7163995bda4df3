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
    + crate::platform::Contents
    + crate::estate::Store
    + crate::estate::Outages
    + crate::estate::Places
    + crate::estate::Features
    + crate::estate::FloorPlans
    + crate::estate::Placing
    + crate::estate::Photos
    + crate::leasing::Store
    + crate::leasing::Holds
    + crate::papers::Store
    + crate::pipeline::Store
    + crate::pipeline::Quotes
    + crate::requests::Store
    + crate::people::Store
    + crate::seat_days::Store
    + crate::staffing::Store
    + crate::seating::Store
    + crate::operations::Store
    + crate::jobs::Store
    + crate::jobs::Schedules
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
        + crate::platform::Contents
        + crate::estate::Store
        + crate::estate::Outages
        + crate::estate::Places
        + crate::estate::Features
        + crate::estate::FloorPlans
        + crate::estate::Placing
        + crate::estate::Photos
        + crate::leasing::Store
        + crate::leasing::Holds
        + crate::papers::Store
        + crate::pipeline::Store
        + crate::pipeline::Quotes
        + crate::requests::Store
        + crate::people::Store
        + crate::seat_days::Store
        + crate::staffing::Store
        + crate::seating::Store
        + crate::operations::Store
        + crate::jobs::Store
        + crate::jobs::Schedules
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
    /// Single rows, each as it is at that moment, without a transaction around them: how the installation finds out who
    /// asks, with every request. Nothing can be changed. Other contexts than the installation's own get [`Mode::Read`].
    Glance,
    /// One change, all or nothing.
    Write,
}

/// The bytes of a file where they can be opened for reading on this machine, for as long as this lives.
pub struct LocalCopy {
    path: std::path::PathBuf,
    _kept: Option<Box<dyn Send + Sync>>,
}

impl LocalCopy {
    /// At a path; `kept` removes what is there when it is dropped, if it is to be removed.
    pub fn new(path: std::path::PathBuf, kept: Option<Box<dyn Send + Sync>>) -> Self {
        Self { path, _kept: kept }
    }
    /// Where.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}

impl std::fmt::Debug for LocalCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
    }
}

/// Bytes of files, by their hash.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// The bytes with this hash as a file of this machine: that of the store itself, or a copy of it.
    async fn local(&self, sha256: &[u8; 32]) -> Result<LocalCopy>;
}
