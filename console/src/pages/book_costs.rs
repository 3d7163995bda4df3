//! Costs of the park in its books: those of a month, one more, and one taken back.

use askama::Template;
use axum::Router;
use axum::routing::{get, post};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Connection, Money, Month};

pub(crate) const DOCUMENT: &str = document!("book-costs");

/// The cost pools.
pub(crate) const POOLS: [&str; 7] = ["RENT", "FIT_OUT", "POWER", "TELECOM", "DEPRECIATION", "STAFF", "OTHER"];
/// Where the other side of a cost stands.
pub(crate) const AGAINST: [&str; 6] = ["BANK", "TILL", "SUPPLIERS", "WAGES", "DEPRECIATION", "PREPAID"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    currency: String,
    ledger_entries: Connection<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    number: i64,
    key: String,
    reverses: Option<String>,
    kind: String,
    booked_on: NaiveDate,
    text: String,
    lines: Vec<Line>,
}

impl Entry {
    /// Its line on a cost pool.
    fn cost(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.account == "COST_POOL")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    account: String,
    title: String,
    amount: Money,
    service_from: Option<NaiveDate>,
    service_to: Option<NaiveDate>,
}

#[derive(Template)]
#[template(path = "book-costs/page.html")]
struct Page {
    f: Frame,
    form: Form,
    month: Month,
    currency: String,
    entries: Connection<Entry>,
    pools: Vec<Choice>,
    against: Vec<Choice>,
    may_write: bool,
}

impl Page {
    /// Whether another entry of the month takes it back.
    fn taken_back(&self, entry: &Entry) -> bool {
        self.entries.nodes.iter().any(|other| other.reverses.as_ref() == Some(&entry.key))
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/books/costs", get(show).post(record))
        .route("/park/books/costs/reverse", post(reverse))
}

async fn month(visit: &Visit, form: &Form) -> Result<Month, Stop> {
    visit.load::<Value>(DOCUMENT, "BookCostsDay", json!({})).await?;
    let said = form.value("month").parse::<Month>().ok().or_else(|| visit.parsed::<Month>("month"));
    Ok(said.unwrap_or(Month::of(visit.today()?)))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let month = month(visit, &form).await?;
    let data: Data = visit.load(DOCUMENT, "BookCosts", json!({ "month": month.to_string() })).await?;
    let (park, w, today) = (data.park.found()?, visit.w, visit.today()?);
    let f = visit
        .frame(w.s("book-costs-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(w.s("books-title"), format!("/park/books?month={month}"));
    let page = Page {
        may_write: f.may("commit", "billing"),
        form: form
            .default_value("month", month.to_string())
            .default_value("on", today.to_string())
            .default_value("against", "SUPPLIERS")
            .fresh_key(visit),
        pools: POOLS.iter().map(|pool| Choice::new(*pool, w.of("book-cost-pool-of", pool))).collect(),
        against: AGAINST.iter().map(|side| Choice::new(*side, w.of("book-cost-against-of", side))).collect(),
        currency: park.currency,
        entries: park.ledger_entries,
        month,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn record(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let mut input = json!({ "idempotencyKey": form.value("key") });
    for field in ["pool", "amount", "against", "note"] {
        input[field] = form.required(field, w);
    }
    input["on"] = form.date("on", w);
    input["serviceFrom"] = form.optional_date("serviceFrom", w);
    // The last day is named; the API takes the one after it.
    let last = form.value("serviceTo").parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1)));
    input["serviceTo"] = match last {
        Some(day) => json!(day),
        None => form.optional_date("serviceTo", w),
    };
    if form.is_refused() {
        return page(&visit, form).await;
    }
    if let Err(errors) = visit.act::<Value>(DOCUMENT, "BookCostRecord", input).await? {
        return page(&visit, form.refused(errors)).await;
    }
    let on = form.value("on").parse::<NaiveDate>().map_or_else(|_| form.value("month").to_owned(), |day| Month::of(day).to_string());
    visit.done(&format!("/park/books/costs?month={on}"), w.s("book-cost-done"))
}

async fn reverse(visit: Visit, form: Form) -> Answer {
    let input = json!({ "entryId": form.value("entryId"), "reason": form.value("why"), "idempotencyKey": form.value("key") });
    if let Err(errors) = visit.act::<Value>(DOCUMENT, "BookCostReverse", input).await? {
        return page(&visit, form.refused(errors)).await;
    }
    let to = format!("/park/books/costs?month={}", form.value("month"));
    visit.done(&to, visit.w.s("book-cost-reversed"))
}
