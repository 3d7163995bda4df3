//! Passkeys: signing in by one, proving by one who acts, and those of one's own account.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::identity::passkey::{self, Purpose as DomainPurpose};
use voxpark_domain::identity::{self, Attempt, Client, Membership, Proof, SignedIn};
use voxpark_domain::ids::PasskeyId;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Result};

use super::account::AccountPayload;
use super::sign_in::{SignInPayload, signed_in};
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::record::{self, Whose};
use crate::request::{Asking as _, Request};

/// What a browser is asked for a passkey for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainPurpose")]
pub(crate) enum PasskeyPurpose {
    /// To sign in.
    SignIn,
    /// To prove again who acts.
    StepUp,
    /// To make a new one.
    Add,
}

/// A key in a person's own device, which opens the account by itself.
#[derive(SimpleObject)]
pub(crate) struct Passkey {
    /// Stable id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// What its owner calls it.
    name: String,
    /// Since.
    since: DateTime<Utc>,
    /// Used last; null when it was not used yet.
    last_used_at: Option<DateTime<Utc>>,
}

impl Passkey {
    /// Its id.
    pub(crate) fn text(&self) -> &str {
        &self.id
    }
}

pub(crate) async fn passkeys(gql: &Context<'_>) -> async_graphql::Result<Vec<Passkey>> {
    let request = gql.request();
    let list = async { passkey::own_passkeys(&*request.services.system(Mode::Read).await?, request.ctx()?).await };
    let shown = |p: passkey::Passkey| Passkey {
        id: p.id.to_string().into(),
        name: p.name,
        since: p.since,
        last_used_at: p.used_at,
    };
    Ok(list.await.map_err(|e| gql.fault(&e))?.into_iter().map(shown).collect())
}

/// What for.
#[derive(InputObject)]
pub(crate) struct PasskeyAskInput {
    /// What for.
    purpose: PasskeyPurpose,
}

