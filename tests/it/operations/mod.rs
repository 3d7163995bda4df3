//! Imports of call records and the figures they add up to, through the API and the job.

mod again;
mod faults;
mod figures;
mod resume;

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use voxpark_tests::app::World;

/// What is read of an import.
const IMPORT: &str = "id state rowsRead contactsAdded contactsKnown rowsRefused bytesTotal bytesRead finishedAt
    failure { code rule path message } issues(first: 100) { nodes { row field rule message } totalCount }";

/// A file of the shared test data; `None` (and a line that says so) where it is absent.
fn data(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    let bytes = std::fs::read(path).ok();
    if bytes.is_none() {
        println!("skipped: test data {name} is not here");
    }
    bytes
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// The header and the first rows of a text.
fn lines(text: &[u8], from: usize, to: usize) -> Vec<u8> {
    let all: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    [all[0], &all[from + 1..=to].concat()].concat()
}

/// Asks for an import; its id.
pub(crate) async fn start(world: &World, who: &str, bytes: &[u8], format: &str, more: Value) -> String {
    let file =
        world.upload(who, if bytes.starts_with(&[0x1f, 0x8b]) { "calls.txt.gz" } else { "calls.txt" }, bytes).await;
    let mut input = json!({ "fileId": file, "format": format, "idempotencyKey": file });
    for (key, value) in more.as_object().into_iter().flatten() {
        input[key] = value.clone();
    }
    let payload = world.done(who, "contactImportStart", "import { id }", input).await;
    payload["import"]["id"].as_str().unwrap().to_owned()
}

async fn look(world: &World, who: &str, id: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on ContactImport {{ {IMPORT} }} }} }}");
    world.ok(who, &document, json!({ "id": id })).await["node"].clone()
}

/// Imports a file to the end.
async fn import(world: &World, who: &str, bytes: &[u8], format: &str, more: Value) -> Value {
    let id = start(world, who, bytes, format, more).await;
    world.run_jobs().await;
    look(world, who, &id).await
}

/// State, rows, added, known, refused.
fn counts(import: &Value) -> (String, [i64; 4]) {
    let n = |field: &str| import[field].as_i64().unwrap();
    let counts = [n("rowsRead"), n("contactsAdded"), n("contactsKnown"), n("rowsRefused")];
    (import["state"].as_str().unwrap().to_owned(), counts)
}

/// One figure of every interval and day and the summary of a period, which must agree.
async fn totals(world: &World, who: &str, from: &str, to: &str) -> [i64; 3] {
    let document = "query($from: Date!, $to: Date!) { tenant {
        operations(from: $from, to: $to) { offered answered abandoned }
        daily(from: $from, to: $to) { offered answered abandoned }
        quarters: intervals(from: $from, to: $to) { offered answered abandoned answeredIn averageHandleSeconds { numerator } }
        halves: intervals(from: $from, to: $to, grain: HALF) { offered answered abandoned answeredIn averageHandleSeconds { numerator } }
    } }";
    let tenant = &world.ok(who, document, json!({ "from": from, "to": to })).await["tenant"];
    let row = |v: &Value| ["offered", "answered", "abandoned"].map(|f| v[f].as_i64().unwrap());
    let sum = |list: &Value| {
        list.as_array().unwrap().iter().map(row).fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
    };
    let whole = row(&tenant["operations"]);
    assert_eq!(sum(&tenant["daily"]), whole);
    assert_eq!(sum(&tenant["quarters"]), whole);
    assert_eq!(sum(&tenant["halves"]), whole);
    whole
}
