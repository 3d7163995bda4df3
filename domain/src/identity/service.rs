//! Use cases of identity.

use std::fmt::Write as _;

use super::entity::{ACCESS_MINUTES, Claims, Grant, GrantDraft, Membership, NewSession, Session, SignedIn};
use super::store::{Passwords, Store, Tokens};
use crate::ctx::{Actor, Ctx, Lang};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{GrantId, Id, SessionId, UserId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource};
use crate::time::Env;
use chrono::Duration;

/// What sign-in needs besides the store.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Tokens.
    pub tokens: &'a dyn Tokens,
    /// Passwords.
    pub passwords: &'a dyn Passwords,
    /// Clock and randomness.
    pub env: &'a Env,
}

impl std::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

/// Signs a user in. The refusal is the same whether the address or the password is wrong.
///
/// # Errors
/// `sign-in-failed`; `scope-unknown` when `scope` names no membership of the user; `no-membership` when there is none.
pub async fn sign_in(
    store: &dyn Store,
    ports: Ports<'_>,
    email: &str,
    password: &str,
    scope: Option<&str>,
) -> Result<(SignedIn, Vec<Membership>)> {
    let credentials = store.credentials(email.trim()).await?;
    let good = ports.passwords.verify(password, credentials.as_ref().map(|c| c.password_hash.as_str())).await?;
    let user = match credentials {
        Some(c) if good && !c.disabled => c.user,
        _ => return Err(Refusal::new(RefusalCode::Invalid, "sign-in-failed").into()),
    };
    let memberships = store.memberships(user, ports.env.now()).await?;
    let membership = choose(&memberships, scope)?.clone();
    Ok((open(store, ports, user, membership).await?, memberships))
}

fn choose<'a>(memberships: &'a [Membership], scope: Option<&str>) -> Result<&'a Membership> {
    match scope {
        Some(key) => memberships
            .iter()
            .find(|m| m.key() == key)
            .ok_or_else(|| Refusal::new(RefusalCode::NotFound, "scope-unknown").at("scope").into()),
        None => memberships.first().ok_or_else(|| Refusal::new(RefusalCode::Forbidden, "no-membership").into()),
    }
}

fn refresh_token(env: &Env) -> String {
    let mut text = String::with_capacity(64);
    for byte in env.bytes::<32>() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

async fn open(store: &dyn Store, ports: Ports<'_>, user: UserId, membership: Membership) -> Result<SignedIn> {
    let now = ports.env.now();
    let refresh_token = refresh_token(ports.env);
    let session = NewSession {
        id: ports.env.id(),
        user,
        role: membership.role,
        park: membership.park.id,
        tenant: membership.tenant.as_ref().map(|t| t.0),
        refresh_hash: ports.tokens.digest(&refresh_token),
        started_at: now,
        expires_at: Session::extended(now),
    };
    store.session_add(&session).await?;
    let (access_token, expires_at) = access(ports, session.id, user)?;
    Ok(SignedIn { access_token, expires_at, refresh_token, membership })
}

fn access(ports: Ports<'_>, session: SessionId, user: UserId) -> Result<(String, chrono::DateTime<chrono::Utc>)> {
    let expires_at = ports.env.now() + Duration::minutes(ACCESS_MINUTES);
    let token = ports.tokens.sign(&Claims { session, user, expires_at })?;
    Ok((token, expires_at))
}

/// The next access token for a refresh token, which is used up.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is unknown, used, revoked or too old.
pub async fn refresh(store: &dyn Store, ports: Ports<'_>, token: &str) -> Result<(SignedIn, Vec<Membership>)> {
    let now = ports.env.now();
    let old = ports.tokens.digest(token);
    let session = store.session_by_refresh(&old).await?.filter(|s| s.alive(now)).ok_or(Error::Unauthenticated)?;
    let memberships = store.memberships(session.user, now).await?;
    let membership = of_session(&session, &memberships).ok_or(Error::Unauthenticated)?.clone();
    let refresh_token = refresh_token(ports.env);
    let new = ports.tokens.digest(&refresh_token);
    if !store.session_rotate(session.id, &old, &new, now, Session::extended(now)).await? {
        return Err(Error::Unauthenticated);
    }
    let (access_token, expires_at) = access(ports, session.id, session.user)?;
    Ok((SignedIn { access_token, expires_at, refresh_token, membership }, memberships))
}

fn of_session<'a>(session: &Session, memberships: &'a [Membership]) -> Option<&'a Membership> {
    memberships.iter().find(|m| {
        m.role == session.role && m.park.id == session.park && m.tenant.as_ref().map(|t| t.0) == session.tenant
    })
}

