//! What every request carries: its id, its caller's token and language.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use voxpark_domain::ctx::Lang;
use voxpark_domain::time::Random as _;
use voxpark_infra::secrets::SystemRandom;

/// The header that carries the request id in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's own when it is short and plain, else a new one.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// Gives the request an id and answers with it.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).and_then(|v| v.to_str().ok());
    let plain = |t: &&str| {
        (1..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let id = given.filter(plain).map_or_else(fresh, ToOwned::to_owned);
    let value = HeaderValue::from_str(&id);
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Ok(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Request ids only have to differ; they are no part of what tests compare.
pub(crate) fn fresh() -> String {
    let mut bytes = [0_u8; 12];
    SystemRandom.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(24), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The access token of the caller; `Err` when there is an `Authorization` that is none of ours.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<String>, ()> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or(())?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(Some(token.to_owned())) } else { Err(()) }
}

/// The language the caller asks for; `None` = its own setting.
pub(super) fn lang(headers: &HeaderMap) -> Option<Lang> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let known = |part: &str| {
        let tag = part.trim().to_ascii_lowercase();
        tag.starts_with("zh") || tag.starts_with("en")
    };
    text.split(',').any(known).then(|| Lang::negotiate(text))
}
