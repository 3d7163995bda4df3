//! Signing in and out: tokens for proofs, tokens for tokens.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::{Actor, Lang, Scope, SystemReason};
use voxpark_domain::identity::{
    self, Attempt, Client, Membership as DomainMembership, Proof, Refreshed, Session, SignedIn,
};
use voxpark_domain::ids::UserId;
use voxpark_domain::mail::LetterKind;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::Membership;
use crate::api::Services;
use crate::error::{Fault as _, UserError};
use crate::record::{self, Whose};
use crate::request::Asking as _;

/// Credentials.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// Mail address.
    email: String,
    /// Password.
    #[graphql(secret)]
    password: String,
    /// Which membership to act in; the first when left out.
    scope: Option<String>,
}

/// The second factor of a sign-in.
#[derive(InputObject)]
pub(crate) struct SignInFinishInput {
    /// What `signIn` gave.
    #[graphql(secret)]
    challenge: String,
    /// Six digits of the authenticator app, or a recovery code.
    #[graphql(secret)]
    code: String,
    /// Which membership to act in; the first when left out.
    scope: Option<String>,
}

/// A refresh token.
#[derive(InputObject)]
pub(crate) struct TokenRefreshInput {
    /// As it was given; it is used up.
    #[graphql(secret)]
    refresh_token: String,
}

/// Another membership.
#[derive(InputObject)]
pub(crate) struct ScopeSwitchInput {
    /// Its opaque key.
    scope: String,
}

/// Nothing is needed to sign out.
#[derive(InputObject)]
pub(crate) struct SignOutInput {
    /// Free text that comes back unchanged.
    client_mutation_id: Option<String>,
}

impl SignInPayload {
    /// The proof was right and a second factor is wanted.
    pub(super) fn challenging(challenge: String) -> Self {
        Self { challenge: Some(challenge), ..Self::default() }
    }
}

/// Tokens of a session.
#[derive(SimpleObject, Default)]
pub(crate) struct SignInPayload {
    /// Bearer token, good for ten minutes.
    access_token: Option<String>,
    /// Single-use token for the next access token.
    refresh_token: Option<String>,
    /// End of the access token.
    expires_at: Option<DateTime<Utc>>,
    /// The first proof was right and a code of the second factor is wanted: give this to `signInFinish` within five minutes.
    challenge: Option<String>,
    /// The membership acted in.
    membership: Option<Membership>,
    /// Every place where the user may act.
    memberships: Vec<Membership>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The end of a session.
#[derive(SimpleObject, Default)]
pub(crate) struct SignOutPayload {
    /// The caller's own text.
    client_mutation_id: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl Services {
    /// A transaction that finds users and sessions before any scope is known.
    pub(crate) async fn system(&self, mode: Mode) -> Result<Box<dyn Tx>> {
        self.db.begin(&Ctx::system(SystemReason::SignIn, self.env.clone()), mode).await
    }

    /// A transaction that sums over what tenants keep for themselves.
    pub(crate) async fn statistics(&self) -> Result<Box<dyn Tx>> {
        self.db.begin(&Ctx::system(SystemReason::Statistics, self.env.clone()), Mode::Read).await
    }

    /// Whose mail address and password these are. The try is counted before it is looked at, and stays counted until the
    /// caller takes it back.
    pub(super) async fn password_of(&self, client: &Client, email: &str, password: &str) -> Result<(UserId, Attempt)> {
        let attempt = Attempt::at("password", email, client);
        let tx = self.system(Mode::Write).await?;
        identity::password_try(&*tx, &attempt, email, client, self.env.now()).await?;
        tx.commit().await?;
        // No transaction stands open while the password is hashed.
        let credentials = self.system(Mode::Read).await?.credentials(email.trim()).await?;
        let user = identity::password_verify(&*self.passwords, credentials.as_ref(), password).await?;
        Ok((user, attempt))
    }

    /// Puts the end of a session whose token was copied on the record of the park or tenant it acted for.
    async fn tell_reuse(&self, tx: &dyn Tx, session: &Session, request: &str) -> Result<()> {
        tracing::warn!(request, session = %session.id, "a spent refresh token was shown again; the session has ended");
        let scope = session.tenant.map_or(Scope::Park(session.park), |tenant| Scope::Tenant(session.park, tenant));
        let actor =
            Actor { user: Some(session.user), session: Some(session.id), role: session.role, grants: Vec::new() };
        let ctx = Ctx::build(actor, scope, Lang::default(), chrono_tz::UTC, request.to_owned(), self.env.clone());
        tx.audit(&ctx, &AuditEntry::new("session.reuse", session.id)).await
    }
}

/// How long a right password waits for its second factor.
pub(super) const CHALLENGE: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

pub(super) fn signed_in(
    gql: &Context<'_>,
    result: Result<(SignedIn, Vec<DomainMembership>)>,
) -> async_graphql::Result<Option<SignInPayload>> {
    match result {
        Ok((signed, memberships)) => Ok(Some(SignInPayload {
            challenge: None,
            membership: Some((&signed.membership).into()),
            access_token: Some(signed.access_token),
            refresh_token: Some(signed.refresh_token),
            expires_at: Some(signed.expires_at),
            memberships: memberships.iter().map(Membership::from).collect(),
            user_errors: Vec::new(),
        })),
        Err(error) => match UserError::all(&error, gql.request().lang()) {
            Some(user_errors) => Ok(Some(SignInPayload { user_errors, ..Default::default() })),
            None => Err(gql.fault(&error)),
        },
    }
}

#[derive(Default)]
pub(crate) struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Opens a session. The refusal does not tell whether the address exists; after some wrong tries there are growing waits.
    async fn sign_in(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SignInInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let services = &gql.request().services;
        let client = gql.data_unchecked::<Client>();
        let done = async {
            let (user, attempt) = services.password_of(client, &input.email, &input.password).await?;
            let tx = services.system(Mode::Write).await?;
            attempt.forgive(&*tx).await?;
            if tx.factor(user).await?.is_some_and(|f| f.since.is_some()) {
                tx.commit().await?;
                return Ok(Err(services.tokens.challenge(user, services.env.now() + CHALLENGE)?));
            }
            let opened = identity::session_open(
                &*tx,
                services.ports(),
                user,
                Proof::own(services.env.now(), false),
                client,
                input.scope.as_deref(),
            )
            .await?;
            record::opened(gql, &*tx, "sign-in", &opened.0).await?;
            tx.commit().await?;
            Ok(Ok(opened))
        };
        let opened = match done.await {
            Ok(Err(challenge)) => {
                return Ok(Some(SignInPayload::challenging(challenge)));
            }
            Ok(Ok(opened)) => Ok(opened),
            Err(error) => Err(error),
        };
        record::not_opened(gql, Whose::Address(&input.email), &opened);
        signed_in(gql, opened)
    }

