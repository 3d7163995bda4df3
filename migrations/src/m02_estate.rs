//! The estate: buildings, floors, zones, seats.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

const fn estate(name: &'static str) -> TableRule {
    TableRule::park(name).for_tenant(Access::Read)
}

pub(crate) const TABLES: &[TableRule] = &[estate("building"), estate("floor"), estate("zone"), estate("seat")];

const UP: &[&str] = &[
    "CREATE TABLE building (
 {park},
 building_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 PRIMARY KEY (park_id, building_id),
 CONSTRAINT building_code UNIQUE (park_id, code),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE floor (
 {park},
 floor_id {uuid} NOT NULL,
 building_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 level {int} NOT NULL,
 PRIMARY KEY (park_id, floor_id),
 CONSTRAINT floor_code UNIQUE (park_id, building_id, code),
 FOREIGN KEY (park_id, building_id) REFERENCES building (park_id, building_id)
{end}",
    "CREATE TABLE zone (
 {park},
 zone_id {uuid} NOT NULL,
 floor_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 PRIMARY KEY (park_id, zone_id),
 CONSTRAINT zone_code UNIQUE (park_id, floor_id, code),
 FOREIGN KEY (park_id, floor_id) REFERENCES floor (park_id, floor_id)
{end}",
    // A seat exists from a day and, when it is taken away, to a day. Its state on a day follows from facts.
    "CREATE TABLE seat (
 {park},
 seat_id {uuid} NOT NULL,
 zone_id {uuid} NOT NULL,
 code {text} NOT NULL,
 product {text} NOT NULL,
 x_mm {int} NOT NULL,
 y_mm {int} NOT NULL,
 built_from {date} NOT NULL,
 built_to {date},
 PRIMARY KEY (park_id, seat_id),
 CONSTRAINT seat_code UNIQUE (park_id, code),
 CONSTRAINT seat_product CHECK (product IN ('bare', 'furnished', 'equipped')),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id)
{end}",
    "CREATE INDEX seat_zone ON seat (park_id, zone_id, code)",
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
