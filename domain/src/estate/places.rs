//! What seats and zones are called and where seats belong, over time.
//!
//! A seat and a zone keep their id. The seat and the zone say what is so now; what was so before is kept in rows that are
//! only ever added. A change holds from a day that has come: what a plan intends is not a fact yet.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::entity::{Seat, Zone};
use super::known::SeatZones;
use super::plan::MAX_CODE;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{LeaseId, SeatId, SeatPlaceId, UserId, ZoneId, ZoneNameId};
use crate::leasing::{self, Locked, count_ok};
use crate::permission::{Action, Resource};
use crate::tenancy::code_ok;

/// The longest name of a zone, characters.
const MAX_NAME: usize = 60;
/// The most zones that are merged at once.
const MAX_ZONES: usize = 50;
/// The first day of a zone that has always been.
pub const ALWAYS: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");

/// Where a seat was before, and what it was called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerPlace {
    /// Its id.
    pub id: SeatPlaceId,
    /// Which seat.
    pub seat: SeatId,
    /// In which zone.
    pub zone: ZoneId,
    /// Under which code.
    pub code: String,
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last; the same as the first where it was so on no day.
    pub to: NaiveDate,
}

/// What a zone was called before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerName {
    /// Its id.
    pub id: ZoneNameId,
    /// Which zone.
    pub zone: ZoneId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The first day; [`ALWAYS`] for a zone that nobody split off.
    pub from: NaiveDate,
    /// The day after the last; the same as the first where it was so on no day.
    pub to: NaiveDate,
}

/// Who has or had a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeUse<I> {
    /// The code.
    pub code: String,
    /// Whose.
    pub of: I,
    /// The day after the last on which it was; `None` = it still is.
    pub to: Option<NaiveDate>,
}

/// What was so before, and how it changes.
#[async_trait]
pub trait Places: Send + Sync {
    /// Zones by id, kept from others until the end of the transaction.
    async fn zones_locked(&self, ids: &[ZoneId]) -> Result<Vec<Zone>>;
    /// Every seat of zones, likewise, by id.
    async fn seats_of_locked(&self, zones: &[ZoneId]) -> Result<Vec<Seat>>;
    /// Who has one of the codes, or had it on the day or later.
    async fn seat_codes_used(&self, codes: &[&str], on: NaiveDate) -> Result<Vec<CodeUse<SeatId>>>;
    /// Who of the zones of the floor of a zone has a code, or had it on the day or later.
    async fn zone_codes_used(&self, beside: ZoneId, code: &str, on: NaiveDate) -> Result<Vec<CodeUse<ZoneId>>>;
    /// Where seats were before, by seat and first day; what was so on no day is there too.
    async fn former_places(&self, seats: &[SeatId]) -> Result<Vec<FormerPlace>>;
    /// What zones were called before, likewise.
    async fn former_names(&self, zones: &[ZoneId]) -> Result<Vec<FormerName>>;
    /// Where seats are and were, over everything that was ever recorded; those out of reach are missing.
    async fn seat_zones(&self, seats: &[SeatId]) -> Result<SeatZones>;
    /// Keeps the seats that are in zones, or were on the day or later, from every buyer until the end of the transaction.
    async fn seats_of_keep(&self, zones: &[ZoneId], on: NaiveDate) -> Result<()>;
    /// Leases that on the day or later hold seats which are in zones, or were then, by id.
    async fn leases_in(&self, zones: &[ZoneId], on: NaiveDate) -> Result<Vec<LeaseId>>;
    /// Records where seats were, and sets code and zone of the seats as they are now; `false` when somebody else has just
    /// taken a code.
    async fn seats_place(
        &self,
        was: &[FormerPlace],
        now: &[Seat],
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<bool>;
    /// Records what zones were called, and sets code, name and end of the zones as they are now; likewise.
    async fn zones_set(&self, was: &[FormerName], now: &[Zone], at: DateTime<Utc>, by: Option<UserId>) -> Result<bool>;
    /// Adds a zone; likewise.
    async fn zone_add(&self, zone: &Zone) -> Result<bool>;
}

/// The code and name that a zone is to have.
#[derive(Clone, Debug)]
pub struct ZoneLabel {
    /// Unique on its floor, 1 to 20 characters.
    pub code: String,
    /// 1 to 60 characters.
    pub name: String,
}

/// The day a change holds from must have come.
fn day_ok(ctx: &Ctx, from: NaiveDate) -> Result<(), Refusal> {
    if from <= ctx.today() {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange, "place-day-future").at("from").with("today", ctx.today()))
}

