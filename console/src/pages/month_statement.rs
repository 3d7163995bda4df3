//! The monthly statement of a tenant: for its park, and for the tenant itself.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part as Rows, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Month, Ref, node};

pub(crate) const DOCUMENT: &str = document!("month-statement");

#[derive(Deserialize)]
struct OfTenant {
    #[serde(deserialize_with = "node")]
    node: Option<Ref>,
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Own {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    month_statement: Option<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    document_path: String,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    cost_centre: String,
    invoices: Vec<Invoice>,
    net: Money,
    tax: Money,
    total: Money,
    credited: Money,
    written_off: Money,
    paid: Money,
    balance: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    number: String,
    due_on: NaiveDate,
    net: Money,
    tax: Money,
    total: Money,
    balance: Money,
    lease: Lease,
}

#[derive(Deserialize)]
struct Lease {
    code: String,
}

#[derive(Template)]
#[template(path = "month-statement/page.html")]
struct Page {
    f: Frame,
    month: Month,
    statement: Statement,
    /// Where invoices are shown to the reader.
    base: &'static str,
    csv: String,
    xlsx: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/tenants/{id}/month-statement", get(show))
        .route("/centre/month-statement", get(show))
}

/// The month that is asked for; the last one when none is.
async fn month(visit: &Visit) -> Result<Month, Stop> {
    if let Some(month) = visit.parsed::<Month>("month") {
        return Ok(month);
    }
    visit.load::<Value>(DOCUMENT, "MonthStatementDay", json!({})).await?;
    Ok(Month::of(visit.today()?).minus(1))
}

/// Whose statement a page is about, by its path: none for the caller's own.
fn tenant(visit: &Visit) -> Option<&str> {
    visit.path().strip_prefix("/park/tenants/")?.split('/').next()
}

async fn load(visit: &Visit) -> Result<(Month, Option<Ref>, Statement), Stop> {
    let month = month(visit).await?;
    let (who, park) = if let Some(id) = tenant(visit) {
        let asked = json!({ "tenant": id, "month": month.to_string() });
        let data: OfTenant = visit.load(DOCUMENT, "MonthStatement", asked).await?;
        (Some(data.node.found()?), data.park)
    } else {
        let asked = json!({ "month": month.to_string() });
        (None, visit.load::<Own>(DOCUMENT, "MonthStatementOwn", asked).await?.park)
    };
    Ok((month, who, park.found()?.month_statement.found()?))
}

/// Its invoices as rows of a file.
async fn rows(visit: &Visit) -> Result<Rows, Stop> {
    let (_, _, statement) = load(visit).await?;
    let of = |part: &Part| -> Vec<Vec<Cell>> {
        let row = |one: &Invoice| {
            let (centre, currency) = (part.cost_centre.as_str().into(), one.total.currency.as_str().into());
            let names = [centre, one.number.as_str().into(), one.lease.code.as_str().into(), one.due_on.into(), currency];
            let amounts = [&one.net, &one.tax, &one.total, &one.balance].map(Cell::from);
            names.into_iter().chain(amounts).collect()
        };
        part.invoices.iter().map(row).collect()
    };
    Ok(Rows::whole(statement.parts.iter().flat_map(of)))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("clause-cost-centre"),
            w.s("invoice"),
            w.s("lease"),
            w.s("due-on"),
            w.s("currency"),
            w.s("net"),
            w.s("tax"),
            w.s("total"),
            w.s("balance"),
        ];
        let (name, head) = (w.s("month-statement-title").to_string(), head.map(Into::into).to_vec());
        return take_away(visit, kind, name, head, |visit, _| Box::pin(rows(visit))).await;
    }
    let (month, who, statement) = load(&visit).await?;
    let mut f = visit.frame(w.s("month-statement-title"));
    let base = if who.is_some() { "/park" } else { "/centre" };
    f = match who {
        Some(tenant) => f
            .crumb(w.s("tenants-title"), "/park/tenants")
            .crumb(w.name(&tenant.name, &tenant.name_en), format!("/park/tenants/{}", tenant.id)),
        None => f.crumb(w.s("invoices-title"), "/centre/invoices"),
    };
    f = f.action(w.s("paper-pdf"), format!("{}?lang={}", statement.document_path, w.lang.tag()));
    let (csv, xlsx) = visit.files();
    visit.page(&Page { f, month, statement, base, csv, xlsx })
}
