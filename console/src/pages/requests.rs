//! Requests for seats, as a list: of the whole park for its staff, its own for a call centre.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::{Area, Frame};
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("requests");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 6] = ["created", "tenant", "seats", "wanted_from", "state", "due_on"];
/// What the list is filtered by.
const FILTERS: [&str; 3] = ["state", "kind", "turn"];
/// The states of a request.
pub(crate) const STATES: [&str; 8] =
    ["ASKED", "TAKEN_UP", "ASKED_BACK", "OFFERED", "AGREED", "ACCEPTED", "DECLINED", "WITHDRAWN"];
/// What is asked for.
pub(crate) const KINDS: [&str; 3] = ["MORE", "FEWER", "OTHER"];
/// Whose turn it can be.
pub(crate) const SIDES: [&str; 2] = ["PARK", "TENANT"];
/// The name of what is late in the address.
const OVERDUE: &str = "overdue";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    park: Option<Park>,
    tenant: Option<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_request_clock: Option<Clock>,
    #[serde(default)]
    seat_requests: Connection<Request>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    seat_requests: Connection<Request>,
}

#[derive(Deserialize)]
struct Clock {
    #[serde(rename = "takeUpDays")]
    take_up: i64,
    #[serde(rename = "answerDays")]
    answer: i64,
    #[serde(rename = "replyDays")]
    reply: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    id: String,
    number: i64,
    kind: String,
    seat_count: i64,
    product: Option<String>,
    wanted_from: NaiveDate,
    state: String,
    waits_for: Option<String>,
    due_on: Option<NaiveDate>,
    overdue: bool,
    tenant: Option<Ref>,
}

#[derive(Template)]
#[template(path = "requests/page.html")]
struct Page {
    f: Frame,
    form: Form,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    turns: Vec<Choice>,
    filtered: bool,
    requests: Connection<Request>,
    pager: Pager,
    sorting: Sorting,
    clock: Option<Clock>,
    base: &'static str,
    none_lead: String,
    park: bool,
    may_ask: bool,
    may_set: bool,
}

/// The look of a request's state.
pub(crate) fn request_state(state: &str) -> &'static str {
    match state {
        "ACCEPTED" => "ok",
        "DECLINED" => "bad",
        "WITHDRAWN" => "idle",
        "ASKED" | "ASKED_BACK" | "OFFERED" => "warn",
        _ => "info",
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/requests", get(show).post(set))
        .route("/centre/requests", get(show))
}

/// Where requests are in the area that a page lies in.
pub(crate) fn base(visit: &Visit) -> &'static str {
    if Area::of(visit.path()) == Area::Park { "/park/requests" } else { "/centre/requests" }
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<(Connection<Request>, Option<Clock>), Stop> {
    let one = |name: &str, of: &[&'static str]| {
        of.iter().find(|value| value.eq_ignore_ascii_case(visit.q(name))).map(|value| json!([value]))
    };
    let side = SIDES.into_iter().find(|side| side.eq_ignore_ascii_case(visit.q("turn")));
    let filter = json!({ "states": one("state", &STATES), "kinds": one("kind", &KINDS), "waitsFor": side,
        "overdue": visit.q("turn") == OVERDUE });
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter });
    let park = base(visit) == "/park/requests";
    let data: Data = visit.load(DOCUMENT, if park { "RequestsPark" } else { "RequestsCentre" }, vars).await?;
    let of_park = data.park.found()?;
    let list = if park { of_park.seat_requests } else { data.tenant.found()?.seat_requests };
    Ok((list, of_park.seat_request_clock))
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, requests) = (visit.w, load(visit, STEP, after).await?.0);
    Ok(requests.part(|request| {
        vec![
            request.number.into(),
            Cell::of(request.tenant.as_ref().map(|tenant| w.name(&tenant.name, &tenant.name_en))),
            w.of("request-kind", &request.kind).into(),
            request.seat_count.into(),
            Cell::of(request.product.as_ref().map(|product| w.of("seat-product", product))),
            request.wanted_from.into(),
            w.of("request-state", &request.state).into(),
            Cell::of(request.waits_for.as_ref().map(|side| w.of("request-side", side))),
            Cell::of(request.due_on),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("request-number"), w.s("tenant"), w.s("request-kind"), w.s("seats-column"), w.s("seat-product"), w.s("lead-wanted-from"), w.s("state"), w.s("request-turn"), w.s("request-due")].map(String::from).to_vec();
        let name = w.s("requests-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let w = visit.w;
    let (requests, clock) = load(visit, SIZE, visit.after()).await?;
    let base = base(visit);
    let park = base == "/park/requests";
    let mut f = visit.frame(w.s("requests-title"));
    let may_ask = !park && f.may("write", "requests");
    if may_ask {
        f = f.primary(w.s("request-new-title"), "/centre/requests/new");
    }
    let days = clock.as_ref().map_or([0; 3], |clock| [clock.take_up, clock.answer, clock.reply]);
    let form = ["takeUpDays", "answerDays", "replyDays"]
        .into_iter()
        .zip(days)
        .fold(form, |form, (name, days)| form.default_value(name, days.to_string()));
    let form = FILTERS.into_iter().fold(form, |form, name| {
        let value = if name == "turn" { visit.q(name).to_owned() } else { visit.q(name).to_uppercase() };
        form.default_value(name, value)
    });
    let turns = SIDES.map(|side| Choice::new(side.to_lowercase(), w.of("request-side", side)));
    let page = Page {
        states: STATES.map(|state| Choice::new(state, w.of("request-state", state))).to_vec(),
        kinds: KINDS.map(|kind| Choice::new(kind, w.of("request-kind", kind))).to_vec(),
        turns: turns.into_iter().chain([Choice::new(OVERDUE, w.s("request-overdue"))]).collect(),
        filtered: FILTERS.iter().any(|name| !visit.q(name).is_empty()),
        form: form.fresh_key(visit),
        sorting: visit.sorting(&ORDERS, "-created"),
        pager: visit.pager(&requests, SIZE).with_files(visit),
        requests,
        clock,
        base,
        none_lead: if park { w.s("requests-none-park").to_string() } else { w.s("requests-none-centre").to_string() },
        park,
        may_ask,
        may_set: park && f.may("commit", "requests"),
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Sets how long each side has.
async fn set(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "takeUpDays": form.whole("takeUpDays", w), "answerDays": form.whole("answerDays", w),
        "replyDays": form.whole("replyDays", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatRequestClockSet", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/requests", w.s("saved")),
    }
}
