//! Settlement sheets: what the two sides of a lease owe each other when it is over. The tenant reads its own; the park alone
//! writes. Names and reasons are sealed, each bound to its row.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::private("settlement")
    .for_tenant(Access::Read)
    .for_park(Access::Advance(&["state", "agreed_on", "agreed_by_sealed", "withdrawn_for_sealed"]))
    .for_system(Access::None)];

const UP: &[&str] = &[
    "CREATE TABLE settlement (
 {owned},
 settlement_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 number {text} NOT NULL,
 ended_on {date} NOT NULL,
 currency {text} NOT NULL,
 sheet {text} NOT NULL,
 balance_minor {int} NOT NULL,
 sha256 {bytes} NOT NULL,
 state {text} NOT NULL,
 issued_at {instant} NOT NULL,
 issued_by {uuid},
 agreed_on {date},
 agreed_by_sealed {bytes},
 withdrawn_for_sealed {bytes},
 PRIMARY KEY (park_id, tenant_id, settlement_id),
 CONSTRAINT settlement_state CHECK (state IN ('issued', 'agreed', 'withdrawn')),
 CONSTRAINT settlement_agreed CHECK ((state = 'agreed') = (agreed_on IS NOT NULL)),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE UNIQUE INDEX settlement_living ON settlement (park_id, tenant_id, lease_id) WHERE state <> 'withdrawn'",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
