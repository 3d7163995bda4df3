//! A quote drawn up, changed while it is a draft, or drawn up anew. It is seen as a whole before it is sent.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{Months, NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::lease_new::{code, prorations};
use super::park_seats::products;
use super::quote::{PriceStep, Range};
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Made, Money, Ref, UserError, node};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("quote-form");
/// The most lines of a quote.
const MAX_LINES: usize = 10;
/// Later prices and rent-free ranges that a form offers for each line; more are rare and come by the API.
const STEPS: usize = 3;
const FREE: usize = 2;

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lead>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lead {
    id: String,
    name: String,
    name_en: String,
    seats: i64,
    product: Option<String>,
    wanted_from: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Edited {
    #[serde(deserialize_with = "node")]
    node: Option<Quote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    valid_until: NaiveDate,
    remark: String,
    lead: Ref,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    seats: i64,
    product: String,
    term_from: NaiveDate,
    term_to: NaiveDate,
    unit_price: Money,
    price_steps: Vec<PriceStep>,
    tax_rate: String,
    proration: String,
    rent_free: Vec<Range>,
    deposit: Money,
    deposit_months: Option<i64>,
    payment_days: i64,
    notice_days: i64,
}

/// The fields of a line in the form.
struct Fields {
    n: usize,
    open: bool,
    /// It may stay empty.
    spare: bool,
    steps: Vec<(String, String)>,
    free: Vec<(String, String)>,
}

/// The name of a field of a line.
fn named(line: usize, field: &str) -> String {
    format!("l{line}{field}")
}

impl Fields {
    fn name(&self, field: &str) -> String {
        named(self.n, field)
    }
    fn of(n: usize, form: &Form) -> Self {
        let pair = |at: usize, first: &str, second: &str| {
            (named(n, &format!("{first}{at}")), named(n, &format!("{second}{at}")))
        };
        let wrong = form.errors.iter().any(|error| error.path.starts_with(&format!("l{n}")));
        Self {
            n,
            open: n == 1 || wrong || !form.value(&named(n, "seats")).is_empty(),
            spare: n > 1,
            steps: (0..STEPS).map(|at| pair(at, "stepFrom", "stepPrice")).collect(),
            free: (0..FREE).map(|at| pair(at, "freeFrom", "freeTo")).collect(),
        }
    }
}

impl Line {
    /// What the form holds of it.
    fn fields(&self, n: usize, form: Form) -> Form {
        let mut values = vec![
            ("seats".to_owned(), self.seats.to_string()),
            ("product".to_owned(), self.product.clone()),
            ("termFrom".to_owned(), self.term_from.to_string()),
            ("termTo".to_owned(), self.term_to.to_string()),
            ("unitPrice".to_owned(), self.unit_price.amount.clone()),
            ("taxRatePercent".to_owned(), self.tax_rate.clone()),
            ("proration".to_owned(), self.proration.clone()),
            ("depositMonths".to_owned(), self.deposit_months.map_or_else(String::new, |months| months.to_string())),
            ("paymentDays".to_owned(), self.payment_days.to_string()),
            ("noticeDays".to_owned(), self.notice_days.to_string()),
        ];
        if self.deposit_months.is_none() {
            values.push(("deposit".to_owned(), self.deposit.amount.clone()));
        }
        for (at, step) in self.price_steps.iter().enumerate() {
            values.push((format!("stepFrom{at}"), step.from.to_string()));
            values.push((format!("stepPrice{at}"), step.unit_price.amount.clone()));
        }
        for (at, range) in self.rent_free.iter().enumerate() {
            values.push((format!("freeFrom{at}"), range.from.to_string()));
            values.push((format!("freeTo{at}"), range.to.map_or_else(String::new, |day| day.to_string())));
        }
        values.into_iter().fold(form, |form, (field, value)| form.default_value(&named(n, &field), value))
    }
}

#[derive(Template)]
#[template(path = "quote-form/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lines: Vec<Fields>,
    products: Vec<Choice>,
    prorations: Vec<Choice>,
    currency: String,
    back: String,
}

