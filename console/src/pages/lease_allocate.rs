//! Seats for a lease: find a range, see which are free on the day, take them.

use std::cmp::Ordering;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::count;
use crate::pages::park_leases::Terms;
use crate::pages::park_seats::EstateFloor;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Connection, Money, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-allocate");

/// How many seats one search may look at; more are taken floor by floor.
const MOST: usize = 2000;
const STEP: usize = 100;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Park {
    floors: Vec<EstateFloor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    seat_count: i64,
    tenant: Ref,
    terms: Option<Terms>,
}

#[derive(Deserialize)]
struct SeatData {
    park: Option<ParkSeats>,
}

#[derive(Deserialize)]
struct ParkSeats {
    seats: Connection<Seat>,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    state: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
}

#[derive(Deserialize)]
struct Allocated {
    count: i64,
}

/// A free seat that can be ticked.
struct Tick {
    id: String,
    code: String,
    zone: String,
    on: bool,
}

/// What a search found.
struct Offer {
    free: Vec<Tick>,
    chosen: i64,
    taken: Vec<String>,
    total: i64,
    rent: Option<(Money, Money)>,
    cut: bool,
}

#[derive(Template)]
#[template(path = "lease-allocate/page.html")]
struct Page {
    f: Frame,
    lease: Lease,
    form: Form,
    zones: Vec<Choice>,
    offer: Option<Offer>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/allocate", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "LeaseAllocate", json!({ "id": id })).await?;
    let (park, lease) = (data.park.found()?, data.node.found()?);
    let w = visit.w;
    let path = format!("/park/leases/{}", lease.id);
    let f = visit
        .frame(w.s("allocate-title"))
        .crumb(w.s("leases-title"), "/park/leases")
        .crumb(w.s("lease-title").arg("code", &lease.code), path);

    // What was sent counts first, then what the address says, then what the lease suggests.
    let names = ["zone", "codeFrom", "codeTo", "count", "from", "to", "shiftFrom", "shiftTo"];
    let form = names.iter().filter(|n| !visit.q(n).is_empty()).fold(form, |f, n| f.default_value(n, visit.q(n)));
    let today = visit.today()?;
    let from = lease.terms.as_ref().map_or(today, |t| t.term_from.max(today));
    let to = lease.terms.as_ref().map_or_else(String::new, |t| t.term_to.to_string());
    let form = form
        .default_value("from", from.to_string())
        .default_value("to", to)
        .default_value("shiftFrom", "00:00")
        .default_value("shiftTo", "24:00")
        .fresh_key(visit);

    let asked = !visit.q("from").is_empty();
    let offer = if asked { Some(look(visit, &lease, &form).await?) } else { None };
    let zones = park.floors.iter().flat_map(|floor| floor.zones(w)).collect();
    let page = Page { f, lease, form, zones, offer };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Finds the seats of the lease's product in the range, free and taken.
async fn look(visit: &Visit, lease: &Lease, form: &Form) -> Result<Offer, Stop> {
    let on = form.value("from").parse::<chrono::NaiveDate>().ok();
    let (low, high) = (form.value("codeFrom"), form.value("codeTo"));
    // What both ends begin with, the API can search by; digits are left out, because begins with A- only.
    let same = low.chars().zip(high.chars()).take_while(|(a, b)| a == b && !a.is_ascii_digit());
    let prefix: String = same.map(|(a, _)| a).collect();
    let zone = form.optional("zone");
    let product = lease.terms.as_ref().map(|t| t.product.as_str());
    let filter = json!({ "zoneId": zone, "product": product, "on": on, "codePrefix": (!prefix.is_empty()).then_some(prefix) });
    let (mut seats, mut after, mut cut) = (Vec::new(), None, false);
    loop {
        let vars = json!({ "first": STEP, "after": after, "filter": filter, "on": on });
        let data: SeatData = visit.load(DOCUMENT, "SeatsToAllocate", vars).await?;
        let list = data.park.found()?.seats;
        seats.extend(list.nodes);
        after = list.page_info.end_cursor;
        if !list.page_info.has_next_page || after.is_none() {
            break;
        }
        if seats.len() >= MOST {
            cut = true;
            break;
        }
    }
    seats.retain(|seat| {
        let above = low.is_empty() || natural(&seat.code, low) != Ordering::Less;
        above && (high.is_empty() || natural(&seat.code, high) != Ordering::Greater)
    });
    seats.sort_by(|a, b| natural(&a.code, &b.code));
    let total = count(seats.len());
    let (free, taken): (Vec<Seat>, Vec<Seat>) = seats.into_iter().partition(|seat| seat.state == "AVAILABLE");
    let sent = form.values("seatIds");
    let wanted = form.value("count").parse::<usize>().unwrap_or(usize::MAX);
    let ticks = free.into_iter().enumerate().map(|(index, seat)| Tick {
        on: if sent.is_empty() { index < wanted } else { sent.contains(&seat.id.as_str()) },
        id: seat.id,
        code: seat.code,
        zone: seat.zone.name,
    });
    let free: Vec<Tick> = ticks.collect();
    let chosen = count(free.iter().filter(|tick| tick.on).count());
    let rent = lease.terms.as_ref().map(|t| (t.unit_price.clone(), t.unit_price.times(chosen)));
    let name = |seat: &Seat| format!("{} ({})", seat.code, visit.w.of("seat-state", &seat.state));
    Ok(Offer { free, chosen, taken: taken.iter().map(name).collect(), total, rent, cut })
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let chosen: Vec<String> = form.values("seatIds").into_iter().map(str::to_owned).collect();
    if chosen.is_empty() {
        form.refuse("seatIds", w.s("allocate-none"));
    }
    let (shift_from, shift_to) = form.window("shiftFrom", "shiftTo", w);
    let input = json!({
        "leaseId": id, "seatIds": chosen, "from": form.date("from", w), "to": form.optional_date("to", w),
        "shiftFromMin": shift_from, "shiftToMin": shift_to,
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Allocated>(DOCUMENT, "SeatsAllocate", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(done) => visit.done(&format!("/park/leases/{id}"), w.s("allocate-done").arg("n", done.count)),
    }
}

/// Compares codes as people read them: runs of digits by their value, so that A-9 comes before A-10.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (da, db) = (digits(a), digits(b));
        if da > 0 && db > 0 {
            let (na, nb) = (a[..da].trim_start_matches('0'), b[..db].trim_start_matches('0'));
            let order = na.len().cmp(&nb.len()).then_with(|| na.cmp(nb));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[da..], &b[db..]);
            continue;
        }
        match (a.chars().next(), b.chars().next()) {
            (Some(x), Some(y)) if x == y => (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_compare_as_people_read_them() {
        for (less, more) in [("A-9", "A-10"), ("A-09", "A-10"), ("A-1", "B-1"), ("A", "A-1"), ("区1-2", "区1-11")] {
            assert_eq!(natural(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(natural(more, less), Ordering::Greater, "{less} {more}");
        }
        assert_eq!(natural("A-01", "A-1"), Ordering::Equal);
    }
}
