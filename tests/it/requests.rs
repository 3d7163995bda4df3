//! Requests of tenants for seats: whose turn it is, what is refused, who sees it and who is told, on both databases.

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;
use voxpark_tests::tools::serial;

use crate::leasing::{allocate, park};
use crate::pipeline::{entered, line, refused, sent, with};

fn asks(more: &Value) -> Value {
    let input = json!({ "kind": "MORE", "seats": 20, "from": "2027-01-01", "reason": "银行新项目，需要二十个座席",
        "idempotencyKey": format!("ask-{}", serial()) });
    with(input, more)
}

async fn asked(world: &World, who: &str, more: Value) -> String {
    let made = world.done(who, "seatRequestCreate", "request { id }", asks(&more)).await;
    made["request"]["id"].as_str().unwrap().to_owned()
}

fn act(id: &str, act: &str, seen: i64, more: &Value) -> Value {
    with(json!({ "requestId": id, "act": act, "seen": seen, "idempotencyKey": format!("act-{}", serial()) }), more)
}

async fn does(world: &World, who: &str, id: &str, name: &str, seen: i64, words: &str) {
    world.done(who, "seatRequestAct", "", act(id, name, seen, &json!({ "words": words }))).await;
}

async fn facts(world: &World, who: &str, id: &str, of: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on SeatRequest {{ {of} }} }} }}");
    world.ok(who, &document, json!({ "id": id })).await["node"].clone()
}

const STANDS: &str = "state waitsFor dueOn overdue lastStep next";

async fn list(world: &World, who: &str, filter: Value) -> Vec<i64> {
    let owner = if who == "park" || who == "finance" || who == "other-park" { "park" } else { "tenant" };
    let document = format!(
        "query($filter: SeatRequestFilter) {{ {owner} {{ seatRequests(filter: $filter, orderBy: {{ field: DUE_ON, direction: ASC }}) {{ totalCount nodes {{ seatCount }} }} }} }}"
    );
    let found = world.ok(who, &document, json!({ "filter": filter })).await[owner]["seatRequests"].clone();
    let seats: Vec<i64> = found["nodes"].as_array().unwrap().iter().map(|r| r["seatCount"].as_i64().unwrap()).collect();
    assert_eq!(found["totalCount"], seats.len());
    seats
}

/// To whom letters went and what they are called.
fn letters(world: &World) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(world.outbox()).map(|f| f.flatten().collect()).unwrap_or_default();
    files.retain(|e: &std::fs::DirEntry| e.path().extension().is_some_and(|x| x == "eml"));
    files.sort_by_key(|e| e.metadata().and_then(|m| m.modified()).unwrap());
    let head = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.trim_start_matches(name).trim().to_owned()
    };
    let read = |e: &std::fs::DirEntry| {
        let text = std::fs::read_to_string(e.path()).unwrap().replace("\r\n ", " ");
        (head(&text, "To:"), head(&text, "Subject:"))
    };
    files.iter().map(read).collect()
}

