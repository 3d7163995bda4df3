//! A month, what was recorded since of others, and what is carried.

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{Id as _, ParkId, PlatformInvoiceId};
use voxpark_domain::money::{Currency, TaxRate};
use voxpark_domain::pack::PackFile;

use super::*;
use crate::invoicing::{InvoiceNumber, PaymentTerms};
use crate::parties::Party;
use crate::pricing::PriceBook;

const BOOK: &str = r#"
id = "platform"
version = 1
title = { zh = "平台服务", en = "Platform" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "31" } } }
[[price]]
id = "equipped"
title = { zh = "全配附加", en = "Equipped" }
basis = "seat_day"
due = "arrears"
applies = { products = ["equipped"] }
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "0.5" } } }
"#;

fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}
fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}
fn terms(version: u32, from: &str, tax: u32) -> PlatformTerms {
    PlatformTerms {
        version,
        from: month(from),
        book: PriceBook::parse(PackFile { name: "b.toml", text: BOOK }).expect("a sound book"),
        text: BOOK.to_owned(),
        sha256: [0; 32],
        tax: TaxRate::new(tax).expect("a rate"),
        payment: PaymentTerms::net_days(15).expect("days"),
        recorded_at: DateTime::UNIX_EPOCH,
    }
}
fn run(product: SeatProduct, from: &str, to: &str, seats: i64) -> Counted {
    Counted { product, from: day(from), to: day(to), seats }
}
fn issued(n: u32, of: Month, drawn: &Drawn) -> PlatformInvoice {
    PlatformInvoice {
        id: PlatformInvoiceId::from_uuid(Uuid::from_u128(u128::from(n))),
        park: ParkId::from_uuid(Uuid::nil()),
        number: InvoiceNumber::new("PLT", 2026, n).expect("a number"),
        month: of,
        terms: drawn.terms,
        currency: Currency::CNY,
        net_minor: drawn.net_minor,
        tax_minor: drawn.tax_minor,
        total_minor: drawn.total_minor,
        issued_at: DateTime::UNIX_EPOCH,
        due_on: of.end(),
        known_at: DateTime::UNIX_EPOCH,
        body: drawn.body.clone(),
        kept: Value::Null,
        seller: Party::default(),
        buyer: Party::default(),
        sha256: Vec::new(),
        paid_minor: 0,
        voided: None,
    }
}
type Known = BTreeMap<Month, Vec<Counted>>;
fn draw(of: &str, known: &Known, in_force: &[PlatformInvoice]) -> Option<Drawn> {
    draw_up(month(of), &[terms(1, "2026-08", 600)], known, in_force).expect("drawn up")
}
fn said(drawn: &Drawn) -> Vec<(&'static str, String, i64)> {
    drawn.body.lines.iter().map(|l| (l.kind.name(), l.month.to_string(), l.net_minor)).collect()
}

#[test]
fn a_month_is_charged_and_what_is_recorded_late_comes_with_the_next() {
    let (bare, equipped) = (SeatProduct::Bare, SeatProduct::Equipped);
    let mut known = Known::new();
    assert_eq!(draw("2026-08", &known, &[]), None, "nothing leased, nothing charged");
    known.insert(
        month("2026-08"),
        vec![run(bare, "2026-08-01", "2026-09-01", 3), run(equipped, "2026-08-11", "2026-08-21", 2)],
    );
    let first = draw("2026-08", &known, &[]).expect("charged");
    // 93 + 20 seat-days at 1.00 a day, and 20 at 0.50; six per cent of 123.00.
    assert_eq!(said(&first), [("charge", "2026-08".to_owned(), 11_300), ("charge", "2026-08".to_owned(), 1_000)]);
    assert_eq!((first.net_minor, first.tax_minor, first.total_minor), (12_300, 738, 13_038));
    let august = issued(1, month("2026-08"), &first);
    assert_eq!(august.seat_days(), BTreeMap::from([(bare, 93), (equipped, 20)]));
    // One seat less than was known, found out after the bill; in September there is one seat.
    known.insert(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 2)]);
    known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 5)]);
    let second = draw("2026-09", &known, std::slice::from_ref(&august)).expect("charged");
    assert_eq!(
        said(&second),
        [
            ("charge", "2026-09".to_owned(), 15_500),
            ("correction", "2026-08".to_owned(), -5_100),
            ("correction", "2026-08".to_owned(), -1_000),
        ]
    );
    for line in &second.body.lines {
        let why = line.why.as_ref().expect("why");
        assert_eq!(why.recompute(), Ok(line.net_minor), "the stored reason gives the amount again");
    }
    // Once only.
    let september = issued(2, month("2026-09"), &second);
    assert_eq!(draw("2026-10", &known, &[september, august]), None);
}

