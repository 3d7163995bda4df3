//! Shifts, the roster kept by hand, who sits where, and how many people a day needs. Decides who can be rostered and
//! seated when; not who is employed (`people`), which seats a tenant holds (`leasing`) or what was offered
//! (`operations`): those it reads.

mod day;
mod entity;
mod roster;
mod service;
mod store;
mod terms;

pub use day::{
    BASIS, DayFacts, DayPlan, Grain, PlannedInterval, Quarter, RosteredShift, SeatWindow, basis_days, day_start, plan,
};
pub use entity::{
    DAY_MIN, MAX_ENTRIES, MAX_ROSTER_DAYS, MAX_SHIFTS, Occupancy, RosterAsk, RosterEntry, SeatHolding, Shift,
    ShiftDraft,
};
pub use roster::{RosterChange, RosterPlan, decide};
pub use service::{
    OccupancyDraft, RosterSet, occupancies, occupancies_count, roster, roster_set, seat_occupy, seat_vacate,
    shift_create, shifts, staffing,
};
pub use store::{Placed, Store};
pub use terms::{ErlangModel, TargetTerms};
