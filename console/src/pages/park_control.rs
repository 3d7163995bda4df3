//! The rental-control table: how full every zone and product is, month by month, and how that developed.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::park_seats::EstateFloor;
use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::fmt::signed;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::report::{Cell as Field, Part, take_away};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::Month;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("park-control");
/// How many months can be chosen.
const LENGTHS: [u32; 4] = [6, 12, 24, 36];
/// Percent of built seat-days from which on a cell is of the next step.
const STEPS: [i64; 4] = [30, 60, 80, 95];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    floors: Vec<EstateFloor>,
    seat_control: Option<Control>,
}

#[derive(Deserialize)]
struct Control {
    months: Vec<Month>,
    zones: Vec<ZoneRow>,
    products: Vec<ProductRow>,
    total: Vec<Cell>,
}

#[derive(Deserialize)]
struct ZoneRow {
    zone: Zone,
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
    building: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct ProductRow {
    product: String,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cell {
    month: Month,
    built_seat_days: i64,
    leased_seat_days: i64,
    occupied_seat_days: i64,
    begin: i64,
    fall_free: i64,
}

impl Cell {
    fn plus(self, other: Self) -> Self {
        Self {
            month: self.month,
            built_seat_days: self.built_seat_days + other.built_seat_days,
            leased_seat_days: self.leased_seat_days + other.leased_seat_days,
            occupied_seat_days: self.occupied_seat_days + other.occupied_seat_days,
            begin: self.begin + other.begin,
            fall_free: self.fall_free + other.fall_free,
        }
    }

    /// The step of the share that is let, 0 to 4; none where there are no seats.
    fn step(self) -> Option<usize> {
        let built = self.built_seat_days;
        (built > 0).then(|| STEPS.iter().filter(|from| self.leased_seat_days * 100 >= **from * built).count())
    }
}

/// A cell as it is shown.
struct Shown {
    share: String,
    /// 0 to 4, or `none`.
    step: String,
    /// Seats that begin and fall free, where any do.
    turns: String,
    title: String,
    href: String,
}

struct Row {
    label: String,
    cells: Vec<Shown>,
}

/// Rows under one heading.
struct Group {
    label: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "park-control/page.html")]
struct Page {
    f: Frame,
    park: String,
    scope: String,
    span: String,
    form: Form,
    floors: Vec<Choice>,
    month: String,
    lengths: Vec<Choice>,
    earlier: String,
    later: String,
    columns: Vec<String>,
    groups: Vec<Group>,
    legend: Vec<(usize, String)>,
    csv: String,
    xlsx: String,
    charts: Vec<Html>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/control", get(show))
}

fn length(visit: &Visit) -> u32 {
    visit.parsed("months").filter(|n| LENGTHS.contains(n)).unwrap_or(12)
}

async fn load(visit: &Visit) -> Result<(Vec<EstateFloor>, Control), Stop> {
    let month = visit.parsed::<Month>("month").map(|month| month.to_string());
    let vars = json!({ "month": month, "months": length(visit), "floor": visit.var("floor") });
    let park = visit.load::<Data>(DOCUMENT, "ParkControl", vars).await?.park.found()?;
    Ok((park.floors, park.seat_control.found()?))
}

impl Zone {
    fn floor_label(&self, w: Words) -> String {
        w.s("map-title").arg("building", &self.floor.building.name).arg("floor", &self.floor.name).into()
    }
}

/// The table as rows of a file: a row a zone and month, then a row a product and month, then all together.
fn part(visit: &Visit, _: Value) -> BoxFuture<'_, Result<Part, Stop>> {
    Box::pin(async move {
        let (w, control) = (visit.w, load(visit).await?.1);
        let row = |place: [String; 4], cell: &Cell| {
            let mut fields: Vec<Field> = place.into_iter().map(Field::from).collect();
            fields.push(cell.month.to_string().into());
            let counts =
                [cell.built_seat_days, cell.leased_seat_days, cell.occupied_seat_days, cell.begin, cell.fall_free];
            fields.extend(counts.map(Field::from));
            fields
        };
        let all = || w.s("all").to_string();
        let zones = control.zones.iter().flat_map(|zone| {
            zone.cells.iter().map(|cell| {
                let Zone { name, floor, .. } = &zone.zone;
                row([floor.building.name.clone(), floor.name.clone(), name.clone(), all()], cell)
            })
        });
        let products = control.products.iter().flat_map(|product| {
            let name = w.of("seat-product", &product.product).to_string();
            product.cells.iter().map(move |cell| row([all(), all(), all(), name.clone()], cell))
        });
        let total = control.total.iter().map(|cell| row([all(), all(), all(), all()], cell));
        Ok(Part::whole(zones.chain(products).chain(total)))
    })
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("building"),
            w.s("floor"),
            w.s("zone"),
            w.s("seat-product"),
            w.s("month"),
            w.s("control-built-days"),
            w.s("control-leased-days"),
            w.s("control-occupied-days"),
            w.s("control-begin"),
            w.s("control-fall-free"),
        ];
        let name = w.s("control-title").to_string();
        return take_away(visit, kind, name, head.map(String::from).to_vec(), part).await;
    }
    let (floors, control) = load(&visit).await?;
    let today = visit.today()?;
    let f = visit.frame(w.s("control-title")).crumb(w.s("place-park-map"), "/park/map");
    let (first, last) = (control.months.first().copied(), control.months.last().copied());
    let from = first.unwrap_or_else(|| Month::of(today));
    let to = |month: Month| visit.with(&[("month", &month.to_string())]);
    let floor = floors.iter().find(|floor| floor.id == visit.q("floor"));
    let (csv, xlsx) = visit.files();
    let page = Page {
        park: visit.viewer().and_then(|v| v.park).map_or_else(String::new, |p| w.name(&p.name, &p.name_en).to_owned()),
        scope: floor.map_or_else(|| w.s("all").to_string(), |floor| floor.label(w)),
        span: w.s("period").arg("from", w.month(from)).arg("to", w.month(last.unwrap_or(from))).into(),
        form: Form::new()
            .default_value("floor", visit.q("floor"))
            .default_value("months", length(&visit).to_string()),
        floors: floors.iter().map(|floor| Choice::new(&floor.id, floor.label(w))).collect(),
        month: from.to_string(),
        lengths: LENGTHS.map(|n| Choice::new(n.to_string(), n.to_string())).to_vec(),
        earlier: to(from.minus(1)),
        later: to(from.plus(1)),
        columns: control.months.iter().map(|month| w.month_short(month)).collect(),
        groups: groups(&visit, today, &control),
        legend: legend(w),
        csv,
        xlsx,
        charts: charts(w, &control),
        f,
    };
    visit.page(&page)
}

