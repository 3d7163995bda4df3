//! Is the process alive, is it fit to serve.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::sync::Mutex;
use tokio::time::Instant;
use voxpark_infra::db::{Db, audit};

/// How long an answer of `/ready` is good for.
const FRESH: Duration = Duration::from_secs(5);

/// What `/ready` looks at, and what it saw last.
#[derive(Clone, Debug)]
pub(super) struct Health {
    db: Db,
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Health {
    pub(super) fn new(db: Db) -> Self {
        Self { db, last: Arc::default() }
    }
}

/// `GET /health`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /ready`: the database is reached and its walls stand. Anybody may ask, so it is looked up at most every few
/// seconds and says no more than yes or no; the log says why.
pub(super) async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    let mut last = health.last.lock().await;
    let good = match *last {
        Some((at, good)) if at.elapsed() < FRESH => good,
        _ => {
            let good = match audit::audit(&health.db).await {
                Ok(findings) => {
                    for finding in findings.iter().filter(|f| f.is_hole()) {
                        tracing::error!(%finding, "the catalogue audit found a hole");
                    }
                    !findings.iter().any(audit::Finding::is_hole)
                }
                Err(error) => {
                    tracing::error!(%error, "the database cannot be reached");
                    false
                }
            };
            *last = Some((Instant::now(), good));
            good
        }
    };
    if good { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}
