//! Months that later invoices of their lease correct, and which invoices looked for such months.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("invoice_correction").append_only()];

const UP: &[&str] = &[
    // Whether it brought every month billed before it up to what was known: then nobody has to look further back. Invoices from
    // before this did not.
    "ALTER TABLE invoice ADD COLUMN brings_up {bool} NOT NULL DEFAULT FALSE",
    // `net_minor` is what the lines for the corrected month come to.
    "CREATE TABLE invoice_correction (
 {owned},
 invoice_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 month {date} NOT NULL,
 net_minor {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, invoice_id, month),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX invoice_correction_lease ON invoice_correction (park_id, tenant_id, lease_id, month)",
    // What was recorded of a lease since an instant.
    "CREATE INDEX seat_ledger_recorded ON seat_ledger (park_id, tenant_id, lease_id, recorded_at)",
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
        let down = ["DROP INDEX seat_ledger_recorded", "ALTER TABLE invoice DROP COLUMN brings_up"];
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &down).await
    }
}
