//! Use cases of quotes up to their end; acceptance is in `accept`.

use chrono::Datelike as _;

use super::holds::{give_up, has_open};
use super::lead::{Lead, LeadState, MAX_TEXT, Private};
use super::leads::{locked, step, too_many};
use super::quote::{Quote, QuoteDraft, QuoteFilter, QuoteNumber, QuoteSort, QuoteState};
use super::store::{Quotes, Store};
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{LeadId, QuoteId};
use crate::leasing::Holds;
use crate::money::Currency;
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::tenancy;

/// Quotes of the park.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn quotes(
    store: &dyn Quotes,
    ctx: &Ctx,
    filter: QuoteFilter,
    sort: Sort<QuoteSort>,
    page: &PageRequest,
) -> Result<Page<Quote>> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    store.quotes(filter, ctx.today(), sort, page).await
}

/// How many.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn quotes_count(store: &dyn Quotes, ctx: &Ctx, filter: QuoteFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Pipeline)?;
    store.quotes_count(filter, ctx.today()).await
}

/// The quote with its lead and every quote of it, the lead kept from everybody else until the transaction ends.
pub(super) async fn locked_quote<S: Store + Quotes + ?Sized>(
    store: &S,
    id: QuoteId,
) -> Result<(Quote, Lead, Vec<Quote>)> {
    let unknown = || Error::from(Refusal::new(RefusalCode::NotFound, "quote-unknown").at("quoteId"));
    let lead = store.quotes_by_id(&[id]).await?.pop().ok_or_else(unknown)?.lead;
    let lead = locked(store, lead).await?;
    // What was read before the lock is read again.
    let all = store.quotes_of(&[lead.id]).await?;
    let quote = all.iter().find(|quote| quote.id == id).cloned().ok_or_else(unknown)?;
    Ok((quote, lead, all))
}

/// Draws up a quote.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lead-unknown`, `lead-closed`, `lead-too-many`; those
/// of [`QuoteDraft::read`].
pub async fn quote_create<S: Store + Quotes + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    lead: LeadId,
    draft: QuoteDraft,
) -> Result<Quote> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let lead = locked(store, lead).await?;
    lead.state.must_be_open()?;
    room(store, lead.id).await?;
    let lines = draft.read(currency(store, &draft).await?, ctx.today())?;
    let year = i64::from(ctx.today().year());
    let number = QuoteNumber { year, sequence: store.quote_number_take(year).await? };
    let quote = new(ctx, lead.id, number, 1, draft, lines);
    store.quote_add(&quote).await?;
    tell(ctx, None, &quote);
    Ok(quote)
}

async fn currency<S: tenancy::Store + ?Sized>(store: &S, draft: &QuoteDraft) -> Result<Currency> {
    match draft.currency {
        Some(currency) => Ok(currency),
        None => Ok(store.park().await?.ok_or(Error::NotFound)?.currency),
    }
}

async fn room<S: Store + Quotes + ?Sized>(store: &S, lead: LeadId) -> Result<()> {
    let mut bad = Refusals::new();
    too_many(store.quotes_of(&[lead]).await?.len(), &mut bad);
    bad.finish()
}

fn new(
    ctx: &Ctx,
    lead: LeadId,
    number: QuoteNumber,
    version: i64,
    draft: QuoteDraft,
    lines: Vec<super::QuoteLine>,
) -> Quote {
    Quote {
        id: ctx.id(),
        lead,
        number,
        version,
        state: QuoteState::Draft,
        valid_until: draft.valid_until,
        remark: draft.remark,
        lines,
        created_at: ctx.now(),
        sent_at: None,
        ended_at: None,
        end_remark: Private::default(),
    }
}

/// Changes a quote that nobody outside has seen.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `quote-unknown`, `quote-state`, `lead-closed`; those
/// of [`QuoteDraft::read`].
pub async fn quote_change<S: Store + Quotes + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: QuoteId,
    draft: QuoteDraft,
) -> Result<Quote> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let (before, lead, _) = locked_quote(store, id).await?;
    before.must_be(&[QuoteState::Draft], ctx.today())?;
    lead.state.must_be_open()?;
    let lines = draft.read(currency(store, &draft).await?, ctx.today())?;
    let quote = Quote { valid_until: draft.valid_until, remark: draft.remark, lines, ..before.clone() };
    store.quote_save(&quote, true).await?;
    tell(ctx, Some(&before), &quote);
    Ok(quote)
}

/// Draws up the next version of a quote that was sent. The one before stands until the new one is sent.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `quote-unknown`, `quote-state` (a draft, or accepted),
/// `quote-newer` when there is a later version, `lead-closed`, `lead-too-many`; those of [`QuoteDraft::read`].
pub async fn quote_revise<S: Store + Quotes + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: QuoteId,
    draft: QuoteDraft,
) -> Result<Quote> {
    use QuoteState::{Declined, Expired, Sent, Withdrawn};
    ctx.require(Action::Write, Resource::Pipeline)?;
    let (before, lead, all) = locked_quote(store, id).await?;
    before.must_be(&[Sent, Declined, Expired, Withdrawn], ctx.today())?;
    lead.state.must_be_open()?;
    if all.iter().any(|other| other.number == before.number && other.version > before.version) {
        let refusal = Refusal::new(RefusalCode::State, "quote-newer").at("quoteId");
        return Err(refusal.with("number", before.number.to_string()).into());
    }
    room(store, lead.id).await?;
    let lines = draft.read(currency(store, &draft).await?, ctx.today())?;
    let quote = new(ctx, lead.id, before.number, before.version.saturating_add(1), draft, lines);
    store.quote_add(&quote).await?;
    tell(ctx, None, &quote);
    Ok(quote)
}

