//! Seats set down on their floor plan: by hand, or where a drawing says. All of them or none.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use super::drawing::{Drawing, LengthUnit, Mark};
use super::entity::Seat;
use super::plan::MAX_MM;
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{FloorId, SeatId};
use crate::leasing::count_ok;
use crate::permission::{Action, Resource};

/// How far the outermost seats of a drawing lie from the edges of the floor plan where nobody says otherwise, millimetres.
const MARGIN: i64 = 1_000;

/// Where a seat is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Which seat.
    pub seat: SeatId,
    /// Millimetres from the left edge of the floor plan.
    pub x_mm: i64,
    /// Millimetres from its upper edge.
    pub y_mm: i64,
}

/// A seat that is somewhere else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// As it was.
    pub was: Seat,
    /// As it is.
    pub now: Seat,
}

/// What is kept of where seats are.
#[async_trait]
pub trait Placing: Send + Sync {
    /// Every seat of a floor, kept from others until the end of the transaction, by id.
    async fn seats_of_floor_locked(&self, floor: FloorId) -> Result<Vec<Seat>>;
    /// Sets where seats are; nothing else of them.
    async fn seats_spots_set(&self, seats: &[Seat]) -> Result<()>;
}

/// Which seat of a request a fault is about.
type PathOf<'a> = &'a (dyn Fn(usize) -> String + Sync);

/// What moves, of the seats of a floor.
fn moves(ctx: &Ctx, seats: &[Seat], spots: &[Spot], path: PathOf<'_>) -> Result<Vec<Move>> {
    let known: HashMap<SeatId, &Seat> = seats.iter().map(|seat| (seat.id, seat)).collect();
    let mut bad = Refusals::new();
    let mut moved: BTreeMap<SeatId, (usize, Move)> = BTreeMap::new();
    for (at, spot) in spots.iter().enumerate() {
        let Some(seat) = known.get(&spot.seat) else { continue };
        if let Some(day) = seat.built.to.filter(|day| *day <= ctx.today()) {
            let refusal = Refusal::new(RefusalCode::State, "seat-gone").at(path(at));
            bad.push(refusal.with("code", seat.code.as_str()).with("day", day));
        }
        let now = Seat { x_mm: spot.x_mm, y_mm: spot.y_mm, ..(*seat).clone() };
        if now != **seat {
            moved.insert(seat.id, (at, Move { was: (*seat).clone(), now }));
        }
    }
    // Who stands where afterwards. What is gone stands in nobody's way, and two that never exist on the same day may follow
    // one another.
    let mut taken: HashMap<(i64, i64), Vec<&Seat>> = HashMap::new();
    for seat in seats.iter().filter(|seat| seat.built.to.is_none_or(|day| day > ctx.today())) {
        let seat = moved.get(&seat.id).map_or(seat, |(_, m)| &m.now);
        taken.entry((seat.x_mm, seat.y_mm)).or_default().push(seat);
    }
    for (at, Move { now, .. }) in moved.values() {
        let there = taken.get(&(now.x_mm, now.y_mm)).into_iter().flatten();
        if let Some(other) = there.copied().find(|s| s.id != now.id && s.built.intersect(now.built).is_some()) {
            let refusal = Refusal::new(RefusalCode::Overlap, "seat-spot-taken").at(path(*at));
            bad.push(refusal.with("code", now.code.as_str()).with("other", other.code.as_str()));
        }
    }
    bad.finish()?;
    Ok(moved.into_values().map(|(_, m)| m).collect())
}

async fn write<S: Placing + ?Sized>(store: &S, ctx: &Ctx, moves: &[Move]) -> Result<()> {
    let said = |seat: &Seat| Seen::of(format!("{},{}", seat.x_mm, seat.y_mm));
    for Move { was, now } in moves {
        ctx.heard().changed(format!("{} spot", now.id), said(was), said(now));
    }
    let now: Vec<Seat> = moves.iter().map(|m| m.now.clone()).collect();
    store.seats_spots_set(&now).await
}

