//! The paper of a version of a lease, to be drafted.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("paper-new");
/// The languages of a paper.
pub(crate) const LANGUAGES: [&str; 3] = ["BOTH", "CHINESE", "ENGLISH"];

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    version: i64,
    in_force_from: NaiveDate,
}

#[derive(Deserialize)]
struct Drafted {
    paper: Option<Made>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
    number: String,
}

#[derive(Template)]
#[template(path = "paper-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    versions: Vec<Choice>,
    languages: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/paper", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let lease = visit.load::<Data>(DOCUMENT, "LeaseToPaper", json!({ "id": id })).await?.node.found()?;
    if !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("paper-new-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let said = |v: &Version| w.s("lease-version").arg("n", v.version).arg("from", w.date(v.in_force_from)).to_string();
    let versions = lease.versions.iter().rev().map(|v| Choice::new(v.version.to_string(), said(v))).collect();
    let last = lease.versions.last().map_or_else(String::new, |v| v.version.to_string());
    let form = form.default_value("version", last).default_value("language", "BOTH").fresh_key(visit);
    let languages = LANGUAGES.map(|language| Choice::new(language, w.of("paper-language", language))).to_vec();
    let page = Page { f, form, lease, versions, languages };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    // A paragraph is what stands between empty lines.
    let special = form.value("special").replace("\r\n", "\n");
    let special: Vec<&str> = special.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).collect();
    let input = json!({ "leaseId": id, "version": form.whole("version", w), "language": form.required("language", w),
        "special": special, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Drafted>(DOCUMENT, "PaperDraft", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(done) => {
            let paper = done.paper.found()?;
            visit.done(&format!("/park/papers/{}", paper.id), w.s("paper-drafted").arg("number", paper.number))
        }
    }
}
