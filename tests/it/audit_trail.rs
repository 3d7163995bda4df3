//! What the audit log says: of every kind of act who, what, before and after; nobody's personal data; to each role its
//! own view.

use std::fmt::Write as _;

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::{World, email};
use voxpark_tests::on_both;

const EVENTS: &str = "query($filter: AuditEventFilter, $first: Int, $after: String) { auditEvents(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id at actor actorName onBehalfOf role grants action subject times
      figures { name value } changes { field from to } request lane sequence hash } } }";

async fn events(world: &World, who: &str, filter: Value) -> Vec<Value> {
    let found = world.ok(who, EVENTS, json!({ "filter": filter, "first": 100 })).await;
    found["auditEvents"]["nodes"].as_array().unwrap().clone()
}

async fn of(world: &World, who: &str, action: &str) -> Vec<Value> {
    events(world, who, json!({ "action": action })).await
}

fn change<'a>(event: &'a Value, field: &str) -> (&'a Value, &'a Value) {
    let all = event["changes"].as_array().unwrap();
    let found = all.iter().find(|c| c["field"] == field).unwrap_or_else(|| panic!("{field} of {event}"));
    (&found["from"], &found["to"])
}

async fn seats(world: &World) -> Vec<Value> {
    let mut plan = String::from("building,floor,level,zone,seat,product,x_mm,y_mm,built_from\n");
    for n in 0..3 {
        let _ = writeln!(plan, "B,1F,1,A,S{n},equipped,{n}000,0,2026-01-01");
    }
    let file = world.upload("park", "plan.csv", plan.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "plan" });
    world.done("park", "seatPlanImport", "added", input).await;
    let seats = world.ok("park", "{ park { seats(first: 3) { nodes { id } } } }", json!({})).await;
    seats["park"]["seats"]["nodes"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect()
}

async fn lease(world: &World) -> Value {
    let lease = json!({ "tenantId": world.ids.a1.to_string(), "code": "L1", "signedOn": "2026-09-20", "termFrom": "2026-10-01",
        "termTo": "2027-10-01", "product": "EQUIPPED", "unitPrice": "1000.00", "taxRatePercent": "9", "proration": "by_day", "rentFree": [],
        "deposit": "0.00", "paymentDays": 15, "idempotencyKey": "l" });
    world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone()
}

