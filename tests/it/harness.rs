//! The harness itself: databases are copied, private and gone afterwards; processes end with their test.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait as _, Database as Orm, DatabaseConnection};
use voxpark_tests::tools::{Process, TempDir, voxpark};
use voxpark_tests::{Backend, Database, on_both};

static FILLED: AtomicU32 = AtomicU32::new(0);

async fn fill(url: &str) {
    FILLED.fetch_add(1, Ordering::Relaxed);
    let db = Orm::connect(url).await.unwrap();
    db.execute_unprepared("CREATE TABLE seat (code text); INSERT INTO seat VALUES ('A-001')").await.unwrap();
    db.close().await.unwrap();
}

async fn seats(db: &DatabaseConnection) -> usize {
    db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), "SELECT code FROM seat"))
        .await
        .unwrap()
        .len()
}

on_both! {
    async fn every_test_has_a_database_of_its_own(backend) {
        let (one, other) = (backend.fresh("harness", fill).await, backend.fresh("harness", fill).await);
        let (a, b) = (Orm::connect(one.url()).await.unwrap(), Orm::connect(other.url()).await.unwrap());
        a.execute_unprepared("INSERT INTO seat VALUES ('A-002')").await.unwrap();
        assert_eq!((seats(&a).await, seats(&b).await), (2, 1));
        assert!(FILLED.load(Ordering::Relaxed) <= 2, "the template is filled once for each backend");
    }

    async fn a_database_ends_with_its_test_even_while_in_use(backend) {
        let db = backend.fresh("harness", fill).await;
        let url = db.url().to_owned().replace("?mode=rwc", "");
        let connection = Orm::connect(&url).await.unwrap();
        assert_eq!(seats(&connection).await, 1);
        drop(db);
        assert!(Orm::connect(&url).await.is_err(), "{url} is still there");
    }
}

#[tokio::test]
async fn a_database_can_be_reached_as_somebody_else() {
    let Database::Postgres(db) = Backend::Postgres.fresh("harness", fill).await else {
        unreachable!("asked for PostgreSQL")
    };
    let refused = Orm::connect(db.url_as("nobody_here", "wrong")).await.unwrap_err().to_string();
    assert!(refused.contains("nobody_here"), "{refused}");
}

#[test]
fn a_process_ends_with_its_descendants() {
    let mut process = Process::start(Command::new("sh").args(["-c", "sleep 300 & echo child $!; wait"]));
    let line = process.line_with("child");
    let child = line.trim_start_matches("child ").to_owned();
    let running = || {
        // A killed process that nobody has waited for yet still has a folder here; it is no longer running.
        std::fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    };
    assert!(running());
    drop(process);
    for _ in 0..100 {
        if !running() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("process {child} lives on");
}

#[test]
fn a_process_is_asked_to_stop() {
    let mut process =
        Process::start(Command::new("sh").args(["-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"]));
    process.line_with("ready");
    assert_eq!(process.stop(), Some(7));
}

#[test]
fn a_folder_ends_with_its_test() {
    let dir = TempDir::new();
    let path = dir.path().to_owned();
    std::fs::write(path.join("file"), "x").unwrap();
    drop(dir);
    assert!(!path.exists());
}

#[test]
fn the_product_is_built() {
    assert!(voxpark().arg("--help").output().unwrap().status.success());
}
