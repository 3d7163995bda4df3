//! Where the link of a forgotten password leads: another one.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!(alone "reset");

#[derive(Template)]
#[template(path = "reset/page.html")]
struct Page {
    f: Frame,
    form: Form,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/reset", get(show).post(save))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("token", visit.q("token"));
    visit.page(&Page { f: visit.frame(visit.w.s("reset-title")), form })
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    form.required("password", w);
    if form.raw("password") != form.raw("again") {
        form.refuse("again", w.s("password-again-differs"));
    }
    let input = json!({ "token": form.value("token"), "password": form.raw("password") });
    let mut form = form.without("password").without("again");
    if !form.is_refused() {
        match visit.act::<Value>(DOCUMENT, "PasswordReset", input).await? {
            Ok(_) => return visit.done("/sign-in", w.s("reset-done")),
            Err(errors) => form = form.refused(errors),
        }
    }
    visit.refused(&Page { f: visit.frame(w.s("reset-title")), form })
}
