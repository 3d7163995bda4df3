//! A lead entered or changed.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lead::Contact;
use super::park_seats::products;
use super::pipeline::{Member, members};
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Made, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lead-form");
/// Where leads come from.
pub(crate) const SOURCES: [&str; 8] =
    ["INQUIRY", "REFERRAL", "AGENT", "GOVERNMENT", "EVENT", "SEARCH", "TENANT", "OTHER"];
/// What a form sends of a lead, beside its seats, source and day.
const TEXTS: [&str; 8] =
    ["nameEn", "creditCode", "contactName", "contactPhone", "contactMail", "business", "product", "tenantId"];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Edited {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Lead>,
}

#[derive(Deserialize)]
struct Park {
    staff: Vec<Member>,
    tenants: Connection<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lead {
    name: String,
    name_en: String,
    credit_code: Option<String>,
    source: String,
    contact: Contact,
    seats: i64,
    product: Option<String>,
    wanted_from: Option<NaiveDate>,
    business: String,
    tenant: Option<Made>,
}

impl Lead {
    fn form(&self, form: Form) -> Form {
        let values = [
            ("name", self.name.clone()),
            ("nameEn", self.name_en.clone()),
            ("creditCode", self.credit_code.clone().unwrap_or_default()),
            ("source", self.source.clone()),
            ("contactName", self.contact.name.clone()),
            ("contactPhone", self.contact.phone.clone()),
            ("contactMail", self.contact.mail.clone()),
            ("seats", self.seats.to_string()),
            ("product", self.product.clone().unwrap_or_default()),
            ("wantedFrom", self.wanted_from.map_or_else(String::new, |day| day.to_string())),
            ("business", self.business.clone()),
            ("tenantId", self.tenant.as_ref().map_or_else(String::new, |tenant| tenant.id.clone())),
        ];
        values.into_iter().fold(form, |form, (name, value)| form.default_value(name, value))
    }
}

#[derive(Deserialize)]
struct Saved {
    lead: Option<Made>,
}

#[derive(Template)]
#[template(path = "lead-form/page.html")]
struct Page {
    f: Frame,
    form: Form,
    sources: Vec<Choice>,
    products: Vec<Choice>,
    tenants: Vec<Choice>,
    staff: Vec<Choice>,
    back: String,
    new: bool,
    /// Its name is known: it may be another company of that name.
    known: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/pipeline/new", get(async |visit: Visit| page(&visit, None, Form::new()).await).post(create))
        .route(
            "/park/leads/{id}/edit",
            get(async |visit: Visit, Path(id): Path<String>| page(&visit, Some(&id), Form::new()).await).post(change),
        )
}

async fn page(visit: &Visit, id: Option<&str>, form: Form) -> Answer {
    let w = visit.w;
    let (park, form, title, back) = if let Some(id) = id {
        let data: Edited = visit.load(DOCUMENT, "LeadEdit", json!({ "id": id })).await?;
        let form = data.node.found()?.form(form);
        (data.park.found()?, form, w.s("lead-edit-title"), format!("/park/leads/{id}"))
    } else {
        let data: Data = visit.load(DOCUMENT, "LeadForm", json!({})).await?;
        (data.park.found()?, form, w.s("lead-new-title"), "/park/pipeline".to_owned())
    };
    let f = visit.frame(title).crumb(w.s("pipeline-title"), "/park/pipeline");
    let page = Page {
        sources: SOURCES.map(|source| Choice::new(source, w.of("lead-source", source))).to_vec(),
        products: products(w),
        tenants: park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect(),
        staff: members(&park.staff),
        known: form.holds("sameName", "yes")
            || form.errors.iter().any(|error| error.rule == "lead-name-known" || error.rule == "lead-name-of-tenant"),
        form: form.fresh_key(visit),
        new: id.is_none(),
        back,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What a form says about a lead.
fn facts(form: &mut Form, visit: &Visit) -> serde_json::Map<String, Value> {
    let w = visit.w;
    let mut facts = serde_json::Map::new();
    let mut set = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    set("name", form.required("name", w));
    set("source", form.required("source", w));
    set("seats", form.whole("seats", w));
    set("wantedFrom", form.optional_date("wantedFrom", w));
    set("allowSameName", json!(form.holds("sameName", "yes")));
    set("idempotencyKey", json!(form.value("key")));
    for name in TEXTS {
        set(name, form.optional(name));
    }
    facts
}

async fn create(visit: Visit, mut form: Form) -> Answer {
    let mut input = facts(&mut form, &visit);
    input.insert("ownerId".to_owned(), form.optional("ownerId"));
    input.insert("nextStep".to_owned(), form.optional("nextStep"));
    input.insert("nextOn".to_owned(), form.optional_date("nextOn", visit.w));
    if form.is_refused() {
        return page(&visit, None, form).await;
    }
    match visit.act::<Saved>(DOCUMENT, "LeadCreate", input.into()).await? {
        Err(errors) => page(&visit, None, form.refused(errors)).await,
        Ok(saved) => visit.done(&format!("/park/leads/{}", saved.lead.found()?.id), visit.w.s("lead-new-done")),
    }
}

async fn change(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let mut input = facts(&mut form, &visit);
    input.insert("leadId".to_owned(), json!(id));
    if form.is_refused() {
        return page(&visit, Some(&id), form).await;
    }
    match visit.act::<Saved>(DOCUMENT, "LeadChange", input.into()).await? {
        Err(errors) => page(&visit, Some(&id), form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/leads/{id}"), visit.w.s("saved")),
    }
}
