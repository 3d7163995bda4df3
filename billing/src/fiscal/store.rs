//! What the fiscal record reads and writes.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::ids::{FapiaoId, InvoiceId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Month;

use super::entity::Fapiao;

/// Fapiaos in reach of the caller: of all invoices of a park, of a tenant its own. Nothing is ever changed.
#[async_trait]
pub trait Store: Send + Sync {
    /// Those of invoices, oldest first.
    async fn fapiaos_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Fapiao>>;
    /// Those with these ids.
    async fn fapiaos_by_id(&self, ids: &[FapiaoId]) -> Result<Vec<Fapiao>>;
    /// Those issued in a month, oldest record first.
    async fn fapiaos(&self, month: Month, page: &PageRequest) -> Result<Page<Fapiao>>;
    /// How many.
    async fn fapiaos_count(&self, month: Month) -> Result<i64>;
    /// Whether a fapiao of this code and number is on record; whoever else asks about them waits until the transaction ends.
    async fn fapiao_known(&self, code: &str, number: &str) -> Result<bool>;
    /// Keeps one.
    async fn fapiao_add(&self, fapiao: &Fapiao) -> Result<()>;
}
