//! Seats given for others on a day, and leases that end before their time, on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

async fn held(world: &World, lease: &str) -> Vec<(String, String, String)> {
    let document = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(first: 100) { nodes { id heldFrom heldTo seat { code } } } } } }";
    let found = world.ok("park", document, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut list: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (text(&a["seat"]["code"]), text(&a["heldFrom"]), text(&a["heldTo"])))
        .collect();
    list.sort();
    list
}

async fn allocated(
    world: &World,
    lease: &str,
    seats: &[String],
    from: &str,
    to: Option<&str>,
    key: &str,
) -> Vec<String> {
    let made = world.done("park", "seatsAllocate", "allocations { id }", allocate(lease, seats, from, to, key)).await;
    made["allocations"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()).collect()
}

fn row(code: &str, from: &str, to: &str) -> (String, String, String) {
    (code.to_owned(), from.to_owned(), to.to_owned())
}

async fn told(world: &World, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate("park", mutation, "", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}

on_both! {
    /// A move planned for a day, two that change places across leases, and what is billed for the month.
    async fn seats_are_moved_on_a_day(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 6).await;
        let mine = allocated(&world, &one, &seats[..2], "2026-09-01", Some("2026-12-31"), "k1").await;
        let theirs = allocated(&world, &two, &seats[2..3], "2026-09-01", Some("2027-01-05"), "k2").await;
        let moves = |pairs: &[(&String, &String)], on: &str, key: &str| {
            let list: Vec<_> = pairs.iter().map(|(from, to)| json!({ "allocationId": from, "toSeatId": to })).collect();
            json!({ "moves": list, "on": on, "idempotencyKey": key })
        };
        // The first goes to a free seat; the second and the neighbour's change places: each keeps its own end.
        let input = moves(&[(&mine[0], &seats[4]), (&mine[1], &seats[2]), (&theirs[0], &seats[1])], "2026-10-16", "m1");
        let moved = world.done("park", "seatsMove", "endedOccupancies allocations { seat { code } heldFrom heldTo }", input.clone()).await;
        assert_eq!(moved["allocations"], json!([
            { "seat": { "code": "S-0005" }, "heldFrom": "2026-10-16", "heldTo": "2026-12-31" },
            { "seat": { "code": "S-0003" }, "heldFrom": "2026-10-16", "heldTo": "2026-12-31" },
            { "seat": { "code": "S-0002" }, "heldFrom": "2026-10-16", "heldTo": "2027-01-05" }]));
        assert_eq!(moved["endedOccupancies"], 0);
        assert_eq!(world.done("park", "seatsMove", "endedOccupancies", input).await["endedOccupancies"], 0, "a retry moves nothing");
        assert_eq!(held(&world, &one).await, [row("S-0001", "2026-09-01", "2026-10-16"), row("S-0002", "2026-09-01", "2026-10-16"),
            row("S-0003", "2026-10-16", "2026-12-31"), row("S-0005", "2026-10-16", "2026-12-31")]);
        assert_eq!(held(&world, &two).await, [row("S-0002", "2026-10-16", "2027-01-05"), row("S-0003", "2026-09-01", "2026-10-16")]);
        // Two seats all through October, whichever they were.
        let input = json!({ "leaseId": one, "month": "2026-10", "idempotencyKey": "i" });
        let invoice = world.done("park", "invoiceIssue", "invoice { net { minor } lines { seatDays } }", input).await["invoice"].clone();
        assert_eq!(invoice, json!({ "net": { "minor": "176000" }, "lines": [{ "seatDays": 62 }] }));

        // What is in the way is told at its move, and nothing moved.
        let now = held(&world, &one).await;
        let busy = moves(&[(&mine[0], &seats[5]), (&theirs[0], &seats[1])], "2026-10-10", "m2");
        assert_eq!(told(&world, "seatsMove", busy).await, ["moves.1.toSeatId seat-held"]);
        assert_eq!(told(&world, "seatsMove", moves(&[(&mine[0], &seats[5])], "2026-10-16", "m3")).await, ["moves.0.allocationId release-after-end"]);
        assert_eq!(told(&world, "seatsMove", moves(&[(&mine[0], &seats[5]), (&mine[1], &seats[5])], "2026-10-01", "m4")).await, ["moves.1 id-doubled"]);
        assert_eq!(told(&world, "seatsMove", moves(&[], "2026-10-01", "m5")).await, ["moves seats-per-call"]);
        let strange = format!("alloc_{:032x}", 3);
        assert_eq!(told(&world, "seatsMove", moves(&[(&strange, &seats[5])], "2026-10-01", "m6")).await, ["moves.0.allocationId allocation-unknown"]);
        assert_eq!(world.refused("a1", "seatsMove", moves(&[(&mine[0], &seats[5])], "2026-10-01", "m7")).await, ["forbidden"]);
        assert_eq!(held(&world, &one).await, now);
    }

    /// A lease ends on a day: its seats are free, its terms end, later prices and free days go; or nothing happens.
    async fn a_lease_ends_before_its_time(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 4).await;
        allocated(&world, &lease, &seats[..2], "2026-09-01", None, "k1").await;
        allocated(&world, &lease, &seats[2..3], "2026-12-20", None, "k2").await;
        let end = |on: &str, more: &Value, key: &str| {
            let mut input = json!({ "leaseId": lease, "on": on, "reason": "退租", "idempotencyKey": key });
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            input
        };
        let release = json!({ "releaseSeats": true });
        assert_eq!(told(&world, "leaseEnd", end("2026-12-01", &json!({}), "e1")).await, ["termTo amend-seats-held"]);
        assert_eq!(told(&world, "leaseEnd", end("2027-01-12", &release, "e2")).await, ["on lease-end-later"]);
        assert_eq!(told(&world, "leaseEnd", end("2026-12-01", &json!({ "releaseSeats": true, "reason": " " }), "e3")).await, ["reason text-required"]);
        let issue = json!({ "leaseId": lease, "month": "2026-10", "idempotencyKey": "i" });
        world.done("park", "invoiceIssue", "invoice { id }", issue).await;
        assert_eq!(told(&world, "leaseEnd", end("2026-10-20", &release, "e4")).await, ["inForceFrom amend-billed", "termTo amend-billed"]);
        assert_eq!(held(&world, &lease).await.len(), 3, "nothing is half done");
        assert_eq!(world.refused("a1", "leaseEnd", end("2026-12-01", &release, "e5")).await, ["forbidden"]);

        let steps = json!({ "leaseId": lease, "inForceFrom": "2026-11-01", "reason": "x", "idempotencyKey": "s",
            "priceSteps": [{ "from": "2026-11-10", "unitPrice": "900" }, { "from": "2026-12-25", "unitPrice": "950" }],
            "rentFree": [{ "from": "2026-11-25", "to": "2026-12-05" }, { "from": "2026-12-24", "to": "2027-01-02" }] });
        world.done("park", "leaseAmend", "", steps).await;
        let selection = "lease { state(on: \"2026-12-01\") versions { version inForceFrom termTo reason priceSteps { from } rentFree { from to } } }";
        let done = world.done("park", "leaseEnd", selection, end("2026-12-01", &release, "e6")).await["lease"].clone();
        assert_eq!(done["state"], "ENDED");
        assert_eq!(done["versions"][2], json!({ "version": 3, "inForceFrom": "2026-12-01", "termTo": "2026-12-01", "reason": "退租",
            "priceSteps": [{ "from": "2026-11-10" }], "rentFree": [{ "from": "2026-11-25", "to": "2026-12-01" }] }));
        assert_eq!(held(&world, &lease).await, [row("S-0001", "2026-09-01", "2026-12-01"), row("S-0002", "2026-09-01", "2026-12-01")]);
        // November as it was agreed: 9 days at 880.00, 15 at 900.00, 6 free, two seats of 30 days.
        let document = "query($id: ID!) { node(id: $id) { ... on Lease { now: invoicePreview(month: \"2026-11\") { net { minor } }
            then: invoicePreview(month: \"2026-12\") { userErrors { rule } } } } }";
        let bill = world.ok("park", document, json!({ "id": lease })).await["node"].clone();
        assert_eq!(bill["now"]["net"]["minor"], "142800");
        assert_eq!(bill["then"]["userErrors"][0]["rule"], "invoice-empty-month");
        assert_eq!(told(&world, "leaseEnd", end("2026-12-01", &release, "e7")).await, ["on lease-end-later"]);
    }
}
