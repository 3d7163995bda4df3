//! Which letters went to whom, and what became of them.

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

pub(crate) const DOCUMENT: &str = document!("park-letters");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    letters: Connection<Letter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Letter {
    kind: String,
    recipient: String,
    state: String,
    code: Option<String>,
    posted_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl Letter {
    fn look(&self) -> &'static str {
        match self.state.as_str() {
            "SENT" => "ok",
            "WAITING" => "info",
            "FAILED" => "bad",
            _ => "warn",
        }
    }
}

#[derive(Template)]
#[template(path = "park-letters/page.html")]
struct Page {
    f: Frame,
    list: Connection<Letter>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/letters", get(show))
}

async fn show(visit: Visit) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ParkLetters", json!({ "first": SIZE, "after": visit.after() })).await?;
    let list = data.park.found()?.letters;
    let w = visit.w;
    let f = visit.frame(w.s("letters-title")).crumb(w.s("invitations-title"), "/park/invitations");
    visit.page(&Page { f, pager: visit.pager(&list, SIZE), list })
}
