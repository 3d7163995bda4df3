//! What seats have beside their product, and how large zones are.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::{self, FeatureKind as Kind, FeaturePack, FeatureSet, FeatureWanted};
use voxpark_domain::ids::{SeatId, ZoneId};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::load::grouped;
use super::places::{ZonePayload, with_zone};
use crate::change::change;
use crate::cost::in_lang;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::request::Asking as _;

/// What a seat has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FeaturesOf(SeatId);

#[async_trait]
impl Load for FeaturesOf {
    type Value = Vec<Arc<(SeatId, estate::SeatFeature)>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let seats: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(grouped(keys, tx.features_of(&seats).await?, |has| Self(has.0)))
    }
}

/// What is said of a feature.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "Kind")]
pub(crate) enum SeatFeatureKind {
    /// It is there or not.
    Flag,
    /// There are so many.
    Number,
    /// It is one of a few.
    Choice,
}

/// One of the values of a choice.
#[derive(SimpleObject)]
pub(crate) struct SeatFeatureChoice {
    /// Stable name.
    name: String,
    /// What it is called, in the caller's language.
    title: String,
}

/// A kind of thing that seats can have beside their product.
#[derive(SimpleObject)]
pub(crate) struct SeatFeatureKindOf {
    /// Stable name.
    name: String,
    /// What it is called, in the caller's language.
    title: String,
    /// What is said of it.
    kind: SeatFeatureKind,
    /// The most of it, of a number; null of the others.
    max: Option<u32>,
    /// The values, of a choice; none of the others.
    choices: Vec<SeatFeatureChoice>,
}

/// What a seat has beside its product.
#[derive(SimpleObject)]
pub(crate) struct SeatFeature {
    /// Stable name of the kind.
    name: String,
    /// What the kind is called, in the caller's language.
    title: String,
    /// How many; 1 of a flag or choice.
    amount: i64,
    /// Which of the values, of a choice.
    choice: Option<SeatFeatureChoice>,
}

fn choice(gql: &Context<'_>, choice: &estate::FeatureChoice) -> SeatFeatureChoice {
    SeatFeatureChoice { name: choice.id.clone(), title: in_lang(&choice.title, gql.request().lang()).to_owned() }
}

/// Every kind, in the order of the pack.
pub(super) fn kinds(gql: &Context<'_>) -> async_graphql::Result<Vec<SeatFeatureKindOf>> {
    let pack = FeaturePack::built_in().map_err(|e| gql.fault(&e))?;
    let of = |feature: &estate::Feature| SeatFeatureKindOf {
        name: feature.id.clone(),
        title: in_lang(&feature.title, gql.request().lang()).to_owned(),
        kind: feature.kind.into(),
        max: (feature.max > 0).then_some(feature.max),
        choices: feature.choice.iter().map(|c| choice(gql, c)).collect(),
    };
    Ok(pack.feature.iter().map(of).collect())
}

/// What a seat has, in the order of the pack.
pub(super) async fn features_of(gql: &Context<'_>, seat: SeatId) -> async_graphql::Result<Vec<SeatFeature>> {
    let pack = FeaturePack::built_in().map_err(|e| gql.fault(&e))?;
    let found = load(gql, FeaturesOf(seat)).await?.unwrap_or_default();
    let of = |kind: &estate::Feature| {
        let (_, has) = &**found.iter().find(|has| has.1.feature == kind.id)?;
        let chosen = kind.choice.iter().find(|c| Some(&c.id) == has.choice.as_ref());
        Some(SeatFeature {
            name: kind.id.clone(),
            title: in_lang(&kind.title, gql.request().lang()).to_owned(),
            amount: has.amount,
            choice: chosen.map(|c| choice(gql, c)),
        })
    };
    Ok(pack.feature.iter().filter_map(of).collect())
}

/// What seats have to have.
#[derive(InputObject)]
pub(crate) struct SeatFeatureFilter {
    /// Stable name of the kind.
    name: String,
    /// At least so many; 1 when left out.
    at_least: Option<i64>,
    /// This of the values, by its name.
    choice: Option<String>,
}

impl From<SeatFeatureFilter> for FeatureWanted {
    fn from(filter: SeatFeatureFilter) -> Self {
        Self { feature: filter.name, at_least: filter.at_least.unwrap_or(1), choice: filter.choice }
    }
}

/// A feature that seats are to have.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatFeatureInput {
    /// Stable name of the kind.
    name: String,
    /// How many; 0 takes it away, 1 sets a flag.
    amount: Option<i64>,
    /// Which of the values, of a choice, by its name.
    choice: Option<String>,
}

/// What seats are to have.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatFeaturesSetInput {
    /// Which seats, 1 to 2000.
    seat_ids: Vec<ID>,
    /// What is said of them; features that are not named stay as they are.
    features: Vec<SeatFeatureInput>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of the features of seats: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatFeaturesSetPayload {
    /// On how many seats something changed.
    count: Option<usize>,
    /// What has to be mended first, by seat or feature.
    user_errors: Vec<UserError>,
}

/// How large a zone is.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct ZoneAreaSetInput {
    /// Which zone.
    zone_id: ID,
    /// Square metres with at most two decimals, such as `412.50`; not known when left out.
    area_m2: Option<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

#[derive(Default)]
pub(crate) struct FeaturesMutation;

#[Object]
impl FeaturesMutation {
    /// Says of seats what they have beside their product.
    async fn seat_features_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatFeaturesSetInput,
    ) -> async_graphql::Result<Option<SeatFeaturesSetPayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatFeaturesSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let seats =
                    wanted.seat_ids.iter().map(|id| node::id("seatIds", id)).collect::<Result<Vec<SeatId>>>()?;
                let set = |f: SeatFeatureInput| FeatureSet { feature: f.name, amount: f.amount, choice: f.choice };
                let sets: Vec<FeatureSet> = wanted.features.into_iter().map(set).collect();
                let count = estate::seat_features_set(tx, ctx, &seats, &sets).await?;
                let detail = serde_json::json!({ "seats": count });
                Ok((count, AuditEntry::new("seats.features", "").with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(count) => SeatFeaturesSetPayload { count: Some(count), ..Default::default() },
            Err(user_errors) => SeatFeaturesSetPayload { user_errors, ..Default::default() },
        }))
    }

    /// Says how large a zone is.
    async fn zone_area_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ZoneAreaSetInput,
    ) -> async_graphql::Result<Option<ZonePayload>> {
        let wanted = input.clone();
        let done = change(gql, "zoneAreaSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let zone: ZoneId = node::id("zoneId", &wanted.zone_id)?;
                estate::zone_area_set(tx, ctx, zone, wanted.area_m2.as_deref()).await?;
                Ok((zone, AuditEntry::new("zone.area", zone)))
            })
        });
        with_zone(gql, done.await?).await
    }
}
