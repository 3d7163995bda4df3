//! An amendment of a lease: what changes, what it does to the next invoices, and then the agreement.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lease_new::{price_book, prorations};
use super::park_lease::BookNamed;
use crate::Console;
use crate::clauses::{Clauses, Rows};
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Money, Month, Ref, UserError, node};

pub(crate) const DOCUMENT: &str = document!("lease-amend");
/// Rent-free periods that can be added at a time.
const MORE: usize = 2;
/// The fields that an amendment can change, each with its word.
const FIELDS: [(&str, &str); 7] = [
    ("termTo", "term-to"),
    ("unitPrice", "unit-price"),
    ("priceBook", "price-book"),
    ("taxRatePercent", "tax-rate"),
    ("proration", "proration"),
    ("deposit", "deposit"),
    ("paymentDays", "payment-days"),
];

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    state: String,
    tenant: Ref,
    terms: Option<Terms>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    in_force_from: NaiveDate,
    term_to: NaiveDate,
    unit_price: Money,
    tax_rate: String,
    proration: String,
    rent_free: Vec<Range>,
    price_steps: Vec<Step>,
    #[serde(default)]
    price_book: Option<BookNamed>,
    deposit: Money,
    payment_days: i64,
    clauses: Clauses,
}

#[derive(Deserialize)]
struct Range {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

/// A price that follows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) from: NaiveDate,
    pub(crate) unit_price: Money,
}

impl Terms {
    /// What is agreed now, as the form shows it.
    fn text(&self, field: &str) -> String {
        match field {
            "termTo" => self.term_to.to_string(),
            "unitPrice" => self.unit_price.amount.clone(),
            "priceBook" => {
                self.price_book.as_ref().map_or_else(String::new, |named| format!("{}/{}", named.book, named.version))
            }
            "taxRatePercent" => self.tax_rate.clone(),
            "proration" => self.proration.to_ascii_lowercase(),
            "deposit" => self.deposit.amount.clone(),
            _ => self.payment_days.to_string(),
        }
    }
    /// The prices that follow, as the form shows them.
    fn steps(&self) -> Vec<(String, String)> {
        self.price_steps.iter().map(|step| (step.from.to_string(), step.unit_price.amount.clone())).collect()
    }
    /// The rent-free days that are agreed now, as the form shows them.
    fn free(&self) -> Vec<(String, String)> {
        let text = |r: &Range| (r.from.to_string(), r.to.map_or_else(String::new, |d| d.to_string()));
        self.rent_free.iter().map(text).collect()
    }
}

#[derive(Deserialize)]
struct Previewed {
    #[serde(deserialize_with = "node")]
    node: Option<Previews>,
}

#[derive(Deserialize)]
struct Previews {
    now0: Option<Sums>,
    now1: Option<Sums>,
    now2: Option<Sums>,
    then0: Option<Sums>,
    then1: Option<Sums>,
    then2: Option<Sums>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sums {
    total: Option<Money>,
    user_errors: Vec<UserError>,
}

/// A month's invoice as it is agreed now and as it would be.
struct Effect {
    month: Month,
    now: Option<Money>,
    then: Option<Money>,
    /// Why there is no sum.
    why: String,
}

/// A term that changes.
struct Change {
    label: String,
    from: String,
    to: String,
}

/// What is shown before the amendment is agreed.
struct Preview {
    from: NaiveDate,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    /// Every field of the form, to be sent again.
    carried: Vec<String>,
}

#[derive(Template)]
#[template(path = "lease-amend/page.html")]
struct Page {
    f: Frame,
    form: Form,
    lease: Lease,
    terms: Terms,
    prorations: Vec<Choice>,
    free: Vec<(String, String)>,
    steps: Vec<(String, String)>,
    clauses: Rows,
    preview: Option<Preview>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}/amend", get(show).post(save))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let (lease, terms) = lease(&visit, &id).await?;
    page(&visit, lease, terms, Form::new(), None)
}

async fn lease(visit: &Visit, id: &str) -> Result<(Lease, Terms), Stop> {
    let data: Data = visit.load(DOCUMENT, "LeaseAmendForm", json!({ "id": id })).await?;
    let mut lease = data.node.found()?;
    let terms = lease.terms.take().found()?;
    if lease.state == "ENDED" || !visit.viewer().is_some_and(|v| v.may("commit", "leasing")) {
        return None.found();
    }
    Ok((lease, terms))
}

/// The rows for rent-free days and for later prices: those agreed, and some more.
fn rows(terms: &Terms) -> [Vec<(String, String)>; 2] {
    [
        Form::rows("freeFrom", "freeTo", terms.rent_free.len() + MORE),
        Form::rows("stepFrom", "stepPrice", terms.price_steps.len() + MORE),
    ]
}

