//! What is counted, over which days, from which facts.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::rule::EffectiveRule;
use crate::error::{Refusal, RefusalCode};
use crate::estate::SeatProduct;
use crate::ids::{PersonId, SeatId, TenantId, ZoneId};
use crate::time::{Month, Period};

/// The most calendar months that figures are asked over.
pub const MAX_MONTHS: usize = 60;

/// The days that figures are asked over: `[from, to)`, at least one, in at most 60 calendar months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

impl Window {
    /// Checks the range.
    ///
    /// # Errors
    /// `period-empty`; `seat-days-range` beyond 60 calendar months, or outside of the years 1900 to 9998.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, Refusal> {
        Period::new(from, Some(to)).map_err(|r| r.at("to"))?;
        let window = Self { from, to };
        if !(1900..9999).contains(&from.year()) || to.year() > 9998 || window.length() > MAX_MONTHS {
            return Err(Refusal::new(RefusalCode::OutOfRange, "seat-days-range").at("to").with("max", MAX_MONTHS));
        }
        Ok(window)
    }
    fn length(self) -> usize {
        let last = self.to.pred_opt().unwrap_or(self.from);
        usize::try_from(Month::of(last).number() - Month::of(self.from).number() + 1).unwrap_or(usize::MAX)
    }
    /// As a period.
    pub const fn period(self) -> Period {
        Period { from: self.from, to: Some(self.to) }
    }
    /// The calendar months it touches, each with the part of it that is asked for.
    pub fn months(self) -> Vec<(Month, Period)> {
        let first = Month::of(self.from);
        let part = |n: usize| {
            let month = first.plus(i32::try_from(n).unwrap_or(0));
            (month, month.period().intersect(self.period()).unwrap_or(self.period()))
        };
        (0..self.length()).map(part).collect()
    }
    /// The months whose proofs a rule looks at: those of the window, and before and behind it as many as a run may reach.
    pub fn proof_months(self, rule: &EffectiveRule) -> Period {
        let reach = i32::try_from(rule.within).unwrap_or(1) - 1;
        let last = self.to.pred_opt().unwrap_or(self.from);
        Period { from: Month::of(self.from).plus(-reach).first_day(), to: Some(Month::of(last).plus(reach).end()) }
    }
}

/// A value for each view of the time line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Views<T> {
    /// The seat exists.
    pub built: T,
    /// A tenant holds it, in whichever shift window.
    pub leased: T,
    /// It is leased, and somebody sits there or was logged in there.
    pub occupied: T,
    /// It is occupied by somebody who is employed as the rule asks.
    pub effective: T,
    /// It is occupied by somebody who was logged in.
    pub logged_in: T,
}

impl<T> Views<T> {
    /// The values, in order.
    pub fn each(self) -> [T; 5] {
        [self.built, self.leased, self.occupied, self.effective, self.logged_in]
    }
    /// From values in this order.
    pub(super) fn of([built, leased, occupied, effective, logged_in]: [T; 5]) -> Self {
        Self { built, leased, occupied, effective, logged_in }
    }
}

/// What was counted over some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seat-days. A seat counts once a day, whatever the shifts and persons on it; of `built` 0 in figures of one tenant.
    pub days: Views<i64>,
    /// Seats with at least one such day.
    pub seats: Views<i64>,
}

/// A seat and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which.
    pub id: SeatId,
    /// Where.
    pub zone: ZoneId,
    /// What is sold.
    pub product: SeatProduct,
    /// When it exists.
    pub built: Period,
    /// Its place in a list of the seats asked for, by code.
    pub place: usize,
}

/// A tenant holds a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which seat.
    pub seat: SeatId,
    /// Who.
    pub tenant: TenantId,
    /// When.
    pub period: Period,
}

/// Somebody sits on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sat {
    /// Which seat.
    pub seat: SeatId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Who.
    pub person: PersonId,
    /// When.
    pub period: Period,
}

/// Days of a month on which somebody was logged in, wherever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub person: PersonId,
    /// The first day of the month.
    pub month: NaiveDate,
    /// Its days: bit 0 is the first.
    pub days: u32,
}

/// Days of a month on which somebody was logged in on a seat that the source names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtSeat {
    /// Which seat.
    pub seat: SeatId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Who; `None` = somebody whom the tenant does not list.
    pub person: Option<PersonId>,
    /// The first day of the month.
    pub month: NaiveDate,
    /// Its days: bit 0 is the first.
    pub days: u32,
}

/// Months of a person for which what the rule asks for is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Who.
    pub person: PersonId,
    /// Which months: bit 0 is the first of [`Window::proof_months`].
    pub months: u128,
}

/// The labour contract of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Who.
    pub person: PersonId,
    /// For how long it is agreed; open = without an end.
    pub term: Period,
}

/// Everything that figures are counted from, in no particular order.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Seats; what is said of others does not count.
    pub seats: Vec<Seat>,
    /// Who holds them over some of the window.
    pub held: Vec<Held>,
    /// Who sits there over some of the months that the rule looks at.
    pub sat: Vec<Sat>,
    /// Who was logged in, over the window.
    pub present: Vec<Present>,
    /// Who was logged in where, over the months that the rule looks at.
    pub at_seat: Vec<AtSeat>,
    /// What is proven of persons.
    pub proven: Vec<Proven>,
    /// What was agreed with them.
    pub contracts: Vec<Contract>,
}

/// What a row of the time line of a seat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// A tenant holds the seat.
    Allocation,
    /// Somebody sits there.
    Occupancy,
    /// Somebody was logged in, on a day.
    Presence,
    /// Somebody's labour contract.
    Contract,
    /// Somebody was paid for a month.
    Payroll,
    /// Somebody was insured for a month.
    Insurance,
}

/// A row of the time line of a seat, as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// What it says.
    pub kind: RowKind,
    /// Whether it says that something is so, or takes back that it was.
    pub holds: bool,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Of whom; only the tenant learns it.
    pub person: Option<PersonId>,
    /// When it is true.
    pub period: Period,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_window_is_up_to_sixty_months() {
        let rule = |from, to| Window::new(day(from), day(to)).map(|w| w.months().len()).map_err(|r| r.rule);
        assert_eq!(rule("2026-01-31", "2026-02-01"), Ok(1));
        assert_eq!(rule("2026-01-31", "2026-02-02"), Ok(2));
        assert_eq!(rule("2021-01-01", "2026-01-01"), Ok(60));
        assert_eq!(rule("2021-01-01", "2026-01-02"), Err("seat-days-range"));
        assert_eq!(rule("2026-01-01", "2026-01-01"), Err("period-empty"));
        assert_eq!(rule("0001-01-01", "0001-02-01"), Err("seat-days-range"));
        assert_eq!(rule("9999-01-01", "9999-02-01"), Err("seat-days-range"));
        let parts: Vec<_> = Window::new(day("2026-01-20"), day("2026-03-02")).expect("a window").months();
        let days: Vec<_> = parts.iter().map(|(m, p)| (m.to_string(), p.days().unwrap_or(0))).collect();
        assert_eq!(days, [("2026-01".to_owned(), 12), ("2026-02".to_owned(), 28), ("2026-03".to_owned(), 1)]);
    }
}
