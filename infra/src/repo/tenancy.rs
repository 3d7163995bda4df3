//! Park and tenants.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait as _, FromQueryResult as _, PaginatorTrait, QueryFilter, QueryResult, Set};
use voxpark_domain::identity::Region;
use voxpark_domain::ids::{Id, ParkId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::tenancy::{Park, Store, Tenant, TenantSort};
use voxpark_domain::{Error, Result};

use crate::db::{Slot, Tx, fail, violated};
use crate::entity::{park, tenant};
use crate::repo::binds::Binds;
use crate::repo::broken;
use crate::repo::estate::covers;
use crate::repo::sorted::{Key, Sorted};

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

    async fn tenants(&self, today: NaiveDate, sort: Sort<TenantSort>, page: &PageRequest) -> Result<Page<Tenant>> {
        let mut binds = Binds::default();
        let mut slots = vec![Slot("t", "tenant")];
        let first = match sort.by {
            TenantSort::Code => None,
            TenantSort::ArrivedOn => Some(Key::day("t.arrived_on")),
            TenantSort::Seats => {
                slots.push(Slot("a", "allocation"));
                let held = covers("a.held_from", "a.held_to", &binds.one(today));
                Some(Key::Whole(format!(
                    "(SELECT COUNT(DISTINCT a.seat_id) FROM allocation a
                      WHERE {{a}} AND a.park_id = t.park_id AND a.tenant_id = t.tenant_id AND {held})"
                )))
            }
        };
        let list = Sorted::new(sort, first.into_iter().chain([Key::text("t.code")]).collect());
        let sql = list.sql("t.*", "FROM tenant t WHERE {t}", page, &mut binds)?;
        let rows = self.query(&sql, &slots, binds.into_values()).await?;
        let row = |row: &QueryResult| {
            Ok((list.cursor(row)?, to_tenant(tenant::Model::from_query_result(row, "").map_err(fail)?)))
        };
        Ok(Page::from_rows(page, rows.iter().map(row).collect::<Result<_>>()?))
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
                &[Slot("c", "tenant_code")],
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