/// Nobody else changed the same meanwhile.
fn unmoved(done: bool) -> Result<(), Refusal> {
    if done { Ok(()) } else { Err(Refusal::new(RefusalCode::Conflict, "codes-taken-meanwhile")) }
}

fn code_fault(code: &str) -> Option<Refusal> {
    if code.is_empty() {
        Some(Refusal::new(RefusalCode::Required, "text-required").with("max", MAX_CODE))
    } else if code_ok(code, MAX_CODE) {
        None
    } else {
        Some(Refusal::new(RefusalCode::Invalid, "code-invalid").with("max", MAX_CODE))
    }
}

impl ZoneLabel {
    fn read(&self) -> Result<Self> {
        let label = Self { code: self.code.trim().to_owned(), name: self.name.trim().to_owned() };
        let mut bad = Refusals::new();
        if let Some(fault) = code_fault(&label.code) {
            bad.push(fault.at("code"));
        }
        bad.text("name", &label.name, true, MAX_NAME);
        bad.finish()?;
        Ok(label)
    }
}

/// The leases that may pay by the zones of their seats, kept from every other change and from being billed: what becomes of
/// the zones is recorded behind what they were billed by.
struct Payers {
    leases: Vec<LeaseId>,
    locked: Locked,
}

impl Payers {
    /// Of the seats of zones from a day on. Leases come before zones and seats, as where they take seats.
    async fn wait<S: Places + leasing::Store + ?Sized>(store: &S, zones: &[ZoneId], from: NaiveDate) -> Result<Self> {
        let leases = store.leases_in(zones, from).await?;
        let locked = if leases.is_empty() { Locked::default() } else { store.leases_lock(&leases).await? };
        Ok(Self { leases, locked })
    }
    /// When to record it, once the seats of the zones are kept, too. Refuses `zone-leased-meanwhile` where another lease took
    /// a seat in between.
    async fn recorded_at<S: Places + ?Sized>(
        &self,
        store: &S,
        ctx: &Ctx,
        zones: &[ZoneId],
        from: NaiveDate,
    ) -> Result<DateTime<Utc>> {
        let now = store.leases_in(zones, from).await?;
        if now.iter().any(|lease| !self.leases.contains(lease)) {
            return Err(Refusal::new(RefusalCode::Conflict, "zone-leased-meanwhile").into());
        }
        Ok(self.locked.recorded_at(ctx.env().now()))
    }
}

/// What becomes of seats from a day on: where they were, and how they are now.
struct Moves {
    was: Vec<FormerPlace>,
    now: Vec<Seat>,
}

/// Every seat as `place` makes it, from a day on. Refuses `seat-place-later` where something is known to have changed later
/// than that day.
async fn moves<S: Places + ?Sized>(
    (store, ctx): (&S, &Ctx),
    seats: Vec<Seat>,
    from: NaiveDate,
    path: impl Fn(&SeatId) -> String,
    place: impl Fn(&Seat) -> Seat,
) -> Result<Moves> {
    let ids: Vec<SeatId> = seats.iter().map(|s| s.id).collect();
    let mut last: HashMap<SeatId, NaiveDate> = HashMap::new();
    for former in store.former_places(&ids).await? {
        let day = last.entry(former.seat).or_insert(former.to);
        *day = former.to.max(*day);
    }
    let mut bad = Refusals::new();
    let mut moves = Moves { was: Vec::new(), now: Vec::new() };
    for seat in seats {
        let last = last.get(&seat.id).copied();
        if let Some(day) = last.filter(|day| from < *day) {
            let refusal = Refusal::new(RefusalCode::State, "seat-place-later");
            bad.push(refusal.at(path(&seat.id)).with("code", seat.code.as_str()).with("day", day));
            continue;
        }
        let now = place(&seat);
        if now == seat {
            continue;
        }
        // A seat that is not built yet was nowhere before it is.
        let since = last.map_or(seat.built.from, |day| day.max(seat.built.from)).min(from);
        moves.was.push(FormerPlace {
            id: ctx.id(),
            seat: seat.id,
            zone: seat.zone,
            code: seat.code,
            from: since,
            to: from,
        });
        moves.now.push(now);
    }
    bad.finish()?;
    Ok(moves)
}

