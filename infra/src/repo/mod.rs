//! The ports of every context, implemented on a transaction.

mod accounts;
pub(crate) mod audit;
pub(crate) mod binds;
mod books;
mod content;
mod correcting;
mod cost;
mod crediting;
mod emergency;
mod estate;
mod factor;
mod features;
mod fiscal;
mod floor_plans;
mod grants;
mod identity;
mod invoicing;
mod jobs;
pub(crate) mod keys;
mod leasing;
mod ledger;
mod links;
mod mail;
mod maturity;
mod oidc;
mod operations;
mod outages;
mod papers;
mod parties;
mod passkey;
mod people;
mod photos;
mod pipeline;
mod places;
mod placing;
mod platform;
mod platform_invoices;
mod policy;
mod price_books;
mod receiving;
mod repricing;
mod requests;
mod runs;
mod schedules;
mod seat_days;
mod seat_time;
mod seating;
mod sending;
mod session;
mod settling;
mod sorted;
mod staffing;
mod statistics;
mod tenancy;
mod usage;
mod write_offs;

use chrono::NaiveDate;
use sea_orm::{QueryResult, TryGetable};
use voxpark_domain::Result;

use crate::db::fail;

/// The day that stands for "never" in a comparison: later than any, and as text too, which is how SQLite compares days.
pub(crate) const NEVER: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day");

/// Reads a column of a row of hand-written SQL.
pub(crate) fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T> {
    row.try_get("", column).map_err(fail)
}

/// `$first, ...` for so many values.
pub(crate) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// A stored name that no longer means anything.
pub(crate) fn broken(what: &str, value: &str) -> voxpark_domain::Error {
    voxpark_domain::Error::internal(format!("{what} `{value}` in the database means nothing"))
}
