//! Files, jobs, idempotency keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, QueryFilter, QueryResult, Set};
use uuid::Uuid;
use voxpark_domain::ids::{FileId, Id, JobId, ParkId, TenantId, UserId};
use voxpark_domain::platform::{FileState, Held, Job, Progress, Remembered, Store, StoredFile};
use voxpark_domain::{Ctx, Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::entity::stored_file;
use crate::repo::binds::inserts;
use crate::repo::{broken, get};

fn hash(bytes: Vec<u8>) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::internal("a hash in the database is not 32 bytes"))
}

fn to_job(row: &QueryResult) -> Result<Job> {
    let tenant: Uuid = get(row, "tenant_id")?;
    Ok(Job {
        id: JobId::from_uuid(get(row, "job_id")?),
        park: ParkId::from_uuid(get(row, "park_id")?),
        tenant: (!tenant.is_nil()).then(|| TenantId::from_uuid(tenant)),
        kind: get(row, "kind")?,
        payload: get(row, "payload")?,
        attempts: get(row, "attempts")?,
        enqueued_by: get::<Option<Uuid>>(row, "enqueued_by")?.map(UserId::from_uuid),
        cancelled: get::<Option<DateTime<Utc>>>(row, "cancelled_at")?.is_some(),
    })
}

/// What is stored of a job when it is enqueued.
const NEW_JOB: &[&str] =
    &["park_id", "tenant_id", "job_id", "kind", "payload", "state", "attempts", "run_at", "enqueued_at", "enqueued_by"];

/// A job `j` that waits for its time or whose worker has gone; `$1` is now.
const DUE: &str = "((j.state = 'waiting' AND j.run_at <= $1) OR (j.state = 'running' AND j.leased_until < $1))";

impl Tx {
    /// Enqueues work for a park (nil tenant) or a tenant.
    pub(crate) async fn enqueue(
        &self,
        owner: (Uuid, Uuid),
        ctx: &Ctx,
        kind: &'static str,
        payload: serde_json::Value,
    ) -> Result<JobId> {
        let ids = self.enqueue_all(owner, ctx, kind, vec![payload]).await?;
        ids.first().copied().ok_or_else(|| Error::internal("a job without an id"))
    }

    /// The same for several jobs of one kind.
    pub(crate) async fn enqueue_all(
        &self,
        (park, tenant): (Uuid, Uuid),
        ctx: &Ctx,
        kind: &'static str,
        payloads: Vec<serde_json::Value>,
    ) -> Result<Vec<JobId>> {
        let (mut ids, mut rows) = (Vec::with_capacity(payloads.len()), Vec::with_capacity(payloads.len()));
        for payload in payloads {
            let id: JobId = ctx.id();
            rows.push(vec![
                park.into(),
                tenant.into(),
                id.uuid().into(),
                kind.into(),
                payload.into(),
                "waiting".into(),
                0_i64.into(),
                ctx.now().into(),
                ctx.now().into(),
                ctx.actor().user.map(Id::uuid).into(),
            ]);
            ids.push(id);
        }
        for (sql, values) in inserts("job", NEW_JOB, rows) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        self.enqueued();
        Ok(ids)
    }

    /// Changes a job as long as this try of it is the one that runs; `change` binds its values from `$4` on.
    async fn job_set(&self, job: &Job, change: &str, mut values: Vec<sea_orm::Value>) -> Result<u64> {
        let sql = format!(
            "UPDATE job SET {change} WHERE park_id = $1 AND job_id = $2 AND attempts = $3 AND state = 'running'"
        );
        let mut all = vec![job.park.uuid().into(), job.id.uuid().into(), job.attempts.into()];
        all.append(&mut values);
        self.execute(&sql, &[], all).await.map_err(fail)
    }
    fn actor(ctx: &Ctx) -> Uuid {
        ctx.actor().user.map_or(Uuid::nil(), Id::uuid)
    }
}

