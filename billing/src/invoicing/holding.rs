//! What a lease held in a month as it was known at an instant: what pricing starts from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::estate::Stay;
use voxpark_domain::ids::{AllocationId, LeaseId, SeatId, TenantId};
use voxpark_domain::leasing::{BookVersion, Shift};
use voxpark_domain::money::Currency;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode, leasing};

use super::{PaymentTerms, TaxMode, TaxOrder, TaxRule};
use crate::pricing::{HeldSeat, LeaseVersion, Price, PriceBook, Rated, TaxRate, Usage, concede, rate, rate_by_book};

/// A month of a lease, as it was known at an instant. Later corrections do not change what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KnownMonth {
    /// The lease.
    pub lease: LeaseId,
    /// The month.
    pub month: Month,
    /// What was recorded later is not known.
    pub known_at: DateTime<Utc>,
}

/// An allocation as the seat ledger has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedSeat {
    /// The allocation.
    pub allocation: AllocationId,
    /// Its seat.
    pub seat: SeatId,
    /// The part of each day for which it is held; the whole day where no book of the lease asks for it.
    pub shift: Shift,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one; `None` = not released, so held until the lease ends.
    pub to: Option<NaiveDate>,
}

/// The versions and the allocations of a lease that were known.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Who holds.
    pub tenant: TenantId,
    /// Every version known, by number.
    pub versions: Vec<leasing::LeaseVersion>,
    /// Allocations that touch the month or end as it begins; those taken back as a whole are not among them.
    pub seats: Vec<RecordedSeat>,
    /// The price books that versions name.
    pub books: Vec<Arc<PriceBook>>,
    /// What was used in the month, meter by meter.
    pub usage: Vec<Usage>,
    /// In which zones the seats were, where a book of the lease has prices of zones.
    pub zones: HashMap<SeatId, Vec<Stay>>,
}

impl Holding {
    /// The versions with the days on which each applies, a part for each price and minimum: a
    /// later version replaces the earlier ones
    /// from its first day on.
    pub fn in_force(&self) -> Vec<LeaseVersion> {
        let mut end: Option<NaiveDate> = None;
        let mut out = Vec::with_capacity(self.versions.len());
        for version in self.versions.iter().rev() {
            let from = version.in_force_from;
            if end.is_some_and(|end| from >= end) {
                continue;
            }
            // From the last price to the first, as the versions.
            let steps = version.terms.price_steps.iter().map(|step| step.from);
            let minimums = version.clauses.minimum_spend.iter().map(|step| step.from);
            let later = steps.chain(minimums).filter(|day| *day > from && end.is_none_or(|end| *day < end));
            let mut begins: Vec<NaiveDate> = std::iter::once(from).chain(later).collect();
            begins.sort_unstable();
            begins.dedup();
            while let Some(begin) = begins.pop() {
                let mut terms = version.terms.clone();
                terms.unit_price = version.terms.price_on(begin);
                let in_force = Period { from: begin, to: end };
                let least_minor = version.clauses.least_spend_minor(begin);
                out.push(LeaseVersion { version: version.version, in_force, terms, least_minor });
                end = Some(begin);
            }
        }
        out.reverse();
        out
    }

    /// The allocations with their ends: one that was not released ends with the term of the lease.
    pub fn held(&self) -> Vec<HeldSeat> {
        let term_end = self.versions.last().map(|version| version.terms.term_to);
        self.seats
            .iter()
            .filter_map(|seat| {
                let held = Period::new(seat.from, seat.to.or(term_end)).ok()?;
                Some(HeldSeat { allocation: seat.allocation, seat: seat.seat, shift: seat.shift, held })
            })
            .collect()
    }

    /// In which the lease is agreed; `None` when nothing of it was known.
    pub fn currency(&self) -> Option<Currency> {
        self.versions.last().map(|version| version.terms.unit_price.currency)
    }

    /// The price books that versions name.
    pub fn named(&self) -> impl Iterator<Item = BookVersion> {
        self.versions.iter().filter_map(|version| version.terms.price_book.clone())
    }
    /// Keeps those of some books that versions name.
    pub fn take(&mut self, books: &[Arc<PriceBook>]) {
        let mine = |book: &&Arc<PriceBook>| self.named().any(|named| is(book, &named));
        self.books = books.iter().filter(mine).cloned().collect();
    }

    /// Whether any of its books has a price of which this is so.
    pub fn any_price(&self, of: fn(&Price) -> bool) -> bool {
        self.books.iter().any(|book| book.prices.iter().any(of))
    }

