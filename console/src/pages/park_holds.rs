//! The list of holds: seats kept for somebody while an offer is open.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("park-holds");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 3] = ["kept_for", "expires_at", "created_at"];
/// What can become of a hold.
const STATES: [&str; 4] = ["LIVE", "EXPIRED", "ALLOCATED", "RELEASED"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_holds: Connection<Hold>,
}

/// A hold in a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    pub(crate) id: String,
    pub(crate) kept_for: String,
    pub(crate) tenant: Option<Ref>,
    pub(crate) note: String,
    pub(crate) held_from: NaiveDate,
    pub(crate) held_to: Option<NaiveDate>,
    pub(crate) shift_from_min: i64,
    pub(crate) shift_to_min: i64,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) state: String,
    pub(crate) seat_count: i64,
    pub(crate) open_count: i64,
    pub(crate) allocated_count: i64,
}

/// The look of a hold's state.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "LIVE" => "warn",
        "ALLOCATED" => "ok",
        _ => "idle",
    }
}

#[derive(Template)]
#[template(path = "park-holds/page.html")]
struct Page {
    f: Frame,
    form: Form,
    states: Vec<Choice>,
    holds: Connection<Hold>,
    pager: Pager,
    sorting: Sorting,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/holds", get(show))
}

/// The state asked for: those in force unless the address says otherwise.
fn state(visit: &Visit) -> Option<&'static str> {
    match visit.q("state") {
        "" => Some("LIVE"),
        asked => STATES.into_iter().find(|state| *state == asked),
    }
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Hold>, Stop> {
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "state": state(visit) });
    Ok(visit.load::<Data>(DOCUMENT, "ParkHolds", vars).await?.park.found()?.seat_holds)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, holds) = (visit.w, load(visit, STEP, after).await?);
    let zone = visit.frame("").zone().to_owned();
    Ok(holds.part(|hold| {
        let tenant = hold.tenant.as_ref();
        vec![
            hold.kept_for.into(),
            Cell::of(tenant.map(|tenant| w.name(&tenant.name, &tenant.name_en))),
            hold.seat_count.into(),
            hold.open_count.into(),
            hold.held_from.into(),
            Cell::of(hold.held_to),
            w.moment(hold.expires_at, &zone).into(),
            w.of("hold-state", &hold.state).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("hold-for"), w.s("tenant"), w.s("seats-column"), w.s("hold-open"), w.s("from"), w.s("to-not-included"), w.s("hold-until"), w.s("state")].map(String::from).to_vec();
        let name = w.s("holds-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let holds = load(&visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(w.s("holds-title")).crumb(w.s("seats-title"), "/park/seats");
    if f.may("commit", "leasing") {
        f = f.primary(w.s("hold-new-title"), "/park/holds/new");
    }
    let chosen = state(&visit).unwrap_or_default();
    visit.page(&Page {
        states: STATES.map(|state| Choice::new(state, w.of("hold-state", state))).to_vec(),
        form: Form::new().default_value("state", if visit.q("state") == "all" { "all" } else { chosen }),
        sorting: visit.sorting(&ORDERS, "expires_at"),
        pager: visit.pager(&holds, SIZE).with_files(&visit),
        holds,
        f,
    })
}
