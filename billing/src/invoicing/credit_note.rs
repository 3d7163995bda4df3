//! Credit notes: what is taken back of an invoice line, and to whom it goes back. Amounts are minor units of one currency.

use std::collections::BTreeMap;

use voxpark_domain::{Refusal, RefusalCode};

use super::{InvoiceLine, NetTax};
use crate::pricing::{out_of_range, scaled, split};

/// A line as it was invoiced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creditable {
    /// Before discounts; before tax, too, unless it contains the tax. Above 0.
    pub amount: i64,
    /// Its part of the discounts, 0 or more.
    pub discount: i64,
    /// The tax on what was left.
    pub tax: i64,
    /// Whether the amount contains the tax.
    pub tax_included: bool,
}

impl Creditable {
    /// After discounts, before tax.
    pub const fn net(&self) -> i64 {
        let inside = if self.tax_included { self.tax } else { 0 };
        self.amount.saturating_sub(self.discount).saturating_sub(inside)
    }
    /// Net and tax.
    pub const fn total(&self) -> i64 {
        self.net().saturating_add(self.tax)
    }
    /// A line of an invoice with its tax.
    pub(crate) const fn of(line: &InvoiceLine, tax: NetTax) -> Self {
        let NetTax { net_minor, tax_minor } = tax;
        let inside = if line.tax_included { tax_minor } else { 0 };
        let amount = net_minor.saturating_add(inside);
        Self { amount, discount: 0, tax: tax_minor, tax_included: line.tax_included }
    }
    /// What a note took back of it.
    pub(crate) const fn taken(&self, net: i64, tax: i64) -> CreditNote {
        let inside = if self.tax_included { tax } else { 0 };
        CreditNote { amount: net.saturating_add(inside), discount: 0, net, tax }
    }
}

/// What a note takes back of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreditNote {
    /// Of the amount of the line.
    pub amount: i64,
    /// Of the discount, which comes off the credit.
    pub discount: i64,
    /// The amount less the discount, before tax.
    pub net: i64,
    /// Of the tax.
    pub tax: i64,
}

impl CreditNote {
    /// Net and tax: the total is their sum, never rounded on its own.
    pub const fn total(&self) -> i64 {
        self.net.saturating_add(self.tax)
    }
}

/// Takes back a part of a line. Discount and tax follow in proportion, each rounded once; the note that takes back the last of
/// the line takes back whatever earlier ones left of both, so that all notes sum to the line.
///
/// # Errors
/// `credit-not-positive`; `credit-over-line` when more would be taken back than was invoiced; `amount-out-of-range`.
pub fn credit(line: &Creditable, earlier: &[CreditNote], amount: i64) -> Result<CreditNote, Refusal> {
    let sum =
        |of: fn(&CreditNote) -> i64| earlier.iter().map(of).try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range);
    let left = line.amount.checked_sub(sum(|note| note.amount)?).ok_or_else(out_of_range)?;
    if amount <= 0 {
        return Err(Refusal::new(RefusalCode::OutOfRange, "credit-not-positive").with("amount", amount));
    }
    if amount > left {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "credit-over-line");
        return Err(refusal.with("amount", amount).with("left", left));
    }
    let (discount_left, tax_left) = (line.discount - sum(|note| note.discount)?, line.tax - sum(|note| note.tax)?);
    let last = amount == left;
    // Within what keeps the rest of the line sound: a discount is never above the amount it is taken off.
    let least = (discount_left - (left - amount)).max(0);
    let discount = scaled(line.discount, amount, line.amount)?.clamp(least, discount_left.min(amount));
    let charged = amount - discount;
    let tax = match (last, line.amount.saturating_sub(line.discount)) {
        (true, _) => tax_left,
        (false, 0) => 0,
        (false, whole) => scaled(line.tax, charged, whole)?.min(tax_left),
    };
    let net = if line.tax_included { charged - tax } else { charged };
    Ok(CreditNote { amount, discount, net, tax })
}

