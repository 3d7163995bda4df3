//! The money of a park: what a lease costs in a month, the invoice that says so, what was paid, and what a seat costs a
//! tenant. Same shape as `domain`: pure entities, ports, use cases.
//!
//! No amount is a binary fraction and none is rounded half to even: the lint below and a test of the sources see to it.

#![deny(clippy::float_arithmetic, clippy::float_cmp, clippy::cast_precision_loss, clippy::lossy_float_literal)]

pub mod alerts;
pub mod cost;
pub mod crediting;
pub mod fiscal;
pub mod invoicing;
pub mod ledger;
pub mod parties;
pub mod platform_invoices;
pub mod price_books;
pub mod pricing;
pub mod quoting;
pub mod receiving;
pub mod repricing;
pub mod runs;
pub mod sending;
pub mod settling;
pub mod uow;
pub mod usage;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod exact;
