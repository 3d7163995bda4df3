//! The call centre's home: seats, yesterday's service, today's roster, last month's seat cost, and what needs a person.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::charts::{Bars, Lines, Series, Stroke};
use crate::figures::Figures;
use crate::fmt::signed;
use crate::frame::Frame;
use crate::html::Html;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Money, Month};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("centre-home");

/// A lease that ends within so many days needs a person.
const ENDS_SOON_DAYS: i64 = 90;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

/// What the role may not read is not asked for, and absent.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tenant {
    level: Option<i64>,
    seat_counts: Option<Seats>,
    seat_use: Option<Vec<SeatUse>>,
    leases: Option<Connection<Lease>>,
    day: Option<Figures>,
    week: Option<Figures>,
    month: Option<Figures>,
    daily: Option<Vec<Volume>>,
    imports: Option<Connection<Import>>,
    staffing: Option<Staffing>,
    cost: Option<Cost>,
    unpaid: Option<Connection<Invoice>>,
    part_paid: Option<Connection<Invoice>>,
    overdue: Option<Connection<Invoice>>,
    assessments: Option<Connection<Assessment>>,
}

#[derive(Deserialize)]
struct Seats {
    leased: i64,
    occupied: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeatUse {
    month: Month,
    days: i64,
    leased_seat_days: i64,
    occupied_seat_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    code: String,
    state: String,
    seat_count: i64,
    terms: Option<Terms>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    term_to: NaiveDate,
}

#[derive(Deserialize)]
struct Volume {
    day: NaiveDate,
    offered: i64,
    answered: i64,
    abandoned: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Import {
    id: String,
    state: String,
    rows_refused: i64,
    started_at: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Staffing {
    basis_days: Vec<NaiveDate>,
    intervals: Vec<Interval>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    start: DateTime<Utc>,
    positions: i64,
    rostered: i64,
    seats: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    total: Money,
    per_leased_seat: Option<Money>,
    per_occupied_seat: Option<Money>,
    leased_seats: String,
    occupied_seats: String,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    category: String,
    title: String,
    total: Money,
    per_leased_seat: Option<Money>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    number: String,
    due_on: NaiveDate,
    balance: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    id: String,
    title: String,
    state: String,
    self_result: Option<Own>,
    assessor_result: Option<Concluded>,
}

#[derive(Deserialize)]
struct Own {
    level: i64,
    rated: i64,
    clauses: i64,
}

#[derive(Deserialize)]
struct Concluded {
    level: i64,
}

/// The interval of today in which most people are needed.
struct Need {
    positions: i64,
    rostered: i64,
    at: String,
    /// The days that the expectation was taken of.
    basis: String,
}

/// What is not paid yet.
struct Open {
    invoices: i64,
    /// In the park's currency, or in the first there is.
    balance: Money,
    /// In every other currency.
    others: Vec<Money>,
    /// What of all that is overdue, by currency.
    overdue: Vec<Money>,
}

/// Something that needs a person.
struct Todo {
    state: &'static str,
    text: String,
    href: String,
    when: String,
}

#[derive(Template)]
#[template(path = "centre-home/page.html")]
struct Page {
    f: Frame,
    tenant: Tenant,
    yesterday: NaiveDate,
    cost_month: Month,
    need: Option<Need>,
    open: Option<Open>,
    needs: Vec<Todo>,
    /// Yesterday, the last week, the last month.
    periods: Vec<Figures>,
    volume: Option<Html>,
    staffing: Option<Html>,
    parts: Option<Html>,
    seats: Option<Html>,
}

impl Page {
    /// Whether anybody called in the longest period.
    fn any_calls(&self) -> bool {
        self.periods.last().is_some_and(|month| month.offered > 0)
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre", get(show))
}

async fn show(visit: Visit) -> Answer {
    visit.load::<Value>(DOCUMENT, "CentreDay", json!({})).await?;
    let viewer = visit.viewer().found()?;
    let today = viewer.park.as_ref().found()?.today;
    let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let cost_month = Month::of(today).minus(1);
    let reads = |resource: &str| viewer.may("read", resource);
    let variables = json!({
        "day": ago(1), "week": ago(7), "month": ago(30), "today": today, "costMonth": cost_month.to_string(),
        "seats": reads("leasing"), "operations": reads("operations"), "staffing": reads("staffing"),
        "cost": reads("cost"), "billing": reads("billing"), "maturity": reads("self_assessment"),
    });
    let data: Data = visit.load(DOCUMENT, "CentreHome", variables).await?;
    let mut tenant = data.tenant.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("place-centre-home")).live(60);
    if f.may("write", "operations") {
        f = f.primary(w.s("import-calls"), "/centre/imports/new");
    }
    let page = Page {
        need: tenant.staffing.as_ref().and_then(|s| need(w, &f, s)),
        open: open(&tenant, &viewer.park.as_ref().found()?.currency),
        needs: needs(w, &f, &tenant, today, cost_month),
        volume: tenant.daily.as_ref().map(|days| volume(w, days)),
        staffing: tenant.staffing.as_ref().filter(|day| !day.basis_days.is_empty()).map(|day| staffing(w, &f, day)),
        parts: tenant.cost.as_ref().map(|cost| parts(w, cost, cost_month)),
        seats: tenant.seat_use.as_ref().map(|months| seats(w, months)),
        yesterday: ago(1),
        periods: [tenant.day.take(), tenant.week.take(), tenant.month.take()].into_iter().flatten().collect(),
        cost_month,
        tenant,
        f,
    };
    visit.page(&page)
}

fn need(w: Words, f: &Frame, day: &Staffing) -> Option<Need> {
    let peak = day.intervals.iter().max_by_key(|i| i.positions).filter(|peak| peak.positions > 0)?;
    Some(Need {
        positions: peak.positions,
        rostered: peak.rostered,
        at: w.clock(peak.start, f.zone()),
        basis: crate::figures::basis(w, &day.basis_days),
    })
}

fn open(tenant: &Tenant, currency: &str) -> Option<Open> {
    let overdue = &tenant.overdue.as_ref()?.nodes;
    let all = [&tenant.unpaid, &tenant.part_paid, &tenant.overdue];
    let all: Vec<&Invoice> = all.into_iter().flatten().flat_map(|list| &list.nodes).collect();
    let sums = |of: Vec<&Money>| {
        let sums = Money::sums(of.into_iter(), currency);
        if sums.is_empty() { vec![Money { amount: "0.00".into(), currency: currency.to_owned() }] } else { sums }
    };
    let mut others = sums(all.iter().map(|i| &i.balance).collect());
    let balance = others.remove(0);
    let overdue = sums(overdue.iter().map(|i| &i.balance).collect());
    Some(Open { invoices: crate::pages::count(all.len()), balance, others, overdue })
}

fn volume(w: Words, days: &[Volume]) -> Html {
    let line = |name: String, colour, stroke, pick: fn(&Volume) -> i64| Series {
        name,
        colour,
        stroke,
        values: days.iter().map(|d| Some(signed(pick(d)))).collect(),
    };
    Lines {
        title: w.s("centre-home-volume").into(),
        unit: w.s("centre-home-volume-unit").into(),
        axis: w.s("day").into(),
        labels: days.iter().map(|d| w.day_short(d.day)).collect(),
        series: vec![
            line(w.s("offered").into(), 0, Stroke::Solid, |d| d.offered),
            line(w.s("answered").into(), 1, Stroke::Dash, |d| d.answered),
            line(w.s("abandoned").into(), 7, Stroke::Dot, |d| d.abandoned),
        ],
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}

fn staffing(w: Words, f: &Frame, day: &Staffing) -> Html {
    let line = |name: String, colour, stroke, pick: fn(&Interval) -> i64| Series {
        name,
        colour,
        stroke,
        values: day.intervals.iter().map(|i| Some(signed(pick(i)))).collect(),
    };
    let mut series = vec![
        line(w.s("staffing-need").into(), 2, Stroke::Solid, |i| i.positions),
        line(w.s("staffing-rostered").into(), 0, Stroke::Dash, |i| i.rostered),
    ];
    // Far more seats than people would press the two lines that matter to the ground.
    let most = day.intervals.iter().map(|i| i.positions.max(i.rostered)).max().unwrap_or(0);
    if day.intervals.iter().all(|i| i.seats <= most * 3) {
        series.push(line(w.s("staffing-seats").into(), 9, Stroke::Dot, |i| i.seats));
    }
    Lines {
        title: w.s("staffing-question").into(),
        unit: w.s("staffing-unit").into(),
        axis: w.s("interval").into(),
        labels: day.intervals.iter().map(|i| w.clock(i.start, f.zone())).collect(),
        series,
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}

fn seats(w: Words, months: &[SeatUse]) -> Html {
    let line = |name: String, colour, stroke, pick: fn(&SeatUse) -> i64| Series {
        name,
        colour,
        stroke,
        values: months.iter().map(|m| (m.days > 0).then(|| signed(pick(m)) / signed(m.days))).collect(),
    };
    Lines {
        title: w.s("centre-home-use").into(),
        unit: w.s("park-home-use-unit").into(),
        axis: w.s("month").into(),
        labels: months.iter().map(|m| w.month_short(m.month)).collect(),
        series: vec![
            line(w.s("seats-leased").into(), 0, Stroke::Solid, |m| m.leased_seat_days),
            line(w.s("seats-occupied").into(), 1, Stroke::Dash, |m| m.occupied_seat_days),
        ],
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}

fn parts(w: Words, cost: &Cost, month: Month) -> Html {
    let shown: Vec<&Part> = cost.parts.iter().filter(|p| !p.total.is_zero()).collect();
    Bars {
        title: w.s("cost-parts-question").arg("month", w.month(month)).into(),
        unit: w.s("cost-unit").arg("currency", &cost.total.currency).into(),
        axis: w.s("cost-part").into(),
        labels: shown.iter().map(|p| p.title.clone()).collect(),
        series: vec![Series {
            name: w.s("per-leased-seat").into(),
            colour: 0,
            values: shown.iter().map(|p| p.per_leased_seat.as_ref().map(Money::rough)).collect(),
            ..Series::default()
        }],
        places: 2,
        ..Bars::default()
    }
    .draw(w)
}

/// What needs a person, the worst first.
fn needs(w: Words, f: &Frame, tenant: &Tenant, today: NaiveDate, cost_month: Month) -> Vec<Todo> {
    let mut out = Vec::new();
    let mut add = |state, text: String, href: String, when: String| out.push(Todo { state, text, href, when });
    let days = |n: i64| if n <= 0 { w.s("today").to_string() } else { w.s("in-days").arg("n", n).to_string() };

    for invoice in tenant.overdue.iter().flat_map(|list| &list.nodes) {
        let text = w.s("need-invoice-late").arg("number", &invoice.number).arg("amount", w.money(&invoice.balance));
        let late = w.s("days-late").arg("n", (today - invoice.due_on).num_days());
        add("bad", text.into(), format!("/centre/invoices/{}", invoice.id), late.into());
    }
    for invoice in [&tenant.unpaid, &tenant.part_paid].into_iter().flatten().flat_map(|list| &list.nodes) {
        let text = w.s("need-invoice-open").arg("number", &invoice.number).arg("amount", w.money(&invoice.balance));
        let left = days((invoice.due_on - today).num_days());
        add("info", text.into(), format!("/centre/invoices/{}", invoice.id), left);
    }
    if let Some(day) = &tenant.staffing {
        let short: Vec<i64> = day.intervals.iter().map(|i| i.positions - i.rostered).filter(|gap| *gap > 0).collect();
        if let Some(most) = short.iter().max() {
            let text = w.s("need-roster").arg("n", short.len()).arg("most", most);
            add("warn", text.into(), "/centre/staffing".into(), w.s("today").into());
        }
    }
    match tenant.imports.as_ref().map(|list| list.nodes.first()) {
        Some(None) => add("info", w.s("need-first-import").into(), "/centre/imports/new".into(), String::new()),
        Some(Some(last)) => {
            let href = format!("/centre/imports/{}", last.id);
            let when = w.moment(last.started_at, f.zone());
            if last.state == "FAILED" {
                add("bad", w.s("need-import-failed").into(), href, when);
            } else if last.rows_refused > 0 {
                add("warn", w.s("need-import-refused").arg("n", last.rows_refused).into(), href, when);
            } else if tenant.day.as_ref().is_some_and(|d| d.offered == 0) {
                add("warn", w.s("need-import-yesterday").into(), "/centre/imports/new".into(), when);
            }
        }
        None => {}
    }
    for lease in tenant.leases.iter().flat_map(|list| &list.nodes) {
        let Some(terms) = &lease.terms else { continue };
        let left = (terms.term_to - today).num_days();
        if lease.state == "RUNNING" && left <= ENDS_SOON_DAYS {
            let text = w.s("need-lease-ends").arg("code", &lease.code).arg("n", lease.seat_count);
            add("warn", text.into(), "/centre/seats".into(), days(left));
        }
    }
    if let Some(seats) = tenant.seat_counts.as_ref().filter(|s| s.leased > s.occupied) {
        let text = w.s("need-seats-empty").arg("n", seats.leased - seats.occupied);
        add("info", text.into(), "/centre/seats?show=empty".into(), String::new());
    }
    if let Some(cost) = &tenant.cost
        && cost.parts.iter().all(|p| p.category == "rent" || p.total.is_zero())
    {
        let text = w.s("need-cost").arg("month", w.month(cost_month));
        add("info", text.into(), format!("/centre/cost?month={cost_month}"), String::new());
    }
    match tenant.assessments.as_ref().map(|list| list.nodes.first()) {
        Some(None) => add("info", w.s("need-assessment").into(), "/centre/maturity".into(), String::new()),
        Some(Some(last)) => {
            let href = format!("/centre/maturity/{}", last.id);
            let missing = last.self_result.as_ref().map_or(0, |own| own.clauses - own.rated);
            match last.state.as_str() {
                "DRAFT" if missing > 0 => {
                    add("info", w.s("need-ratings").arg("n", missing).into(), href, String::new());
                }
                "DRAFT" => add("warn", w.s("need-submit").into(), href, String::new()),
                "ASSESSED" => {
                    if let Some(found) = &last.assessor_result {
                        add("info", w.s("need-assessed").arg("level", found.level).into(), href, String::new());
                    }
                }
                _ => {}
            }
        }
        None => {}
    }
    out.sort_by_key(|todo| ["bad", "warn", "info"].iter().position(|s| *s == todo.state));
    out.truncate(8);
    out
}
