//! The pictures of a floor by day: another is laid under the seats, or none from a day on.

use askama::Template;
use axum::Router;
use axum::extract::{Multipart, Path};
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::park_map::Picture;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("floor-plan");

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
    plans: Vec<Plan>,
    map: Map,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    valid_from: NaiveDate,
    picture: Option<Picture>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    width_mm: i64,
}

#[derive(Template)]
#[template(path = "floor-plan/page.html")]
struct Page {
    f: Frame,
    form: Form,
    floor: Floor,
    /// Whether a picture holds now or from a later day on.
    lies: bool,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/floors/{id}/plan", upload::unlimited(get(show).post(set)))
        .route("/park/floors/{id}/plan/end", post(end))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn set(visit: Visit, Path(id): Path<String>, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let w = visit.w;
    let input = json!({ "floorId": id, "fileId": file.map(|file| file.id), "xMm": form.whole("xMm", w), "yMm": form.whole("yMm", w),
        "widthMm": form.whole("widthMm", w), "from": form.date("from", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "FloorPlanSet", input).await? {
        Ok(_) => visit.done(&format!("/park/floors/{id}/plan"), w.s("floor-plan-set-done")),
        Err(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.path.ends_with("fileId")) {
                "file".clone_into(&mut error.path);
            }
            page(&visit, &id, form.refused(errors)).await
        }
    }
}

async fn end(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "floorId": id, "from": form.date("endFrom", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "FloorPlanEnd", input).await? {
        Ok(_) => visit.done(&format!("/park/floors/{id}/plan"), w.s("floor-plan-end-done")),
        Err(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.path.ends_with("from")) {
                "endFrom".clone_into(&mut error.path);
            }
            page(&visit, &id, form.refused(errors)).await
        }
    }
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "FloorPlanForm", json!({ "id": id })).await?;
    let floor = data.park.found()?.floor.found()?;
    let (w, today, back) = (visit.w, visit.today()?, format!("/park/floors/{id}"));
    let title = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name).to_string();
    let f = visit.frame(w.s("floor-plan-title")).crumb(w.s("place-park-map"), "/park/map").crumb(title, &back);
    let form = form
        .default_value("xMm", "0")
        .default_value("yMm", "0")
        .default_value("widthMm", floor.map.width_mm.max(1_000).to_string())
        .default_value("from", today.to_string())
        .default_value("endFrom", today.to_string());
    // The latest first: what holds today is the first that has begun.
    let now = floor.plans.iter().find(|plan| plan.valid_from <= today);
    let later = floor.plans.iter().take_while(|plan| plan.valid_from > today);
    let lies = now.into_iter().chain(later).any(|plan| plan.picture.is_some());
    let page = Page { form: form.fresh_key(visit), floor, lies, back, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
