//! The books of a month: trial balance, tax by rate, closing and opening again.

use askama::Template;
use axum::Router;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Month, Ref, UserError};
use crate::words::Say;

pub(crate) const DOCUMENT: &str = document!("books");
/// Accounts of the books.
pub(crate) const ACCOUNTS: [&str; 13] = [
    "RECEIVABLE", "ACCRUED", "DEFERRED", "EARNED", "TAX_PAYABLE", "DEPOSIT_HELD", "PREPAID", "CASH", "ROUNDING", "BAD_DEBT",
    "BAD_DEBT_RECOVERED", "COST_POOL", "COST_COUNTER",
];
/// Why a month is opened again.
pub(crate) const REASONS: [&str; 4] = ["MISTAKE", "AUDIT", "TAX_OFFICE", "LATE_DOCUMENT"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    trial_balance: Option<Trial>,
    vat_report: Vec<Vat>,
    book_months: Vec<Step>,
}

#[derive(Deserialize)]
struct Trial {
    balanced: bool,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    account: String,
    number: String,
    title: String,
    tenant: Option<Ref>,
    opening: Money,
    debit: Money,
    credit: Money,
    closing: Money,
}

#[derive(Deserialize)]
struct Vat {
    rate: String,
    net: Money,
    tax: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    month: Month,
    act: String,
    reason: Option<String>,
    note: String,
    recorded_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "books/page.html")]
struct Page {
    f: Frame,
    form: Form,
    month: Month,
    trial: Trial,
    vat: Vec<Vat>,
    steps: Vec<Step>,
    reasons: Vec<Choice>,
    /// Whether nothing can be booked in the month any more.
    closed: bool,
    /// Whether it may be closed by who looks, and is over.
    may_close: bool,
    /// Whether it is the month that was closed last, and may be opened by who looks.
    may_reopen: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/books", get(show))
        .route("/park/books/close", get(show).post(close))
        .route("/park/books/reopen", get(show).post(reopen))
        .route("/park/books/earned", post(recognise))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let month = if let Ok(month) = form.value("month").parse::<Month>() {
        month
    } else if let Some(month) = visit.parsed::<Month>("month") {
        month
    } else {
        visit.load::<Value>(DOCUMENT, "BooksDay", json!({})).await?;
        Month::of(visit.today()?).minus(1)
    };
    let park = visit.load::<Data>(DOCUMENT, "Books", json!({ "month": month.to_string() })).await?.park.found()?;
    let trial = park.trial_balance.found()?;
    // The last step says up to where months are closed.
    let through =
        park.book_months.first().map(|step| if step.act == "CLOSE" { step.month } else { step.month.minus(1) });
    let w = visit.w;
    let f = visit
        .frame(w.s("books-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .action(w.s("book-entries-title"), format!("/park/books/entries?month={month}"))
        .action(w.s("ageing-title"), "/park/books/ageing")
        .action(w.s("book-costs-title"), format!("/park/books/costs?month={month}"))
        .action(w.s("straight-title"), format!("/park/books/straight-line?month={month}"));
    let closed = through.is_some_and(|last| month <= last);
    let may = f.may("commit", "billing");
    let page = Page {
        may_close: may && !closed && Month::of(visit.today()?) > month,
        may_reopen: may && through == Some(month),
        closed,
        form: form.default_value("month", month.to_string()).fresh_key(visit),
        reasons: REASONS.into_iter().map(|reason| Choice::new(reason, w.of("book-reason", reason))).collect(),
        vat: park.vat_report,
        steps: park.book_months,
        month,
        trial,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What an act came to: back to its month with a word, or the page again with what was refused.
async fn done(visit: &Visit, form: Form, did: Result<Value, Vec<UserError>>, word: Say) -> Answer {
    if let Err(errors) = did {
        return page(visit, form.refused(errors)).await;
    }
    visit.done(&format!("/park/books?month={}", form.value("month")), word)
}

async fn close(visit: Visit, form: Form) -> Answer {
    let input = json!({ "month": form.value("month"), "withoutUnbilled": form.holds("withoutUnbilled", "yes"),
        "idempotencyKey": form.value("key") });
    let did = visit.act::<Value>(DOCUMENT, "BookMonthClose", input).await?;
    done(&visit, form, did, visit.w.s("books-closed-done")).await
}

async fn reopen(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "month": form.value("month"), "reason": form.required("reason", w), "note": form.required("note", w),
        "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    let did = visit.act::<Value>(DOCUMENT, "BookMonthReopen", input).await?;
    done(&visit, form, did, w.s("books-reopened-done")).await
}

async fn recognise(visit: Visit, form: Form) -> Answer {
    let input = json!({ "upTo": form.value("month"), "idempotencyKey": form.value("key") });
    let did = visit.act::<Value>(DOCUMENT, "RevenueRecognise", input).await?;
    done(&visit, form, did, visit.w.s("books-earned-done")).await
}
