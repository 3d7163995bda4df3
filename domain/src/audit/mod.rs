//! The audit log: what was done, by whom, to what, with what before and after; and the proof that nothing of it was
//! altered, removed, put elsewhere or slipped in since.
//!
//! Every owner (the installation, a park, a tenant) has its own chains, a few **lanes** each, so that concurrent changes
//! do not queue behind each other and neighbours share neither rows nor locks. Within a lane events are numbered from 1
//! without a gap, and each one's hash covers all its columns and the hash of the one before. A **seal** signs, for a whole
//! park, the heads of all lanes that moved since the last seal and the hash of that seal, so that a shortened or missing
//! lane shows.
//!
//! Decides what an event is, what its bytes are, and what is wrong with a chain ([`Check`]). Where events are kept, who
//! takes which lane and the keys are the database's affair.

mod chain;
mod check;
mod entry;
mod heard;
mod seal;
mod service;
mod store;

pub use chain::{Event, Owner, Place, START};
pub use check::{Check, Fault, Found, Mac, Signed};
pub use entry::{AuditEntry, Changes, Seen};
pub use heard::{Happening, Heard};
pub use seal::{Head, Seal};
pub use service::{AuditFilter, events, events_count};
pub use store::Store;
