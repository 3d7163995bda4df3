//! Identity providers: what one is, and which a park has.

use std::fmt;

use super::oidc::{Oidc, Providers, Vouched};
use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{Id as _, ParkId, ProviderId};
use crate::permission::{Action, Resource};

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
    /// What its park's record shows of it.
    fn seen(&self) -> [(&'static str, String); 6] {
        [
            ("name", self.name.clone()),
            ("issuer", self.issuer.clone()),
            ("clientId", self.client_id.clone()),
            ("scopes", self.scopes.join(" ")),
            ("domains", self.domains.join(" ")),
            ("secondFactorValues", self.strong.join(" ")),
        ]
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
pub(super) fn short(text: &str, most: usize) -> bool {
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
/// Those of [`may_configure`] and [`ProviderDraft::check`]; `oidc-unknown`, `idp-too-many`; `idp-secret` where the address
/// changes and the secret does not.
pub async fn provider_save<S: Providers + ?Sized>(store: &S, ctx: &Ctx, draft: &ProviderDraft) -> Result<ProviderId> {
    may_configure(ctx)?;
    draft.check()?;
    let there = store.providers().await?;
    let old = draft.id.map(|id| there.iter().find(|p| p.id == id).ok_or_else(unknown)).transpose()?;
    if old.is_none() && there.len() >= MOST_PROVIDERS {
        return Err(Refusal::new(RefusalCode::State, "idp-too-many").with("max", MOST_PROVIDERS).into());
    }
    // What proves who we are to one provider is not told to another.
    if draft.secret.is_none() && old.is_some_and(|old| old.secret.is_some() && old.issuer != draft.issuer.trim()) {
        return Err(Refusal::new(RefusalCode::Required, "idp-secret").at("clientSecret").into());
    }
    let new = draft.build(old.map_or_else(|| ctx.id(), |p| p.id), Some(ctx.park()?));
    let heard = ctx.heard();
    let was = old.map_or_else(Vec::new, |old| old.seen().into_iter().map(|(_, was)| Some(was)).collect());
    for ((field, is), was) in new.seen().into_iter().zip(was.into_iter().chain(std::iter::repeat(None))) {
        heard.changed(field, Seen::maybe(was), Seen::of(is));
    }
    if draft.secret.is_some() {
        heard.set("clientSecret", Seen::of("set"));
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
    let gone = store.providers().await?.into_iter().find(|p| p.id == id).ok_or_else(unknown)?;
    if !store.provider_remove(id).await? {
        return Err(unknown());
    }
    for (field, was) in gone.seen() {
        ctx.heard().changed(field, Seen::of(was), Seen::maybe(None::<String>));
    }
    Ok(())
}

fn unknown() -> Error {
    Refusal::new(RefusalCode::NotFound, "oidc-unknown").at("providerId").into()
}
