//! The audit log becomes chains: lanes, hashes, heads, seals; who stood behind an act, what it changed.
//!
//! The lines written before are put aside in `audit_event_before`. `migrate up` takes them over right afterwards, in
//! their order, with their ids, into lane 0 of their owner, because a migration knows neither the form that is hashed
//! nor the key; until that is done the table without a rule keeps the service from starting.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;
use crate::rule::{Access, TableRule};
use crate::secure::secure;

pub(crate) const TABLES: &[TableRule] = &[
    // What an assessor does is on the record of the tenant it was done to; of that record it sees its own acts.
    TableRule::either("audit_event").for_assessor(Access::AppendOwn("actor")).append_only(),
    TableRule::either("audit_head")
        .for_tenant(Access::Advance(MOVES))
        .for_park(Access::Advance(MOVES))
        .for_assessor(Access::Advance(MOVES))
        .for_system(Access::Advance(MOVES)),
    TableRule::park("audit_seal").for_park(Access::None).append_only(),
    TableRule::park("audit_sealed").for_park(Access::None).append_only(),
];

/// What moves of a head.
const MOVES: &[&str] = &["seq", "hash"];

/// The log as it was.
const BEFORE: TableRule = TableRule::either("audit_event").for_assessor(Access::Add).append_only();

/// Out of the way, with a key whose name is free again.
const ASIDE_POSTGRES: &[&str] = &[
    "ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE audit_event RENAME TO audit_event_before",
    "ALTER TABLE audit_event_before RENAME CONSTRAINT audit_event_pkey TO audit_event_before_pkey",
];
const ASIDE_SQLITE: &[&str] = &[
    "DROP TRIGGER audit_event_scope_insert",
    "DROP TRIGGER audit_event_scope_update",
    "DROP TRIGGER audit_event_scope_delete",
    "ALTER TABLE audit_event RENAME TO audit_event_before",
];

const UP: &[&str] = &[
    // Owners are a tenant, a park (nil tenant) or the installation (nil park). What was written is text to the letter,
    // because its letters are hashed.
    "CREATE TABLE audit_event (
 {owned},
 audit_id {uuid} NOT NULL,
 lane {int} NOT NULL,
 seq {int} NOT NULL,
 at {instant} NOT NULL,
 actor {uuid},
 behalf {uuid},
 role {text} NOT NULL,
 grants {text} NOT NULL,
 action {text} NOT NULL,
 subject {text} NOT NULL,
 detail {text} NOT NULL,
 changes {text} NOT NULL,
 times {int} NOT NULL,
 request {text} NOT NULL,
 prev {bytes} NOT NULL,
 hash {bytes} NOT NULL,
 mac {bytes} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, audit_id),
 CONSTRAINT audit_event_place UNIQUE (park_id, tenant_id, lane, seq)
{end}",
    // One row a lane: whoever appends locks it. It moves one event at a time.
    "CREATE TABLE audit_head (
 {owned},
 lane {int} NOT NULL,
 seq {int} NOT NULL,
 hash {bytes} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, lane)
{end}",
    "CREATE TABLE audit_seal (
 {park},
 number {int} NOT NULL,
 at {instant} NOT NULL,
 prev {bytes} NOT NULL,
 hash {bytes} NOT NULL,
 key {bytes} NOT NULL,
 signature {bytes} NOT NULL,
 PRIMARY KEY (park_id, number)
{end}",
    // The heads that a seal signed: those that moved since the one before.
    "CREATE TABLE audit_sealed (
 {park},
 number {int} NOT NULL,
 of_tenant_id {uuid} NOT NULL,
 lane {int} NOT NULL,
 seq {int} NOT NULL,
 hash {bytes} NOT NULL,
 PRIMARY KEY (park_id, number, of_tenant_id, lane),
 FOREIGN KEY (park_id, number) REFERENCES audit_seal (park_id, number)
{end}",
    "CREATE INDEX audit_sealed_lane ON audit_sealed (park_id, of_tenant_id, lane, seq)",
];

/// Heads move, to the next event, and nothing else of them changes.
const FORWARD_POSTGRES: &[&str] = &[
    "CREATE FUNCTION audit_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
 RAISE EXCEPTION 'audit_head_forward' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_head_forward'; END $$",
    "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW
 WHEN (NEW.seq <> OLD.seq + 1 OR NEW.park_id <> OLD.park_id OR NEW.tenant_id <> OLD.tenant_id OR NEW.lane <> OLD.lane)
 EXECUTE FUNCTION audit_head_forward()",
];
const FORWARD_SQLITE: &[&str] = &[FORWARD];
/// In the form in which SQLite keeps it.
pub(crate) const FORWARD: &str = "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
 WHEN NEW.seq <> OLD.seq + 1 OR NEW.park_id <> OLD.park_id OR NEW.tenant_id <> OLD.tenant_id OR NEW.lane <> OLD.lane
 BEGIN SELECT RAISE(ABORT, 'audit_head_forward'); END";

/// The table as it was, and what is in the log now.
const DOWN: &[&str] = &[
    "CREATE TABLE audit_event (
 {owned},
 audit_id {uuid} NOT NULL,
 at {instant} NOT NULL,
 actor {uuid},
 role {text} NOT NULL,
 action {text} NOT NULL,
 subject {text} NOT NULL,
 detail {json} NOT NULL,
 request {text} NOT NULL,
 PRIMARY KEY (park_id, tenant_id, audit_id),
 FOREIGN KEY (park_id) REFERENCES park (park_id)
{end}",
    // The installation's own lines have no place in it.
    "INSERT INTO audit_event (park_id, tenant_id, audit_id, at, actor, role, action, subject, detail, request)
 SELECT b.park_id, b.tenant_id, b.audit_id, b.at, coalesce(b.actor, b.behalf), b.role, b.action, b.subject, {as_json}, b.request
 FROM audit_event_before b WHERE EXISTS (SELECT 1 FROM park p WHERE p.park_id = b.park_id)",
    "DROP TABLE audit_event_before",
];

fn worded(backend: DbBackend, sql: &str) -> String {
    let postgres = backend == DbBackend::Postgres;
    sql.replace("{as_json}", if postgres { "b.detail::jsonb" } else { "b.detail" })
}

async fn aside(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    ddl::run_on(manager, DbBackend::Postgres, ASIDE_POSTGRES).await?;
    ddl::run_on(manager, DbBackend::Sqlite, ASIDE_SQLITE).await
}

async fn all(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for sql in statements {
        ddl::run(manager, &[&worded(manager.get_database_backend(), sql)]).await?;
    }
    Ok(())
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        aside(manager).await?;
        all(manager, UP).await?;
        ddl::run_on(manager, DbBackend::Postgres, FORWARD_POSTGRES).await?;
        ddl::run_on(manager, DbBackend::Sqlite, FORWARD_SQLITE).await?;
        secure(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        all(manager, &["DROP TABLE audit_sealed", "DROP TABLE audit_seal", "DROP TABLE audit_head"]).await?;
        ddl::run_on(manager, DbBackend::Postgres, &["DROP FUNCTION audit_head_forward()"]).await?;
        aside(manager).await?;
        // The park has forced row-level security of its own, which the look for it must get past.
        let park = |word: &str| format!("ALTER TABLE park {word} ROW LEVEL SECURITY");
        ddl::run_on(manager, DbBackend::Postgres, &[&park("NO FORCE")]).await?;
        all(manager, DOWN).await?;
        ddl::run_on(manager, DbBackend::Postgres, &[&park("FORCE")]).await?;
        secure(manager, &[BEFORE]).await
    }
}
