//! Second factors.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_domain::identity::{Factor, Factors};
use voxpark_domain::ids::{Id, UserId};
use voxpark_domain::{Error, Result};

use super::binds::inserts;
use super::get;
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

/// What a user's sealed secret is bound to.
fn context(user: UserId) -> Vec<u8> {
    [b"second_factor/".as_slice(), user.uuid().as_bytes()].concat()
}

#[async_trait]
impl Factors for Tx {
    async fn factor(&self, user: UserId) -> Result<Option<Factor>> {
        let sql = "SELECT f.secret_sealed, f.since, f.last_step,
              (SELECT COUNT(*) FROM recovery_code r WHERE {r} AND r.user_id = f.user_id AND r.used_at IS NULL) AS recovery_left
             FROM second_factor f WHERE {f} AND f.user_id = $1";
        let slots = [Slot("r", "recovery_code"), Slot("f", "second_factor")];
        let Some(row) = self.query_one(sql, &slots, vec![user.uuid().into()]).await? else { return Ok(None) };
        let secret = self.keys().open(&context(user), &get::<Vec<u8>>(&row, "secret_sealed")?)?;
        Ok(Some(Factor {
            secret: hex::decode(secret).map_err(Error::internal)?,
            since: get(&row, "since")?,
            last_step: get(&row, "last_step")?,
            recovery_left: get(&row, "recovery_left")?,
        }))
    }

    async fn factor_begin(&self, user: UserId, secret: &[u8], now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO second_factor (user_id, secret_sealed, last_step, created_at) VALUES ($1, $2, 0, $3)";
        let sealed = self.keys().seal(&SystemRandom, &context(user), &hex::encode(secret))?;
        self.execute(sql, &[], vec![user.uuid().into(), sealed.into(), now.into()]).await.map(|_| ()).map_err(fail)
    }

    async fn factor_confirm(&self, user: UserId, step: i64, codes: &[[u8; 32]], now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE second_factor SET since = $2, last_step = $3 WHERE user_id = $1 AND since IS NULL";
        self.execute(sql, &[], vec![user.uuid().into(), now.into(), step.into()]).await.map_err(fail)?;
        let rows = codes.iter().map(|code| vec![user.uuid().into(), code.to_vec().into()]).collect();
        for (sql, values) in inserts("recovery_code", &["user_id", "code_hash"], rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn factor_use(&self, user: UserId, step: i64) -> Result<bool> {
        let sql = "UPDATE second_factor SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
        Ok(self.execute(sql, &[], vec![user.uuid().into(), step.into()]).await.map_err(fail)? == 1)
    }

    async fn recovery_use(&self, user: UserId, code: &[u8; 32], now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL";
        Ok(self.execute(sql, &[], vec![user.uuid().into(), code.to_vec().into(), now.into()]).await.map_err(fail)? == 1)
    }

    async fn factor_remove(&self, user: UserId) -> Result<bool> {
        let of = || vec![user.uuid().into()];
        self.execute("DELETE FROM recovery_code WHERE user_id = $1", &[], of()).await.map_err(fail)?;
        Ok(self.execute("DELETE FROM second_factor WHERE user_id = $1", &[], of()).await.map_err(fail)? == 1)
    }
}
