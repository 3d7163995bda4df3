//! What seats and zones are called and where seats belong, over time.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::{self, FormerName, FormerPlace, ZoneLabel, ZoneSplit};
use voxpark_domain::ids::{SeatId, ZoneId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::Zone;
use super::load::grouped;
use crate::change::change;
use crate::error::UserError;
use crate::load::{Load, load, load_known};
use crate::node;
use crate::scalar::Date;

/// Where a seat was before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PlacesOf(SeatId);

#[async_trait]
impl Load for PlacesOf {
    type Value = Vec<Arc<FormerPlace>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let seats: Vec<_> = keys.iter().map(|k| k.0).collect();
        let found = estate::former_places(tx, ctx, &seats).await?;
        Ok(grouped(keys, found, |place| Self(place.seat)))
    }
}

/// What a zone was called before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct NamesOf(ZoneId);

#[async_trait]
impl Load for NamesOf {
    type Value = Vec<Arc<FormerName>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let zones: Vec<_> = keys.iter().map(|k| k.0).collect();
        let found = estate::former_names(tx, ctx, &zones).await?;
        Ok(grouped(keys, found, |name| Self(name.zone)))
    }
}

/// What a seat was called and where it belonged over some days.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SeatPlace {
    #[graphql(skip)]
    zone: ZoneId,
    /// Its code.
    code: String,
    /// The first day; of the first place the day from which the seat exists.
    valid_from: Date,
    /// The day after the last; null = still so.
    valid_to: Option<Date>,
}

/// What a seat was called and where it belonged over some days.
#[ComplexObject]
impl SeatPlace {
    /// The zone, by the name that it has now.
    async fn zone(&self, gql: &Context<'_>) -> async_graphql::Result<Zone> {
        load_known(gql, self.zone).await.map(Zone::from)
    }
}

/// What a zone was called over some days.
#[derive(SimpleObject)]
pub(crate) struct ZoneName {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The first day; null = always.
    valid_from: Option<Date>,
    /// The day after the last; null = still so.
    valid_to: Option<Date>,
}

/// Where a seat is and was, the latest first.
pub(super) async fn places_of(gql: &Context<'_>, seat: &estate::Seat) -> async_graphql::Result<Vec<SeatPlace>> {
    let former = load(gql, PlacesOf(seat.id)).await?.unwrap_or_default();
    let since = former.last().map_or(seat.built.from, |last| last.to.max(seat.built.from));
    let now = SeatPlace { zone: seat.zone, code: seat.code.clone(), valid_from: since.into(), valid_to: None };
    let then = former.iter().rev().map(|place| SeatPlace {
        zone: place.zone,
        code: place.code.clone(),
        valid_from: place.from.into(),
        valid_to: Some(place.to.into()),
    });
    Ok(std::iter::once(now).chain(then).collect())
}

/// Where a seat is on a day.
pub(super) async fn place_on(
    gql: &Context<'_>,
    seat: &estate::Seat,
    on: NaiveDate,
) -> async_graphql::Result<SeatPlace> {
    let mut places = places_of(gql, seat).await?;
    let at = places.iter().position(|place| place.valid_to.is_none_or(|to| on < to.0) && place.valid_from.0 <= on);
    // Before it is built it is where it will be.
    Ok(places.swap_remove(at.unwrap_or_default()))
}

/// What a zone is called and was, the latest first.
pub(super) async fn names_of(gql: &Context<'_>, zone: &estate::Zone) -> async_graphql::Result<Vec<ZoneName>> {
    let former = load(gql, NamesOf(zone.id)).await?.unwrap_or_default();
    let since = |day: NaiveDate| (day > estate::ALWAYS).then(|| Date::from(day));
    let now = ZoneName {
        code: zone.code.clone(),
        name: zone.name.clone(),
        valid_from: former.last().map(|last| last.to).or(zone.begun_on).map(Date),
        valid_to: zone.ended_on.map(Date),
    };
    let then = former.iter().rev().map(|name| ZoneName {
        code: name.code.clone(),
        name: name.name.clone(),
        valid_from: since(name.from),
        valid_to: Some(name.to.into()),
    });
    Ok(std::iter::once(now).chain(then).collect())
}

/// The code that a seat is to have.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatCodeInput {
    /// Which seat.
    seat_id: ID,
    /// Its code, 1 to 20 letters, digits, `-`, `_`, `.` or `/`.
    code: String,
}

/// Codes that seats are to have.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsRenumberInput {
    /// 1 to 2000 seats; two of them may exchange their codes.
    changes: Vec<SeatCodeInput>,
    /// From which day on; today or earlier.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of the codes of seats: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatsRenumberPayload {
    /// How many seats have another code now.
    count: Option<usize>,
    /// What has to be mended first, by seat.
    user_errors: Vec<UserError>,
}

