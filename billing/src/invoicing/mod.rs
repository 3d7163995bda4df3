//! Invoicing: rated lines into a document that is numbered once and never edited.
//!
//! Decides tax (net first, one rounding per rate), totals, the life of an invoice (draft, issued, void), its due date,
//! what a payment does to it, and whether pricing the same period again gives the same cents.
//!
//! Does not decide amounts of lines (`pricing`) nor which number comes next: a gap-free counter is the store's, in the
//! transaction that issues.

mod collecting;
mod correcting;
mod credit_note;
mod guard;
mod holding;
mod invoice;
mod number;
mod payment;
mod reprice;
mod revenue;
mod service;
mod settling;
mod statement;
mod store;
mod tax;
mod write_off;

pub use collecting::{Processor, processor_amount};
pub(crate) use correcting::{Correctable, correctable};
pub use correcting::{Corrections, Found, Late, LateAsk};
pub use credit_note::{CreditNote, Creditable, PaidFrom, Returned, credit, note_total, returned};
pub use guard::{GUARD_LINES, GUARD_MONTHS, GUARD_TIMES, Guard, guard};
pub use holding::{Holding, KnownMonth, RecordedSeat, month_near, month_over, series_of};
pub(crate) use invoice::not_issued;
pub use invoice::{Invoice, InvoiceBody, InvoiceHead, InvoiceLine, InvoiceState, Issue, assemble};
pub use number::{InvoiceNumber, PaymentTerms};
pub use payment::{Payment, PaymentState, Standing, accept_payment, standing, tally};
pub use reprice::{LineDifference, LineFigures, Repricing, compare_lines, reprice};
pub use revenue::{by_day, recognised_by};
pub(crate) use service::{Drawn, draw_up, issue, order_of};
pub use service::{
    PaymentDraft, invoice_issue, invoice_void, invoices, invoices_count, known_at_last, month_totals, payment_record,
    preview, preview_alone, preview_amended, repricings,
};
pub use settling::{AccountEntry, Deductions, Settled, balance, settle};
pub use statement::{MonthStatement, StatementPart, StatementSums, month_statement};
pub use store::{DueState, InvoiceFilter, InvoiceSort, IssuedInvoice, MonthTotals, PaymentRecord, Store, Voided};
pub(crate) use tax::line_taxes;
pub use tax::{
    NetTax, TaxGroup, TaxMode, TaxOrder, TaxRounding, TaxRule, TaxSource, Taxation, rate_of, tax_groups, taxed,
};
pub use write_off::{WriteOff, WriteOffStep, invoice_restore, invoice_write_off, write_offs};
