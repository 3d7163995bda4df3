//! Use cases of receiving.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{CreditNoteId, Id, InvoiceId, PaymentId, TenantId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{Credit, Credited, Origin, PaymentAct, PaymentFilter, PaymentStep, Received, Source, Store};
use crate::invoicing::{InvoiceState, IssuedInvoice, PaymentRecord, not_issued};
use crate::ledger::{
    self, ActId, Applied, CashKind, Fact, Item, Payer, PaymentBounced, PaymentReceived, RefundFrom, Refunded, Unapplied,
};
use crate::uow::Tx;

/// The longest method, in characters.
const MAX_METHOD: usize = 40;
/// The longest reference, in characters.
const MAX_REFERENCE: usize = 100;
/// The longest reason, in characters.
const MAX_REASON: usize = 200;
/// The most invoices that credit is applied to at once.
const MAX_APPLIED: usize = 100;

/// What is to be applied to an invoice.
#[derive(Clone, Debug)]
pub struct Apply {
    /// To which.
    pub invoice: InvoiceId,
    /// Major units of the credit's currency; `None` = as much as is owed and there.
    pub amount: Option<String>,
}

/// What credit is applied to.
#[derive(Clone, Debug)]
pub enum ApplyTo {
    /// These, in this order; nothing when empty.
    Named(Vec<Apply>),
    /// What the tenant owes, the first due first, as far as it reaches.
    FirstDue,
}

/// Money that came.
#[derive(Clone, Debug)]
pub struct ReceiptDraft {
    /// From whom.
    pub tenant: TenantId,
    /// Its currency.
    pub currency: Currency,
    /// Major units, such as `1234.50`.
    pub amount: String,
    /// The civil day it came.
    pub paid_on: NaiveDate,
    /// How it came, 1 to 40 characters.
    pub method: String,
    /// The payer's or bank's reference, up to 100 characters.
    pub reference: String,
    /// What it pays.
    pub to: ApplyTo,
}

/// Payments that came last first.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn payments<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    filter: &PaymentFilter,
    page: &PageRequest,
) -> Result<Page<Received>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.payments(filter, page).await
}

/// How many.
///
/// # Errors
/// As [`payments`].
pub async fn payments_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, filter: &PaymentFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.payments_count(filter).await
}

/// Payments by id, with what became of them.
///
/// # Errors
/// As [`payments`].
pub async fn payments_received<S: Store + ?Sized>(store: &S, ctx: &Ctx, ids: &[PaymentId]) -> Result<Vec<Received>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.payments_received(ids).await
}

/// An amount above nothing; what is wrong with it is remembered.
fn positive(bad: &mut Refusals, text: &str, currency: Currency, path: impl Into<Cow<'static, str>>) -> Money {
    let amount = Money::parse_major(text, currency).and_then(|amount| {
        let refusal = || Refusal::new(RefusalCode::OutOfRange, "payment-not-positive").with("amount", amount.major());
        if amount.minor > 0 { Ok(amount) } else { Err(refusal()) }
    });
    amount.unwrap_or_else(|refusal| {
        bad.push(refusal.at(path));
        Money::zero(currency)
    })
}

/// Records money of a tenant and applies it; what is applied to nothing is its credit.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the tenant; `money-invalid`,
/// `payment-not-positive`, `payment-in-future`, `text-required`, `text-too-long`; those of [`payment_apply`].
pub async fn payment_receive(tx: &dyn Tx, ctx: &Ctx, draft: &ReceiptDraft) -> Result<Received> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    if tx.tenants_by_id(&[draft.tenant]).await?.is_empty() {
        return Err(Refusal::new(RefusalCode::NotFound, "not-found").at("tenantId").into());
    }
    let mut bad = Refusals::new();
    let amount = positive(&mut bad, &draft.amount, draft.currency, "amount");
    bad.when(draft.paid_on > ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "payment-in-future").at("paidOn").with("day", draft.paid_on)
    });
    bad.text("method", &draft.method, true, MAX_METHOD);
    bad.text("reference", &draft.reference, false, MAX_REFERENCE);
    bad.finish()?;
    let payment = PaymentRecord {
        id: ctx.id(),
        invoice: None,
        tenant: draft.tenant,
        amount,
        paid_on: draft.paid_on,
        method: draft.method.trim().to_owned(),
        reference: draft.reference.trim().to_owned(),
        recorded_at: ctx.now(),
        recorded_by: ctx.actor().user,
    };
    let wanted = match &draft.to {
        ApplyTo::Named(wanted) => wanted.clone(),
        ApplyTo::FirstDue => first_due(tx, draft.tenant, draft.currency).await?,
    };
    tx.payment_add(&payment).await?;
    let payer = Payer::Tenant(payment.tenant);
    let came = Fact::PaymentReceived(PaymentReceived {
        payment: payment.id,
        payer,
        amount,
        cash: CashKind::Bank,
        day: payment.paid_on,
    });
    let mut received = Received { of: payment, acts: Vec::new() };
    ledger::book(tx, ctx, &[came]).await?;
    apply(tx, ctx, &mut received, &wanted, draft.paid_on).await?;
    let heard = ctx.heard();
    heard.set("tenant", Seen::of(received.of.tenant));
    heard.set("amountMinor", Seen::json(amount.minor));
    heard.set("creditMinor", Seen::json(received.credit().minor));
    heard.set("paidOn", Seen::of(received.of.paid_on));
    heard.set("method", Seen::personal(received.of.method.clone()));
    heard.set("reference", Seen::personal(received.of.reference.clone()));
    Ok(received)
}

