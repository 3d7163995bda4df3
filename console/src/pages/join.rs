//! Where the link of an invitation leads: one's name and a password, or the password of the account one has.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!(alone "join");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    invitation_offer: Option<Offer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    park_name: String,
    park_name_en: String,
    role: String,
    email: String,
    has_account: bool,
}

#[derive(Template)]
#[template(path = "join/page.html")]
struct Page {
    f: Frame,
    form: Form,
    offer: Option<Offer>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/join", get(show).post(accept))
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("token", visit.q("token"));
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "JoinOffer", json!({ "token": form.value("token") })).await?;
    let page = Page { f: visit.frame(visit.w.s("join-title")), form, offer: data.invitation_offer };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn accept(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    form.required("password", w);
    // A new account has a name and a password that was typed twice.
    if form.holds("new", "yes") {
        form.required("name", w);
        if form.raw("password") != form.raw("again") {
            form.refuse("again", w.s("password-again-differs"));
        }
    }
    let input = json!({ "token": form.value("token"), "name": form.optional("name"), "password": form.raw("password") });
    let form = form.without("password").without("again");
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "InvitationAccept", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/sign-in", w.s("join-done")),
    }
}
