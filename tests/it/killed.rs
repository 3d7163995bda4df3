//! A worker is killed in the middle of an import and of billing runs, as a machine that loses its power does it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_domain::time::{Month, Random as _};
use voxpark_domain::uow::Mode;
use voxpark_infra::db::DbOptions;
use voxpark_tests::app::{TestRandom, World, options};
use voxpark_tests::on_both;
use voxpark_tests::plant::Plant;
use voxpark_tests::tools::{Process, voxpark};

use crate::billing::{Ground, Terms};

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

/// Leases of a run: some portions of it.
const LEASES: usize = 1_200;

/// Leases with a seat each.
async fn billed_leases(world: &World) -> Vec<LeaseId> {
    let then = "2023-12-01T00:00:00+00:00";
    let terms = Terms { from: "2024-01-01", ..Terms::default() };
    let mut ground = Ground::new(world).await;
    let mut leases = Vec::with_capacity(LEASES);
    for n in 0..LEASES {
        let tenant = if n % 2 == 0 { world.ids.a1 } else { world.ids.a2 };
        let lease = ground.lease(tenant, then, &terms).await;
        ground.allocate(tenant, lease, 1, "2024-01-01", then).await;
        leases.push(lease);
    }
    leases
}

async fn run_state(world: &World, run: &Value) -> Value {
    let ask = "query($id: ID!) { node(id: $id) { ... on BillingRun { state done job { state attempts } } } }";
    world.ok("park", ask, json!({ "id": run["id"] })).await["node"].clone()
}

/// Waits until the run has ended.
async fn wait_run(world: &World, run: &Value) {
    let start = Instant::now();
    while run_state(world, run).await["state"] == "RUNNING" {
        assert!(start.elapsed() < Duration::from_mins(5), "not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
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

    /// Killed at random moments while it bills month after month, the product's worker bills every lease once: no invoice is
    /// missing or there twice, no number is left out, and the books are whole. `VOXPARK_TEST_KILLS` says how often, 8 times at least.
    async fn killed_runs_bill_once(backend) {
        let kills: usize = voxpark_tests::tools::setting("VOXPARK_TEST_KILLS").and_then(|n| n.parse().ok()).unwrap_or(8).max(8);
        let world = World::new(backend).await;
        let leases = billed_leases(&world).await;
        let random = TestRandom::new(u64::from(std::process::id()));
        let (mut killed, mut began, mut retried, mut months) = (0, 0, 0, Vec::new());
        // Long ago, so that the worker's own clock has them behind it.
        let mut month = Month::parse("2024-01").unwrap();
        while killed < kills {
            let input = json!({ "month": month.to_string(), "idempotencyKey": month.to_string() });
            let run = world.done("park", "billingRunStart", "run { id job { id } }", input).await["run"].clone();
            months.push(month);
            month = month.plus(1);
            loop {
                let state = run_state(&world, &run).await;
                if state["state"] == "DONE" {
                    break;
                }
                if state["state"] == "FAILED" && state["job"]["state"] == "FAILED" {
                    // Five workers died of it: somebody looks, and begins it again.
                    retried += 1;
                    let again = json!({ "jobId": run["job"]["id"], "idempotencyKey": format!("again {retried}") });
                    world.done("park", "jobRetry", "job { id }", again).await;
                }
                let mut plant = Plant::new(&world);
                plant.leases_over();
                plant.done().await;
                let worker = worker(&world);
                began += 1;
                let from = run_state(&world, &run).await;
                let taken = Instant::now();
                while run_state(&world, &run).await["job"]["attempts"] == from["job"]["attempts"] && taken.elapsed() < Duration::from_secs(3) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                let mut word = [0; 2];
                random.fill(&mut word);
                if killed < kills {
                    tokio::time::sleep(Duration::from_millis(u64::from(u16::from_le_bytes(word) % 2_500))).await;
                } else {
                    wait_run(&world, &run).await;
                }
                // SIGKILL, to it and all it started.
                drop(worker);
                let then = run_state(&world, &run).await;
                if then["state"] == "RUNNING" && then["job"]["state"] == "RUNNING" {
                    killed += 1;
                }
            }
        }
        let tx = world.tx("park", Mode::Read).await;
        let mut numbers = BTreeSet::new();
        for month in &months {
            let billed = tx.invoices_of(&leases, *month).await.unwrap();
            let of: BTreeSet<_> = billed.iter().map(|(lease, _)| *lease).collect();
            assert_eq!((billed.len(), of.len()), (leases.len(), leases.len()), "{month}: one invoice in force a lease");
            numbers.extend(billed.into_iter().map(|(_, number)| number.to_string()));
        }
        drop(tx);
        let all = leases.len() * months.len();
        let counts: BTreeSet<usize> = numbers.iter().map(|n| n.rsplit('-').next().unwrap().parse().unwrap()).collect();
        assert_eq!((numbers.len(), counts), (all, (1..=all).collect()), "no number twice and none left out");
        let sums = world.ok("park", "{ park { invoices { totalCount } trialBalance(month: \"2099-12\") { balanced rows { closing { minor } } } } }", json!({})).await;
        assert_eq!(sums["park"]["invoices"]["totalCount"], all);
        let closing = sums["park"]["trialBalance"]["rows"].as_array().unwrap().iter();
        let sum: i128 = closing.map(|row| row["closing"]["minor"].as_str().unwrap().parse::<i128>().unwrap()).sum();
        assert_eq!((sum, &sums["park"]["trialBalance"]["balanced"]), (0, &json!(true)));
        eprintln!("killed {killed} times of {began} workers, begun again {retried} times, {} months of {} leases", months.len(), leases.len());
    }
}
