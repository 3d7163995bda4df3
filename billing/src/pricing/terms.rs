//! What a lease agrees that its price depends on.

use voxpark_domain::error::Refusals;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::Proration;

/// The highest price of a seat-month in minor units. Keeps every sum of a park well inside 64 bits.
pub const MAX_UNIT_MINOR: i64 = 1_000_000_000_000;

/// The price of one seat for one whole month, before VAT unless the invoice says prices include it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct SeatPrice {
    /// Minor units per seat-month, 0 to [`MAX_UNIT_MINOR`].
    pub unit_minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl SeatPrice {
    /// As money.
    pub const fn money(self) -> Money {
        Money::new(self.unit_minor, self.currency)
    }
}

/// The terms of one version of a lease, as far as prices depend on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// First day of the lease to the day after its last; open = until further notice.
    pub term: Period,
    /// What is sold.
    pub product: SeatProduct,
    /// For how much a seat-month.
    pub price: SeatPrice,
    /// How parts of a month count.
    pub proration: Proration,
    /// Value added tax on the price.
    pub vat: TaxRate,
    /// Days on which seats are held and nothing is charged; closed ranges inside the term that do not overlap.
    pub rent_free: Vec<Period>,
}

impl LeaseTerms {
    /// Checks what types cannot. Field paths are `term`, `price` and `rentFree.<index>`.
    ///
    /// # Errors
    /// `period-empty`, `price-negative`, `price-too-large`, `period-open`, `rent-free-outside-term`,
    /// `rent-free-overlap`; all that apply.
    pub fn validate(&self) -> Result<()> {
        let mut bad = Refusals::new();
        if let Err(refusal) = Period::new(self.term.from, self.term.to) {
            bad.push(refusal.at("term"));
        }
        let price = self.price.unit_minor;
        bad.when(price < 0, || {
            Refusal::new(RefusalCode::OutOfRange, "price-negative").at("price").with("minor", price)
        });
        bad.when(price > MAX_UNIT_MINOR, || {
            Refusal::new(RefusalCode::OutOfRange, "price-too-large").at("price").with("max", MAX_UNIT_MINOR)
        });
        for (index, range) in self.rent_free.iter().enumerate() {
            let path = format!("rentFree.{index}");
            if let Err(refusal) = Period::new(range.from, range.to) {
                bad.push(refusal.at(path));
                continue;
            }
            let Some(end) = range.to else {
                bad.push(Refusal::new(RefusalCode::Required, "period-open").at(path));
                continue;
            };
            bad.when(range.from < self.term.from || self.term.to.is_some_and(|to| end > to), || {
                Refusal::new(RefusalCode::OutOfRange, "rent-free-outside-term")
                    .at(path.clone())
                    .with("from", range.from)
                    .with("to", end)
            });
            let earlier = self.rent_free.iter().take(index).position(|other| other.overlaps(*range));
            if let Some(other) = earlier {
                bad.push(
                    Refusal::new(RefusalCode::Overlap, "rent-free-overlap")
                        .at(path)
                        .with("other", other.saturating_add(1)),
                );
            }
        }
        bad.finish()
    }
    /// Whether the day is inside a rent-free range.
    pub(super) fn is_rent_free(&self, day: chrono::NaiveDate) -> bool {
        self.rent_free.iter().any(|range| range.contains(day))
    }
}

/// A lease version and the days on which it is the one that applies. Versions of a lease never overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseVersion {
    /// 1, 2, ...
    pub version: u32,
    /// From its first day in force to the first day of the next version, or on.
    pub in_force: Period,
    /// What it agrees.
    pub terms: LeaseTerms,
}

impl LeaseVersion {
    /// Whether the version governs the day.
    pub(super) fn governs(&self, day: chrono::NaiveDate) -> bool {
        self.in_force.contains(day) && self.terms.term.contains(day)
    }
}

#[cfg(test)]
mod tests {
    use voxpark_domain::Error;

    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().expect("date"), to: Some(to.parse().expect("date")) }
    }
    fn terms() -> LeaseTerms {
        LeaseTerms {
            term: period("2026-01-12", "2027-01-12"),
            product: SeatProduct::Equipped,
            price: SeatPrice { unit_minor: 88_000, currency: Currency::CNY },
            proration: Proration::ByDay,
            vat: TaxRate::new(900).expect("rate"),
            rent_free: vec![period("2026-01-12", "2026-03-12")],
        }
    }
    fn refused(terms: &LeaseTerms) -> Vec<(&'static str, String)> {
        match terms.validate() {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn sound_terms_pass() {
        assert_eq!(refused(&terms()), []);
        let free_seat = LeaseTerms { price: SeatPrice { unit_minor: 0, currency: Currency::CNY }, ..terms() };
        assert_eq!(refused(&free_seat), []);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let bad = LeaseTerms {
            term: period("2026-01-12", "2026-01-12"),
            price: SeatPrice { unit_minor: -1, currency: Currency::CNY },
            rent_free: vec![
                period("2026-01-11", "2026-01-12"),
                period("2026-02-01", "2026-01-01"),
                Period { from: "2026-02-01".parse().expect("date"), to: None },
            ],
            ..terms()
        };
        let expected = [
            ("period-empty", "term"),
            ("price-negative", "price"),
            ("rent-free-outside-term", "rentFree.0"),
            ("period-empty", "rentFree.1"),
            ("period-open", "rentFree.2"),
        ];
        assert_eq!(refused(&bad), expected.map(|(rule, path)| (rule, path.to_owned())));
        let doubled = LeaseTerms {
            price: SeatPrice { unit_minor: MAX_UNIT_MINOR + 1, currency: Currency::CNY },
            rent_free: vec![period("2026-02-01", "2026-03-01"), period("2026-02-28", "2026-04-01")],
            ..terms()
        };
        let expected = [("price-too-large", "price"), ("rent-free-overlap", "rentFree.1")];
        assert_eq!(refused(&doubled), expected.map(|(rule, path)| (rule, path.to_owned())));
    }
}
