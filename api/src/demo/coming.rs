//! What is about to happen: seats kept for an offer, seats out of service, a move that is planned.

use serde_json::{Value, json};
use voxpark_domain::Result;

use super::client::Client;
use super::story::{at, day};

/// Free seats of a product on a day, the last by code, away from those that are being filled.
async fn free(client: &mut Client<'_>, product: &str, on: &str, count: usize) -> Result<Vec<Value>> {
    let document =
        "query($product: SeatProduct, $on: Date!) { park { seats(first: 100, orderBy: { field: CODE, direction: DESC },
      filter: { product: $product, state: AVAILABLE, on: $on }) { nodes { id } } } }";
    let found = client.query("park", document, json!({ "product": product, "on": on })).await?;
    let nodes = found["park"]["seats"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes.into_iter().map(|n| n["id"].clone()).take(count).collect())
}

/// The lease of which some seats move: one of furnished seats.
const MOVES: &str = "L-2025-001";

/// Tells it.
pub(super) async fn coming(client: &mut Client<'_>) -> Result<()> {
    client.clock.set(at(day("2026-11-09"), 12));
    let kept = free(client, "EQUIPPED", "2027-03-01", 60).await?;
    let hold = json!({ "seatIds": kept, "keptFor": "星辰保险服务", "note": "报价期间保留整排靠窗席位", "from": "2027-03-01",
        "to": "2030-03-01", "expiresAt": "2026-11-26T16:00:00Z" });
    client.done("park", "seatsHold", "hold { id }", hold).await?;
    client.clock.set(at(day("2026-11-17"), 9));
    let broken = free(client, "FURNISHED", "2026-11-17", 3).await?;
    let out = json!({ "seatIds": broken, "from": "2026-11-17", "to": "2026-12-01", "reason": "地面线槽更换" });
    client.done("park", "seatsOutOfService", "count", out).await?;
    client.clock.set(at(day("2026-11-18"), 15));
    let document = "query($id: ID!, $on: Date!) { node(id: $id) { ... on Lease { allocations(first: 4, on: $on) { nodes { id } } } } }";
    let leases = client.query("park", "{ park { leases(first: 100) { nodes { id code } } } }", Value::Null).await?;
    let leases = leases["park"]["leases"]["nodes"].as_array().cloned().unwrap_or_default();
    let lease = leases.iter().find(|lease| lease["code"] == MOVES).map(|lease| lease["id"].clone());
    let held = client.query("park", document, json!({ "id": lease, "on": "2026-12-14" })).await?;
    let held = held["node"]["allocations"]["nodes"].as_array().cloned().unwrap_or_default();
    let to = free(client, "FURNISHED", "2026-12-14", held.len()).await?;
    let moves: Vec<Value> =
        held.iter().zip(&to).map(|(from, to)| json!({ "allocationId": from["id"], "toSeatId": to })).collect();
    let input = json!({ "moves": moves, "on": "2026-12-14", "endOccupancies": true });
    client.done("park", "seatsMove", "endedOccupancies", input).await.map(drop)
}
