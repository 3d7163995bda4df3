//! What became of a tenant's seats in a month.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use voxpark_domain::Result;
use voxpark_domain::ids::{CampaignId, SeatId, TeamId, TenantId, ZoneId};
use voxpark_domain::money;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::seating::{self, Group, UseSums};
use voxpark_domain::time;

use super::Campaign;
use crate::error::Fault as _;
use crate::estate::{Seat, Zone};
use crate::load::load;
use crate::node;
use crate::page::{self, Paged, known, paged};
use crate::people::Team;
use crate::request::Asking as _;
use crate::scalar::{Date, Money, Month, Ratio};

/// Seat-days of a group of seats. A seat-day is one seat on one day, whatever part of the day.
#[derive(SimpleObject)]
pub(crate) struct SeatUtilisationSums {
    /// Different seats that were held on any of the days.
    seats: i64,
    /// Seat-days on which a seat was held.
    held_seat_days: i64,
    /// Of those, given to a team or campaign.
    given_seat_days: i64,
    /// Of those held, with somebody placed on the seat.
    sat_seat_days: i64,
    /// Of those held, with nobody placed on the seat.
    idle_seat_days: i64,
    /// People placed on the seats, day by day: two who share a seat count twice.
    person_days: i64,
    /// Sat in of held.
    utilisation: Ratio,
    /// People to a seat that is sat in: person-days over seat-days sat in.
    agents_per_seat: Ratio,
    /// What the idle seat-days cost: for each the lease's price of a seat-month on that day, divided by the days of the month;
    /// before tax, nothing on days free of rent, whatever the lease agrees about parts of months; rounded once. Null for who
    /// may not see leases.
    idle_cost: Option<Money>,
}

impl SeatUtilisationSums {
    fn of(sums: &UseSums, currency: Option<money::Currency>) -> Self {
        let cost = currency.zip(sums.idle_minor).map(|(currency, minor)| money::Money::new(minor, currency).into());
        Self {
            seats: sums.seats,
            held_seat_days: sums.held,
            given_seat_days: sums.given,
            sat_seat_days: sums.sat,
            idle_seat_days: sums.idle,
            person_days: sums.people,
            utilisation: Ratio::new(sums.sat, sums.held),
            agents_per_seat: Ratio::new(sums.people, sums.sat),
            idle_cost: cost,
        }
    }
}

/// What became of the seats given to a team.
pub(crate) struct SeatUtilisationOfTeam(Option<TeamId>, UseSums, Option<money::Currency>);

