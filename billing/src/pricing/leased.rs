//! A lease that is priced by a book: what it held, through the book, into lines of an invoice.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use voxpark_domain::Refusal;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::leasing::FULL_DAY;
use voxpark_domain::money::Money;
use voxpark_domain::time::Period;

use super::rating::{governing, timeline};
use super::{
    Basis, BookLine, BookLineKind, BookRating, BookWhy, Cadence, Clause, Explanation, HeldSeat, LeaseVersion, LineKind,
    PriceBook, Proration, Rated, RatedLine, SeatSlice, Sold, Usage, Why, rate_book,
};

/// Prices what a lease held and used in a month under versions that all name this book. The book says how parts of the month
/// count; days that the lease has free of rent charge nothing for seats and owe no minimum. A seat that takes the place of
/// another of the lease on the day on which that one is given back (a move) begins nothing that is charged once.
///
/// # Errors
/// Those of [`super::rate`] about what is held when, and of [`rate_book`].
pub fn rate_by_book(
    period: Period,
    versions: &[LeaseVersion],
    held: &[HeldSeat],
    book: &PriceBook,
    usage: &[Usage],
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
    let asked = BookRating {
        period,
        every: Cadence::Month,
        served,
        due: None,
        sold: &sold(first.terms.product, held),
        usage,
        rent_free: &governed.iter().flat_map(free).collect::<Vec<_>>(),
        billed: &BTreeMap::new(),
        sponsored: 0,
        last_split: true,
    };
    let lines = rate_book(book, &asked)?.into_iter().map(|line| leased(line, period, (versions, first), book));
    Ok(Rated { period, lines: lines.collect::<Result<_, _>>()?, seat_days_held })
}

/// What is held as a book asks it.
fn sold(product: SeatProduct, held: &[HeldSeat]) -> Vec<Sold> {
    // Of the seats that begin on a day, as many as end on it take their places.
    let mut moved: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    held.iter().filter_map(|seat| seat.held.to).for_each(|to| *moved.entry(to).or_default() += 1);
    let mut ordered: Vec<&HeldSeat> = held.iter().collect();
    ordered.sort_by_key(|seat| (seat.held.from, seat.allocation));
    let one = |seat: &HeldSeat| Sold {
        held: seat.held,
        count: 1,
        product,
        zone: String::new(),
        shift: (seat.shift != FULL_DAY).then(|| seat.shift.to_string()),
        begins: moved.get_mut(&seat.held.from).filter(|left| **left > 0).map(|left| *left -= 1).is_none(),
        event: seat.allocation.to_string(),
    };
    ordered.into_iter().map(one).collect()
}

/// What a line of the book is on an invoice: of what is over the most, the same as what it comes off.
fn kind_of(line: &BookLine, book: &PriceBook) -> LineKind {
    match line.kind {
        BookLineKind::RentFree => return LineKind::RentFree,
        BookLineKind::MinimumSeats | BookLineKind::TrueUp => return LineKind::MinimumSpend,
        BookLineKind::Seats
        | BookLineKind::Quantity
        | BookLineKind::Once
        | BookLineKind::Percent
        | BookLineKind::Cap => {}
    }
    match book.price(&line.source.price).map(|price| price.basis) {
        Some(Basis::Metered) => LineKind::Usage,
        Some(Basis::Once) => LineKind::OneTime,
        Some(Basis::Percent) => LineKind::Percent,
        Some(Basis::Seat | Basis::SeatDay | Basis::Shift) | None => LineKind::SeatRent,
    }
}

/// A line of the book as one of the lease.
fn leased(
    line: BookLine,
    period: Period,
    (versions, first): (&[LeaseVersion], &LeaseVersion),
    book: &PriceBook,
) -> Result<RatedLine, Refusal> {
    let kind = kind_of(&line, book);
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
    let price = book.price(&line.source.price);
    let seat_days = match &line.why {
        // Seats times days, or a quantity of something else.
        Why::Quantity { quantity, .. } if kind == LineKind::SeatRent => quantity.rounded(0)?,
        _ if kind == LineKind::MinimumSpend => 0,
        _ => slices.iter().map(|s| s.seats.saturating_mul(s.days)).sum(),
    };
    let title = price.map_or(&book.title, |price| &price.title).clone();
    let unit = Money::zero(book.currency);
    Ok(RatedLine {
        kind,
        lease_version: slices.first().map_or(first.version, |slice| slice.version),
        product: first.terms.product,
        unit,
        vat: price.and_then(|price| price.tax).unwrap_or(first.terms.tax_rate),
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
