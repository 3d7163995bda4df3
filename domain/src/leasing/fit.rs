//! Whether seats can be had: one answer for whoever wants them, a lease, a hold or the workshop.

use std::collections::{HashMap, HashSet};

use super::entity::Shift;
use super::store::{SeatHeld, Store};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::estate::{Outages, Seat, SeatOutage, SeatProduct};
use crate::ids::SeatId;
use crate::time::Period;

/// The most seats that one call is about.
pub const MAX_SEATS: usize = 2_000;
/// The most refusals that one call lists.
pub(super) const MAX_REFUSALS: usize = 100;

/// Checks how many ids there are and that each is there once.
///
/// # Errors
/// `seats-per-call`; `id-doubled`.
pub(crate) fn count_ok<I: Copy + Eq + std::hash::Hash>(ids: &[I], path: &'static str) -> Result<()> {
    if ids.is_empty() || ids.len() > MAX_SEATS {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "seats-per-call").at(path);
        return Err(refusal.with("value", ids.len()).with("max", MAX_SEATS).into());
    }
    let mut seen = HashSet::new();
    match ids.iter().position(|id| !seen.insert(*id)) {
        None => Ok(()),
        Some(at) => Err(Refusal::new(RefusalCode::Duplicate, "id-doubled").at(format!("{path}.{at}")).into()),
    }
}

/// What is wanted of seats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Of this product.
    pub(crate) product: Option<SeatProduct>,
    /// Over this period.
    pub(crate) held: Period,
    /// At these times of the day; `None` = whoever has them in that period.
    pub(crate) shift: Option<Shift>,
}

/// Checks that every seat can be had as wanted; `seats` are those that exist, locked by the caller, whose lapsed holds are
/// swept.
///
/// # Errors
/// For each seat `seat-unknown`, `seat-not-built`, `seat-product-differs`, `seat-out-of-service`, `seat-held`,
/// `seat-on-hold`.
pub(crate) async fn fit<S: Store + Outages + ?Sized>(
    store: &S,
    ids: &[SeatId],
    seats: &HashMap<SeatId, Seat>,
    wanted: Wanted,
) -> Result<()> {
    let in_the_way = match wanted.shift {
        Some(shift) => store.seats_held(ids, wanted.held, shift).await?,
        None => Vec::new(),
    };
    let in_the_way: HashMap<SeatId, SeatHeld> = in_the_way.into_iter().rev().map(|s| (s.seat, s)).collect();
    let out = store.outages_of(ids, wanted.held).await?;
    let out: HashMap<SeatId, SeatOutage> = out.into_iter().rev().map(|o| (o.seat, o)).collect();
    let mut bad = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let fault = match seats.get(id) {
            None => Some(Refusal::new(RefusalCode::NotFound, "seat-unknown")),
            Some(seat) => unfit(seat, wanted, in_the_way.get(id), out.get(id)),
        };
        bad.extend(fault.map(|r| r.at(format!("seatIds.{at}"))));
    }
    if bad.is_empty() {
        return Ok(());
    }
    bad.truncate(MAX_REFUSALS);
    Err(Error::Refused(bad))
}

/// The end of a period in a message.
fn end_text(period: Period) -> String {
    period.to.map_or_else(|| "…".to_owned(), |to| to.to_string())
}

/// Why a seat cannot be had so. Never tells who is in the way.
fn unfit(seat: &Seat, wanted: Wanted, held: Option<&SeatHeld>, out: Option<&SeatOutage>) -> Option<Refusal> {
    let refusal = |code, rule| Refusal::new(code, rule).with("seat", seat.code.as_str());
    let period = |refusal: Refusal, of: Period| refusal.with("from", of.from).with("to", end_text(of));
    // Until further notice is for as long as the seat is there.
    let built = match wanted.held.to {
        Some(_) => seat.built.covers(wanted.held),
        None => seat.built.contains(wanted.held.from),
    };
    if !built {
        return Some(period(refusal(RefusalCode::State, "seat-not-built"), seat.built));
    }
    if let Some(product) = wanted.product.filter(|product| *product != seat.product) {
        let refusal = refusal(RefusalCode::State, "seat-product-differs");
        return Some(refusal.with("product", seat.product.name()).with("wanted", product.name()));
    }
    if let Some(outage) = out {
        return Some(period(refusal(RefusalCode::State, "seat-out-of-service"), outage.out));
    }
    held.map(|other| {
        let rule = if other.until.is_some() { "seat-on-hold" } else { "seat-held" };
        period(refusal(RefusalCode::Overlap, rule), other.held)
    })
}
