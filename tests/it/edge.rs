//! The HTTP edge: what GraphQL over HTTP asks of status codes and media types, files, headers.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use voxpark::compose::{App, Parts};
use voxpark::edge;
use voxpark_graphql::document_id;
use voxpark_infra::config;
use voxpark_infra::secrets::Argon;
use voxpark_tests::app::{World, keys};
use voxpark_tests::tools::TempDir;
use voxpark_tests::{Backend, on_both};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";
const BOUNDARY: &str = "XX";
/// Settings of an API that answers everybody what they ask.
const OPEN: &[(&str, &str)] =
    &[("VOXPARK_LIMITS_DOCUMENTS", "everybody"), ("VOXPARK_LIMITS_INTROSPECTION", "everybody")];

pub(crate) struct Edge {
    pub(crate) world: World,
    router: Router,
    _files: TempDir,
}

impl Edge {
    pub(crate) async fn new(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }

    /// With more settings.
    pub(crate) async fn with(backend: Backend, more: &[(&str, &str)]) -> Self {
        let (world, files) = (World::new(backend).await, TempDir::new());
        let folder = files.path().display().to_string();
        let settings = [("VOXPARK_DATA_DIR", folder.as_str()), ("VOXPARK_FILES_MAX_MIB", "1")];
        let settings = settings.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = config::load_from(None, Path::new("/nowhere"), settings).unwrap().config;
        let parts = Parts { env: world.env.clone(), passwords: Arc::new(Argon::with(64, 1)) };
        let app = App::over(world.db.clone(), &keys(), config, parts).unwrap();
        Self { world, router: edge::router(app), _files: files }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
    }

    async fn graphql(&self, accept: &str, body: &str) -> (StatusCode, String, Value) {
        let headers = [("content-type", JSON), ("accept", accept), ("accept-language", "en")];
        let answer = self.send(Method::POST, "/graphql", &headers, body.to_owned()).await;
        let media = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        (answer.status(), media, json_of(answer).await)
    }

    pub(crate) async fn bearer(&self, who: &str) -> String {
        format!("Bearer {}", self.world.token(who).await)
    }
}

pub(crate) async fn bytes_of(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), 10_000_000).await.unwrap().to_vec()
}

pub(crate) async fn json_of(answer: Response<Body>) -> Value {
    let bytes = bytes_of(answer).await;
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&bytes)))
}

