//! What meters counted for leases whose price book charges it: power, water, calls. A figure is of a meter, a lease and a month,
//! and what was recorded last counts; nothing is changed. What is recorded after the month was billed is charged by the next
//! invoice of the lease, as any late fact.

mod entity;
mod service;
mod store;

pub use entity::{MeterUsage, UsageRecord};
pub use service::{UsageDraft, meters, usage_record};
pub use store::Store;
