//! `GET /.well-known/jwks.json`: the public keys by which others verify access tokens (RFC 7517).

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::problem;
use super::request::RequestId;
use crate::compose::App;

/// For how long the answer may be kept. A replaced key verifies for longer than that, and who meets an unknown one asks
/// again.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Gives the keys out.
pub(super) async fn public(State(app): State<App>, Extension(RequestId(id)): Extension<RequestId>) -> Response {
    match app.tokens.public().await {
        Ok(keys) => {
            let any = HeaderValue::from_static("*");
            let kind = HeaderValue::from_static("application/jwk-set+json");
            let headers: [(HeaderName, HeaderValue); 3] = [
                (header::CACHE_CONTROL, KEPT),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, any),
                (header::CONTENT_TYPE, kind),
            ];
            (headers, Json(keys)).into_response()
        }
        Err(error) => {
            tracing::error!(request = id, %error, "the keys cannot be given out");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "internal error")
        }
    }
}
