//! Sign-in with an account elsewhere, the links of one's own account, and the providers of a park.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_domain::audit::Owner;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::identity::oidc::{self, Begun, Provider, ProviderDraft, Reply, Vouched, Waiting};
use voxpark_domain::identity::{self, Client};
use voxpark_domain::ids::{OidcLinkId, ProviderId};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::account::AccountPayload;
use super::sign_in::{CHALLENGE, SignInPayload, signed_in};
use crate::api::Services;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::record::{self, Whose};
use crate::request::{Asking as _, Request};

/// A system whose accounts are good for signing in.
#[derive(SimpleObject)]
pub(crate) struct SignInProvider {
    /// What `oidcBegin` calls it.
    provider_id: ID,
    /// What its button says.
    name: String,
}

impl From<Provider> for SignInProvider {
    fn from(provider: Provider) -> Self {
        Self { provider_id: provider.id.to_string().into(), name: provider.name }
    }
}

/// Ways to sign in beside a password.
#[derive(SimpleObject)]
pub(crate) struct SignInWays {
    /// Providers to sign in by.
    providers: Vec<SignInProvider>,
    /// Whether there are further providers, which are found by a mail address.
    by_address: bool,
}

/// That an account can be signed in to by a provider.
#[derive(SimpleObject)]
pub(crate) struct IdentityLink {
    /// Stable id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The provider, by its address.
    issuer: String,
    /// Whether the owner of the account made it, rather than its mail address.
    own: bool,
    /// Since.
    since: DateTime<Utc>,
    /// Last signed in by it; null when it was not used yet.
    last_used_at: Option<DateTime<Utc>>,
}

impl IdentityLink {
    /// Its id.
    pub(crate) fn text(&self) -> &str {
        &self.id
    }
}

/// A provider of a park, as its administrator sees it.
#[derive(SimpleObject)]
pub(crate) struct IdentityProvider {
    /// Stable id. `/sign-in/with/` and this id is the address under which people sign in by it.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// What its button says.
    name: String,
    /// Its address, as it calls itself.
    issuer: String,
    /// Who the park is there.
    client_id: String,
    /// Whether a client secret is kept; it is never shown.
    has_secret: bool,
    /// What is asked for.
    scopes: Vec<String>,
    /// Domains of mail addresses that it may speak for.
    domains: Vec<String>,
    /// Values of `amr` and `acr` that count as a second factor.
    second_factor_values: Vec<String>,
}

impl IdentityProvider {
    /// Its id.
    pub(crate) fn text(&self) -> &str {
        &self.id
    }
}

impl From<Provider> for IdentityProvider {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id.to_string().into(),
            name: provider.name,
            issuer: provider.issuer,
            client_id: provider.client_id,
            has_secret: provider.secret.is_some(),
            scopes: provider.scopes,
            domains: provider.domains,
            second_factor_values: provider.strong,
        }
    }
}

pub(crate) async fn links(gql: &Context<'_>) -> async_graphql::Result<Vec<IdentityLink>> {
    let request = gql.request();
    let list = async { oidc::links(&*request.services.system(Mode::Read).await?, request.ctx()?).await };
    let link = |l: oidc::Link| IdentityLink {
        id: l.id.to_string().into(),
        issuer: l.issuer,
        own: l.own,
        since: l.since,
        last_used_at: l.used_at,
    };
    Ok(list.await.map_err(|e| gql.fault(&e))?.into_iter().map(link).collect())
}

/// Those of the park, for who may see them.
pub(crate) async fn park_providers(gql: &Context<'_>) -> async_graphql::Result<Vec<IdentityProvider>> {
    Ok(ParkProviders.identity_providers(gql).await?.unwrap_or_default())
}

pub(super) async fn linkable(gql: &Context<'_>) -> async_graphql::Result<Vec<SignInProvider>> {
    let request = gql.request();
    let list = async {
        let park = request.ctx()?.park().ok();
        let mut all =
            oidc::providers_all(&*request.services.system(Mode::Read).await?, &*request.services.oidc).await?;
        all.retain(|p| p.park.is_none() || p.park == park);
        Ok(all)
    };
    let list: Result<_> = list.await;
    Ok(list.map_err(|e| gql.fault(&e))?.into_iter().map(Into::into).collect())
}

#[derive(Clone)]
pub(crate) struct ParkProviders;

