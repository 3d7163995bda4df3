//! What amending a lease does: the next version of its terms, or why there can be none.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::clauses::ClausesDraft;
use super::entity::{Lease, LeaseVersion};
use super::proration::Proration;
use super::terms::{BookVersion, PriceStep};
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::money::{Currency, Money, TaxRate};
use crate::time::Period;

/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;

/// What is to be agreed anew; what is `None` stays as it is. Amounts and rates as text, because they are read in the
/// currency of the lease.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// The first day on which it applies.
    pub in_force_from: NaiveDate,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// The day after the last of the lease.
    pub term_to: Option<NaiveDate>,
    /// For how much a seat-month, in major units.
    pub unit_price: Option<String>,
    /// All prices that follow, each from its day, in major units, in the place of those agreed before. Without them a new
    /// unit price replaces the steps of the past, and those to come stay.
    pub price_steps: Option<Vec<(NaiveDate, String)>>,
    /// The price book that prices what is held from then on, in the place of a price. A unit price above 0 without
    /// a book takes the place of the book.
    pub price_book: Option<BookVersion>,
    /// Value added tax in percent.
    pub tax_rate_percent: Option<String>,
    /// How parts of a month count, see [`Proration::parse`].
    pub proration: Option<String>,
    /// All days on which nothing is charged, in the place of those agreed before.
    pub rent_free: Option<Vec<Period>>,
    /// In major units.
    pub deposit: Option<String>,
    /// Days to pay an invoice.
    pub payment_days: Option<i64>,
    /// Everything that is agreed beside the price, in the place of what was.
    pub clauses: Option<ClausesDraft>,
}

impl Amendment {
    /// One that changes nothing yet.
    pub fn new(in_force_from: NaiveDate, reason: String) -> Self {
        Self {
            in_force_from,
            reason,
            term_to: None,
            unit_price: None,
            price_steps: None,
            price_book: None,
            tax_rate_percent: None,
            proration: None,
            rent_free: None,
            deposit: None,
            payment_days: None,
            clauses: None,
        }
    }
}

/// What was done under a lease, which no amendment undoes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The day after the last that an invoice in force bills.
    pub billed_to: Option<NaiveDate>,
    /// The day after the last on which a seat is held.
    pub held_to: Option<NaiveDate>,
}

impl Bound {
    /// What is billed in advance binds until today only: what is agreed anew from today on is corrected by the next invoice.
    #[must_use]
    pub fn by(self, today: NaiveDate) -> Self {
        Self { billed_to: self.billed_to.map(|to| to.min(today)), ..self }
    }
}