#[async_trait]
impl Store for Tx {
    async fn file_add(&self, file: &StoredFile) -> Result<()> {
        let row = stored_file::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(self.owner_id()),
            file_id: Set(file.id.uuid()),
            sha256: Set(file.sha256.to_vec()),
            bytes: Set(file.bytes),
            name: Set(file.name.clone()),
            media_type: Set(file.media_type.clone()),
            stored_at: Set(file.stored_at),
            stored_by: Set(file.stored_by.map(Id::uuid)),
            state: Set(file.state.name().to_owned()),
            scanned_at: Set(file.scanned_at),
        };
        self.insert(row).await.map_err(fail)
    }

    async fn file(&self, id: FileId) -> Result<Option<StoredFile>> {
        let row = self
            .select::<stored_file::Entity>()?
            .filter(stored_file::Column::FileId.eq(id.uuid()))
            .one(self.conn())
            .await
            .map_err(fail)?;
        row.map(|r| {
            Ok(StoredFile {
                id,
                sha256: hash(r.sha256)?,
                bytes: r.bytes,
                name: r.name,
                media_type: r.media_type,
                stored_at: r.stored_at,
                stored_by: r.stored_by.map(UserId::from_uuid),
                state: FileState::from_name(&r.state).ok_or_else(|| broken("file state", &r.state))?,
                scanned_at: r.scanned_at,
            })
        })
        .transpose()
    }

    async fn file_checked(&self, id: FileId, state: FileState, at: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE stored_file AS f SET state = $1, scanned_at = $2
             WHERE {f} AND f.file_id = $3 AND f.state = 'waiting'";
        let values = vec![state.name().into(), at.into(), id.uuid().into()];
        let waited = self.execute(sql, &[Slot("f", "stored_file")], values).await.map_err(fail)? == 1;
        // A park has no evidence, and may not even look for any.
        if waited && !self.owner_id().is_nil() {
            let sql = "UPDATE evidence AS e SET file_state = $1 WHERE {e} AND e.file_id = $2";
            let values = vec![state.name().into(), id.uuid().into()];
            self.execute(sql, &[Slot("e", "evidence")], values).await.map_err(fail)?;
        }
        Ok(waited)
    }

    async fn job_enqueue(&self, ctx: &Ctx, kind: &'static str, payload: serde_json::Value) -> Result<JobId> {
        self.enqueue((self.park_id()?, self.owner_id()), ctx, kind, payload).await
    }

    async fn job_due(&self, now: DateTime<Utc>) -> Result<bool> {
        let sql = format!("SELECT 1 AS one FROM job j WHERE {{j}} AND {DUE} LIMIT 1");
        Ok(self.query_one(&sql, &[Slot("j", "job")], vec![now.into()]).await?.is_some())
    }

    async fn job_claim(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<Job>> {
        // Skipping locked rows keeps two workers apart on PostgreSQL; SQLite has one writer at a time anyway.
        let skip = if self.postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE job SET state = 'running', attempts = attempts + 1, leased_until = $2
             WHERE (park_id, tenant_id, job_id) IN (SELECT j.park_id, j.tenant_id, j.job_id FROM job j
              WHERE {{j}} AND {DUE} ORDER BY (SELECT COUNT(*) FROM job r WHERE {{r}} AND r.state = 'running'
               AND r.leased_until >= $1 AND r.park_id = j.park_id AND r.tenant_id = j.tenant_id), j.run_at, j.job_id
              LIMIT 1 {skip})
             RETURNING park_id, tenant_id, job_id, kind, payload, attempts, enqueued_by, cancelled_at"
        );
        let slots = [Slot("j", "job"), Slot("r", "job")];
        let row = self.query_one(&sql, &slots, vec![now.into(), until.into()]).await?;
        row.as_ref().map(to_job).transpose()
    }

    async fn jobs_given_up(&self) -> Result<Vec<(String, i64)>> {
        let sql =
            "SELECT j.kind, COUNT(*) AS n FROM job j WHERE {j} AND j.state = 'failed' GROUP BY j.kind ORDER BY j.kind";
        let rows = self.query(sql, &[Slot("j", "job")], Vec::new()).await?;
        rows.iter().map(|row| Ok((get(row, "kind")?, get(row, "n")?))).collect()
    }

    async fn job_renew(&self, job: &Job, until: DateTime<Utc>) -> Result<Held> {
        let sql = "UPDATE job SET leased_until = $4 WHERE park_id = $1 AND job_id = $2 AND attempts = $3
             AND state = 'running' RETURNING cancelled_at";
        let values = vec![job.park.uuid().into(), job.id.uuid().into(), job.attempts.into(), until.into()];
        let row = self.query_one(sql, &[], values).await?;
        Ok(match row.map(|row| get::<Option<DateTime<Utc>>>(&row, "cancelled_at")).transpose()? {
            None => Held::Lost,
            Some(None) => Held::Yes,
            Some(Some(_)) => Held::Cancelled,
        })
    }

    async fn job_progress(&self, job: &Job, progress: Progress) -> Result<()> {
        let values = vec![progress.done.into(), progress.total.into(), progress.step.into()];
        match self.job_set(job, "done = $4, total = $5, step = $6", values).await? {
            1 => Ok(()),
            _ => Err(Error::internal("another worker has taken over")),
        }
    }

    async fn job_done(&self, job: &Job, now: DateTime<Utc>) -> Result<()> {
        let change = "state = 'done', finished_at = $4, leased_until = NULL";
        self.job_set(job, change, vec![now.into()]).await.map(|_| ())
    }

    async fn job_failed(
        &self,
        job: &Job,
        error: &str,
        now: DateTime<Utc>,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let values = vec![
            if retry_at.is_some() { "waiting" } else { "failed" }.into(),
            error.into(),
            retry_at.unwrap_or(now).into(),
            retry_at.is_none().then_some(now).into(),
        ];
        let change = "state = $4, last_error = $5, run_at = $6, finished_at = $7, leased_until = NULL";
        self.job_set(job, change, values).await.map(|_| ())
    }

    async fn remembered(&self, ctx: &Ctx, operation: &str, key: &str) -> Result<Option<Remembered>> {
        let row = self
            .query_one(
                "SELECT i.request_sha256, i.answer FROM idempotency i WHERE {i} AND i.actor = $1 AND i.operation = $2 AND i.key = $3",
                &[Slot("i", "idempotency")],
                vec![Self::actor(ctx).into(), operation.into(), key.into()],
            )
            .await?;
        row.map(|r| Ok(Remembered { request: hash(get(&r, "request_sha256")?)?, answer: get(&r, "answer")? }))
            .transpose()
    }

    async fn remember(&self, ctx: &Ctx, operation: &str, key: &str, answer: &Remembered) -> Result<()> {
        let sql =
            "INSERT INTO idempotency (park_id, tenant_id, actor, operation, key, request_sha256, answer, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            self.park_id()?.into(),
            self.owner_id().into(),
            Self::actor(ctx).into(),
            operation.into(),
            key.into(),
            answer.request.to_vec().into(),
            answer.answer.clone().into(),
            ctx.now().into(),
        ];
        self.execute(sql, &[], values).await.map_err(fail).map(|_| ())
    }
}
