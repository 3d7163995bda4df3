//! The billing run: the invoices of a month for every lease under which seats are held.
//!
//! A run is a record: its month, its leases in their order, and what became of each. A job works it off in portions, each
//! in one transaction that holds the run, so it goes on exactly behind the last portion that lasts, whatever happened to the
//! worker. Runs of one month keep out of each other's way; that a lease is billed once a month is no matter of runs at all.
//!
//! Does not decide amounts, numbers or what is unusual: those are `pricing`'s and `invoicing`'s.

mod entity;
mod service;
mod store;

pub use entity::{
    Amounts, BillingRun, Portion, Run, RunFigures, RunLease, RunOutcome, RunProblem, RunRow, RunRowState, RunState,
    RunSums,
};
pub(crate) use service::may_look;
pub use service::{
    JOB, billing_run, billing_run_preview, of_park, run_portion, run_rows, run_start, run_stopped, runs, runs_count,
};
pub use store::Store;
