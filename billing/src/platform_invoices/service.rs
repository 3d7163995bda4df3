//! Use cases of platform invoices: the operator's, which have a system scope, and what the park may read.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use voxpark_domain::audit::{AuditEntry, Seen};
use voxpark_domain::ctx::{Lang, SystemReason};
use voxpark_domain::error::Refusals;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::mail::{self, Facts, LetterKind, NewLetter};
use voxpark_domain::money::{Money, TaxRate};
use voxpark_domain::pack::hex;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource, Role};
use voxpark_domain::tenancy::{self, Park};
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, Scope};

use super::{Counted, Drawn, PlatformInvoice, PlatformPayment, PlatformTerms, draw_up, governing, unfit};
use crate::invoicing::{InvoiceNumber, Payment, PaymentTerms, Voided, accept_payment, month_over};
use crate::invoicing::{InvoiceState, Issue};
use crate::parties::{Party, in_force, plainly};
use crate::price_books::{BookDraft, Parsed, PublishedBook};
use crate::uow::Tx;

/// The kind of the job that bills what a park owes for.
pub const JOB: &str = "platform-bill";
/// The series of the numbers, one over all parks.
pub const SERIES: &str = "PLT";
/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;
/// The longest reference of a payment, in characters.
const MAX_REFERENCE_CHARS: usize = 100;

/// The operator acts for the installation.
fn operator(ctx: &Ctx) -> Result<()> {
    if *ctx.scope() == Scope::System(SystemReason::Charging) { Ok(()) } else { Err(Error::Forbidden) }
}

/// What the operator charges a park by is for its administration and finance.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub fn may_read(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Read, Resource::Billing)?;
    ctx.require_park()
}

/// By what a park is to be charged.
#[derive(Clone, Debug)]
pub struct TermsDraft {
    /// From which month on.
    pub from: Month,
    /// Name of the file of the book, for messages.
    pub file: String,
    /// The file.
    pub text: String,
    /// Value added tax.
    pub tax: TaxRate,
    /// Time to pay.
    pub payment: PaymentTerms,
}

/// Sets what a park is charged by from a month on: the next version of its terms, which never changes afterwards.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but the operator; those of reading a book
/// ([`crate::pricing::PriceBook::parse`]), `currency-mismatch` (not that of the park), `book-not-for-platform`,
/// `platform-terms-book` (the same version of the book says something else), `platform-month-billed` (the month, or a later
/// one); all that apply.
pub async fn platform_terms_set(tx: &dyn Tx, ctx: &Ctx, park: &Park, draft: &TermsDraft) -> Result<PlatformTerms> {
    operator(ctx)?;
    let file = BookDraft { file: draft.file.clone(), text: draft.text.clone(), note: String::new() };
    let Parsed { book, file, text, mut bad, .. } = Parsed::of(&file)?;
    tx.platform_hold(park.id).await?;
    bad.when(book.currency != park.currency, || {
        let refusal = Refusal::new(RefusalCode::Invalid, "currency-mismatch").at(format!("{}.currency", book.id));
        let refusal = refusal.with("file", file.as_str()).with("item", book.id.as_str()).with("field", "currency");
        refusal.with("expected", park.currency.code()).with("found", book.currency.code())
    });
    for refusal in unfit(&book, draft.from) {
        bad.push(refusal);
    }
    let published = PublishedBook::of(book, text, String::new(), ctx.now(), None);
    let earlier = tx.platform_terms(park.id).await?;
    let named =
        |terms: &&PlatformTerms| (&terms.book.id, terms.book.version) == (&published.book.id, published.book.version);
    bad.when(earlier.iter().find(named).is_some_and(|terms| terms.sha256 != published.sha256), || {
        let refusal = Refusal::new(RefusalCode::Conflict, "platform-terms-book").at("file");
        refusal.with("book", published.book.id.as_str()).with("version", i64::from(published.book.version))
    });
    let invoices = tx.platform_invoices_of(park.id).await?;
    if let Some(last) = invoices.iter().filter(|invoice| invoice.in_force()).max_by_key(|invoice| invoice.month)
        && draft.from <= last.month
    {
        bad.push(billed(last).at("from"));
    }
    bad.finish()?;
    let version = earlier.last().map_or(0, |terms| terms.version).saturating_add(1);
    let terms = PlatformTerms {
        version,
        from: draft.from,
        book: published.book,
        text: published.text,
        sha256: published.sha256,
        tax: draft.tax,
        payment: draft.payment,
        recorded_at: ctx.now(),
    };
    tx.platform_terms_add(park.id, &terms).await?;
    let entry = AuditEntry::new("platform-terms.set", park.id)
        .on_park(park.id)
        .set("version", Seen::json(version))
        .set("from", Seen::of(terms.from))
        .set("book", Seen::of(&terms.book.id))
        .set("bookVersion", Seen::json(terms.book.version))
        .set("sha256", Seen::of(hex(&terms.sha256)))
        .set("taxRate", Seen::of(terms.tax))
        .set("paymentDays", Seen::json(terms.payment.days()));
    tx.audit(ctx, &entry).await?;
    Ok(terms)
}

