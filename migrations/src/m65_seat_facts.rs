//! What the seat ledger needs beside allocations: every step to who sits where, proven employment, and who was logged in.
//!
//! All four tables are append-only. A row with `sign` 1 says that something is so, one with -1 takes such a row back; what
//! is known at an instant is what adds up to more than nothing over the rows recorded by then.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::m04_people;
use crate::rule::{Access, TableRule};
use crate::secure::{grant_anew, secure};

pub(crate) const TABLES: &[TableRule] = &[
    // When the park takes a seat back, the steps of those who sat there are written with it, and it reads none of them.
    TableRule::private("occupancy_ledger").append_only().for_park(Access::Add),
    TableRule::private("employment_contract").append_only(),
    TableRule::private("paid_month").append_only(),
    TableRule::private("presence").append_only(),
];

/// As before, and whoever takes somebody off a seat says when.
pub(crate) const OCCUPANCY: &[TableRule] = &[TableRule::private("occupancy").for_park(Access::Curtail {
    reads: &["park_id", "tenant_id", "allocation_id", "seat_id", "held_to", "sat_from", "sat_to"],
    sets: &["held_to", "sat_to", "recorded_at"],
})];

const UP: &[&str] = &[
    "CREATE TABLE occupancy_ledger (
 {owned},
 entry_id {uuid} NOT NULL,
 occupancy_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 person_id {uuid} NOT NULL,
 sat_from {date} NOT NULL,
 sat_to {date} NOT NULL,
 sign {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, entry_id),
 CONSTRAINT occupancy_ledger_sign CHECK (sign IN (-1, 1)),
 CONSTRAINT occupancy_ledger_period CHECK (sat_to > sat_from),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id)
{end}",
    "CREATE INDEX occupancy_ledger_seat ON occupancy_ledger (park_id, seat_id, sat_from)",
    // The labour contract of a person; without an end where it has none. `contract_to` is the day after its last.
    "CREATE TABLE employment_contract (
 {owned},
 entry_id {uuid} NOT NULL,
 person_id {uuid} NOT NULL,
 contract_from {date} NOT NULL,
 contract_to {date},
 sign {int} NOT NULL,
 file_id {uuid} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, entry_id),
 CONSTRAINT employment_contract_sign CHECK (sign IN (-1, 1)),
 CONSTRAINT employment_contract_period CHECK (contract_to IS NULL OR contract_to > contract_from),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id)
{end}",
    "CREATE INDEX employment_contract_person ON employment_contract (park_id, tenant_id, person_id)",
    // What is proven of a person's month: `month` is year * 12 + month - 1. `identity` is a keyed hash of the number of
    // the person's identity document, the same all over the park, so that a month claimed twice can be found.
    "CREATE TABLE paid_month (
 {owned},
 entry_id {uuid} NOT NULL,
 person_id {uuid} NOT NULL,
 month {int} NOT NULL,
 payroll {bool} NOT NULL,
 insurance {bool} NOT NULL,
 identity {bytes},
 sign {int} NOT NULL,
 file_id {uuid} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, entry_id),
 CONSTRAINT paid_month_sign CHECK (sign IN (-1, 1)),
 FOREIGN KEY (park_id, tenant_id, person_id) REFERENCES person (park_id, tenant_id, person_id)
{end}",
    "CREATE INDEX paid_month_person ON paid_month (park_id, tenant_id, person_id, month)",
    // A person (the keyed pseudonym by which contacts name their agents) was logged in on a civil day, by what a source
    // says: an import of contacts, or a file of logins, which may name the seat. A source that was taken back and comes
    // again is the next generation of itself. `n` numbers the seats of one day.
    "CREATE TABLE presence (
 {owned},
 source_id {uuid} NOT NULL,
 generation {int} NOT NULL,
 sign {int} NOT NULL,
 day {date} NOT NULL,
 agent {bytes} NOT NULL,
 n {int} NOT NULL,
 seat_id {uuid},
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, source_id, generation, sign, day, agent, n),
 CONSTRAINT presence_sign CHECK (sign IN (-1, 1)),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX presence_day ON presence (park_id, day)",
    "CREATE INDEX presence_seat ON presence (park_id, seat_id, day)",
    // Everything known so far is one step.
    "INSERT INTO occupancy_ledger (park_id, tenant_id, entry_id, occupancy_id, seat_id, person_id, sat_from, sat_to, sign, recorded_at)
     SELECT park_id, tenant_id, occupancy_id, occupancy_id, seat_id, person_id, sat_from, sat_to, 1, recorded_at FROM occupancy",
];

