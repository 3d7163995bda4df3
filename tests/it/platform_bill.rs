//! What the operator charges parks: by the seats that were leased, to the cent, once, and seen by the park alone.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use voxpark_billing::invoicing::PaymentTerms;
use voxpark_billing::platform_invoices::{
    PlatformInvoice, PlatformPaid, PlatformTerms, TermsDraft, platform_paid, platform_terms_set, platform_void,
};
use voxpark_billing::pricing::TaxRate;
use voxpark_billing::uow::Database as _;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::ids::{Id as _, ParkId};
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_infra::jobs::Runner;
use voxpark_infra::platform::PlatformBills;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};
use crate::edge::{Edge, bytes_of};

/// All seats by volume, and equipped ones by the day on top.
const BOOK: &str = r#"
id = "platform"
version = 1
title = { zh = "平台服务", en = "Platform service" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { volume = { tiers = [{ up_to = 20, unit = "40" }, { unit = "31.50" }] } } }
[[price]]
id = "equipped"
title = { zh = "全配附加", en = "Equipped" }
basis = "seat_day"
due = "arrears"
applies = { products = ["equipped"] }
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "0.37" } } }
"#;

/// Something every month, seats or not.
pub(crate) const FLAT: &str = r#"
id = "flat"
version = 1
title = { zh = "平台服务", en = "Platform service" }
currency = "CNY"
[commitment]
prices = []
step = [{ from = "2026-01-01", least = "100" }]
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "10" } } }
"#;

/// Behind everything that is issued on the first day of a test.
const LATER: &str = "2026-11-22T08:00:00+00:00";

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn operator(world: &World) -> Ctx {
    Ctx::system(SystemReason::Charging, world.env.clone())
}
/// The rules that refused something, or that nothing was found.
fn rules<T: std::fmt::Debug>(done: Result<T>) -> Vec<&'static str> {
    match done {
        Err(Error::Refused(list)) => list.iter().map(|refusal| refusal.rule).collect(),
        Err(Error::NotFound) => vec!["not-found"],
        Err(Error::Forbidden) => vec!["forbidden"],
        other => panic!("{other:?}"),
    }
}

/// Sets the terms of a park from a month on.
pub(crate) async fn terms(world: &World, park: ParkId, from: &str, text: &str, percent: &str) -> Result<PlatformTerms> {
    let ctx = operator(world);
    let tx = world.db.begin(&ctx, Mode::Write).await?;
    let of = tx.parks().await?.into_iter().find(|one| one.id == park).unwrap();
    let draft = TermsDraft {
        from: month(from),
        file: "book.toml".to_owned(),
        text: text.to_owned(),
        tax: TaxRate::parse_percent(percent).unwrap(),
        payment: PaymentTerms::net_days(15).unwrap(),
    };
    let terms = platform_terms_set(&*tx, &ctx, &of, &draft).await?;
    tx.commit().await?;
    Ok(terms)
}

/// Bills a month of a park.
pub(crate) async fn bill(world: &World, park: ParkId, of: &str) -> Result<Option<PlatformInvoice>> {
    billed(world, &world.platform_bills(), park, of).await
}

async fn billed(world: &World, bills: &PlatformBills, park: ParkId, of: &str) -> Result<Option<PlatformInvoice>> {
    let ctx = world.job_ctx(park, None);
    let Some(measured) = bills.measured(&ctx).await? else { return Ok(None) };
    bills.month(&ctx, &measured, month(of), false).await
}

/// Records a payment.
pub(crate) async fn pay(world: &World, number: &str, amount: Option<&str>) -> Result<PlatformInvoice> {
    let ctx = operator(world);
    let tx = world.db.begin(&ctx, Mode::Write).await?;
    let (amount, on) = (amount.map(str::to_owned), Some(day("2026-11-20")));
    let paid = PlatformPaid { number: number.to_owned(), amount, on, reference: "流水 7".to_owned() };
    let invoice = platform_paid(&*tx, &ctx, &paid).await?;
    tx.commit().await?;
    Ok(invoice)
}

