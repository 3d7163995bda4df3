//! A quote on paper: what the lead gets to see, without anything else around it when it is printed.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::quote::Quote;
use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("quote-print");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Quote>,
}

#[derive(Template)]
#[template(path = "quote-print/page.html")]
struct Page {
    f: Frame,
    quote: Quote,
    park: String,
    date: DateTime<Utc>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/quotes/{id}/print", get(show))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let data: Data = visit.load(DOCUMENT, "QuotePrint", json!({ "id": id })).await?;
    let (quote, w) = (data.node.found()?, visit.w);
    let park = visit.viewer().and_then(|viewer| viewer.park).found()?;
    let title = w.s("quote-title").arg("number", &quote.number);
    visit.page(&Page {
        f: visit.frame(title).crumb(w.s("quote"), format!("/park/quotes/{id}")),
        park: w.name(&park.name, &park.name_en).to_owned(),
        date: quote.sent_at.unwrap_or(quote.created_at),
        quote,
    })
}
