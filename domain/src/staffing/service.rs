//! Use cases of staffing. Only staff of a tenant get anything from them.

use chrono::NaiveDate;

use super::day::{DayFacts, DayPlan, Grain, basis_days, day_start, plan};
use super::entity::{MAX_ENTRIES, MAX_SHIFTS, Occupancy, RosterAsk, RosterEntry, Shift, ShiftDraft};
use super::roster::{RosterChange, RosterPlan, decide};
use super::store::{Placed, Store};
use super::terms::TargetTerms;
use crate::audit::{Happening, Seen};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{OccupancyId, PersonId, SeatId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::time::Period;

fn require(ctx: &Ctx, action: Action) -> Result<()> {
    ctx.require(action, Resource::Staffing)?;
    ctx.tenant().map(|_| ())
}

fn meanwhile() -> Error {
    Refusal::new(RefusalCode::Conflict, "changed-meanwhile").into()
}

/// Every shift, by code.
///
/// # Errors
/// [`Error::NotFound`] without permission or for anyone but staff of a tenant.
pub async fn shifts(store: &dyn Store, ctx: &Ctx) -> Result<Vec<Shift>> {
    require(ctx, Action::Read)?;
    store.shifts().await
}

/// Adds a shift.
///
/// # Errors
/// Those of [`ShiftDraft::check`]; `shift-code-taken`, `shifts-too-many`.
pub async fn shift_create(store: &dyn Store, ctx: &Ctx, draft: ShiftDraft) -> Result<Shift> {
    require(ctx, Action::Write)?;
    draft.check()?;
    if store.shifts().await?.len() >= MAX_SHIFTS {
        return Err(Refusal::new(RefusalCode::TooLarge, "shifts-too-many").with("max", MAX_SHIFTS).into());
    }
    let shift = draft.into_shift(ctx.id());
    if store.shift_add(&shift).await? {
        let heard = ctx.heard();
        heard.set("code", Seen::of(&shift.code));
        heard.set("name", Seen::of(&shift.name));
        heard.set("startMin", Seen::json(shift.start_min));
        heard.set("endMin", Seen::json(shift.end_min));
        heard.set("breakMin", Seen::json(shift.break_min));
        Ok(shift)
    } else {
        Err(Refusal::new(RefusalCode::Duplicate, "shift-code-taken").at("code").with("code", shift.code).into())
    }
}

/// The roster of a range of days.
///
/// # Errors
/// As [`shifts`]; those of [`RosterAsk::check`].
pub async fn roster(store: &dyn Store, ctx: &Ctx, ask: &RosterAsk) -> Result<Vec<RosterEntry>> {
    require(ctx, Action::Read)?;
    ask.check()?;
    ctx.heard().tell(Happening::Read("roster"));
    store.roster(ask).await
}

/// How many entries a change of the roster touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RosterSet {
    /// Stored, new or changed.
    pub set: usize,
    /// Removed.
    pub cleared: usize,
}

/// Changes the roster by up to 1,000 entries, all of them or none. A constant number of statements.
///
/// # Errors
/// `roster-entries`, `roster-too-wide`; those of [`decide`]; `changed-meanwhile`.
pub async fn roster_set(store: &dyn Store, ctx: &Ctx, changes: &[RosterChange]) -> Result<RosterSet> {
    require(ctx, Action::Write)?;
    let days = || changes.iter().map(|c| c.day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Err(Refusal::new(RefusalCode::Required, "roster-entries")
            .at("entries")
            .with("max", MAX_ENTRIES)
            .into());
    };
    if changes.len() > MAX_ENTRIES {
        return Err(Refusal::new(RefusalCode::TooLarge, "roster-entries")
            .at("entries")
            .with("max", MAX_ENTRIES)
            .into());
    }
    let end = last.succ_opt().unwrap_or(last);
    RosterAsk { from: first, to: end, team: None }.check().map_err(|r| r.at("entries"))?;
    let mut people: Vec<PersonId> = changes.iter().map(|c| c.person).collect();
    people.sort_unstable();
    people.dedup();
    let (before, after) = (first.pred_opt().unwrap_or(first), end.succ_opt().unwrap_or(end));
    let plan = RosterPlan {
        employed: store.employed(&people).await?.into_iter().collect(),
        shifts: store.shifts().await?.into_iter().map(|s| (s.id, s)).collect(),
        entries: store.roster_of(&people, before, after).await?,
    };
    let (set, clear) = decide(&plan, changes, || ctx.id())?;
    // What is replaced goes first, so that no step of the way has anybody in two shifts at once.
    let replaced = plan.entries.iter().map(|e| e.id).filter(|id| set.iter().any(|e| e.id == *id));
    let gone: Vec<_> = clear.iter().copied().chain(replaced).collect();
    if !gone.is_empty() {
        store.roster_remove(&gone).await?;
    }
    let rows: Vec<_> = set.iter().filter_map(|e| Some((*e, plan.shifts.get(&e.shift)?))).collect();
    if !rows.is_empty() && !store.roster_add(&rows, ctx.now()).await? {
        return Err(meanwhile());
    }
    let was = |person, day| plan.entries.iter().find(|e| (e.person, e.day) == (person, day));
    for entry in &set {
        let before = Seen::maybe(was(entry.person, entry.day).map(|e| e.shift));
        ctx.heard().changed(format!("{} {}", entry.person, entry.day), before, Seen::of(entry.shift));
    }
    for gone in plan.entries.iter().filter(|e| clear.contains(&e.id)) {
        ctx.heard().changed(format!("{} {}", gone.person, gone.day), Seen::of(gone.shift), Seen::Nothing);
    }
    Ok(RosterSet { set: set.len(), cleared: clear.len() })
}

