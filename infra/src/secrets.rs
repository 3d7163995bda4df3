//! Everything secret: one installation key, from which the keys for sealing, look-up, pseudonyms and database roles are
//! derived; password hashing.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use voxpark_domain::identity::Passwords;
use voxpark_domain::time::{Env, Random};
use voxpark_domain::{Error, Result};

/// The installation key and what is derived from it. Prints nothing.
#[derive(Clone)]
pub struct Keys {
    root: [u8; 32],
    seal: [u8; 32],
    lookup: [u8; 32],
    audit: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    finished(keyed(key), parts)
}

fn finished(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        // Lengths keep ("ab","c") apart from ("a","bc").
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Keys {
    /// From the 32 bytes of the installation key.
    pub fn new(root: [u8; 32]) -> Self {
        Self { seal: mac(&root, &[b"seal"]), lookup: mac(&root, &[b"lookup"]), audit: mac(&root, &[b"audit"]), root }
    }
    /// From its 64 hex digits.
    ///
    /// # Errors
    /// An internal error when it is anything else.
    pub fn from_hex(text: &str) -> Result<Self> {
        let mut root = [0_u8; 32];
        hex::decode_to_slice(text.trim(), &mut root)
            .map_err(|_| Error::internal("secret_key: 64 hex digits wanted"))?;
        Ok(Self::new(root))
    }
    /// The password of a database login role.
    pub fn role_password(&self, role: &str) -> String {
        hex::encode(mac(&self.root, &[b"role", role.as_bytes()]))
    }
    /// The seed of the key that signs seals of the audit log.
    pub fn seal_seed(&self) -> [u8; 32] {
        mac(&self.root, &[b"audit", b"ed25519", b"1"])
    }
    /// The keyed hash of an event of the audit log.
    pub fn event_mac(&self, hash: &[u8; 32]) -> [u8; 32] {
        mac(&self.audit, &[hash])
    }
    /// The keyed hash of a link to a file.
    pub fn link_mac(&self, says: &[u8]) -> [u8; 32] {
        mac(&self.root, &[b"file link", says])
    }
    /// A keyed hash by which an identifying text is found again without being stored.
    pub fn lookup(&self, text: &str) -> [u8; 32] {
        mac(&self.lookup, &[text.trim().to_lowercase().as_bytes()])
    }
    /// The key for pseudonyms of one tenant: the same person or caller gets the same 16 bytes, nobody can go back, and
    /// two tenants' pseudonyms cannot be joined.
    pub fn pseudonyms(&self, park: Uuid, tenant: Uuid) -> Pseudonyms {
        let key = mac(&self.root, &[b"pseudonym", park.as_bytes(), tenant.as_bytes()]);
        Pseudonyms { keyed: keyed(&key) }
    }
    /// Seals an identifying text for one row; `context` (table and row id) is bound in, so that sealed values cannot be
    /// swapped between rows.
    pub fn seal(&self, env: &dyn Random, context: &[u8], text: &str) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; 24];
        env.fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new(&self.seal.into());
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: text.as_bytes(), aad: context })
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }
    /// Opens what [`seal`](Self::seal) made.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<String> {
        let bad = || Error::internal("a sealed value does not open: wrong key or altered row");
        let (nonce, body) = sealed.split_first_chunk::<24>().ok_or_else(bad)?;
        let plain = XChaCha20Poly1305::new(&self.seal.into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: context })
            .map_err(|_| bad())?;
        String::from_utf8(plain).map_err(|_| bad())
    }
}

/// Makes pseudonyms of one tenant.
#[derive(Clone)]
pub struct Pseudonyms {
    /// Keyed once: an import asks for one a row.
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(..)")
    }
}

impl Pseudonyms {
    /// The pseudonym of a raw id of a kind (`agent`, `end-customer`, `contact`).
    pub fn of(&self, kind: &str, raw: impl AsRef<[u8]>) -> [u8; 16] {
        let full = finished(self.keyed.clone(), &[kind.as_bytes(), raw.as_ref()]);
        let mut short = [0_u8; 16];
        short.copy_from_slice(full.split_at(16).0);
        short
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one source of real randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl voxpark_domain::time::Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one source of real time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Clock and randomness of a running installation.
pub fn system_env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(SystemRandom))
}

/// Argon2id, 19 MiB, two passes, one lane (the first OWASP recommendation), on blocking threads, as many at a time as there
/// are processors: more would only take memory.
#[derive(Clone, Debug)]
pub struct Argon {
    hasher: Argon2<'static>,
    decoy: Arc<str>,
    slots: Arc<tokio::sync::Semaphore>,
}

impl Argon {
    /// Named settings of the product.
    pub fn new() -> Self {
        Self::with(19 * 1024, 2)
    }
    /// Other settings (tests hash thousands of times).
    pub fn with(memory_kib: u32, passes: u32) -> Self {
        let params = Params::new(memory_kib, passes, 1, Some(32)).unwrap_or_default();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy =
            argon.hash_password_with_salt(b"nobody", b"voxpark-decoy-salt").map(|h| h.to_string()).unwrap_or_default();
        let slots = std::thread::available_parallelism().map_or(1, usize::from);
        Self { hasher: argon, decoy: decoy.into(), slots: Arc::new(tokio::sync::Semaphore::new(slots)) }
    }
}

impl Default for Argon {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Passwords for Argon {
    async fn hash(&self, password: &str) -> Result<String> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        let (argon, password) = (self.hasher.clone(), password.to_owned());
        tokio::task::spawn_blocking(move || {
            let mut salt = [0_u8; 16];
            SystemRandom.fill(&mut salt);
            argon
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|h| h.to_string())
                .map_err(|e| Error::internal(e.to_string()))
        })
        .await
        .map_err(Error::internal)?
    }
    async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        let argon = self.hasher.clone();
        let known = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(&self.decoy).to_owned());
        tokio::task::spawn_blocking(move || {
            let parsed = PasswordHash::new(&hash).map_err(|e| Error::internal(e.to_string()))?;
            Ok(argon.verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await
        .map_err(Error::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new([7; 32])
    }

    #[test]
    fn sealed_text_opens_only_in_its_own_row() {
        let sealed = keys().seal(&SystemRandom, b"person/1", "王芳").expect("sealed");
        assert_eq!(keys().open(b"person/1", &sealed).expect("opened"), "王芳");
        assert!(keys().open(b"person/2", &sealed).is_err());
        assert!(Keys::new([8; 32]).open(b"person/1", &sealed).is_err());
        assert!(keys().open(b"person/1", b"short").is_err());
    }

    #[test]
    fn pseudonyms_do_not_join_across_tenants() {
        let (park, a, b) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let of = |tenant| keys().pseudonyms(park, tenant).of("agent", "RUTH");
        assert_eq!(of(a), of(a));
        assert_ne!(of(a), of(b));
        assert_ne!(of(a), keys().pseudonyms(park, a).of("end-customer", "RUTH"));
    }

    #[tokio::test]
    async fn passwords_verify_and_unknown_users_never_do() {
        let argon = Argon::with(64, 1);
        let hash = argon.hash("correct horse").await.expect("hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(argon.verify("correct horse", Some(&hash)).await.expect("verified"));
        assert!(!argon.verify("wrong", Some(&hash)).await.expect("verified"));
        assert!(!argon.verify("nobody", None).await.expect("verified"));
    }
}