/// Gives seats other codes from a day on, all of them or none; two seats may exchange theirs. Those that have their code
/// already stay as they are. Answers how many have another one now.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `place-day-future`, `seats-per-call`,
/// `id-doubled`; for each seat `text-required`, `code-invalid`, `seat-code-twice`, `seat-unknown`, `seat-code-taken`,
/// `seat-code-was`, `seat-place-later`; `codes-taken-meanwhile`.
pub async fn seats_renumber<S: Places + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    wanted: &[(SeatId, String)],
    from: NaiveDate,
) -> Result<usize> {
    ctx.require(Action::Write, Resource::Estate)?;
    let ids: Vec<SeatId> = wanted.iter().map(|(id, _)| *id).collect();
    count_ok(&ids, "changes")?;
    day_ok(ctx, from)?;
    let codes: Vec<&str> = wanted.iter().map(|(_, code)| code.trim()).collect();
    let mut bad = Refusals::new();
    let mut seen = HashSet::new();
    for (at, code) in codes.iter().enumerate() {
        let twice = || Refusal::new(RefusalCode::Duplicate, "seat-code-twice").with("code", *code);
        if let Some(fault) = code_fault(code).or_else(|| (!seen.insert(*code)).then(twice)) {
            bad.push(fault.at(format!("changes.{at}.code")));
        }
    }
    bad.finish()?;
    let seats = store.seats_locked(&ids).await?;
    let mut bad = Refusals::new();
    let known: HashSet<SeatId> = seats.iter().map(|s| s.id).collect();
    for (at, id) in ids.iter().enumerate() {
        bad.when(!known.contains(id), || {
            Refusal::new(RefusalCode::NotFound, "seat-unknown").at(format!("changes.{at}.seatId"))
        });
    }
    let places: HashMap<&str, usize> = codes.iter().enumerate().map(|(at, code)| (*code, at)).collect();
    for used in store.seat_codes_used(&codes, from).await? {
        let refusal = match used.to {
            Some(day) => Refusal::new(RefusalCode::Overlap, "seat-code-was").with("day", day),
            // Who is among the seats gives its code up on the same day, or keeps it.
            None if known.contains(&used.of) => continue,
            None => Refusal::new(RefusalCode::Duplicate, "seat-code-taken"),
        };
        let at = places.get(used.code.as_str()).copied().unwrap_or_default();
        bad.push(refusal.at(format!("changes.{at}.code")).with("code", used.code));
    }
    bad.finish()?;
    let of: BTreeMap<SeatId, (usize, &str)> =
        ids.iter().zip(&codes).enumerate().map(|(at, (id, c))| (*id, (at, *c))).collect();
    let path = |id: &SeatId| format!("changes.{}.seatId", of.get(id).map_or(0, |(at, _)| *at));
    let renamed = |seat: &Seat| match of.get(&seat.id) {
        Some((_, code)) => Seat { code: (*code).to_owned(), ..seat.clone() },
        None => seat.clone(),
    };
    let moves = moves((store, ctx), seats, from, path, renamed).await?;
    for (was, now) in moves.was.iter().zip(&moves.now) {
        ctx.heard().changed(format!("{} code", now.id), Seen::of(&was.code), Seen::of(&now.code));
    }
    unmoved(store.seats_place(&moves.was, &moves.now, ctx.now(), ctx.actor().user).await?)?;
    Ok(moves.now.len())
}

