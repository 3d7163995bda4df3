//! What a credit note gives back of what was paid may stay the payer's credit. That credit is used like the credit of a payment:
//! an act is about a payment or about a note.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::m114_payment_acts;
use crate::secure::secure;

/// `returned_minor` did not go off what was owed: of it `credit_minor` became credit, the rest went back as money.
const NOTES: &[&str] = &[
    "ALTER TABLE credit_note RENAME COLUMN refunded_minor TO returned_minor",
    "ALTER TABLE credit_note ADD COLUMN credit_minor {int} NOT NULL DEFAULT 0
      CONSTRAINT credit_note_credit CHECK (credit_minor >= 0 AND credit_minor <= returned_minor)",
];

const OPEN_POSTGRES: &[&str] = &[
    "ALTER TABLE payment_act ALTER COLUMN payment_id DROP NOT NULL",
    "ALTER TABLE payment_act ADD COLUMN note_id {uuid}",
    "ALTER TABLE payment_act ADD CONSTRAINT payment_act_source CHECK ((payment_id IS NULL) <> (note_id IS NULL))",
    "ALTER TABLE payment_act ADD CONSTRAINT payment_act_bounced CHECK (step <> 'bounced' OR payment_id IS NOT NULL)",
    "ALTER TABLE payment_act ADD FOREIGN KEY (park_id, tenant_id, note_id) REFERENCES credit_note (park_id, tenant_id, note_id)",
];

/// SQLite cannot let go of a NOT NULL, nor ask for it again, but by a table of its own.
const ANEW: &str = "CREATE TABLE payment_act_anew (
 {owned},
 act_id {uuid} NOT NULL,
 {source},
 step {text} NOT NULL,
 invoice_id {uuid},
 amount_minor {int} NOT NULL,
 done_on {date} NOT NULL,
 note {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, act_id),
 CONSTRAINT payment_act_step CHECK (step IN ('applied', 'unapplied', 'refunded', 'bounced')),
 CONSTRAINT payment_act_invoice CHECK ((step IN ('applied', 'unapplied')) = (invoice_id IS NOT NULL)),
 CONSTRAINT payment_act_amount CHECK (amount_minor > 0),
 {conditions}
 FOREIGN KEY (park_id, tenant_id, payment_id) REFERENCES payment (park_id, tenant_id, payment_id),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}";

const OPEN: (&str, &str) = (
    "payment_id {uuid},\n note_id {uuid}",
    "CONSTRAINT payment_act_source CHECK ((payment_id IS NULL) <> (note_id IS NULL)),
 CONSTRAINT payment_act_bounced CHECK (step <> 'bounced' OR payment_id IS NOT NULL),
 FOREIGN KEY (park_id, tenant_id, note_id) REFERENCES credit_note (park_id, tenant_id, note_id),",
);
const CLOSED: (&str, &str) = ("payment_id {uuid} NOT NULL", "");

const MOVED: &[&str] = &[
    "INSERT INTO payment_act_anew (park_id, tenant_id, act_id, payment_id, step, invoice_id, amount_minor, done_on, note, recorded_at, recorded_by)
     SELECT park_id, tenant_id, act_id, payment_id, step, invoice_id, amount_minor, done_on, note, recorded_at, recorded_by FROM payment_act
     WHERE payment_id IS NOT NULL",
    "DROP TABLE payment_act",
    "ALTER TABLE payment_act_anew RENAME TO payment_act",
    "CREATE INDEX payment_act_payment ON payment_act (park_id, tenant_id, payment_id)",
    "CREATE INDEX payment_act_invoice_of ON payment_act (park_id, tenant_id, invoice_id)",
];

const INDEX: &[&str] = &["CREATE INDEX payment_act_note ON payment_act (park_id, tenant_id, note_id)"];

/// What was done with notes cannot be told without the column that names them.
const CLOSE_POSTGRES: &[&str] = &[
    "DROP INDEX payment_act_note",
    "ALTER TABLE payment_act NO FORCE ROW LEVEL SECURITY",
    "DELETE FROM payment_act WHERE payment_id IS NULL",
    "ALTER TABLE payment_act FORCE ROW LEVEL SECURITY",
    "ALTER TABLE payment_act DROP CONSTRAINT payment_act_source",
    "ALTER TABLE payment_act DROP CONSTRAINT payment_act_bounced",
    "ALTER TABLE payment_act DROP COLUMN note_id",
    "ALTER TABLE payment_act ALTER COLUMN payment_id SET NOT NULL",
];

const NOTES_BACK: &[&str] = &[
    "ALTER TABLE credit_note DROP COLUMN credit_minor",
    "ALTER TABLE credit_note RENAME COLUMN returned_minor TO refunded_minor",
];

/// The table of acts as SQLite has it, made anew; on the way down without what was done with notes, which it cannot name.
async fn anew(manager: &SchemaManager<'_>, (source, conditions): (&str, &str)) -> Result<(), DbErr> {
    let create = ANEW.replace("{source}", source).replace("{conditions}", conditions);
    ddl::run(manager, &[&create]).await?;
    ddl::run(manager, MOVED).await?;
    secure(manager, m114_payment_acts::TABLES).await
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, NOTES).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            anew(manager, OPEN).await?;
        } else {
            ddl::run(manager, OPEN_POSTGRES).await?;
        }
        ddl::run(manager, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            anew(manager, CLOSED).await?;
        } else {
            ddl::run(manager, CLOSE_POSTGRES).await?;
        }
        ddl::run(manager, NOTES_BACK).await
    }
}
