//! The people of a call centre: a list with filters; a link is a saved view.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("centre-people");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 4] = ["employee_no", "position", "joined_on", "left_on"];

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    teams: Vec<Team>,
    people: Connection<Person>,
}

#[derive(Deserialize)]
struct Team {
    id: String,
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct TeamName {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    employee_no: String,
    name: String,
    position: String,
    joined_on: NaiveDate,
    left_on: Option<NaiveDate>,
    team: Option<TeamName>,
    occupancy: Option<Occupancy>,
}

#[derive(Deserialize)]
struct Occupancy {
    seat: Seat,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
}

#[derive(Template)]
#[template(path = "centre-people/page.html")]
struct Page {
    f: Frame,
    tenant: Tenant,
    pager: Pager,
    sorting: Sorting,
    chosen_team: String,
    who: String,
    no: String,
    filtered: bool,
    seats: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/people", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<(Tenant, bool), Stop> {
    if visit.viewer().is_none() {
        visit.load::<Value>(DOCUMENT, "CentrePeopleDay", json!({})).await?;
    }
    let viewer = visit.viewer().found()?;
    let today = viewer.park.as_ref().found()?.today;
    let seats = viewer.may("read", "staffing") && viewer.may("read", "estate");
    let on = (visit.q("who") != "all").then_some(today);
    let filter = json!({ "teamId": visit.var("team"), "on": on, "employeeNoPrefix": visit.var("no") });
    let variables =
        json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter, "on": today, "seats": seats });
    let data: Data = visit.load(DOCUMENT, "CentrePeople", variables).await?;
    Ok((data.tenant.found()?, seats))
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    Ok(load(visit, STEP, after).await?.0.people.part(|person| {
        vec![
            person.employee_no.into(),
            person.name.into(),
            person.position.into(),
            Cell::of(person.team.map(|team| team.name)),
            person.joined_on.into(),
            Cell::of(person.left_on),
            Cell::of(person.occupancy.map(|sits| sits.seat.code)),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("employee-no"), w.s("person-name"), w.s("position"), w.s("team"), w.s("joined-on"), w.s("left-on"), w.s("seat")].map(String::from).to_vec();
        let name = w.s("place-centre-people").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let (tenant, seats) = load(&visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("place-centre-people"));
    if f.may("write", "people") {
        f = f.primary(w.s("people-import"), "/centre/people/import");
    }
    let page = Page {
        sorting: visit.sorting(&ORDERS, "employee_no"),
        pager: visit.pager(&tenant.people, SIZE).with_files(&visit),
        chosen_team: visit.q("team").to_owned(),
        who: visit.q("who").to_owned(),
        no: visit.q("no").to_owned(),
        filtered: ["team", "who", "no"].iter().any(|name| !visit.q(name).is_empty()),
        f,
        tenant,
        seats,
    };
    visit.page(&page)
}
