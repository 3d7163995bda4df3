//! Preparing a database: login roles (PostgreSQL), schema, migrations. Done by `migrate`, never by `serve`.

use std::fmt::Write as _;
use std::str::FromStr;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use voxpark_domain::{Error, Result};
use voxpark_migrations::{Class, Migration, Migrator, MigratorTrait, SCHEMA};

use super::adopt::adopt;
use super::connect::{DbOptions, sqlite_options};
use super::error::fail;
use super::statistics;
use crate::secrets::Keys;

/// The advisory lock, held to the end of the one transaction all of it runs in, that keeps two installers apart ("voxpark" in a number).
const LOCK: i64 = 0x0076_6f78_7061_726b;

async fn owner(options: &DbOptions, owner_url: Option<&str>) -> Result<DatabaseConnection> {
    match options {
        DbOptions::Sqlite { path } => {
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .connect_with(sqlite_options(path))
                .await
                .map_err(Error::internal)?;
            Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
        }
        DbOptions::Postgres { role_prefix, .. } => {
            let url = owner_url.ok_or_else(|| Error::internal("migrating needs database.owner_url"))?;
            let connect = PgConnectOptions::from_str(url)
                .map_err(Error::internal)?
                .options([("search_path", SCHEMA), ("voxpark.role_prefix", role_prefix)]);
            let pool = PgPoolOptions::new().max_connections(1).connect_with(connect).await.map_err(Error::internal)?;
            Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
        }
    }
}

/// Makes (or mends) the login roles and the schema. Safe to run again and at once with another.
///
/// # Errors
/// An internal error when the owner may not do this.
pub async fn bootstrap(options: &DbOptions, owner_url: Option<&str>, keys: &Keys) -> Result<()> {
    let DbOptions::Postgres { role_prefix, .. } = options else { return Ok(()) };
    if !role_prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Error::internal("database.role_prefix: only a-z, 0-9 and _"));
    }
    let db = owner(options, owner_url).await?;
    let mut sql = format!(
        "SELECT pg_advisory_xact_lock({LOCK}); CREATE SCHEMA IF NOT EXISTS {SCHEMA}; CREATE EXTENSION IF NOT EXISTS btree_gist;"
    );
    for class in Class::ALL {
        let role = format!("{role_prefix}_{}", class.name());
        let password = keys.role_password(&role);
        // A new role has none of the dangerous attributes, and an owner who is no superuser may not even name them.
        let _ = write!(
            sql,
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF; END $$;
             DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}' AND (rolsuper OR rolbypassrls OR rolcreaterole))
              THEN ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEROLE; END IF; END $$;
             ALTER ROLE {role} LOGIN PASSWORD '{password}';
             GRANT USAGE ON SCHEMA {SCHEMA} TO {role};"
        );
    }
    // Roles belong to the whole cluster and the lock to this database: an installer of another database of the same
    // cluster can still get in between, which PostgreSQL reports and a later try gets past.
    let mut done = db.execute_unprepared(&sql).await;
    for _ in 0..9 {
        if done.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        done = db.execute_unprepared(&sql).await;
    }
    let _ = db.close().await;
    done.map_err(fail).map(|_| ())
}

/// Brings the schema up to date, and lines of an audit log that had no chains into them; tells how many migrations ran.
///
/// # Errors
/// An internal error when a migration fails; what ran before it stays.
pub async fn migrate_up(options: &DbOptions, owner_url: Option<&str>, keys: &Keys) -> Result<usize> {
    let db = owner(options, owner_url).await?;
    if matches!(options, DbOptions::Postgres { .. }) {
        // Held by this one connection until it closes.
        db.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await.map_err(fail)?;
    }
    let pending = Migrator::get_pending_migrations(&db).await.map_err(fail)?.len();
    if pending > 0 {
        Migrator::up(&db, None).await.map_err(fail)?;
        if matches!(options, DbOptions::Sqlite { .. }) {
            statistics::tell(&db).await?;
        }
    }
    adopt(&db, keys).await?;
    if let DbOptions::Postgres { role_prefix, .. } = options {
        // The service itself looks whether it is up to date.
        let grant = format!("GRANT SELECT ON seaql_migrations TO {role_prefix}_{}", Class::System.name());
        db.execute_unprepared(&grant).await.map_err(fail)?;
    }
    let _ = db.close().await;
    Ok(pending)
}

/// Takes back the last `steps` migrations.
///
/// # Errors
/// An internal error when one cannot be taken back.
pub async fn migrate_down(options: &DbOptions, owner_url: Option<&str>, steps: u32) -> Result<()> {
    let db = owner(options, owner_url).await?;
    let done = Migrator::down(&db, Some(steps)).await.map_err(fail);
    let _ = db.close().await;
    done
}

/// Applied and pending migrations by name.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn migration_status(options: &DbOptions, owner_url: Option<&str>) -> Result<(Vec<String>, Vec<String>)> {
    let db = owner(options, owner_url).await?;
    let applied = Migrator::get_applied_migrations(&db).await.map_err(fail)?;
    let pending = Migrator::get_pending_migrations(&db).await.map_err(fail)?;
    let _ = db.close().await;
    let names = |list: Vec<Migration>| list.iter().map(|m| m.name().to_owned()).collect();
    Ok((names(applied), names(pending)))
}
