//! Use cases of requests.

use std::collections::HashSet;

use super::entity::{
    Reference, RequestAct, RequestDraft, RequestFilter, RequestKind, RequestSort, RequestState, RequestStep,
    SeatRequest, Side,
};
use super::notice;
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::estate::{self, SeatProduct};
use crate::ids::{SeatId, SeatRequestId};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::pipeline::{self, Private};
use crate::time::Period;
use crate::{leasing, platform};

/// The most seats in one request.
const MAX_SEATS: i64 = 100_000;
/// The most seats that are named in one.
const MAX_NAMED: usize = 2_000;
/// The longest that is said at once, characters.
const MAX_WORDS: usize = 1_000;
/// The most steps of one request.
const MAX_STEPS: i64 = 500;

/// For whom the caller speaks.
fn side(ctx: &Ctx) -> Result<Side> {
    match ctx.scope() {
        Scope::Park(_) => Ok(Side::Park),
        Scope::Tenant(..) => Ok(Side::Tenant),
        Scope::Assessor(..) | Scope::System(_) => Err(Error::NotFound),
    }
}

/// Requests: of the whole park for its staff, its own for a tenant.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn requests<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    filter: &RequestFilter,
    sort: Sort<RequestSort>,
    page: &PageRequest,
) -> Result<Page<SeatRequest>> {
    ctx.require(Action::Read, Resource::Requests)?;
    store.seat_requests(filter, ctx.today(), sort, page).await
}

/// How many.
///
/// # Errors
/// As [`requests`].
pub async fn requests_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, filter: &RequestFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Requests)?;
    store.seat_requests_count(filter, ctx.today()).await
}

fn words_ok(path: &'static str, words: &Private, needed: bool, bad: &mut Refusals) {
    bad.text(path, words.reveal(), needed, MAX_WORDS);
}

