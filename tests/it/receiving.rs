//! Money that tenants pay: more than is owed, for several invoices, applied later, taken off, paid back, taken back by the bank;
//! the books tie after each.

use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};
use crate::parties::told;

const PAYMENT: &str = "payment { id credit { amount } applied { amount { amount } invoice { number } } acts { step amount { amount } doneOn note } bouncedOn }";

const NOTE: &str = "creditNote { id offDebt { amount } refunded { amount } toCredit { amount } credit { amount } }";
const CREDITED: &str = "creditNote { credit { amount } applied { amount { amount } invoice { number } } acts { step amount { amount } doneOn note } }";

/// Invoices of a1 for August and September: 3000.00 and 9 % of ten days more or less, and 6000.00 and 9 %.
async fn invoices(world: &World) -> Vec<String> {
    invoices_on(world, &mut Ground::new(world).await).await
}
async fn invoices_on(world: &World, ground: &mut Ground) -> Vec<String> {
    let terms = Terms { rent_free: None, ..Terms::default() };
    let lease = ground.lease(world.ids.a1, THEN, &terms).await;
    ground.allocate(world.ids.a1, lease, 2, "2026-08-11", THEN).await;
    let mut made = Vec::new();
    for month in ["2026-09", "2026-08"] {
        let issue = json!({ "leaseId": lease.to_string(), "month": month, "idempotencyKey": month });
        let invoice = world.done("park", "invoiceIssue", "invoice { id }", issue).await["invoice"]["id"].clone();
        made.push(invoice.as_str().unwrap().to_owned());
    }
    made
}

/// Balances of invoices, minor units.
async fn owed(world: &World, invoices: &[String]) -> Vec<i64> {
    let mut all = Vec::new();
    for id in invoices {
        let ask = "query($id: ID!) { node(id: $id) { ... on Invoice { balance { minor } } } }";
        let node = world.ok("a1", ask, json!({ "id": id })).await["node"].clone();
        all.push(node["balance"]["minor"].as_str().unwrap().parse().unwrap());
    }
    all
}

/// What accounts of a family come to in the books, credits above zero, minor units; and that the books balance.
async fn account(world: &World, name: &str) -> i64 {
    let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account closing { minor } } } } }";
    let trial = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
    assert_eq!(trial["balanced"], true);
    let of = |row: &&Value| row["account"] == name;
    let minor = |row: &Value| row["closing"]["minor"].as_str().unwrap().parse::<i64>().unwrap();
    -trial["rows"].as_array().unwrap().iter().filter(of).map(minor).sum::<i64>()
}

