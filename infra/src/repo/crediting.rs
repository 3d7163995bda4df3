//! Credit notes.

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::crediting::{CreditedLine, IssuedNote, Store};
use voxpark_domain::ids::{CreditNoteId, Id, InvoiceId, TenantId, UserId};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, inserts};
use super::invoicing::currency;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};

const NOTE: &[&str] = &[
    "park_id",
    "tenant_id",
    "note_id",
    "number",
    "invoice_id",
    "currency",
    "net_minor",
    "tax_minor",
    "total_minor",
    "off_debt_minor",
    "refunded_minor",
    "reason",
    "issued_on",
    "issued_at",
    "issued_by",
];

const LINE: &[&str] = &["park_id", "tenant_id", "note_id", "line_no", "net_minor", "tax_minor"];

fn to_note(row: &QueryResult) -> Result<IssuedNote> {
    let number: String = get(row, "number")?;
    Ok(IssuedNote {
        id: CreditNoteId::from_uuid(get(row, "note_id")?),
        number: Some(number.parse().map_err(|_| broken("credit note number", &number))?),
        invoice: InvoiceId::from_uuid(get(row, "invoice_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        currency: currency(&get::<String>(row, "currency")?)?,
        net_minor: get(row, "net_minor")?,
        tax_minor: get(row, "tax_minor")?,
        total_minor: get(row, "total_minor")?,
        off_debt_minor: get(row, "off_debt_minor")?,
        refunded_minor: get(row, "refunded_minor")?,
        reason: get(row, "reason")?,
        issued_on: get(row, "issued_on")?,
        issued_at: get(row, "issued_at")?,
        issued_by: get::<Option<Uuid>>(row, "issued_by")?.map(UserId::from_uuid),
        lines: Vec::new(),
    })
}

impl Tx {
    /// Notes with their lines, oldest first.
    async fn notes_where(&self, of: &str, binds: Binds) -> Result<Vec<IssuedNote>> {
        let sql = format!(
            "SELECT c.note_id, c.number, c.invoice_id, c.tenant_id, c.currency, c.net_minor, c.tax_minor, c.total_minor,
              c.off_debt_minor, c.refunded_minor, c.reason, c.issued_on, c.issued_at, c.issued_by, l.line_no,
              l.net_minor AS line_net, l.tax_minor AS line_tax
             FROM credit_note c JOIN credit_note_line l ON l.park_id = c.park_id AND l.tenant_id = c.tenant_id AND l.note_id = c.note_id
             WHERE {{c}} AND {{l}} AND {of} ORDER BY c.issued_at, c.note_id, l.line_no"
        );
        let slots = [Slot("c", "credit_note"), Slot("l", "credit_note_line")];
        let mut notes: Vec<IssuedNote> = Vec::new();
        for row in self.query(&sql, &slots, binds.into_values()).await? {
            let note = to_note(&row)?;
            if notes.last().is_none_or(|last| last.id != note.id) {
                notes.push(note);
            }
            let (line, net_minor, tax_minor) = (get(&row, "line_no")?, get(&row, "line_net")?, get(&row, "line_tax")?);
            if let Some(note) = notes.last_mut() {
                note.lines.push(CreditedLine { line, net_minor, tax_minor });
            }
        }
        Ok(notes)
    }
}

#[async_trait]
impl Store for Tx {
    async fn credit_notes_of(&self, invoices: &[InvoiceId]) -> Result<Vec<IssuedNote>> {
        let mut binds = Binds::default();
        let of = format!("c.invoice_id IN {}", binds.ids(invoices));
        self.notes_where(&of, binds).await
    }

    async fn credit_notes_by_id(&self, ids: &[CreditNoteId]) -> Result<Vec<IssuedNote>> {
        let mut binds = Binds::default();
        let of = format!("c.note_id IN {}", binds.ids(ids));
        self.notes_where(&of, binds).await
    }

    async fn credit_note_add(&self, note: &IssuedNote) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let number = note.number.as_ref().ok_or_else(|| Error::internal("a credit note without a number"))?;
        let head = vec![
            park.clone(),
            id(note.tenant),
            id(note.id),
            number.to_string().into(),
            id(note.invoice),
            note.currency.code().into(),
            note.net_minor.into(),
            note.tax_minor.into(),
            note.total_minor.into(),
            note.off_debt_minor.into(),
            note.refunded_minor.into(),
            note.reason.as_str().into(),
            note.issued_on.into(),
            note.issued_at.into(),
            note.issued_by.map(Id::uuid).into(),
        ];
        let line = |line: &CreditedLine| {
            let (tenant, net, tax) = (id(note.tenant), line.net_minor.into(), line.tax_minor.into());
            vec![park.clone(), tenant, id(note.id), line.line.into(), net, tax]
        };
        let lines = note.lines.iter().map(line).collect();
        for (table, columns, rows) in [("credit_note", NOTE, vec![head]), ("credit_note_line", LINE, lines)] {
            for (sql, values) in inserts(table, columns, rows) {
                self.execute(&sql, &[], values).await.map_err(fail)?;
            }
        }
        Ok(())
    }
}