/// A zone that is there and has not ended.
fn living(zones: Vec<Zone>, id: ZoneId, path: &'static str) -> Result<Zone> {
    let unknown = || Refusal::new(RefusalCode::NotFound, "zone-not-there").at(path);
    let zone = zones.into_iter().find(|z| z.id == id).ok_or_else(unknown)?;
    alive(&zone).map_err(|refusal| refusal.at(path))?;
    Ok(zone)
}

fn alive(zone: &Zone) -> Result<(), Refusal> {
    let Some(day) = zone.ended_on else { return Ok(()) };
    Err(Refusal::new(RefusalCode::State, "zone-ended").with("code", zone.code.as_str()).with("day", day))
}

/// The zone must have been there on the day.
fn begun(zone: &Zone, from: NaiveDate) -> Result<(), Refusal> {
    match zone.begun_on.filter(|day| from < *day) {
        None => Ok(()),
        Some(day) => {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "zone-day-before").at("from");
            Err(refusal.with("code", zone.code.as_str()).with("day", day))
        }
    }
}

/// The code must be free on the floor of a zone from the day on.
async fn zone_code_free<S: Places + ?Sized>(
    store: &S,
    beside: ZoneId,
    code: &str,
    from: NaiveDate,
    but: Option<ZoneId>,
) -> Result<()> {
    for used in store.zone_codes_used(beside, code, from).await? {
        let refusal = match used.to {
            // What it is or was called itself may stay or come back.
            _ if Some(used.of) == but => continue,
            None => Refusal::new(RefusalCode::Duplicate, "zone-code-taken"),
            Some(day) => Refusal::new(RefusalCode::Overlap, "zone-code-was").with("day", day),
        };
        return Err(refusal.at("code").with("code", code).into());
    }
    Ok(())
}

/// Gives a zone another code or name from a day on. Answers whether anything changed.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `place-day-future`, `text-required`, `text-too-long`,
/// `code-invalid`, `zone-not-there`, `zone-ended`, `zone-day-before`, `zone-code-taken`, `zone-code-was`,
/// `zone-name-later`, `zone-leased-meanwhile`.
pub async fn zone_rename<S: Places + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    zone: ZoneId,
    label: &ZoneLabel,
    from: NaiveDate,
) -> Result<bool> {
    ctx.require(Action::Write, Resource::Estate)?;
    day_ok(ctx, from)?;
    let label = label.read()?;
    let payers = Payers::wait(store, &[zone], from).await?;
    let zone = living(store.zones_locked(&[zone]).await?, zone, "zoneId")?;
    begun(&zone, from)?;
    zone_code_free(store, zone.id, &label.code, from, Some(zone.id)).await?;
    let last = store.former_names(&[zone.id]).await?.into_iter().map(|f| f.to).max();
    if let Some(day) = last.filter(|day| from < *day) {
        let refusal = Refusal::new(RefusalCode::State, "zone-name-later").at("from");
        return Err(refusal.with("code", zone.code).with("day", day).into());
    }
    let now = Zone { code: label.code, name: label.name, ..zone.clone() };
    if now == zone {
        return Ok(false);
    }
    ctx.heard().changed("code", Seen::of(&zone.code), Seen::of(&now.code));
    ctx.heard().changed("name", Seen::of(&zone.name), Seen::of(&now.name));
    let since = last.or(zone.begun_on).unwrap_or(ALWAYS);
    store.seats_of_keep(&[zone.id], from).await?;
    let at = payers.recorded_at(store, ctx, &[zone.id], from).await?;
    let was = FormerName { id: ctx.id(), zone: zone.id, code: zone.code, name: zone.name, from: since, to: from };
    unmoved(store.zones_set(&[was], &[now], at, ctx.actor().user).await?)?;
    Ok(true)
}

/// The largest zone, in hundredths of a square metre: a square kilometre.
const MAX_AREA: i64 = 100_000_000;

/// Reads square metres with at most two decimals, as hundredths.
fn area(text: &str) -> Result<i64, Refusal> {
    let invalid = || Refusal::new(RefusalCode::Invalid, "area-invalid").at("areaM2").with("max", MAX_AREA / 100);
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return Err(invalid());
    }
    format!("{whole}{part:0<2}").parse().ok().filter(|area| (1..=MAX_AREA).contains(area)).ok_or_else(invalid)
}

