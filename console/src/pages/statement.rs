//! The statement of account of a tenant: for its park, and for the tenant itself.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, take_away};
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
#[serde(rename_all = "camelCase")]
struct Statement {
    openings: Vec<Money>,
    lines: Vec<Line>,
    document_path: String,
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
    csv: String,
    xlsx: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/tenants/{id}/statement", get(show)).route("/centre/statement", get(show))
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

/// Whose account a page is about, by its path: none for the caller's own.
fn tenant(visit: &Visit) -> Option<&str> {
    visit.path().strip_prefix("/park/tenants/")?.split('/').next()
}

async fn load(visit: &Visit) -> Result<((NaiveDate, NaiveDate), Option<Ref>, Statement), Stop> {
    let days = days(visit).await?;
    let mut asked = variables(days);
    let (who, park) = if let Some(id) = tenant(visit) {
        asked["tenant"] = json!(id);
        let data: OfTenant = visit.load(DOCUMENT, "Statement", asked).await?;
        (Some(data.node.found()?), data.park)
    } else {
        (None, visit.load::<Own>(DOCUMENT, "StatementOwn", asked).await?.park)
    };
    Ok((days, who, park.found()?.statement_of_account.found()?))
}

/// The same account as rows of a file: what was owed before, by currency, then what happened.
async fn part(visit: &Visit) -> Result<Part, Stop> {
    let ((from, _), _, statement) = load(visit).await?;
    let opening = visit.w.s("statement-opening").to_string();
    let before = statement.openings.iter().map(|of| {
        vec![from.into(), Cell::Empty, opening.as_str().into(), of.currency.as_str().into(), Cell::Empty, of.into()]
    });
    let lines = statement.lines.iter().map(|line| {
        let currency = line.amount.currency.as_str().into();
        let text = line.text.as_str().into();
        vec![line.booked_on.into(), line.number.into(), text, currency, (&line.amount).into(), (&line.balance).into()]
    });
    Ok(Part::whole(before.chain(lines)))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = ["book-booked-on", "book-entry", "book-text", "currency", "statement-amount", "balance"];
        let (name, head) = (w.s("statement-title").to_string(), head.map(|word| w.s(word).into()).to_vec());
        return take_away(visit, kind, name, head, |visit, _| Box::pin(part(visit))).await;
    }
    let (days, who, statement) = load(&visit).await?;
    let mut f = visit.frame(w.s("statement-title"));
    f = match who {
        Some(tenant) => f
            .crumb(w.s("tenants-title"), "/park/tenants")
            .crumb(w.name(&tenant.name, &tenant.name_en), format!("/park/tenants/{}", tenant.id)),
        None => f.crumb(w.s("invoices-title"), "/centre/invoices"),
    };
    f = f.action(w.s("paper-pdf"), format!("{}&lang={}", statement.document_path, w.lang.tag()));
    let (csv, xlsx) = visit.files();
    visit.page(&Page { f, from: days.0, to: days.1, statement, csv, xlsx })
}
