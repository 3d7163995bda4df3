//! Users and memberships.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, FromQueryResult as _, QueryFilter, QueryOrder, Set};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ctx::Lang;
use voxpark_domain::identity::{Credentials, Hold, Membership, Store};
use voxpark_domain::ids::{GrantId, Id, ParkId, TenantId, UserId};
use voxpark_domain::permission::Role;
use voxpark_domain::tenancy::Park;

use crate::db::{Slot, Tx, fail};
use crate::entity::{app_user, park};
use crate::repo::grants::to_abilities;
use crate::repo::tenancy::to_park;
use crate::repo::{broken, get};
use crate::secrets::SystemRandom;

pub(crate) fn role(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| broken("role", name))
}

pub(crate) fn lang(tag: &str) -> Lang {
    if tag == "en" { Lang::En } else { Lang::Zh }
}

/// What a user's sealed address is bound to.
fn sealed_in(user: Uuid) -> Vec<u8> {
    [b"app_user/".as_slice(), user.as_bytes()].concat()
}

fn to_credentials(row: app_user::Model) -> Credentials {
    Credentials {
        user: UserId::from_uuid(row.user_id),
        password_hash: row.password_hash,
        lang: lang(&row.lang),
        disabled: row.disabled_at.is_some(),
    }
}

/// A member row of any of the three kinds, before it is folded.
struct Member {
    park: Park,
    tenant: Option<(Uuid, String)>,
    role: Role,
    name: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    factor_from: Option<NaiveDate>,
    grant: Option<Hold>,
}

impl Tx {
    async fn members(&self, user: UserId) -> Result<Vec<Member>> {
        // With their parks: it is asked with every request, and each statement is a way to the server and back.
        let sql = "SELECT x.*, k.code, k.name, k.name_en, k.time_zone, k.currency, k.city_tier, k.region, k.created_at FROM (
             SELECT 1 AS kind, m.park_id, NULL AS tenant_id, NULL AS tenant_name, m.role, m.display_name, m.valid_from, m.valid_to, NULL AS grant_id, NULL AS abilities,
              (SELECT p.factor_from FROM access_policy p WHERE {p} AND p.park_id = m.park_id AND p.tenant_id = $2) AS factor_from
             FROM park_member m WHERE {m} AND m.user_id = $1
             UNION ALL
             SELECT 2, n.park_id, n.tenant_id, t.name, n.role, n.display_name, n.valid_from, n.valid_to, NULL, NULL,
              (SELECT q.factor_from FROM access_policy q WHERE {q} AND q.park_id = n.park_id AND q.tenant_id = n.tenant_id)
             FROM tenant_member n JOIN tenant t ON t.park_id = n.park_id AND t.tenant_id = n.tenant_id WHERE {n} AND {t} AND n.user_id = $1
             UNION ALL
             SELECT 3, g.park_id, g.on_tenant_id, NULL, g.role, g.display_name, g.valid_from, g.valid_to, g.grant_id, g.abilities, NULL
             FROM access_grant g WHERE {g} AND g.user_id = $1 AND g.revoked_at IS NULL
             ) x JOIN park k ON k.park_id = x.park_id WHERE {k} ORDER BY x.kind, x.park_id, x.role, x.grant_id";
        let slots = [
            Slot("m", "park_member"),
            Slot("n", "tenant_member"),
            Slot("t", "tenant"),
            Slot("g", "access_grant"),
            Slot("p", "access_policy"),
            Slot("q", "access_policy"),
            Slot("k", "park"),
        ];
        let sql = if self.postgres() {
            sql.replacen("NULL AS tenant_id", "NULL::uuid AS tenant_id", 1)
                .replacen("NULL AS grant_id", "NULL::uuid AS grant_id", 1)
                .replacen("NULL AS tenant_name", "NULL::text AS tenant_name", 1)
                .replacen("NULL AS abilities", "NULL::text AS abilities", 1)
        } else {
            sql.to_owned()
        };
        let rows = self.query(&sql, &slots, vec![user.uuid().into(), Uuid::nil().into()]).await?;
        rows.iter()
            .map(|r| {
                let kind: i32 = get(r, "kind")?;
                let tenant: Option<Uuid> = get(r, "tenant_id")?;
                let name: Option<String> = get(r, "tenant_name")?;
                let grant: Option<Uuid> = get(r, "grant_id")?;
                let abilities: Option<String> = get(r, "abilities")?;
                let hold = |(id, abilities): (Uuid, String)| -> Result<Hold> {
                    Ok(Hold {
                        id: GrantId::from_uuid(id),
                        tenant: tenant.map(TenantId::from_uuid),
                        abilities: to_abilities(&abilities)?,
                        declared_at: None,
                        recused: Vec::new(),
                    })
                };
                Ok(Member {
                    park: to_park(park::Model::from_query_result(r, "").map_err(fail)?)?,
                    tenant: if kind == 2 { tenant.zip(name) } else { None },
                    role: role(&get::<String>(r, "role")?)?,
                    name: get(r, "display_name")?,
                    from: get(r, "valid_from")?,
                    to: get(r, "valid_to")?,
                    factor_from: get(r, "factor_from")?,
                    grant: grant.zip(abilities).map(hold).transpose()?,
                })
            })
            .collect()
    }

    async fn user_row(&self, email: &str) -> Result<Option<app_user::Model>> {
        let hash = self.keys().lookup(email).to_vec();
        self.select::<app_user::Entity>()?
            .filter(app_user::Column::EmailHash.eq(hash))
            .one(self.conn())
            .await
            .map_err(fail)
    }
}

