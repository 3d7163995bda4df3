//! Use cases of the estate.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::control::{SeatControl, control};
use super::entity::{MapSeat, Seat, SeatCounts, SeatFilter, SeatSort, Sight};
use super::features::Features;
use super::past::{FloorChange, SeatPast, pasts};
use super::plan::{decide, read};
use super::store::Store;
use super::usage::{SeatUseMonth, Span, months_until, seat_days};
use crate::ctx::{Ctx, Scope};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{FloorId, SeatId};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::tables::{ImportMode, RowIssue, Table};
use crate::time::{Month, Period};

/// The most faults that a report lists; it counts all of them.
pub const MAX_ISSUES: usize = 500;
/// The most months of use at once.
const MAX_MONTHS: i32 = 36;

/// What an import came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportReport {
    /// Rows under the header.
    pub rows: usize,
    /// Rows that add something.
    pub added: usize,
    /// Rows that change something.
    pub updated: usize,
    /// Rows that say what is so already.
    pub unchanged: usize,
    /// Rows that are refused.
    pub refused: usize,
    /// Whether the good rows were written: not in a dry run, and not with refused rows unless asked so.
    pub applied: bool,
    /// What is wrong, by row: the first [`MAX_ISSUES`].
    pub issues: Vec<RowIssue>,
}

/// Whether the caller sees every allocation of the park, so that a seat without one is known to be free.
pub fn discloses(ctx: &Ctx) -> bool {
    matches!(ctx.scope(), Scope::Park(_)) && ctx.may(Action::Read, Resource::Leasing)
}

/// How much of who has the seats the caller may know.
pub fn sight(ctx: &Ctx) -> Sight {
    if discloses(ctx) { Sight::Whole(ctx.now()) } else { Sight::Own }
}

/// Seats by code.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn seats(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &SeatFilter,
    sort: Sort<SeatSort>,
    page: &PageRequest,
) -> Result<Page<Seat>> {
    ctx.require(Action::Read, Resource::Estate)?;
    store.seats(filter, sight(ctx), sort, page).await
}

/// How many seats.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn seats_count(store: &dyn Store, ctx: &Ctx, filter: &SeatFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::Estate)?;
    store.seats_count(filter, sight(ctx)).await
}

/// The seats of a floor on a day.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn floor_map(store: &dyn Store, ctx: &Ctx, floor: FloorId, on: NaiveDate) -> Result<Vec<MapSeat>> {
    ctx.require(Action::Read, Resource::Estate)?;
    store.floor_map(floor, on, sight(ctx)).await
}

/// The days on which something begins or ends on a floor, the earliest first; of what the caller may know.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn floor_changes(store: &dyn Store, ctx: &Ctx, floor: FloorId) -> Result<Vec<FloorChange>> {
    ctx.require(Action::Read, Resource::Estate)?;
    store.floor_changes(floor).await
}

/// What came before a day on the seats of a floor, for the park's own staff.
///
/// # Errors
/// [`Error::NotFound`] as [`seat_counts`].
pub async fn floor_past(
    store: &dyn Store,
    ctx: &Ctx,
    floor: FloorId,
    on: NaiveDate,
) -> Result<HashMap<SeatId, SeatPast>> {
    ctx.require(Action::Read, Resource::Estate)?;
    if !discloses(ctx) {
        return Err(Error::NotFound);
    }
    Ok(pasts(on, store.floor_past(floor, on).await?))
}

/// The rental-control table of so many months from one on, of the park or of a floor, for the park's own staff.
///
/// # Errors
/// [`Error::NotFound`] as [`seat_counts`]; `months-range`.
pub async fn seat_control(
    store: &dyn Store,
    ctx: &Ctx,
    from: Month,
    months: i32,
    floor: Option<FloorId>,
) -> Result<SeatControl> {
    ctx.require(Action::Read, Resource::Estate)?;
    if !discloses(ctx) {
        return Err(Error::NotFound);
    }
    let months: Vec<Month> = (0..months_in_range(months)?).map(|n| from.plus(n)).collect();
    let end = months.last().map(|month| month.end());
    let within = Period { from: from.first_day(), to: end };
    // What ended the day before tells whether a seat begins or goes on.
    let touching = Period { from: from.first_day().pred_opt().unwrap_or(NaiveDate::MIN), to: end };
    let built = store.built_by_zone(within, floor).await?;
    let moved = store.moved_by_zone(touching, floor).await?;
    let leased = store.held_by_zone(touching, floor).await?;
    let occupied = store.occupied_by_zone(within, floor).await?;
    Ok(control(&months, &built, &moved, leased, occupied))
}

