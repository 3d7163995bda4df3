//! The seats of a call centre: floor by floor as a map and as a list, with who sits where; a person takes or leaves a seat.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::centre_use::Coded;
use super::park_map::Picture;
use crate::Console;
use crate::charts::{SeatKey, SeatMap, SeatShape, Spot, Under};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Connection, UserError};

pub(crate) const DOCUMENT: &str = document!("centre-seats");
/// Pages of 100 occupancies that are read at most: more seats than any floor holds.
const MOST_PAGES: u32 = 50;

#[derive(Deserialize)]
struct Floors {
    park: Option<Estate>,
    tenant: Option<Own>,
}

#[derive(Deserialize)]
struct Estate {
    buildings: Vec<Building>,
}

#[derive(Deserialize)]
struct Building {
    name: String,
    #[serde(default)]
    floors: Vec<FloorName>,
}

#[derive(Deserialize)]
struct FloorName {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    id: String,
    /// Not for every role.
    seat_counts: Option<Counts>,
    occupancies: Connection<Somewhere>,
}

#[derive(Deserialize)]
struct Counts {
    leased: i64,
    occupied: i64,
}

#[derive(Deserialize)]
struct Held {
    tenant: Option<Allocations>,
}

#[derive(Deserialize)]
struct Allocations {
    allocations: Connection<Somewhere>,
}

#[derive(Deserialize)]
struct Somewhere {
    seat: Place,
}

#[derive(Deserialize)]
struct Place {
    zone: Zoned,
}

#[derive(Deserialize)]
struct Zoned {
    floor: Id,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    tenant: Option<Unseated>,
}

#[derive(Deserialize)]
struct Park {
    floor: Option<Floor>,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
    building: Building,
    zones: Vec<Zone>,
    map: Map,
}

#[derive(Deserialize)]
struct Zone {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    width_mm: i64,
    height_mm: i64,
    #[serde(default)]
    plan: Option<Picture>,
    seats: Vec<Seat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    #[serde(rename = "seatId")]
    id: String,
    code: String,
    zone_code: String,
    product: String,
    x_mm: i64,
    y_mm: i64,
    state: String,
    holders: Vec<Holder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holder {
    tenant_id: String,
    held_from: NaiveDate,
    held_to: Option<NaiveDate>,
}

impl Seat {
    /// How a tenant holds it; of several shifts the first.
    fn held_by(&self, tenant: &str) -> Option<&Holder> {
        self.holders.iter().find(|h| h.tenant_id == tenant)
    }
}

#[derive(Deserialize)]
struct Unseated {
    #[serde(default)]
    people: Connection<Worker>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Worker {
    employee_no: String,
    name: String,
    occupancy: Option<Id>,
}

#[derive(Deserialize)]
struct Sitting {
    tenant: Option<Sitters>,
}

#[derive(Deserialize)]
struct Sitters {
    occupancies: Connection<Occupancy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Occupancy {
    id: String,
    sat_from: NaiveDate,
    sat_to: Option<NaiveDate>,
    seat: Id,
    person: Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    employee_no: String,
    name: String,
}

#[derive(Deserialize)]
struct ByNo {
    tenant: Option<PeopleByNo>,
}

#[derive(Deserialize)]
struct PeopleByNo {
    people: Connection<PersonNo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonNo {
    id: String,
    employee_no: String,
}

/// Somebody on a seat.
#[derive(Clone)]
struct Sitter {
    occupancy: String,
    name: String,
    employee_no: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

/// An own seat.
struct Row {
    id: String,
    code: String,
    zone: String,
    product: String,
    held_from: Option<NaiveDate>,
    held_to: Option<NaiveDate>,
    people: Vec<Sitter>,
    /// To which teams and for which campaigns it is given that day.
    teams: String,
    campaigns: String,
    href: String,
}

/// To whom a seat is given, by time of the day.
#[derive(Default)]
struct Whom {
    ids: Vec<String>,
    teams: Vec<String>,
    campaigns: Vec<String>,
}

#[derive(Deserialize)]
struct Given {
    tenant: Option<Assigned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assigned {
    teams: Vec<Coded>,
    campaigns: Vec<Coded>,
    seat_assignments: Connection<Assignment>,
}

#[derive(Deserialize)]
struct Assignment {
    seat: Option<Id>,
    team: Option<Coded>,
    campaign: Option<Coded>,
}

#[derive(Template)]
#[template(path = "centre-seats/page.html")]
struct Page {
    f: Frame,
    form: Form,
    floors: Vec<Choice>,
    floor_id: String,
    on: NaiveDate,
    show: String,
    whom: Vec<Choice>,
    counts: Option<Counts>,
    map: Html,
    seat: Option<Row>,
    close: String,
    rows: Vec<Row>,
    unseated: Vec<Choice>,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "centre-seats/empty.html")]
struct Empty {
    f: Frame,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/centre/seats", get(show))
        .route("/centre/seats/occupy", post(occupy))
        .route("/centre/seats/vacate", post(vacate))
}

/// What a page of seats is about: from the address, or from a form that was refused.
struct Asked {
    floor: String,
    on: Option<NaiveDate>,
    seat: String,
    show: String,
    /// A team or campaign; `none` = given to nobody.
    whom: String,
}

impl Asked {
    fn of(visit: &Visit) -> Self {
        let text = |name: &str| visit.q(name).to_owned();
        Self { floor: text("floor"), on: visit.parsed("on"), seat: text("seat"), show: text("show"), whom: text("whom") }
    }

