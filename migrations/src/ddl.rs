//! SQL that is the same on both databases but for a few type names.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// What differs between the two, as `{placeholder}`, PostgreSQL text, SQLite text.
const WORDS: &[(&str, &str, &str)] = &[
    // Key columns that lead every table of a park or tenant.
    ("{park}", "park_id uuid NOT NULL", "park_id BLOB NOT NULL"),
    ("{owned}", "park_id uuid NOT NULL,\n tenant_id uuid NOT NULL", "park_id BLOB NOT NULL,\n tenant_id BLOB NOT NULL"),
    ("{uuid}", "uuid", "BLOB"),
    ("{text}", "text", "TEXT"),
    ("{int}", "bigint", "INTEGER"),
    ("{real}", "double precision", "REAL"),
    ("{bool}", "boolean", "INTEGER"),
    ("{date}", "date", "TEXT"),
    ("{instant}", "timestamptz", "TEXT"),
    ("{json}", "jsonb", "TEXT"),
    ("{bytes}", "bytea", "BLOB"),
    // SQLite: typed columns, rows stored by primary key, so that one tenant's rows lie together.
    ("{end}", ")", ") STRICT, WITHOUT ROWID"),
];

/// Fills in the placeholders.
pub fn render(backend: DbBackend, sql: &str) -> String {
    let mut out = sql.to_owned();
    for (word, postgres, sqlite) in WORDS {
        out = out.replace(word, if backend == DbBackend::Postgres { postgres } else { sqlite });
    }
    out
}

/// Runs statements written with placeholders, one after the other.
///
/// # Errors
/// What the database says.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for sql in statements {
        db.execute_unprepared(&render(manager.get_database_backend(), sql)).await?;
    }
    Ok(())
}

/// Runs statements on one backend only.
///
/// # Errors
/// What the database says.
pub async fn run_on(manager: &SchemaManager<'_>, backend: DbBackend, statements: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() == backend { run(manager, statements).await } else { Ok(()) }
}

/// Drops tables, last created first.
///
/// # Errors
/// What the database says.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[crate::TableRule]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager.get_connection().execute_unprepared(&format!("DROP TABLE {}", table.name)).await?;
    }
    Ok(())
}
