//! Seats of a lease for others: which move, which are taken instead, and from which day on.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::count;
use crate::pages::park_seats::EstateFloor;
use crate::picking::{self, Picked, Seat};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Connection, node};

pub(crate) const DOCUMENT: &str = document!("lease-move");

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
struct Lease {
    id: String,
    code: String,
    terms: Terms,
    allocations: Connection<Allocation>,
}

#[derive(Deserialize)]
struct Terms {
    product: String,
}

#[derive(Deserialize)]
struct Allocation {
    id: String,
    seat: Coded,
}

#[derive(Template)]
#[template(path = "lease-move/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    zones: Vec<Choice>,
    picked: Option<Picked>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/move", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let w = visit.w;
    let names = ["zone", "codeFrom", "codeTo", "count", "from"];
    let form = names.iter().filter(|n| !visit.q(n).is_empty()).fold(form, |f, n| f.default_value(n, visit.q(n)));
    let vars = json!({ "id": id, "on": visit.day("from") });
    let data: Data = visit.load(DOCUMENT, "LeaseMove", vars).await?;
    let (park, mut lease) = (data.park.found()?, data.node.found()?);
    // As the seats to go to: the first by code goes to the first.
    lease.allocations.nodes.sort_by(|a, b| picking::natural(&a.seat.code, &b.seat.code));
    let form = form.default_value("from", visit.today()?.to_string()).fresh_key(visit);
    let f = visit
        .frame(w.s("move-title"))
        .crumb(w.s("leases-title"), "/park/leases")
        .crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let picked = if visit.q("from").is_empty() {
        None
    } else {
        // As many as move are ticked; until some are chosen, none.
        let form = form.clone().default_value("count", form.values("allocation").len().to_string());
        Some(picking::look(visit, DOCUMENT, &form, Some(&lease.terms.product), Seat::is_free).await?)
    };
    let page = Page {
        zones: park.floors.iter().flat_map(|floor| floor.zones(w)).collect(),
        picked,
        lease,
        form,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let own = |form: &Form, name: &str| form.values(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (own(&form, "allocation"), own(&form, "seatIds"));
    if from.is_empty() || from.len() != to.len() {
        form.refuse("seatIds", w.s("move-uneven").arg("from", count(from.len())).arg("to", count(to.len())));
    }
    // Both lists stand on the page in the order of their codes.
    let moves: Vec<Value> =
        from.iter().zip(&to).map(|(from, to)| json!({ "allocationId": from, "toSeatId": to })).collect();
    let input = json!({ "moves": moves, "on": form.date("from", w), "endOccupancies": form.holds("endOccupancies", "yes"),
        "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatsMove", input).await? {
        Err(mut errors) => {
            // Whichever of its two seats a move is refused for, it is said where seats are ticked.
            for error in &mut errors {
                "seatIds".clone_into(&mut error.path);
            }
            page(&visit, &id, form.refused(errors)).await
        }
        Ok(_) => visit.done(
            &format!("/park/leases/{id}?on={}", form.value("from")),
            w.s("move-done").arg("n", count(moves.len())).arg("on", form.value("from")),
        ),
    }
}
