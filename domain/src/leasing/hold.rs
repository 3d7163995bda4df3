//! Seats kept for somebody while an offer is open. A hold ends by itself at an instant; until then its seats are nobody
//! else's at those times. What a hold is follows from its facts and the clock: no job ends it.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::entity::Shift;
use super::fit::{Wanted, count_ok, fit};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::estate::{self, Seat};
use crate::ids::{HeldSeatId, HoldId, SeatId, TenantId, UserId};
use crate::page::{Page, PageRequest, Sort, SortKey};
use crate::permission::{Action, Resource};
use crate::tenancy;
use crate::time::Period;

/// The longest that seats are kept without a new decision, days.
pub const MAX_HOLD_DAYS: i64 = 90;
/// The longest name of whom seats are kept for, characters.
const MAX_NAME: usize = 100;
/// The longest note, characters.
const MAX_NOTE: usize = 200;

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldState {
    /// Its seats are kept.
    Live,
    /// Its time is over.
    Expired,
    /// Every seat that was not given up was allocated.
    Allocated,
    /// Every seat was given up.
    Released,
}

/// Seats kept for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatHold {
    /// Its id.
    pub id: HoldId,
    /// For whom, as people call it.
    pub kept_for: String,
    /// The tenant it is for, where it is one already.
    pub tenant: Option<TenantId>,
    /// Why, or what else there is to say.
    pub note: String,
    /// The days for which the seats are wanted.
    pub held: Period,
    /// At what time of the day.
    pub shift: Shift,
    /// From this instant on the seats are anybody's.
    pub expires_at: DateTime<Utc>,
    /// When they were first kept.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: Option<UserId>,
    /// How many seats there were.
    pub seats: i64,
    /// Of those, neither given up nor allocated.
    pub open: i64,
    /// Of those, allocated.
    pub allocated: i64,
}

impl SeatHold {
    /// What it is at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> HoldState {
        match (self.open, self.allocated) {
            (1.., _) if self.expires_at > now => HoldState::Live,
            (1.., _) => HoldState::Expired,
            (_, 1..) => HoldState::Allocated,
            _ => HoldState::Released,
        }
    }
}

/// What holds can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HoldSort {
    /// When they end.
    #[default]
    ExpiresAt,
    /// When they were made.
    CreatedAt,
    /// For whom.
    KeptFor,
}

impl SortKey for HoldSort {
    fn name(self) -> &'static str {
        match self {
            Self::ExpiresAt => "expires_at",
            Self::CreatedAt => "created_at",
            Self::KeptFor => "kept_for",
        }
    }
}

/// What becomes of a seat that leaves a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEnd {
    /// It is given up.
    Released,
    /// It is allocated.
    Allocated,
}

impl HoldEnd {
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Allocated => "allocated",
        }
    }
}

