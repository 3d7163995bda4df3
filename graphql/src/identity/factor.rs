//! The second factor of one's own account.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::identity;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Result};

use super::account::AccountPayload;
use crate::error::{Fault as _, UserError};
use crate::record;
use crate::request::{Asking as _, Request};

/// A second factor in force: codes of an authenticator app.
#[derive(SimpleObject)]
pub(crate) struct SecondFactor {
    /// In force since.
    since: Option<DateTime<Utc>>,
    /// Recovery codes that were not used yet.
    recovery_codes_left: i64,
}

pub(super) async fn factor(gql: &Context<'_>) -> async_graphql::Result<Option<SecondFactor>> {
    let request = gql.request();
    let found = async { identity::factor(&*request.services.system(Mode::Read).await?, request.ctx()?).await };
    let found = found.await.map_err(|e| gql.fault(&e))?;
    Ok(found.map(|f| SecondFactor { since: f.since, recovery_codes_left: f.recovery_left }))
}

/// Nothing is needed to begin.
#[derive(InputObject)]
pub(crate) struct FactorBeginInput {
    /// Free text that comes back unchanged.
    client_mutation_id: Option<String>,
}

/// The first code of a factor that is being set up.
#[derive(InputObject)]
pub(crate) struct FactorConfirmInput {
    /// Six digits.
    #[graphql(secret)]
    code: String,
}

/// Nothing is needed to remove it.
#[derive(InputObject)]
pub(crate) struct FactorRemoveInput {
    /// Free text that comes back unchanged.
    client_mutation_id: Option<String>,
}

/// What an authenticator app needs to know.
#[derive(SimpleObject, Default)]
pub(crate) struct FactorBeginPayload {
    /// The secret in base 32, for typing.
    secret: Option<String>,
    /// The same as an `otpauth:` address, for a QR code.
    address: Option<String>,
    /// The caller's own text.
    client_mutation_id: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// What became of a factor that was set up.
#[derive(SimpleObject, Default)]
pub(crate) struct FactorConfirmPayload {
    /// Codes that stand in for the app, each once; they are told this once.
    recovery_codes: Vec<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn begin(request: &Request) -> Result<identity::Enrolment> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let tx = services.system(Mode::Write).await?;
    let enrolment = identity::factor_begin(&*tx, &*services.tokens, ctx).await?;
    tx.commit().await?;
    Ok(enrolment)
}

async fn confirm(request: &Request, client: &identity::Client, code: &str) -> Result<Vec<String>> {
    let (ctx, services) = (request.ctx()?, &request.services);
    let user = ctx.actor().user.ok_or(Error::Unauthenticated)?;
    let tx = services.system(Mode::Write).await?;
    let attempt = identity::factor_try(&*tx, &services.env, user, client).await?;
    tx.commit().await?;
    let tx = services.system(Mode::Write).await?;
    let codes = identity::factor_confirm(&*tx, &*services.tokens, ctx, code).await?;
    attempt.forgive(&*tx).await?;
    record::own(&*tx, ctx, AuditEntry::new("factor.add", "")).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn remove(request: &Request) -> Result<()> {
    let ctx = request.ctx()?;
    let tx = request.services.system(Mode::Write).await?;
    identity::factor_remove(&*tx, ctx).await?;
    record::own(&*tx, ctx, AuditEntry::new("factor.remove", "")).await?;
    tx.commit().await
}

#[derive(Default)]
pub(crate) struct FactorMutation;

#[Object]
impl FactorMutation {
    /// Begins to set a second factor up; asked again before it is in force, it tells the same.
    async fn factor_begin(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FactorBeginInput,
    ) -> async_graphql::Result<Option<FactorBeginPayload>> {
        let request = gql.request();
        let client_mutation_id = input.client_mutation_id;
        match begin(request).await {
            Ok(app) => Ok(Some(FactorBeginPayload {
                secret: Some(app.secret),
                address: Some(app.address),
                client_mutation_id,
                user_errors: Vec::new(),
            })),
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(FactorBeginPayload { user_errors, ..FactorBeginPayload::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }

    /// Puts the second factor in force once its first code is right.
    async fn factor_confirm(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FactorConfirmInput,
    ) -> async_graphql::Result<Option<FactorConfirmPayload>> {
        let request = gql.request();
        match confirm(request, gql.data_unchecked(), &input.code).await {
            Ok(recovery_codes) => Ok(Some(FactorConfirmPayload { recovery_codes, user_errors: Vec::new() })),
            Err(error) => match UserError::all(&error, request.lang()) {
                Some(user_errors) => Ok(Some(FactorConfirmPayload { user_errors, ..FactorConfirmPayload::default() })),
                None => Err(gql.fault(&error)),
            },
        }
    }

    /// Removes the second factor with its recovery codes.
    async fn factor_remove(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FactorRemoveInput,
    ) -> async_graphql::Result<Option<AccountPayload>> {
        let payload = AccountPayload::of(gql, remove(gql.request()).await)?;
        Ok(payload.map(|p| p.echoing(input.client_mutation_id)))
    }
}
