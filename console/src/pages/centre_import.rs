//! One import of call records: how far it is while it runs, then the report with every row that was kept aside.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::frame::Frame;
use crate::report::csv;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, RowIssue, UserError, node};

pub(crate) const DOCUMENT: &str = document!("centre-import");
const SIZE: i64 = 50;
/// Pages of 100 issues that are read at most for the file.
const MOST_PAGES: u32 = 1000;
/// Seconds between two looks at a running import.
const EVERY: u32 = 2;

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "node")]
    node: Option<Import>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Import {
    id: String,
    format: String,
    state: String,
    rows_read: i64,
    contacts_added: i64,
    contacts_known: i64,
    rows_refused: i64,
    bytes_total: String,
    bytes_read: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    failure: Option<UserError>,
    issues: Connection<RowIssue>,
}

impl Import {
    fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "WAITING" | "RUNNING")
    }
    fn done(&self) -> u64 {
        self.bytes_read.parse().unwrap_or(0)
    }
    fn all(&self) -> u64 {
        self.bytes_total.parse().unwrap_or(0).max(1)
    }
}

#[derive(Template)]
#[template(path = "centre-import/page.html")]
struct Page {
    f: Frame,
    import: Import,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/imports/{id}", get(show)).route("/centre/imports/{id}/issues.csv", get(issues))
}

/// The look of an import's state.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "DONE" => "ok",
        "FAILED" => "bad",
        "RUNNING" => "info",
        _ => "idle",
    }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let variables = json!({ "id": id, "first": SIZE, "after": visit.after() });
    let data: Data = visit.load(DOCUMENT, "CentreImport", variables).await?;
    let import = data.node.found()?;
    let w = visit.w;
    let mut f = visit
        .frame(w.s("import-title"))
        .crumb(w.s("place-centre-operations"), "/centre/operations")
        .crumb(w.s("imports-title"), "/centre/imports");
    if import.is_under_way() {
        f = f.refresh(EVERY);
    }
    let pager = visit.pager(&import.issues, SIZE);
    visit.page(&Page { f, import, pager })
}

/// The rows that were kept aside, as a file.
async fn issues(visit: Visit, Path(id): Path<String>) -> Answer {
    let w = visit.w;
    let (mut rows, mut after) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let variables = json!({ "id": id, "first": 100, "after": after });
        let data: Data = visit.load(DOCUMENT, "CentreImport", variables).await?;
        let list = data.node.found()?.issues;
        rows.extend(list.nodes.into_iter().map(|i| vec![i.row.to_string(), i.field, i.message]));
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        if after.is_none() {
            break;
        }
    }
    let head = [w.s("import-row"), w.s("import-field"), w.s("import-message")].map(String::from);
    Ok(csv(&format!("{}.csv", w.s("import-aside")), &head, rows.into_iter()))
}
