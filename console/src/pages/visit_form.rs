//! A visit agreed or changed.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pipeline::{Member, members};
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Made, Ref, node};

pub(crate) const DOCUMENT: &str = document!("visit-form");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Ref>,
}

#[derive(Deserialize)]
struct Edited {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Planned>,
}

#[derive(Deserialize)]
struct Park {
    staff: Vec<Member>,
    floors: Vec<Floor>,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
    zones: Vec<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    lead: Ref,
    day: NaiveDate,
    at_min: i64,
    guide: Option<Member>,
    zones: Vec<Made>,
    remark: String,
}

#[derive(Template)]
#[template(path = "visit-form/page.html")]
struct Page {
    f: Frame,
    form: Form,
    staff: Vec<Choice>,
    zones: Vec<Choice>,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route(
            "/park/leads/{id}/visit",
            get(async |visit: Visit, Path(id): Path<String>| new(&visit, &id, Form::new()).await).post(plan),
        )
        .route(
            "/park/visits/{id}/edit",
            get(async |visit: Visit, Path(id): Path<String>| edit(&visit, &id, Form::new()).await).post(change),
        )
}

async fn new(visit: &Visit, lead: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "VisitForm", json!({ "id": lead })).await?;
    let today = visit.today()?.to_string();
    let form = form.default_value("day", today).default_value("atMin", "10:00");
    page(visit, &data.park.found()?, &data.node.found()?, form, visit.w.s("visit-new-title").into())
}

async fn edit(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Edited = visit.load(DOCUMENT, "VisitEdit", json!({ "id": id })).await?;
    let planned = data.node.found()?;
    // A form that was sent says which zones, also when it says none.
    let chosen = if form.value("day").is_empty() { planned.zones.as_slice() } else { &[] };
    let mut form = form.with_values("zoneIds", chosen.iter().map(|zone| zone.id.as_str()));
    for (name, value) in [
        ("day", planned.day.to_string()),
        ("atMin", format!("{:02}:{:02}", planned.at_min / 60, planned.at_min % 60)),
        ("guideId", planned.guide.as_ref().map_or_else(String::new, |guide| guide.id.clone())),
        ("remark", planned.remark.clone()),
    ] {
        form = form.default_value(name, value);
    }
    page(visit, &data.park.found()?, &planned.lead, form, visit.w.s("visit-edit-title").into())
}

fn page(visit: &Visit, park: &Park, lead: &Ref, form: Form, title: String) -> Answer {
    let w = visit.w;
    let back = format!("/park/leads/{}", lead.id);
    let f = visit.frame(title).crumb(w.s("pipeline-title"), "/park/pipeline").crumb(w.name(&lead.name, &lead.name_en), &back);
    let zones = park.floors.iter().flat_map(|floor| {
        floor.zones.iter().map(|zone| Choice::new(&zone.id, format!("{} {}", floor.name, zone.name)))
    });
    let page = Page {
        zones: zones.collect(),
        staff: members(&park.staff),
        form: form.default_value("lead", &lead.id).fresh_key(visit),
        back,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

fn facts(form: &mut Form, visit: &Visit) -> serde_json::Map<String, Value> {
    let w = visit.w;
    let zones: Vec<String> = form.values("zoneIds").into_iter().map(str::to_owned).collect();
    let facts = json!({ "day": form.date("day", w), "atMin": form.minutes("atMin", w), "guideId": form.required("guideId", w),
        "zoneIds": zones, "remark": form.optional("remark"), "idempotencyKey": form.value("key") });
    facts.as_object().cloned().unwrap_or_default()
}

async fn plan(visit: Visit, Path(lead): Path<String>, mut form: Form) -> Answer {
    let mut input = facts(&mut form, &visit);
    input.insert("leadId".to_owned(), json!(lead));
    if form.is_refused() {
        return new(&visit, &lead, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "VisitPlan", input.into()).await? {
        Err(errors) => new(&visit, &lead, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leads/{lead}"), visit.w.s("visit-new-done")),
    }
}

async fn change(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let mut input = facts(&mut form, &visit);
    input.insert("visitId".to_owned(), json!(id));
    if form.is_refused() {
        return edit(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "VisitChange", input.into()).await? {
        Err(errors) => edit(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leads/{}", form.value("lead")), visit.w.s("saved")),
    }
}
