//! Seats leased, occupied, effective and logged in, for the park and for a centre: by month, tenant, zone and product, as
//! known on any day.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{Days, NaiveDate};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::park_seats::EstateFloor;
use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::fmt::signed;
use crate::form::{Choice, Form};
use crate::frame::{Area, Frame};
use crate::html::{Html, link};
use crate::report::{Cell as Field, Part, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Month, Ref};
use crate::words::{Say, Words};

pub(crate) const DOCUMENT: &str = document!("seat-days");
/// How many months can be chosen.
const LENGTHS: [u32; 5] = [1, 3, 6, 12, 24];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    floors: Vec<EstateFloor>,
    effective_seat_rules: Vec<Rule>,
    seat_days: Option<SeatDays>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    title: String,
    text: String,
    source: String,
}

#[derive(Deserialize)]
struct SeatDays {
    rule: Rule,
    total: Tally,
    months: Vec<OfMonth>,
    tenants: Vec<OfTenant>,
    zones: Vec<OfZone>,
    products: Vec<OfProduct>,
}

#[derive(Deserialize)]
struct OfMonth {
    month: Month,
    tally: Tally,
}

#[derive(Deserialize)]
struct OfTenant {
    tenant: Option<Ref>,
    tally: Tally,
}

#[derive(Deserialize)]
struct OfZone {
    zone: Zone,
    tally: Tally,
}

#[derive(Deserialize)]
struct OfProduct {
    product: String,
    tally: Tally,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
    building: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tally {
    seat_days: Views,
    seats: Views,
}

/// A number for each view of the time line.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Views {
    pub(crate) built: i64,
    pub(crate) leased: i64,
    pub(crate) occupied: i64,
    pub(crate) effective: i64,
    pub(crate) logged_in: Option<i64>,
}

impl Views {
    fn used(self) -> [i64; 4] {
        [self.leased, self.occupied, self.effective, self.logged_in.unwrap_or_default()]
    }
}

struct Tile {
    label: String,
    days: String,
    seats: String,
    share: String,
    href: String,
}

struct Shown {
    days: String,
    share: String,
}

struct Row {
    label: String,
    href: String,
    built: String,
    cells: Vec<Shown>,
    seats: String,
}

/// A table.
struct Group {
    label: String,
    head: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "seat-days/page.html")]
struct Page {
    f: Frame,
    form: Form,
    home: &'static str,
    park: bool,
    span: String,
    known: String,
    earlier: String,
    later: String,
    lengths: Vec<Choice>,
    rules: Vec<Choice>,
    zones: Vec<Choice>,
    rule_text: String,
    rule_source: String,
    filtered: bool,
    tiles: Vec<Tile>,
    chart: Option<Html>,
    groups: Vec<Group>,
    csv: String,
    xlsx: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/seat-days", get(show)).route("/centre/seat-days", get(show))
}

/// Whether the page is the park's; otherwise a centre's own.
pub(crate) fn of_park(visit: &Visit) -> bool {
    Area::of(visit.path()) == Area::Park
}

/// Where the figures are.
pub(crate) fn home(visit: &Visit) -> &'static str {
    if of_park(visit) { "/park/seat-days" } else { "/centre/seat-days" }
}

/// The days that an address asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) month: Month,
    pub(crate) length: u32,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

impl Asked {
    /// Of the month of the address, or of this one; what is yet to come of a month that has begun is left out.
    pub(crate) fn of(visit: &Visit, today: NaiveDate) -> Self {
        let month = visit.parsed::<Month>("month").unwrap_or_else(|| Month::of(today));
        let length = visit.parsed("months").filter(|n| LENGTHS.contains(n)).unwrap_or(1);
        let last = (1..length).fold(month, |month, _| month.plus(1));
        let (from, end) = (month.first_day(), last.plus(1).first_day());
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let to = if from <= today { end.min(tomorrow) } else { end };
        Self { month, length, from, to }
    }

    /// As the query's variables.
    pub(crate) fn vars(self, visit: &Visit) -> Value {
        json!({ "from": self.from, "to": self.to, "known": visit.day("known"), "rule": visit.var("rule"),
            "tenant": visit.var("tenant"), "zone": visit.var("zone") })
    }

    /// In words.
    pub(crate) fn span(self, w: Words) -> String {
        let last = self.to.pred_opt().unwrap_or(self.to);
        w.s("period").arg("from", w.date(self.from)).arg("to", w.date(last)).into()
    }
}

/// Today, which the days asked for depend on.
pub(crate) async fn today(visit: &Visit) -> Result<NaiveDate, Stop> {
    visit.load::<Value>(DOCUMENT, "SeatDaysToday", json!({})).await?;
    visit.today()
}