async fn first_due(tx: &dyn Tx, tenant: TenantId, currency: Currency) -> Result<Vec<Apply>> {
    let most = u32::try_from(MAX_APPLIED).map_err(Error::internal)?;
    let owed = tx.invoices_owed(tenant, currency, most).await?;
    Ok(owed.into_iter().map(|(invoice, _)| Apply { invoice, amount: None }).collect())
}

/// The payment, which nobody else touches until the transaction ends.
async fn held(tx: &dyn Tx, id: PaymentId) -> Result<Received> {
    if !tx.credit_lock(Source::Payment(id)).await? {
        return Err(Error::NotFound);
    }
    let received = tx.payments_received(&[id]).await?.pop().ok_or(Error::NotFound)?;
    if let Some(day) = received.bounced_on() {
        return Err(Refusal::new(RefusalCode::State, "payment-bounced").at("paymentId").with("day", day).into());
    }
    Ok(received)
}

/// The note with its credit, likewise.
async fn held_note(tx: &dyn Tx, id: CreditNoteId) -> Result<Credited> {
    if !tx.credit_lock(Source::CreditNote(id)).await? {
        return Err(Error::NotFound);
    }
    let of = tx.credit_notes_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    let acts = tx.note_acts(&[id]).await?.into_iter().map(|(_, act)| act).collect();
    Ok(Credited { of, acts })
}

/// The invoices, which nobody else pays meanwhile; by id, as everybody waits in one order.
async fn locked(tx: &dyn Tx, ids: BTreeSet<InvoiceId>) -> Result<BTreeMap<InvoiceId, IssuedInvoice>> {
    let ids: Vec<InvoiceId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    tx.invoices_lock(&ids).await?;
    Ok(tx.invoices_by_id(&ids).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect())
}

/// Applies credit of a payment to invoices of its tenant: all of it as asked, or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the payment; `payment-bounced`;
/// `payment-apply-many` (more than 100 invoices); for each invoice, under `applications.N`: `not-found`, `payment-apply-twice`,
/// `payment-other-tenant`, `currency-mismatch`, `invoice-not-issued`, `money-invalid`, `payment-not-positive`,
/// `payment-over-balance`, `payment-over-credit`.
pub async fn payment_apply(tx: &dyn Tx, ctx: &Ctx, id: PaymentId, to: &ApplyTo) -> Result<Received> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut received = held(tx, id).await?;
    apply_to(tx, ctx, &mut received, to).await?;
    Ok(received)
}

/// Applies credit that a note left to invoices of its tenant: all of it as asked, or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the note; those of [`payment_apply`] but
/// `payment-bounced`.
pub async fn credit_note_apply(tx: &dyn Tx, ctx: &Ctx, id: CreditNoteId, to: &ApplyTo) -> Result<Credited> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut credited = held_note(tx, id).await?;
    apply_to(tx, ctx, &mut credited, to).await?;
    Ok(credited)
}

async fn apply_to<O: Origin>(tx: &dyn Tx, ctx: &Ctx, credit: &mut Credit<O>, to: &ApplyTo) -> Result<()> {
    let before = credit.credit();
    let wanted = match to {
        ApplyTo::Named(wanted) => wanted.clone(),
        ApplyTo::FirstDue => first_due(tx, credit.of.tenant(), before.currency).await?,
    };
    apply(tx, ctx, credit, &wanted, ctx.today()).await?;
    ctx.heard().changed("creditMinor", Seen::json(before.minor), Seen::json(credit.credit().minor));
    Ok(())
}

