//! Credit notes: what was taken back of issued invoices. Append-only; a note is corrected by another invoice, not by an edit.

use sea_orm_migration::prelude::*;

use crate::ddl;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] =
    &[TableRule::shared("credit_note").append_only(), TableRule::shared("credit_note_line").append_only()];

const UP: &[&str] = &[
    // `off_debt_minor` went off what was owed, `refunded_minor` back as money: together the total.
    "CREATE TABLE credit_note (
 {owned},
 note_id {uuid} NOT NULL,
 number {text} NOT NULL,
 invoice_id {uuid} NOT NULL,
 currency {text} NOT NULL,
 net_minor {int} NOT NULL,
 tax_minor {int} NOT NULL,
 total_minor {int} NOT NULL,
 off_debt_minor {int} NOT NULL,
 refunded_minor {int} NOT NULL,
 reason {text} NOT NULL,
 issued_on {date} NOT NULL,
 issued_at {instant} NOT NULL,
 issued_by {uuid},
 PRIMARY KEY (park_id, tenant_id, note_id),
 CONSTRAINT credit_note_number UNIQUE (park_id, tenant_id, number),
 CONSTRAINT credit_note_sum CHECK (total_minor = net_minor + tax_minor AND total_minor = off_debt_minor + refunded_minor),
 CONSTRAINT credit_note_above CHECK (net_minor > 0 AND tax_minor >= 0 AND off_debt_minor >= 0 AND refunded_minor >= 0),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX credit_note_invoice ON credit_note (park_id, tenant_id, invoice_id)",
    // `line_no` is that of the invoice.
    "CREATE TABLE credit_note_line (
 {owned},
 note_id {uuid} NOT NULL,
 line_no {int} NOT NULL,
 net_minor {int} NOT NULL,
 tax_minor {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, note_id, line_no),
 CONSTRAINT credit_note_line_above CHECK (net_minor > 0 AND tax_minor >= 0),
 FOREIGN KEY (park_id, tenant_id, note_id) REFERENCES credit_note (park_id, tenant_id, note_id)
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
