//! Use cases of invoicing.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{Id, InvoiceId, LeaseId, PaymentActId, TenantId};
use voxpark_domain::leasing::{self, Amendment, BookVersion};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, tenancy};

use super::correcting::{Drawing, drawings};
use super::{
    Holding, Invoice, InvoiceBody, InvoiceFilter, InvoiceLine, InvoiceNumber, InvoiceSort, IssuedInvoice, KnownMonth,
    LateAsk, MonthTotals, Payment, PaymentRecord, PaymentTerms, Repricing, Store, TaxMode, TaxOrder, TaxRule, Voided,
    accept_payment, assemble, month_near, reprice, series_of, tax_groups,
};
use crate::fiscal::{FapiaoState, standing};
use crate::ledger::{self, Fact, InvoiceVoided};
use crate::parties::{self, in_force};
use crate::price_books;
use crate::receiving::{PaymentAct, PaymentStep, Source};
use crate::uow::Tx;

/// The longest name of a way to pay, in characters.
const MAX_METHOD_CHARS: usize = 40;
/// The longest reference of a payment, in characters.
const MAX_REFERENCE_CHARS: usize = 100;
/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;

/// The invoices in reach, highest number first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn invoices(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &InvoiceFilter,
    sort: Sort<InvoiceSort>,
    page: &PageRequest,
) -> Result<Page<IssuedInvoice>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.invoices(filter, ctx.today(), sort, page).await
}

/// How many invoices in reach pass the filter.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn invoices_count(store: &dyn Store, ctx: &Ctx, filter: &InvoiceFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.invoices_count(filter, ctx.today()).await
}

/// The invoices of a month in sums: in the park's currency, whether there are any or not, then in every other one.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn month_totals(tx: &dyn Tx, ctx: &Ctx, month: Month) -> Result<Vec<(Currency, MonthTotals)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let park = tenancy::park(tx, ctx).await?;
    let mut found = tx.month_totals(month, ctx.today()).await?;
    let own = found.iter().position(|(currency, _)| *currency == park.currency);
    let own = own.map_or((park.currency, MonthTotals::default()), |at| found.remove(at));
    found.insert(0, own);
    Ok(found)
}

/// What invoices of these months would say if they were drawn up from what is recorded at this moment; months that are
/// not over can be previewed. Leases out of reach are missing; the refusals of one lease do not touch the others. Each is drawn up
/// as if it came next: what is to be corrected stands in all of them.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn preview(
    tx: &dyn Tx,
    ctx: &Ctx,
    asked: &[(LeaseId, Month)],
) -> Result<Vec<((LeaseId, Month), Result<InvoiceBody, Refusal>)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let asked: Vec<LateAsk> = asked.iter().map(|(lease, month)| next(everything(*lease, *month))).collect();
    let found = drawings(tx, &asked).await?;
    let order = order_of(tx, ctx, found.iter().map(|drawing| &drawing.holding)).await?;
    Ok(found.iter().map(|drawing| ((drawing.at.lease, drawing.at.month), drawn_up(drawing, order))).collect())
}

/// The same of these months alone, without what others have to be corrected by.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn preview_alone(
    tx: &dyn Tx,
    ctx: &Ctx,
    asked: &[(LeaseId, Month)],
) -> Result<Vec<((LeaseId, Month), Result<InvoiceBody, Refusal>)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let asked: Vec<_> = asked.iter().map(|(lease, month)| everything(*lease, *month)).collect();
    let found = tx.holdings(&asked).await?.into_iter().map(|(at, holding)| Drawing::alone(at, holding));
    let found: Vec<Drawing> = found.collect();
    let order = order_of(tx, ctx, found.iter().map(|drawing| &drawing.holding)).await?;
    Ok(found.iter().map(|drawing| ((drawing.at.lease, drawing.at.month), drawn_up(drawing, order))).collect())
}

/// What the invoice of a month would say if a lease were amended so. Nothing is stored.
///
/// # Errors
/// [`Error::NotFound`] without permission; those of [`leasing::lease_amended`] and [`crate::pricing::rate`].
pub async fn preview_amended(
    tx: &dyn Tx,
    ctx: &Ctx,
    lease: LeaseId,
    month: Month,
    wanted: &Amendment,
) -> Result<InvoiceBody> {
    ctx.require(Action::Read, Resource::Billing)?;
    let amended = leasing::lease_amended(tx, ctx, lease, wanted, ctx.now()).await?;
    price_books::lease_book_amended(tx, ctx, lease, wanted).await?;
    let mut drawing = drawings(tx, &[next(everything(lease, month))]).await?.pop().ok_or(Error::NotFound)?;
    // The tenant has no copy yet of what it may be going to agree.
    let named: Vec<BookVersion> =
        amended.versions.iter().filter_map(|version| version.terms.price_book.clone()).collect();
    let books: Vec<_> = tx.price_books_named(&named).await?.into_iter().map(|found| found.book.into()).collect();
    drawing.amend(tx, &amended.versions, &books).await?;
    let order = order_of(tx, ctx, [&drawing.holding]).await?;
    Ok(drawn_up(&drawing, order)?)
}

