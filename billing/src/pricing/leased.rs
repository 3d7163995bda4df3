//! A lease that is priced by a book: what it held, through the book, into lines of an invoice.

use voxpark_domain::money::Money;
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use std::collections::BTreeMap;

use super::rating::{governing, timeline};
use super::{
    BookLine, BookLineKind, BookRating, BookWhy, Cadence, Clause, Explanation, HeldSeat, LeaseVersion, LineKind,
    PriceBook, Proration, Rated, RatedLine, SeatSlice, Sold, Why, rate_book,
};

/// Prices the seats that a lease held in a month under versions that all name this book. The book says how parts of the month
/// count; days that the lease has free of rent charge nothing and owe no minimum.
///
/// # Errors
/// Those of [`super::rate`] about what is held when, and of [`rate_book`]; `book-not-for-lease` for a line that invoices of
/// leases do not have.
pub fn rate_by_book(
    period: Period,
    versions: &[LeaseVersion],
    held: &[HeldSeat],
    book: &PriceBook,
) -> Result<Rated, Refusal> {
    let mut seat_days_held = 0_i64;
    for level in timeline(period, Clause::ByDay, versions, held)?.levels().iter().filter(|level| level.count > 0) {
        governing(versions, level.from)?;
        seat_days_held += level.count.saturating_mul((level.to - level.from).num_days());
    }
    let days = |version: &LeaseVersion| version.in_force.intersect(version.terms.term())?.intersect(period);
    let governed: Vec<(Period, &LeaseVersion)> = versions.iter().filter_map(|v| Some((days(v)?, v))).collect();
    let Some((from, first)) =
        governed.iter().map(|(days, version)| (days.from, *version)).min_by_key(|(from, _)| *from)
    else {
        return Ok(Rated { period, lines: Vec::new(), seat_days_held });
    };
    let served = Period { from, to: governed.iter().filter_map(|(days, _)| days.to).max() };
    let free = |(days, version): &(Period, &LeaseVersion)| -> Vec<Period> {
        version.terms.rent_free.iter().filter_map(|range| range.intersect(*days)).collect()
    };
    let sold = |seat: &HeldSeat| Sold {
        held: seat.held,
        count: 1,
        product: first.terms.product,
        zone: String::new(),
        shift: None,
        event: seat.allocation.to_string(),
    };
    let asked = BookRating {
        period,
        every: Cadence::Month,
        served,
        due: None,
        sold: &held.iter().map(sold).collect::<Vec<_>>(),
        usage: &[],
        rent_free: &governed.iter().flat_map(free).collect::<Vec<_>>(),
        billed: &BTreeMap::new(),
        sponsored: 0,
        last_split: true,
    };
    let lines = rate_book(book, &asked)?.into_iter().map(|line| leased(line, period, (versions, first), book));
    Ok(Rated { period, lines: lines.collect::<Result<_, _>>()?, seat_days_held })
}

/// A line of the book as one of the lease.
fn leased(
    line: BookLine,
    period: Period,
    (versions, first): (&[LeaseVersion], &LeaseVersion),
    book: &PriceBook,
) -> Result<RatedLine, Refusal> {
    let kind = match line.kind {
        BookLineKind::Seats => LineKind::SeatRent,
        BookLineKind::RentFree => LineKind::RentFree,
        BookLineKind::MinimumSeats | BookLineKind::TrueUp => LineKind::MinimumSpend,
        BookLineKind::Quantity | BookLineKind::Once | BookLineKind::Percent | BookLineKind::Cap => {
            return Err(unsuitable(book, &line));
        }
    };
    let (mut slices, mut period_days) = (Vec::new(), period.days().unwrap_or_default());
    if let Why::Slices { slices: of, period_days: days, .. } = &line.why {
        period_days = *days;
        for slice in of.iter().map(|why| why.slice) {
            slices.push(SeatSlice {
                from: slice.from,
                to: slice.to,
                seats: slice.units(),
                days: slice.days,
                // Of days on which nothing is held any more, the first.
                version: governing(versions, slice.from).map_or(first.version, |version| version.version),
                whole_period: slice.whole_period,
            });
        }
    }
    let held = kind != LineKind::MinimumSpend;
    let seat_days = slices.iter().filter(|_| held).map(|s| s.seats.saturating_mul(s.days)).sum();
    let title = book.price(&line.source.price).map_or(&book.title, |price| &price.title).clone();
    let unit = Money::zero(book.currency);
    Ok(RatedLine {
        kind,
        lease_version: slices.first().map_or(first.version, |slice| slice.version),
        product: first.terms.product,
        unit,
        vat: first.terms.tax_rate,
        seat_days,
        amount_minor: line.amount.minor,
        explanation: Explanation {
            rule: Proration::ByDay,
            unit,
            period,
            period_days,
            seat_days,
            worth_minor: line.worth_minor,
            slices,
            shortfall: None,
            book: Some(BookWhy { kind: line.kind, source: line.source, title, why: line.why }),
            correction: None,
        },
    })
}

fn unsuitable(book: &PriceBook, line: &BookLine) -> Refusal {
    let refusal = Refusal::new(RefusalCode::State, "book-not-for-lease").with("book", book.id.as_str());
    let refusal = refusal.with("version", i64::from(book.version)).with("price", line.source.price.as_str());
    let kind = serde_json::to_value(line.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    refusal.with("field", "basis").with("value", kind.unwrap_or_default())
}
