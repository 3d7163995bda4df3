//! Programs of parks and tenants, and their tokens.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::either("service_account").for_system(Access::Read), TableRule::either("service_token")];

const UP: &[&str] = &[
    // Accounts are never removed: what they did is on record under their name.
    "CREATE TABLE service_account (
 {owned},
 account_id {uuid} NOT NULL,
 name {text} NOT NULL,
 role {text} NOT NULL,
 scopes {text} NOT NULL,
 created_at {instant} NOT NULL,
 created_by {uuid},
 deleted_at {instant},
 PRIMARY KEY (park_id, tenant_id, account_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // A token is known by its hash alone.
    "CREATE TABLE service_token (
 {owned},
 token_id {uuid} NOT NULL,
 account_id {uuid} NOT NULL,
 token_hash {bytes} NOT NULL,
 valid_to {date} NOT NULL,
 created_at {instant} NOT NULL,
 created_by {uuid},
 last_used_at {instant},
 last_used_from {text},
 revoked_at {instant},
 PRIMARY KEY (park_id, tenant_id, token_id),
 FOREIGN KEY (park_id, tenant_id, account_id) REFERENCES service_account (park_id, tenant_id, account_id)
{end}",
    "CREATE INDEX service_token_hash ON service_token (token_hash)",
    "CREATE INDEX service_token_account ON service_token (park_id, tenant_id, account_id)",
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
