//! The time line of one seat: every row as it was recorded.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use super::seat_days::{Asked, home, of_park, today};
use crate::Console;
use crate::frame::{Frame, Named};
use crate::html::link;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("seat-ledger");

#[derive(Deserialize)]
struct Data {
    node: Option<Seat>,
    park: Option<Park>,
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
    building: Place,
}

#[derive(Deserialize)]
struct Place {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_ledger: Vec<Said>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    kind: String,
    holds: bool,
    period: Span,
    recorded_at: DateTime<Utc>,
    tenant: Option<Named>,
    person: Option<Person>,
}

#[derive(Deserialize)]
struct Span {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    employee_no: String,
    name: String,
}

struct Row {
    recorded: String,
    holds: bool,
    says: String,
    period: String,
    tenant: String,
    person: String,
}

#[derive(Template)]
#[template(path = "seat-ledger/page.html")]
struct Page {
    f: Frame,
    park: bool,
    place: String,
    span: String,
    rows: Vec<Row>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/seat-days/{seat}", get(show)).route("/centre/seat-days/{seat}", get(show))
}

async fn show(visit: Visit, Path(seat): Path<String>) -> Answer {
    let w = visit.w;
    let asked = Asked::of(&visit, today(&visit).await?);
    let vars = json!({ "seat": seat, "from": asked.from, "to": asked.to, "known": visit.day("known"), "rule": visit.var("rule") });
    let data: Data = visit.load(DOCUMENT, "SeatLedger", vars).await?;
    let seat = data.node.found()?;
    let kept: Vec<(&str, &str)> = ["month", "months", "known", "rule"].map(|name| (name, visit.q(name))).to_vec();
    let f = visit
        .frame(w.s("seat-ledger-of").arg("seat", &seat.code))
        .crumb(w.s("seat-days-title"), link(home(&visit), &kept))
        .crumb(w.s("seat-days-seats"), link(&format!("{}/seats", home(&visit)), &kept));
    let zone = f.zone().to_owned();
    let row = |said: Said| {
        let kind = w.of("seat-ledger-kind", &said.kind).to_string();
        Row {
            recorded: w.moment(said.recorded_at, &zone),
            says: if said.holds { kind } else { w.s("seat-ledger-taken-back").arg("what", kind).into() },
            holds: said.holds,
            period: w.s("period").arg("from", w.date(said.period.from)).arg("to", w.date_or_open(&said.period.to)).into(),
            tenant: said.tenant.map_or_else(String::new, |t| w.name(&t.name, &t.name_en).to_owned()),
            person: said.person.map_or_else(String::new, |p| format!("{} {}", p.employee_no, p.name)),
        }
    };
    let Zone { name, floor } = &seat.zone;
    let floor = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name);
    let page = Page {
        park: of_park(&visit),
        place: format!("{floor} · {name}"),
        span: asked.span(w),
        rows: data.park.found()?.seat_ledger.into_iter().map(row).collect(),
        f,
    };
    visit.page(&page)
}
