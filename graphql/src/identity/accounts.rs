//! Service accounts: programs of a park or tenant and their tokens.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::bounds::Permit;
use voxpark_domain::identity::{self, ServiceAccountDraft};
use voxpark_domain::ids::{ServiceAccountId, ServiceTokenId};
use voxpark_domain::page::MAX_PAGE;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::Role;
use crate::change::{Outcome, change};
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

/// A program of a park or tenant, which asks with a token of its own.
#[derive(Clone)]
pub(crate) struct ServiceAccount(Arc<identity::ServiceAccount>);

impl From<Arc<identity::ServiceAccount>> for ServiceAccount {
    fn from(account: Arc<identity::ServiceAccount>) -> Self {
        Self(account)
    }
}

/// A program of a park or tenant, which asks with a token of its own.
#[Object]
impl ServiceAccount {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// What it is called, also in the audit log.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Its role, of which the scopes are a part.
    async fn role(&self) -> Role {
        self.0.role.into()
    }
    /// What it may, such as `billing:read`: a kind of thing and the strongest act (`read`, `write`, `commit`).
    async fn scopes(&self) -> Vec<String> {
        self.0.scopes.iter().copied().map(Permit::text).collect()
    }
    /// Made at.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// Its tokens that were not taken back, latest first.
    async fn tokens(&self) -> Vec<ServiceToken> {
        self.0.tokens.iter().map(ServiceToken::from).collect()
    }
}

/// A token of a service account. The token itself is told once, when it is made.
#[derive(SimpleObject)]
pub(crate) struct ServiceToken {
    /// Stable id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// Made at.
    created_at: DateTime<Utc>,
    /// First day on which it opens nothing any more, a day of the park.
    valid_to: Date,
    /// Used last at, to the minute; null = never.
    last_used_at: Option<DateTime<Utc>>,
    /// The address that it was used from last; null when it is not known.
    last_used_from: Option<String>,
}

impl ServiceToken {
    /// Its id.
    pub(crate) fn text(&self) -> &str {
        &self.id
    }
}

impl From<&identity::ServiceToken> for ServiceToken {
    fn from(token: &identity::ServiceToken) -> Self {
        Self {
            id: token.id.to_string().into(),
            created_at: token.created_at,
            valid_to: token.valid_to.into(),
            last_used_at: token.last_used_at,
            last_used_from: token.last_used_from.clone(),
        }
    }
}

/// Those of the caller's park or tenant, for who may see them.
pub(crate) async fn service_tokens(gql: &Context<'_>) -> async_graphql::Result<Vec<ServiceToken>> {
    let request = gql.request();
    let list = async {
        let ask = page::request(i32::try_from(MAX_PAGE).ok(), None)?;
        identity::service_accounts(&*request.read().await?, request.ctx()?, &ask).await
    };
    let accounts = gql.nullable(list.await)?.map_or_else(Vec::new, |page| page.items);
    Ok(accounts.iter().flat_map(|(_, account)| &account.tokens).map(ServiceToken::from).collect())
}

#[async_trait]
impl Load for ServiceAccountId {
    type Value = Arc<identity::ServiceAccount>;
    const RESOURCE: Resource = Resource::Security;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.service_accounts_by_id(keys).await?.into_iter().map(|a| (a.id, Arc::new(a))).collect())
    }
}

/// A role that a service account can have.
#[derive(SimpleObject)]
pub(crate) struct ServiceRole {
    /// The role.
    role: Role,
    /// The widest scopes that it can have.
    scopes: Vec<String>,
}

#[derive(Default)]
pub(crate) struct ServiceAccountsQuery;

#[Object]
impl ServiceAccountsQuery {
    /// The service accounts of the caller's park or tenant, latest first; null where the caller may not look.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn service_accounts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Option<Paged<ServiceAccount>>> {
        let request = gql.request();
        let list = async {
            let ask = page::request(first, after)?;
            identity::service_accounts(&*request.read().await?, request.ctx()?, &ask).await
        };
        let Some(page) = gql.nullable(list.await)? else { return Ok(None) };
        let count = counter!(gql, "", |ctx, tx| async move {
            ctx.require(Action::Read, Resource::Security)?;
            tx.service_accounts_count().await
        });
        Ok(Some(paged(Some(page), count, |a| ServiceAccount(Arc::new(a)))))
    }

    /// The roles that a service account made by the caller can have; empty for who may make none.
    async fn service_roles(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<ServiceRole>> {
        let ctx = gql.request().ctx().map_err(|e| gql.fault(&e))?;
        if !ctx.may(Action::Commit, Resource::Security) {
            return Ok(Vec::new());
        }
        let of = |role| ServiceRole {
            role: Role::from(role),
            scopes: identity::offered(role).into_iter().map(Permit::text).collect(),
        };
        Ok(identity::service_roles(ctx).into_iter().map(of).collect())
    }
}

