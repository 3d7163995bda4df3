//! The audit log: who did what, when, to what, with what before and after. The same page for park, centre and assessor;
//! whose log it is follows from who looks.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::Connection;
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("audit");
const SIZE: i64 = 50;

/// What there are words for; a new kind of act shows by its code until it has some.
pub(crate) const ACTIONS: &[&str] = &[
    "access-denied",
    "access-policy-change",
    "assessment-conclude",
    "assessment-create",
    "assessment-rate",
    "assessment-submit",
    "assessment-withdraw",
    "billing-profile-buyer",
    "billing-profile-seller",
    "billing-run",
    "billing-run-done",
    "billing-run-portion",
    "billing-run-start",
    "billing-run-stopped",
    "book-cost-record",
    "book-cost-reverse",
    "book-month-close",
    "credit-note-corrections",
    "credit-note-issue",
    "credit-note-send",
    "credit-note-apply",
    "credit-note-unapply",
    "credit-note-refund",
    "book-month-reopen",
    "campaign-create",
    "contact-import-done",
    "contact-import-failed",
    "contact-import-start",
    "contract-policy-set",
    "cost-entry-add",
    "cost-import",
    "emergency-end",
    "emergency-enter",
    "employment-proof-import",
    "evidence-attach",
    "factor-add",
    "factor-remove",
    "figures-read",
    "fapiao-record",
    "file-add",
    "file-link",
    "file-read",
    "file-refused",
    "floor-plan-end",
    "floor-plan-set",
    "grant-create",
    "grant-declare",
    "grant-revoke",
    "idp-remove",
    "idp-save",
    "invitation-accept",
    "invitation-create",
    "invitation-resend",
    "invitation-revoke",
    "invoice-issue",
    "invoice-policy-set",
    "invoice-restore",
    "invoice-send",
    "invoice-void",
    "invoice-writeoff",
    "lead-assign",
    "lead-change",
    "lead-create",
    "lead-move",
    "lead-note",
    "lead-plan",
    "lease-amend",
    "lease-create",
    "lease-index",
    "lease-renew",
    "lease-transfer",
    "list-export",
    "member-add",
    "oidc-link",
    "oidc-unlink",
    "paper-approve",
    "paper-draft",
    "paper-refuse",
    "paper-sign",
    "paper-withdraw",
    "park-add",
    "park-region",
    "passkey-add",
    "passkey-remove",
    "password-change",
    "password-reset",
    "payment-record",
    "payment-receive",
    "payment-apply",
    "payment-unapply",
    "payment-refund",
    "payment-bounce",
    "people-import",
    "personal-read",
    "photo-add",
    "photo-remove",
    "platform-invoice-issue",
    "platform-invoice-paid",
    "platform-invoice-void",
    "platform-terms-set",
    "presence-import",
    "presence-withdraw",
    "price-book-publish",
    "quote-accept",
    "quote-change",
    "quote-create",
    "quote-decline",
    "quote-hold",
    "quote-revise",
    "quote-send",
    "quote-withdraw",
    "region-grant-create",
    "region-grant-revoke",
    "repricing-done",
    "repricing-start",
    "repricing-stopped",
    "revenue-recognise",
    "straight-line-book",
    "roster-set",
    "schedule-set",
    "scope-switch",
    "seat-occupy",
    "seat-plan-import",
    "seat-request-act",
    "seat-request-clock",
    "seat-request-create",
    "seat-vacate",
    "seats-allocate",
    "seats-assign",
    "seats-assign-end",
    "seats-assign-reverse",
    "seats-drawing",
    "seats-features",
    "seats-place",
    "seats-release",
    "seats-renumber",
    "service-account-create",
    "service-account-delete",
    "service-token-add",
    "service-token-revoke",
    "session-end",
    "session-end-all",
    "session-reuse",
    "settlement-agree",
    "settlement-issue",
    "settlement-withdraw",
    "shift-create",
    "sign-in",
    "sign-in-factor-failed",
    "sign-in-failed",
    "sign-out",
    "step-up-failed",
    "tenant-create",
    "usage-record",
    "visit-change",
    "visit-end",
    "visit-plan",
    "zone-area",
    "zone-rename",
    "zone-split",
    "zones-merge",
];

/// What the list can be narrowed to: kinds of act of which each begins so.
pub(crate) const CONTEXTS: &[&str] = &[
    "access",
    "access-policy",
    "assessment",
    "billing",
    "billing-profile",
    "billing-run",
    "campaign",
    "contact-import",
    "contract-policy",
    "cost",
    "emergency",
    "employment-proof",
    "evidence",
    "factor",
    "fapiao",
    "file",
    "floor-plan",
    "grant",
    "invitation",
    "invoice",
    "invoice-policy",
    "lead",
    "lease",
    "list",
    "member",
    "paper",
    "password",
    "payment",
    "people",
    "personal",
    "photo",
    "platform-invoice",
    "platform-terms",
    "presence",
    "price-book",
    "quote",
    "repricing",
    "roster",
    "seat",
    "seat-plan",
    "seat-request",
    "seats",
    "service-account",
    "service-token",
    "session",
    "settlement",
    "shift",
    "sign-in",
    "step-up",
    "tenant",
    "usage",
    "visit",
    "zone",
    "zones",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    audit_events: Connection<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    at: DateTime<Utc>,
    actor: Option<String>,
    on_behalf_of: Option<String>,
    actor_name: Option<String>,
    role: Option<String>,
    action: String,
    subject: String,
    times: i64,
    figures: Vec<Figure>,
    changes: Vec<Change>,
    request: String,
    lane: i64,
    sequence: i64,
}

