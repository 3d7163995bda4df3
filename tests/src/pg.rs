//! A fresh PostgreSQL database a test, cloned from a template that is filled once a test binary.
//!
//! The server is the one of `VOXPARK_TEST_POSTGRES_URL`, which `./test` starts and sets. Roles belong to the whole
//! server: what fills a template must expect to find them there already.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::LazyLock;
use std::thread;

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, Error, PgConnection, query_scalar, raw_sql};

use crate::tools::{serial, setting};

/// A database of the test server; dropped with this value, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    url: String,
    name: String,
}

impl Database {
    /// Where it is, as the superuser of the test server.
    pub fn url(&self) -> &str {
        &self.url
    }
    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Where it is, as nobody: `postgres://host:port/database`.
    pub fn address(&self) -> String {
        format!("postgres://{}", self.place())
    }
    /// Where it is, as somebody else.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        format!("postgres://{user}:{password}@{}", self.place())
    }
    fn place(&self) -> &str {
        self.url.split_once('@').expect("VOXPARK_TEST_POSTGRES_URL names a user").1
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A runtime of its own on a thread of its own: the test's may be gone, or be busy running this.
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { execute(&mut PgConnection::connect(&server()).await?, sql).await })
        });
        if let Ok(Err(e)) = dropped.join() {
            eprintln!("could not drop {}: {e}", self.name);
        }
    }
}

/// The superuser's URL of the server's maintenance database.
///
/// # Panics
/// When there is no test server.
pub fn server() -> String {
    setting("VOXPARK_TEST_POSTGRES_URL").expect(
        "VOXPARK_TEST_POSTGRES_URL is not set: run ./test, or keep `./test pg` running and export the line it prints",
    )
}

fn url(database: &str) -> String {
    let server = server();
    let (place, _) = server.rsplit_once('/').expect("VOXPARK_TEST_POSTGRES_URL ends in a database");
    format!("{place}/{database}")
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), Error> {
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// What the databases of this test binary start with, and of this build of it: whatever changes in a migration makes
/// another build, so no template is ever older than the migrations.
static PREFIXES: LazyLock<(String, String)> = LazyLock::new(|| {
    let exe = std::env::current_exe().expect("a test binary has a path");
    let built = fs::metadata(&exe).and_then(|m| m.modified()).expect("a test binary is a file");
    let binary = format!("vxt_{:08x}_", hash(&exe) >> 32);
    let build = format!("{binary}{:08x}_", hash(built) >> 32);
    (binary, build)
});

/// A clone of the template `label`; see [`crate::Backend::fresh`].
pub(crate) async fn fresh(label: &str, fill: impl AsyncFnOnce(&str)) -> Database {
    let (binary, build) = &*PREFIXES;
    let template = format!("{build}template_{label}");
    let name = format!("{build}{}_{}", std::process::id(), serial());
    let made = async {
        let mut server = PgConnection::connect(&server()).await?;
        if !exists(&mut server, &template).await? {
            // Released with the connection, also when the filling panics.
            let lock = hash(&template).cast_signed();
            execute(&mut server, format!("SELECT pg_advisory_lock({lock})")).await?;
            if !exists(&mut server, &template).await? {
                drop_older(&mut server, binary, build).await?;
                let unfinished = format!("{template}_unfinished");
                execute(&mut server, format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await?;
                execute(&mut server, format!("CREATE DATABASE {unfinished}")).await?;
                fill(&url(&unfinished)).await;
                execute(&mut server, format!("ALTER DATABASE {unfinished} RENAME TO {template}")).await?;
            }
            execute(&mut server, format!("SELECT pg_advisory_unlock({lock})")).await?;
        }
        // A process id can return: the database of a killed test may still carry the name.
        execute(&mut server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        execute(&mut server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        server.close().await
    };
    made.await.unwrap_or_else(|e| panic!("no test database {name}: {e}"));
    Database { url: url(&name), name }
}

async fn exists(server: &mut PgConnection, database: &str) -> Result<bool, Error> {
    query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)").bind(database).fetch_one(server).await
}

/// Drops what earlier builds of this binary left on a server that outlives the run.
async fn drop_older(server: &mut PgConnection, binary: &str, build: &str) -> Result<(), Error> {
    let older: Vec<String> =
        query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND NOT starts_with(datname, $2)")
            .bind(binary)
            .bind(build)
            .fetch_all(&mut *server)
            .await?;
    for name in older {
        execute(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    }
    Ok(())
}
