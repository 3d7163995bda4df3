//! A second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day it is lost.

use super::client::Client;
use super::guess::Attempt;
use super::reset::tell_change;
use super::service::hex;
use super::session::own;
use super::store::{Sessions, Store, Tokens};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::UserId;
use crate::mail;
use crate::time::Env;

/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;

/// A user's second factor.
#[derive(Clone, Debug)]
pub struct Factor {
    /// What the app and we share: 20 bytes.
    pub secret: Vec<u8>,
    /// In force since a first code was right; `None` = being set up.
    pub since: Option<chrono::DateTime<chrono::Utc>>,
    /// The last half minute whose code was used: none works twice.
    pub last_step: i64,
    /// Recovery codes that are left.
    pub recovery_left: i64,
}

/// What an authenticator app needs to know.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in base 32, for typing.
    pub secret: String,
    /// The same as an `otpauth` address, for scanning.
    pub address: String,
}

/// The caller's second factor, if one is in force.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn factor<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Option<Factor>> {
    Ok(store.factor(own(ctx)?.0).await?.filter(|f| f.since.is_some()))
}

/// Begins to set a second factor up; asked again, it tells the same.
///
/// # Errors
/// `step-up-required`; `factor-present` when one is in force.
pub async fn factor_begin<S: Store + ?Sized>(store: &S, tokens: &dyn Tokens, ctx: &Ctx) -> Result<Enrolment> {
    let (user, _) = own(ctx)?;
    ctx.require_owner()?;
    let secret = match store.factor(user).await? {
        Some(factor) if factor.since.is_some() => {
            return Err(Refusal::new(RefusalCode::State, "factor-present").into());
        }
        Some(factor) => factor.secret,
        None => {
            let secret = ctx.env().bytes::<20>().to_vec();
            store.factor_begin(user, &secret, ctx.now()).await?;
            secret
        }
    };
    let account = store.user_address(user).await?.map(|a| a.0).unwrap_or_default();
    Ok(tokens.enrolment(&secret, &account))
}

/// Puts the factor that is being set up in force once its first code is right. Returns the recovery codes, which are told
/// this once.
///
/// # Errors
/// `step-up-required`, `factor-unknown` when none is being set up, `code-wrong`.
pub async fn factor_confirm<S: Store + mail::Store + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    ctx: &Ctx,
    code: &str,
) -> Result<Vec<String>> {
    let (user, _) = own(ctx)?;
    ctx.require_owner()?;
    let factor = store.factor(user).await?.filter(|f| f.since.is_none());
    let factor = factor.ok_or_else(|| Error::from(Refusal::new(RefusalCode::State, "factor-unknown")))?;
    let step = tokens.code_step(&factor.secret, code, ctx.now()).ok_or_else(wrong)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(ctx.env())).collect();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| tokens.digest(&plain(code))).collect();
    store.factor_confirm(user, step, &hashes, ctx.now()).await?;
    tell_change(store, ctx, user, "factor-added").await?;
    Ok(codes)
}

/// Removes the caller's second factor with its recovery codes.
///
/// # Errors
/// `step-up-required`, `factor-unknown`.
pub async fn factor_remove<S: Store + mail::Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<()> {
    let (user, _) = own(ctx)?;
    ctx.require_owner()?;
    let there = store.factor(user).await?;
    if !store.factor_remove(user).await? {
        return Err(Refusal::new(RefusalCode::State, "factor-unknown").into());
    }
    // One that was only being set up opened nothing.
    if there.is_none_or(|f| f.since.is_none()) {
        return Ok(());
    }
    store.sessions_weaken(user).await?;
    tell_change(store, ctx, user, "factor-removed").await
}

/// Counts a try at the second factor of a user. The transaction is committed whatever becomes of the try.
///
/// # Errors
/// `try-again-later`, `try-again-in-minutes`.
pub async fn factor_try<S: Sessions + ?Sized>(store: &S, env: &Env, user: UserId, client: &Client) -> Result<Attempt> {
    let attempt = Attempt::at("factor", &user.to_string(), client);
    attempt.count(store, async { Ok(false) }, env.now()).await?;
    Ok(attempt)
}

/// Whether a code of the app or a recovery code is right; it is used up.
///
/// # Errors
/// `code-wrong`.
pub async fn factor_check<S: Store + ?Sized>(
    store: &S,
    tokens: &dyn Tokens,
    env: &Env,
    user: UserId,
    code: &str,
) -> Result<()> {
    let factor = store.factor(user).await?.filter(|f| f.since.is_some()).ok_or_else(wrong)?;
    let good = match tokens.code_step(&factor.secret, code, env.now()) {
        Some(step) => store.factor_use(user, step).await?,
        None => store.recovery_use(user, &tokens.digest(&plain(code)), env.now()).await?,
    };
    if good { Ok(()) } else { Err(wrong()) }
}

fn wrong() -> Error {
    Refusal::new(RefusalCode::Invalid, "code-wrong").at("code").into()
}

/// 80 bits as four groups of five hex digits: too many to guess, so a plain digest of it is enough.
fn recovery_code(env: &Env) -> String {
    let digits = hex(&env.bytes::<10>(), String::with_capacity(20));
    let groups: Vec<&str> = [0, 5, 10, 15].iter().filter_map(|at| digits.get(*at..at + 5)).collect();
    groups.join("-")
}

/// A code without what people put between its signs.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}
