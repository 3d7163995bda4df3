//! The operator of the installation: entering a park or tenant in an emergency, and what entries there were.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::{Frame, Named};
use crate::session::Tokens;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("platform");

#[derive(Deserialize)]
struct Data {
    emergencies: Option<Vec<Emergency>>,
}

/// An entry, as its lists show it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Emergency {
    pub(crate) id: String,
    park: Option<Named>,
    tenant_name: Option<String>,
    pub(crate) operator: String,
    pub(crate) reason: String,
    pub(crate) write: bool,
    pub(crate) active: bool,
    pub(crate) started_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl Emergency {
    /// When it was or will be over.
    pub(crate) fn end(&self) -> DateTime<Utc> {
        self.ended_at.unwrap_or(self.ends_at)
    }
    /// Where.
    fn place(&self, f: &Frame) -> String {
        let park = self.park.as_ref().map(|p| f.name(&p.name, &p.name_en)).unwrap_or_default();
        self.tenant_name.as_ref().map_or_else(|| park.to_owned(), |tenant| format!("{tenant} · {park}"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entered {
    access_token: Option<String>,
    refresh_token: Option<String>,
}

#[derive(Template)]
#[template(path = "platform/page.html")]
struct Page {
    f: Frame,
    form: Form,
    base: String,
    times: Vec<Choice>,
    emergencies: Vec<Emergency>,
    may_end: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/platform", get(show).post(enter))
        .route("/platform/emergencies/{id}/end", post(end))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let emergencies = visit.load::<Data>(DOCUMENT, "Platform", json!({})).await?.emergencies.found()?;
    let w = visit.w;
    let f = visit.frame(w.s("place-platform"));
    let time = |minutes: i64| Choice::new(minutes.to_string(), w.s("emergency-time").arg("minutes", minutes).to_string());
    let page = Page {
        may_end: f.may("write", "emergencies"),
        f,
        form: form.default_value("minutes", "60"),
        base: "/platform".to_owned(),
        times: [15, 30, 60, 120, 240].map(time).to_vec(),
        emergencies,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn enter(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "parkCode": form.required("parkCode", w), "tenantCode": form.optional("tenantCode"), "reason": form.required("reason", w),
        "minutes": form.whole("minutes", w), "write": form.holds("write", "yes"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    let tenant = !form.value("tenantCode").is_empty();
    match visit.act::<Entered>(DOCUMENT, "EmergencyEnter", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(done) => {
            let (access, refresh) = done.access_token.zip(done.refresh_token).found()?;
            visit.signed_in(Tokens { access, refresh });
            visit.go(if tenant { "/centre" } else { "/park" })
        }
    }
}

async fn end(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.act::<Value>(DOCUMENT, "EmergencyEndByOperator", json!({ "emergencyId": id })).await? {
        Err(errors) => page(&visit, Form::new().refused(errors)).await,
        Ok(_) => visit.done("/platform", visit.w.s("emergency-ended")),
    }
}
