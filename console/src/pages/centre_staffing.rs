//! The staffing need of a day against its roster and seats, by a target that the address names.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::figures::basis;
use crate::fmt::{NONE, signed};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::Html;
use crate::visit::{Answer, Found, Visit};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("centre-staffing");

/// Terms of the target: name in the address, input of the API, range, what the API takes when it is left out.
const TERMS: [(&str, &str, i32, i32, &str); 5] = [
    ("level", "serviceLevelPercent", 0, 99, "80"),
    ("within", "thresholdSeconds", 0, 3600, "20"),
    ("patience", "patienceSeconds", 0, 3600, "120"),
    ("shrinkage", "shrinkagePercent", 0, 99, "30"),
    ("occupancy", "maxOccupancyPercent", 1, 100, "85"),
];

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    staffing: Option<Plan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    basis_days: Vec<NaiveDate>,
    target: Target,
    intervals: Vec<Interval>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    model: String,
    service_level_percent: i64,
    threshold_seconds: i64,
    patience_seconds: Option<i64>,
    shrinkage_percent: i64,
    max_occupancy_percent: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    start: DateTime<Utc>,
    offered: f64,
    handle_seconds: Option<f64>,
    erlangs: f64,
    agents: i64,
    positions: i64,
    rostered: i64,
    seats: i64,
    predicted_service_level: Option<f64>,
    predicted_occupancy: Option<f64>,
}

impl Interval {
    /// People rostered less people to roster: negative is too few.
    fn gap(&self) -> i64 {
        self.rostered - self.positions
    }
    /// Seats less agents at work: negative is too few.
    fn seat_gap(&self) -> i64 {
        self.seats - self.agents
    }
}

impl Plan {
    /// The target in one line.
    fn says(&self, w: Words) -> String {
        let t = &self.target;
        let mut said = w
            .s("target-says")
            .arg("model", &t.model)
            .arg("level", t.service_level_percent)
            .arg("within", t.threshold_seconds)
            .arg("occupancy", t.max_occupancy_percent)
            .to_string();
        if let Some(patience) = t.patience_seconds {
            said.push_str(&w.s("target-says-patience").arg("n", patience).to_string());
        }
        said
    }
}

/// The interval that needs the most people.
#[derive(Default)]
struct Peak {
    positions: i64,
    agents: i64,
    at: String,
}

#[derive(Template)]
#[template(path = "centre-staffing/page.html")]
struct Page {
    f: Frame,
    form: Form,
    day: NaiveDate,
    grains: [Choice; 2],
    models: [Choice; 2],
    fields: Vec<Choice>,
    plan: Option<Plan>,
    basis: String,
    peak: Peak,
    /// Intervals with too few people, and the largest gap.
    short: (i64, i64),
    /// Hours needed and rostered.
    hours: (f64, f64),
    offered: f64,
    chart: Html,
}

