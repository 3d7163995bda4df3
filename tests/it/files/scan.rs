//! Scanning: a server that speaks clamd's protocol over a real connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::TimeDelta;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use voxpark_domain::platform::{self, FileState};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Refusal};
use voxpark_infra::files::{Filing, ScanJob, Scanner, Upload};
use voxpark_infra::jobs::{Handler, Runner};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::evidence;

/// What stands for malware here.
const BAD: &str = "a,b\n1,THIS-STANDS-FOR-MALWARE\n";

/// A scanner: reads the whole stream, finds the word, takes nothing above a size. Says nothing while it is away.
#[derive(Clone)]
struct Clam {
    address: String,
    away: Arc<AtomicBool>,
    scanned: Arc<AtomicU64>,
}

impl Clam {
    async fn start(most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp:{}", listener.local_addr().unwrap());
        let clam = Self { address, away: Arc::default(), scanned: Arc::default() };
        let this = clam.clone();
        tokio::spawn(async move {
            while let Ok((wire, _)) = listener.accept().await {
                let this = this.clone();
                tokio::spawn(async move { this.answer(wire, most).await });
            }
        });
        clam
    }

    async fn answer(&self, mut wire: TcpStream, most: usize) -> std::io::Result<()> {
        if self.away.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut command = Vec::new();
        while command.last() != Some(&0) {
            command.push(wire.read_u8().await?);
        }
        if command == b"zPING\0" {
            return wire.write_all(b"PONG\0").await;
        }
        assert_eq!(command, b"zINSTREAM\0");
        let mut file = Vec::new();
        loop {
            let n = wire.read_u32().await? as usize;
            if n == 0 {
                break;
            }
            let from = file.len();
            file.resize(from + n, 0);
            wire.read_exact(&mut file[from..]).await?;
            if file.len() > most {
                // As clamd does: it says so and hangs up while the sender is still at it.
                return wire.write_all(b"INSTREAM size limit exceeded. ERROR\0").await;
            }
        }
        self.scanned.fetch_add(1, Ordering::SeqCst);
        let bad = file.windows(23).any(|w| w == b"THIS-STANDS-FOR-MALWARE");
        wire.write_all(if bad { b"stream: Test-Signature FOUND\0" } else { b"stream: OK\0" }).await
    }

    fn filing(&self, world: &World) -> Filing {
        let scanner: Scanner = self.address.parse().unwrap();
        Filing::new(Arc::new(world.db.clone()), world.filing.files().clone(), Some(scanner), world.env.clone())
    }
}

fn rules(error: Error) -> Vec<&'static str> {
    match error {
        Error::Refused(list) => list.into_iter().map(|r: Refusal| r.rule).collect(),
        other => panic!("{other:?}"),
    }
}

async fn take(world: &World, filing: &Filing, name: &str, text: &str) -> voxpark_domain::Result<platform::StoredFile> {
    let upload = Upload { name, declared: "", purpose: None };
    filing.take(&world.ctx("a1").await, upload, text.as_bytes()).await
}

async fn run_jobs(world: &World, filing: &Filing) {
    let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(ScanJob(filing.clone()))];
    Runner::new(Arc::new(world.db.clone()), world.env.clone(), handlers, world.db.wake()).run_due().await.unwrap();
}

on_both! {
    /// What is clean is usable at once; what is not, is not even kept.
    async fn the_scanner_looks_at_what_arrives(backend) {
        let world = World::new(backend).await;
        let clam = Clam::start(1 << 20).await;
        let filing = clam.filing(&world);
        let good = take(&world, &filing, "people.csv", "a,b\n1,2\n").await.unwrap();
        assert_eq!((good.state, good.scanned_at), (FileState::Clean, Some(world.env.now())));
        assert_eq!(rules(take(&world, &filing, "bad.csv", BAD).await.unwrap_err()), ["file-infected"]);
        assert_eq!(clam.scanned.load(Ordering::SeqCst), 2);
        let kept: Vec<_> = std::fs::read_dir(world.data_dir().join("files")).unwrap().flatten().collect();
        assert_eq!(kept.iter().filter(|e| e.file_name() != "incoming").count(), 1, "the clean one alone");
        let acts = super::acts(&world, "a1").await;
        assert!(acts.iter().any(|(action, _)| action == "file.refused"), "{acts:?}");
    }

    /// While the scanner is away, files wait: taken in, attached, and neither read nor imported. The job asks again.
    async fn what_cannot_be_scanned_waits(backend) {
        let world = World::new(backend).await;
        let clam = Clam::start(1 << 20).await;
        let filing = clam.filing(&world);
        clam.away.store(true, Ordering::SeqCst);
        let good = take(&world, &filing, "good.csv", "a,b\n1,2\n").await.unwrap();
        let bad = take(&world, &filing, "bad.csv", BAD).await.unwrap();
        assert_eq!((good.state, bad.state, good.scanned_at), (FileState::Waiting, FileState::Waiting, None));
        let proof = evidence(&world, &bad.id.to_string(), true).await;

        let import = json!({ "fileId": good.id.to_string(), "mode": "GOOD_ROWS", "idempotencyKey": "i" });
        assert_eq!(world.refused("a1", "peopleImport", import.clone()).await, ["file-waiting"]);
        for subject in [&good.id.to_string(), &proof] {
            assert_eq!(super::link(&world, "a1", subject).await, Err("file-waiting".to_owned()));
        }
        let state = format!("{{ node(id: \"{proof}\") {{ ... on Evidence {{ fileState }} }} }}");
        assert_eq!(world.ok("assessor", &state, json!({})).await["node"]["fileState"], "WAITING");

        run_jobs(&world, &filing).await;
        assert_eq!(world.tx("a1", Mode::Read).await.file(good.id).await.unwrap().unwrap().state, FileState::Waiting);
        clam.away.store(false, Ordering::SeqCst);
        world.clock.advance(TimeDelta::seconds(10));
        run_jobs(&world, &filing).await;

        let tx = world.tx("a1", Mode::Read).await;
        let states = [tx.file(good.id).await.unwrap().unwrap(), tx.file(bad.id).await.unwrap().unwrap()];
        drop(tx);
        assert_eq!(states.map(|f| f.state), [FileState::Clean, FileState::Refused]);
        assert_eq!(world.ok("assessor", &state, json!({})).await["node"]["fileState"], "REFUSED");
        for who in ["a1", "assessor"] {
            assert_eq!(super::link(&world, who, &proof).await, Err("file-infected".to_owned()));
        }
        assert_ne!(world.refused("a1", "peopleImport", import).await, ["file-waiting"]);
        assert!(super::link(&world, "a1", &good.id.to_string()).await.is_ok());
    }

    /// A file above the scanner's own limit was not looked at, and does not pass.
    async fn a_limit_of_the_scanner_is_no_verdict(backend) {
        let world = World::new(backend).await;
        let clam = Clam::start(100_000).await;
        let filing = clam.filing(&world);
        let large = take(&world, &filing, "large.csv", &"0123456789\n".repeat(500_000)).await.unwrap();
        assert_eq!(large.state, FileState::Waiting);
        run_jobs(&world, &filing).await;
        assert_eq!(world.tx("a1", Mode::Read).await.file(large.id).await.unwrap().unwrap().state, FileState::Waiting);
    }
}
