//! What seats have beside their product, and how large zones are.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("seat_feature")
    .for_tenant(Access::ReadColumns(&["park_id", "seat_id", "feature", "amount", "choice"]))];

const UP: &[&str] = &[
    // In hundredths of a square metre.
    "ALTER TABLE zone ADD COLUMN area {int} CONSTRAINT zone_area CHECK (area > 0)",
    // `feature` and `choice` are names of a pack; `amount` is 1 where there is nothing to count.
    "CREATE TABLE seat_feature (
 {park},
 seat_id {uuid} NOT NULL,
 feature {text} NOT NULL,
 amount {int} NOT NULL,
 choice {text},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, seat_id, feature),
 CONSTRAINT seat_feature_amount CHECK (amount > 0),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
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
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &["ALTER TABLE zone DROP COLUMN area"]).await
    }
}
