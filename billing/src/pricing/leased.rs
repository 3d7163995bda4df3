//! A lease that is priced by a book: what it held, through the book, into lines of an invoice.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use voxpark_domain::estate::{SeatProduct, Stay};
use voxpark_domain::ids::SeatId;
use voxpark_domain::leasing::FULL_DAY;
use voxpark_domain::money::Money;
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::rating::{governing, timeline};
use super::{
    Basis, BookLine, BookLineKind, BookRating, BookWhy, Cadence, Clause, Explanation, HeldSeat, LeaseVersion, LineKind,
    Price, PriceBook, Proration, Rated, RatedLine, SeatSlice, Sold, Usage, Why, rate_book,
};

/// Prices what a lease held and used in a month under versions that all name this book. The book says how parts of the month
/// count; days that the lease has free of rent charge nothing for seats and owe no minimum. A seat that takes the place of
/// another of the lease on the day on which that one is given back (a move) begins nothing that is charged once.
///
/// A seat is charged by the zone in which it was on the day, by the name of the day.
///
/// # Errors
/// `seat-without-price` (no price for seats applies to a seat on a day on which it is held), those of [`super::rate`] about what is
/// held when, and of [`rate_book`].
pub(crate) fn rate_by_book(
    period: Period,
    versions: &[LeaseVersion],
    held: &[HeldSeat],
    book: &PriceBook,
    (usage, zones): (&[Usage], &HashMap<SeatId, Vec<Stay>>),
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
    let sold = sold(first.terms.product, held, zones);
    priced(book, &sold, served)?;
    let asked = BookRating {
        period,
        every: Cadence::Month,
        served,
        due: None,
        sold: &sold,
        usage,
        rent_free: &governed.iter().flat_map(free).collect::<Vec<_>>(),
        billed: &BTreeMap::new(),
        sponsored: 0,
        last_split: true,
    };
    let lines = rate_book(book, &asked)?.into_iter().map(|line| leased(line, period, (versions, first), book));
    Ok(Rated { period, lines: lines.collect::<Result<_, _>>()?, seat_days_held })
}

/// Every seat has a price on every day of `served`: what no price is for would be had for nothing, in silence.
fn priced(book: &PriceBook, sold: &[Sold], served: Period) -> Result<(), Refusal> {
    let of_seats = |price: &&Price| matches!(price.basis, Basis::Seat | Basis::SeatDay | Basis::Shift);
    let prices: Vec<&Price> = book.prices.iter().filter(of_seats).collect();
    let without =
        |sold: &&Sold| sold.held.overlaps(served) && !prices.iter().any(|price| price.applies.to(sold.sale()));
    let Some(sold) = sold.iter().find(without) else { return Ok(()) };
    let refusal = Refusal::new(RefusalCode::State, "seat-without-price").with("book", book.id.as_str());
    let refusal = refusal.with("version", i64::from(book.version)).with("day", sold.held.from.max(served.from));
    let refusal = refusal.with("zone", sold.zones.last().map_or("-", String::as_str));
    Err(refusal.with("shift", sold.shift.as_deref().unwrap_or("-")))
}

/// What is held as a book asks it, cut where a seat changes its zone.
fn sold(product: SeatProduct, held: &[HeldSeat], zones: &HashMap<SeatId, Vec<Stay>>) -> Vec<Sold> {
    // Of the seats that begin on a day, as many as end on it take their places.
    let mut moved: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    held.iter().filter_map(|seat| seat.held.to).for_each(|to| *moved.entry(to).or_default() += 1);
    let mut ordered: Vec<&HeldSeat> = held.iter().collect();
    ordered.sort_by_key(|seat| (seat.held.from, seat.allocation));
    let mut sold = Vec::with_capacity(held.len());
    for seat in ordered {
        let begins = moved.get_mut(&seat.held.from).filter(|left| **left > 0).map(|left| *left -= 1).is_none();
        let one = |held: Period, zones: Arc<[String]>| Sold {
            held,
            count: 1,
            product,
            zones,
            shift: (seat.shift != FULL_DAY).then(|| seat.shift.to_string()),
            begins: begins && held.from == seat.held.from,
            event: seat.allocation.to_string(),
        };
        match zones.get(&seat.seat) {
            None => sold.push(one(seat.held, [].into())),
            Some(stays) => sold.extend(
                stays.iter().filter_map(|stay| Some(one(stay.days.intersect(seat.held)?, Arc::clone(&stay.zone)))),
            ),
        }
    }
    sold
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
            concession: None,
            reverse_charge: None,
            correction: None,
        },
    })
}
