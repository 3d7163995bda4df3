//! What the tests stand on: a fresh database each ([`Backend::fresh`]), a real browser ([`browser::Browser`]), child
//! processes that never outlive their test ([`tools::Process`]).
//!
//! The tests themselves are in `it/`: one binary, because every further one is a further link of the whole product.
//! `docs/testing.md` says how to write one.

pub mod app;
pub mod authenticator;
pub mod browser;
pub mod idp;
pub mod pg;
pub mod plant;
pub mod site;
pub mod sqlite;
pub mod tools;

/// The two databases that every behaviour is tested on; see [`on_both!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// The server.
    Postgres,
}

impl Backend {
    /// A database of the caller's own, filled by `fill` and removed when dropped.
    ///
    /// `fill` runs once for a `label` (lower-case letters, digits, `_`) and test binary: the result is kept as a
    /// template and copied. It is given the URL of an empty database, as its owner, and must have closed every
    /// connection to it when it returns. On PostgreSQL a copy has neither the settings (`ALTER DATABASE ... SET`) nor
    /// the grants on the database itself.
    ///
    /// # Panics
    /// When the database cannot be made.
    pub async fn fresh(self, label: &str, fill: impl AsyncFnOnce(&str)) -> Database {
        assert!(
            !label.is_empty() && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')),
            "not a label: {label:?}"
        );
        match self {
            Self::Sqlite => Database::Sqlite(sqlite::fresh(label, fill).await),
            Self::Postgres => Database::Postgres(pg::fresh(label, fill).await),
        }
    }
}

/// A database that lives as long as this value.
#[derive(Debug)]
pub enum Database {
    /// A file in a folder of its own.
    Sqlite(sqlite::Database),
    /// A database of the test server.
    Postgres(pg::Database),
}

impl Database {
    /// Where it is, as its owner (PostgreSQL: a superuser, so row-level security does not hold for this URL).
    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite(db) => db.url(),
            Self::Postgres(db) => db.url(),
        }
    }
    /// Which of the two it is.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

/// Writes each test twice, as `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both! {
///     /// A released seat can be allocated again.
///     async fn released_seats_are_free(backend) {
///         let park = World::new(backend).await;
///         ...
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($backend:ident) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name($backend: $crate::Backend) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                Box::pin(super::$name($crate::Backend::Sqlite)).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                Box::pin(super::$name($crate::Backend::Postgres)).await;
            }
        }
    )+};
}
