//! Sending: invoices and credit notes by mail, to the addresses that their buyers gave.
//!
//! Decides which invoices go out, to whom, in which language, and keeps what became of each letter beside the invoice. Does
//! not decide the words of the letter nor when it leaves (`domain::mail` and its adapter).

mod entity;
mod service;
mod store;

pub use entity::{Delivery, ENCLOSED, ENCLOSED_NOTE, InvoicePolicy, MAX_AT_ONCE};
pub use service::{credit_note_send, deliveries_of, invoice_policy, invoice_policy_set, invoice_send, sent_with_run};
pub use store::Store;
