//! The invoices that a call centre owes or paid; read-only.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Money};

pub(crate) const DOCUMENT: &str = document!("centre-invoices");
const SIZE: i64 = 24;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    number: String,
    period_from: NaiveDate,
    total: Money,
    balance: Money,
    state: String,
    due_on: NaiveDate,
}

struct Chip {
    label: String,
    href: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "centre-invoices/page.html")]
struct Page {
    f: Frame,
    chips: Vec<Chip>,
    invoices: Connection<Invoice>,
    pager: Pager,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/invoices", get(show))
}

async fn show(visit: Visit) -> Answer {
    let states = ["UNPAID", "PART_PAID", "OVERDUE", "PAID"];
    let chosen = states.into_iter().find(|state| visit.q("state") == *state);
    let variables = json!({ "first": SIZE, "after": visit.after(), "filter": { "state": chosen } });
    let data: Data = visit.load(DOCUMENT, "CentreInvoices", variables).await?;
    let invoices = data.tenant.found()?.invoices;
    let w = visit.w;
    let to = |state: &str| visit.with(&[("state", state), ("after", ""), ("page", "")]);
    let all = Chip { label: w.s("all").into(), href: to(""), on: chosen.is_none() };
    let each = states.into_iter().map(|state| Chip {
        label: w.of("invoice-state", state).into(),
        href: to(state),
        on: chosen == Some(state),
    });
    let page = Page {
        chips: std::iter::once(all).chain(each).collect(),
        pager: visit.pager(&invoices, SIZE),
        today: visit.today()?,
        f: visit.frame(w.s("invoices-title")),
        invoices,
    };
    visit.page(&page)
}