#[Object]
impl ParkProviders {
    /// Providers by which people of the park sign in, by name; at most ten.
    async fn identity_providers(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<IdentityProvider>>> {
        let request = gql.request();
        let list = async {
            request.ctx()?.require(Action::Read, Resource::Access)?;
            request.read().await?.providers().await
        };
        let list: Option<Vec<Provider>> = gql.nullable(list.await)?;
        Ok(list.map(|list| list.into_iter().map(Into::into).collect()))
    }
}

#[derive(Default)]
pub(crate) struct OidcQuery;

#[Object]
impl OidcQuery {
    /// Ways to sign in, before anybody is signed in. With a mail address, the providers are those that may speak for its
    /// domain, whether or not there is such an account; without, that of the installation.
    async fn sign_in_ways(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Mail address; only what is behind the @ counts.")] email: Option<String>,
    ) -> async_graphql::Result<SignInWays> {
        let services = &gql.request().services;
        let list = async { oidc::providers_all(&*services.system(Mode::Read).await?, &*services.oidc).await };
        let mut all: Vec<Provider> = list.await.map_err(|e| gql.fault(&e))?;
        let by_address = all.iter().any(|p| p.park.is_some() && !p.domains.is_empty());
        match email {
            Some(email) => all.retain(|p| p.speaks_for(&email)),
            None => all.retain(|p| p.park.is_none()),
        }
        Ok(SignInWays { providers: all.into_iter().map(Into::into).collect(), by_address })
    }
}

/// At which provider to sign in.
#[derive(InputObject)]
pub(crate) struct OidcBeginInput {
    /// The provider.
    provider_id: ID,
    /// Link the caller's account instead of signing in; `false` when left out.
    #[graphql(default)]
    link: bool,
}

/// The provider's answer, as it came to the redirect URI.
#[derive(InputObject)]
pub(crate) struct OidcFinishInput {
    /// `state` of the answer.
    #[graphql(secret)]
    state: String,
    /// What `oidcBegin` gave to be kept by the browser.
    #[graphql(secret)]
    ticket: String,
    /// `code` of the answer.
    #[graphql(secret)]
    code: Option<String>,
    /// `iss` of the answer, where it had one.
    iss: Option<String>,
    /// `error` of the answer, where it had one.
    error: Option<String>,
    /// Which membership to act in; the first when left out.
    scope: Option<String>,
}

/// The provider's answer to a link, as it came to the redirect URI.
#[derive(InputObject)]
pub(crate) struct OidcLinkInput {
    /// `state` of the answer.
    #[graphql(secret)]
    state: String,
    /// What `oidcBegin` gave to be kept by the browser.
    #[graphql(secret)]
    ticket: String,
    /// `code` of the answer.
    #[graphql(secret)]
    code: Option<String>,
    /// `iss` of the answer, where it had one.
    iss: Option<String>,
    /// `error` of the answer, where it had one.
    error: Option<String>,
}

/// Which link to remove.
#[derive(InputObject)]
pub(crate) struct OidcUnlinkInput {
    /// The link; one of the caller's own.
    link_id: ID,
}

/// Where to go for signing in.
#[derive(SimpleObject, Default)]
pub(crate) struct OidcBeginPayload {
    /// The address at the provider to send the browser to.
    address: Option<String>,
    /// To be kept by that browser alone, for ten minutes, and given back with the answer.
    ticket: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What a provider of the park is to be.
#[derive(InputObject, Serialize)]
pub(crate) struct IdentityProviderSaveInput {
    /// The one to change; a new one when left out.
    provider_id: Option<ID>,
    /// What its button says, 1 to 60 characters.
    name: String,
    /// Its address, `https://...`, as it calls itself.
    issuer: String,
    /// Who the park is there, 1 to 200 characters.
    client_id: String,
    /// What proves it; left out, it stays as it is (for a new one: a public client).
    #[graphql(secret)]
    client_secret: Option<String>,
    /// What is asked for beside `openid`, such as `email`; at most 20.
    scopes: Vec<String>,
    /// Domains of mail addresses that it may speak for; at most 20. None: only accounts that were linked by their owners.
    domains: Vec<String>,
    /// Values of `amr` and `acr` that count as a second factor; at most 20.
    second_factor_values: Vec<String>,
    /// Repeats of the same request under this key answer the same and change nothing.
    idempotency_key: String,
}

/// Which provider to remove.
#[derive(InputObject, Serialize)]
pub(crate) struct IdentityProviderRemoveInput {
    /// The provider.
    provider_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What became of a provider.
#[derive(SimpleObject, Default)]
pub(crate) struct IdentityProviderPayload {
    /// The provider; null when it was removed.
    provider: Option<IdentityProvider>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn begin(request: &Request, client: &Client, id: Result<ProviderId>, link: bool) -> Result<(String, Begun)> {
    let services = &request.services;
    let user = if link {
        let ctx = request.ctx()?;
        ctx.require_owner()?;
        Some(ctx.actor().user.ok_or(Error::Unauthenticated)?)
    } else {
        None
    };
    let provider = oidc::provider(&*services.system(Mode::Read).await?, &*services.oidc, id?).await?;
    let begun = oidc::begin(services.ports(), &provider, user);
    // Counted before anybody else is asked anything.
    let tx = services.system(Mode::Write).await?;
    oidc::wait(&*tx, services.ports(), &begun, client).await?;
    tx.commit().await?;
    Ok((services.oidc.address(&provider, &begun).await?, begun))
}

/// What a provider answered.
struct Answer {
    waiting: Waiting,
    provider: Provider,
    vouched: Vouched,
}

/// Takes the waiting sign-in up, once, and asks the provider who it is.
async fn answered(services: &Services, client: &Client, input: &OidcLinkInput, link: bool) -> Result<Answer> {
    let tx = services.system(Mode::Write).await?;
    let waiting = oidc::resume(&*tx, services.ports(), client, &input.state, &input.ticket).await?;
    tx.commit().await?;
    let refused = |rule| Error::from(Refusal::new(RefusalCode::State, rule));
    if waiting.user.is_some() != link {
        return Err(refused("oidc-late"));
    }
    let code = match (&input.error, &input.code) {
        (Some(error), _) if error == "access_denied" => return Err(refused("oidc-denied")),
        (None, Some(code)) => code.clone(),
        _ => return Err(refused("oidc-failed")),
    };
    let provider = oidc::provider(&*services.system(Mode::Read).await?, &*services.oidc, waiting.provider).await?;
    let reply = Reply { code, issuer: input.iss.clone() };
    let vouched = services.oidc.redeem(&provider, &waiting, &reply).await?;
    Ok(Answer { waiting, provider, vouched })
}

async fn link(request: &Request, client: &Client, input: &OidcLinkInput) -> Result<()> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let answer = answered(services, client, input, true).await?;
    let tx = services.system(Mode::Write).await?;
    oidc::link(&*tx, ctx, &answer.waiting, &answer.provider, &answer.vouched).await?;
    let detail = serde_json::json!({ "issuer": answer.provider.issuer });
    record::own(&*tx, ctx, AuditEntry::new("oidc.link", "").with(detail)).await?;
    tx.commit().await
}

async fn unlink(request: &Request, id: Result<OidcLinkId>) -> Result<()> {
    let (ctx, id) = (request.ctx()?, id?);
    let tx = request.services.system(Mode::Write).await?;
    oidc::unlink(&*tx, ctx, id).await?;
    record::own(&*tx, ctx, AuditEntry::new("oidc.unlink", id)).await?;
    tx.commit().await
}

impl IdentityProviderSaveInput {
    fn draft(&self) -> Result<ProviderDraft> {
        Ok(ProviderDraft {
            id: self.provider_id.as_ref().map(|id| node::id("providerId", id)).transpose()?,
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            secret: self.client_secret.clone(),
            scopes: self.scopes.clone(),
            domains: self.domains.clone(),
            strong: self.second_factor_values.clone(),
        })
    }
}

#[derive(Default)]
pub(crate) struct OidcMutation;

#[Object]
impl OidcMutation {
    /// Begins a sign-in at a provider, or a link of the caller's account to it.
    async fn oidc_begin(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: OidcBeginInput,
    ) -> async_graphql::Result<Option<OidcBeginPayload>> {
        let request = gql.request();
        let id = node::id("providerId", &input.provider_id);
        match begin(request, gql.data_unchecked(), id, input.link).await {
            Ok((address, begun)) => Ok(Some(OidcBeginPayload {
                address: Some(address),
                ticket: Some(begun.ticket),
                user_errors: Vec::new(),
            })),
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(OidcBeginPayload { user_errors, ..OidcBeginPayload::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }

    /// Opens a session by a provider's answer. An account with a second factor is asked for it, unless the provider's own
    /// counts.
    async fn oidc_finish(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: OidcFinishInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let request = gql.request();
        let services = &request.services;
        let client = gql.data_unchecked::<Client>();
        let OidcFinishInput { state, ticket, code, iss, error, scope } = input;
        let input = OidcLinkInput { state, ticket, code, iss, error };
        let mut email = None;
        let done = async {
            let answer = answered(services, client, &input, false).await?;
            email.clone_from(&answer.vouched.email);
            let (provider, vouched) = (&answer.provider, &answer.vouched);
            let ctx = Ctx::system(SystemReason::SignIn, services.env.clone()).of_request(request.id.clone());
            let tx = services.system(Mode::Write).await?;
            let known = oidc::recognise(&*tx, services.ports(), &ctx, provider, vouched).await?;
            for invitation in &known.accepted {
                let detail = serde_json::json!({ "role": invitation.role.name() });
                let entry = AuditEntry::new("invitation.accept", invitation.id).with(detail);
                tx.audit(&ctx, &entry.on(Owner::park(invitation.park))).await?;
            }
            if known.linked {
                let detail = serde_json::json!({ "issuer": provider.issuer });
                record::by_user(gql, &*tx, known.user, AuditEntry::new("oidc.link", known.user).with(detail)).await?;
            }
            if !known.proof.strong && tx.factor(known.user).await?.is_some_and(|f| f.since.is_some()) {
                tx.commit().await?;
                return Ok(Err(services.tokens.challenge(known.user, services.env.now() + CHALLENGE)?));
            }
            let opened =
                identity::session_open(&*tx, services.ports(), known.user, known.proof, client, scope.as_deref())
                    .await?;
            record::opened(gql, &*tx, "sign-in", &opened.0).await?;
            tx.commit().await?;
            Ok(Ok(opened))
        };
        let opened = match done.await {
            Ok(Err(challenge)) => return Ok(Some(SignInPayload::challenging(challenge))),
            Ok(Ok(opened)) => Ok(opened),
            Err(error) => Err(error),
        };
        if let Some(email) = &email {
            record::not_opened(gql, Whose::Address(email), &opened);
        }
        signed_in(gql, opened)
    }

    /// Links the caller's account to whom a provider's answer says it is: whoever signs in there is then signed in here.
    async fn oidc_link(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: OidcLinkInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = link(gql.request(), gql.data_unchecked(), &input).await;
        AccountPayload::of(gql, done)
    }

    /// Removes a link of the caller's account.
    async fn oidc_unlink(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: OidcUnlinkInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = unlink(gql.request(), node::id("linkId", &input.link_id)).await;
        AccountPayload::of(gql, done)
    }

    /// Adds or changes a provider by which people of the park sign in. It is asked first whether it is what it says.
    async fn identity_provider_save(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IdentityProviderSaveInput,
    ) -> async_graphql::Result<Option<IdentityProviderPayload>> {
        let request = gql.request();
        let draft = input.draft();
        // Nobody is asked anything for somebody who may not, and not while a transaction stands open.
        let probed = match (request.ctx().and_then(oidc::may_configure), &draft) {
            (Ok(()), Ok(draft)) if draft.check().is_ok() => request.services.oidc.probe(draft.issuer.trim()).await,
            _ => Ok(()),
        };
        let done = change(gql, "identityProviderSave", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                probed?;
                let id = oidc::provider_save(tx, ctx, &draft?).await?;
                Ok((id, AuditEntry::new("idp.save", id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                let all = request.read().await.map_err(|e| gql.fault(&e))?.providers().await;
                let found = all.map_err(|e| gql.fault(&e))?.into_iter().find(|p| p.id == id);
                IdentityProviderPayload { provider: found.map(Into::into), user_errors: Vec::new() }
            }
            Err(user_errors) => IdentityProviderPayload { user_errors, ..IdentityProviderPayload::default() },
        }))
    }

    /// Removes a provider of the park: nobody signs in by it any more.
    async fn identity_provider_remove(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IdentityProviderRemoveInput,
    ) -> async_graphql::Result<Option<IdentityProviderPayload>> {
        let done = change(gql, "identityProviderRemove", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<ProviderId>("providerId", &input.provider_id);
            Box::pin(async move {
                let id = id?;
                oidc::provider_remove(tx, ctx, id).await?;
                Ok((id, AuditEntry::new("idp.remove", id)))
            })
        });
        let user_errors = done.await?.err().unwrap_or_default();
        Ok(Some(IdentityProviderPayload { user_errors, ..IdentityProviderPayload::default() }))
    }
}
