//! One bill of the operator to the park: seats, lines and why they amount to what they do, payments.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use super::park_invoice::{PriceNamed, Slice};
use crate::Console;
use crate::frame::Frame;
use crate::pages::billing_profile::Party;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Month, node};

pub(crate) const DOCUMENT: &str = document!("platform-invoice");
/// What lines are for.
#[cfg(test)]
pub(crate) const KINDS: [&str; 4] = ["CHARGE", "CORRECTION", "CARRIED_IN", "CARRIED_OUT"];

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    month: Month,
    terms_version: i64,
    seats: Vec<Seats>,
    lines: Vec<Line>,
    taxes: Vec<Taxed>,
    net: Money,
    tax: Money,
    total: Money,
    paid: Money,
    balance: Money,
    state: String,
    payments: Vec<Payment>,
    issued_at: DateTime<Utc>,
    due_on: NaiveDate,
    known_at: DateTime<Utc>,
    void_reason: Option<String>,
    seller: Party,
    buyer: Party,
    document_path: String,
    sha256: Option<String>,
    intact: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seats {
    product: String,
    seat_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(rename = "lineNo")]
    number: i64,
    kind: String,
    month: Month,
    seat_days: i64,
    price_book: Option<PriceNamed>,
    net: Money,
    tax_rate: String,
    why: String,
    carried_from: Option<String>,
    correction: Option<Corrected>,
    slices: Vec<Slice>,
}

#[derive(Deserialize)]
struct Corrected {
    invoice: String,
}

#[derive(Deserialize)]
struct Taxed {
    rate: String,
    net: Money,
    tax: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    amount: Money,
    paid_on: NaiveDate,
    reference: String,
    recorded_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "platform-invoice/page.html")]
struct Page {
    f: Frame,
    invoice: Invoice,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/platform-invoices/{id}", get(show))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let w = visit.w;
    let invoice = visit.load::<Data>(DOCUMENT, "PlatformInvoice", json!({ "id": id })).await?.node.found()?;
    let mut f = visit.frame(w.s("platform-invoice-title").arg("number", &invoice.number));
    f = f.crumb(w.s("invoices-title"), "/park/invoices").crumb(w.s("platform-invoices-title"), "/park/platform-invoices");
    f = f.action(w.s("paper-pdf"), format!("{}?lang={}", invoice.document_path, w.lang.tag()));
    visit.page(&Page { f, today: visit.today()?, invoice })
}