fn groups(visit: &Visit, today: NaiveDate, control: &Control) -> Vec<Group> {
    let w = visit.w;
    let row = |label: String, cells: &[Cell], place: (&str, &str)| Row {
        label,
        cells: cells.iter().map(|cell| shown(visit, today, cell, place)).collect(),
    };
    let mut groups: Vec<Group> = Vec::new();
    for zone in &control.zones {
        let label = zone.zone.floor_label(w);
        if groups.last().is_none_or(|group| group.label != label) {
            groups.push(Group { label, rows: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.rows.push(row(zone.zone.name.clone(), &zone.cells, ("zone", &zone.zone.id)));
        }
    }
    if groups.is_empty() {
        return groups;
    }
    let product = |of: &ProductRow| row(w.of("seat-product", &of.product).into(), &of.cells, ("product", &of.product));
    groups.push(Group { label: w.s("seat-product").into(), rows: control.products.iter().map(product).collect() });
    let total = row(w.s("control-all").into(), &control.total, ("", ""));
    groups.push(Group { label: w.s("control-total").into(), rows: vec![total] });
    groups
}

/// A cell leads to its seats with who holds them, on the first of the month or, of this month, today.
fn shown(visit: &Visit, today: NaiveDate, cell: &Cell, place: (&str, &str)) -> Shown {
    let w = visit.w;
    let day = if cell.month == Month::of(today) { today } else { cell.month.first_day() };
    let of = |n: i64, say: crate::words::Say| (n > 0).then(|| say.arg("n", n).to_string());
    let turns = [of(cell.begin, w.s("control-begins")), of(cell.fall_free, w.s("control-frees"))];
    let floor = if place.0 == "zone" { "" } else { visit.q("floor") };
    let title = w
        .s("control-cell")
        .arg("month", w.month(cell.month))
        .arg("leased", cell.leased_seat_days)
        .arg("built", cell.built_seat_days)
        .arg("occupied", cell.occupied_seat_days);
    Shown {
        share: w.share(cell.leased_seat_days, cell.built_seat_days),
        step: cell.step().map_or_else(|| "none".into(), |step| step.to_string()),
        turns: turns.into_iter().flatten().collect::<Vec<_>>().join(" "),
        title: title.into(),
        href: link("/park/seats", &[place, ("floor", floor), ("on", &day.to_string())]),
    }
}

fn legend(w: Words) -> Vec<(usize, String)> {
    let below = std::iter::once((0, w.s("control-below").arg("to", STEPS[0]).to_string()));
    let from = STEPS.iter().enumerate().map(|(n, from)| (n + 1, w.s("control-at-least").arg("from", *from).to_string()));
    below.chain(from).collect()
}

/// A small chart each for all together, every product and every floor, all on one scale.
fn charts(w: Words, control: &Control) -> Vec<Html> {
    if control.zones.is_empty() {
        return Vec::new();
    }
    let mut floors: Vec<(&str, String, Vec<Cell>)> = Vec::new();
    for zone in &control.zones {
        let floor = &zone.zone.floor.id;
        match floors.iter_mut().find(|(id, ..)| id == floor) {
            Some((_, _, sum)) => {
                *sum = sum.iter().zip(&zone.cells).map(|(a, b)| a.plus(*b)).collect();
            }
            None => floors.push((floor, zone.zone.floor_label(w), zone.cells.clone())),
        }
    }
    let all = std::iter::once(chart(w, w.s("control-all").into(), &control.total));
    let products =
        control.products.iter().map(|row| chart(w, w.of("seat-product", &row.product).into(), &row.cells));
    all.chain(products).chain(floors.into_iter().map(|(_, label, cells)| chart(w, label, &cells))).collect()
}

fn chart(w: Words, title: String, cells: &[Cell]) -> Html {
    let share = |of: fn(&Cell) -> i64| {
        let one = |cell: &Cell| {
            (cell.built_seat_days > 0).then(|| signed(of(cell)) / signed(cell.built_seat_days) * 100.0)
        };
        cells.iter().map(one).collect()
    };
    let line = |name: String, colour, stroke, values| Series { name, colour, stroke, values };
    Lines {
        title,
        unit: w.s("control-unit").into(),
        axis: w.s("month").into(),
        labels: cells.iter().map(|cell| w.month_short(cell.month)).collect(),
        series: vec![
            line(w.s("seats-leased").into(), 0, Stroke::Solid, share(|cell| cell.leased_seat_days)),
            line(w.s("seats-occupied").into(), 1, Stroke::Dash, share(|cell| cell.occupied_seat_days)),
        ],
        zero: true,
        reach: Some(100.0),
        places: 1,
        ..Lines::default()
    }
    .draw(w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_of_exact_shares() {
        let month = "2026-11".parse().expect("a month");
        let step = |leased_seat_days, built_seat_days| {
            Cell { month, built_seat_days, leased_seat_days, occupied_seat_days: 0, begin: 0, fall_free: 0 }.step()
        };
        assert_eq!(step(0, 0), None);
        assert_eq!([0, 299, 300, 599, 600, 799, 800, 949, 950, 1000].map(|n| step(n, 1000)), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4].map(Some));
        // A third is not thirty-four percent, whatever a rounded share says.
        assert_eq!(step(3, 10), Some(1));
        assert_eq!(step(2_999_999, 10_000_000), Some(0));
    }
}
