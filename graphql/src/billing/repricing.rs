//! Past invoices priced again.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::repricing;
use voxpark_billing::runs::of_park;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::RepricingRunId;
use voxpark_domain::page::{MAX_PAGE, Page};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::invoice::Invoice;
use super::runs::RunState;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::jobs::Job;
use crate::load::{Load, load, load_known};
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::scalar::{Money, Month};

/// An invoice that did not come out as it was issued.
pub(crate) struct DifferingInvoice(repricing::Differing);

/// An invoice that did not come out as it was issued.
#[Object]
impl DifferingInvoice {
    /// The invoice.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Invoice> {
        load_known(gql, self.0.invoice).await.map(Invoice::from)
    }
    /// Its total as issued.
    async fn stored(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(load_known(gql, self.0.invoice).await?.money(self.0.stored_minor).into())
    }
    /// The total priced again; null when it cannot be priced any more.
    async fn again(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let Some(minor) = self.0.again_minor else { return Ok(None) };
        Ok(Some(load_known(gql, self.0.invoice).await?.money(minor).into()))
    }
    /// How many lines and rates of tax differ.
    async fn differences(&self) -> i64 {
        self.0.differences
    }
    /// Why it cannot be priced any more; empty when it can.
    async fn user_errors(&self, gql: &Context<'_>) -> Vec<UserError> {
        self.0.refusal.iter().map(|told| UserError::kept(told, gql.request().lang())).collect()
    }
    /// When that was found.
    async fn found_at(&self) -> DateTime<Utc> {
        self.0.found_at
    }
}

/// The invoices that were issued in some months, priced again as each was known when it was issued.
#[derive(Clone)]
pub(crate) struct RepricingRun(Arc<repricing::RepricingRun>);

impl From<Arc<repricing::RepricingRun>> for RepricingRun {
    fn from(run: Arc<repricing::RepricingRun>) -> Self {
        Self(run)
    }
}

/// The invoices that were issued in some months, priced again as each was known when it was issued.
#[Object]
impl RepricingRun {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The first month of issue.
    #[graphql(name = "from")]
    async fn first_month(&self) -> Month {
        Month(self.0.from)
    }
    /// The last month of issue.
    #[graphql(name = "to")]
    async fn last_month(&self) -> Month {
        Month(self.0.to)
    }
    /// How far it is.
    async fn state(&self) -> RunState {
        self.0.state().into()
    }
    /// Whether it is one of those that are done every night.
    async fn nightly(&self) -> bool {
        self.0.started_by.is_none()
    }
    /// When it was started.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }
    /// When it ended; null while it goes on.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
    /// How many invoices there were when it was started, withdrawn ones too.
    async fn invoices(&self) -> i64 {
        self.0.invoices
    }
    /// How many were priced again.
    async fn checked(&self) -> i64 {
        self.0.checked
    }
    /// How many did not come out as they were issued.
    async fn differing(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(load(gql, CountOf(self.0.id)).await?.unwrap_or_default())
    }
    /// Those, at most 100.
    #[graphql(complexity = "20 * child_complexity")]
    async fn differences(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<DifferingInvoice>> {
        let found = load(gql, FoundBy(self.0.id)).await?.unwrap_or_default();
        Ok(found.iter().map(|one| DifferingInvoice(one.clone())).collect())
    }
    /// The job that does it; null for who may not see jobs.
    async fn job(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Job>> {
        Ok(load(gql, self.0.job).await?.map(Job::from))
    }
}

#[async_trait]
impl Load for RepricingRunId {
    type Value = Arc<repricing::RepricingRun>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !of_park(ctx) {
            return Ok(Vec::new());
        }
        Ok(tx.repricings_by_id(keys).await?.into_iter().map(|run| (run.id, Arc::new(run))).collect())
    }
}

/// How many invoices a run found differing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CountOf(RepricingRunId);

#[async_trait]
impl Load for CountOf {
    type Value = i64;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !of_park(ctx) {
            return Ok(Vec::new());
        }
        let ids: Vec<RepricingRunId> = keys.iter().map(|key| key.0).collect();
        Ok(tx.repricing_counts(&ids).await?.into_iter().map(|(id, n)| (Self(id), n)).collect())
    }
}

/// The invoices that a run found differing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FoundBy(RepricingRunId);

#[async_trait]
impl Load for FoundBy {
    type Value = Arc<Vec<repricing::Differing>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !of_park(ctx) {
            return Ok(Vec::new());
        }
        let ids: Vec<RepricingRunId> = keys.iter().map(|key| key.0).collect();
        let found = tx.repricing_differing(&ids, MAX_PAGE).await?;
        Ok(super::load::grouped(found.into_iter().map(|one| (Self(one.run), one))))
    }
}

/// Past invoices of a park priced again.
#[derive(Clone)]
pub(crate) struct ParkRepricing;

/// Past invoices of a park priced again.
#[Object]
impl ParkRepricing {
    /// Runs over past invoices, latest first; for staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn repricing_runs(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<RepricingRun>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let read = async { repricing::repricings(&*request.read().await?, request.ctx()?, &ask).await };
        let page = gql.nullable(read.await)?.map(Page::shared);
        Ok(paged(page, counter!(gql, "", |ctx, tx| repricing::repricings_count(tx, ctx)), RepricingRun::from))
    }
}

/// Which invoices to price again.
#[derive(InputObject, Serialize)]
pub(crate) struct RepricingStartInput {
    /// The first month of issue.
    from: Month,
    /// The last month of issue, 120 months later at most.
    to: Month,
    /// Repeats of the same request under this key answer the same and start nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct RepricingStartPayload {
    /// The run, which a job works off.
    run: Option<RepricingRun>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RepricingMutation;

#[Object]
impl RepricingMutation {
    /// Starts to price past invoices again, as each was known when it was issued. Nothing is changed by it: what does not come
    /// out the same is listed with the run and pointed out by `alerts`.
    async fn repricing_start(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RepricingStartInput,
    ) -> async_graphql::Result<Option<RepricingStartPayload>> {
        let (from, to) = (input.from.0, input.to.0);
        let done = change(gql, "repricingStart", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let run = repricing::repricing_start(tx, ctx, from, to).await?;
                let detail = json!({ "from": from.to_string(), "to": to.to_string(), "invoices": run.invoices });
                Ok((run.id, AuditEntry::new("repricing.start", run.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                RepricingStartPayload { run: load(gql, id).await?.map(RepricingRun::from), user_errors: Vec::new() }
            }
            Err(user_errors) => RepricingStartPayload { user_errors, ..Default::default() },
        }))
    }
}
