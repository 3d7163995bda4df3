//! The price books of the park.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("prices");
/// Books on a page.
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    price_books: Connection<Book>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Book {
    #[serde(rename = "book")]
    id: String,
    version: i64,
    title: Text,
    currency: String,
    note: String,
    published_at: Option<DateTime<Utc>>,
    prices: Vec<Priced>,
    breaks: Breaks,
}

/// A text in both languages.
#[derive(Deserialize)]
pub(crate) struct Text {
    pub(crate) zh: String,
    pub(crate) en: String,
}

#[derive(Deserialize)]
struct Priced {
    #[serde(rename = "price")]
    _price: String,
}

#[derive(Deserialize)]
struct Breaks {
    cliffs: Vec<Priced>,
}

#[derive(Template)]
#[template(path = "prices/page.html")]
struct Page {
    f: Frame,
    books: Connection<Book>,
    pager: Pager,
    zone: String,
    may_publish: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/prices", get(show))
}

async fn show(visit: Visit) -> Answer {
    let vars = json!({ "first": SIZE, "after": visit.after() });
    let books = visit.load::<Data>(DOCUMENT, "Prices", vars).await?.park.found()?.price_books;
    let viewer = visit.viewer().found()?;
    if !viewer.may("read", "billing") {
        return None.found();
    }
    let (w, may_publish) = (visit.w, viewer.may("commit", "billing"));
    let mut f = visit.frame(w.s("prices-title")).crumb(w.s("invoices-title"), "/park/invoices");
    if may_publish {
        f = f.primary(w.s("price-new-title"), "/park/prices/version/new");
    }
    let zone = viewer.park.found()?.time_zone;
    visit.page(&Page { pager: visit.pager(&books, SIZE), books, zone, may_publish, f })
}
