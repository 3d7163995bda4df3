//! Signing in with an account elsewhere: there, and back again.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign_in::{self, Provider, SignedIn, inside};
use super::account_link;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::html::link;
use crate::session::WAY_COOKIE;
use crate::visit::{Answer, Found as _, Visit};
use crate::wire::UserError;

pub(crate) const DOCUMENT: &str = document!(alone "sign-in-with");

#[derive(Template)]
#[template(path = "sign-in-with/page.html")]
struct Page {
    f: Frame,
    form: Form,
    providers: Vec<Provider>,
    /// Where one comes from.
    back: &'static str,
}

/// Where to go for signing in.
#[derive(Deserialize)]
pub(crate) struct Begun {
    pub(crate) address: Option<String>,
    ticket: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/sign-in/with", get(find))
        .route("/sign-in/with/{id}", get(begin))
        // Providers know this address.
        .route("/sign-in/back", get(finish))
}

/// The way to a provider.
pub(crate) fn href(id: &str, next: &str) -> String {
    link(&format!("/sign-in/with/{id}"), &[("next", next)])
}

/// The way to a provider that is found by a mail address.
pub(crate) fn by_address(next: &str) -> String {
    link("/sign-in/with", &[("next", next)])
}

fn page(visit: &Visit, form: Form, providers: Vec<Provider>, back: &'static str) -> Answer {
    let page = Page { f: visit.frame(visit.w.s("sign-in-organisation")), form, providers, back };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// By a mail address to the provider that may speak for it.
async fn find(visit: Visit) -> Answer {
    let next = inside(visit.q("next"));
    let (email, mut form) = (visit.q("email"), Form::new().default_value("next", next));
    if email.is_empty() {
        return page(&visit, form, Vec::new(), "/sign-in");
    }
    let found = sign_in::ways(&visit, Some(email)).await?.providers;
    if let [one] = found.as_slice() {
        return visit.go(&href(&one.id, next));
    }
    form = form.default_value("email", email);
    if found.is_empty() {
        form.refuse("email", visit.w.s("sign-in-organisation-none"));
    }
    page(&visit, form, found, "/sign-in")
}

/// Leaves with the browser what it must come back with: the ticket, what for, and where to go on.
pub(crate) fn leave(visit: &Visit, begun: &Begun, what: &str, next: &str) {
    let ticket = begun.ticket.as_deref().unwrap_or_default();
    visit.session.leave_ticket(WAY_COOKIE, format!("{ticket} {what} {next}"));
}

async fn begin(visit: Visit, Path(id): Path<String>) -> Answer {
    let next = inside(visit.q("next"));
    match visit.act::<Begun>(DOCUMENT, "OidcBegin", json!({ "providerId": id })).await? {
        Err(errors) => refused(&visit, errors, "/sign-in"),
        Ok(begun) => {
            leave(&visit, &begun, "sign-in", next);
            visit.go(&begun.address.found()?)
        }
    }
}

fn refused(visit: &Visit, mut errors: Vec<UserError>, back: &'static str) -> Answer {
    // There are no fields to point at.
    for error in &mut errors {
        error.path.clear();
    }
    page(visit, Form::new().default_value("next", "/").refused(errors), Vec::new(), back)
}

/// The provider's answer.
async fn finish(visit: Visit) -> Answer {
    let kept = visit.session.take_ticket(WAY_COOKIE).unwrap_or_default();
    let mut kept = kept.splitn(3, ' ');
    let (ticket, what, next) = (kept.next().unwrap_or_default(), kept.next().unwrap_or_default(), kept.next());
    let input = json!({ "state": visit.q("state"), "ticket": ticket, "code": visit.var("code"), "iss": visit.var("iss"),
        "error": visit.var("error") });
    if what == "link" {
        return match visit.act::<Value>(account_link::DOCUMENT, "OidcLink", input).await? {
            Err(errors) => refused(&visit, errors, "/account"),
            Ok(_) => visit.done("/account", visit.w.s("link-done")),
        };
    }
    let next = inside(next.unwrap_or_default());
    match visit.act::<SignedIn>(DOCUMENT, "OidcFinish", input).await? {
        Err(errors) => refused(&visit, errors, "/sign-in"),
        Ok(done) => match done.challenge() {
            Some(challenge) => {
                let form = Form::new().default_value("challenge", challenge).default_value("next", next);
                sign_in::page(&visit, form, Vec::new(), false).await
            }
            None => done.go(&visit, next),
        },
    }
}
