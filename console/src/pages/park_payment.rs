//! What gives a tenant credit, a payment or a credit note: what it pays, what is left, and what was done with it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::fapiaos::Delivery;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Money, node};

pub(crate) const DOCUMENT: &str = document!("park-payment");
/// What can be done with a payment, in the words of the API.
#[cfg(test)]
pub(crate) const STEPS: [&str; 4] = ["applied", "unapplied", "refunded", "bounced"];

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Payment>,
}

/// A payment, or a credit note under the same names.

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    tenant: Option<Tenant>,
    amount: Money,
    credit: Money,
    paid_on: NaiveDate,
    #[serde(default)]
    method: String,
    reference: String,
    recorded_at: DateTime<Utc>,
    #[serde(default)]
    bounced_on: Option<NaiveDate>,
    applied: Vec<Applied>,
    acts: Vec<Act>,
    #[serde(flatten)]
    note: Option<Note>,
}

/// What stands on a credit note alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    number: String,
    invoice: Numbered,
    total: Money,
    off_debt: Money,
    refunded: Money,
    document_path: String,
    sha256: Option<String>,
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    name: String,
    name_en: String,
    invoices: Connection<Owed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owed {
    id: String,
    number: String,
    due_on: NaiveDate,
    balance: Money,
}

#[derive(Deserialize)]
struct Numbered {
    id: String,
    number: String,
}

#[derive(Deserialize)]
struct Applied {
    amount: Money,
    invoice: Numbered,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Act {
    step: String,
    amount: Money,
    done_on: NaiveDate,
    note: String,
    invoice: Option<Numbered>,
    recorded_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "park-payment/page.html")]
struct Page {
    f: Frame,
    form: Form,
    payment: Payment,
    /// Invoices on which something is owed, the first due first.
    owed: Vec<Choice>,
    /// Invoices that it pays.
    paid: Vec<Choice>,
    may_commit: bool,
    may_apply: bool,
    may_bounce: bool,
    /// The form that was refused and stays open.
    opened: String,
}

/// Which of the two a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Payment,
    CreditNote,
}

impl Kind {
    fn path(self, id: &str) -> String {
        match self {
            Self::Payment => format!("/park/payments/{id}"),
            Self::CreditNote => format!("/park/credit-notes/{id}"),
        }
    }
    const fn query(self) -> &'static str {
        if matches!(self, Self::Payment) { "ParkPayment" } else { "ParkCreditNote" }
    }
    /// The field that names it, and the operations that apply it, take it off and pay it back.
    const fn operations(self) -> (&'static str, [&'static str; 3]) {
        match self {
            Self::Payment => ("paymentId", ["PaymentApply", "PaymentUnapply", "PaymentRefund"]),
            Self::CreditNote => ("creditNoteId", ["CreditNoteApply", "CreditNoteUnapply", "CreditNoteRefund"]),
        }
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/payments/{id}", get(show).post(act))
        .route("/park/credit-notes/{id}", get(show_note).post(act_on_note))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Kind::Payment, &id, Form::new()).await
}

async fn show_note(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Kind::CreditNote, &id, Form::new()).await
}

