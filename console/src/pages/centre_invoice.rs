//! One invoice as its debtor reads it: every line with why it amounts to what it does.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::pages::billing_profile::Party;
use crate::pages::fapiaos::{Delivery, Fapiao};
use crate::pages::park_invoice::{Line, PaidByCredit, documents};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, node};

pub(crate) const DOCUMENT: &str = document!("centre-invoice");

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    lease: Lease,
    period_from: NaiveDate,
    period_to: NaiveDate,
    net: Money,
    tax: Money,
    total: Money,
    paid: Money,
    balance: Money,
    state: String,
    issued_at: DateTime<Utc>,
    due_on: NaiveDate,
    lines: Vec<Line>,
    paid_by: Vec<Paid>,
    paid_by_credit: Vec<PaidByCredit>,
    credited: Money,
    credit_notes: Vec<Note>,
    repricing: Repricing,
    document_path: String,
    seller: Party,
    buyer: Party,
    sha256: Option<String>,
    intact: Option<bool>,
    deliveries: Vec<Delivery>,
    fapiaos: Vec<Fapiao>,
    fapiao_standing: Standing,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    number: String,
    total: Money,
    off_debt: Money,
    refunded: Money,
    to_credit: Money,
    credit: Money,
    issued_on: NaiveDate,
    reason: String,
    document_path: String,
}

#[derive(Deserialize)]
struct Lease {
    code: String,
}

#[derive(Deserialize)]
struct Paid {
    amount: Money,
    payment: Payment,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    paid_on: NaiveDate,
    method: String,
    reference: String,
}

#[derive(Deserialize)]
struct Repricing {
    same: bool,
    differences: Vec<String>,
}

#[derive(Deserialize)]
struct Standing {
    state: String,
}

#[derive(Template)]
#[template(path = "centre-invoice/page.html")]
struct Page {
    f: Frame,
    invoice: Invoice,
    today: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/invoices/{id}", get(show))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let data: Data = visit.load(DOCUMENT, "CentreInvoice", json!({ "id": id })).await?;
    let invoice = data.node.found()?;
    let w = visit.w;
    let f = visit.frame(w.s("invoice-title").arg("number", &invoice.number));
    let f = f.crumb(w.s("invoices-title"), "/centre/invoices");
    let f = documents(f, &invoice.document_path, &invoice.state);
    visit.page(&Page { f, today: visit.today()?, invoice })
}
