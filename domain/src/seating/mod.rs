//! Seat use inside a tenant: which of the seats that it holds it gives to which team and campaign, for itself or shared by
//! turns, and what the seats that nobody uses cost. Decides whether a seat can be given so; not who holds it (`leasing`) nor
//! who sits there (`staffing`). Private to the tenant.
//!
//! An assignment lasts while the seat is held: one that reaches further ends with the allocation, by itself.

mod entity;
mod figures;
mod fit;
mod service;
mod store;

pub use entity::{
    AssignMode, AssignmentFilter, AssignmentSort, Campaign, CampaignDraft, MAX_CAMPAIGNS, SeatAssignment,
};
pub use figures::{Given, Group, Held, Month, Sat, SeatFigures, UseSums, fold};
pub use service::{
    AssignDraft, Figures, assignments, assignments_count, assignments_end, assignments_reverse, campaign_create,
    campaigns, figures, seats_assign,
};
pub use store::{Recorded, Store};