async fn page(visit: &Visit, kind: Kind, id: &str, form: Form) -> Answer {
    let payment = visit.load::<Data>(DOCUMENT, kind.query(), json!({ "id": id })).await?.node.found()?;
    let w = visit.w;
    let mut f = visit.frame(match &payment.note {
        Some(note) => w.s("credit-note-of").arg("number", &note.number),
        None => w.s("payment-of").arg("date", w.date(payment.paid_on)),
    });
    f = f.crumb(w.s("invoices-title"), "/park/invoices");
    f = match &payment.note {
        Some(note) => f
            .crumb(&note.invoice.number, format!("/park/invoices/{}", note.invoice.id))
            .action(w.s("paper-pdf"), format!("{}?lang={}", note.document_path, w.lang.tag()))
            .action(w.s("invoice-ubl"), format!("{}?format=ubl", note.document_path)),
        None => f.crumb(w.s("payments-park-title"), "/park/payments"),
    };
    f = f.action(w.s("book-entries-title"), format!("/park/books/entries?document={id}"));
    let mut owed: Vec<&Owed> = payment.tenant.iter().flat_map(|t| &t.invoices.nodes).collect();
    owed.retain(|invoice| !invoice.balance.is_zero() && invoice.balance.currency == payment.credit.currency);
    owed.sort_by_key(|invoice| (invoice.due_on, invoice.number.clone()));
    let label = |one: &Owed| {
        let said = w.s("payment-owed").arg("number", &one.number).arg("balance", w.money(&one.balance));
        said.arg("date", w.date(one.due_on)).to_string()
    };
    let today = visit.today()?.to_string();
    let may_commit = f.may("commit", "billing") && payment.bounced_on.is_none();
    let page = Page {
        owed: owed.into_iter().map(|one| Choice::new(&one.id, label(one))).collect(),
        paid: payment.applied.iter().map(|one| Choice::new(&one.invoice.id, &one.invoice.number)).collect(),
        may_apply: may_commit && !payment.credit.is_zero(),
        may_bounce: may_commit && kind == Kind::Payment,
        opened: if form.is_refused() { form.value("act").to_owned() } else { String::new() },
        form: form
            .default_value("on", &today)
            .default_value("bouncedOn", &today)
            .default_value("amount", &payment.credit.amount)
            .fresh_key(visit),
        f,
        payment,
        may_commit,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn act(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    done(visit, Kind::Payment, &id, form).await
}

async fn act_on_note(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    done(visit, Kind::CreditNote, &id, form).await
}

async fn done(visit: Visit, kind: Kind, id: &str, mut form: Form) -> Answer {
    let w = visit.w;
    let (named, [apply, unapply, refund]) = kind.operations();
    let key = form.value("key").to_owned();
    let act = form.value("act").to_owned();
    let (name, rest, fields): (_, Value, &[(&str, &str)]) = match act.as_str() {
        "first-due" => (apply, json!({ "firstDue": true }), &[]),
        "apply" => {
            let one = json!({ "invoiceId": form.required("invoiceId", w), "amount": form.optional("applyAmount") });
            let fields = &[("applications.0.invoiceId", "invoiceId"), ("applications.0.amount", "applyAmount")];
            (apply, json!({ "applications": [one] }), fields)
        }
        "unapply" => {
            let input = json!({ "invoiceId": form.required("fromInvoiceId", w), "reason": form.required("why", w) });
            (unapply, input, &[("invoiceId", "fromInvoiceId"), ("reason", "why")])
        }
        "refund" => {
            let input = json!({ "amount": form.required("amount", w), "on": form.date("on", w), "reference": form.value("reference") });
            (refund, input, &[])
        }
        "send" if kind == Kind::CreditNote => ("CreditNoteSend", json!({ "creditNoteIds": [id] }), &[]),
        // What the bank takes back is money.
        _ if kind == Kind::CreditNote => return page(&visit, kind, id, form).await,
        _ => {
            let input = json!({ "on": form.date("bouncedOn", w), "reason": form.required("reason", w) });
            ("PaymentBounce", input, &[("on", "bouncedOn")])
        }
    };
    if form.is_refused() {
        return page(&visit, kind, id, form).await;
    }
    let mut input = rest;
    if act != "send" {
        input[named] = json!(id);
    }
    input["idempotencyKey"] = json!(format!("{key}-{act}"));
    match visit.act::<Value>(DOCUMENT, name, input).await? {
        Err(mut errors) => {
            for error in &mut errors {
                if let Some((_, field)) = fields.iter().find(|(path, _)| *path == error.path) {
                    (*field).clone_into(&mut error.path);
                }
            }
            page(&visit, kind, id, form.refused(errors)).await
        }
        Ok(_) => visit.done(&kind.path(id), w.s("payment-act-done")),
    }
}
