//! What lies under the seats of a floor from a day on.
//!
//! The table only grows. A row without a picture says that nothing lies there any more; of rows that begin on the same day
//! the last one recorded holds.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("floor_plan")
    .for_tenant(Access::ReadColumns(&[
        "park_id",
        "plan_id",
        "floor_id",
        "valid_from",
        "sha256",
        "media_type",
        "bytes",
        "x_mm",
        "y_mm",
        "width_mm",
        "height_mm",
    ]))
    .append_only()];

const UP: &[&str] = &[
    "CREATE TABLE floor_plan (
 {park},
 plan_id {uuid} NOT NULL,
 floor_id {uuid} NOT NULL,
 valid_from {date} NOT NULL,
 file_id {uuid},
 sha256 {bytes},
 media_type {text},
 bytes {int},
 x_mm {int},
 y_mm {int},
 width_mm {int},
 height_mm {int},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, plan_id),
 CONSTRAINT floor_plan_whole CHECK (
  (file_id IS NULL) = (sha256 IS NULL) AND (file_id IS NULL) = (media_type IS NULL) AND (file_id IS NULL) = (bytes IS NULL)
  AND (file_id IS NULL) = (x_mm IS NULL) AND (file_id IS NULL) = (y_mm IS NULL)
  AND (file_id IS NULL) = (width_mm IS NULL) AND (file_id IS NULL) = (height_mm IS NULL)),
 CONSTRAINT floor_plan_size CHECK (width_mm > 0 AND height_mm > 0),
 FOREIGN KEY (park_id, floor_id) REFERENCES floor (park_id, floor_id)
{end}",
    "CREATE INDEX floor_plan_floor ON floor_plan (park_id, floor_id, valid_from, plan_id)",
    // What the sweep asks of every stored content.
    "CREATE INDEX floor_plan_content ON floor_plan (sha256)",
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
