//! Sessions, and wrong tries at secrets.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryResult, Set};
use uuid::Uuid;
use voxpark_domain::identity::guess::Tries;
use voxpark_domain::identity::{Ended, NewSession, Proof, Session, Sessions, Which};
use voxpark_domain::ids::{EmergencyId, Id, ParkId, SessionId, TenantId, UserId};
use voxpark_domain::news::Topic;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, inserts};
use super::identity::{lang, role};
use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::entity::session;

/// How many sessions of one user are shown.
const SHOWN: u32 = 100;

const SESSION: &str = "SELECT s.session_id, s.user_id, s.role, s.scope_park_id, s.scope_tenant_id, s.device, s.place,
 s.started_at, s.refreshed_at, s.expires_at, s.revoked_at, s.proven_at, s.ended, s.emergency_id, u.disabled_at, u.lang, s.strong, s.vouched_park_id,
 (SELECT COUNT(*) FROM second_factor f WHERE {f} AND f.user_id = s.user_id AND f.since IS NOT NULL) AS factors
 FROM session s JOIN app_user u ON u.user_id = s.user_id WHERE {s} AND {u}";
const SLOTS: [Slot; 3] = [Slot("s", "session"), Slot("u", "app_user"), Slot("f", "second_factor")];

fn to_session(row: &QueryResult) -> Result<Session> {
    let park: Option<Uuid> = get(row, "scope_park_id")?;
    let started_at: DateTime<Utc> = get(row, "started_at")?;
    let ended: Option<String> = get(row, "ended")?;
    Ok(Session {
        id: SessionId::from_uuid(get(row, "session_id")?),
        user: UserId::from_uuid(get(row, "user_id")?),
        role: role(&get::<String>(row, "role")?)?,
        park: ParkId::from_uuid(park.ok_or_else(|| broken("scope_park_id", "NULL"))?),
        tenant: get::<Option<Uuid>>(row, "scope_tenant_id")?.map(TenantId::from_uuid),
        device: get(row, "device")?,
        place: get(row, "place")?,
        started_at,
        refreshed_at: get(row, "refreshed_at")?,
        expires_at: get(row, "expires_at")?,
        // Sessions from before this was noted began with a password.
        proof: Proof {
            at: get::<Option<DateTime<Utc>>>(row, "proven_at")?.unwrap_or(started_at),
            strong: get::<Option<bool>>(row, "strong")?.unwrap_or_default(),
            by: get::<Option<Uuid>>(row, "vouched_park_id")?.map(ParkId::from_uuid),
        },
        ended_at: get(row, "revoked_at")?,
        ended: ended.map(|name| Ended::from_name(&name).ok_or_else(|| broken("ended", &name))).transpose()?,
        emergency: get::<Option<Uuid>>(row, "emergency_id")?.map(EmergencyId::from_uuid),
        factor: get::<i64>(row, "factors")? > 0,
        user_disabled: get::<Option<DateTime<Utc>>>(row, "disabled_at")?.is_some(),
        lang: lang(&get::<String>(row, "lang")?),
    })
}

impl Tx {
    async fn session_where(&self, column: &str, value: sea_orm::Value) -> Result<Option<Session>> {
        let row = self.query_one(&format!("{SESSION} AND s.{column} = $1"), &SLOTS, vec![value]).await?;
        row.as_ref().map(to_session).transpose()
    }

    fn try_key(&self, key: &str) -> Vec<u8> {
        self.keys().lookup(&format!("try {key}")).to_vec()
    }
}

