//! What the journeys walk through: a small park whose every figure can be calculated in the head.

use std::fmt::Write as _;

use serde_json::{Value, json};
use voxpark_tests::Backend;
use voxpark_tests::app::{PASSWORD, World, email, start};
use voxpark_tests::browser::Browser;
use voxpark_tests::site::Site;
use voxpark_tests::tools::TempDir;

use crate::estate::{dot, import, plan, seat_ids};

/// Sixty seats; tenant a1 leases ten and a2 six since 1 October, at 880.00 a seat-month and 6 % tax; three people of a1
/// sit on the first three. Today is 21 November 2026.
pub(super) async fn park(backend: Backend) -> Site {
    furnished(Site::open(backend).await).await
}

/// The same without anybody who works off jobs.
pub(super) async fn idle_park(backend: Backend) -> Site {
    furnished(Site::with(backend, false, &[]).await).await
}

async fn furnished(site: Site) -> Site {
    let world = &site.world;
    world.clock.set("2026-09-28T02:00:00Z".parse().unwrap());
    assert_eq!(import(world, plan(60).as_bytes(), json!({})).await["added"], 60);
    let seats = seat_ids(world, 16).await;
    for (tenant, seats) in [("a1", &seats[..10]), ("a2", &seats[10..])] {
        let lease = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": format!("L-{tenant}"), "signedOn": "2026-09-20",
            "termFrom": "2026-10-01", "termTo": "2027-10-01", "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6",
            "proration": "by_day", "rentFree": [], "deposit": "5000", "paymentDays": 15, "idempotencyKey": tenant });
        let lease = world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone();
        let input = json!({ "leaseId": lease, "seatIds": seats, "from": "2026-10-01", "idempotencyKey": tenant });
        world.done("park", "seatsAllocate", "count", input).await;
    }
    let list = "工号,姓名,岗位,班组,入职日期,离职日期\nE1,王芳,坐席,一组,2026-01-05,\nE2,李雷,坐席,一组,2026-02-01,\nE3,韩梅梅,班长,二组,2026-02-01,\n";
    let file = world.upload("a1", "people.csv", list.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "people" });
    assert_eq!(world.done("a1", "peopleImport", "added", input).await["added"], 3);
    let people = world.ok("a1", "{ tenant { people(first: 10) { nodes { id } } } }", json!({})).await;
    let people = people["tenant"]["people"]["nodes"].as_array().unwrap().iter();
    for (n, person) in people.enumerate() {
        let input = json!({ "seatId": seats[n], "personId": person["id"], "from": "2026-10-01", "to": "2027-10-01", "idempotencyKey": format!("sit-{n}") });
        world.done("a1", "seatOccupy", "occupancy { id }", input).await;
    }
    world.clock.set(start());
    world.forget_tokens().await;
    site
}

/// A picture under the seats of the floor, and photographs of a zone and a seat; the id of the floor.
pub(super) async fn under(world: &World) -> String {
    let found = world.ok("park", "{ park { floors { id zones { id } } } }", json!({})).await;
    let (floor, zone) = (&found["park"]["floors"][0]["id"], &found["park"]["floors"][0]["zones"][0]["id"]);
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 60\"><style>path { fill: none; stroke: #000 }</style><path d=\"M5 5H635V55H5Z\"/></svg>";
    let file = world.upload("park", "floor.svg", svg.as_bytes()).await;
    let set = json!({ "floorId": floor, "fileId": file, "xMm": -2000, "yMm": -1000, "widthMm": 64_000, "from": "2026-01-01", "idempotencyKey": "under" });
    world.done("park", "floorPlanSet", "floor { id }", set).await;
    let file = world.upload("park", "hall.png", &dot()).await;
    let seat = seat_ids(world, 1).await.remove(0);
    for (of, id) in [("zoneId", zone.clone()), ("seatId", json!(seat))] {
        let mut photo = json!({ "fileId": file, "caption": "Hall", "takenOn": "2026-11-20", "idempotencyKey": of });
        photo[of] = id;
        world.done("park", "photoAdd", "photo { id }", photo).await;
    }
    floor.as_str().unwrap().to_owned()
}