fn billed(by: &PlatformInvoice) -> Refusal {
    let refusal = Refusal::new(RefusalCode::State, "platform-month-billed");
    refusal.with("month", by.month.to_string()).with("number", by.number.to_string())
}

/// What is known of the months of a park that are over.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The park.
    pub park: Park,
    /// Today there.
    pub today: NaiveDate,
    /// The first month that terms govern.
    pub first: Month,
    /// The last month that is over.
    pub through: Month,
    /// What was recorded later was not known.
    pub known_at: DateTime<Utc>,
    /// Seats that were leased, by month, since the first terms.
    pub counted: BTreeMap<Month, Vec<Counted>>,
    /// How the park is called today.
    pub buyer: Party,
}

/// Counts what the tenants of a park leased in the months that are over, and reads how the park is called: as the
/// installation at work in the park. `None` without terms that govern such a month.
///
/// # Errors
/// [`Error::NotFound`] for anyone else.
pub async fn platform_measured(tx: &dyn Tx, ctx: &Ctx) -> Result<Option<Measured>> {
    let (Scope::Park(id), Role::System) = (ctx.scope(), ctx.role()) else { return Err(Error::NotFound) };
    let (today, known_at) = (ctx.today(), ctx.now());
    let through = Month::of(today).plus(-1);
    let terms = tx.platform_terms(*id).await?;
    let Some(first) = terms.iter().map(|terms| terms.from).min().filter(|first| *first <= through) else {
        return Ok(None);
    };
    let park = tenancy::park(tx, ctx).await?;
    let changes = tx.leased_changes(Period { from: first.first_day(), to: Some(through.end()) }, known_at).await?;
    let profiles = tx.seller_profiles().await?;
    let buyer = in_force(&profiles, today).map(|profile| profile.said.party.clone());
    let buyer = buyer.unwrap_or_else(|| plainly(&park.name, &park.name_en));
    Ok(Some(Measured { today, first, through, known_at, counted: by_month(&changes, through)?, buyer, park }))
}

/// Changes as runs of days, cut at months.
fn by_month(changes: &[(SeatProduct, NaiveDate, i64)], through: Month) -> Result<BTreeMap<Month, Vec<Counted>>, Error> {
    let mut found: BTreeMap<Month, Vec<Counted>> = BTreeMap::new();
    let mut seats = 0_i64;
    for (at, (product, day, change)) in changes.iter().enumerate() {
        let next = changes.get(at.saturating_add(1)).filter(|next| next.0 == *product);
        seats = seats.checked_add(*change).ok_or_else(|| Error::internal("more seats than can be counted"))?;
        let end = next.map_or(through.end(), |next| next.1);
        let mut from = *day;
        while seats > 0 && from < end {
            let month = Month::of(from);
            let to = month.end().min(end);
            found.entry(month).or_default().push(Counted { product: *product, from, to, seats });
            from = to;
        }
        if next.is_none() {
            seats = 0;
        }
    }
    Ok(found)
}