    /// Opens the session of a sign-in that wanted a second factor.
    async fn sign_in_finish(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SignInFinishInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let services = &gql.request().services;
        let client = gql.data_unchecked::<Client>();
        let late = || Error::from(Refusal::new(RefusalCode::State, "challenge-late").at("challenge"));
        let Some(user) = services.tokens.challenged(&input.challenge, services.env.now()) else {
            return signed_in(gql, Err(late()));
        };
        let done = async {
            let tx = services.system(Mode::Write).await?;
            let attempt = identity::factor_try(&*tx, &services.env, user, client).await?;
            tx.commit().await?;
            let tx = services.system(Mode::Write).await?;
            identity::factor_check(&*tx, &*services.tokens, &services.env, user, &input.code).await?;
            attempt.forgive(&*tx).await?;
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
        };
        let opened = done.await;
        record::not_opened(gql, Whose::Factor(user), &opened);
        signed_in(gql, opened)
    }

    /// The next access token for a refresh token, which is used up. One that was used before ends its session: somebody has
    /// a copy.
    async fn token_refresh(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: TokenRefreshInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let request = gql.request();
        let services = &request.services;
        let done = async {
            let tx = services.system(Mode::Write).await?;
            let refreshed = identity::refresh(&*tx, services.ports(), &input.refresh_token).await?;
            if let Refreshed::Reused(session) = &refreshed {
                let ctx = Ctx::system(SystemReason::SignIn, services.env.clone());
                let facts = [("device", session.device.clone().unwrap_or_else(|| "–".to_owned()))];
                identity::tell(&*tx, &ctx, session.user, LetterKind::SessionReused, &facts).await?;
                services.tell_reuse(&*tx, session, &request.id).await?;
            }
            tx.commit().await?;
            match refreshed {
                Refreshed::Good(signed, memberships) => Ok((*signed, memberships)),
                Refreshed::Reused(_) => Err(Error::Unauthenticated),
            }
        };
        signed_in(gql, done.await)
    }

    /// Opens a session in another of the user's memberships.
    async fn scope_switch(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ScopeSwitchInput,
    ) -> async_graphql::Result<Option<SignInPayload>> {
        let request = gql.request();
        let services = &request.services;
        let client = gql.data_unchecked::<Client>();
        let done = async {
            let tx = services.system(Mode::Write).await?;
            let signed = identity::switch(&*tx, services.ports(), request.ctx()?, client, &input.scope).await?;
            record::opened(gql, &*tx, "scope.switch", &signed.0).await?;
            tx.commit().await?;
            Ok(signed)
        };
        signed_in(gql, done.await)
    }

    /// Ends the caller's session at once.
    async fn sign_out(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SignOutInput,
    ) -> async_graphql::Result<Option<SignOutPayload>> {
        let request = gql.request();
        let done = async {
            let ctx = request.ctx()?;
            let tx = request.services.system(Mode::Write).await?;
            identity::sign_out(&*tx, ctx).await?;
            tx.audit(ctx, &record::session_ended(ctx)).await?;
            tx.commit().await
        };
        done.await.map_err(|e: Error| gql.fault(&e))?;
        Ok(Some(SignOutPayload { client_mutation_id: input.client_mutation_id, user_errors: Vec::new() }))
    }
}