#[tokio::test]
async fn graphql_over_http_status_codes_and_media_types() {
    let edge = Edge::with(Backend::Sqlite, OPEN).await;
    let good = r#"{"query":"{ __typename }"}"#;
    // accept, body, status, media type of the answer
    let cases = [
        ("*/*", good, 200, JSON),
        (GRAPHQL, good, 200, GRAPHQL),
        ("application/graphql-response+json, application/json;q=0.9", good, 200, GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.5", good, 200, JSON),
        ("application/json, application/graphql-response+json", good, 200, GRAPHQL),
        // Refused documents.
        (JSON, r#"{"query":"{ "}"#, 200, JSON),
        (GRAPHQL, r#"{"query":"{ "}"#, 400, GRAPHQL),
        (JSON, r#"{"query":"{ nothing }"}"#, 200, JSON),
        (GRAPHQL, r#"{"query":"{ nothing }"}"#, 400, GRAPHQL),
        // Execution began: the errors are in the result.
        (GRAPHQL, r#"{"query":"{ park { id } }"}"#, 200, GRAPHQL),
        // Requests that are none.
        (JSON, "{", 400, JSON),
        (JSON, r#"{"document":"{ __typename }"}"#, 400, JSON),
        (JSON, r#"{"query":"{ __typename }","variables":[]}"#, 400, JSON),
        (JSON, r#"[{"query":"{ __typename }"}]"#, 400, JSON),
        ("text/html", good, 406, JSON),
    ];
    for (accept, body, status, media) in cases {
        let (got, kind, answer) = edge.graphql(accept, body).await;
        assert_eq!((got.as_u16(), kind.split(';').next()), (status, Some(media)), "{accept} {body}: {answer}");
        let refused = status != 200 || answer.get("data").is_none();
        assert!(!refused || answer["errors"][0]["message"].is_string(), "{answer}");
    }
    let null_variables = r#"{"query":"{ __typename }","variables":null,"operationName":null,"extensions":{}}"#;
    assert_eq!(edge.graphql(JSON, null_variables).await.0, 200);

    for extensions in ["\"x\"", "1", "true", "[]"] {
        let body = format!(r#"{{"query":"{{ __typename }}","extensions":{extensions}}}"#);
        assert_eq!(edge.graphql(JSON, &body).await.0, 400, "{extensions}");
    }

    // Of several operations only the one that runs is given its variables.
    let several = json!({
        "query": "query Q($first: Int) { park { tenants(first: $first) { totalCount } } }
          query R($n: Int!, $f: InvoiceFilter!) { park { invoices(first: $n, filter: $f) { totalCount } } }
          mutation M($i: SignOutInput!) { signOut(input: $i) { __typename } }",
        "operationName": "Q",
    });
    assert_eq!(edge.graphql(GRAPHQL, &several.to_string()).await.0, 200);
    let missing = r#"{"query":"query R($n: Int!) { park { tenants(first: $n) { totalCount } } }"}"#;
    let (status, _, answer) = edge.graphql(GRAPHQL, missing).await;
    assert_eq!((status.as_u16(), &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")));

    let get = edge.send(Method::GET, "/graphql?query={__typename}", &[], Body::empty()).await;
    assert_eq!(
        (get.status(), get.headers()[header::ALLOW].to_str().unwrap()),
        (StatusCode::METHOD_NOT_ALLOWED, "POST")
    );
    let form =
        edge.send(Method::POST, "/graphql", &[("content-type", "application/x-www-form-urlencoded")], good).await;
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let plain = edge.send(Method::POST, "/graphql", &[("content-type", "text/plain")], good).await;
    assert_eq!(plain.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "a form of another site can send this");
    let large = format!(r#"{{"query":"{{ __typename }} # {}"}}"#, "x".repeat(edge::MAX_GRAPHQL_BYTES));
    assert_eq!(edge.graphql(JSON, &large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Documents of one's own and the schema are for whom they are permitted; the console's documents, by text or by hash,
/// and signing in are for everybody.
#[tokio::test]
async fn who_may_ask_what() {
    let edge = Edge::new(Backend::Sqlite).await;
    let ask = async |edge: &Edge, who: Option<&str>, body: Value| {
        let bearer = match who {
            Some(who) => edge.bearer(who).await,
            None => String::new(),
        };
        let mut headers = vec![("content-type", JSON), ("accept", GRAPHQL)];
        headers.extend(who.map(|_| ("authorization", bearer.as_str())));
        let answer = edge.send(Method::POST, "/graphql", &headers, body.to_string()).await;
        let status = answer.status().as_u16();
        (status, json_of(answer).await["errors"][0]["extensions"]["code"].as_str().map(ToOwned::to_owned))
    };
    let code = |status: u16, code: &str| (status, Some(code.to_owned()));
    let fine = (200, None);
    let own = json!({ "query": "{ viewer { __typename } }" });
    let schema = json!({ "query": "{ __schema { queryType { name } } }" });
    assert_eq!(ask(&edge, Some("park"), own.clone()).await, fine);
    assert_eq!(ask(&edge, Some("park"), schema.clone()).await, fine);
    assert_eq!(ask(&edge, Some("a1"), own.clone()).await, fine);
    assert_eq!(ask(&edge, Some("a1-agent"), own.clone()).await, code(403, "FORBIDDEN"));
    assert_eq!(ask(&edge, None, own.clone()).await, code(401, "UNAUTHENTICATED"));
    assert_eq!(ask(&edge, None, schema.clone()).await, code(401, "UNAUTHENTICATED"));

    // The way in stays open.
    let enter = json!({ "query": "mutation { signIn(input: { email: \"nobody@x\", password: \"x\" }) { userErrors { rule } } }" });
    assert_eq!(ask(&edge, None, enter).await, fine);

    // What the console asks, everybody may.
    let (_, document) = voxpark_console::documents()
        .iter()
        .find(|(_, text)| text.contains("query ") && !text.contains('$'))
        .expect("a document without variables");
    let name = document.split("query ").nth(1).and_then(|rest| rest.split(['(', ' ', '{']).next()).unwrap();
    let id = document_id(document);
    let hash = id.strip_prefix("sha256:").unwrap();
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    for body in [
        json!({ "query": document, "operationName": name }),
        json!({ "documentId": id, "operationName": name }),
        json!({ "extensions": persisted, "operationName": name }),
    ] {
        assert_eq!(ask(&edge, Some("a1-agent"), body.clone()).await, fine, "{body}");
    }
    let unknown = json!({ "documentId": format!("sha256:{}", "0".repeat(64)) });
    assert_eq!(ask(&edge, Some("park"), unknown).await, code(400, "PERSISTED_QUERY_NOT_FOUND"));

    // Closed altogether.
    let shut = [("VOXPARK_LIMITS_DOCUMENTS", "nobody"), ("VOXPARK_LIMITS_INTROSPECTION", "nobody")];
    let edge = Edge::with(Backend::Sqlite, &shut).await;
    assert_eq!(ask(&edge, Some("park"), own).await, code(403, "FORBIDDEN"));
    let enter = json!({ "query": "mutation { signIn(input: { email: \"nobody@x\", password: \"x\" }) { userErrors { rule } } }" });
    assert_eq!(ask(&edge, None, enter).await, code(401, "UNAUTHENTICATED"));
    assert_eq!(ask(&edge, Some("a1-agent"), json!({ "documentId": id, "operationName": name })).await, fine);
}

#[tokio::test]
async fn queries_by_get_where_the_installation_allows_them() {
    let edge = Edge::with(Backend::Sqlite, &[OPEN, &[("VOXPARK_LIMITS_GET", "true")]].concat()).await;
    let get = async |url: &str, headers: &[(&str, &str)]| {
        let answer = edge.send(Method::GET, url, headers, Body::empty()).await;
        let status = answer.status().as_u16();
        let mut body = json_of(answer).await;
        body.as_object_mut().unwrap().remove("extensions");
        (status, body)
    };
    let code = "/graphql?query=%7Bpark%7Bcode%7D%7D";
    let bearer = edge.bearer("park").await;
    let park = get(code, &[("authorization", &bearer), ("accept", GRAPHQL)]).await;
    assert_eq!(park, (200, json!({ "data": { "park": { "code": "PA" } } })));
    let typed = "/graphql?query=query%20Q($n:String!)%7B__type(name:$n)%7Bname%7D%7D&operationName=Q&variables=%7B%22n%22:%22Park%22%7D";
    assert_eq!(get(typed, &[]).await, (200, json!({ "data": { "__type": { "name": "Park" } } })));
    for bad in
        ["/graphql", "/graphql?query=%7B__typename%7D&variables=1", "/graphql?query=%7B__typename%7D&extensions=%5B%5D"]
    {
        assert_eq!(get(bad, &[]).await.0, 400, "{bad}");
    }
    // What changes something cannot be a link.
    let change = "/graphql?query=mutation%7BsignOut(input:%7B%7D)%7B__typename%7D%7D";
    let answer = edge.send(Method::GET, change, &[("authorization", &bearer)], Body::empty()).await;
    assert_eq!((answer.status().as_u16(), answer.headers()[header::ALLOW].to_str().unwrap()), (405, "POST"));
    assert_eq!(get(code, &[("authorization", &bearer)]).await.0, 200, "still signed in");
}

#[tokio::test]
async fn who_asks_for_too_much_waits_and_nobody_else_does() {
    let more = [("VOXPARK_LIMITS_BURST", "1000"), ("VOXPARK_LIMITS_PER_SECOND", "10")];
    let edge = Edge::with(Backend::Sqlite, &[OPEN, &more].concat()).await;
    let ask = async |who: &str, document: &str| {
        let bearer = edge.bearer(who).await;
        let body = json!({ "query": document }).to_string();
        let answer =
            edge.send(Method::POST, "/graphql", &[("content-type", JSON), ("authorization", &bearer)], body).await;
        let wait = answer.headers().get(header::RETRY_AFTER).map(|v| v.to_str().unwrap().to_owned());
        (answer.status().as_u16(), wait, json_of(answer).await)
    };
    let costly = "{ park { tenants(first: 100) { nodes { id code name } } } rateLimit { cost limit remaining } }";
    let (_, _, answer) = ask("park", costly).await;
    let cost = answer["data"]["rateLimit"]["cost"].as_i64().unwrap();
    assert!(cost > 300, "a list costs as often as it may hold: {cost}");
    assert_eq!(answer["data"]["rateLimit"], json!({ "cost": cost, "limit": 1000, "remaining": 1000 - cost }));
    assert_eq!(answer["extensions"]["cost"]["remaining"], 1000 - cost);
    let (mut refused, mut asked) = (None, 1);
    while refused.is_none() && asked < 10 {
        let (status, wait, answer) = ask("park", costly).await;
        asked += 1;
        if status == 429 {
            refused = wait;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{answer}");
            assert!(answer.get("data").is_none(), "{answer}");
        }
    }
    let missing = asked * cost - 1000;
    assert_eq!(refused, Some(((missing + 9) / 10).to_string()), "after {asked} of {cost}");
    assert_eq!(ask("finance", costly).await.0, 200, "somebody else's bucket");
    edge.world.clock.advance(chrono::TimeDelta::seconds((missing + 9) / 10));
    assert_eq!(ask("park", costly).await.0, 200, "the points came back");
}

#[tokio::test]
async fn tokens_and_request_ids() {
    let edge = Edge::new(Backend::Sqlite).await;
    let ask = async |headers: &[(&str, &str)]| {
        let all = [&[("content-type", JSON)], headers].concat();
        edge.send(Method::POST, "/graphql", &all, r#"{"query":"{ park { code } }"}"#).await
    };
    let answer = ask(&[("authorization", &edge.bearer("park").await), ("x-request-id", "abc-123")]).await;
    assert_eq!(answer.headers()["x-request-id"], "abc-123");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(json_of(answer).await["data"], json!({ "park": { "code": "PA" } }));
    for bad in ["Bearer x.y.z", "Bearer", "Basic abc"] {
        let answer = ask(&[("authorization", bad), ("x-request-id", "a b\"")]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{bad}");
        assert!(answer.headers().contains_key(header::WWW_AUTHENTICATE));
        assert_eq!(answer.headers()["x-request-id"].len(), 24, "a foreign id that is not plain is replaced");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let edge = Edge::new(Backend::Sqlite).await;
    for path in ["/", "/health", "/graphql", "/files/x", "/nowhere"] {
        let answer = edge.send(Method::GET, path, &[], Body::empty()).await;
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(answer.headers().contains_key(header::REFERRER_POLICY), "{path}");
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
    }
}

on_both! {
    async fn ready_says_whether_the_walls_stand(backend) {
        let edge = Edge::new(backend).await;
        assert_eq!(edge.send(Method::GET, "/health", &[], Body::empty()).await.status(), StatusCode::OK);
        assert_eq!(edge.send(Method::GET, "/ready", &[], Body::empty()).await.status(), StatusCode::OK);
    }

    async fn a_file_goes_in_and_comes_out_for_its_owner_alone(backend) {
        let edge = Edge::new(backend).await;
        let (park, neighbour) = (edge.bearer("park").await, edge.bearer("other-park").await);
        let body = "座位,产品\nA-001,equipped\n";
        let named = "attachment; filename=\"x.csv\"; filename*=UTF-8''%E5%BA%A7%E4%BD%8D%20%E5%9B%BE.csv";
        let headers = [("authorization", park.as_str()), ("content-type", "text/csv"), ("content-disposition", named)];
        let taken = edge.send(Method::POST, "/files", &headers, body).await;
        assert_eq!(taken.status(), StatusCode::CREATED);
        let taken = json_of(taken).await;
        assert_eq!((taken["name"].as_str(), taken["bytes"].as_u64()), (Some("座位 图.csv"), Some(body.len() as u64)));
        assert_eq!(taken["sha256"].as_str().unwrap().len(), 64);

        let path = format!("/files/{}", taken["id"].as_str().unwrap());
        let given = edge.send(Method::GET, &path, &[("authorization", &park)], Body::empty()).await;
        assert_eq!(given.status(), StatusCode::OK);
        let shown = given.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        assert!(shown.starts_with("attachment;") && shown.contains("filename*=UTF-8''%E5%BA%A7"), "{shown}");
        assert_eq!(given.headers()[header::CONTENT_TYPE], "text/csv");
        assert_eq!(bytes_of(given).await, body.as_bytes());

        for other in [neighbour, edge.bearer("a1").await] {
            let refused = edge.send(Method::GET, &path, &[("authorization", &other)], Body::empty()).await;
            assert_eq!(refused.status(), StatusCode::NOT_FOUND);
            assert!(!json_of(refused).await.to_string().contains("座位"));
        }
        assert_eq!(edge.send(Method::GET, &path, &[], Body::empty()).await.status(), StatusCode::UNAUTHORIZED);
    }

    /// Evidence goes to its tenant at any time, to an assessor while its grant reaches a submitted assessment, and to
    /// nobody else, whatever the id.
    async fn evidence_is_given_to_those_who_may_assess_it(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let grant = json!({ "assessorEmail": "late-assessor@example.test", "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(),
            "purpose": "复核", "validFrom": "2026-01-01", "validTo": "2027-01-01", "idempotencyKey": "g" });
        let grant = world.done("park", "grantCreate", "grant { id }", grant).await["grant"]["id"].clone();
        world.declare("late-assessor").await;
        let body = "%PDF-1.7 保密协议";
        let headers = [("authorization", &*edge.bearer("a1").await), ("content-type", "application/pdf")];
        let file = json_of(edge.send(Method::POST, "/files?name=nda.pdf", &headers, body).await).await;
        let input = json!({ "framework": "cc-cmm-oc-2011", "title": "自评", "cycle": "2026", "idempotencyKey": "c" });
        let id = world.done("a1", "assessmentCreate", "assessment { id }", input).await["assessment"]["id"].clone();
        let ratings: Vec<_> = (1..=168).map(|n| json!({ "clause": n, "c": 10, "f": 10 })).collect();
        world.done("a1", "assessmentRate", "", json!({ "assessmentId": id, "ratings": ratings })).await;
        let input = json!({ "assessmentId": id, "clause": 27, "title": "协议", "fileId": file["id"], "coversFrom": "2026-01-01", "idempotencyKey": "e" });
        let evidence = world.done("a1", "evidenceAttach", "evidence { id }", input).await["evidence"]["id"].as_str().unwrap().to_owned();
        let path = format!("/evidence/{evidence}");
        let get = async |who: &str| {
            let answer = edge.send(Method::GET, &path, &[("authorization", &edge.bearer(who).await)], Body::empty()).await;
            let (status, bytes) = (answer.status().as_u16(), bytes_of(answer).await);
            assert_eq!(status == 200, bytes == body.as_bytes(), "{who}");
            assert!(status == 200 || !String::from_utf8_lossy(&bytes).contains("nda"), "{who}: the answer names the file");
            status
        };
        for (who, status) in [("a1", 200), ("assessor", 404), ("late-assessor", 404), ("a2", 404), ("park", 404), ("b1", 404), ("a1-agent", 404)] {
            assert_eq!(get(who).await, status, "{who}, of a draft");
        }
        world.done("a1", "assessmentSubmit", "", json!({ "assessmentId": id, "idempotencyKey": "s" })).await;
        for (who, status) in [("a1", 200), ("assessor", 200), ("late-assessor", 200), ("other-assessor", 404), ("a2", 404), ("park", 404), ("other-park", 404)] {
            assert_eq!(get(who).await, status, "{who}, of what was submitted");
        }
        world.done("park", "grantRevoke", "grant { id }", json!({ "grantId": grant, "idempotencyKey": "r" })).await;
        let revoked = get("late-assessor").await;
        assert!(revoked == 404 || revoked == 401, "{revoked}");
        world.done("a1", "assessmentWithdraw", "", json!({ "assessmentId": id, "idempotencyKey": "w" })).await;
        assert_eq!((get("assessor").await, get("a1").await), (404, 200), "taken back");
        assert_eq!(edge.send(Method::GET, &path, &[], Body::empty()).await.status(), StatusCode::UNAUTHORIZED);
        let nowhere = edge.send(Method::GET, "/evidence/x", &[("authorization", &edge.bearer("a1").await)], Body::empty()).await;
        assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    }

    async fn files_that_cannot_be_taken(backend) {
        let edge = Edge::new(backend).await;
        let (park, agent) = (edge.bearer("park").await, edge.bearer("a1-agent").await);
        let send = async |bearer: &str, body: Vec<u8>| {
            let headers = [("authorization", bearer), ("accept-language", "en")];
            let answer = edge.send(Method::POST, "/files?name=x.csv", &headers, body).await;
            (answer.status().as_u16(), json_of(answer).await["errors"][0]["message"].as_str().unwrap().to_owned())
        };
        assert_eq!(send(&park, Vec::new()).await, (422, "The file is empty.".to_owned()));
        assert_eq!(send(&park, vec![b'x'; 1024 * 1024 + 1]).await, (413, "The file is larger than 1 MiB.".to_owned()));
        assert_eq!(send(&agent, vec![b'x']).await.0, 403);
        assert_eq!(send("Bearer x", vec![b'x']).await.0, 401);
    }

    async fn a_form_brings_its_first_file(backend) {
        let edge = Edge::new(backend).await;
        let form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--{BOUNDARY}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"plan.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n\
             --{BOUNDARY}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("authorization", &*edge.bearer("a1").await), ("content-type", &*kind)];
        let taken = json_of(edge.send(Method::POST, "/files", &headers, form).await).await;
        assert_eq!((taken["name"].as_str(), taken["bytes"].as_u64()), (Some("plan.csv"), Some(3)));
    }
}