#[derive(Deserialize)]
struct Figure {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Change {
    field: String,
    from: Option<String>,
    to: Option<String>,
}

impl Event {
    /// Who did it, or on whose behalf it was done.
    fn user(&self) -> Option<&str> {
        self.actor.as_deref().or(self.on_behalf_of.as_deref())
    }
    /// What that user is called.
    fn name(&self, w: Words) -> String {
        match (&self.actor_name, self.user()) {
            (Some(name), _) => name.clone(),
            (None, Some(user)) => short(user),
            (None, None) => w.s("audit-nobody").to_string(),
        }
    }
    fn short(&self) -> String {
        short(&self.subject)
    }
    /// The act in words, by its code where there are none.
    fn said(&self, w: Words) -> String {
        let value = self.action.replace('.', "-");
        if ACTIONS.contains(&value.as_str()) { w.of("audit-action", &value).to_string() } else { self.action.clone() }
    }
}

/// An id that can be told from others at a glance: its kind and its last signs, which are random.
fn short(id: &str) -> String {
    match id.split_once('_') {
        Some((kind, digits)) if digits.len() == 32 && digits.is_ascii() => format!("{kind} …{}", &digits[24..]),
        _ => id.to_owned(),
    }
}

impl Change {
    fn was(&self, w: Words) -> String {
        shown(w, self.from.as_deref())
    }
    fn is(&self, w: Words) -> String {
        shown(w, self.to.as_deref())
    }
}

/// A value before or after; of personal data only that it is some.
fn shown(w: Words, value: Option<&str>) -> String {
    match value {
        None => crate::fmt::NONE.to_owned(),
        Some(value) => match value.strip_prefix("personal:") {
            Some(hash) => w.s("audit-personal").arg("hash", hash.chars().take(8).collect::<String>()).to_string(),
            None if value.starts_with(|c: char| c.is_ascii_alphabetic()) => short(value),
            None => value.to_owned(),
        },
    }
}

#[derive(Template)]
#[template(path = "audit/page.html")]
struct Page {
    f: Frame,
    events: Connection<Event>,
    pager: Pager,
    contexts: Vec<(String, String)>,
    action: String,
    subject: String,
    actor: String,
    from: String,
    to: String,
    filtered: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/audit", get(show)).route("/centre/audit", get(show)).route("/assess/audit", get(show))
}

/// The first instant of a day in a zone.
fn midnight(day: NaiveDate, zone: &str) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    let zone = zone.parse::<Tz>().unwrap_or(Tz::UTC);
    zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc())
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Connection<Event>, Stop> {
    if visit.viewer().is_none() {
        visit.load::<Value>(DOCUMENT, "AuditLogDay", json!({})).await?;
    }
    let zone = visit.viewer().and_then(|v| v.park).found()?.time_zone;
    let day = |name: &str, plus: u64| {
        let day = visit.parsed::<NaiveDate>(name).and_then(|day| day.checked_add_days(Days::new(plus)));
        day.map(|day| midnight(day, &zone))
    };
    let filter = json!({ "action": visit.var("action"), "actor": visit.var("actor"), "subject": visit.var("subject"),
        "from": day("from", 0), "to": day("to", 1) });
    let variables = json!({ "first": size, "after": after, "filter": filter });
    Ok(visit.load::<Data>(DOCUMENT, "AuditLog", variables).await?.audit_events)
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, events) = (visit.w, load(visit, STEP, after).await?);
    let zone = visit.viewer().and_then(|v| v.park).found()?.time_zone;
    Ok(events.part(|event| {
        let figures = event.figures.iter().map(|f| format!("{}: {}", f.name, f.value));
        let nothing = || crate::fmt::NONE.to_owned();
        let changes = event.changes.iter().map(|c| {
            let side = |value: &Option<String>| value.clone().unwrap_or_else(nothing);
            format!("{}: {} → {}", c.field, side(&c.from), side(&c.to))
        });
        let changes = figures.chain(changes).collect::<Vec<_>>().join("; ");
        vec![
            Cell::moment(event.at, &zone),
            event.name(w).into(),
            Cell::of(event.role.as_ref().map(|role| w.of("role", role).to_string())),
            event.said(w).into(),
            event.action.clone().into(),
            event.subject.clone().into(),
            event.times.into(),
            changes.into(),
            event.request.clone().into(),
            format!("{}/{}", event.lane, event.sequence).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [
            w.s("audit-at"),
            w.s("audit-who"),
            w.s("role"),
            w.s("audit-what"),
            w.s("audit-code"),
            w.s("audit-subject"),
            w.s("audit-count"),
            w.s("audit-changes"),
            w.s("audit-request"),
            w.s("audit-place"),
        ];
        let (name, head) = (w.s("place-audit").to_string(), head.map(String::from).to_vec());
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let events = load(&visit, SIZE, visit.after()).await?;
    let contexts = CONTEXTS.iter().map(|c| (format!("{c}."), w.of("audit-context", c).to_string())).collect();
    let page = Page {
        f: visit.frame(w.s("place-audit")),
        pager: visit.pager(&events, SIZE).with_files(&visit),
        events,
        contexts,
        action: visit.q("action").to_owned(),
        subject: visit.q("subject").to_owned(),
        actor: visit.q("actor").to_owned(),
        from: visit.q("from").to_owned(),
        to: visit.q("to").to_owned(),
        filtered: ["action", "subject", "actor", "from", "to"].iter().any(|name| !visit.q(name).is_empty()),
    };
    visit.page(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_in_the_zone_of_the_park() {
        let day = "2026-11-21".parse().expect("a day");
        assert_eq!(midnight(day, "Asia/Shanghai").to_rfc3339(), "2026-11-20T16:00:00+00:00");
        assert_eq!(short("lease_0193b3f4d1c07a308c2d9f7e6a5b4c3d"), "lease …6a5b4c3d");
        assert_eq!(short("2026-10"), "2026-10");
    }
}
