//! Mutations: one use case, one write transaction, one line of the audit log; a retried one answers the same.

use async_graphql::Context;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Scope;
use voxpark_domain::platform::{AuditEntry, Remembered};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result};

use crate::error::{Fault as _, UserError};
use crate::request::{Asking as _, Request};

/// How a mutation ended.
pub(crate) type Outcome<T> = Result<T, Vec<UserError>>;

/// What a use case in a mutation returns: its result and what the audit log says about it.
pub(crate) type Done<T> = Result<(T, AuditEntry)>;

/// Runs a use case in a write transaction. Nothing is written unless all of it is, including the audit line and, with a
/// key, the answer: the same caller with the same key and input gets the first answer again, another input is refused.
pub(crate) async fn change<T, I, F>(
    gql: &Context<'_>,
    operation: &'static str,
    key: Option<&str>,
    input: &I,
    use_case: F,
) -> async_graphql::Result<Outcome<T>>
where
    T: Serialize + DeserializeOwned + Send,
    I: Serialize + Sync,
    F: for<'a> FnOnce(&'a Ctx, &'a dyn Tx) -> BoxFuture<'a, Done<T>> + Send,
{
    let request = gql.request();
    let result = run(request, operation, key, input, use_case).await;
    request.refresh().await;
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match UserError::all(&error, request.lang()) {
            Some(list) => Ok(Err(list)),
            None => Err(gql.fault(&error)),
        },
    }
}

async fn run<T, I, F>(
    request: &Request,
    operation: &'static str,
    key: Option<&str>,
    input: &I,
    use_case: F,
) -> Result<T>
where
    T: Serialize + DeserializeOwned + Send,
    I: Serialize + Sync,
    F: for<'a> FnOnce(&'a Ctx, &'a dyn Tx) -> BoxFuture<'a, Done<T>> + Send,
{
    let ctx = request.ctx()?;
    let tx = request.services.db.begin(ctx, Mode::Write).await?;
    let key = key.filter(|_| !matches!(ctx.scope(), Scope::Assessor(..)));
    let digest = match key {
        Some(key) if key.is_empty() || key.len() > 100 => {
            return Err(Refusal::new(RefusalCode::Invalid, "idempotency-key")
                .at("idempotencyKey")
                .with("max", 100_i64)
                .into());
        }
        Some(_) => request.services.tokens.digest(&serde_json::to_string(input).map_err(Error::internal)?),
        None => [0; 32],
    };
    if let Some(key) = key
        && let Some(first) = tx.remembered(ctx, operation, key).await?
    {
        return if first.request == digest {
            serde_json::from_value(first.answer).map_err(Error::internal)
        } else {
            Err(Refusal::new(RefusalCode::Conflict, "idempotency-key-reused").at("idempotencyKey").into())
        };
    }
    // What an operation that failed before in the same request said it would change.
    drop(ctx.heard().take_changes());
    let (value, entry) = use_case(ctx, &*tx).await?;
    if let Some(key) = key {
        let answer = serde_json::to_value(&value).map_err(Error::internal)?;
        tx.remember(ctx, operation, key, &Remembered { request: digest, answer }).await?;
    }
    // The last statement: the lane of the log that it takes is locked until the end.
    tx.audit(ctx, &entry.and(ctx.heard().take_changes())).await?;
    tx.commit().await?;
    Ok(value)
}
