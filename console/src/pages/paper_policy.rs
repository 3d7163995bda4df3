//! How a park goes about contract papers.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("paper-policy");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    contract_policy: Option<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    approvals: i64,
    sign_before_seats: bool,
    warn_days: Vec<i64>,
}

#[derive(Template)]
#[template(path = "paper-policy/page.html")]
struct Page {
    f: Frame,
    form: Form,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/papers/policy", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, mut form: Form) -> Answer {
    let policy = visit.load::<Data>(DOCUMENT, "PaperPolicy", json!({})).await?.park.found()?.contract_policy.found()?;
    if !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    if !form.is_refused() {
        let days = policy.warn_days.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        form = form.default_value("approvals", policy.approvals.to_string()).default_value("warnDays", days);
        form = form.default_value("signBeforeSeats", if policy.sign_before_seats { "yes" } else { "" });
    }
    let form = form.fresh_key(visit);
    let f = visit.frame(visit.w.s("paper-policy-title")).crumb(visit.w.s("papers-title"), "/park/papers");
    let page = Page { f, form };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let days: Vec<Option<i32>> = form.value("warnDays").split([',', '，', ' ', '、']).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
    if days.iter().any(Option::is_none) {
        form.refuse("warnDays", w.s("form-whole-number"));
    }
    let input = json!({ "approvals": form.whole("approvals", w), "signBeforeSeats": form.holds("signBeforeSeats", "yes"), "warnDays": days, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "ContractPolicySet", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/papers", w.s("paper-policy-done")),
    }
}
