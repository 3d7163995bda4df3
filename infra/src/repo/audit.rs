//! The audit log: appending to a lane, reading.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, TryGetable, Value};
use uuid::Uuid;
use voxpark_domain::audit::{AuditEntry, AuditFilter, Event, Head, Owner, Place, START, Store};
use voxpark_domain::bounds::Bounds;
use voxpark_domain::ids::{AuditId, Id, UserId};
use voxpark_domain::page::{Page, PageRequest, cursor_invalid};
use voxpark_domain::permission::Role;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_migrations::Class;

use crate::db::{Slot, Tx, fail};
use crate::repo::binds::Binds;
use crate::repo::get;

/// Lanes of one owner on PostgreSQL: so many changes of one tenant or park can be under way without one waiting for
/// another. SQLite has one writer.
const LANES: i64 = 8;

/// The columns of an event, in the order in which they are written.
pub(crate) const COLUMNS: &str = "park_id, tenant_id, audit_id, lane, seq, at, actor, behalf, role, grants, action, subject, detail, changes, times, request, prev, hash, mac";
/// Their places in a statement.
pub(crate) const PLACES: &str = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19";

/// The columns of an event `e`.
pub(crate) fn columns() -> String {
    COLUMNS.split(", ").map(|column| format!("e.{column}")).collect::<Vec<_>>().join(", ")
}

/// The values of an event, in the order of [`COLUMNS`].
pub(crate) fn values(event: &Event) -> Vec<Value> {
    let (park, tenant) = event.place.owner.key();
    vec![
        park.into(),
        tenant.into(),
        event.id.uuid().into(),
        event.place.lane.into(),
        event.place.seq.into(),
        event.at.into(),
        event.actor.map(Id::uuid).into(),
        event.behalf.map(Id::uuid).into(),
        event.role.as_str().into(),
        event.grants.as_str().into(),
        event.action.as_str().into(),
        event.subject.as_str().into(),
        event.detail.as_str().into(),
        event.changes.as_str().into(),
        event.times.into(),
        event.request.as_str().into(),
        event.prev.to_vec().into(),
        event.hash.to_vec().into(),
        event.mac.to_vec().into(),
    ]
}

/// A column of whatever is there: what does not read as it should was not written by us, and its hash will tell.
fn kept<T: TryGetable + Default>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap_or_default()
}

/// A hash of whatever length is there.
pub(crate) fn hash<const N: usize>(row: &QueryResult, column: &str) -> [u8; N] {
    kept::<Vec<u8>>(row, column).try_into().unwrap_or([0; N])
}

/// An event as it is in the database, whether or not that is how it was written.
pub(crate) fn event(row: &QueryResult) -> Event {
    let user = |column| kept::<Option<Uuid>>(row, column).map(UserId::from_uuid);
    Event {
        id: AuditId::from_uuid(kept(row, "audit_id")),
        place: Place {
            owner: Owner::of_key(kept(row, "park_id"), kept(row, "tenant_id")),
            lane: kept(row, "lane"),
            seq: kept(row, "seq"),
        },
        at: row.try_get::<DateTime<Utc>>("", "at").unwrap_or_default(),
        actor: user("actor"),
        behalf: user("behalf"),
        role: kept(row, "role"),
        grants: kept(row, "grants"),
        action: kept(row, "action"),
        subject: kept(row, "subject"),
        detail: kept(row, "detail"),
        changes: kept(row, "changes"),
        times: kept(row, "times"),
        request: kept(row, "request"),
        prev: hash(row, "prev"),
        hash: hash(row, "hash"),
        mac: hash(row, "mac"),
    }
}

/// A head as it is in the database.
pub(crate) fn head(owner: Owner, row: &QueryResult) -> Head {
    Head { owner, lane: kept(row, "lane"), seq: kept(row, "seq"), hash: hash(row, "hash") }
}

impl Tx {
    /// Takes a lane of an owner until the end of the transaction: any that is free, or waits for one.
    async fn lane(&self, owner: Owner, turn: u8) -> Result<Head> {
        let (park, tenant) = owner.key();
        let lock = if self.postgres() { "FOR UPDATE" } else { "" };
        let skip = if self.postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        let slot = &[Slot("h", "audit_head")];
        let all = "SELECT h.lane, h.seq, h.hash FROM audit_head h WHERE {h} AND h.park_id = $1 AND h.tenant_id = $2";
        let free = self.query_one(&format!("{all} LIMIT 1 {skip}"), slot, vec![park.into(), tenant.into()]).await?;
        if let Some(row) = free {
            return Ok(head(owner, &row));
        }
        let one = format!("{all} AND h.lane = $3 {lock}");
        let number = i64::from(turn) % self.lanes();
        let taken = self.query_one(&one, slot, vec![park.into(), tenant.into(), number.into()]).await?;
        if let Some(row) = taken {
            return Ok(head(owner, &row));
        }
        // The first event of this owner. Whoever comes second waits here for the first one's end.
        let start = |lane: i64| format!("($1, $2, {lane}, 0, $3)");
        let rows: Vec<String> = (0..self.lanes()).map(start).collect();
        let sql = format!(
            "INSERT INTO audit_head (park_id, tenant_id, lane, seq, hash) VALUES {} ON CONFLICT DO NOTHING",
            rows.join(", ")
        );
        self.execute(&sql, &[], vec![park.into(), tenant.into(), START.to_vec().into()]).await.map_err(fail)?;
        let free = self.query_one(&format!("{all} LIMIT 1 {skip}"), slot, vec![park.into(), tenant.into()]).await?;
        let made = match free {
            Some(row) => Some(row),
            None => self.query_one(&one, slot, vec![park.into(), tenant.into(), number.into()]).await?,
        };
        made.map(|row| head(owner, &row)).ok_or_else(|| Error::internal("a lane of the audit log is out of reach"))
    }

