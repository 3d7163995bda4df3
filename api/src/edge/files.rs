//! `POST /files` takes a file in, `GET /files/{id}` gives one out, `GET /evidence/{id}` what a piece of evidence holds.

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Multipart;
use axum::extract::{Extension, FromRequest as _, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio_util::io::{ReaderStream, StreamReader};
use voxpark_console::session;
use voxpark_domain::ctx::Lang;
use voxpark_domain::ids::{EvidenceId, FileId};
use voxpark_domain::platform::StoredFile;
use voxpark_domain::{Ctx, Error, RefusalCode};
use voxpark_graphql::words;

use super::problem;
use super::request::{self, RequestId};
use crate::compose::App;

#[derive(Deserialize)]
pub(super) struct Named {
    name: Option<String>,
}

/// Takes the body as it is (its name in `?name=` or `Content-Disposition`), or the first file of a form.
pub(super) async fn take(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Query(named): Query<Named>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let lang = request::lang(&headers);
    let taken = async {
        let ctx = authenticate(&app, &headers, &id, None).await?;
        let media_type = header(&headers, header::CONTENT_TYPE).unwrap_or_default().to_owned();
        if media_type.starts_with("multipart/form-data") {
            return take_form(&app, &ctx, request).await;
        }
        let name = named.name.or_else(|| disposition_name(header(&headers, header::CONTENT_DISPOSITION)?));
        let body = request.into_body().into_data_stream().map_err(std::io::Error::other);
        app.take_file(&ctx, &name.unwrap_or_default(), &media_type, StreamReader::new(Box::pin(body))).await
    };
    match taken.await {
        Ok(file) => (StatusCode::CREATED, Json(shown(&file))).into_response(),
        Err(error) => refused(&error, lang.unwrap_or_default(), &id),
    }
}

async fn take_form(app: &App, ctx: &Ctx, request: Request) -> Result<StoredFile, Error> {
    let bad = || Error::from(voxpark_domain::Refusal::new(RefusalCode::Required, "file-empty").at("file"));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
    while let Some(field) = form.next_field().await.map_err(|_| bad())? {
        let Some(name) = field.file_name().map(ToOwned::to_owned) else { continue };
        let media_type = field.content_type().unwrap_or_default().to_owned();
        let body = StreamReader::new(field.map_err(std::io::Error::other));
        return app.take_file(ctx, &name, &media_type, body).await;
    }
    Err(bad())
}

/// Gives a file out.
pub(super) async fn give(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let ctx = authenticate(&app, &headers, &id, session::access_token(&headers)).await?;
        let file: FileId = file.parse().map_err(|_| Error::NotFound)?;
        let (file, open) = app.open_file(&ctx, file).await?;
        Ok(attachment(&file.name, &file.media_type, file.bytes, open))
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

/// Gives out what a piece of evidence holds: an assessor reaches it although the file is the tenant's.
pub(super) async fn give_evidence(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(evidence): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let ctx = authenticate(&app, &headers, &id, session::access_token(&headers)).await?;
        let evidence: EvidenceId = evidence.parse().map_err(|_| Error::NotFound)?;
        let (file, open) = app.open_evidence(&ctx, evidence).await?;
        Ok(attachment(&file.name, &file.media_type, file.bytes, open))
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

/// Why a file is not given out; a signed-in browser whose token ran out is sent to buy a new one.
fn not_given(error: &Error, path: &str, headers: &HeaderMap, id: &str) -> Response {
    let renewal = matches!(error, Error::Unauthenticated).then(|| session::renewal(headers, path)).flatten();
    match renewal {
        Some(way) => Redirect::to(&way).into_response(),
        None => refused(error, request::lang(headers).unwrap_or_default(), id),
    }
}

/// An attachment: a file is never shown inside a page of ours.
fn attachment(name: &str, media_type: &str, bytes: i64, open: tokio::fs::File) -> Response {
    let mut response = Body::from_stream(ReaderStream::new(open)).into_response();
    let out = response.headers_mut();
    let value =
        |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    out.insert(header::CONTENT_TYPE, value(media_type));
    out.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    out.insert(header::CONTENT_DISPOSITION, value(&disposition(name)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

/// Who asks; `cookie` is the token of a signed-in browser, which counts for reading alone.
async fn authenticate(app: &App, headers: &HeaderMap, id: &str, cookie: Option<String>) -> Result<Ctx, Error> {
    let bearer = request::bearer(headers).ok().flatten().or(cookie).ok_or(Error::Unauthenticated)?;
    Ok(app.api.services().authenticate(&bearer, request::lang(headers), id).await?.0)
}

/// A file as JSON.
fn shown(file: &StoredFile) -> serde_json::Value {
    use std::fmt::Write as _;
    let mut sha256 = String::with_capacity(64);
    for byte in file.sha256 {
        let _ = write!(sha256, "{byte:02x}");
    }
    json!({ "id": file.id.to_string(), "name": file.name, "bytes": file.bytes, "sha256": sha256 })
}

/// Status and words of an error.
pub(crate) fn status_and_words(error: &Error, lang: Lang, request: &str) -> (StatusCode, &'static str, String) {
    let said = |rule| words::message(lang, rule, &[]);
    match error {
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", said("unauthenticated")),
        Error::Forbidden => (StatusCode::FORBIDDEN, "FORBIDDEN", said("forbidden")),
        Error::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND", said("not-found")),
        Error::Refused(list) => {
            let large = list.iter().any(|r| r.code == RefusalCode::TooLarge);
            let status = if large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            let text: Vec<_> = list.iter().map(|r| words::message(lang, r.rule, &r.args)).collect();
            (status, "BAD_USER_INPUT", text.join(" "))
        }
        Error::Internal(cause) => {
            tracing::error!(request, %cause, "internal error");
            (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "internal error".to_owned())
        }
    }
}

fn refused(error: &Error, lang: Lang, request: &str) -> Response {
    let (status, code, text) = status_and_words(error, lang, request);
    let mut response = problem(status, code, &text);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn header(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// The name in a `Content-Disposition`, its extended form (RFC 5987) first.
fn disposition_name(text: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        text.split(';').skip(1).find_map(|p| {
            let (name, value) = p.trim().split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|v| {
        let (charset, rest) = v.split_once('\'')?;
        let (_, encoded) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| percent_decoded(encoded)).flatten()
    });
    extended.or_else(|| parameter("filename"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let code = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// An attachment under a name: plain for old clients, exact for all others (RFC 6266, RFC 5987).
fn disposition(name: &str) -> String {
    use std::fmt::Write as _;
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let plain: String = name.chars().map(|c| if keep(c) { c } else { '_' }).collect();
    let mut out = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_out_and_comes_back() {
        for name in ["seats.csv", "一层 座位图.xlsx", "a\"b;c'.csv", "100%.txt"] {
            assert_eq!(disposition_name(&disposition(name)).as_deref(), Some(name));
        }
        assert_eq!(disposition_name("attachment; filename=plain.csv").as_deref(), Some("plain.csv"));
        assert_eq!(disposition_name("attachment"), None);
        assert_eq!(disposition_name("attachment; filename*=UTF-8''%zz"), None);
    }
}
