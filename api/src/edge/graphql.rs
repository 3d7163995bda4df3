//! GraphQL over HTTP (graphql.github.io/graphql-over-http): one JSON object by POST, no batches; queries by GET only where
//! the installation is configured for it.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;
use voxpark_console::Client;
use voxpark_domain::ctx::Lang;
use voxpark_domain::identity;
use voxpark_graphql::Call;

use super::client::identity_client;
use super::request::{self, RequestId};
use super::{MAX_GRAPHQL_BYTES, problem, socket};
use crate::compose::App;

/// The two media types of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    /// `application/json`: whatever the document was worth, the status is 200.
    Json,
    /// `application/graphql-response+json`: a refused document has a status of its own.
    GraphQl,
    /// `text/event-stream`: answers one after the other (graphql-sse, distinct connections mode).
    Events,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Events => "text/event-stream",
        }
    }

    /// What the caller takes: the one it weighs most, the newer one when it weighs both the same.
    fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accept = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).peekable();
        if accept.peek().is_none() {
            return Some(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for part in accept.flat_map(|v| v.split(',')) {
            let mut pieces = part.split(';').map(str::trim);
            let media = match pieces.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Self::GraphQl,
                "text/event-stream" => Self::Events,
                "application/json" | "application/*" | "*/*" => Self::Json,
                _ => continue,
            };
            let weight = pieces.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            let better =
                best.is_none_or(|(w, m)| weight > w || (weight >= w && media == Self::GraphQl && m == Self::Json));
            if weight > 0.0 && better {
                best = Some((weight, media));
            }
        }
        best.map(|b| b.1)
    }
}

/// What is asked: a document, or the id of one that is known here.
#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    query: String,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    extensions: Option<serde_json::Map<String, Value>>,
}

impl Parameters {
    pub(super) fn call(self, bearer: Option<String>, lang: Option<Lang>, request: String) -> Call {
        // Apollo's clients say it in this way.
        let hash = |extensions: &serde_json::Map<String, Value>| {
            let hash = extensions.get("persistedQuery")?.get("sha256Hash")?.as_str()?;
            Some(format!("sha256:{hash}"))
        };
        let document_id = self.document_id.or_else(|| self.extensions.as_ref().and_then(hash));
        Call {
            document: self.query,
            document_id,
            operation: self.operation_name,
            variables: self.variables.map_or(Value::Null, Value::Object),
            safe: false,
            bearer,
            lang,
            request,
            client: identity::Client::default(),
        }
    }

    /// Whether there is a document to speak of.
    fn asks(self) -> Result<Self, &'static str> {
        if self.query.is_empty() && self.document_id.is_none() && self.extensions.is_none() {
            Err(WANTED)
        } else {
            Ok(self)
        }
    }
}

/// The parameters of a GET: the maps are JSON in text.
#[derive(Deserialize)]
pub(super) struct UrlParameters {
    #[serde(default)]
    query: String,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl UrlParameters {
    fn read(self) -> Result<Parameters, &'static str> {
        let map = |text: Option<String>| {
            let text = text.filter(|t| !t.is_empty());
            text.map(|t| serde_json::from_str(&t)).transpose().map_err(|_| WANTED)
        };
        let parameters = Parameters {
            query: self.query,
            document_id: self.document_id.filter(|id| !id.is_empty()),
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: map(self.variables)?.flatten(),
            extensions: map(self.extensions)?.flatten(),
        };
        parameters.asks()
    }
}

const WANTED: &str = "Wanted: query (text) or documentId, and where needed variables (object), operationName (text) and extensions (object).";

