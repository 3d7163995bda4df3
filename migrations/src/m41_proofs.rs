//! Sessions know whether they were opened with more than a password, and whether a park's provider alone vouches for them.

use sea_orm_migration::prelude::*;

use crate::ddl;

const UP: &[&str] =
    &["ALTER TABLE session ADD COLUMN strong {bool}", "ALTER TABLE session ADD COLUMN vouched_park_id {uuid}"];

const DOWN: &[&str] = &["ALTER TABLE session DROP COLUMN vouched_park_id", "ALTER TABLE session DROP COLUMN strong"];

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
