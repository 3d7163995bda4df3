//! Credit notes.

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::crediting::{CreditedLine, CreditedMonth, IssuedNote, NoteFilter, Store};
use voxpark_domain::ids::{CreditNoteId, Id, InvoiceId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest};
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
    "returned_minor",
    "credit_minor",
    "reason",
    "issued_on",
    "issued_at",
    "issued_by",
];

const MONTH: &[&str] = &["park_id", "tenant_id", "note_id", "lease_id", "month", "known_at", "net_minor"];

const LINE: &[&str] = &["park_id", "tenant_id", "note_id", "line_no", "net_minor", "tax_minor"];

fn to_note(row: &QueryResult) -> Result<IssuedNote> {
    let number: String = get(row, "number")?;
    let credit_minor = get(row, "credit_minor")?;
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
        refunded_minor: get::<i64>(row, "returned_minor")? - credit_minor,
        credit_minor,
        reason: get(row, "reason")?,
        issued_on: get(row, "issued_on")?,
        issued_at: get(row, "issued_at")?,
        issued_by: get::<Option<Uuid>>(row, "issued_by")?.map(UserId::from_uuid),
        lines: Vec::new(),
        corrects: Vec::new(),
    })
}

/// The condition of a filter on a note `c`, and its tables. Whatever was done with a note takes from its credit, but for what is
/// applied no longer.
fn narrowed(filter: &NoteFilter, binds: &mut Binds) -> (String, Vec<Slot>) {
    let mut only = match filter.tenant {
        Some(tenant) => format!("c.tenant_id = {}", binds.one(tenant.uuid())),
        None => "1 = 1".to_owned(),
    };
    let mut slots = vec![Slot("c", "credit_note")];
    if filter.credit {
        only += " AND c.credit_minor > COALESCE((SELECT SUM(CASE WHEN a.step = 'unapplied' THEN -a.amount_minor ELSE a.amount_minor END)
          FROM payment_act a WHERE {a} AND a.park_id = c.park_id AND a.tenant_id = c.tenant_id AND a.note_id = c.note_id), 0)";
        slots.push(Slot("a", "payment_act"));
    }
    (only, slots)
}

impl Tx {
    /// Notes with their lines, oldest first.
    async fn notes_where(&self, of: &str, binds: Binds) -> Result<Vec<IssuedNote>> {
        let sql = format!(
            "SELECT c.note_id, c.number, c.invoice_id, c.tenant_id, c.currency, c.net_minor, c.tax_minor, c.total_minor,
              c.off_debt_minor, c.returned_minor, c.credit_minor, c.reason, c.issued_on, c.issued_at, c.issued_by, l.line_no,
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
        let mut binds = Binds::default();
        let ids: Vec<CreditNoteId> = notes.iter().map(|note| note.id).collect();
        let sql = format!(
            "SELECT z.note_id, z.month FROM credit_note_correction z WHERE {{z}} AND z.note_id IN {} ORDER BY z.month",
            binds.ids(&ids)
        );
        for row in self.query(&sql, &[Slot("z", "credit_note_correction")], binds.into_values()).await? {
            let (of, month) = (CreditNoteId::from_uuid(get(&row, "note_id")?), get(&row, "month")?);
            notes.iter_mut().filter(|note| note.id == of).for_each(|note| note.corrects.push(month));
        }
        Ok(notes)
    }
}

#[async_trait]
impl Store for Tx {
    async fn credit_notes(&self, filter: &NoteFilter, page: &PageRequest) -> Result<Page<IssuedNote>> {
        let mut binds = Binds::default();
        let (only, slots) = narrowed(filter, &mut binds);
        let after = match page.after.as_deref().map(str::parse::<CreditNoteId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("c.note_id < {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT c.note_id FROM credit_note c WHERE {{c}} AND {only} AND {after} ORDER BY c.note_id DESC LIMIT {}",
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let ids =
            rows.iter().map(|row| Ok(CreditNoteId::from_uuid(get(row, "note_id")?))).collect::<Result<Vec<_>>>()?;
        let mut notes = self.credit_notes_by_id(&ids).await?;
        notes.sort_by_key(|note| std::cmp::Reverse(note.id));
        Ok(Page::from_rows(page, notes.into_iter().map(|note| (note.id.to_string(), note)).collect()))
    }

    async fn credit_notes_count(&self, filter: &NoteFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let (only, slots) = narrowed(filter, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM credit_note c WHERE {{c}} AND {only}");
        let row = self.query_one(&sql, &slots, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

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

    async fn notes_fixed_add(&self, fixed: &[(CreditNoteId, TenantId, Vec<u8>)]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |(note, tenant, sha256): &(CreditNoteId, TenantId, Vec<u8>)| {
            vec![park.clone(), id(*tenant), id(*note), sha256.clone().into()]
        };
        let columns = &["park_id", "tenant_id", "note_id", "sha256"];
        self.add_rows("credit_note_fixed", columns, fixed.iter().map(row).collect()).await
    }

    async fn notes_fixed(&self, ids: &[CreditNoteId]) -> Result<Vec<(CreditNoteId, Vec<u8>)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT f.note_id, f.sha256 FROM credit_note_fixed f WHERE {{f}} AND f.note_id IN {}",
            binds.ids(ids)
        );
        let rows = self.query(&sql, &[Slot("f", "credit_note_fixed")], binds.into_values()).await?;
        rows.iter().map(|row| Ok((CreditNoteId::from_uuid(get(row, "note_id")?), get(row, "sha256")?))).collect()
    }

    async fn credited_months_add(&self, note: &IssuedNote, months: &[CreditedMonth]) -> Result<()> {
        let park: Value = self.park_id()?.into();
        let row = |of: &CreditedMonth| {
            let (tenant, lease, net) = (id(note.tenant), id(of.lease), of.net_minor.into());
            vec![park.clone(), tenant, id(note.id), lease, of.month.into(), of.known_at.into(), net]
        };
        for (sql, values) in inserts("credit_note_correction", MONTH, months.iter().map(row).collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
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
            (note.refunded_minor + note.credit_minor).into(),
            note.credit_minor.into(),
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
