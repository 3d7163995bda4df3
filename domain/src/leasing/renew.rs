//! Leases that go on: longer with the same tenant, or with another company. Each is one transaction of what leasing does
//! anyway, so that nothing is half done.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, Months, NaiveDate};

use super::agreed::may_hold;
use super::amend::Amendment;
use super::clauses::{Clauses, Share};
use super::entity::{Allocation, Lease, LeaseVersion, LedgerEntry, LedgerKind, Shift};
use super::fit::{MAX_REFUSALS, MAX_SEATS, Wanted, fit};
use super::hold::Holds;
use super::moving::{LeaseEnd, lease_end};
use super::service::{AllocationRequest, LeaseDraft, allocate, lease_amend, lease_create};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::estate::{Outages, Seat};
use crate::ids::{AllocationId, LeaseId, SeatId, TenantId};
use crate::money::Money;
use crate::permission::{Action, Resource};
use crate::tenancy;
use crate::time::Period;

/// How a lease is to go on.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Which.
    pub lease: LeaseId,
    /// The day after its last; by the tenant's right that follows from the clause.
    pub term_to: Option<NaiveDate>,
    /// By the tenant's right to go on.
    pub by_option: bool,
    /// For how much a seat-month from then on, in major units; as before when left out.
    pub unit_price: Option<String>,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// Whether the seats that are held to the end are held as long as the lease.
    pub extend_seats: bool,
}

/// The amendment that a renewal is.
///
/// # Errors
/// `renewal-none`, `renewal-late`, `renewal-twice` by the tenant's right; `period-open` at `termTo` without an end,
/// `renewal-term` when it is no later.
fn amendment(last: &LeaseVersion, wanted: &Renewal, today: NaiveDate) -> Result<Amendment, Refusal> {
    let end = last.terms.term_to;
    let mut amendment = Amendment::new(end, wanted.reason.clone());
    amendment.unit_price.clone_from(&wanted.unit_price);
    let option = last.clauses.renewal.filter(|_| wanted.by_option);
    amendment.term_to = match (wanted.by_option, option) {
        (true, None) => return Err(Refusal::new(RefusalCode::State, "renewal-none").at("byOption")),
        (true, Some(option)) => {
            let by = end.checked_sub_days(Days::new(option.notice_days.unsigned_abs())).unwrap_or(end);
            if today > by {
                return Err(Refusal::new(RefusalCode::State, "renewal-late").at("byOption").with("by", by));
            }
            if wanted.term_to.is_some() {
                let refusal = Refusal::new(RefusalCode::Invalid, "renewal-twice").at("termTo");
                return Err(refusal.with("months", option.months));
            }
            // A right is used once; what follows is agreed anew.
            let clauses = Clauses { renewal: None, ..last.clauses.clone() };
            amendment.clauses = Some(clauses.draft(last.terms.unit_price.currency));
            u32::try_from(option.months).ok().and_then(|months| end.checked_add_months(Months::new(months)))
        }
        (false, _) => wanted.term_to,
    };
    match amendment.term_to {
        None => Err(Refusal::new(RefusalCode::Required, "period-open").at("termTo")),
        Some(to) if to <= end => {
            Err(Refusal::new(RefusalCode::OutOfRange, "renewal-term").at("termTo").with("to", end))
        }
        Some(_) => Ok(amendment),
    }
}

/// The most that a seat-month can cost by the tenant's right: the price of the last day and the rise agreed, in whole minor
/// units.
fn most(last: &LeaseVersion, rise: Share) -> Option<i64> {
    let was = last.terms.price_on(last.terms.term_to.pred_opt()?).minor;
    let most = i128::from(was).checked_mul(i128::from(Share::ONE.millionths().checked_add(rise.millionths())?))?;
    i64::try_from(most.checked_div(i128::from(Share::ONE.millionths()))?).ok()
}

