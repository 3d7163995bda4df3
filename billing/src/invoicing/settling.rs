//! What is left to pay: what comes off a total, in which order, and how an account adds up. Minor units of one currency.

use voxpark_domain::Refusal;

use crate::pricing::out_of_range;

/// What may come off a taxed total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deductions {
    /// Credit notes that are not used up.
    pub credit_notes: i64,
    /// Prepaid balance.
    pub prepaid: i64,
}

/// What came off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Of each, used.
    pub used: Deductions,
    /// Of each, carried forward to the next invoice; nothing is dropped.
    pub carried: Deductions,
    /// Still to pay.
    pub due: i64,
}

/// Takes credit notes and then prepaid balance off a total, never below zero.
pub fn settle(total: i64, available: Deductions) -> Settled {
    let notes = available.credit_notes.clamp(0, total.max(0));
    let prepaid = available.prepaid.clamp(0, total.max(0) - notes);
    Settled {
        used: Deductions { credit_notes: notes, prepaid },
        carried: Deductions { credit_notes: available.credit_notes - notes, prepaid: available.prepaid - prepaid },
        due: total - notes - prepaid,
    }
}

/// What happens on an account; each amount is 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountEntry {
    /// An invoice.
    Charge(i64),
    /// Less of an invoice, by a credit note.
    Adjustment(i64),
    /// Granted without an invoice.
    Credit(i64),
    /// Money that came in.
    Payment(i64),
    /// Money that went back. Without an adjustment beside it the debt is open again.
    Refund(i64),
}

/// What is owed; below zero what the customer has in credit.
///
/// # Errors
/// `amount-out-of-range`.
pub fn balance(entries: &[AccountEntry]) -> Result<i64, Refusal> {
    let signed = |entry: &AccountEntry| match *entry {
        AccountEntry::Charge(minor) | AccountEntry::Refund(minor) => Some(minor),
        AccountEntry::Adjustment(minor) | AccountEntry::Credit(minor) | AccountEntry::Payment(minor) => {
            minor.checked_neg()
        }
    };
    entries.iter().try_fold(0_i64, |sum, entry| sum.checked_add(signed(entry)?)).ok_or_else(out_of_range)
}