/// The next version of a lease. Invoices issued before keep to the versions before; it applies to every day from its
/// first on, also to the open ones of a month that it begins in.
///
/// # Errors
/// All that apply: `text-required` without a reason, `text-too-long`, `amend-nothing` when it changes nothing;
/// `amend-before-last` when it would begin before what was agreed last, `amend-outside-term`; `amend-billed` when it
/// would begin, or the lease end, inside what is billed; `amend-seats-held` when the lease would end before its seats
/// do; `money-invalid`, `tax-rate-invalid`, `tax-rate-range`, `proration-invalid`, `share-invalid`, `share-range` and
/// those of [`super::LeaseTerms::check`] and [`super::Clauses::check`]; `book-month` when another price book (or none)
/// would apply from inside a month;
/// `tax-basis-fixed` when prices would begin or cease to contain the tax.
pub fn amend(lease: &Lease, wanted: &Amendment, bound: Bound, recorded_at: DateTime<Utc>) -> Result<LeaseVersion> {
    let last = lease.versions.last().ok_or_else(|| crate::Error::internal("a lease without a version"))?;
    let mut bad = Refusals::new();
    let reason = wanted.reason.trim();
    bad.text("reason", reason, true, MAX_REASON_CHARS);
    let mut terms = last.terms.clone();
    let currency = terms.unit_price.currency;
    let mut read = |path: &'static str, result: Result<(), Refusal>| {
        if let Err(refusal) = result {
            bad.push(refusal.at(path));
        }
    };
    let money = |text: &str, into: &mut Money| Money::parse_major(text, currency).map(|money| *into = money);
    if let Some(text) = &wanted.unit_price {
        read("unitPrice", money(text, &mut terms.unit_price));
        terms.price_steps.retain(|step| step.from > wanted.in_force_from);
        terms.price_book = terms.price_book.filter(|_| terms.unit_price.minor == 0);
    }
    if let Some(book) = &wanted.price_book {
        if wanted.unit_price.is_none() {
            terms.unit_price = Money::zero(currency);
            terms.price_steps.clear();
        }
        terms.price_book = Some(book.clone());
    }
    if let Some(text) = &wanted.deposit {
        read("deposit", money(text, &mut terms.deposit));
    }
    if let Some(text) = &wanted.tax_rate_percent {
        read("taxRatePercent", TaxRate::parse_percent(text).map(|rate| terms.tax_rate = rate));
    }
    if let Some(text) = &wanted.proration {
        read("proration", Proration::parse(text).map(|rule| terms.proration = rule));
    }
    terms.term_to = wanted.term_to.unwrap_or(terms.term_to);
    // What was agreed for days beyond an earlier end goes with them.
    let end = terms.term_to;
    terms.price_steps.retain(|step| step.from < end);
    terms.rent_free.retain(|range| range.from < end);
    for range in &mut terms.rent_free {
        range.to = range.to.map(|to| to.min(end));
    }
    terms.payment_days = wanted.payment_days.unwrap_or(terms.payment_days);
    if let Some(ranges) = &wanted.rent_free {
        terms.rent_free.clone_from(ranges);
    }
    if let Some(steps) = &wanted.price_steps {
        terms.price_steps = read_steps(steps, currency, &mut bad);
    }
    let clauses = match &wanted.clauses {
        Some(draft) => {
            let agreed = last.clauses.tax_included;
            bad.when(draft.tax_included.is_some_and(|wanted| wanted != agreed), || {
                Refusal::new(RefusalCode::State, "tax-basis-fixed").at("clauses.taxIncluded")
            });
            draft.read(currency, &mut bad).after(&last.clauses)
        }
        None => last.clauses.clone().until(end),
    };
    terms.check(&mut bad);
    clauses.check(&terms, &mut bad);
    let from = wanted.in_force_from;
    bad.when(from < last.in_force_from, || {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "amend-before-last").at("inForceFrom");
        refusal.with("from", last.in_force_from)
    });
    // In force from the day of a new end on, it says nothing but that.
    let ends = from == terms.term_to && terms.term_to < last.terms.term_to;
    bad.when(!terms.term().contains(from) && !ends, || {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "amend-outside-term").at("inForceFrom");
        refusal.with("from", terms.term_from).with("to", terms.term_to)
    });
    if let Some(billed) = bound.billed_to {
        for (path, day) in [("inForceFrom", from), ("termTo", terms.term_to)] {
            // The month in which a lease ends is billed as a whole; its end is then no news.
            let agreed = path == "termTo" && day == last.terms.term_to;
            bad.when(day < billed && !agreed, || {
                Refusal::new(RefusalCode::State, "amend-billed").at(path).with("to", billed)
            });
        }
    }
    if let Some(held) = bound.held_to.filter(|held| terms.term_to < *held) {
        bad.push(Refusal::new(RefusalCode::State, "amend-seats-held").at("termTo").with("to", held));
    }
    // A month is priced by one book or by none.
    bad.when(terms.price_book != last.terms.price_book && from.day() != 1 && from != terms.term_from, || {
        Refusal::new(RefusalCode::OutOfRange, "book-month").at("inForceFrom")
    });
    bad.when(terms == last.terms && clauses == last.clauses, || Refusal::new(RefusalCode::Invalid, "amend-nothing"));
    bad.finish()?;
    let version = last.version.saturating_add(1);
    Ok(LeaseVersion { version, in_force_from: from, terms, clauses, recorded_at, reason: reason.to_owned() })
}

