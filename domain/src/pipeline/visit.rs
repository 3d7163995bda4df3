//! A visit (看房): somebody shows the park to a lead.

use chrono::NaiveDate;

use super::lead::{MAX_TEXT, Private};
use crate::error::{Refusal, RefusalCode, Refusals};
use crate::ids::{LeadId, UserId, VisitId, ZoneId};
use crate::permission::listed;

/// The most zones that are shown at a time.
pub(super) const MAX_ZONES: usize = 50;

listed! {
    /// Whether a visit took place.
    VisitState {
        /// It is agreed.
        Planned = "planned",
        /// It took place.
        Done = "done",
        /// It did not.
        Cancelled = "cancelled",
    }
}

/// What is agreed about a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitDraft {
    /// The day.
    pub day: NaiveDate,
    /// Minute of the day at which it begins, 0 to 1439.
    pub at_min: i64,
    /// Who of the staff shows the park.
    pub guide: UserId,
    /// What is shown.
    pub zones: Vec<ZoneId>,
    /// In words; may be empty.
    pub remark: Private,
}

impl VisitDraft {
    /// Checks what types cannot: `visit-time`, `visit-zones`, `id-doubled`, `text-too-long`; all that apply.
    pub fn check(&self, bad: &mut Refusals) {
        bad.when(!(0..1440).contains(&self.at_min), || Refusal::new(RefusalCode::OutOfRange, "visit-time").at("atMin"));
        bad.when(self.zones.len() > MAX_ZONES, || {
            Refusal::new(RefusalCode::TooLarge, "visit-zones").at("zoneIds").with("max", MAX_ZONES)
        });
        for (at, zone) in self.zones.iter().enumerate() {
            bad.when(self.zones.iter().take(at).any(|other| other == zone), || {
                Refusal::new(RefusalCode::Duplicate, "id-doubled").at(format!("zoneIds.{at}"))
            });
        }
        self.remark.at_most("remark", MAX_TEXT, bad);
    }
}

/// A visit of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// Who comes.
    pub lead: LeadId,
    /// What is agreed.
    pub draft: VisitDraft,
    /// Whether it took place.
    pub state: VisitState,
}

impl Visit {
    /// Refuses what is only done to a visit that is still to come.
    ///
    /// # Errors
    /// `visit-over`.
    pub fn must_be_planned(&self) -> Result<(), Refusal> {
        if self.state == VisitState::Planned {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::State, "visit-over").at("visitId").with("state", self.state.name()))
    }
}