/// A month with whatever is recorded of it.
fn everything(lease: LeaseId, month: Month) -> KnownMonth {
    KnownMonth { lease, month, known_at: known_at_last() }
}

/// An invoice that is to be issued next.
const fn next(at: KnownMonth) -> LateAsk {
    LateAsk { at, issued: None }
}

/// An instant by which everything is known. Instants of changes can lie a little ahead of the clock.
pub const fn known_at_last() -> DateTime<Utc> {
    let end = match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(end) => end,
        None => NaiveDate::MAX,
    };
    end.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// How the park rounds on the day of the caller, asked where prices contain the tax.
pub(crate) async fn order_of<'a>(
    tx: &dyn Tx,
    ctx: &Ctx,
    holdings: impl IntoIterator<Item = &'a Holding>,
) -> Result<TaxOrder> {
    let order = TaxOrder::default();
    if holdings.into_iter().all(|holding| holding.tax(order).mode == TaxMode::Exclusive) {
        return Ok(order);
    }
    Ok(in_force(&tx.seller_profiles().await?, ctx.today()).map_or(order, |profile| profile.said.tax_order))
}

fn drawn_up(drawing: &Drawing, order: TaxOrder) -> Result<InvoiceBody, Refusal> {
    assemble(drawing.rate()?, drawing.holding.tax(order))
}

/// An invoice that has no number yet.
pub(crate) struct Drawn {
    pub(crate) lease: LeaseId,
    pub(crate) draft: Invoice,
    tenant: TenantId,
    terms: PaymentTerms,
    brings_up: bool,
    /// It cannot be issued yet.
    pub(crate) early: bool,
}

/// Draws up the invoices of leases for a month, as it was known at an instant; leases out of reach are missing. Whether the
/// month can be billed yet is asked unless it is only looked at. The currency is that of the lease, when anything of it was
/// known. A constant number of statements.
pub(crate) async fn draw_up(
    tx: &dyn Tx,
    ctx: &Ctx,
    leases: &[LeaseId],
    month: Month,
    known_at: DateTime<Utc>,
    only_look: bool,
) -> Result<Vec<(LeaseId, Option<Currency>, Result<Drawn, Refusal>)>> {
    let earlier: BTreeMap<LeaseId, InvoiceNumber> = tx.invoices_of(leases, month).await?.into_iter().collect();
    let asked: Vec<_> = leases.iter().map(|lease| next(KnownMonth { lease: *lease, month, known_at })).collect();
    let found = drawings(tx, &asked).await?;
    let order = order_of(tx, ctx, found.iter().map(|drawing| &drawing.holding)).await?;
    let draw = |drawing: &Drawing| {
        let (lease, holding) = (drawing.at.lease, &drawing.holding);
        let early = match holding.may_bill(month, ctx.today()) {
            Err(refusal) if !only_look => return Err(refusal.at("month")),
            found => found.is_err(),
        };
        let draft = Invoice::draft(ctx.id(), lease, drawing.rate()?, holding.tax(order), earlier.get(&lease))?;
        let (terms, brings_up) = (holding.payment_terms(month)?, drawing.brings_up);
        Ok(Drawn { lease, draft, tenant: holding.tenant, terms, brings_up, early })
    };
    Ok(found.iter().map(|drawing| (drawing.at.lease, drawing.holding.currency(), draw(drawing))).collect())
}

