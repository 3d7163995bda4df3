//! A new invitation by mail.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Ref};
use crate::{Console, Lang};

pub(crate) const DOCUMENT: &str = document!("invitation-new");

const ROLES: [&str; 5] = ["TENANT_MANAGER", "PARK_ADMINISTRATOR", "PARK_FINANCE", "ASSESSOR", "STATISTICS_OFFICER"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
}

#[derive(Template)]
#[template(path = "invitation-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    roles: Vec<Choice>,
    languages: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invitations/new", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "InvitationForm", json!({})).await?;
    let tenants = data.park.found()?.tenants.nodes;
    let w = visit.w;
    let f = visit.frame(w.s("invitation-new-title")).crumb(w.s("invitations-title"), "/park/invitations");
    let page = Page {
        tenants: tenants.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        roles: ROLES.into_iter().map(|r| Choice::new(r, w.of("role", r))).collect(),
        languages: [(Lang::Zh, "中文"), (Lang::En, "English")].map(|(l, name)| Choice::new(l.tag(), name)).to_vec(),
        form: form.default_value("role", ROLES[0]).default_value("language", w.lang.tag()).fresh_key(visit),
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "email": form.required("email", w), "role": form.required("role", w), "tenantId": form.optional("tenantId"),
        "purpose": form.optional("purpose"), "validFrom": form.optional_date("validFrom", w),
        "validTo": form.optional_date("validTo", w), "language": form.optional("language"),
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "InvitationCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/invitations", w.s("invitation-new-done").arg("email", form.value("email"))),
    }
}
