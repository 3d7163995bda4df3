//! What the meters of a lease counted in a month.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Month, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("lease-usage");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
    meters: Vec<Meter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meter {
    #[serde(rename = "meter")]
    named: String,
    title: Title,
    quantity: Option<String>,
    note: Option<String>,
    recorded_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Title {
    zh: String,
    en: String,
}

/// A meter in the form.
struct Field {
    name: String,
    title: String,
    hint: String,
}

/// The lease as it is shown.
struct Shown {
    id: String,
    tenant: Ref,
    meters: Vec<Field>,
}

#[derive(Template)]
#[template(path = "lease-usage/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Shown,
    month: Month,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/usage", get(show).post(save))
}

/// The name of the field of a meter.
fn field(at: usize) -> String {
    format!("quantity{at}")
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn loaded(visit: &Visit, id: &str) -> Result<(Lease, Month), crate::visit::Stop> {
    let month = if let Some(month) = visit.parsed::<Month>("month") {
        month
    } else {
        visit.load::<Value>(DOCUMENT, "LeaseUsageDay", json!({})).await?;
        Month::of(visit.today()?).minus(1)
    };
    let data: Data = visit.load(DOCUMENT, "LeaseUsage", json!({ "id": id, "month": month.to_string() })).await?;
    Ok((data.node.found()?, month))
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let (lease, month) = loaded(visit, id).await?;
    if !visit.viewer().is_some_and(|v| v.may("commit", "billing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("usage-title")).crumb(w.s("leases-title"), "/park/leases");
    let back = format!("/park/leases/{}", lease.id);
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), back.clone());
    let (mut form, mut meters) = (form, Vec::new());
    for (at, meter) in lease.meters.iter().enumerate() {
        form = form.default_value(&field(at), meter.quantity.clone().unwrap_or_default());
        let hint = meter.recorded_at.map_or_else(
            || w.s("usage-meter").arg("meter", &meter.named).to_string(),
            |when| {
                let hint = w.s("usage-meter-known").arg("meter", &meter.named).arg("at", w.moment(when, f.zone()));
                hint.arg("note", meter.note.clone().unwrap_or_default()).to_string()
            },
        );
        let title = f.name(&meter.title.zh, &meter.title.en).to_owned();
        meters.push(Field { name: field(at), title, hint });
    }
    let lease = Shown { id: lease.id, tenant: lease.tenant, meters };
    let page = Page { f, form: form.fresh_key(visit), lease, month, back };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What the API says of a figure, at its field; `sent` are the places of the meters that were sent.
fn placed(mut error: UserError, sent: &[usize]) -> UserError {
    let path = error.path.trim_start_matches("input.").to_owned();
    if let ["meters", at, ..] = path.split('.').collect::<Vec<_>>().as_slice()
        && let Some(at) = at.parse::<usize>().ok().and_then(|at| sent.get(at))
    {
        error.path = field(*at);
    }
    error
}

/// Sends the figures that differ from what is known.
async fn save(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let (lease, month) = loaded(&visit, &id).await?;
    let w = visit.w;
    let (mut sent, mut meters) = (Vec::new(), Vec::new());
    for (at, meter) in lease.meters.iter().enumerate() {
        let quantity = form.value(&field(at)).trim().to_owned();
        // What is emptied is taken back.
        let quantity = if quantity.is_empty() && meter.quantity.is_some() { "0".to_owned() } else { quantity };
        if !quantity.is_empty() && meter.quantity.as_ref() != Some(&quantity) {
            sent.push(at);
            meters.push(json!({ "meter": meter.named, "quantity": quantity }));
        }
    }
    let input = json!({ "leaseId": id, "month": month.to_string(), "meters": meters, "note": form.optional("note"),
        "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "UsageRecord", input).await? {
        Err(errors) => {
            let errors = errors.into_iter().map(|error| placed(error, &sent)).collect();
            page(&visit, &id, form.refused(errors)).await
        }
        Ok(_) => visit.done(&format!("/park/leases/{id}/usage?month={month}"), w.s("usage-done")),
    }
}
