//! Leads, visits and quotes: on both databases.

mod accept;
mod holds;
mod leads;
mod quotes;
mod visits;

use serde_json::{Value, json};
use voxpark_tests::app::{World, user};

/// What the park knows of a company.
pub(crate) fn lead(name: &str, key: &str) -> Value {
    json!({ "name": name, "source": "REFERRAL", "seats": 80, "idempotencyKey": key })
}

/// The same with more.
pub(crate) fn with(mut input: Value, more: &Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    input
}

/// Enters a lead; its id.
pub(crate) async fn entered(world: &World, name: &str) -> Value {
    let more = json!({ "contactName": "王先生", "contactPhone": "13800000000", "ownerId": user("park").to_string() });
    let made = world.done("park", "leadCreate", "lead { id }", with(lead(name, name), &more)).await;
    made["lead"]["id"].clone()
}

/// What is refused: path and rule of each.
pub(crate) async fn refused(world: &World, who: &str, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate(who, mutation, "", input).await;
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors.map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect()
}

/// The park reads a thing.
pub(crate) async fn read(world: &World, id: &Value, of: &str, what: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {what} }} }} }}");
    world.ok("park", &document, json!({ "id": id })).await["node"].clone()
}

/// A line of a quote: ten equipped seats from 1 January 2027 for a year at 1000.00, the first month free of rent.
pub(crate) fn line() -> Value {
    json!({ "seats": 10, "product": "EQUIPPED", "termFrom": "2027-01-01", "termTo": "2028-01-01", "unitPrice": "1000.00", "taxRatePercent": "9",
        "proration": "by_day", "rentFree": [{ "from": "2027-01-01", "to": "2027-02-01" }], "depositMonths": 2, "paymentDays": 15, "noticeDays": 90 })
}

/// A quote for a lead.
pub(crate) fn quote(lead: &Value, lines: &[Value], key: &str) -> Value {
    json!({ "leadId": lead, "validUntil": "2026-12-21", "lines": lines, "idempotencyKey": key })
}

/// Draws up a quote and sends it; its id.
pub(crate) async fn sent(world: &World, lead: &Value, lines: &[Value], key: &str) -> Value {
    let made = world.done("park", "quoteCreate", "quote { id }", quote(lead, lines, key)).await["quote"]["id"].clone();
    world.done("park", "quoteSend", "", json!({ "quoteId": made, "idempotencyKey": key })).await;
    made
}
