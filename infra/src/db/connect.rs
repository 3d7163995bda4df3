//! Pools: one writer and a few readers on SQLite, one pool a class of caller on PostgreSQL.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;
use voxpark_billing::uow;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_migrations::{Class, SCHEMA};

use super::error::fail;
use super::news::News;
use super::reach::Reach;
use super::tx::{Line, Tx};
use crate::secrets::Keys;
use crate::telemetry::{metrics, traces};

/// What is done at a glance ([`Mode::Glance`]).
const GLANCES: SystemReason = SystemReason::SignIn;

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
    Postgres { by_class: [DatabaseConnection; 4], glance: DatabaseConnection },
}

/// The database, open.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) pools: Pools,
    keys: Arc<Keys>,
    filter: bool,
    news: News,
}

/// How long PostgreSQL works on one statement: a little longer than whoever asked waits for the whole operation
/// (`Limits` of the API), so that what is given up here ends there too. The installation's own work takes what it takes,
/// within reason.
fn patience(ctx: &Ctx, mode: Mode) -> Duration {
    match (ctx.actor().session, mode) {
        (Some(_), Mode::Read | Mode::Glance) => Duration::from_secs(11),
        (Some(_), Mode::Write) => Duration::from_secs(61),
        (None, _) => Duration::from_mins(5),
    }
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

/// A pool whose statements are counted, timed and traced.
fn timed(mut pool: DatabaseConnection, caller: &'static str) -> DatabaseConnection {
    pool.set_metric_callback(move |info| {
        metrics::metrics().statement(caller, &info.statement.sql, info.failed, info.elapsed);
        traces::statement(caller, &info.statement.sql, info.failed, info.elapsed);
    });
    pool
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
                    read: timed(SqlxSqliteConnector::from_sqlx_sqlite_pool(read), "read"),
                    write: timed(SqlxSqliteConnector::from_sqlx_sqlite_pool(write), "write"),
                }
            }
            DbOptions::Postgres { url, role_prefix, pool } => {
                let base = PgConnectOptions::from_str(url).map_err(Error::internal)?;
                let pool_of = |class: Class, name: &'static str, more: &[(&str, &str)]| {
                    let role = format!("{role_prefix}_{}", class.name());
                    let connect = base
                        .clone()
                        .username(&role)
                        .password(&keys.role_password(&role))
                        .application_name("voxpark")
                        .options([("search_path", SCHEMA), ("idle_in_transaction_session_timeout", "60s")])
                        .options(more.iter().copied());
                    let pool = PgPoolOptions::new()
                        .max_connections(*pool)
                        .acquire_timeout(Duration::from_secs(10))
                        .test_before_acquire(false)
                        .connect_lazy_with(connect);
                    timed(SqlxPostgresConnector::from_sqlx_postgres_pool(pool), name)
                };
                // These connections can read and nothing else, and only for the one reason they are there for.
                let glance = [
                    ("app.reason", GLANCES.name()),
                    ("default_transaction_read_only", "on"),
                    ("statement_timeout", "11000"),
                ];
                Pools::Postgres {
                    by_class: Class::ALL.map(|class| pool_of(class, class.name(), &[])),
                    glance: pool_of(Class::System, "glance", &glance),
                }
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
                if mode == Mode::Write {
                    write
                } else {
                    read
                }
            }
            Pools::Postgres { glance, .. } if mode == Mode::Glance => glance,
            Pools::Postgres { by_class, .. } => {
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
        let reach = Reach::of(ctx);
        let postgres = self.is_postgres();
        let mode = if mode == Mode::Glance && reach.reason != Some(GLANCES.name()) { Mode::Read } else { mode };
        let make =
            |line| Tx::new(line, reach.clone(), mode, postgres, self.filter, Arc::clone(&self.keys), self.news.clone());
        if mode == Mode::Glance {
            return Ok(make(Line::Glance(self.connection(reach.class, mode).clone())));
        }
        let options = match (postgres, mode) {
            (false, Mode::Write) => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions::default(),
        };
        let txn = self.connection(reach.class, mode).begin_with_options(options).await.map_err(fail)?;
        if postgres {
            // Settings and access mode in one message: each would be a way to the server and back.
            let access = if mode == Mode::Read { "SET TRANSACTION READ ONLY; " } else { "" };
            let settings = format!("{access}{}", reach.settings(patience(ctx, mode)));
            txn.execute_unprepared(&settings).await.map_err(fail)?;
        } else if mode == Mode::Write {
            txn.execute_unprepared(&reach.write_scope()).await.map_err(fail)?;
        }
        Ok(make(Line::Transaction(txn)))
    }

    /// Closes every connection.
    pub async fn close(self) {
        match self.pools {
            Pools::Sqlite { read, write } => {
                let _ = read.close().await;
                let _ = write.close().await;
            }
            Pools::Postgres { by_class, glance } => {
                for pool in by_class.into_iter().chain([glance]) {
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

#[cfg(test)]
mod tests {
    use voxpark_domain::ctx::{Actor, Lang, Scope, SystemReason};
    use voxpark_domain::ids::{Id as _, ParkId, SessionId};
    use voxpark_domain::permission::Role;

    use super::*;
    use crate::secrets::system_env;

    #[test]
    fn a_statement_ends_soon_after_nobody_waits_for_it() {
        let session = Some(SessionId::from_uuid(uuid::Uuid::nil()));
        let actor = Actor { user: None, session, role: Role::ParkAdministrator, grants: Vec::new() };
        let scope = Scope::Park(ParkId::from_uuid(uuid::Uuid::nil()));
        let ctx = Ctx::build(actor, scope, Lang::En, chrono_tz::UTC, "test".to_owned(), system_env());
        let settings = |ctx: &Ctx, mode| Reach::of(ctx).settings(patience(ctx, mode));
        assert!(settings(&ctx, Mode::Read).ends_with("SET LOCAL statement_timeout = 11000"));
        assert!(settings(&ctx, Mode::Write).ends_with("SET LOCAL statement_timeout = 61000"));
        let own = Ctx::system(SystemReason::Jobs, system_env());
        assert!(settings(&own, Mode::Write).ends_with("SET LOCAL statement_timeout = 300000"));
    }
}
