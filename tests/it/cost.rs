//! Unit-seat cost: rent from the invoices, the rest entered or imported, over leased and occupied seats.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};

const COST: &str = "query($month: Month!) { tenant { cost(month: $month) { month total { minor } perLeasedSeat { minor } perOccupiedSeat { minor }
  leasedSeats occupiedSeats labourShare { numerator denominator value } parts { category title total { minor } perLeasedSeat { minor } }
  entries { category amount { minor } source note } } } }";

fn entry(category: &str, amount: &str, note: &str, key: &str) -> Value {
    json!({ "month": "2026-10", "category": category, "amount": amount, "note": note, "idempotencyKey": key })
}

async fn cost(world: &World, who: &str, month: &str) -> Value {
    world.ok(who, COST, json!({ "month": month })).await["tenant"]["cost"].clone()
}

/// Tenant a1 holds four seats through October, sits on two of them, and the month is invoiced.
async fn october(world: &World) -> Ground {
    let mut ground = Ground::new(world).await;
    let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
    let held = ground.allocate(world.ids.a1, lease, 4, "2026-10-01", THEN).await;
    // Two people share a seat on one day; somebody sits on another for the last ten days and stays.
    ground.sit(&held[0], "2026-10-01", Some("2026-10-16")).await;
    ground.sit(&held[0], "2026-10-15", Some("2026-10-20")).await;
    ground.sit(&held[1], "2026-10-22", None).await;
    let issue = json!({ "leaseId": lease.to_string(), "month": "2026-10", "idempotencyKey": "k" });
    world.done("park", "invoiceIssue", "invoice { id }", issue).await;
    ground
}