/// Ends those of these quotes that are open.
pub(super) async fn withdraw_all<S: Store + Quotes + ?Sized>(store: &S, ctx: &Ctx, quotes: Vec<Quote>) -> Result<()> {
    for before in quotes {
        if !matches!(before.state, QuoteState::Draft | QuoteState::Sent) {
            continue;
        }
        let field = format!("{} quoteState", before.id);
        ctx.heard().changed(field, Seen::of(before.state.name()), Seen::of(QuoteState::Withdrawn.name()));
        let quote = Quote { state: QuoteState::Withdrawn, ended_at: Some(ctx.now()), ..before };
        store.quote_save(&quote, false).await?;
    }
    Ok(())
}

/// The other versions of a quote.
pub(super) fn others(all: Vec<Quote>, quote: &Quote) -> Vec<Quote> {
    all.into_iter().filter(|other| other.number == quote.number && other.id != quote.id).collect()
}

/// Sends a quote: from now on it is what was offered. The version before it, if it was sent, is withdrawn; the lead goes
/// down the funnel.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `quote-unknown`, `quote-state`, `lead-closed`,
/// `quote-valid-past`.
pub async fn quote_send<S: Store + Quotes + ?Sized>(store: &S, ctx: &Ctx, id: QuoteId) -> Result<Quote> {
    ctx.require(Action::Commit, Resource::Pipeline)?;
    let (before, mut lead, all) = locked_quote(store, id).await?;
    before.must_be(&[QuoteState::Draft], ctx.today())?;
    lead.state.must_be_open()?;
    if before.valid_until < ctx.today() {
        let refusal = Refusal::new(RefusalCode::State, "quote-valid-past").at("quoteId");
        return Err(refusal.with("today", ctx.today()).into());
    }
    withdraw_all(store, ctx, others(all, &before)).await?;
    let quote = Quote { state: QuoteState::Sent, sent_at: Some(ctx.now()), ..before.clone() };
    store.quote_save(&quote, false).await?;
    tell(ctx, Some(&before), &quote);
    if lead.state != LeadState::Quoted {
        step(store, ctx, &mut lead, LeadState::Quoted, None, Private::default()).await?;
        store.lead_save(&lead).await?;
    }
    Ok(quote)
}

/// Says that the lead does not want what was sent to it.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `quote-unknown`, `quote-state`, `text-too-long`.
pub async fn quote_decline<S: Store + Quotes + Holds + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: QuoteId,
    remark: Private,
) -> Result<Quote> {
    end(store, ctx, id, QuoteState::Declined, &[QuoteState::Sent, QuoteState::Expired], remark).await
}

/// Takes a quote back.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `quote-unknown`, `quote-state`, `text-too-long`.
pub async fn quote_withdraw<S: Store + Quotes + Holds + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: QuoteId,
    remark: Private,
) -> Result<Quote> {
    let open = [QuoteState::Draft, QuoteState::Sent, QuoteState::Expired];
    end(store, ctx, id, QuoteState::Withdrawn, &open, remark).await
}

/// Ends a quote; what was kept for it is given up, unless another version is open.
async fn end<S: Store + Quotes + Holds + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: QuoteId,
    to: QuoteState,
    from: &[QuoteState],
    end_remark: Private,
) -> Result<Quote> {
    ctx.require(Action::Write, Resource::Pipeline)?;
    let (before, _, all) = locked_quote(store, id).await?;
    before.must_be(from, ctx.today())?;
    let mut bad = Refusals::new();
    end_remark.at_most("remark", MAX_TEXT, &mut bad);
    bad.finish()?;
    let quote = Quote { state: to, ended_at: Some(ctx.now()), end_remark, ..before.clone() };
    store.quote_save(&quote, false).await?;
    tell(ctx, Some(&before), &quote);
    if !has_open(&all, &quote) {
        give_up(store, ctx, &[id]).await?;
    }
    Ok(quote)
}

/// Tells what a quote said before and says now.
pub(super) fn tell(ctx: &Ctx, before: Option<&Quote>, after: &Quote) {
    let fields = |quote: &Quote| {
        let seats = quote.lines.iter().map(|line| line.seats.to_string()).collect::<Vec<_>>();
        let prices = quote.lines.iter().map(|line| line.terms.unit_price.minor.to_string()).collect::<Vec<_>>();
        [
            ("number", Seen::of(quote.number)),
            ("version", Seen::json(quote.version)),
            ("quoteState", Seen::of(quote.state.name())),
            ("validUntil", Seen::of(quote.valid_until)),
            ("remark", Seen::personal(quote.remark.reveal())),
            ("seats", Seen::of(seats.join(", "))),
            ("unitPriceMinor", Seen::of(prices.join(", "))),
            ("endRemark", Seen::personal(quote.end_remark.reveal())),
        ]
    };
    let mut was = before.map(fields).into_iter().flatten();
    for (field, to) in fields(after) {
        ctx.heard().changed(field, was.next().map_or(Seen::Nothing, |(_, from)| from), to);
    }
}