/// What is to become of the form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Create,
    Change,
    Revise,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route(
            "/park/leads/{id}/quote",
            get(async |visit: Visit, Path(id): Path<String>| new(&visit, &id, Form::new()).await)
                .post(async |visit: Visit, Path(id): Path<String>, form: Form| save(visit, id, form, Act::Create).await),
        )
        .route(
            "/park/quotes/{id}/edit",
            get(async |visit: Visit, Path(id): Path<String>| edit(&visit, &id, Form::new(), Act::Change).await)
                .post(async |visit: Visit, Path(id): Path<String>, form: Form| save(visit, id, form, Act::Change).await),
        )
        .route(
            "/park/quotes/{id}/revise",
            get(async |visit: Visit, Path(id): Path<String>| edit(&visit, &id, Form::new(), Act::Revise).await)
                .post(async |visit: Visit, Path(id): Path<String>, form: Form| save(visit, id, form, Act::Revise).await),
        )
}

async fn new(visit: &Visit, lead: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "QuoteForm", json!({ "id": lead })).await?;
    let (lead, today) = (data.node.found()?, visit.today()?);
    let from = lead.wanted_from.unwrap_or(today);
    let to = from.checked_add_months(Months::new(12)).unwrap_or(from);
    let mut form = form.default_value("validUntil", (today + TimeDelta::days(30)).to_string());
    for (field, value) in [
        ("seats", lead.seats.to_string()),
        ("product", lead.product.clone().unwrap_or_default()),
        ("termFrom", from.to_string()),
        ("termTo", to.to_string()),
        ("depositMonths", "2".to_owned()),
    ] {
        form = form.default_value(&named(1, field), value);
    }
    let w = visit.w;
    let back = format!("/park/leads/{}", lead.id);
    page(visit, form, w.s("quote-new-title").into(), (w.name(&lead.name, &lead.name_en), &back), back.clone(), 1)
}

async fn edit(visit: &Visit, id: &str, form: Form, act: Act) -> Answer {
    let data: Edited = visit.load(DOCUMENT, "QuoteEdit", json!({ "id": id })).await?;
    let (quote, w) = (data.node.found()?, visit.w);
    let sent = !form.value("validUntil").is_empty();
    let mut form = form.default_value("validUntil", quote.valid_until.to_string()).default_value("remark", &quote.remark);
    if let Some(line) = quote.lines.first() {
        form = form.default_value("currency", &line.unit_price.currency);
    }
    if !sent {
        form = (1..).zip(&quote.lines).fold(form, |form, (n, line)| line.fields(n, form));
    }
    let title = if act == Act::Change { w.s("quote-edit-title") } else { w.s("quote-revise-title") };
    let lead = format!("/park/leads/{}", quote.lead.id);
    let name = w.name(&quote.lead.name, &quote.lead.name_en);
    page(visit, form, title.into(), (name, &lead), format!("/park/quotes/{id}"), quote.lines.len())
}

