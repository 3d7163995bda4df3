use serde::Deserialize;

use super::{Written, minor, number, read, usd};
use crate::pricing::{Part, Ratio, cliffs, curve};

pub(super) const TEXT: &str = include_str!("tariffs.toml");

#[derive(Deserialize)]
struct Priced {
    id: String,
    #[serde(flatten)]
    written: Written,
    qty: String,
    full: Option<String>,
    total: String,
    parts: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Since {
    id: String,
    #[serde(flatten)]
    written: Written,
    billed: Option<String>,
    quantities: Vec<String>,
    due: Vec<String>,
}

#[derive(Deserialize)]
struct Curved {
    id: String,
    #[serde(flatten)]
    written: Written,
    seats: (i64, i64),
    falls: Vec<(i64, i64, String, String)>,
    regained: Vec<i64>,
}

#[derive(Deserialize)]
struct Cases {
    tariff: Vec<Priced>,
    since: Vec<Since>,
    cliff: Vec<Curved>,
}

fn cents(amount: Ratio) -> i64 {
    amount.money(usd()).expect("in range").minor
}
fn sum(parts: &[Part]) -> Ratio {
    Ratio::sum(parts.iter().map(Part::total)).expect("in range")
}

#[test]
fn quantities_cost_what_they_cost() {
    let cases: Cases = read("tariffs", TEXT);
    for case in cases.tariff {
        let (tariff, qty) = (case.written.tariff(), number(&case.qty));
        let full = case.full.as_deref().map_or(qty, number);
        let parts = tariff.parts(full, qty).expect("priced");
        assert_eq!(cents(tariff.capped(sum(&parts))), minor(&case.total), "{}", case.id);
        if case.full.is_none() {
            assert_eq!(tariff.total(qty).map(cents), Ok(minor(&case.total)), "{}", case.id);
        }
        if let Some(expected) = &case.parts {
            let found: Vec<i64> = parts.iter().map(|part| cents(part.total().expect("in range"))).collect();
            assert_eq!(found, expected.iter().map(|text| minor(text)).collect::<Vec<_>>(), "{}", case.id);
        }
    }
    for case in cases.since {
        let tariff = case.written.tariff();
        let mut billed = case.billed.as_deref().map(number);
        for (quantity, due) in case.quantities.iter().zip(&case.due) {
            let now = number(quantity);
            assert_eq!(cents(sum(&tariff.since(billed, now).expect("priced"))), minor(due), "{} {quantity}", case.id);
            billed = Some(now);
        }
    }
}

#[test]
fn falls_are_found() {
    let cases: Cases = read("tariffs", TEXT);
    for case in cases.cliff {
        let points = curve(&case.written.tariff(), case.seats.0..=case.seats.1).expect("a curve");
        let found = cliffs(&points);
        let shown: Vec<_> = found
            .iter()
            .map(|c| (c.before.seats, c.after.seats, c.before.total.to_string(), c.after.total.to_string()))
            .collect();
        assert_eq!(shown, case.falls, "{}", case.id);
        assert_eq!(found.iter().filter_map(|cliff| cliff.regained).collect::<Vec<_>>(), case.regained, "{}", case.id);
    }
}
