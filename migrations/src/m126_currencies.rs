//! Leases in other currencies than their park's: in which the amounts of a lease in a billing run are.

use sea_orm_migration::prelude::*;

use crate::rule::{Access, TableRule};
use crate::secure::grant_anew;
use crate::{ddl, m116_billing_runs};

/// What becomes of a lease in a run, from now on with its currency.
pub(crate) const TABLES: &[TableRule] = &[TableRule::park("billing_run_lease")
    .for_park(Access::Advance(&[
        "state",
        "currency",
        "before_minor",
        "net_minor",
        "tax_minor",
        "total_minor",
        "invoice_id",
        "guard",
        "usual_minor",
        "refusal",
        "unsent",
    ]))
    .for_system(Access::None)];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing stands for the currency of the run, in which everything was until now.
        ddl::run(manager, &["ALTER TABLE billing_run_lease ADD COLUMN currency {text}"]).await?;
        for rule in TABLES {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for rule in m116_billing_runs::TABLES.iter().filter(|rule| TABLES.iter().any(|now| now.name == rule.name)) {
            grant_anew(manager, rule).await?;
        }
        ddl::run(manager, &["ALTER TABLE billing_run_lease DROP COLUMN currency"]).await
    }
}