/// Holds of the caller's park. Each change is made under the locks of the seats it is about.
#[async_trait]
pub trait Holds: Send + Sync {
    /// Holds; only those in a state at an instant, where one is asked for.
    async fn holds(
        &self,
        state: Option<HoldState>,
        now: DateTime<Utc>,
        sort: Sort<HoldSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatHold>>;
    /// How many.
    async fn holds_count(&self, state: Option<HoldState>, now: DateTime<Utc>) -> Result<i64>;
    /// Holds by id.
    async fn holds_by_id(&self, ids: &[HoldId]) -> Result<Vec<SeatHold>>;
    /// The seats of holds with what became of them, by code.
    async fn hold_seats(&self, holds: &[HoldId]) -> Result<Vec<(HoldId, Seat, bool)>>;
    /// The holds in force at an instant that keep each of the seats on a day.
    async fn holds_on(&self, seats: &[SeatId], on: NaiveDate, now: DateTime<Utc>) -> Result<Vec<(SeatId, HoldId)>>;
    /// Takes out the claims of holds on these seats whose time is over.
    async fn holds_sweep(&self, seats: &[SeatId], now: DateTime<Utc>) -> Result<()>;
    /// Stores a hold with its seats; `false` when the database itself found a seat taken.
    async fn hold_add(&self, hold: &SeatHold, seats: &[(SeatId, HeldSeatId)]) -> Result<bool>;
    /// Sets when a hold ends.
    async fn hold_extend(&self, hold: HoldId, until: DateTime<Utc>) -> Result<()>;
    /// Sets for which tenant holds are that were for none yet.
    async fn holds_tenant_set(&self, holds: &[HoldId], tenant: TenantId) -> Result<()>;
    /// Takes seats out of a hold; all that are open in it when none are named. Tells how many.
    async fn hold_end(&self, hold: HoldId, seats: &[SeatId], end: HoldEnd, at: DateTime<Utc>) -> Result<u64>;
}

/// Whether the caller may see holds: staff of the park that may see leases. A tenant learns nothing of who else comes.
fn may_see(ctx: &Ctx) -> Result<()> {
    if estate::discloses(ctx) { Ok(()) } else { Err(Error::NotFound) }
}

/// Holds of the park.
///
/// # Errors
/// [`Error::NotFound`] for anybody but staff of the park.
pub async fn holds(
    store: &dyn Holds,
    ctx: &Ctx,
    state: Option<HoldState>,
    sort: Sort<HoldSort>,
    page: &PageRequest,
) -> Result<Page<SeatHold>> {
    may_see(ctx)?;
    store.holds(state, ctx.now(), sort, page).await
}

/// How many.
///
/// # Errors
/// As [`holds`].
pub async fn holds_count(store: &dyn Holds, ctx: &Ctx, state: Option<HoldState>) -> Result<i64> {
    may_see(ctx)?;
    store.holds_count(state, ctx.now()).await
}

/// Holds by id.
///
/// # Errors
/// As [`holds`].
pub async fn holds_by_id(store: &dyn Holds, ctx: &Ctx, ids: &[HoldId]) -> Result<Vec<SeatHold>> {
    may_see(ctx)?;
    store.holds_by_id(ids).await
}

/// Which seats are to be kept, for whom.
#[derive(Clone, Debug)]
pub struct HoldRequest {
    /// Which, 1 to 2000.
    pub seats: Vec<SeatId>,
    /// For whom, 1 to 100 characters.
    pub kept_for: String,
    /// The tenant it is for, where it is one already.
    pub tenant: Option<TenantId>,
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

fn until_ok(ctx: &Ctx, until: DateTime<Utc>) -> Result<(), Refusal> {
    let most = ctx.now() + TimeDelta::days(MAX_HOLD_DAYS);
    if until > ctx.now() && until <= most {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange, "hold-expiry-range").at("expiresAt").with("max", MAX_HOLD_DAYS))
}

/// Keeps seats for somebody, all of them or none, with a constant number of statements.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`, `text-required`,
/// `text-too-long`, `period-empty`, `hold-expiry-range`, `tenant-unknown`; for each seat `seat-unknown`, `seat-not-built`,
/// `seat-out-of-service`, `seat-held`, `seat-on-hold`; `seats-held-meanwhile`.
pub async fn seats_hold<S: Holds + Store + estate::Outages + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &HoldRequest,
) -> Result<SeatHold> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    count_ok(&request.seats, "seatIds")?;
    let mut bad = Refusals::new();
    bad.text("keptFor", &request.kept_for, true, MAX_NAME);
    bad.text("note", &request.note, false, MAX_NOTE);
    let held = Period::new(request.from, Some(request.to)).map_err(|r| bad.push(r.at("to")));
    if let Err(refusal) = until_ok(ctx, request.expires_at) {
        bad.push(refusal);
    }
    if let Some(tenant) = request.tenant
        && store.tenants_by_id(&[tenant]).await?.is_empty()
    {
        bad.push(Refusal::new(RefusalCode::NotFound, "tenant-unknown").at("tenantId"));
    }
    bad.finish()?;
    let Ok(held) = held else { return Err(Error::internal("a period that was refused")) };
    let seats = store.seats_locked(&request.seats).await?;
    let seats: HashMap<SeatId, Seat> = seats.into_iter().map(|s| (s.id, s)).collect();
    store.holds_sweep(&request.seats, ctx.now()).await?;
    fit(store, &request.seats, &seats, Wanted { product: None, held, shift: Some(request.shift) }).await?;
    let hold = SeatHold {
        id: ctx.id(),
        kept_for: request.kept_for.trim().to_owned(),
        tenant: request.tenant,
        note: request.note.trim().to_owned(),
        held,
        shift: request.shift,
        expires_at: request.expires_at,
        created_at: ctx.now(),
        created_by: ctx.actor().user,
        seats: i64::try_from(request.seats.len()).map_err(Error::internal)?,
        open: i64::try_from(request.seats.len()).map_err(Error::internal)?,
        allocated: 0,
    };
    let kept: Vec<(SeatId, HeldSeatId)> = request.seats.iter().map(|seat| (*seat, ctx.id())).collect();
    if !store.hold_add(&hold, &kept).await? {
        return Err(Refusal::new(RefusalCode::Conflict, "seats-held-meanwhile").at("seatIds").into());
    }
    ctx.heard().set("keptFor", Seen::personal(hold.kept_for.clone()));
    ctx.heard().set("expiresAt", Seen::of(hold.expires_at));
    Ok(hold)
}

