//! What unit-seat cost reads and writes: all of it the tenant's own.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Result;
use voxpark_domain::ids::{CostEntryId, UserId};
use voxpark_domain::money::Money;
use voxpark_domain::time::Month;

use super::CostEntry;

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostRecord {
    /// The entry.
    pub id: CostEntryId,
    /// What it says.
    pub entry: CostEntry,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// Cost entries and rents of the caller's tenant.
#[async_trait]
pub trait Store: Send + Sync {
    /// The entries of the months from `first` to `last`, both included, oldest first.
    async fn cost_entries(&self, first: Month, last: Month) -> Result<Vec<CostRecord>>;
    /// Entries by id; those out of reach are missing.
    async fn cost_entries_by_id(&self, ids: &[CostEntryId]) -> Result<Vec<CostRecord>>;
    /// Keeps other entries of this tenant waiting until the transaction ends.
    async fn cost_lock(&self) -> Result<()>;
    /// Stores entries.
    async fn cost_entries_add(&self, entries: &[CostRecord]) -> Result<()>;
    /// The sum before tax of the invoices of each month from `first` to `last`, a currency a row.
    async fn rents(&self, first: Month, last: Month) -> Result<Vec<(Month, Money)>>;
}
