//! Grants, what their holders declared, and grants on regions.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::identity::{Abilities, Covered, Grant, GrantTerms, Grants, Hold, Recusal, Region, RegionGrant};
use voxpark_domain::ids::{GrantId, Id, ParkId, RegionGrantId, TenantId, UserId};
use voxpark_domain::news::Topic;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::{Ctx, Error, Result};

use super::binds::{Binds, inserts};
use super::identity::role;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

/// A grant with the instant at which its holder last declared.
const GRANT: &str = "SELECT g.park_id, g.grant_id, g.user_id, g.display_name, g.role, g.on_tenant_id, g.purpose, g.abilities,
 g.valid_from, g.valid_to, g.revoked_at, g.region_grant_id, g.region,
 (SELECT MAX(d.declared_at) FROM grant_declaration d WHERE {d} AND d.park_id = g.park_id AND d.grant_id = g.grant_id) AS declared_at
 FROM access_grant g WHERE {g}";
const SLOTS: [Slot; 2] = [Slot("g", "access_grant"), Slot("d", "grant_declaration")];

pub(super) fn to_abilities(text: &str) -> Result<Abilities> {
    Abilities::parse(text).ok_or_else(|| broken("abilities", text))
}

fn to_grant(row: &QueryResult) -> Result<Grant> {
    let region: Option<String> = get(row, "region")?;
    Ok(Grant {
        id: GrantId::from_uuid(get(row, "grant_id")?),
        user: UserId::from_uuid(get(row, "user_id")?),
        display_name: get(row, "display_name")?,
        role: role(&get::<String>(row, "role")?)?,
        tenant: get::<Option<Uuid>>(row, "on_tenant_id")?.map(TenantId::from_uuid),
        purpose: get(row, "purpose")?,
        abilities: to_abilities(&get::<String>(row, "abilities")?)?,
        from: get(row, "valid_from")?,
        to: get(row, "valid_to")?,
        revoked_at: get(row, "revoked_at")?,
        region: get::<Option<Uuid>>(row, "region_grant_id")?.map(RegionGrantId::from_uuid).zip(region),
        declared_at: get(row, "declared_at")?,
    })
}

fn to_region_grant(row: &QueryResult) -> Result<RegionGrant> {
    let region: String = get(row, "region")?;
    Ok(RegionGrant {
        id: RegionGrantId::from_uuid(get(row, "region_grant_id")?),
        region: Region::parse(&region).map_err(|_| broken("region", &region))?,
        user: UserId::from_uuid(get(row, "user_id")?),
        display_name: get(row, "display_name")?,
        role: role(&get::<String>(row, "role")?)?,
        terms: GrantTerms {
            purpose: get(row, "purpose")?,
            abilities: to_abilities(&get::<String>(row, "abilities")?)?,
            from: get(row, "valid_from")?,
            to: get(row, "valid_to")?,
        },
        revoked_at: get(row, "revoked_at")?,
    })
}

/// What the sealed reason of a recusal is bound to.
fn sealed_in(grant: Uuid, n: i64, tenant: Uuid) -> Vec<u8> {
    [b"grant_recusal/".as_slice(), grant.as_bytes(), &n.to_be_bytes(), tenant.as_bytes()].concat()
}

/// The last declarations of some grants, with what was said of tenants; a row without a tenant where there was no interest.
fn declarations(list: &str) -> String {
    format!(
        "SELECT d.grant_id, d.n, d.declared_at, r.on_tenant_id, r.reason_sealed
         FROM grant_declaration d LEFT JOIN grant_recusal r
           ON r.park_id = d.park_id AND r.grant_id = d.grant_id AND r.n = d.n AND {{r}}
         WHERE {{d}} AND d.grant_id IN {list} AND NOT EXISTS (
           SELECT 1 FROM grant_declaration e WHERE {{e}} AND e.park_id = d.park_id AND e.grant_id = d.grant_id
             AND e.n > d.n)
         ORDER BY d.grant_id, r.on_tenant_id"
    )
}
const DECLARED: [Slot; 3] =
    [Slot("d", "grant_declaration"), Slot("r", "grant_recusal"), Slot("e", "grant_declaration")];

impl Tx {
    /// Adds to grants what their holders last declared.
    pub(super) async fn declared(&self, holds: Vec<&mut Hold>) -> Result<()> {
        if holds.is_empty() {
            return Ok(());
        }
        let mut binds = Binds::default();
        let list = binds.list(holds.iter().map(|h| h.id.uuid()));
        let rows = self.query(&declarations(&list), &DECLARED, binds.into_values()).await?;
        let mut holds: HashMap<Uuid, &mut Hold> = holds.into_iter().map(|h| (h.id.uuid(), h)).collect();
        for row in &rows {
            let Some(hold) = holds.get_mut(&get::<Uuid>(row, "grant_id")?) else { continue };
            hold.declared_at = Some(get(row, "declared_at")?);
            hold.recused.extend(get::<Option<Uuid>>(row, "on_tenant_id")?.map(TenantId::from_uuid));
        }
        Ok(())
    }
}