/// Says how large a zone is; `None` = not known.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `area-invalid`, `zone-not-there`, `zone-ended`.
pub async fn zone_area_set<S: Places + ?Sized>(store: &S, ctx: &Ctx, zone: ZoneId, text: Option<&str>) -> Result<()> {
    ctx.require(Action::Write, Resource::Estate)?;
    let area = text.map(str::trim).filter(|text| !text.is_empty()).map(area).transpose()?;
    let zone = living(store.zones_locked(&[zone]).await?, zone, "zoneId")?;
    let said = |area: Option<i64>| Seen::maybe(area.map(area_text));
    ctx.heard().changed("areaM2", said(zone.area), said(area));
    unmoved(store.zones_set(&[], &[Zone { area, ..zone }], ctx.now(), ctx.actor().user).await?)?;
    Ok(())
}

/// Hundredths of a square metre as square metres (`412.50`).
pub fn area_text(area: i64) -> String {
    format!("{}.{:02}", area / 100, area % 100)
}

/// What is split off a zone.
#[derive(Clone, Debug)]
pub struct ZoneSplit {
    /// From which zone.
    pub zone: ZoneId,
    /// Which of its seats, 1 to 2000 and not all of them.
    pub seats: Vec<SeatId>,
    /// What the new zone is called.
    pub label: ZoneLabel,
    /// From which day on.
    pub from: NaiveDate,
}

/// Makes a zone of some seats of another, from a day on.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `place-day-future`, `text-required`, `text-too-long`,
/// `code-invalid`, `seats-per-call`, `id-doubled`, `zone-not-there`, `zone-ended`, `zone-day-before`, `zone-code-taken`,
/// `zone-code-was`, `zone-split-whole`, `zone-leased-meanwhile`; for each seat `seat-not-in-zone`, `seat-place-later`.
pub async fn zone_split<S: Places + leasing::Store + ?Sized>(store: &S, ctx: &Ctx, wanted: &ZoneSplit) -> Result<Zone> {
    ctx.require(Action::Write, Resource::Estate)?;
    count_ok(&wanted.seats, "seatIds")?;
    day_ok(ctx, wanted.from)?;
    let label = wanted.label.read()?;
    let payers = Payers::wait(store, &[wanted.zone], wanted.from).await?;
    let old = living(store.zones_locked(&[wanted.zone]).await?, wanted.zone, "zoneId")?;
    begun(&old, wanted.from)?;
    zone_code_free(store, old.id, &label.code, wanted.from, None).await?;
    let chosen: HashMap<SeatId, usize> = wanted.seats.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let all = store.seats_of_locked(&[old.id]).await?;
    let whole = all.len();
    let seats: Vec<Seat> = all.into_iter().filter(|seat| chosen.contains_key(&seat.id)).collect();
    let mut bad = Refusals::new();
    for (at, id) in wanted.seats.iter().enumerate() {
        bad.when(!seats.iter().any(|seat| seat.id == *id), || {
            let refusal = Refusal::new(RefusalCode::NotFound, "seat-not-in-zone").at(format!("seatIds.{at}"));
            refusal.with("zone", old.code.as_str())
        });
    }
    bad.when(seats.len() == whole, || {
        Refusal::new(RefusalCode::State, "zone-split-whole").at("seatIds").with("code", old.code.as_str())
    });
    bad.finish()?;
    let new = Zone {
        id: ctx.id(),
        floor: old.floor,
        code: label.code,
        name: label.name,
        begun_on: Some(wanted.from),
        ended_on: None,
        area: None,
    };
    let path = |id: &SeatId| format!("seatIds.{}", chosen.get(id).copied().unwrap_or_default());
    let moves = moves((store, ctx), seats, wanted.from, path, |seat| Seat { zone: new.id, ..seat.clone() }).await?;
    let at = payers.recorded_at(store, ctx, &[old.id], wanted.from).await?;
    unmoved(store.zone_add(&new).await?)?;
    unmoved(store.seats_place(&moves.was, &moves.now, at, ctx.actor().user).await?)?;
    ctx.heard().set("code", Seen::of(&new.code));
    ctx.heard().set("name", Seen::of(&new.name));
    for seat in &moves.now {
        ctx.heard().changed(format!("{} zone", seat.id), Seen::of(old.id), Seen::of(new.id));
    }
    Ok(new)
}

