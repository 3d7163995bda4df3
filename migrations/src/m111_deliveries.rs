//! Invoices sent by mail: a row a letter, with what became of it, and whether a park sends them with its billing run.
//!
//! The letter itself is on the park's record; a tenant reads here what of its own invoices was sent to whom.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("invoice_delivery")
        .for_tenant(Access::Read)
        .for_park(Access::Advance(&["state", "code", "ended_at"]))
        .for_system(Access::None),
    TableRule::park("invoice_policy").for_system(Access::None),
];

const UP: &[&str] = &[
    "CREATE TABLE invoice_delivery (
 {owned},
 letter_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 to_sealed {bytes} NOT NULL,
 language {text} NOT NULL,
 posted_at {instant} NOT NULL,
 posted_by {uuid},
 state {text} NOT NULL,
 code {text},
 ended_at {instant},
 PRIMARY KEY (park_id, tenant_id, letter_id),
 CONSTRAINT invoice_delivery_language CHECK (language IN ('zh', 'en', 'both')),
 CONSTRAINT invoice_delivery_state CHECK (state IN ('waiting', 'sent', 'failed', 'suppressed')),
 CONSTRAINT invoice_delivery_ended CHECK ((state = 'waiting') = (ended_at IS NULL)),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX invoice_delivery_of ON invoice_delivery (park_id, tenant_id, invoice_id)",
    "CREATE INDEX invoice_delivery_letter ON invoice_delivery (park_id, letter_id)",
    "CREATE TABLE invoice_policy (
 {park} PRIMARY KEY,
 send_with_run {bool} NOT NULL,
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
