//! Seats of a floor set down: dragged or walked on the map, or written as numbers; saved together.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::park_map::Picture;
use crate::Console;
use crate::charts::{SeatMap, SeatShape, Spot, Under};
use crate::form::Form;
use crate::frame::Frame;
use crate::html::Html;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("seat-place");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    floor: Option<Floor>,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
    building: Named,
    map: Map,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    width_mm: i64,
    height_mm: i64,
    plan: Option<Picture>,
    seats: Vec<Seat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    #[serde(rename = "seatId")]
    id: String,
    code: String,
    zone_code: String,
    zone_name: String,
    x_mm: i64,
    y_mm: i64,
    state: String,
}

/// A seat as numbers.
struct Row {
    id: String,
    code: String,
    zone: String,
    x: String,
    y: String,
    /// Where the seat was when it was first shown.
    was: String,
    wrong: bool,
}

#[derive(Deserialize)]
struct Done {
    count: Option<i64>,
}

#[derive(Template)]
#[template(path = "seat-place/page.html")]
struct Page {
    f: Frame,
    form: Form,
    floor: String,
    map: Html,
    rows: Vec<Row>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/floors/{id}/place", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

/// Sends what is otherwise than it was shown: what somebody else moved meanwhile stays where it is.
async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let (mut spots, mut sent, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for (seat, x) in form.named("x-") {
        let (y, was) = (form.value(&format!("y-{seat}")), form.value(&format!("was-{seat}")));
        if format!("{x},{y}") == was {
            continue;
        }
        match (x.parse::<i64>(), y.parse::<i64>()) {
            (Ok(x), Ok(y)) => {
                spots.push(json!({ "seatId": seat, "xMm": x, "yMm": y }));
                sent.push(seat.to_owned());
            }
            _ => wrong.push(seat.to_owned()),
        }
    }
    for seat in wrong {
        form.refuse(&format!("x-{seat}"), w.s("form-whole-number"));
    }
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    let input = json!({ "floorId": id, "spots": spots, "idempotencyKey": form.value("key") });
    match visit.act::<Done>(DOCUMENT, "SeatsPlace", input).await? {
        Ok(done) => visit.done(&format!("/park/floors/{id}"), w.s("place-done").arg("n", done.count.unwrap_or_default())),
        Err(mut errors) => {
            for error in &mut errors {
                let at = error.path.split('.').find_map(|part| part.parse::<usize>().ok());
                if let Some(seat) = at.and_then(|at| sent.get(at)) {
                    error.path = format!("x-{seat}");
                }
            }
            page(&visit, &id, form.refused(errors)).await
        }
    }
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "SeatPlaceForm", json!({ "id": id })).await?;
    let floor = data.park.found()?.floor.found()?;
    let w = visit.w;
    let title = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name).to_string();
    let f = visit.frame(w.s("place-title")).crumb(w.s("place-park-map"), "/park/map");
    let f = f.crumb(title, format!("/park/floors/{id}"));
    let f = f.action(w.s("place-by-drawing"), format!("/park/floors/{id}/drawing"));
    let form = form.fresh_key(visit);
    let page = Page { map: draw(visit, &floor), rows: rows(&floor, &form), floor: floor.id, form, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Seats that are there or will be: what is gone stays where it was.
fn movable(floor: &Floor) -> impl Iterator<Item = &Seat> {
    floor.map.seats.iter().filter(|seat| seat.state != "REMOVED")
}

fn rows(floor: &Floor, form: &Form) -> Vec<Row> {
    let row = |seat: &Seat| {
        let sent = |name: &str, now: i64| match form.value(&format!("{name}-{}", seat.id)) {
            "" => now.to_string(),
            sent => sent.to_owned(),
        };
        let was = match form.value(&format!("was-{}", seat.id)) {
            "" => format!("{},{}", seat.x_mm, seat.y_mm),
            was => was.to_owned(),
        };
        Row {
            x: sent("x", seat.x_mm),
            y: sent("y", seat.y_mm),
            was,
            wrong: !form.errors_of(&format!("x-{}", seat.id)).is_empty(),
            id: seat.id.clone(),
            code: seat.code.clone(),
            zone: seat.zone_name.clone(),
        }
    };
    let mut rows: Vec<Row> = movable(floor).map(row).collect();
    rows.sort_by(|a, b| crate::picking::natural(&a.code, &b.code));
    rows
}

fn draw(visit: &Visit, floor: &Floor) -> Html {
    let w = visit.w;
    let spot = |seat: &Seat| Spot {
        x_mm: seat.x_mm,
        y_mm: seat.y_mm,
        shape: SeatShape::Free,
        dim: false,
        chosen: false,
        title: seat.code.clone(),
        // Without script a seat leads to its numbers.
        href: format!("#x-{}", seat.id),
        zone: seat.zone_code.clone(),
    };
    let zones: BTreeMap<&str, &str> = movable(floor).map(|s| (s.zone_code.as_str(), s.zone_name.as_str())).collect();
    SeatMap {
        title: w.s("place-map").into(),
        width_mm: floor.map.width_mm,
        height_mm: floor.map.height_mm,
        spots: movable(floor).map(spot).collect(),
        zones: zones.into_iter().map(|(code, name)| (code.to_owned(), name.to_owned())).collect(),
        legend: Vec::new(),
        under: floor.map.plan.as_ref().map(Under::from),
    }
    .draw(w)
}
