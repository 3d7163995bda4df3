//! Background jobs: how far they are, beginning one again, calling one off.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{ImportId, JobId};
use voxpark_domain::jobs::{self, JobState as DomainState, JobView};
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::node;
use crate::operations::ContactImport;
use crate::page::{self, Paged, counter, paged};
use crate::request::Asking as _;
use crate::words;

/// How far a job is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum JobState {
    /// It waits for its time or for a worker.
    Waiting,
    /// A worker has it.
    Running,
    /// It was done.
    Done,
    /// It failed too often, or in a way that another try cannot mend.
    Failed,
    /// It was called off before it was done.
    Cancelled,
}

/// How far a job is.
#[derive(SimpleObject)]
pub(crate) struct JobProgress {
    /// Units that are behind it.
    done: i64,
    /// Units there are; null = nobody knows before the end.
    total: Option<i64>,
    /// What the units are: `bytes` of a file, `contents` of the store, `leases` of a run, `invoices`.
    step: String,
}

/// Work that was asked for and is done outside of requests.
#[derive(Clone)]
pub(crate) struct Job(Arc<JobView>);

impl From<Arc<JobView>> for Job {
    fn from(job: Arc<JobView>) -> Self {
        Self(job)
    }
}

impl Job {
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
}

/// Work that was asked for and is done outside of requests.
#[Object]
impl Job {
    /// Stable id.
    #[graphql(name = "id")]
    async fn stable_id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What is done: `contact-import` reads a file of call records, `billing-run` bills a month, `invoice-repricing` prices
    /// past invoices again.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// How far it is.
    async fn state(&self) -> JobState {
        self.0.state.into()
    }
    /// Whether it was called off and has yet to end: within seconds, when a worker has it.
    async fn ending(&self) -> bool {
        self.0.ending
    }
    /// How often it was begun; after five times it is given up.
    async fn attempts(&self) -> i64 {
        self.0.attempts
    }
    /// When it was asked for.
    async fn enqueued_at(&self) -> DateTime<Utc> {
        self.0.enqueued_at
    }
    /// When it is tried next, or was tried last.
    async fn run_at(&self) -> DateTime<Utc> {
        self.0.run_at
    }
    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
    /// Why it was not done, in the caller's language.
    async fn problem(&self, gql: &Context<'_>) -> Option<String> {
        let word = match self.0.state {
            DomainState::Failed => "job-failed",
            DomainState::Cancelled => "job-cancelled",
            DomainState::Waiting if self.0.attempts > 0 => "job-again",
            _ => return None,
        };
        let (id, tries) = (self.0.id.to_string(), self.0.attempts);
        Some(words::message(gql.request().lang(), word, &[("job", id.into()), ("attempts", tries.into())]))
    }
    /// How far it is; null when it does not say, as short work does not.
    async fn progress(&self) -> Option<JobProgress> {
        self.0.progress.as_ref().map(|p| JobProgress { done: p.done, total: p.total, step: p.step.clone() })
    }
    /// The import of call records that it does, for jobs of that kind.
    async fn contact_import(&self, gql: &Context<'_>) -> async_graphql::Result<Option<ContactImport>> {
        let id = self.0.payload.get("import").and_then(|id| id.as_str()).and_then(|id| id.parse::<ImportId>().ok());
        match id {
            Some(id) => Ok(load(gql, id).await?.map(ContactImport::from)),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Load for JobId {
    type Value = Arc<JobView>;
    const RESOURCE: Resource = Resource::Jobs;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.jobs_by_id(keys).await?.into_iter().map(|job| (job.id, Arc::new(job))).collect())
    }
}

#[derive(Default)]
pub(crate) struct JobsQuery;

#[Object]
impl JobsQuery {
    /// The background jobs of the caller's tenant, or of the park itself, latest first; null where the caller may not
    /// look.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn jobs(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those that are so far.")] state: Option<JobState>,
    ) -> async_graphql::Result<Option<Paged<Job>>> {
        let (request, state) = (gql.request(), state.map(DomainState::from));
        let list = async {
            let ask = page::request(first, after)?;
            jobs::jobs(&*request.read().await?, request.ctx()?, state, &ask).await
        };
        let Some(page) = gql.nullable(list.await)? else { return Ok(None) };
        let count = counter!(gql, "", [state] | ctx, tx | jobs::jobs_count(tx, ctx, state));
        Ok(Some(paged(Some(page), count, |job| Job(Arc::new(job)))))
    }
}

/// A job is to be begun again.
#[derive(InputObject, Serialize)]
pub(crate) struct JobRetryInput {
    /// The job.
    job_id: ID,
    /// Repeats of the same request under this key answer the same and do nothing.
    idempotency_key: String,
}

/// A job is to be called off.
#[derive(InputObject, Serialize)]
pub(crate) struct JobCancelInput {
    /// The job.
    job_id: ID,
    /// Repeats of the same request under this key answer the same and do nothing.
    idempotency_key: String,
}

/// What became of beginning a job again.
#[derive(SimpleObject, Default)]
pub(crate) struct JobRetryPayload {
    /// The job, waiting.
    job: Option<Job>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What became of calling a job off.
#[derive(SimpleObject, Default)]
pub(crate) struct JobCancelPayload {
    /// The job, called off.
    job: Option<Job>,
    /// Why not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct JobsMutation;

#[Object]
impl JobsMutation {
    /// Begins a job again that was given up or called off. It goes on where it was interrupted.
    async fn job_retry(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: JobRetryInput,
    ) -> async_graphql::Result<Option<JobRetryPayload>> {
        let done = change(gql, "jobRetry", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<JobId>("jobId", &input.job_id);
            Box::pin(async move {
                let id = jobs::again(tx, ctx, id?).await?;
                Ok((id, AuditEntry::new("job.retry", id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => JobRetryPayload { job: load(gql, id).await?.map(Job), user_errors: Vec::new() },
            Err(user_errors) => JobRetryPayload { user_errors, ..Default::default() },
        }))
    }

    /// Calls a job off: one that waits is not begun any more, one that runs stops within seconds; what it had done by
    /// then stays.
    async fn job_cancel(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: JobCancelInput,
    ) -> async_graphql::Result<Option<JobCancelPayload>> {
        let done = change(gql, "jobCancel", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<JobId>("jobId", &input.job_id);
            Box::pin(async move {
                let id = jobs::cancel(tx, ctx, id?).await?;
                Ok((id, AuditEntry::new("job.cancel", id)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => JobCancelPayload { job: load(gql, id).await?.map(Job), user_errors: Vec::new() },
            Err(user_errors) => JobCancelPayload { user_errors, ..Default::default() },
        }))
    }
}
