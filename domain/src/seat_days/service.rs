//! Use cases of seat-days.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};

use super::count::{Figures, count};
use super::entity::{LedgerRow, Window};
use super::presence::{self, Login};
use super::proof::{self, ContractEntry, Identity, PaidMonth, Proof};
use super::rule::{EffectiveRule, RulePack};
use super::store::{FactsAsk, PresenceEntry, Source, Store};
use crate::audit::{Happening, Seen};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{FileId, FloorId, LedgerEntryId, PersonId, SeatId, TenantId, ZoneId};
use crate::people;
use crate::permission::{Action, Resource};
use crate::staffing::day_start;
use crate::tables::{ImportMode, ImportReport, RowIssue, Table};
use crate::time::{Month, Period};

/// Rows that are looked up and stored together.
const CHUNK: usize = 500;

/// Which figures are asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// As recorded by the end of this day; `None` = as known now.
    pub known_on: Option<NaiveDate>,
    /// By which rule seats are effective, see [`RulePack::find`]; `None` = the default.
    pub rule: Option<String>,
    /// Of one tenant; staff of a tenant get their own.
    pub tenant: Option<TenantId>,
    /// Of the seats of one floor.
    pub floor: Option<FloorId>,
    /// Of the seats of one zone.
    pub zone: Option<ZoneId>,
    /// Of one seat.
    pub seat: Option<SeatId>,
    /// Whether figures of single seats are wanted.
    pub list: bool,
}

impl Ask {
    /// As facts are asked for.
    ///
    /// # Errors
    /// Those of [`Window::new`]; `effective-rule-unknown`.
    fn facts(&self, ctx: &Ctx) -> Result<FactsAsk<'static>> {
        let window = Window::new(self.from, self.to)?;
        let rule = rule_of(self.rule.as_deref())?;
        let tenant = ctx.tenant().ok().or(self.tenant);
        let known_at = self.known_on.filter(|on| *on < ctx.today()).and_then(|on| on.succ_opt());
        let known_at = known_at.map(|next| day_start(ctx.zone(), next) - TimeDelta::microseconds(1));
        let &Self { floor, zone, seat, .. } = self;
        Ok(FactsAsk { park: ctx.park()?, tenant, floor, zone, seat, window, known_at, rule })
    }
}

/// The rule of a name; the default where there is none.
///
/// # Errors
/// `effective-rule-unknown`.
pub fn rule_of(text: Option<&str>) -> Result<&'static EffectiveRule> {
    let pack = RulePack::built_in()?;
    let unknown = || Refusal::new(RefusalCode::NotFound, "effective-rule-unknown").at("ruleId");
    Ok(pack.find(text.unwrap_or(&pack.default)).ok_or_else(unknown)?)
}

/// Whether figures of the caller are counted by the installation: those of a park, whose tenants keep their people to
/// themselves. Staff of a tenant count their own.
pub fn counted_for(ctx: &Ctx) -> bool {
    ctx.tenant().is_err()
}

/// Seats leased, occupied, effective and logged in over the days asked for. `store` is of the caller's own scope for staff
/// of a tenant and of the installation for staff of a park ([`counted_for`]). A constant number of statements.
///
/// # Errors
/// [`Error::NotFound`] without permission; those of [`Window::new`]; `effective-rule-unknown`.
pub async fn seat_days(store: &dyn Store, ctx: &Ctx, ask: &Ask) -> Result<Figures> {
    ctx.require(Action::Read, Resource::Leasing)?;
    let facts = ask.facts(ctx)?;
    if counted_for(ctx) {
        ctx.require_park()?;
        ctx.heard().tell(Happening::Summed("seat days"));
    }
    let found = store.seat_day_facts(&facts).await?;
    Ok(count(facts.window, facts.rule, found, ask.list))
}

