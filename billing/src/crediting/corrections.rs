//! Corrections that take back more than a lease has to pay: credit notes instead of lines on its next invoice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use voxpark_domain::audit::Seen;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::money::Money;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{CreditDraft, CreditedLine, CreditedMonth, IssuedNote, PaidTo, drawn_up, issued};
use crate::invoicing::{
    Correctable, CreditNote, Creditable, InvoiceLine, IssuedInvoice, correctable, credit, line_taxes, note_total,
};
use crate::pricing::{TaxRate, out_of_range, scaled};
use crate::uow::Tx;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CorrectionDraft {
    /// Of which lease.
    pub lease: LeaseId,
    /// Why, 1 to 200 characters; stands on the notes.
    pub reason: String,
    /// What was paid goes back as money; otherwise it becomes the payer's credit.
    pub refund: bool,
}

/// What is taken back, by invoice.
#[derive(Default)]
struct Taken {
    /// Of its lines, from 1, minor units before tax.
    lines: BTreeMap<i64, i64>,
    /// Of its months.
    months: BTreeMap<Month, i64>,
}

/// Credits the months of a lease that come to less than was billed, by what is known now: a note over each invoice that has
/// lines for one of them. The months are brought up by it, so that no invoice corrects them by the same facts; months that come to more
/// in any rate of tax are left to the next invoice. In a dry run nothing is numbered, stored or booked.
///
/// # Errors
/// [`Error::NotFound`] (no such lease), `corrections-none`, `corrections-owed` (every month comes to more), `correction-credit-over`
/// (earlier notes left too little of the invoices), and those of [`super::credit_note_issue`].
pub async fn corrections_credit(
    tx: &dyn Tx,
    ctx: &Ctx,
    draft: &CorrectionDraft,
    dry_run: bool,
) -> Result<Vec<IssuedNote>> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let locked = tx.leases_lock(&[draft.lease]).await?;
    if locked.leases == 0 {
        return Err(Error::NotFound);
    }
    // Behind everything that was billed and recorded, so that what comes after knows of it.
    let known_at = locked.recorded_at(ctx.env().now());
    let refusal = |rule| Refusal::new(RefusalCode::State, rule).at("leaseId");
    let due = correctable(tx, draft.lease, known_at).await?;
    if due.is_empty() {
        return Err(refusal("corrections-none").into());
    }
    let mut less = Vec::with_capacity(due.len());
    for month in due {
        let groups = month.by_rate()?;
        if groups.values().all(|net| *net < 0) {
            less.push((month, groups));
        }
    }
    if less.is_empty() {
        return Err(refusal("corrections-owed").into());
    }
    let taken = taken(tx, ctx, draft.lease, &less).await?;
    let (mut notes, mut months) = (Vec::with_capacity(taken.len()), Vec::with_capacity(taken.len()));
    let invoices = tx.invoices_by_id(&taken.keys().copied().collect::<Vec<_>>()).await?;
    for (id, of) in taken {
        let invoice = invoices.iter().find(|invoice| invoice.id == id).ok_or(Error::NotFound)?;
        let major = |(line, net): (i64, i64)| (line, Money::new(net, invoice.currency).major());
        let lines = of.lines.into_iter().map(major).collect();
        let paid_to = if draft.refund { PaidTo::Refund } else { PaidTo::Credit };
        let asked = CreditDraft { invoice: id, lines, reason: draft.reason.clone(), paid_to };
        let corrects = of.months.keys().map(|month| month.first_day()).collect();
        notes.push(IssuedNote { corrects, ..drawn_up(tx, ctx, invoice, &asked).await? });
        months.push(credited(draft.lease, &of.months, known_at));
    }
    if dry_run {
        return Ok(notes);
    }
    issued(tx, ctx, &mut notes).await?;
    for (note, months) in notes.iter().zip(&months) {
        tx.credited_months_add(note, months).await?;
    }
    let numbers: Vec<String> = notes.iter().filter_map(|note| note.number.as_ref().map(ToString::to_string)).collect();
    ctx.heard().set("numbers", Seen::of(numbers.join(" ")));
    ctx.heard().set("totalMinor", Seen::json(notes.iter().map(|note| note.total_minor).sum::<i64>()));
    ctx.heard().set("reason", Seen::personal(draft.reason.trim().to_owned()));
    Ok(notes)
}

fn credited(lease: LeaseId, months: &BTreeMap<Month, i64>, known_at: DateTime<Utc>) -> Vec<CreditedMonth> {
    let month =
        |(month, net): (&Month, &i64)| CreditedMonth { lease, month: month.first_day(), known_at, net_minor: *net };
    months.iter().map(month).collect()
}

/// A line that can be taken back of.
struct Source {
    invoice: InvoiceId,
    line: i64,
    vat: TaxRate,
    whole: Creditable,
    before: Vec<CreditNote>,
    /// What earlier notes and this act leave of it, with or before tax as its price.
    left: i64,
    /// What this act takes of it, likewise.
    taken: i64,
}

/// What was taken of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Part {
    /// With or before tax as the price of the line.
    amount: i64,
    /// Before tax.
    net: i64,
    /// With tax.
    gross: i64,
}

