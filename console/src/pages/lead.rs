//! One lead: what is known of it, what is next, its quotes, visits, notes and steps.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pipeline::{Member, is_open, members};
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Ref, UserError, node};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("lead");
/// Why leads are lost.
pub(crate) const REASONS: [&str; 8] =
    ["PRICE", "LOCATION", "SEATS", "COMPETITOR", "POSTPONED", "SILENT", "UNSUITABLE", "OTHER"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Lead>,
}

#[derive(Deserialize)]
struct Park {
    staff: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lead {
    id: String,
    name: String,
    name_en: String,
    credit_code: Option<String>,
    source: String,
    contact: Contact,
    seats: i64,
    product: Option<String>,
    wanted_from: Option<NaiveDate>,
    business: String,
    tenant: Option<Ref>,
    owner: Option<Member>,
    next_step: String,
    next_on: Option<NaiveDate>,
    state: String,
    lost_reason: Option<String>,
    history: Vec<Step>,
    notes: Vec<Note>,
    visits: Vec<Planned>,
    quotes: Vec<Quote>,
}

/// Whom to speak with.
#[derive(Deserialize)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) mail: String,
}

impl Contact {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.phone.is_empty() && self.mail.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    to: String,
    lost_reason: Option<String>,
    remark: String,
    at: DateTime<Utc>,
    by: Option<Member>,
}

#[derive(Deserialize)]
struct Note {
    text: String,
    at: DateTime<Utc>,
    by: Option<Member>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    id: String,
    day: NaiveDate,
    at_min: i64,
    guide: Option<Member>,
    zones: Vec<Zone>,
    remark: String,
    state: String,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    id: String,
    number: String,
    version: i64,
    state: String,
    valid_until: NaiveDate,
    seats: i64,
    sums: Sums,
}

#[derive(Deserialize)]
struct Sums {
    total: Option<Money>,
}

#[derive(Template)]
#[template(path = "lead/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lead: Lead,
    staff: Vec<Choice>,
    reasons: Vec<Choice>,
    /// Steps by hand: to where, and what the button says.
    steps: Vec<(&'static str, String)>,
    may: bool,
    open: bool,
    today: NaiveDate,
}

/// The look of a visit's state.
pub(crate) fn visit_state(state: &str) -> &'static str {
    match state {
        "DONE" => "ok",
        "PLANNED" => "info",
        _ => "idle",
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leads/{id}", get(show).post(act))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

fn steps(w: Words, state: &str) -> Vec<(&'static str, String)> {
    let (contacted, visited) = (w.s("lead-to-contacted"), w.s("lead-to-visited"));
    match state {
        "NEW" => vec![("CONTACTED", contacted.into()), ("VISITED", visited.into())],
        "CONTACTED" => vec![("VISITED", visited.into())],
        "LOST" => vec![("CONTACTED", w.s("lead-reopen").into())],
        _ => Vec::new(),
    }
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "LeadPage", json!({ "id": id })).await?;
    let (lead, park, w) = (data.node.found()?, data.park.found()?, visit.w);
    let mut f = visit.frame(w.name(&lead.name, &lead.name_en)).crumb(w.s("pipeline-title"), "/park/pipeline");
    let (may, open) = (f.may("write", "pipeline"), is_open(&lead.state));
    if may {
        f = f.action(w.s("edit"), format!("/park/leads/{}/edit", lead.id));
    }
    if may && open {
        f = f.action(w.s("visit-new-title"), format!("/park/leads/{}/visit", lead.id));
        f = f.primary(w.s("quote-new-title"), format!("/park/leads/{}/quote", lead.id));
    }
    let form = form
        .default_value("nextStep", &lead.next_step)
        .default_value("nextOn", lead.next_on.map_or_else(String::new, |day| day.to_string()))
        .default_value("ownerId", lead.owner.as_ref().map_or("", |owner| owner.id.as_str()))
        .fresh_key(visit);
    let page = Page {
        staff: members(&park.staff),
        reasons: REASONS.map(|reason| Choice::new(reason, w.of("lost-reason", reason))).to_vec(),
        steps: steps(w, &lead.state),
        today: visit.today()?,
        lead,
        form,
        may,
        open,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Does one of the things that the page offers; the sentence that says so.
async fn one(visit: &Visit, id: &str, form: &mut Form) -> Result<Result<String, Vec<UserError>>, Stop> {
    let w = visit.w;
    let (key, act) = (json!(form.value("key")), form.value("act").to_owned());
    let done = match act.as_str() {
        "note" => {
            let input = json!({ "leadId": id, "text": form.required("text", w), "idempotencyKey": key });
            if form.is_refused() {
                return Ok(Err(Vec::new()));
            }
            (visit.act::<Value>(DOCUMENT, "LeadNoteAdd", input).await?, w.s("note-done"))
        }
        "plan" => {
            let input = json!({ "leadId": id, "nextStep": form.optional("nextStep"), "nextOn": form.optional_date("nextOn", w), "idempotencyKey": key });
            if form.is_refused() {
                return Ok(Err(Vec::new()));
            }
            (visit.act::<Value>(DOCUMENT, "LeadPlan", input).await?, w.s("lead-next-done"))
        }
        "assign" => {
            let input = json!({ "leadId": id, "ownerId": form.optional("ownerId"), "idempotencyKey": key });
            (visit.act::<Value>(DOCUMENT, "LeadAssign", input).await?, w.s("lead-assign-done"))
        }
        "move" => {
            let input = json!({ "leadId": id, "to": form.required("to", w), "lostReason": form.optional("lostReason"),
                "remark": form.optional("remark"), "idempotencyKey": key });
            (visit.act::<Value>(DOCUMENT, "LeadMove", input).await?, w.s("lead-moved"))
        }
        act @ ("visit-done" | "visit-cancel") => {
            let input = json!({ "visitId": form.required("visit", w), "done": act == "visit-done", "idempotencyKey": key });
            (visit.act::<Value>(DOCUMENT, "VisitEnd", input).await?, w.s("visit-ended"))
        }
        _ => return Err(Stop::NotFound),
    };
    Ok(done.0.map(|_| done.1.to_string()))
}

async fn act(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    match one(&visit, &id, &mut form).await? {
        Ok(said) => visit.done(&format!("/park/leads/{id}"), said),
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
    }
}
