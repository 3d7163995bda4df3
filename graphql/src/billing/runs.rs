//! Billing runs on record.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use voxpark_billing::runs::{self, RunFigures, RunLease, RunRowState};
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{BillingRunId, LeaseId};
use voxpark_domain::page::Page;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use super::run::{BillingRunRow, BillingRunState, InvoiceSums};
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::jobs::Job;
use crate::load::{Load, load};
use crate::node;
use crate::page::{self, Paged, counted, counter, known, paged};
use crate::request::Asking as _;
use crate::scalar::{Money, Month};

/// How far a run is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "runs::RunState")]
pub(crate) enum RunState {
    /// It has not come to its end.
    Running,
    /// It came to its end.
    Done,
    /// Its job was given up; `jobRetry` goes on with it.
    Failed,
    /// Its job was called off; `jobRetry` goes on with it.
    Cancelled,
}

/// The invoices of a month for every lease under which seats were held or a least rent is agreed: how far that is, and what
/// became of each lease.
#[derive(Clone)]
pub(crate) struct BillingRun(Arc<runs::Run>);

impl From<Arc<runs::Run>> for BillingRun {
    fn from(run: Arc<runs::Run>) -> Self {
        Self(run)
    }
}

impl BillingRun {
    async fn figures(&self, gql: &Context<'_>) -> async_graphql::Result<RunFigures> {
        Ok(load(gql, FiguresOf(self.0.id)).await?.unwrap_or_default())
    }
}

/// The invoices of a month for every lease under which seats were held or a least rent is agreed: how far that is, and what
/// became of each lease.
#[Object]
impl BillingRun {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The month that it bills.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }
    /// How far it is.
    async fn state(&self) -> RunState {
        self.0.state().into()
    }
    /// When it was started.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }
    /// When it ended; null while it goes on.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
    /// How many leases there are.
    async fn leases(&self) -> i64 {
        self.0.leases
    }
    /// Leases whose turn has been.
    async fn done(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.done())
    }
    /// Invoices issued.
    async fn issued(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.issued)
    }
    /// Leases that wait until somebody has looked at them.
    async fn held(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.held)
    }
    /// Leases that cannot be billed as they stand.
    async fn refused(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.refused)
    }
    /// Leases that had been billed before.
    async fn already(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.already)
    }
    /// The invoices issued in the park's currency, before tax.
    async fn net(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.figures(gql).await?.sums.of(self.0.currency).0.into())
    }
    /// The invoices issued in the park's currency, with tax.
    async fn total(&self, gql: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(self.figures(gql).await?.sums.of(self.0.currency).1.into())
    }
    /// The invoices issued in other currencies.
    async fn other_currencies(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<InvoiceSums>> {
        Ok(InvoiceSums::others(&self.figures(gql).await?.sums, self.0.currency))
    }
    /// Invoices that the park sends with its runs and that were not sent: their tenants have given no mail address.
    async fn unsent(&self, gql: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.figures(gql).await?.unsent)
    }
    /// The job that does it; null for a run that was done at once, and for who may not see jobs.
    async fn job(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Job>> {
        let Some(job) = self.0.job else { return Ok(None) };
        Ok(load(gql, job).await?.map(Job::from))
    }
    /// Every lease in the order in which they are billed, by tenant and code; those with nothing to bill are left out.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn rows(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those of which this became.")] state: Option<BillingRunState>,
    ) -> async_graphql::Result<Paged<BillingRunRow>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let state = match state.map(BillingRunState::kept) {
            None => None,
            // What would be issued is of dry runs, which are not kept.
            Some(None) => return Ok(paged(None, known(0), |row: BillingRunRow| row)),
            Some(Some(state)) => Some(state),
        };
        let (of, currency) = (RowsOf { run: self.0.id, state }, self.0.currency);
        let page = if ask.after.is_none() {
            let list = load(gql, RowsFirst { of, first: ask.first }).await?.unwrap_or_default();
            let keyed = list.iter().map(|row| (row.place.to_string(), Arc::clone(row)));
            Some(Page::from_rows(&ask, keyed.collect()))
        } else {
            let request = gql.request();
            let read = async { runs::run_rows(&*request.read().await?, request.ctx()?, of.run, state, &ask).await };
            gql.nullable(read.await)?.map(Page::shared)
        };
        Ok(paged(page, counted(of), |row| BillingRunRow::on_record(&row, currency)))
    }
}

