//! The shifts of a call centre, and a new one.

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::fmt::signed;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("centre-shifts");

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    shifts: Vec<Shift>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shift {
    code: String,
    name: String,
    start_min: i64,
    end_min: i64,
    break_min: i64,
}

impl Shift {
    /// Hours without the break.
    fn hours(&self, w: Words) -> String {
        w.s("hours").arg("n", w.decimal(signed(self.end_min - self.start_min - self.break_min) / 60.0, 1)).into()
    }
}

#[derive(Template)]
#[template(path = "centre-shifts/page.html")]
struct Page {
    f: Frame,
    form: Form,
    shifts: Vec<Shift>,
    may_write: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/shifts", get(show).post(create))
}

async fn show(visit: Visit) -> Answer {
    page(&visit, Form::new().default_value("breakMin", "60")).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "CentreShifts", json!({})).await?;
    let w = visit.w;
    let mut f = visit.frame(w.s("shifts-title")).crumb(w.s("place-centre-roster"), "/centre/roster");
    let may_write = f.may("write", "staffing");
    if may_write {
        f = f.primary(w.s("shift-new"), "#new");
    }
    let form = form.without("key").default_value("key", visit.key());
    let page = Page { f, form, shifts: data.tenant.found()?.shifts, may_write };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn create(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let (start, end) = form.window("startMin", "endMin", w);
    let input = json!({
        "code": form.required("code", w), "name": form.required("name", w), "startMin": start, "endMin": end,
        "breakMin": form.whole("breakMin", w), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "ShiftCreate", input).await? {
        Err(errors) => page(&visit, form.refused(errors)).await,
        Ok(_) => visit.done("/centre/shifts", w.s("shift-created").arg("code", form.value("code"))),
    }
}
