//! Which books can price leases.

use voxpark_domain::error::Refusals;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::leasing::Amendment;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use super::BookVersion;
use crate::pricing::{Basis, Cadence, Due, Price, PriceBook};
use crate::uow::Tx;

/// Why a book cannot price a lease of these seats over these days, whose rent is due so; empty when it can. Invoices bill
/// months by the seats that are held: what else a book may charge has no line on them yet and is never left out silently.
pub fn unfit(book: &PriceBook, due: Due, product: SeatProduct, term: Period) -> Vec<Refusal> {
    let refusal = |price: &str, field: &str, value: String| {
        let refusal =
            Refusal::new(RefusalCode::State, "book-not-for-lease").at("priceBook").with("book", book.id.as_str());
        let refusal = refusal.with("version", i64::from(book.version)).with("price", price.to_owned());
        refusal.with("field", field.to_owned()).with("value", value)
    };
    let mut found = Vec::new();
    for price in &book.prices {
        let mut not = |bad: bool, field: &str, value: String| {
            if bad {
                found.push(refusal(&price.id, field, value));
            }
        };
        not(price.basis != Basis::Seat, "basis", price.basis.name().to_owned());
        not(price.every != Cadence::Month, "every", price.every.name().to_owned());
        not(price.due != due, "due", price.due.name().to_owned());
        not(!price.applies.zones.is_empty(), "applies.zones", price.applies.zones.join(" "));
        not(!price.applies.shifts.is_empty(), "applies.shifts", price.applies.shifts.join(" "));
        let maximum = price.maximum.map(|maximum| maximum.to_string());
        not(maximum.is_some(), "maximum", maximum.unwrap_or_default());
    }
    let sold = |price: &&Price| price.applies.products.is_empty() || price.applies.products.contains(&product);
    if !book.prices.iter().any(|price| price.basis == Basis::Seat && sold(&price)) {
        found.push(refusal("-", "applies.products", product.name().to_owned()));
    }
    for price in book.prices.iter().filter(sold) {
        let (first, last) = (price.steps.first(), price.steps.last());
        let uncovered = first.filter(|step| step.from > term.from).map(|_| term.from);
        let uncovered = uncovered.or_else(|| last?.to.filter(|to| term.to.is_none_or(|end| end > *to)));
        if let Some(day) = uncovered {
            let refusal = Refusal::new(RefusalCode::State, "price-not-agreed").at("priceBook");
            found.push(refusal.with("price", price.id.as_str()).with("day", day));
        }
    }
    found
}

/// Checks that a lease can be priced by a version of a book.
///
/// # Errors
/// `price-book-unknown`, and those of [`unfit`]; all that apply.
pub async fn lease_book(
    tx: &dyn Tx,
    ctx: &Ctx,
    named: Option<&BookVersion>,
    in_advance: bool,
    product: SeatProduct,
    term: Period,
) -> Result<()> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let Some(named) = named else { return Ok(()) };
    let unknown = || {
        let refusal = Refusal::new(RefusalCode::NotFound, "price-book-unknown").at("priceBook");
        refusal.with("book", named.book.as_str()).with("version", i64::from(named.version))
    };
    let found = tx.price_book(&named.book, Some(named.version)).await?.ok_or_else(unknown)?;
    let mut bad = Refusals::new();
    let due = if in_advance { Due::Advance } else { Due::Arrears };
    for refusal in unfit(&found.book, due, product, term) {
        bad.push(refusal);
    }
    bad.finish()
}

/// The same of a lease that is to be amended so; a lease that is not there is for the amendment to refuse.
///
/// # Errors
/// Those of [`lease_book`].
pub async fn lease_book_amended(tx: &dyn Tx, ctx: &Ctx, lease: LeaseId, wanted: &Amendment) -> Result<()> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let Some(lease) = tx.leases_by_id(&[lease]).await?.pop() else { return Ok(()) };
    let Some(last) = lease.versions.last() else { return Ok(()) };
    let end = wanted.term_to.unwrap_or(last.terms.term_to);
    let in_advance = wanted.clauses.as_ref().map_or(last.clauses.in_advance, |clauses| clauses.in_advance);
    // A longer lease needs prices for longer, too, and one that is billed at other times prices that are due then.
    let touched = wanted.term_to.is_some() || in_advance != last.clauses.in_advance;
    let kept = last.terms.price_book.as_ref().filter(|_| wanted.unit_price.is_none() && touched);
    let named = wanted.price_book.as_ref().or(kept);
    let term = Period { from: wanted.in_force_from.max(last.terms.term_from), to: Some(end) };
    lease_book(tx, ctx, named, in_advance, last.terms.product, term).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::pack::PackFile;

    #[test]
    fn what_no_invoice_can_say_is_named() {
        let text = r#"
id = "b"
version = 3
title = { zh = "书", en = "Book" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
applies = { products = ["equipped"], zones = ["A"], shifts = ["night"] }
every = "quarter"
maximum = "100"
[[price.step]]
from = "2026-02-01"
to = "2027-01-01"
tariff = { model = { per_unit = { unit = "5" } } }
[[price]]
id = "power"
title = { zh = "电", en = "Power" }
basis = "metered"
meter = "kwh"
due = "arrears"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "5" } } }
"#;
        let book = PriceBook::parse(PackFile { name: "b.toml", text }).expect("a sound book");
        let day = |text: &str| text.parse().expect("a day");
        let told = |product, from: &str, to: &str| -> Vec<String> {
            let arg = |refusal: &Refusal, name: &str| {
                refusal.args.iter().find(|(n, _)| *n == name).map(|(_, value)| format!("{value:?}")).unwrap_or_default()
            };
            let found = unfit(&book, Due::Arrears, product, Period { from: day(from), to: Some(day(to)) });
            found.iter().map(|r| format!("{} {}{}", r.rule, arg(r, "field"), arg(r, "day"))).collect()
        };
        let fields = ["every", "due", "applies.zones", "applies.shifts", "maximum", "basis"];
        let mut expected: Vec<String> =
            fields.iter().map(|field| format!("book-not-for-lease Text({field:?})")).collect();
        assert_eq!(told(SeatProduct::Equipped, "2026-02-01", "2027-01-01"), expected);
        expected.push("price-not-agreed Text(\"2026-01-01\")".to_owned());
        assert_eq!(told(SeatProduct::Equipped, "2026-01-01", "2027-01-01"), expected);
        *expected.last_mut().expect("one") = "price-not-agreed Text(\"2027-01-01\")".to_owned();
        assert_eq!(told(SeatProduct::Equipped, "2026-03-01", "2027-01-02"), expected);
        *expected.last_mut().expect("one") = "book-not-for-lease Text(\"applies.products\")".to_owned();
        assert_eq!(told(SeatProduct::Bare, "2026-03-01", "2027-01-01"), expected);
    }
}
