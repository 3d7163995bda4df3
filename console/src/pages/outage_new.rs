//! Seats to take out of service.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::park_seats::EstateFloor;
use crate::picking::{self, Picked, Seat};
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("outage-new");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    floors: Vec<EstateFloor>,
}

#[derive(Deserialize)]
struct Out {
    count: i64,
}

#[derive(Template)]
#[template(path = "outage-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    zones: Vec<Choice>,
    picked: Option<Picked>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/outages/new", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let park = visit.load::<Data>(DOCUMENT, "OutageNew", json!({})).await?.park.found()?;
    let w = visit.w;
    let f = visit
        .frame(w.s("outage-new-title"))
        .crumb(w.s("seats-title"), "/park/seats")
        .crumb(w.s("outages-title"), "/park/outages");
    let names = ["zone", "codeFrom", "codeTo", "count", "from"];
    let form = names.iter().filter(|n| !visit.q(n).is_empty()).fold(form, |f, n| f.default_value(n, visit.q(n)));
    let form = form.default_value("from", visit.today()?.to_string()).fresh_key(visit);
    let picked = if visit.q("from").is_empty() {
        None
    } else {
        Some(picking::look(visit, DOCUMENT, &form, None, Seat::is_in_service).await?)
    };
    let page = Page { zones: park.floors.iter().flat_map(|floor| floor.zones(w)).collect(), picked, form, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let chosen: Vec<String> = form.values("seatIds").into_iter().map(str::to_owned).collect();
    if chosen.is_empty() {
        form.refuse("seatIds", w.s("allocate-none"));
    }
    let input = json!({
        "seatIds": chosen, "reason": form.required("reason", w), "from": form.date("from", w),
        "to": form.optional_date("to", w), "althoughHeld": form.holds("althoughHeld", "yes"),
        "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Out>(DOCUMENT, "SeatsOut", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(out) => visit.done("/park/outages", w.s("outage-done").arg("n", out.count)),
    }
}
