//! Parks, tenants, users, memberships, sessions, grants.

use sea_orm_migration::prelude::*;

use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::installation("app_user"),
    TableRule::installation("session"),
    TableRule::park("park").for_tenant(Access::Read).for_assessor(Access::Read),
    TableRule::shared("tenant").for_assessor(Access::Read),
    TableRule::park("tenant_code"),
    TableRule::park("park_member"),
    TableRule::shared("tenant_member").for_park(Access::None).for_tenant(Access::Write),
    TableRule::park("access_grant"),
];

/// SQLite: the scope of the one writing transaction, which the write triggers compare rows with. Set when it begins,
/// emptied before it commits; empty = nothing can be written.
const WRITE_SCOPE: &[&str] = &[
    "CREATE TABLE write_scope (only INTEGER PRIMARY KEY CHECK (only = 1), class TEXT, park_id BLOB, tenant_id BLOB, tenant_ids TEXT) STRICT",
    "INSERT INTO write_scope (only) VALUES (1)",
];

const UP: &[&str] = &[
    // The mail address identifies: looked up by a keyed hash, kept encrypted.
    "CREATE TABLE app_user (
 user_id {uuid} NOT NULL PRIMARY KEY,
 email_hash {bytes} NOT NULL,
 email_sealed {bytes} NOT NULL,
 display_name {text} NOT NULL,
 password_hash {text} NOT NULL,
 lang {text} NOT NULL,
 disabled_at {instant},
 created_at {instant} NOT NULL,
 CONSTRAINT app_user_email UNIQUE (email_hash)
{end}",
    "CREATE TABLE session (
 session_id {uuid} NOT NULL PRIMARY KEY,
 user_id {uuid} NOT NULL REFERENCES app_user (user_id),
 role {text} NOT NULL,
 scope_park_id {uuid},
 scope_tenant_id {uuid},
 refresh_hash {bytes} NOT NULL,
 started_at {instant} NOT NULL,
 refreshed_at {instant} NOT NULL,
 expires_at {instant} NOT NULL,
 revoked_at {instant},
 CONSTRAINT session_refresh UNIQUE (refresh_hash)
{end}",
    "CREATE TABLE park (
 {park} PRIMARY KEY,
 code {text} NOT NULL,
 name {text} NOT NULL,
 name_en {text} NOT NULL,
 time_zone {text} NOT NULL,
 currency {text} NOT NULL,
 city_tier {int} NOT NULL,
 created_at {instant} NOT NULL,
 CONSTRAINT park_code UNIQUE (park_id, code)
{end}",
    "CREATE TABLE tenant (
 {owned},
 code {text} NOT NULL,
 name {text} NOT NULL,
 name_en {text} NOT NULL,
 business {text} NOT NULL,
 operating_since {date} NOT NULL,
 arrived_on {date} NOT NULL,
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // Codes are unique in a park. A table of the park, because no unique key of tenants' rows may lack the tenant.
    "CREATE TABLE tenant_code (
 {park},
 code {text} NOT NULL,
 of_tenant_id {uuid} NOT NULL,
 PRIMARY KEY (park_id, code),
 FOREIGN KEY (park_id, of_tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE TABLE park_member (
 {park},
 user_id {uuid} NOT NULL,
 role {text} NOT NULL,
 display_name {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date},
 PRIMARY KEY (park_id, user_id, role),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE INDEX park_member_user ON park_member (user_id)",
    "CREATE TABLE tenant_member (
 {owned},
 user_id {uuid} NOT NULL,
 role {text} NOT NULL,
 display_name {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date},
 PRIMARY KEY (park_id, tenant_id, user_id, role),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX tenant_member_user ON tenant_member (user_id)",
    // on_tenant_id NULL = every tenant of the park. Dated: no rows are removed, an end is set.
    "CREATE TABLE access_grant (
 {park},
 grant_id {uuid} NOT NULL,
 user_id {uuid} NOT NULL,
 display_name {text} NOT NULL,
 role {text} NOT NULL,
 on_tenant_id {uuid},
 purpose {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date} NOT NULL,
 revoked_at {instant},
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, grant_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id),
 FOREIGN KEY (park_id, on_tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX access_grant_user ON access_grant (user_id)",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run_on(manager, DbBackend::Sqlite, WRITE_SCOPE).await?;
        ddl::run(manager, UP).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, &["DROP TABLE write_scope"]).await
    }
}
