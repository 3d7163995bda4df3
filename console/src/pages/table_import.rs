//! Import of a centre's tables, people and costs: all rows or the good ones, a report row by row.

use askama::Template;
use axum::Router;
use axum::extract::Multipart;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Stop, Visit};
use crate::wire::{RowIssue, UserError};

pub(crate) const DOCUMENT: &str = document!("table-import");

/// What is imported.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    People,
    Cost,
}

impl What {
    fn of(visit: &Visit) -> Self {
        if visit.path().starts_with("/centre/cost") { Self::Cost } else { Self::People }
    }

    const fn back(self) -> &'static str {
        match self {
            Self::People => "/centre/people",
            Self::Cost => "/centre/cost",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::People => "/centre/people/import",
            Self::Cost => "/centre/cost/import",
        }
    }
}

#[derive(Deserialize)]
struct Report {
    rows: i64,
    added: i64,
    updated: i64,
    refused: i64,
    issues: Vec<RowIssue>,
}

#[derive(Deserialize)]
struct OfCost {
    report: Report,
}

#[derive(Template)]
#[template(path = "table-import/page.html")]
struct Page {
    f: Frame,
    form: Form,
    modes: Vec<Choice>,
    action: &'static str,
    back: &'static str,
    lead: String,
    columns: Vec<Choice>,
    report: Option<Report>,
    /// Whether a file can be checked without being written.
    checks: bool,
    checked: bool,
}

pub(crate) fn routes() -> Router<Console> {
    let upload = || upload::unlimited(get(show).post(send));
    Router::new()
        .route("/centre/people/import", upload())
        .route("/centre/people/import/checked", post(after_check))
        .route("/centre/cost/import", upload())
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("mode", "ALL_OR_NOTHING").default_value("check", "yes");
    page(&visit, form, None, false).await
}

async fn send(visit: Visit, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let Some(file) = file.filter(|_| !form.is_refused()) else { return page(&visit, form, None, false).await };
    form = form.default_value("fileId", file.id).default_value("fileName", file.name);
    let check = form.holds("check", "yes") && What::of(&visit) == What::People;
    run(&visit, form, check).await
}

/// The list was only checked: now in earnest, with the file that is already there.
async fn after_check(visit: Visit, form: Form) -> Answer {
    run(&visit, form.without("check"), false).await
}

async fn import(visit: &Visit, form: &Form, check: bool) -> Result<Result<Report, Vec<UserError>>, Stop> {
    let (file, mode) = (form.value("fileId"), form.value("mode"));
    match What::of(visit) {
        What::People => {
            let input = json!({ "fileId": file, "mode": mode, "dryRun": check, "idempotencyKey": visit.key() });
            visit.act(DOCUMENT, "PeopleImport", input).await
        }
        What::Cost => {
            let input = json!({ "fileId": file, "mode": mode, "idempotencyKey": visit.key() });
            Ok(visit.act::<OfCost>(DOCUMENT, "CostImport", input).await?.map(|done| done.report))
        }
    }
}

async fn run(visit: &Visit, form: Form, check: bool) -> Answer {
    match import(visit, &form, check).await? {
        Err(errors) => page(visit, form.refused(errors), None, check).await,
        Ok(report) if !check && report.refused == 0 => {
            let done = visit.w.s("import-all-done").arg("added", report.added).arg("updated", report.updated);
            visit.done(What::of(visit).back(), done)
        }
        Ok(report) => page(visit, form, Some(report), check).await,
    }
}

async fn page(visit: &Visit, form: Form, report: Option<Report>, checked: bool) -> Answer {
    visit.load::<Value>(DOCUMENT, "TableImport", json!({})).await?;
    let w = visit.w;
    let what = What::of(visit);
    let (title, crumb, resource) = match what {
        What::People => (w.s("people-import"), w.s("place-centre-people"), "people"),
        What::Cost => (w.s("cost-import"), w.s("place-centre-cost"), "cost"),
    };
    let f = visit.frame(title).crumb(crumb, what.back());
    if !f.may("write", resource) {
        return Err(Stop::Forbidden);
    }
    let column = |name: &str, says: crate::words::Say| Choice::new(name, says);
    let (lead, columns) = match what {
        What::People => (
            w.s("people-import-lead"),
            vec![
                column("employee_no", w.s("employee-no")),
                column("name", w.s("person-name")),
                column("position", w.s("position")),
                column("joined_on", w.s("joined-on")),
                column("team", w.s("team")),
                column("left_on", w.s("left-on")),
            ],
        ),
        What::Cost => (
            w.s("cost-import-lead"),
            vec![
                column("month", w.s("month")),
                column("category", w.s("cost-part")),
                column("amount", w.s("amount")),
                column("note", w.s("cost-note")),
            ],
        ),
    };
    let page = Page {
        modes: vec![
            Choice::new("ALL_OR_NOTHING", w.s("import-all")).hint(w.s("import-all-hint")),
            Choice::new("GOOD_ROWS", w.s("import-good")).hint(w.s("import-good-hint")),
        ],
        action: what.action(),
        back: what.back(),
        lead: lead.into(),
        checks: what == What::People,
        columns,
        f,
        form,
        report,
        checked,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
