//! The map of a floor on a day: who holds which seat, coloured by tenant, product or state.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::charts::{SeatKey, SeatMap, SeatShape, Spot};
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Connection, Ref, node};

pub(crate) const DOCUMENT: &str = document!("park-map");

#[derive(Deserialize)]
struct Floors {
    park: Option<Estate>,
}

#[derive(Deserialize)]
struct Estate {
    buildings: Vec<Building>,
}

#[derive(Deserialize)]
struct Building {
    name: String,
    floors: Vec<Ref>,
}

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(default, deserialize_with = "node")]
    node: Option<Seat>,
}

#[derive(Deserialize)]
struct Park {
    buildings: Vec<Building>,
    tenants: Connection<Ref>,
    floor: Option<Floor>,
    #[serde(default)]
    leases: Option<Connection<Lease>>,
}

/// A lease that a free seat may go to.
#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    state: String,
    tenant: Ref,
    terms: Option<Terms>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    product: String,
    term_from: NaiveDate,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
    building: Named,
    zones: Vec<Zone>,
    map: Map,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Zone {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    on: NaiveDate,
    width_mm: i64,
    height_mm: i64,
    seats: Vec<MapSeat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MapSeat {
    seat_id: String,
    code: String,
    zone_code: String,
    product: String,
    x_mm: i64,
    y_mm: i64,
    state: String,
    occupied: bool,
    holders: Vec<Holder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holder {
    tenant_id: String,
    tenant_name: String,
    held_from: NaiveDate,
    held_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    code: String,
    product: String,
    built_from: NaiveDate,
    built_to: Option<NaiveDate>,
    state: String,
    zone: Named,
    allocations: Vec<Allocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    held_from: NaiveDate,
    held_to: Option<NaiveDate>,
    shift_from_min: i64,
    shift_to_min: i64,
    lease: Coded,
    tenant: Ref,
}

/// What colours tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Tenant,
    Product,
    State,
}

impl By {
    const ALL: [Self; 3] = [Self::Tenant, Self::Product, Self::State];

    const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Product => "product",
            Self::State => "state",
        }
    }

    fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|by| by.name() == name).unwrap_or(Self::Tenant)
    }
}

/// A way to colour the map.
struct Way {
    label: String,
    href: String,
    on: bool,
}

/// Counts of a zone.
#[derive(Default)]
struct ZoneCount {
    name: String,
    built: i64,
    leased: i64,
    occupied: i64,
}

#[derive(Template)]
#[template(path = "park-map/page.html")]
struct Page {
    f: Frame,
    floor: Floor,
    floors: Vec<Way>,
    ways: Vec<Way>,
    by: &'static str,
    show: String,
    map: Html,
    zones: Vec<ZoneCount>,
    seat: Option<Seat>,
    /// Leases that the chosen seat can be allocated to: in words, and where that is done.
    offers: Vec<(String, String)>,
    close: String,
    earlier: String,
    later: String,
}

#[derive(Template)]
#[template(path = "park-map/empty.html")]
struct Empty {
    f: Frame,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/map", get(first)).route("/park/floors/{id}", get(show))
}