/// The rows of the time line of one seat. Staff of the park see who held it and when somebody sat there; who that was, when
/// they were logged in and what is proven of them stays with the tenant, and of its staff with those who may read people.
///
/// # Errors
/// As [`seat_days`]; `seat-required` without a seat.
pub async fn seat_ledger(store: &dyn Store, ctx: &Ctx, ask: &Ask) -> Result<Vec<LedgerRow>> {
    ctx.require(Action::Read, Resource::Leasing)?;
    let facts = ask.facts(ctx)?;
    if facts.seat.is_none() {
        return Err(Refusal::new(RefusalCode::Required, "seat-required").at("seatId").into());
    }
    let private = !counted_for(ctx) && ctx.may(Action::Read, Resource::People);
    if private {
        ctx.heard().tell(Happening::Read("seat ledger"));
    } else if counted_for(ctx) {
        ctx.require_park()?;
        ctx.heard().tell(Happening::Summed("seat ledger"));
    }
    store.seat_ledger_rows(&facts, private).await
}

/// What stands of some people.
struct Standing {
    months: HashMap<(PersonId, i64), Vec<(PaidMonth, i64)>>,
    contracts: HashMap<PersonId, Vec<(ContractEntry, i64)>>,
}

/// What an import changes.
#[derive(Default)]
struct Changes {
    months: Vec<(LedgerEntryId, PaidMonth, i64)>,
    contracts: Vec<(LedgerEntryId, ContractEntry, i64)>,
    added: usize,
    updated: usize,
}

/// Takes a list of proofs over: all of it or its good rows, or tells what would become of it. A constant number of
/// statements for every 500 rows.
///
/// # Errors
/// Those of [`Columns::find`](crate::tables::Columns::find) about the header. Faults of rows are in the report: those of
/// the reading, `person-unknown`, `month-future`, `proof-not-employed`, `contract-overlaps`, `identity-doubled`.
pub async fn employment_import<S: Store + people::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    file: FileId,
    table: &Table,
    mode: ImportMode,
    dry_run: bool,
) -> Result<ImportReport> {
    ctx.require(Action::Write, Resource::People)?;
    ctx.tenant()?;
    let (rows, mut issues) = proof::read_rows(table)?;
    let this_month = Month::of(ctx.today());
    let mut changes = Changes::default();
    let mut claimed: HashMap<(Identity, i64), PersonId> = HashMap::new();
    let mut seen: HashMap<PersonId, Vec<ContractEntry>> = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        let numbers: Vec<_> =
            chunk.iter().map(|r| r.employee_no.as_str()).collect::<HashSet<_>>().into_iter().collect();
        let people: HashMap<_, _> =
            store.people_by_employee_no(&numbers).await?.into_iter().map(|p| (p.employee_no.clone(), p)).collect();
        let ids: Vec<_> = people.values().map(|p| p.id).collect();
        let standing = standing(store, &ids).await?;
        let hash = |row: &Proof| row.identity.as_ref().map(|n| store.identity(n.expose())).transpose();
        let hashes = chunk.iter().map(hash).collect::<Result<Vec<_>>>()?;
        let known: Vec<_> = hashes.iter().flatten().copied().collect::<HashSet<_>>().into_iter().collect();
        for (identity, month, person) in store.identity_months(&known).await? {
            claimed.entry((identity, month)).or_insert(person);
        }
        for (row, identity) in chunk.iter().zip(hashes) {
            let mut bad = Refusals::new();
            bad.when(row.month > this_month, || Refusal::new(RefusalCode::OutOfRange, "month-future").at("month"));
            let Some(person) = people.get(&row.employee_no) else {
                bad.push(Refusal::new(RefusalCode::NotFound, "person-unknown").at("employee_no"));
                keep_aside(&mut issues, row.line, bad);
                continue;
            };
            let month = row.month.number();
            let works = person.employed().overlaps(row.month.period());
            bad.when((row.payroll || row.insurance) && !works, || {
                Refusal::new(RefusalCode::State, "proof-not-employed").at("month")
            });
            let other = identity.and_then(|i| claimed.get(&(i, month))).is_some_and(|owner| *owner != person.id);
            bad.when(other, || Refusal::new(RefusalCode::Duplicate, "identity-doubled").at("identity_no"));
            let contract = row.contract.map(|term| ContractEntry { person: person.id, term });
            let stands = standing.contracts.get(&person.id).map_or(&[][..], Vec::as_slice);
            let of_file = seen.entry(person.id).or_default();
            let clash = contract.is_some_and(|new| {
                let later = |other: &ContractEntry| other.term.from != new.term.from && other.term.overlaps(new.term);
                stands.iter().any(|(old, _)| later(old))
                    || of_file.iter().any(|other| *other != new && other.term.overlaps(new.term))
            });
            bad.when(clash, || Refusal::new(RefusalCode::Overlap, "contract-overlaps").at("contract_from"));
            if keep_aside(&mut issues, row.line, bad) {
                continue;
            }
            if let Some(identity) = identity {
                claimed.insert((identity, month), person.id);
            }
            let new = PaidMonth { person: person.id, month, payroll: row.payroll, insurance: row.insurance, identity };
            let before = standing.months.get(&(person.id, month)).map_or(&[][..], Vec::as_slice);
            let fresh = contract.filter(|c| !of_file.contains(c));
            of_file.extend(fresh);
            changes.row(ctx, new, before, fresh, stands);
        }
    }
    issues.sort_by_key(|i| i.line);
    let mut report = ImportReport::new(table, issues);
    let write = report.decide(mode, dry_run);
    if !report.accepts(mode) {
        return Ok(report);
    }
    (report.added, report.updated) = (changes.added, changes.updated);
    if write {
        store.employment_add(&changes.months, &changes.contracts, file, ctx.now()).await?;
    }
    Ok(report)
}

