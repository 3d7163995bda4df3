//! Background jobs as those see them whose work they do: what waits, runs, was done, given up or called off.
//!
//! Enqueueing, claiming and ending belong to the platform ([`crate::platform::Store`]); here jobs are looked at, begun
//! again and called off, by the tenant or park that they belong to.

mod schedule;
mod service;
mod store;

pub use schedule::{DayRule, REGULAR, Regular, Schedule, Schedules, Timing, begin_due, schedule_set, schedules};
pub use service::{again, cancel, jobs, jobs_count};
pub use store::Store;

use chrono::{DateTime, Utc};

use crate::ids::{JobId, UserId};
use crate::permission::listed;

listed! {
    /// How far a job is.
    JobState {
        /// It waits for its time or for a worker.
        Waiting = "waiting",
        /// A worker has it.
        Running = "running",
        /// It was done.
        Done = "done",
        /// It failed too often, or in a way that another try cannot mend.
        Failed = "failed",
        /// It was called off before it was done.
        Cancelled = "cancelled",
    }
}

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What is done (`contact-import`).
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Whether a running or waiting job was called off and will end.
    pub ending: bool,
    /// What it works on: ids.
    pub payload: serde_json::Value,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was asked for.
    pub enqueued_at: DateTime<Utc>,
    /// By whom.
    pub enqueued_by: Option<UserId>,
    /// When it is tried (again).
    pub run_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How far it is, if it says.
    pub progress: Option<JobProgress>,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProgress {
    /// Units that are behind it.
    pub done: i64,
    /// Units there are; `None` = nobody knows before the end.
    pub total: Option<i64>,
    /// What the units are.
    pub step: String,
}
