//! Requests of tenants to their park (席位申请): more seats, fewer, or others. Decides what may be done to a request in which
//! state, whose turn it is and by when; not what becomes of seats and leases, which is done in leasing and only named here.
//!
//! A request is seen by the tenant that made it and by its park, and by nobody else. No change is silent: each begins a
//! job in its own transaction that writes to the other side.

mod clock;
mod entity;
mod notice;
mod service;
mod store;

pub use clock::{Clock, MAX_DAYS, clock, clock_set};
pub use entity::{
    Reference, RequestAct, RequestDraft, RequestFilter, RequestKind, RequestSort, RequestState, RequestStep,
    SeatRequest, Side,
};
pub use notice::{JOB, told};
pub use service::{Act, request_act, request_create, requests, requests_count};
pub use store::Store;
