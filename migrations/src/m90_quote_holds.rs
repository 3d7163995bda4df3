//! Seats kept for a quote: which hold belongs to which version.

use sea_orm_migration::prelude::*;

use crate::rule::{Access, TableRule};
use crate::secure::{grant_anew, secure};
use crate::{ddl, m51_holds};

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("quote_hold").for_park(Access::Append)];

/// Holds as they can change from now on: who accepts a quote becomes the one its seats are kept for.
pub(crate) const HOLDS: &[TableRule] =
    &[TableRule::park("seat_hold").for_park(Access::Advance(&["expires_at", "tenant_id"]))];

const UP: &[&str] = &[
    "CREATE TABLE quote_hold (
 {park},
 hold_id {uuid} NOT NULL,
 quote_id {uuid} NOT NULL,
 PRIMARY KEY (park_id, hold_id),
 FOREIGN KEY (park_id, hold_id) REFERENCES seat_hold (park_id, hold_id),
 FOREIGN KEY (park_id, quote_id) REFERENCES quote (park_id, quote_id)
{end}",
    "CREATE INDEX quote_hold_quote ON quote_hold (park_id, quote_id)",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await?;
        for rule in HOLDS {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await?;
        for rule in m51_holds::TABLES.iter().filter(|rule| HOLDS.iter().any(|now| now.name == rule.name)) {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }
}
