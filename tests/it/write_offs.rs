//! Debts that are given up and asked for again: states, sums, books, and who may.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

const STANDING: &str =
    "invoice { state balance { minor } writtenOff { minor } writeOffs { step amount { minor } on reason } }";

fn of(invoice: &Value, reason: &str, key: &str) -> Value {
    json!({ "invoiceId": invoice, "reason": reason, "idempotencyKey": key })
}

/// The id of the invoice for October of two seats of tenant A1: 880.00 each and 6 %.
async fn invoice(world: &World) -> Value {
    let (seats, lease, _) = park(world, 2).await;
    world.done("park", "seatsAllocate", "", allocate(&lease, &seats, "2026-10-01", None, "a")).await;
    let input = json!({ "leaseId": lease, "month": "2026-10", "idempotencyKey": "i" });
    world.done("finance", "invoiceIssue", "invoice { id }", input).await["invoice"]["id"].clone()
}

async fn closing(world: &World, account: &str) -> i64 {
    let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account closing { minor } } } } }";
    let books = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
    assert_eq!(books["balanced"], true);
    let rows = books["rows"].as_array().unwrap().iter().filter(|row| row["account"] == account);
    rows.map(|row| row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap()).sum()
}

on_both! {
    /// Part is paid, the rest is given up, asked for again and paid: the invoice, the lists and the books say so at each step.
    async fn a_debt_is_given_up_and_paid_after_all(backend) {
        let world = World::new(backend).await;
        let id = invoice(&world).await;
        let pay = |amount: &str, key: &str| json!({ "invoiceId": id, "amount": amount, "paidOn": "2026-11-20", "method": "bank", "idempotencyKey": key });
        world.done("finance", "paymentRecord", "", pay("865.60", "p1")).await;
        let up = world.done("finance", "invoiceWriteOff", STANDING, of(&id, " 企业已注销 ", "w1")).await["invoice"].clone();
        let again = world.done("finance", "invoiceWriteOff", STANDING, of(&id, " 企业已注销 ", "w1")).await["invoice"].clone();
        assert_eq!(up, again, "the same key answers the same");
        assert_eq!(up, json!({ "state": "UNCOLLECTIBLE", "balance": { "minor": "0" }, "writtenOff": { "minor": "100000" },
            "writeOffs": [{ "step": "WRITTEN_OFF", "amount": { "minor": "100000" }, "on": "2026-11-21", "reason": "企业已注销" }] }));
        assert_eq!((closing(&world, "RECEIVABLE").await, closing(&world, "BAD_DEBT").await), (0, 100_000));
        let count = async |state: &str| {
            let document = "query($state: InvoiceState) { park { invoices(filter: { state: $state }) { totalCount } } }";
            world.ok("finance", document, json!({ "state": state })).await["park"]["invoices"]["totalCount"].clone()
        };
        assert_eq!((count("UNCOLLECTIBLE").await, count("PAID").await, count("PART_PAID").await, count("OVERDUE").await), (json!(1), json!(0), json!(0), json!(0)));
        // Nothing is owed that could be paid, given up, credited or withdrawn.
        assert_eq!(world.refused("finance", "paymentRecord", pay("1", "p2")).await, ["payment-over-balance"]);
        assert_eq!(world.refused("finance", "invoiceWriteOff", of(&id, "x", "w2")).await, ["invoice-nothing-owed"]);
        assert_eq!(world.refused("finance", "invoiceVoid", of(&id, "x", "v")).await, ["invoice-has-payments"]);
        let month = "{ park { monthStatement(month: \"2026-10\", tenantId: \"%\") { parts { total { minor } paid { minor } writtenOff { minor } balance { minor } } } } }";
        let month = month.replace('%', &world.ids.a1.to_string());
        let part = world.ok("finance", &month, json!({})).await["park"]["monthStatement"]["parts"][0].clone();
        assert_eq!(part, json!({ "total": { "minor": "186560" }, "paid": { "minor": "86560" }, "writtenOff": { "minor": "100000" }, "balance": { "minor": "0" } }));

        let back = world.done("finance", "invoiceRestore", STANDING, of(&id, "清算款到账", "r1")).await["invoice"].clone();
        assert_eq!((&back["balance"]["minor"], &back["writtenOff"]["minor"], back["writeOffs"].as_array().unwrap().len()), (&json!("100000"), &json!("0"), 2));
        assert_eq!(world.refused("finance", "invoiceRestore", of(&id, "x", "r2")).await, ["invoice-not-written-off"]);
        world.done("finance", "paymentRecord", "", pay("1000", "p3")).await;
        assert_eq!((count("PAID").await, count("UNCOLLECTIBLE").await), (json!(1), json!(0)));
        let books = (closing(&world, "RECEIVABLE").await, closing(&world, "BAD_DEBT").await, closing(&world, "BAD_DEBT_RECOVERED").await);
        assert_eq!(books, (0, 100_000, -100_000));
    }

    /// Whoever may not, and what cannot be, is refused; two at once give up once.
    async fn debts_are_given_up_by_those_who_may(backend) {
        let world = World::new(backend).await;
        let id = invoice(&world).await;
        for (who, rule) in [("a1", "forbidden"), ("a2", "forbidden"), ("other-park", "not-found")] {
            assert_eq!(world.refused(who, "invoiceWriteOff", of(&id, "x", "who")).await, [rule], "{who}");
            assert_eq!(world.refused(who, "invoiceRestore", of(&id, "x", "who")).await, [rule], "{who}");
        }
        assert_eq!(world.refused("finance", "invoiceWriteOff", of(&id, " ", "none")).await, ["text-required"]);
        assert_eq!(world.refused("finance", "invoiceRestore", of(&id, "x", "none")).await, ["invoice-not-written-off"]);
        let (one, two) = (of(&id, "x", "one"), of(&id, "x", "two"));
        let (one, two) = tokio::join!(world.mutate("finance", "invoiceWriteOff", "", one), world.mutate("finance", "invoiceWriteOff", "", two));
        let told: usize = [one, two].iter().map(|made| made["userErrors"].as_array().unwrap().len()).sum();
        assert_eq!(told, 1);
        assert_eq!(closing(&world, "BAD_DEBT").await, 186_560);
        // The tenant sees where its invoice stands.
        let seen = world.ok("a1", "query($id: ID!) { node(id: $id) { ... on Invoice { state writeOffs { reason } } } }", json!({ "id": id })).await;
        assert_eq!(seen["node"], json!({ "state": "UNCOLLECTIBLE", "writeOffs": [{ "reason": "x" }] }));
        // One that was withdrawn owes nothing.
        world.done("finance", "invoiceRestore", "", of(&id, "x", "back")).await;
    }
}
