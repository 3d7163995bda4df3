//! The contract papers of a park, and of a centre those that concern it.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("papers");
const SIZE: i64 = 50;
/// The states of a paper.
pub(crate) const STATES: [&str; 5] = ["DRAFTED", "APPROVED", "SIGNED", "REFUSED", "WITHDRAWN"];

/// How a state looks.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "DRAFTED" => "warn",
        "APPROVED" => "info",
        "SIGNED" => "ok",
        "REFUSED" => "bad",
        _ => "idle",
    }
}

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    papers: Connection<Paper>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paper {
    id: String,
    number: String,
    kind: String,
    state: String,
    drafted_at: DateTime<Utc>,
    signed_on: Option<NaiveDate>,
    lease: Lease,
}

#[derive(Deserialize)]
struct Lease {
    tenant: Ref,
}

#[derive(Template)]
#[template(path = "papers/page.html")]
struct Page {
    f: Frame,
    form: Form,
    area: &'static str,
    states: Vec<Choice>,
    papers: Connection<Paper>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/papers", get(|visit: Visit| show(visit, "park")))
        .route("/centre/papers", get(|visit: Visit| show(visit, "centre")))
}

async fn show(visit: Visit, area: &'static str) -> Answer {
    let w = visit.w;
    let state = STATES.into_iter().find(|state| *state == visit.q("state"));
    let vars = json!({ "first": SIZE, "after": visit.after(), "state": state });
    let papers = visit.load::<Data>(DOCUMENT, "Papers", vars).await?.park.found()?.papers;
    let mut f = visit.frame(w.s("papers-title"));
    f = if area == "park" {
        let f = f.crumb(w.s("leases-title"), "/park/leases");
        if f.may("commit", "leasing") { f.action(w.s("paper-policy-title"), "/park/papers/policy") } else { f }
    } else {
        f.crumb(w.s("place-centre-seats"), "/centre/seats")
    };
    visit.page(&Page {
        f,
        area,
        form: Form::new().default_value("state", visit.q("state")),
        states: STATES.map(|state| Choice::new(state, w.of("paper-state", state))).to_vec(),
        pager: visit.pager(&papers, SIZE),
        papers,
    })
}