on_both! {
    /// Leases, seats, people, the roster: each act with its actor and what it changed.
    async fn every_change_says_before_and_after(backend) {
        let world = World::new(backend).await;
        let seats = seats(&world).await;
        let lease = lease(&world).await;
        let amend = json!({ "leaseId": lease, "inForceFrom": "2027-01-01", "unitPrice": "1200.00", "reason": "王芳 asked", "idempotencyKey": "m" });
        world.done("park", "leaseAmend", "lease { id }", amend).await;
        let take = json!({ "leaseId": lease, "seatIds": seats, "from": "2026-10-01", "idempotencyKey": "a" });
        world.done("park", "seatsAllocate", "count", take).await;
        let grant = json!({ "assessorEmail": email("assessor"), "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(), "purpose": "王芳的评估",
            "validFrom": "2026-01-01", "validTo": "2026-12-01", "idempotencyKey": "g" });
        world.done("park", "grantCreate", "grant { id }", grant).await;
        let people = |position: &str| format!("employee_no,name,position,team,joined_on,left_on\nE1,王芳,{position},T1,2026-01-05,\n");
        for (n, position) in ["座席", "班长"].iter().enumerate() {
            // Ids tell apart what was done in different milliseconds.
            world.clock.advance(TimeDelta::seconds(1));
            let file = world.upload("a1", "people.csv", people(position).as_bytes()).await;
            let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": format!("p{n}") });
            world.done("a1", "peopleImport", "added updated", input).await;
        }
        let person = world.ok("a1", "{ tenant { people(first: 1) { nodes { id } } } }", json!({})).await["tenant"]["people"]["nodes"][0]["id"].clone();
        let sit = json!({ "seatId": seats[0], "personId": person, "from": "2026-10-05", "to": "2027-02-01", "idempotencyKey": "s" });
        let sat = world.done("a1", "seatOccupy", "occupancy { id }", sit).await["occupancy"]["id"].clone();
        let vacate = json!({ "occupancyId": sat, "on": "2026-12-01", "idempotencyKey": "v" });
        world.done("a1", "seatVacate", "occupancy { id }", vacate).await;
        let cost = json!({ "month": "2026-10", "category": "labour", "amount": "7.00", "note": "王芳的工资", "idempotencyKey": "c" });
        world.done("a1", "costEntryAdd", "", cost).await;

        let one = |found: Vec<Value>| { assert_eq!(found.len(), 1, "{found:#?}"); found.into_iter().next().unwrap() };
        let amended = one(of(&world, "park", "lease.amend").await);
        assert_eq!(change(&amended, "unitPriceMinor"), (&json!("100000"), &json!("120000")));
        assert_eq!(change(&amended, "inForceFrom").1, "2027-01-01");
        assert!(change(&amended, "reason").1.as_str().unwrap().starts_with("personal:"));
        assert!(amended["changes"].as_array().unwrap().iter().all(|c| c["field"] != "termTo"), "what stayed is not said");
        assert_eq!((amended["role"].as_str(), amended["actorName"].as_str()), (Some("PARK_ADMINISTRATOR"), Some("park 姓名")));
        assert_eq!(amended["subject"], lease);
        assert_eq!(change(&one(of(&world, "park", "lease.create").await), "termTo"), (&Value::Null, &json!("2027-10-01")));
        let taken = one(of(&world, "park", "seats.allocate").await);
        assert_eq!(taken["changes"].as_array().unwrap().len(), 3);
        assert!(taken["changes"].as_array().unwrap().iter().any(|c| c["to"] == seats[0]));
        assert_eq!(change(&one(of(&world, "park", "grant.create").await), "validTo").1, "2026-12-01");
        let people = of(&world, "a1", "people.import").await;
        assert_eq!(people.len(), 2);
        let field = |name: &str| format!("{} {name}", person.as_str().unwrap());
        assert_eq!(change(&people[0], &field("position")), (&json!("座席"), &json!("班长")));
        assert_eq!(people[0]["changes"].as_array().unwrap().len(), 1, "{people:#?}");
        let name = change(&people[1], &field("name")).1.clone();
        assert!(name.as_str().unwrap().starts_with("personal:"), "{name}");
        assert_eq!(change(&one(of(&world, "a1", "seat.vacate").await), "to"), (&json!("2027-02-01"), &json!("2026-12-01")));
        assert_eq!(change(&one(of(&world, "a1", "seat.occupy").await), "person").1, &person);

        // Nobody's name anywhere, in neither log.
        for who in ["park", "a1"] {
            let all = events(&world, who, Value::Null).await;
            let text = json!(all).to_string().replace("park 姓名", "").replace("a1 姓名", "");
            assert!(!text.contains("王芳") && !text.contains("工资") && !text.contains("姓名"), "{text}");
        }
        // Filters, and pages that fit together.
        assert!(of(&world, "park", "lease.").await.len() == 2 && of(&world, "park", "leas.").await.is_empty());
        assert_eq!(events(&world, "park", json!({ "subject": lease })).await.len(), 3);
        let me = amended["actor"].clone();
        assert!(events(&world, "park", json!({ "actor": me })).await.len() > 4);
        assert!(events(&world, "park", json!({ "to": "2026-11-21T02:00:00Z" })).await.is_empty());
        assert!(!events(&world, "park", json!({ "from": "2026-11-21T02:00:00Z" })).await.is_empty());
        let all: Vec<Value> = events(&world, "park", Value::Null).await.iter().map(|e| e["id"].clone()).collect();
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = world.ok("park", EVENTS, json!({ "first": 3, "after": after })).await["auditEvents"].clone();
            assert_eq!(page["totalCount"], all.len());
            paged.extend(page["nodes"].as_array().unwrap().iter().map(|e| e["id"].clone()));
            if page["pageInfo"]["hasNextPage"] == false { break }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(paged, all);
        let node = world.ok("park", "query($id: ID!) { node(id: $id) { ... on AuditEvent { action } } }", json!({ "id": all[0] })).await;
        assert!(node["node"]["action"].is_string());
    }

    /// Refusals, looks at personal data, sign-ins: in transactions of their own, repeats counted into one.
    async fn what_happens_in_passing_is_on_the_log(backend) {
        let world = World::new(backend).await;
        let refused = json!({ "code": "X", "name": "甲", "nameEn": "A", "operatingSince": "2026-01-01", "arrivedOn": "2026-01-01", "idempotencyKey": "t" });
        for _ in 0..5 {
            let answer = world.mutate("finance", "tenantCreate", "tenant { id }", refused.clone()).await;
            assert_eq!(answer["userErrors"][0]["code"], "FORBIDDEN", "{answer}");
        }
        let denied = of(&world, "park", "access.denied").await;
        assert_eq!(denied.len(), 1, "{denied:#?}");
        assert_eq!((denied[0]["times"].as_i64(), denied[0]["role"].as_str()), (Some(1), Some("PARK_FINANCE")));
        let figures = denied[0]["figures"].to_string();
        assert!(figures.contains("tenants") && figures.contains("commit"), "{figures}");
        // The minute is over: the four others are one event.
        world.clock.advance(TimeDelta::seconds(61));
        world.api.recorder().flush(false).await.unwrap();
        let denied = of(&world, "park", "access.denied").await;
        assert_eq!(denied.iter().map(|d| d["times"].as_i64().unwrap()).collect::<Vec<_>>(), [4, 1]);
        world.api.recorder().flush(true).await.unwrap();
        assert_eq!(of(&world, "park", "access.denied").await.len(), 2);

        for _ in 0..3 {
            world.ok("a1", "{ tenant { people(first: 5) { nodes { name } } } }", json!({})).await;
        }
        world.ok("a1", "{ tenant { roster(from: \"2026-11-01\", to: \"2026-11-08\") { id } } }", json!({})).await;
        let read = of(&world, "a1", "personal.read").await;
        let what: Vec<&Value> = read.iter().map(|r| &r["figures"][0]["value"]).collect();
        assert!(what.len() == 2 && what.contains(&&json!("roster")) && what.contains(&&json!("people")), "{what:?}");
        assert!(of(&world, "park", "personal.read").await.is_empty(), "a tenant's looks are its own");
        let context = world.ctx("a1").await;
        world.api.recorder().exported(&context, "/centre/people", "csv").await.unwrap();
        assert_eq!(of(&world, "a1", "list.export").await[0]["figures"], json!([{ "name": "form", "value": "csv" }, { "name": "list", "value": "/centre/people" }]));

        let document = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { rule } } }";
        for (address, times) in [(email("a1"), 2), ("nobody@example.test".to_owned(), 3)] {
            for _ in 0..times {
                let input = json!({ "input": { "email": address, "password": "a wrong password" } });
                let answer = world.call(None, document, input).await.body;
                assert!(answer["data"]["signIn"]["userErrors"][0]["rule"].is_string(), "{answer}");
            }
        }
        let mut failed = Vec::new();
        for _ in 0..100 {
            failed = of(&world, "a1", "sign-in.failed").await;
            if !failed.is_empty() { break }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0]["subject"], voxpark_tests::app::user("a1").to_string());
        let signed = of(&world, "a1", "sign-in").await;
        assert_eq!((signed[0]["actorName"].as_str(), signed[0]["role"].as_str()), (Some("a1 姓名"), Some("TENANT_MANAGER")));
        world.ok("a1", "mutation { signOut(input: {}) { userErrors { rule } } }", json!({})).await;
        world.forget_tokens().await;
        assert_eq!(of(&world, "a1", "sign-out").await.len(), 1);
        let text = json!(events(&world, "a1", Value::Null).await).to_string();
        assert!(!text.contains("@example.test"), "{text}");
    }

    /// A park sees its own, a tenant its own, an assessor what it did; nobody else anything.
    async fn each_role_has_its_own_view(backend) {
        let world = World::new(backend).await;
        lease(&world).await;
        let draft = json!({ "framework": "cc-cmm-oc-2011", "title": "自评", "cycle": "c", "idempotencyKey": "q" });
        let draft = world.done("a1", "assessmentCreate", "assessment { id }", draft).await["assessment"]["id"].clone();
        let clauses: Vec<Value> = (1..=50).map(|n| json!({ "clause": n, "c": 10, "f": 5 })).collect();
        let rated = world.mutate("a1", "assessmentRate", "assessment { id }", json!({ "assessmentId": draft, "ratings": clauses[..2] })).await;
        assert_eq!(rated["userErrors"], json!([]), "{rated}");
        let denied = world.mutate("assessor", "tenantCreate", "tenant { id }", json!({ "code": "X", "name": "甲", "nameEn": "A", "operatingSince": "2026-01-01",
            "arrivedOn": "2026-01-01", "idempotencyKey": "t" })).await;
        assert_eq!(denied["userErrors"][0]["code"], "FORBIDDEN");

        let actions = |events: Vec<Value>| -> Vec<String> { events.iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect() };
        let park = actions(events(&world, "park", Value::Null).await);
        assert!(park.contains(&"lease.create".to_owned()) && park.contains(&"access.denied".to_owned()), "{park:?}");
        assert!(!park.iter().any(|a| a.starts_with("assessment")), "{park:?}");
        let tenant = events(&world, "a1", Value::Null).await;
        let rating = tenant.iter().find(|e| e["action"] == "assessment.rate").unwrap();
        assert_eq!(change(rating, "clause 1").0, &Value::Null);
        assert!(!actions(tenant).contains(&"lease.create".to_owned()));
        let neighbour = actions(events(&world, "a2", Value::Null).await);
        assert_eq!(neighbour, ["sign-in"]);
        let assessor = events(&world, "assessor", Value::Null).await;
        assert!(assessor.iter().all(|e| e["actor"] == voxpark_tests::app::user("assessor").to_string()), "{assessor:?}");
        for nobody in ["finance", "a1-agent", "a1-leader"] {
            assert_eq!(events(&world, nobody, Value::Null).await, Vec::<Value>::new(), "{nobody}");
        }
        let answer = world.call(None, EVENTS, json!({})).await.body;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
    }
}
