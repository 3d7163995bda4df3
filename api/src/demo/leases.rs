//! Leases, and the seats under them.

use chrono::Days;
use serde_json::{Value, json};
use voxpark_domain::Result;
use voxpark_domain::time::Month;

use super::cast::Centre;
use super::client::Client;
use super::contracts::signed;
use super::story::{at, day};

async fn free_seats(client: &mut Client<'_>, prefix: &str, on: &str, count: usize) -> Result<Vec<Value>> {
    let document = "query($p: String!, $on: Date!) { park { seats(first: 100, filter: { codePrefix: $p, state: AVAILABLE, on: $on }) { nodes { id } } } }";
    let seats = client.query("park", document, json!({ "p": prefix, "on": on })).await?;
    let nodes = seats["park"]["seats"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes.into_iter().map(|n| n["id"].clone()).take(count).collect())
}

/// What happens to the leases of a centre in a month: signed, amended, seats taken and given back.
pub(super) async fn lease_events(
    client: &mut Client<'_>,
    centre: &Centre,
    tenant: &str,
    known: &mut [Option<String>],
    month: Month,
) -> Result<()> {
    for (lease, known) in centre.leases.iter().zip(known) {
        if known.is_none() && Month::of(day(lease.from)) == month {
            client.clock.set(at(day(lease.from) - Days::new(6), 11));
            let rent_free: Vec<Value> = lease.rent_free.iter().map(|(f, t)| json!({ "from": f, "to": t })).collect();
            let input = json!({ "tenantId": tenant, "code": lease.code, "signedOn": (day(lease.from) - Days::new(6)).to_string(),
                "termFrom": lease.from, "termTo": lease.to, "product": lease.product, "unitPrice": lease.price, "taxRatePercent": "9",
                "proration": "by_day", "rentFree": rent_free, "deposit": "50000.00", "paymentDays": 15 });
            let made = client.done("park", "leaseCreate", "lease { id }", input).await?;
            *known = made["lease"]["id"].as_str().map(str::to_owned);
            signed(client, &made["lease"]["id"], day(lease.from) - Days::new(5)).await?;
        }
        let Some(id) = known.as_ref() else { continue };
        for (on, zone, count) in lease.takes.iter().filter(|t| Month::of(day(t.0)) == month) {
            client.clock.set(at(day(on) - Days::new(2), 15));
            let seats = free_seats(client, zone, on, *count).await?;
            let input = json!({ "leaseId": id, "seatIds": seats, "from": on });
            client.done("park", "seatsAllocate", "count", input).await?;
        }
        for (on, price) in lease.amends.iter().filter(|a| Month::of(day(a.0)) == month) {
            client.clock.set(at(day(on), 11));
            let input =
                json!({ "leaseId": id, "inForceFrom": on, "reason": "按合同约定的年度调价", "unitPrice": price });
            let made = client.done("park", "leaseAmend", "lease { id }", input).await?;
            signed(client, &made["lease"]["id"], day(on)).await?;
        }
        for (on, count) in lease.gives.iter().filter(|g| Month::of(day(g.0)) == month) {
            client.clock.set(at(day(on) - Days::new(1), 15));
            let document = "query($id: ID!, $on: Date!) { node(id: $id) { ... on Lease { allocations(first: 100, on: $on) { nodes { id } } } } }";
            let held = client.query("park", document, json!({ "id": id, "on": on })).await?;
            let nodes = held["node"]["allocations"]["nodes"].as_array().cloned().unwrap_or_default();
            let ids: Vec<Value> = nodes.into_iter().rev().take(*count).map(|n| n["id"].clone()).collect();
            client
                .done(
                    "park",
                    "seatsRelease",
                    "count",
                    json!({ "allocationIds": ids, "on": on, "endOccupancies": true }),
                )
                .await?;
        }
    }
    Ok(())
}
