//! What of the clauses of a lease is looked for, beside them: the day on which its price follows its index next, and whether
//! a least rent is agreed.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No version is to be changed: clauses come with the same update (m70), and versions could not be changed anyway.
        let up = [
            "ALTER TABLE lease_version ADD COLUMN index_next {date}",
            "ALTER TABLE lease_version ADD COLUMN minimum_spend {bool} NOT NULL DEFAULT FALSE",
        ];
        ddl::run(manager, &up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down =
            ["ALTER TABLE lease_version DROP COLUMN minimum_spend", "ALTER TABLE lease_version DROP COLUMN index_next"];
        ddl::run(manager, &down).await
    }
}
