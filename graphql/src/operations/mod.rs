//! Operations: queues, imports of call records, figures of a period.

mod figures;
mod import;

use async_graphql::{Context, ID, Object};
use async_trait::async_trait;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{ImportId, QueueId, TenantId};
use voxpark_domain::operations::{self, figures as use_case, import as entity};
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Error, Result};

use self::figures::{DayVolume, Interval, OperationsSummary};
pub(crate) use self::import::{ContactImport, OperationsMutation};
use crate::error::Fault as _;
use crate::load::Load;
use crate::need::Grain;
use crate::node;
use crate::once::question;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::Date;

/// A line of work of a tenant.
#[derive(Clone)]
pub(crate) struct Queue(entity::Queue);

impl From<entity::Queue> for Queue {
    fn from(queue: entity::Queue) -> Self {
        Self(queue)
    }
}

impl Queue {
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
}

/// A line of work of a tenant.
#[Object]
impl Queue {
    /// Stable id.
    #[graphql(name = "id")]
    async fn stable_id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The code that the tenant's call records use, unique in the tenant.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What it is called; the code until somebody names it.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

#[async_trait]
impl Load for QueueId {
    type Value = entity::Queue;
    const RESOURCE: Resource = Resource::Operations;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.queues_by_id(keys).await?.into_iter().map(|q| (q.id, q)).collect())
    }
}

#[async_trait]
impl Load for ImportId {
    type Value = std::sync::Arc<entity::ContactImport>;
    const RESOURCE: Resource = Resource::Operations;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.contact_imports_by_id(keys).await?.into_iter().map(|i| (i.id, i.into())).collect())
    }
}

/// Operations of a tenant, for its own staff alone.
#[derive(Clone)]
pub(crate) struct TenantOperations(pub(crate) TenantId);

impl TenantOperations {
    /// The context of the tenant's own staff; for everybody else there is nothing here.
    fn own<'a>(&self, gql: &'a Context<'_>) -> Result<&'a Ctx> {
        let ctx = gql.request().ctx()?;
        if ctx.tenant()? == self.0 { Ok(ctx) } else { Err(Error::NotFound) }
    }
}

fn queue_of(id: Option<&ID>) -> Result<Option<QueueId>> {
    id.map(|id| node::id("queueId", id)).transpose()
}

/// Operations of a tenant, for its own staff alone.
#[Object]
impl TenantOperations {
    /// Lines of work, by code. The tenant's own staff only.
    async fn queues(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Queue>> {
        let list = async { operations::queues(&*gql.request().read().await?, self.own(gql)?).await };
        Ok(gql.or_default(gql.request().once(question(gql, self.0)?, list).await)?.into_iter().map(Queue).collect())
    }

    /// Imports of call records, latest first. The tenant's own staff only.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn imports(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<ContactImport>> {
        let list = async {
            let ask = page::request(first, after)?;
            operations::imports(&*gql.request().read().await?, self.own(gql)?, &ask).await
        };
        let page = gql.nullable(gql.request().once(question(gql, self.0)?, list).await)?;
        Ok(paged(page, counter!(gql, self.0, |ctx, tx| operations::imports_count(tx, ctx)), |i| {
            ContactImport(i.into())
        }))
    }

    /// Counts and indicators of contacts that asked for an agent in a period of at most 400 days. The tenant's own staff
    /// only.
    async fn operations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First civil day in the park's zone.")] from: Date,
        #[graphql(desc = "The day after the last.")] to: Date,
        #[graphql(desc = "One queue; all when left out.")] queue_id: Option<ID>,
    ) -> async_graphql::Result<Option<OperationsSummary>> {
        let figures = async {
            let (ctx, queue) = (self.own(gql)?, queue_of(queue_id.as_ref())?);
            use_case::figures(&*gql.request().read().await?, ctx, from.0, to.0, queue).await
        };
        let figures = gql.nullable(gql.request().once(question(gql, self.0)?, figures).await)?;
        Ok(figures.map(|figures| OperationsSummary { from, to, figures }))
    }

    /// Intervals that hold a contact, in order of time, over at most 31 days, all asked queues together. The tenant's own
    /// staff only.
    async fn intervals(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First civil day in the park's zone.")] from: Date,
        #[graphql(desc = "The day after the last.")] to: Date,
        #[graphql(desc = "Length of an interval; 15 minutes when left out.")] grain: Option<Grain>,
        #[graphql(desc = "One queue; all when left out.")] queue_id: Option<ID>,
    ) -> async_graphql::Result<Vec<Interval>> {
        let grain = grain.unwrap_or(Grain::Quarter);
        let list = async {
            let (ctx, queue) = (self.own(gql)?, queue_of(queue_id.as_ref())?);
            use_case::intervals(&*gql.request().read().await?, ctx, from.0, to.0, figures::slot(grain), queue).await
        };
        let list = gql.or_default(gql.request().once(question(gql, self.0)?, list).await)?;
        list.into_iter().map(|(start, sums)| Interval::of(gql, start, grain, &sums)).collect()
    }

    /// Civil days that hold a contact, in order, over at most 400 days, all asked queues together. The tenant's own staff
    /// only.
    async fn daily(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "First civil day in the park's zone.")] from: Date,
        #[graphql(desc = "The day after the last.")] to: Date,
        #[graphql(desc = "One queue; all when left out.")] queue_id: Option<ID>,
    ) -> async_graphql::Result<Vec<DayVolume>> {
        let list = async {
            let (ctx, queue) = (self.own(gql)?, queue_of(queue_id.as_ref())?);
            use_case::daily(&*gql.request().read().await?, ctx, from.0, to.0, queue).await
        };
        let list = gql.or_default(gql.request().once(question(gql, self.0)?, list).await)?;
        list.into_iter().map(|(day, sums)| DayVolume::of(gql, day, &sums)).collect()
    }
}
