//! Shift, roster entry, occupancy.

use chrono::{NaiveDate, TimeDelta};

use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{AllocationId, OccupancyId, PersonId, RosterEntryId, SeatId, ShiftId, TeamId};
use crate::tenancy::code_ok;
use crate::time::Period;

/// Minutes of a day on which the clock is not set.
pub const DAY_MIN: i64 = 1440;
/// The most shifts a tenant has.
pub const MAX_SHIFTS: usize = 200;
/// The most roster entries in one call.
pub const MAX_ENTRIES: usize = 1_000;
/// The most days of a roster in one call.
pub const MAX_ROSTER_DAYS: i64 = 31;

/// A pattern of work. Wall-clock minutes from the midnight that begins the rostered day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Its id.
    pub id: ShiftId,
    /// Short code, unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Begin, 0-1439.
    pub start_min: i64,
    /// End; beyond 1440 it is on the next day. At most a day after the start.
    pub end_min: i64,
    /// Minutes of break in it. When they are taken is left open: they are part of the shrinkage that a staffing target
    /// allows for, so somebody on break still counts as rostered.
    pub break_min: i64,
}

/// A new shift as it is asked for.
#[derive(Clone, Debug)]
pub struct ShiftDraft {
    /// 1-20 letters, digits or - _ . /
    pub code: String,
    /// 1-40 characters.
    pub name: String,
    /// As [`Shift::start_min`].
    pub start_min: i64,
    /// As [`Shift::end_min`].
    pub end_min: i64,
    /// As [`Shift::break_min`]; less than the shift.
    pub break_min: i64,
}

impl ShiftDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All at once: `code-invalid`, `text-required`, `shift-span`, `shift-break`.
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        bad.when(!code_ok(&self.code, 20), || {
            Refusal::new(RefusalCode::Invalid, "code-invalid").at("code").with("max", 20_i64)
        });
        bad.when(self.name.trim().is_empty() || self.name.chars().count() > 40, || {
            Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", 40_i64)
        });
        let starts = (0..DAY_MIN).contains(&self.start_min);
        bad.when(!starts, || Refusal::new(RefusalCode::OutOfRange, "shift-span").at("startMin"));
        let ends = starts && self.end_min > self.start_min && self.end_min <= self.start_min + DAY_MIN;
        bad.when(starts && !ends, || Refusal::new(RefusalCode::OutOfRange, "shift-span").at("endMin"));
        let rests = self.break_min >= 0 && (!ends || self.break_min < self.end_min - self.start_min);
        bad.when(!rests, || Refusal::new(RefusalCode::OutOfRange, "shift-break").at("breakMin"));
        bad.finish()
    }
    /// As a shift.
    pub fn into_shift(self, id: ShiftId) -> Shift {
        Shift {
            id,
            code: self.code.trim().to_owned(),
            name: self.name.trim().to_owned(),
            start_min: self.start_min,
            end_min: self.end_min,
            break_min: self.break_min,
        }
    }
}

/// A person's shift on a day; there is one a person and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// Its id.
    pub id: RosterEntryId,
    /// The day on which the shift begins.
    pub day: NaiveDate,
    /// Who.
    pub person: PersonId,
    /// Which shift.
    pub shift: ShiftId,
}

/// Part of a roster as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterAsk {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// People of this team only.
    pub team: Option<TeamId>,
}

impl RosterAsk {
    /// Checks the range.
    ///
    /// # Errors
    /// `period-empty`; `roster-too-wide` beyond 31 days.
    pub fn check(&self) -> Result<(), Refusal> {
        Period::new(self.from, Some(self.to)).map_err(|r| r.at("to"))?;
        if self.to - self.from > TimeDelta::days(MAX_ROSTER_DAYS) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "roster-too-wide").at("to").with("max", MAX_ROSTER_DAYS));
        }
        Ok(())
    }
}

/// A person sits on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Its id.
    pub id: OccupancyId,
    /// Where. Several people may have the same seat: they share it by shift or by turns.
    pub seat: SeatId,
    /// By which allocation the tenant holds the seat.
    pub allocation: AllocationId,
    /// Who. A person has one seat at a time.
    pub person: PersonId,
    /// When: inside the period of the allocation.
    pub period: Period,
}

/// An allocation of a seat to the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatHolding {
    /// Which.
    pub allocation: AllocationId,
    /// When.
    pub held: Period,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ids::Id;

    #[test]
    fn every_fault_of_a_shift_is_told() {
        let draft = |start_min, end_min, break_min| ShiftDraft {
            code: "N1".into(),
            name: "夜班".into(),
            start_min,
            end_min,
            break_min,
        };
        assert!(draft(1320, 1800, 60).check().is_ok());
        assert!(draft(0, 1440, 0).check().is_ok());
        let faults = |draft: ShiftDraft| match draft.check() {
            Err(Error::Refused(list)) => list.iter().map(|r| (r.rule, r.path.to_string())).collect(),
            _ => Vec::new(),
        };
        let told = |rule, path: &str| vec![(rule, path.to_owned())];
        assert_eq!(faults(draft(1440, 1500, 0)), told("shift-span", "startMin"));
        assert_eq!(faults(draft(480, 480, 0)), told("shift-span", "endMin"));
        assert_eq!(faults(draft(480, 1921, 0)), told("shift-span", "endMin"));
        assert_eq!(faults(draft(480, 540, 60)), told("shift-break", "breakMin"));
        assert_eq!(faults(draft(480, i64::MAX, -1)).len(), 2);
        let nobody = ShiftDraft { code: " ".into(), name: " ".into(), start_min: -1, end_min: 0, break_min: 0 };
        assert_eq!(faults(nobody.clone()).len(), 3);
        assert_eq!(nobody.into_shift(ShiftId::from_uuid(uuid::Uuid::nil())).code, "");
    }

    #[test]
    fn a_roster_is_asked_for_a_month_at_most() {
        let ask = |from: &str, to: &str| {
            let (from, to) = (from.parse().expect("a date"), to.parse().expect("a date"));
            RosterAsk { from, to, team: None }.check().map_err(|r| r.rule)
        };
        assert_eq!(ask("2026-01-01", "2026-02-01"), Ok(()));
        assert_eq!(ask("2026-01-01", "2026-02-02"), Err("roster-too-wide"));
        assert_eq!(ask("2026-01-01", "2026-01-01"), Err("period-empty"));
    }
}
