//! Passkeys, and questions to browsers that wait for an answer.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::installation("passkey"), TableRule::installation("passkey_question")];

const UP: &[&str] = &[
    "CREATE TABLE passkey (
 passkey_id {uuid} NOT NULL PRIMARY KEY,
 user_id {uuid} NOT NULL REFERENCES app_user (user_id),
 credential_id {bytes} NOT NULL,
 fixed {bytes} NOT NULL,
 moving {bytes} NOT NULL,
 name_sealed {bytes} NOT NULL,
 created_at {instant} NOT NULL,
 used_at {instant}
{end}",
    "CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id)",
    "CREATE INDEX passkey_user ON passkey (user_id)",
    // The browser that was asked is known by the hash of what it keeps.
    "CREATE TABLE passkey_question (
 ticket_hash {bytes} NOT NULL PRIMARY KEY,
 purpose {text} NOT NULL,
 user_id {uuid} REFERENCES app_user (user_id),
 state {bytes} NOT NULL,
 expires_at {instant} NOT NULL,
 CONSTRAINT passkey_purpose CHECK (purpose IN ('sign_in', 'step_up', 'add'))
{end}",
    "CREATE INDEX passkey_question_expires ON passkey_question (expires_at)",
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