/// The months of a park that are over and were never billed, in order. One that was withdrawn is billed again when the
/// operator says so.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but the operator.
pub async fn platform_due(tx: &dyn Tx, ctx: &Ctx, measured: &Measured) -> Result<Vec<Month>> {
    operator(ctx)?;
    let invoices = tx.platform_invoices_of(measured.park.id).await?;
    let months = std::iter::successors(Some(measured.first), |month| Some(month.plus(1)));
    let months = months.take_while(|month| *month <= measured.through);
    Ok(months.filter(|month| invoices.iter().all(|invoice| invoice.month != *month)).collect())
}

/// Issues the invoice of a park for a month that is over, with the next number of the operator; `None` when there is nothing to
/// charge or correct. Others who change terms or invoices of the park wait meanwhile, so that a month is billed once.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but the operator; `operator-unknown` (the installation does not say who it is),
/// `invoice-month-open`, `platform-terms-none`, `platform-month-billed`, `changed-meanwhile` (somebody else billed the park by
/// what was counted later), and those of [`crate::pricing::rate_book`].
pub async fn platform_bill(
    tx: &dyn Tx,
    ctx: &Ctx,
    measured: &Measured,
    month: Month,
    seller: Option<&Party>,
) -> Result<Option<PlatformInvoice>> {
    operator(ctx)?;
    let seller = seller.ok_or_else(|| Refusal::new(RefusalCode::State, "operator-unknown"))?;
    month_over(month, measured.today).map_err(|refusal| refusal.at("month"))?;
    let park = &measured.park;
    tx.platform_hold(park.id).await?;
    let terms = tx.platform_terms(park.id).await?;
    let mut in_force = tx.platform_invoices_of(park.id).await?;
    in_force.retain(PlatformInvoice::in_force);
    if let Some(invoice) = in_force.iter().find(|invoice| invoice.month == month) {
        return Err(billed(invoice).at("month").into());
    }
    // What was counted before would take back what was found out since.
    if in_force.iter().any(|invoice| invoice.known_at > measured.known_at || invoice.month < measured.first) {
        return Err(Refusal::new(RefusalCode::Conflict, "changed-meanwhile").into());
    }
    let Some(drawn) = draw_up(month, &terms, &measured.counted, &in_force)? else { return Ok(None) };
    let payment = governing(&terms, month).map(|terms| terms.payment).ok_or(Error::NotFound)?;
    let sequence = tx.platform_number_take(SERIES, measured.today.year()).await?;
    let number = InvoiceNumber::new(SERIES, measured.today.year(), sequence)?;
    let Drawn { body, terms, net_minor, tax_minor, total_minor } = drawn;
    let mut invoice = PlatformInvoice {
        id: ctx.id(),
        park: park.id,
        number,
        month,
        terms,
        currency: park.currency,
        net_minor,
        tax_minor,
        total_minor,
        issued_at: ctx.now(),
        due_on: payment.due_on(measured.today),
        known_at: measured.known_at,
        kept: serde_json::to_value(&body).map_err(Error::internal)?,
        body,
        seller: seller.clone(),
        buyer: measured.buyer.clone(),
        sha256: Vec::new(),
        paid_minor: 0,
        voided: None,
    };
    invoice.sha256 = invoice.hash()?;
    tx.platform_invoice_add(&invoice).await?;
    tell(tx, ctx, measured, &invoice).await?;
    let entry = AuditEntry::new("platform-invoice.issue", invoice.id)
        .on_park(park.id)
        .set("number", Seen::of(&invoice.number))
        .set("month", Seen::of(month))
        .set("totalMinor", Seen::json(invoice.total_minor));
    tx.audit(ctx, &entry).await?;
    Ok(Some(invoice))
}

