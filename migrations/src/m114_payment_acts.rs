//! Money that is not for one invoice: what becomes of a payment is told by acts. It is applied to invoices, applied no longer,
//! paid back, or taken back by the bank. A payment that was recorded for an invoice was applied to it at once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::m07_billing;
use crate::rule::TableRule;
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[TableRule::shared("payment_act").append_only()];

/// SQLite cannot let go of a NOT NULL but by a table of its own.
const OPEN_SQLITE: &[&str] = &[
    "CREATE TABLE payment_anew (
 {owned},
 payment_id {uuid} NOT NULL,
 invoice_id {uuid},
 amount_minor {int} NOT NULL,
 currency {text} NOT NULL,
 paid_on {date} NOT NULL,
 method {text} NOT NULL,
 reference {text} NOT NULL,
 recorded_at {instant} NOT NULL,
 recorded_by {uuid},
 PRIMARY KEY (park_id, tenant_id, payment_id),
 CONSTRAINT payment_amount CHECK (amount_minor > 0),
 FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "INSERT INTO payment_anew (park_id, tenant_id, payment_id, invoice_id, amount_minor, currency, paid_on, method, reference, recorded_at, recorded_by)
     SELECT park_id, tenant_id, payment_id, invoice_id, amount_minor, currency, paid_on, method, reference, recorded_at, recorded_by FROM payment",
    "DROP TABLE payment",
    "ALTER TABLE payment_anew RENAME TO payment",
    "CREATE INDEX payment_invoice ON payment (park_id, tenant_id, invoice_id)",
];

const OPEN_POSTGRES: &[&str] = &[
    "ALTER TABLE payment ALTER COLUMN invoice_id DROP NOT NULL",
    "ALTER TABLE payment ADD FOREIGN KEY (park_id, tenant_id) REFERENCES tenant (park_id, tenant_id)",
];

const UP: &[&str] = &[
    "CREATE INDEX payment_came ON payment (park_id, paid_on)",
    "CREATE TABLE payment_act (
 {owned},
 act_id {uuid} NOT NULL,
 payment_id {uuid} NOT NULL,
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
 FOREIGN KEY (park_id, tenant_id, payment_id) REFERENCES payment (park_id, tenant_id, payment_id),
 FOREIGN KEY (park_id, tenant_id, invoice_id) REFERENCES invoice (park_id, tenant_id, invoice_id)
{end}",
    "CREATE INDEX payment_act_payment ON payment_act (park_id, tenant_id, payment_id)",
    "CREATE INDEX payment_act_invoice_of ON payment_act (park_id, tenant_id, invoice_id)",
    // The act has the id of its payment, which is also what the books call it.
    "INSERT INTO payment_act (park_id, tenant_id, act_id, payment_id, step, invoice_id, amount_minor, done_on, note, recorded_at, recorded_by)
     SELECT p.park_id, p.tenant_id, p.payment_id, p.payment_id, 'applied', p.invoice_id, p.amount_minor, p.paid_on, '', p.recorded_at, p.recorded_by
     FROM payment p WHERE p.invoice_id IS NOT NULL",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            ddl::run(manager, OPEN_SQLITE).await?;
            let payment: Vec<TableRule> =
                m07_billing::TABLES.iter().filter(|rule| rule.name == "payment").copied().collect();
            secure(manager, &payment).await?;
        } else {
            ddl::run(manager, OPEN_POSTGRES).await?;
        }
        // An owner that is no superuser would see no payment.
        ddl::run_on(manager, DbBackend::Postgres, &["ALTER TABLE payment NO FORCE ROW LEVEL SECURITY"]).await?;
        ddl::run(manager, UP).await?;
        ddl::run_on(manager, DbBackend::Postgres, &["ALTER TABLE payment FORCE ROW LEVEL SECURITY"]).await?;
        secure(manager, TABLES).await
    }

    /// Payments keep that they may be for no invoice: some are.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, TABLES).await?;
        ddl::run(manager, &["DROP INDEX payment_came"]).await?;
        let foreign = ["ALTER TABLE payment DROP CONSTRAINT payment_park_id_tenant_id_fkey"];
        ddl::run_on(manager, DbBackend::Postgres, &foreign).await
    }
}
