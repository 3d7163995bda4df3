//! What is fixed with a credit note when it is issued: a hash of everything that it says, in the form of those of invoices
//! ([`crate::parties`]). Its sides are those of its invoice, so the hash of that is a part of what it says.

use std::collections::HashMap;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use voxpark_domain::ids::{CreditNoteId, InvoiceId};
use voxpark_domain::pack::hex;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Result};

use super::{CreditedLine, IssuedNote};
use crate::parties::canonical;
use crate::uow::Tx;

/// The form of the content, named in it: another form is another number.
const FORM: i64 = 1;

fn hash(note: &IssuedNote, of: Option<&Vec<u8>>) -> Vec<u8> {
    let line =
        |line: &CreditedLine| json!({ "line": line.line, "netMinor": line.net_minor, "taxMinor": line.tax_minor });
    let content = json!({
        "form": FORM,
        "creditNote": note.id.to_string(),
        "number": note.number.as_ref().map(ToString::to_string),
        "invoice": note.invoice.to_string(),
        "invoiceSha256": of.map(|sha256| hex(sha256)),
        "tenant": note.tenant.to_string(),
        "currency": note.currency.code(),
        "netMinor": note.net_minor,
        "taxMinor": note.tax_minor,
        "totalMinor": note.total_minor,
        "offDebtMinor": note.off_debt_minor,
        "refundedMinor": note.refunded_minor,
        "creditMinor": note.credit_minor,
        "reason": note.reason,
        "issuedOn": note.issued_on.to_string(),
        "issuedAtMicros": note.issued_at.timestamp_micros(),
        "lines": note.lines.iter().map(line).collect::<Vec<_>>(),
    });
    Sha256::digest(canonical(&content).as_bytes()).to_vec()
}

/// What was fixed with the invoices of notes.
async fn of_invoices(tx: &dyn Tx, notes: &[IssuedNote]) -> Result<HashMap<InvoiceId, Vec<u8>>> {
    let mut invoices: Vec<InvoiceId> = notes.iter().map(|note| note.invoice).collect();
    invoices.sort_unstable();
    invoices.dedup();
    Ok(tx.fixed_of(&invoices).await?.into_iter().map(|fixed| (fixed.invoice, fixed.sha256)).collect())
}

/// Fixes what notes say that have just been issued. A constant number of statements.
pub(super) async fn fix(tx: &dyn Tx, notes: &[IssuedNote]) -> Result<()> {
    let invoices = of_invoices(tx, notes).await?;
    let fixed = |note: &IssuedNote| (note.id, note.tenant, hash(note, invoices.get(&note.invoice)));
    tx.notes_fixed_add(&notes.iter().map(fixed).collect::<Vec<_>>()).await
}

/// What was fixed with notes, and whether they still say so by what is stored; those of which nothing was fixed are missing. A
/// constant number of statements.
///
/// # Errors
/// [`voxpark_domain::Error::NotFound`] without permission to read invoices.
pub async fn notes_fixed(tx: &dyn Tx, ctx: &Ctx, ids: &[CreditNoteId]) -> Result<Vec<(CreditNoteId, Vec<u8>, bool)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let fixed = tx.notes_fixed(ids).await?;
    let notes = tx.credit_notes_by_id(ids).await?;
    let invoices = of_invoices(tx, &notes).await?;
    let notes: HashMap<CreditNoteId, IssuedNote> = notes.into_iter().map(|note| (note.id, note)).collect();
    let judged = |(id, sha256): (CreditNoteId, Vec<u8>)| {
        let same = notes.get(&id).is_some_and(|note| hash(note, invoices.get(&note.invoice)) == sha256);
        (id, sha256, same)
    };
    Ok(fixed.into_iter().map(judged).collect())
}
