//! `POST /files` takes a file in, `GET /files/{id}` gives one out, `GET /evidence/{id}` what a piece of evidence holds, and
//! `GET /files/{link}` either of them to whoever a link was made for.

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Multipart;
use axum::extract::{Extension, FromRequest as _, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio_util::io::StreamReader;
use voxpark_console::{Client, session};
use voxpark_domain::ctx::Lang;
use voxpark_domain::ids::{EvidenceId, FileId};
use voxpark_domain::platform::{LinkTo, Purpose, StoredFile};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode};
use voxpark_graphql::words;
use voxpark_infra::files::Upload;

use super::client::identity_client;
use super::headers::{disposition, disposition_name, range};
use super::problem;
use super::request::{self, RequestId};
use crate::compose::App;

#[derive(Deserialize)]
pub(super) struct Named {
    name: Option<String>,
    r#for: Option<String>,
}

/// Takes the body as it is (its name in `?name=` or `Content-Disposition`), or the first file of a form; `?for=` says what it
/// is brought for.
pub(super) async fn take(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Query(named): Query<Named>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let lang = request::lang(&headers);
    let taken = async {
        let ctx = authenticate(&app, &headers, (&id, client), None).await?;
        let declared = header(&headers, header::CONTENT_TYPE).unwrap_or_default().to_owned();
        let unknown = || Refusal::new(RefusalCode::Invalid, "file-purpose-unknown").at("for");
        let purpose = named.r#for.as_deref().map(|p| Purpose::from_name(p).ok_or_else(unknown)).transpose()?;
        if declared.starts_with("multipart/form-data") {
            return take_form(&app, &ctx, purpose, request).await;
        }
        let name = named.name.or_else(|| disposition_name(header(&headers, header::CONTENT_DISPOSITION)?));
        let body = request.into_body().into_data_stream().map_err(std::io::Error::other);
        let upload = Upload { name: &name.unwrap_or_default(), declared: &declared, purpose };
        app.take_file(&ctx, upload, StreamReader::new(Box::pin(body))).await
    };
    match taken.await {
        Ok(file) => (StatusCode::CREATED, Json(shown(&file))).into_response(),
        Err(error) => refused(&error, lang.unwrap_or_default(), &id),
    }
}

async fn take_form(app: &App, ctx: &Ctx, purpose: Option<Purpose>, request: Request) -> Result<StoredFile, Error> {
    let bad = || Error::from(Refusal::new(RefusalCode::Required, "file-empty").at("file"));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
    while let Some(field) = form.next_field().await.map_err(|_| bad())? {
        let Some(name) = field.file_name().map(ToOwned::to_owned) else { continue };
        let declared = field.content_type().unwrap_or_default().to_owned();
        let body = StreamReader::new(field.map_err(std::io::Error::other));
        return app.take_file(ctx, Upload { name: &name, declared: &declared, purpose }, body).await;
    }
    Err(bad())
}

/// Gives a file out, to whoever may read it or holds a link to it.
pub(super) async fn give(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let (ctx, what) = match file.parse::<FileId>() {
            Ok(file) => (
                authenticate(&app, &headers, (&id, client), session::access_token(&headers)).await?,
                LinkTo::File(file),
            ),
            // The link says who reads; whoever else is signed in does not count.
            Err(_) if looks_like_a_link(&file) => {
                let (ctx, link) = app.api.services().follow_link(&file, &id).await?;
                (ctx, link.to)
            }
            Err(_) => {
                authenticate(&app, &headers, (&id, client), session::access_token(&headers)).await?;
                return Err(Error::NotFound);
            }
        };
        attachment(&app, &ctx, what, &headers).await
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

/// Ids and typing mistakes are shorter.
fn looks_like_a_link(text: &str) -> bool {
    text.len() > 100
}

/// Gives out what a piece of evidence holds: an assessor reaches it although the file is the tenant's.
pub(super) async fn give_evidence(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(evidence): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let ctx = authenticate(&app, &headers, (&id, client), session::access_token(&headers)).await?;
        let evidence: EvidenceId = evidence.parse().map_err(|_| Error::NotFound)?;
        attachment(&app, &ctx, LinkTo::Evidence(evidence), &headers).await
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

/// Why a file is not given out; a signed-in browser whose token ran out is sent to buy a new one.
pub(super) fn not_given(error: &Error, path: &str, headers: &HeaderMap, id: &str) -> Response {
    let renewal = matches!(error, Error::Unauthenticated).then(|| session::renewal(headers, path)).flatten();
    match renewal {
        Some(way) => Redirect::to(&way).into_response(),
        None => refused(error, request::lang(headers).unwrap_or_default(), id),
    }
}

/// An attachment: a file is never shown inside a page of ours, nor does a browser guess what it is.
async fn attachment(app: &App, ctx: &Ctx, what: LinkTo, headers: &HeaderMap) -> Result<Response, Error> {
    let given = app.given(ctx, what).await?;
    let etag = format!("\"{}\"", voxpark_domain::pack::hex(&given.sha256));
    let value =
        |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = match range(headers, &etag, given.bytes) {
        Err(()) => {
            let mut none = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            none.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{}", given.bytes)));
            return Ok(none);
        }
        Ok(part) => {
            let (first, behind) = part.as_ref().map_or((0, given.bytes), |p| (p.start, p.end));
            let partial = part.is_some();
            let mut response = Body::from_stream(app.pour(&given, part).await?).into_response();
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(behind - first));
            if partial {
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                let place = format!("bytes {first}-{}/{}", behind - 1, given.bytes);
                response.headers_mut().insert(header::CONTENT_RANGE, value(&place));
            }
            response
        }
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, value(&given.media_type));
    out.insert(header::CONTENT_DISPOSITION, value(&disposition(&given.name)));
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(header::ETAG, value(&etag));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}

/// Who asks; `cookie` is the token of a signed-in browser, which counts for reading alone.
pub(super) async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    (id, client): (&str, Client),
    cookie: Option<String>,
) -> Result<Ctx, Error> {
    let bearer = request::bearer(headers).ok().flatten().or(cookie).ok_or(Error::Unauthenticated)?;
    Ok(app.api.services().authenticate(&bearer, request::lang(headers), id, &identity_client(client)).await?.0)
}

/// A file as JSON.
fn shown(file: &StoredFile) -> serde_json::Value {
    json!({ "id": file.id.to_string(), "name": file.name, "bytes": file.bytes, "mediaType": file.media_type,
        "sha256": voxpark_domain::pack::hex(&file.sha256), "state": file.state.name() })
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