/// Numbers invoices in their order and stores them. A constant number of statements.
pub(crate) async fn issue(
    tx: &dyn Tx,
    ctx: &Ctx,
    drawn: Vec<Drawn>,
    known_at: DateTime<Utc>,
) -> Result<Vec<IssuedInvoice>> {
    let count = u32::try_from(drawn.len()).map_err(Error::internal)?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let (today, park) = (ctx.today(), tenancy::park(tx, ctx).await?);
    let series = series_of(&park.code);
    let first = tx.numbers_take(&series, today.year(), count).await?;
    let mut rows = Vec::with_capacity(drawn.len());
    for (sequence, Drawn { lease, draft, tenant, terms, brings_up, .. }) in (first..).zip(drawn) {
        let invoice = draft.issue(InvoiceNumber::new(&series, today.year(), sequence)?, today, terms)?;
        let (head, body) = (invoice.head(), invoice.body());
        let issue = invoice.issue_facts().ok_or_else(|| Error::internal("an issued invoice without a number"))?;
        let issued = IssuedInvoice {
            id: head.id,
            tenant,
            lease,
            number: issue.number.clone(),
            period: head.period,
            currency: body.currency,
            net_minor: body.net_minor,
            tax_minor: body.tax_minor,
            total_minor: body.total_minor,
            paid_minor: 0,
            credited_minor: 0,
            given_up_minor: 0,
            issued_at: ctx.now(),
            due_on: issue.due_on,
            known_at,
            brings_up,
            voided: None,
        };
        rows.push((issued, body.clone()));
    }
    tx.invoices_add(&rows, ctx.actor().user).await?;
    let facts = rows.iter().map(|(invoice, body)| ledger::issued(ctx, invoice, &body.lines));
    ledger::book(tx, ctx, &facts.collect::<Result<Vec<_>>>()?).await?;
    parties::fix(tx, ctx, &park, &rows).await?;
    for (invoice, _) in &rows {
        let id = invoice.id;
        ctx.heard().set(format!("{id} number"), Seen::of(&invoice.number));
        ctx.heard().set(format!("{id} totalMinor"), Seen::json(invoice.total_minor));
    }
    Ok(rows.into_iter().map(|(invoice, _)| invoice).collect())
}

/// Issues the invoice of a lease for a month, and numbers it. The lease is held still meanwhile, so that
/// what was recorded before [`IssuedInvoice::known_at`] is exactly what it was priced from.
///
/// # Errors
/// [`Error::NotFound`] (no such lease), `invoice-month-open`, `invoice-exists`, `invoice-empty-month`, `invoice-negative`
/// (corrections take back more than the month comes to), and those of [`crate::pricing::rate`].
pub async fn invoice_issue(tx: &dyn Tx, ctx: &Ctx, lease: LeaseId, month: Month) -> Result<IssuedInvoice> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    month_near(month, ctx.today()).map_err(|refusal| refusal.at("month"))?;
    // Whoever changes what the lease holds waits for it too, and takes the instant of the change after that.
    let known_at = tx.leases_lock(&[lease]).await?.known_at(ctx.env().now());
    let (_, _, drawn) = draw_up(tx, ctx, &[lease], month, known_at, false).await?.pop().ok_or(Error::NotFound)?;
    let drawn = drawn?;
    let total = drawn.draft.body().total();
    if total.minor < 0 {
        return Err(Refusal::new(RefusalCode::State, "invoice-negative").with("amount", total.major()).into());
    }
    issue(tx, ctx, vec![drawn], known_at).await?.pop().ok_or(Error::NotFound)
}

/// Withdraws an invoice on which nothing was paid: it keeps its number and its lines, nothing is owed on it, it is no
/// rent of the month any more, and the month can be billed again.
///
/// # Errors
/// [`Error::NotFound`] (no such invoice), `text-required`, `text-too-long`, those of [`InvoiceState::void`], `fapiao-stands`
/// (a blue fapiao of it was not taken back), `invoice-corrected` (a later invoice in force corrects its month).
pub async fn invoice_void(tx: &dyn Tx, ctx: &Ctx, id: InvoiceId, reason: &str) -> Result<IssuedInvoice> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    let reason = reason.trim();
    let mut bad = Refusals::new();
    text_fits(&mut bad, "reason", reason, MAX_REASON_CHARS);
    bad.when(reason.is_empty(), || {
        Refusal::new(RefusalCode::Required, "text-required").at("reason").with("max", MAX_REASON_CHARS)
    });
    let invoice = tx.invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    // In the order of everybody else: the lease, then the invoice; what was read before the lock is read again.
    tx.leases_lock(&[invoice.lease]).await?;
    tx.invoices_lock(&[id]).await?;
    let invoice = tx.invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    let payments = tx.payments_of(&[id]).await?.len() + tx.notes_applied(&[id]).await?.len();
    if let Err(refusal) = invoice.state(ctx).void(ctx.today(), payments) {
        bad.push(refusal.at("invoiceId"));
    }
    // A month that was brought up by a later invoice is charged there too.
    if let Some(number) = tx.corrected_by(id).await?.first() {
        let refusal = Refusal::new(RefusalCode::State, "invoice-corrected").at("invoiceId");
        bad.push(refusal.with("number", number.to_string()));
    }
    // What the tax office was told stands until it is told otherwise, with the numbers of red fapiaos.
    let (told, sums) = standing(&tx.fapiaos_of(&[id]).await?);
    bad.when(told == FapiaoState::Issued, || {
        let refusal = Refusal::new(RefusalCode::State, "fapiao-stands").at("invoiceId");
        refusal.with("amount", invoice.money(sums.net_minor.saturating_add(sums.tax_minor)).major())
    });
    bad.finish()?;
    let voided = Voided { at: ctx.now(), reason: reason.to_owned() };
    ledger::catch_up(tx, ctx, Some(id)).await?;
    tx.invoice_void(id, &voided, ctx.actor().user).await?;
    ledger::book(tx, ctx, &[Fact::InvoiceVoided(InvoiceVoided { invoice: id, day: ctx.today() })]).await?;
    ctx.heard().changed("state", Seen::of("issued"), Seen::of("void"));
    ctx.heard().set("reason", Seen::personal(reason.to_owned()));
    Ok(IssuedInvoice { voided: Some(voided), ..invoice })
}

