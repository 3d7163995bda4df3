//! Invoices that nobody pays any more: what a park gave up of them, and what it asks for again.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("invoice_write_off").append_only()];

const UP: &[&str] = &[
    "CREATE TABLE invoice_write_off (
 {owned},
 act_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 step {text} NOT NULL,
 amount_minor {int} NOT NULL,
 done_on {date} NOT NULL,
 reason {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, act_id),
 CONSTRAINT invoice_write_off_step CHECK (step IN ('written_off', 'restored')),
 CONSTRAINT invoice_write_off_amount CHECK (amount_minor > 0),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX invoice_write_off_of ON invoice_write_off (park_id, tenant_id, invoice_id)",
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
