//! Price books: published version by version, checked whole, asked what seats come to and why: on both databases.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

const SAID: &str = "priceBook { book version currency note publishedAt sha256 prices { price basis every due proration steps { from to model percent freeUnits cap tiers { upTo below unit flat block } } }
  differences { price field before after } breaks { cliffs { price step regained before { seats total { amount } } after { seats total { amount } } } jumps { before { seats } } }
  versions { version note } }";

/// A seat price by volume (A9 of the cases: it falls at a bound), a fee of a part of it, and a meter.
fn book(version: u32, first: &str) -> String {
    format!(
        r#"
id = "seats"
version = {version}
title = {{ zh = "席位", en = "Seats" }}
currency = "CNY"

[[price]]
id = "seat"
title = {{ zh = "席位", en = "Seat" }}
basis = "seat"
due = "arrears"
applies = {{ products = ["equipped"] }}

[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ volume = {{ tiers = [{{ up_to = 10, unit = "{first}" }}, {{ unit = "280" }}] }} }} }}

[[price]]
id = "fee"
title = {{ zh = "管理费", en = "Fee" }}
basis = "percent"
due = "arrears"
of = ["seat"]

[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ percentage = {{ percent = "3" }} }} }}

[[price]]
id = "power"
title = {{ zh = "电", en = "Power" }}
basis = "metered"
meter = "kwh"
due = "arrears"

[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ per_unit = {{ unit = "0.8" }} }} }}
"#
    )
}

fn input(text: &str, key: &str, dry_run: bool) -> Value {
    json!({ "text": text, "fileName": "席位.toml", "note": format!("note {key}"), "dryRun": dry_run, "idempotencyKey": key })
}