fn text_fits(bad: &mut Refusals, path: &'static str, text: &str, max: usize) {
    bad.when(text.chars().count() > max, || {
        Refusal::new(RefusalCode::TooLarge, "text-too-long").at(path).with("max", max)
    });
}

/// The stored lines as what the invoice says.
fn body_of(invoice: &IssuedInvoice, tax: TaxRule, lines: Vec<InvoiceLine>) -> Result<InvoiceBody> {
    let taxes = tax_groups(&lines)?;
    Ok(InvoiceBody {
        currency: invoice.currency,
        tax,
        lines,
        taxes,
        net_minor: invoice.net_minor,
        tax_minor: invoice.tax_minor,
        total_minor: invoice.total_minor,
    })
}

/// Prices past invoices again from what was known when each was issued. Whatever was recorded since, the same cents
/// come out; a difference is a fault of the system, and each is named.
///
/// # Errors
/// [`Error::NotFound`] without permission; those of [`crate::pricing::rate`].
pub async fn repricings(tx: &dyn Tx, ctx: &Ctx, ids: &[InvoiceId]) -> Result<Vec<(InvoiceId, Repricing)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let invoices = tx.invoices_by_id(ids).await?;
    let mut lines: BTreeMap<InvoiceId, Vec<InvoiceLine>> = BTreeMap::new();
    for (id, _, line) in tx.invoice_lines(ids).await? {
        lines.entry(id).or_default().push(line);
    }
    let of = |invoice: &IssuedInvoice| LateAsk {
        at: KnownMonth { lease: invoice.lease, month: Month::of(invoice.period.from), known_at: invoice.known_at },
        issued: Some((invoice.number.clone(), invoice.issued_at)),
    };
    // Those from before corrections were made have none.
    let (bring, plain): (Vec<&IssuedInvoice>, Vec<&IssuedInvoice>) = invoices.iter().partition(|i| i.brings_up);
    let asked: Vec<LateAsk> = bring.iter().copied().map(of).collect();
    let alone: Vec<KnownMonth> = plain.iter().map(|invoice| of(invoice).at).collect();
    let mut drawn = drawings(tx, &asked).await?;
    drawn.extend(tx.holdings(&alone).await?.into_iter().map(|(at, holding)| Drawing::alone(at, holding)));
    let mut found = bring.into_iter().chain(plain).map(|invoice| invoice.id).zip(drawn).collect::<BTreeMap<_, _>>();
    // What the park said later of how it rounds was not known.
    let included = found.values().any(|drawing| drawing.holding.tax(TaxOrder::default()).mode == TaxMode::Inclusive);
    let said = if included { tx.seller_profiles().await? } else { Vec::new() };
    let order = |invoice: &IssuedInvoice| {
        let known: Vec<_> = said.iter().filter(|profile| profile.recorded_at <= invoice.issued_at).cloned().collect();
        let issued_on = invoice.issued_at.with_timezone(&ctx.zone()).date_naive();
        in_force(&known, issued_on).map_or_else(TaxOrder::default, |profile| profile.said.tax_order)
    };
    let mut out = Vec::with_capacity(invoices.len());
    for invoice in &invoices {
        let at = of(invoice).at;
        let drawing = found.remove(&invoice.id).filter(|drawing| drawing.at == at);
        let drawing = drawing.ok_or_else(|| Error::internal("an invoice without its lease"))?;
        let tax = drawing.holding.tax(order(invoice));
        let stored = body_of(invoice, tax, lines.remove(&invoice.id).unwrap_or_default())?;
        out.push((invoice.id, reprice(&stored, drawing.rate()?)?));
    }
    Ok(out)
}

