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
use super::entity::Membership;
use super::guess::Attempt;
use super::invite::{Invitation, Offer, accept};
use super::service::{Ports, hex};
use super::session::own;
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{Id as _, OidcLinkId, ParkId, ProviderId, UserId};
use crate::permission::{Action, Resource, Role};
use crate::time::Env;

/// How long a sign-in may wait at the provider, minutes.
pub const WAIT_MINUTES: i64 = 10;
/// The most providers of one park.
pub const MOST_PROVIDERS: usize = 10;

/// A system that says who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Whose: a park's, or the installation's.
    pub park: Option<ParkId>,
    /// What its button says.
    pub name: String,
    /// Its address, which is its name too (`iss`); no query, no fragment.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; `None` for a public client.
    pub secret: Option<String>,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
    /// Domains of mail addresses that it may speak for, in lower case.
    pub domains: Vec<String>,
    /// Values of `amr` and `acr` that count as a second factor.
    pub strong: Vec<String>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("id", &self.id).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Provider {
    /// The id of the provider that the configuration names.
    pub fn installation_id() -> ProviderId {
        ProviderId::from_uuid(uuid::Uuid::nil())
    }
    /// Whether it may speak for a mail address.
    pub fn speaks_for(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.trim().to_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }
    /// Whether what the person did at the provider is as good as a second factor.
    pub fn is_strong(&self, vouched: &Vouched) -> bool {
        self.strong.iter().any(|s| vouched.amr.contains(s) || vouched.acr.as_ref() == Some(s))
    }
}

/// What a provider of a park is asked to be.
#[derive(Clone)]
pub struct ProviderDraft {
    /// The one to be changed; `None` = a new one.
    pub id: Option<ProviderId>,
    /// What its button says, 1 to 60 characters.
    pub name: String,
    /// Its address.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; `None` leaves it as it is.
    pub secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Domains of mail addresses that it may speak for.
    pub domains: Vec<String>,
    /// Values of `amr` and `acr` that count as a second factor.
    pub strong: Vec<String>,
}

impl fmt::Debug for ProviderDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderDraft").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Whether a text has a plain form and length.
fn short(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// Words without what people put around them; each once.
fn words(list: &[String], form: impl Fn(&str) -> String) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in list.iter().map(|w| form(w.trim())).filter(|w| !w.is_empty()) {
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

impl ProviderDraft {
    /// Checks everything that needs neither database nor network.
    ///
    /// # Errors
    /// All refusals at once: `text-required`, `idp-issuer`, `idp-domain`, `idp-word`.
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        for (path, text, most) in [("name", &self.name, 60), ("clientId", &self.client_id, 200)] {
            bad.when(!short(text.trim(), most), || {
                Refusal::new(RefusalCode::Required, "text-required").at(path).with("max", most)
            });
        }
        let issuer = self.issuer.trim();
        let plain = short(issuer, 200) && !issuer.contains(['?', '#', '@', ' ', '\\']);
        bad.when(!plain || !(issuer.starts_with("https://") || issuer.starts_with("http://localhost")), || {
            Refusal::new(RefusalCode::Invalid, "idp-issuer").at("issuer")
        });
        let domain = |d: &String| {
            let d = d.trim();
            short(d, 190) && d.contains('.') && !d.contains(['@', ' ', '*', '/']) && !d.starts_with('.')
        };
        bad.when(self.domains.len() > 20 || !self.domains.iter().all(domain), || {
            Refusal::new(RefusalCode::Invalid, "idp-domain").at("domains").with("max", 20_i64)
        });
        for (path, list) in [("scopes", &self.scopes), ("secondFactorValues", &self.strong)] {
            let word = |w: &String| short(w, 100) && !w.contains([' ', '"']);
            bad.when(list.len() > 20 || !list.iter().all(word), || {
                Refusal::new(RefusalCode::Invalid, "idp-word").at(path).with("max", 20_i64)
            });
        }
        bad.finish()
    }

    /// The provider of the installation.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn installation(&self) -> Result<Provider> {
        self.check()?;
        Ok(self.build(Provider::installation_id(), None))
    }

    fn build(&self, id: ProviderId, park: Option<ParkId>) -> Provider {
        let mut scopes = words(&self.scopes, ToOwned::to_owned);
        scopes.retain(|s| s != "openid");
        scopes.insert(0, "openid".to_owned());
        Provider {
            id,
            park,
            name: self.name.trim().to_owned(),
            issuer: self.issuer.trim().to_owned(),
            client_id: self.client_id.trim().to_owned(),
            secret: self.secret.clone().filter(|s| !s.is_empty()),
            scopes,
            domains: words(&self.domains, str::to_lowercase),
            strong: words(&self.strong, ToOwned::to_owned),
        }
    }
}

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

/// Everybody's providers: that of the installation first. `system` has a system scope.
///
/// # Errors
/// Those of the store.
pub async fn providers_all<S: Store + ?Sized>(system: &S, oidc: &dyn Oidc) -> Result<Vec<Provider>> {
    let mut all: Vec<Provider> = oidc.installation().cloned().into_iter().collect();
    all.extend(system.providers().await?);
    Ok(all)
}

