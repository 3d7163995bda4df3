//! Declaring interests under a grant, before it opens anything.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("declare");

#[derive(Deserialize)]
struct Data {
    me: Me,
}

#[derive(Deserialize)]
struct Me {
    grants: Vec<Held>,
}

/// A grant as its holder sees it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) purpose: String,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_to: NaiveDate,
    pub(crate) whole_park: bool,
    pub(crate) region: Option<String>,
    pub(crate) abilities: Vec<String>,
    pub(crate) declared_at: Option<DateTime<Utc>>,
    statement: String,
    /// Where it is asked for: when the tenants were read.
    #[serde(default)]
    pub(crate) as_of: String,
    pub(crate) covers: Vec<Covered>,
}

/// A tenant that a grant covers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Covered {
    tenant_id: String,
    pub(crate) name: String,
    pub(crate) name_en: String,
    pub(crate) cover: String,
}

impl Covered {
    fn look(&self) -> &'static str {
        match self.cover.as_str() {
            "OPEN" => "ok",
            "RECUSED" => "idle",
            _ => "warn",
        }
    }
}

impl Held {
    /// What it lets its holder do, in words.
    pub(crate) fn abilities_in(&self, w: Words) -> String {
        let all: Vec<String> = self.abilities.iter().map(|a| w.of("ability", a).into()).collect();
        all.join(w.s("list-comma").to_string().as_str())
    }
    /// How many tenants wait for a declaration.
    pub(crate) fn undeclared(&self) -> usize {
        self.covers.iter().filter(|t| t.cover == "UNDECLARED").count()
    }
    /// On what it is.
    pub(crate) fn whom(&self, f: &Frame) -> String {
        match (&self.region, self.covers.first()) {
            (Some(region), _) => f.w.s("grant-of-region").arg("region", region).into(),
            (None, Some(tenant)) if !self.whole_park => f.name(&tenant.name, &tenant.name_en).to_owned(),
            _ => f.w.s("grant-whole-park").into(),
        }
    }
}

#[derive(Template)]
#[template(path = "declare/page.html")]
struct Page {
    f: Frame,
    form: Form,
    grant: Held,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/declare/{id}", get(show).post(save))
}

async fn held(visit: &Visit, id: &str) -> Result<Held, crate::visit::Stop> {
    let data: Data = visit.load(DOCUMENT, "DeclarePage", json!({})).await?;
    data.me.grants.into_iter().find(|g| g.id == id).found()
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let grant = held(&visit, &id).await?;
    page(&visit, grant, Form::new())
}

fn page(visit: &Visit, grant: Held, form: Form) -> Answer {
    let f = visit.frame(visit.w.s("declare-title"));
    let home = f.home();
    let f = f.crumb(visit.w.s("assess-grants"), home);
    let page = Page { form: form.default_value("statement", &grant.statement).default_value("as_of", &grant.as_of), f, grant };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let grant = held(&visit, &id).await?;
    if !form.holds("complete", "yes") {
        form.refuse("complete", visit.w.s("declare-incomplete"));
        return page(&visit, grant, form);
    }
    let said = grant.covers.iter().map(|tenant| (&tenant.tenant_id, form.value(&tenant.tenant_id)));
    let said = said.filter(|(_, reason)| !reason.is_empty());
    let interests: Vec<Value> = said.map(|(id, reason)| json!({ "tenantId": id, "reason": reason })).collect();
    let input = json!({ "grantId": id, "statement": form.value("statement"), "asOf": form.value("as_of"), "interests": interests });
    match visit.act::<Value>(DOCUMENT, "GrantDeclare", input).await? {
        Err(errors) => page(&visit, grant, form.refused(errors)),
        Ok(_) => visit.done(visit.frame("").home(), visit.w.s("declare-done")),
    }
}
