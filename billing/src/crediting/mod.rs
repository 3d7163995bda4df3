//! Credit notes over issued invoices: what is taken back of which line, in its currency, with the tax that goes with it.
//!
//! What is still owed goes down first; what is above it was paid, and goes back as money, stays the payer's credit, or both, as the
//! issuer says. The note is numbered without gaps in a series of its own, is booked with its issue, and never changes. What is done
//! with the credit is `receiving`.

mod corrections;
mod fixed;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{CreditNoteId, InvoiceId, LeaseId, TenantId, UserId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, tenancy};

use crate::invoicing::{
    CreditNote, Creditable, InvoiceLine, InvoiceNumber, InvoiceState, IssuedInvoice, PaidFrom, TaxGroup, credit,
    line_taxes, not_issued, note_total, returned, series_of,
};
use crate::ledger::{self, CashKind, CreditLine, CreditNoteIssued, CreditTo, CreditToWhere, Fact, Payer};
use crate::pricing::{TaxRate, out_of_range};
use crate::uow::Tx;

pub use corrections::{CorrectionDraft, corrections_credit};
pub use fixed::notes_fixed;

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// Where a note goes, as far as it is about what was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaidTo {
    /// Back as money.
    Refund,
    /// To the payer's credit.
    Credit,
    /// So much, in major units, back as money and the rest to the payer's credit.
    Mixed(String),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CreditDraft {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Lines of the invoice, from 1, and how much of each is taken back: major units, before tax unless its price contains
    /// the tax.
    pub lines: Vec<(i64, String)>,
    /// Why, 1 to 200 characters; stands on the note.
    pub reason: String,
    /// Where it goes, as far as what it takes back was paid.
    pub paid_to: PaidTo,
}

/// What a note takes back of a line of its invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditedLine {
    /// The line of the invoice, from 1.
    pub line: i64,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// The tax that goes with it, minor units.
    pub tax_minor: i64,
}

/// A credit note. Amounts are minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedNote {
    /// The note.
    pub id: CreditNoteId,
    /// Its number; `None` while it is only looked at.
    pub number: Option<InvoiceNumber>,
    /// The invoice it corrects.
    pub invoice: InvoiceId,
    /// Whose.
    pub tenant: TenantId,
    /// Of every amount.
    pub currency: Currency,
    /// Before tax.
    pub net_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
    /// What of it goes off what is owed.
    pub off_debt_minor: i64,
    /// What of it goes back as money.
    pub refunded_minor: i64,
    /// What of it becomes the payer's credit.
    pub credit_minor: i64,
    /// Why.
    pub reason: String,
    /// The civil day of issue, which is its tax point.
    pub issued_on: NaiveDate,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// By whom.
    pub issued_by: Option<UserId>,
    /// What it takes back, by line.
    pub lines: Vec<CreditedLine>,
    /// The first days of the months that it brings up to what was known of them; none of a note that was given otherwise.
    pub corrects: Vec<NaiveDate>,
}

/// A month that a note brings up, so that no invoice corrects it by what was known then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditedMonth {
    /// Of which lease.
    pub lease: LeaseId,
    /// The first day of the month.
    pub month: NaiveDate,
    /// What was recorded later was not known.
    pub known_at: DateTime<Utc>,
    /// What the note takes back for the month, minor units before tax, above 0.
    pub net_minor: i64,
}

impl IssuedNote {
    /// What it takes back by rate of tax, the lowest first; `lines` are those of its invoice, from 1.
    ///
    /// # Errors
    /// `amount-out-of-range`; an internal error when a line is none of the invoice.
    pub fn tax_groups(&self, lines: &[InvoiceLine]) -> Result<Vec<TaxGroup>> {
        let mut groups: BTreeMap<TaxRate, TaxGroup> = BTreeMap::new();
        for taken in &self.lines {
            let rate = taken.of(lines)?.rated.vat;
            let group = groups.entry(rate).or_insert(TaxGroup { rate, net_minor: 0, tax_minor: 0 });
            group.net_minor = group.net_minor.checked_add(taken.net_minor).ok_or_else(out_of_range)?;
            group.tax_minor = group.tax_minor.checked_add(taken.tax_minor).ok_or_else(out_of_range)?;
        }
        Ok(groups.into_values().collect())
    }
}

impl CreditedLine {
    /// The line of the invoice that it takes back of.
    ///
    /// # Errors
    /// An internal error when the invoice has no such line.
    pub fn of<'a>(&self, lines: &'a [InvoiceLine]) -> Result<&'a InvoiceLine> {
        let at = usize::try_from(self.line).ok().and_then(|line| line.checked_sub(1));
        at.and_then(|at| lines.get(at)).ok_or_else(|| Error::internal("a credit note over a line that is not there"))
    }
}

/// Which notes are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoteFilter {
    /// Of this tenant; `None` = of all.
    pub tenant: Option<TenantId>,
    /// Only those of which something is still credit.
    pub credit: bool,
}

