//! GraphQL over HTTP (graphql.github.io/graphql-over-http): one JSON object by POST, no batches; queries by GET only where
//! the installation is configured for it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use voxpark_graphql::Call;

use super::request::{self, RequestId};
use super::{MAX_GRAPHQL_BYTES, problem};
use crate::compose::App;

/// The two media types of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    /// `application/json`: whatever the document was worth, the status is 200.
    Json,
    /// `application/graphql-response+json`: a refused document has a status of its own.
    GraphQl,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
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

#[derive(Deserialize)]
struct Parameters {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, Value>>,
    /// None is known; the type is checked because the specification says so.
    #[serde(default, rename = "extensions")]
    _extensions: Option<serde_json::Map<String, Value>>,
}

/// The parameters of a GET: the maps are JSON in text.
#[derive(Deserialize)]
pub(super) struct UrlParameters {
    query: String,
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
        Ok(Parameters {
            query: self.query,
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: map(self.variables)?.flatten(),
            _extensions: map(self.extensions)?.flatten(),
        })
    }
}

const WANTED: &str =
    "Wanted: query (text), and where needed variables (object), operationName (text) and extensions (object).";

/// `POST /graphql`.
pub(super) async fn answer(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
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
    run(&app, id, &headers, media, parameters, false).await
}

/// `GET /graphql`, for queries alone.
pub(super) async fn answer_get(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    headers: HeaderMap,
    url: Result<Query<UrlParameters>, QueryRejection>,
) -> Response {
    if !app.config.get {
        return wrong_method().await;
    }
    let Some(media) = Media::negotiate(&headers) else {
        let takes = "Answers are application/graphql-response+json or application/json.";
        return problem(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", takes);
    };
    match url.map_err(|_| WANTED).and_then(|Query(url)| url.read()) {
        Ok(parameters) => run(&app, id, &headers, media, parameters, true).await,
        Err(wants) => problem(StatusCode::BAD_REQUEST, "BAD_REQUEST", wants),
    }
}

async fn run(app: &App, id: String, headers: &HeaderMap, media: Media, parameters: Parameters, safe: bool) -> Response {
    let Ok(bearer) = request::bearer(headers) else {
        let mut response = problem(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "Authorization must be: Bearer TOKEN.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    };
    let call = Call {
        document: parameters.query,
        operation: parameters.operation_name,
        variables: parameters.variables.map_or(Value::Null, Value::Object),
        safe,
        bearer,
        lang: request::lang(headers),
        request: id,
    };
    let answer = app.api.execute(call).await;
    let status = if answer.retry_after.is_some() {
        StatusCode::TOO_MANY_REQUESTS
    } else if answer.unsafe_method {
        StatusCode::METHOD_NOT_ALLOWED
    } else if answer.executed {
        StatusCode::OK
    } else if answer.body.pointer("/errors/0/extensions/code").and_then(Value::as_str) == Some("UNAUTHENTICATED") {
        StatusCode::UNAUTHORIZED
    } else if media == Media::GraphQl {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
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
    serde_json::from_value(value).map_err(|_| WANTED)
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
