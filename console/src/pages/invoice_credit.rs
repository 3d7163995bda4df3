//! A credit note over an invoice: what of each line, what it comes to, its issue.

use std::borrow::Borrow;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Money, node};
use crate::words::{Say, Words};

pub(crate) const DOCUMENT: &str = document!("invoice-credit");

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    balance: Money,
    paid: Money,
    lines: Vec<Line>,
    credit_notes: Vec<Noted>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "lineNo")]
    number: i64,
    kind: String,
    net: Money,
    gross: Option<Money>,
    why: String,
    /// What earlier notes left of it.
    #[serde(skip)]
    left: Option<Money>,
}

impl Line {
    /// The name of its field.
    fn field(&self) -> String {
        format!("line{}", self.number)
    }
    /// What it came to, as its price with or before tax.
    fn amount(&self) -> &Money {
        self.gross.as_ref().unwrap_or(&self.net)
    }
    /// What can be taken back of it.
    fn hint(&self, w: impl Borrow<Words>) -> Say {
        let w = w.borrow();
        let hint = if self.gross.is_some() { w.s("credit-line-hint-gross") } else { w.s("credit-line-hint") };
        hint.arg("left", w.money_or(&self.left)).arg("net", w.money(self.amount()))
    }
}

#[derive(Deserialize)]
struct Noted {
    lines: Vec<Taken>,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(rename = "lineNo")]
    number: i64,
    net: Money,
    tax: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    credit_note: Option<Note>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    number: Option<String>,
    net: Money,
    tax: Money,
    total: Money,
    off_debt: Money,
    refunded: Money,
    to_credit: Money,
}

#[derive(Template)]
#[template(path = "invoice-credit/page.html")]
struct Page {
    f: Frame,
    form: Form,
    id: String,
    invoice: Invoice,
    /// Where it goes, as far as it was paid.
    paid_to: Vec<Choice>,
    /// What it would come to, once that was asked.
    looked: Option<Note>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/invoices/{id}/credit", get(show).post(issue))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new(), None).await
}

async fn page(visit: &Visit, id: &str, form: Form, looked: Option<Note>) -> Answer {
    let mut invoice = visit.load::<Data>(DOCUMENT, "InvoiceCredit", json!({ "id": id })).await?.node.found()?;
    for line in &mut invoice.lines {
        let taken = invoice.credit_notes.iter().flat_map(|note| &note.lines).filter(|of| of.number == line.number);
        let taxed = line.gross.is_some();
        let taken = taken.flat_map(|of| [Some(&of.net), Some(&of.tax).filter(|_| taxed)]).flatten();
        let taken: Vec<Money> = taken.map(|amount| amount.times(-1)).collect();
        line.left = Money::sum(std::iter::once(line.amount()).chain(&taken));
    }
    let w = visit.w;
    let f = visit
        .frame(w.s("credit-title"))
        .crumb(w.s("invoices-title"), "/park/invoices")
        .crumb(&invoice.number, format!("/park/invoices/{id}"));
    let page = Page {
        paid_to: vec![
            Choice::new("REFUND", w.s("credit-to-refund")).hint(w.s("credit-to-refund-hint")),
            Choice::new("CREDIT", w.s("credit-to-credit")).hint(w.s("credit-to-credit-hint")),
            Choice::new("MIXED", w.s("credit-to-mixed")).hint(w.s("credit-to-mixed-hint")),
        ],
        f,
        form: form.default_value("paidTo", "REFUND").fresh_key(visit),
        id: id.to_owned(),
        invoice,
        looked,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Lines whose field says something, as the API reads them, and the place of each in that list.
fn lines(form: &Form) -> Vec<(i64, String)> {
    (1..=MOST)
        .map(|number| (number, form.value(&format!("line{number}")).trim().to_owned()))
        .filter(|(_, amount)| !amount.is_empty())
        .collect()
}

/// The most lines that the form reads.
const MOST: i64 = 500;

async fn issue(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let lines = lines(&form);
    let looking = form.value("act") != "issue";
    let list: Vec<Value> = lines.iter().map(|(line, amount)| json!({ "lineNo": line, "amount": amount })).collect();
    // Looking and issuing are two requests.
    let key = format!("{}{}", form.value("key"), if looking { "-look" } else { "" });
    let mut input = json!({
        "invoiceId": id, "lines": list, "reason": form.required("reason", w), "dryRun": looking, "idempotencyKey": key,
    });
    if !form.value("paidTo").is_empty() {
        input["paidTo"] = json!(form.value("paidTo"));
    }
    if form.value("paidTo") == "MIXED" {
        input["refund"] = json!(form.required("refund", w));
    }
    if form.is_refused() {
        return page(&visit, &id, form, None).await;
    }
    match visit.act::<Done>(DOCUMENT, "CreditNoteIssue", input).await? {
        Err(mut errors) => {
            // The API counts what it was given; the form has a field for every line.
            for error in &mut errors {
                let at = error.path.strip_prefix("lines.").and_then(|rest| rest.split('.').next()?.parse::<usize>().ok());
                if let Some((line, _)) = at.and_then(|at| lines.get(at)) {
                    error.path = format!("line{line}");
                }
            }
            page(&visit, &id, form.refused(errors), None).await
        }
        Ok(done) if looking => page(&visit, &id, form, done.credit_note).await,
        Ok(done) => {
            let number = done.credit_note.and_then(|note| note.number).unwrap_or_default();
            visit.done(&format!("/park/invoices/{id}"), w.s("credit-done").arg("number", number))
        }
    }
}
