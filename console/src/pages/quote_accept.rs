//! A quote is accepted: what becomes of it, and then tenant and leases in one.

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
use crate::wire::{Coded, Money, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("quote-accept");
/// The most lines of a quote.
const MAX_LINES: usize = 10;

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Quote>,
}

#[derive(Deserialize)]
struct Quote {
    number: String,
    version: i64,
    lead: Lead,
    lines: Vec<Line>,
    sums: Sums,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lead {
    id: String,
    name: String,
    name_en: String,
    tenant: Option<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(rename = "lineNo")]
    number: i64,
    seats: i64,
    product: String,
    term_from: NaiveDate,
    term_to: NaiveDate,
}

#[derive(Deserialize)]
struct Sums {
    total: Option<Money>,
}

#[derive(Deserialize)]
struct Accepted {
    tenant: Option<Ref>,
    #[serde(default)]
    leases: Option<Vec<Coded>>,
}

#[derive(Template)]
#[template(path = "quote-accept/page.html")]
struct Page {
    f: Frame,
    form: Form,
    quote: Quote,
    /// What each lease is of, the field of its code, and the label.
    codes: Vec<(String, String, String)>,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/quotes/{id}/accept", get(show).post(accept))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "QuoteAcceptForm", json!({ "id": id })).await?;
    let (quote, w, today) = (data.node.found()?, visit.w, visit.today()?);
    let back = format!("/park/quotes/{id}");
    let f = visit
        .frame(w.s("quote-accept-title"))
        .crumb(w.s("pipeline-title"), "/park/pipeline")
        .crumb(w.name(&quote.lead.name, &quote.lead.name_en), format!("/park/leads/{}", quote.lead.id))
        .crumb(w.s("quote-version").arg("number", &quote.number).arg("version", quote.version), &back);
    let first = quote.lines.iter().map(|line| line.term_from).min().unwrap_or(today);
    let mut form = form
        .default_value("signedOn", today.to_string())
        .default_value("arrivedOn", first.to_string())
        .default_value("tenantNameEn", &quote.lead.name_en);
    let mut codes = Vec::with_capacity(quote.lines.len());
    for line in &quote.lines {
        let name = format!("code{}", line.number);
        let period = w.s("period").arg("from", w.date(line.term_from)).arg("to", w.date(line.term_to));
        let of = format!("{} · {} · {period}", w.of("seat-product", &line.product), w.s("seats-n").arg("n", line.seats));
        form = form.default_value(&name, format!("{}-{}", quote.number, line.number));
        codes.push((of, name, w.s("quote-lease-code").arg("n", line.number).to_string()));
    }
    let page = Page { form: form.fresh_key(visit), codes, back, quote, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What the API says of its input, at the fields of the form.
fn placed(mut error: UserError) -> UserError {
    let path = error.path.trim_start_matches("input.").to_owned();
    error.path = match path.as_str() {
        "tenant.code" => "tenantCode".to_owned(),
        "tenant.nameEn" => "tenantNameEn".to_owned(),
        other => match other.strip_prefix("leaseCodes.").and_then(|n| n.parse::<usize>().ok()) {
            Some(n) => format!("code{}", n + 1),
            None => path,
        },
    };
    error
}

async fn accept(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let codes: Vec<String> = (1..=MAX_LINES).map(|n| form.value(&format!("code{n}")).to_owned()).collect();
    let codes: Vec<String> = codes.into_iter().take_while(|code| !code.is_empty()).collect();
    // A lead that is a tenant already is not asked for any of it.
    let new = form.named("tenantCode").next().is_some();
    let tenant = if new {
        json!({ "code": form.required("tenantCode", w), "nameEn": form.required("tenantNameEn", w),
            "operatingSince": form.date("operatingSince", w), "arrivedOn": form.optional_date("arrivedOn", w) })
    } else {
        Value::Null
    };
    let input = json!({ "quoteId": id, "tenant": tenant, "leaseCodes": codes, "signedOn": form.date("signedOn", w),
        "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Accepted>(DOCUMENT, "QuoteAccept", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors.into_iter().map(placed).collect())).await,
        Ok(accepted) => {
            let (tenant, leases) = (accepted.tenant.found()?, accepted.leases.unwrap_or_default());
            let said = w.s("quote-accepted").arg("name", tenant.name);
            match leases.as_slice() {
                // A lease without seats bills nothing: seats come next.
                [lease] => visit.done(&format!("/park/leases/{}", lease.id), said),
                _ => visit.done(&format!("/park/tenants/{}", tenant.id), said),
            }
        }
    }
}