/// Credit notes, as far as the caller's scope reaches.
#[async_trait]
pub trait Store: Send + Sync {
    /// Notes that were issued last first.
    async fn credit_notes(&self, filter: &NoteFilter, page: &PageRequest) -> Result<Page<IssuedNote>>;
    /// How many.
    async fn credit_notes_count(&self, filter: &NoteFilter) -> Result<i64>;
    /// The notes of invoices, oldest first.
    async fn credit_notes_of(&self, invoices: &[InvoiceId]) -> Result<Vec<IssuedNote>>;
    /// Notes by id; those out of reach are missing.
    async fn credit_notes_by_id(&self, ids: &[CreditNoteId]) -> Result<Vec<IssuedNote>>;
    /// Stores a note.
    async fn credit_note_add(&self, note: &IssuedNote) -> Result<()>;
    /// Stores what is fixed with notes.
    async fn notes_fixed_add(&self, fixed: &[(CreditNoteId, TenantId, Vec<u8>)]) -> Result<()>;
    /// What was fixed with notes; those of which nothing was are missing.
    async fn notes_fixed(&self, ids: &[CreditNoteId]) -> Result<Vec<(CreditNoteId, Vec<u8>)>>;
    /// Stores the months that a note brings up.
    async fn credited_months_add(&self, note: &IssuedNote, months: &[CreditedMonth]) -> Result<()>;
}

/// Notes that were issued last first.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn credit_notes<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    filter: &NoteFilter,
    page: &PageRequest,
) -> Result<Page<IssuedNote>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.credit_notes(filter, page).await
}

/// How many.
///
/// # Errors
/// As [`credit_notes`].
pub async fn credit_notes_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, filter: &NoteFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.credit_notes_count(filter).await
}

/// Issues a credit note, or in a dry run tells what it would come to: then nothing is numbered, stored or booked. Nobody else
/// pays or credits the invoice meanwhile.
///
/// # Errors
/// [`Error::NotFound`] (no such invoice), `invoice-not-issued`, `text-required`, `text-too-long`, `lines-zero`,
/// `document-line-unknown`, `credit-line-doubled`, `money-invalid`, `credit-not-positive`, `credit-over-line`,
/// `credit-refund-over`; all that apply, the last one when there is nothing else.
pub async fn credit_note_issue(tx: &dyn Tx, ctx: &Ctx, draft: &CreditDraft, dry_run: bool) -> Result<IssuedNote> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    if tx.invoices_lock(&[draft.invoice]).await? == 0 {
        return Err(Error::NotFound);
    }
    let invoice = tx.invoices_by_id(&[draft.invoice]).await?.pop().ok_or(Error::NotFound)?;
    if !matches!(invoice.state(ctx), InvoiceState::Issued(_)) {
        return Err(not_issued(&invoice.state(ctx)).at("invoiceId").into());
    }
    let mut note = drawn_up(tx, ctx, &invoice, draft).await?;
    if dry_run {
        return Ok(note);
    }
    let heard = ctx.heard();
    heard.set("invoice", Seen::of(note.invoice));
    heard.set("totalMinor", Seen::json(note.total_minor));
    heard.set("creditMinor", Seen::json(note.credit_minor));
    heard.set("reason", Seen::personal(note.reason.clone()));
    issued(tx, ctx, std::slice::from_mut(&mut note)).await?;
    heard.set("number", Seen::of(note.number.as_ref().map(ToString::to_string).unwrap_or_default()));
    Ok(note)
}

/// Numbers, stores and books notes over invoices that are held still.
async fn issued(tx: &dyn Tx, ctx: &Ctx, notes: &mut [IssuedNote]) -> Result<()> {
    let (series, year) = (series_of(&tenancy::park(tx, ctx).await?.code), ctx.today().year());
    let series = format!("{series}CN");
    let first = tx.numbers_take(&series, year, u32::try_from(notes.len()).map_err(Error::internal)?).await?;
    let mut facts = Vec::with_capacity(notes.len());
    for (sequence, note) in (first..).zip(notes.iter_mut()) {
        note.number = Some(InvoiceNumber::new(&series, year, sequence)?);
        ledger::catch_up(tx, ctx, Some(note.invoice)).await?;
        tx.credit_note_add(note).await?;
        facts.push(Fact::CreditNoteIssued(fact(note)?));
    }
    fixed::fix(tx, notes).await?;
    ledger::book(tx, ctx, &facts).await.map(|_| ())
}

