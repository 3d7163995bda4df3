//! Invoicing: rated lines into a document that is numbered once and never edited.
//!
//! Decides tax (net first, one rounding per rate), totals, the life of an invoice (draft, issued, void), its due date,
//! what a payment does to it, and whether pricing the same period again gives the same cents.
//!
//! Does not decide amounts of lines (`pricing`) nor which number comes next: a gap-free counter is the store's, in the
//! transaction that issues.

mod holding;
mod invoice;
mod number;
mod payment;
mod reprice;
mod run;
mod service;
mod store;
mod tax;

pub use holding::{Holding, KnownMonth, RecordedSeat, month_over, series_of};
pub use invoice::{Invoice, InvoiceBody, InvoiceHead, InvoiceLine, InvoiceState, Issue, assemble};
pub use number::{InvoiceNumber, PaymentTerms};
pub use payment::{Payment, PaymentState, Standing, accept_payment, standing, tally};
pub use reprice::{LineDifference, LineFigures, Repricing, compare_lines, reprice};
pub use run::{Amounts, BillingRun, RunOutcome, RunRow, billing_run};
pub use service::{
    PaymentDraft, invoice_issue, invoice_void, invoices, invoices_count, month_totals, payment_record, preview,
    preview_amended, repricings,
};
pub use store::{DueState, InvoiceFilter, InvoiceSort, IssuedInvoice, MonthTotals, PaymentRecord, Store, Voided};
pub use tax::{TaxGroup, TaxMode, tax_groups};