impl Page {
    /// The intervals from the first to the last in which anybody is needed or rostered.
    fn worked(&self) -> &[Interval] {
        let rows = self.plan.as_ref().map_or(&[][..], |plan| &plan.intervals);
        let busy = |i: &Interval| i.positions > 0 || i.rostered > 0;
        match (rows.iter().position(busy), rows.iter().rposition(busy)) {
            (Some(first), Some(last)) => rows.get(first..=last).unwrap_or(rows),
            _ => rows,
        }
    }
    fn percent(&self, share: Option<f64>) -> String {
        share.map_or_else(|| NONE.into(), |v| format!("{}%", self.f.w.decimal(v * 100.0, 1)))
    }
    fn seconds(&self, value: Option<f64>) -> String {
        value.map_or_else(|| NONE.into(), |v| self.f.w.s("seconds").arg("n", self.f.w.decimal(v, 0)).into())
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/staffing", get(show))
}

async fn show(visit: Visit) -> Answer {
    visit.load::<Value>(DOCUMENT, "CentreStaffingDay", json!({})).await?;
    let today = visit.today()?;
    let w = visit.w;
    let day = visit.parsed::<NaiveDate>("day").unwrap_or(today);
    let pick = |name, other, usual| if visit.q(name) == other { other } else { usual };
    let (grain, model) = (pick("grain", "QUARTER", "HALF"), pick("model", "A", "C"));
    let mut form = Form::new().default_value("grain", grain).default_value("model", model);
    let mut target = Map::from_iter([("model".to_owned(), json!(model))]);
    for (name, input, least, most, usual) in TERMS {
        let text = if visit.q(name).is_empty() { usual } else { visit.q(name) };
        form = form.default_value(name, text);
        match text.parse::<i32>() {
            Ok(n) if (least..=most).contains(&n) => {
                if name != "patience" || model == "A" {
                    target.insert(input.to_owned(), json!(n));
                }
            }
            _ => form.refuse(name, w.s("target-range").arg("name", term(w, name)).arg("from", least).arg("to", most)),
        }
    }
    let mut plan = None;
    if !form.is_refused() {
        let variables = json!({ "day": day, "grain": grain, "target": target });
        let data: Data = visit.load(DOCUMENT, "CentreStaffing", variables).await?;
        plan = data.tenant.found()?.staffing;
    }
    let f = visit.frame(w.s("staffing-title")).crumb(w.s("place-centre-roster"), "/centre/roster");
    let f = f.action(w.s("place-centre-roster"), format!("/centre/roster?week={day}"));
    let rows = plan.as_ref().map_or(&[][..], |p| &p.intervals);
    let share = if grain == "HALF" { 0.5 } else { 0.25 };
    let peak = rows.iter().max_by_key(|i| i.positions).map(|i| Peak {
        positions: i.positions,
        agents: i.agents,
        at: w.clock(i.start, f.zone()),
    });
    let hours = |pick: fn(&Interval) -> i64| rows.iter().map(|i| signed(pick(i)) * share).sum();
    let page = Page {
        grains: [Choice::new("QUARTER", w.s("grain-quarter")), Choice::new("HALF", w.s("grain-half"))],
        models: [Choice::new("C", w.s("model-c")), Choice::new("A", w.s("model-a"))],
        fields: TERMS.into_iter().map(|(name, ..)| Choice::new(name, term(w, name))).collect(),
        basis: basis(w, plan.as_ref().map_or(&[], |p| &p.basis_days)),
        peak: peak.unwrap_or_default(),
        short: (
            crate::pages::count(rows.iter().filter(|i| i.gap() < 0).count()),
            rows.iter().map(|i| -i.gap()).max().unwrap_or(0).max(0),
        ),
        hours: (hours(|i| i.positions), hours(|i| i.rostered)),
        offered: rows.iter().map(|i| i.offered).sum(),
        chart: chart(w, &f, rows, day),
        f,
        form,
        day,
        plan,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

fn term(w: Words, name: &str) -> String {
    match name {
        "level" => w.s("target-level"),
        "within" => w.s("target-within"),
        "patience" => w.s("target-patience"),
        "shrinkage" => w.s("target-shrinkage"),
        _ => w.s("target-occupancy"),
    }
    .into()
}

fn chart(w: Words, f: &Frame, rows: &[Interval], day: NaiveDate) -> Html {
    let line = |name: String, colour, stroke, pick: fn(&Interval) -> i64| Series {
        name,
        colour,
        stroke,
        values: rows.iter().map(|i| Some(signed(pick(i)))).collect(),
    };
    Lines {
        title: w.s("staffing-day-question").arg("day", w.date(day)).into(),
        unit: w.s("staffing-day-unit").into(),
        axis: w.s("interval").into(),
        labels: rows.iter().map(|i| w.clock(i.start, f.zone())).collect(),
        series: vec![
            line(w.s("staffing-need").into(), 2, Stroke::Solid, |i| i.positions),
            line(w.s("staffing-rostered").into(), 0, Stroke::Dash, |i| i.rostered),
            line(w.s("staffing-seats").into(), 9, Stroke::Dot, |i| i.seats),
        ],
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}
