//! Sessions that tell where they are and whose tokens have families; wrong tries at secrets.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::installation("wrong_try")];

const UP: &[&str] = &[
    "ALTER TABLE session ADD COLUMN family_hash {bytes}",
    "ALTER TABLE session ADD COLUMN device {text}",
    "ALTER TABLE session ADD COLUMN place {text}",
    "ALTER TABLE session ADD COLUMN proven_at {instant}",
    "ALTER TABLE session ADD COLUMN ended {text}",
    "CREATE UNIQUE INDEX session_family ON session (family_hash)",
    "CREATE INDEX session_of_user ON session (user_id)",
    // Keyed hashes of what was tried from where: the table tells neither accounts nor addresses.
    "CREATE TABLE wrong_try (
 try_key {bytes} NOT NULL PRIMARY KEY,
 tries {int} NOT NULL,
 last_at {instant} NOT NULL
{end}",
    "CREATE INDEX wrong_try_last ON wrong_try (last_at)",
];

const DOWN: &[&str] = &[
    "DROP INDEX session_of_user",
    "DROP INDEX session_family",
    "ALTER TABLE session DROP COLUMN ended",
    "ALTER TABLE session DROP COLUMN proven_at",
    "ALTER TABLE session DROP COLUMN place",
    "ALTER TABLE session DROP COLUMN device",
    "ALTER TABLE session DROP COLUMN family_hash",
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
        ddl::run(manager, DOWN).await
    }
}
