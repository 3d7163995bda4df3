//! What seats come to by a book, before anybody has agreed to anything.

use std::collections::BTreeMap;

use voxpark_domain::money::Money;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, RefusalCode};

use crate::pricing::{
    Anchor, Basis, BookLine, BookRating, Cadence, PriceBook, SeatProduct, Sold, Stretch, out_of_range, rate_book,
};

/// The most seats of a quote.
const MOST_SEATS: i64 = 100_000;
/// The longest that seats can be quoted for, days: five years.
const MOST_DAYS: i64 = 1_830;

/// Seats that somebody asks the price of.
#[derive(Clone, Debug)]
pub struct QuoteAsked {
    /// How many, 1 to 100,000.
    pub seats: i64,
    /// With what.
    pub product: SeatProduct,
    /// In the zone of this code; empty = in none in particular, so that prices of zones do not apply.
    pub zone: String,
    /// For which shift; `None` = the whole day.
    pub shift: Option<String>,
    /// From when to when, at most five years.
    pub held: Period,
}

/// What seats come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookQuote {
    /// Period by period; calendar months first.
    pub lines: Vec<BookLine>,
    /// The sum of the lines, before tax.
    pub total: Money,
    /// Prices that charge what meters count, which nobody knows yet.
    pub metered: Vec<String>,
}

/// Prices seats by a book, whole: monthly prices by calendar months, others by periods that begin with the first day asked.
///
/// # Errors
/// `book-quote-seats`, `book-quote-days`, and those of [`rate_book`].
pub fn quote(book: &PriceBook, asked: &QuoteAsked) -> Result<BookQuote, Refusal> {
    if !(1..=MOST_SEATS).contains(&asked.seats) {
        return Err(Refusal::new(RefusalCode::OutOfRange, "book-quote-seats").at("seats").with("max", MOST_SEATS));
    }
    if !asked.held.days().is_some_and(|days| (1..=MOST_DAYS).contains(&days)) {
        return Err(Refusal::new(RefusalCode::OutOfRange, "book-quote-days").at("to").with("max", MOST_DAYS));
    }
    let sold = [Sold {
        held: asked.held,
        count: asked.seats,
        product: asked.product,
        zones: Some(asked.zone.clone()).filter(|zone| !zone.is_empty()).into_iter().collect(),
        shift: asked.shift.clone(),
        begins: true,
        event: String::new(),
    }];
    let mut lines = Vec::new();
    for every in Cadence::ALL.into_iter().filter(|every| book.prices.iter().any(|price| price.every == *every)) {
        for Stretch { whole, served } in anchor(every, asked.held).periods(asked.held)? {
            lines.append(&mut rate_book(
                book,
                &BookRating {
                    period: whole,
                    every,
                    served,
                    due: None,
                    sold: &sold,
                    usage: &[],
                    rent_free: &[],
                    billed: &BTreeMap::new(),
                    sponsored: 0,
                    last_split: book.committed_every() == Some(every),
                },
            )?);
        }
    }
    let sum = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount.minor)).ok_or_else(out_of_range)?;
    let metered = book.prices.iter().filter(|price| price.basis == Basis::Metered).map(|price| price.id.clone());
    Ok(BookQuote { lines, total: Money::new(sum, book.currency), metered: metered.collect() })
}

fn anchor(every: Cadence, held: Period) -> Anchor {
    let origin = if every == Cadence::Month { Month::of(held.from).first_day() } else { held.from };
    Anchor::on(origin, every)
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::pack::PackFile;

    const BOOK: &str = r#"
id = "b"
version = 1
title = { zh = "书", en = "Book" }
currency = "CNY"
[commitment]
prices = ["seat"]
step = [{ from = "2026-01-01", least = "3100" }]
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
applies = { products = ["equipped"] }
[[price.step]]
from = "2026-01-01"
tariff = { model = { volume = { tiers = [{ up_to = 10, unit = "310" }, { unit = "280" }] } } }
[[price]]
id = "care"
title = { zh = "维护", en = "Care" }
basis = "seat"
every = "quarter"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "9" } } }
[[price]]
id = "power"
title = { zh = "电", en = "Power" }
basis = "metered"
meter = "kwh"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "1" } } }
"#;

    fn asked(seats: i64, product: SeatProduct, from: &str, to: &str) -> Result<BookQuote, &'static str> {
        let book = PriceBook::parse(PackFile { name: "b.toml", text: BOOK }).expect("a sound book");
        let day = |text: &str| text.parse().expect("a day");
        let held = Period { from: day(from), to: Some(day(to)) };
        let asked = QuoteAsked { seats, product, zone: String::new(), shift: None, held };
        quote(&book, &asked).map_err(|refusal| refusal.rule)
    }

    #[test]
    fn each_price_is_charged_by_its_own_periods() {
        let quoted = asked(5, SeatProduct::Equipped, "2026-01-17", "2026-03-01").expect("quoted");
        let lines: Vec<_> = quoted.lines.iter().map(|l| (l.source.price.as_str(), l.amount.minor)).collect();
        // Fifteen of 31 days at 1550.00, the minimum of 1500.00 for them; February; 43 of the 90 days from 17 January at 45.00.
        assert_eq!(lines, [("seat", 75_000), ("", 75_000), ("seat", 155_000), ("", 155_000), ("care", 2_150)]);
        assert_eq!((quoted.total.minor, quoted.metered), (462_150, vec!["power".to_owned()]));
        let bare = asked(5, SeatProduct::Bare, "2026-02-01", "2026-03-01").expect("quoted");
        assert_eq!(bare.lines.iter().map(|l| l.source.price.as_str()).collect::<Vec<_>>(), ["", "care"]);
        assert_eq!(asked(0, SeatProduct::Bare, "2026-02-01", "2026-03-01"), Err("book-quote-seats"));
        assert_eq!(asked(1, SeatProduct::Bare, "2026-02-01", "2026-02-01"), Err("book-quote-days"));
        assert_eq!(asked(1, SeatProduct::Bare, "2026-02-01", "2032-02-01"), Err("book-quote-days"));
        assert_eq!(asked(1, SeatProduct::Equipped, "2025-12-01", "2026-02-01"), Err("price-not-agreed"));
    }
}
