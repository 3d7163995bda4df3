//! Sign-in with an account elsewhere: OpenID Connect, authorization code with PKCE.
//!
//! A provider says who somebody is; a **link** from what it calls the person (`iss`, `sub`) to an account says what that
//! means here. A link is made by its owner on the account page, or the first time a person comes whose address the
//! provider has verified, may speak for, and that belongs to an account or an open invitation here. The provider of a
//! park opens only accounts of that park's own staff by itself: whoever runs it must not get into what is private to a
//! tenant or lies in another park. Everybody else links the account, and so decides whom to trust.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::client::Client;
use super::entity::{Membership, Proof};
use super::guess::Attempt;
use super::invite::{Invitation, Offer, accept};
use super::oidc_provider::short;
pub use super::oidc_provider::{
    MOST_PROVIDERS, Provider, ProviderDraft, may_configure, provider, provider_remove, provider_save, providers_all,
};
use super::reset::tell_change;
use super::service::{Ports, hex};
use super::session::own;
use super::store::Store;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{OidcLinkId, ProviderId, UserId};
use crate::mail;
use crate::time::Env;

/// How long a sign-in may wait at the provider, minutes.
pub const WAIT_MINUTES: i64 = 10;

/// A sign-in that waits for a provider's answer.
#[derive(Clone)]
pub struct Waiting {
    /// At which provider.
    pub provider: ProviderId,
    /// SHA-256 of what the browser keeps: nobody else's can go on.
    pub browser: [u8; 32],
    /// What its answer has to repeat inside the signed token.
    pub nonce: String,
    /// What proves that the code was asked for by us (RFC 7636).
    pub verifier: String,
    /// Whose account is to be linked; `None` = a sign-in.
    pub user: Option<UserId>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// A waiting sign-in and the two secrets that lead back to it.
#[derive(Debug)]
pub struct Begun {
    /// To be stored under the digest of `state`.
    pub waiting: Waiting,
    /// Goes to the provider and comes back.
    pub state: String,
    /// Stays in the browser.
    pub ticket: String,
}

/// What the provider's answer brought to the callback.
#[derive(Clone)]
pub struct Reply {
    /// What buys the token.
    pub code: String,
    /// Who answers (RFC 9207).
    pub issuer: Option<String>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

/// Whom a provider vouches for, once everything was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// What it calls the person, never given to another.
    pub subject: String,
    /// The person's mail address.
    pub email: Option<String>,
    /// Whether it has seen to it that the address is the person's.
    pub verified: bool,
    /// How people call the person.
    pub name: Option<String>,
    /// How the person proved who it is.
    pub amr: Vec<String>,
    /// How strong that was.
    pub acr: Option<String>,
}

/// That an account is what a provider calls somebody.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its id.
    pub id: OidcLinkId,
    /// Whose account.
    pub user: UserId,
    /// The provider, by its address.
    pub issuer: String,
    /// Made by the owner of the account, not by its mail address.
    pub own: bool,
    /// Since.
    pub since: DateTime<Utc>,
    /// Last signed in by it.
    pub used_at: Option<DateTime<Utc>>,
}

/// Speaks with providers.
#[async_trait]
pub trait Oidc: Send + Sync {
    /// The provider of the installation.
    fn installation(&self) -> Option<&Provider>;
    /// Whether a provider answers and is what it says.
    ///
    /// # Errors
    /// `idp-unreachable` at `issuer`.
    async fn probe(&self, issuer: &str) -> Result<()>;
    /// Where the browser goes.
    ///
    /// # Errors
    /// `oidc-failed`.
    async fn address(&self, provider: &Provider, begun: &Begun) -> Result<String>;
    /// Buys the token with the code and checks everything about it.
    ///
    /// # Errors
    /// `oidc-failed`; why is in the log alone.
    async fn redeem(&self, provider: &Provider, waiting: &Waiting, reply: &Reply) -> Result<Vouched>;
}

