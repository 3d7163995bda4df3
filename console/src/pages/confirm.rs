//! Proving again who sends a form: acts of money and of access ask for it. The form waits on this page and goes its way once
//! the password was right.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::session::{PROOF, Session};
use crate::visit::{Stop, Visit, frame, render};

pub(crate) const DOCUMENT: &str = document!(alone "confirm");

#[derive(Template)]
#[template(path = "confirm/page.html")]
struct Page<'a> {
    f: Frame,
    form: Form,
    waits: &'a [(String, String)],
}

pub(crate) fn routes() -> Router<Console> {
    // It has no address of its own: it stands where the form was sent to.
    Router::new()
}

/// The page: the form that was sent, unseen, and the password to be typed.
pub(crate) fn page(session: &Session, uri: &Uri, wrong: Option<&str>) -> Response {
    let mut form = Form::new();
    if let Some(wrong) = wrong {
        form.refuse(PROOF, wrong);
    }
    let f = frame(session, uri, session.w.s("confirm-title").to_string());
    let page = Page { f, form, waits: session.posted() };
    (StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response()
}

/// Proves who the caller is.
///
/// # Errors
/// The page again when the password is not right, or what stops any page.
pub(crate) async fn prove(console: &Console, session: &Arc<Session>, uri: &Uri, password: &str) -> Result<(), Stop> {
    let visit = Visit::before(console, session, uri);
    match visit.act::<Value>(DOCUMENT, "StepUp", json!({ "password": password })).await? {
        Ok(_) => Ok(()),
        Err(errors) => Err(Stop::Confirm(errors.into_iter().next().map(|e| e.message))),
    }
}
