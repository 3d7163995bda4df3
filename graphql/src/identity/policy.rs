//! What a park or tenant requires of its members when they sign in.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::identity;
use voxpark_domain::platform::AuditEntry;

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::request::Asking as _;
use crate::scalar::Date;

/// What the caller's park or tenant requires of its members when they sign in.
#[derive(SimpleObject)]
pub(crate) struct AccessPolicy {
    /// First day on which a member without a second factor can do nothing but set one up; null = it is not required.
    second_factor_required_from: Option<Date>,
}

async fn policy(gql: &Context<'_>) -> async_graphql::Result<Option<AccessPolicy>> {
    let request = gql.request();
    let found = async { identity::access_policy(&*request.read().await?, request.ctx()?).await };
    let found = gql.nullable(found.await)?;
    Ok(found.map(|p| AccessPolicy { second_factor_required_from: p.factor_from.map(Into::into) }))
}

#[derive(Default)]
pub(crate) struct PolicyQuery;

#[Object]
impl PolicyQuery {
    /// What the caller's park or tenant requires of its members when they sign in; null for who may not know.
    async fn access_policy(&self, gql: &Context<'_>) -> async_graphql::Result<Option<AccessPolicy>> {
        policy(gql).await
    }
}

/// Whether a second factor is required.
#[derive(InputObject, Serialize)]
pub(crate) struct SecondFactorRequireInput {
    /// First day on which it binds, a day of the park; it is no longer required when left out.
    from: Option<Date>,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct SecondFactorRequirePayload {
    /// What is required now.
    access_policy: Option<AccessPolicy>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Requires a second factor of every member of the caller's park or tenant, or no longer. From the day it binds, a member
    /// without one can sign in only as far as setting it up.
    async fn second_factor_require(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SecondFactorRequireInput,
    ) -> async_graphql::Result<Option<SecondFactorRequirePayload>> {
        let done = change(gql, "secondFactorRequire", Some(&input.idempotency_key), &input, |ctx, tx| {
            let from = input.from.as_ref().map(|d| d.0);
            Box::pin(async move {
                identity::factor_require(tx, ctx, from).await?;
                Ok(((), AuditEntry::new("access-policy.change", "")))
            })
        });
        Ok(Some(match done.await? {
            Ok(()) => SecondFactorRequirePayload { access_policy: policy(gql).await?, user_errors: Vec::new() },
            Err(user_errors) => SecondFactorRequirePayload { user_errors, ..Default::default() },
        }))
    }
}