/// Tells the faults of a row; whether there are any.
fn keep_aside(issues: &mut Vec<RowIssue>, line: u64, bad: Refusals) -> bool {
    let Err(Error::Refused(list)) = bad.finish() else { return false };
    issues.extend(list.into_iter().map(|refusal| RowIssue { line, refusal }));
    true
}

async fn standing<S: Store + ?Sized>(store: &S, people: &[PersonId]) -> Result<Standing> {
    let mut all = Standing { months: HashMap::new(), contracts: HashMap::new() };
    for (month, times) in store.paid_months(people).await? {
        all.months.entry((month.person, month.month)).or_default().push((month, times));
    }
    for (contract, times) in store.employment_contracts(people).await? {
        all.contracts.entry(contract.person).or_default().push((contract, times));
    }
    Ok(all)
}

impl Changes {
    /// What one row changes: what stands otherwise is taken back as often as it was said, and the new is said once.
    fn row(
        &mut self,
        ctx: &Ctx,
        new: PaidMonth,
        before: &[(PaidMonth, i64)],
        contract: Option<ContractEntry>,
        contracts: &[(ContractEntry, i64)],
    ) {
        // A list without identities does not take them away.
        let identity = new.identity.or_else(|| before.iter().find_map(|(old, _)| old.identity));
        let new = PaidMonth { identity, ..new };
        let proven = new.payroll || new.insurance;
        let says = proven && !before.iter().any(|(old, _)| *old == new);
        let mut corrects = false;
        for (old, times) in before.iter().filter(|(old, _)| *old != new || !proven) {
            self.months.extend((0..*times).map(|_| (ctx.id(), *old, -1)));
            corrects = true;
        }
        if says {
            self.months.push((ctx.id(), new, 1));
        }
        let key = |field: &str| format!("{} {} {field}", new.person, new.month);
        if corrects || says {
            let was = |f: fn(&PaidMonth) -> bool| before.first().map_or(Seen::Nothing, |(old, _)| Seen::json(f(old)));
            ctx.heard().changed(key("payroll"), was(|m| m.payroll), Seen::json(new.payroll));
            ctx.heard().changed(key("insurance"), was(|m| m.insurance), Seen::json(new.insurance));
        }
        if let Some(contract) = contract.filter(|c| !contracts.iter().any(|(old, _)| old == c)) {
            for (old, times) in contracts.iter().filter(|(old, _)| old.term.from == contract.term.from) {
                self.contracts.extend((0..*times).map(|_| (ctx.id(), *old, -1)));
                corrects = true;
            }
            self.contracts.push((ctx.id(), contract, 1));
            ctx.heard().set(key("contractTo"), Seen::maybe(contract.term.to));
            corrects |= !says;
        }
        if corrects {
            self.updated += 1;
        } else if says {
            self.added += 1;
        }
    }
}

