//! Operations: the indicators of a period with what they are made of, its days, and its intervals.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::figures::Figures;
use crate::fmt::{NONE, signed};
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::report::{Cell, Part, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::Ratio;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("centre-operations");

/// Longest period shown, in days, as the API allows.
const MOST_DAYS: i64 = 400;
/// Longest period whose intervals are drawn: one line of a week is still read.
const MOST_INTERVAL_DAYS: i64 = 7;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    queues: Vec<Queue>,
    operations: Option<Sums>,
    daily: Vec<Day>,
    #[serde(default)]
    intervals: Vec<Interval>,
}

#[derive(Deserialize)]
struct Queue {
    id: String,
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sums {
    rows: i64,
    ignored: i64,
    not_offered: i64,
    abandoned_in: i64,
    short_abandoned: i64,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    #[serde(rename = "day")]
    on: NaiveDate,
    offered: i64,
    answered: i64,
    abandoned: i64,
    service_level: Ratio,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    start: DateTime<Utc>,
    offered: i64,
    answered: i64,
    abandoned: i64,
    service_level: Ratio,
    average_handle_seconds: Ratio,
    average_wait_seconds: Ratio,
}

struct Period {
    label: String,
    href: String,
    on: bool,
}

/// Two drawings of one thing over time.
struct Drawn {
    volume: Html,
    level: Html,
}

struct Intervals {
    volume: Html,
    level: Html,
    one_day: bool,
    rows: Vec<Interval>,
}

#[derive(Template)]
#[template(path = "centre-operations/page.html")]
struct Page {
    f: Frame,
    tenant: Tenant,
    from: NaiveDate,
    last: NaiveDate,
    chosen_queue: String,
    grain: &'static str,
    grains: Vec<(&'static str, String)>,
    periods: Vec<Period>,
    problem: Option<String>,
    files: (String, String),
    intervals: Option<Intervals>,
    days: Option<Drawn>,
}

impl Page {
    fn of_day(&self, day: NaiveDate) -> String {
        let day = day.to_string();
        let query = [("from", day.as_str()), ("to", &day), ("queue", &self.chosen_queue), ("grain", self.grain)];
        link("/centre/operations", &query)
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/operations", get(show))
}

/// A mean in seconds with one decimal.
pub(crate) fn seconds(w: Words, mean: &Ratio) -> String {
    mean.value.map_or_else(|| NONE.into(), |v| w.s("seconds").arg("n", w.decimal(v, 1)).into())
}

/// What is asked for.
struct Asked {
    today: NaiveDate,
    from: NaiveDate,
    last: NaiveDate,
    grain: &'static str,
    problem: Option<String>,
}

impl Asked {
    async fn of(visit: &Visit) -> Result<Self, Stop> {
        visit.load::<Value>(DOCUMENT, "CentreOperationsDay", json!({})).await?;
        let today = visit.viewer().and_then(|v| v.park).found()?.today;
        let w = visit.w;
        let yesterday = today.pred_opt().unwrap_or(today);
        let mut last = visit.parsed::<NaiveDate>("to").unwrap_or(yesterday);
        let mut from = visit.parsed::<NaiveDate>("from").unwrap_or_else(|| last - chrono::TimeDelta::days(6));
        let mut problem = None;
        if from > last {
            (from, last) = (last, from);
            problem = Some(w.s("period-turned").to_string());
        }
        if (last - from).num_days() >= MOST_DAYS {
            from = last - chrono::TimeDelta::days(MOST_DAYS - 1);
            problem = Some(w.s("period-cut").arg("n", MOST_DAYS).to_string());
        }
        let grain = if visit.q("grain") == "QUARTER" { "QUARTER" } else { "HALF" };
        Ok(Self { today, from, last, grain, problem })
    }

    /// Days of the period.
    fn length(&self) -> i64 {
        (self.last - self.from).num_days() + 1
    }

    /// Whether its intervals are read, too.
    fn short(&self) -> bool {
        self.length() <= MOST_INTERVAL_DAYS
    }

