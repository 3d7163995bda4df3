//! Grants: who from outside may look at what, from when to when; taking one back.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::report::{Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Ref};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("park-grants");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    grants: Connection<Grant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    id: String,
    assessor: String,
    role: String,
    tenant: Option<Ref>,
    purpose: String,
    abilities: Vec<String>,
    region: Option<String>,
    declared_at: Option<DateTime<Utc>>,
    interests: Vec<Interest>,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    revoked_at: Option<DateTime<Utc>>,
}

/// What the holder of a grant declared.
#[derive(Deserialize)]
struct Interest {
    tenant: Option<Ref>,
    reason: String,
}

impl Grant {
    /// What it lets its holder do, in words.
    fn abilities_in(&self, w: Words) -> String {
        let all: Vec<String> = self.abilities.iter().map(|a| w.of("ability", a).into()).collect();
        all.join(w.s("list-comma").to_string().as_str())
    }
    /// What it is worth on a day: look, and the word for it in the family `grant`.
    fn state(&self, today: NaiveDate) -> (&'static str, &'static str) {
        if self.revoked_at.is_some() {
            ("bad", "REVOKED")
        } else if today < self.valid_from {
            ("info", "COMING")
        } else if today < self.valid_to && self.declared_at.is_none() {
            ("warn", "UNDECLARED")
        } else if today < self.valid_to {
            ("ok", "VALID")
        } else {
            ("idle", "OVER")
        }
    }
    /// Whether it can still be taken back.
    fn is_open(&self, today: NaiveDate) -> bool {
        self.revoked_at.is_none() && self.region.is_none() && today < self.valid_to
    }
}

#[derive(Template)]
#[template(path = "park-grants/page.html")]
struct Page {
    f: Frame,
    form: Form,
    grants: Connection<Grant>,
    pager: Pager,
    today: NaiveDate,
    may_write: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/grants", get(show)).route("/park/grants/{id}/revoke", post(revoke))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Grant>, Stop> {
    let vars = json!({ "first": size, "after": after });
    Ok(visit.load::<Data>(DOCUMENT, "ParkGrants", vars).await?.park.found()?.grants)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, grants) = (visit.w, load(visit, STEP, after).await?);
    let today = visit.today()?;
    Ok(grants.part(|grant| {
        let state = w.of("grant", grant.state(today).1);
        let tenant = grant.tenant.as_ref();
        let abilities = grant.abilities_in(w);
        vec![
            grant.assessor.into(),
            w.of("role", &grant.role).into(),
            tenant.map_or_else(|| w.s("grant-all-tenants").into(), |tenant| w.name(&tenant.name, &tenant.name_en).into()),
            abilities.into(),
            grant.purpose.into(),
            grant.valid_from.into(),
            grant.valid_to.into(),
            state.into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("grant-who"), w.s("role"), w.s("grant-what"), w.s("grant-abilities"), w.s("purpose"), w.s("from"), w.s("to-not-included"), w.s("state")].map(String::from).to_vec();
        let name = w.s("grants-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let grants = load(visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(visit.w.s("grants-title")).action(visit.w.s("invitations-title"), "/park/invitations");
    let may_write = f.may("commit", "access");
    if may_write {
        f = f.primary(visit.w.s("grant-new-title"), "/park/grants/new");
    }
    let pager = visit.pager(&grants, SIZE).with_files(visit);
    let page = Page { f, form: form.fresh_key(visit), pager, grants, today: visit.today()?, may_write };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn revoke(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "grantId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "GrantRevoke", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/grants", visit.w.s("grant-revoke-done")),
    }
}
