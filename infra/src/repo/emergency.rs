//! Entries of the platform operator in an emergency.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryResult};
use uuid::Uuid;
use voxpark_domain::identity::{Emergencies, Emergency, EmergencyEnd, Ended};
use voxpark_domain::ids::{EmergencyId, Id, ParkId, SessionId, TenantId, UserId};
use voxpark_domain::news::Topic;
use voxpark_domain::permission::Role;
use voxpark_domain::tenancy::Park;
use voxpark_domain::{Error, Result};

use super::binds::Binds;
use super::tenancy::to_park;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::entity::park;

/// How many are shown.
const SHOWN: u32 = 100;

const EMERGENCY: &str =
    "SELECT e.park_id, e.tenant_id, e.emergency_id, e.operator_id, e.operator_name, e.reason, e.mode,
 e.started_at, e.ends_at, e.ended_at, e.ended_by, t.name AS tenant_name
 FROM emergency e LEFT JOIN tenant t ON t.park_id = e.park_id AND t.tenant_id = e.tenant_id AND {t} WHERE {e}";
const SLOTS: [Slot; 2] = [Slot("e", "emergency"), Slot("t", "tenant")];

fn to_emergency(row: &QueryResult, parks: &[Park]) -> Result<Emergency> {
    let (of_park, of_tenant): (Uuid, Uuid) = (get(row, "park_id")?, get(row, "tenant_id")?);
    let park = parks.iter().find(|p| p.id.uuid() == of_park).cloned();
    let ended: Option<String> = get(row, "ended_by")?;
    Ok(Emergency {
        id: EmergencyId::from_uuid(get(row, "emergency_id")?),
        park: park.ok_or_else(|| Error::internal("an emergency of a park that is not there"))?,
        tenant: (!of_tenant.is_nil())
            .then(|| {
                Ok::<_, Error>((
                    TenantId::from_uuid(of_tenant),
                    get::<Option<String>>(row, "tenant_name")?.unwrap_or_default(),
                ))
            })
            .transpose()?,
        operator: UserId::from_uuid(get(row, "operator_id")?),
        operator_name: get(row, "operator_name")?,
        reason: get(row, "reason")?,
        write: get::<String>(row, "mode")? == "write",
        started_at: get(row, "started_at")?,
        ends_at: get(row, "ends_at")?,
        ended_at: get(row, "ended_at")?,
        ended_by: ended
            .map(|name| EmergencyEnd::from_name(&name).ok_or_else(|| broken("ended_by", &name)))
            .transpose()?,
    })
}

impl Tx {
    async fn with_parks(&self, rows: Vec<QueryResult>) -> Result<Vec<Emergency>> {
        let ids = rows.iter().map(|row| get::<Uuid>(row, "park_id")).collect::<Result<Vec<_>>>()?;
        let select = self.select::<park::Entity>()?.filter(park::Column::ParkId.is_in(ids));
        let parks = select.all(self.conn()).await.map_err(fail)?;
        let parks = parks.into_iter().map(to_park).collect::<Result<Vec<_>>>()?;
        rows.iter().map(|row| to_emergency(row, &parks)).collect()
    }
}

#[async_trait]
impl Emergencies for Tx {
    async fn emergencies(&self) -> Result<Vec<Emergency>> {
        let sql = format!("{EMERGENCY} ORDER BY e.started_at DESC, e.emergency_id DESC LIMIT {SHOWN}");
        self.with_parks(self.query(&sql, &SLOTS, Vec::new()).await?).await
    }

    async fn emergencies_by_id(&self, ids: &[EmergencyId]) -> Result<Vec<Emergency>> {
        let mut binds = Binds::default();
        let sql = format!("{EMERGENCY} AND e.emergency_id IN {}", binds.ids(ids));
        self.with_parks(self.query(&sql, &SLOTS, binds.into_values()).await?).await
    }

    async fn emergency_add(&self, new: &Emergency) -> Result<()> {
        let sql = "INSERT INTO emergency (park_id, tenant_id, emergency_id, operator_id, operator_name, reason, mode, started_at, ends_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = vec![
            new.park.id.uuid().into(),
            new.tenant.as_ref().map_or(Uuid::nil(), |t| t.0.uuid()).into(),
            new.id.uuid().into(),
            new.operator.uuid().into(),
            new.operator_name.as_str().into(),
            new.reason.as_str().into(),
            if new.write { "write" } else { "read" }.into(),
            new.started_at.into(),
            new.ends_at.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn emergency_end(&self, of: &Emergency, by: EmergencyEnd, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE emergency SET ended_at = $4, ended_by = $5
             WHERE park_id = $1 AND tenant_id = $2 AND emergency_id = $3 AND ended_at IS NULL";
        let tenant = of.tenant.as_ref().map_or(Uuid::nil(), |t| t.0.uuid());
        let values = vec![of.park.id.uuid().into(), tenant.into(), of.id.uuid().into(), now.into(), by.name().into()];
        if self.execute(sql, &[], values).await.map_err(fail)? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE session SET revoked_at = $2, ended = $3 WHERE emergency_id = $1 AND revoked_at IS NULL RETURNING session_id";
        let values = vec![of.id.uuid().into(), now.into(), Ended::Emergency.name().into()];
        for row in self.query(sql, &[], values).await? {
            self.tell(Topic::Session(SessionId::from_uuid(get(&row, "session_id")?)));
        }
        Ok(true)
    }

    async fn emergency_told(
        &self,
        park: ParkId,
        tenant: Option<TenantId>,
        today: NaiveDate,
    ) -> Result<Vec<(UserId, bool)>> {
        let sql = "SELECT 0 AS of_tenant, m.user_id FROM park_member m WHERE {m} AND m.park_id = $1 AND m.role = $3
              AND (m.valid_to IS NULL OR m.valid_to > $5)
             UNION SELECT 1, n.user_id FROM tenant_member n WHERE {n} AND n.park_id = $1 AND n.tenant_id = $2 AND n.role = $4
              AND (n.valid_to IS NULL OR n.valid_to > $5)";
        let values = vec![
            park.uuid().into(),
            tenant.map_or(Uuid::nil(), Id::uuid).into(),
            Role::ParkAdministrator.name().into(),
            Role::TenantManager.name().into(),
            today.into(),
        ];
        let rows = self.query(sql, &[Slot("m", "park_member"), Slot("n", "tenant_member")], values).await?;
        rows.iter()
            .map(|row| Ok((UserId::from_uuid(get(row, "user_id")?), get::<i32>(row, "of_tenant")? == 1)))
            .collect()
    }
}
