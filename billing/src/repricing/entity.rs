//! A run over past invoices and what it found.

use chrono::{DateTime, Utc};
use voxpark_domain::error::Told;
use voxpark_domain::ids::{InvoiceId, JobId, RepricingRunId, TenantId, UserId};
use voxpark_domain::time::Month;

use crate::runs::{RunProblem, RunState};

/// A run over the invoices that were issued in some months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepricingRun {
    /// Its id; ids are minted in the order of time.
    pub id: RepricingRunId,
    /// The first month of issue.
    pub from: Month,
    /// The last month of issue.
    pub to: Month,
    /// The first instant of the first month in the park.
    pub issued_from: DateTime<Utc>,
    /// The first instant behind the last month.
    pub issued_before: DateTime<Utc>,
    /// How many invoices there were when it was started.
    pub invoices: i64,
    /// How many were priced again.
    pub checked: i64,
    /// The last one that was; they are looked at in the order of their ids.
    pub last: Option<InvoiceId>,
    /// The job that does it.
    pub job: JobId,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// By whom; `None` for what is done every night.
    pub started_by: Option<UserId>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended early.
    pub problem: Option<RunProblem>,
}

impl RepricingRun {
    /// How far it is.
    pub const fn state(&self) -> RunState {
        RunState::of(self.ended_at, self.problem)
    }
}

/// An invoice that came out differently, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The run that found it.
    pub run: RepricingRunId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Whose.
    pub tenant: TenantId,
    /// Its total, minor units of its currency.
    pub stored_minor: i64,
    /// The total priced again; `None` when it cannot be priced any more.
    pub again_minor: Option<i64>,
    /// How many lines and rates of tax differ.
    pub differences: i64,
    /// Why it cannot be priced any more.
    pub refusal: Option<Told>,
    /// When that was found.
    pub found_at: DateTime<Utc>,
}