#[async_trait]
impl Grants for Tx {
    async fn grants(&self, page: &PageRequest) -> Result<Page<Grant>> {
        let mut binds = Binds::default();
        let after = page.after.as_deref().and_then(|a| a.parse::<GrantId>().ok());
        let behind = after.map(|a| format!("AND g.grant_id < {}", binds.one(a.uuid()))).unwrap_or_default();
        let sql = format!("{GRANT} {behind} ORDER BY g.grant_id DESC LIMIT {}", page.first + 1);
        let rows = self.query(&sql, &SLOTS, binds.into_values()).await?;
        let grants = rows.iter().map(to_grant).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, grants.into_iter().map(|g| (g.id.to_string(), g)).collect()))
    }

    async fn grants_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM access_grant g WHERE {g}";
        let row = self.query_one(sql, &[Slot("g", "access_grant")], Vec::new()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn grants_by_id(&self, ids: &[GrantId]) -> Result<Vec<Grant>> {
        let mut binds = Binds::default();
        let list = binds.ids(ids);
        let rows = self.query(&format!("{GRANT} AND g.grant_id IN {list}"), &SLOTS, binds.into_values()).await?;
        rows.iter().map(to_grant).collect()
    }

    async fn grant_add(&self, park: ParkId, grant: &Grant, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO access_grant (park_id, grant_id, user_id, display_name, role, on_tenant_id, purpose, abilities,
              valid_from, valid_to, region_grant_id, region, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let values = vec![
            park.uuid().into(),
            grant.id.uuid().into(),
            grant.user.uuid().into(),
            grant.display_name.as_str().into(),
            grant.role.name().into(),
            grant.tenant.map(Id::uuid).into(),
            grant.purpose.as_str().into(),
            grant.abilities.text().into(),
            grant.from.into(),
            grant.to.into(),
            grant.region.as_ref().map(|r| r.0.uuid()).into(),
            grant.region.as_ref().map(|r| r.1.clone()).into(),
            now.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn grant_revoke(&self, park: ParkId, id: GrantId, now: DateTime<Utc>) -> Result<bool> {
        self.tell(Topic::Grant(id));
        let sql = "UPDATE access_grant SET revoked_at = $3 WHERE park_id = $1 AND grant_id = $2 AND revoked_at IS NULL";
        let values = vec![park.uuid().into(), id.uuid().into(), now.into()];
        Ok(self.execute(sql, &[], values).await.map_err(fail)? == 1)
    }

    async fn grant_covers(&self, park: ParkId, tenant: Option<TenantId>) -> Result<Vec<Covered>> {
        let mut binds = Binds::default();
        let park = binds.one(park.uuid());
        let one = tenant.map(|t| format!("AND t.tenant_id = {}", binds.one(t.uuid()))).unwrap_or_default();
        let sql = format!(
            "SELECT t.tenant_id, t.name, t.name_en, t.created_at FROM tenant t WHERE {{t}} AND t.park_id = {park} {one} ORDER BY t.code"
        );
        let rows = self.query(&sql, &[Slot("t", "tenant")], binds.into_values()).await?;
        let covered = |row: &QueryResult| {
            Ok(Covered {
                id: TenantId::from_uuid(get(row, "tenant_id")?),
                name: get(row, "name")?,
                name_en: get(row, "name_en")?,
                since: get(row, "created_at")?,
            })
        };
        rows.iter().map(covered).collect()
    }

    async fn grant_declare(
        &self,
        ctx: &Ctx,
        grant: &Grant,
        statement: &str,
        recusals: &[Recusal],
        as_of: DateTime<Utc>,
    ) -> Result<()> {
        self.tell(Topic::Grant(grant.id));
        let (park, id): (Uuid, Uuid) = (ctx.park()?.uuid(), grant.id.uuid());
        // Who declares in two windows at once declares one after the other.
        if self.postgres() {
            let lock =
                "SELECT 1 AS one FROM access_grant g WHERE {g} AND g.park_id = $1 AND g.grant_id = $2 FOR UPDATE";
            self.query(lock, &[Slot("g", "access_grant")], vec![park.into(), id.into()]).await?;
        }
        let last = "SELECT COALESCE(MAX(d.n), 0) AS n FROM grant_declaration d WHERE {d} AND d.park_id = $1 AND d.grant_id = $2";
        let last = self.query_one(last, &[Slot("d", "grant_declaration")], vec![park.into(), id.into()]).await?;
        let n = 1 + last.map_or(Ok(0), |row| get::<i64>(&row, "n"))?;
        let key: Vec<Value> = vec![park.into(), id.into(), n.into()];
        let mut values = key.clone();
        values.extend([statement.into(), as_of.into()]);
        let sql =
            "INSERT INTO grant_declaration (park_id, grant_id, n, statement, declared_at) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, &[], values).await.map_err(fail)?;
        let row = |recusal: &Recusal| {
            let tenant = recusal.tenant.uuid();
            let reason = self.keys().seal(&SystemRandom, &sealed_in(id, n, tenant), recusal.reason.trim())?;
            let mut values = key.clone();
            values.extend([tenant.into(), reason.into()]);
            Ok(values)
        };
        let rows = recusals.iter().map(row).collect::<Result<Vec<_>>>()?;
        let columns = ["park_id", "grant_id", "n", "on_tenant_id", "reason_sealed"];
        for (sql, values) in inserts("grant_recusal", &columns, rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn recusals(&self, of: &[GrantId]) -> Result<Vec<(GrantId, Recusal)>> {
        let mut binds = Binds::default();
        let list = binds.ids(of);
        let rows = self.query(&declarations(&list), &DECLARED, binds.into_values()).await?;
        let recusal = |row: &QueryResult| {
            let Some(tenant) = get::<Option<Uuid>>(row, "on_tenant_id")? else { return Ok(None) };
            let context = sealed_in(get(row, "grant_id")?, get(row, "n")?, tenant);
            let reason = self.keys().open(&context, &get::<Vec<u8>>(row, "reason_sealed")?)?;
            let recusal = Recusal { tenant: TenantId::from_uuid(tenant), reason };
            Ok(Some((GrantId::from_uuid(get(row, "grant_id")?), recusal)))
        };
        rows.iter().filter_map(|row| recusal(row).transpose()).collect()
    }

    async fn tenants_of(&self, park: ParkId) -> Result<Vec<(TenantId, DateTime<Utc>)>> {
        let sql = "SELECT t.tenant_id, t.created_at FROM tenant t WHERE {t} AND t.park_id = $1";
        let rows = self.query(sql, &[Slot("t", "tenant")], vec![park.uuid().into()]).await?;
        rows.iter().map(|r| Ok((TenantId::from_uuid(get(r, "tenant_id")?), get(r, "created_at")?))).collect()
    }

    async fn region_grants(&self) -> Result<Vec<RegionGrant>> {
        // Whoever gives parts of them out sees none that is taken back at this moment.
        let lock = if self.writes() && self.postgres() { "FOR SHARE" } else { "" };
        let sql = format!("SELECT * FROM region_grant r WHERE {{r}} ORDER BY r.region_grant_id DESC {lock}");
        self.query(&sql, &[Slot("r", "region_grant")], Vec::new()).await?.iter().map(to_region_grant).collect()
    }

    async fn region_grant_add(&self, grant: &RegionGrant, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO region_grant (region_grant_id, region, user_id, display_name, role, purpose, abilities, valid_from,
              valid_to, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = vec![
            grant.id.uuid().into(),
            grant.region.code().into(),
            grant.user.uuid().into(),
            grant.display_name.as_str().into(),
            grant.role.name().into(),
            grant.terms.purpose.trim().into(),
            grant.terms.abilities.text().into(),
            grant.terms.from.into(),
            grant.terms.to.into(),
            now.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn region_grant_revoke(&self, id: RegionGrantId, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE region_grant SET revoked_at = $2 WHERE region_grant_id = $1 AND revoked_at IS NULL";
        Ok(self.execute(sql, &[], vec![id.uuid().into(), now.into()]).await.map_err(fail)? == 1)
    }

    async fn region_parts(&self, park: ParkId) -> Result<Vec<(RegionGrantId, GrantId)>> {
        let sql = "SELECT g.region_grant_id, g.grant_id FROM access_grant g
             WHERE {g} AND g.park_id = $1 AND g.region_grant_id IS NOT NULL AND g.revoked_at IS NULL";
        let rows = self.query(sql, &[Slot("g", "access_grant")], vec![park.uuid().into()]).await?;
        let part = |row: &QueryResult| {
            Ok((
                RegionGrantId::from_uuid(get(row, "region_grant_id")?),
                GrantId::from_uuid(get::<Uuid>(row, "grant_id")?),
            ))
        };
        rows.iter().map(part).collect::<Result<_, Error>>()
    }
}
