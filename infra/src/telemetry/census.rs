//! Where background jobs stand, looked up when figures are asked for.

use chrono::{DateTime, Utc};
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};

use super::metrics::Census;
use crate::db::{Db, Slot};
use crate::repo::get;

/// Counts the jobs of all owners by kind.
///
/// # Errors
/// An internal error when the database cannot be asked.
pub async fn census(db: &Db, env: &Env) -> Result<Vec<Census>> {
    let tx = db.transaction(&Ctx::system(SystemReason::Diagnosis, env.clone()), Mode::Read).await?;
    let sql = "SELECT j.kind, SUM(CASE WHEN j.state = 'failed' THEN 0 ELSE 1 END) AS waiting,
             SUM(CASE WHEN j.state = 'failed' THEN 1 ELSE 0 END) AS given_up,
             MIN(CASE WHEN j.state = 'failed' THEN NULL ELSE j.run_at END) AS due
             FROM job j WHERE {j} AND j.state <> 'done' GROUP BY j.kind";
    let rows = tx.query(sql, &[Slot("j", "job")], Vec::new()).await?;
    let now = env.now();
    rows.iter()
        .map(|row| {
            let due: Option<DateTime<Utc>> = get(row, "due")?;
            let late = due.map_or(0, |due| (now - due).num_milliseconds().max(0));
            Ok(Census {
                kind: get(row, "kind")?,
                waiting: get(row, "waiting")?,
                oldest: std::time::Duration::from_millis(late.unsigned_abs()).as_secs_f64(),
                given_up: get(row, "given_up")?,
            })
        })
        .collect()
}
