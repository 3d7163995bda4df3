//! Who was invited by mail, to what, and what became of it; sent again or taken back.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("park-invitations");
const SIZE: i64 = 50;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    invitations: Connection<Invitation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    id: String,
    email: String,
    role: String,
    tenant: Option<Ref>,
    state: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Invitation {
    fn look(&self) -> &'static str {
        match self.state.as_str() {
            "OPEN" => "info",
            "ACCEPTED" => "ok",
            "EXPIRED" => "warn",
            _ => "idle",
        }
    }
    fn pending(&self) -> bool {
        matches!(self.state.as_str(), "OPEN" | "EXPIRED")
    }
}

#[derive(Template)]
#[template(path = "park-invitations/page.html")]
struct Page {
    f: Frame,
    form: Form,
    list: Connection<Invitation>,
    pager: Pager,
    may_write: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/invitations", get(show))
        .route("/park/invitations/{id}/resend", post(resend))
        .route("/park/invitations/{id}/revoke", post(revoke))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ParkInvitations", json!({ "first": SIZE, "after": visit.after() })).await?;
    let list = data.park.found()?.invitations;
    let w = visit.w;
    let mut f = visit.frame(w.s("invitations-title")).crumb(w.s("grants-title"), "/park/grants");
    f = f.action(w.s("letters-title"), "/park/letters");
    let may_write = f.may("commit", "access");
    if may_write {
        f = f.primary(w.s("invitation-new-title"), "/park/invitations/new");
    }
    let page = Page { form: form.fresh_key(visit), pager: visit.pager(&list, SIZE), list, may_write, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn resend(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "invitationId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "InvitationResend", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/invitations", visit.w.s("invitation-resent")),
    }
}

async fn revoke(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "invitationId": id, "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "InvitationRevoke", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/park/invitations", visit.w.s("invitation-taken-back")),
    }
}
