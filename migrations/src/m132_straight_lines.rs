//! Straight lines of leases are looked for by lease.

use sea_orm_migration::prelude::*;

use crate::ddl;

const UP: &[&str] =
    &["CREATE INDEX ledger_line_term ON ledger_line (park_id, stream_id, earned_until) WHERE stream_kind = 'term'"];

const DOWN: &[&str] = &["DROP INDEX ledger_line_term"];

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