/// What became of the seats given to a team. A seat that two teams share by time of the day counts for both.
#[Object]
impl SeatUtilisationOfTeam {
    /// The team; null = seats given to no team.
    async fn team(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Team>> {
        match self.0 {
            Some(team) => Ok(load(gql, team).await?.map(Team::from)),
            None => Ok(None),
        }
    }
    /// The figures.
    async fn sums(&self) -> SeatUtilisationSums {
        SeatUtilisationSums::of(&self.1, self.2)
    }
}

/// What became of the seats given for a campaign.
pub(crate) struct SeatUtilisationOfCampaign(Option<CampaignId>, UseSums, Option<money::Currency>);

/// What became of the seats given for a campaign. A seat that two campaigns share by time of the day counts for both.
#[Object]
impl SeatUtilisationOfCampaign {
    /// The campaign; null = seats given for no campaign.
    async fn campaign(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Campaign>> {
        match self.0 {
            Some(campaign) => Ok(load(gql, campaign).await?.map(Campaign::from)),
            None => Ok(None),
        }
    }
    /// The figures.
    async fn sums(&self) -> SeatUtilisationSums {
        SeatUtilisationSums::of(&self.1, self.2)
    }
}

/// What became of the seats of a zone.
pub(crate) struct SeatUtilisationOfZone(ZoneId, UseSums, Option<money::Currency>);

/// What became of the seats of a zone.
#[Object]
impl SeatUtilisationOfZone {
    /// The zone.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Zone>> {
        Ok(load(gql, self.0).await?.map(Zone::from))
    }
    /// The figures.
    async fn sums(&self) -> SeatUtilisationSums {
        SeatUtilisationSums::of(&self.1, self.2)
    }
}

/// What became of one seat.
pub(crate) struct SeatUtilisationOfSeat(SeatId, UseSums, Option<money::Currency>);

/// What became of one seat.
#[Object]
impl SeatUtilisationOfSeat {
    /// The seat.
    async fn seat(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Seat>> {
        Ok(load(gql, self.0).await?.map(Seat::from))
    }
    /// The figures, of those days only on which it was given as asked for.
    async fn sums(&self) -> SeatUtilisationSums {
        SeatUtilisationSums::of(&self.1, self.2)
    }
}

/// Which seats behind the figures; what is left out does not narrow. With several of team, campaign and zone a seat must
/// belong to all of them, and the figures are those of the first.
#[derive(InputObject)]
pub(crate) struct SeatUtilisationFilter {
    /// Given to this team.
    team_id: Option<ID>,
    /// True: given to no team on some day.
    no_team: Option<bool>,
    /// Given for this campaign.
    campaign_id: Option<ID>,
    /// True: given for no campaign on some day.
    no_campaign: Option<bool>,
    /// In this zone.
    zone_id: Option<ID>,
    /// True: idle on some day.
    idle: Option<bool>,
}

impl SeatUtilisationFilter {
    fn groups(filter: Option<&Self>) -> Result<Vec<Group>> {
        let mut groups = Vec::new();
        if let Some(filter) = filter {
            let team = filter.team_id.as_ref().map(|id| node::id("filter.teamId", id)).transpose()?;
            let campaign = filter.campaign_id.as_ref().map(|id| node::id("filter.campaignId", id)).transpose()?;
            let zone = filter.zone_id.as_ref().map(|id| node::id("filter.zoneId", id)).transpose()?;
            groups.extend(team.map(|team| Group::Team(Some(team))));
            groups.extend(filter.no_team.unwrap_or_default().then_some(Group::Team(None)));
            groups.extend(campaign.map(|campaign| Group::Campaign(Some(campaign))));
            groups.extend(filter.no_campaign.unwrap_or_default().then_some(Group::Campaign(None)));
            groups.extend(zone.map(Group::Zone));
        }
        groups.push(Group::Whole);
        Ok(groups)
    }
}

/// What became of a tenant's seats in a month.
pub(crate) struct SeatUtilisation(Arc<seating::Figures>);

/// The figures of a tenant's month, worked out once a request however often they are asked for.
pub(super) async fn utilisation(
    gql: &Context<'_>,
    tenant: TenantId,
    month: time::Month,
) -> async_graphql::Result<Option<SeatUtilisation>> {
    let request = gql.request();
    let ask = async {
        let found = seating::figures(&*request.read().await?, request.ctx()?, month).await?;
        Ok(Arc::new(found))
    };
    let found = request.once(format!("{tenant}.seatUtilisation {month}"), ask).await;
    Ok(gql.nullable(found)?.map(SeatUtilisation))
}

/// What became of a tenant's seats in a month.
#[Object]
impl SeatUtilisation {
    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }
    /// The day after the last that is counted: of a month that runs, tomorrow.
    async fn until(&self) -> Date {
        self.0.until.into()
    }
    /// Of all seats.
    async fn whole(&self) -> SeatUtilisationSums {
        let none = UseSums::default();
        SeatUtilisationSums::of(self.0.groups.get(&Group::Whole).unwrap_or(&none), self.0.currency)
    }
    /// By the team that seats were given to; last those given to none.
    async fn by_team(&self) -> Vec<SeatUtilisationOfTeam> {
        let mut rows: Vec<_> = self.of(|group| match group {
            Group::Team(team) => Some(team),
            _ => None,
        });
        rows.sort_by_key(|(team, _)| team.is_none());
        rows.into_iter().map(|(team, sums)| SeatUtilisationOfTeam(team, sums, self.0.currency)).collect()
    }
    /// By the campaign that seats were given for; last those given for none.
    async fn by_campaign(&self) -> Vec<SeatUtilisationOfCampaign> {
        let mut rows: Vec<_> = self.of(|group| match group {
            Group::Campaign(campaign) => Some(campaign),
            _ => None,
        });
        rows.sort_by_key(|(campaign, _)| campaign.is_none());
        rows.into_iter().map(|(of, sums)| SeatUtilisationOfCampaign(of, sums, self.0.currency)).collect()
    }
    /// By zone.
    async fn by_zone(&self) -> Vec<SeatUtilisationOfZone> {
        let rows = self.of(|group| match group {
            Group::Zone(zone) => Some(zone),
            _ => None,
        });
        rows.into_iter().map(|(zone, sums)| SeatUtilisationOfZone(zone, sums, self.0.currency)).collect()
    }
    /// The seats behind the figures, by code.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn seats(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these; all when left out.")] filter: Option<SeatUtilisationFilter>,
    ) -> async_graphql::Result<Paged<SeatUtilisationOfSeat>> {
        let read = || Ok((page::request(first, after)?, SeatUtilisationFilter::groups(filter.as_ref())?));
        let (ask, groups): (PageRequest, Vec<Group>) = read().map_err(|e| gql.fault(&e))?;
        let idle = filter.as_ref().and_then(|filter| filter.idle).unwrap_or_default();
        let mut found = Vec::new();
        for seat in &self.0.seats {
            let sums = groups.first().and_then(|group| seat.groups.get(group));
            let all = groups.iter().all(|group| seat.groups.contains_key(group));
            if let Some(sums) = sums.filter(|sums| all && (!idle || sums.idle > 0)) {
                found.push((seat.seat.to_string(), SeatUtilisationOfSeat(seat.seat, *sums, self.0.currency)));
            }
        }
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let behind = ask.after.as_ref().and_then(|after| found.iter().position(|(key, _)| key == after));
        let rows = found.into_iter().skip(behind.map_or(0, |at| at + 1));
        let rows = rows.take(usize::try_from(ask.first).unwrap_or(usize::MAX).saturating_add(1)).collect();
        Ok(paged(Some(Page::from_rows(&ask, rows)), known(total), |row| row))
    }
}

impl SeatUtilisation {
    fn of<T>(&self, pick: impl Fn(Group) -> Option<T>) -> Vec<(T, UseSums)> {
        self.0.groups.iter().filter_map(|(group, sums)| Some((pick(*group)?, *sums))).collect()
    }
}
