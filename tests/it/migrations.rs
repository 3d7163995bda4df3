//! Every migration can be taken back, and the catalogue is as the rules say.

use voxpark_infra::db::{DbOptions, bootstrap, migrate_down, migrate_up, migration_status};
use voxpark_migrations::{Migrator, MigratorTrait};
use voxpark_tests::app::{keys, options};
use voxpark_tests::{Backend, Database, on_both};

async fn dump(database: &Database) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Database as Connect, DbBackend, Statement};
    let db = Connect::connect(database.url()).await.unwrap();
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) AS line FROM information_schema.columns WHERE table_schema = 'voxpark' AND table_name <> 'seaql_migrations'
             UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'voxpark'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text NOT LIKE '%seaql%'
             UNION ALL SELECT concat_ws(' ', tablename, policyname, cmd, roles::text, qual, with_check) FROM pg_policies WHERE schemaname = 'voxpark'
             UNION ALL SELECT concat_ws(' ', table_name, grantee, privilege_type) FROM information_schema.role_table_grants WHERE table_schema = 'voxpark' AND table_name <> 'seaql_migrations'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'voxpark' AND tablename <> 'seaql_migrations' ORDER BY 1"
        }
        _ => "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master WHERE name NOT LIKE '%seaql%' AND name NOT LIKE 'sqlite_stat%' ORDER BY 1",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let lines = rows.iter().map(|r| r.try_get::<String>("", "line").unwrap()).collect();
    db.close().await.unwrap();
    lines
}

on_both! {
    /// Down to nothing and up again gives the same schema, one step at a time as well.
    async fn every_migration_can_be_taken_back(backend) {
        let database = backend.fresh("empty", async |_: &str| {}).await;
        let owner = Some(database.url());
        let at: DbOptions = options(&database);
        bootstrap(&at, owner, &keys()).await.unwrap();
        let empty = dump(&database).await;
        let all = Migrator::migrations().len();
        assert_eq!(migrate_up(&at, owner, &keys()).await.unwrap(), all);
        assert_eq!(migrate_up(&at, owner, &keys()).await.unwrap(), 0, "a second run does nothing");
        let full = dump(&database).await;
        assert!(full.len() > 100, "{full:?}");
        for _ in 0..all {
            migrate_down(&at, owner, 1).await.unwrap();
        }
        assert_eq!(dump(&database).await, empty);
        migrate_up(&at, owner, &keys()).await.unwrap();
        assert_eq!(dump(&database).await, full);
        let (applied, pending) = migration_status(&at, owner).await.unwrap();
        assert_eq!((applied.len(), pending.len()), (all, 0));
    }
}

/// Two installers at once do not trip over one another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_are_made_once_by_many() {
    let database = Backend::Postgres.fresh("empty", async |_: &str| {}).await;
    let at = options(&database);
    let keys = keys();
    let made = (0..4).map(|_| bootstrap(&at, Some(database.url()), &keys));
    for result in futures_util::future::join_all(made).await {
        result.unwrap();
    }
}

/// Keys begin with the park: the planner of SQLite is told that this narrows nothing, so that it takes the index of the seat
/// instead of reading every claim of the park.
#[tokio::test]
async fn sqlite_takes_the_index_that_narrows() {
    use sea_orm::{ConnectionTrait, Database as Connect, Statement};
    let database = Backend::Sqlite.fresh("empty", async |_: &str| {}).await;
    migrate_up(&options(&database), None, &keys()).await.unwrap();
    let db = Connect::connect(database.url()).await.unwrap();
    let ask = "EXPLAIN QUERY PLAN SELECT 1 FROM seat_claim o WHERE o.park_id = X'00' AND o.seat_id = X'00' AND o.claim_to > ''";
    let plan = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert!(plan.join(" ").contains("seat_claim_seat"), "{plan:?}");
    db.close().await.unwrap();
}
