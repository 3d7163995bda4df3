//! The fapiaos of a month: what the tax office was told, to look at and to take away.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Money, Month};

pub(crate) const DOCUMENT: &str = document!("fapiaos");
const SIZE: i64 = 50;
/// The kinds of the pack, by their names.
#[cfg(test)]
pub(crate) const KINDS: [&str; 6] = [
    "digital-special",
    "digital-ordinary",
    "electronic-special",
    "electronic-ordinary",
    "paper-special",
    "paper-ordinary",
];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    fapiaos: Connection<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    fapiao: Fapiao,
    invoice: Numbered,
}

#[derive(Deserialize)]
struct Numbered {
    id: String,
    number: String,
}

/// A fapiao on record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fapiao {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) colour: String,
    pub(crate) code: String,
    pub(crate) number: String,
    pub(crate) issued_on: NaiveDate,
    pub(crate) net: Money,
    pub(crate) tax: Money,
    pub(crate) title: String,
    pub(crate) tax_number: String,
    pub(crate) takes_back: Option<Blue>,
}

/// What a red one takes back.
#[derive(Deserialize)]
pub(crate) struct Blue {
    pub(crate) number: String,
}

impl Fapiao {
    pub(crate) fn look(&self) -> &'static str {
        if self.colour == "RED" { "bad" } else { "info" }
    }
}

/// A letter that brings an invoice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    pub(crate) to: String,
    pub(crate) state: String,
    pub(crate) code: Option<String>,
    pub(crate) posted_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

impl Delivery {
    pub(crate) fn look(&self) -> &'static str {
        match self.state.as_str() {
            "SENT" => "ok",
            "WAITING" => "info",
            "FAILED" => "bad",
            _ => "warn",
        }
    }
}

#[derive(Template)]
#[template(path = "fapiaos/page.html")]
struct Page {
    f: Frame,
    month: Month,
    list: Connection<Row>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices/fapiao", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Row>, Stop> {
    let vars = json!({ "month": visit.parsed::<Month>("month").map(|month| month.to_string()), "first": size, "after": after });
    Ok(visit.load::<Data>(DOCUMENT, "Fapiaos", vars).await?.park.found()?.fapiaos)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, list) = (visit.w, load(visit, STEP, after).await?);
    Ok(list.part(|row| {
        let one = row.fapiao;
        vec![
            one.code.into(),
            one.number.into(),
            w.of("fapiao-kind-of", &one.kind).into(),
            w.of("fapiao-colour", &one.colour).into(),
            one.issued_on.into(),
            (&one.net).into(),
            (&one.tax).into(),
            one.net.currency.into(),
            one.title.into(),
            one.tax_number.into(),
            Cell::of(one.takes_back.map(|blue| blue.number)),
            row.invoice.number.into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("fapiao-code"),
            w.s("fapiao-number"),
            w.s("fapiao-kind"),
            w.s("fapiao-colour"),
            w.s("fapiao-issued-on"),
            w.s("net"),
            w.s("tax"),
            w.s("currency"),
            w.s("fapiao-title"),
            w.s("tax-number"),
            w.s("fapiao-takes-back"),
            w.s("invoice"),
        ];
        let name = w.s("fapiaos-title").to_string();
        let head = head.map(String::from).to_vec();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let list = load(&visit, SIZE, visit.after()).await?;
    let f = visit.frame(w.s("fapiaos-title")).crumb(w.s("invoices-title"), "/park/invoices");
    let month = visit.parsed("month").map_or_else(|| visit.today().map(Month::of), Ok)?;
    visit.page(&Page { f, month, pager: visit.pager(&list, SIZE).with_files(&visit), list })
}
