//! The months of the books: open, closing, closed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use voxpark_domain::error::Refusals;
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::Kind;
use super::account::named;

/// The longest note, in characters.
const MAX_NOTE: usize = 200;

named! {
    /// Why a closed month is opened again.
    ReopenReason {
        /// Something was booked wrongly.
        Mistake = "mistake",
        /// An auditor asks for it.
        Audit = "audit",
        /// The tax office asks for it.
        TaxOffice = "tax_office",
        /// A document came that belongs nowhere else.
        LateDocument = "late_document",
    }
}

/// That a closed month was opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopening {
    /// The month.
    pub month: Month,
    /// Why.
    pub reason: ReopenReason,
    /// In somebody's own words, 1 to 200 characters.
    pub note: String,
}

/// Where something is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The day it is booked on.
    pub on: NaiveDate,
    /// The month it is about: another one than that of the day when it came too late.
    pub about: Month,
}

/// Which months are open. Months are closed in order, so that what is closed never changes by what comes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    open_from: Month,
    closing: BTreeMap<Month, BTreeSet<Kind>>,
    reopened: Vec<Reopening>,
}

impl Calendar {
    /// Books that begin with a month; everything before it is closed.
    pub const fn since(month: Month) -> Self {
        Self { open_from: month, closing: BTreeMap::new(), reopened: Vec::new() }
    }
    /// The first month that is not closed.
    pub const fn open_from(&self) -> Month {
        self.open_from
    }
    /// The months that were opened again, in order.
    pub fn reopened(&self) -> &[Reopening] {
        &self.reopened
    }
    /// Whether something of a kind may be booked in a month.
    pub fn admits(&self, kind: Kind, month: Month) -> bool {
        month >= self.open_from && self.closing.get(&month).is_none_or(|kinds| kinds.contains(&kind))
    }
    /// From now on only these kinds may be booked in a month.
    ///
    /// # Errors
    /// `book-month-closed`.
    pub fn begin_closing(&mut self, month: Month, kinds: BTreeSet<Kind>) -> Result<(), Refusal> {
        if month < self.open_from {
            return Err(closed(month));
        }
        self.closing.insert(month, kinds);
        Ok(())
    }
    /// Closes a month.
    ///
    /// # Errors
    /// `book-month-closed`; `book-month-not-next` when an earlier month is open.
    pub fn close(&mut self, month: Month) -> Result<(), Refusal> {
        if month < self.open_from {
            return Err(closed(month));
        }
        if month > self.open_from {
            let refusal = Refusal::new(RefusalCode::State, "book-month-not-next").at("month");
            return Err(refusal.with("month", month.to_string()).with("next", self.open_from.to_string()));
        }
        self.closing.remove(&month);
        self.open_from = month.plus(1);
        Ok(())
    }
    /// Opens the month that was closed last once more.
    ///
    /// # Errors
    /// `book-month-not-last` when it is open, or a later one is closed; `text-required`, `text-too-long`.
    pub fn reopen(&mut self, month: Month, reason: ReopenReason, note: &str) -> Result<()> {
        let last = self.open_from.plus(-1);
        if month != last {
            let refusal = Refusal::new(RefusalCode::State, "book-month-not-last").at("month");
            return Err(refusal.with("month", month.to_string()).with("last", last.to_string()).into());
        }
        let mut bad = Refusals::new();
        bad.text("note", note, true, MAX_NOTE);
        bad.finish()?;
        self.open_from = month;
        self.reopened.push(Reopening { month, reason, note: note.trim().to_owned() });
        Ok(())
    }
    /// Where something of a day is booked: on that day, or on the first day of the first month that takes it.
    pub fn place(&self, kind: Kind, day: NaiveDate) -> Booking {
        let about = Month::of(day);
        let mut month = about.max(self.open_from);
        while !self.admits(kind, month) {
            month = month.plus(1);
        }
        Booking { on: day.max(month.first_day()), about }
    }
}

/// The month takes no more of it.
pub(super) fn closed(month: Month) -> Refusal {
    Refusal::new(RefusalCode::State, "book-month-closed").at("month").with("month", month.to_string())
}
