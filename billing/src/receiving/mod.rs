//! Money that tenants pay: recorded when it comes, applied to invoices at once or later, in parts, to several; what is applied to
//! none is the payer's credit. It can be applied no longer, paid back, or taken back by the bank. Nothing of this changes a row:
//! each is an act, booked in the transaction in which it happens.

mod entity;
mod service;
mod store;

pub use entity::{PaymentAct, PaymentStep, Received};
pub use service::{
    Apply, ApplyTo, ReceiptDraft, payment_apply, payment_bounce, payment_receive, payment_refund, payment_unapply,
    payments, payments_count, payments_received,
};
pub use store::{PaymentFilter, Store};
