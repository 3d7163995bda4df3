//! The chains of the audit log as a whole: sealed, checked, taken away with their proof.
//!
//! Nothing here trusts the database: what is sealed was checked first, and every fault is told with its place.

mod export;
mod read;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use voxpark_domain::audit::{Check, Found, Head, Seal};
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::ids::{Id, ParkId};
use voxpark_domain::platform::Job;
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

pub use export::{Checked, Part, check_file};

use crate::db::{Db, Tx, fail};
use crate::jobs::Handler;
use crate::secrets::Keys;

/// The chains of every park of an installation.
#[derive(Clone)]
pub struct Chains {
    db: Db,
    env: Env,
    keys: Arc<Keys>,
}

impl fmt::Debug for Chains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chains")
    }
}

/// Whether the signature of a seal is of the key that it names, and that key is the one expected, if one is.
fn signed(seal: &Seal, expected: Option<&[u8; 32]>) -> bool {
    expected.is_none_or(|key| *key == seal.key)
        && VerifyingKey::from_bytes(&seal.key)
            .is_ok_and(|key| key.verify_strict(&seal.hash, &Signature::from_bytes(&seal.signature)).is_ok())
}

impl Chains {
    /// Of a database, with the installation's keys.
    pub fn new(db: Db, env: Env, keys: Arc<Keys>) -> Self {
        Self { db, env, keys }
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.keys.seal_seed())
    }
    /// The public key of this installation's seals.
    pub fn public_key(&self) -> [u8; 32] {
        self.signing().verifying_key().to_bytes()
    }

    async fn begin(&self, mode: Mode) -> Result<Tx> {
        let tx = self.db.transaction(&Ctx::system(SystemReason::Audit, self.env.clone()), mode).await?;
        if mode == Mode::Read {
            tx.one_snapshot().await.map_err(fail)?;
        }
        Ok(tx)
    }

    /// Everything that has a log: the installation (`None`) and every park, with the code it is known by.
    ///
    /// # Errors
    /// An internal error when the database cannot be read.
    pub async fn logs(&self) -> Result<Vec<(Option<ParkId>, String)>> {
        self.begin(Mode::Read).await?.logs().await
    }

    /// Seals every log that moved since its last seal. What does not check is not sealed, and told in the service's log.
    ///
    /// # Errors
    /// An internal error when the database cannot be read.
    pub async fn seal_all(&self) -> Result<()> {
        for (park, code) in self.logs().await? {
            match self.seal(park).await {
                // Outside the database, so that a log cut off together with its seals can be told.
                Ok(Some(seal)) => {
                    tracing::info!(park = code, seal = seal.number, hash = hex::encode(seal.hash), "audit log sealed");
                }
                Ok(None) => {}
                Err(error) => tracing::error!(park = code, %error, "the audit log cannot be sealed"),
            }
        }
        Ok(())
    }

    /// Checks what was written since the last seal and signs it; `None` when nothing was.
    ///
    /// # Errors
    /// An internal error, and no seal, when what was written since does not check.
    pub async fn seal(&self, park: Option<ParkId>) -> Result<Option<Seal>> {
        let tx = self.begin(Mode::Write).await?;
        let (number, prev) = tx.last_seal(park).await?;
        let heads = tx.heads(park).await?;
        let before = tx.sealed_heads(park).await?;
        let reached =
            |head: &Head| before.iter().find(|b| (b.owner, b.lane) == (head.owner, head.lane)).map_or(0, |b| b.seq);
        let mut moved: Vec<Head> = heads.iter().filter(|h| h.seq != reached(h)).copied().collect();
        moved.sort_unstable_by_key(|h| (h.owner.key(), h.lane));
        if moved.is_empty() {
            return Ok(None);
        }
        let (mac, signed) = (|hash: &[u8; 32]| self.keys.event_mac(hash), |_: &Seal| true);
        let mut check = Check::new(park, Some(&mac), &signed);
        check.heads(heads);
        check.resume(number, prev, before);
        for head in &moved {
            tx.lane_events(head.owner, head.lane, check.reached(head.owner, head.lane), head.seq, &mut |e| {
                check.event(e);
                Ok(())
            })
            .await?;
        }
        check.finish();
        if let Some(found) = check.take().first() {
            return Err(Error::internal(format!("not sealed, because it does not check: {found}")));
        }
        let key = self.signing();
        let mut seal = Seal {
            park,
            number: number + 1,
            at: self.env.now(),
            prev,
            heads: moved,
            key: key.verifying_key().to_bytes(),
            hash: [0; 32],
            signature: [0; 64],
        };
        seal.hash = seal.hashed();
        seal.signature = key.sign(&seal.hash).to_bytes();
        tx.seal_add(&seal).await?;
        tx.finish().await?;
        Ok(Some(seal))
    }

    /// Checks a park's whole log, telling each fault as it is found; how many events and seals were looked at. Holds a
    /// few words for each lane, however long the log is.
    ///
    /// # Errors
    /// An internal error when the database cannot be read.
    pub async fn verify(&self, park: Option<ParkId>, tell: &mut (dyn FnMut(Found) + Send)) -> Result<(u64, i64)> {
        let tx = self.begin(Mode::Read).await?;
        let own = self.public_key();
        let (mac, signed) = (|hash: &[u8; 32]| self.keys.event_mac(hash), |seal: &Seal| signed(seal, Some(&own)));
        let mut check = Check::new(park, Some(&mac), &signed);
        check.heads(tx.heads(park).await?);
        let mut last = 0;
        while let Some(seal) = tx.seal_after(park, last).await? {
            for head in &seal.heads {
                let from = check.reached(head.owner, head.lane);
                tx.lane_events(head.owner, head.lane, from, head.seq, &mut |event| {
                    check.event(event);
                    Ok(())
                })
                .await?;
            }
            check.seal(&seal);
            check.take().into_iter().for_each(&mut *tell);
            last = seal.number;
        }
        for (owner, lane) in tx.lanes_of(park).await? {
            let from = check.reached(owner, lane);
            tx.lane_events(owner, lane, from, i64::MAX, &mut |event| {
                check.event(event);
                check.take().into_iter().for_each(&mut *tell);
                Ok(())
            })
            .await?;
        }
        check.finish();
        check.take().into_iter().for_each(tell);
        Ok((check.events(), check.last_seal().0))
    }
}

/// The key column of a park.
fn key(park: Option<ParkId>) -> uuid::Uuid {
    park.map_or(uuid::Uuid::nil(), Id::uuid)
}

/// Seals the log of a park and that of the installation, at the times of the park's schedule: the longest of them is the
/// time for which somebody who can write to the database could cut the end of a lane off without a trace.
#[async_trait]
impl Handler for Chains {
    fn kind(&self) -> &'static str {
        "audit-seal"
    }
    async fn run(&self, job: &Job, _: Ctx) -> Result<()> {
        for park in [Some(job.park), None] {
            if let Some(seal) = self.seal(park).await? {
                // Outside the database, so that a log cut off together with its seals can be told.
                let park = park.map(|p| p.to_string());
                tracing::info!(park, seal = seal.number, hash = hex::encode(seal.hash), "audit log sealed");
            }
        }
        Ok(())
    }
}
