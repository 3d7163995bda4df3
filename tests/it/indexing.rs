//! Prices that follow an index: agreed, reviewed, late, limited; on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

const INDEX: &str = "index { name base nextReview everyMonths followsPercent mostRisePercent mostFallPercent }";

fn index(more: &Value) -> Value {
    let mut clause = json!({ "name": "CPI 10 月", "base": "102.4", "nextReview": "2026-12-01", "everyMonths": 12, "mostRisePercent": "5", "mostFallPercent": "0" });
    clause.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({ "index": clause })
}

fn lease(world: &World, code: &str, more: &Value) -> Value {
    let mut input = json!({ "tenantId": world.ids.a1.to_string(), "code": code, "signedOn": "2026-01-05", "termFrom": "2026-01-12", "termTo": "2028-01-12",
        "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6", "proration": "by_day", "paymentDays": 10, "idempotencyKey": code });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    input
}

async fn made(world: &World, code: &str, more: Value) -> Value {
    world.done("park", "leaseCreate", "lease { id }", lease(world, code, &more)).await["lease"]["id"].clone()
}

async fn told(world: &World, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate("park", mutation, "", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}

async fn preview(world: &World, who: &str, lease: &Value, figure: &str) -> Value {
    let document = "query($id: ID!, $figure: String!) { park { leaseIndexPreview(leaseId: $id, figure: $figure) {
        review { due from before { amount } after { amount } limited } userErrors { path rule } } } }";
    world.ok(who, document, json!({ "id": lease, "figure": figure })).await["park"]["leaseIndexPreview"].clone()
}

