//! Prices by zone: a seat is charged by the zone in which it was on the day, as it was known when the invoice was drawn up.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

const LEASE: &str = "a1";
const SAID: &str = "invoice { id net { minor } repricing { same differences }
  lines { kind seatDays net { minor } priceBook { price } correction { month } } }";

/// Zone Z1 at 1,000, N of the floor 3F at 620; both with a fee for each seat that begins there.
fn book() -> String {
    let price = |id: &str, zone: &str, basis: &str, unit: i64| {
        format!(
            "[[price]]\nid = \"{id}\"\ntitle = {{ zh = \"{id}\", en = \"{id}\" }}\nbasis = \"{basis}\"\ndue = \"arrears\"\napplies = {{ zones = [{zone}] }}\n\
             [[price.step]]\nfrom = \"2026-01-01\"\ntariff = {{ model = {{ per_unit = {{ unit = {unit} }} }} }}\n"
        )
    };
    "id = \"zones\"\nversion = 1\ntitle = { zh = \"区域\", en = \"Zones\" }\ncurrency = \"CNY\"\n".to_owned()
        + &price("east", "\"Z1\"", "seat", 1_000)
        + &price("north", "\"3F/N\", \"N2\"", "seat", 620)
        + &price("north-fee", "\"A/3F/N\"", "once", 50)
}

async fn leased(world: &World, seats: &[String]) -> String {
    world.done("finance", "priceBookPublish", "", json!({ "text": book(), "idempotencyKey": "book" })).await;
    let input = json!({ "tenantId": world.ids.tenant(LEASE).to_string(), "code": "U-1", "signedOn": "2026-08-05", "termFrom": "2026-09-01", "termTo": "2027-09-01",
        "product": "EQUIPPED", "unitPrice": "0", "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10,
        "priceBook": { "book": "zones", "version": 1 }, "idempotencyKey": "lease" });
    let lease =
        world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned();
    world.done("park", "seatsAllocate", "", allocate(&lease, seats, "2026-09-01", None, "a")).await;
    lease
}

async fn zone(world: &World, code: &str) -> String {
    let found = world.ok("park", "{ park { floors { zones { id code } } } }", json!({})).await;
    let zones = found["park"]["floors"][0]["zones"].as_array().unwrap().clone();
    zones.iter().find(|zone| zone["code"] == code).expect("a zone")["id"].as_str().unwrap().to_owned()
}

/// Makes a zone of seats of another.
async fn split(world: &World, of: &str, seats: &[String], code: &str, from: &str) {
    let input = json!({ "zoneId": zone(world, of).await, "seatIds": seats, "code": code, "name": code, "from": from, "idempotencyKey": format!("{code}{from}") });
    world.done("park", "zoneSplit", "", input).await;
}

async fn merge(world: &World, code: &str, into: &str, from: &str) {
    let input = json!({ "zoneIds": [zone(world, code).await], "intoZoneId": zone(world, into).await, "from": from, "idempotencyKey": format!("{code}{from}") });
    world.done("park", "zonesMerge", "", input).await;
}

async fn rename(world: &World, code: &str, to: &str, from: &str, key: usize) {
    let input = json!({ "zoneId": zone(world, code).await, "code": to, "name": to, "from": from, "idempotencyKey": format!("rename {key}") });
    world.done("park", "zoneRename", "", input).await;
}

async fn issued(world: &World, lease: &str, month: &str) -> Value {
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": month });
    let invoice = world.done("park", "invoiceIssue", SAID, input).await["invoice"].clone();
    assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
    invoice
}

/// Price, seat-days and amount of each line, those that correct a month behind it.
fn lines(invoice: &Value) -> Vec<String> {
    let of = |line: &Value| {
        let month = line["correction"]["month"].as_str().map(|month| format!(" of {month}")).unwrap_or_default();
        format!(
            "{} {} {}{month}",
            line["priceBook"]["price"].as_str().unwrap(),
            line["seatDays"],
            line["net"]["minor"].as_str().unwrap()
        )
    };
    invoice["lines"].as_array().unwrap().iter().map(of).collect()
}

async fn later(world: &World, instant: &str) {
    world.clock.set(instant.parse().unwrap());
    world.forget_tokens().await;
}

