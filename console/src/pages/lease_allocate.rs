//! Seats for a lease: find a range, see which are free on the day, take them.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::park_leases::Terms;
use crate::pages::park_seats::EstateFloor;
use crate::picking::{self, Picked, Seat};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-allocate");

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
struct Allocated {
    count: i64,
}

/// What a search found, and what it costs.
struct Offer {
    picked: Picked,
    rent: Option<(Money, Money)>,
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
    let names = ["zone", "codeFrom", "codeTo", "count", "from", "to", "shiftFrom", "shiftTo", "hold"];
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

/// Finds the seats of the lease's product in the range: free ones, or those that a hold keeps.
async fn look(visit: &Visit, lease: &Lease, form: &Form) -> Result<Offer, Stop> {
    let (product, hold) = (lease.terms.as_ref().map(|t| t.product.as_str()), form.value("hold"));
    let can = |seat: &Seat| if hold.is_empty() { seat.is_free() } else { seat.is_kept_by(hold) };
    let picked = picking::look(visit, DOCUMENT, form, product, can).await?;
    let rent = lease.terms.as_ref().map(|t| (t.unit_price.clone(), t.unit_price.times(picked.chosen)));
    Ok(Offer { picked, rent })
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
        "shiftFromMin": shift_from, "shiftToMin": shift_to, "holdId": form.optional("hold"),
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
