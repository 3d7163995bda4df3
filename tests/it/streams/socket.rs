//! `graphql-transport-ws`, rule by rule (github.com/enisdenjo/graphql-ws, PROTOCOL.md).

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use voxpark_tests::Backend;
use voxpark_tests::site::Site;

use super::waiting_import;

/// What came.
#[derive(Debug, PartialEq)]
enum Came {
    Said(Value),
    Closed(u16),
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(site: &Site, protocol: Option<&str>) -> Result<Self, u16> {
        let url = site.at("/graphql").replace("http://", "ws://");
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
                Ok(Self(socket))
            }
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// Opened and introduced.
    async fn ready(site: &Site, who: Option<&str>) -> Self {
        let mut socket = Self::open(site, Some("graphql-transport-ws")).await.unwrap();
        let payload = match who {
            Some(who) => json!({ "token": site.world.token(who).await }),
            None => Value::Null,
        };
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.next().await, Came::Said(json!({ "type": "connection_ack" })));
        socket
    }

    async fn say(&mut self, message: Value) {
        self.raw(Message::text(message.to_string())).await;
    }

    async fn raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn next(&mut self) -> Came {
        loop {
            let message = tokio::time::timeout(Duration::from_mins(1), self.0.next()).await.expect("something comes");
            match message.expect("not without a word").unwrap() {
                Message::Text(text) => return Came::Said(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Came::Closed(frame.expect("with a code").code.into()),
                _ => {}
            }
        }
    }

    async fn said(&mut self) -> Value {
        match self.next().await {
            Came::Said(value) => value,
            closed @ Came::Closed(_) => panic!("{closed:?}"),
        }
    }

    /// Nothing came up to now: the answer to a ping is the next that does.
    async fn quiet(&mut self) {
        self.say(json!({ "type": "ping" })).await;
        assert_eq!(self.said().await, json!({ "type": "pong" }));
    }
}

/// How long a subscription goes on: as long as nobody begins the import.
fn long(id: &str) -> String {
    format!("subscription {{ contactImportChanged(id: \"{id}\") {{ state }} }}")
}

/// Opening: one protocol, introduced once and in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_opened_by_the_rules() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    for protocol in [Some("nope"), Some("graphql-ws"), None] {
        assert_eq!(Socket::open(&site, protocol).await.err(), Some(400), "{protocol:?}");
    }
    let before = |message: Value| {
        let site = &site;
        async move {
            let mut socket = Socket::open(site, Some("graphql-transport-ws")).await.unwrap();
            socket.say(message).await;
            socket.next().await
        }
    };
    assert_eq!(before(json!({ "type": "ping" })).await, Came::Said(json!({ "type": "pong" })));
    let early = json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ __typename }" } });
    assert_eq!(before(early).await, Came::Closed(4401));
    let false_name = json!({ "type": "connection_init", "payload": { "token": "no token" } });
    assert_eq!(before(false_name).await, Came::Closed(4403));
    let silent = Socket::open(&site, Some("graphql-transport-ws")).await.unwrap().next().await;
    assert_eq!(silent, Came::Closed(4408));
    let mut twice = Socket::ready(&site, None).await;
    twice.say(json!({ "type": "connection_init" })).await;
    assert_eq!(twice.next().await, Came::Closed(4429));
    let header = format!("Bearer {}", site.world.token("a1").await);
    let by_header = json!({ "type": "connection_init", "payload": { "Authorization": header } });
    assert_eq!(before(by_header).await, Came::Said(json!({ "type": "connection_ack" })));
}

/// What is no message of the protocol closes the socket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_closes_the_socket() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    for text in [
        "{nope",
        "[]",
        r#"{"type":"wat"}"#,
        r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#,
        r#"{"id":"1","type":"subscribe"}"#,
        r#"{"id":"1","type":"connection_ack"}"#,
        r#"{"id":"1","type":"next","payload":{}}"#,
    ] {
        let mut socket = Socket::ready(&site, None).await;
        socket.raw(Message::text(text)).await;
        assert_eq!(socket.next().await, Came::Closed(4400), "{text}");
    }
    let mut socket = Socket::ready(&site, None).await;
    socket.raw(Message::binary(vec![1_u8])).await;
    assert_eq!(socket.next().await, Came::Closed(4400));
}

/// Operations: each its answers and its end, side by side, and no word after the client has completed one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_run_side_by_side() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    let import = waiting_import(&site.world).await;
    let mut socket = Socket::ready(&site, Some("a1")).await;

    // A query, twice under one id, one after the other.
    for _ in 0..2 {
        socket.subscribe("q", "{ __typename }").await;
        let said = socket.said().await;
        assert_eq!((&said["type"], &said["payload"]["data"]["__typename"]), (&json!("next"), &json!("Query")));
        assert_eq!(socket.said().await, json!({ "id": "q", "type": "complete" }));
    }
    // Documents that are refused.
    for document in ["{ nope__ }", "{", "subscription { __typename }"] {
        socket.subscribe("e", document).await;
        let said = socket.said().await;
        assert_eq!((&said["type"], said["payload"].is_array()), (&json!("error"), true), "{said}");
        socket.quiet().await;
    }
    // Words out of turn that mean nothing.
    socket.say(json!({ "type": "pong" })).await;
    socket.say(json!({ "id": "unknown", "type": "complete" })).await;
    socket.quiet().await;

    // Completed by the client: nothing more, and no echo. Its id is free again.
    socket.subscribe("x", &long(&import)).await;
    assert_eq!(socket.said().await["type"], "next");
    socket.say(json!({ "id": "x", "type": "complete" })).await;
    socket.quiet().await;

    // Two at once, followed to the end.
    for id in ["x", "y"] {
        socket.subscribe(id, &long(&import)).await;
        assert_eq!(socket.said().await["id"], id);
    }
    site.world.run_jobs().await;
    let mut completed = Vec::new();
    while completed.len() < 2 {
        let said = socket.said().await;
        if said["type"] == "complete" {
            completed.push(said["id"].as_str().unwrap().to_owned());
        }
    }
    completed.sort();
    assert_eq!(completed, ["x", "y"]);
    socket.quiet().await;
}

/// Limits: one id once, so many operations a socket, and the end of the service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_have_limits() {
    let site = Site::with(Backend::Sqlite, false, &[]).await;
    let import = waiting_import(&site.world).await;
    let mut socket = Socket::ready(&site, Some("a1")).await;
    socket.subscribe("d", &long(&import)).await;
    socket.subscribe("d", &long(&import)).await;
    let mut last = socket.next().await;
    while matches!(last, Came::Said(_)) {
        last = socket.next().await;
    }
    assert_eq!(last, Came::Closed(4409));

    let mut socket = Socket::ready(&site, Some("a1")).await;
    for id in 0..50 {
        socket.subscribe(&id.to_string(), &long(&import)).await;
        assert_eq!(socket.said().await["type"], "next");
    }
    socket.subscribe("one too many", &long(&import)).await;
    let said = socket.said().await;
    assert_eq!(said["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{said}");

    site.stopping.cancel();
    assert_eq!(socket.next().await, Came::Closed(1001));
}
