//! Park and tenants.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait as _, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use voxpark_domain::identity::Region;
use voxpark_domain::ids::{Id, ParkId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::tenancy::{Park, Store, Tenant};
use voxpark_domain::{Error, Result};

use crate::db::{Tx, fail, violated};
use crate::entity::{park, tenant};
use crate::repo::broken;

pub(crate) fn to_park(row: park::Model) -> Result<Park> {
    Ok(Park {
        id: ParkId::from_uuid(row.park_id),
        zone: row.time_zone.parse().map_err(|_| broken("time zone", &row.time_zone))?,
        currency: Currency::parse(&row.currency).map_err(|_| broken("currency", &row.currency))?,
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        city_tier: row.city_tier,
        region: row.region.map(|code| Region::parse(&code).map_err(|_| broken("region", &code))).transpose()?,
    })
}

fn to_tenant(row: tenant::Model) -> Tenant {
    Tenant {
        id: TenantId::from_uuid(row.tenant_id),
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        business: row.business,
        operating_since: row.operating_since,
        arrived_on: row.arrived_on,
    }
}

#[async_trait]
impl Store for Tx {
    async fn park(&self) -> Result<Option<Park>> {
        self.select::<park::Entity>()?.one(self.conn()).await.map_err(fail)?.map(to_park).transpose()
    }

    async fn tenants(&self, page: &PageRequest) -> Result<Page<Tenant>> {
        let mut select =
            self.select::<tenant::Entity>()?.order_by_asc(tenant::Column::Code).limit(u64::from(page.first) + 1);
        if let Some(after) = &page.after {
            select = select.filter(tenant::Column::Code.gt(after.as_str()));
        }
        let rows = select.all(self.conn()).await.map_err(fail)?;
        Ok(Page::from_rows(page, rows.into_iter().map(|r| (r.code.clone(), to_tenant(r))).collect()))
    }

    async fn tenants_count(&self) -> Result<i64> {
        let n = self.select::<tenant::Entity>()?.count(self.conn()).await.map_err(fail)?;
        i64::try_from(n).map_err(Error::internal)
    }

    async fn tenants_by_id(&self, ids: &[TenantId]) -> Result<Vec<Tenant>> {
        let rows = self
            .select::<tenant::Entity>()?
            .filter(tenant::Column::TenantId.is_in(ids.iter().map(|t| t.uuid())))
            .all(self.conn())
            .await
            .map_err(fail)?;
        Ok(rows.into_iter().map(to_tenant).collect())
    }

    async fn tenant_add(&self, new: &Tenant, now: DateTime<Utc>) -> Result<bool> {
        let park = self.park_id()?;
        // The code is taken first, in the park's own register, so that two at once cannot both have it.
        let taken = self
            .query_one(
                "SELECT 1 AS one FROM tenant_code c WHERE {c} AND c.code = $1",
                &[crate::db::Slot("c", "tenant_code")],
                vec![new.code.as_str().into()],
            )
            .await?;
        if taken.is_some() {
            return Ok(false);
        }
        let row = tenant::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(new.id.uuid()),
            code: Set(new.code.clone()),
            name: Set(new.name.clone()),
            name_en: Set(new.name_en.clone()),
            business: Set(new.business.clone()),
            operating_since: Set(new.operating_since),
            arrived_on: Set(new.arrived_on),
            created_at: Set(now),
        };
        self.insert(row).await.map_err(fail)?;
        match self
            .execute(
                "INSERT INTO tenant_code (park_id, code, of_tenant_id) VALUES ($1, $2, $3)",
                &[],
                vec![park.into(), new.code.as_str().into(), new.id.uuid().into()],
            )
            .await
        {
            Ok(_) => Ok(true),
            Err(e) if violated(&e).is_some_and(|c| c.contains("tenant_code")) => Ok(false),
            Err(e) => Err(fail(e)),
        }
    }

    async fn park_add(&self, new: &Park, now: DateTime<Utc>) -> Result<()> {
        let row = park::ActiveModel {
            park_id: Set(new.id.uuid()),
            code: Set(new.code.clone()),
            name: Set(new.name.clone()),
            name_en: Set(new.name_en.clone()),
            time_zone: Set(new.zone.name().to_owned()),
            currency: Set(new.currency.code().to_owned()),
            city_tier: Set(new.city_tier),
            region: Set(new.region.as_ref().map(|r| r.code().to_owned())),
            created_at: Set(now),
        };
        park::Entity::insert(row).exec_without_returning(self.conn()).await.map_err(fail)?;
        Ok(())
    }

    async fn park_region_set(&self, park: ParkId, region: &Region) -> Result<()> {
        let values = vec![park.uuid().into(), region.code().into()];
        let sql = "UPDATE park SET region = $2 WHERE park_id = $1";
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }
}