/// Withdraws an invoice.
pub(crate) async fn void(world: &World, number: &str) -> Result<PlatformInvoice> {
    let ctx = operator(world);
    let tx = world.db.begin(&ctx, Mode::Write).await?;
    let invoice = platform_void(&*tx, &ctx, number, "价目有误").await?;
    tx.commit().await?;
    Ok(invoice)
}

async fn days_pass(world: &World) {
    world.clock.advance(TimeDelta::days(3));
    world.forget_tokens().await;
}

/// Each line as its kind, its month and its net.
fn seen(invoice: &PlatformInvoice) -> Vec<(&'static str, String, i64)> {
    invoice.body.lines.iter().map(|line| (line.kind.name(), line.month.to_string(), line.net_minor)).collect()
}

/// What is leased: seat, product, first day, day after the last one.
type Leased = Vec<(usize, &'static str, NaiveDate, NaiveDate)>;

/// The bill of September by the book, counted day by day and seat by seat.
fn slowly(leased: &Leased) -> (i64, i64, i64) {
    let (mut parts, mut bare_days, mut equipped_days) = (0_i128, 0, 0);
    for of in month("2026-09").each_day() {
        let on = |product: &str| {
            let mut seats: Vec<usize> = leased
                .iter()
                .filter(|(_, p, from, to)| *p == product && *from <= of && of < *to)
                .map(|l| l.0)
                .collect();
            seats.sort_unstable();
            seats.dedup();
            i64::try_from(seats.len()).unwrap()
        };
        let (bare, equipped) = (on("bare"), on("equipped"));
        let all = bare + equipped;
        parts += i128::from(all * if all <= 20 { 4_000 } else { 3_150 });
        bare_days += bare;
        equipped_days += equipped;
    }
    // Half away from zero, of 30 days.
    let seats = i64::try_from((parts * 2 + 30) / 60).unwrap();
    (bare_days, equipped_days, seats + equipped_days * 37)
}

on_both! {
    /// Seats that come and go, are released, taken back, end with their lease or are shared by two, to the cent.
    async fn a_month_comes_to_what_a_slow_count_says(backend) {
        let world = World::new(backend).await;
        let (a1, a2) = (world.ids.a1, world.ids.a2);
        let mut ground = Ground::new(&world).await;
        let long = ground.lease(a1, THEN, &Terms::default()).await;
        let short = ground.lease(a2, THEN, &Terms { to: "2026-09-21", product: "bare", ..Terms::default() }).await;
        let bare = ground.lease(a2, THEN, &Terms { product: "bare", ..Terms::default() }).await;
        let (mut leased, mut next) = (Leased::new(), 0);
        // Lease, seats, from, released on, taken back.
        for (lease, seats, from, to, back) in [
            (long, 9, "2026-03-01", None, false),
            (long, 4, "2026-09-07", None, false),
            (long, 3, "2026-09-07", Some("2026-09-08"), false),
            (long, 5, "2026-08-15", Some("2026-09-01"), false),
            (long, 5, "2026-08-15", Some("2026-09-02"), false),
            (long, 6, "2026-09-03", Some("2026-09-19"), true),
            (long, 2, "2026-10-01", None, false),
            (short, 7, "2026-09-11", None, false),
            (short, 2, "2026-09-01", Some("2026-09-30"), false),
            (bare, 3, "2026-09-19", Some("2026-11-01"), false),
            (bare, 1, "2026-09-30", None, false),
        ] {
            let tenant = if lease == long { a1 } else { a2 };
            let held = ground.allocate(tenant, lease, seats, from, THEN).await;
            if let Some(to) = to {
                ground.record(&held, "release", to, "2026-02-01T00:00:00+00:00").await;
            }
            if back {
                ground.record(&held, "reverse", from, "2026-03-01T00:00:00+00:00").await;
            }
            let product = if lease == long { "equipped" } else { "bare" };
            // A release behind the end of the lease is what was recorded.
            let end = to.unwrap_or(if lease == short { "2026-09-21" } else { "2028-01-01" });
            for _ in 0..seats {
                next += 1;
                if !back {
                    leased.push((next, product, day(from), day(end)));
                }
            }
        }
        // A seat of the first, for another shift from the middle of the month on, under another lease of the same product.
        let night = ground.lease(a2, THEN, &Terms::default()).await;
        let held = ground.allocate(a1, long, 1, "2026-09-01", THEN).await;
        leased.push((next + 1, "equipped", day("2026-09-01"), day("2028-01-01")));
        ground.share(&held[0], a2, night, "2026-09-15", THEN).await;
        // Nobody knows yet of what is recorded tomorrow.
        ground.allocate(a1, long, 50, "2026-09-01", LATER).await;

        terms(&world, world.ids.park_a, "2026-09", BOOK, "6").await.unwrap();
        let invoice = bill(&world, world.ids.park_a, "2026-09").await.unwrap().expect("seats were leased");
        let (bare_days, equipped_days, net) = slowly(&leased);
        let seats: Vec<_> = invoice.seat_days().into_iter().map(|(product, days)| (product.name(), days)).collect();
        assert_eq!(seats, [("bare", bare_days), ("equipped", equipped_days)]);
        assert_eq!(invoice.net_minor, net);
        assert_eq!(invoice.tax_minor, (net * 6 + 50) / 100);
        assert_eq!(invoice.total_minor, invoice.net_minor + invoice.tax_minor);
        assert_eq!((invoice.number.to_string(), invoice.due_on), ("PLT-2026-000001".to_owned(), day("2026-12-06")));

        // What the park reads says the same, and why.
        let ask = "{ park { platformTerms { version from book taxRate paymentDays } platformInvoices { totalCount nodes { id number month state seats { product seatDays }
          net { minor } tax { minor } total { minor } balance { minor } intact seller { name } buyer { name } taxes { rate }
          lines { kind seatDays net { minor } why priceBook { price } slices { from to seats } } } } } }";
        let park = world.ok("finance", ask, json!({})).await["park"].clone();
        assert_eq!(park["platformTerms"], json!([{ "version": 1, "from": "2026-09", "book": "platform", "taxRate": "6", "paymentDays": 15 }]));
        let read = &park["platformInvoices"]["nodes"][0];
        assert_eq!((&read["net"]["minor"], &read["intact"], &read["state"]), (&json!(net.to_string()), &json!(true), &json!("UNPAID")));
        assert_eq!((&read["seller"]["name"], &read["buyer"]["name"]), (&json!("云岭平台运营有限公司"), &json!("a 园区")));
        assert_eq!(read["seats"], json!([{ "product": "BARE", "seatDays": bare_days }, { "product": "EQUIPPED", "seatDays": equipped_days }]));
        let lines = read["lines"].as_array().unwrap();
        assert_eq!(lines[0]["seatDays"], bare_days + equipped_days);
        let days: i64 = lines[0]["slices"].as_array().unwrap().iter().map(|slice| {
            let on = |end: &str| day(slice[end].as_str().unwrap());
            slice["seats"].as_i64().unwrap() * (on("to") - on("from")).num_days()
        }).sum();
        assert_eq!(days, bare_days + equipped_days, "the days of the line are all there");
        assert!(lines[1]["why"].as_str().unwrap().contains(&equipped_days.to_string()), "{}", lines[1]);
    }

    /// Another version of the terms from a month on, with other prices and tax; and a step of prices inside a month.
    async fn terms_and_prices_change_on_their_days(backend) {
        let world = World::new(backend).await;
        let park = world.ids.park_a;
        let mut ground = Ground::new(&world).await;
        let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a1, lease, 30, "2026-01-01", THEN).await;
        terms(&world, park, "2026-09", FLAT, "6").await.unwrap();
        let step = "tariff = { model = { per_unit = { unit = \"10\" } } }";
        let stepped = FLAT.replace("version = 1", "version = 2").replace(step, &format!("to = \"2026-10-11\"\n{step}\n[[price.step]]\nfrom = \"2026-10-11\"\n{}", step.replace("10", "20")));
        let second = terms(&world, park, "2026-10", &stepped, "9").await.unwrap();
        assert_eq!(second.version, 2);
        let september = bill(&world, park, "2026-09").await.unwrap().unwrap();
        assert_eq!((september.terms, september.net_minor, september.tax_minor), (1, 30_000, 1_800));
        let october = bill(&world, park, "2026-10").await.unwrap().unwrap();
        // Ten of 31 days at 300.00 and 21 at 600.00.
        assert_eq!(seen(&october), [("charge", "2026-10".to_owned(), 9_677), ("charge", "2026-10".to_owned(), 40_645)]);
        assert_eq!((october.terms, october.tax_minor), (2, 4_529));
    }

    /// Whoever bills the same month at the same time, one does; numbers run over all parks without a gap.
    async fn a_month_is_billed_once(backend) {
        let world = World::new(backend).await;
        let (a, b) = (world.ids.park_a, world.ids.park_b);
        for park in [a, b] {
            terms(&world, park, "2026-08", FLAT, "6").await.unwrap();
        }
        let (one, two, other) = tokio::join!(bill(&world, a, "2026-08"), bill(&world, a, "2026-08"), bill(&world, b, "2026-08"));
        let mut refused = Vec::new();
        let mut numbers = Vec::new();
        for done in [one, two, other] {
            match done {
                Ok(invoice) => numbers.push(invoice.unwrap().number.to_string()),
                Err(error) => refused.extend(rules::<()>(Err(error))),
            }
        }
        numbers.sort();
        assert_eq!((numbers, refused), (vec!["PLT-2026-000001".to_owned(), "PLT-2026-000002".to_owned()], vec!["platform-month-billed"]));

        // What was begun and did not last takes no number.
        let bills = world.platform_bills();
        let ctx = world.job_ctx(a, None);
        let measured = bills.measured(&ctx).await.unwrap().unwrap();
        let dry = bills.month(&ctx, &measured, month("2026-09"), true).await.unwrap().unwrap();
        assert_eq!((dry.number.to_string(), dry.total_minor), ("PLT-2026-000003".to_owned(), 10_600));
        let due = bills.due(&world.job_ctx(b, None)).await.unwrap();
        let due: Vec<_> = due.iter().map(|invoice| (invoice.number.to_string(), invoice.month.to_string())).collect();
        assert_eq!(due, [("PLT-2026-000003".to_owned(), "2026-09".to_owned()), ("PLT-2026-000004".to_owned(), "2026-10".to_owned())]);
        assert_eq!(bills.due(&world.job_ctx(b, None)).await.unwrap(), [], "nothing is due twice");
    }

    /// What is recorded late comes with the next invoice, is taken back with it, and comes again.
    async fn what_is_recorded_late_is_corrected_once(backend) {
        let world = World::new(backend).await;
        let park = world.ids.park_a;
        let mut ground = Ground::new(&world).await;
        let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
        let held = ground.allocate(world.ids.a1, lease, 20, "2026-01-01", THEN).await;
        terms(&world, park, "2026-08", FLAT, "6").await.unwrap();
        let august = bill(&world, park, "2026-08").await.unwrap().unwrap();
        assert_eq!(seen(&august), [("charge", "2026-08".to_owned(), 20_000)]);
        // Five of them were given back in the middle of August.
        ground.record(&held[..5], "release", "2026-08-16", LATER).await;
        days_pass(&world).await;
        let september = bill(&world, park, "2026-09").await.unwrap().unwrap();
        // 15 seats; and 80 seat-days of August less than was billed: 8000/31 x 100 cents x ... of 10.00 a month.
        assert_eq!(seen(&september), [("charge", "2026-09".to_owned(), 15_000), ("correction", "2026-08".to_owned(), -2_581)]);
        assert_eq!(september.net_minor, 12_419);
        let ask = "query($id: ID!) { node(id: $id) { ... on PlatformInvoice { lines { kind month correction { invoice billed { minor } now { minor } billedWhy nowWhy } } } } }";
        let read = world.ok("park", ask, json!({ "id": september.id.to_string() })).await["node"]["lines"][1].clone();
        assert_eq!((&read["month"], &read["correction"]["invoice"]), (&json!("2026-08"), &json!("PLT-2026-000001")));
        assert_eq!((&read["correction"]["billed"]["minor"], &read["correction"]["now"]["minor"]), (&json!("20000"), &json!("17419")));
        assert!(read["correction"]["nowWhy"].as_str().unwrap().contains("flat"), "{read}");

        // The month that is corrected stands; the one that corrects it can be withdrawn, and then bills and corrects again.
        assert_eq!(rules(void(&world, "PLT-2026-000001").await), ["platform-invoice-not-latest"]);
        assert_eq!(rules(void(&world, "PLT-2026-000009").await), ["platform-invoice-unknown"]);
        void(&world, "PLT-2026-000002").await.unwrap();
        assert_eq!(rules(void(&world, "PLT-2026-000002").await), ["invoice-not-issued"]);
        let nightly = world.platform_bills().due(&world.job_ctx(park, None)).await.unwrap();
        let nightly: Vec<_> = nightly.iter().map(|invoice| (invoice.month.to_string(), seen(invoice).len())).collect();
        assert_eq!(nightly, [("2026-10".to_owned(), 2)], "a month that was withdrawn is for the operator to bill again");
        let again = bill(&world, park, "2026-09").await.unwrap().unwrap();
        assert_eq!(seen(&again), [("charge", "2026-09".to_owned(), 15_000)], "a month before one that was billed corrects nothing");
        assert_eq!(again.number.to_string(), "PLT-2026-000004");

        // Everything was a mistake: more than a month comes to is taken back, and the rest is left to the next.
        ground.record(&held, "reverse", "2026-01-01", "2026-11-25T08:00:00+00:00").await;
        world.clock.set("2026-12-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let november = bill(&world, park, "2026-11").await.unwrap().unwrap();
        // The least of November, and what 17419, 15000 and 15000 come to without a seat: the least of each month.
        assert_eq!(november.total_minor, 0);
        let said = seen(&november);
        assert_eq!(said.first(), Some(&("charge", "2026-11".to_owned(), 10_000)));
        assert_eq!(said.last(), Some(&("carried_out", "2026-11".to_owned(), 7_419)));
        world.clock.set("2027-01-02T02:00:00Z".parse().unwrap());
        let december = bill(&world, park, "2026-12").await.unwrap().unwrap();
        assert_eq!(seen(&december), [("charge", "2026-12".to_owned(), 10_000), ("carried_in", "2026-11".to_owned(), -7_419)]);
        assert_eq!(december.number.to_string(), "PLT-2027-000001", "numbers begin anew with the year");
    }

    /// Payments in parts, and what cannot be done with what is paid or withdrawn.
    async fn payments_are_kept_and_stand_in_the_way(backend) {
        let world = World::new(backend).await;
        let park = world.ids.park_a;
        terms(&world, park, "2026-10", FLAT, "6").await.unwrap();
        let number = bill(&world, park, "2026-10").await.unwrap().unwrap().number.to_string();
        assert_eq!(rules(pay(&world, &number, Some("106.01")).await), ["payment-over-balance"]);
        assert_eq!(rules(pay(&world, &number, Some("0")).await), ["payment-not-positive"]);
        assert_eq!(rules(pay(&world, &number, Some("1.005")).await), ["money-invalid"]);
        pay(&world, &number, Some("6.00")).await.unwrap();
        assert_eq!(rules(void(&world, &number).await), ["invoice-has-payments"]);
        let state = "{ park { platformInvoices { nodes { state paid { minor } balance { minor } payments { amount { minor } paidOn reference } } } } }";
        let read = world.ok("park", state, json!({})).await["park"]["platformInvoices"]["nodes"][0].clone();
        assert_eq!(read, json!({ "state": "PART_PAID", "paid": { "minor": "600" }, "balance": { "minor": "10000" },
            "payments": [{ "amount": { "minor": "600" }, "paidOn": "2026-11-20", "reference": "流水 7" }] }));
        world.clock.set("2026-12-07T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let read = world.ok("park", state, json!({})).await["park"]["platformInvoices"]["nodes"][0].clone();
        assert_eq!(read["state"], "OVERDUE");
        pay(&world, &number, None).await.unwrap();
        let read = world.ok("park", state, json!({})).await["park"]["platformInvoices"]["nodes"][0].clone();
        assert_eq!((&read["state"], &read["balance"]["minor"]), (&json!("PAID"), &json!("0")));
    }

    /// What cannot be agreed or billed is refused, every fault at once, and nothing is kept.
    async fn what_cannot_be_is_refused(backend) {
        let world = World::new(backend).await;
        let park = world.ids.park_a;
        let advance = BOOK.replace("due = \"arrears\"\n[[price.step]]\nfrom = \"2026-01-01\"\ntariff = { model = { volume", "applies = { zones = [\"A\"] }\n[[price.step]]\nfrom = \"2026-01-01\"\ntariff = { model = { volume");
        let advance = advance.replace("currency = \"CNY\"", "currency = \"EUR\"");
        assert_eq!(rules(terms(&world, park, "2026-09", &advance, "6").await), ["currency-mismatch", "book-not-for-platform", "book-not-for-platform"]);
        assert_eq!(rules(terms(&world, park, "2025-12", BOOK, "6").await), ["book-not-for-platform", "book-not-for-platform"], "no price for the first month");
        assert_eq!(rules(terms(&world, park, "2026-09", "id = ", "6").await), ["pack-syntax"]);
        let faulty = BOOK.replace("id = \"platform\"", "id = \"Platform\"").replace("version = 1", "version = 0");
        assert_eq!(rules(terms(&world, park, "2026-09", &faulty, "6").await), ["pack-value", "pack-value"]);
        assert!(bill(&world, park, "2026-10").await.unwrap().is_none(), "without terms nothing is owed");

        terms(&world, park, "2026-09", FLAT, "6").await.unwrap();
        assert_eq!(rules(bill(&world, park, "2026-11").await), ["invoice-month-open"]);
        assert_eq!(rules(bill(&world, park, "2026-08").await), ["platform-terms-none"]);
        let nobody = PlatformBills::new(Arc::new(world.db.clone()), None);
        assert_eq!(rules(billed(&world, &nobody, park, "2026-09").await), ["operator-unknown"]);
        bill(&world, park, "2026-09").await.unwrap();
        assert_eq!(rules(terms(&world, park, "2026-09", BOOK, "6").await), ["platform-month-billed"]);
        assert_eq!(rules(terms(&world, park, "2026-08", BOOK, "6").await), ["platform-month-billed"]);
        let other = FLAT.replace("100", "200");
        assert_eq!(rules(terms(&world, park, "2026-10", &other, "6").await), ["platform-terms-book"]);
        terms(&world, park, "2026-10", &other.replace("version = 1", "version = 2"), "6").await.unwrap();

        // Nobody but the operator, whatever it is.
        for ctx in [world.job_ctx(park, None), Ctx::system(SystemReason::Provisioning, world.env.clone())] {
            let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
            assert_eq!(rules(platform_void(&*tx, &ctx, "PLT-2026-000001", "x").await), ["forbidden"]);
        }
    }

    /// Every night each park is billed what is due; one that cannot be billed keeps no other back, and is billed when it can.
    async fn every_night_what_is_due_is_billed(backend) {
        let world = World::new(backend).await;
        let (a, b) = (world.ids.park_a, world.ids.park_b);
        let ground = Ground::new(&world).await;
        for park in [a, b] {
            terms(&world, park, "2026-09", FLAT, "6").await.unwrap();
        }
        let of = |text: &str| {
            let literal = if world.database.url().starts_with("sqlite") { format!("X'{}'", a.uuid().simple()) } else { format!("'{}'", a.uuid()) };
            format!("UPDATE platform_terms SET file_text = {text} WHERE park_id = {literal}")
        };
        ground.tamper("platform_terms", &of("'id = ' || file_text")).await;
        let ctx = Ctx::system(SystemReason::Jobs, world.env.clone());
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        tx.schedules_ensure(&ctx).await.unwrap();
        tx.commit().await.unwrap();
        let night = |to: &'static str| async {
            world.clock.set(to.parse().unwrap());
            world.forget_tokens().await;
            let runner = Runner::new(Arc::new(world.db.clone()), world.env.clone(), Vec::new(), world.db.wake());
            runner.begin_scheduled().await.unwrap();
            world.run_jobs().await;
        };
        night("2026-11-21T21:00:00Z").await;
        let numbers = "{ park { platformInvoices { nodes { number month } } } }";
        let read = |park: Value| park["park"]["platformInvoices"]["nodes"].clone();
        assert_eq!(read(world.ok("other-park", numbers, json!({})).await),
            json!([{ "number": "PLT-2026-000002", "month": "2026-10" }, { "number": "PLT-2026-000001", "month": "2026-09" }]));
        ground.mend(&of("substr(file_text, 6)")).await;
        assert_eq!(read(world.ok("park", numbers, json!({})).await), json!([]));
        night("2026-11-22T21:00:00Z").await;
        assert_eq!(read(world.ok("park", numbers, json!({})).await),
            json!([{ "number": "PLT-2026-000004", "month": "2026-10" }, { "number": "PLT-2026-000003", "month": "2026-09" }]));
        // The finance staff of each park were told; and what was done is on the park's log.
        let letters = world.ok("park", "{ park { letters { nodes { kind state } } } }", json!({})).await["park"]["letters"]["nodes"].clone();
        assert_eq!(letters, json!([{ "kind": "PLATFORM_INVOICE", "state": "SENT" }, { "kind": "PLATFORM_INVOICE", "state": "SENT" }]));
        let acts = world.ok("park", "{ auditEvents(first: 50) { nodes { action } } }", json!({})).await.to_string();
        assert!(acts.contains("platform-terms.set") && acts.matches("platform-invoice.issue").count() == 2, "{acts}");
    }

    /// The park's administration and finance read everything, as a document too; nobody else anything.
    async fn only_the_park_sees_it(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        terms(world, world.ids.park_a, "2026-09", FLAT, "6").await.unwrap();
        let invoice = bill(world, world.ids.park_a, "2026-09").await.unwrap().unwrap();
        let list = "{ park { platformTerms { version } platformInvoices { totalCount nodes { number } } } }";
        let node = "query($id: ID!) { node(id: $id) { ... on PlatformInvoice { number } } }";
        let id = json!({ "id": invoice.id.to_string() });
        for (who, lang) in [("park", "zh"), ("finance", "en")] {
            let read = world.ok(who, list, json!({})).await["park"].clone();
            assert_eq!(read, json!({ "platformTerms": [{ "version": 1 }], "platformInvoices": { "totalCount": 1, "nodes": [{ "number": "PLT-2026-000001" }] } }), "{who}");
            assert_eq!(world.ok(who, node, id.clone()).await["node"]["number"], "PLT-2026-000001");
            let bearer = edge.bearer(who).await;
            let path = format!("/documents/{}?lang={lang}", invoice.id);
            let answer = edge.send(Method::GET, &path, &[("authorization", bearer.as_str())], Body::empty()).await;
            assert_eq!(answer.status(), StatusCode::OK, "{who} {path}");
            assert!(bytes_of(answer).await.starts_with(b"%PDF-1."));
        }
        for who in ["a1", "a1-finance", "a1-agent", "a2", "assessor", "other-park", "operator"] {
            let read = world.ok(who, list, json!({})).await["park"].clone();
            let nothing = json!({ "platformTerms": [], "platformInvoices": { "totalCount": 0, "nodes": [] } });
            assert!(read == nothing || read.is_null(), "{who}: {read}");
            assert!(world.ok(who, node, id.clone()).await["node"].is_null(), "{who}");
            let bearer = edge.bearer(who).await;
            let path = format!("/documents/{}", invoice.id);
            let answer = edge.send(Method::GET, &path, &[("authorization", bearer.as_str())], Body::empty()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{who}");
        }
    }

    /// An invoice that somebody changed in the database says so.
    async fn what_was_changed_behind_its_back_is_not_intact(backend) {
        let world = World::new(backend).await;
        let ground = Ground::new(&world).await;
        terms(&world, world.ids.park_a, "2026-09", FLAT, "6").await.unwrap();
        bill(&world, world.ids.park_a, "2026-09").await.unwrap();
        let ask = "{ park { platformInvoices { nodes { intact total { minor } } } } }";
        let read = |data: Value| data["park"]["platformInvoices"]["nodes"][0].clone();
        assert_eq!(read(world.ok("park", ask, json!({})).await), json!({ "intact": true, "total": { "minor": "10600" } }));
        ground.tamper("platform_invoice", "UPDATE platform_invoice SET total_minor = 10601, tax_minor = 601").await;
        assert_eq!(read(world.ok("park", ask, json!({})).await)["intact"], false);
    }
}
