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
            || matches!(rule.name, "audit_event" | "idempotency" | "job")
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
