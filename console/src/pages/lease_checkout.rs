//! A lease that is over is settled: what the books say, what the inspection found, what it comes to; then the sheet.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::settlement::{Check, Sheet};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("lease-checkout");
/// Charges beside invoices that a form offers.
const CHARGES: usize = 5;
/// What a charge can be for.
const KINDS: [&str; 5] = ["DAMAGE", "CLEANING", "KEYS", "OTHER", "CREDIT"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    settlement_preview: Option<Preview>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
    versions: Vec<Terms>,
}

#[derive(Deserialize)]
struct Terms {
    deposit: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    settlement: Option<Sheet>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Issued {
    settlement: Option<Made>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
    number: String,
}

/// The fields of one charge.
struct Row {
    kind: String,
    text: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "lease-checkout/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    deposit: Money,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    sheet: Option<Sheet>,
    /// Items of the list: field and what is in order.
    items: Vec<(String, String)>,
    /// Why there can be no sheet yet.
    first: Vec<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/checkout", get(show).post(save))
}

fn rows() -> Vec<Row> {
    let row = |n| Row { kind: format!("kind{n}"), text: format!("text{n}"), amount: format!("amount{n}") };
    (0..CHARGES).map(row).collect()
}

/// What the form says, as the API takes it.
fn draft(form: &Form) -> Value {
    let filled = rows().into_iter().filter(|row| !form.value(&row.text).is_empty() || !form.value(&row.amount).is_empty());
    let kind = |row: &Row| KINDS.into_iter().find(|kind| *kind == form.value(&row.kind)).unwrap_or("OTHER");
    let charges: Vec<Value> = filled
        .map(|row| json!({ "kind": kind(&row), "text": form.value(&row.text), "amount": form.value(&row.amount) }))
        .collect();
    let faults = form.named("fault-").filter(|(_, remark)| !remark.trim().is_empty());
    let faults: Vec<Value> = faults.map(|(item, remark)| json!({ "item": item, "remark": remark })).collect();
    json!({ "depositHeld": form.optional("depositHeld"), "withoutLateFees": form.holds("withoutLateFees", "yes"),
        "charges": charges, "faults": faults })
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new(), Vec::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form, refused: Vec<UserError>) -> Answer {
    let vars = json!({ "id": id, "draft": draft(&form) });
    let data = visit.load::<Data>(DOCUMENT, "LeaseCheckout", vars).await?;
    let (mut lease, preview) = (data.node.found()?, data.park.found()?.settlement_preview.found()?);
    let w = visit.w;
    let f = visit.frame(w.s("checkout-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let deposit = lease.versions.pop().found()?.deposit;
    let form = form.default_value("depositHeld", &deposit.amount).fresh_key(visit);
    // What the books say is no fault of the form.
    let (first, bad): (Vec<_>, Vec<_>) = preview.user_errors.into_iter().partition(|e| e.path == "leaseId");
    let form = form.refused(bad.into_iter().chain(refused).collect());
    let kinds = KINDS.map(|kind| Choice::new(kind, w.of("settlement-line", kind))).to_vec();
    let first = first.into_iter().map(|e| e.message).collect();
    let sheet = preview.settlement;
    let item = |check: &Check| (format!("fault-{}", check.item), f.name(&check.title.zh, &check.title.en).to_owned());
    let items = sheet.iter().flat_map(|sheet| sheet.checks.iter().map(item)).collect();
    let page = Page { f, form, lease, deposit, rows: rows(), kinds, sheet, items, first };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    if !form.holds("step", "issue") {
        return page(&visit, &id, form, Vec::new()).await;
    }
    let input = json!({ "leaseId": id, "draft": draft(&form), "idempotencyKey": form.value("key") });
    match visit.act::<Issued>(DOCUMENT, "SettlementIssue", input).await? {
        Err(errors) => page(&visit, &id, form, errors).await,
        Ok(done) => {
            let sheet = done.settlement.found()?;
            let said = visit.w.s("settlement-issued").arg("number", sheet.number);
            visit.done(&format!("/park/settlements/{}", sheet.id), said)
        }
    }
}
