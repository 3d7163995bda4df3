//! The demonstration park: one park, five tenants of different size and maturity, one of whom has left, 1,200 seats, fourteen months of history.
//!
//! Everything is generated from one seed and told to the product through its own API, in the order in which it happened,
//! with the clock set to when it happened: imports, leases, invoices and assessments go through the same doors as a
//! customer's. So the demonstration is also a test of those doors.

mod assessments;
mod books;
mod calls;
mod cast;
mod client;
mod clock;
mod coming;
mod contracts;
mod dice;
mod leases;
mod opening;
mod people;
mod pipeline;
mod prices;
mod proofs;
mod staff;
mod story;

pub use cast::{PASSWORD, USERS};
pub use clock::DemoClock;
pub use story::load;
