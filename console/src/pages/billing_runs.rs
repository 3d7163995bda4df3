//! The billing runs of the park, the latest first.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::billing_run::Now;
use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("billing-runs");
const SIZE: i64 = 20;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    billing_runs: Connection<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    id: String,
    started_at: DateTime<Utc>,
    #[serde(flatten)]
    now: Now,
}

#[derive(Template)]
#[template(path = "billing-runs/page.html")]
struct Page {
    f: Frame,
    list: Connection<Run>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices/runs", get(show))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    let vars = json!({ "first": SIZE, "after": visit.after() });
    let list = visit.load::<Data>(DOCUMENT, "BillingRuns", vars).await?.park.found()?.billing_runs;
    let mut f = visit.frame(w.s("runs-title")).crumb(w.s("invoices-title"), "/park/invoices");
    f = f.action(w.s("repricing-title"), "/park/invoices/repricing");
    if f.may("commit", "billing") {
        f = f.primary(w.s("run-title"), "/park/invoices/run");
    }
    visit.page(&Page { f, pager: visit.pager(&list, SIZE), list })
}
