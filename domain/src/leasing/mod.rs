//! Leasing: what a tenant and its park agree (a lease and its versions), and who holds which seat when.
//!
//! What is agreed is never edited: an amendment is the next version of the terms. An allocation is what is known now;
//! the seat ledger keeps every step to it, when it is true and when it was recorded, and is what bills are computed
//! from. No seat is held twice at one time of one day; the database refuses it too.

mod agreed;
mod amend;
mod clauses;
mod concessions;
mod entity;
mod fit;
mod hold;
mod indexing;
mod moving;
mod proration;
mod renew;
mod service;
mod store;
mod terms;

pub use agreed::Decreasing;
pub(crate) use amend::read_steps;
pub use amend::{Amendment, Bound, amend};
pub use clauses::{Clauses, ClausesDraft, Decrease, LateFee, MAX_NOTICE_DAYS, Minimum, RenewalOption, Share};
pub use concessions::{Concession, ConcessionDraft, ConcessionKind, Off};
pub use entity::{
    Allocation, FULL_DAY, Lease, LeaseFilter, LeaseSort, LeaseState, LeaseVersion, LedgerEntry, LedgerKind, Locked,
    Release, Shift, Sitting, release,
};
pub use fit::MAX_SEATS;
pub(crate) use fit::{Wanted, count_ok, fit};
pub use hold::{
    HoldEnd, HoldRequest, HoldSort, HoldState, Holds, MAX_HOLD_DAYS, SeatHold, hold_extend, hold_release, holds,
    holds_by_id, holds_count, seats_hold,
};
pub use indexing::{
    INDEX_EARLY_DAYS, IndexClause, IndexDraft, IndexFigure, IndexReview, lease_index_preview, lease_index_review,
};
pub use moving::{LeaseEnd, Moved, SeatMove, lease_end, seats_move};
pub use proration::Proration;
pub use renew::{Renewal, Transfer, Transferred, lease_renew, lease_transfer};
pub use service::{
    AllocationRequest, LeaseDraft, ReleaseRequest, Released, TenantSeatCounts, allocations, lease_amend, lease_amended,
    lease_create, leases, leases_count, seats_allocate, seats_release, tenant_seat_counts, tenant_seat_use,
};
pub use store::{AllocationsOf, SeatHeld, Store};
pub use terms::{BookVersion, LeaseTerms, PriceStep};
