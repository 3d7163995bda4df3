//! A lease that goes on when it would end: by the tenant's right or by agreement, with its seats or without.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::clauses::Clauses;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-renew");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    state: String,
    tenant: Ref,
    versions: Vec<Terms>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    term_to: NaiveDate,
    unit_price: Money,
    clauses: Clauses,
}

#[derive(Template)]
#[template(path = "lease-renew/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    terms: Terms,
    /// What the tenant's right is, in words; empty when there is none.
    option: String,
    ways: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/renew", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new().default_value("extendSeats", "yes")).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let mut lease = visit.load::<Data>(DOCUMENT, "LeaseToRenew", json!({ "id": id })).await?.node.found()?;
    let terms = lease.versions.pop().found()?;
    if lease.state == "ENDED" || !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("renew-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let option = terms.clauses.renewal().map(|right| {
        let text = w.s("clause-renewal-says").arg("months", right.months).arg("days", right.notice_days);
        text.arg("percent", &right.most_increase_percent).to_string()
    });
    let mut ways = vec![Choice::new("agreed", w.s("renew-agreed")).hint(w.s("renew-agreed-hint"))];
    if let Some(text) = &option {
        ways.insert(0, Choice::new("right", w.s("renew-right")).hint(text));
    }
    let way = if option.is_some() { "right" } else { "agreed" };
    let form = form.default_value("way", way).default_value("unitPrice", &terms.unit_price.amount).fresh_key(visit);
    let page = Page { f, form, lease, terms, option: option.unwrap_or_default(), ways };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let by_option = form.holds("way", "right");
    let term_to = if by_option { Value::Null } else { form.date("termTo", w) };
    let input = json!({
        "leaseId": id, "termTo": term_to, "byOption": by_option, "unitPrice": form.required("unitPrice", w),
        "reason": form.required("reason", w), "extendSeats": form.holds("extendSeats", "yes"), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "LeaseRenew", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leases/{id}"), w.s("renew-done")),
    }
}
