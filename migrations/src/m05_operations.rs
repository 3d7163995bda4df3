//! Contacts, their imports and intervals: private to the tenant.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("queue"),
    TableRule::private("contact_import"),
    TableRule::private("import_issue"),
    TableRule::private("contact"),
    TableRule::private("contact_interval"),
];

const UP: &[&str] = &[
    "CREATE TABLE queue (
 {owned},
 queue_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, queue_id),
 CONSTRAINT queue_code UNIQUE (park_id, tenant_id, code),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // One import of one file. resume_at and parser_state are written with each batch of contacts, in its transaction.
    "CREATE TABLE contact_import (
 {owned},
 import_id {uuid} NOT NULL,
 file_id {uuid} NOT NULL,
 file_sha256 {bytes} NOT NULL,
 format {text} NOT NULL,
 options {json} NOT NULL,
 state {text} NOT NULL,
 rows_read {int} NOT NULL,
 contacts_added {int} NOT NULL,
 contacts_known {int} NOT NULL,
 rows_refused {int} NOT NULL,
 bytes_total {int} NOT NULL,
 bytes_read {int} NOT NULL,
 resume_at {int} NOT NULL,
 parser_state {json},
 failure {json},
 started_at {instant} NOT NULL,
 finished_at {instant},
 PRIMARY KEY (park_id, tenant_id, import_id),
 CONSTRAINT contact_import_file UNIQUE (park_id, tenant_id, file_sha256, format),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // Rows kept aside. One row can be at fault for several calls of an event log, so issues are numbered. The row itself
    // may name people and is sealed.
    "CREATE TABLE import_issue (
 {owned},
 import_id {uuid} NOT NULL,
 issue_no {int} NOT NULL,
 row_no {int} NOT NULL,
 field {text} NOT NULL,
 rule {text} NOT NULL,
 args {json} NOT NULL,
 row_sealed {bytes} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, import_id, issue_no),
 FOREIGN KEY (park_id, tenant_id, import_id) REFERENCES contact_import (park_id, tenant_id, import_id)
{end}",
    // source_key: 16 bytes that identify the record at its source, so that a record counts once whatever file it
    // comes in. Agents and end customers are keyed pseudonyms. Instants are milliseconds since 1970 UTC. A provisional
    // contact had not ended when its log was cut; what became of it replaces it.
    "CREATE TABLE contact (
 {owned},
 source_key {bytes} NOT NULL,
 import_id {uuid} NOT NULL,
 queue_id {uuid} NOT NULL,
 direction {text} NOT NULL,
 entered_ms {int} NOT NULL,
 queued_ms {int} NOT NULL,
 outcome {text} NOT NULL,
 wait_s {int} NOT NULL,
 handle_s {int},
 priority {int} NOT NULL,
 agent {bytes},
 end_customer {bytes},
 provisional {bool} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, source_key),
 FOREIGN KEY (park_id, tenant_id, queue_id) REFERENCES queue (park_id, tenant_id, queue_id),
 FOREIGN KEY (park_id, tenant_id, import_id) REFERENCES contact_import (park_id, tenant_id, import_id)
{end}",
    "CREATE INDEX contact_time ON contact (park_id, tenant_id, queued_ms)",
    "CREATE INDEX contact_provisional ON contact (park_id, tenant_id) WHERE provisional",
    // 15 minutes of a queue; 30 minutes are the sum of two. Threshold counts are those of one definition version.
    "CREATE TABLE contact_interval (
 {owned},
 queue_id {uuid} NOT NULL,
 start_ms {int} NOT NULL,
 definition {text} NOT NULL,
 offered {int} NOT NULL,
 answered {int} NOT NULL,
 abandoned {int} NOT NULL,
 not_offered {int} NOT NULL,
 answered_in {int} NOT NULL,
 abandoned_in {int} NOT NULL,
 short_abandoned {int} NOT NULL,
 wait_answered_s {int} NOT NULL,
 wait_abandoned_s {int} NOT NULL,
 longest_wait_s {int} NOT NULL,
 handled {int} NOT NULL,
 handle_s {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, start_ms, queue_id, definition),
 FOREIGN KEY (park_id, tenant_id, queue_id) REFERENCES queue (park_id, tenant_id, queue_id)
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
