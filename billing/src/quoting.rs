//! What a quote comes to: the invoices of the leases that its lines would become, month by month, from the same pricing
//! and the same rounding as those that are issued. There is no other formula.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use voxpark_domain::ids::{AllocationId, Id, SeatId, TenantId};
use voxpark_domain::leasing::{Clauses, FULL_DAY, LeaseVersion};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pipeline::QuoteLine;
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use crate::invoicing::{Holding, InvoiceLine, RecordedSeat, TaxRule, assemble};
use crate::pricing::out_of_range;

/// A month of a quote: the invoices of all of its lines together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedMonth {
    /// The month.
    pub month: Month,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
    /// What the invoices would be made of, in the order of the lines of the quote.
    pub lines: Vec<InvoiceLine>,
}

/// What a quote comes to if all of its seats are held for the whole term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Of every amount.
    pub currency: Currency,
    /// Every month of the terms, in order; those in which nothing is held are not among them.
    pub months: Vec<QuotedMonth>,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
    /// Security, minor units; not in the total.
    pub deposit_minor: i64,
}

fn add(to: &mut i64, minor: i64) -> Result<(), Refusal> {
    *to = to.checked_add(minor).ok_or_else(out_of_range)?;
    Ok(())
}

/// A line as if it were leased, and every seat held for the whole term.
fn holding(line: &QuoteLine) -> Holding {
    let version = LeaseVersion {
        version: 1,
        in_force_from: line.terms.term_from,
        terms: line.terms.clone(),
        clauses: Clauses::default(),
        recorded_at: chrono::DateTime::UNIX_EPOCH,
        reason: String::new(),
    };
    let seat = |n: i64| {
        let id = Uuid::from_u128(u128::from(n.unsigned_abs()));
        RecordedSeat {
            allocation: AllocationId::from_uuid(id),
            seat: SeatId::from_uuid(id),
            from: line.terms.term_from,
            to: Some(line.terms.term_to),
            shift: FULL_DAY,
        }
    };
    Holding {
        tenant: TenantId::from_uuid(Uuid::nil()),
        versions: vec![version],
        seats: (1..=line.seats).map(seat).collect(),
        books: Vec::new(),
        usage: Vec::new(),
        zones: HashMap::new(),
    }
}

/// Prices the lines of a quote.
///
/// # Errors
/// `quote-lines` without any; those of [`crate::pricing::rate`] and [`assemble`].
pub fn quoted(lines: &[QuoteLine]) -> Result<Quoted, Refusal> {
    let Some(first) = lines.first() else { return Err(Refusal::new(RefusalCode::OutOfRange, "quote-lines")) };
    let currency = first.terms.unit_price.currency;
    let mut months: BTreeMap<Month, QuotedMonth> = BTreeMap::new();
    let mut deposit_minor = 0;
    for line in lines {
        let holding = holding(line);
        let from = Month::of(line.terms.term_from);
        for month in (0..line.months()).map(|n| from.plus(n)) {
            let body = assemble(holding.rate(month)?, TaxRule::default())?;
            let of = months.entry(month).or_insert(QuotedMonth {
                month,
                net_minor: 0,
                tax_minor: 0,
                total_minor: 0,
                lines: Vec::new(),
            });
            add(&mut of.net_minor, body.net_minor)?;
            add(&mut of.tax_minor, body.tax_minor)?;
            add(&mut of.total_minor, body.total_minor)?;
            of.lines.extend(body.lines);
        }
        let deposit = line.deposit_money().filter(|deposit| deposit.currency == currency);
        add(&mut deposit_minor, deposit.map_or(0, |deposit: Money| deposit.minor))?;
    }
    let months: Vec<QuotedMonth> = months.into_values().collect();
    let (mut net_minor, mut tax_minor, mut total_minor) = (0, 0, 0);
    for month in &months {
        add(&mut net_minor, month.net_minor)?;
        add(&mut tax_minor, month.tax_minor)?;
        add(&mut total_minor, month.total_minor)?;
    }
    Ok(Quoted { currency, months, net_minor, tax_minor, total_minor, deposit_minor })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use voxpark_domain::estate::SeatProduct;
    use voxpark_domain::leasing::{LeaseTerms, PriceStep, Proration};
    use voxpark_domain::money::TaxRate;
    use voxpark_domain::pipeline::Deposit;
    use voxpark_domain::time::Period;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }
    fn line(seats: i64, steps: &[(&str, i64)]) -> QuoteLine {
        QuoteLine {
            seats,
            terms: LeaseTerms {
                term_from: day("2027-01-01"),
                term_to: day("2028-01-01"),
                product: SeatProduct::Equipped,
                unit_price: cny(100_000),
                price_book: None,
                price_steps: steps
                    .iter()
                    .map(|(from, minor)| PriceStep { from: day(from), unit_price: cny(*minor) })
                    .collect(),
                tax_rate: TaxRate::new(900).expect("a rate"),
                proration: Proration::ByDay,
                rent_free: vec![Period { from: day("2027-01-01"), to: Some(day("2027-02-01")) }],
                deposit: cny(0),
                payment_days: 15,
            },
            deposit: Deposit::Months(2),
            notice_days: 90,
            lease: None,
        }
    }

    #[test]
    fn months_and_the_whole_come_from_invoices() {
        let quoted = quoted(&[line(10, &[])]).expect("quoted");
        assert_eq!(quoted.months.len(), 12);
        let nets: Vec<i64> = quoted.months.iter().take(3).map(|month| month.net_minor).collect();
        assert_eq!(nets, [0, 1_000_000, 1_000_000], "January is free of rent");
        assert_eq!((quoted.net_minor, quoted.tax_minor, quoted.total_minor), (11_000_000, 990_000, 11_990_000));
        assert_eq!(quoted.deposit_minor, 2_000_000);
    }

    #[test]
    fn a_price_holds_until_the_next_step() {
        // 15 of the 31 days of July at 1,000.00, the other 16 at 1,310.00; from October on 1,500.00.
        let quoted = quoted(&[line(1, &[("2027-07-16", 131_000), ("2027-10-01", 150_000)])]).expect("quoted");
        let net = |n: usize| quoted.months[n].net_minor;
        assert_eq!((net(5), net(6), net(7), net(9)), (100_000, 48_387 + 67_613, 131_000, 150_000));
        assert_eq!(quoted.months[6].lines.len(), 2);
    }

    #[test]
    fn lines_are_rounded_each_on_its_own() {
        let odd = QuoteLine { terms: LeaseTerms { unit_price: cny(33_333), ..line(3, &[]).terms }, ..line(3, &[]) };
        let both = quoted(&[odd.clone(), odd.clone()]).expect("quoted");
        let one = quoted(&[odd]).expect("quoted");
        assert_eq!((both.total_minor, both.deposit_minor), (one.total_minor * 2, one.deposit_minor * 2));
        assert_eq!(quoted(&[]).map_err(|r| r.rule), Err("quote-lines"));
    }
}
