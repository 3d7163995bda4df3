//! Jobs as their owners see them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ids::{Id as _, JobId, UserId};
use voxpark_domain::jobs::{JobProgress, JobState, JobView, Store};
use voxpark_domain::page::{Page, PageRequest};

use super::binds::Binds;
use crate::db::{Slot, Tx, fail};
use crate::repo::{broken, get};

const JOB: &[Slot] = &[Slot("j", "job")];
const COLUMNS: &str = "j.job_id, j.kind, j.state, j.cancelled_at, j.payload, j.attempts, j.enqueued_at, j.enqueued_by,
 j.run_at, j.finished_at, j.done, j.total, j.step";

fn to_view(row: &QueryResult) -> Result<JobView> {
    let name: String = get(row, "state")?;
    let cancelled = get::<Option<DateTime<Utc>>>(row, "cancelled_at")?.is_some();
    let state = JobState::from_name(&name).ok_or_else(|| broken("job state", &name))?;
    let state = if cancelled && state == JobState::Failed { JobState::Cancelled } else { state };
    Ok(JobView {
        id: JobId::from_uuid(get(row, "job_id")?),
        kind: get(row, "kind")?,
        state,
        ending: cancelled && matches!(state, JobState::Waiting | JobState::Running),
        payload: get(row, "payload")?,
        attempts: get(row, "attempts")?,
        enqueued_at: get(row, "enqueued_at")?,
        enqueued_by: get::<Option<Uuid>>(row, "enqueued_by")?.map(UserId::from_uuid),
        run_at: get(row, "run_at")?,
        finished_at: get(row, "finished_at")?,
        progress: match (get::<Option<i64>>(row, "done")?, get::<Option<String>>(row, "step")?) {
            (Some(done), Some(step)) => Some(JobProgress { done, total: get(row, "total")?, step }),
            _ => None,
        },
    })
}

/// The condition of a state, of a job `j`.
fn of_state(state: Option<JobState>) -> &'static str {
    match state {
        None => "1 = 1",
        Some(JobState::Waiting) => "j.state = 'waiting'",
        Some(JobState::Running) => "j.state = 'running'",
        Some(JobState::Done) => "j.state = 'done'",
        Some(JobState::Failed) => "j.state = 'failed' AND j.cancelled_at IS NULL",
        Some(JobState::Cancelled) => "j.state = 'failed' AND j.cancelled_at IS NOT NULL",
    }
}

#[async_trait]
impl Store for Tx {
    async fn jobs(&self, state: Option<JobState>, page: &PageRequest) -> Result<Page<JobView>> {
        let mut binds = Binds::default();
        // Ids are minted in the order of time.
        let after = page.after.as_deref().and_then(|a| a.parse::<JobId>().ok());
        let after = after.map_or_else(|| "1 = 1".to_owned(), |id| format!("j.job_id < {}", binds.one(id.uuid())));
        let sql = format!(
            "SELECT {COLUMNS} FROM job j WHERE {{j}} AND {} AND {after} ORDER BY j.job_id DESC LIMIT {}",
            of_state(state),
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, JOB, binds.into_values()).await?;
        let views = rows.iter().map(to_view).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, views.into_iter().map(|v| (v.id.to_string(), v)).collect()))
    }

    async fn jobs_count(&self, state: Option<JobState>) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) AS n FROM job j WHERE {{j}} AND {}", of_state(state));
        self.query_one(&sql, JOB, Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn jobs_by_id(&self, ids: &[JobId]) -> Result<Vec<JobView>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {COLUMNS} FROM job j WHERE {{j}} AND j.job_id IN {}", binds.ids(ids));
        self.query(&sql, JOB, binds.into_values()).await?.iter().map(to_view).collect()
    }

    async fn job_again(&self, id: JobId, now: DateTime<Utc>) -> Result<bool> {
        let sql =
            "UPDATE job AS j SET state = 'waiting', attempts = 0, run_at = $1, finished_at = NULL, last_error = NULL,
             cancelled_at = NULL, done = NULL, total = NULL, step = NULL WHERE {j} AND j.job_id = $2 AND j.state = 'failed'";
        let done = self.execute(sql, JOB, vec![now.into(), id.uuid().into()]).await.map_err(fail)? == 1;
        if done {
            self.enqueued();
        }
        Ok(done)
    }

    async fn job_cancel(&self, id: JobId, now: DateTime<Utc>) -> Result<bool> {
        // A worker ends it, so that whatever waits for it is told: one that waits is due at once.
        let sql =
            "UPDATE job AS j SET cancelled_at = $1, run_at = CASE WHEN j.state = 'waiting' THEN $1 ELSE j.run_at END
             WHERE {j} AND j.job_id = $2 AND j.state IN ('waiting', 'running') AND j.cancelled_at IS NULL";
        let done = self.execute(sql, JOB, vec![now.into(), id.uuid().into()]).await.map_err(fail)? == 1;
        if done {
            self.enqueued();
        }
        Ok(done)
    }
}
