//! Import of a seat plan: check first or at once, all rows or the good ones, a report row by row.

use askama::Template;
use axum::Router;
use axum::extract::Multipart;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::csv;
use crate::upload;
use crate::visit::{Answer, Stop, Visit};
use crate::wire::{RowIssue, UserError};

pub(crate) const DOCUMENT: &str = document!("seat-import");
const BACK: &str = "/park/seats";

/// What a file may hold: name of a column and whether it must be there.
const COLUMNS: &[(&str, bool)] = &[
    ("building", true),
    ("floor", true),
    ("level", false),
    ("zone", true),
    ("seat", true),
    ("product", true),
    ("x_mm", true),
    ("y_mm", true),
    ("built_from", false),
    ("built_to", false),
    ("window", false),
    ("sound_insulation", false),
    ("power_points", false),
    ("network_points", false),
    ("shift_class", false),
];

#[derive(Deserialize)]
struct Report {
    added: i64,
    updated: i64,
    unchanged: i64,
    refused: i64,
    rows: i64,
    applied: bool,
    issues: Vec<RowIssue>,
}

#[derive(Template)]
#[template(path = "seat-import/page.html")]
struct Page {
    f: Frame,
    form: Form,
    modes: Vec<Choice>,
    columns: &'static [(&'static str, bool)],
    report: Option<Report>,
    checked: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/seats/import", upload::unlimited(get(show).post(send)))
        .route("/park/seats/import/checked", post(after_check))
        .route("/park/seats/import/wrong-rows", post(wrong_rows))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("mode", "ALL_OR_NOTHING").default_value("check", "yes");
    page(&visit, form, None, false).await
}

async fn send(visit: Visit, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let Some(file) = file else { return page(&visit, form, None, false).await };
    if form.is_refused() {
        return page(&visit, form, None, false).await;
    }
    form = form.default_value("fileId", file.id).default_value("fileName", file.name);
    let check = form.holds("check", "yes");
    run(&visit, form, check).await
}

/// The plan was only checked: now in earnest, with the file that is already there.
async fn after_check(visit: Visit, form: Form) -> Answer {
    run(&visit, form.without("check"), false).await
}

/// The rows that are wrong, as a file: the plan is checked once more, nothing is written.
async fn wrong_rows(visit: Visit, form: Form) -> Answer {
    let w = visit.w;
    match import(&visit, &form, true).await? {
        Err(errors) => page(&visit, form.refused(errors), None, true).await,
        Ok(report) => {
            let head = [w.s("import-row"), w.s("import-field"), w.s("import-message")].map(String::from);
            let rows = report.issues.into_iter().map(|i| vec![i.row.to_string(), i.field, i.message]);
            visit.taken_away("csv").await?;
            Ok(csv(&format!("{}.csv", w.s("import-issues")), &head, rows))
        }
    }
}

async fn import(visit: &Visit, form: &Form, check: bool) -> Result<Result<Report, Vec<UserError>>, Stop> {
    let input = json!({
        "fileId": form.value("fileId"), "mode": form.value("mode"), "dryRun": check,
        "idempotencyKey": form.value("key"),
    });
    visit.act::<Report>(DOCUMENT, "SeatPlanImport", input).await
}

async fn run(visit: &Visit, form: Form, check: bool) -> Answer {
    match import(visit, &form, check).await? {
        Err(errors) => page(visit, form.refused(errors), None, check).await,
        Ok(report) if report.applied && report.refused == 0 => {
            let done = visit.w.s("seat-import-done").arg("added", report.added).arg("updated", report.updated);
            visit.done(BACK, done)
        }
        Ok(report) => page(visit, form, Some(report), check).await,
    }
}

async fn page(visit: &Visit, form: Form, report: Option<Report>, checked: bool) -> Answer {
    visit.load::<Value>(DOCUMENT, "SeatImportForm", json!({})).await?;
    let w = visit.w;
    let page = Page {
        f: visit.frame(w.s("seat-import-title")).crumb(w.s("seats-title"), BACK),
        modes: vec![
            Choice::new("ALL_OR_NOTHING", w.s("import-all")).hint(w.s("import-all-hint")),
            Choice::new("GOOD_ROWS", w.s("import-good")).hint(w.s("import-good-hint")),
        ],
        columns: COLUMNS,
        form: form.fresh_key(visit),
        report,
        checked,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