fn page(visit: &Visit, lease: Lease, terms: Terms, form: Form, preview: Option<Preview>) -> Answer {
    let w = visit.w;
    let path = format!("/park/leases/{}", lease.id);
    let f = visit.frame(w.s("amend-title")).crumb(w.s("leases-title"), "/park/leases");
    let f = f.crumb(w.s("lease-title").arg("code", &lease.code), path);
    let next = Month::of(visit.today()?).plus(1).first_day();
    let mut form = form.default_value("inForceFrom", next.max(terms.in_force_from).to_string()).fresh_key(visit);
    for (field, _) in FIELDS {
        form = form.default_value(field, terms.text(field));
    }
    let [free, steps] = rows(&terms);
    let agreed = free.iter().zip(terms.free()).chain(steps.iter().zip(terms.steps()));
    for ((from, to), (first, last)) in agreed {
        form = form.default_value(from, first).default_value(to, last);
    }
    let form = terms.clauses.defaults(w, form);
    let mut choices = prorations(w);
    if !choices.iter().any(|c| c.value == terms.text("proration")) {
        choices.push(Choice::new(terms.text("proration"), w.proration(&terms.proration)));
    }
    let clauses = terms.clauses.rows(w);
    let page = Page { f, form, lease, terms, prorations: choices, free, steps, clauses, preview };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// What of the form differs from what is agreed: the amendment, and how it reads.
fn amendment(visit: &Visit, terms: &Terms, form: &mut Form) -> (Value, Vec<Change>) {
    let w = visit.w;
    let mut wanted = json!({ "inForceFrom": form.date("inForceFrom", w), "reason": form.required("reason", w) });
    let mut changes = Vec::new();
    for (field, word) in FIELDS {
        let (from, to) = (terms.text(field), form.value(field).to_owned());
        // A book is left by a price, not by an empty field.
        if from == to || (field == "priceBook" && to.is_empty()) {
            continue;
        }
        wanted[field] = match field {
            "termTo" => form.date(field, w),
            "paymentDays" => form.whole(field, w),
            "priceBook" => price_book(form, w),
            _ => form.required(field, w),
        };
        let shown = |text: &str| if field == "proration" { w.proration(text) } else { text.to_owned() };
        changes.push(Change { label: w.s(word).to_string(), from: shown(&from), to: shown(&to) });
    }
    let [free, steps] = rows(terms);
    let free = form.filled(free, |f, from, to| (f.date(from, w), f.date(to, w)));
    let steps = form.filled(steps, |f, from, price| (f.date(from, w), f.required(price, w)));
    let text = |list: &[(String, String)], mark| list.iter().map(|(a, b)| format!("{a} {mark} {b}")).collect::<Vec<_>>().join(", ");
    let typed = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let lists = [
        ("rentFree", "to", w.s("rent-free"), "–", terms.free(), free),
        ("priceSteps", "unitPrice", w.s("price-steps"), "→", terms.steps(), steps),
    ];
    for (field, second, label, mark, agreed, sent) in lists {
        let then: Vec<_> = sent.iter().map(|(a, b)| (typed(a), typed(b))).collect();
        if then != agreed {
            let list: Vec<_> = sent.into_iter().map(|(from, to)| json!({ "from": from, second: to })).collect();
            wanted[field] = json!(list);
            changes.push(Change { label: label.to_string(), from: text(&agreed, mark), to: text(&then, mark) });
        }
    }
    let clauses = terms.clauses.changes(w, form);
    if !clauses.is_empty() {
        wanted["clauses"] = terms.clauses.read(w, form);
        changes.extend(clauses.into_iter().map(|(label, from, to)| Change { label, from, to }));
    }
    (wanted, changes)
}

async fn save(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let (lease, terms) = lease(&visit, &id).await?;
    let (mut wanted, changes) = amendment(&visit, &terms, &mut form);
    if form.is_refused() {
        return page(&visit, lease, terms, form, None);
    }
    if form.holds("step", "agree") {
        wanted["leaseId"] = json!(id);
        wanted["idempotencyKey"] = json!(form.value("key"));
        return match visit.act::<Value>(DOCUMENT, "LeaseAmend", wanted).await? {
            Err(errors) => page(&visit, lease, terms, form.refused(errors), None),
            Ok(_) => visit.done(&format!("/park/leases/{id}"), visit.w.s("amend-done")),
        };
    }
    let from: NaiveDate = form.value("inForceFrom").parse().map_or_else(|_| visit.today(), Ok)?;
    let first = Month::of(from);
    let months = [first, first.plus(1), first.plus(2)];
    let vars = json!({ "id": id, "amendment": wanted, "first": months[0].to_string(), "second": months[1].to_string(),
        "third": months[2].to_string() });
    let seen = visit.load::<Previewed>(DOCUMENT, "LeaseAmendPreview", vars).await?.node.found()?;
    let pairs = [(seen.now0, seen.then0), (seen.now1, seen.then1), (seen.now2, seen.then2)];
    let mut effects = Vec::new();
    for (month, (now, then)) in months.into_iter().zip(pairs) {
        let (now, then) = (now.found()?, then.found()?);
        // What cannot be agreed is said of a field; that a month has nothing to bill is not.
        let (bad, why): (Vec<_>, Vec<_>) = then.user_errors.into_iter().partition(|e| e.rule.starts_with("amend-") || !e.path.is_empty());
        if !bad.is_empty() {
            return page(&visit, lease, terms, form.refused(bad), None);
        }
        let why = why.into_iter().next().map(|e| e.message).unwrap_or_default();
        effects.push(Effect { month, now: now.total, then: then.total, why });
    }
    let carried = FIELDS.iter().map(|(field, _)| (*field).to_owned());
    let more = rows(&terms).into_iter().flatten().flat_map(|(from, to)| [from, to]);
    let carried = ["inForceFrom".to_owned(), "reason".to_owned()].into_iter().chain(carried).chain(more);
    let carried = carried.chain(terms.clauses.names(visit.w)).collect();
    page(&visit, lease, terms, form, Some(Preview { from, changes, effects, carried }))
}
