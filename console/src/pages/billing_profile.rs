//! How a side of invoices is called: the park, or one of its tenants, which staff of the tenant may say as well.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::fmt::NONE;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::paper_new::LANGUAGES;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::node;

pub(crate) const DOCUMENT: &str = document!("billing-profile");
/// Which fapiao a tenant can want.
pub(crate) const KINDS: [&str; 3] = ["SPECIAL", "ORDINARY", "NONE"];

#[derive(Deserialize)]
struct OfPark {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    name: String,
    name_en: String,
    invoice_policy: Option<Policy>,
    seller_profiles: Vec<Profile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    send_with_run: bool,
}

#[derive(Deserialize)]
struct OfTenant {
    #[serde(deserialize_with = "node")]
    node: Option<Tenant>,
}

#[derive(Deserialize)]
struct Own {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    name: String,
    name_en: String,
    buyer_profiles: Vec<Profile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    from: NaiveDate,
    party: Party,
    mail: Option<String>,
    tax_order: Option<String>,
    fapiao: Option<String>,
    language: Option<String>,
    #[serde(default)]
    mails: Vec<String>,
    recorded_at: DateTime<Utc>,
}

/// A side of an invoice.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) name_en: String,
    pub(crate) tax_number: String,
    pub(crate) address: String,
    pub(crate) phone: String,
    pub(crate) bank: String,
    pub(crate) account: String,
}

/// Whose page it is.
enum Side {
    Seller,
    Tenant(String),
    Own,
}

#[derive(Template)]
#[template(path = "billing-profile/page.html")]
struct Page {
    f: Frame,
    form: Form,
    seller: bool,
    kinds: Vec<Choice>,
    orders: Vec<Choice>,
    languages: Vec<Choice>,
    profiles: Vec<Profile>,
    /// Which of them is in force today; none when it is past the last.
    current: usize,
    today: NaiveDate,
    may_write: bool,
    may_send: bool,
    /// Of the park: whether invoices leave with the billing run.
    send_with_run: Option<bool>,
    back: String,
}

pub(crate) fn routes() -> Router<Console> {
    let tenant = |Path(id): Path<String>| Side::Tenant(id);
    Router::new()
        .route(
            "/park/invoices/seller",
            get(|visit: Visit| show(visit, Side::Seller)).post(|visit: Visit, form: Form| save(visit, Side::Seller, form)),
        )
        .route("/park/invoices/policy", post(policy))
        .route(
            "/park/tenants/{id}/billing",
            get(move |visit: Visit, id: Path<String>| show(visit, tenant(id)))
                .post(move |visit: Visit, id: Path<String>, form: Form| save(visit, tenant(id), form)),
        )
        .route(
            "/centre/invoices/billing",
            get(|visit: Visit| show(visit, Side::Own)).post(|visit: Visit, form: Form| save(visit, Side::Own, form)),
        )
}

/// A text, or a sign that there is none.
pub(crate) fn or_none(text: &str) -> &str {
    if text.is_empty() { NONE } else { text }
}

/// Whose profiles: its names, the profiles, where the page is and where it leads back to.
struct Whose {
    send_with_run: Option<bool>,
    name: String,
    name_en: String,
    profiles: Vec<Profile>,
    back: String,
}

async fn whose(visit: &Visit, side: &Side) -> Result<Whose, Stop> {
    let of = |tenant: Tenant, back: String| Whose {
        send_with_run: None,
        name: tenant.name,
        name_en: tenant.name_en,
        profiles: tenant.buyer_profiles,
        back,
    };
    Ok(match side {
        Side::Seller => {
            let park = visit.load::<OfPark>(DOCUMENT, "BillingProfileSeller", json!({})).await?.park.found()?;
            let (name, name_en, profiles) = (park.name, park.name_en, park.seller_profiles);
            let send_with_run = park.invoice_policy.map(|policy| policy.send_with_run);
            Whose { send_with_run, name, name_en, profiles, back: "/park/invoices".to_owned() }
        }
        Side::Tenant(id) => {
            let data = visit.load::<OfTenant>(DOCUMENT, "BillingProfileTenant", json!({ "id": id })).await?;
            let tenant = data.node.found()?;
            let back = format!("/park/tenants/{}", tenant.id);
            of(tenant, back)
        }
        Side::Own => {
            let data = visit.load::<Own>(DOCUMENT, "BillingProfileOwn", json!({})).await?;
            of(data.tenant.found()?, "/centre/invoices".to_owned())
        }
    })
}

