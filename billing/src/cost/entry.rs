//! Entries of a tenant's cost in a month.

use voxpark_domain::error::Refusals;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::{CategoryPack, CategoryRole};
use crate::pricing::out_of_range;

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 200;

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// Entered by a person.
    Manual,
    /// A row of an imported file.
    Import,
    /// Read from the park's invoices.
    Invoice,
}

impl CostSource {
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Import => "import",
            Self::Invoice => "invoice",
        }
    }
    /// The source with this stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Manual, Self::Import, Self::Invoice].into_iter().find(|source| source.name() == name)
    }
}

/// An amount of one category in one month. Entries are never edited: a wrong one is corrected by a negative one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostEntry {
    /// The month it belongs to.
    pub month: Month,
    /// Id of the category.
    pub category: String,
    /// How much; negative only as a correction.
    pub amount: Money,
    /// Where it comes from.
    pub source: CostSource,
    /// What it is, in the tenant's words; a correction must say what it corrects.
    pub note: String,
}

/// Checks a new entry against the entries that are there. Field paths are `category`, `amount` and `note`.
///
/// A negative amount is a correction: it must say what it corrects, and may not take its category below zero in the
/// month, because a part of a cost that is negative is a mistake of sign.
///
/// # Errors
/// `cost-category-unknown`, `cost-category-posted` (rent comes from the invoices), `currency-mismatch`,
/// `cost-note-long`, `cost-correction-note`, `cost-below-zero`; all that apply.
pub fn check_entry(pack: &CategoryPack, currency: Currency, existing: &[CostEntry], new: &CostEntry) -> Result<()> {
    let mut bad = Refusals::new();
    for refusal in alone(pack, currency, new) {
        bad.push(refusal);
    }
    if new.amount.minor < 0 && new.amount.currency == currency {
        let sum = category_sum(existing, new.month, &new.category)?;
        if i128::from(sum) + i128::from(new.amount.minor) < 0 {
            bad.push(below_zero(Money::new(sum, currency)).at("amount"));
        }
    }
    bad.finish()
}

/// What is wrong with an entry whatever else is there.
pub(super) fn alone(pack: &CategoryPack, currency: Currency, new: &CostEntry) -> Vec<Refusal> {
    let mut bad = Vec::new();
    match pack.get(&new.category) {
        None => bad.push(Refusal::new(RefusalCode::NotFound, "cost-category-unknown").at("category")),
        Some(category) if category.role == Some(CategoryRole::Rent) && new.source != CostSource::Invoice => {
            bad.push(
                Refusal::new(RefusalCode::State, "cost-category-posted").at("category").with("category", &*category.id),
            );
        }
        Some(_) => {}
    }
    if new.amount.currency != currency {
        bad.push(
            Refusal::new(RefusalCode::Invalid, "currency-mismatch")
                .at("amount")
                .with("expected", currency.code())
                .with("found", new.amount.currency.code()),
        );
    }
    if new.note.chars().count() > MAX_NOTE_CHARS {
        bad.push(Refusal::new(RefusalCode::TooLarge, "cost-note-long").at("note").with("max", MAX_NOTE_CHARS));
    }
    if new.amount.minor < 0 && new.note.trim().is_empty() {
        bad.push(Refusal::new(RefusalCode::Required, "cost-correction-note").at("note"));
    }
    bad
}

/// What a category came to in a month, minor units.
pub(super) fn category_sum(entries: &[CostEntry], month: Month, category: &str) -> Result<i64, Refusal> {
    let of_it = entries.iter().filter(|e| e.month == month && e.category == category);
    of_it.map(|e| e.amount.minor).try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
}

/// `sum` is what the category holds without the correction.
pub(super) fn below_zero(sum: Money) -> Refusal {
    Refusal::new(RefusalCode::OutOfRange, "cost-below-zero")
        .with("sum", sum.major())
        .with("currency", sum.currency.code())
}