on_both! {
    /// From the first word to the last, with a clock in every state; each change is told to the other side.
    async fn a_request_goes_to_and_fro_until_it_is_granted(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..1], "2026-12-01", None, "k")).await;
        let id = asked(&world, "a1", json!({ "leaseId": lease, "product": "EQUIPPED", "shiftFromMin": 540, "shiftToMin": 1080 })).await;
        assert_eq!(facts(&world, "park", &id, STANDS).await, json!({ "state": "ASKED", "waitsFor": "PARK", "dueOn": "2026-11-23",
            "overdue": false, "lastStep": 1, "next": ["TAKE_UP", "ASK_BACK", "OFFER", "ACCEPT", "DECLINE", "SAY"] }));
        assert_eq!(facts(&world, "a1", &id, "number kind seatCount product shiftFromMin shiftToMin wantedFrom lease { code } tenant { code } next").await,
            json!({ "number": 1, "kind": "MORE", "seatCount": 20, "product": "EQUIPPED", "shiftFromMin": 540, "shiftToMin": 1080,
                "wantedFrom": "2027-01-01", "lease": { "code": "L-1" }, "tenant": { "code": "A1" }, "next": ["WITHDRAW", "SAY"] }));
        // Two days later nobody has taken it up.
        world.clock.advance(TimeDelta::days(3));
        world.forget_tokens().await;
        assert_eq!(facts(&world, "park", &id, "overdue").await["overdue"], true);
        assert_eq!((list(&world, "park", json!({ "overdue": true })).await, list(&world, "a1", json!({ "overdue": true })).await), (vec![20], vec![20]));
        does(&world, "park", &id, "TAKE_UP", 1, "").await;
        assert_eq!(facts(&world, "a1", &id, STANDS).await, json!({ "state": "TAKEN_UP", "waitsFor": "PARK", "dueOn": "2026-12-01",
            "overdue": false, "lastStep": 2, "next": ["WITHDRAW", "SAY"] }));
        does(&world, "park", &id, "ASK_BACK", 2, "白班还是全天？").await;
        assert_eq!(facts(&world, "a1", &id, STANDS).await, json!({ "state": "ASKED_BACK", "waitsFor": "TENANT", "dueOn": "2026-12-08",
            "overdue": false, "lastStep": 3, "next": ["ANSWER", "WITHDRAW", "SAY"] }));
        // Words alone give nobody more time.
        world.clock.advance(TimeDelta::days(1));
        world.forget_tokens().await;
        does(&world, "a1", &id, "SAY", 3, "我们在问客户").await;
        assert_eq!(facts(&world, "a1", &id, "dueOn lastStep").await, json!({ "dueOn": "2026-12-08", "lastStep": 4 }));
        does(&world, "a1", &id, "ANSWER", 4, "白班").await;
        let allocation = world.ok("a1", "{ tenant { allocations { nodes { id } } } }", json!({})).await["tenant"]["allocations"]["nodes"][0]["id"].clone();
        world.done("park", "seatRequestAct", "", act(&id, "OFFER", 5, &json!({ "words": "二楼十五个", "referenceId": lease }))).await;
        does(&world, "a1", &id, "REFUSE", 6, "需要二十个").await;
        does(&world, "park", &id, "OFFER", 7, "二十个").await;
        does(&world, "a1", &id, "AGREE", 8, "").await;
        assert_eq!(facts(&world, "park", &id, "state waitsFor").await, json!({ "state": "AGREED", "waitsFor": "PARK" }));
        world.done("park", "seatRequestAct", "", act(&id, "ACCEPT", 9, &json!({ "referenceId": allocation }))).await;
        assert_eq!(facts(&world, "a1", &id, STANDS).await, json!({ "state": "ACCEPTED", "waitsFor": null, "dueOn": null, "overdue": false,
            "lastStep": 10, "next": [] }));
        let history = "history { number side act state words by lease { code } leaseVersion allocation { seat { code } } }";
        let history = facts(&world, "a1", &id, history).await["history"].clone();
        assert_eq!(history.as_array().unwrap().len(), 10);
        assert_eq!(history[0], json!({ "number": 1, "side": "TENANT", "act": "ASK", "state": "ASKED", "words": "银行新项目，需要二十个座席",
            "by": "a1 姓名", "lease": null, "leaseVersion": null, "allocation": null }));
        assert_eq!(history[5], json!({ "number": 6, "side": "PARK", "act": "OFFER", "state": "OFFERED", "words": "二楼十五个",
            "by": "park 姓名", "lease": { "code": "L-1" }, "leaseVersion": 1, "allocation": null }));
        assert_eq!(history[9]["allocation"]["seat"]["code"], "S-0001");
        assert_eq!(refused(&world, "park", "seatRequestAct", act(&id, "SAY", 10, &json!({ "words": "再见" }))).await, ["act request-step"]);

        world.run_jobs().await;
        let letters = letters(&world);
        let to = |who: &str| letters.iter().filter(|l| l.0.contains(who)).map(|l| l.1.clone()).collect::<Vec<_>>();
        assert_eq!((to("a1@").len(), to("park@").len(), letters.len()), (5, 5, 10), "{letters:?}");
        assert!(to("park@").contains(&"Seat request no. 1 of a1 Centre: asked".to_owned()), "{letters:?}");
        assert!(to("a1@").contains(&"Seat request no. 1 of a1 Centre: granted by the park".to_owned()), "{letters:?}");
    }

    /// Whatever does not fit is named, all at once, and nothing is kept of it.
    async fn what_does_not_fit_is_refused(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..1], "2026-12-01", Some("2027-01-05"), "k")).await;
        let bad = async |more: Value| refused(&world, "a1", "seatRequestCreate", asks(&more)).await;
        assert_eq!(bad(json!({ "seats": 0, "from": "2026-11-20", "reason": " ", "zoneId": format!("zone_{:032x}", 1), "leaseId": two, "seatIds": [seats[0]] })).await,
            ["seats request-seats", "from request-past", "reason text-required", "zoneId not-found", "leaseId lease-unknown",
             "seatIds request-named-more", "seatIds request-named-count"]);
        assert_eq!(bad(json!({ "reason": "长".repeat(1001) })).await, ["reason text-too-long"]);
        assert_eq!(bad(json!({ "shiftFromMin": 600, "shiftToMin": 600 })).await, ["shiftToMin shift-window"]);
        assert_eq!(bad(json!({ "zoneId": "zone-1" })).await, ["zoneId id-invalid"]);
        let fewer = |named: &[String], from: &str| json!({ "kind": "FEWER", "seats": named.len(), "seatIds": named, "from": from });
        assert_eq!(bad(fewer(&seats[..2], "2027-01-01")).await, ["seatIds.1 request-seat-not-held"]);
        assert_eq!(bad(fewer(&seats[..1], "2027-01-05")).await, ["seatIds.0 request-seat-not-held"]);
        assert_eq!(bad(fewer(&[seats[0].clone(), seats[0].clone()], "2027-01-01")).await, ["seatIds id-doubled"]);
        assert_eq!(list(&world, "park", json!({})).await, Vec::<i64>::new());
        // Nobody but the manager of a tenant asks, and nobody who may only read acts.
        assert_eq!(world.refused("park", "seatRequestCreate", asks(&json!({}))).await, ["not-found"]);
        let id = asked(&world, "a1", fewer(&seats[..1], "2027-01-04")).await;
        assert_eq!(facts(&world, "park", &id, "kind seats { code }").await, json!({ "kind": "FEWER", "seats": [{ "code": "S-0001" }] }));
        assert_eq!(world.refused("finance", "seatRequestAct", act(&id, "TAKE_UP", 1, &json!({}))).await, ["forbidden"]);
        for who in ["a2", "other-park", "b1"] {
            assert_eq!(facts(&world, who, &id, "id").await, Value::Null, "{who}");
            assert_eq!(world.refused(who, "seatRequestAct", act(&id, "SAY", 1, &json!({ "words": "x" }))).await, ["request-unknown"], "{who}");
            assert_eq!(list(&world, who, json!({})).await, Vec::<i64>::new(), "{who}");
        }
        let does = async |who: &str, name: &str, seen: i64, more: Value| refused(&world, who, "seatRequestAct", act(&id, name, seen, &more)).await;
        assert_eq!(does("a1", "ACCEPT", 1, json!({})).await, ["act request-side"]);
        assert_eq!(does("park", "ANSWER", 1, json!({})).await, ["act request-side", "act request-step", "words text-required"]);
        assert_eq!(does("park", "ASK", 1, json!({ "words": "x" })).await, ["act request-side", "act request-step"]);
        assert_eq!(does("park", "DECLINE", 1, json!({ "words": "  " })).await, ["words text-required"]);
        assert_eq!(does("park", "TAKE_UP", 0, json!({})).await, ["seen request-overtaken"]);
        // What answers it is of this tenant, and named when something is offered or granted.
        assert_eq!(does("park", "ACCEPT", 1, json!({ "referenceId": two })).await, ["referenceId request-reference"]);
        assert_eq!(does("park", "TAKE_UP", 1, json!({ "referenceId": one })).await, ["referenceId request-reference"]);
        assert_eq!(does("park", "ACCEPT", 1, json!({ "referenceId": format!("person_{:032x}", 1) })).await, ["referenceId id-invalid"]);
        let hold = json!({ "seatIds": [seats[2]], "keptFor": "a2", "tenantId": world.ids.a2.to_string(), "from": "2027-01-01", "to": "2027-02-01",
            "expiresAt": "2026-11-28T10:00:00Z", "idempotencyKey": "hold" });
        let hold = world.done("park", "seatsHold", "hold { id }", hold).await["hold"]["id"].clone();
        assert_eq!(does("park", "OFFER", 1, json!({ "words": "x", "referenceId": hold })).await, ["referenceId request-reference"]);
        let lead = entered(&world, "别家").await;
        let quote = sent(&world, &lead, &[line()], "q").await;
        assert_eq!(does("park", "OFFER", 1, json!({ "words": "x", "referenceId": quote })).await, ["referenceId request-reference"]);
        assert_eq!(facts(&world, "a1", &id, "state lastStep").await, json!({ "state": "ASKED", "lastStep": 1 }));
    }

    /// Two of the park answer at once: one does, the other is told; a repeated change is done once.
    async fn of_two_who_answer_at_once_one_is_told(backend) {
        let world = World::new(backend).await;
        park(&world, 1).await;
        for round in 0..4 {
            let id = asked(&world, "a1", json!({ "seats": round + 1 })).await;
            let accept = act(&id, "ACCEPT", 1, &json!({}));
            let decline = act(&id, "DECLINE", 1, &json!({ "words": "没有空位" }));
            let rules = |payload: &Value| payload["userErrors"].as_array().unwrap().iter().map(|e| e["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
            let (one, two) = join(world.mutate("park", "seatRequestAct", "", accept), world.mutate("park", "seatRequestAct", "", decline)).await;
            let mut told = [rules(&one), rules(&two)];
            told.sort();
            assert_eq!(told, [vec![], vec!["request-overtaken".to_owned()]]);
            assert_eq!(facts(&world, "a1", &id, "lastStep history { number }").await, json!({ "lastStep": 2, "history": [{ "number": 1 }, { "number": 2 }] }));
        }
        let again = asks(&json!({ "seats": 99 }));
        let first = world.done("a1", "seatRequestCreate", "request { id number }", again.clone()).await;
        assert_eq!(world.done("a1", "seatRequestCreate", "request { id number }", again).await, first);
        assert_eq!(first["request"]["number"], 5);
    }

    /// The park sets how long each side has; lists are filtered, sorted and for their own people alone.
    async fn the_clock_is_the_parks_and_lists_are_filtered(backend) {
        let world = World::new(backend).await;
        park(&world, 1).await;
        let clock = "{ park { seatRequestClock { takeUpDays answerDays replyDays } } }";
        for (who, days) in [("park", json!({ "takeUpDays": 2, "answerDays": 7, "replyDays": 14 })), ("assessor", Value::Null)] {
            assert_eq!(world.ok(who, clock, json!({})).await["park"]["seatRequestClock"], days, "{who}");
        }
        let set = |days: [i64; 3]| json!({ "takeUpDays": days[0], "answerDays": days[1], "replyDays": days[2], "idempotencyKey": format!("c-{}", serial()) });
        assert_eq!(refused(&world, "park", "seatRequestClockSet", set([0, 91, 5])).await, ["takeUpDays request-days", "answerDays request-days"]);
        for who in ["finance", "a1"] {
            assert_eq!(world.refused(who, "seatRequestClockSet", set([1, 1, 1])).await, ["forbidden"], "{who}");
        }
        let early = asked(&world, "a1", json!({ "seats": 1 })).await;
        world.done("park", "seatRequestClockSet", "", set([5, 3, 4])).await;
        world.done("park", "seatRequestClockSet", "", set([6, 3, 4])).await;
        assert_eq!(world.ok("a1", clock, json!({})).await["park"]["seatRequestClock"], json!({ "takeUpDays": 6, "answerDays": 3, "replyDays": 4 }));
        assert_eq!(facts(&world, "park", &early, "dueOn").await["dueOn"], "2026-11-23");
        let late = asked(&world, "a2", json!({ "seats": 2, "kind": "OTHER" })).await;
        assert_eq!(facts(&world, "park", &late, "dueOn number").await, json!({ "dueOn": "2026-11-27", "number": 1 }));
        let gone = asked(&world, "a1", json!({ "seats": 3 })).await;
        does(&world, "a1", &gone, "WITHDRAW", 1, "").await;
        does(&world, "park", &late, "ASK_BACK", 1, "哪里不合适？").await;
        assert_eq!(list(&world, "park", json!({})).await, [1, 2, 3]);
        assert_eq!(list(&world, "finance", json!({})).await, [1, 2, 3]);
        assert_eq!(list(&world, "park", json!({ "waitsFor": "PARK" })).await, [1]);
        assert_eq!(list(&world, "park", json!({ "waitsFor": "TENANT" })).await, [2]);
        assert_eq!(list(&world, "park", json!({ "states": ["WITHDRAWN", "ASKED"] })).await, [1, 3]);
        assert_eq!(list(&world, "park", json!({ "kinds": ["OTHER"] })).await, [2]);
        assert_eq!(list(&world, "park", json!({ "tenantId": world.ids.a1.to_string() })).await, [1, 3]);
        assert_eq!(list(&world, "a1", json!({})).await, [1, 3]);
        assert_eq!(list(&world, "a2", json!({})).await, [2]);
        let both = "{ park { seatRequests { totalCount } } tenant { seatRequests { totalCount } } }";
        assert_eq!(world.ok("a1", both, json!({})).await, json!({ "park": { "seatRequests": { "totalCount": 0 } }, "tenant": { "seatRequests": { "totalCount": 2 } } }));
        for field in ["CREATED", "STATE", "DUE_ON", "SEATS", "WANTED_FROM", "TENANT"] {
            let document = format!("query($after: String) {{ park {{ seatRequests(first: 1, after: $after, orderBy: {{ field: {field}, direction: DESC }}) {{ nodes {{ seatCount }} pageInfo {{ endCursor }} }} }} }}");
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            for _ in 0..3 {
                let page = world.ok("park", &document, json!({ "after": after })).await["park"]["seatRequests"].clone();
                seen.push(page["nodes"][0]["seatCount"].as_i64().unwrap());
                after = page["pageInfo"]["endCursor"].clone();
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2, 3], "{field}");
        }
    }
}
