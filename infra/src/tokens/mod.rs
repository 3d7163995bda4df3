//! Access tokens: signed with Ed25519 by keys that are made, replaced and retired while the service runs.
//!
//! The private halves lie sealed in the database, so that every process has them and a copy of the database alone is of no
//! use. The latest key signs; one that was replaced verifies until the last token that it signed has run out, and its
//! private half is gone at once. Every process looks for new keys every few seconds, and when a token names one that it
//! does not know. Other services verify with `/.well-known/jwks.json`.

mod ring;
mod totp;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;
use voxpark_domain::audit::{AuditEntry, Owner, Store as _};
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::identity::{ACCESS_MINUTES, Claims, Enrolment, Tokens};
use voxpark_domain::ids::UserId;
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Refusal, RefusalCode, Result};

use self::ring::{Known, Ring};
use crate::db::{Db, Tx};
use crate::repo::keys::StoredKey;

/// How long a token names an unknown key in vain before the next one that does is looked up.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long beyond the life of a token a replaced key verifies: another process may have signed with it after.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// How keys are used.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// Who signs: the public address of the installation.
    pub issuer: String,
    /// After so many days a key is replaced.
    pub days: i64,
    /// How often another process may have made a key before it is looked at.
    pub look_every: Duration,
}

impl KeySettings {
    /// Of an installation with this public address.
    pub fn new(issuer: impl Into<String>, days: i64) -> Self {
        Self { issuer: issuer.into(), days, look_every: Duration::from_secs(5) }
    }
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It signs and verifies.
    Signs,
    /// It verifies until then.
    VerifiesUntil(DateTime<Utc>),
    /// It was replaced, and nothing that it signed is good any more.
    Over,
    /// It was retired before its time.
    Retired(DateTime<Utc>),
}

/// A key as it is shown.
#[derive(Clone, Debug)]
pub struct KeyView {
    /// By which tokens name it.
    pub kid: String,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// What it is good for.
    pub state: KeyState,
}

#[derive(Default)]
struct Held {
    ring: Arc<Ring>,
    /// When the keys were read.
    at: Option<Instant>,
    /// When a token last named one that was not there.
    asked: Option<Instant>,
}

/// Signs and verifies.
pub struct Jwt {
    db: Db,
    env: Env,
    settings: KeySettings,
    held: RwLock<Held>,
    /// One reads at a time.
    reading: Mutex<()>,
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt(..)")
    }
}

impl StoredKey {
    fn until(&self) -> Option<DateTime<Utc>> {
        let last = self.superseded_at.map(|at| at + TimeDelta::minutes(ACCESS_MINUTES) + MARGIN);
        [self.retired_at, last].into_iter().flatten().min()
    }

    fn view(self, now: DateTime<Utc>) -> KeyView {
        let state = match (self.retired_at, self.until()) {
            (Some(at), _) => KeyState::Retired(at),
            (None, None) => KeyState::Signs,
            (None, Some(until)) if now < until => KeyState::VerifiesUntil(until),
            (None, Some(_)) => KeyState::Over,
        };
        KeyView { kid: self.kid, created_at: self.created_at, state }
    }
}

