//! The seats behind figures of seat-days.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;

use super::seat_days::{Asked, Views, home, of_park, today};
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::link;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::Connection;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("seat-days-seats");
const SIZE: i64 = 50;
/// The views that seats can be chosen by.
const VIEWS: [&str; 4] = ["LEASED", "OCCUPIED", "EFFECTIVE", "LOGGED_IN"];
/// What of the address belongs to the figures.
const KEPT: [&str; 6] = ["month", "months", "known", "rule", "zone", "tenant"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_days: Option<SeatDays>,
}

#[derive(Deserialize)]
struct SeatDays {
    seats: Connection<OfSeat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfSeat {
    seat: Option<Seat>,
    seat_days: Views,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
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

struct Row {
    code: String,
    href: String,
    floor: String,
    zone: String,
    views: Views,
}

#[derive(Template)]
#[template(path = "seat-days-seats/page.html")]
struct Page {
    f: Frame,
    form: Form,
    kept: Vec<(&'static str, String)>,
    views: Vec<Choice>,
    span: String,
    park: bool,
    rows: Vec<Row>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/seat-days/seats", get(show)).route("/centre/seat-days/seats", get(show))
}

/// The views by which this caller may choose: who came to work when is the tenant's.
fn views(visit: &Visit) -> impl Iterator<Item = &'static str> {
    let park = of_park(visit);
    VIEWS.into_iter().filter(move |view| !park || *view != "LOGGED_IN")
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<(Asked, Connection<OfSeat>), Stop> {
    let asked = Asked::of(visit, today(visit).await?);
    let view = |name: &str| views(visit).find(|view| *view == visit.q(name)).map_or(Value::Null, Value::from);
    let mut vars = asked.vars(visit);
    for (name, value) in [("first", size.into()), ("after", after), ("with", view("with")), ("without", view("without"))] {
        vars[name] = value;
    }
    let park = visit.load::<Data>(DOCUMENT, "SeatDaysSeats", vars).await?.park.found()?;
    Ok((asked, park.seat_days.found()?.seats))
}

async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (_, seats) = load(visit, STEP, after).await?;
    Ok(seats.part(|row| {
        let seat = row.seat;
        let text = |of: fn(&Seat) -> &str| Cell::of(seat.as_ref().map(|seat| of(seat).to_owned()));
        let Views { leased, occupied, effective, logged_in, .. } = row.seat_days;
        vec![
            text(|s| &s.code),
            text(|s| &s.zone.floor.name),
            text(|s| &s.zone.name),
            leased.into(),
            occupied.into(),
            effective.into(),
            Cell::of(logged_in),
        ]
    }))
}

fn heads(w: Words) -> Vec<String> {
    ["seat", "floor", "zone", "control-leased-days", "control-occupied-days", "seat-days-effective", "seat-days-logged-in"]
        .map(|key| w.s(key).to_string())
        .to_vec()
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let name = w.s("seat-days-seats").to_string();
        return take_away(visit, kind, name, heads(w), |visit, after| Box::pin(part(visit, after))).await;
    }
    let (asked, seats) = load(&visit, SIZE, visit.after()).await?;
    let kept: Vec<_> =
        KEPT.into_iter().map(|name| (name, visit.q(name).to_owned())).filter(|(_, value)| !value.is_empty()).collect();
    let query: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let pager = visit.pager(&seats, SIZE).with_files(&visit);
    let row = |of: OfSeat| {
        let seat = of.seat?;
        let href = link(&format!("{}/{}", home(&visit), seat.id), &query);
        Some(Row { code: seat.code, href, floor: seat.zone.floor.name, zone: seat.zone.name, views: of.seat_days })
    };
    let page = Page {
        f: visit.frame(w.s("seat-days-seats")).crumb(w.s("seat-days-title"), link(home(&visit), &query)),
        form: Form::new().default_value("with", visit.q("with")).default_value("without", visit.q("without")),
        views: views(&visit).map(|view| Choice::new(view, w.of("seat-view", view))).collect(),
        span: asked.span(w),
        park: of_park(&visit),
        rows: seats.nodes.into_iter().filter_map(row).collect(),
        pager,
        kept,
    };
    visit.page(&page)
}
