//! Lines of invoices whose prices contain the tax.

use sea_orm_migration::prelude::*;

use crate::ddl;

/// With tax; nothing where it comes on the price.
const UP: &[&str] = &["ALTER TABLE invoice_line ADD COLUMN gross_minor {int}"];

const DOWN: &[&str] = &["ALTER TABLE invoice_line DROP COLUMN gross_minor"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await
    }
}
