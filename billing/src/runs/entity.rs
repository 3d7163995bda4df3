//! A run and what became of each lease in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::error::Told;
use voxpark_domain::ids::{BillingRunId, InvoiceId, JobId, LeaseId, TenantId, UserId};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::Month;

use crate::invoicing::Guard;

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    /// The lease.
    pub lease: LeaseId,
    /// Of its amounts; `None` = that of the run.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What its invoice of the month before came to, minor units before tax; `None` without one in force.
    pub before_minor: Option<i64>,
    /// It cannot be billed yet and was only looked at.
    pub early: bool,
    /// What became of it.
    pub outcome: RunOutcome,
}

/// What became of a lease in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Its turn has not come.
    Waiting,
    /// Its invoice, or in a dry run what it would come to.
    Billed(Amounts),
    /// It waits until somebody has looked at it: run again with the lease released.
    Held {
        /// What it would come to.
        amounts: Amounts,
        /// Why.
        guard: Guard,
    },
    /// The month was billed before.
    Already,
    /// It cannot be billed as it stands.
    Refused(Told),
    /// There is nothing to bill.
    Empty,
}

impl RunOutcome {
    /// The state of a row with this outcome.
    pub const fn state(&self) -> RunRowState {
        match self {
            Self::Waiting => RunRowState::Waiting,
            Self::Billed(_) => RunRowState::Issued,
            Self::Held { .. } => RunRowState::Held,
            Self::Already => RunRowState::Already,
            Self::Refused(_) => RunRowState::Refused,
            Self::Empty => RunRowState::Empty,
        }
    }
}

/// How far a lease of a run on record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunRowState {
    /// Its turn has not come.
    Waiting,
    /// Its invoice was issued.
    Issued,
    /// It waits until somebody has looked at it.
    Held,
    /// The month was billed before.
    Already,
    /// It cannot be billed as it stands.
    Refused,
    /// There is nothing to bill.
    Empty,
}

impl RunRowState {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Issued, Self::Held, Self::Already, Self::Refused, Self::Empty];
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Issued => "issued",
            Self::Held => "held",
            Self::Already => "already",
            Self::Refused => "refused",
            Self::Empty => "empty",
        }
    }
    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What an invoice comes to, minor units of the lease's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// The invoice; `None` in a dry run.
    pub invoice: Option<InvoiceId>,
    /// Before tax.
    pub net_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// Net and tax.
    pub total_minor: i64,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingRun {
    /// That of the park, in which leases are agreed unless they say another.
    pub currency: Currency,
    /// Every lease under which seats were held or a least rent is agreed, by tenant and code.
    pub rows: Vec<RunRow>,
    /// Invoices that should have been sent with it and were not: their buyers have no address.
    #[serde(default)]
    pub unsent: Vec<InvoiceId>,
}

impl BillingRun {
    /// The amounts of what was billed, lease by lease.
    pub fn billed(&self) -> impl Iterator<Item = &Amounts> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            RunOutcome::Billed(amounts) => Some(amounts),
            _ => None,
        })
    }
    /// Their sums, by currency.
    pub fn sums(&self) -> RunSums {
        let mut sums = RunSums::default();
        for row in &self.rows {
            if let RunOutcome::Billed(amounts) = &row.outcome {
                sums.add(row.currency.unwrap_or(self.currency), amounts.net_minor, amounts.total_minor);
            }
        }
        sums
    }
}

/// What invoices come to, by currency: minor units before tax and with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSums(BTreeMap<Currency, (i64, i64)>);

