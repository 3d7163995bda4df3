//! Passkeys (Web Authentication, level 3): keys in a person's own devices, which open an account by themselves. Whoever uses
//! one has the device and has proved to it who it is, so that a passkey counts as both factors.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::client::Client;
use super::guess::Attempt;
use super::reset::tell_change;
use super::service::{Ports, hex};
use super::session::{own, prove as prove_own};
use super::store::Store;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{PasskeyId, UserId};
use crate::mail;
use crate::permission::listed;

/// How long a browser may take to answer, minutes.
pub const ANSWER_MINUTES: i64 = 5;
/// The most passkeys of one account.
pub const MOST_PASSKEYS: usize = 10;

listed! {
    /// What a browser is asked for a passkey for.
    Purpose {
        /// To sign in.
        SignIn = "sign_in",
        /// To prove again who acts.
        StepUp = "step_up",
        /// To make a new one.
        Add = "add",
    }
}

/// A passkey of an account.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// What the device calls it.
    pub credential: Vec<u8>,
    /// The public key and what else never changes, in the form of [`Authenticators`].
    pub fixed: Vec<u8>,
    /// The counter and what else changes with use, in the form of [`Authenticators`].
    pub moving: Vec<u8>,
    /// What its owner calls it, 1 to 60 characters.
    pub name: String,
    /// Since.
    pub since: DateTime<Utc>,
    /// Used last.
    pub used_at: Option<DateTime<Utc>>,
}

/// A question to a browser.
pub struct Question {
    /// What the browser is given, JSON of the standard.
    pub options: String,
    /// What its answer is held against, in the form of [`Authenticators`].
    pub state: Vec<u8>,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Question")
    }
}

/// A question that waits for its answer.
#[derive(Debug)]
pub struct Asked {
    /// What for.
    pub purpose: Purpose,
    /// Whom; `None` = whoever signs in.
    pub user: Option<UserId>,
    /// What the answer is held against.
    pub state: Vec<u8>,
}

/// What a browser has made.
#[derive(Debug)]
pub struct NewKey {
    /// What the device calls it.
    pub credential: Vec<u8>,
    /// What never changes.
    pub fixed: Vec<u8>,
    /// What changes with use.
    pub moving: Vec<u8>,
}

/// Makes questions to browsers and holds answers against them: challenge, origin, relying party, signature, counter, that
/// the person was verified.
pub trait Authenticators: Send + Sync {
    /// Whether there can be passkeys at the public address: a name, reached over https or on this machine.
    fn available(&self) -> bool;
    /// Asks for a new passkey.
    ///
    /// # Errors
    /// `passkey-unavailable`.
    fn ask_new(&self, user: UserId, account: &str, name: &str, known: &[Passkey]) -> Result<Question>;
    /// The new passkey of an answer.
    ///
    /// # Errors
    /// `passkey-wrong`.
    fn take_new(&self, state: &[u8], answer: &str) -> Result<NewKey>;
    /// Asks for a passkey, whichever it is.
    ///
    /// # Errors
    /// `passkey-unavailable`.
    fn ask(&self) -> Result<Question>;
    /// Which passkey an answer is made with, and whose it says it is. Nothing of it is proved yet.
    ///
    /// # Errors
    /// `passkey-wrong`.
    fn named(&self, answer: &str) -> Result<(Vec<u8>, UserId)>;
    /// Holds an answer against the question and the passkey; what changes of it.
    ///
    /// # Errors
    /// `passkey-wrong`.
    fn check(&self, state: &[u8], answer: &str, passkey: &Passkey) -> Result<Vec<u8>>;
}

/// Passkeys, and questions that wait. Everything here needs a system scope.
#[async_trait]
pub trait Passkeys: Send + Sync {
    /// The passkeys of an account, oldest first.
    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>>;
    /// The passkey that a device calls so, locked until the transaction ends.
    async fn passkey_by_credential(&self, credential: &[u8]) -> Result<Option<Passkey>>;
    /// Adds one; `false` when a device calls another so.
    async fn passkey_add(&self, passkey: &Passkey) -> Result<bool>;
    /// Notes its use.
    async fn passkey_used(&self, id: PasskeyId, moving: &[u8], now: DateTime<Utc>) -> Result<()>;
    /// Removes one of an account; `false` when there is none.
    async fn passkey_remove(&self, user: UserId, id: PasskeyId) -> Result<bool>;
    /// Keeps a question under the digest of the browser's ticket, until an instant.
    async fn passkey_ask(&self, ticket: &[u8; 32], asked: &Asked, until: DateTime<Utc>) -> Result<()>;
    /// Takes it, once.
    async fn passkey_answer(&self, ticket: &[u8; 32], purpose: Purpose, now: DateTime<Utc>) -> Result<Option<Asked>>;
}

fn refused(rule: &'static str) -> Error {
    Refusal::new(RefusalCode::Invalid, rule).into()
}

