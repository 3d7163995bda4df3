//! Use cases of seating. Only staff of a tenant get anything from them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::entity::{
    AssignMode, AssignmentFilter, AssignmentSort, Campaign, CampaignDraft, MAX_CAMPAIGNS, SeatAssignment,
};
use super::figures::{self, Group, Held, SeatFigures, UseSums};
use super::fit::{Holding, Wish, windows};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{CampaignId, LeaseId, SeatAssignmentId, SeatId, TeamId};
use crate::leasing::{Lease, LeaseVersion, Shift, count_ok};
use crate::money::{Currency, TaxRate, round_half_away};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::time::{Month, Period};
use crate::{estate, leasing, people};

/// The most refusals that one call lists.
const MAX_REFUSALS: usize = 100;

fn require(ctx: &Ctx, action: Action) -> Result<()> {
    ctx.require(action, Resource::Staffing)?;
    ctx.tenant().map(|_| ())
}

/// Every campaign, by code.
///
/// # Errors
/// [`Error::NotFound`] without permission or for anyone but staff of a tenant.
pub async fn campaigns<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Vec<Campaign>> {
    require(ctx, Action::Read)?;
    store.campaigns().await
}

/// Adds a campaign.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; those of [`CampaignDraft::check`]; `campaign-code-taken`,
/// `campaigns-too-many`.
pub async fn campaign_create<S: Store + ?Sized>(store: &S, ctx: &Ctx, draft: CampaignDraft) -> Result<Campaign> {
    require(ctx, Action::Commit)?;
    draft.check()?;
    if store.campaigns().await?.len() >= MAX_CAMPAIGNS {
        return Err(Refusal::new(RefusalCode::TooLarge, "campaigns-too-many").with("max", MAX_CAMPAIGNS).into());
    }
    let trim = |text: String| text.trim().to_owned();
    let campaign =
        Campaign { id: ctx.id(), code: trim(draft.code), name: trim(draft.name), client: trim(draft.client) };
    if !store.campaign_add(&campaign, ctx.now()).await? {
        let refusal = Refusal::new(RefusalCode::Duplicate, "campaign-code-taken").at("code");
        return Err(refusal.with("code", campaign.code).into());
    }
    let heard = ctx.heard();
    heard.set("code", Seen::of(&campaign.code));
    heard.set("name", Seen::of(&campaign.name));
    heard.set("client", Seen::of(&campaign.client));
    Ok(campaign)
}

/// Which seats were given to whom.
///
/// # Errors
/// As [`campaigns`].
pub async fn assignments<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    filter: &AssignmentFilter,
    sort: Sort<AssignmentSort>,
    page: &PageRequest,
) -> Result<Page<SeatAssignment>> {
    require(ctx, Action::Read)?;
    store.assignments(filter, sort, page).await
}

/// How many.
///
/// # Errors
/// As [`campaigns`].
pub async fn assignments_count<S: Store + ?Sized>(store: &S, ctx: &Ctx, filter: &AssignmentFilter) -> Result<i64> {
    require(ctx, Action::Read)?;
    store.assignments_count(filter).await
}

/// Seats are to be given.
#[derive(Clone, Debug)]
pub struct AssignDraft {
    /// Which, 1 to 2,000.
    pub seats: Vec<SeatId>,
    /// To which team.
    pub team: Option<TeamId>,
    /// For which campaign.
    pub campaign: Option<CampaignId>,
    /// How.
    pub mode: AssignMode,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last; `None` = as long as each is held.
    pub to: Option<NaiveDate>,
    /// At what time of the day; `None` = whenever each is held.
    pub shift: Option<Shift>,
}

