//! Background jobs of the tenant, or of the park itself: how far they are, stopping one, beginning one again.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::{Area, Frame};
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::Connection;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("jobs");
const SIZE: i64 = 20;

#[derive(Deserialize)]
struct Data {
    jobs: Option<Connection<Job>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    kind: String,
    state: String,
    ending: bool,
    attempts: i64,
    enqueued_at: DateTime<Utc>,
    run_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    problem: Option<String>,
    progress: Option<Progress>,
    contact_import: Option<Named>,
}

/// How far a job is.
#[derive(Deserialize)]
struct Progress {
    done: i64,
    total: Option<i64>,
    step: String,
}

impl Progress {
    /// In figures with their unit.
    fn words(&self, w: Words) -> String {
        let said = |n: i64| match self.step.as_str() {
            "bytes" => w.bytes(&n.to_string()),
            _ => w.n(n),
        };
        match self.total {
            Some(total) => w.s("job-progress-of").arg("done", said(self.done)).arg("total", said(total)).to_string(),
            None => w.s("job-progress").arg("done", said(self.done)).to_string(),
        }
    }
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Job {
    /// What is done, in words; a kind that is newer than the words by its own name.
    fn what(&self, w: Words) -> String {
        what(&self.kind, w)
    }
    fn look(&self) -> &'static str {
        match self.state.as_str() {
            _ if self.ending => "warn",
            "DONE" => "ok",
            "FAILED" => "bad",
            "RUNNING" => "info",
            _ => "idle",
        }
    }
    fn word(&self, w: Words) -> String {
        if self.ending { w.s("job-ending").to_string() } else { w.of("job-state", &self.state).to_string() }
    }
    /// How far it is, while it runs.
    fn far(&self, w: Words) -> Option<String> {
        self.progress.as_ref().filter(|_| self.state == "RUNNING").map(|progress| progress.words(w))
    }
    /// When it is tried next, of one that was tried before.
    fn next(&self) -> Option<DateTime<Utc>> {
        (self.state == "WAITING" && self.attempts > 0 && !self.ending).then_some(self.run_at)
    }
    fn may_stop(&self) -> bool {
        !self.ending && matches!(self.state.as_str(), "WAITING" | "RUNNING")
    }
    fn may_go_again(&self) -> bool {
        matches!(self.state.as_str(), "FAILED" | "CANCELLED")
    }
}

/// What a kind of job does, in words; a kind that is newer than the words by its own name.
fn what(kind: &str, w: Words) -> String {
    match kind {
        "contact-import" => w.s("import-calls").to_string(),
        "letter" => w.s("letters-title").to_string(),
        "seat-request" => w.s("job-seat-request").to_string(),
        "file-scan" => w.s("job-file-scan").to_string(),
        "file-sweep" => w.s("job-file-sweep").to_string(),
        "audit-seal" => w.s("job-audit-seal").to_string(),
        "billing-run" => w.s("job-billing-run").to_string(),
        "invoice-repricing" => w.s("job-repricing").to_string(),
        "platform-bill" => w.s("job-platform-bill").to_string(),
        _ => kind.to_owned(),
    }
}

#[derive(Deserialize)]
struct Regular {
    #[serde(default)]
    schedules: Option<Vec<Schedule>>,
}

/// Work that the park has done by itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    id: String,
    kind: String,
    timing: String,
    enabled: bool,
    fixed: bool,
    next_at: Option<DateTime<Utc>>,
    begun_at: Option<DateTime<Utc>>,
    job: Option<Last>,
}

#[derive(Deserialize)]
struct Last {
    state: String,
    problem: Option<String>,
}

impl Schedule {
    /// When, in words.
    fn when(&self, w: Words) -> String {
        let (rule, rest) = self.timing.split_once(' ').unwrap_or((&self.timing, ""));
        match (rule, rule.strip_prefix("monthly-")) {
            ("every", _) => w.s("schedule-every").arg("minutes", rest.to_owned()).to_string(),
            (_, Some(day)) => w.s("schedule-monthly").arg("day", day.to_owned()).arg("at", rest.to_owned()).to_string(),
            ("weekdays", _) => w.s("schedule-weekdays").arg("at", rest.to_owned()).to_string(),
            ("month-end", _) => w.s("schedule-month-end").arg("at", rest.to_owned()).to_string(),
            _ => w.s("schedule-daily").arg("at", rest.to_owned()).to_string(),
        }
    }
    /// How it went last.
    fn look(&self) -> &'static str {
        match self.job.as_ref().map(|job| job.state.as_str()) {
            Some("DONE") => "ok",
            Some("FAILED") => "bad",
            Some("RUNNING") => "info",
            _ => "idle",
        }
    }
}

#[derive(Template)]
#[template(path = "jobs/page.html")]
struct Page {
    f: Frame,
    form: Form,
    jobs: Connection<Job>,
    schedules: Vec<Schedule>,
    pager: Pager,
    base: String,
    may_write: bool,
}

impl Page {
    /// What a kind of job does.
    #[expect(clippy::unused_self, reason = "the template's way to a function")]
    fn what(&self, kind: &str, w: Words) -> String {
        what(kind, w)
    }
}

pub(crate) fn routes() -> Router<Console> {
    let mut routes = Router::new();
    for base in ["/park/jobs", "/centre/jobs"] {
        routes = routes
            .route(base, get(show))
            .route(&format!("{base}/{{id}}/cancel"), post(cancel))
            .route(&format!("{base}/{{id}}/retry"), post(retry));
    }
    routes.route("/park/jobs/schedules/{id}", post(set))
}

/// Switches work that is done by itself on or off.
async fn set(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "scheduleId": id, "enabled": form.value("enabled") == "on", "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "ScheduleSet", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/jobs", visit.w.s("schedule-set")),
    }
}

/// The list that the page belongs to.
fn base(visit: &Visit) -> String {
    format!("{}/jobs", Area::of(visit.path()).home())
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let variables = json!({ "first": SIZE, "after": visit.after() });
    let jobs = visit.load::<Data>(DOCUMENT, "Jobs", variables).await?.jobs.found()?;
    // A centre has none of its own.
    let schedules = if Area::of(visit.path()) == Area::Park {
        visit.load::<Regular>(DOCUMENT, "Schedules", json!({})).await?.schedules.unwrap_or_default()
    } else {
        Vec::new()
    };
    let mut f = visit.frame(visit.w.s("jobs-title"));
    if Area::of(visit.path()) == Area::Centre {
        let w = visit.w;
        f = f.crumb(w.s("place-centre-operations"), "/centre/operations").crumb(w.s("imports-title"), "/centre/imports");
    }
    if jobs.nodes.iter().any(|job| job.ending || job.state == "RUNNING") {
        f = f.live(3);
    }
    let may_write = f.may("write", "jobs");
    let pager = visit.pager(&jobs, SIZE);
    let page = Page { f, form: form.fresh_key(visit), pager, jobs, schedules, base: base(visit), may_write };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn cancel(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    steer(visit, form, "JobCancel", &id).await
}

async fn retry(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    steer(visit, form, "JobRetry", &id).await
}

async fn steer(visit: Visit, form: Form, operation: &'static str, id: &str) -> Answer {
    // One key serves every row of the page.
    let key = format!("{}-{id}", form.value("key"));
    let input = json!({ "jobId": id, "idempotencyKey": key });
    if let Err(errors) = visit.act::<Value>(DOCUMENT, operation, input).await? {
        return page(&visit, form.refused(errors)).await;
    }
    let said = if operation == "JobRetry" { visit.w.s("job-again-done") } else { visit.w.s("job-stop-done") };
    visit.done(&base(&visit), said)
}
