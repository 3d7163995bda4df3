//! A new lease.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::clauses::{Clauses, Rows};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::park_seats::products;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Connection, Ref};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("lease-new");
/// Rent-free periods and later prices that a form offers; more are rare and come by an amendment.
const ROWS: usize = 2;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
}

#[derive(Deserialize)]
struct Created {
    lease: Option<Coded>,
}

#[derive(Template)]
#[template(path = "lease-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    products: Vec<Choice>,
    prorations: Vec<Choice>,
    /// What labels of amounts say: the field above may still change.
    currency: String,
    free: Vec<(String, String)>,
    steps: Vec<(String, String)>,
    clauses: Rows,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/new", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("tenantId", visit.q("tenant"));
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "LeaseForm", json!({})).await?;
    let tenants = data.park.found()?.tenants.nodes;
    let w = visit.w;
    let f = visit.frame(w.s("lease-new-title")).crumb(w.s("leases-title"), "/park/leases");
    let form = form
        .default_value("currency", visit.viewer().and_then(|v| v.park).map_or_else(String::new, |park| park.currency))
        .default_value("signedOn", visit.today()?.to_string())
        .default_value("product", "EQUIPPED")
        .default_value("taxRatePercent", "9")
        .default_value("proration", "by_day")
        .default_value("deposit", "0.00")
        .default_value("paymentDays", "15")
        .fresh_key(visit);
    let page = Page {
        tenants: tenants.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        products: products(w),
        prorations: prorations(w),
        currency: w.s("lease-currency").into(),
        free: Form::rows("freeFrom", "freeTo", ROWS),
        steps: Form::rows("stepFrom", "stepPrice", ROWS),
        clauses: Clauses::default().rows(w),
        form,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// The rules for part months that a form offers.
pub(crate) fn prorations(w: Words) -> Vec<Choice> {
    let rules = [
        ("by_day", w.s("proration-by-day"), w.s("proration-by-day-hint")),
        ("fixed_thirty", w.s("proration-fixed-thirty"), w.s("proration-fixed-thirty-hint")),
        ("full_month_before_16", w.s("proration-full-month-before").arg("day", "16"), w.s("proration-full-month-hint")),
        ("none", w.s("proration-none"), w.s("proration-none-hint")),
    ];
    rules.into_iter().map(|(rule, label, hint)| Choice::new(rule, label).hint(hint)).collect()
}

/// The currency that a form names, as it is written everywhere; null for that of the park.
pub(crate) fn code(form: &Form) -> Value {
    let code = form.value("currency").trim().to_ascii_uppercase();
    if code.is_empty() { Value::Null } else { json!(code) }
}

/// The price book of a form, as `id/version`; null when there is none.
pub(crate) fn price_book(form: &mut Form, w: Words) -> Value {
    if form.value("priceBook").is_empty() {
        return Value::Null;
    }
    let named = form.value("priceBook").rsplit_once('/');
    let named = named.and_then(|(book, version)| Some((book.trim().to_owned(), version.trim().parse::<i32>().ok()?)));
    if let Some((book, version)) = named {
        return json!({ "book": book, "version": version });
    }
    form.refuse("priceBook", w.s("price-book-form"));
    Value::Null
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let free = form.filled(Form::rows("freeFrom", "freeTo", ROWS), |f, from, to| (f.date(from, w), f.date(to, w)));
    let steps = form
        .filled(Form::rows("stepFrom", "stepPrice", ROWS), |f, from, price| (f.date(from, w), f.required(price, w)));
    let rent_free: Vec<Value> = free.into_iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    let steps: Vec<Value> =
        steps.into_iter().map(|(from, price)| json!({ "from": from, "unitPrice": price })).collect();
    let book = price_book(&mut form, w);
    // A book stands for the price.
    let price =
        if book.is_null() || !form.value("unitPrice").is_empty() { form.required("unitPrice", w) } else { json!("0") };
    let input = json!({
        "tenantId": form.required("tenantId", w), "code": form.required("code", w),
        "signedOn": form.date("signedOn", w), "termFrom": form.date("termFrom", w), "termTo": form.date("termTo", w),
        "product": form.required("product", w), "unitPrice": price, "priceBook": book,
        "currency": code(&form),
        "taxRatePercent": form.required("taxRatePercent", w), "proration": form.required("proration", w),
        "rentFree": rent_free, "priceSteps": steps, "deposit": form.required("deposit", w), "paymentDays": form.whole("paymentDays", w),
        "clauses": Clauses::default().read(w, &mut form),
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Created>(DOCUMENT, "LeaseCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(created) => {
            let lease = created.lease.found()?;
            // A lease without seats bills nothing: seats come next.
            visit.done(&format!("/park/leases/{}/allocate", lease.id), w.s("lease-new-done").arg("code", lease.code))
        }
    }
}
