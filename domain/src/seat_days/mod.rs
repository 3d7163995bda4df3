//! Seat-days: the four views of the time line of seats. Leased (a tenant holds the seat), occupied (somebody sits there),
//! effective (who sits there is employed as a rule asks), logged in (who sits there worked in the systems).
//!
//! Decides what counts as which on which day, as known at an instant, and reads lists that prove employment and presence.
//! Does not decide who holds or sits where (`leasing`, `staffing`), nor what an effective seat earns (`policies`).
//!
//! Each view lies within the one before, except that effective and logged in lie side by side within occupied.

mod count;
mod days;
mod entity;
mod presence;
mod proof;
mod rule;
mod service;
mod store;

pub use count::{Figures, Series, count};
pub use entity::{
    AtSeat, Contract, Facts, Held, LedgerRow, MAX_MONTHS, Present, Proven, RowKind, Sat, Seat, Tally, Views, Window,
};
pub use proof::{ContractEntry, Identity, PaidMonth};
pub use rule::{BUILT_IN, Counting, EffectiveRule, RulePack, RunOf};
pub use service::{
    Ask, counted_for, employment_import, presence_import, presence_withdraw, rule_of, seat_days, seat_ledger,
};
pub use store::{FactsAsk, PresenceEntry, Source, Store, Who};
