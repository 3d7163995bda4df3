//! GraphQL over WebSocket: the `graphql-transport-ws` protocol (github.com/enisdenjo/graphql-ws, PROTOCOL.md), rule by
//! rule. Queries and changes are answered too; who asks is said once, in `connection_init`.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior};
use voxpark_domain::ctx::Lang;
use voxpark_domain::identity;
use voxpark_graphql::Call;

use super::graphql::Parameters;
use super::{MAX_GRAPHQL_BYTES, problem};
use crate::compose::App;

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// How long a caller may take to say who it is.
const INIT: Duration = Duration::from_secs(5);
/// How often a silent caller is asked whether it is still there; it has as long to answer.
const PULSE: Duration = Duration::from_secs(30);
/// Operations that one socket may have under way.
const MOST: usize = 50;

/// Accepts a socket that speaks the protocol.
pub(super) fn accept(
    upgrade: WebSocketUpgrade,
    app: App,
    lang: Option<Lang>,
    request: String,
    client: identity::Client,
) -> Response {
    let upgrade = upgrade.max_message_size(MAX_GRAPHQL_BYTES).max_frame_size(MAX_GRAPHQL_BYTES).protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let wanted = "The WebSocket must speak graphql-transport-ws.";
        return problem(StatusCode::BAD_REQUEST, "BAD_REQUEST", wanted);
    }
    upgrade.on_upgrade(move |socket| async move { Session::new(app, lang, request, client).serve(socket).await })
}

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit { payload: Option<Value> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Parameters },
    Complete { id: String },
}

/// What an operation answers.
enum Told {
    Next(Value),
    /// It was not executed, or not any more.
    Error(Value),
    Complete,
}

