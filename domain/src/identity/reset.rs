//! A forgotten password: a link by mail that works once, for half an hour.

use chrono::{DateTime, Duration, Utc};

use super::client::Client;
use super::entity::Ended;
use super::guess::Attempt;
use super::provision::{password_ok, weak};
use super::service::{Ports, hex};
use super::store::{Sessions, Store, Which};
use crate::ctx::{Ctx, Lang};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{ParkId, TenantId, UserId};
use crate::mail::{self, LetterKind, NewLetter, Owner};

/// How long a link works, minutes.
pub const RESET_MINUTES: i64 = 30;

/// A secret for a link: 64 hex digits.
pub(super) fn link_token(ctx: &Ctx) -> String {
    hex(&ctx.env().bytes::<32>(), String::with_capacity(64))
}

/// Where letters to a user are on record: the first place where it may act.
async fn owner_of<S: Store + ?Sized>(
    store: &S,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<(Owner, String, String)>> {
    let memberships = store.memberships(user, now).await?;
    Ok(memberships.into_iter().next().map(|m| {
        let tenant: Option<TenantId> = m.tenant.map(|t| t.0);
        let park: ParkId = m.park.id;
        (Owner { park, tenant }, m.park.name, m.park.name_en)
    }))
}

/// Posts a letter to a user, if it has a place to act in.
///
/// # Errors
/// Those of the store.
pub async fn tell<S: Store + mail::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    user: UserId,
    kind: LetterKind,
    facts: &[(&str, String)],
) -> Result<()> {
    let Some((to, lang)) = store.user_address(user).await? else { return Ok(()) };
    let Some((owner, name, name_en)) = owner_of(store, user, ctx.now()).await? else { return Ok(()) };
    let park = if lang == Lang::En { name_en } else { name };
    let mut facts: mail::Facts = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    facts.insert("park".to_owned(), park);
    store.letter_post(ctx, owner, &NewLetter { kind, lang, to, user: Some(user), facts }).await.map(|_| ())
}

/// Tells a user that a way into its account was added or removed: `passkey-added`, `passkey-removed`, `factor-added`,
/// `factor-removed`, `link-added`, `link-removed`.
///
/// # Errors
/// Those of the store.
pub async fn tell_change<S: Store + mail::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    user: UserId,
    change: &str,
) -> Result<()> {
    tell(store, ctx, user, LetterKind::AccountChanged, &[("change", change.to_owned())]).await
}

/// Counts a request for a link; it is never taken back, so that nobody's mailbox is flooded.
///
/// # Errors
/// `try-again-later`, `try-again-in-minutes`.
pub async fn reset_try<S: Sessions + ?Sized>(store: &S, ctx: &Ctx, email: &str, client: &Client) -> Result<()> {
    Attempt::at("reset", email, client).count(store, async { Ok(true) }, ctx.now()).await
}

/// Posts a link to another password to an address, if it belongs to a user. Whether it does is not told, and a row is
/// written in any case.
///
/// # Errors
/// Those of the store.
pub async fn reset_request<S: Store + mail::Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    email: &str,
) -> Result<()> {
    let token = link_token(ctx);
    let user = store.credentials(email.trim()).await?.filter(|c| !c.disabled).map(|c| c.user);
    store
        .reset_add(&ports.tokens.digest(&token), user, ctx.now(), ctx.now() + Duration::minutes(RESET_MINUTES))
        .await?;
    let Some(user) = user else { return Ok(()) };
    let facts = [("path", format!("/reset?token={token}")), ("minutes", RESET_MINUTES.to_string())];
    tell(store, ctx, user, LetterKind::PasswordReset, &facts).await
}

/// Whether a password may be chosen.
///
/// # Errors
/// `password-weak`.
pub fn password_check(password: &str) -> Result<()> {
    if password_ok(password) { Ok(()) } else { Err(weak().into()) }
}

fn bad_link() -> Error {
    Refusal::new(RefusalCode::State, "reset-link-bad").at("token").into()
}

/// Looks at a link before its password is hashed.
///
/// # Errors
/// `reset-link-bad` when it is unknown, used or too old.
pub async fn reset_check<S: Store + ?Sized>(store: &S, ports: Ports<'_>, token: &str) -> Result<()> {
    let live = store.reset_live(&ports.tokens.digest(token), ports.env.now()).await?;
    if live { Ok(()) } else { Err(bad_link()) }
}

/// Gives the user of a link the password with this hash, ends all its sessions and tells it by mail. The link is used up.
///
/// # Errors
/// `reset-link-bad` when it is unknown, used or too old.
pub async fn reset_finish<S: Store + mail::Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    client: &Client,
    token: &str,
    hash: &str,
) -> Result<UserId> {
    let found = store.reset_use(&ports.tokens.digest(token), ctx.now()).await?;
    let user = found.ok_or_else(bad_link)?;
    store.password_set(user, hash).await?;
    store.sessions_end(user, Which::All, Ended::Password, ctx.now()).await?;
    if let Some((email, _)) = store.user_address(user).await? {
        Attempt::at("password", &email, client).forget(store).await?;
    }
    tell(store, ctx, user, LetterKind::PasswordChanged, &[]).await?;
    Ok(user)
}
