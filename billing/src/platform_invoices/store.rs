//! What platform invoices are read from and kept in.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::Result;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{ParkId, PlatformInvoiceId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Period;

use super::{PlatformInvoice, PlatformPayment, PlatformTerms};
use crate::invoicing::Voided;

/// Terms, platform invoices and their payments: the park reads its own, the installation writes them.
#[async_trait]
pub trait Store: Send + Sync {
    /// By how many seats of a product the seats leased by the tenants of the caller's park change on which days of a closed
    /// period, as it was known at an instant, in order of products and days; what is held on the first day is a change of that
    /// day. One statement, and as many rows as there are changes, whatever the number of seats.
    async fn leased_changes(
        &self,
        within: Period,
        known_at: DateTime<Utc>,
    ) -> Result<Vec<(SeatProduct, NaiveDate, i64)>>;
    /// The versions of a park's terms, by number.
    async fn platform_terms(&self, park: ParkId) -> Result<Vec<PlatformTerms>>;
    /// Adds a version (system scope).
    async fn platform_terms_add(&self, park: ParkId, terms: &PlatformTerms) -> Result<()>;
    /// Keeps whoever else changes terms or invoices of a park waiting until the transaction ends (system scope).
    async fn platform_hold(&self, park: ParkId) -> Result<()>;
    /// Takes the next number of a series and year over all parks (system scope). It is given back when the transaction is
    /// undone, and nobody else can take one meanwhile.
    async fn platform_number_take(&self, series: &str, year: i32) -> Result<u32>;
    /// Stores an issued invoice (system scope).
    async fn platform_invoice_add(&self, invoice: &PlatformInvoice) -> Result<()>;
    /// Withdraws one (system scope).
    async fn platform_invoice_void(&self, invoice: &PlatformInvoice, voided: &Voided) -> Result<()>;
    /// Stores a payment (system scope).
    async fn platform_payment_add(&self, park: ParkId, payment: &PlatformPayment) -> Result<()>;
    /// Every invoice of a park, withdrawn ones too, by number.
    async fn platform_invoices_of(&self, park: ParkId) -> Result<Vec<PlatformInvoice>>;
    /// The invoice with a number, of whichever park is in reach.
    async fn platform_invoice_numbered(&self, number: &str) -> Result<Option<PlatformInvoice>>;
    /// The invoices in reach, the highest number first.
    async fn platform_invoices(&self, page: &PageRequest) -> Result<Page<PlatformInvoice>>;
    /// How many there are.
    async fn platform_invoices_count(&self) -> Result<i64>;
    /// Invoices by id; those out of reach are missing.
    async fn platform_invoices_by_id(&self, ids: &[PlatformInvoiceId]) -> Result<Vec<PlatformInvoice>>;
    /// The payments of invoices, in the order in which they were recorded.
    async fn platform_payments_of(&self, ids: &[PlatformInvoiceId]) -> Result<Vec<PlatformPayment>>;
    /// The finance staff of a park on a day, who are told of an invoice (system scope).
    async fn platform_told(&self, park: ParkId, today: NaiveDate) -> Result<Vec<UserId>>;
}
