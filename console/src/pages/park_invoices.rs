//! The list of invoices.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Money, Month, Ref};

pub(crate) const DOCUMENT: &str = document!("park-invoices");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    tenants: Connection<Ref>,
    billing_month: Option<Billing>,
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
struct Billing {
    month: Month,
    total: Money,
    paid: Money,
    open: Money,
    overdue: Money,
}

/// An invoice in a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) period_from: NaiveDate,
    pub(crate) due_on: NaiveDate,
    pub(crate) state: String,
    pub(crate) total: Money,
    pub(crate) balance: Money,
    pub(crate) tenant: Option<Ref>,
}

#[derive(Template)]
#[template(path = "park-invoices/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    states: Vec<Choice>,
    month: Option<Billing>,
    invoices: Connection<Invoice>,
    pager: Pager,
    today: NaiveDate,
    filtered: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices", get(show))
}

async fn show(visit: Visit) -> Answer {
    let month = visit.parsed::<Month>("month").map(|m| m.to_string());
    let filter = json!({ "tenantId": visit.var("tenant"), "state": visit.var("state"), "month": month });
    let vars = json!({
        "first": SIZE, "after": visit.after(), "filter": filter, "month": month, "ofMonth": month.is_some(),
    });
    let data: Data = visit.load(DOCUMENT, "ParkInvoices", vars).await?;
    let park = data.park.found()?;
    let w = visit.w;
    let f = visit.frame(w.s("invoices-title"));
    let names = ["tenant", "month", "state"];
    let states = ["OVERDUE", "UNPAID", "PART_PAID", "PAID"];
    visit.page(&Page {
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        states: states.into_iter().map(|s| Choice::new(s, w.of("invoice-state", s))).collect(),
        form: names.iter().fold(Form::new(), |form, name| form.default_value(name, visit.q(name))),
        filtered: names.iter().any(|name| !visit.q(name).is_empty()),
        month: park.billing_month,
        pager: visit.pager(&park.invoices, SIZE),
        invoices: park.invoices,
        today: visit.today()?,
        f,
    })
}
