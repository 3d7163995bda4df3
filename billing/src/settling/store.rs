//! What settling reads and writes.

use async_trait::async_trait;
use voxpark_domain::Result;
use voxpark_domain::ids::{LeaseId, SettlementId, UserId};

use super::sheet::Settlement;
use crate::invoicing::IssuedInvoice;

/// Settlement sheets in reach of the caller.
#[async_trait]
pub trait Store: Send + Sync {
    /// The sheets of leases, newest first.
    async fn settlements_of(&self, leases: &[LeaseId]) -> Result<Vec<Settlement>>;
    /// Sheets by id.
    async fn settlements_by_id(&self, ids: &[SettlementId]) -> Result<Vec<Settlement>>;
    /// The sheet, kept from everybody else until this transaction ends.
    async fn settlement_locked(&self, id: SettlementId) -> Result<Option<Settlement>>;
    /// Stores a sheet; `false` when a lease has one that was not taken back.
    async fn settlement_add(&self, settlement: &Settlement, by: Option<UserId>) -> Result<bool>;
    /// Stores where a sheet stands now.
    async fn settlement_save(&self, settlement: &Settlement) -> Result<()>;
    /// The invoices in force of a lease, oldest period first.
    async fn invoices_of_lease(&self, lease: LeaseId) -> Result<Vec<IssuedInvoice>>;
}
