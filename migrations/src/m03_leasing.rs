//! Leases, their versions, allocations and the append-only seat ledger.

use sea_orm_migration::prelude::*;

use crate::apart::{Apart, Span};
use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::shared("lease"),
    TableRule::shared("lease_version").append_only(),
    TableRule::shared("allocation"),
    TableRule::shared("seat_ledger").append_only(),
];

const UP: &[&str] = &[
    "CREATE TABLE lease (
 {owned},
 lease_id {uuid} NOT NULL,
 code {text} NOT NULL,
 signed_on {date} NOT NULL,
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, lease_id),
 CONSTRAINT lease_code UNIQUE (park_id, tenant_id, code),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // What is agreed is never edited: an amendment is the next version, in force from a day, known from an instant.
    "CREATE TABLE lease_version (
 {owned},
 lease_id {uuid} NOT NULL,
 version {int} NOT NULL,
 in_force_from {date} NOT NULL,
 term_from {date} NOT NULL,
 term_to {date} NOT NULL,
 product {text} NOT NULL,
 unit_price_minor {int} NOT NULL,
 currency {text} NOT NULL,
 tax_rate_bp {int} NOT NULL,
 proration {text} NOT NULL,
 rent_free {json} NOT NULL,
 deposit_minor {int} NOT NULL,
 payment_days {int} NOT NULL,
 reason {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, lease_id, version),
 CONSTRAINT lease_version_price CHECK (unit_price_minor >= 0 AND deposit_minor >= 0),
 CONSTRAINT lease_version_term CHECK (term_to > term_from),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    // Who holds which seat, as known now. Minutes of the day let one seat be sold to a day and a night shift.
    // `allocation_held` is what occupancies refer to.
    "CREATE TABLE allocation (
 {owned},
 allocation_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 held_from {date} NOT NULL,
 held_to {date} NOT NULL,
 shift_from_min {int} NOT NULL,
 shift_to_min {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, allocation_id),
 CONSTRAINT allocation_held UNIQUE (park_id, tenant_id, allocation_id, seat_id, held_from, held_to),
 CONSTRAINT allocation_period CHECK (held_to > held_from),
 CONSTRAINT allocation_shift CHECK (shift_from_min >= 0 AND shift_to_min <= 1440 AND shift_to_min > shift_from_min),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX allocation_seat ON allocation (park_id, seat_id, held_from)",
    "CREATE INDEX allocation_lease ON allocation (park_id, tenant_id, lease_id, held_from)",
    // Append-only and bitemporal: what happened to which seat, when it is true, when it was recorded. Outlives the
    // allocation: one that never was (`reverse`) is no longer among the allocations.
    "CREATE TABLE seat_ledger (
 {owned},
 entry_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 lease_id {uuid} NOT NULL,
 allocation_id {uuid} NOT NULL,
 kind {text} NOT NULL,
 effective_on {date} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, entry_id),
 CONSTRAINT seat_ledger_kind CHECK (kind IN ('allocate', 'release', 'reverse')),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX seat_ledger_lease ON seat_ledger (park_id, tenant_id, lease_id, effective_on)",
];

/// No seat is held twice at one time of one day.
pub(crate) const NO_DOUBLE: Apart = Apart {
    name: "allocation_no_double",
    table: "allocation",
    same: &["park_id", "seat_id"],
    spans: &[Span::Days("held_from", "held_to"), Span::Minutes("shift_from_min", "shift_to_min")],
    id: "allocation_id",
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        NO_DOUBLE.add(manager).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await
    }
}
