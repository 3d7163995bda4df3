//! Invoices: priced from the seat ledger, numbered without gaps, paid, and the same for ever.

mod advance;
mod by_book;
mod concessions;
mod correcting;
mod currency;
mod ground;
mod pools;
mod repricing;
mod run;
mod runs;
mod statement;
mod straight;
mod taxed;
mod usage;
mod year;
mod zones;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

pub(crate) use self::ground::{Ground, Terms};

/// When everything was recorded that is not a correction.
pub(crate) const THEN: &str = "2026-01-01T00:00:00+00:00";

const INVOICE: &str = "invoice { id number net { minor } tax { minor } total { minor amount currency } paid { minor } balance { minor }
  state dueOn periodFrom periodTo repricing { same differences }
  lines { lineNo kind product seatDays unitPrice { amount } net { minor } taxRate why slices { from to seats seatDays } }
  payments { id amount { minor } paidOn method reference } tenant { code } }";

fn issue(lease: LeaseId, month: &str, key: &str) -> Value {
    json!({ "leaseId": lease.to_string(), "month": month, "idempotencyKey": key })
}

fn payment(invoice: &Value, amount: &str, on: &str, key: &str) -> Value {
    json!({ "invoiceId": invoice["id"], "amount": amount, "paidOn": on, "method": "bank transfer", "reference": "R-1", "idempotencyKey": key })
}

/// Tenant a1 holds four seats from 12 October, two of them until the 22nd, the first three days free of rent.
async fn october(world: &World) -> (Ground, LeaseId, Vec<ground::Held>) {
    let mut ground = Ground::new(world).await;
    let terms = Terms { from: "2026-10-12", rent_free: Some(("2026-10-12", "2026-10-15")), ..Terms::default() };
    let lease = ground.lease(world.ids.a1, THEN, &terms).await;
    let held = ground.allocate(world.ids.a1, lease, 4, "2026-10-12", THEN).await;
    ground.record(&held[2..], "release", "2026-10-22", "2026-10-20T08:00:00+00:00").await;
    (ground, lease, held)
}