/// `POST /graphql`.
pub(super) async fn answer(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(media) = Media::negotiate(&headers) else {
        let takes = "Answers are application/graphql-response+json or application/json.";
        return problem(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", takes);
    };
    if !is_json(&headers) {
        let wants = "The body must be application/json in UTF-8.";
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", wants);
    }
    let body = match body {
        Ok(body) => body,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let most = format!("The request is larger than {} kB.", MAX_GRAPHQL_BYTES / 1024);
            return problem(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", &most);
        }
        Err(rejected) => return problem(rejected.status(), "BAD_REQUEST", "The request broke off."),
    };
    let parameters = match parameters(&body) {
        Ok(parameters) => parameters,
        Err(wants) => return problem(StatusCode::BAD_REQUEST, "BAD_REQUEST", wants),
    };
    run(&app, (id, client), &headers, media, parameters, false).await
}

/// `GET /graphql`, for queries alone.
pub(super) async fn answer_get(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    url: Result<Query<UrlParameters>, QueryRejection>,
) -> Response {
    if let Ok(upgrade) = upgrade {
        let client = identity_client(client);
        return socket::accept(upgrade, app, request::lang(&headers), id, client);
    }
    if !app.config.get {
        return wrong_method().await;
    }
    let Some(media) = Media::negotiate(&headers) else {
        let takes = "Answers are application/graphql-response+json or application/json.";
        return problem(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", takes);
    };
    match url.map_err(|_| WANTED).and_then(|Query(url)| url.read()) {
        Ok(parameters) => run(&app, (id, client), &headers, media, parameters, true).await,
        Err(wants) => problem(StatusCode::BAD_REQUEST, "BAD_REQUEST", wants),
    }
}

async fn run(
    app: &App,
    (id, client): (String, Client),
    headers: &HeaderMap,
    media: Media,
    parameters: Parameters,
    safe: bool,
) -> Response {
    let Ok(bearer) = request::bearer(headers) else {
        let mut response = problem(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "Authorization must be: Bearer TOKEN.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    };
    let client = identity_client(client);
    let call = Call { safe, client, ..parameters.call(bearer, request::lang(headers), id) };
    if media == Media::Events {
        return events(app, call);
    }
    let answer = app.ask(call).await;
    let status = if answer.retry_after.is_some() {
        StatusCode::TOO_MANY_REQUESTS
    } else if answer.unsafe_method {
        StatusCode::METHOD_NOT_ALLOWED
    } else if answer.executed {
        StatusCode::OK
    } else {
        match answer.body.pointer("/errors/0/extensions/code").and_then(Value::as_str) {
            Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
            Some("FORBIDDEN") => StatusCode::FORBIDDEN,
            _ if media == Media::GraphQl => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        }
    };
    let mut response = (status, Json(answer.body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.name()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = answer.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    }
    response
}

fn parameters(body: &[u8]) -> Result<Parameters, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "The body is not JSON.")?;
    if value.is_array() {
        return Err("Batches are not supported: one request, one operation.");
    }
    serde_json::from_value(value).map_err(|_| WANTED).and_then(Parameters::asks)
}

/// Answers one after the other, each an event, then the event that there are no more; a stream that ends without it was
/// cut off and is worth asking for again.
fn events(app: &App, call: Call) -> Response {
    let answers = app.api.answers(call);
    let ended = app.stopping.clone().cancelled_owned();
    let stream = futures_util::stream::unfold(Some(answers), |answers| async {
        let mut answers = answers?;
        Some(match answers.recv().await {
            Some(answer) => (Event::default().event("next").data(answer.body.to_string()), Some(answers)),
            None => (Event::default().event("complete").data("\n"), None),
        })
    });
    let stream = stream.map(Ok::<_, Infallible>).take_until(ended);
    let keep = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(stream).keep_alive(keep).into_response();
    // What proxies hold back until it is enough arrives too late.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let mut pieces = text.split(';').map(str::trim);
    let json = pieces.next().is_some_and(|t| t.eq_ignore_ascii_case("application/json"));
    json && pieces.all(|p| {
        !p.to_ascii_lowercase().starts_with("charset=") || p.to_ascii_lowercase().trim_matches('"').ends_with("utf-8")
    })
}

/// Anything but POST.
pub(super) async fn wrong_method() -> Response {
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "GraphQL is asked by POST.");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}
