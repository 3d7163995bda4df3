//! The pipeline: the funnel, and the list of leads.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("pipeline");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 6] = ["created", "name", "state", "seats", "wanted_from", "next_on"];
/// What the list is filtered by.
const FILTERS: [&str; 3] = ["state", "owner", "due"];
/// The states of a lead, down the funnel.
pub(crate) const STATES: [&str; 6] = ["NEW", "CONTACTED", "VISITED", "QUOTED", "WON", "LOST"];
/// The name of the pool in the address.
const POOL: &str = "pool";
/// Days until a next step that the list is narrowed to.
const DUES: [u32; 3] = [0, 7, 30];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    staff: Vec<Member>,
    lead_funnel: Vec<Step>,
    leads: Connection<Lead>,
}

/// Somebody of the park's staff.
#[derive(Deserialize)]
pub(crate) struct Member {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Step {
    state: String,
    leads: i64,
    seats: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lead {
    id: String,
    name: String,
    name_en: String,
    state: String,
    source: String,
    seats: i64,
    product: Option<String>,
    wanted_from: Option<NaiveDate>,
    next_step: String,
    next_on: Option<NaiveDate>,
    owner: Option<Member>,
}

impl Lead {
    fn is_open(&self) -> bool {
        is_open(&self.state)
    }
}

#[derive(Template)]
#[template(path = "pipeline/page.html")]
struct Page {
    f: Frame,
    form: Form,
    funnel: Vec<Step>,
    states: Vec<Choice>,
    owners: Vec<Choice>,
    dues: Vec<Choice>,
    filtered: bool,
    leads: Connection<Lead>,
    pager: Pager,
    sorting: Sorting,
    today: NaiveDate,
}

/// Whether a lead is still in the funnel.
pub(crate) fn is_open(state: &str) -> bool {
    !matches!(state, "WON" | "LOST")
}

/// The look of a lead's state.
pub(crate) fn lead_state(state: &str) -> &'static str {
    match state {
        "WON" => "ok",
        "LOST" => "idle",
        "QUOTED" => "warn",
        _ => "info",
    }
}

/// The look of a quote's state.
pub(crate) fn quote_state(state: &str) -> &'static str {
    match state {
        "ACCEPTED" => "ok",
        "SENT" => "info",
        "DRAFT" | "EXPIRED" => "warn",
        _ => "idle",
    }
}

/// The staff of the park to choose from.
pub(crate) fn members(staff: &[Member]) -> Vec<Choice> {
    staff.iter().map(|member| Choice::new(&member.id, &member.name)).collect()
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/pipeline", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let state = STATES.into_iter().find(|state| state.eq_ignore_ascii_case(visit.q("state")));
    let within = visit.parsed::<u32>("due").filter(|days| DUES.contains(days));
    let due_by = match within {
        Some(days) => {
            visit.load::<Value>(DOCUMENT, "PipelineDay", json!({})).await?;
            Some(visit.today()? + chrono::TimeDelta::days(days.into()))
        }
        None => None,
    };
    let owner = visit.var("owner");
    let pool = visit.q("owner") == POOL;
    let filter = json!({ "states": state.map(|state| [state]), "ownerId": if pool { Value::Null } else { owner }, "pool": pool, "dueBy": due_by });
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter });
    visit.load::<Data>(DOCUMENT, "Pipeline", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, leads) = (visit.w, load(visit, STEP, after).await?.leads);
    Ok(leads.part(|lead| {
        vec![
            w.name(&lead.name, &lead.name_en).into(),
            w.of("lead-state", &lead.state).into(),
            w.of("lead-source", &lead.source).into(),
            lead.seats.into(),
            Cell::of(lead.product.as_ref().map(|product| w.of("seat-product", product))),
            Cell::of(lead.wanted_from),
            Cell::of(lead.owner.as_ref().map(|owner| owner.name.as_str())),
            lead.next_step.as_str().into(),
            Cell::of(lead.next_on),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("lead"), w.s("state"), w.s("lead-source"), w.s("lead-seats"), w.s("seat-product"), w.s("lead-wanted-from"), w.s("lead-owner"), w.s("lead-next"), w.s("lead-next-on")].map(String::from).to_vec();
        let name = w.s("pipeline-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(w.s("pipeline-title"));
    if f.may("write", "pipeline") {
        f = f.primary(w.s("lead-new-title"), "/park/pipeline/new");
    }
    let pool = Choice::new(POOL, w.s("lead-pool"));
    let due = |days: u32| {
        let label = if days == 0 { w.s("lead-due-now") } else { w.s("lead-due-within").arg("n", i64::from(days)) };
        Choice::new(days.to_string(), label)
    };
    visit.page(&Page {
        states: STATES.map(|state| Choice::new(state, w.of("lead-state", state))).to_vec(),
        owners: std::iter::once(pool).chain(members(&park.staff)).collect(),
        dues: DUES.map(due).to_vec(),
        filtered: FILTERS.iter().any(|name| !visit.q(name).is_empty()),
        form: FILTERS.into_iter().fold(Form::new(), |form, name| {
            let value = if name == "state" { visit.q(name).to_uppercase() } else { visit.q(name).to_owned() };
            form.default_value(name, value)
        }),
        funnel: park.lead_funnel,
        sorting: visit.sorting(&ORDERS, "-created"),
        pager: visit.pager(&park.leads, SIZE).with_files(&visit),
        leads: park.leads,
        today: visit.today()?,
        f,
    })
}
