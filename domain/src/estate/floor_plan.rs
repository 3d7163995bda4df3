//! The picture of a floor: what lies under its seats on a day, and where.
//!
//! Versions are only ever added. On a day that one holds which begins latest by then, of those that begin on the same day
//! the one recorded last; one without a picture says that there is none from its day on.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::plan::MAX_MM;
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{FileId, FloorId, FloorPlanId, UserId};
use crate::permission::{Action, Resource};
use crate::platform::StoredFile;

/// The narrowest picture, millimetres on the floor.
const MIN_WIDTH: i64 = 100;
/// How many times as long as short a picture may be.
const MAX_RATIO: i64 = 50;

/// Width and height of a picture, in whatever it counts; only what they are to one another matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize {
    /// Above 0.
    pub width: i64,
    /// Above 0.
    pub height: i64,
}

/// Where a picture lies on a floor, in the millimetres of its seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Of its left edge; below 0 where it reaches beyond the corner that seats are counted from.
    pub x_mm: i64,
    /// Of its upper edge; likewise.
    pub y_mm: i64,
    /// How wide it is.
    pub width_mm: i64,
    /// How high it is, as its own shape says.
    pub height_mm: i64,
}

/// The bytes of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPicture {
    /// SHA-256 of the bytes, which is their name in the file store.
    pub sha256: [u8; 32],
    /// What the content was found to be.
    pub media_type: String,
    /// Size.
    pub bytes: i64,
}

impl From<&StoredFile> for StoredPicture {
    fn from(file: &StoredFile) -> Self {
        Self { sha256: file.sha256, media_type: file.media_type.clone(), bytes: file.bytes }
    }
}

/// A picture and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanPicture {
    /// Its bytes.
    pub stored: StoredPicture,
    /// Where it lies.
    pub sheet: Sheet,
}

/// What lies under the seats of a floor from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorPlan {
    /// Its id.
    pub id: FloorPlanId,
    /// Which floor.
    pub floor: FloorId,
    /// The first day.
    pub from: NaiveDate,
    /// What lies there; `None` = nothing any more.
    pub picture: Option<PlanPicture>,
}

/// What is kept of the pictures of floors.
#[async_trait]
pub trait FloorPlans: Send + Sync {
    /// Every version of floors, by floor, first day and when it was recorded.
    async fn floor_plans_of(&self, floors: &[FloorId]) -> Result<Vec<FloorPlan>>;
    /// One version.
    async fn floor_plan(&self, id: FloorPlanId) -> Result<Option<FloorPlan>>;
    /// The first day on which a floor had a seat; `None` where it never had one.
    async fn floor_since(&self, floor: FloorId) -> Result<Option<NaiveDate>>;
    /// Adds a version; `file` is what the picture was uploaded as.
    async fn floor_plan_add(
        &self,
        plan: &FloorPlan,
        file: Option<FileId>,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<()>;
}

/// A picture that is to lie on a floor.
#[derive(Clone, Debug)]
pub struct FloorPlanRequest {
    /// Which floor.
    pub floor: FloorId,
    /// The picture, looked at before: see [`super::picture`].
    pub file: StoredFile,
    /// Its shape.
    pub size: PictureSize,
    /// Where its left edge lies, millimetres.
    pub x_mm: i64,
    /// Where its upper edge lies, millimetres.
    pub y_mm: i64,
    /// How wide it is on the floor, millimetres.
    pub width_mm: i64,
    /// From which day on.
    pub from: NaiveDate,
}

impl FloorPlanRequest {
    fn sheet(&self) -> Result<Sheet> {
        let mut bad = Refusals::new();
        for (path, value, low) in
            [("xMm", self.x_mm, -MAX_MM), ("yMm", self.y_mm, -MAX_MM), ("widthMm", self.width_mm, MIN_WIDTH)]
        {
            bad.when(!(low..=MAX_MM).contains(&value), || {
                let refusal = Refusal::new(RefusalCode::OutOfRange, "number-range").at(path);
                refusal.with("value", value).with("min", low).with("max", MAX_MM)
            });
        }
        let PictureSize { width, height } = self.size;
        bad.when(width > height.saturating_mul(MAX_RATIO) || height > width.saturating_mul(MAX_RATIO), || {
            Refusal::new(RefusalCode::OutOfRange, "picture-ratio").at("fileId").with("max", MAX_RATIO)
        });
        bad.finish()?;
        // Rounded to the nearest; at most MAX_MM x MAX_RATIO.
        let twice = i128::from(self.width_mm) * i128::from(height) * 2 + i128::from(width);
        let height_mm = i64::try_from(twice / (i128::from(width) * 2)).map_err(Error::internal)?;
        Ok(Sheet { x_mm: self.x_mm, y_mm: self.y_mm, width_mm: self.width_mm, height_mm: height_mm.max(1) })
    }
}

/// What lies on a floor on a day, of its versions in the order of [`FloorPlans::floor_plans_of`].
pub fn plan_on<'a>(versions: impl DoubleEndedIterator<Item = &'a FloorPlan>, on: NaiveDate) -> Option<&'a FloorPlan> {
    versions.rev().find(|plan| plan.from <= on).filter(|plan| plan.picture.is_some())
}

