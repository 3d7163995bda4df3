//! The monthly statement of a tenant: its invoices by cost centre and currency.

use axum::http::StatusCode;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::documents::get;
use crate::edge::Edge;
use crate::leasing::{allocate, park};

const SAID: &str = "monthStatement(tenantId: $id, month: $month) { month documentPath tenant { id } parts { costCentre invoices { number lease { code } }
  net { amount currency } tax { amount } total { amount } credited { amount } paid { amount } balance { amount } } }";

async fn statement(world: &World, who: &str, tenant: Option<&str>, month: &str) -> Value {
    let ask = format!("query($id: ID, $month: Month!) {{ park {{ {SAID} }} }}");
    world.ok(who, &ask, json!({ "id": tenant, "month": month })).await["park"]["monthStatement"].clone()
}

/// Centre, currency, codes of leases, total and what is owed of each part.
fn parts(of: &Value) -> Vec<(String, String, Vec<String>, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let part = |part: &Value| {
        let codes =
            part["invoices"].as_array().unwrap().iter().map(|invoice| text(&invoice["lease"]["code"])).collect();
        (
            text(&part["costCentre"]),
            text(&part["net"]["currency"]),
            codes,
            text(&part["total"]["amount"]),
            text(&part["balance"]["amount"]),
        )
    };
    of["parts"].as_array().unwrap().iter().map(part).collect()
}

fn part(
    centre: &str,
    currency: &str,
    codes: &[&str],
    total: &str,
    owed: &str,
) -> (String, String, Vec<String>, String, String) {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    (centre.to_owned(), currency.to_owned(), codes, total.to_owned(), owed.to_owned())
}

on_both! {
    /// One statement a tenant, told apart by cost centre and currency; what is withdrawn is not on it, what is paid is.
    async fn invoices_of_a_month_are_stated_by_cost_centre(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (seats, ..) = park(world, 4).await;
        let tenant = world.ids.a1.to_string();
        let mut ids = Vec::new();
        for (at, (code, centre, currency)) in [("S-1", " 客服一部 ", "CNY"), ("S-2", "客服一部", "CNY"), ("S-3", "客服一部", "USD"), ("S-4", "", "CNY")].into_iter().enumerate() {
            let lease = json!({ "tenantId": tenant, "code": code, "signedOn": "2026-08-20", "termFrom": "2026-09-01", "termTo": "2027-09-01",
                "product": "EQUIPPED", "currency": currency, "unitPrice": "100", "taxRatePercent": "6", "proration": "by_day", "paymentDays": 10,
                "clauses": { "costCentre": centre }, "idempotencyKey": code });
            let lease = world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].as_str().unwrap().to_owned();
            world.done("park", "seatsAllocate", "", allocate(&lease, &seats[at..=at], "2026-09-01", None, code)).await;
            ids.push(lease);
        }
        assert_eq!(parts(&statement(world, "finance", Some(&tenant), "2026-09").await), []);
        world.done("park", "billingRun", "count", json!({ "month": "2026-09", "idempotencyKey": "run" })).await;
        let all = "{ park { invoices { nodes { id lease { code } } } } }";
        let all = world.ok("finance", all, json!({})).await["park"]["invoices"]["nodes"].clone();
        let of = |code: &str| all.as_array().unwrap().iter().find(|invoice| invoice["lease"]["code"] == code).unwrap()["id"].clone();
        let pay = json!({ "invoiceId": of("S-1"), "amount": "6", "paidOn": "2026-11-20", "method": "bank", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "", pay).await;
        let void = json!({ "invoiceId": of("S-4"), "reason": "错开", "idempotencyKey": "v" });
        world.done("finance", "invoiceVoid", "", void).await;
        let said = statement(world, "finance", Some(&tenant), "2026-09").await;
        let expected = [part("客服一部", "CNY", &["S-1", "S-2"], "212.00", "206.00"), part("客服一部", "USD", &["S-3"], "106.00", "106.00")];
        assert_eq!(parts(&said), expected);
        assert_eq!(parts(&statement(world, "a1", None, "2026-09").await), expected);
        for (who, whose) in [("a2", Some(&*tenant)), ("other-park", Some(&*tenant)), ("park", None), ("a1-leader", None)] {
            assert_eq!(statement(world, who, whose, "2026-09").await, Value::Null, "{who}");
        }

        // From October on one of them is of another centre.
        let amend = json!({ "leaseId": ids[1], "inForceFrom": "2026-10-15", "reason": "改部门", "clauses": { "costCentre": "客服二部" }, "idempotencyKey": "a" });
        world.done("park", "leaseAmend", "", amend).await;
        world.done("park", "billingRun", "count", json!({ "month": "2026-10", "idempotencyKey": "run 2" })).await;
        let said = statement(world, "a1", None, "2026-10").await;
        assert_eq!(parts(&said).iter().map(|part| part.0.as_str()).collect::<Vec<_>>(), ["", "客服一部", "客服一部", "客服二部"]);
        assert_eq!(parts(&statement(world, "a1", None, "2026-09").await), expected, "September is as it was");
        let long = json!({ "leaseId": ids[1], "inForceFrom": "2026-12-15", "reason": "长", "clauses": { "costCentre": "长".repeat(41) }, "idempotencyKey": "l" });
        assert_eq!(world.refused("park", "leaseAmend", long).await, ["text-too-long"]);

        // Printed for both sides, and for nobody else.
        for (who, status) in [("finance", StatusCode::OK), ("a1", StatusCode::OK), ("a2", StatusCode::NOT_FOUND)] {
            let path = format!("{}?lang=en", said["documentPath"].as_str().unwrap());
            let (answer, _, body) = get(&edge, who, &path).await;
            assert_eq!((answer, body.starts_with(b"%PDF-")), (status, status == StatusCode::OK), "{who}");
        }
    }
}
