//! Straight lines of leases: evenly over every seat-month of the term, beside the books that earn by the day.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

const LINE: &str = "query($id: ID!) { node(id: $id) { ... on Lease { straightLine { month seatDays byDay { minor } straight { minor } ahead { minor } booked } } } }";

/// Month, seat-days, by the day, straight, ahead, booked.
async fn line(world: &World, who: &str, lease: &str) -> Vec<(String, i64, i64, i64, i64, bool)> {
    let read = world.ok(who, LINE, json!({ "id": lease })).await["node"]["straightLine"].clone();
    let minor = |of: &Value| of["minor"].as_str().unwrap().parse().unwrap();
    let month = |of: &Value| {
        let days = of["seatDays"].as_i64().unwrap();
        let (by_day, straight, ahead) = (minor(&of["byDay"]), minor(&of["straight"]), minor(&of["ahead"]));
        (of["month"].as_str().unwrap().to_owned(), days, by_day, straight, ahead, of["booked"].as_bool().unwrap())
    };
    read.as_array().map(|months| months.iter().map(month).collect()).unwrap_or_default()
}

async fn book(world: &World, up_to: &str, key: &str) -> (i64, i64) {
    let input = json!({ "upTo": up_to, "idempotencyKey": key });
    let done = world.done("finance", "straightLineBook", "entries leftOut", input).await;
    (done["entries"].as_i64().unwrap(), done["leftOut"].as_i64().unwrap())
}

/// What stands on an account at the end of a month, minor units, debit above zero.
async fn closing(world: &World, month: &str, account: &str) -> i64 {
    let ask = "query($month: Month!) { park { trialBalance(month: $month) { balanced rows { account closing { minor } } } } }";
    let trial = world.ok("finance", ask, json!({ "month": month })).await["park"]["trialBalance"].clone();
    assert_eq!(trial["balanced"], true);
    let rows = trial["rows"].as_array().unwrap().iter().filter(|row| row["account"] == account);
    rows.map(|row| row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap()).sum()
}

/// Two seats at 900.00 from September to February, September free of rent.
async fn leased(world: &World) -> String {
    let (seats, ..) = park(world, 2).await;
    let input = json!({ "tenantId": world.ids.a1.to_string(), "code": "S-1", "signedOn": "2026-08-05", "termFrom": "2026-09-01", "termTo": "2027-03-01",
        "product": "EQUIPPED", "unitPrice": "900.00", "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10,
        "rentFree": [{ "from": "2026-09-01", "to": "2026-10-01" }], "idempotencyKey": "lease" });
    let lease =
        world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned();
    world.done("park", "seatsAllocate", "", allocate(&lease, &seats, "2026-09-01", None, "a")).await;
    lease
}