    async fn load(&self, visit: &Visit) -> Result<Tenant, Stop> {
        let to = self.last.succ_opt().unwrap_or(self.last);
        let variables = json!({
            "from": self.from, "to": to, "queue": visit.var("queue"), "grain": self.grain, "short": self.short(),
        });
        visit.load::<Data>(DOCUMENT, "CentreOperations", variables).await?.tenant.found()
    }
}

/// The intervals of the period as rows of a file, or its days where it is long.
async fn part(visit: &Visit, _: Value) -> Result<Part, Stop> {
    let asked = Asked::of(visit).await?;
    let tenant = asked.load(visit).await?;
    let zone = visit.viewer().and_then(|v| v.park).found()?.time_zone;
    let counts = |at: Cell, offered: i64, answered: i64, abandoned: i64, level: &Ratio| {
        vec![at, offered.into(), answered.into(), abandoned.into(), level.numerator.into(), level.denominator.into()]
    };
    if asked.short() {
        let row = |i: &Interval| {
            let at = Cell::moment(i.start, &zone);
            counts(at, i.offered, i.answered, i.abandoned, &i.service_level)
        };
        return Ok(Part::whole(tenant.intervals.iter().map(row)));
    }
    let row = |d: &Day| counts(d.on.into(), d.offered, d.answered, d.abandoned, &d.service_level);
    Ok(Part::whole(tenant.daily.iter().map(row)))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let level = |part| format!("{} ({})", w.s("service-level"), w.s(part));
        let head = vec![
            w.s("interval").into(),
            w.s("offered").into(),
            w.s("answered").into(),
            w.s("abandoned").into(),
            level("numerator"),
            level("denominator"),
        ];
        let name = w.s("place-centre-operations").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let asked = Asked::of(&visit).await?;
    let tenant = asked.load(&visit).await?;
    let (length, short) = (asked.length(), asked.short());
    let Asked { today, from, last, grain, problem } = asked;
    let w = visit.w;
    let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let mut f = visit.frame(w.s("place-centre-operations")).action(w.s("imports-title"), "/centre/imports");
    if f.may("write", "operations") {
        f = f.primary(w.s("import-calls"), "/centre/imports/new");
    }
    let choices = [
        (w.s("last-day"), ago(1)),
        (w.s("last-week"), ago(7)),
        (w.s("last-month"), ago(30)),
        (w.s("last-quarter"), ago(91)),
        (w.s("last-year"), ago(365)),
    ];
    let periods = choices.into_iter().map(|(label, start)| Period {
        label: label.into(),
        href: visit.with(&[("from", &start.to_string()), ("to", &ago(1).to_string())]),
        on: from == start && last == ago(1),
    });
    let page = Page {
        periods: periods.collect(),
        intervals: short.then(|| intervals(w, &f, &tenant.intervals, length)),
        days: (length > 1).then(|| days(w, &tenant.daily)),
        grains: vec![("QUARTER", w.s("grain-quarter").into()), ("HALF", w.s("grain-half").into())],
        chosen_queue: visit.q("queue").to_owned(),
        files: visit.files(),
        from,
        last,
        grain,
        problem,
        tenant,
        f,
    };
    visit.page(&page)
}

fn line(name: impl Into<String>, colour: u8, stroke: Stroke, values: Vec<Option<f64>>) -> Series {
    Series { name: name.into(), colour, stroke, values }
}

fn percent(ratio: &Ratio) -> Option<f64> {
    ratio.value.map(|v| v * 100.0)
}

fn days(w: Words, days: &[Day]) -> Drawn {
    let labels: Vec<String> = days.iter().map(|d| w.day_short(d.on)).collect();
    let count = |pick: fn(&Day) -> i64| days.iter().map(|d| Some(signed(pick(d)))).collect();
    let volume = Lines {
        title: w.s("days-volume").into(),
        unit: w.s("days-volume-unit").into(),
        axis: w.s("day").into(),
        labels: labels.clone(),
        series: vec![
            line(w.s("offered"), 0, Stroke::Solid, count(|d| d.offered)),
            line(w.s("answered"), 1, Stroke::Dash, count(|d| d.answered)),
            line(w.s("abandoned"), 7, Stroke::Dot, count(|d| d.abandoned)),
        ],
        zero: true,
        ..Lines::default()
    };
    let level = Lines {
        title: w.s("days-level").into(),
        unit: w.s("days-level-unit").into(),
        axis: w.s("day").into(),
        labels,
        series: vec![line(
            w.s("service-level"),
            5,
            Stroke::Solid,
            days.iter().map(|d| percent(&d.service_level)).collect(),
        )],
        zero: true,
        places: 1,
        ..Lines::default()
    };
    Drawn { volume: volume.draw(w), level: level.draw(w) }
}

fn intervals(w: Words, f: &Frame, rows: &[Interval], length: i64) -> Intervals {
    let zone = f.zone();
    let label = |at: DateTime<Utc>| if length == 1 { w.clock(at, zone) } else { w.day_clock(at, zone) };
    let labels: Vec<String> = rows.iter().map(|i| label(i.start)).collect();
    let count = |pick: fn(&Interval) -> i64| rows.iter().map(|i| Some(signed(pick(i)))).collect();
    let volume = Lines {
        title: w.s("intervals-volume").into(),
        unit: w.s("intervals-volume-unit").into(),
        axis: w.s("interval").into(),
        labels: labels.clone(),
        series: vec![
            line(w.s("offered"), 0, Stroke::Solid, count(|i| i.offered)),
            line(w.s("answered"), 1, Stroke::Dash, count(|i| i.answered)),
            line(w.s("abandoned"), 7, Stroke::Dot, count(|i| i.abandoned)),
        ],
        zero: true,
        ..Lines::default()
    };
    let level = Lines {
        title: w.s("intervals-level").into(),
        unit: w.s("days-level-unit").into(),
        axis: w.s("interval").into(),
        labels,
        series: vec![line(
            w.s("service-level"),
            5,
            Stroke::Solid,
            rows.iter().map(|i| percent(&i.service_level)).collect(),
        )],
        zero: true,
        places: 1,
        ..Lines::default()
    };
    Intervals { volume: volume.draw(w), level: level.draw(w), one_day: length == 1, rows: rows.to_vec() }
}