/// Sets seats of a floor down, all of them or none; where nothing is said of a seat it stays. Answers how many are
/// somewhere else now.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `seats-per-call`, `id-doubled`,
/// `floor-not-there`; for each seat `number-range`, `seat-unknown`, `seat-other-floor`, `seat-gone`, `seat-spot-taken`;
/// `seats-not-moved`.
pub async fn seats_place<S: Placing + Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    floor: FloorId,
    spots: &[Spot],
) -> Result<usize> {
    ctx.require(Action::Write, Resource::Estate)?;
    let ids: Vec<SeatId> = spots.iter().map(|spot| spot.seat).collect();
    count_ok(&ids, "spots")?;
    let mut bad = Refusals::new();
    for (at, spot) in spots.iter().enumerate() {
        for (name, value) in [("xMm", spot.x_mm), ("yMm", spot.y_mm)] {
            bad.when(!(0..=MAX_MM).contains(&value), || {
                let refusal = Refusal::new(RefusalCode::OutOfRange, "number-range").at(format!("spots.{at}.{name}"));
                refusal.with("value", value).with("min", 0_i64).with("max", MAX_MM)
            });
        }
    }
    bad.finish()?;
    if store.floors_by_id(&[floor]).await?.is_empty() {
        return Err(Refusal::new(RefusalCode::NotFound, "floor-not-there").at("floorId").into());
    }
    let seats = store.seats_of_floor_locked(floor).await?;
    let path = |at: usize| format!("spots.{at}.seatId");
    strangers(store, &seats, &ids, &path).await?;
    let moves = moves(ctx, &seats, spots, &path)?;
    if moves.is_empty() {
        return Err(Refusal::new(RefusalCode::State, "seats-not-moved").at("spots").into());
    }
    write(store, ctx, &moves).await?;
    Ok(moves.len())
}

/// Refuses seats that are not of the floor, or not at all.
async fn strangers<S: Store + ?Sized>(store: &S, seats: &[Seat], ids: &[SeatId], path: PathOf<'_>) -> Result<()> {
    let of_floor = |id: &SeatId| seats.binary_search_by_key(id, |seat| seat.id).is_ok();
    let others: Vec<(usize, SeatId)> = ids.iter().copied().enumerate().filter(|(_, id)| !of_floor(id)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let elsewhere = store.seats_by_id(&others.iter().map(|(_, id)| *id).collect::<Vec<_>>()).await?;
    let mut bad = Refusals::new();
    for (at, id) in others {
        let refusal = match elsewhere.iter().find(|seat| seat.id == id) {
            Some(seat) => Refusal::new(RefusalCode::Conflict, "seat-other-floor").with("code", seat.code.as_str()),
            None => Refusal::new(RefusalCode::NotFound, "seat-unknown"),
        };
        bad.push(refusal.at(path(at)));
    }
    bad.finish()
}

/// How a drawing is laid over a floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawingPlacing {
    /// What the drawing counts in; `None` = as it says itself.
    pub unit: Option<LengthUnit>,
    /// Where on the drawing the corner is that seats are counted from: millimetres to the right and upwards. `None` = a
    /// metre to the left of the leftmost seat found and a metre above the uppermost.
    pub corner: Option<(i64, i64)>,
}

/// What a drawing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Seats that are somewhere else than before, by code.
    pub moves: Vec<Move>,
    /// Seats of the drawing that are where it says already.
    pub unchanged: usize,
    /// What the drawing says that is no code of a seat of the floor, each once, with the first line of it.
    pub unknown: Vec<(String, u64)>,
    /// Codes of the seats of the floor that the drawing does not have, in order.
    pub missing: Vec<String>,
    /// Whether the seats were moved.
    pub applied: bool,
}

/// A length of a drawing in whole millimetres, half a millimetre away from zero.
fn millimetres(length: Decimal, unit: LengthUnit) -> Option<i64> {
    let exact = length.checked_mul(unit.mm())?;
    exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()
}

/// A mark that names a seat, in millimetres of the drawing.
struct Found<'a> {
    mark: &'a Mark,
    seat: &'a Seat,
    x: i64,
    y: i64,
}

/// A seat whose mark lies beyond what a floor plan holds.
fn outside(seat: &Seat, line: i64) -> Refusal {
    let refusal = Refusal::new(RefusalCode::OutOfRange, "dxf-outside").at("fileId");
    refusal.with("code", seat.code.as_str()).with("line", line).with("max", MAX_MM)
}