on_both! {
    /// A rent-free month earns its part; the books take the difference, closing a month goes on with it, and at the end nothing is left.
    async fn rent_free_months_earn_in_the_books(backend) {
        let world = World::new(backend).await;
        let lease = leased(&world).await;
        // 9,000.00 over twelve seat-months.
        let first = line(&world, "finance", &lease).await;
        assert_eq!(first[0], ("2026-09".to_owned(), 60, 0, 150_000, 150_000, false));
        assert_eq!(first[1], ("2026-10".to_owned(), 62, 180_000, 150_000, 120_000, false));
        assert_eq!((first.len(), first.iter().map(|month| month.3).sum::<i64>(), first[5].4), (6, 900_000, 0));
        assert_eq!(line(&world, "a1", &lease).await, [], "the books are the park's");
        let rows = "{ park { straightLines(month: \"2026-10\") { lease { code } line { straight { minor } } userErrors { rule } } } }";
        let shown = json!([{ "lease": { "code": "S-1" }, "line": { "straight": { "minor": "150000" } }, "userErrors": [] }]);
        assert_eq!(world.ok("finance", rows, json!({})).await["park"]["straightLines"], shown);
        assert_eq!(world.ok("a1", rows, json!({})).await["park"]["straightLines"], json!([]));
        let early = json!({ "upTo": "2026-11", "idempotencyKey": "x" });
        assert_eq!(world.refused("finance", "straightLineBook", early.clone()).await, ["book-month-not-over"]);
        assert_eq!(world.refused("a1", "straightLineBook", early).await, ["forbidden"]);

        for month in ["2026-09", "2026-10"] {
            world.done("park", "invoiceIssue", "", json!({ "leaseId": lease, "month": month, "idempotencyKey": month })).await;
        }
        assert_eq!(book(&world, "2026-09", "one").await, (1, 0));
        assert_eq!(book(&world, "2026-09", "again").await, (0, 0));
        assert_eq!((closing(&world, "2026-09", "EARNED").await, closing(&world, "2026-09", "ACCRUED").await), (-150_000, 150_000));
        // Closing goes on with it: October takes its part without being asked.
        let close = |month: &str| json!({ "month": month, "idempotencyKey": month });
        world.done("finance", "bookMonthClose", "", close("2026-09")).await;
        world.done("finance", "bookMonthClose", "", close("2026-10")).await;
        // Earned by the day 1,800.00, which the invoice of November takes up, and by the line 1,200.00 more.
        assert_eq!(closing(&world, "2026-10", "EARNED").await, -(180_000 + 120_000));
        assert_eq!(closing(&world, "2026-11", "ACCRUED").await, 120_000);
        let now = line(&world, "finance", &lease).await;
        assert_eq!(now.iter().map(|month| month.5).collect::<Vec<_>>(), [true, true, false, false, false, false]);

        // From December on the seats cost 1,000.00: what is booked stays, the rest earns what is left.
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "调价", "unitPrice": "1000.00", "idempotencyKey": "more" });
        world.done("park", "leaseAmend", "", amend).await;
        let after = line(&world, "finance", &lease).await;
        assert_eq!(after[..2], now[..2]);
        assert_eq!((after.iter().map(|month| month.3).sum::<i64>(), after[5].4), (960_000, 0));

        // It ends with December: what is left is less, and the line comes to nothing with it.
        let end = json!({ "leaseId": lease, "inForceFrom": "2027-01-01", "termTo": "2027-01-01", "reason": "提前结束", "idempotencyKey": "end" });
        let held = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(on: \"2026-12-01\") { nodes { id } } } } }";
        let held = world.ok("park", held, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
        let held: Vec<&Value> = held.as_array().unwrap().iter().map(|one| &one["id"]).collect();
        world.done("park", "seatsRelease", "count", json!({ "allocationIds": held, "on": "2027-01-01", "idempotencyKey": "r" })).await;
        world.done("park", "leaseAmend", "", end).await;
        world.clock.set("2027-01-04T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        for month in ["2026-11", "2026-12"] {
            world.done("park", "invoiceIssue", "", json!({ "leaseId": lease, "month": month, "idempotencyKey": month })).await;
        }
        world.done("finance", "bookMonthClose", "", close("2026-11")).await;
        world.done("finance", "bookMonthClose", "", close("2026-12")).await;
        let done = line(&world, "finance", &lease).await;
        assert_eq!((done.len(), done.iter().all(|month| month.5), done[3].4), (4, true, 0));
        assert_eq!(closing(&world, "2026-12", "EARNED").await, -(180_000 * 2 + 200_000));
        assert_eq!(closing(&world, "2027-01", "ACCRUED").await, 0);
        assert_eq!(book(&world, "2026-12", "last").await, (0, 0));
    }

    /// A lease that cannot be priced says why and is left out; the others are booked.
    async fn what_cannot_be_priced_is_left_out(backend) {
        let world = World::new(backend).await;
        let lease = leased(&world).await;
        let text = "id = \"zones\"\nversion = 1\ntitle = { zh = \"分区\", en = \"Zones\" }\ncurrency = \"CNY\"\n[[price]]\nid = \"seat\"\ntitle = { zh = \"席位\", en = \"Seat\" }\nbasis = \"seat\"\ndue = \"arrears\"\napplies = { zones = [\"NOWHERE\"] }\n[[price.step]]\nfrom = \"2026-01-01\"\ntariff = { model = { per_unit = { unit = \"10\" } } }\n";
        world.done("park", "priceBookPublish", "", json!({ "text": text, "idempotencyKey": "b" })).await;
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "价目表", "priceBook": { "book": "zones", "version": 1 }, "idempotencyKey": "m" });
        world.done("park", "leaseAmend", "", amend).await;
        let rows = "{ park { straightLines(month: \"2026-10\") { line { month } userErrors { rule } } } }";
        let shown = json!([{ "line": null, "userErrors": [{ "rule": "seat-without-price" }] }]);
        assert_eq!(world.ok("finance", rows, json!({})).await["park"]["straightLines"], shown);
        assert_eq!(book(&world, "2026-10", "one").await, (0, 1));
    }
}