    fn lanes(&self) -> i64 {
        if self.postgres() { LANES } else { 1 }
    }

    /// What of personal data is kept: a hash keyed for its owner.
    fn personal(&self, owner: Owner) -> impl Fn(&str) -> String {
        let (park, tenant) = owner.key();
        let keyed = self.keys().pseudonyms(park, tenant);
        move |text| hex::encode(keyed.of("audit", text.trim().to_lowercase()))
    }
}

#[async_trait]
impl Store for Tx {
    async fn audit(&self, ctx: &Ctx, entry: &AuditEntry) -> Result<()> {
        let owner = entry.owner(ctx)?;
        let id: AuditId = ctx.id();
        let [.., turn] = id.uuid().into_bytes();
        let before = self.lane(owner, turn).await?;
        let actor = ctx.actor();
        let own_work = actor.role == Role::System;
        let detail = if entry.detail.is_null() { "{}".to_owned() } else { entry.detail.to_string() };
        let mut event = Event {
            id,
            place: Place { owner, lane: before.lane, seq: before.seq + 1 },
            at: ctx.now(),
            actor: actor.user.filter(|_| !own_work),
            behalf: actor.user.filter(|_| own_work),
            role: actor.role.name().to_owned(),
            grants: under(ctx),
            action: entry.action.to_owned(),
            subject: entry.subject.clone(),
            detail,
            changes: entry.changes.written(&self.personal(owner)).to_string(),
            times: entry.times,
            request: ctx.request().to_owned(),
            prev: before.hash,
            hash: START,
            mac: START,
        };
        event.hash = event.hashed();
        event.mac = self.keys().event_mac(&event.hash);
        let (park, tenant) = owner.key();
        let insert = format!("INSERT INTO audit_event ({COLUMNS}) VALUES ({PLACES})");
        let moved = if self.postgres() {
            // One round trip for both.
            let sql = format!(
                "WITH e AS ({insert}) UPDATE audit_head SET seq = $5, hash = $18
                 WHERE park_id = $1 AND tenant_id = $2 AND lane = $4 AND seq = $5 - 1"
            );
            self.execute(&sql, &[], values(&event)).await
        } else {
            self.execute(&insert, &[], values(&event)).await.map_err(fail)?;
            let sql = "UPDATE audit_head SET seq = $4, hash = $5 WHERE park_id = $1 AND tenant_id = $2 AND lane = $3";
            let values = vec![
                park.into(),
                tenant.into(),
                event.place.lane.into(),
                event.place.seq.into(),
                event.hash.to_vec().into(),
            ];
            self.execute(sql, &[], values).await
        };
        match moved.map_err(fail)? {
            1 => Ok(()),
            _ => Err(Error::internal("the head of an audit lane did not move")),
        }
    }

