//! Seats that are out of service, or will be.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("park-outages");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_outages: Connection<Outage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outage {
    id: String,
    out_from: NaiveDate,
    out_to: Option<NaiveDate>,
    reason: Option<String>,
    seat: Seat,
}

#[derive(Deserialize)]
struct Seat {
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    floor: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Template)]
#[template(path = "park-outages/page.html")]
struct Page {
    f: Frame,
    form: Form,
    outages: Connection<Outage>,
    pager: Pager,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/outages", get(show)).route("/park/outages/{id}/end", post(end))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Outage>, Stop> {
    let vars = json!({ "first": size, "after": after });
    Ok(visit.load::<Data>(DOCUMENT, "ParkOutages", vars).await?.park.found()?.seat_outages)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    Ok(load(visit, STEP, after).await?.part(|outage| {
        vec![
            outage.seat.code.into(),
            outage.seat.zone.floor.name.into(),
            outage.seat.zone.name.into(),
            outage.out_from.into(),
            Cell::of(outage.out_to),
            Cell::of(outage.reason),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("seat"), w.s("floor"), w.s("zone"), w.s("from"), w.s("to-not-included"), w.s("outage-reason")].map(String::from).to_vec();
        let name = w.s("outages-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let outages = load(visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("outages-title")).crumb(w.s("seats-title"), "/park/seats");
    if f.may("write", "estate") {
        f = f.primary(w.s("outage-new-title"), "/park/outages/new");
    }
    let today = visit.today()?;
    let form = form.default_value("on", today.to_string()).fresh_key(visit);
    let page = Page { pager: visit.pager(&outages, SIZE).with_files(visit), form, outages, today, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn end(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let on = form.date("on", visit.w);
    let input = json!({ "outageIds": [id], "on": on, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatsInService", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/outages", visit.w.s("outage-ended")),
    }
}
