//! The price of a lease by the figure of its index: what it comes to, then agreed.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::clauses::Clauses;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("lease-index");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    state: String,
    tenant: Ref,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    clauses: Clauses,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    #[serde(default)]
    lease_index_preview: Option<Preview>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    review: Option<Review>,
    user_errors: Vec<UserError>,
}

/// What a figure comes to.
#[derive(Deserialize)]
struct Review {
    due: NaiveDate,
    from: NaiveDate,
    before: Money,
    after: Money,
    limited: bool,
}

#[derive(Template)]
#[template(path = "lease-index/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    /// The clause in words.
    clause: String,
    review: Option<Review>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/index", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let form = Form::new().default_value("figure", visit.q("figure"));
    page(&visit, &id, form).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let figure = form.value("figure").to_owned();
    let vars = json!({ "id": id, "figure": figure, "asked": !figure.is_empty() });
    let data = visit.load::<Data>(DOCUMENT, "LeaseToIndex", vars).await?;
    let mut lease = data.node.found()?;
    let clauses = lease.versions.pop().found()?.clauses;
    if lease.state == "ENDED" || !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    let w = visit.w;
    let index = clauses.index().found()?;
    let clause = index.said(w);
    let f = visit.frame(w.s("index-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let (review, form) = match data.park.and_then(|park| park.lease_index_preview) {
        Some(preview) if preview.review.is_some() => (preview.review, form),
        // What was refused when it was sent is refused here again: it is said once.
        Some(preview) if !form.is_refused() => (None, form.refused(preview.user_errors)),
        _ => (None, form),
    };
    let page = Page { f, form: form.fresh_key(visit), lease, clause, review };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "leaseId": id, "figure": form.required("figure", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "LeaseIndexReview", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leases/{id}"), w.s("index-done")),
    }
}