/// A hold in force with its seats, kept from everybody else until this transaction ends.
async fn live<S: Holds + Store + ?Sized>(store: &S, ctx: &Ctx, id: HoldId) -> Result<(SeatHold, HashSet<SeatId>)> {
    let unknown = || Refusal::new(RefusalCode::NotFound, "hold-unknown").at("holdId");
    let seats = store.hold_seats(&[id]).await?;
    let ids: Vec<SeatId> = seats.iter().map(|(_, seat, _)| seat.id).collect();
    if ids.is_empty() {
        return Err(unknown().into());
    }
    store.seats_locked(&ids).await?;
    // Read again under the locks: somebody may have been before.
    let hold = store.holds_by_id(&[id]).await?.pop().ok_or_else(unknown)?;
    if hold.state(ctx.now()) != HoldState::Live {
        return Err(Refusal::new(RefusalCode::State, "hold-not-live").at("holdId").into());
    }
    let open = store.hold_seats(&[id]).await?.into_iter().filter(|(_, _, open)| *open);
    Ok((hold, open.map(|(_, seat, _)| seat.id).collect()))
}

/// Keeps the seats of a hold for longer, or less long. One whose time is over is over: its seats may be somebody else's.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `hold-unknown`, `hold-not-live`, `hold-expiry-range`.
pub async fn hold_extend<S: Holds + Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: HoldId,
    until: DateTime<Utc>,
) -> Result<HoldId> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    until_ok(ctx, until)?;
    let (hold, _) = live(store, ctx, id).await?;
    store.hold_extend(id, until).await?;
    ctx.heard().changed("expiresAt", Seen::of(hold.expires_at), Seen::of(until));
    Ok(id)
}

/// Gives seats of a hold up; all that are left in it when none are named. Tells how many.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `hold-unknown`, `hold-not-live`; `seat-not-in-hold` for
/// each seat that is not kept by it.
pub async fn hold_release<S: Holds + Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: HoldId,
    seats: &[SeatId],
) -> Result<u64> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let (_, open) = live(store, ctx, id).await?;
    let mut bad = Refusals::new();
    for (at, seat) in seats.iter().enumerate() {
        bad.when(!open.contains(seat), || {
            Refusal::new(RefusalCode::NotFound, "seat-not-in-hold").at(format!("seatIds.{at}"))
        });
    }
    bad.finish()?;
    store.hold_end(id, seats, HoldEnd::Released, ctx.now()).await
}

/// Frees, for a tenant, those of the seats that a hold keeps; under the locks of the seats.
///
/// # Errors
/// `hold-unknown`, `hold-not-live`; `hold-of-other` when it is kept for another tenant.
pub(super) async fn hold_use<S: Holds + Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: HoldId,
    tenant: TenantId,
    seats: &[SeatId],
) -> Result<()> {
    let (hold, open) = live(store, ctx, id).await?;
    if hold.tenant.is_some_and(|kept_for| kept_for != tenant) {
        return Err(Refusal::new(RefusalCode::State, "hold-of-other").at("holdId").into());
    }
    let kept: Vec<SeatId> = seats.iter().filter(|seat| open.contains(seat)).copied().collect();
    if !kept.is_empty() {
        store.hold_end(id, &kept, HoldEnd::Allocated, ctx.now()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leasing::FULL_DAY;

    #[test]
    fn the_state_follows_from_the_seats_and_the_clock() {
        let at = |hour: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour);
        let hold = |open, allocated| SeatHold {
            id: crate::ids::Id::from_uuid(uuid::Uuid::nil()),
            kept_for: String::new(),
            tenant: None,
            note: String::new(),
            held: Period { from: NaiveDate::MIN, to: None },
            shift: FULL_DAY,
            expires_at: at(10),
            created_at: at(0),
            created_by: None,
            seats: 3,
            open,
            allocated,
        };
        assert_eq!(hold(3, 0).state(at(9)), HoldState::Live);
        assert_eq!(hold(1, 2).state(at(9)), HoldState::Live);
        assert_eq!(hold(1, 2).state(at(10)), HoldState::Expired);
        assert_eq!(hold(0, 2).state(at(11)), HoldState::Allocated);
        assert_eq!(hold(0, 0).state(at(9)), HoldState::Released);
    }
}