impl Source {
    /// What so much more of it comes to.
    fn part(&self, amount: i64) -> Result<Part, Refusal> {
        let note = |amount: i64| match amount {
            0 => Ok(CreditNote::default()),
            some => credit(&self.whole, &self.before, some),
        };
        let (used, then) = (note(self.taken)?, note(self.taken.saturating_add(amount))?);
        Ok(Part { amount, net: then.net - used.net, gross: then.total() - used.total() })
    }
    /// Takes what is needed as far as there is so much, and its invoice has room for it.
    fn take(&mut self, need: i64, room: i64) -> Result<Part, Refusal> {
        let mut amount = need.min(self.left);
        if amount > 0 && self.part(amount)?.gross > room {
            // The tax of a part is rounded, so the part that just fits is found from one above it.
            amount = amount.min(scaled(room, self.whole.amount, self.whole.total())?.saturating_add(1));
        }
        while amount > 0 {
            let part = self.part(amount)?;
            if part.gross <= room {
                self.taken = self.taken.saturating_add(amount);
                self.left = self.left.saturating_sub(amount);
                return Ok(part);
            }
            amount -= 1;
        }
        Ok(Part::default())
    }
}

/// How well a line suits a month: of the same price, of the month, or only of the lease; of the invoice of the month before those
/// that correct it. `None` for a line that is not above nothing.
fn suits(invoice: &IssuedInvoice, line: &InvoiceLine, month: &Correctable) -> Option<(u8, bool)> {
    let own = month.late.number.to_string();
    let of_month = line
        .rated
        .explanation
        .correction
        .as_ref()
        .map_or_else(|| invoice.number == month.late.number, |correction| correction.invoice == own);
    let tier = match (of_month, month.takes_from(&line.rated)) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => 2,
    };
    (line.net_minor > 0).then_some((tier, invoice.number != month.late.number))
}

/// From which lines the months are taken back. Where an invoice has less left than its lines, because something came off it before,
/// other invoices of the lease give the rest: all of it is the same lease at the same rate of tax. The invoices are held still.
async fn taken(
    tx: &dyn Tx,
    ctx: &Ctx,
    lease: LeaseId,
    less: &[(Correctable, BTreeMap<TaxRate, i64>)],
) -> Result<BTreeMap<InvoiceId, Taken>> {
    let ids: Vec<InvoiceId> = tx.invoices_of_lease(lease).await?.into_iter().map(|invoice| invoice.id).collect();
    tx.invoices_lock(&ids).await?;
    let invoices: BTreeMap<InvoiceId, IssuedInvoice> =
        tx.invoices_by_id(&ids).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect();
    let mut room = BTreeMap::new();
    for invoice in invoices.values() {
        let owed = invoice.standing(ctx.today())?.balance.minor.max(0);
        room.insert(invoice.id, owed.checked_add(invoice.paid_minor).ok_or_else(out_of_range)?);
    }
    let mut before: BTreeMap<(InvoiceId, i64), Vec<CreditedLine>> = BTreeMap::new();
    for note in tx.credit_notes_of(&ids).await? {
        for line in &note.lines {
            before.entry((note.invoice, line.line)).or_default().push(*line);
        }
    }
    let mut lines: BTreeMap<InvoiceId, Vec<InvoiceLine>> = BTreeMap::new();
    for (id, _, line) in tx.invoice_lines(&ids).await? {
        lines.entry(id).or_default().push(line);
    }
    let mut sources = Vec::new();
    for (id, lines) in &lines {
        for ((number, line), tax) in (1_i64..).zip(lines).zip(line_taxes(lines)?) {
            let (whole, before) = (Creditable::of(line, tax), before.remove(&(*id, number)).unwrap_or_default());
            let before: Vec<_> = before.iter().map(|taken| whole.taken(taken.net_minor, taken.tax_minor)).collect();
            let left = whole.amount.checked_sub(note_total(&before)?.amount).ok_or_else(out_of_range)?;
            sources.push((
                line,
                Source { invoice: *id, line: number, vat: line.rated.vat, whole, before, left, taken: 0 },
            ));
        }
    }
    let mut needs: Vec<(usize, TaxRate, i64)> = Vec::new();
    for (at, (_, groups)) in less.iter().enumerate() {
        for (rate, net) in groups {
            needs.push((at, *rate, net.checked_neg().ok_or_else(out_of_range)?));
        }
    }
    let mut taken: BTreeMap<InvoiceId, Taken> = BTreeMap::new();
    // What suits best first, for every month, before anything is taken from where it suits less.
    for tier in 0..=2 {
        for (at, rate, need) in &mut needs {
            let Some((month, _)) = less.get(*at) else { continue };
            let mut from: Vec<_> = sources
                .iter_mut()
                .filter(|(_, source)| source.vat == *rate)
                .filter_map(|(line, source)| Some((suits(invoices.get(&source.invoice)?, line, month)?, source)))
                .filter(|((of, _), _)| *of == tier)
                .collect();
            from.sort_by_key(|((_, later), source)| (*later, source.invoice, source.line));
            for (_, source) in from {
                let room = room.entry(source.invoice).or_default();
                let Part { amount, net, gross } = source.take(*need, *room)?;
                if amount > 0 {
                    (*need, *room) = (*need - amount, *room - gross);
                    let of = taken.entry(source.invoice).or_default();
                    *of.lines.entry(source.line).or_default() += amount;
                    *of.months.entry(month.late.month).or_default() += net;
                }
            }
        }
    }
    let short = needs.iter().find(|(_, _, need)| *need > 0).and_then(|(at, _, _)| less.get(*at));
    if let Some((month, _)) = short {
        let refusal = Refusal::new(RefusalCode::State, "correction-credit-over").at("leaseId");
        return Err(refusal.with("month", month.late.month.to_string()).into());
    }
    Ok(taken)
}
