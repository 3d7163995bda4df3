//! What leases agree beside the price, kept by the acts it is about; leases renewed and handed over: on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::estate::{import, plan, seat_ids};
use crate::leasing::allocate;

const CLAUSES: &str = "noticeDays minimumSeats { from seats } minimumSpend { from amount { amount currency } }
  lateFee { graceDays percentPerDay capPercent } decrease { noticeDays earliest }
  renewal { noticeDays months mostIncreasePercent } ownZone quietHours { fromMin toMin } windows { fromMin toMin }";

fn all() -> Value {
    json!({ "noticeDays": 90, "minimumSeats": [{ "from": "2026-01-12", "seats": 2 }, { "from": "2026-12-20", "seats": 3 }],
        "minimumSpend": [{ "from": "2026-01-12", "amount": "1500.00" }],
        "lateFee": { "graceDays": 3, "percentPerDay": "0.05", "capPercent": "30" },
        "decrease": { "noticeDays": 10, "earliest": "2026-12-10" },
        "renewal": { "noticeDays": 30, "months": 12, "mostIncreasePercent": "5" }, "ownZone": false,
        "quietHours": { "fromMin": 1320, "toMin": 1800 }, "windows": [{ "fromMin": 480, "toMin": 1200 }] })
}

/// A park of two zones with 250 seats, and a lease with these clauses.
async fn leased(world: &World, tenant: &str, clauses: Value) -> (Vec<String>, String) {
    import(world, plan(250).as_bytes(), json!({})).await;
    (seat_ids(world, 250).await, lease(world, tenant, "L-1", clauses).await)
}

async fn lease(world: &World, tenant: &str, code: &str, clauses: Value) -> String {
    let input = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": code, "signedOn": "2026-01-05",
        "termFrom": "2026-01-12", "termTo": "2027-01-12", "product": "EQUIPPED", "unitPrice": "880.00",
        "priceSteps": [{ "from": "2026-12-01", "unitPrice": "900.00" }], "taxRatePercent": "6", "proration": "by_day",
        "deposit": "5000", "paymentDays": 10, "clauses": clauses, "idempotencyKey": format!("{tenant}-{code}") });
    let made = world.done("park", "leaseCreate", "lease { id }", input).await;
    made["lease"]["id"].as_str().unwrap().to_owned()
}

async fn told(world: &World, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate("park", mutation, "", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}

fn with(mut input: Value, more: &Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    input
}

async fn held(world: &World, lease: &str) -> Vec<[String; 3]> {
    let document = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(first: 100) { nodes { heldFrom heldTo seat { code } } } } } }";
    let found = world.ok("park", document, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut list: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|a| [&a["seat"]["code"], &a["heldFrom"], &a["heldTo"]].map(text))
        .collect();
    list.sort();
    list
}

