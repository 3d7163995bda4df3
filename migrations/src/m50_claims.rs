//! What takes a seat at what time: one table for whatever does, kept by the database itself, so that nothing is ever over
//! anything else; and windows of the day that reach over midnight.
//!
//! A window belongs to the day on which it begins. From 22:00 to 06:00 on the days from 1 to 31 January therefore takes two
//! claims: 22:00 to midnight on these days, and midnight to 06:00 on the days after each of them, 2 January to 1 February.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::apart::{Apart, Span};
use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::park("seat_claim")];

const UP: &[&str] = &[
    // Minutes of the next day that belong to the window.
    "ALTER TABLE allocation ADD COLUMN shift_next_min {int} NOT NULL DEFAULT 0 CHECK (shift_next_min BETWEEN 0 AND 1439)",
    // `claim_id` is the id of what claims. `n` is 1, of the minutes after midnight 2.
    "CREATE TABLE seat_claim (
 {park},
 claim_id {uuid} NOT NULL,
 n {int} NOT NULL,
 seat_id {uuid} NOT NULL,
 claim_from {date} NOT NULL,
 claim_to {date} NOT NULL,
 from_min {int} NOT NULL,
 to_min {int} NOT NULL,
 PRIMARY KEY (park_id, claim_id, n),
 CONSTRAINT seat_claim_period CHECK (claim_to > claim_from),
 CONSTRAINT seat_claim_window CHECK (from_min >= 0 AND to_min <= 1440 AND to_min > from_min),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
{end}",
    "INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min)
     SELECT park_id, allocation_id, 1, seat_id, held_from, held_to, shift_from_min, shift_to_min FROM allocation",
];

/// The guarantee, which was on allocations alone.
const APART: Apart = Apart {
    name: "seat_no_double",
    table: "seat_claim",
    same: &["park_id", "seat_id"],
    spans: &[Span::Days("claim_from", "claim_to"), Span::Minutes("from_min", "to_min")],
    id: "claim_id",
};

/// Allocations claim their seats whoever writes them.
const POSTGRES: &[&str] = &[
    "CREATE INDEX seat_claim_seat ON seat_claim (park_id, seat_id)",
    "ALTER TABLE allocation DROP CONSTRAINT allocation_no_double",
    "CREATE FUNCTION allocation_claim() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
     IF TG_OP <> 'INSERT' THEN
       DELETE FROM seat_claim WHERE park_id = OLD.park_id AND claim_id = OLD.allocation_id;
     END IF;
     IF TG_OP <> 'DELETE' THEN
       INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min) VALUES
         (NEW.park_id, NEW.allocation_id, 1, NEW.seat_id, NEW.held_from, NEW.held_to, NEW.shift_from_min, NEW.shift_to_min);
       IF NEW.shift_next_min > 0 THEN
         INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min) VALUES
           (NEW.park_id, NEW.allocation_id, 2, NEW.seat_id, NEW.held_from + 1, NEW.held_to + 1, 0, NEW.shift_next_min);
       END IF;
     END IF;
     RETURN NULL;
     END $$",
    "CREATE TRIGGER allocation_claim AFTER INSERT OR DELETE OR UPDATE OF seat_id, held_from, held_to, shift_from_min,
     shift_to_min, shift_next_min ON allocation FOR EACH ROW EXECUTE FUNCTION allocation_claim()",
];

const SQLITE: &[&str] = &[
    "CREATE INDEX seat_claim_seat ON seat_claim (park_id, seat_id)",
    "DROP TRIGGER allocation_no_double_insert",
    "DROP TRIGGER allocation_no_double_update",
    "CREATE TRIGGER allocation_claim_insert AFTER INSERT ON allocation BEGIN
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min)
      VALUES (NEW.park_id, NEW.allocation_id, 1, NEW.seat_id, NEW.held_from, NEW.held_to, NEW.shift_from_min, NEW.shift_to_min);
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min)
      SELECT NEW.park_id, NEW.allocation_id, 2, NEW.seat_id, date(NEW.held_from, '+1 day'), date(NEW.held_to, '+1 day'), 0,
       NEW.shift_next_min WHERE NEW.shift_next_min > 0;
     END",
    "CREATE TRIGGER allocation_claim_delete AFTER DELETE ON allocation BEGIN
     DELETE FROM seat_claim WHERE park_id = OLD.park_id AND claim_id = OLD.allocation_id;
     END",
    "CREATE TRIGGER allocation_claim_update AFTER UPDATE OF seat_id, held_from, held_to, shift_from_min, shift_to_min,
     shift_next_min ON allocation BEGIN
     DELETE FROM seat_claim WHERE park_id = OLD.park_id AND claim_id = OLD.allocation_id;
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min)
      VALUES (NEW.park_id, NEW.allocation_id, 1, NEW.seat_id, NEW.held_from, NEW.held_to, NEW.shift_from_min, NEW.shift_to_min);
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min)
      SELECT NEW.park_id, NEW.allocation_id, 2, NEW.seat_id, date(NEW.held_from, '+1 day'), date(NEW.held_to, '+1 day'), 0,
       NEW.shift_next_min WHERE NEW.shift_next_min > 0;
     END",
];

const DOWN_POSTGRES: &[&str] = &["DROP TRIGGER allocation_claim ON allocation", "DROP FUNCTION allocation_claim()"];

const DOWN_SQLITE: &[&str] = &[
    "DROP TRIGGER allocation_claim_insert",
    "DROP TRIGGER allocation_claim_delete",
    "DROP TRIGGER allocation_claim_update",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        APART.add(manager).await?;
        ddl::run_on(manager, DbBackend::Postgres, POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, SQLITE).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run_on(manager, DbBackend::Postgres, DOWN_POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, DOWN_SQLITE).await?;
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &["ALTER TABLE allocation DROP COLUMN shift_next_min"]).await?;
        crate::m03_leasing::NO_DOUBLE.add(manager).await
    }
}
