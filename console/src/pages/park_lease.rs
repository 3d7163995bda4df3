//! One lease: its terms and their history, the seats it holds, their release.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::clauses::Clauses;
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::count;
use crate::pages::lease_amend::Step;
use crate::visit::{Answer, Found, Pager, Visit};
use crate::wire::{Connection, Money, Ref, node};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("park-lease");
const SIZE: i64 = 100;

#[derive(Deserialize)]
struct Data {
    #[serde(deserialize_with = "node")]
    node: Option<Lease>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    signed_on: NaiveDate,
    state: String,
    seat_count: i64,
    tenant: Ref,
    terms: Option<Terms>,
    versions: Vec<Terms>,
    papers: Vec<Paper>,
    settlements: Vec<Settled>,
    transferred_from: Option<Transfer>,
    transferred_to: Option<Transfer>,
    allocations: Connection<Allocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paper {
    id: String,
    number: String,
    kind: String,
    state: String,
    signed_on: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Settled {
    id: String,
    number: String,
    state: String,
}

/// That the lease goes on with another company, or went on from one.
#[derive(Deserialize)]
struct Transfer {
    on: NaiveDate,
    lease: Other,
}

#[derive(Deserialize)]
struct Other {
    id: String,
    code: String,
    tenant: Ref,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    version: i64,
    in_force_from: NaiveDate,
    term_from: NaiveDate,
    term_to: NaiveDate,
    product: String,
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
    recorded_at: DateTime<Utc>,
}

/// A version of a price book.
#[derive(Deserialize)]
pub(crate) struct BookNamed {
    pub(crate) book: String,
    pub(crate) version: i64,
}

#[derive(Deserialize)]
struct Range {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    id: String,
    held_from: NaiveDate,
    held_to: Option<NaiveDate>,
    shift_from_min: i64,
    shift_to_min: i64,
    seat: Seat,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    product: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "park-lease/page.html")]
struct Page {
    f: Frame,
    lease: Lease,
    pager: Pager,
    form: Form,
    on: String,
    may_release: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases/{id}", get(show).post(release))
}

impl Words {
    /// A rule of proration.
    pub(crate) fn proration(self, rule: &str) -> String {
        let rule = rule.to_ascii_lowercase();
        match rule.strip_prefix("full_month_before_") {
            Some(day) => self.s("proration-full-month-before").arg("day", day).into(),
            None => self.of("proration", &rule).into(),
        }
    }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, Form::new()).await
}

async fn page(visit: &Visit, id: &str, form: Form) -> Answer {
    let vars = json!({ "id": id, "first": SIZE, "after": visit.after(), "on": visit.day("on") });
    let data: Data = visit.load(DOCUMENT, "ParkLease", vars).await?;
    let lease = data.node.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("lease-title").arg("code", &lease.code)).crumb(w.s("leases-title"), "/park/leases");
    f = f.crumb(w.name(&lease.tenant.name, &lease.tenant.name_en), format!("/park/tenants/{}", lease.tenant.id));
    if f.may("commit", "billing") {
        f = f.action(w.s("invoice-issue-title"), format!("/park/leases/{}/invoice", lease.id));
        if lease.terms.as_ref().is_some_and(|terms| terms.price_book.is_some()) {
            f = f.action(w.s("usage-title"), format!("/park/leases/{}/usage", lease.id));
        }
    }
    if f.may("commit", "billing") && lease.state == "ENDED" {
        f = f.action(w.s("corrections-title"), format!("/park/leases/{}/corrections", lease.id));
        f = f.action(w.s("straight-title"), format!("/park/leases/{}/straight-line", lease.id));
        f = f.action(w.s("checkout-title"), format!("/park/leases/{}/checkout", lease.id));
    }
    let may_release = f.may("commit", "leasing");
    if may_release && lease.state != "ENDED" {
        f = f.action(w.s("amend-title"), format!("/park/leases/{}/amend", lease.id));
        f = f.action(w.s("renew-title"), format!("/park/leases/{}/renew", lease.id));
        if lease.terms.as_ref().is_some_and(|terms| terms.clauses.index().is_some()) {
            f = f.action(w.s("index-title"), format!("/park/leases/{}/index", lease.id));
        }
        f = f.action(w.s("transfer-title"), format!("/park/leases/{}/transfer", lease.id));
        f = f.action(w.s("move-title"), format!("/park/leases/{}/move", lease.id));
        f = f.action(w.s("lease-end-title"), format!("/park/leases/{}/end", lease.id));
        f = f.primary(w.s("allocate-title"), format!("/park/leases/{}/allocate", lease.id));
    }
    let form = form.default_value("on", visit.today()?.to_string()).fresh_key(visit);
    let pager = visit.pager(&lease.allocations, SIZE);
    let page = Page { f, pager, form, on: visit.q("on").to_owned(), may_release, lease };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn release(visit: Visit, Path(id): Path<String>, mut form: Form) -> Answer {
    let w = visit.w;
    let chosen = form.values("allocation").into_iter().map(str::to_owned).collect::<Vec<_>>();
    if chosen.is_empty() {
        form.refuse("allocation", w.s("release-none"));
    }
    let input = json!({ "allocationIds": chosen, "on": form.date("on", w), "endOccupancies": form.holds("end", "yes"),
        "waiver": form.optional("waiver"), "idempotencyKey": form.value("key") });
    if form.is_refused() {
        return page(&visit, &id, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatsRelease", input).await? {
        Err(errors) => page(&visit, &id, form.refused(errors)).await,
        Ok(_) => visit.done(
            &format!("/park/leases/{id}"),
            w.s("release-done").arg("n", count(chosen.len())).arg("on", form.value("on")),
        ),
    }
}