/// Why a socket is closed.
struct Close(u16, &'static str);

const TOO_LATE: Close = Close(4408, "Connection initialisation timeout");
const BAD: Close = Close(4400, "Not a message of graphql-transport-ws");
const NOBODY: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const TWICE: Close = Close(4429, "Too many initialisation requests");
const GONE: Close = Close(1001, "The service stops");

/// One operation under way.
struct Running {
    /// Tells it from an earlier one of the same id.
    serial: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One socket.
struct Session {
    app: App,
    lang: Option<Lang>,
    request: String,
    /// The machine at the other end.
    client: identity::Client,
    /// Whether it was said who asks.
    introduced: bool,
    /// Who asks; `None` = nobody in particular.
    bearer: Option<String>,
    running: HashMap<String, Running>,
    serial: u64,
    out: mpsc::Sender<(String, u64, Told)>,
    answers: mpsc::Receiver<(String, u64, Told)>,
    /// Whether something came since the client was asked whether it is there.
    alive: bool,
}

impl Session {
    fn new(app: App, lang: Option<Lang>, request: String, client: identity::Client) -> Self {
        let (out, answers) = mpsc::channel(16);
        let (bearer, running) = (None, HashMap::new());
        Self { app, lang, request, client, introduced: false, bearer, running, serial: 0, out, answers, alive: true }
    }

    async fn serve(mut self, mut socket: WebSocket) {
        let late = tokio::time::sleep(INIT);
        tokio::pin!(late);
        let mut pulse = tokio::time::interval_at(Instant::now() + PULSE, PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.app.stopping.clone();
        loop {
            let step = tokio::select! {
                Some((id, serial, told)) = self.answers.recv() => match self.tell(&id, serial, told) {
                    Some(message) => send(&mut socket, &message).await,
                    None => Ok(()),
                },
                incoming = socket.recv() => match incoming {
                    Some(Ok(message)) => self.hear(message, &mut socket).await,
                    // The client has gone, or what it sends is no WebSocket.
                    Some(Err(_)) | None => return,
                },
                () = &mut late, if !self.introduced => Err(Some(TOO_LATE)),
                _ = pulse.tick() => {
                    if !std::mem::take(&mut self.alive) {
                        return;
                    }
                    socket.send(Message::Ping(Bytes::new())).await.map_err(|_| None)
                }
                () = stopping.cancelled() => Err(Some(GONE)),
            };
            match step {
                Ok(()) => {}
                Err(None) => return,
                Err(Some(Close(code, reason))) => {
                    let reason = Utf8Bytes::from_static(reason);
                    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason }))).await;
                    return;
                }
            }
        }
    }

    /// Does what the client says.
    async fn hear(&mut self, message: Message, socket: &mut WebSocket) -> Result<(), Option<Close>> {
        self.alive = true;
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Some(BAD)),
            Message::Close(_) => return Err(None),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        match serde_json::from_str(&text).map_err(|_| Some(BAD))? {
            Said::Ping {} => send(socket, &json!({ "type": "pong" })).await,
            Said::Pong {} => Ok(()),
            Said::ConnectionInit { payload } => {
                if self.introduced {
                    return Err(Some(TWICE));
                }
                let bearer = token(payload.as_ref()).map_err(|()| Some(BAD))?;
                if let Some(bearer) = &bearer
                    && self
                        .app
                        .api
                        .services()
                        .authenticate(bearer, self.lang, &self.request, &self.client)
                        .await
                        .is_err()
                {
                    return Err(Some(FORBIDDEN));
                }
                (self.introduced, self.bearer) = (true, bearer);
                send(socket, &json!({ "type": "connection_ack" })).await
            }
            Said::Subscribe { id, payload } => {
                if !self.introduced {
                    return Err(Some(NOBODY));
                }
                if self.running.contains_key(&id) {
                    return Err(Some(Close(4409, "There is an operation with this id already")));
                }
                if self.running.len() >= MOST {
                    let extensions = json!({ "code": "RATE_LIMITED" });
                    let message = format!("At most {MOST} operations can be under way on one socket.");
                    let payload = json!([{ "message": message, "extensions": extensions }]);
                    return send(socket, &json!({ "id": id, "type": "error", "payload": payload })).await;
                }
                let call = payload.call(self.bearer.clone(), self.lang, self.request.clone());
                self.begin(id, Call { client: self.client.clone(), ..call });
                Ok(())
            }
            Said::Complete { id } => {
                self.running.remove(&id);
                Ok(())
            }
        }
    }

    fn begin(&mut self, id: String, call: Call) {
        self.serial += 1;
        let (serial, out, name) = (self.serial, self.out.clone(), id.clone());
        let mut answers = self.app.api.answers(call);
        let task = tokio::spawn(async move {
            while let Some(answer) = answers.recv().await {
                if !answer.executed {
                    let errors = answer.body.get("errors").cloned().unwrap_or_default();
                    let _ = out.send((name, serial, Told::Error(errors))).await;
                    return;
                }
                if out.send((name.clone(), serial, Told::Next(answer.body))).await.is_err() {
                    return;
                }
            }
            let _ = out.send((name, serial, Told::Complete)).await;
        });
        self.running.insert(id, Running { serial, task: task.abort_handle() });
    }

    /// The message of an answer; nothing when the client has completed the operation meanwhile.
    fn tell(&mut self, id: &str, serial: u64, told: Told) -> Option<Value> {
        self.running.get(id).filter(|running| running.serial == serial)?;
        Some(match told {
            Told::Next(body) => json!({ "id": id, "type": "next", "payload": body }),
            Told::Error(errors) => {
                self.running.remove(id);
                json!({ "id": id, "type": "error", "payload": errors })
            }
            Told::Complete => {
                self.running.remove(id);
                json!({ "id": id, "type": "complete" })
            }
        })
    }
}

async fn send(socket: &mut WebSocket, message: &Value) -> Result<(), Option<Close>> {
    socket.send(Message::Text(message.to_string().into())).await.map_err(|_| None)
}

/// The access token of `connection_init`: `token`, or `authorization` as the header has it.
fn token(payload: Option<&Value>) -> Result<Option<String>, ()> {
    let Some(payload) = payload.filter(|p| !p.is_null()) else { return Ok(None) };
    let map = payload.as_object().ok_or(())?;
    for (name, value) in map {
        let text = || value.as_str().ok_or(());
        match name.to_ascii_lowercase().as_str() {
            "token" => return Ok(Some(text()?.to_owned())),
            "authorization" => {
                let (scheme, token) = text()?.split_once(' ').ok_or(())?;
                return if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token.trim().to_owned())) } else { Err(()) };
            }
            _ => {}
        }
    }
    Ok(None)
}
