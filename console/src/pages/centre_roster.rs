//! The roster of a week as a grid: people down, days across, a shift in each cell. It is a plain form; only what was
//! changed is sent.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::report::{self, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, UserError};

pub(crate) const DOCUMENT: &str = document!("centre-roster");
/// People on a page: 25 times 7 choices are still light.
const SIZE: i64 = 25;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    teams: Vec<Team>,
    shifts: Vec<Shift>,
    people: Connection<Person>,
    roster: Vec<Entry>,
    #[serde(default)]
    last: Vec<Entry>,
}

#[derive(Deserialize)]
struct Team {
    id: String,
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shift {
    id: String,
    code: String,
    name: String,
    start_min: i64,
    end_min: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: String,
    employee_no: String,
    name: String,
}

#[derive(Deserialize)]
struct Entry {
    day: NaiveDate,
    person: Id,
    shift: Id,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

struct Day {
    weekday: &'static str,
    label: String,
    today: bool,
    on_duty: i64,
}

struct Row {
    name: String,
    employee_no: String,
    cells: Vec<Cell>,
}

struct Cell {
    name: String,
    label: String,
    shift: String,
    code: String,
}

#[derive(Template)]
#[template(path = "centre-roster/page.html")]
struct Page {
    f: Frame,
    form: Form,
    here: String,
    monday: NaiveDate,
    teams: Vec<Team>,
    chosen_team: String,
    shifts: Vec<Shift>,
    days: Vec<Day>,
    rows: Vec<Row>,
    pager: Pager,
    earlier: String,
    later: String,
    may_write: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/roster", get(show).post(save))
}

/// The week that is shown, and what is known of it.
struct Week {
    monday: NaiveDate,
    today: NaiveDate,
    tenant: Tenant,
}

impl Week {
    fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let monday = self.monday;
        (0..7).filter_map(move |n| monday.checked_add_days(Days::new(n)))
    }

