//! Credit notes: what was invoiced is taken back, with its tax, off what is owed or back as money, and booked.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};

const NOTE: &str = "creditNote { id number net { amount } tax { amount } total { amount } offDebt { amount } refunded { amount } lines { lineNo net { amount } tax { amount } } }";

/// Two seats of a tenant, billed for September: 6000.00 and 9 %.
async fn invoice(world: &World) -> Value {
    let mut ground = Ground::new(world).await;
    let terms = Terms { rent_free: None, ..Terms::default() };
    let lease = ground.lease(world.ids.a1, THEN, &terms).await;
    ground.allocate(world.ids.a1, lease, 2, "2026-08-11", THEN).await;
    let issue = json!({ "leaseId": lease.to_string(), "month": "2026-09", "idempotencyKey": "i" });
    world
        .done(
            "park",
            "invoiceIssue",
            "invoice { id net { minor } tax { minor } total { amount minor } lines { lineNo net { amount } } }",
            issue,
        )
        .await["invoice"]
        .clone()
}

fn credit(invoice: &Value, amount: &str, key: &str) -> Value {
    json!({ "invoiceId": invoice["id"], "lines": [{ "lineNo": 1, "amount": amount }], "reason": "席位未交付", "idempotencyKey": key })
}

async fn standing(world: &World, invoice: &Value) -> (i64, i64, i64) {
    let ask =
        "query($id: ID!) { node(id: $id) { ... on Invoice { credited { minor } paid { minor } balance { minor } } } }";
    let node = world.ok("park", ask, json!({ "id": invoice["id"] })).await["node"].clone();
    let of = |name: &str| node[name]["minor"].as_str().unwrap().parse().unwrap();
    (of("credited"), of("paid"), of("balance"))
}

/// Debits of the books less credits, by account; and whether they balance.
async fn books(world: &World) -> std::collections::BTreeMap<String, i64> {
    let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account closing { minor } } } } }";
    let trial = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
    assert_eq!(trial["balanced"], true);
    let mut sums = std::collections::BTreeMap::new();
    for row in trial["rows"].as_array().unwrap() {
        *sums.entry(row["account"].as_str().unwrap().to_owned()).or_default() +=
            row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap();
    }
    sums
}