/// The lease of a tenant.
pub(super) async fn lease(world: &World, tenant: &str) -> Value {
    let leases = world.ok(tenant, "{ tenant { leases(first: 5) { nodes { id } } } }", json!({})).await;
    leases["tenant"]["leases"]["nodes"][0]["id"].clone()
}

/// The invoice of a tenant for October; its id.
pub(super) async fn invoice(world: &World, tenant: &str) -> String {
    let input = json!({ "leaseId": lease(world, tenant).await, "month": "2026-10", "idempotencyKey": format!("october-{tenant}") });
    let made = world.done("finance", "invoiceIssue", "invoice { id }", input).await;
    made["invoice"]["id"].as_str().unwrap().to_owned()
}

/// Calls of 20 November as a table: twenty offered, sixteen answered, twelve of them after 5 s and four after 60 s, four
/// gave up after 30 s.
pub(super) fn calls() -> String {
    let mut text = "id,start,queue,result,wait,talk,agent\n".to_owned();
    for n in 0..20 {
        let (result, wait, talk) = match n {
            0..12 => ("接通", 5, "120"),
            12..16 => ("接通", 60, "120"),
            _ => ("放弃", 30, ""),
        };
        let _ = writeln!(text, "{n},2026-11-20 {:02}:{:02}:00,投诉,{result},{wait},{talk},A1", 9 + n / 10, n % 10 * 6);
    }
    text
}

/// Calls of 20 November, imported for a1 through the API.
pub(super) async fn with_calls(world: &World) {
    let file = world.upload("a1", "calls.csv", calls().as_bytes()).await;
    let mapping = json!({ "start": { "column": "start", "format": "%Y-%m-%d %H:%M:%S" }, "queue": "queue", "outcome": "result",
        "outcomes": [{ "text": "接通", "outcome": "ANSWERED" }, { "text": "放弃", "outcome": "ABANDONED" }],
        "wait": "wait", "handle": "talk", "agent": "agent", "externalId": "id" });
    let input = json!({ "fileId": file, "format": "GENERIC_CSV", "mapping": mapping, "idempotencyKey": "calls" });
    let made = world.done("a1", "contactImportStart", "import { id }", input).await;
    let document = "query($id: ID!) { node(id: $id) { ... on ContactImport { state contactsAdded } } }";
    let seen = loop {
        let seen = world.ok("a1", document, json!({ "id": made["import"]["id"] })).await["node"].clone();
        if seen["state"] == "DONE" || seen["state"] == "FAILED" {
            break seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(seen, json!({ "state": "DONE", "contactsAdded": 20 }));
}

/// A self-assessment of a1 with these points everywhere; its id.
pub(super) async fn assessment(world: &World, points: i32) -> String {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": "2026 年度自评", "cycle": "2026", "assessedOn": "2026-11-21", "idempotencyKey": "draft" });
    let made = world.done("a1", "assessmentCreate", "assessment { id }", input).await;
    let id = made["assessment"]["id"].as_str().unwrap().to_owned();
    self::points(world, "a1", &id, points).await;
    id
}

/// Somebody gives every clause of an assessment these points.
pub(super) async fn points(world: &World, who: &str, assessment: &str, points: i32) {
    let ratings: Vec<_> = (1..=168).map(|n| json!({ "clause": n, "c": points, "f": points })).collect();
    world.done(who, "assessmentRate", "", json!({ "assessmentId": assessment, "ratings": ratings })).await;
}

pub(super) async fn submit(world: &World, id: &str) {
    world.done("a1", "assessmentSubmit", "", json!({ "assessmentId": id, "idempotencyKey": "submit" })).await;
}

/// Signs in as somebody and comes to where that leads.
pub(super) async fn sign_in(site: &Site, browser: &Browser, who: &str, path: &str) {
    browser.visit(&site.at(path)).await;
    browser.fill("[name=email]", &email(who)).await;
    browser.fill("[name=password]", PASSWORD).await;
    browser.click("form.sheet button.primary").await;
    browser.element("nav.side").await;
}

/// Signs out through the menu.
pub(super) async fn sign_out(browser: &Browser) {
    browser.click("details.menu summary").await;
    browser.click("form[action='/sign-out'] button").await;
    // The account page has a field for a password too.
    browser.element("form[action='/sign-in']").await;
}

/// A file on disk, to be chosen in a form.
pub(super) fn file(folder: &TempDir, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}
