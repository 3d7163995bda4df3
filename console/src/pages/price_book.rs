//! A version of a price book: its prices, where they fall, a line against seats, a calculator, its versions.

use std::borrow::Borrow;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::prices::Text;
use crate::Console;
use crate::charts::{Lines, Series};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::Html;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, UserError};
use crate::words::{Say, Words};

pub(crate) const DOCUMENT: &str = document!("price-book");
/// How far the line is drawn when nobody says otherwise and no fall lies further on.
const REACH: i64 = 100;
/// The most that is drawn.
const MOST: i64 = 1_000;
/// What can be sold with a seat.
const PRODUCTS: [&str; 3] = ["BARE", "FURNISHED", "EQUIPPED"];
/// Points of a drawing: more than these would not be seen.
const POINTS: usize = 100;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    price_book: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    #[serde(flatten)]
    book: Book,
    published_at: Option<DateTime<Utc>>,
    sha256: String,
    file_text: String,
    versions: Vec<Edition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edition {
    version: i64,
    published_at: DateTime<Utc>,
    note: String,
}

/// What a version says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Book {
    #[serde(rename = "book")]
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) title: Text,
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) tax_included: bool,
    pub(crate) note: String,
    pub(crate) commitment: Option<Commitment>,
    pub(crate) prices: Vec<Price>,
    pub(crate) differences: Vec<Difference>,
    pub(crate) breaks: Breaks,
}

impl Book {
    /// The word of whether its amounts contain the tax.
    pub(crate) fn tax_word(&self, w: impl Borrow<Words>) -> Say {
        let w = w.borrow();
        if self.tax_included { w.s("tax-with") } else { w.s("tax-before") }
    }
}

#[derive(Deserialize)]
pub(crate) struct Commitment {
    steps: Vec<Least>,
}