#[async_trait]
impl Load for BillingRunId {
    type Value = Arc<runs::Run>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !runs::of_park(ctx) {
            return Ok(Vec::new());
        }
        Ok(tx.runs_by_id(keys).await?.into_iter().map(|run| (run.id, Arc::new(run))).collect())
    }
}

/// What a run has come to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FiguresOf(BillingRunId);

#[async_trait]
impl Load for FiguresOf {
    type Value = RunFigures;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !runs::of_park(ctx) {
            return Ok(Vec::new());
        }
        let ids: Vec<BillingRunId> = keys.iter().map(|key| key.0).collect();
        Ok(tx.run_figures(&ids).await?.into_iter().map(|(id, figures)| (Self(id), figures)).collect())
    }
}

/// Leases of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowsOf {
    run: BillingRunId,
    state: Option<RunRowState>,
}

#[async_trait]
impl Load for RowsOf {
    type Value = i64;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !runs::of_park(ctx) {
            return Ok(Vec::new());
        }
        let ids: Vec<BillingRunId> = keys.iter().map(|key| key.run).collect();
        let figures = tx.run_figures(&ids).await?;
        let count = |key: &Self| figures.iter().find(|(id, _)| *id == key.run).map(|(_, f)| (*key, f.rows(key.state)));
        Ok(keys.iter().filter_map(count).collect())
    }
}

/// The first of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowsFirst {
    of: RowsOf,
    first: u32,
}

#[async_trait]
impl Load for RowsFirst {
    type Value = Arc<Vec<Arc<RunLease>>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        if !runs::of_park(ctx) {
            return Ok(Vec::new());
        }
        let mut all = Vec::with_capacity(keys.len());
        for ((state, first), keys) in crate::estate::alike(keys, |key| (key.of.state, key.first)) {
            let ids: Vec<BillingRunId> = keys.iter().map(|key| key.of.run).collect();
            let found = tx.run_rows_first(&ids, state, first).await?;
            let keyed = found.into_iter().map(|(run, row)| (Self { of: RowsOf { run, state }, first }, Arc::new(row)));
            all.extend(super::load::grouped(keyed));
        }
        Ok(all)
    }
}

/// The billing runs of a park.
#[derive(Clone)]
pub(crate) struct ParkRuns;

/// The billing runs of a park.
#[Object]
impl ParkRuns {
    /// Billing runs, latest first; for staff of the park.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn billing_runs(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<BillingRun>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let read = async { runs::runs(&*request.read().await?, request.ctx()?, &ask).await };
        let page = gql.nullable(read.await)?.map(Page::shared);
        Ok(paged(page, counter!(gql, "", |ctx, tx| runs::runs_count(tx, ctx)), BillingRun::from))
    }
}

/// Which month to bill.
#[derive(InputObject, Serialize)]
pub(crate) struct BillingRunStartInput {
    /// The month; it must be over.
    month: Month,
    /// Leases whose invoices are unusual and were looked at: they are not held.
    release_lease_ids: Option<Vec<ID>>,
    /// Repeats of the same request under this key answer the same and start nothing.
    idempotency_key: String,
}

/// What became of it.
#[derive(SimpleObject, Default)]
pub(crate) struct BillingRunStartPayload {
    /// The run, which a job works off.
    run: Option<BillingRun>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RunsMutation;

#[Object]
impl RunsMutation {
    /// Starts to bill a month that is over: a job issues the invoices of every lease under which seats were held or a least
    /// rent is agreed and that has none yet, some hundreds at a time. What cannot be billed is told and does not keep the
    /// others back. While a run of the month goes on no other begins.
    async fn billing_run_start(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BillingRunStartInput,
    ) -> async_graphql::Result<Option<BillingRunStartPayload>> {
        let month = input.month.0;
        let released = input.release_lease_ids.iter().flatten().map(|id| node::id("releaseLeaseIds", id));
        let released = released.collect::<Result<Vec<LeaseId>>>();
        let done = change(gql, "billingRunStart", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let run = runs::run_start(tx, ctx, month, &released?).await?;
                let figures = json!({ "month": month.to_string(), "leases": run.leases });
                Ok((run.id, AuditEntry::new("billing-run.start", run.id).with(figures)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                BillingRunStartPayload { run: load(gql, id).await?.map(BillingRun::from), user_errors: Vec::new() }
            }
            Err(user_errors) => BillingRunStartPayload { user_errors, ..Default::default() },
        }))
    }
}
