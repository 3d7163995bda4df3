//! The request with its states.

use chrono::{DateTime, NaiveDate, Utc};

use super::clock::Clock;
use crate::error::{Refusal, RefusalCode};
use crate::estate::SeatProduct;
use crate::ids::{AllocationId, HoldId, LeaseId, QuoteId, SeatId, SeatRequestId, TenantId, UserId, ZoneId};
use crate::leasing::Shift;
use crate::page::SortKey;
use crate::permission::listed;
use crate::pipeline::Private;

listed! {
    /// What is asked for.
    RequestKind {
        /// More seats.
        More = "more",
        /// Fewer seats.
        Fewer = "fewer",
        /// Other seats instead.
        Other = "other",
    }
}

listed! {
    /// Who is meant.
    Side {
        /// The tenant.
        Tenant = "tenant",
        /// The park.
        Park = "park",
    }
}

listed! {
    /// Where a request stands.
    RequestState {
        /// The tenant has asked, nobody has taken it up.
        Asked = "asked",
        /// The park is at it.
        TakenUp = "taken_up",
        /// The park wants to know something.
        AskedBack = "asked_back",
        /// The park has made an offer.
        Offered = "offered",
        /// The tenant agrees with the offer; the park carries it out.
        Agreed = "agreed",
        /// It was granted.
        Accepted = "accepted",
        /// It was refused.
        Declined = "declined",
        /// The tenant took it back.
        Withdrawn = "withdrawn",
    }
}

listed! {
    /// What somebody does to a request.
    RequestAct {
        /// The tenant asks.
        Ask = "ask",
        /// The park takes it up.
        TakeUp = "take_up",
        /// The park asks back.
        AskBack = "ask_back",
        /// The tenant answers what was asked back.
        Answer = "answer",
        /// The park makes an offer.
        Offer = "offer",
        /// The tenant agrees with it.
        Agree = "agree",
        /// The tenant does not want it so; the park goes on.
        Refuse = "refuse",
        /// The park grants it.
        Accept = "accept",
        /// The park refuses it.
        Decline = "decline",
        /// The tenant takes it back.
        Withdraw = "withdraw",
        /// Either says something; nothing else changes.
        Say = "say",
    }
}

impl RequestAct {
    /// Who does it; nobody = either.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Ask | Self::Answer | Self::Agree | Self::Refuse | Self::Withdraw => Some(Side::Tenant),
            Self::TakeUp | Self::AskBack | Self::Offer | Self::Accept | Self::Decline => Some(Side::Park),
            Self::Say => None,
        }
    }
    /// Whether it means nothing without words.
    pub const fn needs_words(self) -> bool {
        matches!(
            self,
            Self::Ask | Self::AskBack | Self::Answer | Self::Offer | Self::Refuse | Self::Decline | Self::Say
        )
    }
    /// Whether it can name what answers the request.
    pub const fn names(self) -> bool {
        matches!(self, Self::Offer | Self::Accept)
    }
}

impl RequestState {
    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        self.waits_for().is_some()
    }
    /// Whose turn it is; nobody's when it is over.
    pub const fn waits_for(self) -> Option<Side> {
        match self {
            Self::Asked | Self::TakenUp | Self::Agreed => Some(Side::Park),
            Self::AskedBack | Self::Offered => Some(Side::Tenant),
            Self::Accepted | Self::Declined | Self::Withdrawn => None,
        }
    }
    /// The state after an act.
    ///
    /// # Errors
    /// `request-step` when that cannot be done in this state.
    pub fn after(self, act: RequestAct) -> Result<Self, Refusal> {
        use RequestAct as A;
        match (self, act) {
            (Self::Asked, A::TakeUp) | (Self::AskedBack, A::Answer) | (Self::Offered, A::Refuse) => Ok(Self::TakenUp),
            (Self::Asked | Self::TakenUp, A::AskBack) => Ok(Self::AskedBack),
            (Self::Asked | Self::TakenUp, A::Offer) => Ok(Self::Offered),
            (Self::Offered, A::Agree) => Ok(Self::Agreed),
            (Self::Asked | Self::TakenUp | Self::Agreed, A::Accept) => Ok(Self::Accepted),
            (open, A::Decline) if open.is_open() => Ok(Self::Declined),
            (open, A::Withdraw) if open.is_open() => Ok(Self::Withdrawn),
            (open, A::Say) if open.is_open() => Ok(open),
            _ => Err(Refusal::new(RefusalCode::State, "request-step")
                .at("act")
                .with("state", self.name())
                .with("act", act.name())),
        }
    }
    /// What a side can do now.
    pub fn next(self, side: Side) -> impl Iterator<Item = RequestAct> {
        RequestAct::ALL
            .iter()
            .copied()
            .filter(move |act| act.side().is_none_or(|of| of == side) && self.after(*act).is_ok())
    }
    /// The last day on which whose turn it is acts in time, if that turn began on a day; none when it is over.
    pub fn due_on(self, from: NaiveDate, clock: Clock) -> Option<NaiveDate> {
        let days = match self {
            Self::Asked => clock.take_up_days,
            Self::TakenUp | Self::Agreed => clock.answer_days,
            Self::AskedBack | Self::Offered => clock.reply_days,
            Self::Accepted | Self::Declined | Self::Withdrawn => return None,
        };
        from.checked_add_days(chrono::Days::new(u64::try_from(days).unwrap_or_default()))
    }
}

/// What answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A seat that was allocated, also one that the tenant moved to.
    Allocation(AllocationId),
    /// A lease, as it was amended by then: its version.
    Lease(LeaseId, i64),
    /// Seats kept for the tenant.
    Hold(HoldId),
    /// A quote.
    Quote(QuoteId),
}

