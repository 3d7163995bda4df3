//! Telling an open map that seats of its floor have changed.

use std::hash::{Hash, Hasher};

use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{DOCUMENT, MapSeat, Picture};
use crate::live;
use crate::visit::{Answer, Visit};

/// What is told of a map that has changed.
#[derive(Deserialize)]
struct Shown {
    seats: Vec<MapSeat>,
    #[serde(default)]
    plan: Option<Picture>,
}

/// Seats as they are shown.
struct Seen<'a>(&'a [MapSeat], Option<&'a Picture>);

impl Hash for Seen<'_> {
    fn hash<H: Hasher>(&self, hash: &mut H) {
        self.1.hash(hash);
        for seat in self.0 {
            (&seat.seat_id, &seat.code, &seat.product, seat.x_mm, seat.y_mm).hash(hash);
            (&seat.zone_id, &seat.zone_code, &seat.zone_name).hash(hash);
            (&seat.state, seat.occupied, &seat.holders).hash(hash);
        }
    }
}

/// What stands for the seats as they are shown: the same seats give the same mark.
pub(super) fn mark(seats: &[MapSeat], plan: Option<&Picture>) -> String {
    live::mark(&Seen(seats, plan))
}

/// The mark of the seats as they are, and again whenever it has changed. Who hears another than the page was drawn with
/// asks for the page again.
pub(super) async fn follow(visit: Visit, Path(id): Path<String>) -> Answer {
    // Whether somebody is signed in; renews what has run out.
    visit.load::<Value>(DOCUMENT, "ParkFloors", json!({})).await?;
    let variables = json!({ "id": id, "on": visit.day("on") });
    Ok(live::follow(&visit, (DOCUMENT, "ParkFloorLive"), variables, |mut answer| {
        let map = answer.pointer_mut("/data/floorChanged/map").map(Value::take)?;
        let Shown { seats, plan } = serde_json::from_value(map).ok()?;
        Some(mark(&seats, plan.as_ref()))
    }))
}
