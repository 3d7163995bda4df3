//! One service account: what it may, its tokens, replacing and taking them back.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::security::base;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("service-account");

#[derive(Deserialize)]
struct Data {
    node: Option<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    name: String,
    role: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    id: String,
    created_at: DateTime<Utc>,
    valid_to: NaiveDate,
    last_used_at: Option<DateTime<Utc>>,
    last_used_from: Option<String>,
}

#[derive(Deserialize)]
struct Added {
    token: Option<String>,
}

#[derive(Template)]
#[template(path = "service-account/page.html")]
struct Page {
    f: Frame,
    form: Form,
    here: String,
    account: Account,
    may_write: bool,
    token: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    let mut routes = Router::new();
    for base in ["/park/security", "/centre/security"] {
        let one = format!("{base}/services/{{id}}");
        routes = routes
            .route(&one, get(show))
            .route(&format!("{one}/token"), post(add))
            .route(&format!("{one}/revoke"), post(revoke))
            .route(&format!("{one}/delete"), post(delete));
    }
    routes
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new(), None).await
}

async fn page(visit: &Visit, id: &str, form: Form, token: Option<String>) -> Answer {
    let account = visit.load::<Data>(DOCUMENT, "ServiceAccount", json!({ "id": id })).await?.node.found()?;
    let base = base(visit);
    let f = visit.frame(account.name.as_str()).crumb(visit.w.s("security-title"), base.clone());
    let may_write = f.may("commit", "security");
    let here = format!("{base}/services/{id}");
    let page = Page { f, form: form.fresh_key(visit), here, account, may_write, token };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn add(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let valid_to = form.date("validTo", visit.w);
    let input = json!({ "serviceAccountId": id, "validTo": valid_to, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form, None).await;
    }
    match visit.act::<Added>(DOCUMENT, "ServiceTokenAdd", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors), None).await,
        Ok(added) => page(&visit, &id, Form::new(), added.token).await,
    }
}

async fn revoke(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let token = form.value("token");
    // One key serves every row of the page.
    let key = format!("{}-{token}", form.value("key"));
    let input = json!({ "serviceTokenId": token, "idempotencyKey": key });
    match visit.act::<Value>(DOCUMENT, "ServiceTokenRevoke", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors), None).await,
        Ok(_) => visit.done(&format!("{}/services/{id}", base(&visit)), visit.w.s("service-token-revoked")),
    }
}

async fn delete(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "serviceAccountId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "ServiceAccountDelete", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors), None).await,
        Ok(_) => visit.done(&base(&visit), visit.w.s("service-deleted")),
    }
}
