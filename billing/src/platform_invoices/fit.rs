//! Which books a park can be charged by.

use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use crate::pricing::{Basis, Cadence, Due, Price, PriceBook};

/// Why a park cannot be charged by a book from a month on; empty when it can. A platform invoice bills a month that is over,
/// by the seats that were leased on its days with their product: nobody counts anything else, and nothing of a book is left
/// out silently.
pub fn unfit(book: &PriceBook, from: Month) -> Vec<Refusal> {
    let refusal = |price: &Price, field: &str, value: String| {
        let refusal = Refusal::new(RefusalCode::State, "book-not-for-platform").at(format!("{}.{field}", price.id));
        refusal
            .with("book", book.id.as_str())
            .with("price", price.id.as_str())
            .with("field", field.to_owned())
            .with("value", value)
    };
    let mut found = Vec::new();
    if let Some(price) = book.prices.first().filter(|_| book.tax_included) {
        found.push(refusal(price, "tax_included", "true".to_owned()));
    }
    for price in &book.prices {
        let mut not = |bad: bool, field: &str, value: String| {
            if bad {
                found.push(refusal(price, field, value));
            }
        };
        let counted = matches!(price.basis, Basis::Seat | Basis::SeatDay | Basis::Percent);
        not(!counted, "basis", price.basis.name().to_owned());
        not(price.every != Cadence::Month, "every", price.every.name().to_owned());
        not(price.due != Due::Arrears, "due", "advance".to_owned());
        not(!price.applies.zones.is_empty(), "applies.zones", price.applies.zones.join(" "));
        let tax = price.tax.map(|tax| tax.to_string());
        not(tax.is_some(), "tax", tax.unwrap_or_default());
        not(!price.applies.shifts.is_empty(), "applies.shifts", price.applies.shifts.join(" "));
        // The terms hold until others replace them, so the prices have to.
        let late = price.steps.first().filter(|step| step.from > from.first_day());
        not(late.is_some(), "step", late.map(|step| step.from.to_string()).unwrap_or_default());
        let end = price.steps.last().and_then(|step| step.to);
        not(end.is_some(), "step", end.map(|day| day.to_string()).unwrap_or_default());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::pack::PackFile;

    #[test]
    fn what_nobody_counts_is_named_price_by_price() {
        let text = r#"
id = "b"
version = 1
title = { zh = "书", en = "Book" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
applies = { products = ["equipped"], zones = ["A"], shifts = ["night"] }
every = "quarter"
[[price.step]]
from = "2026-01-01"
to = "2027-01-01"
tariff = { model = { per_unit = { unit = "1" } } }
[[price]]
id = "power"
title = { zh = "电", en = "Power" }
basis = "metered"
meter = "kwh"
due = "arrears"
[[price.step]]
from = "2026-12-02"
tariff = { model = { per_unit = { unit = "1" } } }
[[price]]
id = "day"
title = { zh = "日", en = "Day" }
basis = "seat_day"
due = "arrears"
[[price.step]]
from = "2026-12-01"
tariff = { model = { per_unit = { unit = "1" } } }
"#;
        let book = PriceBook::parse(PackFile { name: "b.toml", text }).expect("a sound book");
        let found = unfit(&book, Month::parse("2026-12").expect("a month"));
        let paths: Vec<_> = found.iter().map(|refusal| refusal.path.as_ref()).collect();
        let seat = ["seat.every", "seat.due", "seat.applies.zones", "seat.applies.shifts", "seat.step"];
        assert_eq!(paths, [seat.as_slice(), &["power.basis", "power.step"]].concat());
    }
}