/// Moves every seat of some zones into another of the same floor, from a day on; the emptied zones end with it. Answers how
/// many seats moved.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] without permission; `place-day-future`, `zones-per-call`, `id-doubled`,
/// `zone-into-itself`, `zone-not-there`, `zone-ended`, `zone-day-before`, `zone-other-floor`; `seat-place-later`, `zone-leased-meanwhile`.
pub async fn zones_merge<S: Places + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    zones: &[ZoneId],
    into: ZoneId,
    from: NaiveDate,
) -> Result<usize> {
    ctx.require(Action::Write, Resource::Estate)?;
    day_ok(ctx, from)?;
    if zones.is_empty() || zones.len() > MAX_ZONES {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "zones-per-call").at("zoneIds");
        return Err(refusal.with("value", zones.len()).with("max", MAX_ZONES).into());
    }
    count_ok(zones, "zoneIds")?;
    let mut bad = Refusals::new();
    if let Some(at) = zones.iter().position(|id| *id == into) {
        bad.push(Refusal::new(RefusalCode::Invalid, "zone-into-itself").at(format!("zoneIds.{at}")));
    }
    bad.finish()?;
    let payers = Payers::wait(store, zones, from).await?;
    let every: Vec<ZoneId> = zones.iter().copied().chain([into]).collect();
    let found = store.zones_locked(&every).await?;
    let target = living(found.clone(), into, "intoZoneId")?;
    begun(&target, from)?;
    let mut bad = Refusals::new();
    let mut ended = Vec::with_capacity(zones.len());
    for (at, id) in zones.iter().enumerate() {
        let path = format!("zoneIds.{at}");
        let Some(zone) = found.iter().find(|z| z.id == *id) else {
            bad.push(Refusal::new(RefusalCode::NotFound, "zone-not-there").at(path));
            continue;
        };
        let other = || Refusal::new(RefusalCode::Conflict, "zone-other-floor").with("code", zone.code.as_str());
        let fault = alive(zone).err().or_else(|| (zone.floor != target.floor).then(other));
        match fault {
            Some(fault) => bad.push(fault.at(path)),
            None => match begun(zone, from) {
                Err(fault) => bad.push(fault),
                Ok(()) => ended.push(Zone { ended_on: Some(from), ..zone.clone() }),
            },
        }
    }
    bad.finish()?;
    let seats = store.seats_of_locked(zones).await?;
    let into_it = |seat: &Seat| Seat { zone: into, ..seat.clone() };
    let moves = moves((store, ctx), seats, from, |_| "from".to_owned(), into_it).await?;
    let at = payers.recorded_at(store, ctx, zones, from).await?;
    unmoved(store.seats_place(&moves.was, &moves.now, at, ctx.actor().user).await?)?;
    unmoved(store.zones_set(&[], &ended, at, ctx.actor().user).await?)?;
    for zone in &ended {
        ctx.heard().changed(format!("{} endedOn", zone.id), Seen::Nothing, Seen::of(from));
    }
    for (was, now) in moves.was.iter().zip(&moves.now) {
        ctx.heard().changed(format!("{} zone", now.id), Seen::of(was.zone), Seen::of(into));
    }
    Ok(moves.now.len())
}

/// Where seats were before, by seat and first day; without what was so on no day.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn former_places(store: &dyn Places, ctx: &Ctx, seats: &[SeatId]) -> Result<Vec<FormerPlace>> {
    ctx.require(Action::Read, Resource::Estate)?;
    let mut places = store.former_places(seats).await?;
    places.retain(|place| place.to > place.from);
    Ok(places)
}

/// What zones were called before, likewise.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn former_names(store: &dyn Places, ctx: &Ctx, zones: &[ZoneId]) -> Result<Vec<FormerName>> {
    ctx.require(Action::Read, Resource::Estate)?;
    let mut names = store.former_names(zones).await?;
    names.retain(|name| name.to > name.from);
    Ok(names)
}