/// Reads prices that follow; the bad ones are named and left out.
pub(crate) fn read_steps(steps: &[(NaiveDate, String)], currency: Currency, bad: &mut Refusals) -> Vec<PriceStep> {
    let mut out = Vec::with_capacity(steps.len());
    for (at, (from, text)) in steps.iter().enumerate() {
        match Money::parse_major(text, currency) {
            Ok(unit_price) => out.push(PriceStep { from: *from, unit_price }),
            Err(refusal) => bad.push(refusal.at(format!("priceSteps.{at}"))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::estate::SeatProduct;
    use crate::ids::Id;
    use crate::leasing::{Clauses, LeaseTerms};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn at() -> DateTime<Utc> {
        "2026-11-21T08:00:00Z".parse().expect("an instant")
    }
    fn lease() -> Lease {
        let terms = LeaseTerms {
            term_from: day("2026-01-12"),
            term_to: day("2027-01-12"),
            product: SeatProduct::Equipped,
            unit_price: Money::new(88_000, Currency::CNY),
            price_steps: Vec::new(),
            price_book: None,
            tax_rate: TaxRate::new(900).expect("a rate"),
            proration: Proration::ByDay,
            rent_free: vec![Period { from: day("2026-12-12"), to: Some(day("2027-01-12")) }],
            deposit: Money::new(0, Currency::CNY),
            payment_days: 10,
        };
        let version = |version, from: &str| LeaseVersion {
            version,
            in_force_from: day(from),
            terms: terms.clone(),
            clauses: Clauses::default(),
            recorded_at: at(),
            reason: String::new(),
        };
        Lease {
            id: Id::from_uuid(uuid::Uuid::nil()),
            tenant: Id::from_uuid(uuid::Uuid::nil()),
            code: "L".to_owned(),
            signed_on: day("2026-01-05"),
            versions: vec![version(1, "2026-01-12"), version(2, "2026-03-01")],
        }
    }
    fn dearer(from: &str) -> Amendment {
        Amendment { unit_price: Some("990".to_owned()), ..Amendment::new(day(from), " dearer ".to_owned()) }
    }
    const BOUND: fn() -> Bound = || Bound { billed_to: Some(day("2026-11-01")), held_to: Some(day("2027-01-12")) };

    fn refused(wanted: &Amendment) -> Vec<(&'static str, String)> {
        match amend(&lease(), wanted, BOUND(), at()) {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_is_not_named_stays() {
        let next = amend(&lease(), &dearer("2026-11-01"), BOUND(), at()).expect("a version");
        assert_eq!((next.version, next.in_force_from, next.reason.as_str()), (3, day("2026-11-01"), "dearer"));
        let before = &lease().versions[1].terms;
        assert_eq!(next.terms, LeaseTerms { unit_price: Money::new(99_000, Currency::CNY), ..before.clone() });
        let longer = Amendment { term_to: Some(day("2028-01-12")), unit_price: None, ..dearer("2026-11-01") };
        let next = amend(&lease(), &longer, Bound::default(), at()).expect("a version");
        assert_eq!(next.terms, LeaseTerms { term_to: day("2028-01-12"), ..before.clone() });
    }

    #[test]
    fn every_fault_is_named_by_its_field() {
        let named = |list: &[(&'static str, &str)]| list.iter().map(|(r, p)| (*r, (*p).to_owned())).collect::<Vec<_>>();
        let text = |text: &str| Some(text.to_owned());
        let bad = Amendment {
            reason: "  ".to_owned(),
            unit_price: text("1.001"),
            deposit: text("x"),
            tax_rate_percent: text("106"),
            proration: text("weekly"),
            payment_days: Some(-1),
            ..dearer("2026-11-01")
        };
        let expected = [
            ("text-required", "reason"),
            ("money-invalid", "unitPrice"),
            ("money-invalid", "deposit"),
            ("tax-rate-range", "taxRatePercent"),
            ("proration-invalid", "proration"),
            ("payment-days-range", "paymentDays"),
        ];
        assert_eq!(refused(&bad), named(&expected));
        assert_eq!(refused(&dearer("2026-10-31")), named(&[("amend-billed", "inForceFrom")]));
        assert_eq!(
            refused(&dearer("2026-02-28")),
            named(&[("amend-before-last", "inForceFrom"), ("amend-billed", "inForceFrom")])
        );
        assert_eq!(refused(&dearer("2027-01-12")), named(&[("amend-outside-term", "inForceFrom")]));
        let same = Amendment { unit_price: text("880.00"), ..dearer("2026-11-01") };
        assert_eq!(refused(&same), named(&[("amend-nothing", "")]));
        let shorter =
            Amendment { term_to: Some(day("2026-12-31")), rent_free: Some(Vec::new()), ..dearer("2026-11-01") };
        assert_eq!(refused(&shorter), named(&[("amend-seats-held", "termTo")]));
        // What was agreed for later days goes with them; what is asked for them is refused.
        let kept = Amendment { rent_free: None, ..shorter.clone() };
        assert_eq!(refused(&kept), named(&[("amend-seats-held", "termTo")]));
        let late = Period { from: day("2026-12-20"), to: Some(day("2027-01-10")) };
        let free = Amendment { rent_free: Some(vec![late]), ..shorter.clone() };
        assert_eq!(refused(&free), named(&[("rent-free-outside-term", "rentFree.0"), ("amend-seats-held", "termTo")]));
        let past = Amendment { term_to: Some(day("2026-10-31")), ..shorter };
        let rules: Vec<_> = refused(&past).into_iter().map(|r| r.0).collect();
        assert_eq!(rules, ["amend-outside-term", "amend-billed", "amend-seats-held"]);
    }
}
