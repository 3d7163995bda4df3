//! Payments and what became of them.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{FromQueryResult as _, QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::receiving::{PaymentAct, PaymentFilter, PaymentStep, Received, Source, Store};
use voxpark_domain::Result;
use voxpark_domain::ids::{CreditNoteId, Id, InvoiceId, PaymentActId, PaymentId, TenantId, UserId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest};

use super::binds::{Binds, id, inserts};
use super::invoicing::{PAID_SLOTS, WITH_PAID, to_payment};
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::entity::payment;

const PAYMENT: Slot = Slot("p", "payment");
const NOTE: Slot = Slot("c", "credit_note");
const ACT: Slot = Slot("a", "payment_act");

const COLUMNS: &[&str] = &[
    "park_id",
    "tenant_id",
    "act_id",
    "payment_id",
    "note_id",
    "step",
    "invoice_id",
    "amount_minor",
    "done_on",
    "note",
    "recorded_at",
    "recorded_by",
];

fn to_act(row: &QueryResult) -> Result<PaymentAct> {
    let step: String = get(row, "step")?;
    let source = match get::<Option<Uuid>>(row, "payment_id")? {
        Some(payment) => Source::Payment(PaymentId::from_uuid(payment)),
        None => Source::CreditNote(CreditNoteId::from_uuid(get(row, "note_id")?)),
    };
    Ok(PaymentAct {
        id: PaymentActId::from_uuid(get(row, "act_id")?),
        source,
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        step: PaymentStep::parse(&step).ok_or_else(|| broken("step of a payment", &step))?,
        invoice: get::<Option<Uuid>>(row, "invoice_id")?.map(InvoiceId::from_uuid),
        amount_minor: get(row, "amount_minor")?,
        done_on: get(row, "done_on")?,
        note: get(row, "note")?,
        recorded_at: get(row, "recorded_at")?,
        recorded_by: get::<Option<Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
    })
}

/// What is read of an act.
const READ: &str = "a.act_id, a.payment_id, a.note_id, a.tenant_id, a.step, a.invoice_id, a.amount_minor, a.done_on, a.note, a.recorded_at, a.recorded_by";

/// The condition of a filter on a payment `p`, and its tables. Whatever was done with a payment takes from its credit, but for
/// what is applied no longer.
fn narrowed(filter: &PaymentFilter, binds: &mut Binds) -> (String, Vec<Slot>) {
    let mut only = match filter.tenant {
        Some(tenant) => format!("p.tenant_id = {}", binds.one(tenant.uuid())),
        None => "1 = 1".to_owned(),
    };
    let mut slots = vec![PAYMENT];
    if filter.credit {
        only += " AND p.amount_minor > COALESCE((SELECT SUM(CASE WHEN a.step = 'unapplied' THEN -a.amount_minor ELSE a.amount_minor END)
          FROM payment_act a WHERE {a} AND a.park_id = p.park_id AND a.tenant_id = p.tenant_id AND a.payment_id = p.payment_id), 0)";
        slots.push(ACT);
    }
    (only, slots)
}

impl Tx {
    /// Payments with their acts, in the order in which they were found.
    async fn with_acts(&self, rows: &[QueryResult]) -> Result<Vec<Received>> {
        let model = |row| payment::Model::from_query_result(row, "").map_err(fail).and_then(to_payment);
        let payments = rows.iter().map(model).collect::<Result<Vec<_>>>()?;
        let mut acts: HashMap<PaymentId, Vec<PaymentAct>> = HashMap::new();
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {READ} FROM payment_act a WHERE {{a}} AND a.payment_id IN {} ORDER BY a.recorded_at, a.act_id",
            binds.ids(&payments.iter().map(|payment| payment.id).collect::<Vec<_>>())
        );
        for row in self.query(&sql, &[ACT], binds.into_values()).await? {
            let act = to_act(&row)?;
            if let Source::Payment(payment) = act.source {
                acts.entry(payment).or_default().push(act);
            }
        }
        let whole = |of: voxpark_billing::invoicing::PaymentRecord| {
            let acts = acts.remove(&of.id).unwrap_or_default();
            Received { of, acts }
        };
        Ok(payments.into_iter().map(whole).collect())
    }
}

#[async_trait]
impl Store for Tx {
    async fn credit_lock(&self, of: Source) -> Result<bool> {
        let (name, sql, slot, of) = match of {
            Source::Payment(of) => {
                (of.to_string(), "SELECT 1 AS one FROM payment p WHERE {p} AND p.payment_id = $1", PAYMENT, id(of))
            }
            Source::CreditNote(of) => {
                (of.to_string(), "SELECT 1 AS one FROM credit_note c WHERE {c} AND c.note_id = $1", NOTE, id(of))
            }
        };
        // Nobody but the owner of the table may lock its rows for a change, which none is made of: the lock is on a name.
        self.hold(name).await?;
        Ok(self.query_one(sql, &[slot], vec![of]).await?.is_some())
    }

