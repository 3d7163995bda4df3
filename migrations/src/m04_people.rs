//! People, teams, shifts, rosters and who sits where: private to the tenant.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("team"),
    TableRule::private("person"),
    TableRule::private("shift"),
    TableRule::private("roster_entry"),
    // The park counts occupied seats; who sits there is none of its business.
    TableRule::private("occupancy").for_park(Access::ReadColumns(&[
        "park_id",
        "tenant_id",
        "seat_id",
        "sat_from",
        "sat_to",
    ])),
];

const UP: &[&str] = &[
    "CREATE TABLE team (
 {owned},
 team_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, team_id),
 CONSTRAINT team_code UNIQUE (park_id, tenant_id, code),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // The name identifies: kept encrypted.
    "CREATE TABLE person (
 {owned},
 person_id {uuid} NOT NULL,
 employee_no {text} NOT NULL,
 name_sealed {bytes} NOT NULL,
 position {text} NOT NULL,
 team_id {uuid},
 joined_on {date} NOT NULL,
 left_on {date},
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, person_id),
 CONSTRAINT person_employee_no UNIQUE (park_id, tenant_id, employee_no),
 CONSTRAINT person_period CHECK (left_on IS NULL OR left_on > joined_on),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id),
 FOREIGN KEY (park_id, tenant_id, team_id) REFERENCES team (park_id, tenant_id, team_id)
{end}",
    // Minutes from local midnight; an end beyond 1440 is on the next day.
    "CREATE TABLE shift (
 {owned},
 shift_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 start_min {int} NOT NULL,
 end_min {int} NOT NULL,
 break_min {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, shift_id),
 CONSTRAINT shift_code UNIQUE (park_id, tenant_id, code),
 CONSTRAINT shift_span CHECK (start_min >= 0 AND start_min < 1440 AND end_min > start_min AND end_min <= start_min + 1440 AND break_min >= 0),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE TABLE roster_entry (
 {owned},
 day {date} NOT NULL,
 person_id {uuid} NOT NULL,
 entry_id {uuid} NOT NULL,
 shift_id {uuid} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, day, person_id),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id),
 FOREIGN KEY (park_id, tenant_id, shift_id) REFERENCES shift (park_id, tenant_id, shift_id)
{end}",
    "CREATE TABLE occupancy (
 {owned},
 occupancy_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 person_id {uuid} NOT NULL,
 sat_from {date} NOT NULL,
 sat_to {date},
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, occupancy_id),
 CONSTRAINT occupancy_period CHECK (sat_to IS NULL OR sat_to > sat_from),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id)
{end}",
    "CREATE UNIQUE INDEX roster_entry_id ON roster_entry (park_id, tenant_id, entry_id)",
    "CREATE INDEX occupancy_seat ON occupancy (park_id, tenant_id, seat_id, sat_from)",
    "CREATE INDEX occupancy_person ON occupancy (park_id, tenant_id, person_id, sat_from)",
];

/// Nobody sits on two seats at one time.
const POSTGRES: &[&str] = &["ALTER TABLE occupancy ADD CONSTRAINT occupancy_no_double EXCLUDE USING gist (
 park_id WITH =, tenant_id WITH =, person_id WITH =, daterange(sat_from, sat_to) WITH &&)"];

/// The equal guarantee where there is one writer at a time.
const SQLITE: &[&str] = &[
    "CREATE TRIGGER occupancy_no_double_insert BEFORE INSERT ON occupancy
 WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.park_id = NEW.park_id AND o.tenant_id = NEW.tenant_id
  AND o.person_id = NEW.person_id
  AND (o.sat_to IS NULL OR o.sat_to > NEW.sat_from) AND (NEW.sat_to IS NULL OR NEW.sat_to > o.sat_from))
 BEGIN SELECT RAISE(ABORT, 'occupancy_no_double'); END",
    "CREATE TRIGGER occupancy_no_double_update BEFORE UPDATE ON occupancy
 WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.park_id = NEW.park_id AND o.tenant_id = NEW.tenant_id
  AND o.person_id = NEW.person_id AND o.occupancy_id <> OLD.occupancy_id
  AND (o.sat_to IS NULL OR o.sat_to > NEW.sat_from) AND (NEW.sat_to IS NULL OR NEW.sat_to > o.sat_from))
 BEGIN SELECT RAISE(ABORT, 'occupancy_no_double'); END",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        ddl::run_on(manager, DbBackend::Postgres, POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, SQLITE).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
