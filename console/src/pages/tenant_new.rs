//! A new tenant.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::Ref;

pub(crate) const DOCUMENT: &str = document!("tenant-new");

#[derive(Deserialize)]
struct Created {
    tenant: Option<Ref>,
}

#[derive(Template)]
#[template(path = "tenant-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants/new", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    visit.load::<Value>(DOCUMENT, "TenantForm", json!({})).await?;
    let form = form.default_value("arrivedOn", visit.today()?.to_string()).fresh_key(visit);
    let f = visit.frame(visit.w.s("tenant-new-title")).crumb(visit.w.s("tenants-title"), "/park/tenants");
    let page = Page { f, form };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "code": form.required("code", w), "name": form.required("name", w), "nameEn": form.required("nameEn", w),
        "business": form.optional("business"), "operatingSince": form.date("operatingSince", w),
        "arrivedOn": form.date("arrivedOn", w), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Created>(DOCUMENT, "TenantCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(created) => {
            let tenant = created.tenant.found()?;
            visit.done(&format!("/park/tenants/{}", tenant.id), w.s("tenant-new-done").arg("name", tenant.name))
        }
    }
}
