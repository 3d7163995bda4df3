//! What leases earn by their straight lines in a month, and its booking.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::report::{Cell, Part, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Month, Ref, UserError};

pub(crate) const DOCUMENT: &str = document!("straight-lines");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    straight_lines: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    lease: Lease,
    line: Option<Line>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
}

/// A month by days and by the straight line.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) seat_days: i64,
    pub(crate) by_day: Money,
    pub(crate) straight: Money,
    pub(crate) ahead: Money,
    pub(crate) booked: bool,
}

impl Line {
    /// What the straight line makes of the month beside its days.
    pub(crate) fn more(&self) -> Option<Money> {
        Money::sum([&self.straight, &self.by_day.times(-1)].into_iter())
    }
    /// Whether there is nothing to book.
    pub(crate) fn is_level(&self) -> bool {
        self.straight.amount == self.by_day.amount
    }
    /// Sums over lines; none of several currencies.
    pub(crate) fn total(lines: &[&Self]) -> Option<Self> {
        let sum = |of: fn(&Self) -> &Money| Money::sum(lines.iter().map(|line| of(line)));
        Some(Self {
            seat_days: lines.iter().map(|line| line.seat_days).sum(),
            by_day: sum(|line| &line.by_day)?,
            straight: sum(|line| &line.straight)?,
            ahead: sum(|line| &line.ahead)?,
            booked: false,
        })
    }
    /// The cells of a file: seat-days, by the day, straight line, difference, ahead, whether it is booked.
    pub(crate) fn cells(&self, visit: &Visit) -> Vec<Cell> {
        let word = match (self.booked, self.is_level()) {
            (true, _) => visit.w.s("straight-booked"),
            (false, true) => visit.w.s("straight-level"),
            (false, false) => visit.w.s("straight-open"),
        };
        vec![
            self.seat_days.into(),
            (&self.by_day).into(),
            (&self.straight).into(),
            Cell::of(self.more().as_ref()),
            (&self.ahead).into(),
            self.by_day.currency.clone().into(),
            word.into(),
        ]
    }
}

/// The heads of those cells.
pub(crate) fn head(visit: &Visit) -> Vec<String> {
    let w = visit.w;
    let words = [
        w.s("seat-days"),
        w.s("straight-by-day"),
        w.s("straight-line"),
        w.s("straight-more"),
        w.s("straight-ahead"),
        w.s("currency"),
        w.s("state"),
    ];
    words.map(String::from).to_vec()
}

#[derive(Template)]
#[template(path = "straight-lines/page.html")]
struct Page {
    f: Frame,
    form: Form,
    month: Month,
    rows: Vec<Row>,
    total: Option<Line>,
    files: (String, String),
    /// Whether the month is over, and who looks may book it.
    may_book: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/books/straight-line", get(show).post(book))
}

async fn month(visit: &Visit, form: &Form) -> Result<Month, Stop> {
    if let Ok(month) = form.value("month").parse::<Month>() {
        return Ok(month);
    }
    if let Some(month) = visit.parsed::<Month>("month") {
        return Ok(month);
    }
    visit.load::<Value>(DOCUMENT, "StraightLinesDay", json!({})).await?;
    Ok(Month::of(visit.today()?).minus(1))
}

async fn load(visit: &Visit, month: Month) -> Result<Vec<Row>, Stop> {
    let data: Data = visit.load(DOCUMENT, "StraightLines", json!({ "month": month.to_string() })).await?;
    Ok(data.park.found()?.straight_lines)
}

/// The month as rows of a file; leases that cannot be priced say why.
async fn part(visit: &Visit, _: Value) -> Result<Part, Stop> {
    let month = month(visit, &Form::new()).await?;
    let rows = load(visit, month).await?;
    let row = |row: &Row| {
        let tenant = visit.w.name(&row.lease.tenant.name, &row.lease.tenant.name_en).to_string();
        let told = || row.user_errors.iter().map(|error| error.message.clone().into()).collect();
        let cells = row.line.as_ref().map_or_else(told, |line| line.cells(visit));
        let first = [month.to_string().into(), row.lease.code.clone().into(), tenant.into()];
        first.into_iter().chain(cells).collect()
    };
    Ok(Part::whole(rows.iter().map(row).collect::<Vec<_>>().into_iter()))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let first = [w.s("month"), w.s("lease"), w.s("tenant")].map(String::from);
        let head = first.into_iter().chain(head(&visit)).collect();
        let name = w.s("straight-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let month = month(visit, &form).await?;
    let rows = load(visit, month).await?;
    let w = visit.w;
    let f = visit
        .frame(w.s("straight-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(w.s("books-title"), format!("/park/books?month={month}"));
    let page = Page {
        may_book: f.may("commit", "billing") && Month::of(visit.today()?) > month && !rows.is_empty(),
        total: Line::total(&rows.iter().filter_map(|row| row.line.as_ref()).collect::<Vec<_>>()).filter(|_| rows.len() > 1),
        form: form.default_value("month", month.to_string()).fresh_key(visit),
        files: visit.files(),
        month,
        rows,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn book(visit: Visit, form: Form) -> Answer {
    let input = json!({ "upTo": form.value("month"), "idempotencyKey": form.value("key") });
    if let Err(errors) = visit.act::<Value>(DOCUMENT, "StraightLineBook", input).await? {
        return page(&visit, form.refused(errors)).await;
    }
    let to = format!("/park/books/straight-line?month={}", form.value("month"));
    visit.done(&to, visit.w.s("straight-book-done"))
}