const COLUMNS: &str =
    "park_id, tenant_id, entry_id, occupancy_id, seat_id, person_id, sat_from, sat_to, sign, recorded_at";

/// Whoever changes who sits where writes the step with it. `recorded_at` of the row says when; who removes a row says it
/// there first.
fn triggers(backend: DbBackend) -> Vec<String> {
    let id = if backend == DbBackend::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let step = |row: &str, sign: &str, when: &str| {
        format!(
            "INSERT INTO occupancy_ledger ({COLUMNS}) VALUES ({row}.park_id, {row}.tenant_id, {id}, {row}.occupancy_id, {row}.seat_id,
 {row}.person_id, {row}.sat_from, {row}.sat_to, {sign}, {when}.recorded_at);"
        )
    };
    let moved = "sat_from, sat_to, seat_id, person_id";
    let other = "OLD.sat_from <> NEW.sat_from OR OLD.sat_to <> NEW.sat_to OR OLD.seat_id <> NEW.seat_id OR OLD.person_id <> NEW.person_id";
    let (begins, ends) = (step("NEW", "1", "NEW"), step("OLD", "-1", "OLD"));
    let changes = format!("{} {begins}", step("OLD", "-1", "NEW"));
    if backend == DbBackend::Postgres {
        return vec![
            format!(
                "CREATE FUNCTION occupancy_step() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
     IF TG_OP = 'INSERT' THEN {begins}
     ELSIF TG_OP = 'DELETE' THEN {ends}
     ELSIF {other} THEN {changes}
     END IF;
     RETURN NULL;
     END $$"
            ),
            format!(
                "CREATE TRIGGER occupancy_step AFTER INSERT OR DELETE OR UPDATE OF {moved} ON occupancy FOR EACH ROW EXECUTE FUNCTION occupancy_step()"
            ),
        ];
    }
    vec![
        format!("CREATE TRIGGER occupancy_step_insert AFTER INSERT ON occupancy BEGIN {begins} END"),
        format!("CREATE TRIGGER occupancy_step_delete AFTER DELETE ON occupancy BEGIN {ends} END"),
        format!(
            "CREATE TRIGGER occupancy_step_update AFTER UPDATE OF {moved} ON occupancy WHEN {other} BEGIN {changes} END"
        ),
    ]
}

const DOWN_POSTGRES: &[&str] = &["DROP TRIGGER occupancy_step ON occupancy", "DROP FUNCTION occupancy_step()"];

const DOWN_SQLITE: &[&str] =
    &["DROP TRIGGER occupancy_step_insert", "DROP TRIGGER occupancy_step_delete", "DROP TRIGGER occupancy_step_update"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for trigger in triggers(manager.get_database_backend()) {
            ddl::run(manager, &[&trigger]).await?;
        }
        secure(manager, TABLES).await?;
        for rule in OCCUPANCY {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run_on(manager, DbBackend::Postgres, DOWN_POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, DOWN_SQLITE).await?;
        ddl::drop(manager, TABLES).await?;
        for rule in m04_people::TABLES.iter().filter(|rule| OCCUPANCY.iter().any(|now| now.name == rule.name)) {
            grant_anew(manager, rule).await?;
        }
        Ok(())
    }
}
