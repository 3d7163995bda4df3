//! People, teams, shifts, rosters and who sits where: private to the tenant.

use sea_orm_migration::prelude::*;

use crate::apart::{Apart, Span};
use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("team"),
    TableRule::private("person"),
    TableRule::private("shift"),
    TableRule::private("roster_entry"),
    // The park counts occupied seats, and when it takes a seat back nobody sits there any longer; who sits there is
    // none of its business.
    TableRule::private("occupancy").for_park(Access::Curtail {
        reads: &["park_id", "tenant_id", "allocation_id", "seat_id", "held_to", "sat_from", "sat_to"],
        sets: &["held_to", "sat_to"],
    }),
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
 CONSTRAINT shift_minutes UNIQUE (park_id, tenant_id, shift_id, start_min, end_min),
 CONSTRAINT shift_code UNIQUE (park_id, tenant_id, code),
 CONSTRAINT shift_span CHECK (start_min >= 0 AND start_min < 1440 AND end_min > start_min AND end_min <= start_min + 1440 AND break_min >= 0),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // The minutes are those of the shift; they are kept here for the guarantee that nobody works two at once.
    "CREATE TABLE roster_entry (
 {owned},
 day {date} NOT NULL,
 person_id {uuid} NOT NULL,
 entry_id {uuid} NOT NULL,
 shift_id {uuid} NOT NULL,
 start_min {int} NOT NULL,
 end_min {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, day, person_id),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id),
 FOREIGN KEY (park_id, tenant_id, shift_id, start_min, end_min)
  REFERENCES shift (park_id, tenant_id, shift_id, start_min, end_min)
{end}",
    // Nobody sits longer than the allocation holds the seat: its days are kept here, a reference keeps them equal to
    // those of the allocation, and a check keeps the occupancy inside. The reference is looked at when the transaction
    // ends, so that both can be changed.
    "CREATE TABLE occupancy (
 {owned},
 occupancy_id {uuid} NOT NULL,
 allocation_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 held_from {date} NOT NULL,
 held_to {date} NOT NULL,
 person_id {uuid} NOT NULL,
 sat_from {date} NOT NULL,
 sat_to {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, occupancy_id),
 CONSTRAINT occupancy_period CHECK (sat_to > sat_from),
 CONSTRAINT occupancy_held CHECK (sat_from >= held_from AND sat_to <= held_to),
 CONSTRAINT occupancy_allocation FOREIGN KEY (park_id, tenant_id, allocation_id, seat_id, held_from, held_to)
  REFERENCES allocation (park_id, tenant_id, allocation_id, seat_id, held_from, held_to) DEFERRABLE INITIALLY DEFERRED,
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id)
{end}",
    "CREATE UNIQUE INDEX roster_entry_id ON roster_entry (park_id, tenant_id, entry_id)",
    "CREATE INDEX occupancy_seat ON occupancy (park_id, tenant_id, seat_id, sat_from)",
    "CREATE INDEX occupancy_allocation_seat ON occupancy (park_id, tenant_id, allocation_id)",
    "CREATE INDEX occupancy_person ON occupancy (park_id, tenant_id, person_id, sat_from)",
];

/// Nobody sits on two seats at one time, nor works two shifts: a night reaches into the next day.
const NO_DOUBLE: &[Apart] = &[
    Apart {
        name: "occupancy_no_double",
        table: "occupancy",
        same: &["park_id", "tenant_id", "person_id"],
        spans: &[Span::Days("sat_from", "sat_to")],
        id: "occupancy_id",
    },
    Apart {
        name: "roster_entry_no_double",
        table: "roster_entry",
        same: &["park_id", "tenant_id", "person_id"],
        spans: &[Span::MinutesOf("day", "start_min", "end_min")],
        id: "entry_id",
    },
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for rows in NO_DOUBLE {
            rows.add(manager).await?;
        }
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
