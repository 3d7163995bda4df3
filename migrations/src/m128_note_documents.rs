//! What is fixed with a credit note, and credit notes sent by mail.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::shared("credit_note_fixed").for_park(Access::Append).for_system(Access::None)];

const UP: &[&str] = &[
    // Its sides are those that were fixed with its invoice.
    "CREATE TABLE credit_note_fixed (
 {owned},
 note_id {uuid} NOT NULL,
 sha256 {bytes} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, note_id),
 FOREIGN KEY (park_id, tenant_id, note_id) REFERENCES credit_note (park_id, tenant_id, note_id)
{end}",
    // The note that a letter brings, over the invoice of the row; nothing where it brings the invoice itself.
    "ALTER TABLE invoice_delivery ADD COLUMN note_id {uuid}",
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
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &["ALTER TABLE invoice_delivery DROP COLUMN note_id"]).await
    }
}