#[async_trait]
impl Store for Tx {
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        Ok(self.user_row(email).await?.map(to_credentials))
    }

    async fn credentials_of(&self, user: UserId) -> Result<Option<Credentials>> {
        let select = self.select::<app_user::Entity>()?.filter(app_user::Column::UserId.eq(user.uuid()));
        Ok(select.one(self.conn()).await.map_err(fail)?.map(to_credentials))
    }

    async fn user_address(&self, user: UserId) -> Result<Option<(String, Lang)>> {
        let select = self.select::<app_user::Entity>()?.filter(app_user::Column::UserId.eq(user.uuid()));
        let row = select.one(self.conn()).await.map_err(fail)?;
        row.map(|row| Ok((self.keys().open(&sealed_in(row.user_id), &row.email_sealed)?, lang(&row.lang)))).transpose()
    }

    async fn memberships(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Membership>> {
        let mut members = self.members(user).await?;
        self.declared(members.iter_mut().filter_map(|m| m.grant.as_mut()).collect()).await?;
        let mut list: Vec<Membership> = Vec::new();
        for m in members {
            let park = m.park;
            // Dates of a membership are dates in its park.
            let today = now.with_timezone(&park.zone).date_naive();
            if today < m.from || m.to.is_some_and(|to| today >= to) {
                continue;
            }
            let same = list.iter_mut().find(|l| m.grant.is_some() && l.park.id == park.id && l.role == m.role);
            if let Some(known) = same {
                known.grants.extend(m.grant);
                continue;
            }
            list.push(Membership {
                role: m.role,
                park,
                tenant: m.tenant.map(|(id, name)| (TenantId::from_uuid(id), name)),
                grants: m.grant.into_iter().collect(),
                display_name: m.name,
                factor_due: m.factor_from.is_some_and(|from| from <= today),
            });
        }
        Ok(list)
    }

    async fn user_name(&self, email: &str) -> Result<Option<(UserId, String)>> {
        Ok(self.user_row(email).await?.map(|u| (UserId::from_uuid(u.user_id), u.display_name)))
    }

    async fn parks(&self) -> Result<Vec<Park>> {
        let select = self.select::<park::Entity>()?.order_by_asc(park::Column::Code);
        select.all(self.conn()).await.map_err(fail)?.into_iter().map(to_park).collect()
    }

    async fn tenant_by_code(&self, park: ParkId, code: &str) -> Result<Option<TenantId>> {
        let row = self
            .query_one(
                "SELECT t.tenant_id FROM tenant t WHERE {t} AND t.park_id = $1 AND t.code = $2",
                &[Slot("t", "tenant")],
                vec![park.uuid().into(), code.into()],
            )
            .await?;
        row.map(|r| get::<Uuid>(&r, "tenant_id").map(TenantId::from_uuid)).transpose()
    }

    async fn password_set(&self, user: UserId, hash: &str) -> Result<()> {
        self.update::<app_user::Entity>()?
            .col_expr(app_user::Column::PasswordHash, Expr::value(hash))
            .filter(app_user::Column::UserId.eq(user.uuid()))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        Ok(())
    }

    async fn user_add(
        &self,
        id: UserId,
        email: &str,
        name: &str,
        password_hash: &str,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let context = sealed_in(id.uuid());
        let row = app_user::ActiveModel {
            user_id: Set(id.uuid()),
            email_hash: Set(self.keys().lookup(email).to_vec()),
            email_sealed: Set(self.keys().seal(&SystemRandom, &context, email.trim())?),
            display_name: Set(name.to_owned()),
            password_hash: Set(password_hash.to_owned()),
            lang: Set(lang.tag().to_owned()),
            disabled_at: Set(None),
            created_at: Set(now),
        };
        self.insert(row).await.map_err(fail)
    }

    async fn park_member_add(&self, park: ParkId, user: UserId, role: Role, name: &str, from: NaiveDate) -> Result<()> {
        let sql =
            "INSERT INTO park_member (park_id, user_id, role, display_name, valid_from) VALUES ($1, $2, $3, $4, $5)";
        let values = vec![park.uuid().into(), user.uuid().into(), role.name().into(), name.into(), from.into()];
        self.execute(sql, &[], values).await.map_err(fail).map(|_| ())
    }

    async fn tenant_member_add(
        &self,
        park: ParkId,
        tenant: TenantId,
        user: UserId,
        role: Role,
        name: &str,
        from: NaiveDate,
    ) -> Result<()> {
        let sql = "INSERT INTO tenant_member (park_id, tenant_id, user_id, role, display_name, valid_from) VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            park.uuid().into(),
            tenant.uuid().into(),
            user.uuid().into(),
            role.name().into(),
            name.into(),
            from.into(),
        ];
        self.execute(sql, &[], values).await.map_err(fail).map(|_| ())
    }
}
