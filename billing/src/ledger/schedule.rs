//! What is earned until when. A schedule is what is spread over days, and what was planned anew; both in any order, because it
//! is evaluated as a whole. What was booked is not part of it: the next entry books what is missing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use voxpark_domain::Refusal;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::time::Period;

use super::{Income, PostingKey};
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
    /// Income of a lease evenly over all of its term, whatever is invoiced when (rent-free months, prices that rise).
    Term {
        /// The lease.
        lease: LeaseId,
        /// What is earned.
        income: Income,
    },
}

/// From a day on everything that is not yet earned, and so much more, is spread evenly until another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Replan {
    more: i64,
    until: NaiveDate,
}

/// What is spread over which days. Minor units of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    spread: BTreeMap<Period, i64>,
    replans: BTreeMap<(NaiveDate, PostingKey), Replan>,
}

/// An amount over days, of which those from `until` on no longer count.
struct Stretch {
    amount: i64,
    over: Period,
    until: NaiveDate,
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
    /// Spreads what is left from a day on, and so much `more` of it, until another day; where no day is left, over `from`
    /// itself. What was earned before stays as it is.
    pub(super) fn replan(&mut self, by: PostingKey, from: NaiveDate, more: i64, until: NaiveDate) {
        self.replans.insert((from, by), Replan { more, until });
    }
    /// What lies over which days; none of 0. What was planned anew is not among it.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Option<Period>, i64)> {
        self.spread.iter().filter(|(_, amount)| **amount != 0).map(|(over, amount)| (Some(*over), *amount))
    }
    /// Everything it comes to.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn total(&self) -> Result<i64, Refusal> {
        sum(self.spread.values().copied().chain(self.replans.values().map(|plan| plan.more)))
    }
    /// What is earned until a day, that day not included.
    ///
    /// # Errors
    /// `period-open`, `amount-out-of-range`.
    pub fn earned(&self, until: NaiveDate) -> Result<i64, Refusal> {
        let whole = |(over, amount): (&Period, &i64)| Stretch {
            amount: *amount,
            over: *over,
            until: over.to.unwrap_or(NaiveDate::MAX),
        };
        let mut stretches: Vec<Stretch> = self.spread.iter().map(whole).collect();
        for ((from, _), plan) in &self.replans {
            let done = earned(&stretches, *from)?;
            let rest = earned(&stretches, NaiveDate::MAX)?.checked_add(plan.more).and_then(|all| all.checked_sub(done));
            for stretch in &mut stretches {
                stretch.until = stretch.until.min(*from);
            }
            let end = plan.until.max(from.succ_opt().ok_or_else(out_of_range)?);
            let over = Period { from: *from, to: Some(end) };
            stretches.push(Stretch { amount: rest.ok_or_else(out_of_range)?, over, until: end });
        }
        earned(&stretches, until)
    }
}

fn earned(stretches: &[Stretch], until: NaiveDate) -> Result<i64, Refusal> {
    let each = stretches.iter().map(|s| recognised_by(s.amount, s.over, until.min(s.until)));
    sum(each.collect::<Result<Vec<_>, Refusal>>()?)
}

fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Refusal> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
}
