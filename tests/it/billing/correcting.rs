//! What is recorded after a month was billed: the next invoice of the lease corrects it.

use serde_json::{Value, json};
use voxpark_billing::invoicing;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{Ground, THEN, Terms, issue};

const INVOICE: &str = "invoice { id number net { minor } tax { minor } total { minor } repricing { same differences }
  lines { lineNo kind seatDays unitPrice { amount } net { minor } why slices { seats } correction { month invoice billed { minor } now { minor } billedWhy nowWhy } } }";

/// Behind everything that is issued on the first day of a test.
const LATER: &str = "2026-11-22T08:00:00+00:00";

async fn issued(world: &World, lease: LeaseId, month: &str) -> Value {
    world.done("park", "invoiceIssue", INVOICE, issue(lease, month, month)).await["invoice"].clone()
}

/// Three days on.
async fn days_pass(world: &World) {
    world.clock.advance(chrono::TimeDelta::days(3));
    world.forget_tokens().await;
}

/// Net, and each line as seat-days, net, and the month that it corrects.
fn seen(invoice: &Value) -> (String, Vec<(i64, String, Option<String>)>) {
    let minor = |of: &Value| of["net"]["minor"].as_str().unwrap().to_owned();
    let line = |line: &Value| {
        let month = line["correction"]["month"].as_str().map(str::to_owned);
        (line["seatDays"].as_i64().unwrap(), minor(line), month)
    };
    (minor(invoice), invoice["lines"].as_array().unwrap().iter().map(line).collect())
}

fn lines(expected: &[(i64, &str, Option<&str>)]) -> Vec<(i64, String, Option<String>)> {
    expected.iter().map(|(days, net, month)| (*days, (*net).to_owned(), month.map(str::to_owned))).collect()
}

/// Two seats of a1 from August on.
async fn two_seats(world: &World) -> (Ground, LeaseId, Vec<super::ground::Held>) {
    let mut ground = Ground::new(world).await;
    let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
    let held = ground.allocate(world.ids.a1, lease, 2, "2026-08-01", THEN).await;
    (ground, lease, held)
}

async fn preview(world: &World, lease: LeaseId, month: &str) -> Value {
    let ask = "query($id: ID!, $month: Month!) { node(id: $id) { ... on Lease { invoicePreview(month: $month) {
      net { minor } total { minor } lines { seatDays net { minor } correction { month } } } } } }";
    let found = world.ok("a1", ask, json!({ "id": lease.to_string(), "month": month })).await;
    found["node"]["invoicePreview"].clone()
}

