//! Photographs of zones and seats: the park's own. One that is removed stays as what was there, and nobody sees it.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::park("place_photo").for_park(Access::Advance(&["removed_at", "removed_by"]))];

const UP: &[&str] = &[
    "CREATE TABLE place_photo (
 {park},
 photo_id {uuid} NOT NULL,
 zone_id {uuid},
 seat_id {uuid},
 file_id {uuid} NOT NULL,
 sha256 {bytes} NOT NULL,
 media_type {text} NOT NULL,
 bytes {int} NOT NULL,
 caption {text} NOT NULL,
 taken_on {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 removed_at {instant},
 removed_by {uuid},
 PRIMARY KEY (park_id, photo_id),
 CONSTRAINT place_photo_of CHECK ((zone_id IS NULL) <> (seat_id IS NULL)),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
{end}",
    "CREATE INDEX place_photo_zone ON place_photo (park_id, zone_id, taken_on)",
    "CREATE INDEX place_photo_seat ON place_photo (park_id, seat_id, taken_on)",
    // What the sweep asks of every stored content.
    "CREATE INDEX place_photo_content ON place_photo (sha256)",
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
