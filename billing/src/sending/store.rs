//! What sending reads and writes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::Result;
use voxpark_domain::ids::{InvoiceId, LetterId};
use voxpark_domain::mail::LetterState;

use super::entity::{Delivery, InvoicePolicy};

/// Deliveries in reach of the caller: those of all invoices of a park, of a tenant its own.
#[async_trait]
pub trait Store: Send + Sync {
    /// The deliveries of invoices, oldest first.
    async fn deliveries_of(&self, invoices: &[InvoiceId]) -> Result<Vec<Delivery>>;
    /// Keeps deliveries, in a constant number of statements for some hundreds.
    async fn deliveries_add(&self, deliveries: &[Delivery]) -> Result<()>;
    /// Keeps what became of one; nothing when the letter brings no invoice.
    async fn delivery_end(
        &self,
        letter: LetterId,
        state: LetterState,
        code: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()>;
    /// What the park has set; `None` = nothing.
    async fn invoice_policy(&self) -> Result<Option<InvoicePolicy>>;
    /// Sets it.
    async fn invoice_policy_set(&self, policy: InvoicePolicy) -> Result<()>;
}
