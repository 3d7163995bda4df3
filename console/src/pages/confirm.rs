//! Proving again who sends a form: acts of money and of access ask for it. The form waits on this page and goes its way once
//! the password, or the code of the second factor, was right.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::session::Session;
use crate::visit::{Proof, Stop, Visit, frame, render};

pub(crate) const DOCUMENT: &str = document!(alone "confirm");

#[derive(Template)]
#[template(path = "confirm/page.html")]
struct Page<'a> {
    f: Frame,
    form: Form,
    code: bool,
    waits: &'a [(String, String)],
}

pub(crate) fn routes() -> Router<Console> {
    // It has no address of its own: it stands where the form was sent to.
    Router::new()
}

impl Proof {
    /// The field of a form that carries it.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Password => "confirm-password",
            Self::Code => "confirm-code",
        }
    }
    /// What a field of a form carries.
    pub(crate) fn of_field(name: &str) -> Option<Self> {
        [Self::Password, Self::Code].into_iter().find(|proof| proof.field() == name)
    }
}

/// The page: the form that was sent, unseen, and the password to be typed.
pub(crate) fn page(session: &Session, uri: &Uri, proof: Proof, wrong: Option<&str>) -> Response {
    let mut form = Form::new();
    if let Some(wrong) = wrong {
        form.refuse(proof.field(), wrong);
    }
    let f = frame(session, uri, session.w.s("confirm-title").to_string());
    let page = Page { f, form, code: proof == Proof::Code, waits: session.posted() };
    (StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response()
}

/// Proves who the caller is.
///
/// # Errors
/// The page again when the password is not right, or what stops any page.
pub(crate) async fn prove(
    console: &Console,
    session: &Arc<Session>,
    uri: &Uri,
    proof: Proof,
    secret: &str,
) -> Result<(), Stop> {
    let visit = Visit::before(console, session, uri);
    let input = match proof {
        Proof::Password => json!({ "password": secret }),
        Proof::Code => json!({ "code": secret }),
    };
    match visit.act::<Value>(DOCUMENT, "StepUp", input).await? {
        Ok(_) => Ok(()),
        Err(errors) => Err(Stop::Confirm(proof, errors.into_iter().next().map(|e| e.message))),
    }
}