    /// The price book by which a month is priced; `None` = by the terms of the lease. Another book (or none) applies from the first
    /// day of a month only.
    ///
    /// # Errors
    /// `lease-book-mixed`, `lease-book-missing` when what is recorded is not so.
    pub fn book(&self, month: Month) -> Result<Option<&PriceBook>, Refusal> {
        let (period, versions) = (month.period(), self.in_force());
        let in_month = |version: &&LeaseVersion| {
            version.in_force.intersect(version.terms.term()).is_some_and(|days| days.overlaps(period))
        };
        let mut books = versions.iter().filter(in_month).map(|version| version.terms.price_book.as_ref());
        let Some(first) = books.next() else { return Ok(None) };
        if books.any(|other| other != first) {
            return Err(Refusal::new(RefusalCode::State, "lease-book-mixed").with("month", month.to_string()));
        }
        let Some(named) = first else { return Ok(None) };
        let book = self.books.iter().find(|book| is(book, named)).ok_or_else(|| {
            let refusal = Refusal::new(RefusalCode::State, "lease-book-missing").with("book", named.book.as_str());
            refusal.with("version", i64::from(named.version))
        })?;
        Ok(Some(book))
    }

    /// How an invoice of the lease is taxed by a seller who rounds so.
    pub fn tax(&self, order: TaxOrder) -> TaxRule {
        let included = self.versions.last().is_some_and(|version| version.clauses.tax_included);
        let mode = if included { TaxMode::Inclusive } else { TaxMode::Exclusive };
        TaxRule { mode, order, ..TaxRule::default() }
    }

    /// Why the tenant owes the tax of a month itself, if it does.
    fn reverse_charge(&self, month: Month) -> Option<&str> {
        self.at_end(month).map(|version| version.clauses.reverse_charge.as_str()).filter(|reason| !reason.is_empty())
    }

    /// Prices the month: by the terms of the lease, or by the book that they name, less what is agreed to come off. Of that,
    /// and of who owes the tax, the version at the end of the month says everything.
    ///
    /// # Errors
    /// Those of [`book`](Self::book), [`rate`], [`rate_by_book`] and [`concede`].
    pub fn rate(&self, month: Month) -> Result<Rated, Refusal> {
        let (period, mut versions, reverse_charge) = (month.period(), self.in_force(), self.reverse_charge(month));
        let mut book = self.book(month)?.map(Cow::Borrowed);
        if reverse_charge.is_some() {
            for version in &mut versions {
                version.terms.tax_rate = TaxRate::ZERO;
            }
            book = book.map(|book| Cow::Owned(book.untaxed()));
        }
        let mut rated = match &book {
            None => rate(period, &versions, &self.held())?,
            Some(book) => rate_by_book(period, &versions, &self.held(), book, (&self.usage, &self.zones))?,
        };
        let concessions = self.at_end(month).map_or(&[][..], |version| &version.clauses.concessions);
        if let Some(version) = versions.iter().rfind(|version| version.in_force.overlaps(period)) {
            concede(&mut rated, month, concessions, version)?;
        }
        for line in &mut rated.lines {
            line.explanation.reverse_charge = reverse_charge.map(str::to_owned);
        }
        Ok(rated)
    }

    /// The version that says what applies at the end of a month.
    fn at_end(&self, month: Month) -> Option<&leasing::LeaseVersion> {
        self.versions.iter().rev().find(|version| version.in_force_from < month.end())
    }

    /// Whether the month can be billed: when it is over, or, where rent is agreed in advance on its first day (or that of the
    /// lease), from the first day of the month before on.
    ///
    /// # Errors
    /// `invoice-month-open`.
    pub fn may_bill(&self, month: Month, today: NaiveDate) -> Result<(), Refusal> {
        let day = self.versions.first().map_or(month.first_day(), |first| first.in_force_from.max(month.first_day()));
        let agreed = self.versions.iter().rev().find(|version| version.in_force_from <= day);
        if agreed.is_some_and(|version| version.clauses.in_advance) {
            month_near(month, today)
        } else {
            month_over(month, today)
        }
    }

    /// The time to pay that applies at the end of the month; at once when no version does.
    ///
    /// # Errors
    /// `payment-days-range`.
    pub fn payment_terms(&self, month: Month) -> Result<PaymentTerms, Refusal> {
        PaymentTerms::net_days(self.at_end(month).map_or(0, |version| version.terms.payment_days))
    }
}

fn is(book: &PriceBook, named: &BookVersion) -> bool {
    book.id == named.book && book.version == named.version
}

/// The series of a park's invoice numbers: the capital letters and digits of its code, at most 12; `INV` when there are
/// none.
pub fn series_of(park_code: &str) -> String {
    let series: String =
        park_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(12).collect();
    if series.is_empty() { "INV".to_owned() } else { series }
}

