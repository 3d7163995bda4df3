//! Money that tenants pay: recorded when it comes, applied to invoices at once or later, in parts, to several; what is applied to
//! none is the payer's credit. It can be applied no longer, paid back, or taken back by the bank. What a credit note left to the
//! payer is credit of the same kind, and only the bank has no part in it. Nothing of this changes a row: each is an act, booked in
//! the transaction in which it happens.

mod entity;
mod service;
mod store;

pub use entity::{Credit, Credited, Origin, PaymentAct, PaymentStep, Received, Source};
pub use service::{
    Apply, ApplyTo, ReceiptDraft, RefundDraft, credit_note_apply, credit_note_refund, credit_note_unapply,
    payment_apply, payment_bounce, payment_receive, payment_refund, payment_unapply, payments, payments_count,
    payments_received,
};
pub use store::{PaymentFilter, Store};