/// Money that came in.
#[derive(Clone, Debug)]
pub struct PaymentDraft {
    /// For which invoice.
    pub invoice: InvoiceId,
    /// Major units of the invoice's currency, such as `1234.50`.
    pub amount: String,
    /// The civil day the money came.
    pub paid_on: NaiveDate,
    /// How it came, 1 to 40 characters.
    pub method: String,
    /// The payer's or bank's reference, up to 100 characters.
    pub reference: String,
}

/// The whole payment pays its invoice. The act has the id of the payment, as the books call it.
fn applied_at_once(payment: &PaymentRecord, invoice: InvoiceId) -> PaymentAct {
    PaymentAct {
        id: PaymentActId::from_uuid(payment.id.uuid()),
        source: Source::Payment(payment.id),
        tenant: payment.tenant,
        step: PaymentStep::Applied,
        invoice: Some(invoice),
        amount_minor: payment.amount.minor,
        done_on: payment.paid_on,
        note: String::new(),
        recorded_at: payment.recorded_at,
        recorded_by: payment.recorded_by,
    }
}

/// Records a payment of an invoice.
///
/// # Errors
/// [`Error::NotFound`] (no such invoice), `money-invalid`, `text-required`, `text-too-long`, and those of
/// [`accept_payment`].
pub async fn payment_record(tx: &dyn Tx, ctx: &Ctx, draft: PaymentDraft) -> Result<PaymentRecord> {
    ctx.require(Action::Commit, Resource::Billing)?;
    ctx.require_proof()?;
    if tx.invoices_lock(&[draft.invoice]).await? == 0 {
        return Err(Error::NotFound);
    }
    let invoice = tx.invoices_by_id(&[draft.invoice]).await?.pop().ok_or(Error::NotFound)?;
    let (method, reference) = (draft.method.trim(), draft.reference.trim());
    let mut bad = Refusals::new();
    bad.when(method.is_empty() || method.chars().count() > MAX_METHOD_CHARS, || {
        Refusal::new(RefusalCode::Required, "text-required").at("method").with("max", MAX_METHOD_CHARS)
    });
    text_fits(&mut bad, "reference", reference, MAX_REFERENCE_CHARS);
    let amount = match Money::parse_major(&draft.amount, invoice.currency) {
        Ok(amount) => amount,
        Err(refusal) => {
            bad.push(refusal.at("amount"));
            Money::zero(invoice.currency)
        }
    };
    bad.finish()?;
    let payment = PaymentRecord {
        id: ctx.id(),
        invoice: Some(invoice.id),
        tenant: invoice.tenant,
        amount,
        paid_on: draft.paid_on,
        method: method.to_owned(),
        reference: reference.to_owned(),
        recorded_at: ctx.now(),
        recorded_by: ctx.actor().user,
    };
    let entity = |minor, p: &PaymentRecord| Payment { id: p.id, amount: invoice.money(minor), paid_on: p.paid_on };
    let earlier = tx.payments_of(&[invoice.id]).await?;
    let earlier: Vec<Payment> = earlier.iter().map(|(_, minor, payment)| entity(*minor, payment)).collect();
    // What went back is owed no more and was paid all the same: the payments are held against both.
    let went_back = earlier.iter().map(|p| p.amount.minor).sum::<i64>().saturating_sub(invoice.paid_minor);
    let total = invoice.money(invoice.owed_minor().saturating_add(went_back));
    let new = Payment { id: payment.id, amount: payment.amount, paid_on: payment.paid_on };
    accept_payment(&invoice.state(ctx), total, &earlier, &new, ctx.today())?;
    ledger::catch_up(tx, ctx, Some(invoice.id)).await?;
    tx.payment_add(&payment).await?;
    tx.payment_acts_add(&[applied_at_once(&payment, invoice.id)]).await?;
    ledger::book(tx, ctx, &ledger::paid(ctx, &payment, &invoice)).await?;
    let heard = ctx.heard();
    heard.set("invoice", Seen::of(invoice.id));
    heard.set("amountMinor", Seen::json(payment.amount.minor));
    heard.set("paidOn", Seen::of(payment.paid_on));
    heard.set("method", Seen::personal(payment.method.clone()));
    heard.set("reference", Seen::personal(payment.reference.clone()));
    Ok(payment)
}
