//! Invoicing: rated lines into a document that is numbered once and never edited.
//!
//! Decides tax (net first, one rounding per rate), totals, the life of an invoice (draft, issued, void), its due date,
//! what a payment does to it, and whether pricing the same period again gives the same cents.
//!
//! Does not decide amounts of lines (`pricing`) nor which number comes next: a gap-free counter is the store's, in the
//! transaction that issues.

mod invoice;
mod number;
mod payment;
mod reprice;
mod tax;

pub use invoice::{Invoice, InvoiceBody, InvoiceHead, InvoiceLine, InvoiceState, Issue, assemble};
pub use number::{InvoiceNumber, PaymentTerms};
pub use payment::{Payment, PaymentState, Standing, accept_payment, standing};
pub use reprice::{LineDifference, LineFigures, Repricing, compare_lines, reprice};
pub use tax::{TaxGroup, TaxMode, tax_groups};