/// Renews a lease: the version of its terms that begins where it would have ended, and, when asked so, its seats for as
/// long. All of it or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`; those of the amendment that it is
/// (`renewal-none`, `renewal-late`, `renewal-twice`, `renewal-term`, [`super::amend`]); `renewal-price`; for each seat those
/// of [`super::seats_allocate`].
pub async fn lease_renew<S: Store + Holds + Outages + ?Sized>(store: &S, ctx: &Ctx, wanted: &Renewal) -> Result<Lease> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    store.leases_lock(&[wanted.lease]).await?;
    let lease = store.leases_by_id(&[wanted.lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let last = lease.versions.last().ok_or(Error::NotFound)?;
    let renewed = lease_amend(store, ctx, lease.id, &amendment(last, wanted, ctx.today())?).await?;
    let next = renewed.versions.last().ok_or(Error::NotFound)?;
    if let Some(option) = last.clauses.renewal.filter(|_| wanted.by_option) {
        let most = most(last, option.most_increase).ok_or_else(|| Error::internal("a price out of range"))?;
        let dear = next.terms.price_on(next.in_force_from).minor > most;
        if dear {
            let most = Money::new(most, next.terms.unit_price.currency).major();
            return Err(Refusal::new(RefusalCode::OutOfRange, "renewal-price")
                .at("unitPrice")
                .with("max", most)
                .into());
        }
    }
    if wanted.extend_seats {
        extend(store, ctx, &renewed, last.terms.term_to, next).await?;
    }
    Ok(renewed)
}

/// What is held to the old end of a lease, held as long as it now lasts.
async fn extend<S: Store + Holds + Outages + ?Sized>(
    store: &S,
    ctx: &Ctx,
    lease: &Lease,
    was: NaiveDate,
    next: &LeaseVersion,
) -> Result<()> {
    let before = was.pred_opt().unwrap_or(was);
    let ids: Vec<AllocationId> =
        store.allocations_beyond(lease.id, before).await?.into_iter().map(|(id, _)| id).collect();
    let more = Period { from: was, to: Some(next.terms.term_to) };
    let recorded_at = store.leases_lock(&[lease.id]).await?.recorded_at(ctx.env().now());
    for part in ids.chunks(MAX_SEATS) {
        let held = store.allocations_locked(part).await?;
        let mut alike: BTreeMap<(i64, i64), Vec<Allocation>> = BTreeMap::new();
        for (allocation, _) in held {
            alike.entry((allocation.shift.from_min, allocation.shift.to_min)).or_default().push(allocation);
        }
        for ((from_min, to_min), allocations) in alike {
            let shift = Shift { from_min, to_min };
            let ids: Vec<SeatId> = allocations.iter().map(|a| a.seat).collect();
            let seats: HashMap<SeatId, Seat> =
                store.seats_locked(&ids).await?.into_iter().map(|seat| (seat.id, seat)).collect();
            store.holds_sweep(&ids, ctx.now()).await?;
            let wanted = Wanted { product: Some(next.terms.product), held: more, shift: Some(shift) };
            fit(store, &ids, &seats, wanted).await.map_err(|e| told_at(e, "extendSeats"))?;
            let mut bad = may_hold(store, lease.tenant, next, (more, shift), (&ids, &seats)).await?;
            if !bad.is_empty() {
                bad.truncate(MAX_REFUSALS);
                return Err(told_at(Error::Refused(bad), "extendSeats"));
            }
            let ids: Vec<AllocationId> = allocations.iter().map(|a| a.id).collect();
            store.allocations_end(&ids, next.terms.term_to, recorded_at).await?;
            let entry = |allocation: Allocation| LedgerEntry {
                id: ctx.id(),
                allocation,
                kind: LedgerKind::Release,
                effective_on: next.terms.term_to,
                recorded_at,
            };
            for allocation in &allocations {
                let to = Seen::of(next.terms.term_to);
                ctx.heard().changed(format!("{} heldTo", allocation.id), Seen::of(was), to);
            }
            let entries: Vec<_> = allocations.into_iter().map(entry).collect();
            store.ledger_add(&entries, ctx.actor().user).await?;
        }
    }
    Ok(())
}

/// Refusals of seats that the caller did not list, told at what it did say; each names its seat.
fn told_at(error: Error, path: &'static str) -> Error {
    let Error::Refused(refusals) = error else { return error };
    Error::Refused(refusals.into_iter().map(|refusal| refusal.at(path)).collect())
}

/// A lease that another company is to take over.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Which.
    pub lease: LeaseId,
    /// Who takes it over.
    pub to: TenantId,
    /// The code of the lease that it becomes, unique for the new tenant.
    pub code: String,
    /// The first day with the new tenant.
    pub on: NaiveDate,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// Whether people who would still sit there lose their seats; otherwise they are in the way.
    pub end_occupancies: bool,
}