on_both! {
    /// Zones are split, merged and renamed around months that are billed: each month is priced by the days, what is said late is
    /// corrected, and every invoice stays what it was.
    async fn seats_pay_by_their_zones(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 4).await;
        let lease = leased(&world, &seats[..3]).await;
        assert_eq!(lines(&issued(&world, &lease, "2026-09").await), ["east 90 300000"]);
        // One of them is in another zone from the middle of October on; it begins nothing there.
        split(&world, "Z1", &seats[..1], "N", "2026-10-16").await;
        let october = issued(&world, &lease, "2026-10").await;
        assert_eq!(lines(&october), ["east 77 248387", "north 16 32000"], "2,000 and 1,000 x 15/31; 620 x 16/31");

        // The next zone has no price.
        split(&world, "Z1", &seats[1..2], "Q", "2026-11-10").await;
        later(&world, "2026-12-02T02:00:00Z").await;
        let refused = json!({ "leaseId": lease, "month": "2026-11", "idempotencyKey": "no price" });
        let refused = world.mutate("park", "invoiceIssue", "", refused).await["userErrors"][0].clone();
        assert_eq!(refused["rule"], "seat-without-price");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains("A/3F/Q") && message.contains("2026-11-10") && message.contains("zones"), "{message}");
        let run = json!({ "month": "2026-11", "dryRun": true, "idempotencyKey": "dry" });
        let run = world.done("finance", "billingRun", "rows { state lease { code } userErrors { rule } }", run).await;
        assert_eq!(run["rows"], json!([{ "state": "REFUSED", "lease": { "code": "U-1" }, "userErrors": [{ "rule": "seat-without-price" }] }]));
        merge(&world, "Q", "N", "2026-11-10").await;
        let preview = "query($id: ID!) { node(id: $id) { ... on Lease { invoicePreview(month: \"2026-11\") { lines { kind seatDays net { minor } priceBook { price } correction { month } } } } } }";
        let preview = world.ok(LEASE, preview, json!({ "id": lease })).await["node"]["invoicePreview"].clone();
        let november = issued(&world, &lease, "2026-11").await;
        assert_eq!(lines(&november), ["east 39 130000", "north 51 105400"]);
        assert_eq!(lines(&preview), lines(&november), "the tenant sees the same");

        // Said in January: all of N came back in the middle of November, and Z1 was called Z9 for two days of December.
        later(&world, "2027-01-03T02:00:00Z").await;
        merge(&world, "N", "Z1", "2026-11-16").await;
        rename(&world, "Z1", "Z9", "2026-12-10", 1).await;
        let refused = json!({ "leaseId": lease, "month": "2026-12", "idempotencyKey": "no name" });
        assert_eq!(world.refused("park", "invoiceIssue", refused).await, ["seat-without-price"]);
        rename(&world, "Z9", "Z1", "2026-12-10", 2).await;
        let december = issued(&world, &lease, "2026-12").await;
        assert_eq!(lines(&december), ["east 93 300000", "east 30 100000 of 2026-11", "north -30 -62000 of 2026-11"]);
        // A seat that comes late, for days on which its seat was still elsewhere.
        later(&world, "2027-02-02T02:00:00Z").await;
        split(&world, "Z1", &seats[3..], "N2", "2027-01-16").await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats[3..], "2026-12-31", None, "late")).await;
        let january = issued(&world, &lease, "2027-01").await;
        assert_eq!(lines(&january), ["east 108 348387", "north 16 32000", "east 1 3226 of 2026-12"]);
        let all = world.ok("park", "{ park { invoices { nodes { repricing { same differences } } } } }", json!({})).await;
        let all = all["park"]["invoices"]["nodes"].as_array().unwrap().clone();
        assert!(all.len() == 5 && all.iter().all(|invoice| invoice["repricing"]["same"] == true), "{all:?}");
    }

    /// A zone that is renamed behind the back of a lease that has ended brings its months up; the one fee is due where a seat begins.
    async fn a_lease_that_is_over_is_brought_up(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 2).await;
        split(&world, "Z1", &seats[..1], "N", "2026-08-01").await;
        let lease = leased(&world, &seats[..2]).await;
        assert_eq!(lines(&issued(&world, &lease, "2026-09").await), ["east 30 100000", "north 30 62000", "north-fee 0 5000"]);
        let end = json!({ "leaseId": lease, "on": "2026-11-21", "reason": "退租", "releaseSeats": true, "idempotencyKey": "end" });
        world.done("park", "leaseEnd", "", end).await;
        later(&world, "2026-12-02T02:00:00Z").await;
        issued(&world, &lease, "2026-10").await;
        assert_eq!(lines(&issued(&world, &lease, "2026-11").await), ["east 20 66667", "north 20 41333"]);
        later(&world, "2027-01-03T02:00:00Z").await;
        let dry = json!({ "month": "2026-12", "dryRun": true, "idempotencyKey": "quiet" });
        assert_eq!(world.done("finance", "billingRun", "rows { state }", dry).await["rows"], json!([]));
        merge(&world, "N", "Z1", "2026-11-11").await;
        let dry = json!({ "month": "2026-12", "dryRun": true, "idempotencyKey": "late" });
        let dry = world.done("finance", "billingRun", "rows { net { minor } }", dry).await;
        assert_eq!(dry["rows"], json!([{ "net": { "minor": "12667" } }]), "ten days: 333.33 less 206.67, rounded line by line");
    }

    /// An amendment to a book by zones is previewed with the zones of its seats.
    async fn amendments_are_previewed_by_zone(backend) {
        let world = World::new(backend).await;
        let (seats, plain, _) = park(&world, 3).await;
        world.done("finance", "priceBookPublish", "", json!({ "text": book(), "idempotencyKey": "book" })).await;
        world.done("park", "seatsAllocate", "", allocate(&plain, &seats, "2026-10-01", None, "k")).await;
        split(&world, "Z1", &seats[..1], "N", "2026-10-16").await;
        let would = "query($id: ID!, $amendment: LeaseAmendmentInput!) { node(id: $id) { ... on Lease { invoicePreview(month: \"2026-10\", amendment: $amendment) { lines { kind seatDays net { minor } priceBook { price } correction { month } } } } } }";
        let amendment = json!({ "inForceFrom": "2026-10-01", "reason": "x", "priceBook": { "book": "zones", "version": 1 } });
        let seen = world.ok("park", would, json!({ "id": plain, "amendment": amendment })).await["node"]["invoicePreview"].clone();
        assert_eq!(lines(&seen), ["east 77 248387", "north 16 32000"]);
    }

    /// While a zone gets now this name, now that one for days that are past, its leases are billed: whatever an invoice came to, it
    /// comes to again.
    async fn zones_are_renamed_while_leases_are_billed(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 4).await;
        let first = leased(&world, &seats[..1]).await;
        let mut leases = vec![first];
        for (n, seat) in seats.iter().enumerate().skip(1) {
            let input = json!({ "tenantId": world.ids.tenant(LEASE).to_string(), "code": format!("U-{}", n + 1), "signedOn": "2026-08-05", "termFrom": "2026-09-01",
                "termTo": "2027-09-01", "product": "EQUIPPED", "unitPrice": "0", "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10,
                "priceBook": { "book": "zones", "version": 1 }, "idempotencyKey": format!("lease {n}") });
            let lease = world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned();
            world.done("park", "seatsAllocate", "", allocate(&lease, std::slice::from_ref(seat), "2026-09-01", None, &format!("a{n}"))).await;
            leases.push(lease);
        }
        let renamed = async {
            for n in 0..12 {
                let (code, to) = if n % 2 == 0 { ("Z1", "N2") } else { ("N2", "Z1") };
                rename(&world, code, to, "2026-09-16", n).await;
            }
        };
        let billed = async {
            for month in ["2026-09", "2026-10"] {
                for (n, lease) in leases.iter().enumerate() {
                    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": format!("{month} {n}") });
                    world.done("park", "invoiceIssue", "", input).await;
                }
            }
        };
        tokio::join!(renamed, billed);
        let all = world.ok("park", "{ park { invoices { nodes { repricing { same differences } } } } }", json!({})).await;
        let all = all["park"]["invoices"]["nodes"].as_array().unwrap().clone();
        assert!(all.len() == 8 && all.iter().all(|invoice| invoice["repricing"]["same"] == true), "{all:?}");
    }
}
