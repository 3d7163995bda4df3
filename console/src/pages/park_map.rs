//! The map of a floor on a day: who holds which seat, coloured by tenant, product, state, price, use or effectiveness.

mod colours;
mod live;
mod time;

use std::collections::{BTreeMap, HashSet};

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use self::colours::{By, Palette, steps};
use self::time::{Change, Timeline};

use crate::Console;
use crate::charts::{SeatKey, SeatMap, Spot, Under};
use crate::frame::Frame;
use crate::html::{Html, link};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Connection, Money, Ref, node};

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
    changes: Vec<Change>,
    map: Map,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    on: NaiveDate,
    width_mm: i64,
    height_mm: i64,
    #[serde(default)]
    plan: Option<Picture>,
    seats: Vec<MapSeat>,
}

/// What lies under the seats.
#[derive(Clone, Deserialize, Hash)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Picture {
    pub(crate) path: String,
    pub(crate) x_mm: i64,
    pub(crate) y_mm: i64,
    pub(crate) width_mm: i64,
    pub(crate) height_mm: i64,
}

impl From<&Picture> for Under {
    fn from(picture: &Picture) -> Self {
        Self {
            href: picture.path.clone(),
            x_mm: picture.x_mm,
            y_mm: picture.y_mm,
            width_mm: picture.width_mm,
            height_mm: picture.height_mm,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MapSeat {
    seat_id: String,
    code: String,
    zone_id: String,
    zone_code: String,
    zone_name: String,
    product: String,
    x_mm: i64,
    y_mm: i64,
    state: String,
    occupied: bool,
    holders: Vec<Holder>,
    #[serde(default)]
    unit_price: Option<Money>,
    #[serde(default)]
    idle_since: Option<NaiveDate>,
    #[serde(default)]
    free_since: Option<NaiveDate>,
    #[serde(default)]
    effective: Option<bool>,
}

#[derive(Deserialize, Hash)]
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
    features: Vec<Feature>,
    places: Vec<Place>,
    allocations: Vec<Allocation>,
}

/// What a seat has beside its product.
#[derive(Deserialize)]
struct Feature {
    title: String,
    amount: i64,
    choice: Option<Titled>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
struct PlaceZone {
    id: String,
    name: String,
}

/// What a seat was called and where it belonged over some days.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    code: String,
    zone: PlaceZone,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
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

/// A way to colour the map.
struct Way {
    label: String,
    href: String,
    on: bool,
}

/// Counts of a zone.
#[derive(Default)]
struct ZoneCount {
    id: String,
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
    chosen: String,
    /// Leases that the chosen seat can be allocated to: in words, and where that is done.
    offers: Vec<(String, String)>,
    close: String,
    time: Timeline,
    /// The park, for paper.
    park: String,
    /// The day and its counts in a sentence.
    says: String,
    /// Where it is told that seats have changed, and what is shown as it was told last.
    live: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "park-map/empty.html")]
struct Empty {
    f: Frame,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/map", get(first))
        .route("/park/floors/{id}", get(show))
        .route("/park/floors/{id}/live", get(live::follow))
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
    let by = By::of(visit.q("by"));
    let vars = json!({
        "id": id, "on": visit.day("on"), "seat": visit.q("seat"), "chosen": chosen, "use": by == By::Use, "effective": by == By::Effective,
    });
    let data: Data = visit.load(DOCUMENT, "ParkFloor", vars).await?;
    let park = data.park.found()?;
    let floor = park.floor.found()?;
    let w = visit.w;

    let title = w.s("map-title").arg("building", &floor.building.name).arg("floor", &floor.name).to_string();
    let mut f = visit.frame(title.clone()).crumb(w.s("place-park-map"), "/park/map");
    if f.may("read", "leasing") {
        f = f.action(w.s("control-title"), link("/park/control", &[("floor", &floor.id)]));
    }
    f = f.action(w.s("map-as-list"), format!("/park/seats?floor={}", floor.id));
    if f.may("write", "estate") {
        f = f.action(w.s("floor-plan-title"), format!("/park/floors/{}/plan", floor.id));
        f = f.action(w.s("place-title"), format!("/park/floors/{}/place", floor.id));
        f = f.primary(w.s("seat-import-title"), "/park/seats/import");
    }
    // Another floor is looked at on the same day and in the same colours.
    let kept = [("by", visit.q("by")), ("on", visit.q("on"))];
    let floors = park.buildings.iter().flat_map(|building| {
        building.floors.iter().map(|other| Way {
            label: w.s("map-title").arg("building", &building.name).arg("floor", &other.name).into(),
            href: link(&format!("/park/floors/{}", other.id), &kept),
            on: other.id == floor.id,
        })
    });
    let ways = By::ways(&f).map(|(way, label)| Way {
        label,
        href: visit.with(&[("by", way.name()), ("show", "")]),
        on: way == by,
    });
    let zones = zones(&floor);
    let sum = |of: fn(&ZoneCount) -> i64| zones.iter().map(of).sum::<i64>();
    let says = w.s("map-says").arg("day", w.date(floor.map.on)).arg("built", sum(|z| z.built));
    let page = Page {
        floors: floors.collect(),
        ways: ways.collect(),
        by: by.name(),
        show: visit.q("show").to_owned(),
        map: draw(&visit, title, &floor, &park.tenants.nodes, by),
        offers: data.node.as_ref().map_or_else(Vec::new, |seat| offers(&f, seat, park.leases.as_ref(), floor.map.on)),
        seat: data.node,
        chosen: visit.q("seat").to_owned(),
        close: visit.with(&[("seat", "")]),
        time: Timeline::new(&visit, floor.map.on, visit.today()?, &floor.changes),
        park: visit.viewer().and_then(|v| v.park).map_or_else(String::new, |p| w.name(&p.name, &p.name_en).to_owned()),
        says: says.arg("leased", sum(|z| z.leased)).arg("occupied", sum(|z| z.occupied)).into(),
        live: link(&format!("/park/floors/{}/live", floor.id), &[("on", visit.q("on"))]),
        seen: live::mark(&floor.map.seats, floor.map.plan.as_ref()),
        zones,
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
    // By code, as of the day; those without seats as they are called now.
    let mut counts: BTreeMap<(&str, &str), ZoneCount> = BTreeMap::new();
    for seat in &floor.map.seats {
        let zone = counts.entry((&seat.zone_code, &seat.zone_id)).or_default();
        if zone.id.is_empty() {
            zone.id.clone_from(&seat.zone_id);
            zone.name.clone_from(&seat.zone_name);
        }
        let built = !matches!(seat.state.as_str(), "PLANNED" | "REMOVED");
        zone.built += i64::from(built);
        // One out of service can be leased too.
        zone.leased += i64::from(built && !seat.holders.is_empty());
        zone.occupied += i64::from(seat.occupied);
    }
    let used: HashSet<&str> = floor.map.seats.iter().map(|seat| seat.zone_id.as_str()).collect();
    for zone in floor.zones.iter().filter(|zone| !used.contains(zone.id.as_str())) {
        let none = ZoneCount { id: zone.id.clone(), name: zone.name.clone(), ..ZoneCount::default() };
        counts.insert((&zone.code, &zone.id), none);
    }
    counts.into_values().collect()
}

fn draw(visit: &Visit, title: String, floor: &Floor, tenants: &[Ref], by: By) -> Html {
    let w = visit.w;
    let show = visit.q("show");
    let prices = floor.map.seats.iter().filter_map(|seat| seat.unit_price.clone());
    let steps = if by == By::Price { steps(prices) } else { Vec::new() };
    let palette = Palette { by, w, on: floor.map.on, tenants, steps };
    let mut keys: Vec<(i64, String, SeatKey)> = Vec::new();
    let mut spots = Vec::with_capacity(floor.map.seats.len());
    for seat in &floor.map.seats {
        let look = palette.look(seat);
        let on = show == look.key;
        if let Some((_, _, entry)) = keys.iter_mut().find(|(_, k, _)| *k == look.key) {
            entry.count += 1;
        } else {
            let href = visit.with(&[("show", if on { "" } else { &look.key })]);
            let entry = SeatKey { shape: look.swatch, label: look.label, count: 1, href, on };
            keys.push((look.rank, look.key, entry));
        }
        spots.push(Spot {
            x_mm: seat.x_mm,
            y_mm: seat.y_mm,
            shape: look.shape,
            dim: !show.is_empty() && !on,
            chosen: visit.q("seat") == seat.seat_id,
            title: palette.title(seat),
            href: format!("{}#seat", visit.with(&[("seat", &seat.seat_id)])),
            zone: seat.zone_code.clone(),
        });
    }
    let names: BTreeMap<&str, &str> =
        floor.map.seats.iter().map(|seat| (seat.zone_code.as_str(), seat.zone_name.as_str())).collect();
    // Holders first, the largest first; what nobody holds last.
    keys.sort_by_key(|(rank, _, entry)| (*rank, -entry.count));
    SeatMap {
        title,
        width_mm: floor.map.width_mm,
        height_mm: floor.map.height_mm,
        spots,
        zones: names.into_iter().map(|(code, name)| (code.to_owned(), name.to_owned())).collect(),
        legend: keys.into_iter().map(|(_, _, entry)| entry).collect(),
        under: floor.map.plan.as_ref().map(Under::from),
    }
    .draw(w)
}