on_both! {
    /// The parts of a month, each over its denominator, to the cent.
    async fn a_seat_costs_what_its_parts_say(backend) {
        let world = World::new(backend).await;
        october(&world).await;
        world.done("a1-finance", "costEntryAdd", "entry { id month category source }", entry("labour", "12000.00", "", "k1")).await;
        world.clock.advance(chrono::TimeDelta::seconds(1));
        world.done("a1", "costEntryAdd", "entry { id }", entry("power", "480", "grid", "k2")).await;
        // The same key counts once.
        world.done("a1", "costEntryAdd", "entry { id }", entry("power", "480", "grid", "k2")).await;
        let month = cost(&world, "a1", "2026-10").await;
        // Rent 4 x 880.00 before tax. 16000.00 over 4 leased seats; over 29 occupied seat-days of 31: 17103.45.
        assert_eq!(month["total"]["minor"], "1600000");
        assert_eq!((&month["leasedSeats"], &month["occupiedSeats"]), (&json!("4.00"), &json!("0.94")));
        assert_eq!(month["perLeasedSeat"]["minor"], "400000");
        assert_eq!(month["perOccupiedSeat"]["minor"], "1710345");
        assert_eq!(month["labourShare"], json!({ "numerator": 1_200_000, "denominator": 1_600_000, "value": 0.75 }));
        let parts = month["parts"].as_array().unwrap();
        let part = |id: &str| parts.iter().find(|p| p["category"] == id).unwrap().clone();
        assert_eq!(part("rent"), json!({ "category": "rent", "title": "Rent", "total": { "minor": "352000" }, "perLeasedSeat": { "minor": "88000" } }));
        assert_eq!(part("telecom")["total"]["minor"], "0");
        assert_eq!(month["entries"][1], json!({ "category": "power", "amount": { "minor": "48000" }, "source": "manual", "note": "grid" }));
        // A month without seats has costs and no cost of a seat.
        let other = json!({ "month": "2026-05", "category": "other", "amount": "1", "note": "x", "idempotencyKey": "k3" });
        world.done("a1", "costEntryAdd", "entry { id }", other).await;
        let before = cost(&world, "a1", "2026-05").await;
        assert_eq!((&before["total"]["minor"], &before["perLeasedSeat"], &before["leasedSeats"]), (&json!("100"), &Value::Null, &json!("0.00")));
    }

    /// Rent is never entered, corrections are explained and never go below nothing.
    async fn entries_that_would_falsify_are_refused(backend) {
        let world = World::new(backend).await;
        for (category, amount, note, rules) in [
            ("rent", "1", "", vec!["cost-category-posted"]),
            ("petrol", "1", "", vec!["cost-category-unknown"]),
            ("power", "1.234", "", vec!["money-invalid"]),
            ("power", "-1", "", vec!["cost-correction-note", "cost-below-zero"]),
        ] {
            assert_eq!(world.refused("a1", "costEntryAdd", entry(category, amount, note, category)).await, rules, "{category}");
        }
        world.done("a1", "costEntryAdd", "entry { id }", entry("power", "10", "", "a")).await;
        // Two corrections at once cannot both take it.
        world.token("a1").await;
        let both = ["b", "c"].map(|key| entry("power", "-6", "booked twice", key));
        let both = futures_util::future::join_all(both.map(|i| world.mutate("a1", "costEntryAdd", "", i))).await;
        let refused: Vec<_> = both.iter().filter_map(|p| p["userErrors"][0]["rule"].as_str()).collect();
        assert_eq!(refused, ["cost-below-zero"]);
        assert_eq!(cost(&world, "a1", "2026-10").await["total"]["minor"], "400");
    }

    /// A file's good rows, its bad ones named, and nothing of a file that was imported before.
    async fn a_file_of_costs_is_imported_once(backend) {
        let world = World::new(backend).await;
        let text = "月份,类别,金额,备注\n2026-10,人力薪资,\"120,000.50\",\n2026-10,rent,5,\n2026-13,power,1,\n2026-09,电费,900,grid\n";
        let file = world.upload("a1", "costs.csv", text.as_bytes()).await;
        let input = |mode: &str, key: &str| json!({ "fileId": file, "mode": mode, "idempotencyKey": key });
        let report = "report { rows added refused issues { row field rule message } }";
        let none = world.done("a1", "costImport", report, input("ALL_OR_NOTHING", "1")).await["report"].clone();
        assert_eq!((&none["rows"], &none["added"], &none["refused"]), (&json!(4), &json!(0), &json!(2)));
        assert_eq!(none["issues"][0], json!({ "row": 3, "field": "category", "rule": "cost-category-posted", "message": "Rent is read from the park's invoices and cannot be entered." }));
        assert_eq!(cost(&world, "a1", "2026-10").await["total"]["minor"], "0");
        let some = world.done("a1", "costImport", report, input("GOOD_ROWS", "2")).await["report"].clone();
        assert_eq!((&some["added"], &some["refused"]), (&json!(2), &json!(2)));
        assert_eq!(cost(&world, "a1", "2026-10").await["entries"][0]["source"], "import");
        let again = world.done("a1", "costImport", report, input("GOOD_ROWS", "3")).await["report"].clone();
        assert_eq!((&again["added"], &again["refused"]), (&json!(0), &json!(4)));
        assert_eq!(cost(&world, "a1", "2026-09").await["total"]["minor"], "90000");
        // Nobody imports a neighbour's file.
        assert_eq!(world.refused("a2", "costImport", input("GOOD_ROWS", "4")).await, ["file-unknown"]);
    }

    /// Cost is the tenant's own, its trend takes as many statements for a month as for three years, and published
    /// figures stand beside it.
    async fn cost_is_private_and_its_trend_is_cheap(backend) {
        let world = World::new(backend).await;
        october(&world).await;
        world.done("a1", "costEntryAdd", "entry { id }", entry("labour", "12000.00", "", "k1")).await;
        let fields = "cost(month: \"2026-10\") { total { minor } } costTrend(months: 2) { month }";
        let of_a1 = format!("{{ park {{ tenants {{ nodes {{ code {fields} }} }} }} node(id: \"{}\") {{ ... on Tenant {{ {fields} }} }} }}", world.ids.a1);
        for who in ["park", "finance", "assessor", "a1-leader", "other-park"] {
            let seen = world.ok(who, &of_a1, json!({})).await.to_string();
            assert!(!seen.contains("minor") && !seen.contains("2026-"), "{who}: {seen}");
        }
        assert!(world.ok("a2", &of_a1, json!({})).await["node"].is_null());
        let trend = |months: i32| format!("{{ tenant {{ costTrend(months: {months}) {{ month total {{ minor }} parts {{ title }} entries {{ id note }} }} }} }}");
        let token = world.token("a1").await;
        let short = world.call(Some(token.clone()), &trend(1), json!({})).await;
        let long = world.call(Some(token.clone()), &trend(36), json!({})).await;
        assert_eq!(short.statements, long.statements);
        let months = long.body["data"]["tenant"]["costTrend"].as_array().unwrap().clone();
        assert_eq!((months.len(), &months[35]["month"], &months[35]["total"]["minor"]), (36, &json!("2026-10"), &json!("1552000")));
        let bad = world.call(Some(token), &trend(37), json!({})).await.body;
        assert_eq!(bad["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let figures = "{ referenceFigures(topic: \"unit-seat-cost\") { metric title value unit year area source note standing } }";
        let figures = world.ok("a1", figures, json!({})).await["referenceFigures"].clone();
        let share = figures.as_array().unwrap().iter().find(|f| f["metric"] == "people-cost-share").unwrap();
        assert_eq!((&share["value"], &share["unit"], &share["standing"]), (&json!("about 60"), &json!("%"), &json!("plain")));
    }
}
