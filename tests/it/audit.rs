//! The catalogue audit finds every hole that is planted, one at a time, and none in a database as it is made.

use sea_orm::{ConnectionTrait as _, Database as Orm};
use voxpark_infra::db::audit::{Finding, audit, pending};
use voxpark_infra::db::{Db, DbOptions, bootstrap, migrate_down, migrate_up};
use voxpark_tests::app::{database, keys, options};
use voxpark_tests::{Backend, Database, on_both};

async fn findings(database: &Database) -> Vec<String> {
    let db = Db::open(&options(database), keys()).await.unwrap();
    let found = audit(&db).await.unwrap();
    db.close().await;
    found.iter().filter(|f| f.is_hole()).map(Finding::to_string).collect()
}

/// Plants a hole in a database of its own and expects a finding that says so.
async fn plant(backend: Backend, sql: &str, wanted: &str) {
    let database = database(backend).await;
    let owner = Orm::connect(database.url()).await.unwrap();
    owner.execute_unprepared(sql).await.unwrap();
    owner.close().await.unwrap();
    let found = findings(&database).await;
    assert!(found.iter().any(|f| f.contains(wanted)), "{sql}\nwanted: {wanted}\nfound: {found:#?}");
}

on_both! {
    async fn a_database_as_it_is_made_has_no_findings(backend) {
        let database = database(backend).await;
        assert_eq!(findings(&database).await, Vec::<String>::new());
        let db = Db::open(&options(&database), keys()).await.unwrap();
        assert_eq!(pending(&db).await.unwrap(), Vec::<String>::new());
        db.close().await;
    }

    async fn a_schema_that_is_behind_is_told(backend) {
        let database = database(backend).await;
        // The third from the end made a table, which is missing then.
        migrate_down(&options(&database), Some(database.url()), 3).await.unwrap();
        let db = Db::open(&options(&database), keys()).await.unwrap();
        assert_eq!(pending(&db).await.unwrap().len(), 3);
        assert!(audit(&db).await.unwrap().iter().any(|f| f.what.contains("is missing")));
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_hole_planted_in_sqlite_is_found() {
    for (sql, wanted) in [
        ("CREATE TABLE notes (park_id BLOB, text TEXT)", "table notes has no rule"),
        ("DROP TRIGGER seat_scope_update", "write triggers of seat"),
        (
            "DROP TRIGGER seat_scope_insert; CREATE TRIGGER seat_scope_insert BEFORE INSERT ON seat WHEN 0 BEGIN SELECT 1; END",
            "write triggers of seat",
        ),
        ("CREATE VIEW every_seat AS SELECT * FROM seat", "view every_seat"),
        ("CREATE UNIQUE INDEX lease_everywhere ON lease (code)", "lease_everywhere"),
        ("CREATE UNIQUE INDEX lease_of_park ON lease (park_id, code)", "lease_of_park"),
        ("UPDATE write_scope SET class = 'system'", "write scope"),
    ] {
        plant(Backend::Sqlite, sql, wanted).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_hole_planted_in_postgres_is_found() {
    for (sql, wanted) in [
        ("CREATE TABLE voxpark.notes (park_id uuid, text text)", "table notes has no rule"),
        ("ALTER TABLE voxpark.seat DISABLE ROW LEVEL SECURITY", "seat has no row-level security"),
        ("ALTER TABLE voxpark.seat NO FORCE ROW LEVEL SECURITY", "row-level security of seat"),
        ("CREATE POLICY helpful ON voxpark.lease USING (true)", "policy helpful of lease"),
        ("DROP POLICY tenant_lease ON voxpark.lease", "policy tenant_lease of lease is missing"),
        ("ALTER POLICY park_seat ON voxpark.seat TO PUBLIC", "policy park_seat of seat"),
        (
            "ALTER POLICY park_seat ON voxpark.seat USING (park_id = current_setting('app.park_id')::uuid)",
            "policy park_seat of seat",
        ),
        (
            "ALTER POLICY park_seat ON voxpark.seat USING (park_id IN (SELECT park_id FROM voxpark.park))",
            "policy park_seat of seat",
        ),
        ("ALTER POLICY park_seat ON voxpark.seat WITH CHECK (true)", "policy park_seat of seat"),
        ("GRANT SELECT ON voxpark.contact TO voxpark_park", "voxpark_park has SELECT on contact"),
        ("GRANT SELECT (email_sealed) ON voxpark.app_user TO voxpark_tenant", "SELECT (email_sealed) on app_user"),
        ("GRANT TRUNCATE ON voxpark.seat TO voxpark_system", "voxpark_system has TRUNCATE on seat"),
        ("GRANT SELECT ON voxpark.seat TO PUBLIC", "PUBLIC has SELECT on seat"),
        ("GRANT UPDATE ON voxpark.audit_event TO voxpark_tenant", "voxpark_tenant has UPDATE on audit_event"),
        ("GRANT DELETE ON voxpark.seaql_migrations TO voxpark_tenant", "DELETE on seaql_migrations"),
        ("REVOKE SELECT ON voxpark.seat FROM voxpark_tenant", "voxpark_tenant lacks SELECT on seat"),
        ("CREATE VIEW voxpark.every_seat AS SELECT * FROM voxpark.seat", "view every_seat"),
        ("CREATE MATERIALIZED VIEW voxpark.kept AS SELECT 1 AS one", "materialized view kept"),
        (
            "CREATE FUNCTION voxpark.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM voxpark.seat'",
            "function peek",
        ),
        ("CREATE UNIQUE INDEX lease_everywhere ON voxpark.lease (code)", "lease_everywhere"),
        (
            "ALTER TABLE voxpark.job ALTER COLUMN payload DROP NOT NULL, DROP CONSTRAINT job_pkey, ALTER COLUMN tenant_id DROP NOT NULL",
            "job.tenant_id can be NULL",
        ),
        ("CREATE RULE quiet AS ON DELETE TO voxpark.seat DO INSTEAD NOTHING", "seat has rewrite rules"),
        ("ALTER TABLE voxpark.seat OWNER TO voxpark_park", "voxpark_park owns"),
        ("GRANT CREATE ON SCHEMA voxpark TO voxpark_tenant", "voxpark_tenant may create objects"),
    ] {
        plant(Backend::Postgres, sql, wanted).await;
    }
}

/// Roles belong to the whole server, so these have a prefix of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_roles_that_could_bypass_the_walls_are_found() {
    const PREFIX: &str = "voxaudit";
    let database = Backend::Postgres.fresh("audit_roles", async |_| {}).await;
    let Database::Postgres(server) = &database else { unreachable!("asked for PostgreSQL") };
    let options = DbOptions::Postgres { url: server.address(), role_prefix: PREFIX.to_owned(), pool: 1 };
    bootstrap(&options, Some(database.url()), &keys()).await.unwrap();
    migrate_up(&options, Some(database.url()), &keys()).await.unwrap();
    let db = Db::open(&options, keys()).await.unwrap();
    let owner = Orm::connect(database.url()).await.unwrap();
    for (sql, back, wanted) in [
        ("ALTER ROLE voxaudit_tenant SUPERUSER", "NOSUPERUSER", "voxaudit_tenant is a superuser"),
        ("ALTER ROLE voxaudit_park BYPASSRLS", "NOBYPASSRLS", "voxaudit_park bypasses"),
        ("ALTER ROLE voxaudit_assessor CREATEROLE", "NOCREATEROLE", "voxaudit_assessor may create roles"),
        ("GRANT pg_read_all_data TO voxaudit_tenant", "", "voxaudit_tenant is a member of other roles"),
    ] {
        owner.execute_unprepared(sql).await.unwrap();
        let found = audit(&db).await.unwrap();
        assert!(found.iter().any(|f| f.is_hole() && f.what.contains(wanted)), "{sql}: {found:?}");
        let role = sql.rsplit("TO ").next().unwrap();
        let undo = match back {
            "" => format!("REVOKE pg_read_all_data FROM {role}"),
            back => format!("{} {back}", sql.rsplit_once(' ').unwrap().0),
        };
        owner.execute_unprepared(&undo).await.unwrap();
        assert_eq!(audit(&db).await.unwrap().iter().filter(|f| f.is_hole()).count(), 0, "{undo}");
    }
    owner.close().await.unwrap();
    db.close().await;
}
