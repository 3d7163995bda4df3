//! Days on which seats cannot be used: a fact beside who leases them. A lease goes on while a seat is out of service; what
//! that means for the rent is for the lease to say.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::Seat;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{OutageId, SeatId, UserId};
use crate::leasing::{self, FULL_DAY, Wanted, count_ok};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::time::Period;

/// The longest reason, characters.
const MAX_REASON: usize = 200;

/// A seat cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatOutage {
    /// Its id.
    pub id: OutageId,
    /// Which seat.
    pub seat: SeatId,
    /// When; without an end until further notice.
    pub out: Period,
    /// Why; for staff of the park only.
    pub reason: Option<String>,
}

/// What is known of seats that cannot be used.
#[async_trait]
pub trait Outages: Send + Sync {
    /// Those that are not over on a day, by first day; reasons are read where the caller may.
    async fn outages(&self, on: NaiveDate, page: &PageRequest) -> Result<Page<SeatOutage>>;
    /// How many.
    async fn outages_count(&self, on: NaiveDate) -> Result<i64>;
    /// Outages by id.
    async fn outages_by_id(&self, ids: &[OutageId]) -> Result<Vec<SeatOutage>>;
    /// Outages of seats that touch the period, by seat and first day, without their reasons.
    async fn outages_of(&self, seats: &[SeatId], within: Period) -> Result<Vec<SeatOutage>>;
    /// Stores outages.
    async fn outages_add(&self, new: &[SeatOutage], at: DateTime<Utc>, by: Option<UserId>) -> Result<()>;
    /// Sets the end of outages.
    async fn outages_end(&self, ids: &[OutageId], on: NaiveDate, at: DateTime<Utc>, by: Option<UserId>) -> Result<()>;
}

/// Which seats cannot be used.
#[derive(Clone, Debug)]
pub struct OutageRequest {
    /// Which, 1 to 2000.
    pub seats: Vec<SeatId>,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last; `None` = until further notice.
    pub to: Option<NaiveDate>,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// Whether seats that are leased or kept for somebody in that time go out of service too; otherwise they are in the way.
    pub although_held: bool,
}

/// Outages of the park that are not over today.
///
/// # Errors
/// [`Error::NotFound`] for anybody but staff of the park.
pub async fn outages(store: &dyn Outages, ctx: &Ctx, page: &PageRequest) -> Result<Page<SeatOutage>> {
    may_see(ctx)?;
    store.outages(ctx.today(), page).await
}

/// How many.
///
/// # Errors
/// As [`outages`].
pub async fn outages_count(store: &dyn Outages, ctx: &Ctx) -> Result<i64> {
    may_see(ctx)?;
    store.outages_count(ctx.today()).await
}

/// Outages by id.
///
/// # Errors
/// As [`outages`].
pub async fn outages_by_id(store: &dyn Outages, ctx: &Ctx, ids: &[OutageId]) -> Result<Vec<SeatOutage>> {
    may_see(ctx)?;
    store.outages_by_id(ids).await
}

fn may_see(ctx: &Ctx) -> Result<()> {
    if super::discloses(ctx) { Ok(()) } else { Err(Error::NotFound) }
}

/// Takes seats out of service, all of them or none, with a constant number of statements.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`, `text-required`,
/// `text-too-long`, `period-empty`; for each seat `seat-unknown`, `seat-not-built`, `seat-out-of-service` already, and `seat-held` or
/// `seat-on-hold` unless that is known and accepted.
pub async fn seats_out<S: Outages + leasing::Holds + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &OutageRequest,
) -> Result<Vec<OutageId>> {
    ctx.require(Action::Write, Resource::Estate)?;
    count_ok(&request.seats, "seatIds")?;
    let reason = request.reason.trim();
    let mut bad = Refusals::new();
    bad.text("reason", reason, true, MAX_REASON);
    let out = Period::new(request.from, request.to).map_err(|r| bad.push(r.at("to")));
    bad.finish()?;
    let Ok(out) = out else { return Err(Error::internal("a period that was refused")) };
    let seats = store.seats_locked(&request.seats).await?;
    let seats = seats.into_iter().map(|s: Seat| (s.id, s)).collect();
    store.holds_sweep(&request.seats, ctx.now()).await?;
    let shift = (!request.although_held).then_some(FULL_DAY);
    leasing::fit(store, &request.seats, &seats, Wanted { product: None, held: out, shift }).await?;
    let outage = |seat: &SeatId| SeatOutage { id: ctx.id(), seat: *seat, out, reason: Some(reason.to_owned()) };
    let new: Vec<SeatOutage> = request.seats.iter().map(outage).collect();
    store.outages_add(&new, ctx.now(), ctx.actor().user).await?;
    ctx.heard().set("reason", Seen::personal(reason.to_owned()));
    Ok(new.iter().map(|o| o.id).collect())
}

/// Takes seats back into service from a day on. On the first day of an outage it never was.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; for each outage
/// `outage-unknown`, `outage-over` when it ends on that day or earlier already, `outage-before-start`.
pub async fn seats_in_service<S: Outages + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    ids: &[OutageId],
    on: NaiveDate,
) -> Result<usize> {
    ctx.require(Action::Write, Resource::Estate)?;
    count_ok(ids, "outageIds")?;
    let seats: Vec<SeatId> = store.outages_by_id(ids).await?.iter().map(|o| o.seat).collect();
    if !seats.is_empty() {
        store.seats_locked(&seats).await?;
    }
    let found = store.outages_by_id(ids).await?;
    let mut bad = Refusals::new();
    for (at, id) in ids.iter().enumerate() {
        let refusal = match found.iter().find(|o| o.id == *id) {
            None => Refusal::new(RefusalCode::NotFound, "outage-unknown"),
            Some(outage) if on < outage.out.from => {
                Refusal::new(RefusalCode::OutOfRange, "outage-before-start").with("from", outage.out.from)
            }
            Some(SeatOutage { out: Period { to: Some(to), .. }, .. }) if *to <= on => {
                Refusal::new(RefusalCode::State, "outage-over").with("to", *to)
            }
            Some(_) => continue,
        };
        bad.push(refusal.at(format!("outageIds.{at}")));
    }
    bad.finish()?;
    store.outages_end(ids, on, ctx.now(), ctx.actor().user).await?;
    Ok(ids.len())
}
