//! Second factors and their recovery codes.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::installation("second_factor"), TableRule::installation("recovery_code")];

const UP: &[&str] = &[
    "CREATE TABLE second_factor (
 user_id {uuid} NOT NULL PRIMARY KEY REFERENCES app_user (user_id),
 secret_sealed {bytes} NOT NULL,
 since {instant},
 last_step {int} NOT NULL,
 created_at {instant} NOT NULL
{end}",
    "CREATE TABLE recovery_code (
 user_id {uuid} NOT NULL REFERENCES second_factor (user_id),
 code_hash {bytes} NOT NULL,
 used_at {instant},
 PRIMARY KEY (user_id, code_hash)
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