async fn apply<O: Origin>(
    tx: &dyn Tx,
    ctx: &Ctx,
    credit: &mut Credit<O>,
    wanted: &[Apply],
    day: NaiveDate,
) -> Result<()> {
    if wanted.len() > MAX_APPLIED {
        let refusal = Refusal::new(RefusalCode::TooLarge, "payment-apply-many").at("applications");
        return Err(refusal.with("max", MAX_APPLIED).into());
    }
    let invoices = locked(tx, wanted.iter().map(|one| one.invoice).collect()).await?;
    let (mut bad, mut seen) = (Refusals::new(), BTreeSet::new());
    let mut left = credit.credit();
    let mut acts = Vec::with_capacity(wanted.len());
    for (n, one) in wanted.iter().enumerate() {
        let at = |refusal: Refusal, field: &str| refusal.at(format!("applications.{n}.{field}"));
        let Some(invoice) = invoices.get(&one.invoice) else {
            bad.push(at(Refusal::new(RefusalCode::NotFound, "not-found"), "invoiceId"));
            continue;
        };
        if let Err(refusal) = payable(ctx, &credit.of, invoice, !seen.insert(one.invoice)) {
            bad.push(at(refusal, "invoiceId"));
            continue;
        }
        let balance = invoice.owed_minor().saturating_sub(invoice.paid_minor);
        let amount = match &one.amount {
            None => invoice.money(balance.min(left.minor)),
            Some(text) => {
                let amount = positive(&mut bad, text, left.currency, format!("applications.{n}.amount"));
                bad.when(amount.minor > balance, || {
                    let refusal = Refusal::new(RefusalCode::OutOfRange, "payment-over-balance");
                    at(refusal, "amount")
                        .with("balance", invoice.money(balance).major())
                        .with("currency", left.currency.code())
                });
                bad.when(amount.minor > left.minor, || {
                    let refusal = Refusal::new(RefusalCode::OutOfRange, "payment-over-credit");
                    at(refusal, "amount").with("left", left.major()).with("currency", left.currency.code())
                });
                amount
            }
        };
        if amount.minor > 0 {
            left = Money::new(left.minor.saturating_sub(amount.minor), left.currency);
            let issued_on = invoice.issued_at.with_timezone(&ctx.zone()).date_naive();
            acts.push(act(ctx, &credit.of, PaymentStep::Applied, Some(one.invoice), amount.minor, day.max(issued_on)));
        }
    }
    bad.finish()?;
    let paid: Vec<InvoiceId> = acts.iter().filter_map(|act| act.invoice).collect();
    booked_before(tx, ctx, &paid).await?;
    let payer = Payer::Tenant(credit.of.tenant());
    let fact = |act: &PaymentAct| {
        Some(Fact::Applied(Applied {
            act: ActId::from_uuid(act.id.uuid()),
            payer,
            source: act.source.into(),
            item: Item { invoice: act.invoice?, payer },
            amount: Money::new(act.amount_minor, credit.of.amount().currency),
            day: act.done_on,
        }))
    };
    let facts: Vec<Fact> = acts.iter().filter_map(fact).collect();
    tx.payment_acts_add(&acts).await?;
    ledger::book(tx, ctx, &facts).await?;
    credit.acts.extend(acts);
    Ok(())
}

/// What invoicing did before the park had books is booked first.
async fn booked_before(tx: &dyn Tx, ctx: &Ctx, invoices: &[InvoiceId]) -> Result<()> {
    match invoices {
        [] => Ok(()),
        [one] => ledger::catch_up(tx, ctx, Some(*one)).await,
        _ => ledger::catch_up(tx, ctx, None).await,
    }
}

/// Whether an invoice can be paid with credit.
fn payable(ctx: &Ctx, of: &impl Origin, invoice: &IssuedInvoice, twice: bool) -> Result<(), Refusal> {
    if twice {
        return Err(Refusal::new(RefusalCode::Duplicate, "payment-apply-twice"));
    }
    if invoice.tenant != of.tenant() {
        return Err(Refusal::new(RefusalCode::Invalid, "payment-other-tenant"));
    }
    if !matches!(invoice.state(ctx), InvoiceState::Issued(_)) {
        return Err(not_issued(&invoice.state(ctx)));
    }
    let (expected, found) = (invoice.currency, of.amount().currency);
    if expected != found {
        let refusal = Refusal::new(RefusalCode::Invalid, "currency-mismatch");
        return Err(refusal.with("expected", expected.code()).with("found", found.code()));
    }
    Ok(())
}

