//! The lines of an audit log from before there were chains, taken over into them: by the owner of the database, once,
//! right after the migration that put them aside. They are trusted as they stand; from then on they are guarded.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, TransactionTrait as _};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::audit::{Event, Owner, Place, START};
use voxpark_domain::ids::{AuditId, Id, UserId};

use super::error::fail;
use crate::repo::audit::{COLUMNS, PLACES, values};
use crate::repo::get;
use crate::secrets::Keys;

/// Lines read together.
const CHUNK: u64 = 1_000;

/// Takes them over, if there are any to take over.
///
/// # Errors
/// An internal error when the database refuses; then nothing was done.
#[expect(clippy::disallowed_methods, reason = "the owner's own transaction, outside every scope")]
pub(super) async fn adopt(db: &DatabaseConnection, keys: &Keys) -> Result<()> {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let there = if postgres {
        "SELECT 1 AS one FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'audit_event_before'"
    } else {
        "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'audit_event_before'"
    };
    if rows(db, there.to_owned(), Vec::new()).await?.is_empty() {
        return Ok(());
    }
    let txn = db.begin().await.map_err(fail)?;
    let walls = |open: bool| match (postgres, open) {
        // Forced row-level security binds the owner too.
        (true, true) => {
            "ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY; ALTER TABLE audit_head NO FORCE ROW LEVEL SECURITY"
        }
        (true, false) => {
            "ALTER TABLE audit_event FORCE ROW LEVEL SECURITY; ALTER TABLE audit_head FORCE ROW LEVEL SECURITY"
        }
        (false, true) => "UPDATE write_scope SET class = 'system'",
        (false, false) => "UPDATE write_scope SET class = NULL",
    };
    txn.execute_unprepared(walls(true)).await.map_err(fail)?;
    let mut last: Option<Event> = None;
    loop {
        let (park, tenant) = last.as_ref().map_or((Uuid::nil(), Uuid::nil()), |e| e.place.owner.key());
        let id = last.as_ref().map_or(Uuid::nil(), |e| e.id.uuid());
        let detail = if postgres { "b.detail::text" } else { "b.detail" };
        let sql = format!(
            "SELECT b.park_id, b.tenant_id, b.audit_id, b.at, b.actor, b.role, b.action, b.subject, {detail} AS detail, b.request
             FROM audit_event_before b WHERE (b.park_id, b.tenant_id, b.audit_id) > ($1, $2, $3)
             ORDER BY b.park_id, b.tenant_id, b.audit_id LIMIT {CHUNK}"
        );
        let found = rows(&txn, sql, vec![park.into(), tenant.into(), id.into()]).await?;
        for row in &found {
            let event = next(row, last.as_ref(), keys)?;
            if let Some(before) = last.as_ref().filter(|e| e.place.owner != event.place.owner) {
                head(&txn, before).await?;
            }
            let sql = format!("INSERT INTO audit_event ({COLUMNS}) VALUES ({PLACES})");
            execute(&txn, sql, values(&event)).await?;
            last = Some(event);
        }
        if found.is_empty() {
            break;
        }
    }
    if let Some(event) = &last {
        head(&txn, event).await?;
    }
    txn.execute_unprepared(walls(false)).await.map_err(fail)?;
    txn.execute_unprepared("DROP TABLE audit_event_before").await.map_err(fail)?;
    txn.commit().await.map_err(fail)
}

/// A line as the event that follows the one before it, where that is of the same owner.
fn next(row: &QueryResult, before: Option<&Event>, keys: &Keys) -> Result<Event> {
    let owner = Owner::of_key(get(row, "park_id")?, get(row, "tenant_id")?);
    let before = before.filter(|e| e.place.owner == owner);
    let actor: Option<Uuid> = get(row, "actor")?;
    let mut event = Event {
        id: AuditId::from_uuid(get(row, "audit_id")?),
        place: Place { owner, lane: 0, seq: before.map_or(1, |e| e.place.seq + 1) },
        at: get(row, "at")?,
        actor: actor.map(UserId::from_uuid),
        behalf: None,
        role: get(row, "role")?,
        grants: String::new(),
        action: get(row, "action")?,
        subject: get(row, "subject")?,
        detail: get(row, "detail")?,
        changes: "{}".to_owned(),
        times: 1,
        request: get(row, "request")?,
        prev: before.map_or(START, |e| e.hash),
        hash: START,
        mac: START,
    };
    event.hash = event.hashed();
    event.mac = keys.event_mac(&event.hash);
    Ok(event)
}

async fn head(db: &impl ConnectionTrait, last: &Event) -> Result<()> {
    let (park, tenant) = last.place.owner.key();
    let sql = "INSERT INTO audit_head (park_id, tenant_id, lane, seq, hash) VALUES ($1, $2, 0, $3, $4)".to_owned();
    execute(db, sql, vec![park.into(), tenant.into(), last.place.seq.into(), last.hash.to_vec().into()]).await
}

async fn rows(db: &impl ConnectionTrait, sql: String, values: Vec<sea_orm::Value>) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await.map_err(fail)
}

async fn execute(db: &impl ConnectionTrait, sql: String, values: Vec<sea_orm::Value>) -> Result<()> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map_err(fail).map(|_| ())
}
