//! The imports of call records, the latest first.

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

pub(crate) const DOCUMENT: &str = document!("centre-imports");
const SIZE: i64 = 20;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    imports: Connection<Import>,
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
    started_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "centre-imports/page.html")]
struct Page {
    f: Frame,
    imports: Connection<Import>,
    pager: Pager,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/imports", get(show))
}

async fn show(visit: Visit) -> Answer {
    let data: Data = visit.load(DOCUMENT, "CentreImports", json!({ "first": SIZE, "after": visit.after() })).await?;
    let imports = data.tenant.found()?.imports;
    let w = visit.w;
    let mut f = visit.frame(w.s("imports-title")).crumb(w.s("place-centre-operations"), "/centre/operations");
    if f.may("write", "operations") {
        f = f.primary(w.s("import-calls"), "/centre/imports/new");
    }
    let pager = visit.pager(&imports, SIZE);
    visit.page(&Page { f, imports, pager })
}
