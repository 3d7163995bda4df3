use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::pack::Bilingual;
use voxpark_domain::time::Period;

use super::{Range, Written, read, usd};
use crate::pricing::slices::{Weighted, worth_of_changes};
use crate::pricing::{
    Applies, Basis, BookLine, BookRating, Cadence, Clause, Commitment, CountChange, CountLedger, DatedTariff, DayCount,
    DecreaseRule, Discount, Due, NewCount, Price, PriceBook, Ratio, Sold, Tariff, Usage, Wish, cap_discount,
    charges_in_advance, day_share, discounts, rate_book, seat_periods,
};

pub(super) const TEXT: &str = include_str!("seats.toml");

#[derive(Deserialize)]
struct SeatPeriods {
    id: String,
    period: Range,
    #[serde(default)]
    carried: i64,
    changes: Vec<(i64, NaiveDate)>,
    hundredths: i64,
}
#[derive(Deserialize)]
struct Planned {
    id: String,
    period: Range,
    carried: i64,
    set: Vec<(i64, NaiveDate)>,
    seat_periods: i64,
    next: i64,
}
#[derive(Deserialize)]
struct Advance {
    id: String,
    unit: Ratio,
    clause: Clause,
    period: Range,
    carried: i64,
    changes: Vec<(i64, NaiveDate)>,
    due: Vec<i64>,
}
#[derive(Deserialize)]
struct ByBook {
    id: String,
    #[serde(flatten)]
    written: Written,
    period: Range,
    sold: Vec<(i64, NaiveDate, NaiveDate)>,
    minor: i64,
}
#[derive(Deserialize)]
struct Stack {
    id: String,
    tiers: String,
    changes: Vec<(i64, Ratio)>,
    minor: i64,
}
#[derive(Deserialize)]
struct Wanted {
    id: String,
    carried: i64,
    today: NaiveDate,
    period_end: NaiveDate,
    wants: Vec<i64>,
    /// The place of the one that is refused.
    refused: usize,
    seen: Vec<(NaiveDate, i64)>,
}
#[derive(Deserialize)]
struct Committed {
    id: String,
    minimum: Ratio,
    fee: i64,
    others: Vec<i64>,
    period: Range,
    served: Range,
    missing: i64,
}
#[derive(Deserialize)]
struct Metered {
    id: String,
    #[serde(flatten)]
    written: Written,
    minimum: Option<Ratio>,
    maximum: Option<Ratio>,
    quantity: Ratio,
    billed: Option<Ratio>,
    #[serde(default)]
    billed_minor: i64,
    lines: Vec<i64>,
}
#[derive(Deserialize)]
struct Capped {
    id: String,
    amount: i64,
    percent: Ratio,
    maximum: i64,
    billed: i64,
    off: Vec<i64>,
    total: i64,
}
#[derive(Deserialize)]
struct Cases {
    seat_periods: Vec<SeatPeriods>,
    planned: Vec<Planned>,
    advance: Vec<Advance>,
    book: Vec<ByBook>,
    stack: Vec<Stack>,
    wanted: Vec<Wanted>,
    minimum: Vec<Committed>,
    metered: Vec<Metered>,
    capped: Vec<Capped>,
}

fn cases() -> Cases {
    read("seats", TEXT)
}
fn ledger(carried: i64, changes: &[(i64, NaiveDate)], count: fn(i64) -> NewCount) -> CountLedger {
    let mut ledger = CountLedger::carried(carried);
    for (n, (units, effective)) in changes.iter().enumerate() {
        ledger.record(CountChange {
            effective: *effective,
            count: count(*units),
            recorded_at: DateTime::UNIX_EPOCH,
            event: n.to_string(),
        });
    }
    ledger
}
/// A book of one price.
fn book(tariff: Tariff, basis: Basis) -> PriceBook {
    let title = || Bilingual { zh: "价格".to_owned(), en: "Price".to_owned() };
    let metered = basis == Basis::Metered;
    let from = "2020-01-01".parse().expect("a date");
    let price = Price {
        id: "price".to_owned(),
        title: title(),
        basis,
        every: Cadence::Month,
        due: if metered { Due::Arrears } else { Due::Advance },
        proration: Clause::ByDay,
        high_water: false,
        applies: Applies::default(),
        minimum_seats: Vec::new(),
        maximum: None,
        meter: metered.then(|| "meter".to_owned()),
        tax: None,
        of: Vec::new(),
        steps: vec![DatedTariff { from, to: None, tariff }],
    };
    PriceBook {
        id: "book".to_owned(),
        version: 1,
        title: title(),
        currency: usd(),
        tax_included: false,
        commitment: None,
        prices: vec![price],
    }
}
fn charged(book: &PriceBook, period: Period, sold: &[Sold], usage: &[Usage], billed: i64) -> Vec<BookLine> {
    book.check("case").expect("a sound book");
    let asked = BookRating {
        period,
        every: Cadence::Month,
        served: period,
        due: None,
        sold,
        usage,
        rent_free: &[],
        billed: &BTreeMap::from([("price".to_owned(), billed)]),
        sponsored: 0,
        last_split: true,
    };
    rate_book(book, &asked).expect("rated")
}

