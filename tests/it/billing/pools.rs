//! Costs of the park on its cost pools: booked, spread, owed, taken back.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

const ENTRY: &str = "entry { id number kind text bookedOn lines { account amount { minor } serviceFrom serviceTo } }";

fn cost(pool: &str, amount: &str, against: &str, on: &str, key: &str) -> Value {
    json!({ "pool": pool, "amount": amount, "against": against, "on": on, "note": "国网 10 月账单", "idempotencyKey": key })
}

/// What stands on accounts of a kind at the end of a month, by name, minor units.
async fn standing(world: &World, month: &str, account: &str) -> Vec<(String, i64)> {
    let ask = "query($month: Month!) { park { trialBalance(month: $month) { balanced rows { account title closing { minor } } } } }";
    let trial = world.ok("finance", ask, json!({ "month": month })).await["park"]["trialBalance"].clone();
    assert_eq!(trial["balanced"], true);
    let of = |row: &Value| {
        let minor = row["closing"]["minor"].as_str().unwrap().parse().unwrap();
        (row["title"].as_str().unwrap().to_owned(), minor)
    };
    trial["rows"].as_array().unwrap().iter().filter(|row| row["account"] == account).map(of).collect()
}

on_both! {
    /// Costs stand on their pools against money, debts or what is spread; a wrong one is taken back once; closed months take none.
    async fn costs_of_the_park_are_booked(backend) {
        let world = World::new(backend).await;
        let mut power = cost("POWER", "1234.50", "SUPPLIERS", "2026-10-31", "one");
        power["serviceFrom"] = json!("2026-10-01");
        power["serviceTo"] = json!("2026-11-01");
        let entry = world.done("finance", "bookCostRecord", ENTRY, power.clone()).await["entry"].clone();
        assert_eq!((&entry["kind"], &entry["bookedOn"], &entry["text"]), (&json!("COSTS"), &json!("2026-10-31"), &json!("Cost: 国网 10 月账单")));
        assert_eq!(entry["lines"], json!([
            { "account": "COST_POOL", "amount": { "minor": "123450" }, "serviceFrom": "2026-10-01", "serviceTo": "2026-11-01" },
            { "account": "COST_COUNTER", "amount": { "minor": "-123450" }, "serviceFrom": "2026-10-01", "serviceTo": "2026-11-01" }]));
        let again = world.done("finance", "bookCostRecord", ENTRY, power).await["entry"].clone();
        assert_eq!(again["number"], entry["number"], "the same request books once");
        for (pool, against) in [("RENT", "BANK"), ("STAFF", "WAGES"), ("DEPRECIATION", "DEPRECIATION"), ("FIT_OUT", "PREPAID"), ("TELECOM", "TILL")] {
            world.done("finance", "bookCostRecord", "", cost(pool, "10", against, "2026-10-31", pool)).await;
        }
        let pools = standing(&world, "2026-10", "COST_POOL").await;
        assert_eq!((pools.len(), pools.iter().map(|(_, minor)| minor).sum::<i64>()), (6, 123_450 + 5 * 1_000));

        let back = |entry: &Value, key: &str| json!({ "entryId": entry["id"], "reason": "重复登记", "idempotencyKey": key });
        let mirror = world.done("finance", "bookCostReverse", "entry { id kind reverses }", back(&entry, "back")).await["entry"].clone();
        assert_eq!(mirror["kind"], "REVERSING");
        assert_eq!(world.refused("finance", "bookCostReverse", back(&entry, "more")).await, ["entry-reversed"]);
        assert_eq!(world.refused("finance", "bookCostReverse", back(&mirror, "mirror")).await, ["entry-not-cost"]);
        let left = standing(&world, "2026-11", "COST_POOL").await;
        assert_eq!(left.iter().map(|(_, minor)| minor).sum::<i64>(), 5_000);

        // What comes for a closed month is booked in the first that is open.
        world.done("finance", "bookMonthClose", "", json!({ "month": "2026-10", "withoutUnbilled": true, "idempotencyKey": "c" })).await;
        let late = cost("OTHER", "7", "BANK", "2026-10-30", "late");
        let late = world.done("finance", "bookCostRecord", "entry { bookedOn aboutMonth late }", late).await["entry"].clone();
        assert_eq!(late, json!({ "bookedOn": "2026-11-01", "aboutMonth": "2026-10", "late": true }));
    }

    /// Every fault is named; a tenant has nothing to do with it.
    async fn what_is_no_cost_is_refused(backend) {
        let world = World::new(backend).await;
        let mut wrong = cost("POWER", "-1", "BANK", "2027-01-01", "w");
        wrong["note"] = json!(" ");
        wrong["serviceFrom"] = json!("2026-10-05");
        wrong["serviceTo"] = json!("2026-10-05");
        let refused = world.refused("finance", "bookCostRecord", wrong.clone()).await;
        assert_eq!(refused, ["text-required", "day-future", "period-empty", "amount-not-positive"]);
        wrong["serviceTo"] = Value::Null;
        assert_eq!(world.refused("finance", "bookCostRecord", wrong).await, ["days-both"]);
        assert_eq!(world.refused("a1", "bookCostRecord", cost("POWER", "1", "BANK", "2026-10-01", "a")).await, ["forbidden"]);
        let none = json!({ "entryId": format!("bentry_{:032x}", 9), "reason": "x", "idempotencyKey": "n" });
        assert_eq!(world.refused("finance", "bookCostReverse", none).await, ["not-found"]);
    }
}