fn money(world: &World, amount: &str, key: &str) -> Value {
    json!({ "tenantId": world.ids.a1.to_string(), "amount": amount, "currency": "CNY", "paidOn": "2026-11-02", "method": "transfer",
        "reference": "ICBC 1", "idempotencyKey": key })
}
fn major(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
fn amount(payment: &Value, of: &str) -> String {
    payment[of]["amount"].as_str().unwrap().to_owned()
}

on_both! {
    /// More than is owed: the first due is paid first, the rest is credit, pays a later invoice in part and goes back in part.
    async fn more_than_is_owed(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let before = owed(&world, &of).await;
        // Both are due the same day; the number decides, so September, which was issued first, is paid first.
        let mut input = money(&world, &major(before[0] + 10_000), "k1");
        input["firstDue"] = json!(true);
        let made = world.done("finance", "paymentReceive", PAYMENT, input.clone()).await["payment"].clone();
        assert_eq!(owed(&world, &of).await, [0, before[1] - 10_000]);
        assert_eq!(amount(&made, "credit"), "0.00");
        assert_eq!(made["applied"].as_array().unwrap().len(), 2);
        assert_eq!(world.done("finance", "paymentReceive", PAYMENT, input).await["payment"]["id"], made["id"], "a retry records nothing");

        // Money for nothing in particular.
        let made = world.done("finance", "paymentReceive", PAYMENT, money(&world, "500", "k2")).await["payment"].clone();
        let id = made["id"].clone();
        assert_eq!((amount(&made, "credit"), owed(&world, &of).await[1]), ("500.00".to_owned(), before[1] - 10_000));
        assert_eq!(account(&world, "PREPAID").await, 50_000);
        let list = "query($t: ID) { park { payments(credit: true, tenantId: $t) { totalCount nodes { id tenant { code } } } } }";
        let credit = world.ok("finance", list, json!({})).await["park"]["payments"].clone();
        assert_eq!((&credit["totalCount"], &credit["nodes"][0]["id"], &credit["nodes"][0]["tenant"]["code"]), (&json!(1), &id, &json!("A1")));
        let apply = json!({ "paymentId": id, "applications": [{ "invoiceId": of[1], "amount": "120.50" }], "idempotencyKey": "k3" });
        let made = world.done("finance", "paymentApply", PAYMENT, apply).await["payment"].clone();
        assert_eq!((amount(&made, "credit"), owed(&world, &of).await[1]), ("379.50".to_owned(), before[1] - 22_050));
        assert_eq!(account(&world, "PREPAID").await, 37_950);
        let back = |amount: &str, on: &str, key: &str| json!({ "paymentId": id, "amount": amount, "on": on, "reference": "R", "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "paymentRefund", back("379.51", "2026-11-22", "k4")).await, ["amount payment-over-credit", "on payment-in-future"]);
        assert_eq!(told(&world, "finance", "paymentRefund", back("0", "2026-11-01", "k5")).await, ["amount payment-not-positive", "on payment-before"]);
        let made = world.done("finance", "paymentRefund", PAYMENT, back("79.50", "2026-11-05", "k6")).await["payment"].clone();
        assert_eq!(amount(&made, "credit"), "300.00");
        assert_eq!(account(&world, "PREPAID").await, 30_000);
        // The clock of this test stands still: what was done at one instant is in no order.
        let mut steps: Vec<_> = made["acts"].as_array().unwrap().iter().map(|a| a["step"].as_str().unwrap()).collect();
        steps.sort_unstable();
        assert_eq!(steps, ["APPLIED", "REFUNDED"]);
        // What was paid back cannot be taken back by the bank as well.
        let bounce = json!({ "paymentId": id, "on": "2026-11-06", "reason": "x", "idempotencyKey": "k7" });
        assert_eq!(told(&world, "finance", "paymentBounce", bounce).await, ["paymentId payment-refunded"]);
        // An invoice that something pays is not withdrawn.
        let void = json!({ "invoiceId": of[1], "reason": "x", "idempotencyKey": "v" });
        assert_eq!(told(&world, "finance", "invoiceVoid", void).await, ["invoiceId invoice-has-payments"]);
        // The tenant reads its own, its neighbour nothing.
        for (who, count) in [("a1", 2), ("a2", 0), ("other-park", 0), ("assessor", 0)] {
            assert_eq!(world.ok(who, "{ park { payments { totalCount } } }", json!({})).await["park"]["payments"]["totalCount"], count, "{who}");
        }
    }

    /// A payment for the wrong invoice is taken off and pays the right one; what the bank takes back is owed again.
    async fn taken_off_and_taken_back(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let before = owed(&world, &of).await;
        // Recorded on the invoice itself, as ever.
        let pay = json!({ "invoiceId": of[0], "amount": "1000", "paidOn": "2026-11-02", "method": "transfer", "idempotencyKey": "p" });
        let id = world.done("finance", "paymentRecord", "payment { id }", pay).await["payment"]["id"].clone();
        let off = |reason: &str, key: &str| json!({ "paymentId": id, "invoiceId": of[0], "reason": reason, "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "paymentUnapply", off(" ", "o0")).await, ["reason text-required"]);
        let made = world.done("finance", "paymentUnapply", PAYMENT, off("另一张", "o1")).await["payment"].clone();
        assert_eq!((amount(&made, "credit"), owed(&world, &of).await), ("1000.00".to_owned(), before.clone()));
        assert_eq!(told(&world, "finance", "paymentUnapply", off("x", "o2")).await, ["invoiceId payment-not-applied"]);
        let apply = json!({ "paymentId": id, "applications": [{ "invoiceId": of[1] }], "idempotencyKey": "o3" });
        world.done("finance", "paymentApply", PAYMENT, apply).await;
        assert_eq!(owed(&world, &of).await, [before[0], before[1] - 100_000]);
        assert_eq!(account(&world, "PREPAID").await, 0);
        let receivable = account(&world, "RECEIVABLE").await;
        let bounce = |on: &str, reason: &str, key: &str| json!({ "paymentId": id, "on": on, "reason": reason, "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "paymentBounce", bounce("2026-11-22", "", "b0")).await, ["reason text-required", "on payment-in-future"]);
        let made = world.done("finance", "paymentBounce", PAYMENT, bounce("2026-11-10", "账户错误", "b1")).await["payment"].clone();
        assert_eq!((&made["bouncedOn"], amount(&made, "credit"), made["applied"].as_array().unwrap().len()), (&json!("2026-11-10"), "0.00".to_owned(), 0));
        assert_eq!(owed(&world, &of).await, before);
        assert_eq!(account(&world, "RECEIVABLE").await, receivable - 100_000);
        for (mutation, input) in [
            ("paymentBounce", bounce("2026-11-10", "x", "b2")),
            ("paymentApply", json!({ "paymentId": id, "firstDue": true, "idempotencyKey": "b3" })),
            ("paymentUnapply", off("x", "b4")),
            ("paymentRefund", json!({ "paymentId": id, "amount": "1", "on": "2026-11-10", "idempotencyKey": "b5" })),
        ] {
            assert_eq!(told(&world, "finance", mutation, input).await, ["paymentId payment-bounced"], "{mutation}");
        }
    }

    /// Everything that can be wrong with what is to be paid, told for each; nothing is kept.
    async fn what_cannot_be_applied(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let of = invoices_on(&world, &mut ground).await;
        let before = owed(&world, &of).await;
        let other = ground.lease(world.ids.a2, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a2, other, 1, "2026-10-01", THEN).await;
        let issue = json!({ "leaseId": other.to_string(), "month": "2026-10", "idempotencyKey": "theirs" });
        let theirs = world.done("park", "invoiceIssue", "invoice { id }", issue).await["invoice"]["id"].clone();
        let mut input = money(&world, "100", "k");
        input["applications"] = json!([
            { "invoiceId": of[0], "amount": "60" }, { "invoiceId": of[0], "amount": "1" }, { "invoiceId": theirs },
            { "invoiceId": format!("inv_{:032x}", 1) }, { "invoiceId": of[1], "amount": "40.01" }
        ]);
        assert_eq!(told(&world, "finance", "paymentReceive", input.clone()).await, [
            "applications.1.invoiceId payment-apply-twice", "applications.2.invoiceId payment-other-tenant",
            "applications.3.invoiceId not-found", "applications.4.amount payment-over-credit"]);
        input["idempotencyKey"] = json!("k2");
        input["applications"] = json!([{ "invoiceId": of[0], "amount": "0" }, { "invoiceId": of[1], "amount": "x" }]);
        assert_eq!(told(&world, "finance", "paymentReceive", input).await, ["applications.0.amount payment-not-positive", "applications.1.amount money-invalid"]);
        let mut wrong = money(&world, "-1", "k3");
        wrong["paidOn"] = json!("2026-11-22");
        wrong["method"] = json!("");
        assert_eq!(told(&world, "finance", "paymentReceive", wrong).await, ["amount payment-not-positive", "paidOn payment-in-future", "method text-required"]);
        let mut foreign = money(&world, "1", "k4");
        foreign["currency"] = json!("JPY");
        foreign["applications"] = json!([{ "invoiceId": of[0] }]);
        assert_eq!(told(&world, "finance", "paymentReceive", foreign).await, ["applications.0.invoiceId currency-mismatch"]);
        for who in ["a1", "a1-finance"] {
            assert_eq!(world.refused(who, "paymentReceive", money(&world, "1", "k5")).await, ["forbidden"], "{who}");
        }
        assert_eq!(told(&world, "other-park", "paymentReceive", money(&world, "1", "k6")).await, ["tenantId not-found"]);
        assert_eq!(world.ok("finance", "{ park { payments { totalCount } } }", json!({})).await["park"]["payments"]["totalCount"], 0);
        assert_eq!(owed(&world, &of).await, before);
    }

    /// Two who apply the same credit at once, and two payments of one invoice: never more than there is.
    async fn at_once(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let before = owed(&world, &of).await;
        let id = world.done("finance", "paymentReceive", PAYMENT, money(&world, "100", "k")).await["payment"]["id"].clone();
        let applied = join_all(of.iter().map(|invoice| {
            let input = json!({ "paymentId": id, "applications": [{ "invoiceId": invoice, "amount": "80" }], "idempotencyKey": invoice });
            world.mutate("finance", "paymentApply", "", input)
        })).await;
        let refused: Vec<_> = applied.iter().filter_map(|made| made["userErrors"][0]["rule"].as_str()).collect();
        assert_eq!(refused, ["payment-over-credit"]);
        let left = owed(&world, &of).await;
        assert_eq!(left.iter().sum::<i64>(), before.iter().sum::<i64>() - 8_000);
        let full = join_all((0..3).map(|n| {
            let mut input = money(&world, &major(left[0]), &format!("full-{n}"));
            input["applications"] = json!([{ "invoiceId": of[0], "amount": major(left[0]) }]);
            world.mutate("finance", "paymentReceive", "", input)
        })).await;
        assert_eq!(full.iter().filter(|made| made["userErrors"] == json!([])).count(), 1);
        assert_eq!(owed(&world, &of).await[0], 0);
        account(&world, "PREPAID").await;
    }

    /// What a credit note paid back is not there to be taken off again.
    async fn a_credited_invoice_keeps_what_paid_it(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let balance = owed(&world, &of).await[0];
        let pay = json!({ "invoiceId": of[0], "amount": major(balance), "paidOn": "2026-11-02", "method": "transfer", "idempotencyKey": "p" });
        let id = world.done("finance", "paymentRecord", "payment { id }", pay).await["payment"]["id"].clone();
        let note = json!({ "invoiceId": of[0], "lines": [{ "lineNo": 1, "amount": "100.00" }], "reason": "x", "idempotencyKey": "n" });
        world.done("finance", "creditNoteIssue", "", note).await;
        let off = json!({ "paymentId": id, "invoiceId": of[0], "reason": "x", "idempotencyKey": "o" });
        assert_eq!(told(&world, "finance", "paymentUnapply", off).await, ["invoiceId payment-credited"]);
        let bounce = json!({ "paymentId": id, "on": "2026-11-10", "reason": "x", "idempotencyKey": "b" });
        assert_eq!(told(&world, "finance", "paymentBounce", bounce).await, ["paymentId payment-credited"]);
    }

    /// What a credit note leaves to the payer is used like money that came: for other invoices, off again, back as money; the
    /// books tie after each, and nobody uses more than there is.
    async fn credit_of_a_note(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let before = owed(&world, &of).await;
        let pay = json!({ "invoiceId": of[0], "amount": major(before[0]), "paidOn": "2026-11-02", "method": "transfer", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "", pay).await;
        let issue = |amount: &str, to: &str, refund: Option<&str>, key: &str| {
            json!({ "invoiceId": of[0], "lines": [{ "lineNo": 1, "amount": amount }], "reason": "席位未交付", "paidTo": to, "refund": refund, "idempotencyKey": key })
        };
        assert_eq!(told(&world, "finance", "creditNoteIssue", issue("100", "MIXED", Some("109.01"), "n0")).await, ["refund credit-refund-over"]);
        assert_eq!(told(&world, "finance", "creditNoteIssue", issue("100", "MIXED", Some("0"), "n1")).await, ["refund credit-not-positive"]);
        assert_eq!(told(&world, "finance", "creditNoteIssue", issue("100", "MIXED", None, "n2")).await, ["refund money-invalid"]);
        // 1000.00 and 9 %: 1090.00, of which 90.00 goes back as money.
        let issued = world.done("finance", "creditNoteIssue", NOTE, issue("1000", "MIXED", Some("90"), "n3")).await["creditNote"].clone();
        assert_eq!(world.done("finance", "creditNoteIssue", NOTE, issue("1000", "MIXED", Some("90"), "n3")).await["creditNote"], issued, "a retry issues nothing");
        let id = issued["id"].clone();
        assert_eq!([amount(&issued, "offDebt"), amount(&issued, "refunded"), amount(&issued, "toCredit"), amount(&issued, "credit")], ["0.00", "90.00", "1000.00", "1000.00"]);
        assert_eq!((account(&world, "PREPAID").await, owed(&world, &of).await[0]), (100_000, 0));
        let list = "query($t: ID) { park { creditNotes(credit: true, tenantId: $t) { totalCount nodes { id tenant { code } } } } }";
        let credit = world.ok("finance", list, json!({})).await["park"]["creditNotes"].clone();
        assert_eq!((&credit["totalCount"], &credit["nodes"][0]["id"], &credit["nodes"][0]["tenant"]["code"]), (&json!(1), &id, &json!("A1")));
        for (who, count) in [("a1", 1), ("a2", 0), ("other-park", 0), ("assessor", 0)] {
            assert_eq!(world.ok(who, "{ park { creditNotes { totalCount } } }", json!({})).await["park"]["creditNotes"]["totalCount"], count, "{who}");
        }

        // It pays another invoice, in part; the retry of the same does nothing more.
        let apply = |amount: &str, key: &str| json!({ "creditNoteId": id, "applications": [{ "invoiceId": of[1], "amount": amount }], "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "creditNoteApply", apply("1000.01", "a0")).await, ["applications.0.amount payment-over-credit"]);
        for _ in 0..2 {
            let made = world.done("finance", "creditNoteApply", CREDITED, apply("600", "a1")).await["creditNote"].clone();
            assert_eq!((amount(&made, "credit"), &made["applied"][0]["amount"]["amount"]), ("400.00".to_owned(), &json!("600.00")));
        }
        assert_eq!((account(&world, "PREPAID").await, owed(&world, &of).await[1]), (40_000, before[1] - 60_000));
        let by = "query($id: ID!) { node(id: $id) { ... on Invoice { paid { minor } payments { id } paidByCredit { amount { amount } creditNote { id } } } } }";
        let by = world.ok("a1", by, json!({ "id": of[1] })).await["node"].clone();
        assert_eq!(by, json!({ "paid": { "minor": "60000" }, "payments": [], "paidByCredit": [{ "amount": { "amount": "600.00" }, "creditNote": { "id": id } }] }));
        let void = json!({ "invoiceId": of[1], "reason": "x", "idempotencyKey": "v" });
        assert_eq!(told(&world, "finance", "invoiceVoid", void).await, ["invoiceId invoice-has-payments"]);

        // Off again, back in part, and the rest pays what is due first.
        let off = |invoice: &str, reason: &str, key: &str| json!({ "creditNoteId": id, "invoiceId": invoice, "reason": reason, "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "creditNoteUnapply", off(&of[0], " ", "o0")).await, ["reason text-required", "invoiceId payment-not-applied"]);
        let made = world.done("finance", "creditNoteUnapply", CREDITED, off(&of[1], "另一张", "o1")).await["creditNote"].clone();
        assert_eq!((amount(&made, "credit"), owed(&world, &of).await[1]), ("1000.00".to_owned(), before[1]));
        let back = |amount: &str, on: &str, key: &str| json!({ "creditNoteId": id, "amount": amount, "on": on, "reference": "R", "idempotencyKey": key });
        assert_eq!(told(&world, "finance", "creditNoteRefund", back("1000.01", "2026-11-22", "r0")).await, ["amount payment-over-credit", "on payment-in-future"]);
        assert_eq!(told(&world, "finance", "creditNoteRefund", back("1", "2026-11-01", "r1")).await, ["on payment-before"]);
        let made = world.done("finance", "creditNoteRefund", CREDITED, back("250", "2026-11-21", "r2")).await["creditNote"].clone();
        assert_eq!((amount(&made, "credit"), account(&world, "PREPAID").await), ("750.00".to_owned(), 75_000));
        let made = world.done("finance", "creditNoteApply", CREDITED, json!({ "creditNoteId": id, "firstDue": true, "idempotencyKey": "a2" })).await["creditNote"].clone();
        assert_eq!((amount(&made, "credit"), owed(&world, &of).await[1]), ("0.00".to_owned(), before[1] - 75_000));
        let mut steps: Vec<_> = made["acts"].as_array().unwrap().iter().map(|a| a["step"].as_str().unwrap()).collect();
        steps.sort_unstable();
        assert_eq!(steps, ["APPLIED", "APPLIED", "REFUNDED", "UNAPPLIED"]);
        assert_eq!(account(&world, "PREPAID").await, 0);
        assert_eq!(world.ok("finance", list, json!({})).await["park"]["creditNotes"]["totalCount"], 0);
        for (who, rule) in [("a1", "forbidden"), ("other-park", "not-found")] {
            assert_eq!(world.refused(who, "creditNoteRefund", back("1", "2026-11-21", "r3")).await, [rule], "{who}");
        }
    }

    /// Two who use the same credit of a note at once: never more than there is.
    async fn credit_of_a_note_at_once(backend) {
        let world = World::new(backend).await;
        let of = invoices(&world).await;
        let before = owed(&world, &of).await;
        let pay = json!({ "invoiceId": of[0], "amount": major(before[0]), "paidOn": "2026-11-02", "method": "transfer", "idempotencyKey": "p" });
        world.done("finance", "paymentRecord", "", pay).await;
        let note = json!({ "invoiceId": of[0], "lines": [{ "lineNo": 1, "amount": "100" }], "reason": "x", "paidTo": "CREDIT", "idempotencyKey": "n" });
        let id = world.done("finance", "creditNoteIssue", NOTE, note).await["creditNote"]["id"].clone();
        let applied = join_all((0..3).map(|n| {
            let input = json!({ "creditNoteId": id, "applications": [{ "invoiceId": of[1], "amount": "60" }], "idempotencyKey": format!("a-{n}") });
            world.mutate("finance", "creditNoteApply", "", input)
        })).await;
        let refused: Vec<_> = applied.iter().filter_map(|made| made["userErrors"][0]["rule"].as_str()).collect();
        assert_eq!(refused, ["payment-over-credit"; 2]);
        assert_eq!((owed(&world, &of).await[1], account(&world, "PREPAID").await), (before[1] - 6_000, 4_900));
    }
}
