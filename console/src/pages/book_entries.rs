//! The entries of the books: from a balance to what made it, and on to the document.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::books::ACCOUNTS;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Money, Month, Ref};

pub(crate) const DOCUMENT: &str = document!("book-entries");
const SIZE: i64 = 25;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    tenants: Connection<Ref>,
    ledger_entries: Connection<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    number: i64,
    booked_on: NaiveDate,
    about_month: Month,
    late: bool,
    text: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    number: String,
    title: String,
    tenant: Option<Ref>,
    amount: Money,
    invoice: Option<Numbered>,
}

impl Line {
    fn is_debit(&self) -> bool {
        !self.amount.amount.starts_with('-')
    }
    /// Without its side.
    fn plain(&self) -> Money {
        if self.is_debit() { self.amount.clone() } else { self.amount.times(-1) }
    }
}

#[derive(Deserialize)]
struct Numbered {
    id: String,
    number: String,
}

#[derive(Template)]
#[template(path = "book-entries/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    accounts: Vec<Choice>,
    entries: Connection<Entry>,
    pager: Pager,
    filtered: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/books/entries", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let month = visit.parsed::<Month>("month").map(|m| m.to_string());
    let account = ACCOUNTS.into_iter().find(|account| visit.q("account") == *account);
    let filter = json!({ "month": month, "tenantId": visit.var("tenant"), "account": account, "documentId": visit.var("document") });
    let variables = json!({ "first": size, "after": after, "filter": filter });
    visit.load::<Data>(DOCUMENT, "BookEntries", variables).await?.park.found()
}

/// The same list as rows of a file: one a line, as accounting systems read a journal.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, entries) = (visit.w, load(visit, STEP, after).await?.ledger_entries);
    Ok(entries.parts(|entry| {
        let row = |line: &Line| {
            let (debit, credit) = if line.is_debit() { (Some(line.plain()), None) } else { (None, Some(line.plain())) };
            vec![
                entry.number.into(),
                entry.booked_on.into(),
                entry.about_month.to_string().into(),
                entry.text.clone().into(),
                line.number.clone().into(),
                line.title.clone().into(),
                Cell::of(line.tenant.as_ref().map(|tenant| w.name(&tenant.name, &tenant.name_en))),
                Cell::of(line.invoice.as_ref().map(|invoice| invoice.number.clone())),
                Cell::of(debit.as_ref()),
                Cell::of(credit.as_ref()),
                line.amount.currency.clone().into(),
            ]
        };
        entry.lines.iter().map(row).collect()
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("book-entry"), w.s("book-booked-on"), w.s("book-about"), w.s("book-text"), w.s("book-number"), w.s("book-account"),
            w.s("tenant"), w.s("invoice"), w.s("books-debit"), w.s("books-credit"), w.s("currency"),
        ];
        let (head, name) = (head.map(String::from).to_vec(), w.s("book-entries-title").to_string());
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let f = visit
        .frame(w.s("book-entries-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(w.s("books-title"), "/park/books");
    let names = ["month", "account", "tenant", "document"];
    visit.page(&Page {
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        accounts: ACCOUNTS.into_iter().map(|a| Choice::new(a, w.of("book-account-of", a))).collect(),
        form: names.iter().fold(Form::new(), |form, name| form.default_value(name, visit.q(name))),
        filtered: names.iter().any(|name| !visit.q(name).is_empty()),
        pager: visit.pager(&park.ledger_entries, SIZE).with_files(&visit),
        entries: park.ledger_entries,
        f,
    })
}