async fn load(visit: &Visit) -> Result<(Asked, Vec<EstateFloor>, Vec<Rule>, SeatDays), Stop> {
    let asked = Asked::of(visit, today(visit).await?);
    let park = visit.load::<Data>(DOCUMENT, "SeatDays", asked.vars(visit)).await?.park.found()?;
    Ok((asked, park.floors, park.effective_seat_rules, park.seat_days.found()?))
}

/// A row: its kind, its label, the filter that leads to its seats, what was counted.
type Line<'a> = (&'static str, String, Option<(&'static str, &'a str)>, Tally);

impl SeatDays {
    /// Every row of every table.
    fn rows(&self, w: Words, park: bool) -> Vec<Line<'_>> {
        let mut rows = Vec::new();
        if self.months.len() > 1 {
            rows.extend(self.months.iter().map(|m| ("month", w.month(m.month), None, m.tally)));
        }
        if park {
            rows.extend(self.tenants.iter().filter_map(|t| {
                let tenant = t.tenant.as_ref()?;
                let name = w.name(&tenant.name, &tenant.name_en).to_owned();
                Some(("tenant", name, Some(("tenant", tenant.id.as_str())), t.tally))
            }));
        }
        rows.extend(self.zones.iter().filter(|z| z.tally.seat_days.built + z.tally.seat_days.leased > 0).map(|z| {
            let Zone { id, name, floor } = &z.zone;
            let floor = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name);
            ("zone", format!("{floor} · {name}"), Some(("zone", id.as_str())), z.tally)
        }));
        let product = |p: &OfProduct| ("seat-product", w.of("seat-product", &p.product).into(), None, p.tally);
        rows.extend(self.products.iter().map(product));
        rows
    }
}

/// The tables as rows of a file.
fn part(visit: &Visit, _: Value) -> BoxFuture<'_, Result<Part, Stop>> {
    Box::pin(async move {
        let (w, park) = (visit.w, of_park(visit));
        let (_, _, _, figures) = load(visit).await?;
        let total = ("control-total", w.s("control-all").to_string(), None, figures.total);
        let rows = std::iter::once(total).chain(figures.rows(w, park));
        let rows: Vec<Vec<Field>> = rows
            .map(|(kind, label, _, tally)| {
                let mut fields: Vec<Field> = vec![w.s(kind).into(), label.into(), tally.seat_days.built.into()];
                fields.extend(tally.seat_days.used().map(Field::from));
                fields.extend(tally.seats.used().map(Field::from));
                fields
            })
            .collect();
        Ok(Part::whole(rows.into_iter()))
    })
}

fn heads(w: Words) -> Vec<String> {
    let days = ["control-built-days", "control-leased-days", "control-occupied-days", "seat-days-effective", "seat-days-logged-in"];
    let seats = ["seats-leased", "seats-occupied", "seat-days-effective-seats", "seat-days-logged-in-seats"];
    let place = [w.s("seat-days-by"), w.s("seat-days-what")];
    place.into_iter().chain(days.map(|key| w.s(key))).chain(seats.map(|key| w.s(key))).map(String::from).collect()
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        return take_away(visit, kind, w.s("seat-days-title").to_string(), heads(w), part).await;
    }
    let (asked, floors, rules, figures) = load(&visit).await?;
    let (park, home) = (of_park(&visit), home(&visit));
    let mut f = visit.frame(w.s("seat-days-title"));
    f = if park { f.crumb(w.s("place-park-seats"), "/park/seats") } else { f.crumb(w.s("place-centre-seats"), "/centre/seats") };
    f = f.action(w.s("seat-days-seats"), visit_seats(&visit, &[]));
    if !park && f.may("write", "people") {
        f = f.action(w.s("proofs-import"), "/centre/seat-days/proofs");
    }
    if !park && f.may("write", "operations") {
        f = f.action(w.s("logins-import"), "/centre/seat-days/logins");
    }
    let to = |month: Month| visit.with(&[("month", &month.to_string())]);
    let (csv, xlsx) = visit.files();
    let filters = ["zone", "tenant", "known", "rule"];
    let known = visit.parsed::<NaiveDate>("known");
    let page = Page {
        span: asked.span(w),
        known: known.map_or_else(String::new, |on| w.s("seat-days-as-known").arg("on", w.date(on)).into()),
        earlier: to(asked.month.minus(1)),
        later: to(asked.month.plus(1)),
        lengths: LENGTHS.map(|n| Choice::new(n.to_string(), n.to_string())).to_vec(),
        rules: rules.iter().map(|rule| Choice::new(&rule.id, rule.title.clone())).collect(),
        zones: floors.iter().flat_map(|floor| floor.zones(w)).collect(),
        rule_text: figures.rule.text.clone(),
        rule_source: w.s("seat-days-source").arg("source", &figures.rule.source).into(),
        filtered: filters.iter().any(|name| !visit.q(name).is_empty()),
        tiles: tiles(&visit, &figures.total, park),
        chart: (figures.months.len() > 1).then(|| chart(w, &figures.months)),
        groups: groups(&visit, &figures, park),
        form: Form::new()
            .default_value("month", asked.month.to_string())
            .default_value("months", asked.length.to_string())
            .default_value("rule", figures.rule.id.clone())
            .default_value("zone", visit.q("zone"))
            .default_value("known", visit.q("known")),
        csv,
        xlsx,
        park,
        home,
        f,
    };
    visit.page(&page)
}

