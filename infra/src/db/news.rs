//! News of what has changed: from the transaction that changed it to whoever watches, in this process and in others.
//!
//! On PostgreSQL other processes hear by NOTIFY, sent in the transaction and so exactly when it lasts. On SQLite there is
//! nobody to tell them; they see that the file was changed by somebody else, and look again.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tokio::sync::Notify;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use voxpark_domain::news::{Notice, Topic};
use voxpark_domain::time::Random as _;
use voxpark_domain::{Error, Result};
use voxpark_migrations::Class;

use super::connect::{Db, Pools};
use super::error::fail;
use crate::secrets::SystemRandom;

/// The channel of NOTIFY.
const CHANNEL: &str = "voxpark_news";
/// Notices that a slow listener may be behind before it is told that it missed some.
const BEHIND: usize = 1024;
/// How often a file is looked at while somebody watches, and how long a lost connection is waited for.
const PAUSE: Duration = Duration::from_secs(1);

/// Where news goes.
#[derive(Clone, Debug)]
pub struct News {
    sender: Sender<Notice>,
    /// Tells this process's own notices from those of others.
    process: Arc<str>,
    /// Rings when a job was enqueued here.
    pub(super) wake: Arc<Notify>,
}

impl News {
    pub(super) fn new() -> Self {
        let mut process = [0_u8; 16];
        SystemRandom.fill(&mut process);
        let process = format!("{:032x}", u128::from_ne_bytes(process)).into();
        Self { sender: channel(BEHIND).0, process, wake: Arc::default() }
    }

    /// News from now on.
    pub fn listen(&self) -> Receiver<Notice> {
        self.sender.subscribe()
    }

    /// What NOTIFY carries of these topics.
    pub(super) fn payload(&self, topics: &[Topic]) -> Statement {
        let names: Vec<_> = topics.iter().map(|topic| Notice::Of(*topic).text()).collect();
        let text = format!("{} {}", self.process, names.join(" "));
        // A payload has at most 8000 bytes; who changed so much has changed something.
        let text = if text.len() < 7_900 { text } else { format!("{} {}", self.process, Notice::Something.text()) };
        let sql = format!("SELECT pg_notify('{CHANNEL}', $1)");
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [text.into()])
    }

    /// Tells this process.
    pub(super) fn tell(&self, topics: &[Topic]) {
        for topic in topics {
            self.send(Notice::Of(*topic));
        }
    }

    fn send(&self, notice: Notice) {
        // Nobody has to listen.
        let _ = self.sender.send(notice);
    }

    fn heard(&self, payload: &str) {
        let mut words = payload.split(' ');
        if words.next() != Some(&self.process) {
            words.for_each(|word| self.send(Notice::from_text(word)));
        }
    }
}

impl Db {
    /// Hears what other processes change, for as long as it is polled.
    pub async fn hear_others(&self) {
        loop {
            let ended = match &self.pools {
                Pools::Postgres { .. } => self.hear_notices().await,
                Pools::Sqlite { .. } => self.look_at_file().await,
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "news of other processes cannot be heard");
            }
            tokio::time::sleep(PAUSE).await;
            self.news().send(Notice::Something);
        }
    }

    async fn hear_notices(&self) -> Result<()> {
        let system = self.connection(Class::System, voxpark_domain::uow::Mode::Read);
        let options = system.get_postgres_connection_pool().connect_options();
        // A connection of its own: it is never given back.
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with((*options).clone());
        let mut listener = PgListener::connect_with(&pool).await.map_err(Error::internal)?;
        listener.listen(CHANNEL).await.map_err(Error::internal)?;
        loop {
            match listener.try_recv().await.map_err(Error::internal)? {
                Some(notification) => self.news().heard(notification.payload()),
                // The connection was lost, and what was said meanwhile with it.
                None => self.news().send(Notice::Something),
            }
        }
    }

    /// The one connection that writes sees the version of the file move only when another process has written.
    async fn look_at_file(&self) -> Result<()> {
        let write = self.connection(Class::System, voxpark_domain::uow::Mode::Write);
        let mut seen: Option<i64> = None;
        loop {
            tokio::time::sleep(PAUSE).await;
            if self.news().sender.receiver_count() == 0 {
                continue;
            }
            let version = Statement::from_string(DbBackend::Sqlite, "PRAGMA data_version");
            let row = write.query_one_raw(version).await.map_err(fail)?;
            let now = row.map(|row| row.try_get_by_index(0)).transpose().map_err(fail)?;
            if now != seen {
                seen = now;
                self.news().send(Notice::Something);
            }
        }
    }
}