on_both! {
    /// A review changes the price from its day on, once, within the limits agreed; the preview says the same before.
    async fn a_price_follows_its_index(backend) {
        let world = World::new(backend).await;
        let id = made(&world, "L-1", json!({ "clauses": index(&json!({})) })).await;
        assert_eq!(preview(&world, "park", &id, "104.96").await, json!({ "review": { "due": "2026-12-01", "from": "2026-12-01",
            "before": { "amount": "880.00" }, "after": { "amount": "902.00" }, "limited": false }, "userErrors": [] }));
        assert_eq!(preview(&world, "park", &id, "112.64").await["review"]["after"]["amount"], "924.00", "5 % at most");
        assert_eq!(preview(&world, "park", &id, "100").await["review"], json!({ "due": "2026-12-01", "from": "2026-12-01",
            "before": { "amount": "880.00" }, "after": { "amount": "880.00" }, "limited": true }), "it never falls");
        assert_eq!(preview(&world, "park", &id, "1,2").await, json!({ "review": null, "userErrors": [{ "path": "figure", "rule": "index-figure" }] }));
        assert_eq!(preview(&world, "a1", &id, "104.96").await, Value::Null, "the tenant does not agree leases");
        let input = |figure: &str, key: &str| json!({ "leaseId": id, "figure": figure, "idempotencyKey": key });
        assert_eq!(world.refused("a1", "leaseIndexReview", input("104.96", "a")).await, ["forbidden"]);
        let selection = format!("lease {{ versions {{ version inForceFrom unitPrice {{ amount }} clauses {{ {INDEX} }} }} }}");
        let done = world.done("park", "leaseIndexReview", &selection, input("104.96", "k")).await;
        assert_eq!(world.done("park", "leaseIndexReview", &selection, input("104.96", "k")).await, done, "a retry changes nothing");
        let version = &done["lease"]["versions"][1];
        assert_eq!((&version["inForceFrom"], &version["unitPrice"]["amount"]), (&json!("2026-12-01"), &json!("902.00")));
        assert_eq!(version["clauses"]["index"], json!({ "name": "CPI 10 月", "base": "104.96", "nextReview": "2027-12-01", "everyMonths": 12,
            "followsPercent": "100", "mostRisePercent": "5", "mostFallPercent": "0" }));
        assert_eq!(told(&world, "leaseIndexReview", input("106", "l")).await, ["figure index-early"]);
        let plain = made(&world, "L-2", json!({})).await;
        let none = json!({ "leaseId": plain, "figure": "106", "idempotencyKey": "m" });
        assert_eq!(told(&world, "leaseIndexReview", none).await, ["leaseId index-none"]);
    }

    /// A figure that comes late leaves what is billed; what is due is pointed out until then.
    async fn a_late_figure_changes_no_invoice(backend) {
        let world = World::new(backend).await;
        let seats = {
            crate::estate::import(&world, crate::estate::plan(4).as_bytes(), json!({})).await;
            crate::estate::seat_ids(&world, 4).await
        };
        let id = made(&world, "L-1", json!({ "clauses": index(&json!({ "nextReview": "2026-10-15" })) })).await;
        let text = id.as_str().unwrap();
        world.done("park", "seatsAllocate", "count", crate::leasing::allocate(text, &seats[..1], "2026-10-01", None, "s")).await;
        let due = async || {
            let found = world.ok("park", "{ park { alerts { kind severity due lease { code } } } }", json!({})).await;
            let all = found["park"]["alerts"].as_array().unwrap().clone();
            all.into_iter().filter(|alert| alert["kind"] == "INDEX_REVIEW").collect::<Vec<_>>()
        };
        assert_eq!(due().await, [json!({ "kind": "INDEX_REVIEW", "severity": "LATE", "due": "2026-10-15", "lease": { "code": "L-1" } })]);
        world.done("park", "invoiceIssue", "", json!({ "leaseId": id, "month": "2026-10", "idempotencyKey": "i" })).await;
        let review = preview(&world, "park", &id, "104.96").await["review"].clone();
        assert_eq!((&review["due"], &review["from"]), (&json!("2026-10-15"), &json!("2026-11-01")));
        world.done("park", "leaseIndexReview", "", json!({ "leaseId": id, "figure": "104.96", "idempotencyKey": "k" })).await;
        assert_eq!(due().await, Vec::<Value>::new());
        let bill = "query($id: ID!) { node(id: $id) { ... on Lease { november: invoicePreview(month: \"2026-11\") { net { amount } } } } }";
        assert_eq!(world.ok("park", bill, json!({ "id": id })).await["node"]["november"]["net"]["amount"], "902.00");
    }

    /// Every fault of the clause is named by its field.
    async fn what_is_no_index_is_refused(backend) {
        let world = World::new(backend).await;
        let steps = json!([{ "from": "2027-06-01", "unitPrice": "900.00" }]);
        for (at, (more, expected)) in [
            (json!({ "clauses": index(&json!({ "base": "0" })) }), "clauses.index.base index-figure"),
            (json!({ "clauses": index(&json!({ "base": "1.00001" })) }), "clauses.index.base index-figure"),
            (json!({ "clauses": index(&json!({ "name": " " })) }), "clauses.index.name text-required"),
            (json!({ "clauses": index(&json!({ "everyMonths": 61 })) }), "clauses.index.everyMonths index-months-range"),
            (json!({ "clauses": index(&json!({ "nextReview": "2026-01-11" })) }), "clauses.index.nextReview index-outside-term"),
            (json!({ "clauses": index(&json!({ "followsPercent": "101" })) }), "clauses.index.followsPercent share-range"),
            (json!({ "clauses": index(&json!({ "mostRisePercent": "x" })) }), "clauses.index.mostRisePercent share-invalid"),
            (json!({ "clauses": index(&json!({})), "priceSteps": steps }), "clauses.index.nextReview index-with-steps"),
        ].into_iter().enumerate() {
            assert_eq!(told(&world, "leaseCreate", lease(&world, &format!("L-{at}"), &more)).await, [expected], "{more}");
        }
        let ended = made(&world, "L-9", json!({ "termTo": "2026-12-01", "clauses": index(&json!({})) })).await;
        assert_eq!(told(&world, "leaseIndexReview", json!({ "leaseId": ended, "figure": "103", "idempotencyKey": "e" })).await, ["leaseId index-over"]);
    }
}
