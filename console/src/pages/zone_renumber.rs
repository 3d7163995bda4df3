//! Other codes for the seats of a zone.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::park_zone::seats_of;
use crate::visit::{Answer, Found, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("zone-renumber");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Zone>,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
}

#[derive(Deserialize)]
struct Done {
    count: i64,
}

/// A seat with the code it has and the one it is to have.
struct Seat {
    id: String,
    code: String,
    new: String,
}

#[derive(Template)]
#[template(path = "zone-renumber/page.html")]
struct Page {
    f: Frame,
    form: Form,
    seats: Vec<Seat>,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/zones/{id}/renumber", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let zone = visit.load::<Data>(DOCUMENT, "ZoneRenumber", json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let back = format!("/park/zones/{id}");
    let f = visit.frame(w.s("renumber-title")).crumb(w.s("place-park-map"), "/park/map").crumb(zone.name, &back);
    let form = form.default_value("from", visit.today()?.to_string()).fresh_key(visit);
    let seats = seats_of(visit, DOCUMENT, id).await?.into_iter().map(|seat| {
        let sent = form.value(&format!("code.{}", seat.id));
        Seat { new: if sent.is_empty() { seat.code.clone() } else { sent.to_owned() }, id: seat.id, code: seat.code }
    });
    let page = Page { seats: seats.collect(), back, form, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let changes: Vec<Value> =
        form.named("code.").map(|(seat, code)| json!({ "seatId": seat, "code": code })).collect();
    let input = json!({ "changes": changes, "from": form.date("from", w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Done>(DOCUMENT, "SeatsRenumber", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(done) => visit.done(&format!("/park/zones/{id}"), w.s("renumber-done").arg("n", done.count)),
    }
}
