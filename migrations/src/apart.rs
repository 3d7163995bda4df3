//! Rows that never overlap: an exclusion constraint on PostgreSQL, the equal guarantee by triggers on SQLite, where
//! there is one writer at a time. Both refuse under one name.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

/// A half-open range that a row takes, by its columns; none of them is NULL.
pub(crate) enum Span {
    /// From a date up to and without another.
    Days(&'static str, &'static str),
    /// From a minute up to and without another.
    Minutes(&'static str, &'static str),
    /// Minutes from the midnight that begins a date; they may reach into the days after.
    MinutesOf(&'static str, &'static str, &'static str),
}

impl Span {
    fn postgres(&self) -> String {
        match self {
            Self::Days(from, to) => format!("daterange({from}, {to})"),
            Self::Minutes(from, to) => format!("int8range({from}, {to})"),
            Self::MinutesOf(day, from, to) => {
                let midnight = format!("({day} - DATE '2000-01-01') * 1440");
                format!("int8range({midnight} + {from}, {midnight} + {to})")
            }
        }
    }

    fn sqlite(&self) -> String {
        let ends = |row: &str| match self {
            Self::Days(from, to) | Self::Minutes(from, to) => (format!("{row}.{from}"), format!("{row}.{to}")),
            Self::MinutesOf(day, from, to) => {
                let at = |minute: &str| format!("unixepoch({row}.{day}) / 60 + {row}.{minute}");
                (at(from), at(to))
            }
        };
        let ((from, to), (other_from, other_to)) = (ends("NEW"), ends("o"));
        format!("{other_to} > {from} AND {to} > {other_from}")
    }
}

/// Rows of a table that agree in `same` take no part of their `spans` together.
pub(crate) struct Apart {
    /// Name of the constraint; the error carries it.
    pub(crate) name: &'static str,
    pub(crate) table: &'static str,
    /// Led by `park_id`, so that the constraint can be distributed with its table.
    pub(crate) same: &'static [&'static str],
    pub(crate) spans: &'static [Span],
    /// What tells rows that agree in `same` apart.
    pub(crate) id: &'static str,
}

impl Apart {
    /// Adds the guarantee to a table that was just created; it goes with the table.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn add(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let Self { name, table, same, spans, id } = self;
        if manager.get_database_backend() == DbBackend::Postgres {
            let equal = same.iter().map(|column| format!("{column} WITH ="));
            let apart = spans.iter().map(|span| format!("{} WITH &&", span.postgres()));
            let parts = equal.chain(apart).collect::<Vec<_>>().join(", ");
            return ddl::run(
                manager,
                &[&format!("ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({parts})")],
            )
            .await;
        }
        let equal = same.iter().map(|column| format!("o.{column} = NEW.{column}"));
        let overlap = equal.chain(spans.iter().map(Span::sqlite)).collect::<Vec<_>>().join(" AND ");
        let trigger = |event: &str, others: &str| {
            format!(
                "CREATE TRIGGER {name}_{} BEFORE {event} ON {table}
 WHEN EXISTS (SELECT 1 FROM {table} o WHERE {overlap}{others})
 BEGIN SELECT RAISE(ABORT, '{name}'); END",
                event.to_ascii_lowercase()
            )
        };
        let others = format!(" AND o.{id} <> OLD.{id}");
        ddl::run(manager, &[&trigger("INSERT", ""), &trigger("UPDATE", &others)]).await
    }
}
