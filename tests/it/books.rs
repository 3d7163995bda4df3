//! The books: whatever is issued, withdrawn and paid is booked with it, revenue by month, months that are closed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connect, DbBackend};
use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_migrations::SCHEMA;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};

/// Two leases of one tenant and one of its neighbour, from August on.
async fn leases(world: &World) -> (Ground, Vec<LeaseId>) {
    let mut ground = Ground::new(world).await;
    let mut leases = Vec::new();
    for (tenant, seats) in [(world.ids.a1, 2), (world.ids.a1, 1), (world.ids.a2, 3)] {
        let terms = Terms { rent_free: Some(("2026-09-01", "2026-09-11")), ..Terms::default() };
        let lease = ground.lease(tenant, THEN, &terms).await;
        ground.allocate(tenant, lease, seats, "2026-08-11", THEN).await;
        leases.push(lease);
    }
    (ground, leases)
}

async fn bill(world: &World, month: &str) -> Vec<Value> {
    let run = json!({ "month": month, "idempotencyKey": format!("run-{month}") });
    let rows = "rows { invoice { id net { minor } total { minor amount } tenant { id } } }";
    let run = world.done("park", "billingRun", rows, run).await;
    run["rows"].as_array().unwrap().iter().map(|row| row["invoice"].clone()).collect()
}

async fn pay(world: &World, invoice: &Value, amount: &str, on: &str, key: &str) {
    let payment =
        json!({ "invoiceId": invoice["id"], "amount": amount, "paidOn": on, "method": "bank", "idempotencyKey": key });
    world.done("finance", "paymentRecord", "", payment).await;
}

async fn void(world: &World, invoice: &Value, key: &str) {
    let void = json!({ "invoiceId": invoice["id"], "reason": "席位数有误", "idempotencyKey": key });
    world.done("finance", "invoiceVoid", "", void).await;
}

async fn recognise(world: &World, up_to: &str, key: &str) -> i64 {
    let input = json!({ "upTo": up_to, "idempotencyKey": key });
    world.done("finance", "revenueRecognise", "entries", input).await["entries"].as_i64().unwrap()
}

fn close(month: &str, key: &str) -> Value {
    json!({ "month": month, "idempotencyKey": key })
}

fn minor(money: &Value) -> i64 {
    money["minor"].as_str().unwrap().parse().unwrap()
}

