//! Campaigns and assignments.

use chrono::{DateTime, NaiveDate, Utc};

use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::ids::{CampaignId, SeatAssignmentId, SeatId, TeamId, ZoneId};
use crate::leasing::Shift;
use crate::page::SortKey;
use crate::permission::listed;
use crate::tenancy::code_ok;
use crate::time::Period;

/// The most campaigns of a tenant.
pub const MAX_CAMPAIGNS: usize = 500;

/// Work that a tenant does for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Short code, unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// For which client; may be empty.
    pub client: String,
}

/// A new campaign.
#[derive(Clone, Debug)]
pub struct CampaignDraft {
    /// 1-20 letters, digits or - _ . /
    pub code: String,
    /// 1-80 characters.
    pub name: String,
    /// Up to 80 characters.
    pub client: String,
}

impl CampaignDraft {
    /// Checks what needs no database.
    ///
    /// # Errors
    /// All at once: `code-invalid`, `text-required`, `text-too-long`.
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        bad.when(!code_ok(&self.code, 20), || {
            Refusal::new(RefusalCode::Invalid, "code-invalid").at("code").with("max", 20_i64)
        });
        bad.text("name", &self.name, true, 80);
        bad.text("client", &self.client, false, 80);
        bad.finish()
    }
}

listed! {
    /// How a seat is given.
    AssignMode {
        /// Each has its own.
        Dedicated = "dedicated",
        /// More people than seats, by turns (hot-desking).
        Shared = "shared",
    }
}

/// A seat is given to a team, a campaign, or a team for a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatAssignment {
    /// Its id.
    pub id: SeatAssignmentId,
    /// Which seat.
    pub seat: SeatId,
    /// To which team.
    pub team: Option<TeamId>,
    /// For which campaign.
    pub campaign: Option<CampaignId>,
    /// How.
    pub mode: AssignMode,
    /// When; without an end as long as the seat is held.
    pub used: Period,
    /// At what time of the day.
    pub shift: Shift,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// When its end was set afterwards.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was taken back: it never was.
    pub reversed_at: Option<DateTime<Utc>>,
}

/// Which assignments; what is `None` or `false` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentFilter {
    /// Of this seat.
    pub seat: Option<SeatId>,
    /// To this team.
    pub team: Option<TeamId>,
    /// For this campaign.
    pub campaign: Option<CampaignId>,
    /// In this zone.
    pub zone: Option<ZoneId>,
    /// Given so.
    pub mode: Option<AssignMode>,
    /// In force on this day.
    pub on: Option<NaiveDate>,
    /// Also those that were taken back.
    pub reversed: bool,
}

/// What assignments can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AssignmentSort {
    /// The code of the seat.
    #[default]
    Seat,
    /// From when.
    From,
    /// Until when; those without an end come last.
    To,
    /// When they were recorded.
    Recorded,
}

impl SortKey for AssignmentSort {
    fn name(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::From => "from",
            Self::To => "to",
            Self::Recorded => "recorded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_campaign_is_told() {
        let draft = |code: &str, name: &str, client: &str| CampaignDraft {
            code: code.to_owned(),
            name: name.to_owned(),
            client: client.to_owned(),
        };
        assert!(draft("BANK-1", "银行外呼", "").check().is_ok());
        let bad = draft("a b", " ", &"长".repeat(81));
        assert!(matches!(bad.check(), Err(crate::Error::Refused(list)) if list.len() == 3));
    }
}