/// Who sits where, newest first; `on` = on that day.
///
/// # Errors
/// As [`shifts`].
pub async fn occupancies(
    store: &dyn Store,
    ctx: &Ctx,
    on: Option<NaiveDate>,
    page: &PageRequest,
) -> Result<Page<Occupancy>> {
    require(ctx, Action::Read)?;
    ctx.heard().tell(Happening::Read("occupancies"));
    store.occupancies(on, page).await
}

/// How many.
///
/// # Errors
/// As [`shifts`].
pub async fn occupancies_count(store: &dyn Store, ctx: &Ctx, on: Option<NaiveDate>) -> Result<i64> {
    require(ctx, Action::Read)?;
    store.occupancies_count(on).await
}

/// A person is to sit on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OccupancyDraft {
    /// Where.
    pub seat: SeatId,
    /// Who.
    pub person: PersonId,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last; `None` = as long as the seat is held and the person employed.
    pub to: Option<NaiveDate>,
}

/// Seats a person, inside one allocation of the seat and the person's employment. Of several allocations that would do
/// the one that lasts longest carries it. Several people may have one seat, by shifts or by turns.
///
/// # Errors
/// `period-empty`, `person-unknown`, `person-not-employed`, `seat-not-held`, `seat-held-until`, `person-elsewhere`;
/// `changed-meanwhile` when the transaction is committed.
pub async fn seat_occupy(store: &dyn Store, ctx: &Ctx, draft: OccupancyDraft) -> Result<Occupancy> {
    require(ctx, Action::Write)?;
    let asked = Period::new(draft.from, draft.to).map_err(|r| r.at("to"))?;
    let employed = store.employed(&[draft.person]).await?.first().map(|(_, employed)| *employed);
    let holdings = store.seat_holdings(draft.seat).await?;
    let holding = holdings.iter().filter(|h| h.held.contains(draft.from)).max_by_key(|h| h.held.to);
    let mut bad = Refusals::new();
    match employed {
        None => bad.push(Refusal::new(RefusalCode::NotFound, "person-unknown").at("personId")),
        Some(employed) => bad
            .when(!employed.contains(draft.from) || draft.to.is_some() && !employed.covers(asked), || {
                Refusal::new(RefusalCode::State, "person-not-employed").at("personId")
            }),
    }
    match holding.map(|h| h.held.to) {
        None => bad.push(Refusal::new(RefusalCode::State, "seat-not-held").at("seatId")),
        Some(Some(end)) => bad.when(draft.to.is_some_and(|to| to > end), || {
            Refusal::new(RefusalCode::State, "seat-held-until").at("to").with("to", end)
        }),
        Some(None) => {}
    }
    bad.finish()?;
    let (Some(holding), Some(employed)) = (holding, employed) else { return Err(Error::NotFound) };
    // Both contain the first day.
    let period = asked.intersect(holding.held).and_then(|p| p.intersect(employed)).unwrap_or(asked);
    let (seat, person, allocation) = (draft.seat, draft.person, holding.allocation);
    let occupancy = Occupancy { id: ctx.id(), seat, allocation, person, period };
    match store.occupancy_add(&occupancy, holding.held, ctx.now()).await? {
        Placed::Done => {
            let heard = ctx.heard();
            heard.set("seat", Seen::of(seat));
            heard.set("person", Seen::of(person));
            heard.set("from", Seen::of(period.from));
            heard.set("to", Seen::maybe(period.to));
            Ok(occupancy)
        }
        Placed::Elsewhere => Err(Refusal::new(RefusalCode::Overlap, "person-elsewhere").at("personId").into()),
    }
}

/// Ends an occupancy on a day: the first on which the person does not sit there any more.
///
/// # Errors
/// [`Error::NotFound`]; `vacate-day` unless the day lies after the first and not after the end; `changed-meanwhile`.
pub async fn seat_vacate(store: &dyn Store, ctx: &Ctx, id: OccupancyId, on: NaiveDate) -> Result<Occupancy> {
    require(ctx, Action::Write)?;
    let before = store.occupancies_by_id(&[id]).await?.into_iter().next().ok_or(Error::NotFound)?;
    if on <= before.period.from || before.period.to.is_some_and(|to| on > to) {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "vacate-day").at("on");
        return Err(refusal.with("from", before.period.from).into());
    }
    if !store.occupancy_end(&before, on, ctx.now()).await? {
        return Err(meanwhile());
    }
    ctx.heard().changed("to", Seen::maybe(before.period.to), Seen::of(on));
    Ok(Occupancy { period: Period { to: Some(on), ..before.period }, ..before })
}

/// The staffing need of a day against its roster and seats. Three statements.
///
/// # Errors
/// As [`shifts`]; those of [`TargetTerms::target`] and [`plan`].
pub async fn staffing(
    store: &dyn Store,
    ctx: &Ctx,
    day: NaiveDate,
    grain: Grain,
    terms: &TargetTerms,
) -> Result<DayPlan> {
    require(ctx, Action::Read)?;
    let target = terms.target()?;
    let basis = basis_days(day, ctx.today());
    let instant = |day| day_start(ctx.zone(), day).timestamp_millis();
    let ranges: Vec<_> = basis.iter().map(|day| (instant(*day), instant(day.succ_opt().unwrap_or(*day)))).collect();
    let days: Vec<_> = day.pred_opt().into_iter().chain([day]).collect();
    let facts = DayFacts {
        quarters: store.quarters(&ranges).await?,
        rostered: store.rostered(&days).await?,
        seats: store.seat_windows(day).await?,
    };
    plan(ctx.zone(), day, grain, &target, &basis, &facts)
}
