//! What was billed too much of a lease, by what was recorded since: what the credit notes would come to, then their issue.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, Ref, node};

pub(crate) const DOCUMENT: &str = document!("lease-corrections");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    credit_notes: Vec<Note>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    number: Option<String>,
    invoice: Option<Invoice>,
    corrects: Vec<String>,
    net: Money,
    tax: Money,
    total: Money,
    off_debt: Money,
    refunded: Money,
    to_credit: Money,
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    number: String,
}

#[derive(Template)]
#[template(path = "lease-corrections/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    /// Where it goes, as far as it was paid.
    paid_to: Vec<Choice>,
    /// What they would come to, once that was asked.
    looked: Option<Vec<Note>>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/corrections", get(show).post(issue))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new(), None).await
}

async fn page(visit: &Visit, id: &str, form: Form, looked: Option<Vec<Note>>) -> Answer {
    let lease = visit.load::<Data>(DOCUMENT, "LeaseToCorrect", json!({ "id": id })).await?.node.found()?;
    if !visit.viewer().is_some_and(|v| v.may("commit", "billing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("corrections-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), format!("/park/leases/{}", lease.id));
    let page = Page {
        paid_to: vec![
            Choice::new("CREDIT", w.s("credit-to-credit")).hint(w.s("credit-to-credit-hint")),
            Choice::new("REFUND", w.s("credit-to-refund")).hint(w.s("credit-to-refund-hint")),
        ],
        f,
        form: form.default_value("paidTo", "CREDIT").fresh_key(visit),
        lease,
        looked,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn issue(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let looking = form.value("act") != "issue";
    // Looking and issuing are two requests.
    let key = format!("{}{}", form.value("key"), if looking { "-look" } else { "" });
    let input = json!({
        "leaseId": id, "reason": form.required("reason", w), "refund": form.value("paidTo") == "REFUND", "dryRun": looking,
        "idempotencyKey": key,
    });
    if form.is_refused() {
        return page(&visit, &id, form, None).await;
    }
    match visit.act::<Done>(DOCUMENT, "CorrectionsCredit", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors), None).await,
        Ok(done) if looking => page(&visit, &id, form, Some(done.credit_notes)).await,
        Ok(done) => {
            let numbers: Vec<String> = done.credit_notes.into_iter().filter_map(|note| note.number).collect();
            visit.done(&format!("/park/leases/{id}"), w.s("credit-done").arg("number", numbers.join(", ")))
        }
    }
}