async fn show(visit: Visit, side: Side) -> Answer {
    page(&visit, &side, Form::new()).await
}

async fn page(visit: &Visit, side: &Side, mut form: Form) -> Answer {
    let w = visit.w;
    let Whose { send_with_run, name, name_en, profiles, back } = whose(visit, side).await?;
    let today = visit.today()?;
    let seller = matches!(side, Side::Seller);
    let f = visit.frame(if seller { w.s("profile-seller") } else { w.s("profile-buyer") });
    let f = match side {
        Side::Tenant(_) => f.crumb(w.s("tenants-title"), "/park/tenants").crumb(w.name(&name, &name_en), &back),
        Side::Seller | Side::Own => f.crumb(w.s("invoices-title"), &back),
    };
    let current = profiles.iter().position(|profile| profile.from <= today).unwrap_or(profiles.len());
    if !form.is_refused() {
        let now = profiles.get(current);
        let plain = Party { name, name_en, ..Party::default() };
        let party = now.map_or(plain, |now| now.party.clone());
        for (field, value) in [
            ("name", party.name),
            ("nameEn", party.name_en),
            ("taxNumber", party.tax_number),
            ("address", party.address),
            ("phone", party.phone),
            ("bank", party.bank),
            ("account", party.account),
            ("mail", now.and_then(|now| now.mail.clone()).unwrap_or_default()),
            ("taxOrder", now.and_then(|now| now.tax_order.clone()).unwrap_or_else(|| "NET_FIRST".to_owned())),
            ("fapiao", now.and_then(|now| now.fapiao.clone()).unwrap_or_else(|| "NONE".to_owned())),
            ("language", now.and_then(|now| now.language.clone()).unwrap_or_else(|| "CHINESE".to_owned())),
            ("mails", now.map(|now| now.mails.join("\n")).unwrap_or_default()),
        ] {
            form = form.default_value(field, value);
        }
        form = form.default_value("from", today.to_string());
    }
    let kinds = KINDS.map(|kind| Choice::new(kind, w.of("fapiao-wanted", kind))).to_vec();
    let orders = ["NET_FIRST", "TAX_FIRST"].map(|order| Choice::new(order, w.of("tax-order", order))).to_vec();
    let languages = LANGUAGES.map(|language| Choice::new(language, w.of("paper-language", language))).to_vec();
    let may_write = f.may("write", "billing_profiles");
    let may_send = f.may("commit", "billing");
    let form = form.fresh_key(visit);
    let page =
        Page { f, form, seller, kinds, orders, languages, profiles, current, today, may_write, may_send, send_with_run, back };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn policy(visit: Visit, form: Form) -> Answer {
    let input = json!({ "sendWithRun": form.holds("sendWithRun", "yes"), "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "InvoicePolicySet", input).await? {
        Err(errors) => page(&visit, &Side::Seller, form.refused(errors)).await,
        Ok(_) => visit.done("/park/invoices/seller", visit.w.s("send-policy-done")),
    }
}

async fn save(visit: Visit, side: Side, mut form: Form) -> Answer {
    let w = visit.w;
    let mut input = json!({ "from": form.date("from", w), "name": form.required("name", w), "idempotencyKey": form.value("key") });
    for field in ["nameEn", "taxNumber", "address", "phone", "bank", "account"] {
        input[field] = form.optional(field);
    }
    let operation = match &side {
        Side::Seller => {
            input["mail"] = form.optional("mail");
            input["taxOrder"] = form.optional("taxOrder");
            "SellerProfileSet"
        }
        Side::Tenant(_) | Side::Own => {
            let mails: Vec<&str> =
                form.value("mails").split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；')).filter(|mail| !mail.is_empty()).collect();
            input["mails"] = json!(mails);
            input["fapiao"] = form.required("fapiao", w);
            input["language"] = form.optional("language");
            "BuyerProfileSet"
        }
    };
    if let Side::Tenant(id) = &side {
        input["tenantId"] = json!(id);
    }
    if form.is_refused() {
        return page(&visit, &side, form).await;
    }
    if let Err(errors) = visit.act::<Value>(DOCUMENT, operation, input).await? {
        return page(&visit, &side, form.refused(errors)).await;
    }
    let to = match &side {
        Side::Seller => "/park/invoices/seller".to_owned(),
        Side::Tenant(id) => format!("/park/tenants/{id}/billing"),
        Side::Own => "/centre/invoices/billing".to_owned(),
    };
    visit.done(&to, w.s("profile-done"))
}
