//! Requests of tenants to their park for seats, with their history, and how long each side has.
//!
//! A request is the tenant's and its park's: both read it, each appends what it does. What was said names people and their
//! plans, so it is sealed, each value bound to its row.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

const STANDS: Access = Access::Advance(&["state", "entered_at", "due_on", "last_n"]);

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::private("seat_request").for_tenant(STANDS).for_park(STANDS).for_system(Access::None),
    TableRule::private("seat_request_seat").for_tenant(Access::Append).for_park(Access::Read).for_system(Access::None),
    TableRule::private("seat_request_step")
        .for_tenant(Access::Append)
        .for_park(Access::Append)
        .for_system(Access::None),
    TableRule::park("seat_request_clock").for_tenant(Access::Read).for_system(Access::None),
];

const UP: &[&str] = &[
    // `due_on` is the last day on which whose turn it is acts in time; empty when the request is over.
    "CREATE TABLE seat_request (
 {owned},
 request_id {uuid} NOT NULL,
 number {int} NOT NULL,
 kind {text} NOT NULL,
 seats {int} NOT NULL,
 product {text},
 zone_id {uuid},
 shift_from_min {int},
 shift_to_min {int},
 wanted_from {date} NOT NULL,
 lease_id {uuid},
 state {text} NOT NULL,
 entered_at {instant} NOT NULL,
 due_on {date},
 last_n {int} NOT NULL,
 created_at {instant} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, request_id),
 CONSTRAINT seat_request_number UNIQUE (park_id, tenant_id, number),
 CONSTRAINT seat_request_kind CHECK (kind IN ('more', 'fewer', 'other')),
 CONSTRAINT seat_request_seats CHECK (seats > 0),
 CONSTRAINT seat_request_state CHECK (state IN ('asked', 'taken_up', 'asked_back', 'offered', 'agreed', 'accepted', 'declined', 'withdrawn')),
 CONSTRAINT seat_request_due CHECK ((due_on IS NULL) = (state IN ('accepted', 'declined', 'withdrawn'))),
 CONSTRAINT seat_request_shift CHECK ((shift_from_min IS NULL) = (shift_to_min IS NULL)),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id),
 FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, zone_id),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    "CREATE INDEX seat_request_due ON seat_request (park_id, due_on)",
    "CREATE TABLE seat_request_seat (
 {owned},
 request_id {uuid} NOT NULL,
 seat_id {uuid} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, request_id, seat_id),
 FOREIGN KEY (park_id, tenant_id, request_id) REFERENCES seat_request (park_id, tenant_id, request_id),
 FOREIGN KEY (park_id, seat_id) REFERENCES seat (park_id, seat_id)
{end}",
    // Numbered from 1 by request. What answers a request is named by its kind and id, a lease with its version.
    "CREATE TABLE seat_request_step (
 {owned},
 request_id {uuid} NOT NULL,
 n {int} NOT NULL,
 side {text} NOT NULL,
 act {text} NOT NULL,
 state {text} NOT NULL,
 words_sealed {bytes},
 answer_kind {text},
 answer_id {uuid},
 answer_version {int},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 by_name_sealed {bytes},
 PRIMARY KEY (park_id, tenant_id, request_id, n),
 CONSTRAINT seat_request_step_side CHECK (side IN ('tenant', 'park')),
 CONSTRAINT seat_request_step_answer CHECK ((answer_kind IS NULL) = (answer_id IS NULL)
  AND (answer_kind IS NULL OR answer_kind IN ('allocation', 'lease', 'hold', 'quote'))),
 FOREIGN KEY (park_id, tenant_id, request_id) REFERENCES seat_request (park_id, tenant_id, request_id)
{end}",
    "CREATE TABLE seat_request_clock (
 {park} PRIMARY KEY,
 take_up_days {int} NOT NULL,
 answer_days {int} NOT NULL,
 reply_days {int} NOT NULL,
 CONSTRAINT seat_request_clock_days CHECK (take_up_days BETWEEN 1 AND 90 AND answer_days BETWEEN 1 AND 90 AND reply_days BETWEEN 1 AND 90),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
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