#[test]
fn less_than_nothing_is_carried_rate_by_rate() {
    let bare = SeatProduct::Bare;
    let all = [terms(1, "2026-08", 600), terms(2, "2026-09", 900)];
    let mut known = Known::from([(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 100)])]);
    let first = draw_up(month("2026-08"), &all, &known, &[]).expect("drawn up").expect("charged");
    let august = issued(1, month("2026-08"), &first);
    known.insert(month("2026-08"), Vec::new());
    known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 10)]);
    let second =
        draw_up(month("2026-09"), &all, &known, std::slice::from_ref(&august)).expect("drawn up").expect("charged");
    let (september, october) = ("2026-09".to_owned(), "2026-10".to_owned());
    assert_eq!(
        said(&second),
        [
            ("charge", september.clone(), 31_000),
            ("correction", "2026-08".to_owned(), -310_000),
            ("carried_out", september.clone(), 310_000),
            ("carried_out", september.clone(), -31_000),
        ]
    );
    assert_eq!((second.net_minor, second.tax_minor, second.total_minor), (0, 0, 0));
    known.insert(month("2026-10"), vec![run(bare, "2026-10-01", "2026-11-01", 200)]);
    let both = [august, issued(2, month("2026-09"), &second)];
    let third = draw_up(month("2026-10"), &all, &known, &both).expect("drawn up").expect("charged");
    assert_eq!(
        said(&third),
        [("charge", october, 620_000), ("carried_in", september.clone(), -310_000), ("carried_in", september, 31_000)]
    );
    // Nine per cent of 6,510.00 less six per cent of 3,100.00.
    assert_eq!((third.net_minor, third.tax_minor), (341_000, 58_590 - 18_600));
    let three = [both.as_slice(), &[issued(3, month("2026-10"), &third)]].concat();
    known.insert(month("2026-11"), vec![run(bare, "2026-11-01", "2026-12-01", 1)]);
    let fourth = draw_up(month("2026-11"), &all, &known, &three).expect("drawn up").expect("charged");
    assert_eq!(said(&fourth), [("charge", "2026-11".to_owned(), 3_100)], "taken once");
}

#[test]
fn a_month_between_others_corrects_nothing() {
    let bare = SeatProduct::Bare;
    let mut known = Known::from([(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 1)])]);
    let august = issued(1, month("2026-08"), &draw("2026-08", &known, &[]).expect("charged"));
    known.insert(month("2026-10"), vec![run(bare, "2026-10-01", "2026-11-01", 1)]);
    let october =
        issued(2, month("2026-10"), &draw("2026-10", &known, std::slice::from_ref(&august)).expect("charged"));
    known.insert(month("2026-08"), vec![run(bare, "2026-08-01", "2026-09-01", 2)]);
    known.insert(month("2026-09"), vec![run(bare, "2026-09-01", "2026-10-01", 1)]);
    let between = draw("2026-09", &known, &[august.clone(), october.clone()]).expect("charged");
    assert_eq!(said(&between), [("charge", "2026-09".to_owned(), 3_100)]);
    let all = [august, issued(3, month("2026-09"), &between), october];
    let last = draw("2026-11", &known, &all).expect("a correction alone is an invoice");
    assert_eq!(said(&last), [("correction", "2026-08".to_owned(), 3_100)]);
    assert_eq!(
        draw_up(month("2026-07"), &[terms(1, "2026-08", 600)], &known, &[]).map_err(|r| r.rule),
        Err("platform-terms-none")
    );
}

#[test]
fn later_terms_replace_earlier_ones_from_their_month() {
    let all = [terms(1, "2026-08", 600), terms(2, "2027-01", 600), terms(3, "2026-11", 600)];
    let of = |text: &str| governing(&all, month(text)).map(|terms| terms.version);
    assert_eq!([of("2026-07"), of("2026-10"), of("2026-11"), of("2027-02")], [None, Some(1), Some(3), Some(3)]);
}

proptest! {
    /// Whatever is found out when, what was billed of a month in all is what it comes to as it was known last.
    #[test]
    fn what_was_billed_is_what_is_known(
        seats in proptest::collection::vec(proptest::collection::vec(0_i64..40, 6), 6),
    ) {
        let months: Vec<Month> = (0..6).map(|n| month("2026-08").plus(n)).collect();
        let mut invoices: Vec<PlatformInvoice> = Vec::new();
        let mut known = Known::new();
        for (now, of) in months.iter().enumerate() {
            // At every month's end something else is known of each month so far.
            known = months.iter().take(now + 1).zip(&seats[now]).filter(|(_, n)| **n > 0).map(|(m, n)| {
                (*m, vec![Counted { product: SeatProduct::Bare, from: m.first_day(), to: m.end(), seats: *n }])
            }).collect();
            if let Some(drawn) = draw(&of.to_string(), &known, &invoices) {
                prop_assert!(drawn.total_minor >= 0);
                prop_assert_eq!(drawn.net_minor + drawn.tax_minor, drawn.total_minor);
                let number = u32::try_from(invoices.len()).expect("few") + 1;
                invoices.push(issued(number, *of, &drawn));
            }
        }
        let last = invoices.last().map(|invoice| invoice.month);
        for of in months.iter().filter(|of| last.is_some_and(|last| **of <= last)) {
            let billed: i64 = invoices.iter().flat_map(|i| &i.body.lines)
                .filter(|l| l.month == *of && matches!(l.kind, PlatformLineKind::Charge | PlatformLineKind::Correction))
                .map(|l| l.net_minor).sum();
            let brought_up = last == months.last().copied() && invoices.iter().any(|i| i.month == *of);
            let count = known.get(of).map(Vec::as_slice).unwrap_or_default();
            let worth: i64 = rate(&terms(1, "2026-08", 600), *of, count).expect("rated").iter().map(|l| l.net_minor).sum();
            if brought_up {
                prop_assert_eq!(billed, worth, "{}", of);
            }
        }
        let carried = |kind| -> i64 {
            let lines = invoices.iter().flat_map(|i| &i.body.lines);
            lines.filter(|l| l.kind == kind).map(|l| l.net_minor).sum()
        };
        let left = -carried(PlatformLineKind::CarriedOut) - carried(PlatformLineKind::CarriedIn);
        let said: i64 = invoices.iter().flat_map(|i| &i.body.lines)
            .filter(|l| matches!(l.kind, PlatformLineKind::Charge | PlatformLineKind::Correction))
            .map(|l| l.net_minor).sum();
        let billed: i64 = invoices.iter().map(|i| i.net_minor).sum();
        prop_assert_eq!(billed + left, said, "what is carried is neither lost nor doubled");
    }
}
