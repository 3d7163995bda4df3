//! What receiving reads and writes.

use async_trait::async_trait;
use chrono::NaiveDate;
use voxpark_domain::Result;
use voxpark_domain::ids::{CreditNoteId, InvoiceId, PaymentId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest};

use super::{PaymentAct, Received, Source};

/// Which payments are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PaymentFilter {
    /// Of this tenant; `None` = of all.
    pub tenant: Option<TenantId>,
    /// Only those of which something is still credit.
    pub credit: bool,
}

/// Payments and their acts, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps everybody else who does something with a payment, or with the credit of a note, waiting; `false` when it is out of
    /// reach.
    async fn credit_lock(&self, of: Source) -> Result<bool>;
    /// Payments with their acts; those out of reach are missing.
    async fn payments_received(&self, ids: &[PaymentId]) -> Result<Vec<Received>>;
    /// What was done with the credit of notes, oldest first.
    async fn note_acts(&self, notes: &[CreditNoteId]) -> Result<Vec<(CreditNoteId, PaymentAct)>>;
    /// What of the credit of notes pays these invoices: minor units above 0, oldest note first.
    async fn notes_applied(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, CreditNoteId)>>;
    /// Payments that came last first.
    async fn payments(&self, filter: &PaymentFilter, page: &PageRequest) -> Result<Page<Received>>;
    /// How many.
    async fn payments_count(&self, filter: &PaymentFilter) -> Result<i64>;
    /// Stores what was done.
    async fn payment_acts_add(&self, acts: &[PaymentAct]) -> Result<()>;
    /// Invoices of a tenant on which something is owed, the first due first, at most `most`; each with the day it is due.
    async fn invoices_owed(
        &self,
        tenant: TenantId,
        currency: Currency,
        most: u32,
    ) -> Result<Vec<(InvoiceId, NaiveDate)>>;
}
