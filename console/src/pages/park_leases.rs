//! The list of leases.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::html::link;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Sorting, Stop, Visit};
use crate::wire::{Connection, Money, Ref};

pub(crate) const DOCUMENT: &str = document!("park-leases");
const SIZE: i64 = 50;
/// What the list can be sorted by.
const ORDERS: [&str; 5] = ["code", "tenant", "seats", "unit_price", "term_to"];
/// What the list is filtered by.
const FILTERS: [&str; 3] = ["tenant", "state", "ends"];
/// The states of a lease.
const STATES: [&str; 3] = ["UPCOMING", "RUNNING", "ENDED"];
/// Days before the end of a lease at which somebody is warned.
pub(crate) const ENDS: [u32; 3] = [30, 60, 90];

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    tenants: Connection<Ref>,
    leases: Connection<Lease>,
}

/// A lease in a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lease {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) state: String,
    pub(crate) seat_count: i64,
    pub(crate) tenant: Option<Ref>,
    pub(crate) terms: Option<Terms>,
}

/// What a list shows of a lease's terms.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) term_from: NaiveDate,
    pub(crate) term_to: NaiveDate,
    pub(crate) product: String,
    pub(crate) unit_price: Money,
}

#[derive(Template)]
#[template(path = "park-leases/page.html")]
struct Page {
    f: Frame,
    form: Form,
    tenants: Vec<Choice>,
    states: Vec<Choice>,
    ends: Vec<Choice>,
    filtered: bool,
    leases: Connection<Lease>,
    pager: Pager,
    sorting: Sorting,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/leases", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<Park, Stop> {
    let state = STATES.into_iter().find(|state| state.eq_ignore_ascii_case(visit.q("state")));
    let within = visit.parsed::<u32>("ends").filter(|days| ENDS.contains(days));
    let ends_by = match within {
        Some(days) => {
            visit.load::<Value>(DOCUMENT, "LeaseDay", json!({})).await?;
            Some(visit.today()? + chrono::TimeDelta::days(days.into()))
        }
        None => None,
    };
    let filter = json!({ "state": state, "endsBy": ends_by });
    let vars = json!({ "first": size, "after": after, "order": visit.order(&ORDERS), "tenantId": visit.var("tenant"), "filter": filter });
    visit.load::<Data>(DOCUMENT, "ParkLeases", vars).await?.park.found()
}

/// The same list as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let (w, leases) = (visit.w, load(visit, STEP, after).await?.leases);
    Ok(leases.part(|lease| {
        let (tenant, terms) = (lease.tenant.as_ref(), lease.terms.as_ref());
        vec![
            lease.code.into(),
            Cell::of(tenant.map(|tenant| w.name(&tenant.name, &tenant.name_en))),
            lease.seat_count.into(),
            Cell::of(terms.map(|terms| w.of("seat-product", &terms.product))),
            Cell::of(terms.map(|terms| &terms.unit_price)),
            Cell::of(terms.map(|terms| terms.unit_price.currency.as_str())),
            Cell::of(terms.map(|terms| terms.term_from)),
            Cell::of(terms.map(|terms| terms.term_to)),
            w.of("lease-state", &lease.state).into(),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    if let Some(kind) = visit.wanted() {
        let w = visit.w;
        let head = [w.s("lease"), w.s("tenant"), w.s("seats-column"), w.s("seat-product"), w.s("unit-price"), w.s("currency"), w.s("term-from"), w.s("term-to"), w.s("state")].map(String::from).to_vec();
        let name = w.s("leases-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let park = load(&visit, SIZE, visit.after()).await?;
    let mut f = visit.frame(visit.w.s("leases-title")).action(visit.w.s("papers-title"), "/park/papers");
    if f.may("commit", "leasing") {
        f = f.primary(visit.w.s("lease-new-title"), link("/park/leases/new", &[("tenant", visit.q("tenant"))]));
    }
    let tenants = park.tenants.nodes.iter().map(|t| Choice::new(&t.id, f.name(&t.name, &t.name_en))).collect();
    visit.page(&Page {
        tenants,
        states: STATES.map(|state| Choice::new(state, visit.w.of("lease-state", state))).to_vec(),
        ends: ENDS.map(|days| Choice::new(days.to_string(), visit.w.s("lease-ends-within").arg("n", i64::from(days)))).to_vec(),
        filtered: FILTERS.iter().any(|name| !visit.q(name).is_empty()),
        form: FILTERS.into_iter().fold(Form::new(), |f, name| f.default_value(name, visit.q(name))),
        sorting: visit.sorting(&ORDERS, "tenant"),
        pager: visit.pager(&park.leases, SIZE).with_files(&visit),
        leases: park.leases,
        f,
    })
}
