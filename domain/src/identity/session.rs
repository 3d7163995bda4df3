//! What a user does with its own sessions and its password.

use chrono::Duration;

use super::entity::{Credentials, Ended, Proof, Session};
use super::provision::{password_ok, weak};
use super::store::{Passwords, Store, Which};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{SessionId, UserId};

/// How long a session that ended by itself is still told of, days.
const TOLD_DAYS: i64 = 30;

/// The user and the session that act.
pub(super) fn own(ctx: &Ctx) -> Result<(UserId, SessionId)> {
    ctx.actor().user.zip(ctx.actor().session).ok_or(Error::Unauthenticated)
}

/// The caller's sessions: those that live, and those of the last thirty days that a copied token ended. `store` has a
/// system scope, as for everything here.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn sessions<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Vec<Session>> {
    store.sessions(own(ctx)?.0, ctx.now(), ctx.now() - Duration::days(TOLD_DAYS)).await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `session-unknown` when there is none that lives.
pub async fn session_end<S: Store + ?Sized>(store: &S, ctx: &Ctx, id: SessionId) -> Result<()> {
    let (user, current) = own(ctx)?;
    let why = if id == current { Ended::SignedOut } else { Ended::Closed };
    if store.sessions_end(user, Which::One(id), why, ctx.now()).await? == 0 {
        return Err(Refusal::new(RefusalCode::NotFound, "session-unknown").at("sessionId").into());
    }
    Ok(())
}

/// Ends every session of the caller, this one too; tells how many.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn sessions_end_all<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<u64> {
    store.sessions_end(own(ctx)?.0, Which::All, Ended::Everywhere, ctx.now()).await
}

/// Whether this is the password of the user with these credentials.
///
/// # Errors
/// `password-wrong` at `path`.
pub async fn own_password(
    passwords: &dyn Passwords,
    credentials: Option<&Credentials>,
    path: &'static str,
    password: &str,
) -> Result<()> {
    if passwords.verify(password, credentials.map(|c| c.password_hash.as_str())).await? {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::Invalid, "password-wrong").at(path).into())
}

/// Hashes a new password.
///
/// # Errors
/// `password-weak`; `password-same` when it is the present one.
pub async fn password_hash(passwords: &dyn Passwords, current: &str, password: &str) -> Result<String> {
    if !password_ok(password) {
        return Err(weak().into());
    }
    if current == password {
        return Err(Refusal::new(RefusalCode::Invalid, "password-same").at("password").into());
    }
    passwords.hash(password).await
}

/// Gives the caller another password and ends its other sessions. The present password was verified just before.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn password_change<S: Store + ?Sized>(store: &S, ctx: &Ctx, hash: &str) -> Result<()> {
    let (user, session) = own(ctx)?;
    store.password_set(user, hash).await?;
    store.sessions_end(user, Which::Others(session), Ended::Password, ctx.now()).await?;
    store.session_proven(session, Proof::own(ctx.now(), false)).await
}

/// Notes that the caller has proved again, by a secret of its own, who it is; `strong` with two factors.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn prove<S: Store + ?Sized>(store: &S, ctx: &Ctx, strong: bool) -> Result<()> {
    store.session_proven(own(ctx)?.1, Proof::own(ctx.now(), strong)).await
}
