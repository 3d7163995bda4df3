//! Seats given to teams and campaigns: the list, in bulk ended or taken back; the campaigns.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::centre_use::Coded;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, UserError};

pub(crate) const DOCUMENT: &str = document!("centre-assignments");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 3] = ["seat", "from", "to"];
/// What the list is filtered by.
const FILTERS: [&str; 5] = ["team", "campaign", "mode", "on", "gone"];
/// How seats are given.
pub(crate) const MODES: [&str; 2] = ["DEDICATED", "SHARED"];

#[derive(Deserialize)]
struct Data {
    tenant: Option<Own>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    teams: Vec<Coded>,
    campaigns: Vec<Campaign>,
    seat_assignments: Connection<Assignment>,
}

#[derive(Deserialize)]
struct Campaign {
    id: String,
    code: String,
    name: String,
    client: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    id: String,
    seat: Option<Seat>,
    team: Option<Coded>,
    campaign: Option<Coded>,
    mode: String,
    used_from: NaiveDate,
    used_to: Option<NaiveDate>,
    shift_from_min: i64,
    shift_to_min: i64,
    reversed_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Seat {
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
}

impl Assignment {
    fn code(&self) -> &str {
        self.seat.as_ref().map_or("", |seat| seat.code.as_str())
    }
    fn place(&self) -> String {
        self.seat.as_ref().map_or_else(String::new, |seat| format!("{} {}", seat.zone.floor.name, seat.zone.name))
    }
}

#[derive(Template)]
#[template(path = "centre-assignments/page.html")]
struct Page {
    f: Frame,
    form: Form,
    teams: Vec<Choice>,
    campaigns: Vec<Choice>,
    modes: Vec<Choice>,
    known: Vec<Campaign>,
    list: Connection<Assignment>,
    pager: Pager,
    sorting: Sorting,
    filtered: bool,
    may: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/assignments", get(show).post(act))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Own, Stop> {
    let mode = MODES.into_iter().find(|mode| mode.eq_ignore_ascii_case(visit.q("mode")));
    let filter = json!({ "teamId": visit.var("team"), "campaignId": visit.var("campaign"), "mode": mode, "on": visit.day("on"),
        "reversed": !visit.q("gone").is_empty() });
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter });
    visit.load::<Data>(DOCUMENT, "Assignments", vars).await?.tenant.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, own) = (visit.w, load(visit, STEP, after).await?);
    Ok(own.seat_assignments.part(|row| {
        vec![
            row.code().into(),
            row.place().into(),
            Cell::of(row.team.as_ref().map(Coded::label)),
            Cell::of(row.campaign.as_ref().map(Coded::label)),
            w.of("assign-mode", &row.mode).into(),
            format!("{} – {}", w.minutes(row.shift_from_min), w.minutes(row.shift_to_min)).into(),
            row.used_from.into(),
            Cell::of(row.used_to),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("seat"), w.s("zone"), w.s("team"), w.s("campaign"), w.s("assign-mode"), w.s("request-shift"), w.s("assign-from"), w.s("assign-to")].map(String::from).to_vec();
        let name = w.s("assignments-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let w = visit.w;
    let own = load(visit, SIZE, visit.after()).await?;
    let mut f = visit
        .frame(w.s("assignments-title"))
        .crumb(w.s("place-centre-seats"), "/centre/seats")
        .action(w.s("use-title"), "/centre/use");
    let may = f.may("commit", "staffing");
    if may {
        f = f.primary(w.s("assign-title"), "/centre/assignments/new");
    }
    let form = FILTERS.into_iter().fold(form, |form, name| {
        let value = match name {
            "mode" => visit.q(name).to_uppercase(),
            "gone" if !visit.q(name).is_empty() => "yes".to_owned(),
            _ => visit.q(name).to_owned(),
        };
        form.default_value(name, value)
    });
    let page = Page {
        teams: own.teams.iter().map(|team| Choice::new(&team.id, team.label())).collect(),
        campaigns: own.campaigns.iter().map(|of| Choice::new(&of.id, format!("{} {}", of.code, of.name))).collect(),
        modes: MODES.map(|mode| Choice::new(mode, w.of("assign-mode", mode))).to_vec(),
        filtered: FILTERS.iter().any(|name| !visit.q(name).is_empty()),
        form: form.fresh_key(visit),
        sorting: visit.sorting(&ORDERS, "seat"),
        pager: visit.pager(&own.seat_assignments, SIZE).with_files(visit),
        known: own.campaigns,
        list: own.seat_assignments,
        may,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What is wrong with which of the chosen: said above the list.
fn above(errors: Vec<UserError>) -> Vec<UserError> {
    let no_field = |e: UserError| {
        let of_list = e.path.starts_with("assignmentIds");
        UserError { path: if of_list { String::new() } else { e.path.replace("input.on", "endOn") }, ..e }
    };
    errors.into_iter().map(no_field).collect()
}

async fn act(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let (key, ids) = (json!(form.value("key")), json!(form.values("ids")));
    let (document, said) = (DOCUMENT, w.s("saved"));
    let act = form.value("act").to_owned();
    let input = match act.as_str() {
        "campaign" => json!({ "code": form.required("code", w), "name": form.required("name", w), "client": form.optional("client"), "idempotencyKey": key }),
        "end" => json!({ "assignmentIds": ids, "on": form.date("endOn", w), "idempotencyKey": key }),
        "back" => json!({ "assignmentIds": ids, "idempotencyKey": key }),
        _ => return Err(Stop::NotFound),
    };
    if act != "campaign" && form.values("ids").is_empty() {
        form.refuse("", w.s("assign-choose"));
    }
    if form.is_refused() {
        return page(&visit, form).await;
    }
    let operation = match act.as_str() {
        "campaign" => "CampaignCreate",
        "end" => "AssignmentsEnd",
        _ => "AssignmentsReverse",
    };
    match visit.act::<Value>(document, operation, input).await? {
        Err(errors) => page(&visit, form.refused(above(errors))).await,
        Ok(_) => visit.done("/centre/assignments", said),
    }
}
