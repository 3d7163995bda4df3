//! One settlement sheet: what stands on it, and whether the tenant agrees.

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
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Money, node};
use crate::words::Say;

pub(crate) const DOCUMENT: &str = document!("settlement");

/// How a state looks.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "ISSUED" => "warn",
        "AGREED" => "ok",
        _ => "idle",
    }
}

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    id: String,
    state: String,
    ended_on: NaiveDate,
    issued_at: DateTime<Utc>,
    agreed_on: Option<NaiveDate>,
    agreed_by: String,
    withdrawn_for: String,
    sha256: String,
    document_path: String,
    lease: Coded,
    #[serde(flatten)]
    sheet: Sheet,
}

/// What stands on a sheet.
#[derive(Deserialize)]
pub(crate) struct Sheet {
    pub(crate) number: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) checks: Vec<Check>,
    pub(crate) balance: Money,
}

/// A line of a sheet.
#[derive(Deserialize)]
pub(crate) struct Line {
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) amount: Money,
    pub(crate) days: Option<i64>,
}

/// What was found of an item.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    pub(crate) item: String,
    pub(crate) title: Text,
    pub(crate) in_order: bool,
    pub(crate) remark: String,
}

/// A text in both languages.
#[derive(Deserialize)]
pub(crate) struct Text {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Sheet {
    /// Who owes.
    pub(crate) fn side(&self) -> &'static str {
        match self.balance.amount.trim_start_matches(['0', '.']) {
            "" => "NOBODY",
            amount if amount.starts_with('-') => "PARK",
            _ => "TENANT",
        }
    }
    /// How much, whoever owes it.
    pub(crate) fn owed(&self) -> &str {
        self.balance.amount.trim_start_matches('-')
    }
}

#[derive(Template)]
#[template(path = "settlement/page.html")]
struct Page {
    f: Frame,
    form: Form,
    settlement: Whole,
    area: &'static str,
    may_end: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/settlements/{id}", get(|visit: Visit, Path(id): Path<String>| show(visit, id, "park")))
        .route("/centre/settlements/{id}", get(|visit: Visit, Path(id): Path<String>| show(visit, id, "centre")))
        .route("/park/settlements/{id}/agree", post(agree))
        .route("/park/settlements/{id}/withdraw", post(withdraw))
}

async fn show(visit: Visit, id: String, area: &'static str) -> Answer {
    page(&visit, &id, area, Form::new()).await
}

async fn page(visit: &Visit, id: &str, area: &'static str, form: Form) -> Answer {
    let settlement = visit.load::<Data>(DOCUMENT, "Settlement", json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("settlement-of").arg("number", &settlement.sheet.number));
    f = if area == "park" {
        let f = f.crumb(w.s("leases-title"), "/park/leases");
        f.crumb(w.s("lease-title").arg("code", &settlement.lease.code), format!("/park/leases/{}", settlement.lease.id))
    } else {
        f.crumb(w.s("place-centre-seats"), "/centre/seats")
    };
    let f = f.action(w.s("paper-pdf"), settlement.document_path.clone());
    let may_end = area == "park" && settlement.state == "ISSUED" && f.may("commit", "billing");
    let form = form.default_value("agreedOn", visit.today()?.to_string()).fresh_key(visit);
    let page = Page { f, form, settlement, area, may_end };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn agree(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({ "settlementId": id, "agreedOn": form.date("agreedOn", w), "agreedBy": form.required("agreedBy", w),
        "idempotencyKey": form.value("key") });
    done(&visit, &id, form, "SettlementAgree", input, visit.w.s("settlement-agreed")).await
}

async fn withdraw(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let input = json!({ "settlementId": id, "reason": form.required("reason", visit.w), "idempotencyKey": form.value("key") });
    done(&visit, &id, form, "SettlementWithdraw", input, visit.w.s("settlement-withdrawn")).await
}

async fn done(
    visit: &Visit,
    id: &str,
    form: Form,
    operation: &'static str,
    input: Value,
    said: Say,
) -> Answer {
    if form.is_refused() {
        return page(visit, id, "park", form).await;
    }
    match visit.act::<Value>(DOCUMENT, operation, input).await? {
        Err(errors) => page(visit, id, "park", form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/settlements/{id}"), said),
    }
}
