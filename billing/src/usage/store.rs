//! What figures of meters are read from and written to.

use async_trait::async_trait;
use voxpark_domain::Result;

use super::UsageRecord;
use crate::invoicing::KnownMonth;

/// Figures of meters, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// What was known of each month of a lease: of each meter what was recorded last, in the order of their names. One statement
    /// for some hundreds.
    async fn usage_known(&self, asked: &[KnownMonth]) -> Result<Vec<(KnownMonth, UsageRecord)>>;
    /// Stores figures.
    async fn usage_add(&self, records: &[UsageRecord]) -> Result<()>;
}
