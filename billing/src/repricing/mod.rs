//! Past invoices priced again: from what was known when each was issued the same cents must come out, whatever was recorded
//! since. A run looks at the invoices that were issued in some months, in portions; what differs is a fault of the system and
//! stays on record until a later run of the invoice finds it mended.
//!
//! Every night the last [`NIGHTLY_MONTHS`] are looked at, and any months when somebody asks. Does not decide what an invoice
//! comes to again, nor what makes a difference: that is `invoicing`'s ([`crate::invoicing::repricings`]).

mod entity;
mod service;
mod store;

pub use entity::{Differing, RepricingRun};
pub use service::{
    JOB, NIGHTLY_MONTHS, PORTION, Repriced, differing, repricing_begun, repricing_portion, repricing_start,
    repricing_stopped, repricings, repricings_count,
};
pub use store::Store;
