//! Telling an open map that seats of its floor have changed.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{DOCUMENT, MapSeat, Picture};
use crate::visit::{Answer, Visit};

/// What is told of a map that has changed.
#[derive(Deserialize)]
struct Shown {
    seats: Vec<MapSeat>,
    #[serde(default)]
    plan: Option<Picture>,
}

/// What stands for the seats as they are shown: the same seats give the same mark.
pub(super) fn mark(seats: &[MapSeat], plan: Option<&Picture>) -> String {
    let mut hash = DefaultHasher::new();
    plan.hash(&mut hash);
    for seat in seats {
        (&seat.seat_id, &seat.code, &seat.product, seat.x_mm, seat.y_mm).hash(&mut hash);
        (&seat.zone_id, &seat.zone_code, &seat.zone_name).hash(&mut hash);
        (&seat.state, seat.occupied, &seat.holders).hash(&mut hash);
    }
    format!("{:016x}", hash.finish())
}

/// The mark of the seats as they are, and again whenever it has changed. Who hears another than the page was drawn with
/// asks for the page again.
pub(super) async fn follow(visit: Visit, Path(id): Path<String>) -> Answer {
    // Whether somebody is signed in; renews what has run out.
    visit.load::<Value>(DOCUMENT, "ParkFloors", json!({})).await?;
    let answers = visit.follow(DOCUMENT, "ParkFloorLive", json!({ "id": id, "on": visit.day("on") }));
    let told = answers.filter_map(|mut answer| async move {
        let map = answer.pointer_mut("/data/floorChanged/map").map(Value::take)?;
        let Shown { seats, plan } = serde_json::from_value(map).ok()?;
        Some(Ok::<_, Infallible>(Event::default().event("seats").data(mark(&seats, plan.as_ref()))))
    });
    let keep = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(told).keep_alive(keep).into_response();
    // What proxies hold back until it is enough arrives too late.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
