//! Work that is done by itself, at its time.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

/// What a park may set of its schedules; the rest is the worker's.
const SETS: &[&str] = &["timing", "enabled", "next_at"];

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("schedule").for_park(Access::Advance(SETS))];

const UP: &[&str] = &[
    "CREATE TABLE schedule (
 {park},
 schedule_id {uuid} NOT NULL,
 kind {text} NOT NULL,
 timing {text} NOT NULL,
 enabled {text} NOT NULL,
 next_at {instant} NOT NULL,
 begun_at {instant},
 job_id {uuid},
 PRIMARY KEY (park_id, schedule_id),
 CONSTRAINT schedule_kind UNIQUE (park_id, kind),
 CONSTRAINT schedule_enabled CHECK (enabled IN ('on', 'off')),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE INDEX schedule_due ON schedule (next_at)",
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