/// The floor must be there, and have been there on the day.
async fn floor_ok<S: Store + FloorPlans + ?Sized>(store: &S, floor: FloorId, from: NaiveDate) -> Result<()> {
    if store.floors_by_id(&[floor]).await?.is_empty() {
        return Err(Refusal::new(RefusalCode::NotFound, "floor-not-there").at("floorId").into());
    }
    match store.floor_since(floor).await?.filter(|day| from < *day) {
        None => Ok(()),
        Some(day) => Err(Refusal::new(RefusalCode::OutOfRange, "plan-before-floor").at("from").with("day", day).into()),
    }
}

fn seen(plan: Option<&FloorPlan>) -> Seen {
    let said = |plan: &FloorPlan| {
        let sheet = plan.picture.as_ref()?.sheet;
        Some(format!("{} @ {},{} {}x{} mm", plan.id, sheet.x_mm, sheet.y_mm, sheet.width_mm, sheet.height_mm))
    };
    Seen::maybe(plan.and_then(said))
}

/// Lays a picture under the seats of a floor from a day on; what lay there before stays what lay there before.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `number-range`, `picture-ratio`, `floor-not-there`,
/// `plan-before-floor`.
pub async fn floor_plan_set<S: Store + FloorPlans + ?Sized>(
    store: &S,
    ctx: &Ctx,
    request: &FloorPlanRequest,
) -> Result<FloorPlan> {
    ctx.require(Action::Write, Resource::Estate)?;
    let sheet = request.sheet()?;
    floor_ok(store, request.floor, request.from).await?;
    let before = store.floor_plans_of(&[request.floor]).await?;
    let picture = PlanPicture { stored: StoredPicture::from(&request.file), sheet };
    let plan = FloorPlan { id: ctx.id(), floor: request.floor, from: request.from, picture: Some(picture) };
    ctx.heard().changed("plan", seen(plan_on(before.iter(), request.from)), seen(Some(&plan)));
    store.floor_plan_add(&plan, Some(request.file.id), ctx.now(), ctx.actor().user).await?;
    Ok(plan)
}

/// Takes the picture of a floor away from a day on.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `floor-not-there`, `plan-before-floor`, `plan-none`.
pub async fn floor_plan_end<S: Store + FloorPlans + ?Sized>(
    store: &S,
    ctx: &Ctx,
    floor: FloorId,
    from: NaiveDate,
) -> Result<FloorPlan> {
    ctx.require(Action::Write, Resource::Estate)?;
    floor_ok(store, floor, from).await?;
    let before = store.floor_plans_of(&[floor]).await?;
    let Some(was) = plan_on(before.iter(), from) else {
        return Err(Refusal::new(RefusalCode::State, "plan-none").at("from").with("day", from).into());
    };
    let plan = FloorPlan { id: ctx.id(), floor, from, picture: None };
    ctx.heard().changed("plan", seen(Some(was)), seen(None));
    store.floor_plan_add(&plan, None, ctx.now(), ctx.actor().user).await?;
    Ok(plan)
}

/// Every version of floors, for who may look at them.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn floor_plans<S: FloorPlans + ?Sized>(store: &S, ctx: &Ctx, floors: &[FloorId]) -> Result<Vec<FloorPlan>> {
    ctx.require(Action::Read, Resource::Estate)?;
    store.floor_plans_of(floors).await
}

/// The picture of a version, to be shown.
///
/// # Errors
/// [`Error::NotFound`] for one out of reach or without a picture.
pub async fn floor_plan_of<S: FloorPlans + ?Sized>(store: &S, ctx: &Ctx, id: FloorPlanId) -> Result<StoredPicture> {
    ctx.require(Action::Read, Resource::Estate)?;
    let plan = store.floor_plan(id).await?.ok_or(Error::NotFound)?;
    plan.picture.map(|picture| picture.stored).ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, d).expect("a date")
    }

    fn version(n: u128, from: u32, there: bool) -> FloorPlan {
        let stored = StoredPicture { sha256: [0; 32], media_type: "image/png".to_owned(), bytes: 1 };
        let sheet = Sheet { x_mm: 0, y_mm: 0, width_mm: 1, height_mm: 1 };
        FloorPlan {
            id: FloorPlanId::from_uuid(uuid::Uuid::from_u128(n)),
            floor: FloorId::from_uuid(uuid::Uuid::from_u128(9)),
            from: day(from),
            picture: there.then_some(PlanPicture { stored, sheet }),
        }
    }

    #[test]
    fn the_latest_beginning_holds_and_of_those_the_one_recorded_last() {
        let versions = [version(1, 2, true), version(3, 2, true), version(2, 10, false), version(4, 20, true)];
        let on = |d| plan_on(versions.iter(), day(d)).map(|plan| plan.id.uuid().as_u128());
        assert_eq!([on(1), on(2), on(9), on(10), on(19), on(20)], [None, Some(3), Some(3), None, None, Some(4)]);
    }
}
