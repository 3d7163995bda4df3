//! A forgotten password: asks for a link by mail.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!(alone "forgot");

#[derive(Template)]
#[template(path = "forgot/page.html")]
struct Page {
    f: Frame,
    form: Form,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/forgot", get(show).post(ask))
}

async fn show(visit: Visit) -> Answer {
    visit.page(&Page { f: visit.frame(visit.w.s("forgot-title")), form: Form::new() })
}

async fn ask(visit: Visit, mut form: Form) -> Answer {
    let input = json!({ "email": form.required("email", visit.w) });
    if !form.is_refused() {
        match visit.act::<Value>(DOCUMENT, "PasswordResetRequest", input).await? {
            // The same words whether or not there is such an account.
            Ok(_) => return visit.done("/sign-in", visit.w.s("forgot-done")),
            Err(errors) => form = form.refused(errors),
        }
    }
    visit.refused(&Page { f: visit.frame(visit.w.s("forgot-title")), form })
}
