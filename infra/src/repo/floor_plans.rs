//! What lies under the seats of floors.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;
use voxpark_domain::estate::{FloorPlan, FloorPlans, PlanPicture, Sheet, StoredPicture};
use voxpark_domain::ids::{FileId, FloorId, FloorPlanId, Id, UserId};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id};
use super::get;
use crate::db::{Slot, Tx, fail};

const PLAN: Slot = Slot("fp", "floor_plan");
const COLUMNS: &str = "fp.plan_id, fp.floor_id, fp.valid_from, fp.sha256, fp.media_type, fp.bytes, fp.x_mm, fp.y_mm, fp.width_mm, fp.height_mm";

/// A hash as it is stored.
pub(super) fn sha256(bytes: Vec<u8>) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::internal("a hash in the database is not 32 bytes"))
}

fn to_plan(row: &QueryResult) -> Result<FloorPlan> {
    let picture = match get::<Option<Vec<u8>>>(row, "sha256")? {
        None => None,
        Some(hash) => Some(PlanPicture {
            stored: StoredPicture {
                sha256: sha256(hash)?,
                media_type: get(row, "media_type")?,
                bytes: get(row, "bytes")?,
            },
            sheet: Sheet {
                x_mm: get(row, "x_mm")?,
                y_mm: get(row, "y_mm")?,
                width_mm: get(row, "width_mm")?,
                height_mm: get(row, "height_mm")?,
            },
        }),
    };
    Ok(FloorPlan {
        id: FloorPlanId::from_uuid(get(row, "plan_id")?),
        floor: FloorId::from_uuid(get(row, "floor_id")?),
        from: get(row, "valid_from")?,
        picture,
    })
}

#[async_trait]
impl FloorPlans for Tx {
    async fn floor_plans_of(&self, floors: &[FloorId]) -> Result<Vec<FloorPlan>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {COLUMNS} FROM floor_plan fp WHERE {{fp}} AND fp.floor_id IN {}
             ORDER BY fp.floor_id, fp.valid_from, fp.plan_id",
            binds.ids(floors)
        );
        self.query(&sql, &[PLAN], binds.into_values()).await?.iter().map(to_plan).collect()
    }

    async fn floor_plan(&self, plan: FloorPlanId) -> Result<Option<FloorPlan>> {
        let sql = format!("SELECT {COLUMNS} FROM floor_plan fp WHERE {{fp}} AND fp.plan_id = $1");
        self.query_one(&sql, &[PLAN], vec![id(plan)]).await?.as_ref().map(to_plan).transpose()
    }

    async fn floor_since(&self, floor: FloorId) -> Result<Option<NaiveDate>> {
        let sql = "SELECT s.built_from FROM seat s JOIN zone z ON z.park_id = s.park_id AND z.zone_id = s.zone_id
             WHERE {s} AND {z} AND z.floor_id = $1 ORDER BY s.built_from LIMIT 1";
        let slots = [Slot("s", "seat"), Slot("z", "zone")];
        self.query_one(sql, &slots, vec![id(floor)]).await?.map(|row| get(&row, "built_from")).transpose()
    }

    async fn floor_plan_add(
        &self,
        plan: &FloorPlan,
        file: Option<FileId>,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<()> {
        self.tell_seats()?;
        let (stored, sheet) = (plan.picture.as_ref().map(|p| &p.stored), plan.picture.as_ref().map(|p| p.sheet));
        let values = vec![
            self.park_id()?.into(),
            id(plan.id),
            id(plan.floor),
            plan.from.into(),
            file.map(Id::uuid).into(),
            stored.map(|s| s.sha256.to_vec()).into(),
            stored.map(|s| s.media_type.clone()).into(),
            stored.map(|s| s.bytes).into(),
            sheet.map(|s| s.x_mm).into(),
            sheet.map(|s| s.y_mm).into(),
            sheet.map(|s| s.width_mm).into(),
            sheet.map(|s| s.height_mm).into(),
            at.into(),
            by.map(Id::uuid).into(),
        ];
        let sql = "INSERT INTO floor_plan (park_id, plan_id, floor_id, valid_from, file_id, sha256, media_type, bytes,
              x_mm, y_mm, width_mm, height_mm, recorded_at, recorded_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        self.execute(sql, &[], values).await.map_err(fail).map(drop)
    }
}