/// The seats behind a figure: this page's filters and more.
fn visit_seats(visit: &Visit, more: &[(&str, &str)]) -> String {
    let kept = ["month", "months", "known", "rule", "zone", "tenant"];
    let mut query: Vec<(&str, &str)> = kept
        .iter()
        .map(|name| (*name, visit.q(name)))
        .filter(|(name, value)| !value.is_empty() && more.iter().all(|(n, _)| n != name))
        .collect();
    query.extend_from_slice(more);
    link(&format!("{}/seats", home(visit)), &query)
}

fn tiles(visit: &Visit, total: &Tally, park: bool) -> Vec<Tile> {
    let w = visit.w;
    let tile = |label: Say, view: &str, n: i64, seats: i64, of: Option<(Say, i64)>| Tile {
        label: label.into(),
        days: w.s("seat-days-n").arg("n", w.n(n)).into(),
        seats: w.s("seats-n").arg("n", seats).into(),
        share: of.map_or_else(String::new, |(of, whole)| of.arg("share", w.share(n, whole)).into()),
        href: visit_seats(visit, &[("with", view)]),
    };
    let (days, seats) = (total.seat_days.used(), total.seats.used());
    let leased = park.then(|| (w.s("seat-days-of-built"), total.seat_days.built));
    let of_leased = || Some((w.s("seat-days-of-leased"), days[0]));
    vec![
        tile(w.s("seats-leased"), "LEASED", days[0], seats[0], leased),
        tile(w.s("seats-occupied"), "OCCUPIED", days[1], seats[1], of_leased()),
        tile(w.s("seat-days-effective-seats"), "EFFECTIVE", days[2], seats[2], of_leased()),
        Tile {
            // Which seats those are is the tenant's.
            href: if park { visit_seats(visit, &[("with", "OCCUPIED")]) } else { visit_seats(visit, &[("with", "LOGGED_IN")]) },
            ..tile(w.s("seat-days-logged-in-seats"), "LOGGED_IN", days[3], seats[3], of_leased())
        },
    ]
}

fn groups(visit: &Visit, figures: &SeatDays, park: bool) -> Vec<Group> {
    let w = visit.w;
    let total = figures.total.seat_days;
    if total.built + total.leased == 0 {
        return Vec::new();
    }
    let mut groups: Vec<(&'static str, Group)> = Vec::new();
    for (kind, label, filter, tally) in figures.rows(w, park) {
        if groups.last().is_none_or(|(of, _)| *of != kind) {
            let label = w.s("seat-days-by-of").arg("what", w.s(kind)).into();
            groups.push((kind, Group { label, head: w.s(kind).into(), rows: Vec::new() }));
        }
        let [leased, used @ ..] = tally.seat_days.used();
        let first = Shown { days: w.n(leased), share: String::new() };
        let rest = used.map(|n| Shown { days: w.n(n), share: if leased > 0 { w.share(n, leased) } else { String::new() } });
        let row = Row {
            label,
            href: filter.map_or_else(String::new, |filter| visit_seats(visit, &[filter])),
            // What is built is nobody's.
            built: if kind == "tenant" { String::new() } else { w.n(tally.seat_days.built) },
            cells: std::iter::once(first).chain(rest).collect(),
            seats: w.n(tally.seats.effective),
        };
        if let Some((_, group)) = groups.last_mut() {
            group.rows.push(row);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn chart(w: Words, months: &[OfMonth]) -> Html {
    let share = |of: fn(&Views) -> i64| {
        let one = |m: &OfMonth| {
            let leased = m.tally.seat_days.leased;
            (leased > 0).then(|| signed(of(&m.tally.seat_days)) / signed(leased) * 100.0)
        };
        months.iter().map(one).collect()
    };
    let line = |name: Say, colour, stroke, values| Series { name: name.into(), colour, stroke, values };
    Lines {
        title: w.s("seat-days-chart").into(),
        unit: w.s("seat-days-chart-unit").into(),
        axis: w.s("month").into(),
        labels: months.iter().map(|m| w.month_short(m.month)).collect(),
        series: vec![
            line(w.s("seats-occupied"), 0, Stroke::Solid, share(|v| v.occupied)),
            line(w.s("seat-days-effective-seats"), 1, Stroke::Dash, share(|v| v.effective)),
            line(w.s("seat-days-logged-in-seats"), 2, Stroke::Solid, share(|v| v.logged_in.unwrap_or_default())),
        ],
        zero: true,
        reach: Some(100.0),
        places: 1,
        ..Lines::default()
    }
    .draw(w)
}
