//! A fresh SQLite database a test, copied from a template that is filled once a process and kept in memory.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, raw_sql};
use tokio::sync::OnceCell;

use crate::tools::TempDir;

type Template = Arc<OnceCell<Vec<u8>>>;

/// A database file in a folder of its own; the folder is removed when this is dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    dir: TempDir,
}

impl Database {
    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }
    /// Its file.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("voxpark.db")
    }
}

fn empty() -> Database {
    let dir = TempDir::new();
    let mut db = Database { url: String::new(), dir };
    db.url = format!("sqlite://{}?mode=rwc", db.path().display());
    db
}

/// A copy of the template `label`; see [`crate::Backend::fresh`].
pub(crate) async fn fresh(label: &str, fill: impl AsyncFnOnce(&str)) -> Database {
    static TEMPLATES: LazyLock<Mutex<HashMap<String, Template>>> = LazyLock::new(Mutex::default);
    let template = Arc::clone(TEMPLATES.lock().expect("nobody panics in here").entry(label.to_owned()).or_default());
    let bytes = template
        .get_or_init(async || {
            let db = empty();
            fill(db.url()).await;
            // What is still in the write-ahead log belongs to the file.
            let mut connection = SqliteConnection::connect(db.url()).await.expect("the filled template opens");
            raw_sql(AssertSqlSafe("PRAGMA wal_checkpoint(TRUNCATE)".to_owned()))
                .execute(&mut connection)
                .await
                .expect("the filled template is at rest");
            connection.close().await.expect("the filled template closes");
            fs::read(db.path()).expect("the filled template is a file")
        })
        .await;
    let db = empty();
    fs::write(db.path(), bytes).expect("the copy of the template is written");
    db
}
