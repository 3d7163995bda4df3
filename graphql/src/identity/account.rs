//! What a user does with its own account: sessions, password, proving again who it is.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::identity::{self, Attempt, Client, Ended as DomainEnded, Session as DomainSession};
use voxpark_domain::ids::SessionId;
use voxpark_domain::mail::LetterKind;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use super::{Role, Viewer};
use crate::api::Services;
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::record;
use crate::request::{Asking as _, Request};

/// Why a session ended before its time.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainEnded", name = "SessionEnd")]
pub(crate) enum Ended {
    /// Its own user signed out.
    SignedOut,
    /// Its user ended it from another session.
    Closed,
    /// Its user ended all sessions.
    Everywhere,
    /// The password was changed.
    Password,
    /// A refresh token that was spent came again: somebody has a copy.
    Reused,
    /// The emergency that it was opened for was ended.
    Emergency,
}

/// A place where the user is signed in, or was until somebody came with a copy of its token.
pub(crate) struct Session {
    of: DomainSession,
    current: bool,
}

impl Session {
    /// Its id.
    pub(crate) fn text(&self) -> String {
        self.of.id.to_string()
    }
}

/// A place where the user is signed in, or was until somebody came with a copy of its token.
#[Object]
impl Session {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.of.id.to_string().into())
    }
    /// Whether it is the session that asks.
    async fn current(&self) -> bool {
        self.current
    }
    /// The role it acts in.
    async fn role(&self) -> Role {
        self.of.role.into()
    }
    /// Browser and system in rough words; null when the client did not say.
    async fn device(&self) -> Option<&str> {
        self.of.device.as_deref()
    }
    /// The network it came from, the last part of the address left out; null when it is not known.
    async fn network(&self) -> Option<&str> {
        self.of.place.as_deref()
    }
    /// Signed in at.
    async fn started_at(&self) -> DateTime<Utc> {
        self.of.started_at
    }
    /// Its refresh token was last exchanged at: it was in use up to ten minutes later.
    async fn last_used_at(&self) -> DateTime<Utc> {
        self.of.refreshed_at
    }
    /// Ended at, before its time; null while it lives.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.of.ended_at
    }
    /// Why it ended before its time.
    async fn ended(&self) -> Option<Ended> {
        self.of.ended.map(Into::into)
    }
}

pub(crate) async fn sessions(gql: &Context<'_>) -> async_graphql::Result<Vec<Session>> {
    let request = gql.request();
    let list = async {
        let ctx = request.ctx()?;
        let list = identity::sessions(&*request.services.system(Mode::Read).await?, ctx).await?;
        let current = |s: &DomainSession| Some(s.id) == ctx.actor().session;
        Ok(list.into_iter().map(|of| Session { current: current(&of), of }).collect())
    };
    list.await.map_err(|e: Error| gql.fault(&e))
}

/// Which session to end.
#[derive(InputObject)]
pub(crate) struct SessionEndInput {
    /// The session; one of the caller's own.
    session_id: ID,
}

/// Nothing is needed to end them all.
#[derive(InputObject)]
pub(crate) struct SessionsEndAllInput {
    /// Free text that comes back unchanged.
    client_mutation_id: Option<String>,
}

/// Another password.
#[derive(InputObject)]
pub(crate) struct PasswordChangeInput {
    /// The present password.
    #[graphql(secret)]
    current: String,
    /// The new one: 12 to 200 characters, not all alike.
    #[graphql(secret)]
    password: String,
}

/// A proof of who the caller is.
#[derive(InputObject)]
pub(crate) struct StepUpInput {
    /// The password, of somebody without a second factor.
    #[graphql(secret)]
    password: Option<String>,
    /// Six digits of the authenticator app, or a recovery code, of somebody with a second factor.
    #[graphql(secret)]
    code: Option<String>,
}