impl Jwt {
    /// With the keys of a database, which are read when first needed.
    pub fn new(db: Db, env: Env, settings: KeySettings) -> Self {
        Self { db, env, settings, held: RwLock::default(), reading: Mutex::default() }
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).ring)
    }

    fn ctx(&self) -> Ctx {
        Ctx::system(SystemReason::SignIn, self.env.clone())
    }

    fn aged(&self, created_at: DateTime<Utc>) -> bool {
        (self.env.now() - created_at).num_days() >= self.settings.days
    }

    /// Whether the keys have to be read: for the first time, because they may have changed, because one is too old, or
    /// because a token names one that is not known.
    fn due(&self, token: Option<&str>) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let passed = |since: Option<Instant>, wait| since.is_none_or(|at| at.elapsed() >= wait);
        passed(held.at, self.settings.look_every)
            || held.ring.signer().is_none_or(|key| self.aged(key.created_at))
            || token.is_some_and(|token| passed(held.asked, ASK_AGAIN) && !held.ring.knows(token))
    }

    /// Reads the keys, and makes one where there is none or it is too old.
    async fn read(&self) -> Result<()> {
        let stored = self.db.transaction(&self.ctx(), Mode::Read).await?.signing_keys().await?;
        let signs = |keys: &[StoredKey]| keys.iter().any(|k| k.until().is_none() && !self.aged(k.created_at));
        let stored = if signs(&stored) {
            stored
        } else {
            let tx = self.db.transaction(&self.ctx(), Mode::Write).await?;
            // Another process may have been faster.
            if !signs(&tx.signing_keys().await?) {
                let kid = self.replace(&tx).await?;
                tracing::info!(kid, "tokens are signed with a new key");
            }
            let stored = tx.signing_keys().await?;
            voxpark_billing::uow::Tx::commit(Box::new(tx)).await?;
            stored
        };
        let keys = stored.into_iter().map(|k| {
            let until = k.until();
            Known::new(k.kid, k.public, k.seed, k.created_at, until)
        });
        let ring = Ring { issuer: self.settings.issuer.clone(), keys: keys.collect::<Result<_>>()? };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        (held.ring, held.at) = (Arc::new(ring), Some(Instant::now()));
        Ok(())
    }

    async fn replace(&self, tx: &Tx) -> Result<String> {
        let seed = self.env.bytes::<32>();
        let (kid, public) = ring::named(&seed)?;
        let now = self.env.now();
        tx.signing_keys_supersede(now).await?;
        tx.signing_key_add(&kid, &public, &seed, now).await?;
        let entry = AuditEntry::new("key.rotate", &kid).on(Owner::INSTALLATION);
        tx.audit(&self.ctx(), &entry).await?;
        Ok(kid)
    }

    /// Every key there was, the latest first.
    ///
    /// # Errors
    /// An internal error when the database cannot be read.
    pub async fn list(&self) -> Result<Vec<KeyView>> {
        let mut keys = self.db.transaction(&self.ctx(), Mode::Read).await?.signing_keys().await?;
        keys.sort_by(|a, b| (b.created_at, &b.kid).cmp(&(a.created_at, &a.kid)));
        Ok(keys.into_iter().map(|k| k.view(self.env.now())).collect())
    }

    /// Makes a key that signs from now on; tells its name.
    ///
    /// # Errors
    /// An internal error when the database cannot be written.
    pub async fn rotate(&self) -> Result<String> {
        let tx = self.db.transaction(&self.ctx(), Mode::Write).await?;
        let kid = self.replace(&tx).await?;
        voxpark_billing::uow::Tx::commit(Box::new(tx)).await?;
        self.read().await?;
        Ok(kid)
    }

    /// Retires a key: nothing that it signed is good any more, from now on. The one that signs is replaced.
    ///
    /// # Errors
    /// `key-unknown` when there is none that could be retired.
    pub async fn retire(&self, kid: &str) -> Result<()> {
        let tx = self.db.transaction(&self.ctx(), Mode::Write).await?;
        if !tx.signing_key_retire(kid, self.env.now()).await? {
            return Err(Refusal::new(RefusalCode::NotFound, "key-unknown").at("kid").into());
        }
        tx.audit(&self.ctx(), &AuditEntry::new("key.retire", kid).on(Owner::INSTALLATION)).await?;
        voxpark_billing::uow::Tx::commit(Box::new(tx)).await?;
        self.read().await
    }

    /// The public keys, as a JSON Web Key Set.
    ///
    /// # Errors
    /// An internal error when there are none and none can be made.
    pub async fn public(&self) -> Result<Value> {
        self.ready(None).await?;
        Ok(self.ring().public(self.env.now()))
    }
}

#[async_trait]
impl Tokens for Jwt {
    async fn ready(&self, token: Option<&str>) -> Result<()> {
        if !self.due(token) {
            return Ok(());
        }
        let _one = self.reading.lock().await;
        // Whoever held it may have read what is wanted.
        if !self.due(token) {
            return Ok(());
        }
        let read = self.read().await;
        let known = self.ring();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if token.is_some_and(|token| !known.knows(token)) {
            held.asked = Some(Instant::now());
        }
        match read {
            // What is known goes on being good.
            Err(error) if known.signer().is_some() => {
                tracing::warn!(%error, "the keys cannot be read");
                held.at = Some(Instant::now());
                Ok(())
            }
            other => other,
        }
    }
    fn sign(&self, claims: &Claims) -> Result<String> {
        self.ring().sign(claims, self.env.now())
    }
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        self.ring().verify(token, now)
    }
    fn challenge(&self, user: UserId, until: DateTime<Utc>) -> Result<String> {
        self.ring().challenge(user, self.env.now(), until)
    }
    fn challenged(&self, challenge: &str, now: DateTime<Utc>) -> Option<UserId> {
        self.ring().challenged(challenge, now)
    }
    fn code_step(&self, secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
        totp::step(secret, code, now)
    }
    fn enrolment(&self, secret: &[u8], account: &str) -> Enrolment {
        totp::enrolment(secret, account)
    }
    fn digest(&self, token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }
}
