//! Seats kept for somebody while an offer is open, and seats that cannot be used for a time.
//!
//! A hold claims its seats like an allocation does, until an instant: what is in force follows from the clock, and whoever
//! takes the seats next sweeps what is over.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("seat_hold").for_park(Access::Advance(&["expires_at"])),
    TableRule::park("seat_hold_seat").for_park(Access::Advance(&["ended_at", "ended_as"])),
    TableRule::park("seat_outage")
        .for_park(Access::Advance(&["out_to", "ended_at", "ended_by"]))
        .for_tenant(Access::ReadColumns(&["park_id", "outage_id", "seat_id", "out_from", "out_to"])),
];

const UP: &[&str] = &[
    // When the claim lapses; empty for one that does not.
    "ALTER TABLE seat_claim ADD COLUMN expires_at {instant}",
    "CREATE TABLE seat_hold (
 {park},
 hold_id {uuid} NOT NULL,
 kept_for {text} NOT NULL,
 tenant_id {uuid},
 note {text} NOT NULL,
 held_from {date} NOT NULL,
 held_to {date} NOT NULL,
 shift_from_min {int} NOT NULL,
 shift_to_min {int} NOT NULL,
 shift_next_min {int} NOT NULL,
 expires_at {instant} NOT NULL,
 created_at {instant} NOT NULL,
 created_by {uuid},
 PRIMARY KEY (park_id, hold_id),
 CONSTRAINT seat_hold_period CHECK (held_to > held_from),
 CONSTRAINT seat_hold_shift CHECK (shift_from_min >= 0 AND shift_to_min <= 1440 AND shift_to_min > shift_from_min
  AND shift_next_min BETWEEN 0 AND 1439),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX seat_hold_expires ON seat_hold (park_id, expires_at)",
    // `claim_id` is what the seat is claimed under. A seat leaves the hold when it is given up or allocated.
    "CREATE TABLE seat_hold_seat (
 {park},
 hold_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 claim_id {uuid} NOT NULL,
 ended_at {instant},
 ended_as {text},
 PRIMARY KEY (park_id, hold_id, seat_id),
 CONSTRAINT seat_hold_seat_end CHECK ((ended_at IS NULL) = (ended_as IS NULL) AND (ended_as IS NULL OR ended_as IN ('released', 'allocated'))),
 FOREIGN KEY (park_id, hold_id) REFERENCES seat_hold (park_id, hold_id),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
{end}",
    "CREATE INDEX seat_hold_seat_seat ON seat_hold_seat (park_id, seat_id)",
    // Days on which a seat cannot be used; without an end until further notice. One that ends before it began never was.
    "CREATE TABLE seat_outage (
 {park},
 outage_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 out_from {date} NOT NULL,
 out_to {date},
 reason {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 ended_at {instant},
 ended_by {uuid},
 PRIMARY KEY (park_id, outage_id),
 CONSTRAINT seat_outage_period CHECK (out_to IS NULL OR out_to >= out_from),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
{end}",
    "CREATE INDEX seat_outage_seat ON seat_outage (park_id, seat_id, out_from)",
];

const POSTGRES: &[&str] = &[
    "CREATE FUNCTION hold_claim() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
     IF TG_OP = 'INSERT' THEN
       INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min, expires_at)
        SELECT NEW.park_id, NEW.claim_id, 1, NEW.seat_id, h.held_from, h.held_to, h.shift_from_min, h.shift_to_min, h.expires_at
        FROM seat_hold h WHERE h.park_id = NEW.park_id AND h.hold_id = NEW.hold_id;
       INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min, expires_at)
        SELECT NEW.park_id, NEW.claim_id, 2, NEW.seat_id, h.held_from + 1, h.held_to + 1, 0, h.shift_next_min, h.expires_at
        FROM seat_hold h WHERE h.park_id = NEW.park_id AND h.hold_id = NEW.hold_id AND h.shift_next_min > 0;
     ELSIF NEW.ended_at IS NOT NULL THEN
       DELETE FROM seat_claim WHERE park_id = NEW.park_id AND claim_id = NEW.claim_id;
     END IF;
     RETURN NULL;
     END $$",
    "CREATE TRIGGER hold_claim AFTER INSERT OR UPDATE OF ended_at ON seat_hold_seat FOR EACH ROW EXECUTE FUNCTION hold_claim()",
    "CREATE FUNCTION hold_extend() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
     UPDATE seat_claim SET expires_at = NEW.expires_at WHERE park_id = NEW.park_id AND claim_id IN
      (SELECT s.claim_id FROM seat_hold_seat s WHERE s.park_id = NEW.park_id AND s.hold_id = NEW.hold_id);
     RETURN NULL;
     END $$",
    "CREATE TRIGGER hold_extend AFTER UPDATE OF expires_at ON seat_hold FOR EACH ROW EXECUTE FUNCTION hold_extend()",
];

const SQLITE: &[&str] = &[
    "CREATE TRIGGER hold_claim_insert AFTER INSERT ON seat_hold_seat BEGIN
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min, expires_at)
      SELECT NEW.park_id, NEW.claim_id, 1, NEW.seat_id, h.held_from, h.held_to, h.shift_from_min, h.shift_to_min, h.expires_at
      FROM seat_hold h WHERE h.park_id = NEW.park_id AND h.hold_id = NEW.hold_id;
     INSERT INTO seat_claim (park_id, claim_id, n, seat_id, claim_from, claim_to, from_min, to_min, expires_at)
      SELECT NEW.park_id, NEW.claim_id, 2, NEW.seat_id, date(h.held_from, '+1 day'), date(h.held_to, '+1 day'), 0,
       h.shift_next_min, h.expires_at
      FROM seat_hold h WHERE h.park_id = NEW.park_id AND h.hold_id = NEW.hold_id AND h.shift_next_min > 0;
     END",
    "CREATE TRIGGER hold_claim_update AFTER UPDATE OF ended_at ON seat_hold_seat WHEN NEW.ended_at IS NOT NULL BEGIN
     DELETE FROM seat_claim WHERE park_id = NEW.park_id AND claim_id = NEW.claim_id;
     END",
    "CREATE TRIGGER hold_extend AFTER UPDATE OF expires_at ON seat_hold BEGIN
     UPDATE seat_claim SET expires_at = NEW.expires_at WHERE park_id = NEW.park_id AND claim_id IN
      (SELECT s.claim_id FROM seat_hold_seat s WHERE s.park_id = NEW.park_id AND s.hold_id = NEW.hold_id);
     END",
];

/// Claims of holds are none any more.
const DOWN: &[&str] =
    &["DELETE FROM seat_claim WHERE expires_at IS NOT NULL", "ALTER TABLE seat_claim DROP COLUMN expires_at"];

const DOWN_POSTGRES: &[&str] = &["DROP FUNCTION hold_claim()", "DROP FUNCTION hold_extend()"];

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
        ddl::drop(manager, TABLES).await?;
        ddl::run_on(manager, DbBackend::Postgres, DOWN_POSTGRES).await?;
        ddl::run(manager, DOWN).await
    }
}