/// The provider with an id.
///
/// # Errors
/// `oidc-unknown`.
pub async fn provider<S: Store + ?Sized>(system: &S, oidc: &dyn Oidc, id: ProviderId) -> Result<Provider> {
    let found = providers_all(system, oidc).await?.into_iter().find(|p| p.id == id);
    found.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "oidc-unknown").at("providerId").into())
}

/// Who may say which providers the park has.
///
/// # Errors
/// As every other act of access: [`Error::NotFound`], `step-up-required`.
pub fn may_configure(ctx: &Ctx) -> Result<()> {
    ctx.require(Action::Commit, Resource::Access)?;
    ctx.require_proof()
}

/// Adds or changes a provider of the park, which was probed just before.
///
/// # Errors
/// Those of [`may_configure`] and [`ProviderDraft::check`]; `oidc-unknown`, `idp-too-many`.
pub async fn provider_save<S: Providers + ?Sized>(store: &S, ctx: &Ctx, draft: &ProviderDraft) -> Result<ProviderId> {
    may_configure(ctx)?;
    draft.check()?;
    let there = store.providers().await?;
    let old = draft.id.map(|id| there.iter().find(|p| p.id == id).ok_or_else(unknown)).transpose()?;
    if old.is_none() && there.len() >= MOST_PROVIDERS {
        return Err(Refusal::new(RefusalCode::State, "idp-too-many").with("max", MOST_PROVIDERS).into());
    }
    let new = draft.build(old.map_or_else(|| ctx.id(), |p| p.id), Some(ctx.park()?));
    let heard = ctx.heard();
    let seen =
        |p: &Provider| (p.name.clone(), p.issuer.clone(), p.client_id.clone(), p.domains.join(" "), p.strong.join(" "));
    let was = old.map(&seen);
    let is = seen(&new);
    for (field, was, is) in [
        ("name", was.as_ref().map(|w| &w.0), is.0),
        ("issuer", was.as_ref().map(|w| &w.1), is.1),
        ("clientId", was.as_ref().map(|w| &w.2), is.2),
        ("domains", was.as_ref().map(|w| &w.3), is.3),
        ("secondFactorValues", was.as_ref().map(|w| &w.4), is.4),
    ] {
        heard.changed(field, Seen::maybe(was.cloned()), Seen::of(is));
    }
    store.provider_put(&new, ctx.now()).await?;
    Ok(new.id)
}

/// Removes a provider of the park. Links stay: they are of the account and mean nothing without a provider.
///
/// # Errors
/// Those of [`may_configure`]; `oidc-unknown`.
pub async fn provider_remove<S: Providers + ?Sized>(store: &S, ctx: &Ctx, id: ProviderId) -> Result<()> {
    may_configure(ctx)?;
    if store.provider_remove(id).await? { Ok(()) } else { Err(unknown()) }
}

fn unknown() -> Error {
    Refusal::new(RefusalCode::NotFound, "oidc-unknown").at("providerId").into()
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

/// Whether somebody acts for a park itself in this role.
fn is_staff(role: Role) -> bool {
    matches!(role, Role::ParkAdministrator | Role::ParkFinance)
}

/// Whether a provider may open an account by itself: it is the installation's, or all that the account reaches is the
/// provider's park itself.
fn within(provider: &Provider, memberships: &[Membership]) -> bool {
    let own = |park, m: &Membership| m.park.id == park && is_staff(m.role);
    provider.park.is_none_or(|park| !memberships.is_empty() && memberships.iter().all(|m| own(park, m)))
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
    /// Invitations that were accepted just now.
    pub accepted: Vec<Invitation>,
}

/// The account of whom a provider vouches for: by its link; else by its mail address, which makes the link; else by an
/// invitation to that address, which makes the account, with a password that nobody knows.
///
/// # Errors
/// `oidc-unverified`, `oidc-domain` (both about the address alone, whoever has it), `oidc-no-account` for anything that
/// hangs on which accounts there are.
pub async fn recognise<S: Store + ?Sized>(
    system: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<Recognised> {
    let now = ctx.now();
    if let Some(link) = system.oidc_link(&provider.issuer, &vouched.subject).await? {
        let known = system.credentials_of(link.user).await?.filter(|c| !c.disabled).is_some();
        let open = link.own || within(provider, &system.memberships(link.user, now).await?);
        if !known || !open {
            return Err(nobody());
        }
        system.oidc_link_used(link.id, now).await?;
        return Ok(Recognised { user: link.user, linked: false, accepted: Vec::new() });
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
    Ok(Recognised { user, linked: true, accepted })
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
    invitations.retain(|i| provider.park.is_none_or(|park| park == i.park && is_staff(i.role)));
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
pub async fn link<S: Store + ?Sized>(
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
pub async fn unlink<S: Store + ?Sized>(system: &S, ctx: &Ctx, id: OidcLinkId) -> Result<()> {
    let (user, _) = own(ctx)?;
    ctx.require_proof()?;
    if system.oidc_link_remove(user, id).await? {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::NotFound, "oidc-link-unknown").at("linkId").into())
}
