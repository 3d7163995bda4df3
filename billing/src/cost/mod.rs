//! Unit-seat cost: what a seat of a tenant costs in a month, part by part.
//!
//! Decides which parts there are (a data pack), which entries are sound, how rows of a file become entries, and how
//! the month's total is spread over seats: three bases side by side, each with its own denominator, because a cost
//! without its denominator says nothing. Every quotient is exact until its one rounding; a denominator of nothing gives
//! no figure, never zero.
//!
//! Does not decide rent, which is read from the park's invoices, nor comparisons with other tenants.

mod categories;
mod entry;
mod import;
mod service;
mod store;
mod unit;

pub use categories::{CategoryPack, CategoryRole, CostCategory};
pub use entry::{CostEntry, CostSource, MAX_NOTE_CHARS, check_entry, rent_entry};
pub use import::{CostImport, import_rows};
pub use service::{CostDraft, MAX_TREND_MONTHS, MonthCost, cost_entry_add, cost_import, costs};
pub use store::{CostRecord, Store};
pub use unit::{CategoryCost, PerSeat, SeatDays, Share, UnitSeatCost, average_seats, unit_seat_cost};
