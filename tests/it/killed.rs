//! A worker is killed in the middle of an import, as a machine that loses its power does it.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use voxpark_infra::db::DbOptions;
use voxpark_tests::app::{World, options};
use voxpark_tests::on_both;
use voxpark_tests::plant::Plant;
use voxpark_tests::tools::{Process, voxpark};

/// Calls of the file: some batches of it.
const CALLS: i64 = 40_000;

/// The product's own worker over the database and files of a world.
fn worker(world: &World) -> Process {
    let mut command: Command = voxpark();
    let url = match options(&world.database) {
        DbOptions::Sqlite { path } => format!("sqlite:{}", path.display()),
        DbOptions::Postgres { url, .. } => url,
    };
    command
        .arg("worker")
        .env("VOXPARK_DATABASE_URL", url)
        .env("VOXPARK_SECRET_KEY", "07".repeat(32))
        .env("VOXPARK_DATA_DIR", world.data_dir());
    let mut process = Process::start(&mut command);
    process.line_with("working off background jobs");
    process
}

fn log() -> String {
    let mut log = String::with_capacity(6 << 20);
    for n in 0..CALLS {
        let at = 1_763_000_000 + n * 7;
        let _ = writeln!(log, "{at}|c{n}|service|NONE|ENTERQUEUE||1380000{:04}", n % 10_000);
        let _ = writeln!(log, "{}|c{n}|service|A{}|CONNECT|3|c{n}|2", at + 3, n % 40);
        let _ = writeln!(log, "{}|c{n}|service|A{}|COMPLETECALLER|3|60|1", at + 63, n % 40);
    }
    log
}

/// Waits until the import is so far.
async fn wait(world: &World, id: &str, far: impl Fn(&Value) -> bool) -> Value {
    let ask =
        format!("{{ node(id: \"{id}\") {{ ... on ContactImport {{ state rowsRead contactsAdded rowsRefused }} }} }}");
    let start = Instant::now();
    loop {
        let import = world.ok("a1", &ask, json!({})).await["node"].clone();
        if far(&import) {
            return import;
        }
        assert!(start.elapsed() < Duration::from_mins(5), "not in time: {import}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both! {
    /// Another worker goes on where the last whole batch ended: nothing is lost and nothing is there twice.
    async fn a_killed_import_is_gone_on_with(backend) {
        let world = World::new(backend).await;
        let id = crate::operations::start(&world, "a1", log().as_bytes(), "ASTERISK_QUEUE_LOG", json!({})).await;
        let first = worker(&world);
        wait(&world, &id, |i| i["contactsAdded"].as_i64().unwrap_or(0) > 0).await;
        // SIGKILL, to it and all it started.
        drop(first);
        let cut = wait(&world, &id, |_| true).await;
        assert_eq!(cut["state"], "RUNNING", "it was to be killed in the middle: {cut}");
        let done = cut["contactsAdded"].as_i64().unwrap();
        assert!(done > 0 && done < CALLS, "{cut}");

        // A minute later nobody holds the job any more.
        let mut plant = Plant::new(&world);
        plant.leases_over();
        plant.done().await;
        let second = worker(&world);
        let whole = wait(&world, &id, |i| i["state"] != "RUNNING").await;
        assert_eq!((&whole["state"], &whole["contactsAdded"]), (&json!("DONE"), &json!(CALLS)), "{whole}");
        assert_eq!(second.stop(), Some(0));

        let jobs = world.ok("a1", "{ jobs(first: 5) { nodes { kind state attempts progress { done total } } } }", json!({})).await;
        let job = &jobs["jobs"]["nodes"][0];
        assert_eq!((&job["kind"], &job["state"], &job["attempts"]), (&json!("contact-import"), &json!("DONE"), &json!(2)));
        assert_eq!(job["progress"]["done"], job["progress"]["total"]);
        let events = world.ok("a1", "{ auditEvents(first: 100) { nodes { action } } }", json!({})).await;
        let ended = events["auditEvents"]["nodes"].as_array().unwrap().iter().filter(|e| e["action"] == "contact-import.done");
        assert_eq!(ended.count(), 1, "it is done once");
    }
}
