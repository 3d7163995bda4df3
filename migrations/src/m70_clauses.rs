//! What a lease agrees beside what it costs, and what became of leases that were handed over. Whether the zones of a lease are
//! its own is a column too: every buyer asks for it.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::m52_pipeline::own;
use crate::rule::TableRule;
use crate::secure::secure;

// Two tenants in one row: the park's own.
pub(crate) const TABLES: &[TableRule] = &[own("lease_transfer")];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let up = [
            "ALTER TABLE lease_version ADD COLUMN clauses {json} NOT NULL DEFAULT '{}'",
            "ALTER TABLE lease_version ADD COLUMN own_zone {bool} NOT NULL DEFAULT FALSE",
            "CREATE TABLE lease_transfer (
 {park},
 from_tenant_id {uuid} NOT NULL,
 from_lease_id {uuid} NOT NULL,
 to_tenant_id {uuid} NOT NULL,
 to_lease_id {uuid} NOT NULL,
 first_on {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, to_tenant_id, to_lease_id),
 CONSTRAINT lease_transfer_once UNIQUE (park_id, from_tenant_id, from_lease_id),
 FOREIGN KEY (park_id, from_tenant_id, from_lease_id) REFERENCES lease (park_id, tenant_id, lease_id),
 FOREIGN KEY (park_id, to_tenant_id, to_lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
        ];
        ddl::run(manager, &up).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await?;
        let down = ["ALTER TABLE lease_version DROP COLUMN clauses", "ALTER TABLE lease_version DROP COLUMN own_zone"];
        ddl::run(manager, &down).await
    }
}
