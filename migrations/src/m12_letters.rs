//! Letters, addresses that refuse them, invitations, ways to another password.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::either("letter"),
    TableRule::installation("mail_suppression"),
    TableRule::park("invitation"),
    TableRule::installation("password_reset"),
];

const UP: &[&str] = &[
    // The address identifies and stays sealed; what the letter says is sealed too and forgotten once it has left, because it
    // holds links that work.
    "CREATE TABLE letter (
 {owned},
 letter_id {uuid} NOT NULL,
 kind {text} NOT NULL,
 lang {text} NOT NULL,
 recipient_sealed {bytes} NOT NULL,
 facts_sealed {bytes},
 user_id {uuid},
 state {text} NOT NULL,
 code {text},
 posted_at {instant} NOT NULL,
 ended_at {instant},
 PRIMARY KEY (park_id, tenant_id, letter_id),
 CONSTRAINT letter_state CHECK (state IN ('waiting', 'sent', 'failed', 'suppressed')),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE mail_suppression (
 address_hash {bytes} NOT NULL PRIMARY KEY,
 code {text} NOT NULL,
 since {instant} NOT NULL
{end}",
    // The token of the link is known by its hash alone.
    "CREATE TABLE invitation (
 {park},
 invitation_id {uuid} NOT NULL,
 token_hash {bytes} NOT NULL,
 email_hash {bytes} NOT NULL,
 email_sealed {bytes} NOT NULL,
 role {text} NOT NULL,
 on_tenant_id {uuid},
 purpose {text},
 valid_from {date},
 valid_to {date},
 lang {text} NOT NULL,
 invited_by {uuid},
 created_at {instant} NOT NULL,
 expires_at {instant} NOT NULL,
 accepted_at {instant},
 revoked_at {instant},
 PRIMARY KEY (park_id, invitation_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id),
 FOREIGN KEY (park_id, on_tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX invitation_token ON invitation (token_hash)",
    // user_id NULL: somebody asked for an address that belongs to nobody.
    "CREATE TABLE password_reset (
 token_hash {bytes} NOT NULL PRIMARY KEY,
 user_id {uuid} REFERENCES app_user (user_id),
 created_at {instant} NOT NULL,
 expires_at {instant} NOT NULL,
 used_at {instant}
{end}",
    "CREATE INDEX password_reset_expires ON password_reset (expires_at)",
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
