//! The picture of a floor: what lies under its seats from a day on.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::estate::{self, FloorPlanRequest, PictureSize};
use voxpark_domain::ids::FloorId;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::{AuditEntry, Purpose, StoredFile};
use voxpark_domain::{Ctx, Result};

use super::Floor;
use super::load::grouped;
use crate::change::{Outcome, change};
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::request::Asking as _;
use crate::scalar::Date;

/// Every version of a floor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PlansOf(FloorId);

#[async_trait]
impl Load for PlansOf {
    type Value = Vec<Arc<estate::FloorPlan>>;
    const RESOURCE: Resource = Resource::Estate;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let floors: Vec<_> = keys.iter().map(|k| k.0).collect();
        Ok(grouped(keys, estate::floor_plans(tx, ctx, &floors).await?, |plan| Self(plan.floor)))
    }
}

/// A picture that lies under the seats of a floor.
#[derive(SimpleObject)]
pub(crate) struct FloorPicture {
    /// Path below the service's address at which it is given to whoever may see the floor.
    path: String,
    /// Its media type: `image/svg+xml`, `image/png`, `image/jpeg` or `image/webp`.
    media_type: String,
    /// Where its left edge lies: millimetres from the left edge that seats are counted from; below 0 beyond it.
    x_mm: i64,
    /// Where its upper edge lies: millimetres from the upper edge that seats are counted from; below 0 beyond it.
    y_mm: i64,
    /// How wide it is on the floor, millimetres.
    width_mm: i64,
    /// How high it is on the floor, millimetres.
    height_mm: i64,
}

/// What lies under the seats of a floor from a day on.
#[derive(SimpleObject)]
pub(crate) struct FloorPlan {
    /// The first day.
    valid_from: Date,
    /// What lies there; null = nothing any more.
    picture: Option<FloorPicture>,
}

fn picture(plan: &estate::FloorPlan) -> Option<FloorPicture> {
    let estate::PlanPicture { stored, sheet } = plan.picture.as_ref()?;
    Some(FloorPicture {
        path: format!("/pictures/{}", plan.id),
        media_type: stored.media_type.clone(),
        x_mm: sheet.x_mm,
        y_mm: sheet.y_mm,
        width_mm: sheet.width_mm,
        height_mm: sheet.height_mm,
    })
}

/// What lies on a floor on a day.
pub(super) async fn picture_on(
    gql: &Context<'_>,
    floor: FloorId,
    on: NaiveDate,
) -> async_graphql::Result<Option<FloorPicture>> {
    let versions = load(gql, PlansOf(floor)).await?.unwrap_or_default();
    Ok(estate::plan_on(versions.iter().map(|v| &**v), on).and_then(picture))
}

/// Every version of a floor, the latest first.
pub(super) async fn plans_of(gql: &Context<'_>, floor: FloorId) -> async_graphql::Result<Vec<FloorPlan>> {
    let versions = load(gql, PlansOf(floor)).await?.unwrap_or_default();
    let of = |plan: &Arc<estate::FloorPlan>| FloorPlan { valid_from: plan.from.into(), picture: picture(plan) };
    Ok(versions.iter().rev().map(of).collect())
}

/// Looks at an uploaded picture before the writing transaction begins: nobody waits for a parser.
pub(super) async fn looked_at(
    gql: &Context<'_>,
    file: &ID,
    purpose: Purpose,
) -> async_graphql::Result<Outcome<(StoredFile, PictureSize)>> {
    let request = gql.request();
    let read = async {
        let (ctx, id) = (request.ctx()?, node::id("fileId", file)?);
        estate::picture(&*request.read().await?, &*request.services.drawings, ctx, (id, purpose)).await
    };
    match read.await {
        Ok(found) => Ok(Ok(found)),
        Err(error) => UserError::all(&error, request.lang()).map(Err).ok_or_else(|| gql.fault(&error)),
    }
}

/// A picture that is to lie under the seats of a floor.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct FloorPlanSetInput {
    /// Which floor.
    floor_id: ID,
    /// The picture: an uploaded SVG, PNG, JPEG or WebP file of at most 20 MiB.
    file_id: ID,
    /// Where its left edge lies: millimetres from the left edge that seats are counted from, -1000000 to 1000000.
    x_mm: i64,
    /// Where its upper edge lies: millimetres from the upper edge that seats are counted from, -1000000 to 1000000.
    y_mm: i64,
    /// How wide it is on the floor: 100 to 1000000 millimetres. How high it is follows from its shape.
    width_mm: i64,
    /// From which day on; not before the first seat of the floor.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// The picture of a floor is to be taken away.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct FloorPlanEndInput {
    /// Of which floor.
    floor_id: ID,
    /// From which day on.
    from: Date,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// What became of the picture of a floor.
#[derive(SimpleObject, Default)]
pub(crate) struct FloorPlanPayload {
    /// The floor.
    floor: Option<Floor>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn with_floor(gql: &Context<'_>, done: Outcome<FloorId>) -> async_graphql::Result<Option<FloorPlanPayload>> {
    Ok(Some(match done {
        Ok(id) => FloorPlanPayload { floor: Some(load_known(gql, id).await?.into()), ..Default::default() },
        Err(user_errors) => FloorPlanPayload { user_errors, ..Default::default() },
    }))
}

#[derive(Default)]
pub(crate) struct FloorPlanMutation;

#[Object]
impl FloorPlanMutation {
    /// Lays a picture under the seats of a floor from a day on. What lay there before stays what lay there on the days
    /// before.
    async fn floor_plan_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FloorPlanSetInput,
    ) -> async_graphql::Result<Option<FloorPlanPayload>> {
        let (file, size) = match looked_at(gql, &input.file_id, Purpose::FloorPlan).await? {
            Ok(found) => found,
            Err(user_errors) => return Ok(Some(FloorPlanPayload { user_errors, ..Default::default() })),
        };
        let wanted = input.clone();
        let done = change(gql, "floorPlanSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let request = FloorPlanRequest {
                    floor: node::id("floorId", &wanted.floor_id)?,
                    file,
                    size,
                    x_mm: wanted.x_mm,
                    y_mm: wanted.y_mm,
                    width_mm: wanted.width_mm,
                    from: wanted.from.0,
                };
                let plan = estate::floor_plan_set(tx, ctx, &request).await?;
                let detail = serde_json::json!({ "from": wanted.from, "file": request.file.id });
                Ok((plan.floor, AuditEntry::new("floor-plan.set", plan.floor).with(detail)))
            })
        });
        with_floor(gql, done.await?).await
    }

    /// Takes the picture of a floor away from a day on; on the days before it stays.
    async fn floor_plan_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FloorPlanEndInput,
    ) -> async_graphql::Result<Option<FloorPlanPayload>> {
        let wanted = input.clone();
        let done = change(gql, "floorPlanEnd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let floor = node::id("floorId", &wanted.floor_id)?;
                let plan = estate::floor_plan_end(tx, ctx, floor, wanted.from.0).await?;
                let detail = serde_json::json!({ "from": wanted.from });
                Ok((plan.floor, AuditEntry::new("floor-plan.end", plan.floor).with(detail)))
            })
        });
        with_floor(gql, done.await?).await
    }
}