/// Takes a list of logins over: all of it or its good rows, or tells what would become of it. What the same file said
/// before is not said again. A constant number of statements for every 500 rows.
///
/// # Errors
/// Those of [`Columns::find`](crate::tables::Columns::find) about the header. Faults of rows are in the report: those of
/// the reading, `person-unknown`, `day-future`, `person-not-employed`, `seat-not-held`.
pub async fn presence_import<S: Store + people::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    file: FileId,
    table: &Table,
    mode: ImportMode,
    dry_run: bool,
) -> Result<ImportReport> {
    ctx.require(Action::Write, Resource::Operations)?;
    ctx.tenant()?;
    let (rows, mut issues) = presence::read_rows(table)?;
    let mut placed: Vec<(&Login, Option<SeatId>, i64)> = Vec::with_capacity(rows.len());
    let mut numbers: HashMap<(&str, NaiveDate), Vec<Option<SeatId>>> = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        let named: Vec<_> = chunk.iter().map(|r| r.employee_no.as_str()).collect::<HashSet<_>>().into_iter().collect();
        let people: HashMap<_, _> = store
            .people_by_employee_no(&named)
            .await?
            .into_iter()
            .map(|p| (p.employee_no.clone(), p.employed()))
            .collect();
        let codes: Vec<_> =
            chunk.iter().filter_map(|r| r.seat.as_deref()).collect::<HashSet<_>>().into_iter().collect();
        let mut held: HashMap<String, Vec<(SeatId, Period)>> = HashMap::new();
        for (code, seat, period) in store.seats_held_by_code(&codes).await? {
            held.entry(code).or_default().push((seat, period));
        }
        for row in chunk {
            let mut bad = Refusals::new();
            bad.when(row.day > ctx.today(), || Refusal::new(RefusalCode::OutOfRange, "day-future").at("login"));
            match people.get(&row.employee_no) {
                None => bad.push(Refusal::new(RefusalCode::NotFound, "person-unknown").at("employee_no")),
                Some(employed) => bad.when(!employed.contains(row.day), || {
                    Refusal::new(RefusalCode::State, "person-not-employed").at("login")
                }),
            }
            let mut seat = None;
            if let Some(code) = &row.seat {
                seat = held
                    .get(code)
                    .into_iter()
                    .flatten()
                    .find(|(_, held)| held.contains(row.day))
                    .map(|(seat, _)| *seat);
                bad.when(seat.is_none(), || Refusal::new(RefusalCode::State, "seat-not-held").at("seat"));
            }
            if keep_aside(&mut issues, row.line, bad) {
                continue;
            }
            let said = numbers.entry((row.employee_no.as_str(), row.day)).or_default();
            if !said.contains(&seat) {
                said.push(seat);
                // Numbered by the seat, so that the same file says the same again however its rows are sorted.
                placed.push((row, seat, 0));
            }
        }
    }
    for (row, seat, n) in &mut placed {
        let said = numbers.get_mut(&(row.employee_no.as_str(), row.day));
        let said = said.map_or(&mut [][..], |said| {
            said.sort_unstable();
            said.as_mut_slice()
        });
        *n = said.iter().position(|s| s == seat).and_then(|n| i64::try_from(n).ok()).unwrap_or(0);
    }
    issues.sort_by_key(|i| i.line);
    let mut report = ImportReport::new(table, issues);
    let write = report.decide(mode, dry_run);
    if !report.accepts(mode) {
        return Ok(report);
    }
    report.added = placed.len();
    if write {
        let mut added = 0;
        for chunk in placed.chunks(CHUNK) {
            let entries: Vec<_> = chunk.iter().map(|(row, seat, n)| PresenceEntry::of(row, *seat, *n)).collect();
            added += store.presence_add(Source::Logins(file), &entries, ctx.now()).await?;
        }
        report.added = usize::try_from(added).map_err(Error::internal)?;
        ctx.heard().set("logins", Seen::json(report.added));
    }
    Ok(report)
}

/// Takes back what a file of logins said; tells how much that was.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `presence-unknown` when nothing stands that it said.
pub async fn presence_withdraw(store: &dyn Store, ctx: &Ctx, file: FileId) -> Result<u64> {
    ctx.require(Action::Commit, Resource::Operations)?;
    ctx.tenant()?;
    let gone = store.presence_withdraw(Source::Logins(file), ctx.now()).await?;
    if gone == 0 {
        return Err(Refusal::new(RefusalCode::NotFound, "presence-unknown").at("fileId").into());
    }
    ctx.heard().changed("logins", Seen::json(gone), Seen::json(0));
    Ok(gone)
}
