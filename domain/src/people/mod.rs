//! People and teams of a tenant. Decides who is employed from when to when, in which team, and what a list of people
//! may change of that; not when they work or where they sit (`staffing`).

mod entity;
mod import;
mod service;
mod store;

pub use entity::{MAX_TEAMS, Person, PersonFilter, PersonName, PersonSort, Team};
pub use import::{COLUMNS, PersonRow, read_rows};
pub use service::{people, people_count, people_import, teams};
pub use store::{InUse, Store};