/// What a transfer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Transferred {
    /// The lease that ended.
    pub from: LeaseId,
    /// The lease that goes on with the new tenant.
    pub to: LeaseId,
    /// How many seats went along.
    pub seats: usize,
}

/// Hands a lease over: it ends on the day, a lease of the same terms for the rest of its days begins with the new tenant,
/// and the seats held then go along for as long and at the same times. All of it or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`, `transfer-same-tenant`,
/// `transfer-outside-term`; those of [`lease_end`], [`lease_create`] and [`super::seats_allocate`].
pub async fn lease_transfer<S>(store: &S, ctx: &Ctx, wanted: &Transfer) -> Result<Transferred>
where
    S: Store + Holds + Outages + tenancy::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Leasing)?;
    store.leases_lock(&[wanted.lease]).await?;
    let lease = store.leases_by_id(&[wanted.lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    if lease.tenant == wanted.to {
        return Err(Refusal::new(RefusalCode::Invalid, "transfer-same-tenant").at("toTenantId").into());
    }
    let (on, version) = (wanted.on, lease.version_on(wanted.on).ok_or(Error::NotFound)?.clone());
    let end = lease.versions.last().map_or(version.terms.term_to, |last| last.terms.term_to);
    if on <= version.terms.term_from || on >= end {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "transfer-outside-term").at("on");
        return Err(refusal.with("from", version.terms.term_from).with("to", end).into());
    }
    // As they are before they end.
    let held = held_beyond(store, lease.id, on).await?;
    let ended = LeaseEnd {
        lease: lease.id,
        on,
        reason: wanted.reason.clone(),
        release_seats: true,
        end_occupancies: wanted.end_occupancies,
    };
    lease_end(store, ctx, &ended).await?;
    let left = rest(&version, on, end);
    let clauses = left.clauses.draft(left.terms.unit_price.currency);
    let draft = LeaseDraft::new(&left.terms, clauses, wanted.to, wanted.code.clone(), ctx.today().min(on));
    let new = lease_create(store, ctx, draft).await?;
    for ((from, to, from_min, to_min), seats) in &held {
        for part in seats.chunks(MAX_SEATS) {
            let request = AllocationRequest {
                lease: new.id,
                seats: part.to_vec(),
                from: *from,
                to: *to,
                shift: Shift { from_min: *from_min, to_min: *to_min },
                hold: None,
            };
            allocate(store, ctx, &request).await.map_err(|e| told_at(e, "leaseId"))?;
        }
    }
    let done = Transferred { from: lease.id, to: new.id, seats: held.values().map(Vec::len).sum() };
    store.lease_transfer_add(lease.tenant, new.tenant, done, on, ctx.now()).await?;
    Ok(done)
}

/// Seats by the days from `on` and the times for which they are held.
type Held = BTreeMap<(NaiveDate, Option<NaiveDate>, i64, i64), Vec<SeatId>>;

async fn held_beyond<S: Store + ?Sized>(store: &S, lease: LeaseId, on: NaiveDate) -> Result<Held> {
    let mut held = Held::new();
    let ids: Vec<AllocationId> = store.allocations_beyond(lease, on).await?.into_iter().map(|(id, _)| id).collect();
    for part in ids.chunks(MAX_SEATS) {
        for one in store.allocations_by_id(part).await? {
            let key = (one.held.from.max(on), one.held.to, one.shift.from_min, one.shift.to_min);
            held.entry(key).or_default().push(one.seat);
        }
    }
    Ok(held)
}

/// What of a version is left from a day on.
fn rest(version: &LeaseVersion, on: NaiveDate, end: NaiveDate) -> LeaseVersion {
    let mut next = version.clone();
    let terms = &mut next.terms;
    terms.unit_price = terms.price_on(on);
    terms.price_steps.retain(|step| step.from > on && step.from < end);
    (terms.term_from, terms.term_to) = (on, end);
    terms.rent_free.retain(|range| range.to.is_none_or(|to| to > on));
    for range in &mut terms.rent_free {
        range.from = range.from.max(on);
    }
    next.clauses = version.clauses.clone().since(on).until(end);
    next
}
