//! Leases that are priced by a version of a price book. The tenant has a copy of it, and sees no other.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("agreed_price_book").append_only()];

const UP: &[&str] = &[
    "CREATE TABLE agreed_price_book (
 {owned},
 book {text} NOT NULL,
 version {int} NOT NULL,
 file_text {text} NOT NULL,
 sha256 {bytes} NOT NULL,
 agreed_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, book, version),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id),
 FOREIGN KEY (park_id, book, version) REFERENCES price_book (park_id, book, version)
{end}",
    "ALTER TABLE lease_version ADD COLUMN price_book {text}",
    "ALTER TABLE lease_version ADD COLUMN price_book_version {int}
      CONSTRAINT lease_version_book CHECK ((price_book IS NULL) = (price_book_version IS NULL))",
];

const DOWN: &[&str] =
    &["ALTER TABLE lease_version DROP COLUMN price_book_version", "ALTER TABLE lease_version DROP COLUMN price_book"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        ddl::drop(manager, TABLES).await
    }
}
