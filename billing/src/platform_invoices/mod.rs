//! What the operator of the installation charges a park: the terms, and a platform invoice a month, by the seats that tenants
//! leased in it.
//!
//! Seats are counted day by day in the seat ledger and go through the same price books as leases ([`crate::pricing`]). What
//! was counted is kept with the invoice, so that a later one can tell what has been recorded since: it has a line for each
//! difference. Nothing of an invoice is ever changed but that it is withdrawn.

mod draw;
mod entity;
mod fit;
mod service;
mod store;

pub use draw::{Drawn, draw_up};
pub use entity::{
    Counted, MonthCount, PlatformBody, PlatformInvoice, PlatformLine, PlatformLineKind, PlatformPayment, PlatformTerms,
    governing,
};
pub use fit::unfit;
pub use service::{
    JOB, Measured, PlatformPaid, SERIES, TermsDraft, may_read, platform_bill, platform_due, platform_invoices,
    platform_invoices_count, platform_measured, platform_paid, platform_terms, platform_terms_set, platform_void,
};
pub use store::Store;
