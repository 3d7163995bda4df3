//! Seats kept for a quote while it is open. A hold stays with the number of the quote whichever version is the latest; it is
//! given up with the last open one, and whoever accepts becomes the one it is for.

use chrono::{DateTime, NaiveDate, Utc};

use super::quote::{Quote, QuoteState};
use super::quotes::locked_quote;
use super::store::{Quotes, Store};
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::estate;
use crate::ids::{QuoteId, SeatId, TenantId};
use crate::leasing::{self, HoldEnd, HoldRequest, Holds, SeatHold, Shift};
use crate::permission::{Action, Resource};
use crate::tenancy;

/// Which seats are to be kept for a quote. For whom follows from the quote.
#[derive(Clone, Debug)]
pub struct QuoteHoldRequest {
    /// Of which version; it stays with all of them.
    pub quote: QuoteId,
    /// Which, 1 to 2000.
    pub seats: Vec<SeatId>,
    /// Up to 200 characters.
    pub note: String,
    /// First day for which they are wanted.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// At what time of the day.
    pub shift: Shift,
    /// When the seats are anybody's again.
    pub expires_at: DateTime<Utc>,
}

/// Keeps seats for who was quoted, all of them or none.
///
/// # Errors
/// `Error::Forbidden` or `Error::NotFound` without permission to read quotes and to hold seats; `quote-unknown`,
/// `quote-state` of one that is neither a draft nor sent; those of [`leasing::seats_hold`].
pub async fn quote_hold<S>(store: &S, ctx: &Ctx, request: QuoteHoldRequest) -> Result<SeatHold>
where
    S: Store + Quotes + Holds + leasing::Store + estate::Outages + tenancy::Store + ?Sized,
{
    ctx.require(Action::Read, Resource::Pipeline)?;
    let (quote, lead, _) = locked_quote(store, request.quote).await?;
    quote.must_be(&[QuoteState::Draft, QuoteState::Sent], ctx.today())?;
    let QuoteHoldRequest { seats, note, from, to, shift, expires_at, .. } = request;
    let (kept_for, tenant) = (lead.facts.name.clone(), lead.facts.tenant);
    let request = HoldRequest { seats, kept_for, tenant, note, from, to, shift, expires_at };
    let hold = leasing::seats_hold(store, ctx, &request).await?;
    store.quote_hold_add(quote.id, hold.id).await?;
    ctx.heard().set("number", Seen::of(quote.number));
    Ok(hold)
}

/// Gives up what was kept for quotes of which no version is open any more.
pub(super) async fn give_up<S: Quotes + Holds + ?Sized>(store: &S, ctx: &Ctx, ended: &[QuoteId]) -> Result<()> {
    for hold in store.quote_holds(ended).await?.into_iter().map(|(_, hold)| hold) {
        let seats = store.hold_end(hold, &[], HoldEnd::Released, ctx.now()).await?;
        if seats > 0 {
            ctx.heard().set(format!("{hold} released"), Seen::json(seats));
        }
    }
    Ok(())
}

/// Whether any other version of a quote is a draft or sent.
pub(super) fn has_open(all: &[Quote], quote: &Quote) -> bool {
    let open = |other: &Quote| matches!(other.state, QuoteState::Draft | QuoteState::Sent);
    all.iter().any(|other| other.number == quote.number && other.id != quote.id && open(other))
}

/// Who accepted is whom the seats are kept for.
pub(super) async fn keep_for<S: Quotes + Holds + ?Sized>(store: &S, quote: QuoteId, tenant: TenantId) -> Result<()> {
    let holds: Vec<_> = store.quote_holds(&[quote]).await?.into_iter().map(|(_, hold)| hold).collect();
    if holds.is_empty() { Ok(()) } else { store.holds_tenant_set(&holds, tenant).await }
}
