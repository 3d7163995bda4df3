//! The list of seats with filters: a link is a saved view.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Coded, Connection, Ref};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("park-seats");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 3] = ["code", "place", "product"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    #[serde(rename = "seatFeatureKinds")]
    kinds: Vec<Kind>,
    floors: Vec<EstateFloor>,
    seats: Connection<Seat>,
}

/// A floor with its zones, for filters.
#[derive(Deserialize)]
pub(crate) struct EstateFloor {
    pub(crate) id: String,
    pub(crate) name: String,
    building: Named,
    zones: Vec<Zone>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    name: String,
}

impl EstateFloor {
    pub(crate) fn label(&self, w: Words) -> String {
        w.s("map-title").arg("building", &self.building.name).arg("floor", &self.name).into()
    }

    /// Its zones as choices.
    pub(crate) fn zones(&self, w: Words) -> impl Iterator<Item = Choice> + '_ {
        self.zones.iter().map(move |zone| Choice::new(&zone.id, format!("{} · {}", self.label(w), zone.name)))
    }
}

/// A kind of thing that seats can have beside their product.
#[derive(Deserialize)]
struct Kind {
    name: String,
    title: String,
}

/// What a seat is called and where it belongs on the day.
#[derive(Deserialize)]
struct Place {
    code: String,
    zone: Named,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    place: Place,
    product: String,
    state: String,
    zone: SeatZone,
    allocations: Vec<Allocation>,
}

#[derive(Deserialize)]
struct SeatZone {
    floor: SeatFloor,
}

#[derive(Deserialize)]
struct SeatFloor {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    held_from: NaiveDate,
    held_to: Option<NaiveDate>,
    lease: Coded,
    tenant: Ref,
}

#[derive(Template)]
#[template(path = "park-seats/page.html")]
struct Page {
    f: Frame,
    form: Form,
    floors: Vec<Choice>,
    zones: Vec<Choice>,
    products: Vec<Choice>,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    seats: Connection<Seat>,
    pager: Pager,
    sorting: Sorting,
    filtered: bool,
    on: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/seats", get(show))
}

pub(crate) fn products(w: Words) -> Vec<Choice> {
    ["BARE", "FURNISHED", "EQUIPPED"].into_iter().map(|p| Choice::new(p, w.of("seat-product", p))).collect()
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let filter = json!({
        "floorId": visit.var("floor"), "zoneId": visit.var("zone"), "product": visit.var("product"),
        "state": visit.var("state"), "codePrefix": visit.var("code"), "on": visit.day("on"),
        "features": (!visit.q("feature").is_empty()).then(|| json!([{ "name": visit.q("feature") }])),
    });
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "filter": filter, "on": visit.day("on") });
    visit.load::<Data>(DOCUMENT, "ParkSeats", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, seats) = (visit.w, load(visit, STEP, after).await?.seats);
    Ok(seats.part(|seat| {
        // Held by several shifts: all of them, in the order of the day.
        let held = |text: &dyn Fn(&Allocation) -> String| {
            Cell::of(Some(seat.allocations.iter().map(text).collect::<Vec<_>>().join(" / ")))
        };
        vec![
            seat.place.code.into(),
            seat.zone.floor.name.into(),
            seat.place.zone.name.into(),
            w.of("seat-product", &seat.product).into(),
            w.of("seat-state", &seat.state).into(),
            held(&|h| w.name(&h.tenant.name, &h.tenant.name_en).to_owned()),
            held(&|h| h.lease.code.clone()),
            match seat.allocations.as_slice() {
                [one] => one.held_from.into(),
                _ => held(&|h| h.held_from.to_string()),
            },
            match seat.allocations.as_slice() {
                [one] => Cell::of(one.held_to),
                _ => held(&|h| h.held_to.map_or_else(String::new, |to| to.to_string())),
            },
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("seat"), w.s("floor"), w.s("zone"), w.s("seat-product"), w.s("state"), w.s("tenant"), w.s("lease"), w.s("from"), w.s("to-not-included")].map(String::from).to_vec();
        let name = w.s("seats-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("seats-title"));
    f = f.action(w.s("seat-days-title"), "/park/seat-days");
    f = f.action(w.s("holds-title"), "/park/holds").action(w.s("outages-title"), "/park/outages");
    if f.may("write", "estate") {
        f = f.primary(w.s("seat-import-title"), "/park/seats/import");
    }
    let names = ["floor", "zone", "product", "state", "feature", "code", "on"];
    let form = names.iter().fold(Form::new(), |form, name| form.default_value(name, visit.q(name)));
    let states = ["AVAILABLE", "HELD", "ALLOCATED", "OUT_OF_SERVICE", "PLANNED", "REMOVED"];
    let page = Page {
        floors: park.floors.iter().map(|floor| Choice::new(&floor.id, floor.label(w))).collect(),
        zones: park
            .floors
            .iter()
            .filter(|floor| visit.q("floor").is_empty() || visit.q("floor") == floor.id)
            .flat_map(|floor| floor.zones(w))
            .collect(),
        products: products(w),
        kinds: park.kinds.into_iter().map(|kind| Choice::new(kind.name, kind.title)).collect(),
        states: states.into_iter().map(|s| Choice::new(s, w.of("seat-state", s))).collect(),
        sorting: visit.sorting(&ORDERS, "code"),
        pager: visit.pager(&park.seats, SIZE).with_files(&visit),
        filtered: names.iter().any(|name| !visit.q(name).is_empty()),
        on: visit.q("on").to_owned(),
        seats: park.seats,
        form,
        f,
    };
    visit.page(&page)
}
