//! Subscriptions: what is said when, to whom, and by which protocol.

mod events;
mod socket;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use voxpark_domain::ids::ImportId;
use voxpark_graphql::Answer;
use voxpark_infra::db::Db;
use voxpark_tests::app::{World, keys, options};
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};
use crate::operations::start;

const CALLS: &[u8] = b"start,outcome,wait,talk,queue
2026-11-02 09:00:01,answered,5,60,card
2026-11-02 09:16:00,abandoned,30,0,card
";

fn mapping() -> Value {
    json!({ "timeZone": "Asia/Shanghai", "mapping": { "start": { "column": "start", "format": "iso" },
        "outcome": "outcome", "wait": "wait", "handle": "talk", "queue": "queue",
        "outcomes": [{ "text": "answered", "outcome": "ANSWERED" }, { "text": "abandoned", "outcome": "ABANDONED" }] } })
}

/// An import of tenant a1 that nobody has begun.
pub(crate) async fn waiting_import(world: &World) -> String {
    start(world, "a1", CALLS, "GENERIC_CSV", mapping()).await
}

const IMPORT: &str = "subscription($id: ID!) { contactImportChanged(id: $id) { state rowsRead } }";

async fn follow(world: &World, who: &str, document: &str, variables: Value) -> Receiver<Answer> {
    world.api.answers(world.asks(Some(world.token(who).await), document, variables))
}

/// The next answer; there must be one.
async fn next(answers: &mut Receiver<Answer>) -> Value {
    let answer = tokio::time::timeout(Duration::from_mins(1), answers.recv()).await.expect("an answer in a minute");
    answer.expect("another answer").body
}

/// Nothing is said for as long as it takes to say something to somebody else.
async fn silent(answers: &mut Receiver<Answer>) {
    assert!(tokio::time::timeout(Duration::from_millis(300), answers.recv()).await.is_err(), "said something");
}

on_both! {
    /// An import is followed from waiting to done, and then the stream ends by itself.
    async fn an_import_is_followed_to_its_end(backend) {
        let world = World::new(backend).await;
        let id = waiting_import(&world).await;
        let mut answers = follow(&world, "a1", IMPORT, json!({ "id": id })).await;
        assert_eq!(next(&mut answers).await["data"]["contactImportChanged"]["state"], "WAITING");
        world.run_jobs().await;
        let mut last = Value::Null;
        while let Some(answer) = answers.recv().await {
            last = answer.body["data"]["contactImportChanged"].clone();
        }
        assert_eq!(last, json!({ "state": "DONE", "rowsRead": 2 }));
        // What is over already is said once.
        let mut answers = follow(&world, "a1", IMPORT, json!({ "id": id })).await;
        assert_eq!(next(&mut answers).await["data"]["contactImportChanged"]["state"], "DONE");
        assert!(answers.recv().await.is_none());
    }

    /// What is not theirs does not exist for others: they hear null, once, and nothing of what happens to it.
    async fn nobody_follows_what_is_not_theirs(backend) {
        let world = World::new(backend).await;
        let id = waiting_import(&world).await;
        for who in ["a2", "park", "b1", "assessor", "a1-agent"] {
            let mut answers = follow(&world, who, IMPORT, json!({ "id": id })).await;
            let told = next(&mut answers).await;
            let unknown = world.env.id::<ImportId>();
            let mut others = follow(&world, who, IMPORT, json!({ "id": unknown })).await;
            assert_eq!(told["data"], next(&mut others).await["data"], "{who}");
            assert_eq!(told["data"]["contactImportChanged"], Value::Null, "{who}: {told}");
            assert!(answers.recv().await.is_none(), "{who}");
        }
        let mut nobody = world.api.answers(world.asks(None, IMPORT, json!({ "id": id })));
        assert_eq!(next(&mut nobody).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(nobody.recv().await.is_none());
    }

    /// Whoever looks at a floor sees seats taken as they are; a neighbour whose view of it stays the same hears nothing.
    async fn a_floor_is_followed(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 6).await;
        let found = world.ok("park", "{ park { seats(first: 1) { nodes { zone { floor { id } } } } } }", json!({})).await;
        let floor = &found["park"]["seats"]["nodes"][0]["zone"]["floor"]["id"];
        let document = "subscription($id: ID!) { floorChanged(id: $id) { map { seats { code state } } } }";
        let mut owner = follow(&world, "park", document, json!({ "id": floor })).await;
        let mut a2 = follow(&world, "a2", document, json!({ "id": floor })).await;
        let before = next(&mut owner).await;
        next(&mut a2).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..1], "2026-11-21", None, "one")).await;
        let after = next(&mut owner).await;
        assert_ne!(before["data"], after["data"]);
        silent(&mut owner).await;
        let seen = next_or_silence(&mut a2).await;
        assert!(!seen.to_string().contains("a1"), "{seen}");
    }

    /// Who signs out, or whose grant is taken back, sees nothing more from that moment on.
    async fn what_is_taken_back_is_gone_at_once(backend) {
        let world = World::new(backend).await;
        let id = waiting_import(&world).await;
        let mut answers = follow(&world, "a1", IMPORT, json!({ "id": id })).await;
        next(&mut answers).await;
        world.done("a1", "signOut", "__typename", json!({})).await;
        assert_eq!(next(&mut answers).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(answers.recv().await.is_none());
    }

    /// A change that another process makes is heard too.
    async fn other_processes_are_heard(backend) {
        let world = World::new(backend).await;
        let id = waiting_import(&world).await;
        let here = world.db.clone();
        let hearing = tokio::spawn(async move { here.hear_others().await });
        let mut answers = follow(&world, "a1", IMPORT, json!({ "id": id })).await;
        next(&mut answers).await;
        // A second way to the same database that shares nothing with the first.
        let there = Db::open(&options(&world.database), keys()).await.unwrap();
        heard(&world, &there, &id, &mut answers).await;
        hearing.abort();
    }
}

/// Changes the import elsewhere until that is heard: a listener may need a moment to be there.
async fn heard(world: &World, there: &Db, id: &str, answers: &mut Receiver<Answer>) {
    use voxpark_billing::uow::Database as _;
    use voxpark_domain::uow::Mode;
    let ctx = world.job_ctx(world.ids.park_a, Some(world.ids.a1));
    let failure = voxpark_domain::error::Told::from(&voxpark_domain::Refusal::new(
        voxpark_domain::RefusalCode::Invalid,
        "call-file-nonsense",
    ));
    let tx = there.begin(&ctx, Mode::Write).await.unwrap();
    tx.contact_import_fail(id.parse().unwrap(), &failure, world.env.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(next(answers).await["data"]["contactImportChanged"]["state"], "FAILED");
}

async fn next_or_silence(answers: &mut Receiver<Answer>) -> Value {
    match tokio::time::timeout(Duration::from_secs(1), answers.recv()).await {
        Ok(answer) => answer.expect("it goes on").body,
        Err(_) => Value::Null,
    }
}
