//! Use cases of sending.

use std::collections::{HashMap, HashSet};

use voxpark_domain::audit::Seen;
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::{CreditNoteId, InvoiceId, TenantId};
use voxpark_domain::mail::{Facts, LetterKind, LetterState, NewLetter, Owner};
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::tenancy::Park;
use voxpark_domain::time::Month;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, Scope, tenancy};

use super::entity::{Delivery, ENCLOSED, ENCLOSED_NOTE, InvoicePolicy, MAX_AT_ONCE};
use super::store::Store;
use crate::crediting::IssuedNote;
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
async fn buyers(tx: &dyn Tx, ctx: &Ctx, pieces: &[Piece]) -> Result<HashMap<TenantId, Buyer>> {
    let mut tenants: Vec<TenantId> = pieces.iter().map(|piece| piece.tenant).collect();
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

/// What a letter brings.
struct Piece {
    kind: LetterKind,
    invoice: InvoiceId,
    note: Option<CreditNoteId>,
    tenant: TenantId,
    number: String,
    /// What its letter says of it.
    says: Vec<(&'static str, String)>,
}

impl Piece {
    fn of_invoice(invoice: &IssuedInvoice) -> Self {
        let total = format!("{} {}", invoice.money(invoice.total_minor).grouped(), invoice.currency.code());
        let says = vec![
            ("month", Month::of(invoice.period.from).to_string()),
            ("total", total),
            ("due", invoice.due_on.to_string()),
            (ENCLOSED, invoice.id.to_string()),
        ];
        let (kind, number) = (LetterKind::Invoice, invoice.number.to_string());
        Self { kind, invoice: invoice.id, note: None, tenant: invoice.tenant, number, says }
    }
    fn of_note(note: &IssuedNote, invoice: &IssuedInvoice) -> Self {
        let total = format!("{} {}", invoice.money(note.total_minor).grouped(), note.currency.code());
        let says = vec![("of", invoice.number.to_string()), ("total", total), (ENCLOSED_NOTE, note.id.to_string())];
        let number = note.number.as_ref().map(ToString::to_string).unwrap_or_default();
        Self {
            kind: LetterKind::CreditNote,
            invoice: note.invoice,
            note: Some(note.id),
            tenant: note.tenant,
            number,
            says,
        }
    }
    /// The letter that brings it to an address.
    fn letter(&self, park: &Park, buyer: &Buyer, to: &str, reply: &str) -> NewLetter {
        let lang = if buyer.language == PaperLanguage::English { Lang::En } else { Lang::Zh };
        let name = if lang == Lang::En && !park.name_en.is_empty() { &park.name_en } else { &park.name };
        let common = [
            ("park", name.clone()),
            ("number", self.number.clone()),
            ("reply", reply.to_owned()),
            ("language", buyer.language.name().to_owned()),
        ];
        let facts: Facts =
            common.into_iter().chain(self.says.clone()).map(|(name, value)| (name.to_owned(), value)).collect();
        NewLetter { kind: self.kind, lang, to: to.to_owned(), user: None, facts }
    }
}

/// Posts the letters that bring pieces to the addresses of their buyers. A constant number of statements.
async fn post(tx: &dyn Tx, ctx: &Ctx, pieces: &[Piece], buyers: &HashMap<TenantId, Buyer>) -> Result<()> {
    let park = tenancy::park(tx, ctx).await?;
    let sellers = tx.seller_profiles().await?;
    let reply = in_force(&sellers, ctx.today()).map(|profile| profile.said.mail.reveal()).unwrap_or_default();
    let (mut letters, mut deliveries) = (Vec::new(), Vec::new());
    for piece in pieces {
        let Some(buyer) = buyers.get(&piece.tenant) else { continue };
        for to in &buyer.mails {
            letters.push(piece.letter(&park, buyer, to.reveal(), reply));
            deliveries.push((piece, buyer.language, to.clone()));
            let about = piece.note.map_or_else(|| piece.invoice.to_string(), |note| note.to_string());
            ctx.heard().set(format!("{about} to"), Seen::personal(to.reveal()));
        }
    }
    let ids = tx.letters_post(ctx, Owner { park: park.id, tenant: None }, &letters).await?;
    let delivery = |(letter, (piece, language, to))| {
        let piece: &Piece = piece;
        Delivery {
            letter,
            invoice: piece.invoice,
            note: piece.note,
            tenant: piece.tenant,
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

/// The codes of the tenants of pieces, for refusals.
async fn codes(tx: &dyn Tx, pieces: &[Piece]) -> Result<HashMap<TenantId, String>> {
    let mut tenants: Vec<TenantId> = pieces.iter().map(|piece| piece.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    Ok(tx.tenants_by_id(&tenants).await?.into_iter().map(|tenant| (tenant.id, tenant.code)).collect())
}

fn no_address(piece: &Piece, codes: &HashMap<TenantId, String>) -> Refusal {
    let refusal = Refusal::new(RefusalCode::State, "invoice-no-address").with("number", piece.number.as_str());
    refusal.with("tenant", codes.get(&piece.tenant).cloned().unwrap_or_default())
}

fn addressed(buyers: &HashMap<TenantId, Buyer>, tenant: TenantId) -> bool {
    buyers.get(&tenant).is_some_and(|buyer| !buyer.mails.is_empty())
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
    let pieces: Vec<Piece> = ids.iter().filter_map(|id| found.get(id)).map(Piece::of_invoice).collect();
    let (buyers, codes) = (buyers(tx, ctx, &pieces).await?, codes(tx, &pieces).await?);
    let (mut bad, mut seen) = (Refusals::new(), HashSet::new());
    for (n, id) in ids.iter().enumerate() {
        let at = format!("invoiceIds.{n}");
        bad.when(!seen.insert(*id), || Refusal::new(RefusalCode::Invalid, "id-doubled").at(at.clone()));
        let Some(invoice) = found.get(id) else {
            bad.push(Refusal::new(RefusalCode::NotFound, "not-found").at(at));
            continue;
        };
        bad.when(invoice.voided.is_some(), || {
            let refusal = Refusal::new(RefusalCode::State, "invoice-withdrawn").at(at.clone());
            refusal.with("number", invoice.number.to_string())
        });
        bad.when(!addressed(&buyers, invoice.tenant), || {
            no_address(&Piece::of_invoice(invoice), &codes).at(at.clone())
        });
    }
    bad.finish()?;
    post(tx, ctx, &pieces, &buyers).await
}

/// Sends credit notes by mail to the addresses of their buyers, all of them or none. A note can be sent again.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `credit-notes-count`; of each note `not-found`, `id-doubled`,
/// `invoice-no-address`.
pub async fn credit_note_send(tx: &dyn Tx, ctx: &Ctx, ids: &[CreditNoteId]) -> Result<()> {
    ctx.require(Action::Commit, Resource::Billing)?;
    if ids.is_empty() || ids.len() > MAX_AT_ONCE {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "credit-notes-count").at("creditNoteIds");
        return Err(refusal.with("max", MAX_AT_ONCE).into());
    }
    let notes: HashMap<CreditNoteId, IssuedNote> =
        tx.credit_notes_by_id(ids).await?.into_iter().map(|note| (note.id, note)).collect();
    let invoices: Vec<InvoiceId> = notes.values().map(|note| note.invoice).collect();
    let invoices: HashMap<InvoiceId, IssuedInvoice> =
        tx.invoices_by_id(&invoices).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect();
    let piece = |id: &CreditNoteId| {
        let note = notes.get(id)?;
        Some(Piece::of_note(note, invoices.get(&note.invoice)?))
    };
    let pieces: Vec<Piece> = ids.iter().filter_map(piece).collect();
    let (buyers, codes) = (buyers(tx, ctx, &pieces).await?, codes(tx, &pieces).await?);
    let (mut bad, mut seen) = (Refusals::new(), HashSet::new());
    for (n, id) in ids.iter().enumerate() {
        let at = format!("creditNoteIds.{n}");
        bad.when(!seen.insert(*id), || Refusal::new(RefusalCode::Invalid, "id-doubled").at(at.clone()));
        match pieces.iter().find(|piece| piece.note == Some(*id)) {
            None => bad.push(Refusal::new(RefusalCode::NotFound, "not-found").at(at)),
            Some(piece) => bad.when(!addressed(&buyers, piece.tenant), || no_address(piece, &codes).at(at)),
        }
    }
    bad.finish()?;
    post(tx, ctx, &pieces, &buyers).await
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
    let pieces: Vec<Piece> = issued.iter().map(Piece::of_invoice).collect();
    let buyers = buyers(tx, ctx, &pieces).await?;
    post(tx, ctx, &pieces, &buyers).await?;
    Ok(issued.iter().filter(|invoice| !addressed(&buyers, invoice.tenant)).map(|invoice| invoice.id).collect())
}
