//! One version of a quote: what it says and comes to, and what can be done with it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pipeline::is_open;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::link;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Coded, Money, Month, UserError, node};

pub(crate) const DOCUMENT: &str = document!("quote");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Quote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Quote {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) version: i64,
    pub(crate) state: String,
    pub(crate) valid_until: NaiveDate,
    pub(crate) remark: String,
    #[serde(default)]
    seats: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    #[serde(default)]
    end_remark: String,
    pub(crate) lead: Lead,
    /// Null for who may not read leases.
    #[serde(default)]
    holds: Vec<Hold>,
    pub(crate) lines: Vec<Line>,
    pub(crate) sums: Sums,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lead {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) name_en: String,
    #[serde(default)]
    pub(crate) state: String,
    #[serde(default)]
    quotes: Vec<Other>,
}

/// Seats kept for a quote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hold {
    id: String,
    state: String,
    expires_at: DateTime<Utc>,
    seat_count: i64,
    open_count: i64,
}

#[derive(Deserialize)]
struct Other {
    id: String,
    number: String,
    version: i64,
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    #[serde(rename = "lineNo")]
    pub(crate) number: i64,
    pub(crate) seats: i64,
    pub(crate) product: String,
    pub(crate) term_from: NaiveDate,
    pub(crate) term_to: NaiveDate,
    pub(crate) unit_price: Money,
    pub(crate) price_steps: Vec<PriceStep>,
    pub(crate) tax_rate: String,
    pub(crate) proration: String,
    pub(crate) rent_free: Vec<Range>,
    pub(crate) deposit: Money,
    pub(crate) deposit_months: Option<i64>,
    pub(crate) payment_days: i64,
    pub(crate) notice_days: i64,
    #[serde(default)]
    pub(crate) lease: Option<Coded>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceStep {
    pub(crate) from: NaiveDate,
    pub(crate) unit_price: Money,
}

#[derive(Deserialize)]
pub(crate) struct Range {
    pub(crate) from: NaiveDate,
    pub(crate) to: Option<NaiveDate>,
}

/// What a quote comes to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sums {
    pub(crate) net: Option<Money>,
    pub(crate) tax: Option<Money>,
    pub(crate) total: Option<Money>,
    pub(crate) deposit: Option<Money>,
    pub(crate) month_count: i64,
    pub(crate) months: Vec<QuoteMonth>,
    pub(crate) user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
pub(crate) struct QuoteMonth {
    pub(crate) month: Month,
    pub(crate) net: Money,
    pub(crate) tax: Money,
    pub(crate) total: Money,
}

#[derive(Template)]
#[template(path = "quote/page.html")]
struct Page {
    f: Frame,
    form: Form,
    quote: Quote,
    others: Vec<Other>,
    ends: Vec<Choice>,
    may_end: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/quotes/{id}", get(show).post(act))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "QuotePage", json!({ "id": id })).await?;
    let (mut quote, w) = (data.node.found()?, visit.w);
    let title = w.s("quote-version").arg("number", &quote.number).arg("version", quote.version);
    let mut f = visit.frame(title).crumb(w.s("pipeline-title"), "/park/pipeline");
    f = f.crumb(w.name(&quote.lead.name, &quote.lead.name_en), format!("/park/leads/{}", quote.lead.id));
    f = f.action(w.s("quote-print"), format!("/park/quotes/{id}/print"));
    let mut others = std::mem::take(&mut quote.lead.quotes);
    others.retain(|other| other.number == quote.number && other.id != quote.id);
    let (may, open) = (f.may("write", "pipeline"), is_open(&quote.lead.state));
    let last = others.iter().all(|other| other.version < quote.version);
    match quote.state.as_str() {
        "DRAFT" if may && open => f = f.action(w.s("edit"), format!("/park/quotes/{id}/edit")),
        "SENT" | "EXPIRED" | "DECLINED" | "WITHDRAWN" if may && open && last => {
            f = f.action(w.s("quote-revise-title"), format!("/park/quotes/{id}/revise"));
        }
        _ => {}
    }
    if matches!(quote.state.as_str(), "DRAFT" | "SENT") && f.may("commit", "leasing") {
        f = f.action(w.s("quote-hold"), hold_link(id, &quote));
    }
    if quote.state == "SENT" && f.may("commit", "pipeline") {
        f = f.primary(w.s("quote-accept-title"), format!("/park/quotes/{id}/accept"));
    }
    let sent = matches!(quote.state.as_str(), "SENT" | "EXPIRED");
    let mut ends = vec![Choice::new("withdraw", w.s("quote-withdraw"))];
    if sent {
        ends.insert(0, Choice::new("decline", w.s("quote-decline")));
    }
    let page = Page {
        may_end: may && (sent || quote.state == "DRAFT"),
        form: form.default_value("act", if sent { "decline" } else { "withdraw" }).fresh_key(visit),
        others,
        ends,
        quote,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Where seats are kept for a quote: its first line says what is looked for.
fn hold_link(id: &str, quote: &Quote) -> String {
    let Some(line) = quote.lines.first() else { return format!("/park/holds/new?quote={id}") };
    let (count, from, to) = (line.seats.to_string(), line.term_from.to_string(), line.term_to.to_string());
    let until = quote.valid_until.to_string();
    let asked = [
        ("quote", id),
        ("product", line.product.as_str()),
        ("count", &count),
        ("from", &from),
        ("to", &to),
        ("until", &until),
    ];
    link("/park/holds/new", &asked)
}

async fn act(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let w = visit.w;
    let key = json!(form.value("key"));
    let ended = json!({ "quoteId": id, "remark": form.optional("remark"), "idempotencyKey": key });
    let (done, said) = match form.value("act") {
        "send" => {
            let input = json!({ "quoteId": id, "idempotencyKey": key });
            (visit.act::<Value>(DOCUMENT, "QuoteSend", input).await?, w.s("quote-sent"))
        }
        "decline" => (visit.act::<Value>(DOCUMENT, "QuoteDecline", ended).await?, w.s("quote-declined")),
        "withdraw" => (visit.act::<Value>(DOCUMENT, "QuoteWithdraw", ended).await?, w.s("quote-withdrawn")),
        _ => return Err(Stop::NotFound),
    };
    match done {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/quotes/{id}"), said),
    }
}
