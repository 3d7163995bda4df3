//! What a lease agrees.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::proration::Proration;
use crate::error::{Refusal, RefusalCode, Refusals};
use crate::estate::SeatProduct;
use crate::money::{Money, TaxRate};
use crate::time::Period;

/// The highest price of a seat-month and the highest deposit, in minor units. Keeps every sum of a park well inside 64
/// bits.
pub(super) const MAX_MINOR: i64 = 1_000_000_000_000;
/// The longest time to pay, in days.
const MAX_PAYMENT_DAYS: i64 = 365;

/// The most steps of a price.
const MAX_STEPS: usize = 60;

/// A new price from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceStep {
    /// The first day on which it applies.
    pub from: NaiveDate,
    /// For how much a seat-month from then on, before tax.
    pub unit_price: Money,
}

/// A published version of a price book of the park.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BookVersion {
    /// The book.
    pub book: String,
    /// From 1.
    pub version: u32,
}

impl fmt::Display for BookVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.book, self.version)
    }
}

/// The terms of one version of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// First day of the lease.
    pub term_from: NaiveDate,
    /// The day after its last.
    pub term_to: NaiveDate,
    /// What is sold.
    pub product: SeatProduct,
    /// For how much a seat-month, before tax, until the first step.
    pub unit_price: Money,
    /// Prices that follow, each from its day until the next: in order, inside the term.
    pub price_steps: Vec<PriceStep>,
    /// The price book that prices what is held, in the place of a price of a seat-month, which is 0 then.
    pub price_book: Option<BookVersion>,
    /// Value added tax on the price.
    pub tax_rate: TaxRate,
    /// How parts of a month count.
    pub proration: Proration,
    /// Days on which seats are held and nothing is charged: closed ranges inside the term that do not overlap.
    pub rent_free: Vec<Period>,
    /// The deposit for the whole lease.
    pub deposit: Money,
    /// Days to pay an invoice, 0 to 365.
    pub payment_days: i64,
}

impl LeaseTerms {
    /// The term.
    pub fn term(&self) -> Period {
        Period { from: self.term_from, to: Some(self.term_to) }
    }

    /// The price of a seat-month on a day, before tax.
    pub fn price_on(&self, day: NaiveDate) -> Money {
        self.price_steps.iter().rfind(|step| step.from <= day).map_or(self.unit_price, |step| step.unit_price)
    }

    /// Checks what types cannot: `period-empty`, `price-negative`, `price-too-large`, `deposit-negative`,
    /// `payment-days-range`, `period-open`, `rent-free-outside-term`, `rent-free-overlap`, `steps-too-many`,
    /// `step-outside-term`, `step-order`, `book-with-price` (both a price book and a price); all that apply.
    pub fn check(&self, bad: &mut Refusals) {
        if let Err(refusal) = Period::new(self.term_from, Some(self.term_to)) {
            bad.push(refusal.at("termTo"));
        }
        amount_ok("unitPrice".into(), self.unit_price, "price-negative", bad);
        amount_ok("deposit".into(), self.deposit, "deposit-negative", bad);
        self.check_steps(bad);
        bad.when(self.price_book.is_some() && (self.unit_price.minor != 0 || !self.price_steps.is_empty()), || {
            Refusal::new(RefusalCode::Invalid, "book-with-price").at("priceBook")
        });
        bad.when(!(0..=MAX_PAYMENT_DAYS).contains(&self.payment_days), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "payment-days-range").at("paymentDays");
            refusal.with("value", self.payment_days).with("max", MAX_PAYMENT_DAYS)
        });
        for (index, range) in self.rent_free.iter().enumerate() {
            self.check_rent_free(index, *range, bad);
        }
    }

    fn check_steps(&self, bad: &mut Refusals) {
        bad.when(self.price_steps.len() > MAX_STEPS, || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "steps-too-many").at("priceSteps");
            refusal.with("value", self.price_steps.len()).with("max", MAX_STEPS)
        });
        let mut before = self.term_from;
        for (index, step) in self.price_steps.iter().enumerate() {
            let path = format!("priceSteps.{index}");
            amount_ok(path.clone(), step.unit_price, "price-negative", bad);
            if step.from <= self.term_from || step.from >= self.term_to {
                let refusal = Refusal::new(RefusalCode::OutOfRange, "step-outside-term").at(path);
                bad.push(refusal.with("from", self.term_from).with("to", self.term_to));
            } else if step.from <= before {
                bad.push(Refusal::new(RefusalCode::Invalid, "step-order").at(path).with("from", before));
            }
            before = before.max(step.from);
        }
    }

    fn check_rent_free(&self, index: usize, range: Period, bad: &mut Refusals) {
        let path = format!("rentFree.{index}");
        if let Err(refusal) = Period::new(range.from, range.to) {
            return bad.push(refusal.at(path));
        }
        let Some(end) = range.to else {
            return bad.push(Refusal::new(RefusalCode::Required, "period-open").at(path));
        };
        bad.when(range.from < self.term_from || end > self.term_to, || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "rent-free-outside-term").at(path.clone());
            refusal.with("from", range.from).with("to", end)
        });
        if let Some(other) = self.rent_free.iter().take(index).position(|other| other.overlaps(range)) {
            let refusal = Refusal::new(RefusalCode::Overlap, "rent-free-overlap").at(path);
            bad.push(refusal.with("other", other.saturating_add(1)));
        }
    }
}

