//! Telling an open page that what it shows has changed: a path beside it sends a mark of what there is to see. The page carries
//! the mark that it was drawn with; when another comes, `assets/console.js` fetches it again and replaces its parts.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde_json::Value;

use crate::visit::Visit;

/// What stands for something as it is shown: the same gives the same mark.
pub(crate) fn mark(shown: &impl Hash) -> String {
    let mut hash = DefaultHasher::new();
    shown.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

/// The mark of what a subscription tells, and again whenever it has changed.
pub(crate) fn follow(
    visit: &Visit,
    (document, operation): (&'static str, &'static str),
    variables: Value,
    mark: impl Fn(Value) -> Option<String> + Clone + Send + Sync + 'static,
) -> Response {
    let answers = visit.follow(document, operation, variables);
    let told = answers.filter_map(move |answer| {
        let mark = mark.clone();
        async move { Some(Ok::<_, Infallible>(Event::default().event("mark").data(mark(answer)?))) }
    });
    let keep = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(told).keep_alive(keep).into_response();
    // What proxies hold back until it is enough arrives too late.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
