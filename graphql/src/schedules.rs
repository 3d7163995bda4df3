//! Work that a park has done by itself: when, whether, what became of it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_domain::ids::ScheduleId;
use voxpark_domain::jobs;
use voxpark_domain::platform::AuditEntry;

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::jobs::Job;
use crate::load::load;
use crate::node;
use crate::request::Asking as _;

/// Work that a park has done by itself.
pub(crate) struct Schedule(jobs::Schedule);

impl Schedule {
    /// Its id.
    pub(crate) fn text(&self) -> String {
        self.0.id.to_string()
    }
}

/// Work that a park has done by itself.
#[Object]
impl Schedule {
    /// Stable id.
    #[expect(clippy::unused_async, reason = "the shape the Node interface asks for")]
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// What is done: `audit-seal` seals the audit log, `file-sweep` removes stored content that nothing refers to,
    /// `invoice-repricing` prices the invoices of the last months again.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// When: `every N` minutes, or days and a time in the zone of the park: `daily 03:30`, `weekdays 08:00`, `monthly-15 00:00`
    /// (of a shorter month its last day), `month-end 23:00`. A time that the clock leaves out is the end of the gap, one that it
    /// shows twice is the first.
    async fn timing(&self) -> String {
        self.0.timing.to_string()
    }
    /// Whether it is switched on.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }
    /// Whether it can neither be switched off nor moved.
    async fn fixed(&self) -> bool {
        self.0.fixed()
    }
    /// The next time; null while it is switched off. What was missed while no worker ran is begun once.
    async fn next_at(&self) -> Option<DateTime<Utc>> {
        self.0.enabled.then_some(self.0.next_at)
    }
    /// When it was begun last; null before the first time.
    async fn begun_at(&self) -> Option<DateTime<Utc>> {
        self.0.begun_at
    }
    /// The job that does it, the same one each time; null before the first.
    async fn job(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Job>> {
        match self.0.job {
            Some(id) => Ok(load(gql, id).await?.map(Job::from)),
            None => Ok(None),
        }
    }
}

/// Those of the caller's park, for who may see them.
pub(crate) async fn all(gql: &Context<'_>) -> async_graphql::Result<Vec<Schedule>> {
    Ok(SchedulesQuery.schedules(gql).await?.unwrap_or_default())
}

#[derive(Default)]
pub(crate) struct SchedulesQuery;

#[Object]
impl SchedulesQuery {
    /// The work that the caller's park has done by itself, at most ten kinds; null where the caller may not look.
    #[graphql(complexity = "10 * child_complexity")]
    async fn schedules(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Vec<Schedule>>> {
        let request = gql.request();
        let list = async { jobs::schedules(&*request.read().await?, request.ctx()?).await };
        Ok(gql.nullable(list.await)?.map(|list| list.into_iter().map(Schedule).collect()))
    }
}

/// A schedule is to be switched on or off, or moved.
#[derive(InputObject, Serialize)]
pub(crate) struct ScheduleSetInput {
    /// The schedule.
    schedule_id: ID,
    /// Whether it is on.
    enabled: bool,
    /// Another time, in the form of `Schedule.timing`; left out = as it is.
    timing: Option<String>,
    /// Repeats of the same request under this key answer the same and do nothing.
    idempotency_key: String,
}

/// What became of setting a schedule.
#[derive(SimpleObject, Default)]
pub(crate) struct ScheduleSetPayload {
    /// The schedule as it is now.
    schedule: Option<Schedule>,
    /// Why not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct SchedulesMutation;

#[Object]
impl SchedulesMutation {
    /// Switches work that the park has done by itself on or off, or moves it to another time. Switched on again it goes on
    /// with the next time from now.
    async fn schedule_set(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ScheduleSetInput,
    ) -> async_graphql::Result<Option<ScheduleSetPayload>> {
        let done = change(gql, "scheduleSet", Some(&input.idempotency_key), &input, |ctx, tx| {
            let id = node::id::<ScheduleId>("scheduleId", &input.schedule_id);
            let (enabled, timing) = (input.enabled, input.timing.clone());
            Box::pin(async move {
                let set = jobs::schedule_set(tx, ctx, id?, enabled, timing.as_deref()).await?;
                Ok((set.id, AuditEntry::new("schedule.set", set.id).with(serde_json::json!({ "kind": set.kind }))))
            })
        });
        let id: ScheduleId = match done.await? {
            Ok(id) => id,
            Err(user_errors) => return Ok(Some(ScheduleSetPayload { user_errors, ..Default::default() })),
        };
        let request = gql.request();
        let list = async { jobs::schedules(&*request.read().await?, request.ctx()?).await };
        let schedule = list.await.map_err(|e| gql.fault(&e))?.into_iter().find(|s| s.id == id).map(Schedule);
        Ok(Some(ScheduleSetPayload { schedule, user_errors: Vec::new() }))
    }
}
