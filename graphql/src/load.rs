//! Relations: one statement a kind and level, within the request's own transaction.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use async_trait::async_trait;
use voxpark_billing::uow::Tx;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::{Ctx, Error, Result};

use crate::error::Fault;
use crate::request::Request;

/// A key by which something is loaded in batches.
#[async_trait]
pub(crate) trait Load: Clone + Eq + Hash + Send + Sync + 'static {
    /// What is loaded.
    type Value: Clone + Send + Sync + 'static;
    /// What the caller must be allowed to read.
    const RESOURCE: Resource;
    /// Loads all keys with a constant number of statements; keys out of reach are missing.
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>>;
}

/// Loads for one request. There is one a request and none is shared, so no answer crosses between callers.
pub(crate) struct Batch(pub(crate) Arc<Request>);

impl<K: Load> Loader<K> for Batch {
    type Value = K::Value;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[K]) -> Result<HashMap<K, K::Value>, Arc<Error>> {
        let ctx = self.0.ctx().map_err(Arc::new)?;
        if !ctx.may(Action::Read, K::RESOURCE) {
            return Ok(HashMap::new());
        }
        let tx = self.0.read().await.map_err(Arc::new)?;
        Ok(K::load(ctx, &*tx, keys).await.map_err(Arc::new)?.into_iter().collect())
    }
}

/// Loads one thing; `None` when it does not exist for the caller.
pub(crate) async fn load<K: Load>(gql: &Context<'_>, key: K) -> async_graphql::Result<Option<K::Value>> {
    gql.data_unchecked::<DataLoader<Batch>>().load_one(key).await.map_err(|e| gql.fault(&e))
}

/// Loads what must be there because a row in reach points at it.
pub(crate) async fn load_known<K: Load>(gql: &Context<'_>, key: K) -> async_graphql::Result<K::Value> {
    load(gql, key).await?.ok_or_else(|| gql.fault(&Error::internal("a row points at one that is not there")))
}
