//! Who owes what since when.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Ref};

pub(crate) const DOCUMENT: &str = document!("ageing");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    ageing: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    tenant: Option<Ref>,
    owed: Money,
    not_due: Money,
    to30: Money,
    to60: Money,
    to90: Money,
    beyond: Money,
    unapplied: Money,
}

#[derive(Template)]
#[template(path = "ageing/page.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    on: NaiveDate,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/books/ageing", get(show))
}

async fn show(visit: Visit) -> Answer {
    let on = visit.parsed::<NaiveDate>("on");
    let data: Data = visit.load(DOCUMENT, "Ageing", json!({ "on": on })).await?;
    let w = visit.w;
    let f = visit
        .frame(w.s("ageing-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(w.s("books-title"), "/park/books");
    let on = match on {
        Some(on) => on,
        None => visit.today()?,
    };
    visit.page(&Page { f, rows: data.park.found()?.ageing, on })
}
