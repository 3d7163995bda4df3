//! What needs the park today, on both databases: from the facts alone, for its staff alone.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

async fn alerts(world: &World, who: &str) -> Vec<String> {
    let document = "{ park { alerts { kind severity subjectId since due lease { id code } request { id number } hold { id keptFor } outage { id seat { code } } invoice { id number } } } }";
    let found = world.ok(who, document, json!({})).await["park"]["alerts"].clone();
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let line = |alert: &Value| {
        let subjects = ["lease", "request", "hold", "outage", "invoice"].map(|of| alert[of].clone());
        let subject: Vec<&Value> = subjects.iter().filter(|of| !of.is_null()).collect();
        assert_eq!((subject.len(), &subject[0]["id"]), (1, &alert["subjectId"]), "{alert}");
        format!(
            "{} {} {} {}",
            text(&alert["severity"]),
            text(&alert["kind"]),
            text(&alert["since"]),
            text(&alert["due"])
        )
    };
    found.as_array().unwrap().iter().map(line).collect()
}

on_both! {
    /// Each follows from its fact and is gone when that is mended.
    async fn what_needs_the_park_follows_from_the_facts(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 4).await;
        // Two leases that run without a seat until 12 January, 52 days ahead.
        assert_eq!(alerts(&world, "park").await, ["SOON LEASE_WITHOUT_SEATS 2026-01-12 2026-01-12", "SOON LEASE_WITHOUT_SEATS 2026-01-12 2026-01-12",
            "NOTICE LEASE_ENDING 2026-11-13 2027-01-12", "NOTICE LEASE_ENDING 2026-11-13 2027-01-12"]);
        let seated = allocate(&one, &seats[..1], "2026-11-01", None, "k");
        world.done("park", "seatsAllocate", "count", seated).await;
        for (code, from, to) in [("L-2", "2026-11-25", "2028-01-01"), ("L-3", "2026-11-29", "2028-01-01"), ("L-4", "2026-01-01", "2026-11-28"), ("L-5", "2026-01-01", "2026-11-21")] {
            let lease = json!({ "tenantId": world.ids.a2.to_string(), "code": code, "signedOn": "2026-01-01", "termFrom": from, "termTo": to, "product": "EQUIPPED",
                "unitPrice": "880.00", "taxRatePercent": "6", "proration": "by_day", "rentFree": [], "deposit": "0", "paymentDays": 10, "idempotencyKey": code });
            let lease = world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].as_str().unwrap().to_owned();
            if code == "L-4" {
                world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[1..2], "2026-10-01", None, code)).await;
            }
        }
        for (seat, days, key) in [(2, "2026-11-27T02:00:00Z", "h1"), (3, "2026-12-20T02:00:00Z", "h2")] {
            let hold = json!({ "seatIds": [seats[seat]], "keptFor": "新程", "from": "2027-01-01", "to": "2027-02-01", "expiresAt": days, "idempotencyKey": key });
            world.done("park", "seatsHold", "", hold).await;
        }
        let out = json!({ "seatIds": [seats[2]], "from": "2026-11-01", "to": "2026-11-23", "reason": "线槽", "idempotencyKey": "o" });
        world.done("park", "seatsOutOfService", "count", out).await;
        let ask = json!({ "kind": "MORE", "seats": 3, "from": "2027-01-01", "reason": "扩", "idempotencyKey": "ask" });
        let request = world.done("a1", "seatRequestCreate", "request { id }", ask).await["request"]["id"].clone();
        let expected = [
            "SOON LEASE_WITHOUT_SEATS 2026-01-12 2026-01-12",
            "SOON REQUEST_WAITING 2026-11-21 2026-11-23",
            "SOON DEPARTURE 2026-11-21 2026-11-28",
            "NOTICE OUTAGE_ENDING 2026-11-20 2026-11-23",
            "NOTICE ARRIVAL 2026-11-18 2026-11-25",
            "NOTICE HOLD_ENDING 2026-11-21 2026-11-27",
            "NOTICE LEASE_ENDING 2026-11-13 2027-01-12",
            "NOTICE LEASE_ENDING 2026-11-13 2027-01-12",
        ];
        assert_eq!(alerts(&world, "park").await, expected);
        assert_eq!(alerts(&world, "finance").await, expected);
        for who in ["a1", "other-park", "assessor"] {
            assert_eq!(alerts(&world, who).await, Vec::<String>::new(), "{who}");
        }
        // What waits becomes late; an answer cures it, and a tenant that is silent is pointed out.
        world.clock.set("2026-11-24T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        assert!(alerts(&world, "park").await.contains(&"LATE REQUEST_OVERDUE 2026-11-21 2026-11-23".to_owned()));
        let back = json!({ "requestId": request, "act": "ASK_BACK", "seen": 1, "words": "何时？", "idempotencyKey": "back" });
        world.done("park", "seatRequestAct", "", back).await;
        assert!(alerts(&world, "park").await.iter().all(|alert| !alert.contains("REQUEST")));
        world.clock.set("2026-12-09T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        assert!(alerts(&world, "park").await.contains(&"NOTICE REQUEST_UNANSWERED 2026-11-24 2026-12-08".to_owned()));
    }

    /// An invoice that is late comes first.
    async fn an_invoice_that_is_late_comes_first(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 1).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats, "2026-10-01", None, "k")).await;
        let issue = json!({ "leaseId": one, "month": "2026-10", "idempotencyKey": "i" });
        world.done("finance", "invoiceIssue", "invoice { id }", issue).await;
        world.clock.set("2026-12-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        assert_eq!(alerts(&world, "finance").await[0], "LATE INVOICE_OVERDUE 2026-12-02 2026-12-01");
    }
}
