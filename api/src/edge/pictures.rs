//! `GET /pictures/{id}` shows what lies under the seats of a floor, and photographs of zones and seats, inside pages.
//!
//! A picture is shown as an image and never as a page of its own: its policy lets nothing in it run, and no browser guesses
//! that it is something else. What it shows never changes under its id, so a browser that has it only asks whether it may
//! still see it.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use voxpark_billing::uow::{Database as _, Tx};
use voxpark_console::{Client, session};
use voxpark_domain::estate::{self, StoredPicture};
use voxpark_domain::platform::FileState;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error};

use super::files::{authenticate, not_given};
use super::request::RequestId;
use crate::compose::App;

/// What a picture may do: look like itself. Pictures of lines say how they look in themselves, and hold points.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

pub(super) async fn give(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(picture): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let cookie = session::access_token(&headers);
        let ctx = authenticate(&app, &headers, (&id, client), cookie).await?;
        let tx = app.db.begin(&ctx, Mode::Read).await?;
        let found = found(&*tx, &ctx, &picture).await;
        drop(tx);
        app.api.recorder().heard(&ctx).await?;
        shown(&app, &found?, &headers).await
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

async fn found(tx: &dyn Tx, ctx: &Ctx, picture: &str) -> Result<StoredPicture, Error> {
    match (picture.parse(), picture.parse()) {
        (Ok(plan), _) => estate::floor_plan_of(tx, ctx, plan).await,
        (_, Ok(photo)) => {
            let found = estate::photos_by_id(tx, ctx, &[photo]).await?.pop();
            found.map(|photo| photo.stored).ok_or(Error::NotFound)
        }
        _ => Err(Error::NotFound),
    }
}

async fn shown(app: &App, picture: &StoredPicture, headers: &HeaderMap) -> Result<Response, Error> {
    let etag = format!("\"{}\"", voxpark_domain::pack::hex(&picture.sha256));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // It was clean when it was laid there: nothing else is.
        let bytes = app.filing.open(&picture.sha256, FileState::Clean, None).await?;
        let mut response = Body::from_stream(bytes).into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(picture.bytes));
        response
    };
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, value(&picture.media_type)?);
    out.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    out.insert(header::ETAG, value(&etag)?);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
