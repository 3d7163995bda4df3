//! A lease that another company takes over.

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
use crate::wire::{Coded, Connection, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-transfer");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    state: String,
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

#[derive(Deserialize)]
struct Done {
    to: Option<Coded>,
}

#[derive(Template)]
#[template(path = "lease-transfer/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    tenants: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/transfer", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "LeaseToTransfer", json!({ "id": id })).await?;
    let (park, lease) = (data.park.found()?, data.node.found()?);
    if lease.state == "ENDED" || !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("transfer-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let others = park.tenants.nodes.iter().filter(|tenant| tenant.id != lease.tenant.id);
    let tenants = others.map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect();
    let form = form.default_value("code", &lease.code).fresh_key(visit);
    let page = Page { f, form, lease, tenants };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "leaseId": id, "toTenantId": form.required("toTenantId", w), "code": form.required("code", w), "on": form.date("on", w),
        "reason": form.required("reason", w), "endOccupancies": form.holds("endOccupancies", "yes"), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Done>(DOCUMENT, "LeaseTransfer", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(done) => {
            let lease = done.to.found()?;
            visit.done(&format!("/park/leases/{}", lease.id), w.s("transfer-done").arg("code", lease.code))
        }
    }
}