/// The month has ended: seats of it do not change any more but by what is recorded late.
///
/// # Errors
/// `invoice-month-open`.
pub fn month_over(month: Month, today: NaiveDate) -> Result<(), Refusal> {
    if today >= month.end() { Ok(()) } else { Err(open(month)) }
}

/// The month before has begun, so that rent agreed in advance can be billed.
///
/// # Errors
/// `invoice-month-open`.
pub fn month_near(month: Month, today: NaiveDate) -> Result<(), Refusal> {
    if today >= month.plus(-1).first_day() { Ok(()) } else { Err(open(month)) }
}

fn open(month: Month) -> Refusal {
    Refusal::new(RefusalCode::State, "invoice-month-open").with("month", month.to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use voxpark_domain::ids::Id;
    use voxpark_domain::money::Money;

    use super::*;
    use voxpark_domain::leasing::PriceStep;

    use crate::pricing::{LeaseTerms, Proration, SeatProduct};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn version(number: i64, from: &str, unit_minor: i64, term_to: &str, payment_days: i64) -> leasing::LeaseVersion {
        let terms = LeaseTerms {
            term_from: day("2026-01-12"),
            term_to: day(term_to),
            product: SeatProduct::Bare,
            unit_price: Money::new(unit_minor, Currency::CNY),
            price_steps: Vec::new(),
            price_book: None,
            proration: Proration::ByDay,
            tax_rate: TaxRate::ZERO,
            rent_free: Vec::new(),
            deposit: Money::zero(Currency::CNY),
            payment_days,
        };
        let recorded_at = "2026-01-01T00:00:00Z".parse().expect("an instant");
        leasing::LeaseVersion {
            version: number,
            in_force_from: day(from),
            terms,
            clauses: leasing::Clauses::default(),
            recorded_at,
            reason: String::new(),
        }
    }
    fn seat(n: u128, from: &str, to: Option<&str>) -> RecordedSeat {
        RecordedSeat {
            allocation: AllocationId::from_uuid(Uuid::from_u128(n)),
            seat: SeatId::from_uuid(Uuid::from_u128(n)),
            shift: leasing::FULL_DAY,
            from: day(from),
            to: to.map(day),
        }
    }
    fn holding(versions: Vec<leasing::LeaseVersion>, seats: Vec<RecordedSeat>) -> Holding {
        Holding {
            tenant: TenantId::from_uuid(Uuid::from_u128(1)),
            versions,
            seats,
            books: Vec::new(),
            usage: Vec::new(),
            zones: HashMap::new(),
        }
    }
    fn january() -> Month {
        Month::parse("2026-01").expect("month")
    }

    #[test]
    fn later_versions_replace_earlier_ones_from_their_first_day() {
        let versions = vec![
            version(1, "2026-01-12", 3_100, "2027-01-12", 10),
            version(2, "2026-06-01", 9_999, "2027-01-12", 20),
            // Recorded last and true from before the second: that one never applies.
            version(3, "2026-03-01", 6_200, "2027-01-12", 30),
        ];
        let holding = holding(versions, Vec::new());
        let in_force: Vec<_> = holding.in_force().iter().map(|v| (v.version, v.in_force)).collect();
        let first = Period { from: day("2026-01-12"), to: Some(day("2026-03-01")) };
        let third = Period { from: day("2026-03-01"), to: None };
        assert_eq!(in_force, [(1, first), (3, third)]);
        let due = |month: &str| {
            let terms = holding.payment_terms(Month::parse(month).expect("month")).expect("terms");
            (terms.due_on(day("2026-01-01")) - day("2026-01-01")).num_days()
        };
        assert_eq!((due("2026-01"), due("2026-03"), due("2025-12")), (10, 30, 0));
    }

    #[test]
    fn a_version_is_a_part_for_each_price() {
        let mut first = version(1, "2026-01-12", 3_100, "2027-01-12", 10);
        let step = |from: &str, minor| PriceStep { from: day(from), unit_price: Money::new(minor, Currency::CNY) };
        first.terms.price_steps = vec![step("2026-01-22", 6_200), step("2026-06-01", 9_300)];
        let second = version(2, "2026-03-01", 100, "2027-01-12", 10);
        let parts = |versions: Vec<leasing::LeaseVersion>| -> Vec<(i64, Period, i64)> {
            let holding = holding(versions, Vec::new());
            holding.in_force().iter().map(|v| (v.version, v.in_force, v.terms.unit_price.minor)).collect()
        };
        let period = |from: &str, to: Option<&str>| Period { from: day(from), to: to.map(day) };
        let expected = [
            (1, period("2026-01-12", Some("2026-01-22")), 3_100),
            (1, period("2026-01-22", Some("2026-03-01")), 6_200),
            (2, period("2026-03-01", None), 100),
        ];
        assert_eq!(parts(vec![first.clone(), second]), expected, "the step in June was replaced before it came");
        let rated = holding(vec![first], vec![seat(1, "2026-01-12", None)]).rate(january()).expect("rated");
        // Ten days at 31.00 and ten at 62.00, of 31.
        let lines: Vec<_> = rated.lines.iter().map(|l| (l.unit.minor, l.seat_days, l.amount_minor)).collect();
        assert_eq!(lines, [(3_100, 10, 1_000), (6_200, 10, 2_000)]);
    }

    #[test]
    fn what_rent_falls_short_of_the_minimum_is_charged() {
        let mut first = version(1, "2026-01-12", 3_100, "2026-03-11", 10);
        first.terms.rent_free = vec![Period { from: day("2026-01-12"), to: Some(day("2026-01-22")) }];
        let least = |from: &str, least| leasing::Minimum { from: day(from), least };
        first.clauses.minimum_spend = vec![least("2026-01-12", 6_200), least("2026-02-15", 28_000)];
        let seats = || vec![seat(1, "2026-01-12", Some("2026-03-01"))];
        let rated = |month: &str| {
            let rated = holding(vec![first.clone()], seats()).rate(Month::parse(month).expect("month")).expect("rated");
            let line = |l: &crate::pricing::RatedLine| (l.kind.name(), l.explanation.worth_minor, l.amount_minor);
            rated.lines.iter().map(line).collect::<Vec<_>>()
        };
        // Ten days of a seat, and ten of 31 days at 62.00 at least: 20.00.
        assert_eq!(
            rated("2026-01"),
            [("rent_free", 1_000, 0), ("seat_rent", 1_000, 1_000), ("minimum_spend", 2_000, 1_000)]
        );
        // A whole month of a seat; 14 days at 62.00 and 14 at 280.00.
        assert_eq!(rated("2026-02"), [("seat_rent", 3_100, 3_100), ("minimum_spend", 17_100, 14_000)]);
        // Nothing is held, and the lease runs for ten days.
        assert_eq!(rated("2026-03"), [("minimum_spend", 9_032, 9_032)]);
        assert_eq!(rated("2026-04"), []);
        first.clauses.minimum_spend = vec![least("2026-01-12", 3_100)];
        let enough = holding(vec![first], seats()).rate(Month::parse("2026-02").expect("month")).expect("rated");
        assert_eq!(enough.lines.len(), 1, "reached is not charged twice");
    }

    #[test]
    fn an_open_allocation_ends_with_the_lease() {
        let versions = vec![version(1, "2026-01-12", 3_100, "2026-01-22", 10)];
        let seats =
            vec![seat(1, "2026-01-12", None), seat(2, "2026-01-12", Some("2026-01-13")), seat(3, "2026-01-22", None)];
        let rated = holding(versions, seats).rate(january()).expect("rated");
        assert_eq!(rated.seat_days_held, 10 + 1, "the third would begin when the lease is over");
        assert_eq!(rated.lines[0].amount_minor, 1_100);
    }

    #[test]
    fn a_month_is_over_when_the_next_has_begun() {
        assert_eq!(month_over(january(), day("2026-01-31")).map_err(|r| r.rule), Err("invoice-month-open"));
        assert_eq!(month_over(january(), day("2026-02-01")), Ok(()));
    }

    #[test]
    fn what_is_agreed_in_advance_is_billed_from_the_month_before_on() {
        let mut ahead = version(2, "2026-03-01", 3_100, "2027-01-12", 10);
        ahead.clauses.in_advance = true;
        let holding = holding(vec![version(1, "2026-01-12", 3_100, "2027-01-12", 10), ahead], Vec::new());
        let billed = |month: &str, today: &str| {
            let month = Month::parse(month).expect("month");
            holding.may_bill(month, day(today)).map_err(|r| r.rule)
        };
        assert_eq!(billed("2026-02", "2026-02-28"), Err("invoice-month-open"));
        assert_eq!(billed("2026-02", "2026-03-01"), Ok(()));
        assert_eq!(billed("2026-03", "2026-01-31"), Err("invoice-month-open"));
        assert_eq!(billed("2026-03", "2026-02-01"), Ok(()));
        assert_eq!(billed("2026-01", "2026-01-31"), Err("invoice-month-open"), "its first day is that of the lease");
    }

    #[test]
    fn series_come_from_the_code_of_the_park() {
        let series = ["bj-01", "北京", "A very long park code", "x_y.z/9"].map(series_of);
        assert_eq!(series, ["BJ01", "INV", "AVERYLONGPAR", "XYZ9"]);
        for text in series {
            assert!(super::super::InvoiceNumber::new(&text, 2026, 1).is_ok());
        }
    }
}
