//! Price books of a park, version by version: what was published never changes.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("price_book").append_only()];

const UP: &[&str] = &["CREATE TABLE price_book (
 {park},
 book {text} NOT NULL,
 version {int} NOT NULL,
 file_text {text} NOT NULL,
 sha256 {bytes} NOT NULL,
 note {text} NOT NULL,
 published_at {instant} NOT NULL,
 published_by {uuid},
 PRIMARY KEY (park_id, book, version),
 CONSTRAINT price_book_version CHECK (version > 0)
{end}"];

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