fn page(visit: &Visit, form: Form, title: String, lead: (&str, &str), back: String, known: usize) -> Answer {
    let w = visit.w;
    let sent = form.value("count").parse::<usize>().unwrap_or(0);
    // One more than there are, so that there is always room for the next.
    let count = sent.max(known + 1).clamp(2, MAX_LINES);
    let park = visit.viewer().and_then(|v| v.park).map_or_else(String::new, |park| park.currency);
    let mut form = form.without("count").default_value("count", count.to_string()).default_value("currency", park);
    for n in 1..=count {
        for (field, value) in [("taxRatePercent", "9"), ("proration", "by_day"), ("paymentDays", "15"), ("noticeDays", "90")] {
            form = form.default_value(&named(n, field), value);
        }
    }
    let page = Page {
        lines: (1..=count).map(|n| Fields::of(n, &form)).collect(),
        f: visit.frame(title).crumb(w.s("pipeline-title"), "/park/pipeline").crumb(lead.0, lead.1),
        products: products(w),
        prorations: prorations(w),
        currency: w.s("quote-currency").into(),
        form: form.fresh_key(visit),
        back,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// A line as the API takes it.
fn line(form: &mut Form, n: usize, w: Words) -> Value {
    let name = |field: &str| named(n, field);
    let mut steps = Vec::new();
    for at in 0..STEPS {
        let (from, price) = (name(&format!("stepFrom{at}")), name(&format!("stepPrice{at}")));
        if !form.value(&from).is_empty() || !form.value(&price).is_empty() {
            steps.push(json!({ "from": form.date(&from, w), "unitPrice": form.required(&price, w) }));
        }
    }
    let mut free = Vec::new();
    for at in 0..FREE {
        let (from, to) = (name(&format!("freeFrom{at}")), name(&format!("freeTo{at}")));
        if !form.value(&from).is_empty() || !form.value(&to).is_empty() {
            free.push(json!({ "from": form.date(&from, w), "to": form.date(&to, w) }));
        }
    }
    let months = if form.value(&name("depositMonths")).is_empty() { Value::Null } else { form.whole(&name("depositMonths"), w) };
    json!({
        "seats": form.whole(&name("seats"), w), "product": form.required(&name("product"), w),
        "termFrom": form.date(&name("termFrom"), w), "termTo": form.date(&name("termTo"), w),
        "unitPrice": form.required(&name("unitPrice"), w), "priceSteps": steps,
        "taxRatePercent": form.required(&name("taxRatePercent"), w), "proration": form.required(&name("proration"), w),
        "rentFree": free, "depositMonths": months, "deposit": form.optional(&name("deposit")),
        "paymentDays": form.whole(&name("paymentDays"), w), "noticeDays": form.whole(&name("noticeDays"), w),
    })
}

/// What the API says of a line, at the fields of the form; `lines` are the places of the lines that were sent.
fn placed(mut error: UserError, lines: &[usize]) -> UserError {
    let path = error.path.trim_start_matches("input.").to_owned();
    let parts: Vec<&str> = path.split('.').collect();
    if let ["lines", at, field @ ..] = parts.as_slice()
        && let Some(n) = at.parse::<usize>().ok().and_then(|at| lines.get(at))
    {
        error.path = match field {
            ["rentFree", at, ..] => named(*n, &format!("freeFrom{at}")),
            ["priceSteps", at, "unitPrice"] => named(*n, &format!("stepPrice{at}")),
            ["priceSteps", at, ..] => named(*n, &format!("stepFrom{at}")),
            [field, ..] => named(*n, field),
            [] => "lines".to_owned(),
        };
    }
    error
}

async fn save(visit: Visit, id: String, mut form: Form, act: Act) -> Answer {
    let w = visit.w;
    let count = form.value("count").parse::<usize>().unwrap_or(1).clamp(1, MAX_LINES);
    let sent: Vec<usize> = (1..=count).filter(|n| *n == 1 || !form.value(&named(*n, "seats")).is_empty()).collect();
    let lines: Vec<Value> = sent.iter().map(|n| line(&mut form, *n, w)).collect();
    let mut input = json!({ "validUntil": form.date("validUntil", w), "remark": form.optional("remark"), "lines": lines,
        "currency": code(&form),
        "idempotencyKey": form.value("key") });
    let (operation, of) = match act {
        Act::Create => ("QuoteCreate", "leadId"),
        Act::Change => ("QuoteChange", "quoteId"),
        Act::Revise => ("QuoteRevise", "quoteId"),
    };
    if let Some(input) = input.as_object_mut() {
        input.insert(of.to_owned(), json!(id));
    }
    if !form.is_refused() {
        match visit.act::<Saved>(DOCUMENT, operation, input).await? {
            Ok(saved) => {
                let quote = saved.quote.found()?;
                return visit.done(&format!("/park/quotes/{}", quote.id), w.s("quote-saved"));
            }
            Err(errors) => form = form.refused(errors.into_iter().map(|error| placed(error, &sent)).collect()),
        }
    }
    if act == Act::Create { new(&visit, &id, form).await } else { edit(&visit, &id, form, act).await }
}

#[derive(Deserialize)]
struct Saved {
    quote: Option<Made>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_line_stands_at_its_fields() {
        let at = |path: &str| placed(UserError { path: path.to_owned(), ..UserError::default() }, &[1, 3]).path;
        assert_eq!(at("lines.1.unitPrice"), "l3unitPrice");
        assert_eq!(at("input.lines.0.rentFree.1"), "l1freeFrom1");
        assert_eq!(at("lines.1.priceSteps.2.unitPrice"), "l3stepPrice2");
        assert_eq!(at("lines.1.priceSteps.0"), "l3stepFrom0");
        assert_eq!((at("lines"), at("validUntil")), ("lines".to_owned(), "validUntil".to_owned()));
    }
}