/// What a tenant asks for.
#[derive(Clone, Debug)]
pub struct RequestDraft {
    /// More, fewer or others.
    pub kind: RequestKind,
    /// How many, 1 to 100,000.
    pub seats: i64,
    /// Of which product, if that matters.
    pub product: Option<SeatProduct>,
    /// In which zone best.
    pub zone: Option<ZoneId>,
    /// At what time of the day, if not the whole.
    pub shift: Option<Shift>,
    /// From which day.
    pub from: NaiveDate,
    /// Under which lease, if under a certain one.
    pub lease: Option<LeaseId>,
    /// Which seats are to go, where those are certain ones.
    pub named: Vec<SeatId>,
    /// Why: 1 to 1,000 characters.
    pub reason: Private,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRequest {
    /// Its id.
    pub id: SeatRequestId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, ... for the tenant.
    pub number: i64,
    /// More, fewer or others.
    pub kind: RequestKind,
    /// How many.
    pub seats: i64,
    /// Of which product, if that matters.
    pub product: Option<SeatProduct>,
    /// In which zone best.
    pub zone: Option<ZoneId>,
    /// At what time of the day, if not the whole.
    pub shift: Option<Shift>,
    /// From which day.
    pub from: NaiveDate,
    /// Under which lease, if under a certain one.
    pub lease: Option<LeaseId>,
    /// Which seats are to go, where those are certain ones.
    pub named: Vec<SeatId>,
    /// Where it stands.
    pub state: RequestState,
    /// Since when.
    pub entered_at: DateTime<Utc>,
    /// The last day on which whose turn it is acts in time; none when it is over.
    pub due_on: Option<NaiveDate>,
    /// The number of the last step of its history.
    pub last: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl SeatRequest {
    /// Whether somebody should have acted before a day.
    pub fn overdue(&self, today: NaiveDate) -> bool {
        self.due_on.is_some_and(|due| due < today)
    }
}

/// Something that was done to a request; never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestStep {
    /// Which request.
    pub request: SeatRequestId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its place in the history, from 1.
    pub n: i64,
    /// Who did it.
    pub side: Side,
    /// What.
    pub act: RequestAct,
    /// Where the request stood afterwards.
    pub state: RequestState,
    /// What was said; may be empty.
    pub words: Private,
    /// What answers the request.
    pub reference: Option<Reference>,
    /// When.
    pub at: DateTime<Utc>,
    /// The user.
    pub by: Option<UserId>,
    /// Its name at that time; empty for a program.
    pub by_name: Private,
}

/// Which requests; what is `None`, `false` or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// In one of these states.
    pub states: Vec<RequestState>,
    /// Of one of these kinds.
    pub kinds: Vec<RequestKind>,
    /// Where somebody should have acted before today.
    pub overdue: bool,
    /// Where it is the turn of this side.
    pub waits_for: Option<Side>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
}

/// What requests can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RequestSort {
    /// When they were made.
    #[default]
    Created,
    /// Where they stand.
    State,
    /// By when somebody must act; those that are over come last.
    DueOn,
    /// How many seats.
    Seats,
    /// From which day.
    WantedFrom,
    /// The code of the tenant.
    Tenant,
}

impl SortKey for RequestSort {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::State => "state",
            Self::DueOn => "due_on",
            Self::Seats => "seats",
            Self::WantedFrom => "wanted_from",
            Self::Tenant => "tenant",
        }
    }
    const LARGEST_FIRST: bool = true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_leads_where_it_says_and_no_other_is_possible() {
        use RequestAct as A;
        use RequestState as S;
        let open = [S::Asked, S::TakenUp, S::AskedBack, S::Offered, S::Agreed];
        let ways = [
            (S::Asked, A::TakeUp, S::TakenUp),
            (S::Asked, A::AskBack, S::AskedBack),
            (S::Asked, A::Offer, S::Offered),
            (S::Asked, A::Accept, S::Accepted),
            (S::TakenUp, A::AskBack, S::AskedBack),
            (S::TakenUp, A::Offer, S::Offered),
            (S::TakenUp, A::Accept, S::Accepted),
            (S::AskedBack, A::Answer, S::TakenUp),
            (S::Offered, A::Agree, S::Agreed),
            (S::Offered, A::Refuse, S::TakenUp),
            (S::Agreed, A::Accept, S::Accepted),
        ];
        for state in S::ALL {
            assert_eq!(state.is_open(), open.contains(state));
            for act in A::ALL {
                let to = match act {
                    A::Decline if state.is_open() => Some(S::Declined),
                    A::Withdraw if state.is_open() => Some(S::Withdrawn),
                    A::Say if state.is_open() => Some(*state),
                    _ => ways.iter().find(|way| (way.0, way.1) == (*state, *act)).map(|way| way.2),
                };
                assert_eq!(state.after(*act).ok(), to, "{state:?} {act:?}");
            }
        }
    }

    #[test]
    fn nobody_waits_for_ever_and_each_can_act_in_its_turn() {
        for state in RequestState::ALL {
            let from = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
            assert_eq!(state.due_on(from, Clock::default()).is_some(), state.is_open());
            let Some(side) = state.waits_for() else {
                assert_eq!(state.next(Side::Park).chain(state.next(Side::Tenant)).count(), 0);
                continue;
            };
            // Whose turn it is can hand it on or end it.
            assert!(state.next(side).any(|act| state.after(act).is_ok_and(|to| to.waits_for() != Some(side))));
            assert!(state.next(Side::Tenant).all(|act| act.side() != Some(Side::Park)));
            assert!(state.next(Side::Tenant).any(|act| act == RequestAct::Withdraw));
        }
    }
}