    /// From the hidden field that a form carries: `floor|on|seat|show|whom`.
    fn carried(form: &Form) -> Self {
        let mut parts = form.value("back").split('|').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self { floor: next(), on: next().parse().ok(), seat: next(), show: next(), whom: next() }
    }

    fn carry(&self) -> String {
        let on = self.on.map_or_else(String::new, |on| on.to_string());
        format!("{}|{on}|{}|{}|{}", self.floor, self.seat, self.show, self.whom)
    }

    fn href(&self, seat: &str) -> String {
        let on = self.on.map_or_else(String::new, |on| on.to_string());
        let query =
            [("floor", self.floor.as_str()), ("on", &on), ("show", &self.show), ("whom", &self.whom), ("seat", seat)];
        link("/centre/seats", &query)
    }
}

async fn show(visit: Visit) -> Answer {
    let asked = Asked::of(&visit);
    page(&visit, asked, Form::new()).await
}

async fn page(visit: &Visit, mut asked: Asked, form: Form) -> Answer {
    visit.load::<Value>(DOCUMENT, "CentreSeatsDay", json!({})).await?;
    let viewer = visit.viewer().found()?;
    let today = viewer.park.as_ref().found()?.today;
    let on = *asked.on.get_or_insert(today);
    let floors: Floors = visit.load(DOCUMENT, "CentreSeatFloors", json!({ "on": on })).await?;
    let (estate, own) = (floors.park.found()?, floors.tenant.found()?);
    let w = visit.w;
    if asked.floor.is_empty() {
        let mut first = own.occupancies.nodes.first().map(|o| o.seat.zone.floor.id.clone());
        if first.is_none() && viewer.may("read", "leasing") {
            let held: Held = visit.load(DOCUMENT, "CentreSeatHeld", json!({ "on": on })).await?;
            let allocations = held.tenant.found()?.allocations.nodes;
            first = allocations.into_iter().next().map(|a| a.seat.zone.floor.id);
        }
        asked.floor = first.unwrap_or_default();
    }
    let mut f = visit.frame(w.s("place-centre-seats"));
    if f.may("read", "leasing") {
        f = f.action(w.s("papers-title"), "/centre/papers");
        f = f.action(w.s("seat-days-title"), "/centre/seat-days");
    }
    if f.may("read", "staffing") {
        f = f.action(w.s("use-title"), "/centre/use");
    }
    if f.may("read", "requests") {
        f = f.action(w.s("requests-title"), "/centre/requests");
    }
    if asked.floor.is_empty() {
        return visit.page(&Empty { f });
    }
    let may_write = f.may("write", "staffing") && f.may("read", "people");
    let variables = json!({ "floor": asked.floor, "on": on, "people": may_write && !asked.seat.is_empty() });
    let data: Data = visit.load(DOCUMENT, "CentreSeats", variables).await?;
    let floor = data.park.found()?.floor.found()?;
    let sitting = sitting(visit, on).await?;
    let (whom, given) = given(visit, on).await?;
    let zone = |code: &str| floor.zones.iter().find(|z| z.code == code).map_or("", |z| z.name.as_str()).to_owned();
    let mine = |seat: &&Seat| seat.held_by(&own.id).is_some();
    let row = |seat: &Seat| Row {
        id: seat.id.clone(),
        code: seat.code.clone(),
        zone: zone(&seat.zone_code),
        product: seat.product.clone(),
        held_from: seat.held_by(&own.id).map(|h| h.held_from),
        held_to: seat.held_by(&own.id).and_then(|h| h.held_to),
        people: sitting.get(&seat.id).cloned().unwrap_or_default(),
        teams: given.get(&seat.id).map_or_else(String::new, |of| of.teams.join(" · ")),
        campaigns: given.get(&seat.id).map_or_else(String::new, |of| of.campaigns.join(" · ")),
        href: format!("{}#seat", asked.href(&seat.id)),
    };
    let all: Vec<Row> = floor.map.seats.iter().filter(mine).map(row).collect();
    let map = draw(visit, &floor, &own.id, &asked, &sitting);
    let seat = floor.map.seats.iter().filter(mine).find(|seat| seat.id == asked.seat).map(row);
    let rows = all.into_iter().filter(|row| match asked.show.as_str() {
        "empty" => row.people.is_empty(),
        "taken" => !row.people.is_empty(),
        _ => true,
    });
    let rows = rows.filter(|row| match (asked.whom.as_str(), given.get(&row.id)) {
        ("", _) => true,
        ("none", to) => to.is_none(),
        (id, to) => to.is_some_and(|to| to.ids.iter().any(|other| other == id)),
    });
    let people = data.tenant.map(|t| t.people.nodes).unwrap_or_default();
    let page = Page {
        floors: estate
            .buildings
            .iter()
            .flat_map(|b| b.floors.iter().map(move |floor| Choice::new(&floor.id, format!("{} {}", b.name, floor.name))))
            .collect(),
        unseated: people
            .into_iter()
            .filter(|p| p.occupancy.is_none())
            .map(|p| Choice::new(p.employee_no, p.name))
            .collect(),
        rows: rows.collect(),
        whom,
        close: asked.href(""),
        form: form
            .default_value("from", on.max(today).to_string())
            // Nobody sits longer than the seat is held.
            .default_value("to", seat.as_ref().and_then(|s| s.held_to).map_or_else(String::new, |day| day.to_string()))
            .default_value("back", asked.carry())
            .default_value("whom", &asked.whom)
            .without("key")
            .default_value("key", visit.key()),
        floor_id: asked.floor,
        show: asked.show,
        counts: own.seat_counts,
        f,
        on,
        map,
        seat,
        may_write,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// To whom seats are given on a day, by seat, and whom the list can be narrowed to.
async fn given(visit: &Visit, on: NaiveDate) -> Result<(Vec<Choice>, HashMap<String, Whom>), Stop> {
    let (mut by_seat, mut after, mut choices): (HashMap<String, Whom>, Option<String>, _) = Default::default();
    for _ in 0..MOST_PAGES {
        let variables = json!({ "on": on, "after": after });
        let own = visit.load::<Given>(DOCUMENT, "CentreGiven", variables).await?.tenant.found()?;
        let nobody = Choice::new("none", visit.w.s("use-no-one"));
        let named = own.teams.iter().chain(&own.campaigns).map(|of| Choice::new(&of.id, of.label()));
        choices = named.chain([nobody]).collect::<Vec<_>>();
        let list = own.seat_assignments;
        for row in list.nodes {
            let Some(seat) = row.seat else { continue };
            let to = by_seat.entry(seat.id).or_default();
            to.ids.extend([&row.team, &row.campaign].into_iter().flatten().map(|of| of.id.clone()));
            to.teams.extend(row.team.map(|team| team.name));
            to.campaigns.extend(row.campaign.map(|campaign| campaign.name));
        }
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        if after.is_none() {
            break;
        }
    }
    Ok((choices, by_seat))
}

/// Who sits where on a day, by seat.
async fn sitting(visit: &Visit, on: NaiveDate) -> Result<HashMap<String, Vec<Sitter>>, Stop> {
    let mut by_seat: HashMap<String, Vec<Sitter>> = HashMap::new();
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let variables = json!({ "on": on, "after": after });
        let page: Sitting = visit.load(DOCUMENT, "CentreSitting", variables).await?;
        let list = page.tenant.found()?.occupancies;
        for sits in list.nodes {
            by_seat.entry(sits.seat.id).or_default().push(Sitter {
                occupancy: sits.id,
                name: sits.person.name,
                employee_no: sits.person.employee_no,
                from: sits.sat_from,
                to: sits.sat_to,
            });
        }
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        if after.is_none() {
            break;
        }
    }
    Ok(by_seat)
}

fn draw(visit: &Visit, floor: &Floor, own: &str, asked: &Asked, sitting: &HashMap<String, Vec<Sitter>>) -> Html {
    let w = visit.w;
    let labels = [w.s("seats-sat"), w.s("seats-unsat"), w.s("seats-others"), w.s("seats-rest")].map(String::from);
    let shapes = [SeatShape::Held(0), SeatShape::Unsat(0), SeatShape::Free, SeatShape::Planned];
    let mut counts = [0_i64; 4];
    let kind = |seat: &Seat| match (seat.state.as_str(), seat.held_by(own).is_some()) {
        (_, true) if sitting.contains_key(&seat.id) => 0,
        (_, true) => 1,
        ("PLANNED" | "REMOVED", _) => 3,
        // Whether a neighbour holds it is not told.
        _ => 2,
    };
    let mut spots = Vec::with_capacity(floor.map.seats.len());
    for seat in &floor.map.seats {
        let kind = kind(seat);
        if let Some(count) = counts.get_mut(kind) {
            *count += 1;
        }
        let people = sitting.get(&seat.id).into_iter().flatten().map(|p| p.name.as_str());
        let mut title = vec![seat.code.as_str(), labels.get(kind).map_or("", String::as_str)];
        title.extend(people.filter(|_| kind == 0));
        spots.push(Spot {
            x_mm: seat.x_mm,
            y_mm: seat.y_mm,
            shape: shapes.get(kind).copied().unwrap_or(SeatShape::Free),
            dim: matches!((asked.show.as_str(), kind), ("empty", 0) | ("taken", 1)),
            chosen: seat.id == asked.seat,
            title: title.join("\n"),
            href: if kind < 2 { format!("{}#seat", asked.href(&seat.id)) } else { String::from("#main") },
            zone: seat.zone_code.clone(),
        });
    }
    let keys = ["taken", "empty", "", ""];
    let legend = labels.into_iter().zip(shapes).zip(counts).zip(keys).filter(|(((_, _), count), _)| *count > 0);
    SeatMap {
        title: format!("{} {}", floor.building.name, floor.name),
        width_mm: floor.map.width_mm,
        height_mm: floor.map.height_mm,
        spots,
        zones: floor.zones.iter().map(|z| (z.code.clone(), z.name.clone())).collect(),
        legend: legend
            .map(|(((label, shape), count), key)| {
                let on = !key.is_empty() && asked.show == key;
                let show = Asked {
                    floor: floor.id.clone(),
                    on: asked.on,
                    seat: String::new(),
                    show: if on { String::new() } else { key.to_owned() },
                    whom: asked.whom.clone(),
                };
                SeatKey { shape, label, count, href: show.href(""), on }
            })
            .collect(),
        under: floor.map.plan.as_ref().map(Under::from),
    }
    .draw(w)
}

async fn occupy(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let asked = Asked::carried(&form);
    form.required("personId", w);
    let (from, to) = (form.date("from", w), form.optional_date("to", w));
    if form.is_refused() {
        return page(&visit, asked, form).await;
    }
    let no = form.value("personId").to_owned();
    let found: ByNo = visit.load(DOCUMENT, "CentrePersonByNo", json!({ "no": no, "on": from })).await?;
    let people = found.tenant.found()?.people.nodes;
    let Some(person) = people.into_iter().find(|p| p.employee_no == no) else {
        form.refuse("personId", w.s("occupy-unknown").arg("no", &no));
        return page(&visit, asked, form).await;
    };
    let input = json!({
        "seatId": form.value("seatId"), "personId": person.id, "from": from, "to": to,
        "idempotencyKey": form.value("key"),
    });
    match visit.act::<Value>(DOCUMENT, "SeatOccupy", input).await? {
        Err(errors) => page(&visit, asked, form.refused(errors)).await,
        Ok(_) => visit.done(&asked.href(form.value("seatId")), w.s("occupied-done").arg("no", no)),
    }
}

async fn vacate(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let asked = Asked::carried(&form);
    let on = form.date("vacateOn", w);
    if form.is_refused() {
        return page(&visit, asked, form).await;
    }
    let input =
        json!({ "occupancyId": form.value("occupancyId"), "on": on, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "SeatVacate", input).await? {
        Err(errors) => {
            // The page has several such forms: what is wrong is said above them.
            let errors = errors.into_iter().map(|e| UserError { path: String::new(), ..e }).collect();
            page(&visit, asked, form.refused(errors)).await
        }
        Ok(_) => visit.done(&asked.href(&asked.seat), w.s("vacated-done")),
    }
}