/// Providers, waiting sign-ins, links. All but the providers of the caller's own park need a system scope.
#[async_trait]
pub trait Providers: Send + Sync {
    /// The providers in reach, by name.
    async fn providers(&self) -> Result<Vec<Provider>>;
    /// Stores a provider of the caller's park; keeps its secret when there is no other.
    async fn provider_put(&self, provider: &Provider, now: DateTime<Utc>) -> Result<()>;
    /// Removes a provider of the caller's park; `false` when there is none.
    async fn provider_remove(&self, id: ProviderId) -> Result<bool>;
    /// Keeps a sign-in that waits, until an instant.
    async fn oidc_begin(&self, state: &[u8; 32], waiting: &Waiting, until: DateTime<Utc>) -> Result<()>;
    /// Takes it, once, for the browser that began it.
    async fn oidc_take(&self, state: &[u8; 32], browser: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Waiting>>;
    /// The link of what a provider calls somebody.
    async fn oidc_link(&self, issuer: &str, subject: &str) -> Result<Option<Link>>;
    /// The links of an account, oldest first.
    async fn oidc_links(&self, user: UserId) -> Result<Vec<Link>>;
    /// Adds a link.
    async fn oidc_link_add(&self, link: &Link, subject: &str) -> Result<()>;
    /// Notes its use.
    async fn oidc_link_used(&self, id: OidcLinkId, now: DateTime<Utc>) -> Result<()>;
    /// Makes it the owner's own.
    async fn oidc_link_own(&self, id: OidcLinkId) -> Result<()>;
    /// Removes a link of an account; `false` when there is none.
    async fn oidc_link_remove(&self, user: UserId, id: OidcLinkId) -> Result<bool>;
    /// Open invitations to a mail address.
    async fn invitations_open(&self, email: &str, now: DateTime<Utc>) -> Result<Vec<Invitation>>;
}

/// 32 random bytes as hex digits: more than enough for `state`, `nonce` and the verifier of RFC 7636.
fn secret(env: &Env) -> String {
    hex(&env.bytes::<32>(), String::with_capacity(64))
}

/// Draws the secrets of a sign-in at a provider, or of a link for `user`.
pub fn begin(ports: Ports<'_>, provider: &Provider, user: Option<UserId>) -> Begun {
    let (state, ticket) = (secret(ports.env), secret(ports.env));
    let waiting = Waiting {
        provider: provider.id,
        browser: ports.tokens.digest(&ticket),
        nonce: secret(ports.env),
        verifier: secret(ports.env),
        user,
    };
    Begun { waiting, state, ticket }
}

/// Keeps what was begun, counted against the network it comes from.
///
/// # Errors
/// `try-again-later`, `try-again-in-minutes`.
pub async fn wait<S: Store + ?Sized>(store: &S, ports: Ports<'_>, begun: &Begun, client: &Client) -> Result<()> {
    let now = ports.env.now();
    let attempt = Attempt::at("oidc", &begun.state, client);
    attempt.count(store, async { Ok(false) }, now).await?;
    store.oidc_begin(&ports.tokens.digest(&begun.state), &begun.waiting, now + Duration::minutes(WAIT_MINUTES)).await
}

/// Takes what waits, once.
///
/// # Errors
/// `oidc-late` when nothing waits under this state in this browser.
pub async fn resume<S: Store + ?Sized>(
    store: &S,
    ports: Ports<'_>,
    client: &Client,
    state: &str,
    ticket: &str,
) -> Result<Waiting> {
    let digest = |text| ports.tokens.digest(text);
    let waiting = store.oidc_take(&digest(state), &digest(ticket), ports.env.now()).await?;
    let waiting = waiting.ok_or_else(|| Error::from(Refusal::new(RefusalCode::State, "oidc-late")))?;
    Attempt::at("oidc", state, client).forgive(store).await?;
    Ok(waiting)
}

/// Whether a provider may open an account by itself: it is the installation's, or all that the account reaches is the
/// provider's park itself.
fn within(provider: &Provider, memberships: &[Membership]) -> bool {
    provider.park.is_none_or(|park| !memberships.is_empty() && memberships.iter().all(|m| m.is_staff_of(park)))
}

fn nobody() -> Error {
    Refusal::new(RefusalCode::NotFound, "oidc-no-account").into()
}

/// Whose account it is, and what became so just now.
#[derive(Debug)]
pub struct Recognised {
    /// The account.
    pub user: UserId,
    /// Whether it was linked just now.
    pub linked: bool,
    /// What the provider's word proves: with two factors only where it may open the account by itself, because a park says
    /// itself what its provider calls strong.
    pub proof: Proof,
    /// Invitations that were accepted just now.
    pub accepted: Vec<Invitation>,
}

/// The account of whom a provider vouches for: by its link; else by its mail address, which makes the link; else by an
/// invitation to that address, which makes the account, with a password that nobody knows.
///
/// # Errors
/// `oidc-unverified`, `oidc-domain` (both about the address alone, whoever has it), `oidc-no-account` for anything that
/// hangs on which accounts there are.
pub async fn recognise<S: Store + mail::Store + ?Sized>(
    system: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<Recognised> {
    let now = ctx.now();
    if let Some(link) = system.oidc_link(&provider.issuer, &vouched.subject).await? {
        let known = system.credentials_of(link.user).await?.is_some_and(|c| !c.disabled);
        let trusted = within(provider, &system.memberships(link.user, now).await?);
        if !known || !(link.own || trusted) {
            return Err(nobody());
        }
        system.oidc_link_used(link.id, now).await?;
        let by = provider.park.filter(|_| !link.own);
        let proof = Proof { at: now, strong: trusted && provider.is_strong(vouched), by };
        return Ok(Recognised { user: link.user, linked: false, proof, accepted: Vec::new() });
    }
    let refused = |rule| Err(Refusal::new(RefusalCode::Forbidden, rule).into());
    let Some(email) = vouched.email.as_deref().map(str::trim).filter(|_| vouched.verified) else {
        return refused("oidc-unverified");
    };
    if !provider.speaks_for(email) {
        return refused("oidc-domain");
    }
    let (user, accepted) = match system.credentials(email).await? {
        Some(found) if found.disabled => return Err(nobody()),
        Some(found) => {
            if !within(provider, &system.memberships(found.user, now).await?) {
                return Err(nobody());
            }
            (found.user, Vec::new())
        }
        None => invited(system, ports, ctx, provider, email, vouched).await?,
    };
    let link = Link { id: ctx.id(), user, issuer: provider.issuer.clone(), own: false, since: now, used_at: Some(now) };
    system.oidc_link_add(&link, &vouched.subject).await?;
    let proof = Proof { at: now, strong: provider.is_strong(vouched), by: provider.park };
    tell_change(system, ctx, user, "link-added").await?;
    Ok(Recognised { user, linked: true, proof, accepted })
}

/// Accepts the open invitations to an address that nobody has yet.
async fn invited<S: Store + ?Sized>(
    system: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    provider: &Provider,
    email: &str,
    vouched: &Vouched,
) -> Result<(UserId, Vec<Invitation>)> {
    let mut invitations = system.invitations_open(email, ctx.now()).await?;
    invitations.retain(|i| provider.park.is_none_or(|park| park == i.park && i.role.is_park_staff()));
    let parks = system.parks().await?;
    let local = email.split('@').next().unwrap_or_default();
    let name = vouched.name.as_deref().map(str::trim).filter(|n| short(n, 80)).unwrap_or(local);
    if invitations.is_empty() {
        return Err(nobody());
    }
    let hash = ports.passwords.hash(&secret(ctx.env())).await?;
    let (mut user, mut accepted) = (None, Vec::new());
    for invitation in invitations {
        let Some(park) = parks.iter().find(|p| p.id == invitation.park).cloned() else { continue };
        let offer = Offer { invitation, park, user };
        user = Some(accept(system, ctx, &offer, name, Some(&hash)).await?);
        accepted.push(offer.invitation);
    }
    Ok((user.ok_or_else(nobody)?, accepted))
}

/// Links the caller's account to whom a provider vouches for; linked already, it stays so, as the owner's own.
///
/// # Errors
/// `oidc-linked` when that is somebody else's account; `oidc-late` when another user began it.
pub async fn link<S: Store + mail::Store + ?Sized>(
    system: &S,
    ctx: &Ctx,
    waiting: &Waiting,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<()> {
    let (user, _) = own(ctx)?;
    if waiting.user != Some(user) {
        return Err(Refusal::new(RefusalCode::State, "oidc-late").into());
    }
    tell_change(system, ctx, user, "link-added").await?;
    match system.oidc_link(&provider.issuer, &vouched.subject).await? {
        Some(link) if link.user == user => system.oidc_link_own(link.id).await,
        Some(_) => Err(Refusal::new(RefusalCode::Duplicate, "oidc-linked").into()),
        None => {
            let issuer = provider.issuer.clone();
            let link = Link { id: ctx.id(), user, issuer, own: true, since: ctx.now(), used_at: None };
            system.oidc_link_add(&link, &vouched.subject).await
        }
    }
}

/// The links of the caller's account.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a signed-in user.
pub async fn links<S: Store + ?Sized>(system: &S, ctx: &Ctx) -> Result<Vec<Link>> {
    system.oidc_links(own(ctx)?.0).await
}

/// Removes a link of the caller's account.
///
/// # Errors
/// `step-up-required`, `oidc-link-unknown`.
pub async fn unlink<S: Store + mail::Store + ?Sized>(system: &S, ctx: &Ctx, id: OidcLinkId) -> Result<()> {
    let (user, _) = own(ctx)?;
    ctx.require_owner()?;
    if !system.oidc_link_remove(user, id).await? {
        return Err(Refusal::new(RefusalCode::NotFound, "oidc-link-unknown").at("linkId").into());
    }
    tell_change(system, ctx, user, "link-removed").await
}
