//! Server-sent events: graphql-sse, distinct connections mode (github.com/enisdenjo/graphql-sse, PROTOCOL.md).

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use voxpark_tests::site::Site;
use voxpark_tests::{Backend, on_both};

use super::waiting_import;

/// An open stream of events.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    /// The next event and its data; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| {
                    let mut found = event.lines().filter_map(|l| l.strip_prefix(name));
                    found.next().map(|l| l.trim_start().to_owned())
                };
                let read = line("event:").map(|name| (name, line("data:").expect("every event has data")));
                let rest = self.text.len() - rest.len();
                self.text.drain(..rest);
                match read {
                    Some(read) => return Some(read),
                    None => continue, // a comment that keeps the connection
                }
            }
            let more = tokio::time::timeout(Duration::from_mins(1), self.body.next()).await.expect("goes on or ends");
            self.text.push_str(std::str::from_utf8(&more?.ok()?).expect("text"));
        }
    }

    async fn all(&mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        while let Some((name, data)) = self.next().await {
            all.push((name, serde_json::from_str(&data).unwrap_or_default()));
        }
        all
    }
}

async fn open(site: &Site, request: Request<Body>) -> (StatusCode, Events) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let response = client.request(request).await.unwrap();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = response.status();
    if status == StatusCode::OK {
        assert!(kind.starts_with("text/event-stream"), "{kind}");
    }
    let _ = site;
    (status, Events { body: Body::new(response.into_body()).into_data_stream(), text: String::new() })
}

async fn post(site: &Site, query: &str) -> (StatusCode, Events) {
    let request = Request::post(site.at("/graphql"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {}", site.world.token("a1").await))
        .body(Body::from(json!({ "query": query }).to_string()))
        .unwrap();
    open(site, request).await
}

async fn get(site: &Site, query: &str) -> (StatusCode, Events) {
    let query = query.replace(' ', "%20").replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    let request = Request::get(site.at(&format!("/graphql?query={query}")))
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {}", site.world.token("a1").await))
        .body(Body::empty())
        .unwrap();
    open(site, request).await
}

on_both! {
    /// Everything the protocol asks of the mode.
    async fn the_protocol_is_kept(backend) {
        let site = Site::with(backend, false, &[("VOXPARK_LIMITS_GET", "true")]).await;
        let id = waiting_import(&site.world).await;
        let long = format!("subscription {{ contactImportChanged(id: \"{id}\") {{ state }} }}");

        // A subscription goes on, and completes with its last answer.
        let (status, mut events) = post(&site, &long).await;
        assert_eq!(status, 200);
        let (name, data) = events.next().await.unwrap();
        assert_eq!((name.as_str(), data.contains("WAITING")), ("next", true), "{data}");
        site.world.run_jobs().await;
        let rest = events.all().await;
        assert_eq!(rest.last().unwrap().0, "complete");
        assert_eq!(rest[rest.len() - 2].1["data"]["contactImportChanged"]["state"], "DONE");

        // By GET too, where that is allowed; a change is not.
        let names: Vec<_> = get(&site, &long).await.1.all().await.into_iter().map(|e| e.0).collect();
        assert_eq!(names, ["next", "complete"]);
        let (_, mut refused) = get(&site, "mutation { signOut(input: {}) { __typename } }").await;
        assert!(refused.all().await[0].1["errors"].is_array());

        // A query is one answer; a document that is not valid is told in the stream.
        let names: Vec<_> = post(&site, "{ __typename }").await.1.all().await.into_iter().map(|e| e.0).collect();
        assert_eq!(names, ["next", "complete"]);
        let (status, mut events) = post(&site, "{ nope__ }").await;
        assert_eq!(status, 200);
        assert!(events.all().await[0].1["errors"].is_array());
    }
}

/// A client that goes away, and a service that stops, end the stream; without `complete`, so that a client knows that it
/// was cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    let id = waiting_import(&site.world).await;
    let long = format!("subscription {{ contactImportChanged(id: \"{id}\") {{ state }} }}");
    let (_, mut gone) = post(&site, &long).await;
    gone.next().await.unwrap();
    drop(gone);
    let (_, mut events) = post(&site, &long).await;
    events.next().await.unwrap();
    site.stopping.cancel();
    assert_eq!(events.all().await, []);
}

/// Without a stream to answer in, a subscription is refused with the way it is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_needs_a_stream() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    let world = &site.world;
    let document = "subscription { contactImportChanged(id: \"x\") { state } }";
    let answer = world.call(Some(world.token("a1").await), document, json!({})).await.body;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("text/event-stream"), "{answer}");
    assert!(answer.get("data").is_none());
}