#[async_trait]
impl Sessions for Tx {
    async fn session_add(&self, new: &NewSession) -> Result<()> {
        let row = session::ActiveModel {
            session_id: Set(new.id.uuid()),
            user_id: Set(new.user.uuid()),
            role: Set(new.role.name().to_owned()),
            scope_park_id: Set(Some(new.park.uuid())),
            scope_tenant_id: Set(new.tenant.map(Id::uuid)),
            refresh_hash: Set(new.refresh_hash.to_vec()),
            started_at: Set(new.started_at),
            refreshed_at: Set(new.started_at),
            expires_at: Set(new.expires_at),
            revoked_at: Set(None),
            family_hash: Set(Some(new.family_hash.to_vec())),
            device: Set(new.device.clone()),
            place: Set(new.place.clone()),
            proven_at: Set(Some(new.proof.at)),
            strong: Set(Some(new.proof.strong)),
            vouched_park_id: Set(new.proof.by.map(Id::uuid)),
            ended: Set(None),
            emergency_id: Set(new.emergency.map(Id::uuid)),
        };
        self.insert(row).await.map_err(fail)
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>> {
        self.session_where("session_id", id.uuid().into()).await
    }

    async fn session_by_refresh(&self, hash: &[u8; 32]) -> Result<Option<Session>> {
        self.session_where("refresh_hash", hash.to_vec().into()).await
    }

    async fn session_by_family(&self, hash: &[u8; 32]) -> Result<Option<Session>> {
        self.session_where("family_hash", hash.to_vec().into()).await
    }

    async fn session_rotate(
        &self,
        id: SessionId,
        old: &[u8; 32],
        (family, token): ([u8; 32], [u8; 32]),
        now: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<bool> {
        let done = self
            .update::<session::Entity>()?
            .col_expr(session::Column::FamilyHash, Expr::value(family.to_vec()))
            .col_expr(session::Column::RefreshHash, Expr::value(token.to_vec()))
            .col_expr(session::Column::RefreshedAt, Expr::value(now))
            .col_expr(session::Column::ExpiresAt, Expr::value(end))
            .filter(session::Column::SessionId.eq(id.uuid()))
            .filter(session::Column::RefreshHash.eq(old.to_vec()))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        Ok(done.rows_affected == 1)
    }

    async fn sessions_end(&self, user: UserId, which: Which, why: Ended, now: DateTime<Utc>) -> Result<u64> {
        let mut binds = Binds::default();
        let (now, why, user) = (binds.one(now), binds.one(why.name()), binds.one(user.uuid()));
        let which = match which {
            Which::One(id) => format!("AND session_id = {}", binds.one(id.uuid())),
            Which::Others(id) => format!("AND session_id <> {}", binds.one(id.uuid())),
            Which::All => String::new(),
        };
        let sql = format!(
            "UPDATE session SET revoked_at = {now}, ended = {why}
             WHERE user_id = {user} AND revoked_at IS NULL AND expires_at > {now} {which} RETURNING session_id"
        );
        let rows = self.query(&sql, &[], binds.into_values()).await?;
        for row in &rows {
            // What listens on behalf of the session hears of its end.
            self.tell(Topic::Session(SessionId::from_uuid(get(row, "session_id")?)));
        }
        u64::try_from(rows.len()).map_err(Error::internal)
    }

    async fn sessions(&self, user: UserId, now: DateTime<Utc>, since: DateTime<Utc>) -> Result<Vec<Session>> {
        let sql = format!(
            "{SESSION} AND s.user_id = $1 AND ((s.revoked_at IS NULL AND s.expires_at > $2) OR (s.ended = $3 AND s.revoked_at > $4))
             ORDER BY s.refreshed_at DESC, s.session_id LIMIT {SHOWN}"
        );
        let values = vec![user.uuid().into(), now.into(), Ended::Reused.name().into(), since.into()];
        self.query(&sql, &SLOTS, values).await?.iter().map(to_session).collect()
    }

    async fn session_proven(&self, id: SessionId, proof: Proof) -> Result<()> {
        let mut update = self
            .update::<session::Entity>()?
            .col_expr(session::Column::ProvenAt, Expr::value(proof.at))
            .col_expr(session::Column::VouchedParkId, Expr::value(proof.by.map(Id::uuid)))
            .filter(session::Column::SessionId.eq(id.uuid()));
        if proof.strong {
            update = update.col_expr(session::Column::Strong, Expr::value(true));
        }
        update.exec(self.conn()).await.map(|_| ()).map_err(fail)
    }

    async fn sessions_weaken(&self, user: UserId) -> Result<()> {
        let update = self
            .update::<session::Entity>()?
            .col_expr(session::Column::Strong, Expr::value(false))
            .filter(session::Column::UserId.eq(user.uuid()))
            .filter(session::Column::Strong.eq(true));
        update.exec(self.conn()).await.map(|_| ()).map_err(fail)
    }

    async fn place_known(&self, email: &str, place: &str, since: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT 1 AS one FROM session s JOIN app_user u ON u.user_id = s.user_id
             WHERE {s} AND {u} AND u.email_hash = $1 AND s.place = $2 AND s.started_at > $3 LIMIT 1";
        let values = vec![self.keys().lookup(email).to_vec().into(), place.into(), since.into()];
        Ok(self.query_one(sql, &SLOTS[..2], values).await?.is_some())
    }

    async fn tries(&self, keys: &[&str]) -> Result<Vec<(String, Tries)>> {
        let hashes: Vec<(Vec<u8>, &str)> = keys.iter().map(|key| (self.try_key(key), *key)).collect();
        if self.postgres() {
            // Only a row that is there can be locked; SQLite has one writer at a time anyway.
            let mut rows: Vec<_> = hashes.iter().map(|(hash, _)| hash.clone()).collect();
            rows.sort();
            let rows =
                rows.into_iter().map(|hash| vec![hash.into(), 0_i64.into(), DateTime::UNIX_EPOCH.into()]).collect();
            for (sql, values) in inserts("wrong_try", &["try_key", "tries", "last_at"], rows) {
                self.execute(&format!("{sql} ON CONFLICT DO NOTHING"), &[], values).await.map_err(fail)?;
            }
        }
        let mut binds = Binds::default();
        let list = binds.list(hashes.iter().map(|(hash, _)| hash.clone()));
        // One order for everybody, so that no two wait for one another.
        let lock = if self.postgres() { "FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT w.try_key, w.tries, w.last_at FROM wrong_try w WHERE {{w}} AND w.try_key IN {list} ORDER BY w.try_key {lock}"
        );
        let rows = self.query(&sql, &[Slot("w", "wrong_try")], binds.into_values()).await?;
        let mut found = Vec::new();
        for row in &rows {
            let hash: Vec<u8> = get(row, "try_key")?;
            let tries = Tries { count: get(row, "tries")?, last_at: get(row, "last_at")? };
            found.extend(hashes.iter().find(|(h, _)| *h == hash).map(|(_, key)| ((*key).to_owned(), tries)));
        }
        Ok(found)
    }

    async fn tries_add(&self, keys: &[(&str, DateTime<Utc>)], now: DateTime<Utc>) -> Result<()> {
        let mut rows: Vec<_> = keys.iter().map(|(key, anew)| (self.try_key(key), *anew)).collect();
        rows.sort();
        for (hash, anew) in rows {
            let sql = "INSERT INTO wrong_try (try_key, tries, last_at) VALUES ($1, 1, $2)
                 ON CONFLICT (try_key) DO UPDATE SET last_at = $2,
                  tries = CASE WHEN wrong_try.last_at < $3 THEN 1 ELSE wrong_try.tries + 1 END";
            self.execute(sql, &[], vec![hash.into(), now.into(), anew.into()]).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn tries_forgive(&self, remove: &[&str], back: &[&str]) -> Result<()> {
        let mut rows: Vec<_> = remove.iter().map(|key| (self.try_key(key), true)).collect();
        rows.extend(back.iter().map(|key| (self.try_key(key), false)));
        rows.sort();
        for (hash, gone) in rows {
            let sql = if gone {
                "DELETE FROM wrong_try WHERE try_key = $1"
            } else {
                "UPDATE wrong_try SET tries = tries - 1 WHERE try_key = $1 AND tries > 0"
            };
            self.execute(sql, &[], vec![hash.into()]).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn tries_sweep(&self, before: DateTime<Utc>) -> Result<()> {
        self.execute("DELETE FROM wrong_try WHERE last_at < $1", &[], vec![before.into()])
            .await
            .map(|_| ())
            .map_err(fail)
    }
}
