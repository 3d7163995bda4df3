//! Use cases of the fiscal record.

use voxpark_domain::audit::Seen;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::InvoiceId;
use voxpark_domain::money::Money;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::pipeline::Private;
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::entity::{Fapiao, FapiaoColour, FapiaoDraft, standing};
use super::kinds::{FapiaoKinds, FapiaoUse};
use super::store::Store;
use crate::invoicing::IssuedInvoice;
use crate::parties::NumberForms;

/// The longest title, in characters.
const MAX_TITLE: usize = 100;

/// The fapiaos of invoices, oldest first.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn fapiaos_of<S: Store + ?Sized>(store: &S, ctx: &Ctx, invoices: &[InvoiceId]) -> Result<Vec<Fapiao>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.fapiaos_of(invoices).await
}

/// The fapiaos issued in a month.
///
/// # Errors
/// As [`fapiaos_of`].
pub async fn fapiaos<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    month: Month,
    page: &PageRequest,
) -> Result<Page<Fapiao>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.fapiaos(month, page).await
}

/// How many.
///
/// # Errors
/// As [`fapiaos_of`].
pub async fn fapiaos_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, month: Month) -> Result<i64> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.fapiaos_count(month).await
}

/// An amount of the draft; what is wrong with it is remembered.
fn amount(bad: &mut Refusals, path: &'static str, text: &str, invoice: &IssuedInvoice, least: i64) -> i64 {
    match Money::parse_major(text, invoice.currency) {
        Ok(money) if money.minor >= least => money.minor,
        Ok(money) => {
            bad.push(Refusal::new(RefusalCode::OutOfRange, "fapiao-amount").at(path).with("amount", money.major()));
            0
        }
        Err(refusal) => {
            bad.push(refusal.at(path));
            0
        }
    }
}

/// Code and number against the kind.
fn numbered(bad: &mut Refusals, path: &'static str, text: &str, digits: usize) {
    bad.when(text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()), || {
        Refusal::new(RefusalCode::Invalid, "fapiao-digits").at(path).with("digits", digits)
    });
}

/// Records a fapiao of an invoice.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission or without the invoice; `fapiao-kind`, `fapiao-digits`,
/// `fapiao-known`, `fapiao-later`, `money-invalid`, `fapiao-amount`, `text-required`, `text-too-long`, those of tax numbers,
/// `fapiao-tax-number`, `fapiao-blue` (what a red one takes back is no blue one of the invoice), `fapiao-over` (more than the
/// invoice, or than what is taken back, comes to), `fapiao-withdrawn` of a blue one.
pub async fn fapiao_record<S>(store: &S, ctx: &Ctx, draft: &FapiaoDraft) -> Result<Fapiao>
where
    S: Store + crate::invoicing::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Billing)?;
    // Two at once cannot both take what is left.
    if store.invoices_lock(&[draft.invoice]).await? == 0 {
        return Err(Error::NotFound);
    }
    let invoice = store.invoices_by_id(&[draft.invoice]).await?.pop().ok_or(Error::NotFound)?;
    let earlier = store.fapiaos_of(&[draft.invoice]).await?;
    let mut bad = Refusals::new();
    let (code, number) = (draft.code.trim(), draft.number.trim());
    let kind = FapiaoKinds::built_in()?.find(&draft.kind);
    bad.when(kind.is_none(), || Refusal::new(RefusalCode::NotFound, "fapiao-kind").at("kind"));
    if let Some(kind) = kind {
        numbered(&mut bad, "code", code, kind.code);
        numbered(&mut bad, "number", number, kind.number);
    }
    let known = store.fapiao_known(code, number).await?;
    bad.when(known, || Refusal::new(RefusalCode::Duplicate, "fapiao-known").at("number").with("number", number));
    bad.when(draft.issued_on > ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "fapiao-later").at("issuedOn").with("today", ctx.today())
    });
    let net_minor = amount(&mut bad, "net", &draft.net, &invoice, 1);
    let tax_minor = amount(&mut bad, "tax", &draft.tax, &invoice, 0);
    bad.text("title", &draft.title, true, MAX_TITLE);
    let mut tax_number = String::new();
    if draft.tax_number.trim().is_empty() {
        bad.when(kind.is_some_and(|kind| kind.r#use == FapiaoUse::Special), || {
            Refusal::new(RefusalCode::Required, "fapiao-tax-number").at("taxNumber")
        });
    } else {
        match NumberForms::built_in()?.accept(&draft.tax_number) {
            Ok(text) => tax_number = text,
            Err(refusal) => bad.push(refusal.at("taxNumber")),
        }
    }
    let colour = if draft.takes_back.is_some() { FapiaoColour::Red } else { FapiaoColour::Blue };
    let limit = match draft.takes_back {
        None => {
            bad.when(invoice.voided.is_some(), || {
                let refusal = Refusal::new(RefusalCode::State, "fapiao-withdrawn").at("invoiceId");
                refusal.with("number", invoice.number.to_string())
            });
            let (_, sums) = standing(&earlier);
            Some((invoice.net_minor.saturating_sub(sums.net_minor), invoice.tax_minor.saturating_sub(sums.tax_minor)))
        }
        Some(id) => {
            let blue = earlier.iter().find(|one| one.id == id && one.colour == FapiaoColour::Blue);
            bad.when(blue.is_none(), || Refusal::new(RefusalCode::NotFound, "fapiao-blue").at("takesBackId"));
            blue.map(|blue| {
                let reds = earlier.iter().filter(|one| one.takes_back == Some(id));
                let (_, left) = standing(std::iter::once(blue).chain(reds));
                (left.net_minor, left.tax_minor)
            })
        }
    };
    if let Some((net, tax)) = limit {
        for (path, wanted, left) in [("net", net_minor, net), ("tax", tax_minor, tax)] {
            bad.when(wanted > left, || {
                Refusal::new(RefusalCode::OutOfRange, "fapiao-over")
                    .at(path)
                    .with("amount", invoice.money(wanted).major())
                    .with("left", invoice.money(left).major())
            });
        }
    }
    bad.finish()?;
    let fapiao = Fapiao {
        id: ctx.id(),
        invoice: invoice.id,
        tenant: invoice.tenant,
        kind: draft.kind.clone(),
        colour,
        code: code.to_owned(),
        number: number.to_owned(),
        issued_on: draft.issued_on,
        net_minor,
        tax_minor,
        title: Private::new(&draft.title),
        tax_number: Private::new(tax_number),
        takes_back: draft.takes_back,
        recorded_at: ctx.now(),
        recorded_by: ctx.actor().user,
    };
    store.fapiao_add(&fapiao).await?;
    let heard = ctx.heard();
    heard.set("invoice", Seen::of(fapiao.invoice));
    heard.set("kind", Seen::of(&fapiao.kind));
    heard.set("colour", Seen::of(colour.name()));
    heard.set("number", Seen::of(format!("{}{}", fapiao.code, fapiao.number)));
    heard.set("issuedOn", Seen::of(fapiao.issued_on));
    heard.set("netMinor", Seen::json(net_minor));
    heard.set("taxMinor", Seen::json(tax_minor));
    heard.set("title", Seen::personal(fapiao.title.reveal()));
    heard.set("taxNumber", Seen::personal(fapiao.tax_number.reveal()));
    Ok(fapiao)
}