/// What became of a change to the caller's own account.
#[derive(SimpleObject, Default)]
pub(crate) struct AccountPayload {
    /// Whoever asks; null when it has no session any more.
    viewer: Option<Viewer>,
    /// The caller's own text.
    client_mutation_id: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl AccountPayload {
    /// With the caller's own text.
    pub(super) fn echoing(self, client_mutation_id: Option<String>) -> Self {
        Self { client_mutation_id, ..self }
    }
    /// Of a change after which the caller still has a session.
    pub(super) fn of(gql: &Context<'_>, done: Result<()>) -> async_graphql::Result<Option<Self>> {
        let request = gql.request();
        match done {
            Ok(()) => {
                let viewer = request.membership().ok().map(|m| Viewer(m.display_name.clone()));
                Ok(Some(Self { viewer, ..Self::default() }))
            }
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(Self { user_errors, ..Self::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }
}

impl Services {
    /// Whether this is the caller's password. The try is counted before it is looked at.
    ///
    /// # Errors
    /// `password-wrong`, `try-again-later`, `try-again-in-minutes`.
    pub(super) async fn own_password(
        &self,
        ctx: &Ctx,
        client: &Client,
        path: &'static str,
        password: &str,
    ) -> Result<Attempt> {
        // A program has no password.
        let (user, _) = ctx.actor().user.zip(ctx.actor().session).ok_or(Error::Unauthenticated)?;
        let attempt = Attempt::at("own password", &user.to_string(), client);
        let tx = self.system(Mode::Write).await?;
        attempt.count(&*tx, async { Ok(true) }, ctx.now()).await?;
        tx.commit().await?;
        let credentials = self.system(Mode::Read).await?.credentials_of(user).await?;
        identity::own_password(&*self.passwords, credentials.as_ref(), path, password).await?;
        Ok(attempt)
    }
}

async fn end(request: &Request, id: Result<SessionId>) -> Result<()> {
    let (ctx, id) = (request.ctx()?, id?);
    let tx = request.services.system(Mode::Write).await?;
    identity::session_end(&*tx, ctx, id).await?;
    record::own(&*tx, ctx, AuditEntry::new("session.end", id)).await?;
    tx.commit().await
}

async fn end_all(request: &Request) -> Result<()> {
    let ctx = request.ctx()?;
    let tx = request.services.system(Mode::Write).await?;
    let ended = identity::sessions_end_all(&*tx, ctx).await?;
    let detail = serde_json::json!({ "sessions": ended });
    record::own(&*tx, ctx, AuditEntry::new("session.end-all", "").with(detail)).await?;
    tx.commit().await
}

async fn change_password(request: &Request, client: &Client, input: &PasswordChangeInput) -> Result<()> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let attempt = services.own_password(ctx, client, "current", &input.current).await?;
    let hash = identity::password_hash(&*services.passwords, &input.current, &input.password).await?;
    let tx = services.system(Mode::Write).await?;
    attempt.forgive(&*tx).await?;
    identity::password_change(&*tx, ctx, &hash).await?;
    if let Some(user) = ctx.actor().user {
        identity::tell(&*tx, ctx, user, LetterKind::PasswordChanged, &[]).await?;
    }
    record::own(&*tx, ctx, AuditEntry::new("password.change", "")).await?;
    tx.commit().await
}

async fn step_up(request: &Request, client: &Client, input: &StepUpInput) -> Result<()> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let missing = |path, rule| Error::from(Refusal::new(RefusalCode::Required, rule).at(path));
    let (attempt, tx) = if ctx.factor() {
        // Who has a factor proves with it: the password alone is what others may have learnt.
        let user = ctx.actor().user.ok_or(Error::Unauthenticated)?;
        let code = input.code.as_deref().ok_or_else(|| missing("code", "step-up-code"))?;
        let tx = services.system(Mode::Write).await?;
        let attempt = identity::factor_try(&*tx, &services.env, user, client).await?;
        tx.commit().await?;
        let tx = services.system(Mode::Write).await?;
        identity::factor_check(&*tx, &*services.tokens, &services.env, user, code).await?;
        (attempt, tx)
    } else {
        let password = input.password.as_deref().ok_or_else(|| missing("password", "step-up-password"))?;
        let attempt = services.own_password(ctx, client, "password", password).await?;
        (attempt, services.system(Mode::Write).await?)
    };
    attempt.forgive(&*tx).await?;
    identity::prove(&*tx, ctx, ctx.factor()).await?;
    tx.commit().await
}

#[derive(Default)]
pub(crate) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Ends one of the caller's sessions at once.
    async fn session_end(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SessionEndInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = end(gql.request(), node::id("sessionId", &input.session_id)).await;
        AccountPayload::of(gql, done)
    }

    /// Ends every session of the caller at once, the one that asks too.
    async fn sessions_end_all(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SessionsEndAllInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        end_all(gql.request()).await.map_err(|e| gql.fault(&e))?;
        Ok(Some(AccountPayload { client_mutation_id: input.client_mutation_id, ..AccountPayload::default() }))
    }

    /// Gives the caller another password and ends its other sessions.
    async fn password_change(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PasswordChangeInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = change_password(gql.request(), gql.data_unchecked(), &input).await;
        AccountPayload::of(gql, done)
    }

    /// Proves again who the caller is, so that acts of money and of access are open for five minutes.
    async fn step_up(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: StepUpInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let done = step_up(gql.request(), gql.data_unchecked(), &input).await;
        record::not_proven(gql, &done).await.map_err(|e| gql.fault(&e))?;
        AccountPayload::of(gql, done)
    }
}
