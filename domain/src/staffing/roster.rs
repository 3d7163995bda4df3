//! Changes of a roster, decided as a whole.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::entity::{DAY_MIN, RosterEntry, Shift};
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{PersonId, RosterEntryId, ShiftId};
use crate::time::Period;

/// One asked-for change: the person works this shift on this day, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterChange {
    /// The day on which the shift begins.
    pub day: NaiveDate,
    /// Who.
    pub person: PersonId,
    /// Which shift; `None` = none.
    pub shift: Option<ShiftId>,
}

/// What the changes depend on.
#[derive(Clone, Debug, Default)]
pub struct RosterPlan {
    /// The days of employment of the people named.
    pub employed: HashMap<PersonId, Period>,
    /// Every shift of the tenant.
    pub shifts: HashMap<ShiftId, Shift>,
    /// What is rostered for these people, from the day before the first change to the day after the last.
    pub entries: Vec<RosterEntry>,
}

/// What has to be written for the changes to hold: entries to store and entries to remove.
///
/// # Errors
/// All at once, each at `entries.<index>`: `roster-entry-doubled`, `person-unknown`, `shift-unknown`,
/// `person-not-employed`, `shift-overlap` (the night before runs into it, or it into the day after).
pub fn decide(
    plan: &RosterPlan,
    changes: &[RosterChange],
    mut id: impl FnMut() -> RosterEntryId,
) -> Result<(Vec<RosterEntry>, Vec<RosterEntryId>)> {
    let mut bad = Refusals::new();
    let before: HashMap<_, _> = plan.entries.iter().map(|e| ((e.person, e.day), e)).collect();
    let mut after: HashMap<_, _> = before.iter().map(|(key, e)| (*key, e.shift)).collect();
    let mut first_at = HashMap::new();
    for (index, change) in changes.iter().enumerate() {
        let key = (change.person, change.day);
        if let Some(first) = first_at.insert(key, index) {
            let refusal = Refusal::new(RefusalCode::Duplicate, "roster-entry-doubled");
            bad.push(refusal.at(format!("entries.{index}")).with("first", first));
        }
        match change.shift {
            Some(shift) => after.insert(key, shift),
            None => after.remove(&key),
        };
    }
    let (mut set, mut clear) = (Vec::new(), Vec::new());
    for (index, change) in changes.iter().enumerate() {
        let at = |code, rule, field: &str| Refusal::new(code, rule).at(format!("entries.{index}.{field}"));
        let key = (change.person, change.day);
        let Some(employed) = plan.employed.get(&change.person) else {
            bad.push(at(RefusalCode::NotFound, "person-unknown", "personId"));
            continue;
        };
        let Some(shift) = change.shift else {
            clear.extend(before.get(&key).map(|e| e.id));
            continue;
        };
        let Some(pattern) = plan.shifts.get(&shift) else {
            bad.push(at(RefusalCode::NotFound, "shift-unknown", "shiftId"));
            continue;
        };
        bad.when(!employed.contains(change.day), || at(RefusalCode::State, "person-not-employed", "day"));
        let beside = |day: Option<NaiveDate>| {
            let shift = day.and_then(|day| after.get(&(change.person, day)));
            shift.and_then(|s| plan.shifts.get(s))
        };
        let night_before = beside(change.day.pred_opt()).is_some_and(|s| s.end_min - DAY_MIN > pattern.start_min);
        let day_after = beside(change.day.succ_opt()).is_some_and(|s| pattern.end_min - DAY_MIN > s.start_min);
        bad.when(night_before || day_after, || {
            at(RefusalCode::Overlap, "shift-overlap", "shiftId").with("day", change.day)
        });
        let known = before.get(&key);
        if known.is_none_or(|e| e.shift != shift) {
            let id = known.map_or_else(&mut id, |e| e.id);
            set.push(RosterEntry { id, day: change.day, person: change.person, shift });
        }
    }
    bad.finish().map(|()| (set, clear))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ids::Id;

    fn id<I: Id>(n: u128) -> I {
        I::from_uuid(uuid::Uuid::from_u128(n))
    }
    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, n).expect("a date")
    }
    fn shift(n: u128, start_min: i64, end_min: i64) -> (ShiftId, Shift) {
        let shift = Shift { id: id(n), code: String::new(), name: String::new(), start_min, end_min, break_min: 0 };
        (shift.id, shift)
    }
    fn change(n: u32, person: u128, shift: u128) -> RosterChange {
        RosterChange { day: day(n), person: id(person), shift: (shift > 0).then(|| id(shift)) }
    }
    fn plan() -> RosterPlan {
        RosterPlan {
            employed: [(id(1), Period { from: day(2), to: Some(day(20)) })].into(),
            // Morning, night until 06:00, early from 05:00.
            shifts: [shift(1, 480, 960), shift(2, 1320, 1800), shift(3, 300, 780)].into(),
            entries: vec![RosterEntry { id: id(7), day: day(5), person: id(1), shift: id(2) }],
        }
    }
    fn refused(changes: &[RosterChange]) -> Vec<(&'static str, String)> {
        match decide(&plan(), changes, || id(9)) {
            Err(Error::Refused(list)) => list.iter().map(|r| (r.rule, r.path.to_string())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn entries_are_set_replaced_and_cleared() {
        let (set, clear) = decide(&plan(), &[change(4, 1, 1), change(5, 1, 1), change(6, 1, 0)], || id(9)).expect("ok");
        assert_eq!(set.iter().map(|e| (e.id, e.day)).collect::<Vec<_>>(), [(id(9), day(4)), (id(7), day(5))]);
        assert_eq!(clear, []);
        assert_eq!(decide(&plan(), &[change(5, 1, 0)], || id(9)).expect("ok"), (vec![], vec![id(7)]));
        assert_eq!(decide(&plan(), &[change(5, 1, 2)], || id(9)).expect("ok"), (vec![], vec![]), "as it was");
    }

    #[test]
    fn shifts_of_neighbouring_days_do_not_overlap() {
        assert_eq!(refused(&[change(6, 1, 3)]), [("shift-overlap", "entries.0.shiftId".to_owned())]);
        assert_eq!(refused(&[change(6, 1, 1)]), []);
        assert_eq!(refused(&[change(6, 1, 3), change(5, 1, 0)]), [], "the night goes in the same call");
        assert_eq!(refused(&[change(8, 1, 2), change(9, 1, 3)]).len(), 2);
    }

    #[test]
    fn what_cannot_be_rostered_is_told_at_its_place() {
        assert_eq!(
            refused(&[change(2, 8, 1), change(2, 1, 8), change(1, 1, 1), change(20, 1, 1), change(2, 1, 1)]),
            [
                ("roster-entry-doubled", "entries.4".to_owned()),
                ("person-unknown", "entries.0.personId".to_owned()),
                ("shift-unknown", "entries.1.shiftId".to_owned()),
                ("person-not-employed", "entries.2.day".to_owned()),
                ("person-not-employed", "entries.3.day".to_owned()),
            ]
        );
    }
}
