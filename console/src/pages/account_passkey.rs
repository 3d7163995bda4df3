//! Passkeys: asked for by the sign-in page, made and removed on one's account.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign_in::{self, SignedIn, inside};
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::session::KEY_COOKIE;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!("account-passkey");

#[derive(Template)]
#[template(path = "account-passkey/page.html")]
struct Page {
    f: Frame,
    form: Form,
    options: Option<String>,
}

/// A question to the browser.
#[derive(Deserialize)]
struct Asked {
    options: Option<String>,
    ticket: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/passkey/ask", post(ask))
        .route("/sign-in/passkey", post(sign_in_by_it))
        .route("/account/passkeys/new", post(begin))
        .route("/account/passkeys", post(add))
        .route("/account/passkeys/{id}/remove", post(remove))
}

/// Options for the script of the page; what goes wrong as plain words.
async fn ask(visit: Visit, form: Form) -> Answer {
    let purpose = if form.holds("purpose", "STEP_UP") { "STEP_UP" } else { "SIGN_IN" };
    match visit.act::<Asked>(DOCUMENT, "PasskeyAsk", json!({ "purpose": purpose })).await? {
        Err(errors) => {
            let words = errors.into_iter().next().map(|e| e.message).unwrap_or_default();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, words).into_response())
        }
        Ok(asked) => {
            visit.session.leave_ticket(KEY_COOKIE, asked.ticket.unwrap_or_default());
            Ok(([(CONTENT_TYPE, "application/json")], asked.options.unwrap_or_default()).into_response())
        }
    }
}

async fn sign_in_by_it(visit: Visit, form: Form) -> Answer {
    let ticket = visit.session.take_ticket(KEY_COOKIE).unwrap_or_default();
    let input = json!({ "ticket": ticket, "answer": form.raw("answer") });
    let next = inside(form.value("next")).to_owned();
    match visit.act::<SignedIn>(DOCUMENT, "PasskeySignIn", input).await? {
        Err(errors) => {
            let form = form.without("answer").refused(errors);
            sign_in::page(&visit, form, Vec::new(), true).await
        }
        Ok(done) => done.go(&visit, &next),
    }
}

async fn page(visit: &Visit, form: Form, options: Option<String>) -> Answer {
    visit.load::<Value>(DOCUMENT, "AccountPasskey", json!({})).await?;
    let f = visit.frame(visit.w.s("passkey-new")).crumb(visit.w.s("account-title"), "/account");
    let page = Page { f, form, options };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn begin(visit: Visit) -> Answer {
    new(&visit, Form::new()).await
}

/// The page with a question to the browser.
async fn new(visit: &Visit, form: Form) -> Answer {
    match visit.act::<Asked>(DOCUMENT, "PasskeyAsk", json!({ "purpose": "ADD" })).await? {
        Err(errors) => page(visit, form.refused(errors), None).await,
        Ok(asked) => {
            visit.session.leave_ticket(KEY_COOKIE, asked.ticket.unwrap_or_default());
            page(visit, form, asked.options).await
        }
    }
}

async fn add(visit: Visit, form: Form) -> Answer {
    let ticket = visit.session.take_ticket(KEY_COOKIE).unwrap_or_default();
    let input = json!({ "ticket": ticket, "name": form.value("name"), "answer": form.raw("answer") });
    match visit.act::<Value>(DOCUMENT, "PasskeyAdd", input).await? {
        Err(errors) => new(&visit, form.without("answer").refused(errors)).await,
        Ok(_) => visit.done("/account", visit.w.s("passkey-added")),
    }
}

async fn remove(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Value>(DOCUMENT, "PasskeyRemove", json!({ "passkeyId": id })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors), None).await,
        Ok(_) => visit.done("/account", visit.w.s("passkey-removed")),
    }
}
