//! Every request counted, timed and traced by its route; and the figures given out.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, info_span};
use voxpark_domain::time::Env;
use voxpark_infra::db::Db;
use voxpark_infra::telemetry::census::census;
use voxpark_infra::telemetry::metrics::{MEDIA_TYPE, metrics};
use voxpark_infra::telemetry::traces;

use super::request::RequestId;

/// Times a request under its route. Paths, which hold ids, are told to nobody.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request = id,
    );
    traces::belongs(&span, &|name| request.headers().get(name).and_then(|v| v.to_str().ok()));
    let began = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    metrics().request(&route, method, status, began.elapsed());
    response
}

/// What figures and traces call a method: one of a closed list, because callers can make any word up.
fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

/// Gives the figures of this process out at an address of their own, until it ends.
///
/// # Errors
/// When there is no listening there.
pub(crate) async fn figures(at: SocketAddr, db: Db, env: Env) -> std::io::Result<()> {
    let listener = TcpListener::bind(at).await?;
    tracing::info!(metrics = %listener.local_addr()?, "giving out figures");
    let router = Router::new().route("/metrics", get(told)).with_state((db, env));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

async fn told(State((db, env)): State<(Db, Env)>) -> Response {
    match census(&db, &env).await {
        Ok(all) => metrics().census(&all),
        Err(error) => tracing::error!(%error, "jobs cannot be counted"),
    }
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics().text()).into_response()
}
