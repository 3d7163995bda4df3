//! Files have a state, their bytes a row by which removing and storing the same content keep out of each other's way.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::installation("stored_content")];

const UP: &[&str] = &[
    "ALTER TABLE stored_file ADD COLUMN state {text} NOT NULL DEFAULT 'clean'
 CONSTRAINT stored_file_state CHECK (state IN ('waiting', 'clean', 'refused'))",
    "ALTER TABLE stored_file ADD COLUMN scanned_at {instant}",
    // An assessor sees the evidence and not the file it was made of.
    "ALTER TABLE evidence ADD COLUMN file_state {text} NOT NULL DEFAULT 'clean'
 CONSTRAINT evidence_file_state CHECK (file_state IN ('waiting', 'clean', 'refused'))",
    // What the sweep asks of every stored content.
    "CREATE INDEX stored_file_content ON stored_file (sha256)",
    "CREATE INDEX evidence_content ON evidence (file_sha256)",
    "CREATE INDEX contact_import_content ON contact_import (file_sha256)",
    "CREATE INDEX stored_file_waiting ON stored_file (stored_at) WHERE state = 'waiting'",
    "CREATE TABLE stored_content (
 sha256 {bytes} NOT NULL PRIMARY KEY,
 claimed_at {instant} NOT NULL
{end}",
];

const DOWN: &[&str] = &[
    "DROP INDEX stored_file_waiting",
    "DROP INDEX contact_import_content",
    "DROP INDEX evidence_content",
    "DROP INDEX stored_file_content",
    "ALTER TABLE evidence DROP COLUMN file_state",
    "ALTER TABLE stored_file DROP COLUMN scanned_at",
    "ALTER TABLE stored_file DROP COLUMN state",
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
