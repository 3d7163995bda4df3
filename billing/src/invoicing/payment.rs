//! What was paid, and what that makes of an invoice.

use chrono::NaiveDate;
use voxpark_domain::error::Refusals;
use voxpark_domain::ids::PaymentId;
use voxpark_domain::money::Money;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::InvoiceState;
use super::invoice::not_issued;
use crate::pricing::out_of_range;

/// Money received for one invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The payment.
    pub id: PaymentId,
    /// How much; positive.
    pub amount: Money,
    /// The civil day the money came.
    pub paid_on: NaiveDate,
}

/// How far an invoice is paid. Derived from the payments, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentState {
    /// Nothing was paid and something is due.
    Unpaid,
    /// Something was paid and something is due.
    PartPaid,
    /// Nothing is due, also where the total is nothing.
    Paid,
}

impl PaymentState {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::PartPaid => "part_paid",
            Self::Paid => "paid",
        }
    }
}

/// Where an issued invoice stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Sum of the payments.
    pub paid: Money,
    /// Total less payments, never negative.
    pub balance: Money,
    /// How far it is paid.
    pub state: PaymentState,
    /// Something is due and the due day is over.
    pub overdue: bool,
}

/// Sums the payments of an invoice.
///
/// # Errors
/// `currency-mismatch`, `payment-over-balance` (payments exceed the total), `amount-out-of-range`.
pub fn standing(total: Money, due_on: NaiveDate, payments: &[Payment], today: NaiveDate) -> Result<Standing, Refusal> {
    let mut paid = 0_i64;
    for payment in payments {
        same_currency(total, payment.amount)?;
        paid = paid.checked_add(payment.amount.minor).ok_or_else(out_of_range)?;
    }
    tally(total, due_on, paid, today)
}

/// Where an invoice stands when so many minor units were paid in all.
///
/// # Errors
/// `payment-over-balance` (more than the total), `amount-out-of-range`.
pub fn tally(total: Money, due_on: NaiveDate, paid: i64, today: NaiveDate) -> Result<Standing, Refusal> {
    let balance = total.minor.checked_sub(paid).ok_or_else(out_of_range)?;
    if balance < 0 {
        return Err(over_balance(Money::new(total.minor.max(0), total.currency)));
    }
    let state = match (paid, balance) {
        (_, 0) => PaymentState::Paid,
        (0, _) => PaymentState::Unpaid,
        _ => PaymentState::PartPaid,
    };
    let money = |minor| Money::new(minor, total.currency);
    Ok(Standing { paid: money(paid), balance: money(balance), state, overdue: balance > 0 && today > due_on })
}

/// Checks a new payment against an invoice and its earlier payments, and tells where the invoice stands with it.
/// Field paths are `amount` and `paidOn`.
///
/// # Errors
/// `invoice-not-issued`, and those of [`settle`].
pub fn accept_payment(
    invoice: &InvoiceState,
    total: Money,
    earlier: &[Payment],
    new: &Payment,
    today: NaiveDate,
) -> Result<Standing> {
    let InvoiceState::Issued(issue) = invoice else {
        return Err(not_issued(invoice).into());
    };
    settle(total, issue.due_on, earlier, new, today)
}

/// Checks a new payment of an issued invoice against its total and its earlier payments.
///
/// # Errors
/// `payment-not-positive`, `currency-mismatch`, `payment-over-balance`, `payment-in-future`; all that apply.
fn settle(total: Money, due_on: NaiveDate, earlier: &[Payment], new: &Payment, today: NaiveDate) -> Result<Standing> {
    let before = standing(total, due_on, earlier, today)?;
    let mut bad = Refusals::new();
    bad.when(new.amount.minor <= 0, || {
        Refusal::new(RefusalCode::OutOfRange, "payment-not-positive").at("amount").with("amount", new.amount.major())
    });
    match same_currency(total, new.amount) {
        Err(refusal) => bad.push(refusal.at("amount")),
        Ok(()) => bad.when(new.amount.minor > before.balance.minor, || over_balance(before.balance).at("amount")),
    }
    bad.when(new.paid_on > today, || {
        Refusal::new(RefusalCode::OutOfRange, "payment-in-future").at("paidOn").with("day", new.paid_on)
    });
    bad.finish()?;
    let all: Vec<Payment> = earlier.iter().chain([new]).copied().collect();
    Ok(standing(total, due_on, &all, today)?)
}

fn same_currency(expected: Money, found: Money) -> Result<(), Refusal> {
    if expected.currency == found.currency {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::Invalid, "currency-mismatch")
        .with("expected", expected.currency.code())
        .with("found", found.currency.code()))
}

fn over_balance(balance: Money) -> Refusal {
    Refusal::new(RefusalCode::OutOfRange, "payment-over-balance")
        .with("balance", balance.major())
        .with("currency", balance.currency.code())
}
