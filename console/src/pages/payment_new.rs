//! Money that came: from whom, how much, and whether it pays what is owed at once.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Made, Ref};

pub(crate) const DOCUMENT: &str = document!("payment-new");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    currency: String,
    tenants: Connection<Ref>,
}

#[derive(Deserialize)]
struct Done {
    payment: Option<Made>,
}

#[derive(Template)]
#[template(path = "payment-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    methods: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/payments/new", get(show).post(record))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("tenantId", visit.q("tenant")).default_value("firstDue", "yes");
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let park = visit.load::<Data>(DOCUMENT, "PaymentNew", json!({})).await?.park.found()?;
    let w = visit.w;
    let f = visit
        .frame(w.s("payment-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(w.s("payments-park-title"), "/park/payments");
    let form = form
        .default_value("currency", park.currency)
        .default_value("paidOn", visit.today()?.to_string())
        .default_value("method", "transfer")
        .fresh_key(visit);
    let page = Page {
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        methods: ["transfer", "cash", "card"].into_iter().map(|m| Choice::new(m, w.method(m))).collect(),
        f,
        form,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn record(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "tenantId": form.required("tenantId", w), "amount": form.required("amount", w), "currency": form.value("currency"),
        "paidOn": form.date("paidOn", w), "method": form.required("method", w), "reference": form.value("reference"),
        "firstDue": form.value("firstDue") == "yes", "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Done>(DOCUMENT, "PaymentReceive", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(done) => {
            let made = done.payment.found()?;
            visit.done(&format!("/park/payments/{}", made.id), w.s("payment-done"))
        }
    }
}
