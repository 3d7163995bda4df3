//! Linking one's account to an account elsewhere, and taking the link away.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use serde_json::{Value, json};

use super::sign_in_with::{Begun, leave};
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Visit};

pub(crate) const DOCUMENT: &str = document!("account-link");

#[derive(Template)]
#[template(path = "account-link/page.html")]
struct Page {
    f: Frame,
    form: Form,
    address: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/account/links/new/{provider}", post(begin))
        .route("/account/links/{id}/remove", post(remove))
}

async fn page(visit: &Visit, form: Form, address: Option<String>) -> Answer {
    visit.load::<Value>(DOCUMENT, "AccountLink", json!({})).await?;
    let f = visit.frame(visit.w.s("link-title")).crumb(visit.w.s("account-title"), "/account");
    let page = Page { f, form, address };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// The page with the way to the provider: a form must not lead to another site by itself, a link may.
async fn begin(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Begun>(DOCUMENT, "OidcBegin", json!({ "providerId": id, "link": true })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors), None).await,
        Ok(begun) => {
            leave(&visit, &begun, "link", "/account");
            page(&visit, Form::new(), begun.address).await
        }
    }
}

async fn remove(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Value>(DOCUMENT, "OidcUnlink", json!({ "linkId": id })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors), None).await,
        Ok(_) => visit.done("/account", visit.w.s("link-removed")),
    }
}
