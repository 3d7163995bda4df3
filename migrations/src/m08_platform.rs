//! Files, jobs, idempotency keys, the audit log.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::either("stored_file"),
    TableRule::either("job"),
    TableRule::either("idempotency"),
    // What an assessor does is on the record of the tenant it was done to.
    TableRule::either("audit_event").for_assessor(Access::Add).append_only(),
];

const UP: &[&str] = &[
    // The bytes lie in the file store under their hash; the row says whose they are and what they are called.
    "CREATE TABLE stored_file (
 {owned},
 file_id {uuid} NOT NULL,
 sha256 {bytes} NOT NULL,
 bytes {int} NOT NULL,
 name {text} NOT NULL,
 media_type {text} NOT NULL,
 stored_at {instant} NOT NULL,
 stored_by {uuid},
 PRIMARY KEY (park_id, tenant_id, file_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE job (
 {owned},
 job_id {uuid} NOT NULL,
 kind {text} NOT NULL,
 payload {json} NOT NULL,
 state {text} NOT NULL,
 attempts {int} NOT NULL,
 run_at {instant} NOT NULL,
 leased_until {instant},
 last_error {text},
 enqueued_at {instant} NOT NULL,
 enqueued_by {uuid},
 finished_at {instant},
 PRIMARY KEY (park_id, tenant_id, job_id),
 CONSTRAINT job_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE INDEX job_due ON job (state, run_at)",
    "CREATE TABLE idempotency (
 {owned},
 actor {uuid} NOT NULL,
 operation {text} NOT NULL,
 key {text} NOT NULL,
 request_sha256 {bytes} NOT NULL,
 answer {json} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, actor, operation, key),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE audit_event (
 {owned},
 audit_id {uuid} NOT NULL,
 at {instant} NOT NULL,
 actor {uuid},
 role {text} NOT NULL,
 action {text} NOT NULL,
 subject {text} NOT NULL,
 detail {json} NOT NULL,
 request {text} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, audit_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
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
