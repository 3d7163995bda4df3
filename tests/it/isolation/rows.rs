//! The database as its owner sees it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, DbBackend, Statement};
use voxpark_domain::ids::{Id, TenantId};
use voxpark_migrations::{Owner, SCHEMA};
use voxpark_tests::Database;

async fn owner(database: &Database) -> DatabaseConnection {
    // SQLite's URL carries options already; the schema is an option of this one connection of PostgreSQL.
    let url = match database {
        Database::Sqlite(db) => db.url().to_owned(),
        Database::Postgres(db) => format!("{}?options=-c%20search_path%3D{SCHEMA}", db.url()),
    };
    Connect::connect(url).await.unwrap()
}

/// A digest of every row of a tenant, by table. Sessions, keys and the audit log grow by being used and are left out.
pub(crate) async fn digest(database: &Database, tenant: TenantId) -> BTreeMap<&'static str, String> {
    let db = owner(database).await;
    let backend = db.get_database_backend();
    let postgres = backend == DbBackend::Postgres;
    let literal = if postgres { format!("'{}'", tenant.uuid()) } else { format!("X'{}'", tenant.uuid().simple()) };
    let mut digests = BTreeMap::new();
    for rule in voxpark_migrations::rules() {
        if !matches!(rule.owner, Owner::Tenant | Owner::Either)
            || matches!(rule.name, "audit_event" | "audit_head" | "idempotency" | "job")
        {
            continue;
        }
        let sql = if postgres {
            format!(
                "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS d FROM {} t WHERE tenant_id = {literal}",
                rule.name
            )
        } else {
            let columns = db
                .query_all_raw(Statement::from_string(
                    backend,
                    format!("SELECT name FROM pragma_table_info('{}')", rule.name),
                ))
                .await
                .unwrap();
            let list: Vec<String> = columns
                .iter()
                .map(|c| format!("coalesce(hex({}), '-')", c.try_get::<String>("", "name").unwrap()))
                .collect();
            let row = list.join(" || ',' || ");
            format!(
                "SELECT coalesce(group_concat(r, '|'), '') AS d FROM (SELECT {row} AS r FROM {} WHERE tenant_id = {literal} ORDER BY 1)",
                rule.name
            )
        };
        let row = db.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        digests.insert(rule.name, row.try_get::<String>("", "d").unwrap());
    }
    db.close().await.unwrap();
    digests
}

/// Text columns of PostgreSQL's catalogue in which no row of a tenant holds a canary or one of its names, as `table.column`. The catalogue of
/// SQLite has one type for texts, dates and JSON; its tables come from the same definitions.
pub(crate) async fn without_canary(database: &Database, tenant: TenantId) -> Vec<String> {
    let db = owner(database).await;
    let backend = db.get_database_backend();
    let mut silent = Vec::new();
    for rule in voxpark_migrations::rules().filter(|rule| matches!(rule.owner, Owner::Tenant | Owner::Either)) {
        let sql = format!(
            "SELECT column_name FROM information_schema.columns
             WHERE table_schema = '{SCHEMA}' AND table_name = '{}' AND data_type = 'text'",
            rule.name
        );
        for row in db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
            let column: String = row.try_get("", "column_name").unwrap();
            let sql = format!(
                "SELECT 1 AS one FROM {} WHERE tenant_id = '{}' AND ({column} LIKE '%canary%' OR {column} LIKE 'a1 %') LIMIT 1",
                rule.name,
                tenant.uuid()
            );
            if db.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().is_none() {
                silent.push(format!("{}.{column}", rule.name));
            }
        }
    }
    db.close().await.unwrap();
    silent
}

/// Switches row-level security off in the whole schema.
pub(crate) async fn disable_row_level_security(database: &Database) {
    let db = owner(database).await;
    for rule in voxpark_migrations::rules() {
        db.execute_unprepared(&format!(
            "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
            rule.name
        ))
        .await
        .unwrap();
    }
    db.close().await.unwrap();
}