on_both! {
    /// A seat that is recorded late is billed with the next month, once, and says so; every invoice stays what it was.
    async fn a_late_seat_is_billed_with_the_next_month(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, _) = two_seats(&world).await;
        let august = issued(&world, lease, "2026-08").await;
        assert_eq!(seen(&august).0, "176000");
        ground.allocate(world.ids.a1, lease, 1, "2026-08-15", LATER).await;
        days_pass(&world).await;
        // Seventeen days of August at 880.00 a month of 31: 482.58.
        let expected = lines(&[(90, "264000", None), (17, "48258", Some("2026-08"))]);
        assert_eq!(seen(&preview(&world, lease, "2026-09").await), ("312258".to_owned(), expected.clone()));
        let september = issued(&world, lease, "2026-09").await;
        assert_eq!(seen(&september), ("312258".to_owned(), expected));
        let line = &september["lines"][1];
        assert_eq!(line["correction"], json!({ "month": "2026-08", "invoice": "PA-2026-000001", "billed": { "minor": "176000" }, "now": { "minor": "224258" },
            "billedWhy": "880.00 CNY a seat-month × 62 seat-days ÷ 31 days of the month = 1760.00 CNY.",
            "nowWhy": "880.00 CNY a seat-month × 79 seat-days ÷ 31 days of the month = 2242.58 CNY." }));
        let why = line["why"].as_str().unwrap();
        assert!(why.starts_with("Correction of 2026-08 (invoice PA-2026-000001): 1760.00 CNY was billed"), "{why}");
        assert_eq!((&line["slices"], &september["tax"]["minor"]), (&json!([]), &json!("28103")));
        let october = issued(&world, lease, "2026-10").await;
        assert_eq!(seen(&october), ("264000".to_owned(), lines(&[(93, "264000", None)])));
        let all = "{ park { invoices { nodes { number repricing { same differences } } } } }";
        let same = json!({ "same": true, "differences": [] });
        let all = world.ok("park", all, json!({})).await["park"]["invoices"]["nodes"].clone();
        assert!(all.as_array().unwrap().iter().all(|invoice| invoice["repricing"] == same), "{all}");

        // The month that was corrected cannot be withdrawn before its correction; with that withdrawn, the next one corrects.
        days_pass(&world).await;
        let void = |invoice: &Value, key: &str| json!({ "invoiceId": invoice["id"], "reason": "x", "idempotencyKey": key });
        assert_eq!(world.refused("park", "invoiceVoid", void(&august, "v1")).await, ["invoice-corrected"]);
        world.done("park", "invoiceVoid", "", void(&september, "v2")).await;
        let november = preview(&world, lease, "2026-11").await;
        assert_eq!(seen(&november).1, lines(&[(90, "264000", None), (17, "48258", Some("2026-08"))]));
        let again = world.done("park", "invoiceIssue", INVOICE, issue(lease, "2026-09", "again")).await["invoice"].clone();
        assert_eq!(seen(&again).1, lines(&[(90, "264000", None)]), "a month before one that was billed corrects nothing");
        assert_eq!(seen(&preview(&world, lease, "2026-11").await), seen(&november));
        let all = world.ok("park", "{ park { invoices { nodes { number repricing { same differences } } } } }", json!({})).await;
        let all = all["park"]["invoices"]["nodes"].clone();
        assert!(all.as_array().unwrap().iter().all(|invoice| invoice["repricing"] == same), "{all}");
    }

    /// What was given back late comes off the next month; what comes to less than nothing is no invoice.
    async fn what_was_billed_too_much_comes_off(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, held) = two_seats(&world).await;
        issued(&world, lease, "2026-08").await;
        ground.record(&held[..1], "release", "2026-08-16", LATER).await;
        days_pass(&world).await;
        // Sixteen days of a seat: 454.19.
        let september = issued(&world, lease, "2026-09").await;
        assert_eq!(seen(&september), ("42581".to_owned(), lines(&[(30, "88000", None), (-16, "-45419", Some("2026-08"))])));
        assert_eq!((&september["tax"]["minor"], &september["total"]["minor"]), (&json!("3832"), &json!("46413")));

        // The other one never was.
        ground.record(&held[1..], "reverse", "2026-08-01", "2026-11-25T08:00:00+00:00").await;
        days_pass(&world).await;
        assert_eq!(world.refused("park", "invoiceIssue", issue(lease, "2026-10", "o")).await, ["invoice-negative"]);
        let run = |release: &[String], key: &str| json!({ "month": "2026-10", "releaseLeaseIds": release, "idempotencyKey": key });
        for release in [vec![], vec![lease.to_string()]] {
            let done = world.done("park", "billingRun", "count rows { state guard net { minor } }", run(&release, &format!("r{}", release.len()))).await;
            assert_eq!(done, json!({ "count": 0, "rows": [{ "state": "HELD", "guard": "NEGATIVE", "net": { "minor": "-176000" } }], "userErrors": [] }));
        }
    }

    /// A price that was agreed late replaces the one that was billed; a lease whose seats are gone is billed what came late.
    async fn prices_and_leases_that_are_over(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, held) = two_seats(&world).await;
        ground.record(&held, "release", "2026-09-01", THEN).await;
        let other = ground.lease(world.ids.a2, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a2, other, 1, "2026-08-01", THEN).await;
        issued(&world, lease, "2026-08").await;
        for month in ["2026-08", "2026-09"] {
            world.done("park", "invoiceIssue", "", issue(other, month, &format!("other-{month}"))).await;
        }
        ground.allocate(world.ids.a1, lease, 1, "2026-08-31", LATER).await;
        let terms = Terms { from: "2026-01-01", unit_minor: 90_000, ..Terms::default() };
        ground.amend(world.ids.a2, other, 2, "2026-09-01", LATER, &terms).await;
        days_pass(&world).await;
        let rows = "rows { state lease { id } net { minor } invoice { net { minor } lines { seatDays net { minor } correction { month billed { minor } now { minor } } } repricing { same } } }";
        let done = world.done("park", "billingRun", rows, json!({ "month": "2026-10", "idempotencyKey": "run" })).await;
        let of = |lease: LeaseId| done["rows"].as_array().unwrap().iter().find(|row| row["lease"]["id"] == lease.to_string()).cloned().unwrap();
        // A day of August in a lease that still has that seat in October.
        assert_eq!(seen(&of(lease)["invoice"]), ("90839".to_owned(), lines(&[(31, "88000", None), (1, "2839", Some("2026-08"))])));
        let invoice = of(other)["invoice"].clone();
        assert_eq!(seen(&invoice).1, lines(&[(31, "90000", None), (30, "90000", Some("2026-09")), (-30, "-88000", Some("2026-09"))]));
        assert_eq!(invoice["lines"][2]["correction"], json!({ "month": "2026-09", "billed": { "minor": "88000" }, "now": { "minor": "0" } }));
        assert_eq!(invoice["repricing"]["same"], true);
    }

    /// A lease without a seat in the month is billed what came late of others; a run that finds nothing new leaves it out.
    async fn a_lease_without_seats_is_billed_what_came_late(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease, held) = two_seats(&world).await;
        ground.record(&held, "release", "2026-09-01", THEN).await;
        issued(&world, lease, "2026-08").await;
        let late = ground.allocate(world.ids.a1, lease, 1, "2026-08-15", LATER).await;
        ground.record(&late, "release", "2026-09-01", LATER).await;
        days_pass(&world).await;
        let run = |month: &str| json!({ "month": month, "idempotencyKey": month });
        let rows = "rows { state net { minor } invoice { dueOn lines { correction { month } } } }";
        // Far from the 1760.00 that August came to: somebody looks at it.
        let mut released = run("2026-09");
        released["releaseLeaseIds"] = json!([lease.to_string()]);
        let done = world.done("park", "billingRun", rows, released).await;
        assert_eq!(done["rows"], json!([{ "state": "ISSUED", "net": { "minor": "48258" },
            "invoice": { "dueOn": "2026-12-09", "lines": [{ "correction": { "month": "2026-08" } }] } }]));
        assert_eq!(world.done("park", "billingRun", rows, run("2026-10")).await["rows"], json!([]));
    }

    /// Whatever is recorded when: what was billed of a month in all is what it comes to by what is known at last.
    async fn random_histories_add_up(backend) {
        for seed in 1_u64..=3 {
            let world = World::new(backend).await;
            let mut ground = Ground::new(&world).await;
            let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
            ground.allocate(world.ids.a1, lease, 3, "2026-06-01", THEN).await;
            let first: chrono::NaiveDate = "2026-06-11".parse().unwrap();
            let held = ground.allocate(world.ids.a1, lease, 3, "2026-06-11", THEN).await;
            let mut held: Vec<_> = held.into_iter().map(|one| (one, first)).collect();
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut next = |n: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % n
            };
            let months = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];
            let mut version = 1;
            for month in months {
                for _ in 0..=next(2) {
                    // Between the invoice before and this one.
                    world.clock.advance(chrono::TimeDelta::minutes(7));
                    let at = (world.env.now()).to_rfc3339();
                    let day = first + chrono::Days::new(next(130));
                    match next(4) {
                        0 => {
                            let new = ground.allocate(world.ids.a1, lease, 1, &day.to_string(), &at).await;
                            held.extend(new.into_iter().map(|one| (one, day)));
                        }
                        n @ (1 | 2) if !held.is_empty() => {
                            let (one, from) = held.remove(usize::try_from(next(u64::try_from(held.len()).unwrap())).unwrap());
                            let on = if n == 1 { from + chrono::Days::new(1 + next(90)) } else { from };
                            ground.record(&[one], if n == 1 { "release" } else { "reverse" }, &on.to_string(), &at).await;
                        }
                        _ => {
                            version += 1;
                            let unit_minor = 80_000 + i64::try_from(next(30_000)).unwrap();
                            let terms = Terms { unit_minor, ..Terms::default() };
                            ground.amend(world.ids.a1, lease, version, &day.to_string(), &at, &terms).await;
                        }
                    }
                }
                world.clock.advance(chrono::TimeDelta::minutes(7));
                world.forget_tokens().await;
                issued(&world, lease, month).await;
            }
            world.clock.advance(chrono::TimeDelta::minutes(7));
            let at = world.env.now().to_rfc3339();
            ground.allocate(world.ids.a1, lease, 2, "2026-07-09", &at).await;
            world.clock.advance(chrono::TimeDelta::days(30));
            world.forget_tokens().await;
            issued(&world, lease, "2026-11").await;

            let all = "{ park { invoices { nodes { periodFrom lines { net { minor } correction { month } } repricing { same differences } } } } }";
            let all = world.ok("park", all, json!({})).await["park"]["invoices"]["nodes"].clone();
            let mut billed: std::collections::BTreeMap<String, i64> = std::collections::BTreeMap::new();
            for invoice in all.as_array().unwrap() {
                assert_eq!(invoice["repricing"]["same"], true, "seed {seed}: {invoice}");
                for line in invoice["lines"].as_array().unwrap() {
                    let own = invoice["periodFrom"].as_str().unwrap()[..7].to_owned();
                    let month = line["correction"]["month"].as_str().map_or(own, str::to_owned);
                    *billed.entry(month).or_default() += line["net"]["minor"].as_str().unwrap().parse::<i64>().unwrap();
                }
            }
            let ctx = world.ctx("park").await;
            let tx = world.tx("park", Mode::Read).await;
            let asked: Vec<_> = months.into_iter().chain(["2026-11"]).map(|month| (lease, Month::parse(month).unwrap())).collect();
            for ((_, month), body) in invoicing::preview_alone(&*tx, &ctx, &asked).await.unwrap() {
                assert_eq!(billed.get(&month.to_string()), Some(&body.unwrap().net_minor), "seed {seed}, {month}");
            }
        }
    }
}
