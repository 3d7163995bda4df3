//! Proofs of the ledger: exact figures of every rule, published figures, properties of random histories.

mod cases;
mod closing;
mod figures;
mod properties;
mod reports;

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;
use voxpark_domain::Error;
use voxpark_domain::ids::{Id, InvoiceId, LeaseId, PaymentId, TenantId};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::{Month, Period};

use super::*;
use crate::pricing::scaled;

pub(super) fn id<I: Id>(n: u128) -> I {
    I::from_uuid(Uuid::from_u128(n))
}
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
pub(super) fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}
pub(super) fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: Some(day(to)) }
}
pub(super) fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}
pub(super) fn rate(points: u32) -> TaxRate {
    TaxRate::new(points).expect("a rate")
}
pub(super) fn tenant(n: u128) -> Payer {
    Payer::Tenant(id::<TenantId>(n))
}
pub(super) fn sponsor() -> Payer {
    Payer::Sponsor(id(900))
}
pub(super) fn lease() -> LeaseId {
    id(700)
}
pub(super) fn invoice(n: u128) -> InvoiceId {
    id(n)
}
pub(super) fn payment(n: u128) -> Document {
    Document::Payment(id::<PaymentId>(n))
}
pub(super) fn item(n: u128) -> Item {
    Item { invoice: invoice(n), payer: tenant(1) }
}
pub(super) fn stream(n: u128, line: u32) -> Stream {
    Stream::Line { invoice: invoice(n), line }
}
pub(super) const RENT: Income = Income::Revenue(RevenueKind::Rent);

/// An instant, second by second.
pub(super) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).expect("an instant")
}

/// A line with its tax on the rounded net.
pub(super) fn line(income: Income, net: i64, points: u32, earned: Earned) -> SoldLine {
    SoldLine { income, net, rate: rate(points), tax: scaled(net, i64::from(points), 10_000).expect("taxed"), earned }
}
/// An invoice that one tenant owes, due in 14 days.
pub(super) fn issue(n: u128, on: &str, lines: Vec<SoldLine>) -> InvoiceIssued {
    let minor = lines.iter().map(|line| line.net + line.tax).sum();
    let day = day(on);
    InvoiceIssued {
        invoice: invoice(n),
        lease: Some(lease()),
        day,
        tax_point: day,
        due_on: day + Days::new(14),
        currency: Currency::CNY,
        lines,
        shares: vec![Share { payer: tenant(1), minor }],
    }
}
/// Rent of 31 days at 6 %: 3100.00 and 186.00.
pub(super) fn january(n: u128) -> Fact {
    let service = Earned::ByDay(period("2026-01-01", "2026-02-01"));
    Fact::InvoiceIssued(issue(n, "2026-01-01", vec![line(RENT, 310_000, 600, service)]))
}
pub(super) fn pay(n: u128, minor: i64, on: &str) -> Fact {
    let (payer, cash, day) = (tenant(1), CashKind::Bank, day(on));
    Fact::PaymentReceived(PaymentReceived { payment: id(n), payer, amount: cny(minor), cash, day })
}
pub(super) fn apply(act: u128, from: u128, to: u128, minor: i64, on: &str) -> Fact {
    let (payer, source, amount) = (tenant(1), payment(from), cny(minor));
    Fact::Applied(Applied { act: id(act), payer, source, item: item(to), amount, day: day(on) })
}
pub(super) fn earn(n: u128, line: u32, until: &str) -> Fact {
    Fact::Recognised(Recognised { stream: stream(n, line), until: day(until) })
}

/// Books that begin in 2025, and the facts told to them.
pub(super) struct World {
    pub books: Books,
    second: i64,
}

impl World {
    pub fn new() -> Self {
        Self { books: Books::since(month("2025-01")), second: 0 }
    }
    pub fn with(facts: &[Fact]) -> Self {
        let mut world = Self::new();
        for fact in facts {
            world.book(fact);
        }
        world
    }
    pub fn try_book(&mut self, fact: &Fact) -> Result<Booked, Error> {
        self.second += 1;
        self.books.book(fact, at(self.second))
    }
    pub fn book(&mut self, fact: &Fact) -> Booked {
        self.try_book(fact).unwrap_or_else(|error| panic!("{fact:?}: {error}"))
    }
    /// Books a fact and shows its entries.
    pub fn shown(&mut self, fact: &Fact) -> Vec<String> {
        let before = self.books.entries().len();
        self.book(fact);
        self.books.entries().iter().skip(before).flat_map(|entry| entry.lines().iter().map(shown)).collect()
    }
    /// The rule by which a fact is refused; nothing is booked then.
    pub fn refused(&mut self, fact: &Fact) -> &'static str {
        let (before, positions) = (self.books.entries().len(), self.books.positions().clone());
        let Err(Error::Refused(list)) = self.try_book(fact) else { panic!("not refused: {fact:?}") };
        assert_eq!((self.books.entries().len(), self.books.positions()), (before, &positions), "nothing half-booked");
        list.first().expect("a refusal").rule
    }
    pub fn balance(&self, account: Account) -> i64 {
        let of = |line: &&Line| line.account == account;
        self.books.entries().iter().flat_map(Entry::lines).filter(of).map(|line| line.minor).sum()
    }
}

/// `receivable.tenant +100`, `deferred rent -100`.
fn shown(line: &Line) -> String {
    let account = match line.account {
        Account::Deferred(income) | Account::Accrued(income) => {
            format!("{} {}", line.account.heading().name(), income.name())
        }
        Account::TaxPayable(rate) => format!("tax_payable {rate}"),
        account => account.heading().name(),
    };
    format!("{account} {:+}", line.minor)
}
