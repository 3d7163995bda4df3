//! Statements an operation do not grow with the page: each list with the fields of its items, pages of two and of twelve.
//! So do lists and figures below the items of a list, and below those.

use std::fmt::Write as _;

use serde_json::{Value, json};
use voxpark_domain::ctx::Lang;
use voxpark_graphql::Call;
use voxpark_tests::app::{World, email, user};
use voxpark_tests::on_both;

use crate::isolation::schema::{Member, Schema};
use crate::platform_bill;

/// Twelve of everything that a list can show.
const MANY: usize = 12;

async fn fill(world: &World) -> String {
    let mut plan = String::from("building,floor,level,zone,seat,product,x_mm,y_mm,built_from\n");
    for n in 0..MANY * 2 {
        let (building, floor, zone, x) = (n % 3, n % 4, n % 12, n * 1000);
        let _ = writeln!(plan, "B{building},{floor}F,{floor},Z{zone},S{n:03},equipped,{x},0,2026-01-01");
    }
    let file = world.upload("park", "plan.csv", plan.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "plan" });
    world.done("park", "seatPlanImport", "added", input).await;
    let seats_and_floors =
        world.ok("park", "{ park { seats(first: 100) { nodes { id } } floors { id zones { id } } } }", json!({})).await;
    let floor = seats_and_floors["park"]["floors"][0]["id"].as_str().unwrap().to_owned();
    let seats: Vec<Value> =
        seats_and_floors["park"]["seats"]["nodes"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect();

    let floors = seats_and_floors["park"]["floors"].as_array().unwrap().iter();
    let zones: Vec<Value> =
        floors.flat_map(|f| f["zones"].as_array().unwrap()).map(|zone| zone["id"].clone()).collect();

    let mut people = String::from("employee_no,name,position,team,joined_on,left_on\n");
    for n in 0..MANY {
        let _ = writeln!(people, "E{n:02},人{n},座席,T{n},2026-01-05,");
    }
    let file = world.upload("a1", "people.csv", people.as_bytes()).await;
    world
        .done(
            "a1",
            "peopleImport",
            "added",
            json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "p" }),
        )
        .await;
    let people = world.ok("a1", "{ tenant { people(first: 100) { nodes { id } } } }", json!({})).await;
    let people: Vec<Value> =
        people["tenant"]["people"]["nodes"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();

    let mut invoice = None;
    for n in 0..MANY {
        let tenant = json!({ "code": format!("X{n:02}"), "name": "甲", "nameEn": "A", "operatingSince": "2026-01-01", "arrivedOn": "2026-01-01",
            "idempotencyKey": format!("t{n}") });
        world.done("park", "tenantCreate", "tenant { id }", tenant).await;
        let grant = json!({ "assessorEmail": email("assessor"), "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(), "purpose": "评",
            "validFrom": "2026-01-01", "validTo": "2026-12-01", "idempotencyKey": format!("g{n}") });
        world.done("park", "grantCreate", "grant { id }", grant).await;
        let lease = json!({ "tenantId": world.ids.a1.to_string(), "code": format!("L{n:02}"), "signedOn": "2026-09-20", "termFrom": "2026-10-01",
            "termTo": "2027-10-01", "product": "EQUIPPED", "unitPrice": "1000.00", "taxRatePercent": "9", "proration": "by_day", "rentFree": [],
            "deposit": "0.00", "paymentDays": 15, "idempotencyKey": format!("l{n}") });
        let lease = world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone();
        let take = json!({ "leaseId": lease, "seatIds": [seats[2 * n], seats[2 * n + 1]], "from": "2026-10-01", "idempotencyKey": format!("a{n}") });
        world.done("park", "seatsAllocate", "count", take).await;
        let issue = json!({ "leaseId": lease, "month": "2026-10", "idempotencyKey": format!("i{n}") });
        // The one before is paid first: of the last two entries of the books one is about a lease and one about a payment.
        if let Some(before) = invoice.take() {
            let pay = json!({ "invoiceId": before, "amount": "1.00", "paidOn": "2026-11-10", "method": "bank", "reference": "r", "idempotencyKey": format!("y{n}") });
            world.done("park", "paymentRecord", "", pay).await;
        }
        invoice = Some(world.done("park", "invoiceIssue", "invoice { id }", issue).await["invoice"]["id"].clone());
        let sit = json!({ "seatId": seats[2 * n], "personId": people[n], "from": "2026-10-05", "to": "2027-02-01", "idempotencyKey": format!("s{n}") });
        world.done("a1", "seatOccupy", "", sit).await;
        let shift = json!({ "code": format!("D{n}"), "name": "白班", "startMin": 510, "endMin": 1020, "breakMin": 60, "idempotencyKey": format!("h{n}") });
        let shift = world.done("a1", "shiftCreate", "shift { id }", shift).await["shift"]["id"].clone();
        let roster = json!({ "entries": [{ "personId": people[n], "day": "2026-11-20", "shiftId": shift }], "idempotencyKey": format!("r{n}") });
        world.done("a1", "rosterSet", "", roster).await;
        let cost = json!({ "month": "2026-10", "category": "labour", "amount": format!("{}.00", n + 1), "note": "", "idempotencyKey": format!("c{n}") });
        world.done("a1", "costEntryAdd", "", cost).await;
        let draft = json!({ "framework": "cc-cmm-oc-2011", "title": "自评", "cycle": format!("c{n}"), "idempotencyKey": format!("q{n}") });
        let draft = world.done("a1", "assessmentCreate", "assessment { id }", draft).await["assessment"]["id"].clone();
        let file = world.upload("a1", "e.txt", format!("e{n}").as_bytes()).await;
        let attach = json!({ "assessmentId": draft, "clause": 1, "title": "证据", "fileId": file, "coversFrom": "2026-01-01", "idempotencyKey": format!("e{n}") });
        world.done("a1", "evidenceAttach", "", attach).await;
        let lead = json!({ "name": format!("企业 {n}"), "source": "OTHER", "seats": 10, "tenantId": world.ids.a1.to_string(),
            "ownerId": user("park").to_string(), "idempotencyKey": format!("d{n}") });
        let lead = world.done("park", "leadCreate", "lead { id }", lead).await["lead"]["id"].clone();
        let note = json!({ "leadId": lead, "text": "记", "idempotencyKey": format!("n{n}") });
        world.done("park", "leadNoteAdd", "", note).await;
        let visit = json!({ "leadId": lead, "day": "2026-11-25", "atMin": 600, "guideId": user("park").to_string(), "zoneIds": [zones[n]], "idempotencyKey": format!("v{n}") });
        world.done("park", "visitPlan", "", visit).await;
        let line = json!({ "seats": 1, "product": "EQUIPPED", "termFrom": "2027-10-01", "termTo": "2027-12-01", "unitPrice": "900", "taxRatePercent": "9",
            "proration": "by_day", "paymentDays": 15, "noticeDays": 30 });
        let quote =
            json!({ "leadId": lead, "validUntil": "2026-12-31", "lines": [line], "idempotencyKey": format!("o{n}") });
        let quote = world.done("park", "quoteCreate", "quote { id }", quote).await["quote"]["id"].clone();
        world.done("park", "quoteSend", "", json!({ "quoteId": quote, "idempotencyKey": format!("o{n}") })).await;
        let accept = json!({ "quoteId": quote, "signedOn": "2026-11-21", "idempotencyKey": format!("o{n}") });
        world.done("park", "quoteAccept", "", accept).await;
        // One record that counts and one that is kept aside, in a file of its own.
        let head = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver";
        let call = format!(
            "AA0101\t{n}\t7\t0\tQ{n}\t261117\t9:00:00\t9:00:08\t8\t9:00:08\t9:00:18\t10\tAGENT\t9:00:18\t9:01:00\t42\tAVI"
        );
        let text = format!("{head}\r\n{call}\r\n{}\r\n", call.replace("261117", "269917"));
        let file = world.upload("a1", "calls.txt", text.as_bytes()).await;
        let start = json!({ "fileId": file, "format": "ANONYMOUS_BANK", "idempotencyKey": format!("k{n}") });
        world.done("a1", "contactImportStart", "import { id }", start).await;
    }
    for n in 0..MANY * 2 {
        let (book, version) = (n % MANY, 1 + n / MANY);
        let text = format!(
            "id = \"b{book}\"\nversion = {version}\ntitle = {{ zh = \"书\", en = \"B{version}\" }}\ncurrency = \"CNY\"\n[[price]]\nid = \"p\"\n\
             title = {{ zh = \"价\", en = \"P\" }}\nbasis = \"seat\"\n[[price.step]]\nfrom = \"2026-01-01\"\n\
             tariff = {{ model = {{ per_unit = {{ unit = 5 }} }} }}\n"
        );
        world.done("park", "priceBookPublish", "", json!({ "text": text, "idempotencyKey": format!("w{n}") })).await;
    }
    world.run_jobs().await;
    // A bill of the operator for each of the last twelve months.
    let park = world.ids.park_a;
    let book = platform_bill::FLAT.replace("2026-01-01", "2025-01-01");
    platform_bill::terms(world, park, "2025-11", &book, "6").await.unwrap();
    let bills = world.platform_bills().due(&world.job_ctx(park, None)).await.unwrap();
    for bill in &bills {
        platform_bill::pay(world, &bill.number.to_string(), Some("1.00")).await.unwrap();
    }
    assert_eq!(bills.len(), MANY);
    floor
}

