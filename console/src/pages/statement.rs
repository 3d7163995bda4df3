//! The statement of account of a tenant: for its park, and for the tenant itself.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Ref, node};

pub(crate) const DOCUMENT: &str = document!("statement");

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
    statement_of_account: Option<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    openings: Vec<Money>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    number: i64,
    booked_on: NaiveDate,
    text: String,
    amount: Money,
    balance: Money,
}

#[derive(Template)]
#[template(path = "statement/page.html")]
struct Page {
    f: Frame,
    from: NaiveDate,
    to: NaiveDate,
    statement: Statement,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants/{id}/statement", get(of_tenant)).route("/centre/statement", get(own))
}

/// The days that are asked for, the last one included: the three months until today when none are.
async fn days(visit: &Visit) -> Result<(NaiveDate, NaiveDate), Stop> {
    if let (Some(from), Some(to)) = (visit.parsed::<NaiveDate>("from"), visit.parsed::<NaiveDate>("to")) {
        return Ok((from, to.max(from)));
    }
    visit.load::<Value>(DOCUMENT, "StatementDay", json!({})).await?;
    let today = visit.today()?;
    Ok((today.checked_sub_months(Months::new(3)).unwrap_or(today), today))
}

fn variables((from, to): (NaiveDate, NaiveDate)) -> Value {
    json!({ "from": from, "to": to.succ_opt().unwrap_or(to) })
}

async fn of_tenant(visit: Visit, Path(id): Path<String>) -> Answer {
    let days = days(&visit).await?;
    let mut asked = variables(days);
    asked["tenant"] = json!(id);
    let data: OfTenant = visit.load(DOCUMENT, "Statement", asked).await?;
    let (tenant, statement) = (data.node.found()?, data.park.found()?.statement_of_account.found()?);
    let w = visit.w;
    let f = visit
        .frame(w.s("statement-title"))
        .crumb(w.s("tenants-title"), "/park/tenants")
        .crumb(w.name(&tenant.name, &tenant.name_en), format!("/park/tenants/{id}"));
    visit.page(&Page { f, from: days.0, to: days.1, statement })
}

async fn own(visit: Visit) -> Answer {
    let days = days(&visit).await?;
    let data: Own = visit.load(DOCUMENT, "StatementOwn", variables(days)).await?;
    let statement = data.park.found()?.statement_of_account.found()?;
    let w = visit.w;
    let f = visit.frame(w.s("statement-title")).crumb(w.s("invoices-title"), "/centre/invoices");
    visit.page(&Page { f, from: days.0, to: days.1, statement })
}
