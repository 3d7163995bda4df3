//! A new grant for an assessor.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::Months;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("grant-new");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
}

#[derive(Template)]
#[template(path = "grant-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    roles: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/grants/new", get(show).post(save))
}

/// What is ticked besides reading; for officers there is nothing to tick.
fn abilities(form: &Form) -> Vec<&'static str> {
    let assessor = form.holds("role", "ASSESSOR");
    let ticked = |name: &str| assessor && form.holds(name, "yes");
    let more = [("rate", "RATE"), ("sample", "SAMPLE")];
    std::iter::once("READ").chain(more.into_iter().filter(|(name, _)| ticked(name)).map(|(_, a)| a)).collect()
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "GrantForm", json!({})).await?;
    let tenants = data.park.found()?.tenants.nodes;
    let w = visit.w;
    let today = visit.today()?;
    let quarter = today.checked_add_months(Months::new(3)).unwrap_or(today);
    let f = visit.frame(w.s("grant-new-title")).crumb(w.s("grants-title"), "/park/grants");
    let page = Page {
        tenants: tenants.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        roles: ["ASSESSOR", "STATISTICS_OFFICER"].into_iter().map(|r| Choice::new(r, w.of("role", r))).collect(),
        form: form
            .default_value("role", "ASSESSOR")
            .default_value("rate", "yes")
            .default_value("sample", "yes")
            .default_value("validFrom", today.to_string())
            .default_value("validTo", quarter.to_string())
            .fresh_key(visit),
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "assessorEmail": form.required("assessorEmail", w), "role": form.required("role", w),
        "tenantId": form.optional("tenantId"), "abilities": abilities(&form), "purpose": form.required("purpose", w),
        "validFrom": form.date("validFrom", w), "validTo": form.date("validTo", w), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "GrantCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/grants", w.s("grant-new-done").arg("email", form.value("assessorEmail"))),
    }
}
