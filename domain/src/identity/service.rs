//! Use cases of identity.

use std::fmt::Write as _;

use super::client::Client;
use super::emergency::Emergency;
use super::entity::{ACCESS_MINUTES, Claims, Credentials, Ended, Membership, NewSession, Proof, Session, SignedIn};
use super::grant::Opened;
use super::guess::{Attempt, KNOWN_DAYS};
use super::session::own;
use super::store::{Passwords, Store, Tokens, Which};
use crate::bounds::Bounds;
use crate::ctx::{Actor, Ctx, Lang};
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{SessionId, UserId};
use crate::permission::Role;
use crate::time::Env;
use chrono::{DateTime, Duration, Utc};

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

/// Whose password this is, whether or not the user has a place to act in. Tries are counted by the caller
/// ([`Attempt`]); an unknown address costs the same work.
///
/// # Errors
/// `sign-in-failed`, the same whether the address or the password is wrong.
pub async fn password_verify(
    passwords: &dyn Passwords,
    credentials: Option<&Credentials>,
    password: &str,
) -> Result<UserId> {
    let good = passwords.verify(password, credentials.map(|c| c.password_hash.as_str())).await?;
    match credentials {
        Some(c) if good && !c.disabled => Ok(c.user),
        _ => Err(Refusal::new(RefusalCode::Invalid, "sign-in-failed").into()),
    }
}

/// Counts a try at the password of an address. The transaction is committed whatever becomes of the try.
///
/// # Errors
/// `try-again-later`, `try-again-in-minutes`.
pub async fn password_try<S: Store + ?Sized>(
    store: &S,
    attempt: &Attempt,
    email: &str,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<()> {
    let known = async {
        match client.place() {
            Some(place) => store.place_known(email, &place, now - Duration::days(KNOWN_DAYS)).await,
            None => Ok(false),
        }
    };
    attempt.count(store, known, now).await
}

/// Opens a session for a user who has proved who it is.
///
/// # Errors
/// `scope-unknown` when `scope` names no membership of the user; `no-membership` when there is none.
pub async fn session_open(
    store: &dyn Store,
    ports: Ports<'_>,
    user: UserId,
    proof: Proof,
    client: &Client,
    scope: Option<&str>,
) -> Result<(SignedIn, Vec<Membership>)> {
    let mut memberships = store.memberships(user, ports.env.now()).await?;
    memberships.retain(|m| proof.reaches(m));
    let membership = choose(&memberships, scope)?.clone();
    let opened = open(store, ports, user, client, proof, membership, None).await?;
    Ok((opened, memberships))
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

/// A refresh token: what all of its session share, and what only this one has. Hex digits.
struct RefreshToken {
    text: String,
}

/// Hex digits of the shared part.
const FAMILY_DIGITS: usize = 32;

/// Hex digits behind a text.
pub(super) fn hex(bytes: &[u8], mut text: String) -> String {
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl RefreshToken {
    /// The first of a session.
    fn first(env: &Env) -> Self {
        Self { text: hex(&env.bytes::<32>(), hex(&env.bytes::<16>(), String::with_capacity(96))) }
    }
    /// The next of the same session. Tokens of sessions from before there were families begin one.
    fn next(env: &Env, spent: &str) -> Self {
        match Self::family_of(spent) {
            Some(family) => Self { text: hex(&env.bytes::<32>(), family.to_owned()) },
            None => Self::first(env),
        }
    }
    fn family_of(text: &str) -> Option<&str> {
        let digits = text.len() == FAMILY_DIGITS + 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        text.get(..FAMILY_DIGITS).filter(|_| digits)
    }
    fn hashes(&self, tokens: &dyn Tokens) -> ([u8; 32], [u8; 32]) {
        (tokens.digest(Self::family_of(&self.text).unwrap_or_default()), tokens.digest(&self.text))
    }
}

pub(super) async fn open<S: Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    user: UserId,
    client: &Client,
    proof: Proof,
    membership: Membership,
    emergency: Option<&Emergency>,
) -> Result<SignedIn> {
    let now = ports.env.now();
    let token = RefreshToken::first(ports.env);
    let (family_hash, refresh_hash) = token.hashes(ports.tokens);
    let session = NewSession {
        id: ports.env.id(),
        user,
        role: membership.role,
        park: membership.park.id,
        tenant: membership.tenant.as_ref().map(|t| t.0),
        family_hash,
        refresh_hash,
        device: client.device(),
        place: client.place(),
        started_at: now,
        expires_at: emergency.map_or(Session::extended(now), |e| e.ends_at),
        proof,
        emergency: emergency.map(|e| e.id),
    };
    store.session_add(&session).await?;
    let (access_token, expires_at) = access(ports, session.id, user)?;
    Ok(SignedIn { access_token, expires_at, refresh_token: token.text, membership })
}

fn access(ports: Ports<'_>, session: SessionId, user: UserId) -> Result<(String, DateTime<Utc>)> {
    let expires_at = ports.env.now() + Duration::minutes(ACCESS_MINUTES);
    let token = ports.tokens.sign(&Claims { session, user, expires_at })?;
    Ok((token, expires_at))
}

/// What a refresh token bought.
#[derive(Debug)]
pub enum Refreshed {
    /// The next tokens.
    Good(Box<SignedIn>, Vec<Membership>),
    /// It was spent before: somebody has a copy, so the session has ended. To be told, and committed.
    Reused(Session),
}

/// How long after an exchange the spent token may come again without ending the session: two tabs that wake together, or
/// an answer that was lost on the way. It buys nothing all the same. Seconds.
pub const RACE_SECONDS: i64 = 10;

/// The next access token for a refresh token, which is used up.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is unknown, revoked or too old.
pub async fn refresh(store: &dyn Store, ports: Ports<'_>, token: &str) -> Result<Refreshed> {
    let now = ports.env.now();
    let old = ports.tokens.digest(token);
    let Some(session) = store.session_by_refresh(&old).await? else {
        let family = RefreshToken::family_of(token).ok_or(Error::Unauthenticated)?;
        let spent = store.session_by_family(&ports.tokens.digest(family)).await?.filter(|s| s.alive(now));
        let session = spent.ok_or(Error::Unauthenticated)?;
        if (now - session.refreshed_at).num_seconds() < RACE_SECONDS {
            return Err(Error::Unauthenticated);
        }
        store.sessions_end(session.user, Which::One(session.id), Ended::Reused, now).await?;
        return Ok(Refreshed::Reused(session));
    };
    if !session.alive(now) {
        return Err(Error::Unauthenticated);
    }
    let mut memberships = store.memberships(session.user, now).await?;
    memberships.retain(|m| session.proof.reaches(m));
    let (membership, emergency) = standing(store, &session, &memberships, now).await?;
    let next = RefreshToken::next(ports.env, token);
    let hashes = next.hashes(ports.tokens);
    if !store
        .session_rotate(session.id, &old, hashes, now, emergency.map_or(Session::extended(now), |e| e.ends_at))
        .await?
    {
        return Err(Error::Unauthenticated);
    }
    let (access_token, expires_at) = access(ports, session.id, session.user)?;
    let signed = SignedIn { access_token, expires_at, refresh_token: next.text, membership };
    Ok(Refreshed::Good(Box::new(signed), memberships))
}

fn of_session<'a>(session: &Session, memberships: &'a [Membership]) -> Option<&'a Membership> {
    memberships.iter().find(|m| {
        m.role == session.role && m.park.id == session.park && m.tenant.as_ref().map(|t| t.0) == session.tenant
    })
}

