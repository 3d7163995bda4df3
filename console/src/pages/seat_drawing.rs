//! Seats placed by a drawing: checked first or at once; seats that move, and what does not fit.

use askama::Template;
use axum::Router;
use axum::extract::{Multipart, Path};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Found, Visit};
use crate::wire::UserError;

pub(crate) const DOCUMENT: &str = document!("seat-drawing");
/// What a drawing can count in.
pub(crate) const UNITS: [&str; 6] = ["MILLIMETRE", "CENTIMETRE", "DECIMETRE", "METRE", "INCH", "FOOT"];
/// What travels from the check to the act.
const CARRIED: &[&str] = &["key", "fileId", "fileName", "layer", "tag", "unit", "cornerX", "cornerY"];

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
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    moves: Vec<Move>,
    unchanged: Option<i64>,
    unknown: Vec<Word>,
    unknown_count: Option<i64>,
    missing: Vec<String>,
    missing_count: Option<i64>,
    applied: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Move {
    code: String,
    from_x_mm: i64,
    from_y_mm: i64,
    to_x_mm: i64,
    to_y_mm: i64,
}

#[derive(Deserialize)]
struct Word {
    text: String,
    line: i64,
}

#[derive(Template)]
#[template(path = "seat-drawing/page.html")]
struct Page {
    f: Frame,
    form: Form,
    floor: Floor,
    units: Vec<Choice>,
    report: Option<Report>,
    carried: &'static [&'static str],
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/floors/{id}/drawing", upload::unlimited(get(show).post(send)))
        .route("/park/floors/{id}/drawing/checked", post(after_check))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new().default_value("check", "yes"), None).await
}

async fn send(visit: Visit, Path(id): Path<String>, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    if let Some(file) = file {
        form = form.default_value("fileId", file.id).default_value("fileName", file.name);
    }
    let check = form.holds("check", "yes");
    run(&visit, &id, form, check).await
}

/// The drawing was only checked: now in earnest, with the file that is already there.
async fn after_check(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    run(&visit, &id, form, false).await
}

async fn run(visit: &Visit, id: &str, mut form: Form, check: bool) -> Answer {
    let w = visit.w;
    let corner = match (form.value("cornerX").is_empty(), form.value("cornerY").is_empty()) {
        (true, true) => Value::Null,
        (false, false) => json!({ "xMm": form.whole("cornerX", w), "yMm": form.whole("cornerY", w) }),
        (x, _) => {
            form.refuse(if x { "cornerX" } else { "cornerY" }, w.s("drawing-corner-both"));
            Value::Null
        }
    };
    if form.is_refused() {
        return page(visit, id, form, None).await;
    }
    let input = json!({ "floorId": id, "fileId": form.value("fileId"), "layer": form.optional("layer"), "tag": form.optional("tag"),
        "unit": form.optional("unit"), "corner": corner, "dryRun": check, "idempotencyKey": form.value("key") });
    match visit.act::<Report>(DOCUMENT, "SeatsPlaceByDrawing", input).await? {
        Err(errors) => page(visit, id, form.refused(of_fields(errors)), None).await,
        Ok(report) if report.applied == Some(true) => {
            let count = i64::try_from(report.moves.len()).unwrap_or_default();
            visit.done(&format!("/park/floors/{id}"), w.s("place-done").arg("n", count))
        }
        Ok(report) => page(visit, id, form, Some(report)).await,
    }
}

fn of_fields(mut errors: Vec<UserError>) -> Vec<UserError> {
    for error in errors.iter_mut().filter(|error| error.path.ends_with("fileId")) {
        "file".clone_into(&mut error.path);
    }
    errors
}

async fn page(visit: &Visit, id: &str, form: Form, report: Option<Report>) -> Answer {
    let data: Data = visit.load(DOCUMENT, "SeatDrawingForm", json!({ "id": id })).await?;
    let floor = data.park.found()?.floor.found()?;
    let (w, back) = (visit.w, format!("/park/floors/{id}/place"));
    let title = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name).to_string();
    let f = visit.frame(w.s("drawing-title")).crumb(w.s("place-park-map"), "/park/map");
    let f = f.crumb(title, format!("/park/floors/{id}")).crumb(w.s("place-title"), &back);
    let units = UNITS.iter().map(|unit| Choice::new(*unit, w.of("length-unit", unit))).collect();
    let page = Page { form: form.fresh_key(visit), floor, units, report, carried: CARRIED, back, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
