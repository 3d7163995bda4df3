//! The store in a bucket: the same product, other bytes.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use voxpark_domain::Error;
use voxpark_domain::platform::FileState;
use voxpark_domain::uow::FileStore as _;
use voxpark_infra::files::{Bytestream, Files, Filing, Upload};
use voxpark_infra::intake::Intake;
use voxpark_tests::Backend;
use voxpark_tests::app::{World, keys};
use voxpark_tests::on_both;

use super::s3::Server;

const MIB: usize = 1024 * 1024;

async fn all(stream: Bytestream) -> Vec<u8> {
    stream
        .try_fold(Vec::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap()
}

on_both! {
    /// A large file goes up in parts, comes back whole and in part, is listed, copied for those who need a path, removed.
    async fn files_live_in_a_bucket(backend) {
        let world = World::new(backend).await;
        let (server, bucket) = Server::start().await;
        let spool = world.data_dir().join("spool");
        let files = Files::bucket(&bucket, &spool, world.env.clone(), 64 * MIB as u64).unwrap();
        files.probe().await.unwrap();
        let filing = Filing::new(Arc::new(world.db.clone()), files.clone(), None, world.env.clone());
        let take = async |name: &str, bytes: &[u8]| {
            let upload = Upload { name, declared: "", purpose: None };
            filing.take(&world.ctx("a1").await, upload, bytes).await
        };
        let text: Vec<u8> = b"0123456789,abcdef\n".iter().copied().cycle().take(20 * MIB + 7).collect();
        let large = take("large.csv", &text).await.unwrap();
        {
            let held = server.0.lock().unwrap();
            assert_eq!(held.asked.iter().filter(|a| a.starts_with("PUT partNumber")).count(), 3, "{:?}", held.asked);
            assert_eq!(held.objects.keys().filter(|k| k.starts_with("park/")).count(), 1);
        }
        assert!(all(filing.open(&large.sha256, FileState::Clean, None).await.unwrap()).await == text);
        let part = filing.open(&large.sha256, FileState::Clean, Some(9 * MIB as u64..9 * MIB as u64 + 5)).await.unwrap();
        assert_eq!(all(part).await, &text[9 * MIB..9 * MIB + 5]);

        // The same bytes again are not sent again.
        let before = server.0.lock().unwrap().asked.len();
        take("again.csv", &text).await.unwrap();
        assert_eq!(server.0.lock().unwrap().asked.len(), before + 1, "looked at, and there");

        let copy = files.local(&large.sha256).await.unwrap();
        assert!(std::fs::read(copy.path()).unwrap() == text);
        let path = copy.path().to_owned();
        drop(copy);
        assert!(!path.exists(), "the copy goes with its reader");
        assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0);

        let listed: Vec<_> = files.list().try_collect().await.unwrap();
        assert_eq!(listed.iter().map(|l| (l.content, l.bytes)).collect::<Vec<_>>(), [(large.sha256, text.len() as u64)]);
        files.remove(&large.sha256).await.unwrap();
        assert!(!files.has(&large.sha256).await.unwrap());
        assert!(matches!(files.local(&large.sha256).await, Err(Error::NotFound)));

        // What cannot be finished is taken back, and nothing refers to it.
        server.0.lock().unwrap().failing = true;
        assert!(matches!(take("broken.csv", &text).await, Err(Error::Internal(_))));
        let held = server.0.lock().unwrap();
        assert!(held.parts.is_empty() && held.objects.is_empty(), "nothing half stays");
        drop(held);
        assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0);
    }

    /// An import reads its file from the bucket.
    async fn an_import_reads_from_a_bucket(backend) {
        let world = World::new(backend).await;
        let (_server, bucket) = Server::start().await;
        let files = Files::bucket(&bucket, world.data_dir().join("spool"), world.env.clone(), 64 * MIB as u64).unwrap();
        let filing = Filing::new(Arc::new(world.db.clone()), files.clone(), None, world.env.clone());
        let log = "1479700800|1|q|NONE|ENTERQUEUE||1380000\n1479700810|1|q|A1|CONNECT|10|1\n1479700870|1|q|A1|COMPLETECALLER|10|60|1\n";
        let upload = Upload { name: "queue_log", declared: "", purpose: None };
        let file = filing.take(&world.ctx("a1").await, upload, log.as_bytes()).await.unwrap();
        let input = json!({ "fileId": file.id.to_string(), "format": "ASTERISK_QUEUE_LOG", "idempotencyKey": "i" });
        let made = world.done("a1", "contactImportStart", "import { id }", input).await;
        let id = made["import"]["id"].as_str().unwrap().parse().unwrap();
        let intake = Intake::new(world.db.clone(), Arc::new(files), keys());
        intake.run(&world.job_ctx(world.ids.park_a, Some(world.ids.a1)), id).await.unwrap();
        let state = format!("{{ node(id: \"{id}\") {{ ... on ContactImport {{ state contactsAdded }} }} }}");
        assert_eq!(world.ok("a1", &state, json!({})).await["node"], json!({ "state": "DONE", "contactsAdded": 1 }));
    }
}

/// A key that the server does not know opens nothing, and says so.
#[tokio::test]
async fn a_wrong_key_is_told() {
    let world = World::new(Backend::Sqlite).await;
    let (_server, bucket) = Server::start().await;
    let wrong = voxpark_infra::files::Bucket { secret: voxpark_infra::config::Secret::new("another"), ..bucket };
    let files = Files::bucket(&wrong, world.data_dir().join("spool"), world.env.clone(), 1).unwrap();
    assert!(files.probe().await.is_err());
    assert!(files.list().next().await.unwrap().is_err());
}
