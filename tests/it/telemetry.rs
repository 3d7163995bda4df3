//! What a running installation tells its operator, and what it never tells anybody: the real binary, told to say all it can.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::routing::post;
use axum::{Router, extract::State};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use voxpark_infra::db::DbOptions;
use voxpark_tests::app::{PASSWORD, database, email, options, secret_key};
use voxpark_tests::on_both;
use voxpark_tests::tools::{Process, TempDir, free_port, http, voxpark};

/// What somebody wrote or is: none of it may be told.
const CANARY: &str = "canary";

type Heard = Arc<Mutex<Vec<Bytes>>>;

/// A collector that keeps what it gets.
async fn collector() -> (String, Heard) {
    let heard = Heard::default();
    let keep = |State(heard): State<Heard>, body: Bytes| async move { heard.lock().unwrap().push(body) };
    let router = Router::new().route("/v1/traces", post(keep)).with_state(Arc::clone(&heard));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, heard)
}

struct Caller {
    url: String,
    token: Option<String>,
}

impl Caller {
    async fn send(&self, path: &str, kind: &str, body: impl Into<Body>) -> (StatusCode, String) {
        let mut request = Request::post(format!("{}{path}", self.url))
            .header("content-type", kind)
            .header("x-canary", format!("{CANARY}-header"))
            .header("cookie", format!("voxpark={CANARY}-cookie"))
            .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = http(request.body(body.into()).unwrap()).await;
        (answer.status(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    async fn ask(&self, query: &str, input: Value) -> Value {
        let body = json!({ "query": query, "variables": { "i": input } }).to_string();
        let (_, text) = self.send("/graphql", "application/json", body).await;
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}

async fn figures(port: u16) -> String {
    let request = Request::get(format!("http://127.0.0.1:{port}/metrics")).body(Body::empty()).unwrap();
    let answer = http(request).await;
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    String::from_utf8(answer.into_body().to_vec()).unwrap()
}

/// Everything that could be told goes through: good and bad sign-ins, names in files, in variables, in documents, in paths.
/// Returns the token of the session.
async fn busy(caller: &mut Caller) -> String {
    let sign_in = "mutation SignIn($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { rule } } }";
    let wrong = json!({ "email": format!("{CANARY}@example.test"), "password": format!("{CANARY} password") });
    caller.ask(sign_in, wrong).await;
    let right = caller.ask(sign_in, json!({ "email": email("a1"), "password": PASSWORD })).await;
    let token = right["data"]["signIn"]["accessToken"].as_str().expect("a session").to_owned();
    caller.token = Some(token.clone());
    let people = format!(
        "employee_no,name,position,team,joined_on,left_on\nE1,{CANARY} 王芳,座席,{CANARY},2026-01-05,\nE1,{CANARY} 李雷,座席,,bad,\n"
    );
    let (status, file) = caller.send(&format!("/files?name={CANARY}.csv"), "text/csv", people).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    let file = serde_json::from_str::<Value>(&file).unwrap()["id"].clone();
    let import = "mutation($i: PeopleImportInput!) { peopleImport(input: $i) { added userErrors { rule } } }";
    for mode in ["ALL_OR_NOTHING", "GOOD_ROWS"] {
        let given =
            json!({ "fileId": file, "mode": mode, "dryRun": false, "idempotencyKey": format!("{CANARY}-{mode}") });
        let done = caller.ask(import, given).await;
        assert!(done.get("errors").is_none(), "{done}");
    }
    let seen = caller.ask("{ tenant { people(first: 5) { nodes { name } } } }", json!({})).await;
    assert!(seen.to_string().contains(CANARY), "{seen}");
    // A document that is none, a field that is none, a number where none belongs, an id that is none.
    for query in [format!("{{ {CANARY} }}"), format!("{{ node(id: \"{CANARY}\") {{ id }} }}"), format!("{{ {CANARY}(")]
    {
        caller.ask(&query, json!({})).await;
    }
    caller.send("/graphql", "application/json", format!("not json {CANARY}")).await;
    caller.send(&format!("/{CANARY}"), "text/plain", "x").await;
    http(Request::builder().method(CANARY).uri(format!("{}/x", caller.url)).body(Body::empty()).unwrap()).await;
    caller.send("/sign-in", "application/x-www-form-urlencoded", format!("email={CANARY}%40x&password={CANARY}")).await;
    let calls = format!("no such header {CANARY}\n");
    let (_, file) = caller.send(&format!("/files?name={CANARY}-calls.csv"), "text/csv", calls).await;
    let file = serde_json::from_str::<Value>(&file).unwrap()["id"].clone();
    let start = "mutation($i: ContactImportStartInput!) { contactImportStart(input: $i) { import { id } userErrors { rule } } }";
    let given = json!({ "fileId": file, "format": "ANONYMOUS_BANK", "idempotencyKey": "c" });
    let started = caller.ask(start, given).await;
    let import = started["data"]["contactImportStart"]["import"]["id"].clone();
    for _ in 0..600 {
        let query = format!("{{ node(id: {import}) {{ ... on ContactImport {{ state }} }} }}");
        if caller.ask(&query, json!({})).await["data"]["node"]["state"] == "FAILED" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    token
}

fn spans(heard: &Heard) -> Vec<Span> {
    let all = heard.lock().unwrap();
    let exports = all.iter().map(|body| ExportTraceServiceRequest::decode(body.clone()).expect("OTLP"));
    exports.flat_map(|e| e.resource_spans).flat_map(|r| r.scope_spans).flat_map(|s| s.spans).collect()
}

on_both! {
    /// Log, figures and traces tell what happened by route, operation, statement and job, and nothing of what anybody wrote
    /// or is, however much the log is told to say.
    async fn operators_hear_of_everything_but_people(backend) {
        let database = database(backend).await;
        let (dir, listen, port) = (TempDir::new(), free_port(), free_port());
        let (endpoint, heard) = collector().await;
        let mut command = voxpark();
        command
            .arg("serve")
            .current_dir(dir.path())
            .env("VOXPARK_DATA_DIR", dir.path().join("data"))
            .env("VOXPARK_SECRET_KEY", secret_key())
            .env("VOXPARK_LISTEN", format!("127.0.0.1:{listen}"))
            .env("VOXPARK_METRICS_LISTEN", format!("127.0.0.1:{port}"))
            .env("VOXPARK_TRACES_ENDPOINT", &endpoint)
            .env("VOXPARK_LIMITS_DOCUMENTS", "everybody")
            .env("VOXPARK_LOG_LEVEL", "trace")
            .env("VOXPARK_LOG_JSON", "true");
        match options(&database) {
            DbOptions::Sqlite { path } => command.env("VOXPARK_DATABASE_URL", format!("sqlite:{}", path.display())),
            DbOptions::Postgres { url, role_prefix, .. } => {
                command.env("VOXPARK_DATABASE_URL", url).env("VOXPARK_DATABASE_ROLE_PREFIX", role_prefix)
            }
        };
        let mut served = Process::start(&mut command);
        tokio::task::block_in_place(|| served.line_with("giving out figures"));
        let mut caller = Caller { url: format!("http://127.0.0.1:{listen}"), token: None };
        let token = busy(&mut caller).await;

        let text = figures(port).await;
        for series in [
            "voxpark_http_request_seconds_count{route=\"/graphql\",method=\"POST\",status=\"200\"}",
            "voxpark_http_request_seconds_count{route=\"/sign-in\",method=\"POST\"",
            "method=\"_OTHER\"",
            "voxpark_graphql_operation_seconds_count{operation=\"own\",outcome=\"ok\"}",
            "outcome=\"GRAPHQL_VALIDATION_FAILED\"",
            "voxpark_graphql_statements_sum{",
            "table=\"person\"}",
            "voxpark_job_seconds_count{kind=\"contact-import\"",
        ] {
            assert!(text.contains(series), "{series}\n{text}");
        }
        let output = tokio::task::block_in_place(|| {
            let output = served.output();
            assert_eq!(served.stop(), Some(0));
            output
        });
        assert!(output.contains("\"request\""), "the log knows requests");
        let spans = spans(&heard);
        let names: std::collections::BTreeSet<_> = spans.iter().map(|s| s.name.as_str()).collect();
        let named = |name: &str| spans.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no {name}: {names:?}"));
        let (request, statement) = (named("POST /graphql"), named("SELECT person"));
        for span in [request, named("graphql"), statement] {
            assert_eq!(span.trace_id, hex("0af7651916cd43dd8448eb211c80319c"), "{}", span.name);
        }
        assert_eq!(request.parent_span_id, hex("b7ad6b7169203331"));
        assert!(spans.iter().any(|s| s.name == "job"));
        let told: String = heard.lock().unwrap().iter().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
        let people = ["王芳", "李雷", PASSWORD, token.as_str(), "a1@example.test", "姓名"];
        for secret in people.into_iter().chain([CANARY]) {
            for (what, text) in [("figures", &text), ("log", &output), ("traces", &told)] {
                if let Some(at) = text.find(secret) {
                    let from = text[..at].char_indices().rev().nth(300).map_or(0, |(i, _)| i);
                    let line: String = text[from..].chars().take(600).collect();
                    panic!("the {what} tell {secret}: ...{line}");
                }
            }
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}