#[test]
fn counts_over_a_period() {
    for case in cases().seat_periods {
        let held = ledger(case.carried, &case.changes, NewCount::Add).held(case.period.period()).expect("held");
        let found = seat_periods(DayCount::Actual, case.period.period(), &held).and_then(|sum| sum.rounded(2));
        assert_eq!(found, Ok(case.hundredths), "{}", case.id);
    }
    for case in cases().planned {
        let ledger = ledger(case.carried, &case.set, NewCount::Set);
        let held = ledger.held(case.period.period()).expect("held");
        let found = seat_periods(DayCount::Actual, case.period.period(), &held);
        assert_eq!(found, Ok(Ratio::whole(case.seat_periods)), "{}", case.id);
        assert_eq!(ledger.on(case.period.1), Ok(case.next), "{}", case.id);
    }
    for case in cases().wanted {
        let mut ledger = CountLedger::carried(case.carried);
        for (at, more) in case.wants.iter().enumerate() {
            let wish =
                Wish { more: *more, on: case.today, recorded_at: DateTime::UNIX_EPOCH, period_end: case.period_end };
            let found = ledger.want(wish, DecreaseRule::PeriodEnd, 0);
            let rule = found.err().map(|refusal| refusal.rule);
            assert_eq!(rule, (at == case.refused).then_some("seats-below-scheduled"), "{} {at}", case.id);
        }
        for (day, count) in case.seen {
            assert_eq!(ledger.on(day), Ok(count), "{} {day}", case.id);
        }
    }
}

#[test]
fn charges_in_advance_are_differences() {
    for case in cases().advance {
        let ledger = ledger(case.carried, &case.changes, NewCount::Add);
        let tariff = Tariff::per_unit(case.unit);
        let due = charges_in_advance(&tariff, case.clause, case.period.period(), &ledger, (false, usd()));
        let due: Vec<i64> = due.expect("charged").into_iter().map(|(_, minor)| minor).collect();
        assert_eq!(due, case.due, "{}", case.id);
    }
}

#[test]
fn slices_and_changes_come_to_the_same() {
    for case in cases().book {
        let sold: Vec<Sold> = (1..)
            .zip(&case.sold)
            .map(|(n, (count, from, to))| Sold {
                held: Period { from: *from, to: Some(*to) },
                count: *count,
                product: SeatProduct::Bare,
                zones: ["A".to_owned()].into(),
                shift: None,
                begins: true,
                event: format!("event-{n}"),
            })
            .collect();
        let lines = charged(&book(case.written.tariff(), Basis::Seat), case.period.period(), &sold, &[], 0);
        assert_eq!(lines.iter().map(|line| line.amount.minor).collect::<Vec<_>>(), [case.minor], "{}", case.id);
        assert_eq!(lines.first().map(|line| line.events.len()), Some(sold.len()), "{}", case.id);
    }
    for case in cases().stack {
        let written: Written = read("stack", &format!("model = \"graduated\"\ntiers = \"{}\"", case.tiers));
        let changes: Vec<Weighted> =
            case.changes.iter().map(|(units, weighted)| Weighted { units: *units, weighted: *weighted }).collect();
        let worth = worth_of_changes(&written.tariff(), &changes).and_then(|worth| worth.money(usd()));
        assert_eq!(worth.map(|money| money.minor), Ok(case.minor), "{}", case.id);
    }
}

#[test]
fn minimums_and_maximums() {
    for case in cases().minimum {
        let (served, whole) = (case.served.period(), case.period.period());
        let fee =
            day_share(DayCount::Actual, served, whole).and_then(|share| share.of_amount(case.fee)).expect("a fee");
        let commitment = Commitment::constant("2020-01-01".parse().expect("a date"), case.minimum);
        let counted = case.others.iter().copied().chain([fee]);
        let distance = commitment.distance(DayCount::Actual, (served, whole), usd(), counted).expect("in range");
        assert_eq!(distance.missing(), case.missing, "{}", case.id);
    }
    let month = Period { from: "2025-01-01".parse().expect("a date"), to: Some("2025-02-01".parse().expect("a date")) };
    for case in cases().metered {
        let mut book = book(case.written.tariff(), Basis::Metered);
        book.commitment = case.minimum.map(|least| Commitment::constant(month.from, least));
        book.prices[0].maximum = case.maximum;
        let usage = Usage {
            meter: "meter".to_owned(),
            quantity: case.quantity,
            billed: case.billed,
            event: "reading".to_owned(),
        };
        let lines = charged(&book, month, &[], &[usage], case.billed_minor);
        let found: Vec<i64> = lines.iter().map(|line| line.amount.minor).collect();
        assert_eq!(found, case.lines, "{}", case.id);
    }
    for case in cases().capped {
        let lines = BTreeMap::from([("line", case.amount)]);
        let percent = discounts(&lines, &[Discount::Percent(case.percent)]).expect("discounted")[0].minor;
        let cap = cap_discount(case.maximum, case.billed, case.amount - percent).expect("in range");
        assert_eq!(vec![percent, cap], case.off, "{}", case.id);
        assert_eq!(case.amount - percent - cap, case.total, "{}", case.id);
    }
}
