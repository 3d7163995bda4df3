//! A month's invoice of a lease: seen before it is issued.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::park_invoice::Line;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Month, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("invoice-issue");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
    terms: Option<Terms>,
    invoice_preview: Option<Preview>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    payment_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    period_from: NaiveDate,
    period_to: NaiveDate,
    net: Option<Money>,
    tax: Option<Money>,
    total: Option<Money>,
    lines: Vec<Line>,
    user_errors: Vec<UserError>,
}

/// The sums of a preview that could be drawn up.
struct Sums {
    net: Money,
    tax: Money,
    total: Money,
}

impl Preview {
    fn sums(&self) -> Option<Sums> {
        Some(Sums { net: self.net.clone()?, tax: self.tax.clone()?, total: self.total.clone()? })
    }
}

#[derive(Deserialize)]
struct Issued {
    invoice: Option<Number>,
}

#[derive(Deserialize)]
struct Number {
    id: String,
    number: String,
}

#[derive(Template)]
#[template(path = "invoice-issue/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    month: Month,
    may_issue: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/invoice", get(show).post(issue))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let month = if let Some(month) = visit.parsed::<Month>("month") {
        month
    } else {
        visit.load::<Value>(DOCUMENT, "InvoiceDay", json!({})).await?;
        Month::of(visit.today()?).minus(1)
    };
    let data: Data = visit.load(DOCUMENT, "InvoicePreview", json!({ "id": id, "month": month.to_string() })).await?;
    let lease = data.node.found()?;
    let w = visit.w;
    let path = format!("/park/leases/{}", lease.id);
    let f = visit
        .frame(w.s("invoice-issue-title"))
        .crumb(w.s("leases-title"), "/park/leases")
        .crumb(w.s("lease-title").arg("code", &lease.code), path);
    let may_issue = f.may("commit", "billing");
    let form = form.default_value("month", month.to_string()).fresh_key(visit);
    let page = Page { f, form, lease, month, may_issue };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn issue(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "leaseId": id, "month": form.value("month"), "idempotencyKey": form.value("key") });
    match visit.act::<Issued>(DOCUMENT, "InvoiceIssue", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(issued) => {
            let invoice = issued.invoice.found()?;
            let said = visit.w.s("invoice-issue-done").arg("number", invoice.number);
            visit.done(&format!("/park/invoices/{}", invoice.id), said)
        }
    }
}