on_both! {
    /// From the 12th, two seats released mid-month, three days free of rent: exact to the cent, with its reasons.
    async fn a_month_is_billed_to_the_cent(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = october(&world).await;
        let made = world.done("finance", "invoiceIssue", INVOICE, issue(lease, "2026-10", "k1")).await;
        let invoice = &made["invoice"];
        // 4 seats x 7 days and 2 seats x 10 days: 48 seat-days of 31 at 880.00, 1362.58; 9 % of it.
        assert_eq!(invoice["net"]["minor"], "136258");
        assert_eq!(invoice["tax"]["minor"], "12263");
        assert_eq!(invoice["total"], json!({ "minor": "148521", "amount": "1485.21", "currency": "CNY" }));
        assert_eq!((&invoice["number"], &invoice["dueOn"]), (&json!("PA-2026-000001"), &json!("2026-12-06")));
        assert_eq!((&invoice["periodFrom"], &invoice["periodTo"]), (&json!("2026-10-01"), &json!("2026-11-01")));
        assert_eq!((&invoice["state"], &invoice["balance"]["minor"]), (&json!("UNPAID"), &json!("148521")));
        assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
        let free = &invoice["lines"][0];
        assert_eq!((&free["kind"], &free["seatDays"], &free["net"]["minor"]), (&json!("rent_free"), &json!(12), &json!("0")));
        let rent = &invoice["lines"][1];
        assert_eq!(rent["why"], "880.00 CNY a seat-month × 48 seat-days ÷ 31 days of the month = 1362.58 CNY.");
        assert_eq!(rent["slices"], json!([
            { "from": "2026-10-15", "to": "2026-10-22", "seats": 4, "seatDays": 28 },
            { "from": "2026-10-22", "to": "2026-11-01", "seats": 2, "seatDays": 20 },
        ]));
        assert_eq!((&rent["product"], &rent["taxRate"]), (&json!("EQUIPPED"), &json!("9")));

        // The same key answers the same, another key finds it there, and an open or empty month is none.
        let again = world.done("finance", "invoiceIssue", "invoice { id }", issue(lease, "2026-10", "k1")).await;
        assert_eq!(again["invoice"]["id"], invoice["id"]);
        assert_eq!(world.refused("park", "invoiceIssue", issue(lease, "2026-10", "k2")).await, ["invoice-exists"]);
        assert_eq!(world.refused("park", "invoiceIssue", issue(lease, "2026-11", "k3")).await, ["invoice-month-open"]);
        assert_eq!(world.refused("park", "invoiceIssue", issue(lease, "2026-09", "k4")).await, ["invoice-empty-month"]);
    }

    /// A month can be looked at before it is over, by the tenant too; what cannot be drawn up says why.
    async fn a_month_is_previewed(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = october(&world).await;
        let preview = "query($id: ID!, $month: Month!) { node(id: $id) { ... on Lease { invoicePreview(month: $month) {
          leaseId periodFrom periodTo net { minor } tax { minor } total { minor } lines { seatDays } userErrors { rule path } } } } }";
        let see = async |who: &str, month: &str| {
            let variables = json!({ "id": lease.to_string(), "month": month });
            world.ok(who, preview, variables).await["node"]["invoicePreview"].clone()
        };
        // Two seats through the thirty days of November.
        let open = json!({ "leaseId": lease.to_string(), "periodFrom": "2026-11-01", "periodTo": "2026-12-01", "net": { "minor": "176000" },
            "tax": { "minor": "15840" }, "total": { "minor": "191840" }, "lines": [{ "seatDays": 60 }], "userErrors": [] });
        assert_eq!(see("a1", "2026-11").await, open);
        assert_eq!(see("finance", "2026-11").await, open);
        let empty = see("park", "2026-09").await;
        assert_eq!((&empty["net"], &empty["lines"]), (&Value::Null, &json!([])));
        assert_eq!(empty["userErrors"], json!([{ "rule": "invoice-empty-month", "path": "" }]));
        assert!(see("a2", "2026-11").await.is_null());
    }

    /// Payments count once, never exceed the balance, and settle the invoice.
    async fn an_invoice_is_paid(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = october(&world).await;
        let invoice = world.done("park", "invoiceIssue", INVOICE, issue(lease, "2026-10", "k")).await["invoice"].clone();
        let part = payment(&invoice, "1000", "2026-11-20", "p1");
        let first = world.done("finance", "paymentRecord", "payment { id }", part.clone()).await;
        let again = world.done("finance", "paymentRecord", &format!("payment {{ id }} {INVOICE}"), part).await;
        assert_eq!(first["payment"], again["payment"]);
        assert_eq!((&again["invoice"]["state"], &again["invoice"]["balance"]["minor"]), (&json!("PART_PAID"), &json!("48521")));
        for (amount, on, rules) in [
            ("485.22", "2026-11-20", vec!["payment-over-balance"]),
            ("0", "2026-11-22", vec!["payment-not-positive", "payment-in-future"]),
            ("-5", "2026-11-20", vec!["payment-not-positive"]),
            ("1.005", "2026-11-20", vec!["money-invalid"]),
        ] {
            assert_eq!(world.refused("finance", "paymentRecord", payment(&invoice, amount, on, amount)).await, rules, "{amount}");
        }
        // Two at once cannot both take the rest.
        let rest = ["a", "b"].map(|key| payment(&invoice, "485.21", "2026-11-21", key));
        let both = join_all(rest.map(|input| world.mutate("finance", "paymentRecord", INVOICE, input))).await;
        let refused: Vec<_> = both.iter().filter(|p| p["userErrors"] != json!([])).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0]["userErrors"][0]["rule"], "payment-over-balance");
        let paid = "query($id: ID!) { node(id: $id) { ... on Invoice { state balance { minor } payments { amount { minor } } } } }";
        let after = world.ok("a1", paid, json!({ "id": invoice["id"] })).await["node"].clone();
        assert_eq!((&after["state"], &after["balance"]["minor"]), (&json!("PAID"), &json!("0")));
        assert_eq!(after["payments"], json!([{ "amount": { "minor": "100000" } }, { "amount": { "minor": "48521" } }]));
    }

    /// Whatever is corrected later, with whatever date: a past invoice comes out the same, a new one does not.
    async fn priced_again_it_gives_the_same_cents(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, held) = october(&world).await;
        let made = world.done("park", "invoiceIssue", "invoice { id }", issue(lease, "2026-10", "k")).await;
        // Recorded tomorrow: one seat was never held, one was released earlier, and the price was another one.
        let later = "2026-11-22T08:00:00+00:00";
        ground.record(&held[..1], "reverse", "2026-10-12", later).await;
        ground.record(&held[2..3], "release", "2026-10-16", later).await;
        let terms = Terms { from: "2026-10-12", unit_minor: 99_900, ..Terms::default() };
        ground.amend(world.ids.a1, lease, 2, "2026-10-12", later, &terms).await;
        world.clock.advance(chrono::TimeDelta::days(3));
        world.forget_tokens().await;
        let again = "query($id: ID!) { node(id: $id) { ... on Invoice { total { minor } repricing { same differences } } } }";
        let invoice = world.ok("park", again, json!({ "id": made["invoice"]["id"] })).await["node"].clone();
        assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
        let ctx = world.ctx("park").await;
        let tx = world.tx("park", voxpark_domain::uow::Mode::Read).await;
        let month = voxpark_domain::time::Month::parse("2026-10").unwrap();
        let preview = voxpark_billing::invoicing::preview(&*tx, &ctx, &[(lease, month)]).await.unwrap();
        // One seat the whole time, one from the 12th to the 16th, one to the 22nd: 20 + 4 + 10 seat-days at 999.00.
        let body = preview[0].1.as_ref().unwrap();
        assert_eq!(body.net_minor, (99_900 * 34 + 15) / 31);
    }

    /// Many at once, with failing ones among them: numbers without gap or double, and one invoice a lease and month.
    async fn numbers_have_no_gap(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let mut inputs = Vec::new();
        for n in 0..12 {
            let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
            // Every third has no seat, so that its invoice fails after the race has begun.
            if n % 3 != 0 {
                ground.allocate(world.ids.a1, lease, 1, "2026-10-01", THEN).await;
            }
            inputs.push(issue(lease, "2026-10", &format!("first-{n}")));
            inputs.push(issue(lease, "2026-10", &format!("second-{n}")));
        }
        world.token("park").await;
        let done = join_all(inputs.into_iter().map(|i| world.mutate("park", "invoiceIssue", "invoice { number }", i))).await;
        let numbers: BTreeSet<String> = done.iter().filter_map(|p| p["invoice"]["number"].as_str()).map(str::to_owned).collect();
        assert_eq!(numbers, (1..=8).map(|n| format!("PA-2026-{n:06}")).collect());
        let mut rules: Vec<_> = done.iter().filter_map(|p| p["userErrors"][0]["rule"].as_str()).collect();
        rules.sort_unstable();
        assert_eq!(rules, [["invoice-empty-month"; 8], ["invoice-exists"; 8]].concat());
    }

    /// Who may see and who may bind.
    async fn a_neighbour_sees_nothing_and_a_tenant_only_reads(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = october(&world).await;
        let invoice = world.done("park", "invoiceIssue", INVOICE, issue(lease, "2026-10", "k")).await["invoice"].clone();
        let list = "{ park { invoices { totalCount nodes { number total { minor } } } billingMonth(month: \"2026-10\") { invoices } } }";
        let seen = world.ok("a1-finance", list, json!({})).await["park"].clone();
        assert_eq!(seen["invoices"]["nodes"], json!([{ "number": "PA-2026-000001", "total": { "minor": "148521" } }]));
        assert_eq!(seen["billingMonth"]["invoices"], 1);
        let neighbour = world.ok("a2", list, json!({})).await["park"].clone();
        assert_eq!(neighbour, json!({ "invoices": { "totalCount": 0, "nodes": [] }, "billingMonth": { "invoices": 0 } }));
        let leader = world.ok("a1-leader", list, json!({})).await["park"].clone();
        assert_eq!(leader, json!({ "invoices": { "totalCount": 0, "nodes": [] }, "billingMonth": null }));
        for who in ["a2", "other-park", "assessor", "a1-agent"] {
            let node = world.ok(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": invoice["id"] })).await;
            assert!(node["node"].is_null(), "{who}");
        }
        for (who, rule) in [("a1", "forbidden"), ("a1-leader", "not-found"), ("a2", "forbidden"), ("other-park", "not-found")] {
            assert_eq!(world.refused(who, "invoiceIssue", issue(lease, "2026-10", "x")).await, [rule], "{who}");
            let pay = payment(&invoice, "1", "2026-11-20", "y");
            assert_eq!(world.refused(who, "paymentRecord", pay).await, [rule], "{who}");
        }
    }

    /// The month in sums, what is overdue, the filters, and as many statements for one invoice as for many.
    async fn a_month_in_sums_and_in_pages(backend) {
        let world = World::new(backend).await;
        let mut ground = Ground::new(&world).await;
        let mut made = Vec::new();
        for (n, tenant) in [world.ids.a1, world.ids.a2, world.ids.a2].into_iter().enumerate() {
            let lease = ground.lease(tenant, THEN, &Terms::default()).await;
            ground.allocate(tenant, lease, 2, "2026-08-01", THEN).await;
            for month in ["2026-09", "2026-10"] {
                let one = world.done("park", "invoiceIssue", INVOICE, issue(lease, month, &format!("{n}{month}"))).await;
                made.push(one["invoice"].clone());
            }
        }
        let october = &made[1];
        world.done("park", "paymentRecord", "payment { id }", payment(october, "1918.40", "2026-11-21", "p1")).await;
        world.done("park", "paymentRecord", "payment { id }", payment(&made[3], "918.40", "2026-11-21", "p2")).await;
        let sums = "query { park { billingMonth { month invoices net { minor } total { minor } paid { minor } open { minor } overdue { minor } overdueTenants } } }";
        let expect = |overdue: &str, tenants: i64| json!({ "month": "2026-10", "invoices": 3, "net": { "minor": "528000" }, "total": { "minor": "575520" },
            "paid": { "minor": "283680" }, "open": { "minor": "291840" }, "overdue": { "minor": overdue }, "overdueTenants": tenants });
        assert_eq!(world.ok("finance", sums, json!({})).await["park"]["billingMonth"], expect("0", 0));
        let count = "query($filter: InvoiceFilter) { park { invoices(filter: $filter) { totalCount nodes { number } } } }";
        let states = async |expected: [i64; 4]| {
            for (state, n) in ["UNPAID", "PART_PAID", "PAID", "OVERDUE"].into_iter().zip(expected) {
                let filter = json!({ "filter": { "month": "2026-10", "state": state } });
                let found = world.ok("park", count, filter).await["park"]["invoices"].clone();
                assert_eq!((&found["totalCount"], found["nodes"].as_array().map(Vec::len)), (&json!(n), usize::try_from(n).ok()), "{state}");
            }
        };
        states([1, 1, 1, 0]).await;
        world.clock.advance(chrono::TimeDelta::days(16));
        world.forget_tokens().await;
        states([0, 0, 1, 2]).await;
        let late = "query { park { billingMonth(month: \"2026-10\") { overdue { minor } overdueTenants } } }";
        let late = world.ok("finance", late, json!({})).await["park"]["billingMonth"].clone();
        assert_eq!(late, json!({ "overdue": { "minor": "291840" }, "overdueTenants": 1 }));
        let of_a2 = json!({ "filter": { "tenantId": world.ids.a2.to_string() } });
        assert_eq!(world.ok("park", count, of_a2).await["park"]["invoices"]["totalCount"], 4);

        // Pages walk from the highest number down, without a hole.
        let page = "query($after: String) { park { invoices(first: 4, after: $after) { nodes { number } pageInfo { endCursor hasNextPage } } } }";
        let first = world.ok("park", page, json!({})).await["park"]["invoices"].clone();
        let second = world.ok("park", page, json!({ "after": first["pageInfo"]["endCursor"] })).await["park"]["invoices"].clone();
        let numbers: Vec<_> = [&first, &second].iter().flat_map(|p| p["nodes"].as_array().unwrap().clone()).collect();
        let expected: Vec<_> = (1..=6).rev().map(|n| json!({ "number": format!("PA-2026-{n:06}") })).collect();
        assert_eq!(numbers, expected);
        let all = |first: usize| format!("{{ park {{ invoices(first: {first}) {{ totalCount nodes {{ number tenant {{ code }} lines {{ why slices {{ seats }} }} payments {{ id }} repricing {{ same differences }} }} }} }} }}");
        let token = world.token("park").await;
        let few = world.call(Some(token.clone()), &all(1), json!({})).await;
        let many = world.call(Some(token), &all(6), json!({})).await;
        assert_eq!(few.statements, many.statements, "{} {}", few.body, many.body);
        let nodes = many.body["data"]["park"]["invoices"]["nodes"].as_array().unwrap().clone();
        assert!(nodes.len() == 6 && nodes.iter().all(|n| n["repricing"]["same"] == json!(true)));
    }
}
