//! Keys that sign access tokens.

use chrono::{DateTime, Utc};
use voxpark_domain::{Error, Result};

use super::get;
use crate::db::{Slot, Tx, fail};
use crate::secrets::SystemRandom;

/// A key as it is kept.
#[derive(Clone)]
pub(crate) struct StoredKey {
    /// By which tokens name it.
    pub(crate) kid: String,
    /// The public half.
    pub(crate) public: [u8; 32],
    /// The private half, while it signs.
    pub(crate) seed: Option<[u8; 32]>,
    /// Made at.
    pub(crate) created_at: DateTime<Utc>,
    /// Replaced at.
    pub(crate) superseded_at: Option<DateTime<Utc>>,
    /// Retired before its time at.
    pub(crate) retired_at: Option<DateTime<Utc>>,
}

fn context(kid: &str) -> Vec<u8> {
    [b"signing_key/", kid.as_bytes()].concat()
}

fn exactly(bytes: Vec<u8>) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::internal("a key in the database is not 32 bytes"))
}

impl Tx {
    /// Every key there was.
    pub(crate) async fn signing_keys(&self) -> Result<Vec<StoredKey>> {
        let sql =
            "SELECT k.kid, k.public_key, k.seed_sealed, k.created_at, k.superseded_at, k.retired_at FROM signing_key k
             WHERE {k} ORDER BY k.created_at";
        let rows = self.query(sql, &[Slot("k", "signing_key")], Vec::new()).await?;
        let key = |row| {
            let kid: String = get(row, "kid")?;
            let open = |sealed: Vec<u8>| {
                exactly(hex::decode(self.keys().open(&context(&kid), &sealed)?).map_err(Error::internal)?)
            };
            let seed = get::<Option<Vec<u8>>>(row, "seed_sealed")?.map(open).transpose()?;
            Ok(StoredKey {
                public: exactly(get(row, "public_key")?)?,
                seed,
                created_at: get(row, "created_at")?,
                superseded_at: get(row, "superseded_at")?,
                retired_at: get(row, "retired_at")?,
                kid,
            })
        };
        rows.iter().map(key).collect()
    }

    /// Adds one that signs.
    pub(crate) async fn signing_key_add(
        &self,
        kid: &str,
        public: &[u8; 32],
        seed: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "INSERT INTO signing_key (kid, public_key, seed_sealed, created_at) VALUES ($1, $2, $3, $4)";
        let sealed = self.keys().seal(&SystemRandom, &context(kid), &hex::encode(seed))?;
        let values = vec![kid.into(), public.to_vec().into(), sealed.into(), now.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    /// Those that sign do so no longer.
    pub(crate) async fn signing_keys_supersede(&self, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE signing_key SET superseded_at = $1, seed_sealed = NULL
             WHERE superseded_at IS NULL AND retired_at IS NULL";
        self.execute(sql, &[], vec![now.into()]).await.map(|_| ()).map_err(fail)
    }

    /// Retires one; `false` when there is none, or it was retired before.
    pub(crate) async fn signing_key_retire(&self, kid: &str, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE signing_key SET retired_at = $2, seed_sealed = NULL WHERE kid = $1 AND retired_at IS NULL";
        Ok(self.execute(sql, &[], vec![kid.into(), now.into()]).await.map_err(fail)? == 1)
    }
}
