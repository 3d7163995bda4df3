//! Operations: contacts, where they come from, and the intervals and indicators they add up to.
//!
//! This part is pure. [`source`] turns decoded text of call records into contacts, line by line, and names every row
//! it cannot read; [`interval`] adds contacts up into quarter hours of a queue; [`summary`] adds any stream of
//! contacts up into exact counts; [`indicator`] and [`service_level`] turn counts into named, versioned ratios.
//!
//! [`import`] is what the product keeps of one file; the use cases are in `service` (imports) and [`figures`].
//!
//! It decides what a row means, which contact counts where, and what each indicator is. It does not read files,
//! unpack, decode, keep anything, or know who may see it. Agents and end customers leave a parser only as pseudonyms
//! that its caller made ([`contact::ContactSink`]).

mod again;
pub mod busy;
pub mod contact;
pub mod figures;
pub mod import;
pub mod indicator;
pub mod interval;
pub mod local;
pub mod repeat;
mod service;
pub mod service_level;
pub mod source;
mod store;
pub mod summary;
pub mod sums;

pub use service::{
    Begun, ImportDraft, import_batch, import_begin, import_fail, import_issues, import_start, imports, imports_count,
    interval_definition, queues,
};
pub use store::{Asked, DayRun, Placed, Removed, Slots, Store};

#[cfg(test)]
mod tests;
