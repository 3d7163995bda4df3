//! Connections, transactions and scope: the one place that begins a transaction.

mod adopt;
pub mod audit;
mod bootstrap;
mod connect;
mod error;
mod news;
mod reach;
mod statistics;
mod tx;

pub use bootstrap::{bootstrap, migrate_down, migrate_up, migration_status};
pub use connect::{Db, DbOptions};
pub use error::{fail, violated};
pub use news::News;
pub use reach::Reach;
pub use tx::{Slot, Tx};
