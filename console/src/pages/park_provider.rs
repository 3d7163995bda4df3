//! A provider by which people of the park sign in: a new one, or one to be changed or removed.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::security::base;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("park-provider");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    identity_providers: Option<Vec<Provider>>,
}

/// A provider as its administrator sees it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    has_secret: bool,
    scopes: Vec<String>,
    domains: Vec<String>,
    second_factor_values: Vec<String>,
}

#[derive(Template)]
#[template(path = "park-provider/page.html")]
struct Page {
    f: Frame,
    form: Form,
    base: String,
    provider: Option<Provider>,
}

impl Page {
    /// Whether there is a secret, which stays when none is typed.
    fn kept(&self) -> bool {
        self.provider.as_ref().is_some_and(|p| p.has_secret)
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/security/providers/new", get(begin).post(add))
        .route("/park/security/providers/{id}", get(show).post(change))
        .route("/park/security/providers/{id}/remove", post(remove))
}

async fn begin(visit: Visit) -> Answer {
    page(&visit, None, Form::new()).await
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Some(&id), Form::new()).await
}

async fn page(visit: &Visit, id: Option<&str>, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ProviderForm", json!({})).await?;
    let all = data.park.found()?.identity_providers.found()?;
    let w = visit.w;
    let mut form = form.fresh_key(visit);
    let provider = match id {
        Some(id) => Some(all.into_iter().find(|p| p.id == id).found()?),
        None => None,
    };
    if let Some(provider) = &provider {
        form = form
            .default_value("name", &provider.name)
            .default_value("issuer", &provider.issuer)
            .default_value("clientId", &provider.client_id)
            .default_value("scopes", provider.scopes.join(" "))
            .default_value("domains", provider.domains.join(" "))
            .default_value("secondFactorValues", provider.second_factor_values.join(" "));
    } else {
        form = form.default_value("scopes", "email");
    }
    let title = provider.as_ref().map_or_else(|| w.s("provider-new").to_string(), |p| p.name.clone());
    let base = base(visit);
    let f = visit.frame(title).crumb(w.s("security-title"), base.clone());
    if !f.may("commit", "access") {
        return None.found();
    }
    let page = Page { f, form, base, provider };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// The words of a field.
fn words(form: &Form, name: &str) -> Vec<String> {
    form.value(name).split([' ', ',', '，', '、', '\n']).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

async fn add(visit: Visit, form: Form) -> Answer {
    save(&visit, None, form).await
}

async fn change(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    save(&visit, Some(&id), form).await
}

async fn save(visit: &Visit, id: Option<&str>, mut form: Form) -> Answer {
    let w = visit.w;
    let secret = Some(form.raw("clientSecret")).filter(|s| !s.is_empty());
    let mut input = json!({
        "providerId": id, "clientSecret": secret, "scopes": words(&form, "scopes"), "domains": words(&form, "domains"),
        "secondFactorValues": words(&form, "secondFactorValues"), "idempotencyKey": form.value("key"),
    });
    for name in ["name", "issuer", "clientId"] {
        input[name] = json!(form.required(name, w));
    }
    // The secret does not travel back.
    let form = form.without("clientSecret");
    if form.is_refused() {
        return page(visit, id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "IdentityProviderSave", input).await? {
        Err(errors) => page(visit, id, form.refused(errors)).await,
        Ok(_) => visit.done(&base(visit), w.s("provider-saved")),
    }
}

async fn remove(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "providerId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "IdentityProviderRemove", input).await? {
        Err(errors) => page(&visit, Some(&id), Form::new().refused(errors)).await,
        Ok(_) => visit.done(&base(&visit), visit.w.s("provider-removed")),
    }
}
