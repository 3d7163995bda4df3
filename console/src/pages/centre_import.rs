//! One import of call records: how far it is while it runs, then the report with every row that was kept aside.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, RowIssue, UserError, node};

pub(crate) const DOCUMENT: &str = document!("centre-import");
const SIZE: i64 = 50;
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
    Router::new().route("/centre/imports/{id}", get(show))
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

async fn load(visit: &Visit, id: &str, size: i64, after: Value) -> Result<Import, Stop> {
    let variables = json!({ "id": id, "first": size, "after": after });
    visit.load::<Data>(DOCUMENT, "CentreImport", variables).await?.node.found()
}

/// The rows that were kept aside, as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let id = visit.path().rsplit('/').next().unwrap_or_default();
    let issues = load(visit, id, STEP, after).await?.issues;
    Ok(issues.part(|issue| vec![issue.row.into(), issue.field.into(), issue.message.into()]))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("import-row"), w.s("import-field"), w.s("import-message")].map(String::from).to_vec();
        let name = w.s("import-aside").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let import = load(&visit, &id, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit
        .frame(w.s("import-title"))
        .crumb(w.s("place-centre-operations"), "/centre/operations")
        .crumb(w.s("imports-title"), "/centre/imports");
    if import.is_under_way() {
        f = f.refresh(EVERY);
    }
    let pager = visit.pager(&import.issues, SIZE).with_files(&visit);
    visit.page(&Page { f, import, pager })
}
