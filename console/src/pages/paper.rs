//! One contract paper: what it says, who approved it, what is next.

use askama::Template;
use axum::Router;
use axum::extract::{Multipart, Path};
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, node};
use crate::words::{Say, Words};

pub(crate) const DOCUMENT: &str = document!("paper");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Paper>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paper {
    id: String,
    number: String,
    kind: String,
    state: String,
    language: String,
    template: String,
    title: Text,
    parties: Vec<Party>,
    opening: Text,
    clauses: Vec<Clause>,
    sha256: String,
    approvals_needed: i64,
    drafted_at: DateTime<Utc>,
    signed_on: Option<NaiveDate>,
    signed_for_park: String,
    signed_for_tenant: String,
    scan_id: Option<String>,
    document_path: String,
    may_approve: bool,
    steps: Vec<Step>,
    lease: Coded,
}

#[derive(Deserialize)]
struct Text {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct Party {
    role: Text,
    name: Text,
}

#[derive(Deserialize)]
struct Clause {
    number: i64,
    title: Text,
    text: Text,
}

#[derive(Deserialize)]
struct Step {
    act: String,
    words: String,
    at: DateTime<Utc>,
    by: String,
}

impl Paper {
    /// A text in the languages of the paper.
    fn said<'a>(&self, text: &'a Text) -> Vec<&'a str> {
        match self.language.as_str() {
            "CHINESE" => vec![&text.zh],
            "ENGLISH" => vec![&text.en],
            _ if text.zh == text.en => vec![&text.zh],
            _ => vec![&text.zh, &text.en],
        }
    }
    /// How many approved it.
    fn approvals(&self) -> usize {
        self.steps.iter().filter(|step| step.act == "APPROVE").count()
    }
}

#[derive(Template)]
#[template(path = "paper/page.html")]
struct Page {
    f: Frame,
    form: Form,
    paper: Paper,
    area: &'static str,
    may_sign: bool,
    may_withdraw: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/papers/{id}", get(|visit: Visit, Path(id): Path<String>| show(visit, id, "park")))
        .route("/centre/papers/{id}", get(|visit: Visit, Path(id): Path<String>| show(visit, id, "centre")))
        .route("/park/papers/{id}/approve", post(approve))
        .route("/park/papers/{id}/refuse", post(refuse))
        .route("/park/papers/{id}/withdraw", post(withdraw))
        .route("/park/papers/{id}/sign", upload::unlimited(post(sign)))
}

async fn show(visit: Visit, id: String, area: &'static str) -> Answer {
    page(&visit, &id, area, Form::new()).await
}

async fn page(visit: &Visit, id: &str, area: &'static str, form: Form) -> Answer {
    let paper = visit.load::<Data>(DOCUMENT, "Paper", json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let f = visit.frame(w.s("paper-title").arg("number", &paper.number)).crumb(w.s("papers-title"), format!("/{area}/papers"));
    let f = f.action(w.s("paper-pdf"), paper.document_path.clone());
    let commits = area == "park" && f.may("commit", "leasing");
    let form = form.default_value("signedOn", visit.today()?.to_string()).fresh_key(visit);
    let may_sign = commits && paper.state == "APPROVED";
    let may_withdraw = commits && matches!(paper.state.as_str(), "DRAFTED" | "APPROVED");
    let page = Page { f, form, paper, area, may_sign, may_withdraw };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn approve(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "paperId": id, "idempotencyKey": form.value("key") });
    done(&visit, &id, form, "PaperApprove", input, visit.w.s("paper-approved")).await
}

async fn refuse(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    over(&visit, &id, form, ("PaperRefuse", "reason"), visit.w.s("paper-refused")).await
}

async fn withdraw(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    over(&visit, &id, form, ("PaperWithdraw", "why"), visit.w.s("paper-withdrawn")).await
}

async fn over(visit: &Visit, id: &str, mut form: Form, (operation, field): (&'static str, &str), said: Say) -> Answer {
    let input = json!({ "paperId": id, "reason": form.required(field, visit.w), "idempotencyKey": form.value("key") });
    done(visit, id, form, operation, input, said).await
}

async fn sign(visit: Visit, Path(id): Path<String>, parts: Multipart) -> Answer {
    let w: Words = visit.w;
    let (mut form, scan) = upload::read(&visit, parts).await?;
    if scan.is_none() {
        // The scan may come later or never: the signature is what counts.
        form.errors.retain(|error| error.path != "file" || error.message != w.s("upload-no-file").to_string());
    }
    let input = json!({ "paperId": id, "signedOn": form.date("signedOn", w), "forPark": form.required("forPark", w),
        "forTenant": form.required("forTenant", w), "scanId": scan.map(|file| file.id), "idempotencyKey": form.value("key") });
    done(&visit, &id, form, "PaperSign", input, visit.w.s("paper-signed")).await
}

async fn done(visit: &Visit, id: &str, form: Form, operation: &'static str, input: Value, said: Say) -> Answer {
    if form.is_refused() {
        return page(visit, id, "park", form).await;
    }
    match visit.act::<Value>(DOCUMENT, operation, input).await? {
        Err(errors) => page(visit, id, "park", form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/papers/{id}"), said),
    }
}