on_both! {
    /// A note goes off what is owed; what was paid goes back; the last one takes whatever is left of the tax.
    async fn what_was_invoiced_is_taken_back(backend) {
        let world = World::new(backend).await;
        let invoice = invoice(&world).await;
        let minor = |of: &str| invoice[of]["minor"].as_str().unwrap().parse::<i64>().unwrap();
        let (net, tax, total) = (minor("net"), minor("tax"), minor("total"));

        // Looked at, nothing happens.
        let mut look = credit(&invoice, "100.00", "look");
        look["dryRun"] = json!(true);
        let looked = world.done("finance", "creditNoteIssue", NOTE, look).await["creditNote"].clone();
        assert_eq!((&looked["number"], &looked["net"]["amount"]), (&Value::Null, &json!("100.00")));
        assert_eq!(standing(&world, &invoice).await, (0, 0, total));

        let first = world.done("finance", "creditNoteIssue", NOTE, credit(&invoice, "100.00", "c1")).await["creditNote"].clone();
        let again = world.done("finance", "creditNoteIssue", NOTE, credit(&invoice, "100.00", "c1")).await["creditNote"].clone();
        assert_eq!(first, again, "the same key answers the same");
        assert!(first["number"].as_str().unwrap().ends_with("CN-2026-000001"), "{first}");
        assert_eq!((&first["offDebt"], &first["refunded"]["amount"]), (&first["total"], &json!("0.00")));
        let mut taken = 10_000 * (net + tax) / net;
        assert_eq!(standing(&world, &invoice).await, (taken, 0, total - taken));

        // Paid in full, the next note goes back as money.
        let owed = format!("{}.{:02}", (total - taken) / 100, (total - taken) % 100);
        let pay = json!({ "invoiceId": invoice["id"], "amount": owed, "paidOn": "2026-11-20", "method": "bank", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "", pay).await;
        assert_eq!(standing(&world, &invoice).await, (taken, total - taken, 0));
        let left = net - 10_000;
        let rest = format!("{}.{:02}", left / 100, left % 100);
        let over = format!("{}.{:02}", (left + 1) / 100, (left + 1) % 100);
        assert_eq!(world.refused("finance", "creditNoteIssue", credit(&invoice, &over, "x")).await, ["credit-over-line"]);
        let last = world.done("finance", "creditNoteIssue", NOTE, credit(&invoice, &rest, "c2")).await["creditNote"].clone();
        assert!(last["number"].as_str().unwrap().ends_with("CN-2026-000002"), "no number was lost: {last}");
        assert_eq!((&last["refunded"], &last["offDebt"]["amount"]), (&last["total"], &json!("0.00")));
        taken = total;
        assert_eq!(standing(&world, &invoice).await, (taken, 0, 0), "charged and credited in full comes to nothing");

        // Nothing is left in the books but the money that came and went.
        let sums = books(&world).await;
        assert!(sums.values().all(|minor| *minor == 0), "{sums:?}");
        let vat = world.ok("finance", "{ park { vatReport(month: \"2026-11\") { net { minor } tax { minor } } } }", json!({})).await;
        assert_eq!(vat["park"]["vatReport"][0], json!({ "net": { "minor": "0" }, "tax": { "minor": "0" } }));
        // Also of what was earned meanwhile.
        world.done("finance", "revenueRecognise", "", json!({ "upTo": "2026-10", "idempotencyKey": "r" })).await;
        assert!(books(&world).await.values().all(|minor| *minor == 0));
        let cost = world.ok("park", "{ park { billingMonth(month: \"2026-09\") { total { minor } paid { minor } open { minor } } } }", json!({})).await;
        assert_eq!(cost["park"]["billingMonth"], json!({ "total": { "minor": "0" }, "paid": { "minor": "0" }, "open": { "minor": "0" } }));
    }

    /// Whoever may not, what is not there, too much, twice, without a reason: nothing is half-done.
    async fn what_cannot_be_taken_back_is_refused(backend) {
        let world = World::new(backend).await;
        let invoice = invoice(&world).await;
        let refused = async |input: Value| world.refused("finance", "creditNoteIssue", input).await;
        assert_eq!(refused(credit(&invoice, "0", "a")).await, ["credit-not-positive"]);
        assert_eq!(refused(credit(&invoice, "1.001", "b")).await, ["money-invalid"]);
        let mut input = credit(&invoice, "1", "c");
        input["lines"] = json!([{ "lineNo": 1, "amount": "1" }, { "lineNo": 1, "amount": "1" }, { "lineNo": 9, "amount": "1" }]);
        input["reason"] = json!(" ");
        assert_eq!(refused(input).await, ["text-required", "credit-line-doubled", "document-line-unknown"], "all at once");
        let mut input = credit(&invoice, "1", "d");
        input["lines"] = json!([]);
        assert_eq!(refused(input).await, ["lines-zero"]);
        assert_eq!(world.refused("a1", "creditNoteIssue", credit(&invoice, "1", "e")).await, ["forbidden"]);
        for who in ["other-park"] {
            assert_eq!(world.refused(who, "creditNoteIssue", credit(&invoice, "1", "f")).await, ["not-found"], "{who}");
        }
        assert_eq!(standing(&world, &invoice).await.0, 0);
        // What was credited cannot be withdrawn, and what was withdrawn not be credited.
        let note = world.done("finance", "creditNoteIssue", "creditNote { id }", credit(&invoice, "1", "g")).await["creditNote"]["id"].clone();
        let void = json!({ "invoiceId": invoice["id"], "reason": "x", "idempotencyKey": "v" });
        assert_eq!(world.refused("finance", "invoiceVoid", void).await, ["invoice-settled"]);
        let node = "query($id: ID!) { node(id: $id) { ... on CreditNote { reason invoice { number } } } }";
        let id = json!({ "id": note });
        assert_eq!(world.ok("a1", node, id.clone()).await["node"]["reason"], "席位未交付", "its own");
        for who in ["a2", "other-park"] {
            assert_eq!(world.ok(who, node, id.clone()).await["node"], Value::Null, "{who}");
        }
    }
}
