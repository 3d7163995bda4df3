//! Sign-in with an account elsewhere: providers of parks, sign-ins that wait for one, links of accounts.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("identity_provider"),
    TableRule::installation("oidc_waiting"),
    TableRule::installation("oidc_link"),
];

const UP: &[&str] = &[
    "CREATE TABLE identity_provider (
 {park},
 provider_id {uuid} NOT NULL,
 name {text} NOT NULL,
 issuer {text} NOT NULL,
 client_id {text} NOT NULL,
 secret_sealed {bytes},
 scopes {text} NOT NULL,
 domains {text} NOT NULL,
 strong {text} NOT NULL,
 created_at {instant} NOT NULL,
 changed_at {instant} NOT NULL,
 PRIMARY KEY (park_id, provider_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // What the provider gives back leads here by its hash alone; what it must not know is sealed.
    "CREATE TABLE oidc_waiting (
 state_hash {bytes} NOT NULL PRIMARY KEY,
 browser_hash {bytes} NOT NULL,
 provider_id {uuid} NOT NULL,
 secrets_sealed {bytes} NOT NULL,
 user_id {uuid} REFERENCES app_user (user_id),
 expires_at {instant} NOT NULL
{end}",
    "CREATE INDEX oidc_waiting_expires ON oidc_waiting (expires_at)",
    // What a provider calls somebody is kept as a keyed hash.
    "CREATE TABLE oidc_link (
 link_id {uuid} NOT NULL PRIMARY KEY,
 identity_hash {bytes} NOT NULL,
 user_id {uuid} NOT NULL REFERENCES app_user (user_id),
 issuer {text} NOT NULL,
 own {bool} NOT NULL,
 created_at {instant} NOT NULL,
 used_at {instant}
{end}",
    "CREATE UNIQUE INDEX oidc_link_identity ON oidc_link (identity_hash)",
    "CREATE INDEX oidc_link_user ON oidc_link (user_id)",
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