/// What a zone is to be called.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct ZoneRenameInput {
    /// Which zone.
    zone_id: ID,
    /// Its code, unique on the floor, 1 to 20 letters, digits, `-`, `_`, `.` or `/`.
    code: String,
    /// Its name, 1 to 60 characters.
    name: String,
    /// From which day on; today or earlier.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What is split off a zone.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct ZoneSplitInput {
    /// From which zone.
    zone_id: ID,
    /// Which of its seats, 1 to 2000 and not all of them.
    seat_ids: Vec<ID>,
    /// The code of the new zone, unique on the floor.
    code: String,
    /// Its name, 1 to 60 characters.
    name: String,
    /// From which day on; today or earlier.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of a zone.
#[derive(SimpleObject, Default)]
pub(crate) struct ZonePayload {
    /// The zone as it is now: of a split, the new one.
    zone: Option<Zone>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Zones that become part of another.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct ZonesMergeInput {
    /// Which zones, 1 to 50; they end.
    zone_ids: Vec<ID>,
    /// Into which zone of the same floor.
    into_zone_id: ID,
    /// From which day on; today or earlier.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of zones that were merged: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct ZonesMergePayload {
    /// How many seats moved.
    count: Option<usize>,
    /// The zone that they are in now.
    zone: Option<Zone>,
    /// What has to be mended first, by zone.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct PlacesMutation;

/// The payload with a zone, read again.
pub(super) async fn with_zone(
    gql: &Context<'_>,
    done: Result<ZoneId, Vec<UserError>>,
) -> async_graphql::Result<Option<ZonePayload>> {
    Ok(Some(match done {
        Ok(id) => ZonePayload { zone: Some(load_known(gql, id).await?.into()), ..Default::default() },
        Err(user_errors) => ZonePayload { user_errors, ..Default::default() },
    }))
}

#[Object]
impl PlacesMutation {
    /// Gives seats other codes from a day on, all of them or none. What they were called before stays known for the days
    /// before.
    async fn seats_renumber(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsRenumberInput,
    ) -> async_graphql::Result<Option<SeatsRenumberPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsRenumber", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let read = |(at, change): (usize, SeatCodeInput)| {
                    Ok((node::id(format!("changes.{at}.seatId"), &change.seat_id)?, change.code))
                };
                let changes = wanted.changes.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
                let count = estate::seats_renumber(tx, ctx, &changes, wanted.from.0).await?;
                let detail = serde_json::json!({ "seats": count, "from": wanted.from });
                Ok((count, AuditEntry::new("seats.renumber", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(count) => SeatsRenumberPayload { count: Some(count), ..Default::default() },
            Err(user_errors) => SeatsRenumberPayload { user_errors, ..Default::default() },
        }))
    }

    /// Gives a zone another code or name from a day on. What it was called before stays known for the days before.
    async fn zone_rename(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ZoneRenameInput,
    ) -> async_graphql::Result<Option<ZonePayload>> {
        let wanted = input.clone();
        let done = change(gql, "zoneRename", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let zone: ZoneId = node::id("zoneId", &wanted.zone_id)?;
                let label = ZoneLabel { code: wanted.code, name: wanted.name };
                estate::zone_rename(tx, ctx, zone, &label, wanted.from.0).await?;
                let detail = serde_json::json!({ "from": wanted.from });
                Ok((zone, AuditEntry::new("zone.rename", zone).with(detail)))
            })
        });
        with_zone(gql, done.await?).await
    }

    /// Makes a zone of some seats of another, from a day on.
    async fn zone_split(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ZoneSplitInput,
    ) -> async_graphql::Result<Option<ZonePayload>> {
        let wanted = input.clone();
        let done = change(gql, "zoneSplit", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let split = ZoneSplit {
                    zone: node::id("zoneId", &wanted.zone_id)?,
                    seats: wanted.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<_>>()?,
                    label: ZoneLabel { code: wanted.code, name: wanted.name },
                    from: wanted.from.0,
                };
                let zone = estate::zone_split(tx, ctx, &split).await?;
                let detail = serde_json::json!({ "of": split.zone, "seats": split.seats.len(), "from": wanted.from });
                Ok((zone.id, AuditEntry::new("zone.split", zone.id).with(detail)))
            })
        });
        with_zone(gql, done.await?).await
    }

    /// Moves every seat of some zones into another of the same floor, from a day on; the emptied zones end.
    async fn zones_merge(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ZonesMergeInput,
    ) -> async_graphql::Result<Option<ZonesMergePayload>> {
        let wanted = input.clone();
        let done = change(gql, "zonesMerge", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let zones =
                    wanted.zone_ids.iter().map(|id| node::id("zoneIds", id)).collect::<Result<Vec<ZoneId>>>()?;
                let into: ZoneId = node::id("intoZoneId", &wanted.into_zone_id)?;
                let count = estate::zones_merge(tx, ctx, &zones, into, wanted.from.0).await?;
                let detail = serde_json::json!({ "zones": zones, "seats": count, "from": wanted.from });
                Ok(((count, into), AuditEntry::new("zones.merge", into).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok((count, into)) => ZonesMergePayload {
                count: Some(count),
                zone: Some(load_known(gql, into).await?.into()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => ZonesMergePayload { user_errors, ..Default::default() },
        }))
    }
}