/// Which marks name which seats. Refuses `dxf-code-doubled` and `dxf-outside` for each.
fn found<'a>(drawing: &'a Drawing, living: &BTreeMap<&str, &'a Seat>, unit: LengthUnit) -> Result<Vec<Found<'a>>> {
    let mut bad = Refusals::new();
    let mut first: HashMap<SeatId, u64> = HashMap::new();
    let mut found = Vec::new();
    for mark in &drawing.marks {
        let Some(seat) = living.get(mark.text.as_str()) else { continue };
        let line = i64::try_from(mark.line).unwrap_or(i64::MAX);
        if let Some(other) = first.insert(seat.id, mark.line) {
            let other = i64::try_from(other).unwrap_or(i64::MAX);
            let refusal = Refusal::new(RefusalCode::Duplicate, "dxf-code-doubled").at("fileId");
            bad.push(refusal.with("code", seat.code.as_str()).with("line", line).with("other", other));
        }
        match (millimetres(mark.x, unit), millimetres(mark.y, unit)) {
            (Some(x), Some(y)) => found.push(Found { mark, seat, x, y }),
            _ => bad.push(outside(seat, line)),
        }
    }
    bad.finish()?;
    Ok(found)
}

/// The spots of what was found, counted from a corner of the drawing; `dxf-outside` for each that lies beyond.
fn spots(found: &[Found<'_>], corner: Option<(i64, i64)>) -> Result<Vec<Spot>> {
    let left = found.iter().map(|f| f.x).min().unwrap_or(0).saturating_sub(MARGIN);
    let top = found.iter().map(|f| f.y).max().unwrap_or(0).saturating_add(MARGIN);
    let (left, top) = corner.unwrap_or((left, top));
    let mut bad = Refusals::new();
    let mut spots = Vec::with_capacity(found.len());
    for f in found {
        // A drawing counts upwards, a floor plan from its upper edge.
        let spot = Spot { seat: f.seat.id, x_mm: f.x.saturating_sub(left), y_mm: top.saturating_sub(f.y) };
        if !(0..=MAX_MM).contains(&spot.x_mm) || !(0..=MAX_MM).contains(&spot.y_mm) {
            bad.push(outside(f.seat, i64::try_from(f.mark.line).unwrap_or(i64::MAX)));
        }
        spots.push(spot);
    }
    bad.finish()?;
    Ok(spots)
}

/// Sets the seats of a floor down where a drawing has their codes; in a dry run only tells what would become of them. What
/// the drawing says beside codes is told and does no harm; seats that it does not have stay.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `floor-not-there`, `dxf-none`,
/// `dxf-none-known`, `dxf-unit-unknown`; `dxf-code-doubled`, `dxf-outside`, `seat-spot-taken`, each for each seat.
pub async fn seats_place_by_drawing<S: Placing + Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    floor: FloorId,
    (drawing, placing): (&Drawing, &DrawingPlacing),
    dry_run: bool,
) -> Result<Placed> {
    ctx.require(Action::Write, Resource::Estate)?;
    let refused = |code, rule, path: &'static str| Err(Refusal::new(code, rule).at(path).into());
    if store.floors_by_id(&[floor]).await?.is_empty() {
        return refused(RefusalCode::NotFound, "floor-not-there", "floorId");
    }
    if drawing.marks.is_empty() {
        return refused(RefusalCode::Invalid, "dxf-none", "fileId");
    }
    let Some(unit) = placing.unit.or(drawing.unit) else {
        return refused(RefusalCode::Required, "dxf-unit-unknown", "unit");
    };
    let seats = store.seats_of_floor_locked(floor).await?;
    let living = seats.iter().filter(|seat| seat.built.to.is_none_or(|day| day > ctx.today()));
    let living: BTreeMap<&str, &Seat> = living.map(|seat| (seat.code.as_str(), seat)).collect();
    let found = found(drawing, &living, unit)?;
    if found.is_empty() {
        return refused(RefusalCode::Invalid, "dxf-none-known", "fileId");
    }
    let spots = spots(&found, placing.corner)?;
    let mut moves = moves(ctx, &seats, &spots, &|_| "fileId".to_owned())?;
    let applied = !dry_run && !moves.is_empty();
    if applied {
        write(store, ctx, &moves).await?;
    }
    moves.sort_by(|a, b| a.now.code.cmp(&b.now.code));
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    for mark in drawing.marks.iter().filter(|mark| !living.contains_key(mark.text.as_str())) {
        unknown.entry(&mark.text).or_insert(mark.line);
    }
    let placed: HashSet<SeatId> = found.iter().map(|f| f.seat.id).collect();
    let missing = living.values().filter(|seat| !placed.contains(&seat.id));
    Ok(Placed {
        unchanged: found.len().saturating_sub(moves.len()),
        unknown: unknown.into_iter().map(|(text, line)| (text.to_owned(), line)).collect(),
        missing: missing.map(|seat| seat.code.clone()).collect(),
        moves,
        applied,
    })
}