on_both! {
    /// Every clause is kept as it was agreed, seen by both sides, amended as a whole, and refused by field.
    async fn clauses_are_agreed_and_amended(backend) {
        let world = World::new(backend).await;
        let lease = lease(&world, "a1", "L-1", all()).await;
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Lease {{ versions {{ clauses {{ {CLAUSES} }} }} }} }} }}");
        let seen = async |who: &str| world.ok(who, &document, json!({ "id": lease })).await["node"]["versions"].clone();
        let mut expected = all();
        expected["minimumSpend"] = json!([{ "from": "2026-01-12", "amount": { "amount": "1500.00", "currency": "CNY" } }]);
        assert_eq!(seen("park").await[0]["clauses"], expected);
        assert_eq!(seen("a1").await[0]["clauses"], expected);
        assert_eq!(world.ok("a2", &document, json!({ "id": lease })).await["node"], Value::Null);

        let amend = |clauses: Value, key: &str| json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "补充协议", "clauses": clauses, "idempotencyKey": key });
        let same = world.refused("park", "leaseAmend", amend(all(), "same")).await;
        assert_eq!(same, ["amend-nothing"]);
        let bad = json!({ "noticeDays": 731, "lateFee": { "graceDays": 0, "percentPerDay": "2", "capPercent": "x" },
            "minimumSeats": [{ "from": "2026-01-11", "seats": 1 }], "windows": [{ "fromMin": 600, "toMin": 600 }] });
        assert_eq!(told(&world, "leaseAmend", amend(bad, "bad")).await, ["clauses.lateFee.percentPerDay share-range",
            "clauses.lateFee.capPercent share-invalid", "clauses.windows.0 shift-window", "clauses.noticeDays notice-days-range",
            "clauses.minimumSeats.0 minimum-outside-term"]);
        world.done("park", "leaseAmend", "", amend(json!({ "noticeDays": 60 }), "a")).await;
        let versions = seen("a1").await;
        assert_eq!(versions[0]["clauses"], expected, "what was agreed before stays");
        assert_eq!((&versions[1]["clauses"]["noticeDays"], &versions[1]["clauses"]["lateFee"]), (&json!(60), &Value::Null));
        // An amendment that does not name them leaves them as they are.
        let price = json!({ "leaseId": lease, "inForceFrom": "2026-12-05", "reason": "x", "unitPrice": "1000", "idempotencyKey": "b" });
        world.done("park", "leaseAmend", "", price).await;
        assert_eq!(seen("a1").await[2]["clauses"]["noticeDays"], 60);
    }

    /// Seats go back as agreed: in time, not too early, not below the minimum; or with a reason that stays in the log.
    async fn fewer_seats_keep_to_the_clauses(backend) {
        let world = World::new(backend).await;
        let (seats, lease) = leased(&world, "a1", all()).await;
        let day = with(allocate(&lease, &seats[..4], "2026-10-01", None, "k"), &json!({ "shiftFromMin": 480, "shiftToMin": 1200 }));
        assert_eq!(told(&world, "seatsAllocate", allocate(&lease, &seats[..4], "2026-10-01", None, "k0")).await, ["shiftFromMin shift-outside-lease"]);
        let made = world.done("park", "seatsAllocate", "allocations { id }", day).await;
        let ids: Vec<String> = made["allocations"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()).collect();
        let release = |ids: &[String], on: &str, key: &str| json!({ "allocationIds": ids, "on": on, "idempotencyKey": key });
        // Today is 21 November 2026; ten days of notice, and nothing before 10 December.
        assert_eq!(told(&world, "seatsRelease", release(&ids[..1], "2026-11-30", "r1")).await, ["on decrease-notice", "on decrease-too-early"]);
        assert_eq!(told(&world, "seatsRelease", release(&ids[..1], "2026-12-09", "r2")).await, ["on decrease-too-early"]);
        assert_eq!(told(&world, "seatsRelease", release(&ids[..3], "2026-12-10", "r3")).await, ["on seats-below-minimum"]);
        assert_eq!(told(&world, "seatsRelease", release(&ids[..2], "2026-12-20", "r4")).await, ["on seats-below-minimum"]);
        world.done("park", "seatsRelease", "count", release(&ids[..1], "2026-12-10", "r5")).await;
        let why = |text: &str, key: &str| with(release(&ids[1..3], "2026-12-01", key), &json!({ "waiver": text }));
        assert_eq!(told(&world, "seatsRelease", why(" ", "r6")).await, ["waiver text-required"]);
        world.done("park", "seatsRelease", "count", why("双方同意", "r7")).await;
        let left = held(&world, &lease).await;
        assert_eq!(left.iter().map(|row| row[2].as_str()).collect::<Vec<_>>(), ["2026-12-10", "2026-12-01", "2026-12-01", "2027-01-12"]);
        // Seats that go for others, or with the lease, are not fewer.
        let moved = json!({ "moves": [{ "allocationId": ids[3], "toSeatId": seats[9] }], "on": "2026-11-25", "idempotencyKey": "m" });
        world.done("park", "seatsMove", "endedOccupancies", moved).await;
        let end = json!({ "leaseId": lease, "on": "2026-12-05", "reason": "退租", "releaseSeats": true, "idempotencyKey": "e" });
        world.done("park", "leaseEnd", "", end).await;
    }

    /// A zone that is one lease's own is nobody else's, and cannot become its own while others are there.
    async fn a_zone_of_its_own_is_shared_with_nobody(backend) {
        let world = World::new(backend).await;
        // Seats 1 to 200 are in the first zone, the others in the second.
        let (seats, apart) = leased(&world, "a1", json!({ "ownZone": true })).await;
        let other = lease(&world, "a2", "L-1", json!({})).await;
        world.done("park", "seatsAllocate", "count", allocate(&other, &seats[..1], "2026-10-01", Some("2026-12-01"), "k1")).await;
        let input = allocate(&apart, &[seats[1].clone(), seats[201].clone()], "2026-11-01", None, "k2");
        let payload = world.mutate("park", "seatsAllocate", "count", input).await;
        let told: Vec<_> = payload["userErrors"].as_array().unwrap().iter().map(|e| (e["path"].clone(), e["rule"].clone(), e["message"].clone())).collect();
        assert_eq!(told, [(json!("seatIds.0"), json!("zone-shared"),
            json!("Seat S-0002: the lease wants its zones to itself, and somebody else holds seats in this zone then."))]);
        world.done("park", "seatsAllocate", "count", allocate(&apart, &seats[201..203], "2026-11-01", None, "k3")).await;
        world.done("park", "seatsAllocate", "count", allocate(&apart, &seats[1..2], "2026-12-01", None, "k4")).await;
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&other, &seats[5..6], "2026-12-31", None, "k5")).await, ["zone-apart"]);
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&other, &seats[204..205], "2026-11-30", None, "k6")).await, ["zone-apart"]);
        world.done("park", "seatsAllocate", "count", allocate(&other, &seats[5..6], "2026-11-01", Some("2026-12-01"), "k7")).await;
        // The same company may be in it under another lease.
        let second = lease(&world, "a1", "L-2", json!({})).await;
        world.done("park", "seatsAllocate", "count", allocate(&second, &seats[7..8], "2026-12-05", None, "k8")).await;
        let own = |from: &str, key: &str| json!({ "leaseId": other, "inForceFrom": from, "reason": "x", "clauses": { "ownZone": true }, "idempotencyKey": key });
        world.done("park", "leaseAmend", "", own("2026-12-01", "o1")).await;
        let shared = lease(&world, "a2", "L-2", json!({})).await;
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&shared, &seats[8..9], "2026-12-31", None, "k9")).await, ["zone-apart"]);
    }

    /// A lease goes on by the tenant's right or by agreement, from the day it would have ended, with its seats or without.
    async fn a_lease_is_renewed(backend) {
        let world = World::new(backend).await;
        let (seats, one) = leased(&world, "a1", json!({ "renewal": { "noticeDays": 50, "months": 12, "mostIncreasePercent": "5" } })).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..2], "2026-10-01", None, "k1")).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[2..3], "2026-10-01", Some("2026-12-01"), "k2")).await;
        let renew = |more: Value, key: &str| with(json!({ "leaseId": one, "reason": "续租", "idempotencyKey": key }), &more);
        let by_right = |more: Value, key: &str| with(renew(json!({ "byOption": true, "extendSeats": true }), key), &more);
        assert_eq!(told(&world, "leaseRenew", renew(json!({}), "n0")).await, ["termTo period-open"]);
        assert_eq!(told(&world, "leaseRenew", renew(json!({ "termTo": "2027-01-12" }), "n1")).await, ["termTo renewal-term"]);
        assert_eq!(told(&world, "leaseRenew", by_right(json!({ "termTo": "2029-01-12" }), "n2")).await, ["termTo renewal-twice"]);
        // 900.00 on the last day and 5 % more: 945.00.
        assert_eq!(told(&world, "leaseRenew", by_right(json!({ "unitPrice": "945.01" }), "n3")).await, ["unitPrice renewal-price"]);
        assert_eq!(world.refused("a1", "leaseRenew", by_right(json!({}), "n4")).await, ["forbidden"]);
        let selection = format!("lease {{ state(on: \"2028-01-11\") versions {{ inForceFrom termTo unitPrice {{ amount }} clauses {{ {CLAUSES} }} }} }}");
        let input = by_right(json!({ "unitPrice": "945.00" }), "n5");
        let done = world.done("park", "leaseRenew", &selection, input.clone()).await;
        assert_eq!(world.done("park", "leaseRenew", &selection, input).await, done, "a retry renews nothing");
        let version = &done["lease"]["versions"][1];
        assert_eq!((&version["inForceFrom"], &version["termTo"], &version["unitPrice"]["amount"], &version["clauses"]["renewal"]),
            (&json!("2027-01-12"), &json!("2028-01-12"), &json!("945.00"), &Value::Null), "a right is used once");
        assert_eq!(done["lease"]["state"], "RUNNING");
        let expected = [["S-0001", "2026-10-01", "2028-01-12"], ["S-0002", "2026-10-01", "2028-01-12"], ["S-0003", "2026-10-01", "2026-12-01"]];
        assert_eq!(held(&world, &one).await, expected);
        // What is billed and what is counted follow: January 2027 has 11 days at 900.00 and 20 at 945.00, two seats.
        let bill = "query($id: ID!) { node(id: $id) { ... on Lease { invoicePreview(month: \"2027-01\") { net { minor } } } } }";
        assert_eq!(world.ok("park", bill, json!({ "id": one })).await["node"]["invoicePreview"]["net"]["minor"], "185806");
        let days = "{ park { seatDays(from: \"2027-02-01\", to: \"2027-02-11\") { total { seatDays { leased } } } } }";
        assert_eq!(world.ok("park", days, json!({})).await["park"]["seatDays"]["total"]["seatDays"]["leased"], 20);
        assert_eq!(told(&world, "leaseRenew", by_right(json!({}), "n6")).await, ["byOption renewal-none"]);
    }

    /// A renewal that is late, or whose seats are somebody else's by then, changes nothing.
    async fn a_renewal_is_whole_or_nothing(backend) {
        let world = World::new(backend).await;
        let (seats, one) = leased(&world, "a1", json!({ "renewal": { "noticeDays": 53, "months": 6, "mostIncreasePercent": "0" } })).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..2], "2026-10-01", None, "k1")).await;
        let renew = |more: Value, key: &str| with(json!({ "leaseId": one, "reason": "续租", "extendSeats": true, "idempotencyKey": key }), &more);
        assert_eq!(told(&world, "leaseRenew", renew(json!({ "byOption": true }), "n1")).await, ["byOption renewal-late"]);
        let long = json!({ "tenantId": world.ids.a2.to_string(), "code": "L-9", "signedOn": "2026-01-05", "termFrom": "2026-01-12",
            "termTo": "2029-01-12", "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6", "proration": "by_day", "paymentDays": 10, "idempotencyKey": "l9" });
        let long = world.done("park", "leaseCreate", "lease { id }", long).await["lease"]["id"].as_str().unwrap().to_owned();
        world.done("park", "seatsAllocate", "count", allocate(&long, &seats[1..2], "2027-02-01", None, "k2")).await;
        let input = renew(json!({ "termTo": "2027-07-12" }), "n2");
        assert_eq!(told(&world, "leaseRenew", input).await, ["extendSeats seat-held"]);
        assert_eq!(held(&world, &one).await.len(), 2);
        assert_eq!(held(&world, &one).await[0][2], "2027-01-12", "nothing is half done");
        world.done("park", "leaseRenew", "", renew(json!({ "termTo": "2027-02-01" }), "n3")).await;
    }

    /// Another company takes a lease over: one ends, the other begins with what is left of the terms, the seats go along.
    async fn a_lease_is_handed_over(backend) {
        let world = World::new(backend).await;
        let clauses = json!({ "minimumSeats": [{ "from": "2026-01-12", "seats": 2 }, { "from": "2026-12-20", "seats": 3 }], "noticeDays": 30 });
        let (seats, one) = leased(&world, "a1", clauses).await;
        let day = with(allocate(&one, &seats[..2], "2026-10-01", None, "k1"), &json!({ "shiftFromMin": 480, "shiftToMin": 1200 }));
        world.done("park", "seatsAllocate", "count", day).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[2..3], "2026-12-24", Some("2027-01-01"), "k2")).await;
        let transfer = |to: &str, on: &str, key: &str| json!({ "leaseId": one, "toTenantId": world.ids.tenant(to).to_string(), "code": "T-1", "on": on,
            "reason": "整体转让", "idempotencyKey": key });
        assert_eq!(told(&world, "leaseTransfer", transfer("a1", "2026-12-15", "t1")).await, ["toTenantId transfer-same-tenant"]);
        assert_eq!(told(&world, "leaseTransfer", transfer("a2", "2026-01-12", "t2")).await, ["on transfer-outside-term"]);
        assert_eq!(told(&world, "leaseTransfer", transfer("a2", "2027-01-12", "t3")).await, ["on transfer-outside-term"]);
        assert_eq!(told(&world, "leaseTransfer", transfer("b1", "2026-12-15", "t4")).await, ["tenantId tenant-unknown"]);
        assert_eq!(held(&world, &one).await[0][2], "2027-01-12", "nothing is half done");
        assert_eq!(world.refused("a1", "leaseTransfer", transfer("a2", "2026-12-15", "t5")).await, ["forbidden"]);
        let selection = "seats from { id state(on: \"2026-12-15\") } to { id code tenant { code } signedOn terms { termFrom termTo unitPrice { amount } priceSteps { from }
            deposit { amount } clauses { noticeDays minimumSeats { from seats } } } transferredFrom { on lease { id } } transferredTo { on } }";
        let done = world.done("park", "leaseTransfer", selection, transfer("a2", "2026-12-15", "t6")).await;
        let two = done["to"]["id"].as_str().unwrap().to_owned();
        assert_eq!(done["to"], json!({ "id": two, "code": "T-1", "tenant": { "code": "A2" }, "signedOn": "2026-11-21",
            "terms": { "termFrom": "2026-12-15", "termTo": "2027-01-12", "unitPrice": { "amount": "900.00" }, "priceSteps": [], "deposit": { "amount": "5000.00" },
                "clauses": { "noticeDays": 30, "minimumSeats": [{ "from": "2026-12-15", "seats": 2 }, { "from": "2026-12-20", "seats": 3 }] } },
            "transferredFrom": { "on": "2026-12-15", "lease": { "id": one } }, "transferredTo": null }));
        assert_eq!((&done["seats"], &done["from"]["state"]), (&json!(3), &json!("ENDED")));
        assert_eq!(held(&world, &one).await, [["S-0001", "2026-10-01", "2026-12-15"], ["S-0002", "2026-10-01", "2026-12-15"]]);
        assert_eq!(held(&world, &two).await, [["S-0001", "2026-12-15", "2027-01-12"], ["S-0002", "2026-12-15", "2027-01-12"], ["S-0003", "2026-12-24", "2027-01-01"]]);
        // Neither company learns of the other.
        let document = "query($id: ID!) { node(id: $id) { ... on Lease { transferredFrom { on } transferredTo { on } } } }";
        assert_eq!(world.ok("a2", document, json!({ "id": two })).await["node"], json!({ "transferredFrom": null, "transferredTo": null }));
        assert_eq!(world.ok("a1", document, json!({ "id": one })).await["node"], json!({ "transferredFrom": null, "transferredTo": null }));
        let told = told(&world, "leaseTransfer", transfer("a2", "2026-12-15", "t7")).await;
        assert_eq!(told, ["on transfer-outside-term"], "what is handed over is over");
    }
}