/// Every entry of the books, the earliest first.
async fn entries(world: &World, who: &str) -> Vec<Value> {
    let ask = "query($after: String) { park { ledgerEntries(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
      id number key kind bookedOn aboutMonth late text lines { account amount { minor } tenant { id } invoice { id } payment { id } } } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = world.ok(who, ask, json!({ "after": after })).await["park"]["ledgerEntries"].clone();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            assert_eq!(page["totalCount"], all.len());
            all.reverse();
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Each entry sums to nothing, and they are numbered without gaps.
fn sound(entries: &[Value]) {
    for (number, entry) in (1_i64..).zip(entries) {
        let lines = entry["lines"].as_array().unwrap();
        assert_eq!(lines.iter().map(|line| minor(&line["amount"])).sum::<i64>(), 0, "{entry}");
        assert_eq!(entry["number"], number);
    }
    let keys: BTreeSet<_> = entries.iter().map(|entry| entry["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), entries.len());
}

/// What the API says of invoices: owed by tenant, and invoiced before tax and tax of those in force.
async fn invoiced(world: &World) -> (BTreeMap<String, i64>, i64, i64) {
    let ask = "{ park { invoices(first: 100) { nodes { state balance { minor } net { minor } tax { minor } tenant { id } } } } }";
    let list = world.ok("finance", ask, json!({})).await["park"]["invoices"]["nodes"].clone();
    let (mut owed, mut net, mut tax) = (BTreeMap::new(), 0, 0);
    for invoice in list.as_array().unwrap().iter().filter(|invoice| invoice["state"] != "VOID") {
        *owed.entry(invoice["tenant"]["id"].as_str().unwrap().to_owned()).or_default() += minor(&invoice["balance"]);
        net += minor(&invoice["net"]);
        tax += minor(&invoice["tax"]);
    }
    (owed, net, tax)
}

/// The books say the same as invoices and payments.
async fn agrees(world: &World) {
    let (owed, net, tax) = invoiced(world).await;
    let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { account number title tenant { id } closing { minor } } }
      ageing { tenant { id } owed { minor } unapplied { minor } } vatReport(month: \"2026-11\") { rate net { minor } tax { minor } } } }";
    let park = world.ok("finance", ask, json!({})).await["park"].clone();
    let rows = park["trialBalance"]["rows"].as_array().unwrap().clone();
    assert_eq!(park["trialBalance"]["balanced"], true);
    let of = |account: &str| {
        rows.iter().filter(|row| row["account"] == account).map(|row| minor(&row["closing"])).sum::<i64>()
    };
    for (tenant, owed) in &owed {
        let row = rows.iter().filter(|row| row["account"] == "RECEIVABLE" && row["tenant"]["id"] == tenant.as_str());
        assert_eq!(row.map(|row| minor(&row["closing"])).sum::<i64>(), *owed, "{tenant}");
        let late = park["ageing"].as_array().unwrap().iter().filter(|row| row["tenant"]["id"] == tenant.as_str());
        assert_eq!(late.map(|row| minor(&row["owed"]) - minor(&row["unapplied"])).sum::<i64>(), *owed, "{tenant}");
        let ask = "query($id: ID!) { park { statementOfAccount(tenantId: $id, from: \"2026-08-01\", to: \"2026-12-01\") { openings { minor } lines { text amount { minor } balance { minor } } } } }";
        let statement = world.ok("finance", ask, json!({ "id": tenant })).await["park"]["statementOfAccount"].clone();
        let lines = statement["lines"].as_array().unwrap();
        assert_eq!(lines.last().map_or(0, |line| minor(&line["balance"])), *owed, "{statement}");
    }
    assert_eq!(-of("DEFERRED") - of("EARNED"), net, "deferred and earned are what was invoiced");
    assert_eq!(-of("TAX_PAYABLE"), tax);
    let vat = park["vatReport"].as_array().unwrap();
    assert_eq!(
        (vat.iter().map(|row| minor(&row["net"])).sum::<i64>(), vat.iter().map(|row| minor(&row["tax"])).sum::<i64>()),
        (net, tax)
    );
}

on_both! {
    /// Over three months: the books are in balance after each step and say what invoices and payments say.
    async fn what_happens_is_booked(backend) {
        let world = World::new(backend).await;
        leases(&world).await;
        let (august, september) = (bill(&world, "2026-08").await, bill(&world, "2026-09").await);
        agrees(&world).await;
        pay(&world, &august[0], "100.00", "2026-11-10", "p1").await;
        pay(&world, &august[2], august[2]["total"]["amount"].as_str().unwrap(), "2026-11-20", "p2").await;
        agrees(&world).await;
        let october = bill(&world, "2026-10").await;
        void(&world, &october[0], "v1").await;
        agrees(&world).await;
        let first = recognise(&world, "2026-09", "r1").await;
        assert_eq!(first, 12, "three leases of two months: earned, and taken up by the invoice");
        agrees(&world).await;
        // Withdrawn after it was earned, and the rest.
        void(&world, &september[1], "v2").await;
        agrees(&world).await;
        assert_eq!(recognise(&world, "2026-10", "r2").await, 4);
        assert_eq!(recognise(&world, "2026-10", "r3").await, 0, "asked again, nothing is left");
        agrees(&world).await;
        let before = entries(&world, "finance").await;
        sound(&before);
        pay(&world, &august[0], "100.00", "2026-11-10", "p1").await;
        void(&world, &september[1], "v2").await;
        assert_eq!(entries(&world, "park").await, before, "what is tried again books nothing");

        // From a figure to entries, and from there to documents.
        let filter = json!({ "f": { "month": "2026-11", "account": "RECEIVABLE", "tenantId": world.ids.a2.to_string(), "documentId": august[2]["id"] } });
        let ask = "query($f: LedgerFilter) { park { ledgerEntries(filter: $f) { nodes { id text lines { account invoice { number } payment { method } } } } } }";
        let found = world.ok("finance", ask, filter).await["park"]["ledgerEntries"]["nodes"].clone();
        assert_eq!(found.as_array().unwrap().len(), 2, "issued and paid: {found}");
        assert!(found.to_string().contains("\"bank\""), "{found}");
        let node = "query($id: ID!) { node(id: $id) { ... on LedgerEntry { number } } }";
        let id = json!({ "id": found[0]["id"] });
        assert!(world.ok("finance", node, id.clone()).await["node"]["number"].is_number());

        // A tenant has its own statement and nothing else; others have nothing.
        let statement = "query($id: ID!) { park { statementOfAccount(tenantId: $id, from: \"2026-11-15\", to: \"2026-12-01\") { openings { minor } lines { text } } } }";
        let own = json!({ "id": world.ids.a1.to_string() });
        let its = world.ok("a1", statement, own.clone()).await["park"]["statementOfAccount"].clone();
        assert_eq!(its, world.ok("park", statement, own.clone()).await["park"]["statementOfAccount"]);
        assert_eq!(its["openings"][0]["minor"], "-10000", "paid before the day of issue of the test");
        let all = "{ park { ledgerEntries { totalCount nodes { id } } trialBalance(month: \"2026-11\") { balanced } ageing { owed { minor } } vatReport(month: \"2026-11\") { rate } bookMonths { month } } }";
        let nothing = json!({ "ledgerEntries": { "totalCount": 0, "nodes": [] }, "trialBalance": null, "ageing": [], "vatReport": [], "bookMonths": [] });
        assert_eq!(world.ok("a1", all, json!({})).await["park"], nothing);
        for who in ["a1", "a2", "other-park"] {
            assert_eq!(world.ok(who, node, id.clone()).await["node"], Value::Null, "{who}");
        }
        let foreign = world.ok("a2", statement, own.clone()).await["park"]["statementOfAccount"].clone();
        assert!(foreign.is_null(), "{foreign}");
        assert!(entries(&world, "other-park").await.is_empty());
        assert_eq!(world.refused("a1", "revenueRecognise", json!({ "upTo": "2026-10", "idempotencyKey": "x" })).await, ["forbidden"]);
    }

    /// Runs at once book once.
    async fn runs_at_once_book_once(backend) {
        let world = World::new(backend).await;
        leases(&world).await;
        bill(&world, "2026-08").await;
        world.token("finance").await;
        let runs = (0..4).map(|n| {
            let input = json!({ "upTo": "2026-10", "idempotencyKey": format!("r{n}") });
            world.mutate("finance", "revenueRecognise", "entries", input)
        });
        let booked: Vec<i64> = join_all(runs).await.iter().map(|done| done["entries"].as_i64().unwrap()).collect();
        assert_eq!(booked.iter().sum::<i64>(), 6, "{booked:?}");
        sound(&entries(&world, "park").await);
        agrees(&world).await;
    }

    /// A closed month takes nothing more; what comes late is booked in the next open one and says so.
    async fn months_close_in_order(backend) {
        let world = World::new(backend).await;
        let (mut ground, _) = leases(&world).await;
        bill(&world, "2026-08").await;
        bill(&world, "2026-09").await;
        let refused = async |month: &str| world.refused("finance", "bookMonthClose", close(month, &format!("no-{month}"))).await;
        assert_eq!(refused("2026-09").await, ["book-month-not-next"]);
        assert_eq!(refused("2026-11").await, ["book-month-not-over"]);
        assert_eq!(world.refused("a1", "bookMonthClose", close("2026-08", "a1")).await, ["forbidden"]);
        let done = world.done("finance", "bookMonthClose", "recognised", close("2026-08", "c1")).await;
        assert_eq!(done["recognised"], 6);
        let again = world.done("finance", "bookMonthClose", "recognised", close("2026-08", "c1")).await;
        assert_eq!(again, done, "the same key answers the same");
        assert_eq!(refused("2026-08").await, ["book-month-closed"]);

        let late = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a1, late, 1, "2026-08-11", THEN).await;
        let issue = json!({ "leaseId": late.to_string(), "month": "2026-08", "idempotencyKey": "late" });
        world.done("park", "invoiceIssue", "", issue).await;
        assert_eq!(recognise(&world, "2026-08", "late").await, 2);
        let booked = entries(&world, "park").await.into_iter().rev().find(|entry| entry["late"] == true).unwrap();
        assert_eq!((&booked["bookedOn"], &booked["aboutMonth"], &booked["late"]), (&json!("2026-09-01"), &json!("2026-08"), &json!(true)));
        agrees(&world).await;

        // September is closed only when every lease is billed, or when that is said to be meant.
        let unbilled = ground.lease(world.ids.a2, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a2, unbilled, 1, "2026-09-11", THEN).await;
        assert_eq!(refused("2026-09").await, ["book-month-unbilled"]);

        let reopen = |month: &str, note: &str, key: &str| json!({ "month": month, "reason": "AUDIT", "note": note, "idempotencyKey": key });
        assert_eq!(world.refused("finance", "bookMonthReopen", reopen("2026-07", "x", "o1")).await, ["book-month-not-last"]);
        assert_eq!(world.refused("finance", "bookMonthReopen", reopen("2026-08", " ", "o2")).await, ["text-required"]);
        assert_eq!(world.refused("other-park", "bookMonthReopen", reopen("2026-08", "x", "o3")).await, ["book-month-none-closed"]);
        world.done("finance", "bookMonthReopen", "", reopen("2026-08", "审计要求", "o4")).await;
        let steps = world.ok("park", "{ park { bookMonths { month act reason note } } }", json!({})).await;
        assert_eq!(steps["park"]["bookMonths"], json!([
            { "month": "2026-08", "act": "REOPEN", "reason": "AUDIT", "note": "审计要求" },
            { "month": "2026-08", "act": "CLOSE", "reason": null, "note": "" },
        ]));
        world.done("finance", "bookMonthClose", "recognised", close("2026-08", "c2")).await;
        let meant = json!({ "month": "2026-09", "withoutUnbilled": true, "idempotencyKey": "c3" });
        world.done("finance", "bookMonthClose", "recognised", meant).await;
        sound(&entries(&world, "park").await);
        agrees(&world).await;
    }

    /// The database itself takes no entry that does not balance, and no line for one that stands.
    async fn the_database_keeps_the_balance(backend) {
        let world = World::new(backend).await;
        leases(&world).await;
        bill(&world, "2026-08").await;
        let mut options = sea_orm::ConnectOptions::new(world.database.url());
        options.max_connections(1);
        let db = Connect::connect(options).await.unwrap();
        let postgres = db.get_database_backend() == DbBackend::Postgres;
        let id = if postgres { "'00000000-0000-7000-8000-000000000001'::uuid" } else { "X'00000000000070008000000000000001'" };
        let (open, end) = if postgres {
            (format!("SET search_path = {SCHEMA}; BEGIN"), "ROLLBACK")
        } else {
            ("BEGIN IMMEDIATE; UPDATE write_scope SET class = 'system'".to_owned(), "ROLLBACK")
        };
        let line = |entry: &str, n: i64, minor: &str| format!("INSERT INTO ledger_line (park_id, entry_id, n, account, detail, currency, minor, how)
            SELECT park_id, {entry}, {n}, 'cash', 'bank', 'CNY', {minor}, 'plain' FROM ledger_entry WHERE number = 1");
        let head = format!("INSERT INTO ledger_entry (park_id, entry_id, number, posting_key, kind, day, booked_on, about_month, text_rule, text_args, recorded_at)
            SELECT park_id, {id}, 999, 'k', kind, day, booked_on, about_month, text_rule, text_args, recorded_at FROM ledger_entry WHERE number = 1");
        let cases = [
            (vec![line("entry_id", 99, "5")], "ledger_line_sealed"),
            (vec![line(id, 1, "5"), line(id, 2, "-4"), head.clone()], "ledger_entry_balanced"),
            (vec![head.clone()], "ledger_entry_balanced"),
            (vec![line(id, 1, "5"), line(id, 2, "-5"), head], ""),
        ];
        for (statements, refusal) in cases {
            let sql = format!("{open}; {}", statements.join("; "));
            let done = db.execute_unprepared(&sql).await;
            match refusal {
                "" => drop(done.unwrap()),
                _ => assert!(done.unwrap_err().to_string().contains(refusal)),
            }
            let _ = db.execute_unprepared(end).await;
        }
    }
}
