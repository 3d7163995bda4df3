//! Entries of the platform operator in an emergency.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::either("emergency").for_tenant(Access::Read).for_park(Access::Read)];

const UP: &[&str] = &[
    "CREATE TABLE emergency (
 {owned},
 emergency_id {uuid} NOT NULL,
 operator_id {uuid} NOT NULL,
 operator_name {text} NOT NULL,
 reason {text} NOT NULL,
 mode {text} NOT NULL,
 started_at {instant} NOT NULL,
 ends_at {instant} NOT NULL,
 ended_at {instant},
 ended_by {text},
 PRIMARY KEY (park_id, tenant_id, emergency_id),
 CONSTRAINT emergency_mode CHECK (mode IN ('read', 'write')),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "ALTER TABLE session ADD COLUMN emergency_id {uuid}",
    "CREATE INDEX session_emergency ON session (emergency_id)",
];

const DOWN: &[&str] = &["DROP INDEX session_emergency", "ALTER TABLE session DROP COLUMN emergency_id"];

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
