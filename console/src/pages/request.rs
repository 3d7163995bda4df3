//! One request for seats: what is asked for, whose turn it is, what can be done next, and everything that was said.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::requests::base;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Connection, Made, Ref, node};

pub(crate) const DOCUMENT: &str = document!("request");
/// What can be done to a request.
#[cfg(test)]
pub(crate) const ACTS: [&str; 11] = [
    "ASK", "TAKE_UP", "ASK_BACK", "ANSWER", "OFFER", "AGREE", "REFUSE", "ACCEPT", "DECLINE", "WITHDRAW", "SAY",
];

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Request>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    number: i64,
    kind: String,
    seat_count: i64,
    product: Option<String>,
    zone: Option<Zone>,
    shift_from_min: Option<i64>,
    shift_to_min: Option<i64>,
    wanted_from: NaiveDate,
    lease: Option<Lease>,
    seats: Vec<Seat>,
    state: String,
    entered_at: DateTime<Utc>,
    waits_for: Option<String>,
    due_on: Option<NaiveDate>,
    overdue: bool,
    created_at: DateTime<Utc>,
    last_step: i64,
    next: Vec<String>,
    tenant: Option<Ref>,
    history: Vec<Step>,
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
struct Seat {
    code: String,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    side: String,
    by: String,
    act: String,
    words: String,
    at: DateTime<Utc>,
    allocation: Option<Allocated>,
    lease: Option<Lease>,
    lease_version: Option<i64>,
    hold: Option<Hold>,
    quote: Option<Quote>,
}

#[derive(Deserialize)]
struct Allocated {
    seat: Seat,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hold {
    id: String,
    kept_for: String,
    #[serde(default)]
    open_count: i64,
    #[serde(default)]
    tenant: Option<Made>,
}

#[derive(Deserialize)]
struct Quote {
    id: String,
    number: String,
    #[serde(default)]
    lead: Option<Lead>,
}

#[derive(Deserialize)]
struct Lead {
    tenant: Option<Made>,
}

#[derive(Deserialize)]
struct Answers {
    #[serde(deserialize_with = "node")]
    node: Option<Leases>,
    park: Option<Kept>,
}

#[derive(Deserialize)]
struct Leases {
    leases: Connection<Lease>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    seat_holds: Connection<Hold>,
    quotes: Connection<Quote>,
}

#[derive(Template)]
#[template(path = "request/page.html")]
struct Page {
    f: Frame,
    form: Form,
    request: Request,
    acts: Vec<Choice>,
    /// What can be named as the answer.
    answers: Vec<Choice>,
    /// Where the park does what is asked for.
    ways: Vec<(String, String)>,
    park: bool,
    mine: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/requests/{id}", get(show).post(act))
        .route("/centre/requests/{id}", get(show).post(act))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

/// What of the tenant's can answer a request: its leases, the seats kept for it, the quotes sent to it.
async fn answers(visit: &Visit, tenant: &str) -> Result<Vec<Choice>, Stop> {
    let w = visit.w;
    let found: Answers = visit.load(DOCUMENT, "RequestAnswers", json!({ "id": tenant })).await?;
    let kept = found.park.found()?;
    let of = |made: Option<&Made>| made.is_some_and(|made| made.id == tenant);
    let leases = found.node.map(|tenant| tenant.leases.nodes).unwrap_or_default();
    let leases = leases.into_iter().map(|lease| Choice::new(lease.id, w.s("request-of-lease").arg("code", lease.code)));
    let holds = kept.seat_holds.nodes.into_iter().filter(|hold| of(hold.tenant.as_ref())).map(|hold| {
        Choice::new(hold.id, w.s("request-of-hold").arg("name", hold.kept_for).arg("n", hold.open_count))
    });
    let quotes = kept.quotes.nodes.into_iter();
    let quotes = quotes.filter(|quote| of(quote.lead.as_ref().and_then(|lead| lead.tenant.as_ref())));
    let quotes = quotes.map(|quote| Choice::new(quote.id, w.s("request-of-quote").arg("number", quote.number)));
    Ok(leases.chain(holds).chain(quotes).collect())
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "RequestPage", json!({ "id": id })).await?;
    let (request, w, base) = (data.node.found()?, visit.w, base(visit));
    let park = base == "/park/requests";
    let title = w.s("request-title").arg("n", request.number).arg("kind", w.of("request-kind", &request.kind));
    let f = visit.frame(title).crumb(w.s("requests-title"), base);
    let tenant = request.tenant.as_ref().map_or("", |tenant| tenant.id.as_str());
    let names = request.next.iter().any(|act| act == "OFFER" || act == "ACCEPT");
    let answers = if park && names { answers(visit, tenant).await? } else { Vec::new() };
    let mut ways = Vec::new();
    if f.may("commit", "leasing") {
        if let Some(lease) = &request.lease {
            let to = |what: &str| format!("/park/leases/{}/{what}", lease.id);
            match request.kind.as_str() {
                "MORE" => ways.push((w.s("allocate-title").to_string(), to("allocate"))),
                "OTHER" => ways.push((w.s("move-title").to_string(), to("move"))),
                _ => {}
            }
            ways.push((w.s("amend-title").to_string(), to("amend")));
        }
        if request.kind != "FEWER" {
            ways.push((w.s("hold-new-title").to_string(), "/park/holds/new".to_owned()));
        }
    }
    let mine = request.waits_for.as_deref() == Some(if park { "PARK" } else { "TENANT" });
    let acts: Vec<Choice> = request.next.iter().map(|act| Choice::new(act, w.of("request-do", act))).collect();
    let page = Page {
        form: form.default_value("act", acts.first().map_or("", |act| act.value.as_str())).fresh_key(visit),
        acts,
        answers,
        ways,
        park,
        mine,
        request,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn act(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "requestId": id, "act": form.required("act", w), "seen": form.whole("seen", w),
        "words": form.optional("words"), "referenceId": form.optional("referenceId"), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatRequestAct", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("{}/{id}", base(&visit)), w.s("request-done")),
    }
}