    async fn payments_received(&self, ids: &[PaymentId]) -> Result<Vec<Received>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT p.* FROM payment p WHERE {{p}} AND p.payment_id IN {}", binds.ids(ids));
        let rows = self.query(&sql, &[PAYMENT], binds.into_values()).await?;
        self.with_acts(&rows).await
    }

    async fn note_acts(&self, notes: &[CreditNoteId]) -> Result<Vec<(CreditNoteId, PaymentAct)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {READ} FROM payment_act a WHERE {{a}} AND a.note_id IN {} ORDER BY a.recorded_at, a.act_id",
            binds.ids(notes)
        );
        let rows = self.query(&sql, &[ACT], binds.into_values()).await?;
        rows.iter().map(|row| Ok((CreditNoteId::from_uuid(get(row, "note_id")?), to_act(row)?))).collect()
    }

    async fn notes_applied(&self, invoices: &[InvoiceId]) -> Result<Vec<(InvoiceId, i64, CreditNoteId)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT x.invoice_id, x.note_id, x.minor FROM (SELECT a.invoice_id, a.note_id,
               CAST(SUM(CASE WHEN a.step = 'applied' THEN a.amount_minor ELSE -a.amount_minor END) AS bigint) AS minor
              FROM payment_act a WHERE {{a}} AND a.note_id IS NOT NULL AND a.invoice_id IN {} GROUP BY a.invoice_id, a.note_id) x
             WHERE x.minor > 0 ORDER BY x.note_id",
            binds.ids(invoices)
        );
        let rows = self.query(&sql, &[ACT], binds.into_values()).await?;
        let pays = |row: &QueryResult| {
            let (invoice, note) = (get(row, "invoice_id")?, get(row, "note_id")?);
            Ok((InvoiceId::from_uuid(invoice), get(row, "minor")?, CreditNoteId::from_uuid(note)))
        };
        rows.iter().map(pays).collect()
    }

    async fn payments(&self, filter: &PaymentFilter, page: &PageRequest) -> Result<Page<Received>> {
        let mut binds = Binds::default();
        let (only, slots) = narrowed(filter, &mut binds);
        let after = match page.after.as_deref().map(str::parse::<PaymentId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("p.payment_id < {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT p.* FROM payment p WHERE {{p}} AND {only} AND {after} ORDER BY p.payment_id DESC LIMIT {}",
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let found = self.with_acts(&rows).await?;
        Ok(Page::from_rows(page, found.into_iter().map(|one| (one.of.id.to_string(), one)).collect()))
    }

    async fn payments_count(&self, filter: &PaymentFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let (only, slots) = narrowed(filter, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM payment p WHERE {{p}} AND {only}");
        let row = self.query_one(&sql, &slots, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn payment_acts_add(&self, acts: &[PaymentAct]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |act: &PaymentAct| -> Vec<Value> {
            let (payment, note) = match act.source {
                Source::Payment(of) => (Some(of.uuid()), None),
                Source::CreditNote(of) => (None, Some(of.uuid())),
            };
            vec![
                park.clone(),
                id(act.tenant),
                id(act.id),
                payment.into(),
                note.into(),
                act.step.name().into(),
                act.invoice.map(Id::uuid).into(),
                act.amount_minor.into(),
                act.done_on.into(),
                act.note.as_str().into(),
                act.recorded_at.into(),
                act.recorded_by.map(Id::uuid).into(),
            ]
        };
        for (sql, values) in inserts("payment_act", COLUMNS, acts.iter().map(row).collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn invoices_owed(
        &self,
        tenant: TenantId,
        currency: Currency,
        most: u32,
    ) -> Result<Vec<(InvoiceId, NaiveDate)>> {
        let sql = format!(
            "SELECT x.invoice_id, x.due_on FROM ({WITH_PAID} AND i.tenant_id = $1 AND i.currency = $2 AND i.voided_at IS NULL) x
             WHERE x.total_minor - x.credited_minor - x.given_up_minor > x.paid_minor ORDER BY x.due_on, x.number LIMIT {most}"
        );
        let values = vec![id(tenant), currency.code().into()];
        let rows = self.query(&sql, &PAID_SLOTS, values).await?;
        let owed = |row: &QueryResult| Ok((InvoiceId::from_uuid(get(row, "invoice_id")?), get(row, "due_on")?));
        rows.iter().map(owed).collect()
    }
}
