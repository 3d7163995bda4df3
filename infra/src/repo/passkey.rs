//! Passkeys, and questions to browsers that wait.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::identity::passkey::{Asked, Passkey, Passkeys, Purpose};
use voxpark_domain::ids::{Id, PasskeyId, UserId};

use super::{broken, get};
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

const PASSKEY: &str =
    "SELECT p.passkey_id, p.user_id, p.credential_id, p.fixed, p.moving, p.name_sealed, p.created_at, p.used_at
 FROM passkey p WHERE {p}";
const SLOT: [Slot; 1] = [Slot("p", "passkey")];

/// What a sealed name is bound to.
fn context(id: Uuid) -> Vec<u8> {
    [b"passkey/".as_slice(), id.as_bytes()].concat()
}

impl Tx {
    fn to_passkey(&self, row: &QueryResult) -> Result<Passkey> {
        let id: Uuid = get(row, "passkey_id")?;
        Ok(Passkey {
            id: PasskeyId::from_uuid(id),
            user: UserId::from_uuid(get(row, "user_id")?),
            credential: get(row, "credential_id")?,
            fixed: get(row, "fixed")?,
            moving: get(row, "moving")?,
            name: self.keys().open(&context(id), &get::<Vec<u8>>(row, "name_sealed")?)?,
            since: get(row, "created_at")?,
            used_at: get(row, "used_at")?,
        })
    }
}

#[async_trait]
impl Passkeys for Tx {
    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>> {
        let sql = format!("{PASSKEY} AND p.user_id = $1 ORDER BY p.passkey_id");
        let rows = self.query(&sql, &SLOT, vec![user.uuid().into()]).await?;
        rows.iter().map(|row| self.to_passkey(row)).collect()
    }

    async fn passkey_by_credential(&self, credential: &[u8]) -> Result<Option<Passkey>> {
        // Its counter is compared and written: one use at a time.
        let lock = if self.postgres() { "FOR UPDATE" } else { "" };
        let sql = format!("{PASSKEY} AND p.credential_id = $1 {lock}");
        let row = self.query_one(&sql, &SLOT, vec![credential.to_vec().into()]).await?;
        row.map(|row| self.to_passkey(&row)).transpose()
    }

    async fn passkey_add(&self, new: &Passkey) -> Result<bool> {
        let sql = "INSERT INTO passkey (passkey_id, user_id, credential_id, fixed, moving, name_sealed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (credential_id) DO NOTHING";
        let values = vec![
            new.id.uuid().into(),
            new.user.uuid().into(),
            new.credential.clone().into(),
            new.fixed.clone().into(),
            new.moving.clone().into(),
            self.keys().seal(&SystemRandom, &context(new.id.uuid()), &new.name)?.into(),
            new.since.into(),
        ];
        Ok(self.execute(sql, &[], values).await.map_err(fail)? == 1)
    }

    async fn passkey_used(&self, id: PasskeyId, moving: &[u8], now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE passkey SET moving = $2, used_at = $3 WHERE passkey_id = $1";
        let values = vec![id.uuid().into(), moving.to_vec().into(), now.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn passkey_remove(&self, user: UserId, id: PasskeyId) -> Result<bool> {
        let sql = "DELETE FROM passkey WHERE user_id = $1 AND passkey_id = $2";
        Ok(self.execute(sql, &[], vec![user.uuid().into(), id.uuid().into()]).await.map_err(fail)? == 1)
    }

    async fn passkey_ask(&self, ticket: &[u8; 32], asked: &Asked, until: DateTime<Utc>) -> Result<()> {
        // Those that nobody answered.
        let sweep = "DELETE FROM passkey_question WHERE expires_at < $1";
        self.execute(sweep, &[], vec![(until - chrono::TimeDelta::hours(1)).into()]).await.map_err(fail)?;
        let sql = "INSERT INTO passkey_question (ticket_hash, purpose, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)";
        let values = vec![
            ticket.to_vec().into(),
            asked.purpose.name().into(),
            asked.user.map(Id::uuid).into(),
            asked.state.clone().into(),
            until.into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn passkey_answer(&self, ticket: &[u8; 32], purpose: Purpose, now: DateTime<Utc>) -> Result<Option<Asked>> {
        let sql = "DELETE FROM passkey_question WHERE ticket_hash = $1 AND purpose = $2 AND expires_at > $3
             RETURNING purpose, user_id, state";
        let values = vec![ticket.to_vec().into(), purpose.name().into(), now.into()];
        let Some(row) = self.query_one(sql, &[], values).await? else { return Ok(None) };
        let purpose: String = get(&row, "purpose")?;
        Ok(Some(Asked {
            purpose: Purpose::from_name(&purpose).ok_or_else(|| broken("purpose", &purpose))?,
            user: get::<Option<Uuid>>(&row, "user_id")?.map(UserId::from_uuid),
            state: get(&row, "state")?,
        }))
    }
}