/// The rent of a month: the sum before VAT of the invoices whose period starts in it, `None` when there is none. Input
/// VAT is no cost to a business that deducts it; one that does not enters it under another category.
///
/// # Errors
/// `currency-mismatch`, `amount-out-of-range`; [`voxpark_domain::Error::NotFound`] when the pack has no rent.
pub fn rent_entry(pack: &CategoryPack, month: Month, invoice_nets: &[Money]) -> Result<Option<CostEntry>> {
    let category = pack.with_role(CategoryRole::Rent).ok_or(voxpark_domain::Error::NotFound)?;
    let Some(first) = invoice_nets.first() else { return Ok(None) };
    let mut minor = 0_i64;
    for net in invoice_nets {
        if net.currency != first.currency {
            return Err(Refusal::new(RefusalCode::Invalid, "currency-mismatch")
                .with("expected", first.currency.code())
                .with("found", net.currency.code())
                .into());
        }
        minor = minor.checked_add(net.minor).ok_or_else(out_of_range)?;
    }
    let amount = Money::new(minor, first.currency);
    let category = category.id.clone();
    Ok(Some(CostEntry { month, category, amount, source: CostSource::Invoice, note: String::new() }))
}

#[cfg(test)]
mod tests {
    use voxpark_domain::Error;

    use super::*;

    fn entry(category: &str, minor: i64, note: &str) -> CostEntry {
        CostEntry {
            month: Month::parse("2026-01").expect("month"),
            category: category.to_owned(),
            amount: Money::new(minor, Currency::CNY),
            source: CostSource::Manual,
            note: note.to_owned(),
        }
    }
    fn refused(existing: &[CostEntry], new: &CostEntry) -> Vec<(&'static str, String)> {
        match check_entry(CategoryPack::shipped().expect("pack"), Currency::CNY, existing, new) {
            Ok(()) => Vec::new(),
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn sound_entries_pass() {
        assert_eq!(refused(&[], &entry("labour", 1_000_000, "")), []);
        assert_eq!(refused(&[], &entry("power", 0, "")), []);
        // A correction may take back all that is there, and no more.
        let there = [entry("power", 500, ""), entry("labour", 9_000, "")];
        assert_eq!(refused(&there, &entry("power", -500, "booked twice")), []);
        assert_eq!(refused(&there, &entry("power", -501, "x")), [("cost-below-zero", "amount".to_owned())]);
    }

    #[test]
    fn every_fault_is_named() {
        let at = |rule, path: &str| (rule, path.to_owned());
        assert_eq!(refused(&[], &entry("petrol", 1, "")), [at("cost-category-unknown", "category")]);
        assert_eq!(refused(&[], &entry("rent", 1, "")), [at("cost-category-posted", "category")]);
        let expected = [at("cost-correction-note", "note"), at("cost-below-zero", "amount")];
        assert_eq!(refused(&[], &entry("power", -1, " ")), expected);
        let mut foreign = entry("power", 1, &"x".repeat(201));
        foreign.amount.currency = Currency::parse("USD").expect("currency");
        assert_eq!(refused(&[], &foreign), [at("currency-mismatch", "amount"), at("cost-note-long", "note")]);
    }

    #[test]
    fn rent_is_the_net_of_the_invoices() {
        let pack = CategoryPack::shipped().expect("pack");
        let month = Month::parse("2026-01").expect("month");
        assert_eq!(rent_entry(pack, month, &[]).expect("rent"), None);
        let nets = [Money::new(170_323, Currency::CNY), Money::new(100, Currency::CNY)];
        let rent = rent_entry(pack, month, &nets).expect("rent").expect("some");
        assert_eq!((rent.category.as_str(), rent.amount.minor, rent.source), ("rent", 170_423, CostSource::Invoice));
        assert_eq!(refused(&[], &rent), []);
        assert!(rent_entry(pack, month, &[nets[0], Money::new(1, Currency::parse("USD").expect("currency"))]).is_err());
    }

    #[test]
    fn sources_have_names() {
        for source in [CostSource::Manual, CostSource::Import, CostSource::Invoice] {
            assert_eq!(CostSource::from_name(source.name()), Some(source));
        }
    }
}
