//! Which seats a tenant gives to which team and campaign: private to the tenant.
//!
//! An assignment is ended or taken back, never overwritten. What it takes at which time of the day is claimed as seats are
//! by allocations: until midnight, and after it on the days that follow.

use sea_orm_migration::prelude::*;

use crate::apart::{Apart, Span};
use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("campaign").for_tenant(Access::Append).for_system(Access::None),
    TableRule::private("seat_assignment")
        .for_tenant(Access::Advance(&["used_to", "ended_at", "ended_by", "reversed_at", "reversed_by"]))
        .for_system(Access::None),
    TableRule::private("seat_assignment_claim").for_system(Access::None),
];

const UP: &[&str] = &[
    "CREATE TABLE campaign (
 {owned},
 campaign_id {uuid} NOT NULL,
 code {text} NOT NULL,
 name {text} NOT NULL,
 client {text} NOT NULL,
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, campaign_id),
 CONSTRAINT campaign_code UNIQUE (park_id, tenant_id, code),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    // `used_to` is 9999-12-31 where no end is set: as long as the seat is held.
    "CREATE TABLE seat_assignment (
 {owned},
 assignment_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 team_id {uuid},
 campaign_id {uuid},
 mode {text} NOT NULL,
 used_from {date} NOT NULL,
 used_to {date} NOT NULL,
 shift_from_min {int} NOT NULL,
 shift_to_min {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 ended_at {instant},
 ended_by {uuid},
 reversed_at {instant},
 reversed_by {uuid},
 PRIMARY KEY (park_id, tenant_id, assignment_id),
 CONSTRAINT seat_assignment_whom CHECK (team_id IS NOT NULL OR campaign_id IS NOT NULL),
 CONSTRAINT seat_assignment_mode CHECK (mode IN ('dedicated', 'shared')),
 CONSTRAINT seat_assignment_period CHECK (used_to > used_from),
 CONSTRAINT seat_assignment_shift CHECK (shift_from_min BETWEEN 0 AND 1439 AND shift_to_min > shift_from_min
  AND shift_to_min <= shift_from_min + 1440),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, team_id) REFERENCES team (park_id, tenant_id, team_id),
 FOREIGN KEY (park_id, tenant_id, campaign_id) REFERENCES campaign (park_id, tenant_id, campaign_id)
{end}",
    "CREATE INDEX seat_assignment_seat ON seat_assignment (park_id, tenant_id, seat_id, used_from)",
    "CREATE TABLE seat_assignment_claim (
 {owned},
 assignment_id {uuid} NOT NULL,
 n {int} NOT NULL,
 seat_id {uuid} NOT NULL,
 claim_from {date} NOT NULL,
 claim_to {date} NOT NULL,
 from_min {int} NOT NULL,
 to_min {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, assignment_id, n),
 FOREIGN KEY (park_id, tenant_id, assignment_id) REFERENCES seat_assignment (park_id, tenant_id, assignment_id)
{end}",
    "CREATE INDEX seat_assignment_claim_seat ON seat_assignment_claim (park_id, tenant_id, seat_id)",
];

/// No seat is given twice at one time of one day.
const NO_DOUBLE: Apart = Apart {
    name: "seat_assignment_no_double",
    table: "seat_assignment_claim",
    same: &["park_id", "tenant_id", "seat_id"],
    spans: &[Span::Days("claim_from", "claim_to"), Span::Minutes("from_min", "to_min")],
    id: "assignment_id",
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