fn act(
    ctx: &Ctx,
    of: &impl Origin,
    step: PaymentStep,
    invoice: Option<InvoiceId>,
    minor: i64,
    done_on: NaiveDate,
) -> PaymentAct {
    PaymentAct {
        id: ctx.id(),
        source: of.source(),
        tenant: of.tenant(),
        step,
        invoice,
        amount_minor: minor,
        done_on,
        note: String::new(),
        recorded_at: ctx.now(),
        recorded_by: ctx.actor().user,
    }
}

/// Of an invoice part was credited and paid back: what paid for it cannot be taken away from it as if it were all still there.
fn not_credited(invoice: &IssuedInvoice, minor: i64) -> Result<(), Refusal> {
    if invoice.paid_minor >= minor {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::State, "payment-credited").with("number", invoice.number.to_string());
    Err(refusal
        .with("left", invoice.money(invoice.paid_minor.max(0)).major())
        .with("currency", invoice.currency.code()))
}

/// Takes a payment off an invoice, wholly: it is credit again, and the invoice is owed again.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the payment; `text-required`, `text-too-long`,
/// `payment-bounced`, `payment-not-applied`, `payment-credited` (a credit note gave part of it back).
pub async fn payment_unapply(
    tx: &dyn Tx,
    ctx: &Ctx,
    id: PaymentId,
    invoice: InvoiceId,
    reason: &str,
) -> Result<Received> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut received = held(tx, id).await?;
    unapply(tx, ctx, &mut received, invoice, reason).await?;
    Ok(received)
}

/// Takes credit that a note left off an invoice, wholly, as [`payment_unapply`].
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the note; those of [`payment_unapply`] but
/// `payment-bounced`.
pub async fn credit_note_unapply(
    tx: &dyn Tx,
    ctx: &Ctx,
    id: CreditNoteId,
    invoice: InvoiceId,
    reason: &str,
) -> Result<Credited> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut credited = held_note(tx, id).await?;
    unapply(tx, ctx, &mut credited, invoice, reason).await?;
    Ok(credited)
}

async fn unapply<O: Origin>(
    tx: &dyn Tx,
    ctx: &Ctx,
    credit: &mut Credit<O>,
    invoice: InvoiceId,
    reason: &str,
) -> Result<()> {
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON);
    let minor = credit.applied().get(&invoice).copied().unwrap_or_default();
    bad.when(minor == 0, || Refusal::new(RefusalCode::NotFound, "payment-not-applied").at("invoiceId"));
    let invoices = locked(tx, BTreeSet::from([invoice])).await?;
    if let Some(Err(refusal)) = invoices.get(&invoice).map(|of| not_credited(of, minor)) {
        bad.push(refusal.at("invoiceId"));
    }
    bad.finish()?;
    let mut done = act(ctx, &credit.of, PaymentStep::Unapplied, Some(invoice), minor, ctx.today());
    reason.trim().clone_into(&mut done.note);
    let payer = Payer::Tenant(done.tenant);
    booked_before(tx, ctx, &[invoice]).await?;
    tx.payment_acts_add(std::slice::from_ref(&done)).await?;
    let fact = Fact::Unapplied(Unapplied {
        act: ActId::from_uuid(done.id.uuid()),
        payer,
        source: done.source.into(),
        item: Item { invoice, payer },
        amount: Money::new(minor, credit.of.amount().currency),
        day: done.done_on,
    });
    ledger::book(tx, ctx, &[fact]).await?;
    heard_of(ctx, &done);
    credit.acts.push(done);
    Ok(())
}

/// Credit as it is paid back.
#[derive(Clone, Debug)]
pub struct RefundDraft {
    /// Major units of the credit's currency.
    pub amount: String,
    /// The civil day on which it is paid back.
    pub on: NaiveDate,
    /// The bank's reference, up to 100 characters.
    pub reference: String,
}

/// Pays credit of a payment back.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the payment; `payment-bounced`, `money-invalid`,
/// `payment-not-positive`, `payment-over-credit`, `payment-in-future`, `payment-before` (before it came), `text-too-long`.
pub async fn payment_refund(tx: &dyn Tx, ctx: &Ctx, id: PaymentId, draft: &RefundDraft) -> Result<Received> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut received = held(tx, id).await?;
    refund(tx, ctx, &mut received, draft).await?;
    Ok(received)
}

