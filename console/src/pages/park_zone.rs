//! One zone: its seats, what it was called, and the ways to change it: rename, split off, merge into another.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::photos::Photo;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Coded, Connection, Made, node};

pub(crate) const DOCUMENT: &str = document!("park-zone");
/// The most seats of a zone that a page shows.
const MOST: usize = 2000;
const STEP: usize = 100;

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Zone>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zone {
    id: String,
    code: String,
    name: String,
    ended_on: Option<NaiveDate>,
    area_m2: Option<String>,
    names: Vec<Called>,
    #[serde(default)]
    photos: Vec<Photo>,
    seats: Counted,
    floor: Floor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    code: String,
    name: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
    building: Named,
    zones: Vec<Label>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_count: i64,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Label {
    id: String,
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct Seats {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    seats: Connection<Coded>,
}

#[derive(Deserialize)]
struct Done {
    zone: Option<Made>,
}

#[derive(Template)]
#[template(path = "park-zone/page.html")]
struct Page {
    f: Frame,
    form: Form,
    zone: Zone,
    seats: Vec<Coded>,
    total: i64,
    /// Zones of the same floor that this one can be merged into.
    others: Vec<Choice>,
    writes: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/zones/{id}", get(show))
        .route("/park/zones/{id}/rename", post(rename))
        .route("/park/zones/{id}/area", post(area))
        .route("/park/zones/{id}/split", post(split))
        .route("/park/zones/{id}/merge", post(merge))
}

/// Every seat of a zone, by code. The document has the operation `ZoneSeats`.
pub(crate) async fn seats_of(visit: &Visit, document: &'static str, zone: &str) -> Result<Vec<Coded>, Stop> {
    let (mut seats, mut after) = (Vec::new(), None);
    while seats.len() < MOST {
        let vars = json!({ "zone": zone, "first": STEP, "after": after });
        let list = visit.load::<Seats>(document, "ZoneSeats", vars).await?.park.found()?.seats;
        seats.extend(list.nodes);
        after = list.page_info.end_cursor;
        if !list.page_info.has_next_page || after.is_none() {
            break;
        }
    }
    seats.sort_by(|a, b| crate::picking::natural(&a.code, &b.code));
    Ok(seats)
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let zone = visit.load::<Data>(DOCUMENT, "ParkZone", json!({ "id": id })).await?.node.found()?;
    let seats = seats_of(visit, DOCUMENT, id).await?;
    let w = visit.w;
    let floor = w.s("map-title").arg("building", &zone.floor.building.name).arg("floor", &zone.floor.name).to_string();
    let mut f = visit.frame(&zone.name).crumb(w.s("place-park-map"), "/park/map");
    f = f.crumb(floor, format!("/park/floors/{}", zone.floor.id));
    let writes = f.may("write", "estate") && zone.ended_on.is_none();
    if writes && !seats.is_empty() {
        f = f.primary(w.s("renumber-title"), format!("/park/zones/{id}/renumber"));
    }
    let today = visit.today()?.to_string();
    let area = zone.area_m2.clone().unwrap_or_default();
    let mut form = form.default_value("areaM2", area).default_value("code", &zone.code).default_value("name", &zone.name);
    for name in ["from", "splitFrom", "mergeFrom"] {
        form = form.default_value(name, &today);
    }
    let others = zone.floor.zones.iter().filter(|other| other.id != zone.id);
    let page = Page {
        others: others.map(|z| Choice::new(&z.id, format!("{} · {}", z.code, z.name))).collect(),
        form: form.fresh_key(visit),
        total: zone.seats.total_count,
        seats,
        writes,
        zone,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn rename(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "zoneId": id, "code": form.required("code", w), "name": form.required("name", w),
        "from": form.date("from", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "ZoneRename", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/zones/{id}"), w.s("zone-renamed")),
    }
}

async fn area(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "zoneId": id, "areaM2": form.optional("areaM2"), "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "ZoneAreaSet", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/zones/{id}"), visit.w.s("zone-area-done")),
    }
}

/// The fields of the forms beside one another have names of their own.
fn renamed(mut errors: Vec<crate::wire::UserError>, names: &[(&str, &str)]) -> Vec<crate::wire::UserError> {
    for error in &mut errors {
        let field = error.path.trim_start_matches("input.").to_owned();
        if let Some((_, name)) = names.iter().find(|(path, _)| *path == field) {
            (*name).clone_into(&mut error.path);
        }
    }
    errors
}

async fn split(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let chosen: Vec<String> = form.values("seatIds").into_iter().map(str::to_owned).collect();
    if chosen.is_empty() {
        form.refuse("seatIds", w.s("allocate-none"));
    }
    let input = json!({ "zoneId": id, "seatIds": chosen, "code": form.required("newCode", w), "name": form.required("newName", w),
        "from": form.date("splitFrom", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Done>(DOCUMENT, "ZoneSplit", input).await? {
        Err(errors) => {
            let errors = renamed(errors, &[("code", "newCode"), ("name", "newName"), ("from", "splitFrom")]);
            page(&visit, &id, form.refused(errors)).await
        }
        Ok(done) => visit.done(&format!("/park/zones/{}", done.zone.found()?.id), w.s("zone-split-done")),
    }
}

async fn merge(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let into = form.value("intoZoneId").to_owned();
    let input = json!({ "zoneIds": [id], "intoZoneId": form.required("intoZoneId", w), "from": form.date("mergeFrom", w),
        "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "ZonesMerge", input).await? {
        Err(errors) => page(&visit, &id, form.refused(renamed(errors, &[("from", "mergeFrom")]))).await,
        Ok(_) => visit.done(&format!("/park/zones/{into}"), w.s("zone-merged")),
    }
}