fn amount_ok(path: String, amount: Money, negative: &'static str, bad: &mut Refusals) {
    if amount.minor < 0 {
        bad.push(Refusal::new(RefusalCode::OutOfRange, negative).at(path).with("minor", amount.minor));
    } else if amount.minor > MAX_MINOR {
        bad.push(Refusal::new(RefusalCode::OutOfRange, "price-too-large").at(path).with("max", MAX_MINOR));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::money::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn period(from: &str, to: &str) -> Period {
        Period { from: day(from), to: Some(day(to)) }
    }
    fn terms() -> LeaseTerms {
        LeaseTerms {
            term_from: day("2026-01-12"),
            term_to: day("2027-01-12"),
            product: SeatProduct::Equipped,
            unit_price: Money::new(88_000, Currency::CNY),
            price_steps: Vec::new(),
            price_book: None,
            tax_rate: TaxRate::new(900).expect("a rate"),
            proration: Proration::ByDay,
            rent_free: vec![period("2026-01-12", "2026-03-12")],
            deposit: Money::new(0, Currency::CNY),
            payment_days: 10,
        }
    }
    fn refused(terms: &LeaseTerms) -> Vec<(&'static str, String)> {
        let mut bad = Refusals::new();
        terms.check(&mut bad);
        match bad.finish() {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn sound_terms_pass() {
        assert_eq!(refused(&terms()), []);
        assert_eq!(refused(&LeaseTerms { unit_price: Money::zero(Currency::CNY), ..terms() }), []);
    }

    #[test]
    fn a_price_goes_by_steps() {
        let step = |from: &str, minor| PriceStep { from: day(from), unit_price: Money::new(minor, Currency::CNY) };
        let with = |price_steps| LeaseTerms { price_steps, ..terms() };
        let two = with(vec![step("2026-07-12", 92_000), step("2026-10-01", 95_000)]);
        assert_eq!(refused(&two), []);
        let price = |on: &str| two.price_on(day(on)).minor;
        assert_eq!((price("2026-01-12"), price("2026-07-11"), price("2026-07-12")), (88_000, 88_000, 92_000));
        assert_eq!((price("2026-09-30"), price("2026-10-01"), price("2027-01-11")), (92_000, 95_000, 95_000));
        let bad = with(vec![
            step("2026-01-12", 1),
            step("2026-07-12", -1),
            step("2026-07-12", 1),
            step("2026-06-12", 1),
            step("2027-01-12", 1),
        ]);
        let path = |n: usize| format!("priceSteps.{n}");
        let expected = [
            ("step-outside-term", path(0)),
            ("price-negative", path(1)),
            ("step-order", path(2)),
            ("step-order", path(3)),
            ("step-outside-term", path(4)),
        ];
        assert_eq!(refused(&bad), expected);
        let many = (0..61).filter_map(|n| day("2026-02-01").checked_add_days(chrono::Days::new(n)));
        let many = many.map(|from| PriceStep { from, unit_price: Money::zero(Currency::CNY) }).collect();
        assert_eq!(refused(&with(many)), [("steps-too-many", "priceSteps".to_owned())]);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let bad = LeaseTerms {
            term_to: day("2026-01-12"),
            unit_price: Money::new(-1, Currency::CNY),
            deposit: Money::new(-1, Currency::CNY),
            payment_days: 366,
            rent_free: vec![
                period("2026-01-11", "2026-01-12"),
                period("2026-02-01", "2026-01-01"),
                Period { from: day("2026-02-01"), to: None },
            ],
            ..terms()
        };
        let expected = [
            ("period-empty", "termTo"),
            ("price-negative", "unitPrice"),
            ("deposit-negative", "deposit"),
            ("payment-days-range", "paymentDays"),
            ("rent-free-outside-term", "rentFree.0"),
            ("period-empty", "rentFree.1"),
            ("period-open", "rentFree.2"),
        ];
        assert_eq!(refused(&bad), expected.map(|(rule, path)| (rule, path.to_owned())));
        let doubled = LeaseTerms {
            rent_free: vec![period("2026-02-01", "2026-03-01"), period("2026-02-28", "2026-04-01")],
            ..terms()
        };
        assert_eq!(refused(&doubled), [("rent-free-overlap", "rentFree.1".to_owned())]);
    }
}