/// Posts a letter to the finance staff of the park.
async fn tell(tx: &dyn Tx, ctx: &Ctx, measured: &Measured, invoice: &PlatformInvoice) -> Result<()> {
    let park = &measured.park;
    let mut letters = Vec::new();
    for user in tx.platform_told(park.id, measured.today).await? {
        let Some((to, lang)) = tx.user_address(user).await? else { continue };
        let name = if lang == Lang::En { &park.name_en } else { &park.name };
        let total = invoice.money(invoice.total_minor);
        let facts: Facts = [
            ("park", name.clone()),
            ("number", invoice.number.to_string()),
            ("month", invoice.month.to_string()),
            ("total", format!("{} {}", total.grouped(), total.currency.code())),
            ("due", invoice.due_on.to_string()),
            ("path", format!("/park/platform-invoices/{}", invoice.id)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        letters.push(NewLetter { kind: LetterKind::PlatformInvoice, lang, to, user: Some(user), facts });
    }
    tx.letters_post(ctx, mail::Owner { park: park.id, tenant: None }, &letters).await?;
    Ok(())
}

/// The invoice with a number, held still; `today` is that of its park.
async fn held(tx: &dyn Tx, ctx: &Ctx, number: &str) -> Result<(PlatformInvoice, Park, NaiveDate)> {
    operator(ctx)?;
    let unknown = || {
        let refusal = Refusal::new(RefusalCode::NotFound, "platform-invoice-unknown").at("number");
        Error::from(refusal.with("number", number.trim()))
    };
    let found = tx.platform_invoice_numbered(number.trim()).await?.ok_or_else(unknown)?;
    tx.platform_hold(found.park).await?;
    // As it is now that nobody else changes it.
    let invoice = tx.platform_invoices_by_id(&[found.id]).await?.pop().ok_or_else(unknown)?;
    let park = tx.parks().await?.into_iter().find(|park| park.id == invoice.park).ok_or_else(unknown)?;
    let today = ctx.now().with_timezone(&park.zone).date_naive();
    Ok((invoice, park, today))
}

fn state(invoice: &PlatformInvoice, park: &Park) -> InvoiceState {
    let day = |at: DateTime<Utc>| at.with_timezone(&park.zone).date_naive();
    let issue = Issue { number: invoice.number.clone(), issued_on: day(invoice.issued_at), due_on: invoice.due_on };
    match &invoice.voided {
        None => InvoiceState::Issued(issue),
        Some(voided) => InvoiceState::Void { issue, voided_on: day(voided.at) },
    }
}

/// Money that came for a platform invoice.
#[derive(Clone, Debug)]
pub struct PlatformPaid {
    /// Number of the invoice.
    pub number: String,
    /// How much, major units; `None` = all that is owed.
    pub amount: Option<String>,
    /// The civil day it came; `None` = today in the park.
    pub on: Option<NaiveDate>,
    /// The bank's reference; may be empty.
    pub reference: String,
}

/// Records a payment of a platform invoice, of all that is owed or of a part.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but the operator; `platform-invoice-unknown`, `money-invalid`, `text-too-long`, and those
/// of [`accept_payment`].
pub async fn platform_paid(tx: &dyn Tx, ctx: &Ctx, paid: &PlatformPaid) -> Result<PlatformInvoice> {
    let (invoice, park, today) = held(tx, ctx, &paid.number).await?;
    let mut bad = Refusals::new();
    bad.text("reference", &paid.reference, false, MAX_REFERENCE_CHARS);
    let amount = match &paid.amount {
        None => invoice.standing(today)?.balance,
        Some(text) => Money::parse_major(text, invoice.currency).unwrap_or_else(|refusal| {
            bad.push(refusal.at("amount"));
            Money::zero(invoice.currency)
        }),
    };
    bad.finish()?;
    let paid_on = paid.on.unwrap_or(today);
    let entity = |minor, on| Payment { id: ctx.id(), amount: invoice.money(minor), paid_on: on };
    let earlier = tx.platform_payments_of(&[invoice.id]).await?;
    let earlier: Vec<Payment> = earlier.iter().map(|one| entity(one.amount_minor, one.paid_on)).collect();
    let total = invoice.money(invoice.total_minor);
    accept_payment(&state(&invoice, &park), total, &earlier, &entity(amount.minor, paid_on), today)?;
    let payment = PlatformPayment {
        id: ctx.id(),
        invoice: invoice.id,
        amount_minor: amount.minor,
        paid_on,
        reference: paid.reference.trim().to_owned(),
        recorded_at: ctx.now(),
    };
    tx.platform_payment_add(park.id, &payment).await?;
    let entry = AuditEntry::new("platform-invoice.paid", invoice.id)
        .on_park(park.id)
        .set("number", Seen::of(&invoice.number))
        .set("amountMinor", Seen::json(amount.minor))
        .set("paidOn", Seen::of(paid_on))
        .set("reference", Seen::personal(payment.reference.clone()));
    tx.audit(ctx, &entry).await?;
    Ok(PlatformInvoice { paid_minor: invoice.paid_minor.saturating_add(amount.minor), ..invoice })
}

/// Withdraws the platform invoice of the latest month of its park, on which nothing was paid. It keeps its number, nothing is
/// owed on it, what it corrected is uncorrected, and the month can be billed again.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but the operator; `platform-invoice-unknown`, `text-required`, `text-too-long`,
/// `platform-invoice-not-latest`, and those of [`InvoiceState::void`].
pub async fn platform_void(tx: &dyn Tx, ctx: &Ctx, number: &str, reason: &str) -> Result<PlatformInvoice> {
    let (invoice, park, today) = held(tx, ctx, number).await?;
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON_CHARS);
    let payments = tx.platform_payments_of(&[invoice.id]).await?.len();
    if let Err(refusal) = state(&invoice, &park).void(today, payments) {
        bad.push(refusal.at("number"));
    }
    let all = tx.platform_invoices_of(park.id).await?;
    let later = all.iter().filter(|other| other.in_force()).max_by_key(|other| other.month);
    if let Some(later) = later.filter(|later| later.month > invoice.month) {
        let refusal = Refusal::new(RefusalCode::State, "platform-invoice-not-latest").at("number");
        bad.push(refusal.with("number", invoice.number.to_string()).with("later", later.number.to_string()));
    }
    bad.finish()?;
    let voided = Voided { at: ctx.now(), reason: reason.trim().to_owned() };
    tx.platform_invoice_void(&invoice, &voided).await?;
    let entry = AuditEntry::new("platform-invoice.void", invoice.id)
        .on_park(park.id)
        .set("number", Seen::of(&invoice.number))
        .set("reason", Seen::personal(voided.reason.clone()));
    tx.audit(ctx, &entry).await?;
    Ok(PlatformInvoice { voided: Some(voided), ..invoice })
}

/// The terms of the caller's park, the latest version first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn platform_terms(tx: &dyn Tx, ctx: &Ctx) -> Result<Vec<PlatformTerms>> {
    may_read(ctx)?;
    let mut terms = tx.platform_terms(ctx.park()?).await?;
    terms.reverse();
    Ok(terms)
}

