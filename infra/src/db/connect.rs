//! Pools: one writer and a few readers on SQLite, one pool a class of caller on PostgreSQL.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;
use voxpark_billing::uow;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_migrations::{Class, SCHEMA};

use super::error::fail;
use super::news::News;
use super::reach::Reach;
use super::tx::Tx;
use crate::secrets::Keys;

/// Where the database is.
#[derive(Clone, Debug)]
pub enum DbOptions {
    /// One file.
    Sqlite {
        /// The file; made when missing.
        path: PathBuf,
    },
    /// A PostgreSQL server, as the four login roles.
    Postgres {
        /// `postgres://host:port/database`, without credentials.
        url: String,
        /// Login roles are `<prefix>_<class>`.
        role_prefix: String,
        /// Connections a class of caller may hold.
        pool: u32,
    },
}

#[derive(Clone, Debug)]
pub(super) enum Pools {
    Sqlite { read: DatabaseConnection, write: DatabaseConnection },
    Postgres { by_class: [DatabaseConnection; 4] },
}

/// The database, open.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) pools: Pools,
    keys: Arc<Keys>,
    filter: bool,
    news: News,
}

pub(super) fn sqlite_options(path: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(10))
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
}

impl Db {
    /// Opens the pools. Connections are made when first used.
    ///
    /// # Errors
    /// An internal error when the address does not parse or the file cannot be opened.
    pub async fn open(options: &DbOptions, keys: Arc<Keys>) -> Result<Self> {
        let pools = match options {
            DbOptions::Sqlite { path } => {
                let connect = sqlite_options(path);
                let write = SqlitePoolOptions::new()
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_with(connect.clone())
                    .await
                    .map_err(Error::internal)?;
                let read = SqlitePoolOptions::new()
                    .max_connections(4)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_lazy_with(connect.pragma("query_only", "on"));
                Pools::Sqlite {
                    read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
                    write: SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
                }
            }
            DbOptions::Postgres { url, role_prefix, pool } => {
                let base = PgConnectOptions::from_str(url).map_err(Error::internal)?;
                let one = |class: Class| {
                    let role = format!("{role_prefix}_{}", class.name());
                    let connect = base
                        .clone()
                        .username(&role)
                        .password(&keys.role_password(&role))
                        .application_name("voxpark")
                        .options([
                            ("search_path", SCHEMA),
                            ("idle_in_transaction_session_timeout", "60s"),
                            ("statement_timeout", "30s"),
                        ]);
                    let pool = PgPoolOptions::new()
                        .max_connections(*pool)
                        .acquire_timeout(Duration::from_secs(10))
                        .test_before_acquire(false)
                        .connect_lazy_with(connect);
                    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
                };
                Pools::Postgres { by_class: Class::ALL.map(one) }
            }
        };
        Ok(Self { pools, keys, filter: true, news: News::new() })
    }

    /// A database without the application's own row filter, to prove that row-level security holds alone.
    #[cfg(feature = "test-support")]
    #[must_use]
    pub fn without_application_filter(mut self) -> Self {
        self.filter = false;
        self
    }

    /// Rings when a transaction of this value (or its clones) that enqueued a job was committed.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.news.wake)
    }

    /// Where its changes are told.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.pools, Pools::Postgres { .. })
    }

    pub(super) fn connection(&self, class: Class, mode: Mode) -> &DatabaseConnection {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                if mode == Mode::Read {
                    read
                } else {
                    write
                }
            }
            Pools::Postgres { by_class } => {
                let [tenant, park, assessor, system] = by_class;
                match class {
                    Class::Tenant => tenant,
                    Class::Park => park,
                    Class::Assessor => assessor,
                    Class::System => system,
                }
            }
        }
    }

    /// Opens a transaction for a context.
    ///
    /// # Errors
    /// An internal error when the database cannot be reached.
    #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
    pub async fn transaction(&self, ctx: &Ctx, mode: Mode) -> Result<Tx> {
        let reach = Reach::of(ctx.scope());
        let postgres = self.is_postgres();
        let options = match (postgres, mode) {
            (true, Mode::Read) => TransactionOptions { access_mode: Some(AccessMode::ReadOnly), ..Default::default() },
            (false, Mode::Write) => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions::default(),
        };
        let txn = self.connection(reach.class, mode).begin_with_options(options).await.map_err(fail)?;
        if postgres {
            txn.execute_unprepared(&reach.settings()).await.map_err(fail)?;
        } else if mode == Mode::Write {
            txn.execute_unprepared(&reach.write_scope()).await.map_err(fail)?;
        }
        Ok(Tx::new(txn, reach, mode, postgres, self.filter, Arc::clone(&self.keys), self.news.clone()))
    }

    /// Closes every connection.
    pub async fn close(self) {
        match self.pools {
            Pools::Sqlite { read, write } => {
                let _ = read.close().await;
                let _ = write.close().await;
            }
            Pools::Postgres { by_class } => {
                for pool in by_class {
                    let _ = pool.close().await;
                }
            }
        }
    }
}

#[async_trait]
impl uow::Database for Db {
    async fn begin(&self, ctx: &Ctx, mode: Mode) -> Result<Box<dyn uow::Tx>> {
        Ok(Box::new(self.transaction(ctx, mode).await?))
    }
}
