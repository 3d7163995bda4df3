//! What the operator charges the park: its bills, and the terms they follow.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::prices::Text;
use crate::Console;
use crate::frame::Frame;
use crate::report::{Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Money, Month};

pub(crate) const DOCUMENT: &str = document!("platform-invoices");
const SIZE: i64 = 20;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    platform_terms: Vec<Terms>,
    platform_invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    version: i64,
    from: Month,
    book: String,
    book_version: i64,
    title: Text,
    text: String,
    tax_rate: String,
    payment_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    number: String,
    month: Month,
    total: Money,
    balance: Money,
    state: String,
    due_on: NaiveDate,
}

#[derive(Template)]
#[template(path = "platform-invoices/page.html")]
struct Page {
    f: Frame,
    terms: Vec<Terms>,
    list: Connection<Invoice>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/platform-invoices", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let vars = json!({ "first": size, "after": after });
    visit.load::<Data>(DOCUMENT, "PlatformInvoices", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, list) = (visit.w, load(visit, STEP, after).await?.platform_invoices);
    Ok(list.part(|invoice| {
        vec![
            invoice.number.into(),
            invoice.month.to_string().into(),
            (&invoice.total).into(),
            (&invoice.balance).into(),
            invoice.total.currency.into(),
            invoice.due_on.into(),
            w.of("invoice-state", &invoice.state).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("platform-invoice"),
            w.s("month"),
            w.s("total"),
            w.s("balance"),
            w.s("currency"),
            w.s("due-on"),
            w.s("state"),
        ];
        let name = w.s("platform-invoices-title").to_string();
        let head = head.map(String::from).to_vec();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let Park { platform_terms: terms, platform_invoices: list } = load(&visit, SIZE, visit.after()).await?;
    let f = visit.frame(w.s("platform-invoices-title")).crumb(w.s("invoices-title"), "/park/invoices");
    visit.page(&Page { f, terms, pager: visit.pager(&list, SIZE).with_files(&visit), list })
}
