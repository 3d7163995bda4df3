//! How those of a park or tenant get in: what is required of them. The same page for park and centre; whose it is follows
//! from who looks.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::platform::Emergency;
use crate::Console;
use crate::form::Form;
use crate::frame::{Area, Frame};
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("security");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    emergencies: Option<Vec<Emergency>>,
    access_policy: Option<Policy>,
    service_accounts: Option<Connection>,
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    identity_providers: Option<Vec<Provider>>,
}

/// A provider by which people of the park sign in.
#[derive(Deserialize)]
struct Provider {
    id: String,
    name: String,
    issuer: String,
    domains: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    second_factor_required_from: Option<NaiveDate>,
}

#[derive(Default, Deserialize)]
struct Connection {
    nodes: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    name: String,
    role: String,
    scopes: Vec<String>,
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    last_used_at: Option<DateTime<Utc>>,
}

impl Account {
    /// How many tokens it has.
    fn count(&self) -> i64 {
        super::count(self.tokens.len())
    }
    /// Used last.
    fn used(&self) -> Option<DateTime<Utc>> {
        self.tokens.iter().filter_map(|t| t.last_used_at).max()
    }
}

#[derive(Template)]
#[template(path = "security/page.html")]
struct Page {
    f: Frame,
    form: Form,
    base: String,
    may_write: bool,
    required_from: Option<NaiveDate>,
    accounts: Vec<Account>,
    /// None on the page of a tenant.
    providers: Option<Vec<Provider>>,
    emergencies: Vec<Emergency>,
    may_end: bool,
}

pub(crate) fn routes() -> Router<Console> {
    let mut routes = Router::new();
    for base in ["/park/security", "/centre/security"] {
        routes = routes.route(base, get(show)).route(&format!("{base}/factor"), post(require)).route(&format!("{base}/emergencies/{{id}}/end"), post(end));
    }
    routes
}

/// Where the page is.
pub(crate) fn base(visit: &Visit) -> String {
    format!("{}/security", Area::of(visit.path()).home())
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "Security", json!({})).await?;
    let required_from = data.access_policy.found()?.second_factor_required_from;
    let emergencies = data.emergencies.unwrap_or_default();
    let accounts = data.service_accounts.unwrap_or_default().nodes;
    let own = Area::of(visit.path()) == Area::Park;
    let providers = data.park.and_then(|park| park.identity_providers).filter(|_| own);
    let f = visit.frame(visit.w.s("security-title"));
    let may_end = f.may("write", "emergencies");
    let form = form.fresh_key(visit).default_value("from", required_from.map_or(String::new(), |d| d.to_string()));
    let page = Page { base: base(visit), may_write: f.may("commit", "security"), f, form, required_from, accounts, providers, emergencies, may_end };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn require(visit: Visit, mut form: Form) -> Answer {
    let input = json!({ "from": form.optional_date("from", visit.w), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SecondFactorRequire", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done(&base(&visit), visit.w.s("policy-done")),
    }
}

async fn end(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Value>(DOCUMENT, "EmergencyEnd", json!({ "emergencyId": id })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors)).await,
        Ok(_) => visit.done(&base(&visit), visit.w.s("emergency-ended")),
    }
}
