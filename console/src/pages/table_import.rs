//! Import of a centre's tables, people, costs, proofs of employment and logins: all rows or the good ones, a report row by row.

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
    Proofs,
    Logins,
}

impl What {
    fn of(visit: &Visit) -> Self {
        let below = |path: &str| visit.path().starts_with(path);
        [Self::Cost, Self::Proofs, Self::Logins].into_iter().find(|what| below(what.action())).unwrap_or(Self::People)
    }

    const fn back(self) -> &'static str {
        match self {
            Self::People => "/centre/people",
            Self::Cost => "/centre/cost",
            Self::Proofs | Self::Logins => "/centre/seat-days",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::People => "/centre/people/import",
            Self::Cost => "/centre/cost/import",
            Self::Proofs => "/centre/seat-days/proofs",
            Self::Logins => "/centre/seat-days/logins",
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
        .route("/centre/seat-days/proofs", upload())
        .route("/centre/seat-days/proofs/checked", post(after_check))
        .route("/centre/seat-days/logins", upload())
        .route("/centre/seat-days/logins/checked", post(after_check))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("mode", "ALL_OR_NOTHING").default_value("check", "yes");
    page(&visit, form, None, false).await
}

async fn send(visit: Visit, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let Some(file) = file.filter(|_| !form.is_refused()) else { return page(&visit, form, None, false).await };
    form = form.default_value("fileId", file.id).default_value("fileName", file.name);
    let check = form.holds("check", "yes") && What::of(&visit) != What::Cost;
    run(&visit, form, check).await
}

/// The list was only checked: now in earnest, with the file that is already there.
async fn after_check(visit: Visit, form: Form) -> Answer {
    run(&visit, form.without("check"), false).await
}

async fn import(visit: &Visit, form: &Form, check: bool) -> Result<Result<Report, Vec<UserError>>, Stop> {
    let (file, mode) = (form.value("fileId"), form.value("mode"));
    let checked = || json!({ "fileId": file, "mode": mode, "dryRun": check, "idempotencyKey": visit.key() });
    match What::of(visit) {
        What::People => visit.act(DOCUMENT, "PeopleImport", checked()).await,
        What::Proofs => visit.act(DOCUMENT, "ProofsImport", checked()).await,
        What::Logins => visit.act(DOCUMENT, "LoginsImport", checked()).await,
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
        What::Proofs => (w.s("proofs-import"), w.s("seat-days-title"), "people"),
        What::Logins => (w.s("logins-import"), w.s("seat-days-title"), "operations"),
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
        What::Proofs => (
            w.s("proofs-import-lead"),
            vec![
                column("employee_no", w.s("employee-no")),
                column("month", w.s("month")),
                column("payroll", w.s("proof-payroll")),
                column("insurance", w.s("proof-insurance")),
                column("contract_from", w.s("proof-contract-from")),
                column("contract_last_day", w.s("proof-contract-last-day")),
                column("identity_no", w.s("proof-identity-no")),
            ],
        ),
        What::Logins => (
            w.s("logins-import-lead"),
            vec![
                column("employee_no", w.s("employee-no")),
                column("login", w.s("login-at")),
                column("seat", w.s("seat")),
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
        checks: what != What::Cost,
        columns,
        f,
        form,
        report,
        checked,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}