/// Seats of the park on a day, for its own staff: a neighbour must not learn how full the park is.
///
/// # Errors
/// [`Error::NotFound`] without permission and for anybody but staff of the park.
pub async fn seat_counts(store: &dyn Store, ctx: &Ctx, on: NaiveDate) -> Result<SeatCounts> {
    ctx.require(Action::Read, Resource::Estate)?;
    if !discloses(ctx) {
        return Err(Error::NotFound);
    }
    Ok(SeatCounts { on, by_product: store.seat_counts(on, ctx.now()).await? })
}

/// Seat-days of the park in its last months, for its own staff.
///
/// # Errors
/// [`Error::NotFound`] as [`seat_counts`]; `months-range`.
pub async fn seat_use(store: &dyn Store, ctx: &Ctx, months: i32) -> Result<Vec<SeatUseMonth>> {
    ctx.require(Action::Read, Resource::Estate)?;
    if !discloses(ctx) {
        return Err(Error::NotFound);
    }
    let months = months_until(ctx.today(), months_in_range(months)?);
    let Some(within) =
        months.first().zip(months.last()).map(|(a, b)| Period { from: a.first_day(), to: Some(b.end()) })
    else {
        return Ok(Vec::new());
    };
    let of_seat = |spans: Vec<Span<(_, _)>>| {
        seat_days(&months, spans.into_iter().map(|s| Span { key: s.key.1, period: s.period }))
    };
    let leased = of_seat(store.spans_held(within, None).await?);
    let occupied = of_seat(store.spans_occupied(within, None).await?);
    let built = store.spans_built(within).await?;
    let days = |part: Period, whole: Period| part.intersect(whole).and_then(Period::days).unwrap_or(0);
    let rows = months.iter().zip(leased.into_iter().zip(occupied));
    Ok(rows
        .map(|(month, (leased, occupied))| {
            let built = built.iter().map(|(period, seats)| seats.saturating_mul(days(*period, month.period()))).sum();
            SeatUseMonth { month: *month, built: Some(built), leased, occupied }
        })
        .collect())
}

/// A number of months that may be asked for.
pub(crate) fn months_in_range(months: i32) -> Result<i32, Refusal> {
    if (1..=MAX_MONTHS).contains(&months) {
        return Ok(months);
    }
    let refusal = Refusal::new(RefusalCode::OutOfRange, "months-range").at("months");
    Err(refusal.with("value", i64::from(months)).with("max", i64::from(MAX_MONTHS)))
}

/// Imports a seat plan; see [`super::plan`] for what a row does.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`] without permission; `column-missing`, `column-doubled`. Faults of rows are
/// in the report.
pub async fn seat_plan_import<S: Store + Features + ?Sized>(
    store: &S,
    ctx: &Ctx,
    table: &Table,
    mode: ImportMode,
    dry_run: bool,
) -> Result<ImportReport> {
    ctx.require(Action::Write, Resource::Estate)?;
    let (rows, mut issues) = read(table)?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut known = store.estate_known(&codes, ctx.today()).await?;
    let there: Vec<SeatId> = known.seats.iter().map(|k| k.seat.id).collect();
    known.features = store.features_of(&there).await?;
    let mut plan = decide(ctx, rows, &known);
    issues.append(&mut plan.issues);
    issues.sort_by_key(|i| i.line);
    let mut lines: Vec<u64> = issues.iter().map(|i| i.line).collect();
    lines.dedup();
    let applied = !dry_run && (mode == ImportMode::GoodRows || issues.is_empty());
    if applied {
        store.estate_apply(&plan).await?;
        store.features_set(&plan.features, ctx.now(), ctx.actor().user).await?;
    }
    issues.truncate(MAX_ISSUES);
    Ok(ImportReport {
        rows: table.rows.len().saturating_add(table.ragged.len()),
        added: plan.added.len(),
        updated: plan.updated.len().saturating_add(plan.refitted),
        unchanged: plan.unchanged,
        refused: lines.len(),
        applied,
        issues,
    })
}