async fn told(world: &World, who: &str, input: Value) -> Vec<String> {
    let payload = world.mutate(who, "priceBookPublish", "priceBook { version }", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}

on_both! {
    /// A version is checked, published once, followed by the next one only, and never changes.
    async fn versions_follow_each_other(backend) {
        let world = World::new(backend).await;
        let (one, two) = (book(1, "310"), book(2, "300"));
        let checked = world.done("finance", "priceBookPublish", SAID, input(&one, "check", true)).await["priceBook"].clone();
        assert_eq!((&checked["version"], &checked["publishedAt"], &checked["versions"]), (&json!(1), &Value::Null, &json!([])));
        let listed = "{ park { priceBooks { totalCount nodes { book version title { en } } } } }";
        assert_eq!(world.ok("park", listed, json!({})).await["park"]["priceBooks"]["totalCount"], 0, "a check keeps nothing");

        let made = world.done("finance", "priceBookPublish", SAID, input(&one, "one", false)).await;
        assert_eq!(made["priceBook"]["sha256"], checked["sha256"]);
        assert_eq!(world.done("finance", "priceBookPublish", SAID, input(&one, "one", false)).await, made, "a retry publishes nothing");
        assert_eq!(told(&world, "finance", input(&one, "again", false)).await, ["seats.version price-book-version"]);
        assert_eq!(told(&world, "finance", input(&book(3, "300"), "third", true)).await, ["seats.version price-book-version"]);
        let next = world.mutate("finance", "priceBookPublish", "", input(&book(3, "300"), "third", false)).await;
        assert_eq!(next["userErrors"][0]["message"], "席位.toml, seats: version is 3; the latest is 1, so the next one is 2.");

        let would = world.done("park", "priceBookPublish", SAID, input(&two, "two", true)).await["priceBook"].clone();
        let field = "step.0.tariff.model.volume.tiers.0.unit";
        assert_eq!(would["differences"], json!([{ "price": "seat", "field": field, "before": "310", "after": "300" }]));
        // Line ends of a form are no difference.
        let made = world.done("park", "priceBookPublish", SAID, input(&two.replace('\n', "\r\n"), "two", false)).await["priceBook"].clone();
        assert_eq!((&made["differences"], &made["sha256"]), (&would["differences"], &would["sha256"]));
        assert_eq!(made["versions"], json!([{ "version": 2, "note": "note two" }, { "version": 1, "note": "note one" }]));
        // 3000.00 for ten, 3080.00 for eleven: nothing falls any more at 300; at 310 ten cost 3100.00.
        assert_eq!(made["breaks"]["cliffs"], json!([]));
        let first = world.ok("park", "{ park { priceBook(book: \"seats\", version: 1) { fileText breaks { cliffs { price step regained before { seats total { amount } } after { seats total { amount } } } } } } }", json!({})).await["park"]["priceBook"].clone();
        assert_eq!(first["fileText"], one);
        assert_eq!(first["breaks"]["cliffs"], json!([{ "price": "seat", "step": "2026-01-01", "regained": 12,
            "before": { "seats": 10, "total": { "amount": "3100.00" } }, "after": { "seats": 11, "total": { "amount": "3080.00" } } }]));
        let books = world.ok("finance", listed, json!({})).await["park"]["priceBooks"].clone();
        assert_eq!(books, json!({ "totalCount": 1, "nodes": [{ "book": "seats", "version": 2, "title": { "en": "Seats" } }] }));
    }

    /// Every fault of a file is told at once, with file, item, field and rule, and nothing is kept.
    async fn a_faulty_file_is_refused_whole(backend) {
        let world = World::new(backend).await;
        let text = book(7, "-310").replace("en = \"Fee\"", "en = \"\"").replace("of = [\"seat\"]", "of = [\"seats\"]");
        for dry_run in [true, false] {
            let told = told(&world, "park", input(&text, "bad", dry_run)).await;
            assert_eq!(told, ["seat.step.0.tariff.model.volume.tiers.0.unit pack-value", "fee.title.en pack-text-missing", "fee.of pack-reference-unknown",
                "seats.version price-book-version"]);
        }
        let made = world.mutate("park", "priceBookPublish", "", input("id = \"x\"\nversion = one", "syntax", false)).await;
        assert_eq!(made["userErrors"][0]["rule"], "pack-syntax");
        assert!(made["userErrors"][0]["message"].as_str().unwrap().starts_with("席位.toml, line 2"), "{made}");
        assert_eq!(told(&world, "park", input("", "empty", false)).await, ["text text-required"]);
        let books = world.ok("park", "{ park { priceBooks { totalCount } } }", json!({})).await;
        assert_eq!(books["park"]["priceBooks"]["totalCount"], 0);
    }

    /// What seats come to, line by line, in words that can be computed again; and where a line against seats falls.
    async fn seats_are_quoted_and_drawn(backend) {
        let world = World::new(backend).await;
        world.done("park", "priceBookPublish", "", input(&book(1, "310"), "one", false)).await;
        let asked = "query($seats: Int!, $from: Date!, $to: Date!) { park { priceBookQuote(book: \"seats\", seats: $seats, product: EQUIPPED, from: $from, to: $to) {
            lines { kind price title { en } days { from to } amount { amount } why } total { amount } metered userErrors { path rule } } } }";
        let quote = async |seats: i64, from: &str, to: &str| {
            world.ok("finance", asked, json!({ "seats": seats, "from": from, "to": to })).await["park"]["priceBookQuote"].clone()
        };
        let quoted = quote(5, "2026-01-17", "2026-02-01").await;
        let days = |from: &str| json!({ "from": from, "to": "2026-02-01" });
        // 5 x 310.00 x 15 / 31, and 3 % of it: 22.50.
        assert_eq!(quoted["lines"], json!([
            { "kind": "SEATS", "price": "seat", "title": { "en": "Seat" }, "days": days("2026-01-17"), "amount": { "amount": "750.00" },
              "why": "5 seats at 1550.00 CNY a whole period × 15 days; ÷ 31 days of the period; = 750.00 CNY." },
            { "kind": "PERCENT", "price": "fee", "title": { "en": "Fee" }, "days": days("2026-01-01"), "amount": { "amount": "22.50" },
              "why": "3 % of 750 CNY in other lines = 22.50 CNY." },
        ]));
        assert_eq!((&quoted["total"]["amount"], &quoted["metered"]), (&json!("772.50"), &json!(["power"])));
        assert_eq!(quote(0, "2026-01-17", "2026-02-01").await["userErrors"], json!([{ "path": "seats", "rule": "book-quote-seats" }]));
        assert_eq!(quote(5, "2026-01-17", "2026-01-17").await["userErrors"], json!([{ "path": "to", "rule": "book-quote-days" }]));
        assert_eq!(quote(5, "2025-12-31", "2026-01-17").await["userErrors"][0]["rule"], "price-not-agreed");

        let asked = "query($price: String!, $to: Int) { park { priceBookCurve(book: \"seats\", price: $price, on: \"2026-06-01\", fromSeats: 9, toSeats: $to) {
            points { seats total { amount } } cliffs { before { seats } regained } userErrors { path rule } } } }";
        let curve = async |price: &str, to: i64| {
            world.ok("park", asked, json!({ "price": price, "to": to })).await["park"]["priceBookCurve"].clone()
        };
        let drawn = curve("seat", 12).await;
        let totals: Vec<&str> = drawn["points"].as_array().unwrap().iter().map(|p| p["total"]["amount"].as_str().unwrap()).collect();
        assert_eq!(totals, ["2790.00", "3100.00", "3080.00", "3360.00"]);
        assert_eq!(drawn["cliffs"], json!([{ "before": { "seats": 10 }, "regained": 12 }]));
        for (price, to, rule) in [("none", 12, "book-price-unknown"), ("fee", 12, "curve-of-amounts"), ("seat", 8, "curve-range"), ("seat", 2_000, "curve-range")] {
            assert_eq!(curve(price, to).await["userErrors"][0]["rule"], rule);
        }
    }

    /// Only who keeps the park's money publishes, and a tenant sees nothing of any book.
    async fn books_are_the_parks_own(backend) {
        let world = World::new(backend).await;
        world.done("park", "priceBookPublish", "", input(&book(1, "310"), "one", false)).await;
        for who in ["a1", "assessor", "other-park"] {
            let rule = told(&world, who, input(&book(if who == "other-park" { 2 } else { 1 }, "1"), "theirs", false)).await;
            let expected = if who == "other-park" { "seats.version price-book-version" } else { " not-found" };
            assert_eq!(rule, [expected], "{who}");
            let seen = world.ok(who, "{ park { priceBooks { totalCount nodes { book } } priceBook(book: \"seats\") { version } \
                priceBookCurve(book: \"seats\", price: \"seat\") { points { seats } } \
                priceBookQuote(book: \"seats\", seats: 1, product: EQUIPPED, from: \"2026-06-01\", to: \"2026-07-01\") { metered } } }", json!({})).await;
            assert_eq!(seen["park"], json!({ "priceBooks": { "totalCount": 0, "nodes": [] }, "priceBook": null, "priceBookCurve": null, "priceBookQuote": null }), "{who}");
        }
        let log = world.ok("park", "{ auditEvents(first: 5, filter: { action: \"price_book.publish\" }) { nodes { action subject } } }", json!({})).await;
        assert_eq!(log["auditEvents"]["nodes"], json!([{ "action": "price_book.publish", "subject": "seats" }]));
    }
}
