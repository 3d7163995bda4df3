//! Invoices, payments, number series, and the tenant's own cost entries.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("invoice_series"),
    TableRule::shared("invoice"),
    TableRule::shared("invoice_line").append_only(),
    TableRule::shared("payment").append_only(),
    TableRule::private("cost_entry").append_only(),
];

const UP: &[&str] = &[
    // The next number of a series, taken in the transaction that issues: no gap, no double.
    "CREATE TABLE invoice_series (
 {park},
 series {text} NOT NULL,
 year {int} NOT NULL,
 next_number {int} NOT NULL,
 PRIMARY KEY (park_id, series, year),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    "CREATE TABLE invoice (
 {owned},
 invoice_id {uuid} NOT NULL,
 number {text} NOT NULL,
 lease_id {uuid} NOT NULL,
 period_from {date} NOT NULL,
 period_to {date} NOT NULL,
 currency {text} NOT NULL,
 net_minor {int} NOT NULL,
 tax_minor {int} NOT NULL,
 total_minor {int} NOT NULL,
 issued_at {instant} NOT NULL,
 issued_by {uuid},
 due_on {date} NOT NULL,
 known_at {instant} NOT NULL,
 voided_at {instant},
 voided_by {uuid},
 void_reason {text} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, invoice_id),
 CONSTRAINT invoice_number UNIQUE (park_id, tenant_id, number),
 CONSTRAINT invoice_sum CHECK (total_minor = net_minor + tax_minor),
 FOREIGN KEY (park_id, tenant_id, lease_id) REFERENCES lease (park_id, tenant_id, lease_id)
{end}",
    // One a lease and month; one that was voided keeps its number and gives way to another.
    "CREATE UNIQUE INDEX invoice_once ON invoice (park_id, tenant_id, lease_id, period_from) WHERE voided_at IS NULL",
    "CREATE TABLE invoice_line (
 {owned},
 invoice_id {uuid} NOT NULL,
 line_no {int} NOT NULL,
 kind {text} NOT NULL,
 lease_version {int} NOT NULL,
 product {text} NOT NULL,
 seat_days {int} NOT NULL,
 unit_price_minor {int} NOT NULL,
 net_minor {int} NOT NULL,
 tax_rate_bp {int} NOT NULL,
 explanation {json} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, invoice_id, line_no),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE TABLE payment (
 {owned},
 payment_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 amount_minor {int} NOT NULL,
 currency {text} NOT NULL,
 paid_on {date} NOT NULL,
 method {text} NOT NULL,
 reference {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, payment_id),
 CONSTRAINT payment_amount CHECK (amount_minor > 0),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX payment_invoice ON payment (park_id, tenant_id, invoice_id)",
    // Rent is not entered: it is read from the invoices of the month, so that cost and bill always agree.
    "CREATE TABLE cost_entry (
 {owned},
 entry_id {uuid} NOT NULL,
 month {date} NOT NULL,
 category {text} NOT NULL,
 amount_minor {int} NOT NULL,
 currency {text} NOT NULL,
 source {text} NOT NULL,
 note {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, month, entry_id),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
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
