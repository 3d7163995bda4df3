//! The list of invoices.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, Money, Month, Ref};

pub(crate) const DOCUMENT: &str = document!("park-invoices");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 6] = ["number", "tenant", "period", "total", "balance", "due_on"];

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
#[serde(rename_all = "camelCase")]
struct Billing {
    month: Month,
    total: Money,
    paid: Money,
    open: Money,
    overdue: Money,
    other_currencies: Vec<OtherSums>,
}

/// The same of invoices in another currency.
#[derive(Deserialize)]
pub(crate) struct OtherSums {
    pub(crate) total: Money,
    pub(crate) paid: Money,
    pub(crate) open: Money,
    pub(crate) overdue: Money,
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
    sorting: Sorting,
    today: NaiveDate,
    filtered: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let month = visit.parsed::<Month>("month").map(|m| m.to_string());
    let filter = json!({ "tenantId": visit.var("tenant"), "state": visit.var("state"), "month": month });
    let vars = json!({
        "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter, "month": month, "ofMonth": month.is_some(),
    });
    visit.load::<Data>(DOCUMENT, "ParkInvoices", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, invoices) = (visit.w, load(visit, STEP, after).await?.invoices);
    Ok(invoices.part(|invoice| {
        let tenant = invoice.tenant.as_ref();
        vec![
            invoice.number.into(),
            Cell::of(tenant.map(|tenant| w.name(&tenant.name, &tenant.name_en))),
            Month::of(invoice.period_from).to_string().into(),
            (&invoice.total).into(),
            (&invoice.balance).into(),
            invoice.total.currency.into(),
            invoice.due_on.into(),
            w.of("invoice-state", &invoice.state).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("invoice"), w.s("tenant"), w.s("month"), w.s("total"), w.s("balance"), w.s("currency"), w.s("due-on"), w.s("state")].map(String::from).to_vec();
        let name = w.s("invoices-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("invoices-title")).action(w.s("books-title"), "/park/books").action(w.s("prices-title"), "/park/prices");
    if f.may("read", "billing_profiles") {
        f = f.action(w.s("profile-seller"), "/park/invoices/seller");
    }
    f = f.action(w.s("payments-park-title"), "/park/payments");
    f = f.action(w.s("fapiaos-title"), "/park/invoices/fapiao");
    f = f.action(w.s("platform-invoices-title"), "/park/platform-invoices");
    if f.may("commit", "billing") {
        f = f.primary(w.s("run-title"), "/park/invoices/run");
    }
    let names = ["tenant", "month", "state"];
    let states = ["OVERDUE", "UNPAID", "PART_PAID", "PAID", "UNCOLLECTIBLE", "VOID"];
    visit.page(&Page {
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        states: states.into_iter().map(|s| Choice::new(s, w.of("invoice-state", s))).collect(),
        form: names.iter().fold(Form::new(), |form, name| form.default_value(name, visit.q(name))),
        filtered: names.iter().any(|name| !visit.q(name).is_empty()),
        month: park.billing_month,
        sorting: visit.sorting(&ORDERS, "-number"),
        pager: visit.pager(&park.invoices, SIZE).with_files(&visit),
        invoices: park.invoices,
        today: visit.today()?,
        f,
    })
}