/// Opens a session in another of the user's memberships.
///
/// # Errors
/// `scope-unknown`.
pub async fn switch(
    store: &dyn Store,
    ports: Ports<'_>,
    ctx: &Ctx,
    scope: &str,
) -> Result<(SignedIn, Vec<Membership>)> {
    let user = ctx.actor().user.ok_or(Error::Unauthenticated)?;
    let memberships = store.memberships(user, ports.env.now()).await?;
    let membership = choose(&memberships, Some(scope))?.clone();
    Ok((open(store, ports, user, membership).await?, memberships))
}

/// Ends the caller's session.
///
/// # Errors
/// [`Error::Unauthenticated`] without one.
pub async fn sign_out(store: &dyn Store, ctx: &Ctx) -> Result<()> {
    let session = ctx.actor().session.ok_or(Error::Unauthenticated)?;
    store.session_revoke(session, ctx.now()).await
}

/// The memberships of the caller.
///
/// # Errors
/// [`Error::Unauthenticated`] for the installation itself.
pub async fn memberships(store: &dyn Store, ctx: &Ctx) -> Result<Vec<Membership>> {
    store.memberships(ctx.actor().user.ok_or(Error::Unauthenticated)?, ctx.now()).await
}

/// The one place where a verified token becomes a context. Session, membership and grants are read each time, so what
/// was revoked is gone with the next request. Returns the caller's name as well.
///
/// # Errors
/// [`Error::Unauthenticated`] for anything but a living session of a living membership.
pub async fn authenticate(
    store: &dyn Store,
    claims: &Claims,
    lang: Option<Lang>,
    request: String,
    env: &Env,
) -> Result<(Ctx, Membership)> {
    let now = env.now();
    let session = store
        .session(claims.session)
        .await?
        .filter(|s| s.alive(now) && s.user == claims.user)
        .ok_or(Error::Unauthenticated)?;
    let memberships = store.memberships(session.user, now).await?;
    let membership = of_session(&session, &memberships).ok_or(Error::Unauthenticated)?.clone();
    let tenants = if membership.grants.iter().any(|g| g.1.is_none()) {
        store.tenants_of(membership.park.id).await?
    } else {
        Vec::new()
    };
    let actor = Actor {
        user: Some(session.user),
        session: Some(session.id),
        role: membership.role,
        grants: membership.grants.iter().map(|g| g.0).collect(),
    };
    let ctx = Ctx::build(
        actor,
        membership.scope(&tenants),
        lang.unwrap_or(session.lang),
        membership.park.zone,
        request,
        env.clone(),
    );
    Ok((ctx, membership))
}

/// The grants that the caller acts under, read with a system scope: a role that needs them may not read those of others.
///
/// # Errors
/// None but those of the store.
pub async fn own_grants(system: &dyn Store, ctx: &Ctx) -> Result<Vec<Grant>> {
    system.grants_by_id(&ctx.actor().grants).await
}

/// The grants of the park, for its administrator.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn grants(store: &dyn Store, ctx: &Ctx, page: &PageRequest) -> Result<Page<Grant>> {
    ctx.require(Action::Read, Resource::Access)?;
    store.grants(page).await
}

/// Grants an assessor access. `system` finds the user (users belong to no park), `store` writes the grant.
///
/// # Errors
/// Those of [`GrantDraft::check`]; `user-unknown`.
pub async fn grant_create(store: &dyn Store, system: &dyn Store, ctx: &Ctx, draft: GrantDraft) -> Result<Grant> {
    ctx.require(Action::Commit, Resource::Access)?;
    draft.check()?;
    let (user, display_name) = system
        .user_name(draft.email.trim())
        .await?
        .ok_or_else(|| Refusal::new(RefusalCode::NotFound, "user-unknown").at("assessorEmail"))?;
    let grant = Grant {
        id: ctx.id(),
        user,
        display_name,
        role: draft.role,
        tenant: draft.tenant,
        purpose: draft.purpose.trim().to_owned(),
        from: draft.from,
        to: draft.to,
        revoked_at: None,
    };
    store.grant_add(&grant, ctx.now()).await?;
    Ok(grant)
}

/// Takes a grant back at once.
///
/// # Errors
/// `grant-unknown` when there is none or it was taken back before.
pub async fn grant_revoke(store: &dyn Store, ctx: &Ctx, id: GrantId) -> Result<Grant> {
    ctx.require(Action::Commit, Resource::Access)?;
    if !store.grant_revoke(id, ctx.now()).await? {
        return Err(Refusal::new(RefusalCode::NotFound, "grant-unknown").at("grantId").into());
    }
    let found = store.grants_by_id(&[id]).await?;
    found.into_iter().next().ok_or_else(|| Error::internal(format!("grant {} vanished", id.uuid())))
}