#[derive(Deserialize)]
pub(crate) struct Least {
    pub(crate) from: NaiveDate,
    pub(crate) least: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Price {
    #[serde(rename = "price")]
    pub(crate) id: String,
    pub(crate) title: Text,
    pub(crate) basis: String,
    pub(crate) every: String,
    pub(crate) due: String,
    proration: String,
    pub(crate) high_water: bool,
    products: Vec<String>,
    zones: Vec<String>,
    shifts: Vec<String>,
    pub(crate) minimum_seats: Vec<Least>,
    pub(crate) maximum: Option<String>,
    pub(crate) tax_rate: Option<String>,
    pub(crate) meter: Option<String>,
    pub(crate) of: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) from: NaiveDate,
    pub(crate) to: Option<NaiveDate>,
    pub(crate) model: String,
    pub(crate) percent: Option<String>,
    pub(crate) free_units: String,
    pub(crate) cap: Option<String>,
    pub(crate) flat_at_zero: bool,
    pub(crate) tiers: Vec<Tier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tier {
    up_to: Option<String>,
    below: Option<String>,
    unit: String,
    flat: String,
    block: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Difference {
    pub(crate) price: Option<String>,
    pub(crate) field: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Breaks {
    pub(crate) cliffs: Vec<Break>,
    pub(crate) jumps: Vec<Break>,
}

#[derive(Deserialize)]
pub(crate) struct Break {
    price: String,
    step: NaiveDate,
    regained: Option<i64>,
    before: Point,
    after: Point,
}

#[derive(Deserialize)]
struct Point {
    seats: i64,
    total: Money,
}

impl Book {
    /// The least that a period comes to, by days.
    pub(crate) fn commitments(&self) -> &[Least] {
        self.commitment.as_ref().map_or(&[], |commitment| &commitment.steps)
    }
    fn title_of<'a>(&'a self, price: &'a str, w: Words) -> &'a str {
        let found = self.prices.iter().find(|one| one.id == price);
        found.map_or(price, |one| w.name(&one.title.zh, &one.title.en))
    }
}

impl Price {
    /// How parts of a period count.
    pub(crate) fn clause(&self, f: &Frame) -> String {
        if let Some(days) = self.proration.strip_prefix("fixed_") {
            f.w.s("price-clause-fixed").arg("n", days).into()
        } else if let Some(day) = self.proration.strip_prefix("full_month_before_") {
            f.w.s("price-clause-before").arg("n", day).into()
        } else if self.proration == "none" {
            f.w.s("price-clause-none").into()
        } else {
            f.w.s("price-clause-by-day").into()
        }
    }
    /// What it is for.
    pub(crate) fn sold_for(&self, f: &Frame) -> String {
        let mut parts: Vec<String> = self.products.iter().map(|one| f.w.of("seat-product", one).into()).collect();
        if !self.zones.is_empty() {
            parts.push(f.w.s("price-for-zones").arg("zones", self.zones.join(", ")).into());
        }
        if !self.shifts.is_empty() {
            parts.push(f.w.s("price-for-shifts").arg("shifts", self.shifts.join(", ")).into());
        }
        if parts.is_empty() { f.w.s("price-for-all").into() } else { parts.join(" · ") }
    }
}

impl Step {
    /// Where a tier ends.
    pub(crate) fn bound(&self, tier: &Tier, f: &Frame) -> String {
        match (&tier.up_to, &tier.below) {
            (Some(last), _) => f.w.s("price-tier-up-to").arg("n", last).into(),
            (None, Some(next)) => f.w.s("price-tier-below").arg("n", next).into(),
            (None, None) if self.tiers.len() > 1 => f.w.s("price-tier-open").into(),
            (None, None) => f.w.s("price-tier-all").into(),
        }
    }
}

impl Tier {
    /// What a unit costs, or a started block.
    pub(crate) fn price(&self, f: &Frame) -> String {
        let unit = crate::fmt::group(&self.unit);
        match &self.block {
            Some(block) => f.w.s("price-block").arg("price", unit).arg("n", block).into(),
            None => unit,
        }
    }
    /// What is charged once.
    pub(crate) fn once(&self) -> String {
        if self.flat == "0" { crate::fmt::NONE.to_owned() } else { crate::fmt::group(&self.flat) }
    }
}

impl Break {
    /// A fall in words.
    pub(crate) fn falls(&self, book: &Book, f: &Frame) -> String {
        self.said(f.w.s("price-cliff"), book, f.w)
    }
    /// A jump in words.
    pub(crate) fn jumps(&self, book: &Book, f: &Frame) -> String {
        self.said(f.w.s("price-jump"), book, f.w)
    }
    fn said(&self, said: Say, book: &Book, w: Words) -> String {
        let said = said.arg("price", book.title_of(&self.price, w)).arg("on", w.date(self.step));
        let said = said.arg("before", w.n(self.before.seats)).arg("beforeTotal", w.money(&self.before.total));
        let said = said.arg("after", w.n(self.after.seats)).arg("afterTotal", w.money(&self.after.total));
        said.arg("regained", self.regained.unwrap_or(0)).into()
    }
}

#[derive(Deserialize)]
struct CurveData {
    park: Option<CurvePark>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CurvePark {
    price_book_curve: Option<Curve>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Curve {
    points: Vec<Point>,
    cliffs: Vec<Fall>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Fall {
    before: Point,
    after: Point,
}

#[derive(Deserialize)]
struct QuoteData {
    park: Option<QuotePark>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuotePark {
    price_book_quote: Option<Quote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    lines: Vec<Line>,
    total: Option<Money>,
    metered: Vec<String>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    title: Text,
    days: Range,
    amount: Money,
    why: String,
}

#[derive(Deserialize)]
struct Range {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

impl Range {
    fn shown(&self, f: &Frame) -> String {
        let last = self.to.map(|to| to - Days::new(1));
        f.w.s("period").arg("from", f.w.date(self.from)).arg("to", f.w.date_or_open(&last)).into()
    }
}

#[derive(Template)]
#[template(path = "price-book/page.html")]
struct Page {
    f: Frame,
    form: Form,
    book: Book,
    published: String,
    latest: bool,
    sha256: String,
    file_text: String,
    versions: Vec<Edition>,
    /// The version asked for; none = the latest.
    asked: Option<i32>,
    zone: String,
    priced: Vec<Choice>,
    products: Vec<Choice>,
    chart: Option<Html>,
    quote: Option<Quote>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/prices/{book}", get(show))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let asked = visit.parsed::<i32>("version");
    let named = json!({ "book": id, "version": asked });
    let data: Data = visit.load(DOCUMENT, "PriceBook", named.clone()).await?;
    let Whole { book, published_at, sha256, file_text, versions } = data.park.found()?.price_book.found()?;
    let (w, today) = (visit.w, visit.today()?);
    let mut form = asked_for(&visit, &book, today);
    let chart = drawn(&visit, &mut form, &book, &named).await?;
    let quote = quoted(&visit, &mut form, &named).await?;
    let viewer = visit.viewer().found()?;
    let may_publish = viewer.may("commit", "billing");
    let zone = viewer.park.found()?.time_zone;
    let title = w.s("price-book-title").arg("title", w.name(&book.title.zh, &book.title.en)).arg("n", book.version);
    let mut f =
        visit.frame(title).crumb(w.s("invoices-title"), "/park/invoices").crumb(w.s("prices-title"), "/park/prices");
    if may_publish {
        f = f.primary(w.s("price-new-title"), format!("/park/prices/version/new?book={}", book.id));
    }
    let page = Page {
        published: published_at.map(|at| w.moment(at, &zone)).unwrap_or_default(),
        latest: versions.first().is_some_and(|one| one.version == book.version),
        priced: book
            .prices
            .iter()
            .filter(|p| p.basis != "PERCENT")
            .map(|p| Choice::new(&p.id, w.name(&p.title.zh, &p.title.en)))
            .collect(),
        products: PRODUCTS.iter().map(|one| Choice::new(*one, w.of("seat-product", one))).collect(),
        form,
        book,
        sha256,
        file_text,
        versions,
        asked,
        zone,
        chart,
        quote,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What the two small forms were sent with, or what is sensible.
fn asked_for(visit: &Visit, book: &Book, today: NaiveDate) -> Form {
    let names = ["price", "on", "upTo", "seats", "product", "zone", "shift", "from", "until"];
    let known = |name: &str| name != "product" || PRODUCTS.contains(&visit.q(name));
    let sent = |name: &str| !visit.q(name).is_empty() && known(name);
    let form =
        names.iter().filter(|name| sent(name)).fold(Form::new(), |form, name| form.default_value(name, visit.q(name)));
    let first = book.prices.iter().find(|price| price.basis != "PERCENT").map_or("", |price| &price.id);
    let form = form.default_value("price", first);
    // The step in force, or the first one of a price that begins later.
    let price = book.prices.iter().find(|price| price.id == form.value("price"));
    let begins = price.and_then(|price| price.steps.first()).map_or(today, |step| step.from);
    let far = book
        .breaks
        .cliffs
        .iter()
        .filter(|fall| fall.price == form.value("price"))
        .map(|fall| fall.regained.unwrap_or(fall.after.seats).saturating_mul(5) / 4);
    let reach = far.max().unwrap_or(REACH).clamp(REACH, MOST);
    form.default_value("on", today.max(begins).to_string())
        .default_value("upTo", reach.to_string())
        .default_value("product", "EQUIPPED")
}

async fn drawn(visit: &Visit, form: &mut Form, book: &Book, named: &Value) -> Result<Option<Html>, Stop> {
    if form.value("price").is_empty() {
        return Ok(None);
    }
    let mut vars = named.clone();
    vars["price"] = json!(form.value("price"));
    vars["on"] = form.date("on", visit.w);
    vars["toSeats"] = form.whole("upTo", visit.w);
    if form.is_refused() {
        return Ok(None);
    }
    let data: CurveData = visit.load(DOCUMENT, "PriceBookCurve", vars).await?;
    let curve = data.park.found()?.price_book_curve.found()?;
    if !curve.user_errors.is_empty() {
        for mut error in curve.user_errors {
            if error.path == "toSeats" {
                "upTo".clone_into(&mut error.path);
            }
            form.errors.push(error);
        }
        return Ok(None);
    }
    Ok(Some(chart(visit.w, book, &curve)))
}

/// The line, thinned to what can be seen; both sides of every fall stay.
fn chart(w: Words, book: &Book, curve: &Curve) -> Html {
    let every = curve.points.len().div_ceil(POINTS).max(1);
    let last = curve.points.len().saturating_sub(1);
    let side = |seats: i64| curve.cliffs.iter().any(|fall| fall.before.seats == seats || fall.after.seats == seats);
    let kept: Vec<&Point> = curve
        .points
        .iter()
        .enumerate()
        .filter(|(at, point)| at % every == 0 || *at == last || side(point.seats))
        .map(|(_, point)| point)
        .collect();
    let mark = |fall: &Fall| {
        let at = kept.iter().position(|point| point.seats == fall.after.seats)?;
        let said = w.s("price-curve-mark-at").arg("n", w.n(fall.after.seats)).arg("before", w.n(fall.before.seats));
        Some((at, said.into()))
    };
    let lines = Lines {
        title: w.s("price-curve-title").into(),
        unit: w.s("price-curve-unit").arg("currency", &book.currency).arg("tax", book.tax_word(w)).into(),
        axis: w.s("price-quantity").into(),
        labels: kept.iter().map(|point| w.n(point.seats)).collect(),
        series: vec![Series {
            name: w.s("price-curve-total").into(),
            colour: 0,
            values: kept.iter().map(|point| Some(point.total.rough())).collect(),
            ..Series::default()
        }],
        zero: true,
        places: 2,
        marks: curve.cliffs.iter().filter_map(mark).collect(),
        mark: w.s("price-curve-mark").into(),
        ..Lines::default()
    };
    lines.draw(w)
}

async fn quoted(visit: &Visit, form: &mut Form, named: &Value) -> Result<Option<Quote>, Stop> {
    if form.value("seats").is_empty() {
        return Ok(None);
    }
    let mut vars = named.clone();
    vars["seats"] = form.whole("seats", visit.w);
    vars["product"] = json!(form.value("product"));
    vars["zone"] = form.optional("zone");
    vars["shift"] = form.optional("shift");
    vars["from"] = form.date("from", visit.w);
    let until = form.date("until", visit.w);
    if form.is_refused() {
        return Ok(None);
    }
    // People name the last day; ranges end with the day after it.
    let after = until.as_str().and_then(|day| day.parse::<NaiveDate>().ok()).map(|day| day + Days::new(1));
    vars["to"] = json!(after);
    let data: QuoteData = visit.load(DOCUMENT, "PriceBookQuote", vars).await?;
    let quote = data.park.found()?.price_book_quote.found()?;
    if quote.user_errors.is_empty() {
        return Ok(Some(quote));
    }
    for mut error in quote.user_errors {
        if error.path == "to" {
            "until".clone_into(&mut error.path);
        }
        form.errors.push(error);
    }
    Ok(None)
}
