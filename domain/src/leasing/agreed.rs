//! Whether an act keeps to the clauses of leases: seats had and seats given back.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};

use super::entity::{Allocation, Lease, LeaseVersion, Shift};
use super::store::Store;
use crate::error::{Refusal, RefusalCode, Result};
use crate::estate::Seat;
use crate::ids::{LeaseId, SeatId, TenantId, ZoneId};
use crate::time::Period;

/// What a release means to the clauses of its leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decreasing {
    /// Seats are given back before the lease ends: the clauses on fewer seats are kept.
    Agreed,
    /// They are given back although the clauses say otherwise, for this reason.
    Waived(String),
    /// The seats go for others, or with the lease: no clause is about that.
    No,
}

/// Checks that seats can be had under a version of a lease at these times of the day.
///
/// # Errors
/// `shift-outside-lease`; for each seat `zone-shared` when the lease wants its zones to itself and somebody else is there,
/// `zone-apart` when somebody else has the zone to itself.
pub(super) async fn may_hold<S: Store + ?Sized>(
    store: &S,
    tenant: TenantId,
    version: &LeaseVersion,
    (held, shift): (Period, Shift),
    (wanted, seats): (&[SeatId], &HashMap<SeatId, Seat>),
) -> Result<Vec<Refusal>> {
    if !version.clauses.allows(shift) {
        let refusal = Refusal::new(RefusalCode::State, "shift-outside-lease").at("shiftFromMin");
        return Ok(vec![refusal.with("from", shift.from_min).with("to", shift.to_min)]);
    }
    let zones: BTreeSet<ZoneId> = wanted.iter().filter_map(|id| seats.get(id)).map(|seat| seat.zone).collect();
    let zones: Vec<ZoneId> = zones.into_iter().collect();
    let own = version.clauses.own_zone;
    let taken: HashMap<ZoneId, bool> = store.zones_taken(&zones, own, tenant, held).await?.into_iter().collect();
    let mut bad = Vec::new();
    for (at, seat) in wanted.iter().enumerate().filter_map(|(at, id)| seats.get(id).map(|seat| (at, seat))) {
        let rule = match taken.get(&seat.zone) {
            Some(true) => "zone-apart",
            Some(false) if own => "zone-shared",
            _ => continue,
        };
        let refusal = Refusal::new(RefusalCode::State, rule).at(format!("seatIds.{at}"));
        bad.push(refusal.with("seat", seat.code.as_str()));
    }
    Ok(bad)
}

/// Checks that a lease whose zones are to be its own from a day on is alone in them.
///
/// # Errors
/// `own-zone-shared`.
pub(super) async fn alone<S: Store + ?Sized>(store: &S, lease: &Lease, from: NaiveDate) -> Result<()> {
    let zones = store.lease_zones(lease.id, from).await?;
    if store.zones_taken(&zones, true, lease.tenant, Period { from, to: None }).await?.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::State, "own-zone-shared").at("clauses.ownZone").into())
}

/// Checks what the clauses of leases say of seats that are given back on a day.
///
/// # Errors
/// For each lease `decrease-notice`, `decrease-too-early`, `seats-below-minimum`.
pub(super) async fn may_release<S: Store + ?Sized>(
    store: &S,
    today: NaiveDate,
    on: NaiveDate,
    released: &[&Allocation],
) -> Result<Vec<Refusal>> {
    let ids: BTreeSet<LeaseId> = released.iter().map(|a| a.lease).collect();
    let ids: Vec<LeaseId> = ids.into_iter().collect();
    let mut bad = Vec::new();
    let leases = store.leases_by_id(&ids).await?;
    let held: HashMap<LeaseId, i64> = store.lease_seat_counts(&ids, on).await?.into_iter().collect();
    for lease in &leases {
        let Some(version) = lease.version_on(on) else { continue };
        let over = lease.versions.last().is_some_and(|last| last.terms.term_to <= on);
        let refusal =
            |rule| Refusal::new(RefusalCode::State, rule).at("on").with("lease", lease.code.as_str()).with("on", on);
        if over {
            continue;
        }
        if let Some(clause) = version.clauses.decrease {
            let notice = today.checked_add_days(Days::new(clause.notice_days.unsigned_abs()));
            bad.extend(
                notice
                    .filter(|first| on < *first)
                    .map(|first| refusal("decrease-notice").with("first", first).with("days", clause.notice_days)),
            );
            bad.extend(
                clause
                    .earliest
                    .filter(|first| on < *first)
                    .map(|first| refusal("decrease-too-early").with("first", first)),
            );
        }
        let gone: BTreeSet<SeatId> =
            released.iter().filter(|a| a.lease == lease.id && a.held.contains(on)).map(|a| a.seat).collect();
        let left = held.get(&lease.id).copied().unwrap_or(0).saturating_sub(gone.len().try_into().unwrap_or(i64::MAX));
        let least = version.clauses.least_seats(on);
        if left < least {
            bad.push(refusal("seats-below-minimum").with("left", left).with("min", least));
        }
    }
    Ok(bad)
}