/// Gives seats that the tenant holds to a team or campaign, all of them or none, with a constant number of statements.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; `period-empty`,
/// `assign-whom`, `team-unknown`, `campaign-unknown`; for each seat `seat-unknown`, `assign-not-held`, `assign-taken`;
/// `assigned-meanwhile`.
pub async fn seats_assign<S>(store: &S, ctx: &Ctx, draft: &AssignDraft) -> Result<Vec<SeatAssignmentId>>
where
    S: Store + estate::Store + leasing::Store + people::Store + ?Sized,
{
    require(ctx, Action::Commit)?;
    count_ok(&draft.seats, "seatIds")?;
    let mut bad = Refusals::new();
    let used = Period::new(draft.from, draft.to).map_err(|r| bad.push(r.at("to")));
    bad.when(draft.team.is_none() && draft.campaign.is_none(), || {
        Refusal::new(RefusalCode::Required, "assign-whom").at("teamId")
    });
    if let Some(team) = draft.team {
        let none = store.teams_by_id(&[team]).await?.is_empty();
        bad.when(none, || Refusal::new(RefusalCode::NotFound, "team-unknown").at("teamId"));
    }
    if let Some(campaign) = draft.campaign {
        let none = store.campaigns_by_id(&[campaign]).await?.is_empty();
        bad.when(none, || Refusal::new(RefusalCode::NotFound, "campaign-unknown").at("campaignId"));
    }
    bad.finish()?;
    let Ok(used) = used else { return Err(Error::internal("a period that was refused")) };
    let found = windows_of(store, draft, used).await?;
    let assignments: Vec<SeatAssignment> = found
        .into_iter()
        .map(|(seat, shift)| SeatAssignment {
            id: ctx.id(),
            seat,
            team: draft.team,
            campaign: draft.campaign,
            mode: draft.mode,
            used,
            shift,
            recorded_at: ctx.now(),
            ended_at: None,
            reversed_at: None,
        })
        .collect();
    if !store.assignments_add(&assignments, ctx.actor().user).await? {
        return Err(Refusal::new(RefusalCode::Conflict, "assigned-meanwhile").at("seatIds").into());
    }
    let heard = ctx.heard();
    heard.set("team", Seen::maybe(draft.team));
    heard.set("campaign", Seen::maybe(draft.campaign));
    heard.set("mode", Seen::of(draft.mode.name()));
    heard.set("from", Seen::of(used.from));
    heard.set("to", Seen::maybe(used.to));
    Ok(assignments.into_iter().map(|assignment| assignment.id).collect())
}

/// At what time of the day each seat can be given.
async fn windows_of<S>(store: &S, draft: &AssignDraft, used: Period) -> Result<Vec<(SeatId, Shift)>>
where
    S: Store + estate::Store + leasing::Store + ?Sized,
{
    let codes: HashMap<SeatId, String> =
        store.seats_by_id(&draft.seats).await?.into_iter().map(|seat| (seat.id, seat.code)).collect();
    let mut unknown: Vec<Refusal> = Vec::new();
    let mut seats = Vec::with_capacity(draft.seats.len());
    for (at, seat) in draft.seats.iter().enumerate() {
        match codes.get(seat) {
            Some(code) => seats.push((*seat, code.clone())),
            None => {
                unknown.push(Refusal::new(RefusalCode::NotFound, "seat-unknown").at(format!("seatIds.{at}")));
            }
        }
    }
    if !unknown.is_empty() {
        unknown.truncate(MAX_REFUSALS);
        return Err(Error::Refused(unknown));
    }
    let mut held: HashMap<SeatId, Vec<Holding>> = HashMap::new();
    for own in store.allocations_of_seats(&draft.seats, used).await? {
        held.entry(own.seat).or_default().push(Holding { held: own.held, shift: own.shift });
    }
    let mut given: HashMap<SeatId, Vec<SeatAssignment>> = HashMap::new();
    for other in store.assignments_of_seats(&draft.seats, used).await? {
        given.entry(other.seat).or_default().push(other);
    }
    let wish = Wish { used, shift: draft.shift };
    windows(&seats, wish, &held, &given).map_err(|mut refusals| {
        refusals.truncate(MAX_REFUSALS);
        Error::Refused(refusals)
    })
}

/// The assignments, kept from everybody else, each of them there and not taken back.
async fn standing<S: Store + ?Sized>(store: &S, ids: &[SeatAssignmentId]) -> Result<Vec<SeatAssignment>> {
    count_ok(ids, "assignmentIds")?;
    let found = store.assignments_locked(ids).await?;
    let by_id: HashMap<SeatAssignmentId, &SeatAssignment> = found.iter().map(|a| (a.id, a)).collect();
    let mut bad = Refusals::new();
    for (at, id) in ids.iter().enumerate() {
        let path = format!("assignmentIds.{at}");
        match by_id.get(id) {
            None => bad.push(Refusal::new(RefusalCode::NotFound, "assignment-unknown").at(path)),
            Some(gone) => bad
                .when(gone.reversed_at.is_some(), || Refusal::new(RefusalCode::State, "assignment-reversed").at(path)),
        }
    }
    bad.finish()?;
    Ok(found)
}

