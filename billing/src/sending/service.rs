//! Use cases of sending.

use std::collections::{HashMap, HashSet};

use voxpark_domain::audit::Seen;
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{InvoiceId, TenantId};
use voxpark_domain::mail::{Facts, LetterKind, LetterState, NewLetter, Owner};
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::tenancy::Park;
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, Scope, tenancy};

use super::entity::{Delivery, ENCLOSED, InvoicePolicy, MAX_AT_ONCE};
use super::store::Store;
use crate::invoicing::IssuedInvoice;
use crate::parties::{Buyer, Profile, in_force};
use crate::uow::Tx;

/// The deliveries of invoices, oldest first.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn deliveries_of<S: Store + ?Sized>(store: &S, ctx: &Ctx, invoices: &[InvoiceId]) -> Result<Vec<Delivery>> {
    ctx.require(Action::Read, Resource::Billing)?;
    store.deliveries_of(invoices).await
}

/// How the caller's park goes about its invoices.
///
/// # Errors
/// [`Error::NotFound`] for anyone but staff of the park with permission.
pub async fn invoice_policy<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<InvoicePolicy> {
    ctx.require(Action::Read, Resource::Billing)?;
    if !matches!(ctx.scope(), Scope::Park(_)) {
        return Err(Error::NotFound);
    }
    Ok(store.invoice_policy().await?.unwrap_or_default())
}

/// Sets it.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission.
pub async fn invoice_policy_set<S: Store + ?Sized>(store: &S, ctx: &Ctx, policy: InvoicePolicy) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    let before = store.invoice_policy().await?.unwrap_or_default();
    ctx.heard().changed("sendWithRun", Seen::json(before.send_with_run), Seen::json(policy.send_with_run));
    store.invoice_policy_set(policy).await
}

