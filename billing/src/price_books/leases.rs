//! Which books can price leases.

use voxpark_domain::error::Refusals;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::leasing::{Amendment, LeaseDraft};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result, tenancy};

use super::BookVersion;
use crate::pricing::{Basis, Cadence, Due, Price, PriceBook};
use crate::uow::Tx;

/// A lease, as far as a book has to suit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToPrice {
    /// When its rent is due.
    pub due: Due,
    /// In which it is agreed.
    pub currency: Currency,
    /// Whether its prices contain the tax.
    pub tax_included: bool,
    /// The seats it is for.
    pub product: SeatProduct,
    /// The days to be priced.
    pub term: Period,
}

/// Why a book cannot price a lease; empty when it can. Invoices bill
/// months: prices of other periods have no line on them and are never left out silently.
pub fn unfit(book: &PriceBook, lease: ToPrice) -> Vec<Refusal> {
    let ToPrice { due, currency, tax_included, product, term } = lease;
    let refusal = |price: &str, field: &str, value: String| {
        let refusal =
            Refusal::new(RefusalCode::State, "book-not-for-lease").at("priceBook").with("book", book.id.as_str());
        let refusal = refusal.with("version", i64::from(book.version)).with("price", price.to_owned());
        refusal.with("field", field.to_owned()).with("value", value)
    };
    let mut found = Vec::new();
    if book.currency != currency {
        let refusal = Refusal::new(RefusalCode::Invalid, "currency-mismatch").at("priceBook");
        found.push(refusal.with("expected", currency.code()).with("found", book.currency.code()));
    }
    if book.tax_included != tax_included {
        found.push(refusal("-", "tax_included", book.tax_included.to_string()));
    }
    for price in &book.prices {
        let mut not = |bad: bool, field: &str, value: String| {
            if bad {
                found.push(refusal(&price.id, field, value));
            }
        };
        not(price.every != Cadence::Month, "every", price.every.name().to_owned());
        // What meters counted is known behind the month, whenever its rent is due.
        not(price.basis != Basis::Metered && price.due != due, "due", price.due.name().to_owned());
    }
    let sold = |price: &&Price| price.applies.products.is_empty() || price.applies.products.contains(&product);
    let of_seats = |price: &Price| matches!(price.basis, Basis::Seat | Basis::SeatDay | Basis::Shift);
    if !book.prices.iter().any(|price| of_seats(price) && sold(&price)) {
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

/// When rent is due that is agreed in advance, or is not.
const fn due(in_advance: bool) -> Due {
    if in_advance { Due::Advance } else { Due::Arrears }
}

/// Checks that the book which a lease names, if it names one, can price it.
///
/// # Errors
/// `price-book-unknown`, and those of [`unfit`]; all that apply.
pub async fn lease_book(tx: &dyn Tx, ctx: &Ctx, draft: &LeaseDraft) -> Result<()> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let Some(named) = &draft.price_book else { return Ok(()) };
    let currency = match draft.currency {
        Some(currency) => currency,
        None => tenancy::park(tx, ctx).await?.currency,
    };
    let term = Period { from: draft.term_from, to: Some(draft.term_to) };
    let (due, product) = (due(draft.clauses.in_advance), draft.product);
    let tax_included = draft.clauses.tax_included.unwrap_or_default();
    fits(tx, named, ToPrice { due, currency, tax_included, product, term }).await
}

async fn fits(tx: &dyn Tx, named: &BookVersion, lease: ToPrice) -> Result<()> {
    let unknown = || {
        let refusal = Refusal::new(RefusalCode::NotFound, "price-book-unknown").at("priceBook");
        refusal.with("book", named.book.as_str()).with("version", i64::from(named.version))
    };
    let found = tx.price_book(&named.book, Some(named.version)).await?.ok_or_else(unknown)?;
    let mut bad = Refusals::new();
    for refusal in unfit(&found.book, lease) {
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
    let Some(named) = wanted.price_book.as_ref().or(kept) else { return Ok(()) };
    let term = Period { from: wanted.in_force_from.max(last.terms.term_from), to: Some(end) };
    let (product, currency) = (last.terms.product, last.terms.unit_price.currency);
    let tax_included = last.clauses.tax_included;
    fits(tx, named, ToPrice { due: due(in_advance), currency, tax_included, product, term }).await
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
            let term = Period { from: day(from), to: Some(day(to)) };
            let lease = ToPrice { due: Due::Arrears, currency: Currency::CNY, tax_included: false, product, term };
            let found = unfit(&book, lease);
            found.iter().map(|r| format!("{} {}{}", r.rule, arg(r, "field"), arg(r, "day"))).collect()
        };
        let fields = ["every", "due"];
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
