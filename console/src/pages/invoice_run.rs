//! The billing run of a month: what it would come to lease by lease, what is held and why, and its start.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::billing_run::{self, Started, Sums};
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Month, UserError};

pub(crate) const DOCUMENT: &str = document!("invoice-run");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    billing_run_preview: Option<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    count: i64,
    net: Money,
    total: Money,
    other_currencies: Vec<Sums>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    lease_id: String,
    lease: Lease,
    state: String,
    /// Whether it cannot be billed yet.
    #[serde(default)]
    early: bool,
    guard: Option<String>,
    usual: Option<Money>,
    before: Option<Money>,
    net: Option<Money>,
    total: Option<Money>,
    user_errors: Vec<UserError>,
    /// What it comes to more than the month before; `None` without both.
    #[serde(skip)]
    more: Option<Money>,
}

impl Row {
    /// How much it presses: what cannot go out first.
    fn rank(&self) -> u8 {
        match self.state.as_str() {
            "REFUSED" => 0,
            _ if self.early => 4,
            "HELD" => 1,
            "READY" => 2,
            _ => 3,
        }
    }
    /// Whether corrections take back more than there is to pay.
    fn held_below_nothing(&self) -> bool {
        self.guard.as_deref() == Some("NEGATIVE")
    }
    /// The tag of its state.
    fn tag(&self) -> &'static str {
        match self.state.as_str() {
            "REFUSED" => "bad",
            _ if self.early => "info",
            "HELD" => "warn",
            "READY" => "ok",
            _ => "info",
        }
    }
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

#[derive(Template)]
#[template(path = "invoice-run/page.html")]
struct Page {
    f: Frame,
    form: Form,
    month: Month,
    run: Run,
    held: usize,
    refused: usize,
    may_run: bool,
    /// How many can go out now.
    ready: usize,
    /// Whether some cannot be billed yet.
    early: bool,
    /// Whether there is something held to be ticked.
    pick: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices/run", get(show).post(issue))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let month = if let Some(month) = visit.parsed::<Month>("month") {
        month
    } else {
        visit.load::<Value>(DOCUMENT, "InvoiceRunDay", json!({})).await?;
        Month::of(visit.today()?).minus(1)
    };
    let data: Data = visit.load(DOCUMENT, "InvoiceRun", json!({ "month": month.to_string() })).await?;
    let mut run = data.park.found()?.billing_run_preview.found()?;
    run.rows.sort_by_key(Row::rank);
    for row in &mut run.rows {
        if let (Some(now), Some(before)) = (&row.net, &row.before) {
            row.more = Money::sum([now, &before.times(-1)].into_iter());
        }
    }
    let w = visit.w;
    let f = visit.frame(w.s("run-title")).crumb(w.s("invoices-title"), "/park/invoices");
    let f = f.action(w.s("runs-title"), "/park/invoices/runs");
    let in_state = |state: &str| run.rows.iter().filter(|row| !row.early && row.state == state).count();
    let (held, may_run) = (in_state("HELD"), f.may("commit", "billing"));
    let page = Page {
        refused: in_state("REFUSED"),
        pick: held > 0 && may_run,
        ready: in_state("READY"),
        early: run.rows.iter().any(|row| row.early),
        held,
        may_run,
        form: form.default_value("month", month.to_string()).fresh_key(visit),
        run,
        month,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn issue(visit: Visit, form: Form) -> Answer {
    let input = json!({ "month": form.value("month"), "releaseLeaseIds": form.values("release"),
        "idempotencyKey": form.value("key") });
    match visit.act::<Started>(billing_run::DOCUMENT, "BillingRunStart", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(started) => visit.go(&format!("/park/invoices/runs/{}", started.run.found()?.id)),
    }
}
