//! The catalogue audit: do the walls that the rules promise stand in the database as it is?
//!
//! What each table must look like follows from its [`voxpark_migrations::TableRule`] alone; the audit reads the system
//! catalogues (anybody may) and compares. It needs no owner and a handful of statements, so `serve` runs it at each
//! start. The list of defects is the one that field reports of row-level security in production teach: tables nobody
//! secured, owners exempt without FORCE, policies open to PUBLIC or to an unset setting, views and functions that run
//! with their owner's rights, login roles that may bypass it all, keys that reach across tenants.

mod postgres;
mod shape;
mod sqlite;

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement, TryGetable};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Result};
use voxpark_migrations::{Class, Migrator, MigratorTrait as _};

use super::connect::Db;
use super::error::fail;

/// The table of `sea-orm-migration`, which has no rule.
const MIGRATIONS: &str = "seaql_migrations";

/// How to mend a log whose heads could be moved back.
const BACKWARD: &str = "Restore it from the migrations, and run `voxpark audit verify`";

/// Something that is not as the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    hole: bool,
    /// What is wrong, with the object it is about.
    pub what: String,
    /// How to mend it.
    pub mend: &'static str,
}

impl Finding {
    fn hole(what: impl Into<String>, mend: &'static str) -> Self {
        Self { hole: true, what: what.into(), mend }
    }
    fn remark(what: impl Into<String>, mend: &'static str) -> Self {
        Self { hole: false, what: what.into(), mend }
    }
    /// Whether it opens a way across the walls, so that nothing may be served; otherwise it is worth a warning.
    pub fn is_hole(&self) -> bool {
        self.hole
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}.", self.what, self.mend)
    }
}

/// The migrations that this program knows and the database has not seen.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn pending(db: &Db) -> Result<Vec<String>> {
    let applied: Vec<String> = match rows(db, "SELECT version FROM seaql_migrations").await {
        Ok(rows) => rows.iter().map(|r| get(r, "version")).collect::<Result<_>>()?,
        // Before the first migration the table is not there.
        Err(error) if error.to_string().contains(MIGRATIONS) => Vec::new(),
        Err(error) => return Err(error),
    };
    let known = Migrator::migrations().into_iter().map(|m| m.name().to_owned());
    Ok(known.filter(|m| !applied.contains(m)).collect())
}

/// Compares the database with the rules.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn audit(db: &Db) -> Result<Vec<Finding>> {
    if db.is_postgres() { postgres::audit(db).await } else { sqlite::audit(db).await }
}

/// SQLite: reads the whole file for damage. Slow on a large one. Nothing to do on PostgreSQL.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn damage(db: &Db) -> Result<Vec<String>> {
    if db.is_postgres() {
        return Ok(Vec::new());
    }
    let found = rows(db, "SELECT quick_check AS said FROM pragma_quick_check").await?;
    let said: Vec<String> = found.iter().map(|r| get(r, "said")).collect::<Result<_>>()?;
    Ok(said.into_iter().filter(|s| s != "ok").collect())
}

/// PostgreSQL: what its clock says. `None` on SQLite, which has none of its own.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn server_clock(db: &Db) -> Result<Option<DateTime<Utc>>> {
    if !db.is_postgres() {
        return Ok(None);
    }
    let row = rows(db, "SELECT clock_timestamp() AS at").await?;
    row.first().map(|r| get(r, "at")).transpose()
}

async fn rows(db: &Db, sql: &str) -> Result<Vec<QueryResult>> {
    let backend = if db.is_postgres() { DbBackend::Postgres } else { DbBackend::Sqlite };
    let connection = db.connection(Class::System, Mode::Read);
    connection.query_all_raw(Statement::from_string(backend, sql)).await.map_err(fail)
}

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T> {
    row.try_get("", column).map_err(Error::internal)
}

/// Names joined by commas, as the catalogue queries aggregate them.
fn list(row: &QueryResult, column: &str) -> Result<Vec<String>> {
    let text: Option<String> = get(row, column)?;
    Ok(text.unwrap_or_default().split(',').filter(|t| !t.is_empty()).map(ToOwned::to_owned).collect())
}