async fn drawn_up(tx: &dyn Tx, ctx: &Ctx, invoice: &IssuedInvoice, draft: &CreditDraft) -> Result<IssuedNote> {
    let lines: Vec<_> = tx.invoice_lines(&[invoice.id]).await?.into_iter().map(|(_, _, line)| line).collect();
    let taxes = line_taxes(&lines)?;
    let mut earlier: BTreeMap<i64, Vec<CreditedLine>> = BTreeMap::new();
    for line in tx.credit_notes_of(&[invoice.id]).await?.iter().flat_map(|note| &note.lines) {
        earlier.entry(line.line).or_default().push(*line);
    }
    let reason = draft.reason.trim();
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON);
    bad.when(draft.lines.is_empty(), || Refusal::new(RefusalCode::Required, "lines-zero").at("lines"));
    let (mut credited, mut seen) = (Vec::new(), BTreeSet::new());
    for (n, (line, amount)) in draft.lines.iter().enumerate() {
        let path = |field: &str| format!("lines.{n}.{field}");
        let at = usize::try_from(*line).ok().and_then(|line| line.checked_sub(1));
        let Some((sold, tax)) = at.and_then(|at| Some((lines.get(at)?, taxes.get(at)?))) else {
            let refusal = Refusal::new(RefusalCode::NotFound, "document-line-unknown").at(path("lineNo"));
            bad.push(refusal.with("document", invoice.number.to_string()).with("line", *line));
            continue;
        };
        if !seen.insert(*line) {
            let refusal = Refusal::new(RefusalCode::Duplicate, "credit-line-doubled").at(path("lineNo"));
            bad.push(refusal.with("line", *line));
            continue;
        }
        let whole = Creditable::of(sold, *tax);
        let before = earlier.get(line).map_or(&[][..], Vec::as_slice);
        let before: Vec<_> = before.iter().map(|taken| whole.taken(taken.net_minor, taken.tax_minor)).collect();
        match of_line(&whole, &before, amount, invoice.currency) {
            Ok(part) => credited.push((*line, part)),
            Err(refusal) => bad.push(refusal.at(path("amount"))),
        }
    }
    bad.finish()?;
    let total = note_total(&credited.iter().map(|(_, part)| *part).collect::<Vec<_>>())?;
    let owed = invoice.standing(ctx.today())?.balance.minor;
    let goes = returned(total.total(), owed, &BTreeMap::from([(PaidFrom::Cash, invoice.paid_minor)]))?;
    let paid = Money::new(goes.back.values().sum(), invoice.currency);
    let refunded_minor = refunded(&draft.paid_to, paid).map_err(|refusal| refusal.at("refund"))?;
    Ok(IssuedNote {
        id: ctx.id(),
        number: None,
        invoice: invoice.id,
        tenant: invoice.tenant,
        currency: invoice.currency,
        net_minor: total.net,
        tax_minor: total.tax,
        total_minor: total.total(),
        off_debt_minor: goes.off_debt,
        refunded_minor,
        credit_minor: paid.minor - refunded_minor,
        reason: reason.to_owned(),
        issued_on: ctx.today(),
        issued_at: ctx.now(),
        issued_by: ctx.actor().user,
        lines: credited
            .into_iter()
            .map(|(line, part)| CreditedLine { line, net_minor: part.net, tax_minor: part.tax })
            .collect(),
        corrects: Vec::new(),
    })
}

/// What of what was paid goes back as money, minor units; the rest becomes credit.
fn refunded(to: &PaidTo, paid: Money) -> std::result::Result<i64, Refusal> {
    let wanted = match to {
        PaidTo::Refund => return Ok(paid.minor),
        PaidTo::Credit => return Ok(0),
        PaidTo::Mixed(amount) => Money::parse_major(amount, paid.currency)?,
    };
    let told = |rule: &'static str| Refusal::new(RefusalCode::OutOfRange, rule).with("amount", wanted.major());
    if wanted.minor <= 0 {
        return Err(told("credit-not-positive"));
    }
    if wanted.minor > paid.minor {
        return Err(told("credit-refund-over").with("left", paid.major()).with("currency", paid.currency.code()));
    }
    Ok(wanted.minor)
}

/// What is taken back of a line; refusals tell amounts in major units.
fn of_line(
    whole: &Creditable,
    before: &[CreditNote],
    amount: &str,
    currency: Currency,
) -> std::result::Result<CreditNote, Refusal> {
    let amount = Money::parse_major(amount, currency)?;
    let told = |rule: &'static str| Refusal::new(RefusalCode::OutOfRange, rule).with("amount", amount.major());
    if amount.minor <= 0 {
        return Err(told("credit-not-positive"));
    }
    let taken = note_total(before)?.amount;
    let left = whole.amount.checked_sub(taken).ok_or_else(out_of_range)?;
    if amount.minor > left {
        return Err(told("credit-over-line").with("left", Money::new(left, currency).major()));
    }
    credit(whole, before, amount.minor)
}

fn fact(note: &IssuedNote) -> Result<CreditNoteIssued> {
    let payer = Payer::Tenant(note.tenant);
    let line = |line: &CreditedLine| {
        // The ledger counts lines from 0.
        let at = u32::try_from(line.line - 1).map_err(Error::internal)?;
        Ok(CreditLine { line: at, net: line.net_minor, tax: line.tax_minor, service: None })
    };
    let parts = [
        (note.off_debt_minor, CreditToWhere::OpenBalance),
        (note.credit_minor, CreditToWhere::Balance),
        (note.refunded_minor, CreditToWhere::Refund(CashKind::Bank)),
    ];
    Ok(CreditNoteIssued {
        note: note.id,
        invoice: note.invoice,
        day: note.issued_on,
        tax_point: note.issued_on,
        lines: note.lines.iter().map(line).collect::<Result<_>>()?,
        to: parts
            .into_iter()
            .filter(|(minor, _)| *minor > 0)
            .map(|(minor, to)| CreditTo { payer, minor, to })
            .collect(),
    })
}