/// What buyers want today, those who have said so.
async fn buyers(tx: &dyn Tx, ctx: &Ctx, invoices: &[IssuedInvoice]) -> Result<HashMap<TenantId, Buyer>> {
    let mut tenants: Vec<TenantId> = invoices.iter().map(|invoice| invoice.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut said: HashMap<TenantId, Vec<Profile<Buyer>>> = HashMap::new();
    for (tenant, profile) in tx.buyer_profiles(&tenants).await? {
        said.entry(tenant).or_default().push(profile);
    }
    let now = |(tenant, profiles): (TenantId, Vec<Profile<Buyer>>)| {
        in_force(&profiles, ctx.today()).map(|profile| (tenant, profile.said.clone()))
    };
    Ok(said.into_iter().filter_map(now).collect())
}

/// The letter that brings an invoice to an address.
fn letter(park: &Park, invoice: &IssuedInvoice, buyer: &Buyer, to: &str, reply: &str) -> NewLetter {
    let lang = if buyer.language == PaperLanguage::English { Lang::En } else { Lang::Zh };
    let name = if lang == Lang::En && !park.name_en.is_empty() { &park.name_en } else { &park.name };
    let total = format!("{} {}", invoice.money(invoice.total_minor).grouped(), invoice.currency.code());
    let facts: Facts = [
        ("park", name.clone()),
        ("number", invoice.number.to_string()),
        ("month", Month::of(invoice.period.from).to_string()),
        ("total", total),
        ("due", invoice.due_on.to_string()),
        ("reply", reply.to_owned()),
        ("language", buyer.language.name().to_owned()),
        (ENCLOSED, invoice.id.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    NewLetter { kind: LetterKind::Invoice, lang, to: to.to_owned(), user: None, facts }
}

/// Posts the letters of invoices whose buyers have addresses. A constant number of statements.
async fn post(tx: &dyn Tx, ctx: &Ctx, invoices: &[IssuedInvoice], buyers: &HashMap<TenantId, Buyer>) -> Result<()> {
    let park = tenancy::park(tx, ctx).await?;
    let sellers = tx.seller_profiles().await?;
    let reply = in_force(&sellers, ctx.today()).map(|profile| profile.said.mail.reveal()).unwrap_or_default();
    let (mut letters, mut deliveries) = (Vec::new(), Vec::new());
    for invoice in invoices {
        let Some(buyer) = buyers.get(&invoice.tenant) else { continue };
        for to in &buyer.mails {
            letters.push(letter(&park, invoice, buyer, to.reveal(), reply));
            deliveries.push((invoice, buyer.language, to.clone()));
            ctx.heard().set(format!("{} to", invoice.id), Seen::personal(to.reveal()));
        }
    }
    let ids = tx.letters_post(ctx, Owner { park: park.id, tenant: None }, &letters).await?;
    let delivery = |(letter, (invoice, language, to))| {
        let invoice: &IssuedInvoice = invoice;
        Delivery {
            letter,
            invoice: invoice.id,
            tenant: invoice.tenant,
            to,
            language,
            posted_at: ctx.now(),
            posted_by: ctx.actor().user,
            state: LetterState::Waiting,
            code: None,
            ended_at: None,
        }
    };
    tx.deliveries_add(&ids.into_iter().zip(deliveries).map(delivery).collect::<Vec<_>>()).await
}

/// Sends invoices by mail to the addresses of their buyers, all of them or none. An invoice can be sent again.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `invoices-count`; of each invoice `not-found`,
/// `id-doubled`, `invoice-withdrawn`, `invoice-no-address`.
pub async fn invoice_send(tx: &dyn Tx, ctx: &Ctx, ids: &[InvoiceId]) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    if ids.is_empty() || ids.len() > MAX_AT_ONCE {
        return Err(Refusal::new(RefusalCode::OutOfRange, "invoices-count")
            .at("invoiceIds")
            .with("max", MAX_AT_ONCE)
            .into());
    }
    let found: HashMap<InvoiceId, IssuedInvoice> =
        tx.invoices_by_id(ids).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect();
    let invoices: Vec<IssuedInvoice> = ids.iter().filter_map(|id| found.get(id)).cloned().collect();
    let buyers = buyers(tx, ctx, &invoices).await?;
    let mut tenants: Vec<TenantId> = invoices.iter().map(|invoice| invoice.tenant).collect();
    tenants.dedup();
    let names: HashMap<TenantId, String> =
        tx.tenants_by_id(&tenants).await?.into_iter().map(|tenant| (tenant.id, tenant.code)).collect();
    let (mut bad, mut seen) = (Refusals::new(), HashSet::new());
    for (n, id) in ids.iter().enumerate() {
        let at = format!("invoiceIds.{n}");
        bad.when(!seen.insert(*id), || Refusal::new(RefusalCode::Invalid, "id-doubled").at(at.clone()));
        let Some(invoice) = found.get(id) else {
            bad.push(Refusal::new(RefusalCode::NotFound, "not-found").at(at));
            continue;
        };
        let number = invoice.number.to_string();
        bad.when(invoice.voided.is_some(), || {
            Refusal::new(RefusalCode::State, "invoice-withdrawn").at(at.clone()).with("number", number.as_str())
        });
        bad.when(buyers.get(&invoice.tenant).is_none_or(|buyer| buyer.mails.is_empty()), || {
            let tenant = names.get(&invoice.tenant).cloned().unwrap_or_default();
            Refusal::new(RefusalCode::State, "invoice-no-address")
                .at(at.clone())
                .with("number", number.as_str())
                .with("tenant", tenant)
        });
    }
    bad.finish()?;
    post(tx, ctx, &invoices, &buyers).await
}

/// Sends the invoices that a billing run has just issued, where the park has set so; those whose buyers have no address are
/// returned. A constant number of statements.
///
/// # Errors
/// Those of reading and writing.
pub async fn sent_with_run(tx: &dyn Tx, ctx: &Ctx, issued: &[IssuedInvoice]) -> Result<Vec<InvoiceId>> {
    if issued.is_empty() || !tx.invoice_policy().await?.unwrap_or_default().send_with_run {
        return Ok(Vec::new());
    }
    let buyers = buyers(tx, ctx, issued).await?;
    post(tx, ctx, issued, &buyers).await?;
    let addressed = |invoice: &IssuedInvoice| buyers.get(&invoice.tenant).is_some_and(|buyer| !buyer.mails.is_empty());
    Ok(issued.iter().filter(|invoice| !addressed(invoice)).map(|invoice| invoice.id).collect())
}