/// As what a session acts: in a membership of its user, or in an emergency, as long as it lasts and its user is the platform
/// operator.
async fn standing(
    store: &dyn Store,
    session: &Session,
    memberships: &[Membership],
    now: DateTime<Utc>,
) -> Result<(Membership, Option<Emergency>)> {
    let Some(id) = session.emergency else {
        let membership = of_session(session, memberships).ok_or(Error::Unauthenticated)?;
        return Ok((membership.clone(), None));
    };
    let found = store.emergencies_by_id(&[id]).await?.into_iter().next().filter(|e| e.active(now));
    let emergency = found.filter(|e| e.operator == session.user).ok_or(Error::Unauthenticated)?;
    if !memberships.iter().any(|m| m.role == Role::PlatformOperator) {
        return Err(Error::Unauthenticated);
    }
    Ok((emergency.membership(), Some(emergency)))
}

/// Opens a session in another of the user's memberships.
///
/// # Errors
/// `scope-unknown`.
pub async fn switch(
    store: &dyn Store,
    ports: Ports<'_>,
    ctx: &Ctx,
    client: &Client,
    scope: &str,
) -> Result<(SignedIn, Vec<Membership>)> {
    let user = ctx.actor().user.ok_or(Error::Unauthenticated)?;
    let memberships = memberships(store, ctx).await?;
    let membership = choose(&memberships, Some(scope))?.clone();
    // Another session is no new proof of who somebody is.
    Ok((open(store, ports, user, client, ctx.proof(), membership, None).await?, memberships))
}

/// Ends the caller's session.
///
/// # Errors
/// [`Error::Unauthenticated`] without one.
pub async fn sign_out(store: &dyn Store, ctx: &Ctx) -> Result<()> {
    let (user, session) = own(ctx)?;
    store.sessions_end(user, Which::One(session), Ended::SignedOut, ctx.now()).await.map(|_| ())
}

/// The memberships that the caller can act in.
///
/// # Errors
/// [`Error::Unauthenticated`] for the installation itself.
pub async fn memberships(store: &dyn Store, ctx: &Ctx) -> Result<Vec<Membership>> {
    let mut all = store.memberships(ctx.actor().user.ok_or(Error::Unauthenticated)?, ctx.now()).await?;
    all.retain(|m| ctx.proof().reaches(m));
    Ok(all)
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
    let mut memberships = store.memberships(session.user, now).await?;
    memberships.retain(|m| session.proof.reaches(m));
    let (membership, emergency) = standing(store, &session, &memberships, now).await?;
    let tenants = if membership.grants.is_empty() { Vec::new() } else { store.tenants_of(membership.park.id).await? };
    let opened = Opened::by(&membership.grants, &tenants);
    let actor = Actor {
        user: Some(session.user),
        session: Some(session.id),
        role: membership.role,
        grants: membership.grants.iter().map(|g| g.id).collect(),
    };
    let ctx = Ctx::build(
        actor,
        membership.scope(&opened),
        lang.unwrap_or(session.lang),
        membership.park.zone,
        request,
        env.clone(),
    )
    .proven(session.proof)
    .opened(opened)
    .with_factor(session.factor);
    let ctx = match emergency {
        Some(emergency) => ctx.bound(emergency.bounds()),
        None if membership.factor_due && !session.factor && !session.proof.strong => ctx.bound(Bounds::Enrolling),
        None => ctx,
    };
    Ok((ctx, membership))
}