/// Asks a browser for a passkey; what it is given, and the ticket that it keeps.
///
/// # Errors
/// `passkey-unavailable`; for a new one `step-up-required`, `passkey-too-many`; for signing in `try-again-later`,
/// `try-again-in-minutes`; [`Error::Unauthenticated`] for anything but signing in before anybody is signed in.
pub async fn ask<S: Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    devices: &dyn Authenticators,
    ctx: Option<&Ctx>,
    purpose: Purpose,
    client: &Client,
) -> Result<(String, String)> {
    let now = ports.env.now();
    let ticket = hex(&ports.env.bytes::<32>(), String::with_capacity(64));
    let (user, question) = match (purpose, ctx) {
        (Purpose::SignIn, _) => {
            Attempt::at("passkey", &ticket, client).count(store, async { Ok(false) }, now).await?;
            (None, devices.ask()?)
        }
        (Purpose::StepUp, Some(ctx)) => (Some(own(ctx)?.0), devices.ask()?),
        (Purpose::Add, Some(ctx)) => {
            let (user, _) = own(ctx)?;
            ctx.require_owner()?;
            let known = store.passkeys(user).await?;
            if known.len() >= MOST_PASSKEYS {
                return Err(Refusal::new(RefusalCode::State, "passkey-too-many").with("max", MOST_PASSKEYS).into());
            }
            let account = store.user_address(user).await?.map(|a| a.0).unwrap_or_default();
            let name = store.user_name(&account).await?.map(|n| n.1).unwrap_or_default();
            (Some(user), devices.ask_new(user, &account, &name, &known)?)
        }
        (Purpose::StepUp | Purpose::Add, None) => return Err(Error::Unauthenticated),
    };
    let asked = Asked { purpose, user, state: question.state };
    store.passkey_ask(&ports.tokens.digest(&ticket), &asked, now + Duration::minutes(ANSWER_MINUTES)).await?;
    Ok((question.options, ticket))
}

/// Takes the question that an answer belongs to, once.
///
/// # Errors
/// `passkey-late`.
pub async fn answered<S: Store + ?Sized>(store: &S, ports: Ports<'_>, purpose: Purpose, ticket: &str) -> Result<Asked> {
    let found = store.passkey_answer(&ports.tokens.digest(ticket), purpose, ports.env.now()).await?;
    found.ok_or_else(|| Refusal::new(RefusalCode::State, "passkey-late").into())
}

/// Keeps the passkey that the caller's browser has made.
///
/// # Errors
/// `text-required` for its name, `passkey-wrong`, `passkey-late` when another user was asked.
pub async fn add<S: Store + mail::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    devices: &dyn Authenticators,
    asked: &Asked,
    name: &str,
    answer: &str,
) -> Result<PasskeyId> {
    let (user, _) = own(ctx)?;
    if asked.user != Some(user) {
        return Err(Refusal::new(RefusalCode::State, "passkey-late").into());
    }
    name_ok(name)?;
    let NewKey { credential, fixed, moving } = devices.take_new(&asked.state, answer)?;
    let (name, since) = (name.trim().to_owned(), ctx.now());
    let passkey = Passkey { id: ctx.id(), user, credential, fixed, moving, name, since, used_at: None };
    if !store.passkey_add(&passkey).await? {
        return Err(refused("passkey-wrong"));
    }
    // The device has just shown that it knows its owner.
    prove_own(store, ctx, true).await?;
    tell_change(store, ctx, user, "passkey-added").await?;
    Ok(passkey.id)
}

/// Whether this can be the name of a passkey.
///
/// # Errors
/// `text-required`.
pub fn name_ok(name: &str) -> Result<()> {
    let (name, most) = (name.trim(), 60_usize);
    if name.is_empty() || name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", most).into());
    }
    Ok(())
}

/// Whose passkey an answer was made with, once everything about it holds.
///
/// # Errors
/// `passkey-wrong`, the same whether there is no such passkey, its owner may not sign in, or the answer does not hold.
pub async fn prove<S: Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    devices: &dyn Authenticators,
    asked: &Asked,
    answer: &str,
) -> Result<UserId> {
    let (credential, user) = devices.named(answer)?;
    let found = store.passkey_by_credential(&credential).await?;
    let ours = |p: &Passkey| p.user == user && asked.user.is_none_or(|asked| asked == user);
    let passkey = found.filter(ours).ok_or_else(|| refused("passkey-wrong"))?;
    let moving = devices.check(&asked.state, answer, &passkey)?;
    if store.credentials_of(user).await?.is_none_or(|c| c.disabled) {
        return Err(refused("passkey-wrong"));
    }
    store.passkey_used(passkey.id, &moving, ports.env.now()).await?;
    Ok(user)
}

/// The caller's passkeys.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn own_passkeys<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Vec<Passkey>> {
    store.passkeys(own(ctx)?.0).await
}

/// Removes one of the caller's passkeys.
///
/// # Errors
/// `step-up-required`, `passkey-unknown`.
pub async fn remove<S: Store + mail::Store + ?Sized>(store: &S, ctx: &Ctx, id: PasskeyId) -> Result<()> {
    let (user, _) = own(ctx)?;
    ctx.require_owner()?;
    if !store.passkey_remove(user, id).await? {
        return Err(Refusal::new(RefusalCode::NotFound, "passkey-unknown").at("passkeyId").into());
    }
    if store.passkeys(user).await?.is_empty() {
        store.sessions_weaken(user).await?;
    }
    tell_change(store, ctx, user, "passkey-removed").await
}
