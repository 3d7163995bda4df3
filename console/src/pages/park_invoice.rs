//! One invoice: its lines and why they amount to what they do, its payments, its pricing again.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::prices::Text;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::pages::billing_profile::Party;
use crate::pages::fapiaos::{Delivery, Fapiao};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Coded, Money, Month, Ref, node};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("park-invoice");

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
    #[serde(deserialize_with = "node")]
    node: Option<Invoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    tenant: Ref,
    lease: Coded,
    period_from: NaiveDate,
    period_to: NaiveDate,
    net: Money,
    tax: Money,
    total: Money,
    paid: Money,
    balance: Money,
    state: String,
    issued_at: DateTime<Utc>,
    due_on: NaiveDate,
    lines: Vec<Line>,
    paid_by: Vec<Paid>,
    paid_by_credit: Vec<PaidByCredit>,
    credited: Money,
    written_off: Money,
    write_offs: Vec<WriteOff>,
    credit_notes: Vec<Note>,
    repricing: Repricing,
    document_path: String,
    seller: Party,
    buyer: Party,
    sha256: Option<String>,
    intact: Option<bool>,
    deliveries: Vec<Delivery>,
    fapiaos: Vec<Fapiao>,
    fapiao_standing: Standing,
}

/// A debt that was given up, or asked for again.
#[derive(Deserialize)]
struct WriteOff {
    step: String,
    amount: Money,
    on: NaiveDate,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    fapiao_kinds: Vec<FapiaoKind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FapiaoKind {
    name: String,
    code_digits: i64,
    number_digits: i64,
}

#[derive(Deserialize)]
struct Standing {
    state: String,
}

/// The fields of the form that records a fapiao.
const FISCAL: [&str; 9] = ["kind", "code", "number", "issuedOn", "net", "tax", "title", "taxNumber", "takesBackId"];

/// A line of an invoice or its preview.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    #[serde(rename = "lineNo")]
    pub(crate) number: i64,
    pub(crate) kind: String,
    pub(crate) product: String,
    pub(crate) seat_days: i64,
    pub(crate) unit_price: Money,
    #[serde(default)]
    pub(crate) price_book: Option<PriceNamed>,
    pub(crate) net: Money,
    #[serde(default)]
    pub(crate) gross: Option<Money>,
    pub(crate) tax_rate: String,
    #[serde(default)]
    pub(crate) reverse_charge: String,
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) correction: Option<Corrected>,
    pub(crate) slices: Vec<Slice>,
}

impl Line {
    /// Whether it is of seats, by days.
    pub(crate) fn of_seats(&self) -> bool {
        matches!(self.kind.as_str(), "seat_rent" | "rent_free" | "minimum_spend")
    }
}

/// The month that a line corrects, and the invoice for it.
#[derive(Deserialize)]
pub(crate) struct Corrected {
    pub(crate) month: Month,
    pub(crate) invoice: String,
}

/// A price of a version of a price book.
#[derive(Deserialize)]
pub(crate) struct PriceNamed {
    pub(crate) book: String,
    pub(crate) version: i64,
    pub(crate) title: Text,
}

/// Days on which the number of seats did not change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Slice {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) seats: i64,
    pub(crate) seat_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
    amount: Money,
    payment: Payment,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    id: String,
    paid_on: NaiveDate,
    method: String,
    reference: String,
    recorded_at: DateTime<Utc>,
}

/// What the credit of a note pays of an invoice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaidByCredit {
    pub(crate) amount: Money,
    pub(crate) credit_note: PayingNote,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayingNote {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) issued_on: NaiveDate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    id: String,
    number: Option<String>,
    total: Money,
    off_debt: Money,
    refunded: Money,
    to_credit: Money,
    issued_on: NaiveDate,
    reason: String,
}

#[derive(Deserialize)]
struct Repricing {
    same: bool,
    differences: Vec<String>,
}

#[derive(Template)]
#[template(path = "park-invoice/page.html")]
struct Page {
    f: Frame,
    form: Form,
    id: String,
    methods: Vec<Choice>,
    invoice: Invoice,
    today: NaiveDate,
    may_record: bool,
    /// Whether it can be withdrawn: issued, and nothing was paid on it.
    may_void: bool,
    may_send: bool,
    may_tell: bool,
    /// Whether a fapiao was refused, so that its form stays open.
    fiscal_wrong: bool,
    kinds: Vec<Choice>,
    /// Blue fapiaos that can be taken back.
    blues: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/invoices/{id}", get(show).post(record))
        .route("/park/invoices/{id}/void", get(show).post(void))
        .route("/park/invoices/{id}/write-off", get(show).post(write_off))
        .route("/park/invoices/{id}/restore", get(show).post(restore))
        .route("/park/invoices/{id}/send", get(show).post(send))
        .route("/park/invoices/{id}/fapiao", get(show).post(tell))
}

impl Words {
    /// How a payment came; a method of another system stays as it is written.
    pub(crate) fn method(self, method: &str) -> String {
        match method {
            "transfer" => self.s("method-transfer").into(),
            "cash" => self.s("method-cash").into(),
            "card" => self.s("method-card").into(),
            other => other.to_owned(),
        }
    }

    /// What kind of line it is.
    pub(crate) fn line_kind(self, kind: &str) -> String {
        match kind.to_ascii_lowercase().as_str() {
            "seat_rent" => self.s("line-seat-rent").into(),
            "rent_free" => self.s("line-rent-free").into(),
            "usage" => self.s("line-usage").into(),
            "one_time" => self.s("line-one-time").into(),
            "waiver" => self.s("line-waiver").into(),
            "discount" => self.s("line-discount").into(),
            "percent" => self.s("line-percent").into(),
            "minimum_spend" => self.s("line-minimum-spend").into(),
            other => other.to_owned(),
        }
    }
}

