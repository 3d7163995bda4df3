//! The home of a role without pages: who it is, and the way out.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!("welcome");

#[derive(Template)]
#[template(path = "welcome/page.html")]
struct Page {
    f: Frame,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/welcome", get(show))
}

async fn show(visit: Visit) -> Answer {
    visit.load::<Value>(DOCUMENT, "Welcome", json!({})).await?;
    visit.page(&Page { f: visit.frame(visit.w.s("welcome-title")) })
}