/// What is asked for against what the tenant has.
async fn check<S: estate::Store + leasing::Store + ?Sized>(store: &S, ctx: &Ctx, draft: &RequestDraft) -> Result<()> {
    let mut bad = Refusals::new();
    bad.when(!(1..=MAX_SEATS).contains(&draft.seats), || {
        Refusal::new(RefusalCode::OutOfRange, "request-seats").at("seats").with("max", MAX_SEATS)
    });
    bad.when(draft.from < ctx.today(), || {
        Refusal::new(RefusalCode::OutOfRange, "request-past").at("from").with("today", ctx.today())
    });
    words_ok("reason", &draft.reason, true, &mut bad);
    if let Some(zone) = draft.zone {
        let none = store.zones_by_id(&[zone]).await?.is_empty();
        bad.when(none, || Refusal::new(RefusalCode::NotFound, "not-found").at("zoneId"));
    }
    if let Some(lease) = draft.lease {
        let none = store.leases_by_id(&[lease]).await?.is_empty();
        bad.when(none, || Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"));
    }
    let named = &draft.named;
    bad.when(draft.kind == RequestKind::More && !named.is_empty(), || {
        Refusal::new(RefusalCode::Invalid, "request-named-more").at("seatIds")
    });
    let different: HashSet<SeatId> = named.iter().copied().collect();
    bad.when(different.len() != named.len(), || Refusal::new(RefusalCode::Invalid, "id-doubled").at("seatIds"));
    bad.when(named.len() > MAX_NAMED, || {
        Refusal::new(RefusalCode::TooLarge, "seats-per-call").at("seatIds").with("max", MAX_NAMED)
    });
    let count = i64::try_from(named.len()).unwrap_or(i64::MAX);
    bad.when(!named.is_empty() && count != draft.seats, || {
        Refusal::new(RefusalCode::Invalid, "request-named-count")
            .at("seatIds")
            .with("seats", draft.seats)
            .with("named", count)
    });
    if draft.kind != RequestKind::More && !named.is_empty() && named.len() <= MAX_NAMED {
        let within = Period { from: draft.from, to: None };
        let held = store.allocations_of_seats(named, within).await?;
        let held: HashSet<SeatId> = held.iter().map(|allocation| allocation.seat).collect();
        for (at, seat) in named.iter().enumerate() {
            bad.when(!held.contains(seat), || {
                Refusal::new(RefusalCode::NotFound, "request-seat-not-held")
                    .at(format!("seatIds.{at}"))
                    .with("from", draft.from)
            });
        }
    }
    bad.finish()
}

/// A tenant asks its park for seats.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] for anybody but the manager of a tenant; all that apply of `request-seats`,
/// `request-past`, `text-required`, `text-too-long`, `not-found` (the zone), `lease-unknown`, `request-named-more`, `id-doubled`,
/// `seats-per-call`, `request-named-count`, `request-seat-not-held`; `changed-meanwhile`.
pub async fn request_create<S>(store: &S, ctx: &Ctx, draft: RequestDraft) -> Result<SeatRequest>
where
    S: Store + estate::Store + leasing::Store + platform::Store + ?Sized,
{
    ctx.require(Action::Write, Resource::Requests)?;
    let tenant = ctx.tenant()?;
    check(store, ctx, &draft).await?;
    let clock = store.request_clock().await?.unwrap_or_default();
    let state = RequestState::Asked;
    let RequestDraft { kind, seats, product, zone, shift, from, lease, named, reason } = draft;
    let request = SeatRequest {
        id: ctx.id(),
        tenant,
        number: store.seat_request_number().await?,
        kind,
        seats,
        product,
        zone,
        shift,
        from,
        lease,
        named,
        state,
        entered_at: ctx.now(),
        due_on: state.due_on(ctx.today(), clock),
        last: 1,
        created_at: ctx.now(),
    };
    if !store.seat_request_add(&request).await? {
        return Err(Refusal::new(RefusalCode::Conflict, "changed-meanwhile").into());
    }
    record(store, ctx, &request, RequestAct::Ask, reason, None).await?;
    let heard = ctx.heard();
    heard.set("kind", Seen::of(kind.name()));
    heard.set("seats", Seen::json(seats));
    heard.set("product", Seen::maybe(product.map(SeatProduct::name)));
    heard.set("from", Seen::of(from));
    Ok(request)
}

/// What somebody does to a request.
#[derive(Clone, Debug)]
pub struct Act {
    /// What.
    pub act: RequestAct,
    /// The number of the last step that its author has seen: whoever was overtaken is told.
    pub seen: i64,
    /// What is said: up to 1,000 characters.
    pub words: Private,
    /// What answers the request. The version of a lease is found here.
    pub reference: Option<Reference>,
}

/// Takes a step of a request, or says something about it.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `request-unknown`; `request-overtaken` when somebody has
/// acted meanwhile; all that apply of `request-step`, `request-side` for a step of the other side, `text-required`,
/// `text-too-long`, `request-reference` for something that is not the tenant's or is named with a step that answers nothing,
/// `request-steps`.
pub async fn request_act<S>(store: &S, ctx: &Ctx, id: SeatRequestId, act: Act) -> Result<SeatRequest>
where
    S: Store + leasing::Store + leasing::Holds + pipeline::Store + pipeline::Quotes + platform::Store + ?Sized,
{
    ctx.require(Action::Write, Resource::Requests)?;
    let side = side(ctx)?;
    let unknown = || Refusal::new(RefusalCode::NotFound, "request-unknown").at("requestId");
    let before = store.seat_request_locked(id).await?.ok_or_else(unknown)?;
    if before.last != act.seen {
        return Err(Refusal::new(RefusalCode::Conflict, "request-overtaken")
            .at("seen")
            .with("state", before.state.name())
            .into());
    }
    let mut bad = Refusals::new();
    bad.when(act.act.side().is_some_and(|of| of != side), || {
        Refusal::new(RefusalCode::Forbidden, "request-side").at("act").with("act", act.act.name())
    });
    let state = before.state.after(act.act).map_err(|refusal| bad.push(refusal));
    words_ok("words", &act.words, act.act.needs_words(), &mut bad);
    bad.when(before.last >= MAX_STEPS, || {
        Refusal::new(RefusalCode::TooLarge, "request-steps").at("requestId").with("max", MAX_STEPS)
    });
    let reference = match act.reference {
        None => None,
        Some(reference) => {
            let found = if act.act.names() { answered_by(store, &before, reference).await? } else { None };
            bad.when(found.is_none(), || Refusal::new(RefusalCode::NotFound, "request-reference").at("referenceId"));
            found
        }
    };
    bad.finish()?;
    let Ok(state) = state else { return Err(Error::internal("a step that was refused")) };
    let mut request = before.clone();
    request.last = before.last.saturating_add(1);
    // Words alone do not give anybody more time.
    if act.act != RequestAct::Say {
        let clock = store.request_clock().await?.unwrap_or_default();
        request.state = state;
        request.entered_at = ctx.now();
        request.due_on = state.due_on(ctx.today(), clock);
    }
    store.seat_request_save(&request).await?;
    record(store, ctx, &request, act.act, act.words, reference).await?;
    ctx.heard().changed("state", Seen::of(before.state.name()), Seen::of(request.state.name()));
    Ok(request)
}

/// What is named as the answer, if it is there and of the tenant that asked.
async fn answered_by<S>(store: &S, request: &SeatRequest, reference: Reference) -> Result<Option<Reference>>
where
    S: leasing::Store + leasing::Holds + pipeline::Store + pipeline::Quotes + ?Sized,
{
    let tenant = request.tenant;
    Ok(match reference {
        Reference::Allocation(id) => {
            let found = store.allocations_by_id(&[id]).await?.pop();
            found.filter(|allocation| allocation.tenant == tenant).map(|_| reference)
        }
        Reference::Lease(id, _) => {
            let found = store.leases_by_id(&[id]).await?.pop().filter(|lease| lease.tenant == tenant);
            found.and_then(|lease| lease.versions.last().map(|version| Reference::Lease(id, version.version)))
        }
        Reference::Hold(id) => {
            let found = store.holds_by_id(&[id]).await?.pop();
            found.filter(|hold| hold.tenant == Some(tenant)).map(|_| reference)
        }
        Reference::Quote(id) => match store.quotes_by_id(&[id]).await?.pop() {
            None => None,
            Some(quote) => {
                let lead = store.leads_by_id(&[quote.lead]).await?.pop();
                lead.filter(|lead| lead.facts.tenant == Some(tenant)).map(|_| reference)
            }
        },
    })
}

/// Appends to the history and has the other side told, in the same transaction.
async fn record<S: Store + platform::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &SeatRequest,
    act: RequestAct,
    words: Private,
    reference: Option<Reference>,
) -> Result<()> {
    let by = ctx.actor().user;
    let name = match by {
        Some(user) => store.member_name(user).await?,
        None => String::new(),
    };
    if !words.is_empty() {
        ctx.heard().set("words", Seen::personal(words.reveal()));
    }
    let step = RequestStep {
        request: request.id,
        tenant: request.tenant,
        n: request.last,
        side: side(ctx)?,
        act,
        state: request.state,
        words,
        reference,
        at: ctx.now(),
        by,
        by_name: Private::new(name),
    };
    store.seat_request_step_add(&step).await?;
    notice::begin(store, ctx, &step).await
}
