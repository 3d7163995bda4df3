//! Keys that sign access tokens.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::installation("signing_key")];

const UP: &[&str] = &[
    // The private half is there, sealed, for as long as the key signs.
    "CREATE TABLE signing_key (
 kid {text} NOT NULL PRIMARY KEY,
 public_key {bytes} NOT NULL,
 seed_sealed {bytes},
 created_at {instant} NOT NULL,
 superseded_at {instant},
 retired_at {instant}
{end}",
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
