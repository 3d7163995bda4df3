//! The unit of work with the ports of both pure crates, and where transactions come from.

use async_trait::async_trait;
use voxpark_domain::uow::{DomainTx, Mode};
use voxpark_domain::{Ctx, Result};

/// Every port of every context on one transaction. Dropping it without [`commit`](Self::commit) undoes everything.
#[async_trait]
pub trait Tx:
    DomainTx
    + crate::invoicing::Store
    + crate::invoicing::Corrections
    + crate::settling::Store
    + crate::cost::Store
    + crate::crediting::Store
    + crate::ledger::Store
    + crate::fiscal::Store
    + crate::parties::Store
    + crate::platform_invoices::Store
    + crate::sending::Store
    + crate::receiving::Store
    + crate::price_books::Store
    + crate::repricing::Store
    + crate::runs::Store
    + crate::usage::Store
{
    /// Makes the changes last.
    async fn commit(self: Box<Self>) -> Result<()>;
    /// How many statements it has run (tests hold operations to a constant number).
    fn statements(&self) -> u64;
}

/// Opens transactions, each for one context.
#[async_trait]
pub trait Database: Send + Sync {
    /// Opens one. What the context cannot reach does not exist in it.
    async fn begin(&self, ctx: &Ctx, mode: Mode) -> Result<Box<dyn Tx>>;
}
