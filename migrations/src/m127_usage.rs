//! What meters counted for leases, month by month. What was recorded last counts; nothing is changed.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("lease_usage").append_only()];

const UP: &[&str] = &[
    // A quantity is a decimal number as text: finer than any amount, and exact.
    "CREATE TABLE lease_usage (
 {owned},
 usage_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 month {date} NOT NULL,
 meter {text} NOT NULL,
 quantity {text} NOT NULL,
 note {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, usage_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX lease_usage_month ON lease_usage (park_id, tenant_id, lease_id, month, meter)",
    "CREATE INDEX lease_usage_recorded ON lease_usage (park_id, tenant_id, lease_id, recorded_at)",
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