/// Ends assignments on a day, the first on which the seats are not theirs: all of them or none. Tells how many.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; for each
/// `assignment-unknown`, `assignment-reversed`; `assignment-end-day` unless the day lies after its first and before its end.
pub async fn assignments_end<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    ids: &[SeatAssignmentId],
    on: NaiveDate,
) -> Result<usize> {
    require(ctx, Action::Commit)?;
    let found = standing(store, ids).await?;
    let mut bad = Refusals::new();
    for (at, id) in ids.iter().enumerate() {
        let Some(assignment) = found.iter().find(|a| a.id == *id) else { continue };
        let used = assignment.used;
        bad.when(on <= used.from || used.to.is_some_and(|to| on >= to), || {
            Refusal::new(RefusalCode::OutOfRange, "assignment-end-day")
                .at(format!("assignmentIds.{at}"))
                .with("from", used.from)
        });
    }
    bad.finish()?;
    store.assignments_end(ids, on, ctx.now(), ctx.actor().user).await?;
    ctx.heard().set("to", Seen::of(on));
    Ok(found.len())
}

/// Takes assignments back that were made by mistake, as if they had never been: all of them or none. They stay on record.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `seats-per-call`, `id-doubled`; for each
/// `assignment-unknown`, `assignment-reversed`.
pub async fn assignments_reverse<S: Store + ?Sized>(store: &S, ctx: &Ctx, ids: &[SeatAssignmentId]) -> Result<usize> {
    require(ctx, Action::Commit)?;
    let found = standing(store, ids).await?;
    store.assignments_reverse(ids, ctx.now(), ctx.actor().user).await?;
    for assignment in &found {
        ctx.heard().changed(assignment.id.to_string(), Seen::of(assignment.seat), Seen::Nothing);
    }
    Ok(found.len())
}

/// What became of a tenant's seats in a month.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The month.
    pub month: Month,
    /// The day after the last that is counted: of a month that runs, tomorrow.
    pub until: NaiveDate,
    /// In what money idle seats cost; `None` when there is no one price, or the caller may not see leases.
    pub currency: Option<Currency>,
    /// Every group.
    pub groups: BTreeMap<Group, UseSums>,
    /// Every seat that was held, by code.
    pub seats: Vec<SeatFigures>,
}

/// The price of a seat-month before tax on each of some days, in minor units; nothing on days free of rent.
fn prices(lease: &Lease, days: Period) -> Arc<[(NaiveDate, i64)]> {
    let end = days.to.unwrap_or(days.from);
    let priced = days.from.iter_days().take_while(|day| *day < end).map(|day| {
        let version = lease.version_on(day);
        let version = version.filter(|version| !version.terms.rent_free.iter().any(|free| free.contains(day)));
        (day, version.map_or(0, |version| before_tax(version, day)))
    });
    priced.collect()
}

fn before_tax(version: &LeaseVersion, day: NaiveDate) -> i64 {
    let price = version.terms.price_on(day).minor;
    if !version.clauses.tax_included {
        return price;
    }
    let whole = i128::from(TaxRate::ONE);
    let net = round_half_away(i128::from(price) * whole, whole + i128::from(version.terms.tax_rate.basis_points()));
    net.unwrap_or(price)
}

/// What became of a tenant's seats in a month. A constant number of statements.
///
/// # Errors
/// As [`campaigns`].
pub async fn figures<S: Store + leasing::Store + ?Sized>(store: &S, ctx: &Ctx, month: Month) -> Result<Figures> {
    require(ctx, Action::Read)?;
    let tomorrow = ctx.today().succ_opt().unwrap_or(ctx.today());
    let until = month.end().min(tomorrow).max(month.first_day());
    let within = Period { from: month.first_day(), to: Some(until) };
    let rows = store.held_within(within).await?;
    let mut ids: Vec<LeaseId> = rows.iter().map(|row| row.lease).collect();
    ids.sort_unstable();
    ids.dedup();
    let leases = if ctx.may(Action::Read, Resource::Leasing) { store.leases_by_id(&ids).await? } else { Vec::new() };
    let mut currencies = leases.iter().flat_map(|lease| &lease.versions).map(|v| v.terms.unit_price.currency);
    let first = currencies.next();
    let currency = first.filter(|first| currencies.all(|other| other == *first));
    let priced: HashMap<LeaseId, _> = leases.iter().map(|lease| (lease.id, prices(lease, within))).collect();
    let held = rows.into_iter().map(|row| Held {
        seat: row.seat,
        code: row.code,
        zone: row.zone,
        held: row.held,
        prices: priced.get(&row.lease).cloned().unwrap_or_default(),
    });
    let held: Vec<Held> = held.collect();
    let (given, sat) = (store.given_within(within).await?, store.sat_within(within).await?);
    let days = figures::Month { from: within.from, to: until, days: month.days() };
    let (groups, seats) = figures::fold(days, &held, &given, &sat);
    Ok(Figures { month, until, currency, groups, seats })
}