/// A service account to be made, with its first token.
#[derive(InputObject, Serialize)]
pub(crate) struct ServiceAccountCreateInput {
    /// What it is called, 1 to 80 characters.
    name: String,
    /// Its role: one of `serviceRoles`.
    role: Role,
    /// What it may, within the role: `billing:read`, `people:write`. An act that binds has to be named as such
    /// (`billing:commit`).
    scopes: Vec<String>,
    /// First day on which its first token opens nothing any more; at most 366 days from today.
    valid_to: Date,
    /// Repeats of the same request under this key answer the same, but do not tell the token again.
    idempotency_key: String,
}

/// A service account to be deleted.
#[derive(InputObject, Serialize)]
pub(crate) struct ServiceAccountDeleteInput {
    /// The account.
    service_account_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// Another token of a service account.
#[derive(InputObject, Serialize)]
pub(crate) struct ServiceTokenAddInput {
    /// The account.
    service_account_id: ID,
    /// First day on which the token opens nothing any more; at most 366 days from today.
    valid_to: Date,
    /// Repeats of the same request under this key answer the same, but do not tell the token again.
    idempotency_key: String,
}

/// A token to be taken back.
#[derive(InputObject, Serialize)]
pub(crate) struct ServiceTokenRevokeInput {
    /// The token.
    service_token_id: ID,
    /// Repeats of the same request under this key answer the same.
    idempotency_key: String,
}

/// What became of a service account or its token.
#[derive(SimpleObject, Default)]
pub(crate) struct ServiceAccountPayload {
    /// The account; null when it was deleted.
    service_account: Option<ServiceAccount>,
    /// The new token, to be sent as `Authorization: Bearer`; told this once.
    token: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Where a new token waits to be told: it is no part of the answer that is remembered under the key.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Option<String>>>);

impl Told {
    fn keep(&self, token: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }
    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ServiceAccountPayload {
    async fn of(gql: &Context<'_>, done: Outcome<ServiceAccountId>, told: Told) -> async_graphql::Result<Option<Self>> {
        Ok(Some(match done {
            Ok(id) => Self {
                service_account: load(gql, id).await?.map(ServiceAccount),
                token: told.take(),
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }))
    }
}

#[derive(Default)]
pub(crate) struct ServiceAccountsMutation;

#[Object]
impl ServiceAccountsMutation {
    /// Makes a service account of the caller's park or tenant with its first token, which is told this once.
    async fn service_account_create(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ServiceAccountCreateInput,
    ) -> async_graphql::Result<Option<ServiceAccountPayload>> {
        let (services, told) = (gql.request().services.clone(), Told::default());
        let keep = told.clone();
        let done = change(gql, "serviceAccountCreate", Some(&input.idempotency_key), &input, |ctx, tx| {
            let draft = ServiceAccountDraft {
                name: input.name.clone(),
                role: input.role.into(),
                scopes: input.scopes.clone(),
                valid_to: input.valid_to.0,
            };
            Box::pin(async move {
                let (id, token) = identity::service_account_create(tx, &*services.tokens, ctx, draft).await?;
                keep.keep(token);
                Ok((id, AuditEntry::new("service-account.create", id)))
            })
        });
        ServiceAccountPayload::of(gql, done.await?, told).await
    }

    /// Deletes a service account: all its tokens open nothing any more, at once.
    async fn service_account_delete(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ServiceAccountDeleteInput,
    ) -> async_graphql::Result<Option<ServiceAccountPayload>> {
        let done = change(gql, "serviceAccountDelete", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<ServiceAccountId>("serviceAccountId", &input.service_account_id);
            Box::pin(async move {
                let id = id?;
                identity::service_account_delete(tx, ctx, id).await?;
                Ok((id, AuditEntry::new("service-account.delete", id)))
            })
        });
        ServiceAccountPayload::of(gql, done.await?, Told::default()).await
    }

    /// Gives a service account another token, which is told this once. The others go on, so that a program can be given the
    /// new one before the old one is taken back.
    async fn service_token_add(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ServiceTokenAddInput,
    ) -> async_graphql::Result<Option<ServiceAccountPayload>> {
        let (services, told) = (gql.request().services.clone(), Told::default());
        let keep = told.clone();
        let done = change(gql, "serviceTokenAdd", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<ServiceAccountId>("serviceAccountId", &input.service_account_id);
            let valid_to = input.valid_to.0;
            Box::pin(async move {
                let id = id?;
                keep.keep(identity::service_token_create(tx, &*services.tokens, ctx, id, valid_to).await?);
                Ok((id, AuditEntry::new("service-token.add", id)))
            })
        });
        ServiceAccountPayload::of(gql, done.await?, told).await
    }

    /// Takes a token of a service account back: it opens nothing any more, and what it has open ends.
    async fn service_token_revoke(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ServiceTokenRevokeInput,
    ) -> async_graphql::Result<Option<ServiceAccountPayload>> {
        let done = change(gql, "serviceTokenRevoke", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<ServiceTokenId>("serviceTokenId", &input.service_token_id);
            Box::pin(async move {
                let account = identity::service_token_revoke(tx, ctx, id?).await?;
                Ok((account, AuditEntry::new("service-token.revoke", account)))
            })
        });
        ServiceAccountPayload::of(gql, done.await?, Told::default()).await
    }
}
