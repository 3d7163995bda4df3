//! What a lease earns by its straight line, month by month.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::straight_lines::{Line, head};
use crate::Console;
use crate::frame::Frame;
use crate::report::{Part, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Month, node};

pub(crate) const DOCUMENT: &str = document!("lease-straight-line");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    straight_line: Vec<InMonth>,
}

#[derive(Deserialize)]
struct InMonth {
    month: Month,
    #[serde(flatten)]
    line: Line,
}

#[derive(Template)]
#[template(path = "lease-straight-line/page.html")]
struct Page {
    f: Frame,
    months: Vec<InMonth>,
    total: Option<Line>,
    files: (String, String),
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/straight-line", get(show))
}

async fn load(visit: &Visit, id: &str) -> Result<Lease, Stop> {
    visit.load::<Data>(DOCUMENT, "LeaseStraightLine", json!({ "id": id })).await?.node.found()
}

/// The months as rows of a file.
async fn part(visit: &Visit) -> Result<Part, Stop> {
    let id = visit.path().split('/').nth(3).unwrap_or_default();
    let row =
        |of: &InMonth| std::iter::once(of.month.to_string().into()).chain(of.line.cells(visit)).collect::<Vec<_>>();
    let rows: Vec<_> = load(visit, id).await?.straight_line.iter().map(row).collect();
    Ok(Part::whole(rows.into_iter()))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = std::iter::once(w.s("month").into()).chain(head(&visit)).collect();
        let name = w.s("straight-title").to_string();
        return take_away(visit, kind, name, head, |visit, _| Box::pin(part(visit))).await;
    }
    let lease = load(&visit, &id).await?;
    let back = format!("/park/leases/{}", lease.id);
    let f = visit
        .frame(w.s("straight-title"))
        .crumb(w.s("leases-title"), "/park/leases")
        .crumb(w.s("lease-title").arg("code", &lease.code), back.clone());
    let months = lease.straight_line;
    let total = Line::total(&months.iter().map(|of| &of.line).collect::<Vec<_>>());
    visit.page(&Page { f, total, months, files: visit.files(), back })
}
