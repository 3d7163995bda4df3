//! A lease that ends before its time.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-end");

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
    seat_count: i64,
    tenant: Ref,
    terms: Terms,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    term_from: NaiveDate,
    term_to: NaiveDate,
}

#[derive(Template)]
#[template(path = "lease-end/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/end", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new().default_value("releaseSeats", "yes")).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let lease = visit.load::<Data>(DOCUMENT, "LeaseToEnd", json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let f = visit
        .frame(w.s("lease-end-title"))
        .crumb(w.s("leases-title"), "/park/leases")
        .crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let page = Page { form: form.fresh_key(visit), lease, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "leaseId": id, "on": form.date("on", w), "reason": form.required("reason", w),
        "releaseSeats": form.holds("releaseSeats", "yes"), "endOccupancies": form.holds("endOccupancies", "yes"),
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "LeaseEnd", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leases/{id}"), w.s("lease-ended").arg("on", form.value("on"))),
    }
}
