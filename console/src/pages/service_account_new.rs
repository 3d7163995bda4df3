//! A new service account: what it is called, what it may, when its first token ends; then the token, told once.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::security::base;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("service-account-new");

/// Acts, the weakest first.
const ACTS: [&str; 3] = ["read", "write", "commit"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    service_roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    role: String,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Made {
    token: Option<String>,
}

/// One kind of thing that can be named, with the acts that any role allows.
struct Scope {
    name: String,
    label: String,
    options: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "service-account-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    base: String,
    roles: Vec<Choice>,
    scopes: Vec<Scope>,
    token: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    let mut routes = Router::new();
    for base in ["/park/security", "/centre/security"] {
        routes = routes.route(&format!("{base}/services/new"), get(show).post(save));
    }
    routes
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new(), None).await
}

/// The name of the field of a kind of thing.
fn field(resource: &str) -> String {
    format!("scope-{resource}")
}

async fn page(visit: &Visit, form: Form, token: Option<String>) -> Answer {
    let roles = visit.load::<Data>(DOCUMENT, "ServiceAccountForm", json!({})).await?.service_roles;
    if roles.is_empty() {
        return None.found();
    }
    let w = visit.w;
    let mut widest: BTreeMap<&str, usize> = BTreeMap::new();
    for (resource, act) in roles.iter().flat_map(|r| &r.scopes).filter_map(|scope| scope.split_once(':')) {
        let level = ACTS.iter().position(|a| *a == act).unwrap_or_default();
        let known = widest.entry(resource).or_default();
        *known = level.max(*known);
    }
    let scope = |(resource, level): (&str, usize)| Scope {
        name: field(resource),
        label: w.of("resource", resource).to_string(),
        options: ACTS.iter().take(level + 1).map(|act| Choice::new(*act, w.of("act", act))).collect(),
    };
    let base = base(visit);
    let page = Page {
        f: visit.frame(w.s("service-new-title")).crumb(w.s("security-title"), base.clone()),
        form: form.fresh_key(visit),
        base,
        scopes: widest.into_iter().map(scope).collect(),
        roles: roles.iter().map(|r| Choice::new(&r.role, w.of("role", &r.role))).collect(),
        token,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let scopes: Vec<String> = form
        .named("scope-")
        .filter(|(_, act)| !act.is_empty())
        .map(|(resource, act)| format!("{resource}:{act}"))
        .collect();
    let input = json!({
        "name": form.required("name", w), "role": form.required("role", w), "scopes": scopes,
        "validTo": form.date("validTo", w), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form, None).await;
    }
    match visit.act::<Made>(DOCUMENT, "ServiceAccountCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors), None).await,
        Ok(made) => match made.token {
            Some(token) => page(&visit, Form::new(), Some(token)).await,
            // The same form sent again: the token was told before.
            None => visit.go(&base(&visit)),
        },
    }
}
