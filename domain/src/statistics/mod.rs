//! Statistics: figures of a park as a whole, for its staff and for officers who hold a grant on all of it.
//!
//! Decides who may see them and which of them would tell of a single tenant. Does not decide what is counted where: leases,
//! people and assessments are of their own contexts.

mod entity;
mod service;
mod store;

pub use entity::{AtLevel, Counted, FEWEST, ParkFigures};
pub use service::park_figures;
pub use store::Store;