/// Pays credit that a note left back.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the note; those of [`payment_refund`] but
/// `payment-bounced`.
pub async fn credit_note_refund(tx: &dyn Tx, ctx: &Ctx, id: CreditNoteId, draft: &RefundDraft) -> Result<Credited> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut credited = held_note(tx, id).await?;
    refund(tx, ctx, &mut credited, draft).await?;
    Ok(credited)
}

async fn refund<O: Origin>(tx: &dyn Tx, ctx: &Ctx, credit: &mut Credit<O>, draft: &RefundDraft) -> Result<()> {
    let mut bad = Refusals::new();
    let left = credit.credit();
    let amount = positive(&mut bad, &draft.amount, left.currency, "amount");
    bad.when(amount.minor > left.minor, || {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "payment-over-credit").at("amount");
        refusal.with("left", left.major()).with("currency", left.currency.code())
    });
    day_fits(&mut bad, ctx, credit.of.since(), draft.on);
    bad.text("reference", &draft.reference, false, MAX_REFERENCE);
    bad.finish()?;
    let mut done = act(ctx, &credit.of, PaymentStep::Refunded, None, amount.minor, draft.on);
    draft.reference.trim().clone_into(&mut done.note);
    tx.payment_acts_add(std::slice::from_ref(&done)).await?;
    let fact = Fact::Refunded(Refunded {
        act: ActId::from_uuid(done.id.uuid()),
        source: done.source.into(),
        from: RefundFrom::Credit(Payer::Tenant(done.tenant)),
        amount,
        cash: CashKind::Bank,
        day: draft.on,
    });
    ledger::book(tx, ctx, &[fact]).await?;
    heard_of(ctx, &done);
    credit.acts.push(done);
    Ok(())
}

fn day_fits(bad: &mut Refusals, ctx: &Ctx, since: NaiveDate, on: NaiveDate) {
    bad.when(on > ctx.today(), || Refusal::new(RefusalCode::OutOfRange, "payment-in-future").at("on").with("day", on));
    bad.when(on < since, || Refusal::new(RefusalCode::OutOfRange, "payment-before").at("on").with("day", since));
}

/// The bank took a payment back: it pays nothing, and whatever it paid is owed again.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the payment; `payment-bounced` (it was before),
/// `payment-refunded` (part of it was paid back), `payment-credited`, `payment-in-future`, `payment-before`, `text-required`,
/// `text-too-long`.
pub async fn payment_bounce(tx: &dyn Tx, ctx: &Ctx, id: PaymentId, on: NaiveDate, reason: &str) -> Result<Received> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let mut received = held(tx, id).await?;
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON);
    day_fits(&mut bad, ctx, received.of.paid_on, on);
    let back = Money::new(received.refunded_minor(), received.of.amount.currency);
    bad.when(back.minor > 0, || {
        let refusal = Refusal::new(RefusalCode::State, "payment-refunded").at("paymentId");
        refusal.with("amount", back.major()).with("currency", back.currency.code())
    });
    let applied = received.applied();
    let invoices = locked(tx, applied.keys().copied().collect()).await?;
    for (invoice, minor) in &applied {
        if let Some(Err(refusal)) = invoices.get(invoice).map(|of| not_credited(of, *minor)) {
            bad.push(refusal.at("paymentId"));
        }
    }
    bad.finish()?;
    booked_before(tx, ctx, &applied.keys().copied().collect::<Vec<_>>()).await?;
    let off = |(invoice, minor)| act(ctx, &received.of, PaymentStep::Unapplied, Some(invoice), minor, on);
    let mut acts: Vec<PaymentAct> = applied.into_iter().map(off).collect();
    let mut done = act(ctx, &received.of, PaymentStep::Bounced, None, received.of.amount.minor, on);
    reason.trim().clone_into(&mut done.note);
    heard_of(ctx, &done);
    acts.push(done);
    tx.payment_acts_add(&acts).await?;
    ledger::book(tx, ctx, &[Fact::PaymentBounced(PaymentBounced { payment: id, day: on })]).await?;
    received.acts.extend(acts);
    Ok(received)
}

fn heard_of(ctx: &Ctx, done: &PaymentAct) {
    let heard = ctx.heard();
    heard.set("step", Seen::of(done.step.name()));
    if let Some(invoice) = done.invoice {
        heard.set("invoice", Seen::of(invoice));
    }
    heard.set("amountMinor", Seen::json(done.amount_minor));
    heard.set("on", Seen::of(done.done_on));
    heard.set("note", Seen::personal(done.note.clone()));
}
