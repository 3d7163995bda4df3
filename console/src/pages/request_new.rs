//! A call centre asks its park for seats.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::park_seats::products;
use super::requests::KINDS;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Made};

pub(crate) const DOCUMENT: &str = document!("request-new");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    tenant: Option<Own>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    floors: Vec<Floor>,
    seat_request_clock: Option<Clock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clock {
    take_up_days: i64,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
    zones: Vec<Zone>,
}

#[derive(Deserialize)]
struct Zone {
    #[serde(default)]
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Own {
    leases: Connection<Lease>,
    allocations: Connection<Held>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
}

#[derive(Deserialize)]
struct Held {
    seat: Seat,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Saved {
    request: Option<Made>,
}

#[derive(Template)]
#[template(path = "request-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    kinds: Vec<Choice>,
    products: Vec<Choice>,
    zones: Vec<Choice>,
    leases: Vec<Choice>,
    /// Own seats that can be named, each with its zone.
    seats: Vec<Choice>,
    take_up: Option<i64>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/centre/requests/new", get(async |visit: Visit| page(&visit, Form::new()).await).post(create))
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let w = visit.w;
    let data: Data = visit.load(DOCUMENT, "RequestForm", json!({ "on": visit.day("on") })).await?;
    let (park, own) = (data.park.found()?, data.tenant.found()?);
    let f = visit.frame(w.s("request-new-title")).crumb(w.s("requests-title"), "/centre/requests");
    let zones = park.floors.iter().flat_map(|floor| {
        floor.zones.iter().map(move |zone| Choice::new(&zone.id, format!("{} {}", floor.name, zone.name)))
    });
    let mut seats: Vec<Choice> = own
        .allocations
        .nodes
        .into_iter()
        .map(|held| Choice::new(held.seat.id, held.seat.code).hint(held.seat.zone.name))
        .collect();
    seats.sort_by(|a, b| a.label.cmp(&b.label));
    seats.dedup_by(|a, b| a.value == b.value);
    let kind = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(visit.q("kind"))).unwrap_or("MORE");
    let page = Page {
        kinds: KINDS.map(|kind| Choice::new(kind, w.of("request-kind", kind)).hint(w.of("request-kind-hint", kind))).to_vec(),
        products: products(w),
        zones: zones.collect(),
        leases: own.leases.nodes.into_iter().map(|lease| Choice::new(lease.id, lease.code)).collect(),
        seats,
        take_up: park.seat_request_clock.map(|clock| clock.take_up_days),
        form: form.default_value("kind", kind).default_value("seats", visit.q("seats")).fresh_key(visit),
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn create(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let window = match (form.value("shiftFrom"), form.value("shiftTo")) {
        ("", "") => (Value::Null, Value::Null),
        _ => form.window("shiftFrom", "shiftTo", w),
    };
    let seats = form.whole("seats", w);
    let input = json!({ "kind": form.required("kind", w), "seats": seats, "product": form.optional("product"),
        "zoneId": form.optional("zoneId"), "shiftFromMin": window.0, "shiftToMin": window.1, "from": form.date("from", w),
        "leaseId": form.optional("leaseId"), "seatIds": form.values("seatIds"), "reason": form.required("reason", w),
        "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Saved>(DOCUMENT, "SeatRequestCreate", input).await? {
        Err(mut errors) => {
            for error in &mut errors {
                error.path = error.path.replace("shiftFromMin", "shiftFrom").replace("shiftToMin", "shiftTo");
            }
            page(&visit, form.refused(errors)).await
        }
        Ok(saved) => {
            let id = saved.request.found()?.id;
            visit.done(&format!("/centre/requests/{id}"), w.s("request-new-done"))
        }
    }
}