/// A note over several lines.
///
/// # Errors
/// `amount-out-of-range`.
pub fn note_total(lines: &[CreditNote]) -> Result<CreditNote, Refusal> {
    let sum =
        |of: fn(&CreditNote) -> i64| lines.iter().map(of).try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range);
    let (amount, discount) = (sum(|n| n.amount)?, sum(|n| n.discount)?);
    Ok(CreditNote { amount, discount, net: sum(|n| n.net)?, tax: sum(|n| n.tax)? })
}

/// From where an invoice was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaidFrom {
    /// A prepaid balance of the customer.
    Balance,
    /// Money that came in.
    Cash,
    /// A sponsor.
    Sponsor,
}

/// Where the total of a note goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Off what is still owed.
    pub off_debt: i64,
    /// Back to where it was paid from, never more than came from there.
    pub back: BTreeMap<PaidFrom, i64>,
}

/// Splits the total of a note: first what is still owed goes down, the rest goes back to where the invoice was paid from, in
/// proportion, by largest remainder. `paid` is what came from each source and has not gone back yet.
///
/// # Errors
/// `credit-over-paid` when the note is above what is owed and was paid together.
pub fn returned(total: i64, owed: i64, paid: &BTreeMap<PaidFrom, i64>) -> Result<Returned, Refusal> {
    let sources = paid.values().try_fold(0_i64, |sum, minor| sum.checked_add(*minor)).ok_or_else(out_of_range)?;
    let off_debt = total.min(owed.max(0));
    let rest = total - off_debt;
    if rest > sources {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "credit-over-paid");
        return Err(refusal.with("amount", total).with("left", sources.saturating_add(owed.max(0))));
    }
    let back = if rest == 0 { BTreeMap::new() } else { split(rest, paid).ok_or_else(out_of_range)? };
    Ok(Returned { off_debt, back })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn more_than_was_invoiced_is_refused() {
        let line = Creditable { amount: 1_000, discount: 100, tax: 180, tax_included: false };
        let first = credit(&line, &[], 999).expect("credited");
        assert_eq!(credit(&line, &[first], 2).map_err(|r| r.rule), Err("credit-over-line"));
        assert_eq!(credit(&line, &[], 0).map_err(|r| r.rule), Err("credit-not-positive"));
        let paid = BTreeMap::from([(PaidFrom::Cash, 500)]);
        assert_eq!(returned(601, 100, &paid).map_err(|r| r.rule), Err("credit-over-paid"));
        let back = returned(350, 100, &paid).expect("returned");
        assert_eq!((back.off_debt, back.back.get(&PaidFrom::Cash)), (100, Some(&250)));
    }

    proptest! {
        #[test]
        fn notes_sum_to_the_line(
            amount in 1_i64..10_000_000,
            off in 0_i64..=100,
            rate in 0_i64..=3_000,
            tax_included: bool,
            cuts in proptest::collection::vec(1_i64..10_000_000, 0..6),
        ) {
            let discount = amount * off / 100;
            let whole = if tax_included { 10_000 + rate } else { 10_000 };
            let tax = scaled(amount - discount, rate, whole).expect("taxed");
            let line = Creditable { amount, discount, tax, tax_included };
            let mut notes = Vec::new();
            let mut left = amount;
            for cut in cuts {
                let part = cut.min(left);
                if part > 0 {
                    notes.push(credit(&line, &notes, part).expect("credited"));
                    left -= part;
                }
            }
            if left > 0 {
                notes.push(credit(&line, &notes, left).expect("credited"));
            }
            let all = note_total(&notes).expect("summed");
            prop_assert_eq!((all.amount, all.discount, all.net, all.tax), (amount, discount, line.net(), tax));
            prop_assert!(notes.iter().all(|note| note.tax >= 0 && note.net >= 0 && note.discount >= 0));
        }
    }
}