    async fn audit_events(&self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<Arc<Event>>> {
        let mut binds = Binds::default();
        let mut wanted = conditions(filter, &mut binds);
        if let Some(after) = &page.after {
            let Ok(after) = after.parse::<AuditId>() else {
                return Err(cursor_invalid().into());
            };
            wanted = format!("{wanted} AND e.audit_id < {}", binds.one(after.uuid()));
        }
        let sql = format!(
            "SELECT {} FROM audit_event e WHERE {{e}}{wanted} ORDER BY e.audit_id DESC LIMIT {}",
            columns(),
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &[Slot("e", "audit_event")], binds.into_values()).await?;
        let rows = rows.iter().map(|row| {
            let event = event(row);
            (event.id.to_string(), Arc::new(event))
        });
        Ok(Page::from_rows(page, rows.collect()))
    }

    async fn audit_events_count(&self, filter: &AuditFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let wanted = conditions(filter, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM audit_event e WHERE {{e}}{wanted}");
        let row = self.query_one(&sql, &[Slot("e", "audit_event")], binds.into_values()).await?;
        row.map_or(Ok(0), |r| get(&r, "n"))
    }

    async fn audit_events_by_id(&self, ids: &[AuditId]) -> Result<Vec<Arc<Event>>> {
        let mut binds = Binds::default();
        let ids = binds.ids(ids);
        let sql = format!("SELECT {} FROM audit_event e WHERE {{e}} AND e.audit_id IN {ids}", columns());
        let rows = self.query(&sql, &[Slot("e", "audit_event")], binds.into_values()).await?;
        Ok(rows.iter().map(|row| Arc::new(event(row))).collect())
    }

    async fn audit_names(&self, users: &[UserId]) -> Result<Vec<(UserId, String)>> {
        let mut binds = Binds::default();
        let users = binds.ids(users);
        let (sql, slots): (String, &[Slot]) = match self.class() {
            Class::Park => (
                format!(
                    "SELECT m.user_id, m.display_name FROM park_member m WHERE {{m}} AND m.user_id IN {users}
                     UNION SELECT g.user_id, g.display_name FROM access_grant g WHERE {{g}} AND g.user_id IN {users}
                     UNION SELECT a.account_id, a.name FROM service_account a WHERE {{a}} AND a.account_id IN {users}
                     UNION SELECT y.operator_id, y.operator_name FROM emergency y WHERE {{y}} AND y.operator_id IN {users}"
                ),
                &[
                    Slot("m", "park_member"),
                    Slot("g", "access_grant"),
                    Slot("a", "service_account"),
                    Slot("y", "emergency"),
                ],
            ),
            Class::Tenant => (
                format!(
                    "SELECT m.user_id, m.display_name FROM tenant_member m WHERE {{m}} AND m.user_id IN {users}
                     UNION SELECT a.account_id, a.name FROM service_account a WHERE {{a}} AND a.account_id IN {users}
                     UNION SELECT y.operator_id, y.operator_name FROM emergency y WHERE {{y}} AND y.operator_id IN {users}"
                ),
                &[Slot("m", "tenant_member"), Slot("a", "service_account"), Slot("y", "emergency")],
            ),
            // Assessors see their own acts alone; the installation needs no names.
            Class::Assessor | Class::System => return Ok(Vec::new()),
        };
        let rows = self.query(&sql, slots, binds.into_values()).await?;
        rows.iter().map(|row| Ok((UserId::from_uuid(get(row, "user_id")?), get(row, "display_name")?))).collect()
    }
}

/// What it was done under: the ids of grants, or of an emergency.
fn under(ctx: &Ctx) -> String {
    let emergency = match ctx.bounds() {
        Bounds::Emergency { id, .. } => Some(id.to_string()),
        _ => None,
    };
    let grants = ctx.actor().grants.iter().map(ToString::to_string);
    grants.chain(emergency).collect::<Vec<_>>().join(" ")
}

fn conditions(filter: &AuditFilter, binds: &mut Binds) -> String {
    let mut sql = String::new();
    let mut and = |condition: String| {
        sql.push_str(" AND ");
        sql.push_str(&condition);
    };
    if let Some(action) = &filter.action {
        match action.strip_suffix('.') {
            // A point sorts before every letter, and a slash is the sign behind it.
            Some(context) => and(format!(
                "e.action >= {} AND e.action < {}",
                binds.one(action.as_str()),
                binds.one(format!("{context}/"))
            )),
            None => and(format!("e.action = {}", binds.one(action.as_str()))),
        }
    }
    if let Some(actor) = filter.actor {
        let actor = binds.one(actor.uuid());
        and(format!("(e.actor = {actor} OR e.behalf = {actor})"));
    }
    if let Some(subject) = &filter.subject {
        and(format!("e.subject = {}", binds.one(subject.as_str())));
    }
    if let Some(from) = filter.from {
        and(format!("e.at >= {}", binds.one(from)));
    }
    if let Some(to) = filter.to {
        and(format!("e.at < {}", binds.one(to)));
    }
    sql
}

#[cfg(feature = "test-support")]
impl Tx {
    /// The same row without a chain, for the benchmark that tells what the chain costs.
    ///
    /// # Errors
    /// An internal error when the database refuses.
    pub async fn audit_unchained(&self, ctx: &Ctx, entry: &AuditEntry) -> Result<()> {
        let id: AuditId = ctx.id();
        // A number that nobody else has, where there is no lane.
        let seq = i64::try_from(id.uuid().as_u128() & 0x3fff_ffff_ffff_ffff).unwrap_or(i64::MAX);
        let event = Event {
            id,
            place: Place { owner: entry.owner(ctx)?, lane: -1, seq },
            at: ctx.now(),
            actor: ctx.actor().user,
            behalf: None,
            role: ctx.role().name().to_owned(),
            grants: String::new(),
            action: entry.action.to_owned(),
            subject: entry.subject.clone(),
            detail: "{}".to_owned(),
            changes: "{}".to_owned(),
            times: 1,
            request: ctx.request().to_owned(),
            prev: START,
            hash: START,
            mac: START,
        };
        let insert = format!("INSERT INTO audit_event ({COLUMNS}) VALUES ({PLACES})");
        self.execute(&insert, &[], values(&event)).await.map_err(fail).map(|_| ())
    }
}
