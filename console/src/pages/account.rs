//! One's own account: where one is signed in, the password.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign_in::Provider;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!("account");

#[derive(Deserialize)]
struct Data {
    account: Account,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    sessions: Vec<Session>,
    second_factor: Option<SecondFactor>,
    passkeys: Vec<Passkey>,
    identity_links: Vec<Link>,
    identity_providers: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passkey {
    id: String,
    name: String,
    since: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    id: String,
    issuer: String,
    own: bool,
    since: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Link {
    /// The provider as people know it.
    fn host(&self) -> &str {
        self.issuer.split_once("://").map_or(self.issuer.as_str(), |(_, rest)| rest)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecondFactor {
    since: Option<DateTime<Utc>>,
    recovery_codes_left: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    id: String,
    current: bool,
    role: String,
    device: Option<String>,
    network: Option<String>,
    started_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Template)]
#[template(path = "account/page.html")]
struct Page {
    f: Frame,
    form: Form,
    sessions: Vec<Session>,
    factor: Option<SecondFactor>,
    /// None where there can be none.
    passkeys: Option<Vec<Passkey>>,
    links: Vec<Link>,
    providers: Vec<Provider>,
}

impl Page {
    /// Whether a copied token ended one of the sessions.
    fn copied(&self) -> bool {
        self.sessions.iter().any(|s| s.ended_at.is_some())
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(change_password))
        .route("/account/sessions/end", post(end_all))
        .route("/account/sessions/{id}/end", post(end))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "Account", json!({})).await?;
    let f = visit.frame(visit.w.s("account-title"));
    let Account { sessions, second_factor: factor, passkeys, identity_links: links, identity_providers: providers } =
        data.account;
    let passkeys = visit.console.settings.passkeys.then_some(passkeys);
    let page = Page { f, form, sessions, factor, passkeys, links, providers };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn change_password(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    form.required("current", w);
    form.required("password", w);
    if form.raw("password") != form.raw("again") {
        form.refuse("again", w.s("password-again-differs"));
    }
    let input = json!({ "current": form.raw("current"), "password": form.raw("password") });
    // What was typed does not travel back.
    let form = form.without("current").without("password").without("again");
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "PasswordChange", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/account", w.s("password-changed")),
    }
}

async fn end(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Value>(DOCUMENT, "SessionEnd", json!({ "sessionId": id })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors)).await,
        Ok(_) => visit.done("/account", visit.w.s("session-ended")),
    }
}

async fn end_all(visit: Visit) -> Answer {
    if let Err(errors) = visit.act::<Value>(DOCUMENT, "SessionsEndAll", json!({})).await? {
        return page(&visit, Form::new().refused(errors)).await;
    }
    visit.session.clear();
    visit.done("/sign-in", visit.w.s("sessions-ended"))
}
