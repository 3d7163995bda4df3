//! One billing run: how far it is while it goes on, what is refused and held and why, and the invoices that it issued.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::live;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Made, Money, Month, UserError, node};

pub(crate) const DOCUMENT: &str = document!("billing-run");
const SIZE: i64 = 50;
/// How far a run can be.
#[cfg(test)]
pub(crate) const STATES: [&str; 4] = ["RUNNING", "DONE", "FAILED", "CANCELLED"];
/// What the list of leases can be narrowed to.
const ROWS: [&str; 3] = ["ISSUED", "ALREADY", "WAITING"];

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    #[serde(flatten)]
    now: Now,
    started_at: DateTime<Utc>,
    refused_rows: Rows,
    held_rows: Rows,
    rows: Connection<Row>,
    /// Its job, for who may look at jobs.
    job: Option<Value>,
}

/// How far a run is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Now {
    pub(crate) month: Month,
    pub(crate) state: String,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) leases: i64,
    pub(crate) done: i64,
    pub(crate) issued: i64,
    pub(crate) held: i64,
    pub(crate) refused: i64,
    already: i64,
    net: Money,
    pub(crate) total: Money,
    pub(crate) other_currencies: Vec<Sums>,
    unsent: i64,
}

/// What invoices in another currency come to.
#[derive(Deserialize)]
pub(crate) struct Sums {
    pub(crate) net: Money,
    pub(crate) total: Money,
}

impl Now {
    fn is_under_way(&self) -> bool {
        self.state == "RUNNING"
    }
    fn stopped(&self) -> bool {
        matches!(self.state.as_str(), "FAILED" | "CANCELLED")
    }
    /// The end of the bar.
    fn all(&self) -> i64 {
        self.leases.max(1)
    }
    /// The tag of its state.
    pub(crate) fn look(&self) -> &'static str {
        look(&self.state)
    }
    /// What stands for what there is to see.
    fn mark(&self) -> String {
        live::mark(&(&self.state, self.done, self.issued, self.held, self.refused, self.already, self.unsent))
    }
}

/// The tag of the state of a run.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "DONE" => "ok",
        "RUNNING" => "info",
        "CANCELLED" => "warn",
        _ => "bad",
    }
}

#[derive(Deserialize)]
struct Rows {
    nodes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    lease_id: String,
    lease: Lease,
    state: String,
    invoice: Option<Numbered>,
    guard: Option<String>,
    usual: Option<Money>,
    before: Option<Money>,
    net: Option<Money>,
    total: Option<Money>,
    unsent: bool,
    user_errors: Vec<UserError>,
}

impl Row {
    fn look(&self) -> &'static str {
        if self.state == "ISSUED" { "ok" } else { "info" }
    }
}

#[derive(Deserialize)]
struct Numbered {
    id: String,
    number: String,
}

#[derive(Deserialize)]
struct Lease {
    code: String,
    tenant: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name: String,
    name_en: String,
}

/// What was started.
#[derive(Deserialize)]
pub(crate) struct Started {
    pub(crate) run: Option<Made>,
}

/// A way to narrow the list down.
struct Way {
    label: String,
    href: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "billing-run/page.html")]
struct Page {
    f: Frame,
    form: Form,
    run: Run,
    /// Where it is told how far the run is; nowhere once it has ended.
    live: String,
    seen: String,
    here: String,
    ways: Vec<Way>,
    pager: Pager,
    /// Whether what is held can be ticked.
    pick: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/invoices/runs/{id}", get(show).post(release))
        .route("/park/invoices/runs/{id}/live", get(follow))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let state = ROWS.iter().copied().find(|state| *state == visit.q("state")).unwrap_or(ROWS[0]);
    let vars = json!({ "id": id, "state": state, "first": SIZE, "after": visit.after() });
    let run = visit.load::<Data>(DOCUMENT, "BillingRunPage", vars).await?.node.found()?;
    let w = visit.w;
    let way = |of: &str| Way {
        label: w.of("run-state", of).to_string(),
        href: visit.with(&[("state", of), ("after", ""), ("page", "")]),
        on: of == state,
    };
    let title = w.s("run-of").arg("month", w.month(run.now.month)).to_string();
    let f = visit.frame(title).crumb(w.s("invoices-title"), "/park/invoices").crumb(w.s("runs-title"), "/park/invoices/runs");
    let page = Page {
        pick: f.may("commit", "billing") && !run.now.is_under_way(),
        live: if run.now.is_under_way() { format!("{}/live", visit.path()) } else { String::new() },
        seen: run.now.mark(),
        here: visit.with(&[]),
        ways: ROWS.iter().map(|of| way(of)).collect(),
        pager: visit.pager(&run.rows, SIZE),
        form: form.default_value("month", run.now.month.to_string()).fresh_key(visit),
        run,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Another run of the month, for what was looked at.
async fn release(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "month": form.value("month"), "releaseLeaseIds": form.values("release"),
        "idempotencyKey": form.value("key") });
    match visit.act::<Started>(DOCUMENT, "BillingRunStart", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(started) => visit.go(&format!("/park/invoices/runs/{}", started.run.found()?.id)),
    }
}

/// The mark of how far the run is, and again whenever that has changed.
async fn follow(visit: Visit, Path(id): Path<String>) -> Answer {
    // Whether somebody is signed in; renews what has run out.
    let vars = json!({ "id": id, "state": ROWS[0], "first": 1, "after": Value::Null });
    visit.load::<Data>(DOCUMENT, "BillingRunPage", vars).await?.node.found()?;
    Ok(live::follow(&visit, (DOCUMENT, "BillingRunLive"), json!({ "id": id }), |mut answer| {
        let run = answer.pointer_mut("/data/billingRunChanged").map(Value::take)?;
        Some(serde_json::from_value::<Now>(run).ok()?.mark())
    }))
}
