//! Price books that charge leases more than seats by the month: meters, fees, shares, days, shifts and maximums.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

/// Seats, a fee for each that begins, a share for service, power that is taxed otherwise, and parking by seat and day up to a maximum.
fn book(due: &str, more: &str) -> String {
    let price = |id: &str, en: &str, basis: &str, what: &str, model: &str| {
        format!(
            "[[price]]\nid = \"{id}\"\ntitle = {{ zh = \"{en}\", en = \"{en}\" }}\nbasis = \"{basis}\"\n{what}\n[[price.step]]\nfrom = \"2026-01-01\"\ntariff = {{ model = {{ {model} }} }}\n"
        )
    };
    let due = format!("due = \"{due}\"");
    let mut text = "id = \"all\"\nversion = 1\ntitle = { zh = \"全\", en = \"All\" }\ncurrency = \"CNY\"\n".to_owned();
    text += &price("seat", "Seats", "seat", &due, "per_unit = { unit = \"880\" }");
    text += &price("setup", "Set-up", "once", &due, "per_unit = { unit = \"50\" }");
    text +=
        &price("service", "Service", "percent", &format!("{due}\nof = [\"seat\"]"), "percentage = { percent = \"5\" }");
    text +=
        &price("parking", "Parking", "seat_day", &format!("{due}\nmaximum = \"100\""), "per_unit = { unit = \"2\" }");
    text += &price(
        "power",
        "Power",
        "metered",
        "meter = \"kwh\"\ndue = \"arrears\"\ntax = \"13\"",
        "graduated = { tiers = [{ up_to = 1000, unit = \"0.8\" }, { unit = \"1.2345\" }] }",
    );
    text + more
}

/// A lease of tenant A1 by that book, from September on.
async fn leased(world: &World, text: &str, in_advance: bool) -> String {
    world.done("finance", "priceBookPublish", "", json!({ "text": text, "idempotencyKey": "book" })).await;
    let input = json!({ "tenantId": world.ids.a1.to_string(), "code": "U-1", "signedOn": "2026-08-05", "termFrom": "2026-09-01", "termTo": "2027-09-01",
        "product": "EQUIPPED", "unitPrice": "0", "taxRatePercent": "9", "proration": "by_day", "paymentDays": 10,
        "priceBook": { "book": "all", "version": 1 }, "clauses": { "inAdvance": in_advance }, "idempotencyKey": "lease" });
    world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].as_str().unwrap().to_owned()
}

fn usage(lease: &str, month: &str, meters: &[(&str, &str)], key: &str) -> Value {
    let meters: Vec<Value> =
        meters.iter().map(|(meter, quantity)| json!({ "meter": meter, "quantity": quantity })).collect();
    json!({ "leaseId": lease, "month": month, "meters": meters, "note": "抄表", "idempotencyKey": key })
}

const SAID: &str = "invoice { id number net { minor } tax { minor } total { minor } repricing { same differences }
  lines { kind seatDays net { minor } taxRate why priceBook { price } correction { month } } }";

async fn issued(world: &World, lease: &str, month: &str) -> Value {
    let input = json!({ "leaseId": lease, "month": month, "idempotencyKey": month });
    let invoice = world.done("park", "invoiceIssue", SAID, input).await["invoice"].clone();
    assert_eq!(invoice["repricing"], json!({ "same": true, "differences": [] }));
    invoice
}

/// Kind, price, amount and rate of tax of each line.
fn lines(invoice: &Value) -> Vec<(String, String, i64, String)> {
    let text = |line: &Value| line.as_str().unwrap_or_default().to_owned();
    let of = |line: &Value| {
        let net = line["net"]["minor"].as_str().unwrap().parse().unwrap();
        (text(&line["kind"]), text(&line["priceBook"]["price"]), net, text(&line["taxRate"]))
    };
    invoice["lines"].as_array().unwrap().iter().map(of).collect()
}

fn line(kind: &str, price: &str, net: i64, tax: &str) -> (String, String, i64, String) {
    (kind.to_owned(), price.to_owned(), net, tax.to_owned())
}

async fn all_the_same(world: &World) {
    let all = "{ park { invoices { nodes { number repricing { same differences } } } } }";
    let all = world.ok("park", all, json!({})).await["park"]["invoices"]["nodes"].clone();
    assert!(all.as_array().unwrap().iter().all(|invoice| invoice["repricing"]["same"] == true), "{all}");
}

