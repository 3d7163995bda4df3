//! Schedules of parks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::QueryResult;
use uuid::Uuid;
use voxpark_domain::ids::{Id as _, JobId, ParkId, ScheduleId};
use voxpark_domain::jobs::{REGULAR, Schedule, Schedules, Timing};
use voxpark_domain::{Ctx, Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::repo::{broken, get};

const SCHEDULE: &[Slot] = &[Slot("s", "schedule")];
const COLUMNS: &str = "s.park_id, s.schedule_id, s.kind, s.timing, s.enabled, s.next_at, s.begun_at, s.job_id";

fn to_schedule(row: &QueryResult) -> Result<Schedule> {
    let timing: String = get(row, "timing")?;
    let timing = timing.parse().map_err(|_| broken("timing", &timing))?;
    Ok(Schedule {
        id: ScheduleId::from_uuid(get(row, "schedule_id")?),
        park: ParkId::from_uuid(get(row, "park_id")?),
        kind: get(row, "kind")?,
        timing,
        enabled: get::<String>(row, "enabled")? == "on",
        next_at: get(row, "next_at")?,
        begun_at: get(row, "begun_at")?,
        job: get::<Option<Uuid>>(row, "job_id")?.map(JobId::from_uuid),
    })
}

fn zone(row: &QueryResult) -> Result<Tz> {
    let name: String = get(row, "time_zone")?;
    name.parse().map_err(|_| broken("time zone", &name))
}

#[async_trait]
impl Schedules for Tx {
    async fn schedules(&self) -> Result<Vec<Schedule>> {
        let sql = format!("SELECT {COLUMNS} FROM schedule s WHERE {{s}} ORDER BY s.kind");
        self.query(&sql, SCHEDULE, Vec::new()).await?.iter().map(to_schedule).collect()
    }

    async fn schedule_set(&self, schedule: &Schedule) -> Result<()> {
        let sql = "UPDATE schedule AS s SET timing = $1, enabled = $2, next_at = $3 WHERE {s} AND s.schedule_id = $4";
        let values = vec![
            schedule.timing.to_string().into(),
            if schedule.enabled { "on" } else { "off" }.into(),
            schedule.next_at.into(),
            schedule.id.uuid().into(),
        ];
        self.execute(sql, SCHEDULE, values).await.map_err(fail).map(|_| ())
    }

    async fn schedules_ensure(&self, ctx: &Ctx) -> Result<()> {
        for regular in REGULAR {
            let timing: Timing = regular.timing.parse()?;
            let sql = "SELECT p.park_id, p.time_zone FROM park p WHERE {p} AND NOT EXISTS
                 (SELECT 1 FROM schedule s WHERE {s} AND s.park_id = p.park_id AND s.kind = $1)";
            let slots = [Slot("p", "park"), Slot("s", "schedule")];
            for row in self.query(sql, &slots, vec![regular.kind.into()]).await? {
                let next = timing.next(ctx.now(), zone(&row)?).ok_or_else(|| Error::internal("no occurrence"))?;
                // Another process may be at it too.
                let sql = "INSERT INTO schedule (park_id, schedule_id, kind, timing, enabled, next_at)
                     VALUES ($1, $2, $3, $4, 'on', $5) ON CONFLICT (park_id, kind) DO NOTHING";
                let values = vec![
                    get::<Uuid>(&row, "park_id")?.into(),
                    ctx.id::<ScheduleId>().uuid().into(),
                    regular.kind.into(),
                    timing.to_string().into(),
                    next.into(),
                ];
                self.execute(sql, &[], values).await.map_err(fail)?;
            }
        }
        Ok(())
    }

    async fn schedules_due(&self, now: DateTime<Utc>) -> Result<Vec<(Schedule, Tz)>> {
        let sql = format!(
            "SELECT {COLUMNS}, p.time_zone FROM schedule s JOIN park p ON p.park_id = s.park_id
             WHERE {{s}} AND {{p}} AND s.enabled = 'on' AND s.next_at <= $1 ORDER BY s.next_at, s.schedule_id"
        );
        let rows = self.query(&sql, &[Slot("s", "schedule"), Slot("p", "park")], vec![now.into()]).await?;
        rows.iter().map(|row| Ok((to_schedule(row)?, zone(row)?))).collect()
    }

    async fn schedule_move(&self, due: &Schedule, next: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
        // Whoever comes second finds another next occurrence than the one that was due.
        let sql = "UPDATE schedule AS s SET next_at = $1, begun_at = $2 WHERE {s} AND s.park_id = $3
             AND s.schedule_id = $4 AND s.next_at = $5 AND s.enabled = 'on'";
        let values = vec![next.into(), now.into(), due.park.uuid().into(), due.id.uuid().into(), due.next_at.into()];
        Ok(self.execute(sql, SCHEDULE, values).await.map_err(fail)? == 1)
    }

    async fn schedule_begin(&self, ctx: &Ctx, due: &Schedule, now: DateTime<Utc>) -> Result<()> {
        let owner = (due.park.uuid(), Uuid::nil());
        if let Some(job) = due.job {
            let sql =
                "UPDATE job SET state = 'waiting', attempts = 0, run_at = $1, enqueued_at = $1, finished_at = NULL,
                 last_error = NULL, cancelled_at = NULL, leased_until = NULL, done = NULL, total = NULL, step = NULL
                 WHERE park_id = $2 AND tenant_id = $3 AND job_id = $4 AND state IN ('done', 'failed')";
            let values = vec![now.into(), owner.0.into(), owner.1.into(), job.uuid().into()];
            if self.execute(sql, &[], values).await.map_err(fail)? == 1 {
                self.enqueued();
            }
            return Ok(());
        }
        let kind = REGULAR.iter().find(|r| r.kind == due.kind).map(|r| r.kind);
        let kind = kind.ok_or_else(|| Error::internal(format!("nothing here does {}", due.kind)))?;
        let job = self.enqueue(owner, ctx, kind, serde_json::json!({})).await?;
        let sql = "UPDATE schedule AS s SET job_id = $1 WHERE {s} AND s.park_id = $2 AND s.schedule_id = $3";
        let values = vec![job.uuid().into(), owner.0.into(), due.id.uuid().into()];
        self.execute(sql, SCHEDULE, values).await.map_err(fail).map(|_| ())
    }

    async fn done_since(&self, kind: &str, since: DateTime<Utc>) -> Result<bool> {
        let sql =
            "SELECT 1 AS one FROM job j WHERE {j} AND j.kind = $1 AND j.state = 'done' AND j.finished_at >= $2 LIMIT 1";
        Ok(self.query_one(sql, &[Slot("j", "job")], vec![kind.into(), since.into()]).await?.is_some())
    }
}