async fn first(visit: Visit) -> Answer {
    let data: Floors = visit.load(DOCUMENT, "ParkFloors", json!({})).await?;
    let park = data.park.found()?;
    if let Some(floor) = park.buildings.iter().flat_map(|b| &b.floors).next() {
        return visit.go(&format!("/park/floors/{}", floor.id));
    }
    let mut f = visit.frame(visit.w.s("place-park-map"));
    if f.may("write", "estate") {
        f = f.primary(visit.w.s("seat-import-title"), "/park/seats/import");
    }
    visit.page(&Empty { f })
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let chosen = !visit.q("seat").is_empty();
    let vars = json!({ "id": id, "on": visit.day("on"), "seat": visit.q("seat"), "chosen": chosen });
    let data: Data = visit.load(DOCUMENT, "ParkFloor", vars).await?;
    let park = data.park.found()?;
    let floor = park.floor.found()?;
    let w = visit.w;
    let by = By::of(visit.q("by"));

    let title = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name).to_string();
    let mut f = visit.frame(title.clone()).crumb(w.s("place-park-map"), "/park/map");
    f = f.action(w.s("map-as-list"), format!("/park/seats?floor={}", floor.id));
    if f.may("write", "estate") {
        f = f.primary(w.s("seat-import-title"), "/park/seats/import");
    }
    let floors = park.buildings.iter().flat_map(|building| {
        building.floors.iter().map(|other| Way {
            label: w.s("map-title").arg("building", &building.name).arg("floor", &other.name).into(),
            href: format!("/park/floors/{}", other.id),
            on: other.id == floor.id,
        })
    });
    let labels = [w.s("map-by-tenant"), w.s("map-by-product"), w.s("map-by-state")];
    let ways = By::ALL.into_iter().zip(labels).map(|(way, label)| Way {
        label: label.into(),
        href: visit.with(&[("by", way.name()), ("show", "")]),
        on: way == by,
    });
    let step = |day: Option<NaiveDate>| visit.with(&[("on", &day.map_or(String::new(), |d| d.to_string()))]);
    let page = Page {
        floors: floors.collect(),
        ways: ways.collect(),
        by: by.name(),
        show: visit.q("show").to_owned(),
        map: draw(&visit, &f, title, &floor, &park.tenants.nodes, by),
        zones: zones(&floor),
        offers: data.node.as_ref().map_or_else(Vec::new, |seat| offers(&f, seat, park.leases.as_ref(), floor.map.on)),
        seat: data.node,
        close: visit.with(&[("seat", "")]),
        earlier: step(floor.map.on.checked_sub_months(Months::new(1))),
        later: step(floor.map.on.checked_add_months(Months::new(1))),
        floor,
        f,
    };
    visit.page(&page)
}

fn offers(f: &Frame, seat: &Seat, leases: Option<&Connection<Lease>>, on: NaiveDate) -> Vec<(String, String)> {
    if seat.state != "AVAILABLE" || !f.may("commit", "leasing") {
        return Vec::new();
    }
    let leases = leases.iter().flat_map(|list| &list.nodes).filter(|lease| lease.state != "ENDED");
    let fits = leases.filter_map(|lease| {
        let terms = lease.terms.as_ref().filter(|terms| terms.product == seat.product)?;
        let from = on.max(terms.term_from).to_string();
        let query = [("codeFrom", seat.code.as_str()), ("codeTo", &seat.code), ("from", &from)];
        let label = format!("{} · {}", lease.code, f.name(&lease.tenant.name, &lease.tenant.name_en));
        Some((label, link(&format!("/park/leases/{}/allocate", lease.id), &query)))
    });
    fits.collect()
}

fn zones(floor: &Floor) -> Vec<ZoneCount> {
    let mut counts: BTreeMap<&str, ZoneCount> = BTreeMap::new();
    for zone in &floor.zones {
        counts.insert(&zone.code, ZoneCount { name: zone.name.clone(), ..ZoneCount::default() });
    }
    for seat in &floor.map.seats {
        let zone = counts.entry(&seat.zone_code).or_default();
        let built = !matches!(seat.state.as_str(), "PLANNED" | "REMOVED");
        zone.built += i64::from(built);
        // One out of service can be leased too.
        zone.leased += i64::from(built && !seat.holders.is_empty());
        zone.occupied += i64::from(seat.occupied);
    }
    counts.into_values().collect()
}

