//! What is earned until when. A schedule is what is spread over days, in any order, because it is evaluated as a whole. What was booked is not part of it: the next entry books what is missing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use voxpark_domain::Refusal;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::time::Period;

use super::Income;
use crate::invoicing::recognised_by;
use crate::pricing::out_of_range;

/// What is earned step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// A line of an invoice, over the days of its service.
    Line {
        /// The invoice.
        invoice: InvoiceId,
        /// Its line, from 0.
        line: u32,
    },
    /// What the straight line of a lease makes of its income beside its lines (rent-free months, prices that rise).
    Term {
        /// The lease.
        lease: LeaseId,
        /// What is earned.
        income: Income,
    },
}

/// What is spread over which days. Minor units of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    spread: BTreeMap<Period, i64>,
}

impl Schedule {
    /// Spreads an amount evenly over days; a negative one takes back. What lies over the same days is one sum, so that
    /// what is taken back whole leaves nothing of any day.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn spread(&mut self, amount: i64, over: Period) -> Result<(), Refusal> {
        let sum = self.spread.entry(over).or_default();
        *sum = sum.checked_add(amount).ok_or_else(out_of_range)?;
        Ok(())
    }
    /// What lies over which days; none of 0.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Option<Period>, i64)> {
        self.spread.iter().filter(|(_, amount)| **amount != 0).map(|(over, amount)| (Some(*over), *amount))
    }
    /// Everything it comes to.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn total(&self) -> Result<i64, Refusal> {
        sum(self.spread.values().copied())
    }
    /// What is earned until a day, that day not included.
    ///
    /// # Errors
    /// `period-open`, `amount-out-of-range`.
    pub fn earned(&self, until: NaiveDate) -> Result<i64, Refusal> {
        let each = self.spread.iter().map(|(over, amount)| recognised_by(*amount, *over, until));
        sum(each.collect::<Result<Vec<_>, Refusal>>()?)
    }
}

fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Refusal> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
}
