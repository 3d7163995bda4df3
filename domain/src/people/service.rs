//! Use cases of people.

use std::collections::{BTreeSet, HashMap};

use super::entity::{MAX_TEAMS, Person, PersonFilter, PersonSort, Team};
use super::import::{PersonRow, merge, read_rows};
use super::store::Store;
use crate::audit::{Happening, Seen};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{PersonId, TeamId};
use crate::page::{Page, PageRequest, Sort};
use crate::permission::{Action, Resource};
use crate::tables::{ImportMode, ImportReport, RowIssue, Table};

/// Rows that are looked up and stored together.
const CHUNK: usize = 500;

/// Every team of the caller's tenant, by code.
///
/// # Errors
/// [`Error::NotFound`] without permission or for anyone but staff of a tenant.
pub async fn teams(store: &dyn Store, ctx: &Ctx) -> Result<Vec<Team>> {
    ctx.require(Action::Read, Resource::People)?;
    ctx.tenant()?;
    store.teams().await
}

/// People of the caller's tenant, by employee number.
///
/// # Errors
/// As [`teams`].
pub async fn people(
    store: &dyn Store,
    ctx: &Ctx,
    filter: &PersonFilter,
    sort: Sort<PersonSort>,
    page: &PageRequest,
) -> Result<Page<Person>> {
    ctx.require(Action::Read, Resource::People)?;
    ctx.tenant()?;
    ctx.heard().tell(Happening::Read("people"));
    store.people(filter, sort, page).await
}

/// How many.
///
/// # Errors
/// As [`teams`].
pub async fn people_count(store: &dyn Store, ctx: &Ctx, filter: &PersonFilter) -> Result<i64> {
    ctx.require(Action::Read, Resource::People)?;
    ctx.tenant()?;
    store.people_count(filter).await
}

/// Takes a list of people over: all of it or its good rows, or tells what would become of it. Teams that the good rows
/// name and nobody knows are made. A constant number of statements for every 500 rows.
///
/// # Errors
/// Those of [`read_rows`] about the header; `teams-too-many`; `changed-meanwhile` when somebody else added the same
/// people or teams at the same time. Faults of rows are in the report.
pub async fn people_import(
    store: &dyn Store,
    ctx: &Ctx,
    table: &Table,
    mode: ImportMode,
    dry_run: bool,
) -> Result<ImportReport> {
    ctx.require(Action::Write, Resource::People)?;
    ctx.tenant()?;
    let (rows, mut issues) = read_rows(table)?;
    let (all_teams, new_teams) = teams_of(store, ctx, &rows).await?;
    let team = |code: &str| all_teams.get(code).copied();

    let mut changes = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let numbers: Vec<_> = chunk.iter().map(|r| r.employee_no.as_str()).collect();
        let known = store.people_by_employee_no(&numbers).await?;
        let ids: Vec<_> = known.iter().map(|p| p.id).collect();
        let known: HashMap<_, _> = known.into_iter().map(|p| (p.employee_no.clone(), p)).collect();
        let in_use: HashMap<_, _> = store.people_in_use(&ids).await?.into_iter().collect();
        for row in chunk {
            let before = known.get(&row.employee_no);
            let used = before.and_then(|p| in_use.get(&p.id)).copied();
            match merge(row, before, used, ctx.id(), team) {
                Ok(person) => changes.push((before.cloned(), person)),
                Err(Error::Refused(list)) => {
                    issues.extend(list.into_iter().map(|refusal| RowIssue { line: row.line, refusal }));
                }
                Err(other) => return Err(other),
            }
        }
    }
    issues.sort_by_key(|i| i.line);

    let mut report = ImportReport::new(table, issues);
    let write = report.decide(mode, dry_run);
    if !report.accepts(mode) {
        return Ok(report);
    }
    let changes: Vec<_> = changes.into_iter().filter(|(before, after)| before.as_ref() != Some(after)).collect();
    report.added = changes.iter().filter(|(before, _)| before.is_none()).count();
    report.updated = changes.len() - report.added;
    if write {
        for (before, after) in &changes {
            tell(ctx, before.as_ref(), after);
        }
        save(store, ctx, &new_teams, changes.into_iter().map(|(_, person)| person).collect()).await?;
    }
    Ok(report)
}

/// Tells what was known of a person before and is now.
fn tell(ctx: &Ctx, before: Option<&Person>, after: &Person) {
    let fields = |person: &Person| {
        [
            ("employeeNo", Seen::personal(person.employee_no.clone())),
            ("name", Seen::personal(person.name.reveal().to_owned())),
            ("position", Seen::of(&person.position)),
            ("team", Seen::maybe(person.team)),
            ("joinedOn", Seen::of(person.joined_on)),
            ("leftOn", Seen::maybe(person.left_on)),
        ]
    };
    let mut was = before.map(fields).into_iter().flatten();
    for (field, to) in fields(after) {
        let from = was.next().map_or(Seen::Nothing, |(_, from)| from);
        ctx.heard().changed(format!("{} {field}", after.id), from, to);
    }
}

/// The ids of all teams by code, those to be made included, and the latter.
async fn teams_of(store: &dyn Store, ctx: &Ctx, rows: &[PersonRow]) -> Result<(HashMap<String, TeamId>, Vec<Team>)> {
    let mut all: HashMap<_, _> = store.teams().await?.into_iter().map(|t| (t.code, t.id)).collect();
    let named: BTreeSet<_> = rows.iter().filter_map(|r| r.team.as_ref()?.as_deref()).collect();
    let mut new = Vec::new();
    for code in named {
        if !all.contains_key(code) {
            let team = Team { id: ctx.id(), code: code.to_owned(), name: code.to_owned() };
            all.insert(team.code.clone(), team.id);
            new.push(team);
        }
    }
    if all.len() > MAX_TEAMS {
        return Err(Refusal::new(RefusalCode::TooLarge, "teams-too-many").at("team").with("max", MAX_TEAMS).into());
    }
    Ok((all, new))
}

async fn save(store: &dyn Store, ctx: &Ctx, new_teams: &[Team], people: Vec<Person>) -> Result<()> {
    let meanwhile = || Error::from(Refusal::new(RefusalCode::Conflict, "changed-meanwhile"));
    let used: BTreeSet<_> = people.iter().filter_map(|p| p.team).collect();
    let new_teams: Vec<_> = new_teams.iter().filter(|t| used.contains(&t.id)).cloned().collect();
    if !new_teams.is_empty() && !store.teams_add(&new_teams).await? {
        return Err(meanwhile());
    }
    for chunk in people.chunks(CHUNK) {
        if !store.people_save(chunk, ctx.now()).await? {
            return Err(meanwhile());
        }
        let leaving: Vec<PersonId> = chunk.iter().filter(|p| p.left_on.is_some()).map(|p| p.id).collect();
        if !leaving.is_empty() {
            store.people_seats_end(&leaving, ctx.now()).await?;
        }
    }
    Ok(())
}
