//! What the operator of the installation charges parks: terms, invoices, payments. The installation writes them and the park
//! reads its own; nothing of them is ever changed but that an invoice is withdrawn.
//!
//! Numbers run over all parks, so the counter is the installation's. Whoever is named on an invoice has an account, so both
//! sides are sealed and bound to the key of the row.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::installation("platform_series"),
    TableRule::park("platform_terms").for_park(Access::Read).for_system(Access::Append),
    TableRule::park("platform_invoice")
        .for_park(Access::Read)
        .for_system(Access::Advance(&["voided_at", "void_reason"])),
    TableRule::park("platform_payment").for_park(Access::Read).for_system(Access::Append),
];

const UP: &[&str] = &[
    // The next number of a series, taken in the transaction that issues: no gap, no double.
    "CREATE TABLE platform_series (
 series {text} NOT NULL,
 year {int} NOT NULL,
 next_number {int} NOT NULL,
 PRIMARY KEY (series, year)
{end}",
    "CREATE TABLE platform_terms (
 {park},
 version {int} NOT NULL,
 from_month {date} NOT NULL,
 file_text {text} NOT NULL,
 sha256 {bytes} NOT NULL,
 currency {text} NOT NULL,
 tax_rate_bp {int} NOT NULL,
 payment_days {int} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, version),
 CONSTRAINT platform_terms_version CHECK (version > 0),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // `said` holds the lines with their reasons, and what was counted of which month.
    "CREATE TABLE platform_invoice (
 {park},
 invoice_id {uuid} NOT NULL,
 number {text} NOT NULL,
 month {date} NOT NULL,
 terms_version {int} NOT NULL,
 currency {text} NOT NULL,
 net_minor {int} NOT NULL,
 tax_minor {int} NOT NULL,
 total_minor {int} NOT NULL,
 said {json} NOT NULL,
 parties_sealed {bytes} NOT NULL,
 sha256 {bytes} NOT NULL,
 known_at {instant} NOT NULL,
 issued_at {instant} NOT NULL,
 due_on {date} NOT NULL,
 voided_at {instant},
 void_reason {text},
 PRIMARY KEY (park_id, invoice_id),
 CONSTRAINT platform_invoice_number UNIQUE (park_id, number),
 CONSTRAINT platform_invoice_sum CHECK (total_minor = net_minor + tax_minor AND total_minor >= 0),
 CONSTRAINT platform_invoice_voided CHECK ((voided_at IS NULL) = (void_reason IS NULL)),
 FOREIGN KEY (park_id, terms_version) REFERENCES platform_terms (park_id, version)
{end}",
    // One a month; one that was withdrawn keeps its number and gives way to another.
    "CREATE UNIQUE INDEX platform_invoice_once ON platform_invoice (park_id, month) WHERE voided_at IS NULL",
    "CREATE TABLE platform_payment (
 {park},
 payment_id {uuid} NOT NULL,
 invoice_id {uuid} NOT NULL,
 amount_minor {int} NOT NULL,
 paid_on {date} NOT NULL,
 reference {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 PRIMARY KEY (park_id, payment_id),
 CONSTRAINT platform_payment_amount CHECK (amount_minor > 0),
 FOREIGN KEY (park_id, invoice_id) REFERENCES platform_invoice (park_id, invoice_id)
{end}",
    "CREATE INDEX platform_payment_of ON platform_payment (park_id, invoice_id)",
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
