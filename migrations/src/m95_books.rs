//! The ledger: what business facts did to the books of a park, in double entry. Everything but the counter is append-only.
//!
//! The lines of an entry are written first and its head last: the head seals them. It is refused unless they sum to nothing in
//! every currency, and nothing can be added to them afterwards; that a line has a head is looked at when the transaction ends.
//! So the database itself keeps the books in balance, in the same way on both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    TableRule::park("ledger_book").for_park(Access::Advance(&["next_number"])),
    TableRule::park("ledger_month").append_only(),
    TableRule::park("ledger_entry").append_only(),
    TableRule::park("ledger_line").append_only(),
    TableRule::shared("ledger_statement").append_only(),
];

const UP: &[&str] = &[
    // The number of the next entry. Whoever books holds the row until the end, so that entries are numbered in the order in
    // which they last, and no month is closed meanwhile.
    "CREATE TABLE ledger_book (
 {park} PRIMARY KEY,
 next_number {int} NOT NULL,
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // Months as they were closed and opened again; the last step says which month is the first open one.
    "CREATE TABLE ledger_month (
 {park},
 n {int} NOT NULL,
 month {date} NOT NULL,
 act {text} NOT NULL,
 reason {text},
 note {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, n),
 CONSTRAINT ledger_month_act CHECK (act IN ('close', 'reopen')),
 CONSTRAINT ledger_month_reason CHECK ((act = 'reopen') = (reason IS NOT NULL)),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // `day` is the day of the fact, `booked_on` that of the books, `about_month` the first day of the month it is about.
    // `fact_sha256` stands on the first entry of a fact.
    "CREATE TABLE ledger_entry (
 {park},
 entry_id {uuid} NOT NULL,
 number {int} NOT NULL,
 posting_key {text} NOT NULL,
 fact_sha256 {text},
 kind {text} NOT NULL,
 day {date} NOT NULL,
 booked_on {date} NOT NULL,
 about_month {date} NOT NULL,
 text_rule {text} NOT NULL,
 text_args {text} NOT NULL,
 reverses {text},
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, entry_id),
 CONSTRAINT ledger_entry_number UNIQUE (park_id, number),
 CONSTRAINT ledger_entry_key UNIQUE (park_id, posting_key),
 CONSTRAINT ledger_entry_reverses UNIQUE (park_id, reverses),
 CONSTRAINT ledger_entry_day CHECK (booked_on >= day),
 FOREIGN KEY (park_id) REFERENCES park (park_id),
 FOREIGN KEY (park_id, reverses) REFERENCES ledger_entry (park_id, posting_key)
{end}",
    "CREATE INDEX ledger_entry_booked ON ledger_entry (park_id, booked_on)",
    // Debit above zero. Account: its family, and whichever of payer, kind and rate tells accounts of it apart.
    "CREATE TABLE ledger_line (
 {park},
 entry_id {uuid} NOT NULL,
 n {int} NOT NULL,
 account {text} NOT NULL,
 tenant_id {uuid},
 sponsor_id {uuid},
 detail {text} NOT NULL,
 rate_bp {int},
 currency {text} NOT NULL,
 minor {int} NOT NULL,
 document_kind {text},
 document_id {uuid},
 line {int},
 by_kind {text},
 by_id {uuid},
 stream_kind {text},
 stream_id {uuid},
 stream_line {int},
 stream_income {text},
 lease_id {uuid},
 service_from {date},
 service_to {date},
 tax_rate_bp {int},
 tax_point {date},
 due_on {date},
 earned_until {date},
 how {text} NOT NULL,
 PRIMARY KEY (park_id, entry_id, n),
 CONSTRAINT ledger_line_minor CHECK (minor <> 0),
 CONSTRAINT ledger_line_document CHECK ((document_kind IS NULL) = (document_id IS NULL)),
 CONSTRAINT ledger_line_by CHECK ((by_kind IS NULL) = (by_id IS NULL)),
 CONSTRAINT ledger_line_service CHECK (service_to > service_from),
 FOREIGN KEY (park_id, entry_id) REFERENCES ledger_entry (park_id, entry_id) DEFERRABLE INITIALLY DEFERRED,
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX ledger_line_document_of ON ledger_line (park_id, document_id)",
    "CREATE INDEX ledger_line_account ON ledger_line (park_id, account, tenant_id)",
    "CREATE INDEX ledger_line_tax ON ledger_line (park_id, tax_point)",
    // What an entry did to what a tenant owes and has in credit: the part of the books that the tenant may read too.
    "CREATE TABLE ledger_statement (
 {owned},
 entry_id {uuid} NOT NULL,
 currency {text} NOT NULL,
 number {int} NOT NULL,
 booked_on {date} NOT NULL,
 about_month {date} NOT NULL,
 text_rule {text} NOT NULL,
 text_args {text} NOT NULL,
 minor {int} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, entry_id, currency),
 FOREIGN KEY (park_id, entry_id) REFERENCES ledger_entry (park_id, entry_id),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)
{end}",
    "CREATE INDEX ledger_statement_booked ON ledger_statement (park_id, tenant_id, booked_on, number)",
];

/// Lines of the entry `NEW` that do not sum to nothing, or none at all.
const UNSOUND: &str =
    "NOT EXISTS (SELECT 1 FROM ledger_line l WHERE l.park_id = NEW.park_id AND l.entry_id = NEW.entry_id)
 OR EXISTS (SELECT 1 FROM ledger_line l WHERE l.park_id = NEW.park_id AND l.entry_id = NEW.entry_id
  GROUP BY l.currency HAVING SUM(l.minor) <> 0)";

/// The entry of the line `NEW` has its head.
const SEALED: &str =
    "EXISTS (SELECT 1 FROM ledger_entry e WHERE e.park_id = NEW.park_id AND e.entry_id = NEW.entry_id)";

fn guard(backend: DbBackend, name: &str, table: &str, when: &str) -> Vec<String> {
    if backend == DbBackend::Postgres {
        return vec![
            format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
     IF {when} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'; END IF;
     RETURN NEW;
     END $$"
            ),
            format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"),
        ];
    }
    vec![format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{name}'); END")]
}

const DOWN_POSTGRES: &[&str] = &[
    "DROP TRIGGER ledger_entry_balanced ON ledger_entry",
    "DROP FUNCTION ledger_entry_balanced()",
    "DROP TRIGGER ledger_line_sealed ON ledger_line",
    "DROP FUNCTION ledger_line_sealed()",
];

/// A trigger of one table names the other one, so that neither table could be dropped before it.
const DOWN_SQLITE: &[&str] = &["DROP TRIGGER ledger_entry_balanced", "DROP TRIGGER ledger_line_sealed"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        let backend = manager.get_database_backend();
        let balanced = guard(backend, "ledger_entry_balanced", "ledger_entry", UNSOUND);
        let sealed = guard(backend, "ledger_line_sealed", "ledger_line", SEALED);
        for sql in balanced.iter().chain(&sealed) {
            ddl::run(manager, &[sql]).await?;
        }
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run_on(manager, DbBackend::Postgres, DOWN_POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, DOWN_SQLITE).await?;
        ddl::drop(manager, TABLES).await
    }
}
