//! The unit-seat cost of a month: its parts over leased and occupied seats, its trend, what was entered, and what the
//! trade has published beside it.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::charts::{Bars, Lines, Series, Stroke};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::Html;
use crate::report::{self, Cell, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Month, Ratio};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("centre-cost");

/// Categories that can be entered; rent comes from the invoices.
const CATEGORIES: [&str; 9] =
    ["labour", "telecom", "depreciation", "management", "recruiting", "training", "power", "software", "other"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    tenant: Option<Tenant>,
    #[serde(default)]
    reference_figures: Vec<Figure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    cost: Option<Cost>,
    cost_trend: Vec<Trend>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    total: Money,
    other_rents: Vec<Money>,
    per_leased_seat: Option<Money>,
    per_occupied_seat: Option<Money>,
    leased_seats: String,
    occupied_seats: String,
    labour_share: Ratio,
    parts: Vec<Part>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    category: String,
    title: String,
    total: Money,
    per_leased_seat: Option<Money>,
    per_occupied_seat: Option<Money>,
}

#[derive(Deserialize)]
struct Entry {
    category: String,
    amount: Money,
    source: String,
    note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trend {
    month: Month,
    per_leased_seat: Option<Money>,
    per_occupied_seat: Option<Money>,
}

#[derive(Deserialize)]
struct Figure {
    title: String,
    value: String,
    unit: String,
    year: String,
    area: String,
    source: String,
    note: String,
}

#[derive(Template)]
#[template(path = "centre-cost/page.html")]
struct Page {
    f: Frame,
    form: Form,
    month: Month,
    cost: Cost,
    figures: Vec<Figure>,
    categories: Vec<Choice>,
    bars: Html,
    trend: Html,
    files: (String, String),
    may_write: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/cost", get(show).post(add))
}

/// The parts of the month as rows of a file, the whole in the last.
async fn part(visit: &Visit, _: Value) -> Result<report::Part, Stop> {
    let month = month(visit).await?;
    let data: Data = visit.load(DOCUMENT, "CentreCost", json!({ "month": month.to_string() })).await?;
    let cost = data.tenant.found()?.cost.found()?;
    let row = |title: &str, total: &Money, leased: Option<&Money>, occupied: Option<&Money>| {
        vec![
            month.to_string().into(),
            title.into(),
            total.into(),
            Cell::of(leased),
            Cell::of(occupied),
            total.currency.as_str().into(),
        ]
    };
    let parts =
        cost.parts.iter().map(|p| row(&p.title, &p.total, p.per_leased_seat.as_ref(), p.per_occupied_seat.as_ref()));
    let whole = visit.w.s("cost-total").to_string();
    let whole = row(&whole, &cost.total, cost.per_leased_seat.as_ref(), cost.per_occupied_seat.as_ref());
    Ok(report::Part::whole(parts.chain([whole])))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let words = ["month", "cost-part", "amount", "per-leased-seat", "per-occupied-seat", "currency"];
        let head = words.map(|word| w.s(word).into()).to_vec();
        let name = w.s("place-centre-cost").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn month(visit: &Visit) -> Result<Month, Stop> {
    visit.load::<Value>(DOCUMENT, "CentreCostDay", json!({})).await?;
    Ok(visit.parsed::<Month>("month").unwrap_or(Month::of(visit.today()?).minus(1)))
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let month = month(visit).await?;
    let data: Data = visit.load(DOCUMENT, "CentreCost", json!({ "month": month.to_string() })).await?;
    let tenant = data.tenant.found()?;
    let cost = tenant.cost.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("cost-title").arg("month", w.month(month)));
    let may_write = f.may("write", "cost");
    if may_write {
        f = f.action(w.s("cost-import"), "/centre/cost/import").primary(w.s("cost-add"), "#add");
    }
    let page = Page {
        categories: CATEGORIES.into_iter().map(|id| Choice::new(id, w.of("cost-category", id))).collect(),
        bars: bars(w, &cost, month),
        trend: trend(w, &tenant.cost_trend, &cost.total.currency),
        figures: data.reference_figures,
        files: visit.files(),
        form: form.without("key").default_value("key", visit.key()),
        f,
        month,
        cost,
        may_write,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

fn bars(w: Words, cost: &Cost, month: Month) -> Html {
    let shown: Vec<&Part> = cost.parts.iter().filter(|p| !p.total.is_zero()).collect();
    let bar = |name: String, colour, pick: fn(&Part) -> Option<&Money>| Series {
        name,
        colour,
        values: shown.iter().map(|p| pick(p).map(Money::rough)).collect(),
        ..Series::default()
    };
    Bars {
        title: w.s("cost-parts-question").arg("month", w.month(month)).into(),
        unit: w.s("cost-trend-unit").arg("currency", &cost.total.currency).into(),
        axis: w.s("cost-part").into(),
        labels: shown.iter().map(|p| p.title.clone()).collect(),
        series: vec![
            bar(w.s("per-leased-seat").into(), 0, |p| p.per_leased_seat.as_ref()),
            bar(w.s("per-occupied-seat").into(), 1, |p| p.per_occupied_seat.as_ref()),
        ],
        places: 2,
        ..Bars::default()
    }
    .draw(w)
}

fn trend(w: Words, months: &[Trend], currency: &str) -> Html {
    let line = |name: String, colour, stroke, pick: fn(&Trend) -> Option<&Money>| Series {
        name,
        colour,
        stroke,
        values: months.iter().map(|m| pick(m).map(Money::rough)).collect(),
    };
    Lines {
        title: w.s("cost-trend").into(),
        unit: w.s("cost-trend-unit").arg("currency", currency).into(),
        axis: w.s("month").into(),
        labels: months.iter().map(|m| w.month_short(m.month)).collect(),
        series: vec![
            line(w.s("per-leased-seat").into(), 0, Stroke::Solid, |m| m.per_leased_seat.as_ref()),
            line(w.s("per-occupied-seat").into(), 1, Stroke::Dash, |m| m.per_occupied_seat.as_ref()),
        ],
        places: 2,
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}

async fn add(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let month = month(&visit).await?;
    let input = json!({
        "month": month.to_string(), "category": form.required("category", w), "amount": form.required("amount", w),
        "note": form.value("note"), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    if let Err(errors) = visit.act::<Value>(DOCUMENT, "CostEntryAdd", input).await? {
        return page(&visit, form.refused(errors)).await;
    }
    let what = w.of("cost-category", form.value("category")).to_string();
    visit.done(&format!("/centre/cost?month={month}"), w.s("cost-added").arg("what", what))
}