/// A question to a browser.
#[derive(SimpleObject, Default)]
pub(crate) struct PasskeyAskPayload {
    /// JSON: `PublicKeyCredentialCreationOptionsJSON` for ADD, else `PublicKeyCredentialRequestOptionsJSON` (Web
    /// Authentication, level 3).
    options: Option<String>,
    /// To be kept by that browser alone, for five minutes, and given back with the answer.
    ticket: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A new passkey.
#[derive(InputObject)]
pub(crate) struct PasskeyAddInput {
    /// What `passkeyAsk` gave.
    #[graphql(secret)]
    ticket: String,
    /// What its owner calls it, 1 to 60 characters.
    name: String,
    /// The browser's answer, JSON: `RegistrationResponseJSON`; at most 16 KiB.
    answer: String,
}

/// A sign-in by a passkey.
#[derive(InputObject)]
pub(crate) struct PasskeySignInInput {
    /// What `passkeyAsk` gave.
    #[graphql(secret)]
    ticket: String,
    /// The browser's answer, JSON: `AuthenticationResponseJSON`; at most 16 KiB.
    #[graphql(secret)]
    answer: String,
    /// Which membership to act in; the first when left out.
    scope: Option<String>,
}

/// A proof by a passkey of who the caller is.
#[derive(InputObject)]
pub(crate) struct PasskeyStepUpInput {
    /// What `passkeyAsk` gave.
    #[graphql(secret)]
    ticket: String,
    /// The browser's answer, JSON: `AuthenticationResponseJSON`; at most 16 KiB.
    #[graphql(secret)]
    answer: String,
}

/// Which passkey to remove.
#[derive(InputObject)]
pub(crate) struct PasskeyRemoveInput {
    /// The passkey; one of the caller's own.
    passkey_id: ID,
}

async fn ask(request: &Request, client: &Client, purpose: DomainPurpose) -> Result<(String, String)> {
    let services = &request.services;
    let ctx = if purpose == DomainPurpose::SignIn { None } else { Some(request.ctx()?) };
    let tx = services.system(Mode::Write).await?;
    let asked = passkey::ask(&*tx, services.ports(), &*services.passkeys, ctx, purpose, client).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Takes the question up, once, whatever becomes of its answer.
async fn answered(request: &Request, purpose: DomainPurpose, ticket: &str) -> Result<passkey::Asked> {
    let services = &request.services;
    let tx = services.system(Mode::Write).await?;
    let asked = passkey::answered(&*tx, services.ports(), purpose, ticket).await?;
    tx.commit().await?;
    Ok(asked)
}

async fn add(request: &Request, input: &PasskeyAddInput) -> Result<()> {
    let (ctx, services) = (request.ctx()?, &request.services);
    // A name that will not do costs no question.
    passkey::name_ok(&input.name)?;
    let asked = answered(request, DomainPurpose::Add, &input.ticket).await?;
    let tx = services.system(Mode::Write).await?;
    let id = passkey::add(&*tx, ctx, &*services.passkeys, &asked, &input.name, &input.answer).await?;
    record::own(&*tx, ctx, AuditEntry::new("passkey.add", id)).await?;
    tx.commit().await
}

async fn step_up(request: &Request, input: &PasskeyStepUpInput) -> Result<()> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let asked = answered(request, DomainPurpose::StepUp, &input.ticket).await?;
    let tx = services.system(Mode::Write).await?;
    let user = passkey::prove(&*tx, services.ports(), &*services.passkeys, &asked, &input.answer).await?;
    if ctx.actor().user != Some(user) {
        return Err(Error::Unauthenticated);
    }
    identity::prove(&*tx, ctx, true).await?;
    tx.commit().await
}

async fn remove(request: &Request, id: Result<PasskeyId>) -> Result<()> {
    let id = id?;
    let (ctx, tx) = (request.ctx()?, request.services.system(Mode::Write).await?);
    passkey::remove(&*tx, ctx, id).await?;
    record::own(&*tx, ctx, AuditEntry::new("passkey.remove", id)).await?;
    tx.commit().await
}

async fn sign_in(gql: &Context<'_>, input: &PasskeySignInInput) -> Result<(SignedIn, Vec<Membership>)> {
    let request = gql.request();
    let services = &request.services;
    let asked = answered(request, DomainPurpose::SignIn, &input.ticket).await?;
    let tx = services.system(Mode::Write).await?;
    let user = passkey::prove(&*tx, services.ports(), &*services.passkeys, &asked, &input.answer).await?;
    let client = gql.data_unchecked::<Client>();
    Attempt::at("passkey", &input.ticket, client).forgive(&*tx).await?;
    let opened = identity::session_open(
        &*tx,
        services.ports(),
        user,
        Proof::own(services.env.now(), true),
        client,
        input.scope.as_deref(),
    )
    .await?;
    record::opened(gql, &*tx, "sign-in", &opened.0).await?;
    tx.commit().await?;
    Ok(opened)
}

#[derive(Default)]
pub(crate) struct PasskeyMutation;

#[Object]
impl PasskeyMutation {
    /// Asks the caller's browser for a passkey.
    async fn passkey_ask(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasskeyAskInput,
    ) -> async_graphql::Result<Option<PasskeyAskPayload>> {
        let request = gql.request();
        match ask(request, gql.data_unchecked(), input.purpose.into()).await {
            Ok((options, ticket)) => {
                Ok(Some(PasskeyAskPayload { options: Some(options), ticket: Some(ticket), user_errors: Vec::new() }))
            }
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(PasskeyAskPayload { user_errors, ..PasskeyAskPayload::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }

    /// Keeps the passkey that the caller's browser has made.
    async fn passkey_add(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasskeyAddInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = add(gql.request(), &input).await;
        AccountPayload::of(gql, done)
    }

    /// Opens a session by a passkey. It counts as both factors.
    async fn passkey_sign_in(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasskeySignInInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let done = sign_in(gql, &input).await;
        let said = gql.request().services.passkeys.named(&input.answer).ok();
        record::not_opened(gql, Whose::Passkey(said.map(|named| named.1)), &done);
        signed_in(gql, done)
    }

    /// Proves again by a passkey who the caller is, so that acts of money and of access are open for five minutes.
    async fn passkey_step_up(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasskeyStepUpInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = step_up(gql.request(), &input).await;
        record::not_proven(gql, &done).await.map_err(|e| gql.fault(&e))?;
        AccountPayload::of(gql, done)
    }

    /// Removes one of the caller's passkeys.
    async fn passkey_remove(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasskeyRemoveInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = remove(gql.request(), node::id("passkeyId", &input.passkey_id)).await;
        AccountPayload::of(gql, done)
    }
}
