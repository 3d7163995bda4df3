//! Past invoices priced again: every night, and for any months when somebody asks.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::billing_run::Started;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Money, Month, UserError, node};

pub(crate) const DOCUMENT: &str = document!("repricing");
const SIZE: i64 = 20;
/// Seconds between two looks at a run that goes on.
const EVERY: u32 = 2;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    repricing_runs: Connection<Run>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default, deserialize_with = "node")]
    node: Option<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    id: String,
    from: Month,
    to: Month,
    state: String,
    nightly: bool,
    started_at: DateTime<Utc>,
    invoices: i64,
    checked: i64,
    differing: i64,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(flatten)]
    now: Run,
    differences: Vec<Differing>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Differing {
    invoice: Invoice,
    stored: Money,
    again: Option<Money>,
    differences: i64,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    number: String,
    tenant: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name: String,
    name_en: String,
}

#[derive(Template)]
#[template(path = "repricing/page.html")]
struct Page {
    f: Frame,
    form: Form,
    list: Connection<Run>,
    pager: Pager,
    found: Option<Detail>,
    may_run: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices/repricing", get(show).post(start))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let w = visit.w;
    let vars = json!({ "first": SIZE, "after": visit.after() });
    let list = visit.load::<Data>(DOCUMENT, "Repricing", vars).await?.park.found()?.repricing_runs;
    let found = match visit.q("run") {
        "" => None,
        id => Some(visit.load::<One>(DOCUMENT, "RepricingFound", json!({ "id": id })).await?.node.found()?),
    };
    let mut f = visit.frame(w.s("repricing-title")).crumb(w.s("invoices-title"), "/park/invoices");
    f = f.action(w.s("runs-title"), "/park/invoices/runs");
    if list.nodes.iter().any(|run| run.state == "RUNNING") {
        f = f.refresh(EVERY);
    }
    // Last year as a whole, unless somebody says otherwise.
    let last = Month::of(visit.today()?).minus(1);
    let may_run = f.may("commit", "billing");
    let pager = visit.pager(&list, SIZE);
    let form = form.default_value("from", last.minus(11).to_string()).default_value("to", last.to_string());
    let page = Page { f, form: form.fresh_key(visit), list, pager, found, may_run };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn start(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "from": form.required("from", w), "to": form.required("to", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Started>(DOCUMENT, "RepricingStart", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/invoices/repricing", w.s("repricing-started")),
    }
}
