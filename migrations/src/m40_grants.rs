//! What grants let their holders do, what holders declare first, and grants on whole regions.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("grant_declaration").append_only().for_park(Access::Read),
    TableRule::park("grant_recusal").append_only().for_park(Access::Read),
    TableRule::installation("region_grant"),
];

const UP: &[&str] = &[
    // What was given before went as far as any grant went.
    "ALTER TABLE access_grant ADD COLUMN abilities {text} NOT NULL DEFAULT 'read rate sample'",
    "ALTER TABLE access_grant ADD COLUMN region_grant_id {uuid}",
    "ALTER TABLE access_grant ADD COLUMN region {text}",
    "ALTER TABLE invitation ADD COLUMN abilities {text}",
    // GB/T 2260, six digits; NULL where nobody has said it.
    "ALTER TABLE park ADD COLUMN region {text}",
    // Numbered from 1 by grant; the last one counts.
    "CREATE TABLE grant_declaration (
 {park},
 grant_id {uuid} NOT NULL,
 n {int} NOT NULL,
 statement {text} NOT NULL,
 declared_at {instant} NOT NULL,
 PRIMARY KEY (park_id, grant_id, n),
 FOREIGN KEY (park_id, grant_id) REFERENCES access_grant (park_id, grant_id)
{end}",
    "CREATE TABLE grant_recusal (
 {park},
 grant_id {uuid} NOT NULL,
 n {int} NOT NULL,
 on_tenant_id {uuid} NOT NULL,
 reason_sealed {bytes} NOT NULL,
 PRIMARY KEY (park_id, grant_id, n, on_tenant_id),
 FOREIGN KEY (park_id, grant_id, n) REFERENCES grant_declaration (park_id, grant_id, n),
 FOREIGN KEY (park_id, on_tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE TABLE region_grant (
 region_grant_id {uuid} NOT NULL PRIMARY KEY,
 region {text} NOT NULL,
 user_id {uuid} NOT NULL REFERENCES app_user (user_id),
 display_name {text} NOT NULL,
 role {text} NOT NULL,
 purpose {text} NOT NULL,
 abilities {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date} NOT NULL,
 revoked_at {instant},
 created_at {instant} NOT NULL
{end}",
];

const DOWN: &[&str] = &[
    "ALTER TABLE park DROP COLUMN region",
    "ALTER TABLE invitation DROP COLUMN abilities",
    "ALTER TABLE access_grant DROP COLUMN region",
    "ALTER TABLE access_grant DROP COLUMN region_grant_id",
    "ALTER TABLE access_grant DROP COLUMN abilities",
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
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, DOWN).await
    }
}
