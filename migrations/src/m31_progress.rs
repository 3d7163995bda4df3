//! Jobs say how far they are.

use sea_orm_migration::prelude::*;

use crate::ddl;

const UP: &[&str] = &[
    "ALTER TABLE job ADD COLUMN done {int}",
    "ALTER TABLE job ADD COLUMN total {int}",
    "ALTER TABLE job ADD COLUMN step {text}",
];

const DOWN: &[&str] =
    &["ALTER TABLE job DROP COLUMN step", "ALTER TABLE job DROP COLUMN total", "ALTER TABLE job DROP COLUMN done"];

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
