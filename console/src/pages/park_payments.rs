//! What tenants paid: the list, and what of it is credit.

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
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Money, Ref};

pub(crate) const DOCUMENT: &str = document!("park-payments");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    tenants: Connection<Ref>,
    payments: Connection<Row>,
    credit_notes: Connection<NoteRow>,
}

/// A credit note of which something is credit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteRow {
    id: String,
    number: String,
    tenant: Option<Ref>,
    to_credit: Money,
    credit: Money,
    issued_on: NaiveDate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    tenant: Option<Ref>,
    amount: Money,
    credit: Money,
    paid_on: NaiveDate,
    method: String,
    reference: String,
    bounced_on: Option<NaiveDate>,
}

#[derive(Template)]
#[template(path = "park-payments/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    credits: Vec<Choice>,
    list: Connection<Row>,
    notes: Vec<NoteRow>,
    pager: Pager,
    filtered: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/payments", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let credit = (visit.q("credit") == "yes").then_some(true);
    let vars = json!({ "tenant": visit.var("tenant"), "credit": credit, "first": size, "after": after });
    visit.load::<Data>(DOCUMENT, "ParkPayments", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, list) = (visit.w, load(visit, STEP, after).await?.payments);
    Ok(list.part(|one| {
        vec![
            one.paid_on.into(),
            Cell::of(one.tenant.as_ref().map(|tenant| w.name(&tenant.name, &tenant.name_en))),
            (&one.amount).into(),
            (&one.credit).into(),
            one.amount.currency.into(),
            w.method(&one.method).into(),
            one.reference.into(),
            Cell::of(one.bounced_on),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("paid-on"), w.s("tenant"), w.s("amount"), w.s("payment-credit"), w.s("currency"), w.s("method"), w.s("reference"), w.s("payment-bounced-on")];
        let (name, head) = (w.s("payments-park-title").to_string(), head.map(String::from).to_vec());
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(w.s("payments-park-title")).crumb(w.s("invoices-title"), "/park/invoices");
    if f.may("commit", "billing") {
        f = f.primary(w.s("payment-title"), "/park/payments/new");
    }
    let names = ["tenant", "credit"];
    visit.page(&Page {
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        credits: vec![Choice::new("yes", w.s("payment-has-credit"))],
        form: names.iter().fold(Form::new(), |form, name| form.default_value(name, visit.q(name))),
        filtered: names.iter().any(|name| !visit.q(name).is_empty()),
        pager: visit.pager(&park.payments, SIZE).with_files(&visit),
        list: park.payments,
        notes: park.credit_notes.nodes,
        f,
    })
}