/// The platform invoices of the caller's park, the highest number first.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn platform_invoices(tx: &dyn Tx, ctx: &Ctx, page: &PageRequest) -> Result<Page<PlatformInvoice>> {
    may_read(ctx)?;
    tx.platform_invoices(page).await
}

/// How many there are.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn platform_invoices_count(tx: &dyn Tx, ctx: &Ctx) -> Result<i64> {
    may_read(ctx)?;
    tx.platform_invoices_count().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_become_runs_of_days_cut_at_months() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let month = |text: &str| Month::parse(text).expect("a month");
        let (bare, equipped) = (SeatProduct::Bare, SeatProduct::Equipped);
        let changes = [
            (bare, day("2026-08-10"), 2),
            (bare, day("2026-09-05"), -2),
            (bare, day("2026-09-07"), 1),
            (equipped, day("2026-09-01"), 3),
        ];
        let run = |product, from: &str, to: &str, seats| Counted { product, from: day(from), to: day(to), seats };
        let found = by_month(&changes, month("2026-09")).expect("counted");
        let september = vec![
            run(bare, "2026-09-01", "2026-09-05", 2),
            run(bare, "2026-09-07", "2026-10-01", 1),
            run(equipped, "2026-09-01", "2026-10-01", 3),
        ];
        let expected = BTreeMap::from([
            (month("2026-08"), vec![run(bare, "2026-08-10", "2026-09-01", 2)]),
            (month("2026-09"), september),
        ]);
        assert_eq!(found, expected);
    }
}
