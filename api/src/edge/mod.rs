//! The HTTP edge: GraphQL, files, health, the console; one router.

mod client;
mod documents;
mod files;
mod graphql;
mod headers;
mod health;
mod keys;
mod measure;
mod pictures;
mod request;
mod socket;
mod store;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::compose::App;
use crate::desk::Desk;

pub(crate) use client::identity_client;
pub(crate) use files::status_and_words;
pub(crate) use measure::figures;
pub(crate) use request::fresh as fresh_id;

/// The largest GraphQL request, bytes. Files go to `/files`.
pub const MAX_GRAPHQL_BYTES: usize = 100 * 1024;

/// What browsers are told with every answer, unless it says otherwise itself.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Everything that is served.
pub fn router(app: App) -> Router {
    let health = health::Health::new(app.db.clone());
    let https = app.config.public_url.starts_with("https://");
    let console = voxpark_console::router(
        Arc::new(Desk(app.clone())),
        voxpark_console::Settings { https, passkeys: app.api.services().passkeys.available() },
    );
    let proxies = app.config.proxies;
    let mut router = Router::new()
        .route("/graphql", post(graphql::answer).get(graphql::answer_get).fallback(graphql::wrong_method))
        .layer(DefaultBodyLimit::max(MAX_GRAPHQL_BYTES))
        .merge(
            Router::new()
                .route("/files", post(files::take))
                .route("/files/{id}", get(files::give))
                .route("/evidence/{id}", get(files::give_evidence))
                // Files are streamed and counted as they arrive.
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/documents/{id}", get(documents::give))
        .route("/statements/{tenant}", get(documents::statement))
        .route("/statements/{tenant}/{month}", get(documents::month_statement))
        .route("/pictures/{id}", get(pictures::give))
        .route("/.well-known/jwks.json", get(keys::public))
        .with_state(app)
        .merge(
            Router::new().route("/health", any(health::alive)).route("/ready", get(health::ready)).with_state(health),
        )
        .merge(console)
        .layer(middleware::from_fn(measure::measure))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(|_| {
            problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "internal error")
        }));
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)));
    }
    router.layer(middleware::from_fn_with_state(proxies, client::tell)).layer(middleware::from_fn(request::identify))
}

/// An error answer of the edge itself, in the shape of GraphQL errors.
fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (status, axum::Json(body)).into_response()
}