    /// The shift of everybody on every day of the week.
    fn known(&self) -> HashMap<(&str, NaiveDate), &str> {
        self.tenant.roster.iter().map(|e| ((e.person.id.as_str(), e.day), e.shift.id.as_str())).collect()
    }
}

fn cell(person: &str, day: NaiveDate) -> String {
    format!("s-{person}-{day}")
}

/// The first day of the week that is asked for, and today.
async fn monday(visit: &Visit) -> Result<(NaiveDate, NaiveDate), Stop> {
    visit.load::<Value>(DOCUMENT, "CentreRosterDay", json!({})).await?;
    let today = visit.viewer().and_then(|v| v.park).found()?.today;
    let chosen = visit.parsed::<NaiveDate>("week").unwrap_or(today);
    Ok((chosen - chrono::TimeDelta::days(i64::from(chosen.weekday().num_days_from_monday())), today))
}

async fn week(visit: &Visit, copy: bool, size: i64, after: Value) -> Result<Week, Stop> {
    let (monday, today) = monday(visit).await?;
    let shift = |days: i64| monday + chrono::TimeDelta::days(days);
    let variables = json!({
        "from": monday, "to": shift(7), "before": shift(-7), "team": visit.var("team"), "first": size,
        "after": after, "copy": copy,
    });
    let data: Data = visit.load(DOCUMENT, "CentreRoster", variables).await?;
    Ok(Week { monday, today, tenant: data.tenant.found()? })
}

/// The same people as rows of a file: a shift's code under each day.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let Week { monday, today, mut tenant } = week(visit, false, STEP, after).await?;
    let people = std::mem::take(&mut tenant.people);
    let week = Week { monday, today, tenant };
    let known = week.known();
    let code = |id: &str| week.tenant.shifts.iter().find(|s| s.id == id).map_or("", |s| s.code.as_str());
    Ok(people.part(|person| {
        let on = |day| known.get(&(person.id.as_str(), day)).map_or("", |id| code(id)).into();
        let days: Vec<report::Cell> = week.days().map(on).collect();
        [person.employee_no.as_str().into(), person.name.as_str().into()].into_iter().chain(days).collect()
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let (w, (monday, _)) = (visit.w, monday(&visit).await?);
        let days = (0..7).filter_map(|n| monday.checked_add_days(Days::new(n))).map(|day| day.to_string());
        let head = [w.s("employee-no"), w.s("person-name")].map(String::from).into_iter().chain(days).collect();
        let name = w.s("place-centre-roster").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let week = week(&visit, false, SIZE, visit.after()).await?;
    page(&visit, week, Form::new())
}

fn page(visit: &Visit, week: Week, form: Form) -> Answer {
    let w = visit.w;
    let mut f = visit.frame(w.s("place-centre-roster")).action(w.s("shifts-title"), "/centre/shifts");
    f = f.action(w.s("staffing-title"), format!("/centre/staffing?day={}", week.monday.max(week.today)));
    let may_write = f.may("write", "staffing");
    let known = week.known();
    let code = |id: &str| week.tenant.shifts.iter().find(|s| s.id == id).map_or("", |s| s.code.as_str()).to_owned();
    let rows: Vec<Row> = week
        .tenant
        .people
        .nodes
        .iter()
        .map(|person| Row {
            name: person.name.clone(),
            employee_no: person.employee_no.clone(),
            cells: week
                .days()
                .map(|day| {
                    let name = cell(&person.id, day);
                    let stored = known.get(&(person.id.as_str(), day)).copied().unwrap_or_default();
                    let typed = form.is_refused() && form.value("do") != "copy";
                    let shift = if typed { form.value(&name) } else { stored };
                    let label = format!("{} {}", person.name, w.date(day));
                    Cell { name, label, code: code(shift), shift: shift.to_owned() }
                })
                .collect(),
        })
        .collect();
    let days = week.days().map(|day| Day {
        weekday: w.weekday(day),
        label: w.day_short(day),
        today: day == week.today,
        on_duty: crate::pages::count(week.tenant.roster.iter().filter(|e| e.day == day).count()),
    });
    let step = |days: i64| {
        visit.with(&[("week", &(week.monday + chrono::TimeDelta::days(days)).to_string()), ("after", ""), ("page", "")])
    };
    let page = Page {
        here: visit.with(&[]),
        earlier: step(-7),
        later: step(7),
        pager: visit.pager(&week.tenant.people, SIZE).with_files(visit),
        days: days.collect(),
        monday: week.monday,
        chosen_team: visit.q("team").to_owned(),
        form: form.without("key").default_value("key", visit.key()),
        rows,
        may_write,
        f,
        teams: week.tenant.teams,
        shifts: week.tenant.shifts,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, form: Form) -> Answer {
    let copy = form.value("do") == "copy";
    let week = week(&visit, copy, SIZE, visit.after()).await?;
    let w = visit.w;
    let known = week.known();
    let before: HashMap<(&str, NaiveDate), &str> =
        week.tenant.last.iter().map(|e| ((e.person.id.as_str(), e.day), e.shift.id.as_str())).collect();
    let (mut entries, mut cells): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
    for person in &week.tenant.people.nodes {
        for day in week.days() {
            let stored = known.get(&(person.id.as_str(), day)).copied().unwrap_or_default();
            let name = cell(&person.id, day);
            let wanted = if copy {
                // What stands in the week already is not overwritten by a copy.
                let last = day.checked_sub_days(Days::new(7)).and_then(|d| before.get(&(person.id.as_str(), d)));
                if stored.is_empty() { last.copied().unwrap_or_default() } else { stored }
            } else {
                form.value(&name)
            };
            if wanted != stored {
                let shift = (!wanted.is_empty()).then_some(wanted);
                entries.push(json!({ "personId": person.id, "day": day, "shiftId": shift }));
                cells.push(name);
            }
        }
    }
    if entries.is_empty() {
        return visit.done(&visit.with(&[]), w.s("roster-unchanged"));
    }
    let said = w.s("roster-saved").arg("n", entries.len());
    let input = json!({ "entries": entries, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "RosterSet", input).await? {
        Ok(_) => visit.done(&visit.with(&[]), said),
        Err(errors) => {
            let errors = errors.into_iter().map(|e| at_cell(e, &cells)).collect();
            page(&visit, week, form.refused(errors))
        }
    }
}

/// `input.entries.3.shiftId` names the third change sent; the page knows it as its cell.
fn at_cell(mut error: UserError, cells: &[String]) -> UserError {
    let rest = error.path.strip_prefix("input.").unwrap_or(&error.path).strip_prefix("entries.");
    let index = rest.and_then(|rest| rest.split('.').next()).and_then(|n| n.parse::<usize>().ok());
    if let Some(cell) = index.and_then(|i| cells.get(i)) {
        error.path.clone_from(cell);
    }
    error
}
