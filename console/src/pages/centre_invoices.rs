//! The invoices that a call centre owes or paid; read-only.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, Money, Month};

pub(crate) const DOCUMENT: &str = document!("centre-invoices");
const SIZE: i64 = 24;
/// What the list can be sorted by.
const ORDERS: [&str; 5] = ["number", "period", "total", "balance", "due_on"];

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
    sorting: Sorting,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/invoices", get(show))
}

const STATES: [&str; 6] = ["UNPAID", "PART_PAID", "OVERDUE", "PAID", "UNCOLLECTIBLE", "VOID"];

fn chosen(visit: &Visit) -> Option<&'static str> {
    STATES.into_iter().find(|state| visit.q("state") == *state)
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Invoice>, Stop> {
    let variables = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": { "state": chosen(visit) } });
    Ok(visit.load::<Data>(DOCUMENT, "CentreInvoices", variables).await?.tenant.found()?.invoices)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, invoices) = (visit.w, load(visit, STEP, after).await?);
    Ok(invoices.part(|invoice| {
        vec![
            invoice.number.into(),
            Month::of(invoice.period_from).to_string().into(),
            (&invoice.total).into(),
            (&invoice.balance).into(),
            invoice.total.currency.into(),
            invoice.due_on.into(),
            w.of("invoice-state", &invoice.state).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("invoice"), w.s("month"), w.s("total"), w.s("balance"), w.s("currency"), w.s("due-on"), w.s("state")].map(String::from).to_vec();
        let name = w.s("invoices-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let chosen = chosen(&visit);
    let invoices = load(&visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let to = |state: &str| visit.with(&[("state", state), ("after", ""), ("page", "")]);
    let all = Chip { label: w.s("all").into(), href: to(""), on: chosen.is_none() };
    let each = STATES.into_iter().map(|state| Chip {
        label: w.of("invoice-state", state).into(),
        href: to(state),
        on: chosen == Some(state),
    });
    let mut f = visit.frame(w.s("invoices-title")).action(w.s("statement-title"), "/centre/statement").action(w.s("month-statement-title"), "/centre/month-statement");
    if f.may("read", "billing_profiles") {
        f = f.action(w.s("profile-open"), "/centre/invoices/billing");
    }
    let page = Page {
        chips: std::iter::once(all).chain(each).collect(),
        sorting: visit.sorting(&ORDERS, "-number"),
        pager: visit.pager(&invoices, SIZE).with_files(&visit),
        today: visit.today()?,
        f,
        invoices,
    };
    visit.page(&page)
}
