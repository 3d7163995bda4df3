//! Months that a credit note brings up to what was known of them.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("credit_note_correction").append_only()];

const UP: &[&str] = &[
    // `net_minor` is what the note takes back for the month, before tax.
    "CREATE TABLE credit_note_correction (
 {owned},
 note_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 month {date} NOT NULL,
 known_at {instant} NOT NULL,
 net_minor {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, note_id, month),
 FOREIGN KEY (park_id, tenant_id, note_id) REFERENCES credit_note (park_id, tenant_id, note_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX credit_note_correction_lease ON credit_note_correction (park_id, tenant_id, lease_id, month)",
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
