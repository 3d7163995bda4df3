//! The money of a park: what a lease costs in a month, the invoice that says so, what was paid, and what a seat costs a
//! tenant. Same shape as `domain`: pure entities, ports, use cases.

pub mod alerts;
pub mod cost;
pub mod invoicing;
pub mod pricing;
pub mod quoting;
pub mod settling;
pub mod uow;
