//! What a park gives off the rent of seats: discounts and waivers, by whole months.

use chrono::NaiveDate;

use super::clauses::Share;
use crate::error::{Refusal, RefusalCode, Refusals};
use crate::money::{Currency, Money};
use crate::time::{Month, Period};

/// The longest reason, in characters.
const MAX_REASON: usize = 100;

/// Why less is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConcessionKind {
    /// The park forgoes rent that it could ask for.
    Waiver,
    /// The price is lower than the list says.
    Discount,
}

/// How much less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// A share of what is left of the rent.
    Percent(Share),
    /// Minor units of the lease's currency a month, not more than is left.
    Fixed(i64),
}

/// Something off the rent of seats in some months.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Concession {
    /// Why less is paid.
    pub kind: ConcessionKind,
    /// The first day of the first month.
    pub from: NaiveDate,
    /// The first day of the month after the last.
    pub to: NaiveDate,
    /// How much less.
    pub off: Off,
    /// In words; stands on invoices.
    pub reason: String,
}

impl Concession {
    /// Whether it is given in a month.
    pub fn applies(&self, month: Month) -> bool {
        (self.from..self.to).contains(&month.first_day())
    }
    /// The last month.
    pub fn last(&self) -> Month {
        Month::of(self.to).plus(-1)
    }
    /// As it would be asked for.
    pub(super) fn draft(&self, currency: Currency) -> ConcessionDraft {
        let (percent, amount) = match self.off {
            Off::Percent(share) => (Some(share.percent()), None),
            Off::Fixed(minor) => (None, Some(Money::new(minor, currency).major())),
        };
        let (kind, from, last) = (self.kind, Month::of(self.from), self.last());
        ConcessionDraft { kind, from, last, percent, amount, reason: self.reason.clone() }
    }
    /// The same thing off for the same reason in a month of both.
    fn doubles(&self, other: &Self) -> bool {
        (self.kind, self.off, &self.reason) == (other.kind, other.off, &other.reason)
            && self.from < other.to
            && other.from < self.to
    }
}

/// A concession as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcessionDraft {
    /// Why less is paid.
    pub kind: ConcessionKind,
    /// The first month.
    pub from: Month,
    /// The last month.
    pub last: Month,
    /// Percent of the rent, above 0, at most 100 with four decimals; or
    pub percent: Option<String>,
    /// major units a month, above 0.
    pub amount: Option<String>,
    /// In words, 1 to 100 characters; stands on invoices.
    pub reason: String,
}

impl ConcessionDraft {
    /// As a concession; what cannot be read is named (`concession-off`, `share-invalid`, `share-range`, `text-required`, `text-too-long`,
    /// and those of amounts).
    pub(super) fn read(&self, path: &str, currency: Currency, bad: &mut Refusals) -> Option<Concession> {
        let reason = self.reason.trim();
        bad.text(format!("{path}.reason"), reason, true, MAX_REASON);
        let one = || Refusal::new(RefusalCode::Invalid, "concession-off").at(path.to_owned());
        let off = match (&self.percent, &self.amount) {
            (Some(percent), None) => Share::parse_percent(percent, Share::ONE).map(Off::Percent),
            (None, Some(amount)) => Money::parse_major(amount, currency).map(|money| Off::Fixed(money.minor)),
            _ => Err(one()),
        };
        let off = off.and_then(|off| match off {
            Off::Percent(share) if share.millionths() == 0 => Err(one()),
            Off::Fixed(..=0) => Err(one()),
            off => Ok(off),
        });
        let off = off.map_err(|refusal| bad.push(refusal.at(path.to_owned()))).ok()?;
        let (from, to) = (self.from.first_day(), self.last.end());
        Some(Concession { kind: self.kind, from, to, off, reason: reason.to_owned() })
    }
}

/// Checks what types cannot, inside the term of a lease: `concession-months`, `concession-twice`.
pub(super) fn check(concessions: &[Concession], term: Period, bad: &mut Refusals) {
    for (at, one) in concessions.iter().enumerate() {
        let path = format!("clauses.concessions.{at}");
        let days = Period { from: one.from, to: Some(one.to) };
        bad.when(one.to <= one.from || !days.overlaps(term), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "concession-months").at(path.clone());
            refusal.with("from", Month::of(one.from).to_string()).with("last", one.last().to_string())
        });
        bad.when(concessions.iter().take(at).any(|other| other.doubles(one)), || {
            Refusal::new(RefusalCode::Duplicate, "concession-twice").at(path)
        });
    }
}