fn draw(visit: &Visit, f: &Frame, title: String, floor: &Floor, tenants: &[Ref], by: By) -> Html {
    let w = visit.w;
    let show = visit.q("show");
    let colour = |tenant: &str| {
        let index = tenants.iter().position(|t| t.id == tenant).unwrap_or(9);
        u8::try_from(index % 9).unwrap_or(9)
    };
    let product = |product: &str| match product {
        "EQUIPPED" => 0,
        "FURNISHED" => 2,
        _ => 3,
    };
    // The key that a seat counts under, how it is drawn, and how its key is drawn in the legend.
    let read = |seat: &MapSeat| -> (String, SeatShape, SeatShape, String) {
        let held = |c| if seat.occupied { SeatShape::Held(c) } else { SeatShape::Unsat(c) };
        let state = w.of("seat-state", &seat.state).to_string();
        match (seat.state.as_str(), by) {
            ("PLANNED", _) => ("planned".into(), SeatShape::Planned, SeatShape::Planned, state),
            ("REMOVED", _) => ("removed".into(), SeatShape::Removed, SeatShape::Removed, state),
            ("OUT_OF_SERVICE", _) => ("out".into(), SeatShape::Out, SeatShape::Out, state),
            ("HELD", By::Tenant | By::State) => ("held".into(), SeatShape::Kept, SeatShape::Kept, state),
            (_, By::Product) => {
                let c = product(&seat.product);
                let shape = if seat.state == "ALLOCATED" { SeatShape::Held(c) } else { SeatShape::Unsat(c) };
                (seat.product.clone(), shape, SeatShape::Held(c), w.of("seat-product", &seat.product).into())
            }
            ("ALLOCATED", By::Tenant) => {
                // Of a seat sold to several shifts the earliest of the day.
                let first = seat.holders.first();
                let id = first.map_or_else(|| "other".into(), |h| h.tenant_id.clone());
                let name = first.map_or(state, |h| holder_name(h, f, tenants).to_owned());
                let c = colour(&id);
                (id, held(c), SeatShape::Held(c), name)
            }
            ("ALLOCATED", By::State) if seat.occupied => {
                ("occupied".into(), SeatShape::Held(0), SeatShape::Held(0), w.s("map-occupied").into())
            }
            ("ALLOCATED", By::State) => {
                ("unsat".into(), SeatShape::Unsat(0), SeatShape::Unsat(0), w.s("map-unsat").into())
            }
            _ => ("free".into(), SeatShape::Free, SeatShape::Free, state),
        }
    };
    let mut keys: Vec<(String, SeatKey)> = Vec::new();
    let mut spots = Vec::with_capacity(floor.map.seats.len());
    for seat in &floor.map.seats {
        let (key, shape, key_shape, label) = read(seat);
        let on = show == key;
        if let Some((_, entry)) = keys.iter_mut().find(|(k, _)| *k == key) {
            entry.count += 1;
        } else {
            let href = visit.with(&[("show", if on { "" } else { &key })]);
            keys.push((key.clone(), SeatKey { shape: key_shape, label, count: 1, href, on }));
        }
        spots.push(Spot {
            x_mm: seat.x_mm,
            y_mm: seat.y_mm,
            shape,
            dim: !show.is_empty() && !on,
            chosen: visit.q("seat") == seat.seat_id,
            title: seat_title(visit, seat, f, tenants),
            href: format!("{}#seat", visit.with(&[("seat", &seat.seat_id)])),
            zone: seat.zone_code.clone(),
        });
    }
    // Holders first, the largest first; what nobody holds last.
    keys.sort_by_key(|(key, entry)| (matches!(key.as_str(), "free" | "held" | "out" | "planned" | "removed"), -entry.count));
    SeatMap {
        title,
        width_mm: floor.map.width_mm,
        height_mm: floor.map.height_mm,
        spots,
        zones: floor.zones.iter().map(|z| (z.code.clone(), z.name.clone())).collect(),
        legend: keys.into_iter().map(|(_, entry)| entry).collect(),
    }
    .draw(w)
}

fn holder_name<'a>(holder: &'a Holder, f: &Frame, tenants: &'a [Ref]) -> &'a str {
    let known = tenants.iter().find(|t| t.id == holder.tenant_id);
    known.map_or(holder.tenant_name.as_str(), |t| f.name(&t.name, &t.name_en))
}

/// What a hover says: who, product, since, until, whether somebody sits there.
fn seat_title(visit: &Visit, seat: &MapSeat, f: &Frame, tenants: &[Ref]) -> String {
    let w = visit.w;
    let product = w.of("seat-product", &seat.product);
    let mut lines = vec![format!("{} · {product}", seat.code)];
    if seat.holders.is_empty() {
        lines.push(w.of("seat-state", &seat.state).into());
    }
    for held in &seat.holders {
        lines.push(holder_name(held, f, tenants).to_owned());
        lines.push(w.s("period").arg("from", w.date(held.held_from)).arg("to", w.date_or_open(&held.held_to)).into());
    }
    if seat.state == "ALLOCATED" {
        lines.push(if seat.occupied { w.s("map-occupied") } else { w.s("map-unsat") }.into());
    }
    lines.join("\n")
}
