//! The imports of call records, the latest first.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
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

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Import>, Stop> {
    let variables = json!({ "first": size, "after": after });
    Ok(visit.load::<Data>(DOCUMENT, "CentreImports", variables).await?.tenant.found()?.imports)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, imports) = (visit.w, load(visit, STEP, after).await?);
    let zone = visit.viewer().and_then(|viewer| viewer.park).found()?.time_zone;
    Ok(imports.part(|import| {
        vec![
            Cell::moment(import.started_at, &zone),
            w.of("contact-format", &import.format).into(),
            w.of("import-state", &import.state).into(),
            import.rows_read.into(),
            import.contacts_added.into(),
            import.contacts_known.into(),
            import.rows_refused.into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("import-begun"), w.s("import-format"), w.s("state"), w.s("import-read"), w.s("import-new"), w.s("import-known"), w.s("import-bad")].map(String::from).to_vec();
        let name = w.s("imports-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let imports = load(&visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("imports-title")).crumb(w.s("place-centre-operations"), "/centre/operations");
    if f.may("write", "operations") {
        f = f.primary(w.s("import-calls"), "/centre/imports/new");
    }
    if f.may("read", "jobs") {
        f = f.action(w.s("jobs-title"), "/centre/jobs");
    }
    let pager = visit.pager(&imports, SIZE).with_files(&visit);
    visit.page(&Page { f, imports, pager })
}
