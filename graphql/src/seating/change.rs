//! Campaigns entered; seats given, ended, taken back.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::Result;
use voxpark_domain::ids::CampaignId;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::seating::{self, AssignDraft, CampaignDraft};

use super::{Campaign, SeatAssignmentMode};
use crate::change::change;
use crate::error::UserError;
use crate::leasing::shift;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// A campaign is to be entered.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct CampaignCreateInput {
    /// 1 to 20 letters, digits or - _ . /
    code: String,
    /// 1 to 80 characters.
    name: String,
    /// For which client, up to 80 characters.
    client: Option<String>,
    /// Repeats of the same request under this key answer the same and create nothing.
    idempotency_key: String,
}

/// Seats are to be given to a team or campaign.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsAssignInput {
    /// Which of the seats that the tenant holds, 1 to 2000.
    seat_ids: Vec<ID>,
    /// To which team; at least one of team and campaign.
    team_id: Option<ID>,
    /// For which campaign.
    campaign_id: Option<ID>,
    /// How; DEDICATED when left out.
    mode: Option<SeatAssignmentMode>,
    /// First day.
    from: Date,
    /// The day after the last; left out = as long as each seat is held.
    to: Option<Date>,
    /// First minute of the day, 0 to 1439; left out with the last = whenever each seat is held.
    shift_from_min: Option<i32>,
    /// The minute after the last, at most a day after the first; beyond 1440 it is on the next day.
    shift_to_min: Option<i32>,
    /// Repeats of the same request under this key answer the same and give nothing.
    idempotency_key: String,
}

impl SeatsAssignInput {
    fn read(self) -> Result<AssignDraft> {
        let shift = match (self.shift_from_min, self.shift_to_min) {
            (None, None) => None,
            (from, to) => Some(shift(from, to)?),
        };
        Ok(AssignDraft {
            seats: self.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
            team: self.team_id.map(|id| node::id("teamId", &id)).transpose()?,
            campaign: self.campaign_id.map(|id| node::id("campaignId", &id)).transpose()?,
            mode: self.mode.unwrap_or(SeatAssignmentMode::Dedicated).into(),
            from: self.from.0,
            to: self.to.map(|day| day.0),
            shift,
        })
    }
}

/// Assignments are to end.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatAssignmentsEndInput {
    /// Which, 1 to 2000.
    assignment_ids: Vec<ID>,
    /// The first day on which the seats are not theirs any more: after the first of each and before its end.
    on: Date,
    /// Repeats of the same request under this key answer the same and end nothing.
    idempotency_key: String,
}

/// Assignments that were made by mistake are to be taken back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatAssignmentsReverseInput {
    /// Which, 1 to 2000.
    assignment_ids: Vec<ID>,
    /// Repeats of the same request under this key answer the same and take nothing back.
    idempotency_key: String,
}

/// What became of a campaign to be entered.
#[derive(SimpleObject, Default)]
pub(crate) struct CampaignCreatePayload {
    /// The campaign.
    campaign: Option<Campaign>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of assignments: of all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatAssignmentsPayload {
    /// How many.
    count: Option<i64>,
    /// What has to be mended first, by seat or assignment.
    user_errors: Vec<UserError>,
}

impl SeatAssignmentsPayload {
    fn of(done: std::result::Result<usize, Vec<UserError>>) -> Self {
        match done {
            Ok(count) => Self { count: i64::try_from(count).ok(), user_errors: Vec::new() },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

#[derive(Default)]
pub(crate) struct SeatingMutation;

#[Object]
impl SeatingMutation {
    /// Enters a campaign.
    async fn campaign_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CampaignCreateInput,
    ) -> async_graphql::Result<Option<CampaignCreatePayload>> {
        let wanted = input.clone();
        let done = change(gql, "campaignCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let client = wanted.client.unwrap_or_default();
                let draft = CampaignDraft { code: wanted.code, name: wanted.name, client };
                let campaign = seating::campaign_create(tx, ctx, draft).await?;
                Ok((campaign.id, AuditEntry::new("campaign.create", campaign.id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                let id: CampaignId = id;
                CampaignCreatePayload { campaign: load(gql, id).await?.map(Campaign), user_errors: Vec::new() }
            }
            Err(user_errors) => CampaignCreatePayload { user_errors, ..Default::default() },
        }))
    }

    /// Gives seats that the tenant holds to a team or campaign, all of them or none. No seat is given twice at one time.
    async fn seats_assign(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsAssignInput,
    ) -> async_graphql::Result<Option<SeatAssignmentsPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsAssign", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let made = seating::seats_assign(tx, ctx, &wanted.read()?).await?;
                let detail = serde_json::json!({ "seats": made.len() });
                Ok((made.len(), AuditEntry::new("seats.assign", "").with(detail)))
            })
        });
        Ok(Some(SeatAssignmentsPayload::of(done.await?)))
    }

    /// Ends assignments on a day, all of them or none.
    async fn seat_assignments_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatAssignmentsEndInput,
    ) -> async_graphql::Result<Option<SeatAssignmentsPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatAssignmentsEnd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let ids = wanted.assignment_ids.iter().map(|id| node::id("assignmentIds", id));
                let ids = ids.collect::<Result<Vec<_>>>()?;
                let count = seating::assignments_end(tx, ctx, &ids, wanted.on.0).await?;
                let detail = serde_json::json!({ "seats": count, "on": wanted.on });
                Ok((count, AuditEntry::new("seats.assign-end", "").with(detail)))
            })
        });
        Ok(Some(SeatAssignmentsPayload::of(done.await?)))
    }

    /// Takes assignments back that were made by mistake, as if they had never been, all of them or none. They stay on record.
    async fn seat_assignments_reverse(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatAssignmentsReverseInput,
    ) -> async_graphql::Result<Option<SeatAssignmentsPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatAssignmentsReverse", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let ids = wanted.assignment_ids.iter().map(|id| node::id("assignmentIds", id));
                let ids = ids.collect::<Result<Vec<_>>>()?;
                let count = seating::assignments_reverse(tx, ctx, &ids).await?;
                let detail = serde_json::json!({ "seats": count });
                Ok((count, AuditEntry::new("seats.assign-reverse", "").with(detail)))
            })
        });
        Ok(Some(SeatAssignmentsPayload::of(done.await?)))
    }
}
