//! What seats and zones were called before, and which zones seats were in: `seat` and `zone` say what is so now.
//!
//! Both tables only grow. A row that ends where it begins never was so on any day; it stays as what was recorded.

use sea_orm_migration::prelude::*;

use crate::apart::{Apart, Span};
use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("seat_place")
        .for_tenant(Access::ReadColumns(&[
            "park_id",
            "place_id",
            "seat_id",
            "zone_id",
            "code",
            "valid_from",
            "valid_to",
        ]))
        .append_only(),
    TableRule::park("zone_name")
        .for_tenant(Access::ReadColumns(&["park_id", "name_id", "zone_id", "code", "name", "valid_from", "valid_to"]))
        .append_only(),
];

const UP: &[&str] = &[
    // A zone exists from a day, or always, and to a day when it was merged into another.
    "ALTER TABLE zone ADD COLUMN begun_on {date}",
    "ALTER TABLE zone ADD COLUMN ended_on {date}",
    "CREATE TABLE seat_place (
 {park},
 place_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 zone_id {uuid} NOT NULL,
 code {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, place_id),
 CONSTRAINT seat_place_period CHECK (valid_to >= valid_from),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id)
{end}",
    "CREATE INDEX seat_place_seat ON seat_place (park_id, seat_id, valid_from)",
    "CREATE INDEX seat_place_was ON seat_place (park_id, code, valid_to)",
    // `valid_from` is 0001-01-01 where a zone has always been.
    "CREATE TABLE zone_name (
 {park},
 name_id {uuid} NOT NULL,
 zone_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 valid_from {date} NOT NULL,
 valid_to {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, name_id),
 CONSTRAINT zone_name_period CHECK (valid_to >= valid_from),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id)
{end}",
    "CREATE INDEX zone_name_zone ON zone_name (park_id, zone_id, valid_from)",
];

const DOWN: &[&str] = &["ALTER TABLE zone DROP COLUMN ended_on", "ALTER TABLE zone DROP COLUMN begun_on"];

/// A seat was in one place at a time, and no two seats had one code on one day.
const APART: &[Apart] = &[
    Apart {
        name: "seat_place_once",
        table: "seat_place",
        same: &["park_id", "seat_id"],
        spans: &[Span::Days("valid_from", "valid_to")],
        id: "place_id",
    },
    Apart {
        name: "seat_place_code",
        table: "seat_place",
        same: &["park_id", "code"],
        spans: &[Span::Days("valid_from", "valid_to")],
        id: "place_id",
    },
    Apart {
        name: "zone_name_once",
        table: "zone_name",
        same: &["park_id", "zone_id"],
        spans: &[Span::Days("valid_from", "valid_to")],
        id: "name_id",
    },
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for apart in APART {
            apart.add(manager).await?;
        }
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, DOWN).await
    }
}
