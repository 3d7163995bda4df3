//! Where a person with several roles chooses one, and the door that leads everybody to the home of their role.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::{Frame, Membership};
use crate::pages::sign_in::{SignedIn, inside};
use crate::visit::{Answer, Found, Visit};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("scope");

#[derive(Template)]
#[template(path = "scope/page.html")]
struct Page {
    f: Frame,
    form: Form,
    roles: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/", get(door)).route("/renew", get(renew)).route("/scope", get(show).post(switch))
}

/// A role in words: what, for whom, where.
pub(crate) fn label(w: Words, m: &Membership) -> String {
    let park = if w.lang == crate::Lang::En && !m.park.name_en.is_empty() { &m.park.name_en } else { &m.park.name };
    let whom = m.tenant_name.iter().fold(String::new(), |_, tenant| format!("{tenant} · "));
    format!("{} · {whom}{park}", w.of("role", &m.role))
}

/// Where a download sends a browser whose token ran out: a new one is bought, or asked for, and back it goes.
async fn renew(visit: Visit) -> Answer {
    visit.load::<Value>(DOCUMENT, "Scope", json!({})).await?;
    visit.go(inside(visit.q("next")))
}

async fn door(visit: Visit) -> Answer {
    visit.load::<Value>(DOCUMENT, "Scope", json!({})).await?;
    visit.go(visit.viewer().found()?.area().home())
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("next", inside(visit.q("next")));
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    visit.load::<Value>(DOCUMENT, "Scope", json!({})).await?;
    let viewer = visit.viewer().found()?;
    let roles = viewer.memberships.iter().map(|m| Choice::new(&m.scope, label(visit.w, m))).collect();
    let page = Page { f: visit.frame(visit.w.s("scope-title")), form, roles };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn switch(visit: Visit, form: Form) -> Answer {
    match visit.act::<SignedIn>(DOCUMENT, "ScopeSwitch", json!({ "scope": form.value("scope") })).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(done) => {
            visit.signed_in(done.tokens().found()?);
            // A page of the role before may not exist for this one: only the door fits both.
            visit.go("/")
        }
    }
}
