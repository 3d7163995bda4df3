//! Seats given for others on a day, and leases that end before their time: each one transaction of what leasing does
//! anyway, so that nothing is half done.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::agreed::Decreasing;
use super::amend::Amendment;
use super::entity::Lease;
use super::fit::{MAX_SEATS, count_ok};
use super::hold::Holds;
use super::service::{AllocationRequest, ReleaseRequest, Released, allocate, lease_amend, seats_release};
use super::store::Store;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::estate::Outages;
use crate::ids::{AllocationId, LeaseId, SeatId};
use crate::permission::{Action, Resource};

/// One seat for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatMove {
    /// What is held.
    pub allocation: AllocationId,
    /// What is held instead.
    pub to: SeatId,
}

/// What a move came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Moved {
    /// The new allocations, in the order of the moves.
    pub made: Vec<AllocationId>,
    /// Placements of people that ended with the seats they were on.
    pub occupancies: i64,
}

/// Moves allocations to other seats from a day on, all of them or none: under the same lease, for as long and at the same
/// time of the day as before. The old seats are free by then, so that two can change places. Who sat there has no seat
/// any more until the tenant gives one. A constant number of statements for each lease, end and time of the day.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; those of [`seats_release`] at `moves.<n>.allocationId`
/// and of [`super::seats_allocate`] at `moves.<n>.toSeatId`.
pub async fn seats_move<S: Store + Holds + Outages + ?Sized>(
    store: &S,
    ctx: &Ctx,
    moves: &[SeatMove],
    on: NaiveDate,
    end_occupancies: bool,
) -> Result<Moved> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let allocations: Vec<AllocationId> = moves.iter().map(|m| m.allocation).collect();
    let targets: Vec<SeatId> = moves.iter().map(|m| m.to).collect();
    count_ok(&allocations, "moves")?;
    count_ok(&targets, "moves")?;
    // As they are before they end.
    let held = store.allocations_by_id(&allocations).await?;
    let ended = ReleaseRequest { allocations, on, end_occupancies, decreasing: Decreasing::No };
    let Released { occupancies, .. } =
        seats_release(store, ctx, &ended).await.map_err(|e| told(e, "allocationIds.", "allocationId", Some))?;
    // What is alike is allocated together.
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (n, one) in moves.iter().enumerate() {
        let was = held.iter().find(|a| a.id == one.allocation).ok_or(Error::NotFound)?;
        alike.entry((was.lease, was.held.to, was.shift.from_min, was.shift.to_min)).or_default().push(n);
    }
    let mut made: Vec<Option<AllocationId>> = vec![None; moves.len()];
    for ((lease, to, ..), places) in alike {
        let first = places.first().and_then(|n| moves.get(*n)).ok_or(Error::NotFound)?;
        let shift = held.iter().find(|a| a.id == first.allocation).map(|a| a.shift).ok_or(Error::NotFound)?;
        let seats = places.iter().filter_map(|n| targets.get(*n)).copied().collect();
        let request = AllocationRequest { lease, seats, from: on, to, shift, hold: None };
        let new = allocate(store, ctx, &request).await;
        let new = new.map_err(|e| told(e, "seatIds.", "toSeatId", |n| places.get(n).copied()))?;
        for (place, allocation) in places.iter().zip(new) {
            if let Some(slot) = made.get_mut(*place) {
                *slot = Some(allocation.id);
            }
        }
    }
    Ok(Moved { made: made.into_iter().flatten().collect(), occupancies })
}

/// Refusals of one list of a call, told at the moves they are about.
fn told(error: Error, prefix: &str, field: &str, place: impl Fn(usize) -> Option<usize>) -> Error {
    let Error::Refused(refusals) = error else { return error };
    let at = |refusal: Refusal| {
        let n = refusal.path.strip_prefix(prefix).and_then(|n| n.parse().ok()).and_then(&place);
        match n {
            Some(n) => refusal.at(format!("moves.{n}.{field}")),
            None => refusal.at("moves"),
        }
    };
    Error::Refused(refusals.into_iter().map(at).collect())
}

/// How a lease is to end.
#[derive(Clone, Debug)]
pub struct LeaseEnd {
    /// Which.
    pub lease: LeaseId,
    /// The day after its last.
    pub on: NaiveDate,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// Whether seats that are held beyond it are released then; otherwise they are in the way.
    pub release_seats: bool,
    /// Whether people who would still sit there lose their seats; otherwise they are in the way.
    pub end_occupancies: bool,
}

/// Ends a lease before its time: releases its seats on that day and adds the version of its terms that ends then. All of
/// it or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`; `lease-end-later` when it ends on that
/// day or earlier already; those of [`seats_release`] and of [`super::amend`], where `on` is in the way at `termTo`.
pub async fn lease_end<S: Store + Holds + Outages + ?Sized>(store: &S, ctx: &Ctx, wanted: &LeaseEnd) -> Result<Lease> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let lease = store.leases_by_id(&[wanted.lease]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let term_to = lease.versions.last().map(|v| v.terms.term_to);
    if let Some(to) = term_to.filter(|to| *to <= wanted.on) {
        return Err(Refusal::new(RefusalCode::State, "lease-end-later").at("on").with("to", to).into());
    }
    store.leases_lock(&[lease.id]).await?;
    if wanted.release_seats {
        // What begins later never was; the rest ends on the day.
        let mut days: BTreeMap<NaiveDate, Vec<AllocationId>> = BTreeMap::new();
        for (allocation, from) in store.allocations_beyond(lease.id, wanted.on).await? {
            days.entry(from.max(wanted.on)).or_default().push(allocation);
        }
        for (on, allocations) in days {
            for part in allocations.chunks(MAX_SEATS) {
                let request = ReleaseRequest {
                    allocations: part.to_vec(),
                    on,
                    end_occupancies: wanted.end_occupancies,
                    decreasing: Decreasing::No,
                };
                seats_release(store, ctx, &request).await?;
            }
        }
    }
    let amendment = Amendment { term_to: Some(wanted.on), ..Amendment::new(wanted.on, wanted.reason.clone()) };
    lease_amend(store, ctx, lease.id, &amendment).await
}
