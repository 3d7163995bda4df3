//! How the two sides of invoices are called: profiles by day, and what was fixed with each invoice. Both are only added to.
//!
//! What a side says of itself holds bank accounts and mail addresses, so each row is sealed whole and bound to its key.
//! A tenant reads its park's profile: it has to know whom it pays.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("seller_profile").for_tenant(Access::Read).for_park(Access::Append).for_system(Access::None),
    TableRule::shared("buyer_profile").for_tenant(Access::Append).for_park(Access::Append).for_system(Access::None),
    TableRule::shared("invoice_fixed").for_park(Access::Append).for_system(Access::None),
];

const UP: &[&str] = &[
    "CREATE TABLE seller_profile (
 {park},
 profile_id {uuid} NOT NULL,
 from_day {date} NOT NULL,
 said_sealed {bytes} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, profile_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE buyer_profile (
 {owned},
 profile_id {uuid} NOT NULL,
 from_day {date} NOT NULL,
 said_sealed {bytes} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, profile_id),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE TABLE invoice_fixed (
 {owned},
 invoice_id {uuid} NOT NULL,
 parties_sealed {bytes} NOT NULL,
 sha256 {bytes} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, invoice_id),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
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
