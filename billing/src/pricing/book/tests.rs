//! Books that hold and books that do not.

use voxpark_domain::Error;

use super::*;

const BOOK: &str = r#"
id = "park"
version = 2
title = { zh = "席位价格", en = "Seat prices" }
currency = "CNY"

[commitment]
prices = ["seat"]
step = [
  { from = "2026-01-01", to = "2027-01-01", least = "10000" },
  { from = "2027-01-01", least = "20000.50" },
]

[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
proration = "fixed_30"
applies = { products = ["equipped"], zones = ["A"], shifts = ["night"] }
minimum_seats = [{ from = "2026-01-01", least = 20 }]

[[price.step]]
from = "2026-01-01"
to = "2027-01-01"
tariff = { model = { graduated = { tiers = [{ up_to = 50, unit = "880.00" }, { unit = "800", flat = "50" }] } } }

[[price.step]]
from = "2027-01-01"
tariff = { model = { per_unit = { unit = "0.0010" } }, free_units = 5, cap = "100000" }

[[price]]
id = "power"
title = { zh = "电", en = "Power" }
basis = "metered"
meter = "kwh"
due = "arrears"
every = "quarter"

[[price.step]]
from = "2026-01-01"
tariff = { model = { package = { size = 100, price = "75" } } }
"#;

fn read(text: &str) -> Result<PriceBook> {
    PriceBook::parse(PackFile { name: "book.toml", text })
}

#[test]
fn a_book_reads_and_writes() {
    let book = read(BOOK).expect("a sound book");
    assert_eq!((book.prices.len(), book.prices[0].steps.len()), (2, 2));
    assert_eq!(book.prices[1].every, Cadence::Quarter);
    let json = serde_json::to_string(&book).expect("json");
    assert_eq!(serde_json::from_str::<PriceBook>(&json).expect("json"), book);
}

#[test]
fn faults_name_rule_item_and_field() {
    for (old, new, rule, path) in [
        ("version = 2", "version = 0", "pack-value", "park.version"),
        (r#"en = "Seat" }"#, r#"en = " " }"#, "pack-text-missing", "seat.title.en"),
        (r#"id = "power""#, r#"id = "seat""#, "pack-key-doubled", "seat.id"),
        (r#"id = "power""#, r#"id = "Power""#, "pack-value", "Power.id"),
        (r#"prices = ["seat"]"#, r#"prices = ["none"]"#, "pack-reference-unknown", "park.commitment.prices"),
        (r#"prices = ["seat"]"#, "prices = []", "pack-value", "park.commitment.prices"),
        ("20000.50", "20000.505", "pack-value", "park.commitment.step.1.least"),
        (r#"to = "2027-01-01""#, r#"to = "2027-01-02""#, "steps-apart", "seat.step.0.to"),
        (r#"to = "2027-01-01""#, r#"to = "2026-12-31""#, "steps-apart", "seat.step.0.to"),
        ("to = \"2027-01-01\"\ntariff", "tariff", "steps-apart", "seat.step.0.to"),
        ("up_to = 50, ", "", "tiers-open-end", "seat.step.0.tariff.model.graduated.tiers.0.up_to"),
        ("up_to = 50", "up_to = 0", "tiers-not-ascending", "seat.step.0.tariff.model.graduated.tiers.0.up_to"),
        ("up_to = 50", "up_to = 50, below = 51", "pack-value", "seat.step.0.tariff.model.graduated.tiers.0.below"),
        ("880.00", "-880", "pack-value", "seat.step.0.tariff.model.graduated.tiers.0.unit"),
        ("880.00", "1/3", "pack-value", "seat.step.0.tariff.model.graduated.tiers.0.unit"),
        (r#"flat = "50""#, r#"flat = "0.005""#, "pack-value", "seat.step.0.tariff.model.graduated.tiers.1.flat"),
        ("size = 100", "size = 0", "pack-value", "power.step.0.tariff.model.package.size"),
        (r#"meter = "kwh""#, "", "pack-value", "power.meter"),
        (r#"due = "arrears""#, "", "pack-value", "power.due"),
        (r#"due = "arrears""#, "due = \"arrears\"\nhigh_water = true", "pack-value", "power.high_water"),
        (r#"due = "arrears""#, "due = \"arrears\"\nof = [\"seat\"]", "pack-value", "power.of"),
        ("least = 20 ", "least = \"20.5\" ", "pack-value", "seat.minimum_seats.0.least"),
    ] {
        let text = BOOK.replacen(old, new, if rule == "steps-apart" { 2 } else { 1 });
        assert_ne!(text, BOOK, "{old}");
        let Err(Error::Refused(found)) = read(&text) else { panic!("{old} -> {new} was taken") };
        let at: Vec<_> = found.iter().map(|refusal| (refusal.rule, refusal.path.as_ref())).collect();
        assert!(at.contains(&(rule, path)), "{old} -> {new}: {at:?}");
    }
    // Amounts are typed as text, and words are not made up.
    for (old, new) in
        [("\"880.00\"", "880.1"), ("fixed_30", "fixed_32"), ("every =", "each ="), ("graduated", "stairs")]
    {
        let Err(Error::Refused(found)) = read(&BOOK.replacen(old, new, 1)) else { panic!("{old} -> {new} was taken") };
        assert_eq!(found.iter().map(|refusal| refusal.rule).collect::<Vec<_>>(), ["pack-syntax"]);
    }
}

/// The example that is shipped is sound, and its second version heals what its first one warns of.
#[test]
fn the_example_that_is_shipped_is_sound() {
    let example = [
        include_str!("../../../../frameworks/price-books/example.v1.toml"),
        include_str!("../../../../frameworks/price-books/example.v2.toml"),
    ];
    let falls = example.map(|text| {
        let book = PriceBook::parse(PackFile { name: "example", text }).expect("a sound book");
        let lines = book.prices.iter().flat_map(|price| crate::pricing::PriceLine::each_of(price).expect("lines"));
        (book.version, lines.map(|(_, line)| line.cliffs().expect("cliffs").len()).sum::<usize>())
    });
    assert_eq!(falls, [(1, 2), (2, 0)]);
}