impl RunSums {
    /// Adds what an invoice, or several, come to.
    pub fn add(&mut self, currency: Currency, net_minor: i64, total_minor: i64) {
        let (net, total) = self.0.entry(currency).or_default();
        *net = net.saturating_add(net_minor);
        *total = total.saturating_add(total_minor);
    }
    /// Before tax and with it, in one currency; nothing where nothing was billed in it.
    pub fn of(&self, currency: Currency) -> (Money, Money) {
        let (net, total) = self.0.get(&currency).copied().unwrap_or_default();
        (Money::new(net, currency), Money::new(total, currency))
    }
    /// The same of every currency in which something was billed but this one.
    pub fn others(&self, currency: Currency) -> impl Iterator<Item = (Money, Money)> {
        self.0.keys().filter(move |other| **other != currency).map(|other| self.of(*other))
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It has not come to its end.
    Running,
    /// It came to its end.
    Done,
    /// Its job was given up; it can be begun again.
    Failed,
    /// Its job was called off; it can be begun again.
    Cancelled,
}

impl RunState {
    /// How far a run is that ended then, for that reason.
    pub const fn of(ended_at: Option<DateTime<Utc>>, problem: Option<RunProblem>) -> Self {
        match (ended_at, problem) {
            (None, _) => Self::Running,
            (Some(_), None) => Self::Done,
            (Some(_), Some(RunProblem::Failed)) => Self::Failed,
            (Some(_), Some(RunProblem::Cancelled)) => Self::Cancelled,
        }
    }
}

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunProblem {
    /// Its job was given up.
    Failed,
    /// Its job was called off.
    Cancelled,
}

impl RunProblem {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
    /// The problem of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Failed, Self::Cancelled].into_iter().find(|problem| problem.name() == name)
    }
}

/// A run on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id; ids are minted in the order of time.
    pub id: BillingRunId,
    /// The month that it bills.
    pub month: Month,
    /// That of the park: of the amounts of leases that say no other.
    pub currency: Currency,
    /// How many leases there are.
    pub leases: i64,
    /// The job that does it; `None` for one that was done at once.
    pub job: Option<JobId>,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// By whom.
    pub started_by: Option<UserId>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended early.
    pub problem: Option<RunProblem>,
}

impl Run {
    /// How far it is.
    pub const fn state(&self) -> RunState {
        RunState::of(self.ended_at, self.problem)
    }
}

/// A lease of a run on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLease {
    /// Its place in the run, from 1.
    pub place: i64,
    /// Whose lease.
    pub tenant: TenantId,
    /// How many allocations touch the month: what it weighs in a portion.
    pub seats: i64,
    /// Whether it was looked at and is not held.
    pub released: bool,
    /// What became of it.
    pub row: RunRow,
    /// Whether its invoice should have been sent with the run and was not.
    pub unsent: bool,
}

/// What a run has come to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFigures {
    /// Leases whose turn has not come.
    pub waiting: i64,
    /// Invoices issued.
    pub issued: i64,
    /// Leases that are held.
    pub held: i64,
    /// Leases billed before.
    pub already: i64,
    /// Leases that cannot be billed.
    pub refused: i64,
    /// Leases without anything to bill.
    pub empty: i64,
    /// What the invoices issued come to.
    pub sums: RunSums,
    /// Invoices that should have been sent and were not.
    pub unsent: i64,
}

impl RunFigures {
    /// How many rows are listed: those with nothing to bill are not; of one state when it is named.
    pub const fn rows(&self, state: Option<RunRowState>) -> i64 {
        match state {
            None => self.waiting + self.issued + self.held + self.already + self.refused,
            Some(RunRowState::Waiting) => self.waiting,
            Some(RunRowState::Issued) => self.issued,
            Some(RunRowState::Held) => self.held,
            Some(RunRowState::Already) => self.already,
            Some(RunRowState::Refused) => self.refused,
            Some(RunRowState::Empty) => self.empty,
        }
    }
    /// Leases whose turn has been.
    pub const fn done(&self) -> i64 {
        self.issued + self.held + self.already + self.refused + self.empty
    }
}

/// How much is billed in one transaction: bounds memory, and how long others wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Leases at most.
    pub leases: u32,
    /// Their seats together at most; a lease that has more is a portion of its own.
    pub seats: i64,
}

impl Default for Portion {
    fn default() -> Self {
        Self { leases: 500, seats: 50_000 }
    }
}

impl Portion {
    /// The rows at the beginning of these that make up a portion.
    pub fn of(self, mut rows: Vec<RunLease>) -> Vec<RunLease> {
        let mut seats = 0_i64;
        let fits = rows.iter().take_while(|row| {
            seats = seats.saturating_add(row.seats);
            seats <= self.seats
        });
        let fit = fits.count().max(1);
        rows.truncate(fit);
        rows
    }
}