/// With the forms in which an invoice can be had: printed in the language of the page, as a workbook, and for programs
/// unless it was withdrawn.
pub(crate) fn documents(f: Frame, path: &str, state: &str) -> Frame {
    let (w, lang) = (f.w, f.w.lang.tag());
    let f = f.action(w.s("paper-pdf"), format!("{path}?lang={lang}"));
    let f = f.action(w.s("invoice-xlsx"), format!("{path}?format=xlsx&lang={lang}"));
    if state == "VOID" { f } else { f.action(w.s("invoice-ubl"), format!("{path}?format=ubl")) }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ParkInvoice", json!({ "id": id })).await?;
    let invoice = data.node.found()?;
    let kinds = data.park.map(|park| park.fapiao_kinds).unwrap_or_default();
    let w = visit.w;
    let mut f = visit.frame(w.s("invoice-title").arg("number", &invoice.number));
    f = f.crumb(w.s("invoices-title"), "/park/invoices");
    f = f.crumb(w.name(&invoice.tenant.name, &invoice.tenant.name_en), format!("/park/tenants/{}", invoice.tenant.id));
    f = documents(f, &invoice.document_path, &invoice.state);
    if f.may("commit", "billing") && invoice.state != "VOID" {
        f = f.action(w.s("credit-title"), format!("/park/invoices/{id}/credit"));
    }
    f = f.action(w.s("book-entries-title"), format!("/park/books/entries?document={id}"));
    let may_record = f.may("commit", "billing") && !invoice.balance.is_zero();
    if may_record {
        f = f.primary(w.s("payment-title"), "#pay");
    }
    let today = visit.today()?;
    let form = form
        .default_value("amount", &invoice.balance.amount)
        .default_value("paidOn", today.to_string())
        .default_value("method", "transfer")
        .default_value("kind", "digital-special")
        .default_value("issuedOn", today.to_string())
        .default_value("net", &invoice.net.amount)
        .default_value("tax", &invoice.tax.amount)
        .default_value("title", &invoice.buyer.name)
        .default_value("taxNumber", &invoice.buyer.tax_number)
        .fresh_key(visit);
    let methods = ["transfer", "cash", "card"].into_iter().map(|m| Choice::new(m, w.method(m))).collect();
    let may_void = f.may("commit", "billing") && invoice.state != "VOID" && invoice.paid_by.is_empty() && invoice.paid_by_credit.is_empty()
        && invoice.credit_notes.is_empty() && invoice.written_off.is_zero();
    let (may_tell, may_send) = (f.may("commit", "billing"), f.may("commit", "billing") && invoice.state != "VOID");
    let kind = |kind: FapiaoKind| {
        let digits = w.s("fapiao-digits-of").arg("code", kind.code_digits).arg("number", kind.number_digits);
        let label = format!("{} · {digits}", w.of("fapiao-kind-of", &kind.name));
        Choice::new(kind.name, label)
    };
    let blue = invoice.fapiaos.iter().filter(|one| one.colour == "BLUE");
    let page = Page {
        fiscal_wrong: FISCAL.iter().any(|field| !form.errors_of(field).is_empty()),
        kinds: kinds.into_iter().map(kind).collect(),
        blues: blue.map(|one| Choice::new(&one.id, &one.number)).collect(),
        id: id.to_owned(),
        f,
        form,
        methods,
        invoice,
        today,
        may_record,
        may_void,
        may_send,
        may_tell,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn void(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let done = visit.w.s("void-done").to_string();
    act(visit, &id, form, ("InvoiceVoid", "reason"), done).await
}

async fn write_off(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let done = visit.w.s("write-off-done").to_string();
    act(visit, &id, form, ("InvoiceWriteOff", "writeOffReason"), done).await
}

async fn restore(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let done = visit.w.s("restore-done").to_string();
    act(visit, &id, form, ("InvoiceRestore", "restoreReason"), done).await
}

/// What is done with an invoice for a reason, and the field that says it: several stand on one page.
async fn act(
    visit: Visit,
    id: &str,
    mut form: Form,
    (what, field): (&'static str, &'static str),
    done: String,
) -> Answer {
    let reason = form.required(field, visit.w);
    let input = json!({ "invoiceId": id, "reason": reason, "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, what, input).await? {
        Err(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.path.ends_with("reason")) {
                field.clone_into(&mut error.path);
            }
            page(&visit, id, form.refused(errors)).await
        }
        Ok(_) => visit.done(&format!("/park/invoices/{id}"), done),
    }
}

async fn send(visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    let input = json!({ "invoiceIds": [id], "idempotencyKey": form.value("key") });
    match visit.act::<Value>(DOCUMENT, "InvoiceSend", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/invoices/{id}"), visit.w.s("send-done")),
    }
}

async fn tell(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let mut input = json!({
        "invoiceId": id, "issuedOn": form.date("issuedOn", w), "code": form.optional("code"),
        "taxNumber": form.optional("taxNumber"), "takesBackId": form.optional("takesBackId"),
        "idempotencyKey": form.value("key"),
    });
    for field in ["kind", "number", "net", "tax", "title"] {
        input[field] = form.required(field, w);
    }
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "FapiaoRecord", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/invoices/{id}"), w.s("fapiao-done")),
    }
}

async fn record(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let input = json!({
        "invoiceId": id, "amount": form.required("amount", w), "paidOn": form.date("paidOn", w),
        "method": form.required("method", w), "reference": form.value("reference"), "idempotencyKey": form.value("key"),
    });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "PaymentRecord", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(&format!("/park/invoices/{id}"), w.s("payment-done")),
    }
}