on_both! {
    /// Pages of two and of twelve take the same statements, for every list and everything below it.
    async fn statements_do_not_grow_with_the_page(backend) {
        let world = World::new(backend).await;
        let floor = fill(&world).await;
        let schema = Schema::read(&world).await;
        let documents = |first: usize| {
            let value = |owner: &str, arg: &Member| match (owner, arg.name.as_str()) {
                (_, "first") => Some(json!(first)),
                (_, "from") => Some(json!("2026-11-16")),
                (_, "to") => Some(json!("2026-11-21")),
                (_, "month") => Some(json!("2026-10")),
                (_, "day") => Some(json!("2026-11-20")),
                ("Park.floor", "id") => Some(json!(floor)),
                _ => None,
            };
            schema.ways(5, &value)
        };
        let (mut measured, mut grown) = (0, Vec::new());
        for ((label, few), (_, many)) in documents(2).into_iter().zip(documents(MANY)).filter(|(few, many)| few != many) {
            for who in ["park", "a1", "assessor"] {
                let bearer = Some(world.token(who).await);
                let mut counts = Vec::new();
                for document in [&few, &many] {
                    let call = Call { document: document.clone(), bearer: bearer.clone(), lang: Some(Lang::En), ..Call::default() };
                    let answer = world.wide.execute(call).await;
                    assert!(answer.body.get("errors").is_none(), "{who} {label}: {}", answer.body);
                    counts.push(answer.statements);
                }
                if counts[0] != counts[1] {
                    grown.push(format!("{who} {label}: {} and {}", counts[0], counts[1]));
                }
                measured += 1;
            }
        }
        assert!(grown.is_empty(), "statements for pages of 2 and of {MANY}: {grown:#?}");
        assert!(measured > 20, "the walk found only {measured} documents");
    }
}