on_both! {
    /// One invoice carries seats, fees, shares, days and power; a move begins nothing, and what is read again is corrected.
    async fn one_invoice_carries_everything(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 4).await;
        let lease = leased(&world, &book("arrears", ""), false).await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats[..2], "2026-09-01", None, "a")).await;
        world.done("finance", "usageRecord", "", usage(&lease, "2026-09", &[("kwh", "1500.5")], "u1")).await;
        let september = issued(&world, &lease, "2026-09").await;
        // 800 + 500.5 x 1.2345; parking 2 x 30 x 2 = 120 of which 100 are charged.
        assert_eq!(lines(&september), [line("seat_rent", "seat", 176_000, "9"), line("one_time", "setup", 10_000, "9"), line("seat_rent", "parking", 12_000, "9"),
            line("seat_rent", "parking", -2_000, "9"), line("usage", "power", 80_000 + 61_787, "13"), line("percent", "service", 8_800, "9")]);
        assert_eq!(september["tax"]["minor"], json!(((204_800 * 9 + 50) / 100 + (141_787 * 13 + 50) / 100).to_string()));
        let why = september["lines"][4]["why"].as_str().unwrap();
        assert!(why.contains("1500.5") && why.contains("1417.87"), "{why}");

        // October: one of the seats is moved, one more begins; power is read late and then read again.
        let held = "query($id: ID!) { node(id: $id) { ... on Lease { allocations(on: \"2026-10-01\") { nodes { id } } } } }";
        let held = world.ok("park", held, json!({ "id": lease })).await["node"]["allocations"]["nodes"].clone();
        let release = json!({ "allocationIds": [held[0]["id"]], "on": "2026-10-01", "idempotencyKey": "r" });
        world.done("park", "seatsRelease", "count", release).await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats[2..3], "2026-10-01", None, "b")).await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats[3..4], "2026-10-16", None, "c")).await;
        let october = issued(&world, &lease, "2026-10").await;
        assert_eq!(lines(&october)[1], line("one_time", "setup", 5_000, "9"), "one began, one was moved");
        assert!(lines(&october).iter().all(|line| line.0 != "usage"));
        world.done("finance", "usageRecord", "", usage(&lease, "2026-10", &[("kwh", "100")], "u2")).await;
        world.done("finance", "usageRecord", "", usage(&lease, "2026-09", &[("kwh", "1400.5")], "u3")).await;
        let meters = "query($id: ID!) { node(id: $id) { ... on Lease { meters(month: \"2026-09\") { meter title { en } quantity note } none: meters(month: \"2026-08\") { meter } } } }";
        let found = world.ok("a1", meters, json!({ "id": lease })).await["node"].clone();
        assert_eq!(found, json!({ "meters": [{ "meter": "kwh", "title": { "en": "Power" }, "quantity": "1400.5", "note": "抄表" }], "none": [] }));
        world.clock.set("2026-12-02T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let november = issued(&world, &lease, "2026-11").await;
        let corrections: Vec<_> = lines(&november).into_iter().filter(|line| line.0 == "usage").collect();
        assert_eq!(corrections, [line("usage", "power", -12_345, "13"), line("usage", "power", 8_000, "13")]);
        let said: Vec<&str> = november["lines"].as_array().unwrap().iter().filter(|line| line["kind"] == "usage").map(|line| line["why"].as_str().unwrap()).collect();
        assert!(said[0].starts_with("Correction of 2026-09") && said[1].starts_with("Used in 2026-10"), "{said:?}");
        all_the_same(&world).await;
    }

    /// Rent is billed ahead, and the power of a month with the rent of a later one; the last figure comes when nothing is held any more.
    async fn rent_ahead_and_power_behind(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 1).await;
        let lease = leased(&world, &book("advance", ""), true).await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats, "2026-12-01", None, "a")).await;
        let december = issued(&world, &lease, "2026-12").await;
        assert_eq!(lines(&december)[0], line("seat_rent", "seat", 88_000, "9"));
        assert_eq!(world.refused("finance", "usageRecord", usage(&lease, "2026-12", &[("kwh", "1")], "early")).await, ["usage-month-ahead"]);
        world.clock.set("2027-01-03T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let end = json!({ "leaseId": lease, "on": "2027-02-01", "reason": "退租", "releaseSeats": true, "idempotencyKey": "end" });
        world.done("park", "leaseEnd", "", end).await;
        world.done("finance", "usageRecord", "", usage(&lease, "2026-12", &[("kwh", "10")], "u1")).await;
        let january = issued(&world, &lease, "2027-01").await;
        assert_eq!(lines(&january).last().unwrap(), &line("usage", "power", 800, "13"));
        world.clock.set("2027-03-01T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        world.done("finance", "usageRecord", "", usage(&lease, "2027-01", &[("kwh", "20")], "u2")).await;
        // Far less than a month of rent: somebody looks at it first.
        let run = |released: &[&str], key: &str| json!({ "month": "2027-02", "releaseLeaseIds": released, "idempotencyKey": key });
        let held = world.done("park", "billingRun", "rows { state guard net { minor } }", run(&[], "look")).await;
        assert_eq!(held["rows"], json!([{ "state": "HELD", "guard": "FAR_OFF", "net": { "minor": "1600" } }]));
        let billed = world.done("park", "billingRun", "count net { minor }", run(&[&lease], "release")).await;
        assert_eq!((&billed["count"], &billed["net"]["minor"]), (&json!(1), &json!("1600")));
        all_the_same(&world).await;
    }

    /// A night shift has its own price, and seats for the whole day theirs.
    async fn shifts_have_prices(backend) {
        let world = World::new(backend).await;
        let (seats, ..) = park(&world, 2).await;
        let text = book("arrears", "").replace("id = \"seat\"\n", "id = \"seat\"\napplies = { shifts = [\"20:00-08:00\"] }\n");
        let lease = leased(&world, &text, false).await;
        let mut night = allocate(&lease, &seats[..1], "2026-09-01", None, "n");
        night["shiftFromMin"] = json!(1_200);
        night["shiftToMin"] = json!(1_920);
        world.done("park", "seatsAllocate", "", night).await;
        world.done("park", "seatsAllocate", "", allocate(&lease, &seats[1..], "2026-09-01", None, "d")).await;
        let invoice = issued(&world, &lease, "2026-09").await;
        assert_eq!(lines(&invoice)[0], line("seat_rent", "seat", 88_000, "9"));
        assert_eq!(lines(&invoice)[2], line("seat_rent", "parking", 12_000, "9"), "both of them park");
    }

    /// Every figure that cannot be recorded is told, and nothing is kept; nobody but the park's finance records any.
    async fn figures_that_cannot_be_are_refused(backend) {
        let world = World::new(backend).await;
        let (_, other, _) = park(&world, 1).await;
        let lease = leased(&world, &book("arrears", ""), false).await;
        let wrong = [("kwh", "-1"), ("kwh", "1"), ("m3", "x"), ("kwh", "0.1234567")];
        let made = world.mutate("finance", "usageRecord", "", usage(&lease, "2026-09", &wrong, "k")).await;
        let told: Vec<String> = made["userErrors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect();
        assert_eq!(told, ["meters.0.quantity usage-quantity", "meters.1.meter usage-meter-doubled", "meters.2.meter usage-meter-unknown",
            "meters.2.quantity usage-quantity", "meters.3.meter usage-meter-doubled", "meters.3.quantity usage-quantity"]);
        assert_eq!(world.refused("finance", "usageRecord", usage(&lease, "2026-09", &[], "none")).await, ["usage-meters"]);
        assert_eq!(world.refused("finance", "usageRecord", usage(&other, "2026-09", &[("kwh", "1")], "no book")).await, ["usage-meter-unknown"]);
        assert_eq!(world.refused("a1", "usageRecord", usage(&lease, "2026-09", &[("kwh", "1")], "tenant")).await, ["forbidden"]);
        assert_eq!(world.refused("other-park", "usageRecord", usage(&lease, "2026-09", &[("kwh", "1")], "park")).await, ["not-found"]);
        let same = usage(&lease, "2026-09", &[("kwh", "1")], "twice");
        world.done("finance", "usageRecord", "", same.clone()).await;
        world.done("finance", "usageRecord", "", same).await;
    }
}
