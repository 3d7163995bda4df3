//! Proving again who sends a form: acts of money and of access ask for it. The form waits on this page and goes its way once
//! the password, the code of the second factor or the passkey was right.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::session::{KEY_COOKIE, Session};
use crate::visit::{Confirm, Proof, Stop, Visit, frame, render};

pub(crate) const DOCUMENT: &str = document!(alone "confirm");

#[derive(Template)]
#[template(path = "confirm/page.html")]
struct Page<'a> {
    f: Frame,
    form: Form,
    code: bool,
    passkey: bool,
    waits: &'a [(String, String)],
}

#[derive(Deserialize)]
struct Ways {
    account: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    passkeys: Vec<Value>,
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
            Self::Passkey => "confirm-passkey",
        }
    }
    /// What a field of a form carries.
    pub(crate) fn of_field(name: &str) -> Option<Self> {
        [Self::Password, Self::Code, Self::Passkey].into_iter().find(|proof| proof.field() == name)
    }
}

/// What stops an act until somebody proves who it is.
pub(crate) async fn stop(visit: &Visit, proof: Proof, wrong: Option<String>) -> Stop {
    let passkey = if visit.console.settings.passkeys {
        let ways = visit.load::<Ways>(DOCUMENT, "ConfirmWays", json!({})).await;
        ways.is_ok_and(|ways| ways.account.is_some_and(|account| !account.passkeys.is_empty()))
    } else {
        false
    };
    Stop::Confirm(Confirm { proof, passkey, wrong })
}

/// The page: the form that was sent, unseen, and the password to be typed.
pub(crate) fn page(session: &Session, uri: &Uri, Confirm { proof, passkey, wrong }: &Confirm) -> Response {
    let mut form = Form::new();
    if let Some(wrong) = wrong {
        form.refuse(proof.field(), wrong.as_str());
    }
    let f = frame(session, uri, session.w.s("confirm-title").to_string());
    let page = Page { f, form, code: *proof == Proof::Code, passkey: *passkey, waits: session.posted() };
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
    let done = match proof {
        Proof::Password => visit.act::<Value>(DOCUMENT, "StepUp", json!({ "password": secret })).await?,
        Proof::Code => visit.act::<Value>(DOCUMENT, "StepUp", json!({ "code": secret })).await?,
        Proof::Passkey => {
            let ticket = session.take_ticket(KEY_COOKIE).unwrap_or_default();
            let input = json!({ "ticket": ticket, "answer": secret });
            visit.act::<Value>(DOCUMENT, "PasskeyStepUp", input).await?
        }
    };
    match done {
        Ok(_) => Ok(()),
        Err(errors) => {
            let wrong = errors.into_iter().next().map(|e| e.message);
            let typed = match proof {
                Proof::Passkey => typed(&visit).await?,
                proof => proof,
            };
            Err(stop(&visit, typed, wrong).await)
        }
    }
}

/// What the person types where a passkey does not do.
async fn typed(visit: &Visit) -> Result<Proof, Stop> {
    match visit.act::<Value>(DOCUMENT, "StepUp", json!({})).await? {
        Err(errors) if errors.iter().any(|e| e.path == "code") => Ok(Proof::Code),
        _ => Ok(Proof::Password),
    }
}
